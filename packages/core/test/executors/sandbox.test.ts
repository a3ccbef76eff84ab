import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/events.ts';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { alive, parentOf, until } from './processes.ts';

const sandboxed = new SubprocessExecutor({ isolation: 'required' });
afterAll(() => sandboxed.close());

async function evaluate(code: string, executor = sandboxed): Promise<unknown> {
  await using session = new Session({ executor });
  const result = await session.run(code);
  return result.status === 'completed' ? result.result : result;
}

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'cm-sandbox-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

describe.skipIf(process.platform !== 'linux')('what works in the sandbox', { timeout: 60_000 }, () => {
  test('every module of the standard library that can be imported outside', async () => {
    const program = `
import importlib, json, pkgutil, sys, warnings
warnings.simplefilter("ignore")
left_out = {"antigravity", "idlelib", "this", "turtle", "turtledemo"}
def try_import(name):
    try:
        return importlib.import_module(name)
    except BaseException:
        return None
imported = []
for name in sorted(sys.stdlib_module_names - left_out):
    module = try_import(name)
    if module is None: continue
    imported.append(name)
    for part in pkgutil.walk_packages(getattr(module, "__path__", []), name + ".", lambda name: None):
        if "test" in part.name or part.name.endswith("__main__"): continue
        if try_import(part.name): imported.append(part.name)
`;
    const outside = await promisify(execFile)(await sandboxed.python(), [
      '-I',
      '-c',
      `${program}\nprint(json.dumps(imported))`,
    ]);
    const names = JSON.parse(outside.stdout) as string[];
    expect(names.length).toBeGreaterThan(400);
    expect(await evaluate(`${program}\nimported`)).toEqual(names);
  });

  test.each([
    [
      'subprocesses, with the Python itself',
      'import subprocess, sys\nsubprocess.run([sys.executable, "-c", "print(1 + 1)"], capture_output=True, text=True).stdout',
      '2\n',
    ],
    [
      'a shell',
      'import subprocess\nsubprocess.run("echo a | tr a b", shell=True, capture_output=True, text=True).stdout',
      'b\n',
    ],
    [
      'threads',
      'from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(8).map(abs, range(3)))',
      [0, 1, 2],
    ],
    ...['fork', 'spawn', 'forkserver'].map((method): [string, string, unknown] => [
      `multiprocessing by ${method}`,
      `import multiprocessing\nwith multiprocessing.get_context("${method}").Pool(2) as pool: r = pool.map(abs, [1, -2])\nr`,
      [1, 2],
    ]),
    [
      'a process pool',
      'from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool: r = list(pool.map(abs, [-1]))\nr',
      [1],
    ],
    [
      'shared memory',
      'from multiprocessing import shared_memory\nm = shared_memory.SharedMemory(create=True, size=100)\nm.close(); m.unlink()\nm.size >= 100',
      true,
    ],
    ['a manager', 'import multiprocessing\nwith multiprocessing.Manager() as m: r = list(m.list([1, 2]))\nr', [1, 2]],
    ['asyncio subprocesses', 'import asyncio\np = await asyncio.create_subprocess_exec("true")\nawait p.wait()', 0],
    ['temporary files', 'import tempfile\nwith tempfile.TemporaryFile() as f: n = f.write(b"x")\nn', 1],
    [
      '/tmp, /var/tmp and /dev/null',
      'for path in ("/tmp/a", "/var/tmp/b", "/dev/null"): open(path, "w").write("x")\nopen("/tmp/b").read()',
      'x',
    ],
    [
      'folders, renames and links',
      'import os\nos.makedirs("a/b"); os.makedirs("c")\nopen("a/b/f", "w").close(); os.rename("a/b/f", "c/f"); os.symlink("c/f", "l"); os.link("c/f", "h"); os.mkfifo("p")\nsorted(os.listdir())',
      ['a', 'c', 'h', 'l', 'p'],
    ],
    [
      'programs of its own',
      'import os, subprocess\nopen("s", "w").write("#!/bin/sh\\necho hi")\nos.chmod("s", 0o700)\nsubprocess.check_output(["./s"], text=True)',
      'hi\n',
    ],
    [
      'time zones',
      'import zoneinfo, datetime\nstr(datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Oslo")).utcoffset())',
      '2:00:00',
    ],
    ['the locale', 'import locale\nlocale.setlocale(locale.LC_ALL, "C.UTF-8")', 'C.UTF-8'],
    ['the number of processors', 'import os\nos.cpu_count() == len(os.sched_getaffinity(0))', true],
    [
      'who it is',
      'import getpass, os, pwd\n[getpass.getuser(), os.getuid(), pwd.getpwuid(os.getuid()).pw_dir == os.getcwd() == os.path.expanduser("~")]',
      ['user', 1000, true],
    ],
    [
      'a database',
      'import sqlite3\nc = sqlite3.connect("d.db")\nc.execute("create table t (a)"); c.execute("insert into t values (1)")\nc.execute("select * from t").fetchall()',
      [[1]],
    ],
    ['C libraries', 'import ctypes, ctypes.util\nctypes.CDLL(ctypes.util.find_library("m")).abs(-3)', 3],
    [
      'the name of this machine as it is for itself',
      'import socket\n[socket.gethostname(), socket.gethostbyname("localhost")]',
      ['sandbox', '127.0.0.1'],
    ],
  ])('%s', async (_title, code, expected) => {
    expect(await evaluate(code)).toEqual(expected);
  });

  test('preloaded packages', async () => {
    await using executor = new SubprocessExecutor({ isolation: 'required', preload: ['decimal', 'sqlite3'] });
    const code =
      'import sys\nbefore = "sqlite3" in sys.modules\nimport sqlite3\n[before, sqlite3.connect(":memory:").execute("select 1").fetchall()]';
    expect(await evaluate(code, executor)).toEqual([true, [[1]]]);
  });

  test('a shared working folder, as the host sees it', async () => {
    using shared = folder();
    writeFileSync(join(shared.path, 'in'), 'from the host');
    await using executor = new SubprocessExecutor({ isolation: 'required', cwd: shared.path });
    const code =
      'import os\nopen("out", "w").write(open("in").read() + ", and back")\nos.mkdir("d")\n[os.getcwd(), os.stat("in").st_uid == os.getuid()]';
    expect(await evaluate(code, executor)).toEqual([shared.path, true]);
    expect(readFileSync(join(shared.path, 'out'), 'utf8')).toBe('from the host, and back');
    expect(statSync(join(shared.path, 'out')).uid).toBe(process.getuid?.());
    expect(await evaluate('sorted(__import__("os").listdir())', executor)).toEqual(['d', 'in', 'out']);
  });

  test("what lies in a shared working folder and is Python's own stays read-only", async () => {
    using shared = folder();
    await using executor = new SubprocessExecutor({ isolation: 'required', cwd: shared.path });
    await using session = new Session({ executor, deps: { cacheFolder: shared.path } });
    const result = await session.run(
      'import errno\ntry: open("built/planted", "w")\nexcept OSError as error: what = errno.errorcode[error.errno]\nwhat',
    );
    expect(result.status === 'completed' && result.result).toBe('EROFS');
  });

  test('the network, when it is left to the code', async () => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = (server.address() as AddressInfo).port;
    await using executor = new SubprocessExecutor({ isolation: 'required', network: 'host' });
    const code = `import socket\nwith socket.create_connection(("localhost", ${port})) as c: r = c.recv(10).decode()\nr`;
    expect(await evaluate(code, executor)).toBe('hello');
    const report = await executor.isolation();
    expect([report.level, report.layers.network]).toEqual([
      'partial',
      { state: 'off', detail: "the executor was made with network: 'host'" },
    ]);
    expect(await evaluate(code)).toMatchObject({
      error: { name: 'OSError', message: '[Errno 101] Network is unreachable' },
    });
    server.close();
  });
});

