// Run by the tests: a host that opens a session in a container of the engine at DOCKER_HOST, then ends as it was told.
// With a cache folder it installs a package before.
import Docker from 'dockerode';
import { ContainerExecutor } from '../../../src/executors/container/index.ts';
import { Session } from '../../../src/session.ts';

const [image = '', ending = '', cacheFolder = '', extraArgs = '[]'] = process.argv.slice(2);
const installs = cacheFolder !== '';
// Without `docker` it is loaded.
const docker = ending === 'as nobody' ? new Docker() : undefined;
if (ending === 'as nobody') process.seteuid?.(65_534);
const executor = new ContainerExecutor({
  image,
  pull: 'never',
  ...(docker && { docker }),
  depsNetwork: 'host',
  onEvent: (event) =>
    event.type === (installs ? 'container-start' : 'container-ready') && console.log(event.containerId),
});
const deps = installs ? { cacheFolder, extraArgs: JSON.parse(extraArgs) as string[] } : {};
const session = new Session({ executor, deps });
try {
  if (installs) await session.deps.add('beta');
  const result = await session.run('1 + 1');
  console.log(result.status === 'completed' && result.result);
} catch (error) {
  console.log((error as Error).message);
}
// A promise keeps nothing alive, a timer does.
if (ending === 'wait to be killed') setInterval(() => {}, 2 ** 30);
