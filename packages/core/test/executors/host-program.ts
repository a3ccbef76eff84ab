// Run by `node-exit.test.ts`: opens a session, runs the code it was given, then ends as it was told.
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';

const [code = '', ending = 'return'] = process.argv.slice(2);
const executor = new SubprocessExecutor({ env: { CODE_MODE_TEST: process.env.CODE_MODE_TEST ?? '' } });
const session = new Session({
  executor,
  onEvent: (event) => {
    if (event.type !== 'output') return;
    console.log(event.text.trim());
    if (ending === 'exit during run') process.exit(7);
    if (ending === 'throw during run') setImmediate(() => fail());
    if (ending === 'kill me') process.kill(process.pid, 'SIGKILL');
  },
});

const result = session.run(code);
if (ending !== 'leave run' && !ending.endsWith('during run') && ending !== 'kill me') {
  console.log(JSON.stringify((await result).status));
  if (ending === 'exit') process.exit(7);
  if (ending === 'throw') fail();
  if (ending === 'close') {
    await session.close();
    await executor.close();
  }
}

function fail(): never {
  throw new Error('uncaught');
}
