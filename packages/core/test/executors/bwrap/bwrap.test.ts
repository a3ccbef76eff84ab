import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SessionEvent } from '../../../src/events.ts';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '../../../src/executors/subprocess/index.ts';
import { Session } from '../../../src/session.ts';
import type { Attempt } from '../../escape/attempt.ts';
import { Canaries } from '../../escape/canaries.ts';
import { descriptorAttempts } from '../../escape/descriptor-attempts.ts';
import { fileAttempts } from '../../escape/file-attempts.ts';
import { networkAttempts } from '../../escape/network-attempts.ts';
import { programOf } from '../../escape/prelude.ts';
import { processAttempts } from '../../escape/process-attempts.ts';
import { systemCallAttempts } from '../../escape/system-call-attempts.ts';
import { alive, expectNoProcess, parentOf, processesWith, until } from '../processes.ts';
import { pythonWithoutNamespaces, SYSTEM_PYTHON, systemBwrap } from './bwrap.ts';

/*
 * Only the Python side is another copy, which cannot make namespaces itself; the rest, and bwrap, are what users have.
 * `denied.test.ts` has a system that denies them.
 */
const kernel = vi.hoisted(() => ({ folder: '' }));
vi.mock('../../../src/kernel-folder.ts', () => ({ kernelFolder: () => kernel.folder }));

const REASON = 'a test has taken it out';
const ATTEMPTS = [
  ...fileAttempts,
  ...processAttempts,
  ...descriptorAttempts,
  ...networkAttempts,
  ...systemCallAttempts,
].filter(({ processor = process.arch }) => processor === process.arch);

const bwrap = await systemBwrap();
const copy = pythonWithoutNamespaces();
kernel.folder = copy.kernel;
vi.stubEnv('XDG_CACHE_HOME', copy.folder);
afterAll(() => copy[Symbol.dispose]());

const PROCESSES =
  'import os; sorted(open(f"/proc/{name}/comm").read().strip() for name in os.listdir("/proc") if name.isdigit())';
const ALONE = ['bwrap', 'cm-kernel', 'cm-zygote'];

function executorWith(options: SubprocessExecutorOptions = {}): SubprocessExecutor {
  return new SubprocessExecutor({ python: SYSTEM_PYTHON, ...options });
}

async function resultOf(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  return result.status === 'completed' ? result.result : result;
}