describe.skipIf(process.platform !== 'linux')('what the sandbox bounds', { timeout: 60_000 }, () => {
  test('the private folder has an end', async () => {
    const code =
      'import os\ntry:\n    with open("big", "wb") as f: os.posix_fallocate(f.fileno(), 0, 2 << 30)\nexcept OSError as error: what = str(error)\nwhat';
    expect(await evaluate(code)).toBe('[Errno 28] No space left on device');
  });

  test('the private folders of two sessions are two', async () => {
    await using a = new Session({ executor: sandboxed });
    await using b = new Session({ executor: sandboxed });
    await a.run('open("/tmp/mine", "w").write("x")');
    const seen = await b.run('import os\n[os.getcwd(), os.path.exists("/tmp/mine")]');
    expect(seen.status === 'completed' && seen.result).toEqual(['/tmp/work', false]);
  });

  test('it sees itself, the first process, and nothing else', async () => {
    const code = 'import os\n[os.getpid(), os.getppid(), [name for name in os.listdir("/proc") if name.isdigit()]]';
    expect(await evaluate(code)).toEqual([2, 0, ['2']]);
  });

  test('every thread is held', async () => {
    const code = `
import os, threading
stop = threading.Event()
threads = [threading.Thread(target=stop.wait) for _ in range(3)]
for thread in threads: thread.start()
seen = [[line.split()[1] for line in open(f"/proc/self/task/{task}/status") if line.startswith(("Seccomp:", "NoNewPrivs:"))] for task in os.listdir("/proc/self/task")]
stop.set()
seen`;
    expect(await evaluate(code)).toEqual([1, 2, 3, 4].map(() => ['1', '2']));
  });

  test('what it starts is held as well', async () => {
    const code =
      'import subprocess\nsubprocess.run("grep -E ^.Seccomp:.NoNewPrivs:.CapEff: /proc/self/status; grep -E \'^(NoNewPrivs|Seccomp|CapEff):\' /proc/self/status", shell=True, capture_output=True, text=True).stdout';
    expect(await evaluate(code)).toBe('CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n');
  });

  test('nothing is open but the connection', async () => {
    const code =
      'import os\nown = []\nfor fd in range(4096):\n    try: own.append([fd < 3, os.readlink(f"/proc/self/fd/{fd}").split(":")[0]])\n    except OSError: pass\nown';
    expect(await evaluate(code)).toEqual([
      [true, '/dev/null'],
      [true, 'socket'],
      [true, 'socket'],
      [false, 'socket'],
    ]);
  });
});

