import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { CodeModeError } from '../../../src/errors.ts';
import { engineSocket } from '../../../src/executors/container/engine.ts';
import {
  type ContainerEvent,
  ContainerExecutor,
  type ContainerExecutorOptions,
} from '../../../src/executors/container/index.ts';
import { Session } from '../../../src/session.ts';
import { depsCases } from './deps-cases.ts';
import { HOST_PROGRAM, startHost } from './host-process.ts';
import { openRegistry } from './registry.ts';
import { openTestEngine, type TestEngine, untilRemoved, withAppArmor } from './test-engine.ts';

const MIB = 1024 ** 2;

const opened = await openTestEngine();
afterAll(() => opened?.stop());
// The cases run only where there is one.
const engine = opened as TestEngine;

function make(options: ContainerExecutorOptions = {}): ContainerExecutor {
  return new ContainerExecutor({ docker: engine.docker, image: engine.image, pull: 'never', ...options });
}

/** The host's socket that a container has. */
async function socketOf(containerId: string): Promise<string> {
  const { Mounts } = await engine.docker.getContainer(containerId).inspect();
  return Mounts.find(({ Destination }) => Destination === '/code-mode/socket')?.Source as string;
}

/** An executor, and what it said on its way. */
function makeHeard(options: ContainerExecutorOptions = {}) {
  const events: ContainerEvent[] = [];
  return { executor: make({ ...options, onEvent: (event) => events.push(event) }), events };
}

function idsOf(events: ContainerEvent[], type: ContainerEvent['type']): string[] {
  return events.flatMap((event) => (event.type === type && 'containerId' in event ? [event.containerId] : []));
}