function ancestorsOf(pid: number): number[] {
  const parent = parentOf(pid);
  return parent > 1 && parent !== process.pid ? [parent, ...ancestorsOf(parent)] : [];
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

describe.skipIf(!bwrap)('in bwrap', { timeout: 120_000 }, () => {
  const shared = executorWith();
  let canaries: Canaries;
  beforeAll(async () => {
    canaries = await Canaries.place();
  });
  afterAll(async () => {
    await shared.close();
    await canaries[Symbol.asyncDispose]();
  });

  test('isolation() says that it was bwrap, and what sessions share', async () => {
    const { level, layers } = await shared.isolation();
    const missing = Object.keys(layers).filter((name) => layers[name]?.state !== 'on');
    expect([level, missing, layers.bwrap, layers.sessions, layers.namespaces]).toEqual([
      'partial',
      ['sessions'],
      { state: 'on', detail: 'bwrap made the namespaces and the root' },
      { state: 'unavailable', detail: `they share what bwrap has made once, because kernels cannot: ${REASON}` },
      {
        state: 'on',
        detail: 'sees no process, network, mount or name of the system (own user, mnt, pid, net, ipc, uts, cgroup)',
      },
    ]);
  });

  test('every attempt to get out is stopped', async () => {
    await using session = new Session({ executor: shared });
    const landed: string[] = [];
    for (const attempt of ATTEMPTS) {
      const result = await session.run(programOf(attempt, canaries.facts));
      const outcome = result.status === 'completed' ? result.result : result.status;
      if (outcome === 'landed' || canaries.touches > 0 || !canaries.victimLives) landed.push(attempt.id);
      canaries.touches = 0;
    }
    expect(landed).toEqual([]);
    const first = ATTEMPTS[0] as Attempt;
    expect(await resultOf(session, programOf({ ...first, code: 'return True' }, canaries.facts))).toBe('landed');
  });

  test('what sessions share keeps no secret of another, and no session harms another', async () => {
    await using neighbour = new Session({ executor: shared });
    await using session = new Session({ executor: shared });
    const secret = 'a secret of the neighbour';
    const facts = await resultOf(
      neighbour,
      `import ctypes, os\nmemory = ctypes.create_string_buffer(b"${secret}")\nopen("secret", "w").write("${secret}")
[os.getpid(), ctypes.addressof(memory), os.getcwd()]`,
    );
    const seen = await resultOf(
      session,
      `
import ctypes, errno, os, signal
pid, address, folder = ${JSON.stringify(facts)}
class Piece(ctypes.Structure): _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
def vm():
    libc, into = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(25)
    if libc.process_vm_readv(pid, ctypes.byref(Piece(ctypes.addressof(into), 25)), 1, ctypes.byref(Piece(address, 25)), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")
    return into.value
def attempt(act):
    try: return act()
    except OSError as error: return errno.errorcode[error.errno]
[attempt(act) for act in (
    lambda: open(folder + "/secret").read(), lambda: os.listdir(folder), lambda: os.listdir("/run/kernels"),
    lambda: open(f"/proc/{pid}/mem", "rb").read(1), lambda: open(f"/proc/{pid}/environ").read(), vm,
    lambda: os.listdir(f"/proc/{pid}/fd"), lambda: open("/proc/2/environ").read(),
)]`,
    );
    expect(seen).toEqual(['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EPERM', 'EACCES', 'EACCES']);
    expect(await resultOf(neighbour, 'open("secret").read()')).toBe(secret);
  });

  test('what programs use works', async () => {
    await using session = new Session({ executor: shared });
    const code = `
import getpass, multiprocessing, os, pwd, socket, subprocess, sys, tempfile, zoneinfo
with tempfile.NamedTemporaryFile() as file, multiprocessing.get_context("fork").Pool(2) as pool:
    seen = [pool.map(abs, [-1, -2]), os.path.dirname(file.name) == os.getcwd()]
program = [sys.executable, "-c", "print(1 + 1)"]
seen + [
    subprocess.run(program, capture_output=True, text=True).stdout, pwd.getpwuid(os.getuid()).pw_name, socket.gethostname(),
    str(zoneinfo.ZoneInfo("Europe/Oslo")), open("/etc/hosts").read().split()[:2], os.listdir("."),
]`;
    expect(await resultOf(session, code)).toEqual([
      [1, 2],
      true,
      '2\n',
      'user',
      'sandbox',
      'Europe/Oslo',
      ['127.0.0.1', 'localhost'],
      [],
    ]);
  });

  test('a kernel that is spawned', async () => {
    await using executor = executorWith({ startMethod: 'spawn' });
    await using session = new Session({ executor });
    expect(await resultOf(session, 'import os; os.path.dirname(os.getcwd())')).toBe('/run/kernels');
  });

  test("a shared working folder is the host's, and is not removed with the zygote", async () => {
    const cwd = mkdtempSync(join(copy.folder, 'cwd-'));
    chmodSync(cwd, 0o777);
    const executor = executorWith({ cwd });
    const session = new Session({ executor });
    expect(await resultOf(session, 'open("made", "w").write("x"); import os; os.getcwd()')).toBe(cwd);
    await session.close();
    await executor.close();
    expect(readdirSync(cwd)).toEqual(['made']);
  });

  test('a killed kernel leaves nothing, nor does a closed executor', async () => {
    const executor = executorWith();
    const session = new Session({ executor });
    const marker = `4242.${process.pid}`;
    const daemon = `import os, subprocess; subprocess.Popen(["sleep", "${marker}"], start_new_session=True)`;
    expect((await session.run(`${daemon}; os.kill(os.getpid(), 9)`)).status).toBe('crashed');
    await expectNoProcess(marker, 60_000);
    expect((await session.run(daemon)).status).toBe('completed');
    // Linux closes what Popen waits for a moment before it shows the command line.
    await until(() => processesWith(marker).length === 1);
    await session.close();
    await executor.close();
    await expectNoProcess(marker, 60_000);
  });

  test('with the keeper everything ends', async () => {
    await using executor = executorWith();
    let pid = 0;
    let hasEnded = false;
    const onEvent = (event: SessionEvent) => {
      if (event.type === 'kernel-start') pid = event.pid ?? 0;
      hasEnded ||= event.type === 'kernel-exit';
    };
    await using session = new Session({ executor, onEvent });
    await session.run('1');
    // The kernel's zygote, the first process in bwrap, bwrap.
    const [zygote, first, outer, keeper] = ancestorsOf(pid) as [number, number, number, number];
    expect([pid, zygote, keeper].map(nameOf)).toEqual(['cm-kernel', 'cm-zygote', 'cm-keeper']);
    process.kill(keeper, 'SIGKILL');
    await until(() => hasEnded && ![pid, zygote, first, outer].some(alive), 60_000);
    expect(await resultOf(session, '1 + 1')).toBe(2);
  });

  test("isolation: 'required' gives each session a bwrap of its own", async () => {
    await using executor = executorWith({ isolation: 'required' });
    const { level, layers } = await executor.isolation();
    expect([level, layers.sessions]).toEqual(['full', { state: 'on', detail: 'each has a bwrap of its own' }]);
    await using one = new Session({ executor });
    await using other = new Session({ executor });
    const seen = await Promise.all([one, other].map((session) => resultOf(session, PROCESSES)));
    expect(seen).toEqual(Array(2).fill(ALONE));
  });

  test('also when the first ones come at once, and nobody knew that it takes bwrap', async () => {
    await using executor = executorWith({ isolation: 'required' });
    const sessions = Array.from({ length: 4 }, () => new Session({ executor }));
    await Promise.all(sessions.map((session) => resultOf(session, '1')));
    const seen = await Promise.all(sessions.map((session) => resultOf(session, PROCESSES)));
    expect(seen).toEqual(Array(4).fill(ALONE));
    await Promise.all(sessions.map((session) => session.close()));
  });

  test('an allow-list for the network is refused', async () => {
    await using executor = executorWith({ network: { allow: ['example.com:443'] } });
    await expect(executor.open()).rejects.toThrow(
      `SubprocessExecutor: network.allow takes the layer namespaces, which this system lacks: ${REASON}.`,
    );
  });

  test("the host's network, when it is left to the code", async () => {
    await using executor = executorWith({ network: 'host' });
    await using session = new Session({ executor });
    const code = `import socket\nwith socket.create_connection(("127.0.0.1", ${canaries.facts.tcp})): "reached"`;
    await resultOf(session, code);
    expect([await resultOf(session, '1 + 1'), canaries.touches]).toEqual([2, 1]);
    canaries.touches = 0;
  });

  test.each([
    ['missing', undefined, `${REASON}; nor is there a bwrap on PATH that could`],
    ['broken', 'echo "bwrap: it is broken" >&2; exit 1', ' does not work here either (bwrap: it is broken)'],
    ['silent', 'exit 0', ' does not work here either (it ended without saying why)'],
  ])('one that is %s is the reason told', async (name, script, reason) => {
    const folder = mkdtempSync(join(copy.folder, 'bin-'));
    chmodSync(folder, 0o755);
    if (script !== undefined) writeFileSync(join(folder, 'bwrap'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const path = process.env.PATH as string;
    vi.stubEnv('PATH', script === undefined ? folder : `${folder}${delimiter}${path}`);
    try {
      await using executor = executorWith();
      const { layers } = await executor.isolation();
      expect([layers.bwrap, layers.namespaces?.state]).toEqual([undefined, 'unavailable']);
      const said = name === 'missing' ? reason : `${REASON}; ${join(folder, 'bwrap')}${reason}`;
      expect(layers.namespaces?.detail).toBe(said);
    } finally {
      vi.stubEnv('PATH', path);
    }
  });
});