describe.skipIf(process.platform !== 'linux')('when processes of the executor end', { timeout: 60_000 }, () => {
  const options: SubprocessExecutorOptions = { isolation: 'required' };

  test.each([
    ['the zygote', (kernel: number) => parentOf(kernel)],
    ['its keeper', (kernel: number) => parentOf(parentOf(kernel))],
  ])('%s: everything ends with it, and the next run has a fresh kernel', async (_title, whom) => {
    await using executor = new SubprocessExecutor(options);
    const events: SessionEvent[] = [];
    await using session = new Session({ executor, onEvent: (event) => events.push(event) });
    await session.run('import subprocess\np = subprocess.Popen(["setsid", "sleep", "1000"])');
    const start = events.find((event) => event.type === 'kernel-start');
    const kernel = Number(start?.type === 'kernel-start' && start.pid);
    const zygote = parentOf(kernel);
    process.kill(whom(kernel), 'SIGKILL');
    // The host hears of it later than it happens.
    await until(() => !alive(kernel) && !alive(zygote) && events.at(-1)?.type === 'kernel-exit');
    const next = await session.run('1 + 1');
    expect(next.status === 'completed' && [next.result, next.stateLost]).toEqual([2, true]);
  });

  test('50 kernels at once, in three executors', async () => {
    const executors = Array.from({ length: 3 }, () => new SubprocessExecutor(options));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => evaluate(`${n} + 1`, executors[n % 3] as SubprocessExecutor)),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    await Promise.all(executors.map((executor) => executor.close()));
  });
});