async function value(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  return result.status === 'completed' ? result.result : result;
}

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'worked';
  } catch (error) {
    return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('options that do not exist', () => {
  test.each<[ContainerExecutorOptions, string]>([
    [{ pull: 'often' as never }, `pull must be 'missing', 'always' or 'never', got "often"`],
    [{ share: 'all' as never }, `share must be 'executor' or 'session', got "all"`],
    [{ isolation: 'none' as never }, `isolation must be 'auto' or 'required', got "none"`],
    [{ image: '' }, 'image must be a name, got ""'],
    [{ python: '-c' }, 'python must be a name, got "-c"'],
    [{ preload: ['os; x'] }, 'preload takes module names, got "os; x"'],
    [{ limits: { processes: 0 } }, 'limits.processes must be a positive whole number, got 0'],
    [{ container: { memoryBytes: 1.5 } }, 'container.memoryBytes must be a positive whole number, got 1.5'],
    [{ container: { cpus: 0 } }, 'container.cpus must be a positive number, got 0'],
  ])('%o', (options, message) => {
    expect(() => new ContainerExecutor(options)).toThrow(`ContainerExecutor: ${message}.`);
  });
});

describe.skipIf(process.platform !== 'linux')('without an engine', () => {
  test('without dockerode', async () => {
    await using executor = new ContainerExecutor({ load: () => import('no-such-package' as string) });
    expect(await failure(() => executor.open())).toBe(
      'invalid_options: ContainerExecutor needs the package dockerode; run `npm install dockerode`, or pass a client of it as `docker`.',
    );
  });

  test('nobody listens', async () => {
    await using executor = new ContainerExecutor({ docker: new Docker({ socketPath: '/nonexistent/docker.sock' }) });
    // What is wrong is told when a kernel is wanted.
    await executor.warmUp();
    expect(await failure(() => executor.open())).toBe(
      'kernel_start_failed: No container engine answers at /nonexistent/docker.sock. Start Docker or Podman, or say where it listens with DOCKER_HOST or `docker`.',
    );
  });

  test('a DOCKER_HOST that is none', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://[');
    await using executor = new ContainerExecutor();
    expect(await failure(() => executor.open())).toBe(
      'invalid_options: DOCKER_HOST names no engine: DOCKER_HOST env variable should be something like tcp://localhost:1234.',
    );
    vi.unstubAllEnvs();
  });

  test.each<[string[], NodeJS.ProcessEnv, string | undefined]>([
    [['/var/run/docker.sock', '/run/podman/podman.sock'], {}, '/var/run/docker.sock'],
    [['/run/podman/podman.sock'], {}, '/run/podman/podman.sock'],
    [
      ['/run/user/1000/podman/podman.sock', '/run/podman/podman.sock'],
      { XDG_RUNTIME_DIR: '/run/user/1000' },
      '/run/user/1000/podman/podman.sock',
    ],
    [['/run/user/1000/docker.sock'], { XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/docker.sock'],
    [['/var/run/docker.sock'], { DOCKER_HOST: 'tcp://elsewhere:2375' }, undefined],
    [[], {}, undefined],
  ])('where there is %j, and the environment says %j, the engine is at %s', (sockets, env, found) => {
    expect(engineSocket(env, (path) => sockets.includes(path))).toBe(found);
  });

  test('what Podman is asked for in other words', async () => {
    let asked: { SecurityOpt: string[]; Tmpfs: Record<string, string> } | undefined;
    let profile = '';
    const podman = {
      info: async () => ({ SecurityOptions: ['name=seccomp,profile=default'], BuildahVersion: '1.28.2' }),
      getImage: () => ({ inspect: async () => ({ Id: 'sha256:1', Config: {} }) }),
      listContainers: async () => [],
      createContainer: async ({ HostConfig }: { HostConfig: NonNullable<typeof asked> }) => {
        asked = HostConfig;
        profile = readFileSync(HostConfig.SecurityOpt[1]?.replace('seccomp=', '') as string, 'utf8');
        throw new Error('enough');
      },
    };
    await using executor = new ContainerExecutor({ docker: podman as unknown as Docker });
    expect(await failure(() => executor.open())).toContain('enough');
    expect(asked?.SecurityOpt).toEqual([
      'no-new-privileges',
      expect.stringMatching(/^seccomp=.*\/seccomp\.json$/),
      'unmask=ALL',
    ]);
    expect(profile).toMatch(/^\{"defaultAction":"SCMP_ACT_ERRNO"/);
    expect(asked?.Tmpfs['/tmp']).toBe('rw,exec,nosuid,nodev,size=536870912,mode=1777');
  });

  test('an environment of the host', async () => {
    await using executor = new ContainerExecutor();
    expect(await failure(() => executor.open({ environment: { sitePackages: '/x' } }))).toBe(
      'unsupported_feature: ContainerExecutor takes packages that its own installer put into environmentsFolder, got /x.',
    );
  });
});

describe.skipIf(!opened)('with an engine', { timeout: 120_000 }, () => {
  describe('what goes wrong is one sentence', () => {
    const start = async (options: ContainerExecutorOptions) => {
      await using executor = make(options);
      return await failure(() => executor.open());
    };

    test('no image', async () => {
      expect(await start({ image: 'code-mode/nowhere' })).toBe(
        "kernel_start_failed: The image code-mode/nowhere is not on this machine, and pull is 'never'. Run `docker pull code-mode/nowhere`, or let pull be 'missing'.",
      );
    });

    test('an image that nobody has', async () => {
      expect(await start({ image: '127.0.0.1:1/nowhere', pull: 'missing' })).toMatch(
        /^kernel_start_failed: The image 127\.0\.0\.1:1\/nowhere could not be pulled: .*connection refused/,
      );
    });

    test('an image without Python, which is pulled', async () => {
      const registry = await openRegistry();
      const { executor, events } = makeHeard({ image: registry.image, pull: 'always' });
      expect(await failure(() => executor.open())).toBe(
        `python_not_found: The image ${registry.image} has no python3. Take an image with Python 3.10 or newer, or name its interpreter with \`python\`.`,
      );
      await executor.close();
      registry.close();
      const pulled = events.filter(({ type }) => type === 'image-pull');
      expect(pulled[0]).toMatchObject({ image: registry.image, status: expect.any(String) });
      expect(pulled.at(-1)).toMatchObject({ status: `Status: Downloaded newer image for ${registry.image}:latest` });
      await engine.docker.getImage(registry.image).remove();
    });

    test('a Python that is too old', async () => {
      expect(await start({ python: 'python-old' })).toMatch(
        new RegExp(
          `^python_not_found: The image ${engine.image} cannot be used: code-mode needs Python 3\\.10 or newer; .* is 3\\.9\\.2\\.$`,
        ),
      );
    });

    test('a runtime that the engine does not have', async () => {
      expect(await start({ runtime: 'runsc-of-nobody' })).toMatch(
        /^isolation_unavailable: The container engine has no runtime "runsc-of-nobody"; it has .*runc.*\. Add it to the engine's configuration, or leave `runtime` out\.$/,
      );
    });

    test('a package that the image does not have', async () => {
      expect(await start({ preload: ['nosuchpackage'] })).toBe(
        `kernel_start_failed: Python could not start in the image ${engine.image}: ModuleNotFoundError: No module named 'nosuchpackage'. Packages named in \`preload\` must be installed for this Python.`,
      );
    });

    test.skipIf(process.getuid?.() !== 0)('a user who may not use the engine', async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [...HOST_PROGRAM, engine.image, 'as nobody'], {
        env: { ...process.env, ...engine.env },
      });
      const where = engine.env.DOCKER_HOST?.replace('unix://', '') ?? '/var/run/docker.sock';
      expect(stdout.trim()).toBe(
        `This user may not use the container engine at ${where}. Add the user to the group that owns it (docker), or use a rootless engine.`,
      );
    });
  });

  test.skipIf(!engine?.nests).each(['executor', 'session'] as const)('isolation() with share: %s', async (share) => {
    const container = { memoryBytes: 256 * MIB, cpus: 1.5, processes: 100 };
    await using executor = make({ share, container, limits: { processes: 30 } });
    const { level, layers, limits } = await executor.isolation();
    const states = Object.entries(layers).filter(([, { state }]) => state !== 'on');
    expect([states, level]).toEqual([[], 'full']);
    const together = share === 'executor' ? ', all sessions together' : '';
    expect([layers.memory?.detail, layers.processes?.detail, layers.cpu?.detail, layers.sessions?.detail]).toEqual([
      `at most 256 MiB${together}`,
      `at most 100 processes${together}`,
      `at most 1.5 processors${together}`,
      share === 'executor' ? 'each has namespaces of its own in the container' : 'each has a container of its own',
    ]);
    expect(layers.namespaces?.detail).toContain('(own user, mnt, pid, net, ipc, uts');
    expect(limits.processes).toEqual({
      value: 30,
      enforced: true,
      detail: 'RLIMIT_NPROC in a user namespace of its own, per session',
    });
  });

  test('isolation() where the engine has AppArmor: no namespaces inside, so sessions need a container each', async () => {
    const docker = withAppArmor(engine.docker);
    const reason =
      "the engine's AppArmor profile keeps programs from mounting. A container for each session (share: 'session') holds them apart";
    await using shared = make({ docker });
    const { level, layers } = await shared.isolation();
    expect([level, layers.sessions]).toEqual(['partial', { state: 'unavailable', detail: reason }]);
    expect(Object.keys(layers).filter((name) => layers[name]?.state !== 'on')).toEqual(['sessions']);
    await using required = make({ docker, isolation: 'required' });
    expect(await failure(() => required.open())).toBe(
      `isolation_unavailable: ContainerExecutor: isolation is required, and a layer is missing. sessions: ${reason}.`,
    );
    await using counted = make({ docker, limits: { processes: 10 } });
    expect(await failure(() => counted.open())).toBe(
      `isolation_unavailable: ContainerExecutor: limits.processes needs namespaces for each session: ${reason}.`,
    );
    await using own = make({ docker, isolation: 'required', share: 'session', limits: { processes: 10 } });
    const report = await own.isolation();
    expect([report.level, report.limits.processes, report.layers.namespaces?.detail]).toEqual([
      'full',
      { value: 10, enforced: true, detail: 'pids control group of the container' },
      'sees no process, network, mount or name of the system (own mnt, pid, net, ipc, uts, cgroup)',
    ]);
    await using forking = new Session({ executor: own });
    expect(
      await value(
        forking,
        'import subprocess\ntry:\n    [subprocess.Popen(["sleep", "60"]) for _ in range(40)]\nexcept OSError as error:\n    why = error.strerror\nwhy',
      ),
    ).toBe('Resource temporarily unavailable');
    await using session = new Session({ executor: shared });
    expect(await value(session, 'import os\n[os.getuid(), os.getcwd()[:6], os.listdir()]')).toEqual([
      65533,
      '/tmp/k',
      [],
    ]);
  });

  test('what the engine was told, and what Linux says of the zygote', async () => {
    const { executor, events } = makeHeard({ env: { GREETING: 'hello' } });
    await using session = new Session({ executor });
    expect(await value(session, 'import os\n[os.environ["GREETING"], sorted(os.environ)]')).toEqual([
      'hello',
      ['GREETING', 'HOME', 'TMPDIR'],
    ]);
    expect(events.map(({ type }) => type)).toEqual(['container-create', 'container-start', 'container-ready']);
    const [id = ''] = idsOf(events, 'container-ready');
    const { Config, HostConfig, State, Mounts } = await engine.docker.getContainer(id).inspect();
    expect(Config).toMatchObject({ User: '65533:65533', Healthcheck: { Test: ['NONE'] } });
    expect(HostConfig).toMatchObject({
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      AutoRemove: true,
      Memory: 2048 * MIB,
      MemorySwap: 2048 * MIB,
      PidsLimit: 1024,
      NanoCpus: 2e9,
    });
    const [privileges, profile = ''] = HostConfig.SecurityOpt as string[];
    expect([privileges, profile.startsWith('seccomp={"defaultAction":"SCMP_ACT_ERRNO"')]).toEqual([
      'no-new-privileges',
      true,
    ]);
    expect(Mounts.map(({ Destination, RW }) => [Destination, RW]).sort()).toEqual([
      ['/code-mode/environments', false],
      ['/code-mode/kernel', false],
      ['/code-mode/socket', false],
    ]);
    const status = readFileSync(`/proc/${State.Pid}/status`, 'utf8');
    const fields = ['Uid', 'CapPrm', 'CapBnd', 'NoNewPrivs', 'Seccomp'];
    const seen = fields.map((name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1]);
    expect(seen).toEqual(['65533', '0000000000000000', '0000000000000000', '1', '2']);
    expect(await executor.health()).toEqual([
      { containerId: id, state: 'running', kernels: 1, memoryBytes: expect.any(Number), processes: expect.any(Number) },
    ]);
    await executor.close();
    expect(await executor.health()).toEqual([]);
  });

  test('share: session gives each a container, which goes with it', async () => {
    const { executor, events } = makeHeard({ share: 'session' });
    const [a, b] = [new Session({ executor }), new Session({ executor })];
    await Promise.all([a.run('open("mine.txt", "w").write("a")'), b.run('open("mine.txt", "w").write("b")')]);
    expect(await Promise.all([a, b].map((one) => value(one, 'open("mine.txt").read()')))).toEqual(['a', 'b']);
    const ids = idsOf(events, 'container-ready');
    expect(new Set(ids).size).toBe(2);
    await Promise.all([a.close(), b.close()]);
    await Promise.all(ids.map((id) => untilRemoved(engine, id)));
    await executor.close();
  });

  test('a session that takes all memory ends alone', async () => {
    await using executor = make({ container: { memoryBytes: 256 * MIB } });
    await using greedy = new Session({ executor });
    await using neighbour = new Session({ executor });
    await neighbour.run('kept = 1');
    const result = await greedy.run('x = b"x" * (1 << 30)');
    expect(result.status === 'crashed' && result.detail.signal).toBe('SIGKILL');
    expect([await value(neighbour, 'kept'), await value(greedy, '2')]).toEqual([1, 2]);
  });

  test('a container that is killed: the run says so, and the next one has another', async () => {
    const { executor, events } = makeHeard();
    await using session = new Session({ executor });
    await session.run('kept = 1');
    const [first = ''] = idsOf(events, 'container-ready');
    const running = session.run('while True: pass');
    await engine.docker.getContainer(first).kill();
    expect((await running).status).toBe('crashed');
    expect(await value(session, '"kept" in globals()')).toBe(false);
    expect(idsOf(events, 'container-ready').length).toBe(2);
    await executor.close();
  });

  describe('packages', () => depsCases(engine));

  describe('a host that ends', () => {
    async function openHost(ending: string) {
      const { next, ...opened } = startHost(engine, ending);
      const containerId = await next();
      expect(await next()).toBe('2');
      return { ...opened, containerId, folder: dirname(await socketOf(containerId)) };
    }

    test('by itself: the session does not keep it, and the container goes', async () => {
      const { exited, containerId } = await openHost('return');
      expect(await exited).toEqual([0, null]);
      await untilRemoved(engine, containerId);
    });

    test('by a kill: the container goes, and the next executor removes the folder of its socket', async () => {
      const { host, exited, containerId, folder } = await openHost('wait to be killed');
      host.kill('SIGKILL');
      await exited;
      await untilRemoved(engine, containerId);
      expect(existsSync(folder)).toBe(true);
      await using next = make();
      await next.open();
      expect(existsSync(folder)).toBe(false);
    });

    test('by a kill, while its container could not notice: the next executor removes it, and no other', async () => {
      const { host, exited, containerId, folder } = await openHost('wait to be killed');
      const living = makeHeard();
      await using neighbour = new Session({ executor: living.executor });
      await neighbour.run('kept = 1');
      await engine.docker.getContainer(containerId).pause();
      host.kill('SIGKILL');
      await exited;
      const next = makeHeard();
      await next.executor.open();
      expect(idsOf(next.events, 'leftover-remove')).toEqual([containerId]);
      await untilRemoved(engine, containerId);
      const [neighbours = ''] = idsOf(living.events, 'container-ready');
      expect([folder, await socketOf(neighbours)].map(existsSync)).toEqual([false, true]);
      expect(await value(neighbour, 'kept')).toBe(1);
      await Promise.all([next.executor.close(), living.executor.close()]);
    });
  });

  test('close() takes everything away', async () => {
    const { executor, events } = makeHeard();
    await executor.open();
    const [id = ''] = idsOf(events, 'container-ready');
    const socket = await socketOf(id);
    expect(existsSync(socket)).toBe(true);
    await executor.close();
    expect(existsSync(socket)).toBe(false);
    expect(await failure(() => engine.docker.getContainer(id).inspect())).toContain('no such container');
  });
});
