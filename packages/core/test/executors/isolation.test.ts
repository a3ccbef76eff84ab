import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { SYSTEM_PYTHON, systemBwrap } from './bwrap/bwrap.ts';

const isRoot = process.getuid?.() === 0;
const program = fileURLToPath(new URL('isolation-program.ts', import.meta.url));
const deniedNamespaces = fileURLToPath(new URL('bwrap/denied_namespaces.py', import.meta.url));
const withoutCalls = fileURLToPath(new URL('without_calls.py', import.meta.url));
const repository = resolve(dirname(program), '../../../..');
const NODE = ['--conditions=@code-mode/source'];
const SET_USER = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
/** Stands for a folder in which programs may be setuid. */
const BIN = '/setuid-programs';
const bwrap = await systemBwrap();

interface Report {
  level: string;
  layers: Record<string, { state: string; detail: string }>;
  result: unknown;
  refusal?: string;
  /** The same of an executor with an allow-list. */
  listedRefusal?: string;
}

/** Whether everybody may go to a path. */
function openToAll(path: string): boolean {
  return path === '/' || ((statSync(path).mode & 0o001) !== 0 && openToAll(dirname(path)));
}

/** The layers that are not on. */
function missing({ layers }: Report): string[] {
  return Object.keys(layers).filter((name) => layers[name]?.state !== 'on');
}

async function reportOf(file: string, args: string[], python?: string): Promise<Report> {
  const env = { ...process.env, NODE_OPTIONS: '', HOME: '/tmp', ...(python && { CODE_MODE_PYTHON: python }) };
  const { stdout } = await promisify(execFile)(file, args, { env });
  return JSON.parse(stdout) as Report;
}

describe.skipIf(process.platform !== 'linux')('isolation()', { timeout: 60_000 }, () => {
  test('tells what a kernel saw of each layer', async () => {
    await using executor = new SubprocessExecutor();
    const { level, layers } = await executor.isolation();
    const abi = layers.landlock?.detail;
    expect([level, layers]).toEqual([
      'full',
      {
        environment: { state: 'on', detail: 'starts empty; only the variables listed in `env`, HOME and TMPDIR' },
        processGroup: { state: 'on', detail: 'own session; ending a kernel ends everything it started' },
        user: {
          state: 'on',
          detail: "runs as a user who owns nothing else (what root owns is not this process's)",
        },
        namespaces: {
          state: 'on',
          detail: 'sees no process, network, mount or name of the system (own user, mnt, pid, net, ipc, uts, cgroup)',
        },
        files: {
          state: 'on',
          detail: 'sees the files of Python and the system alone, read-only, and a private folder in memory (own root)',
        },
        network: {
          state: 'on',
          detail: 'has no network (no sockets but Unix sockets, in a network of its own)',
        },
        capabilities: {
          state: 'on',
          detail: 'has no privilege and cannot gain one (CapEff 0000000000000000, CapBnd 0000000000000000)',
        },
        noNewPrivileges: { state: 'on', detail: 'no program that it starts has more rights than it (NoNewPrivs 1)' },
        landlock: { state: 'on', detail: abi },
        seccomp: { state: 'on', detail: 'may not ask the system for what no Python program needs (Seccomp 2)' },
        descriptors: {
          state: 'on',
          detail: "holds nothing open that is the host's (0, 1, 2 and the connection to the host)",
        },
      },
    ]);
    expect(abi).toMatch(/^may write its private folder alone \(a forbidden file was refused, ABI \d+\)$/);
  });

  test('says so when it was turned off by name', async () => {
    await using executor = new SubprocessExecutor({ isolation: 'none' });
    const { level, layers } = await executor.isolation();
    expect([level, layers.seccomp]).toEqual([
      'none',
      { state: 'off', detail: "the executor was made with isolation: 'none'" },
    ]);
  });

  test('options that do not exist', () => {
    expect(() => new SubprocessExecutor({ isolation: 'full' as never })).toThrow(
      "SubprocessExecutor: isolation must be 'auto', 'required' or 'none', got \"full\".",
    );
    expect(() => new SubprocessExecutor({ network: true as never })).toThrow(
      "SubprocessExecutor: network must be 'none', 'host' or { allow: ['host:port', …] }, got true.",
    );
  });
});

test('on Windows: nothing holds, and nothing runs', async () => {
  const { platform } = process;
  const reason =
    'SubprocessExecutor does not run on Windows, where Python has no Unix sockets. Run this process in WSL, or in a Linux container.';
  await using executor = new SubprocessExecutor();
  Object.defineProperty(process, 'platform', { value: 'win32' });
  try {
    const { level, layers } = await executor.isolation();
    expect([level, new Set(Object.values(layers).map(({ detail }) => detail))]).toEqual(['none', new Set([reason])]);
    await expect(executor.open()).rejects.toThrow(reason);
  } finally {
    Object.defineProperty(process, 'platform', { value: platform });
  }
});

describe.skipIf(process.platform !== 'linux')('on another system', { timeout: 120_000 }, () => {
  // Root becomes somebody else where that one can read what Python needs.
  const python = existsSync(SYSTEM_PYTHON) ? SYSTEM_PYTHON : undefined;
  const drops = isRoot && [repository, python ?? '/root'].every(openToAll);
  const x64 = process.arch === 'x64';
  const NAMESPACES = x64 ? ['272', '308'] : ['97', '268'];

  /** Where system calls fail with an error. */
  async function without(error: string, calls: string[]): Promise<Report> {
    const args = [withoutCalls, error, ...calls, '--', process.execPath, ...NODE, program];
    return reportOf(await findPython(python), args, python);
  }

  /** Our files may lie where only root comes to, so they are shown to the user elsewhere. `before` runs the program. */
  function asOrdinaryUser(...before: string[]): Promise<Report> {
    return shownToAll([...SET_USER, ...before], []);
  }

  /** `before` runs the program, as root. */
  async function shownToAll(before: string[], args: string[]): Promise<Report> {
    const shown = mkdtempSync(join(tmpdir(), 'cm-isolation-'));
    chmodSync(shown, 0o755);
    for (const name of ['repository', 'node', 'bin']) mkdirSync(join(shown, name));
    try {
      const script =
        'mount --bind "$1" "$3/repository" && mount --bind "$2" "$3/node" && mount -t tmpfs -o mode=755 cm "$3/bin" && shift 3 && exec "$@"';
      const inside = (path: string) =>
        path.replace(repository, join(shown, 'repository')).replaceAll(BIN, join(shown, 'bin'));
      const command = [...before, join(shown, 'node', 'node'), ...NODE, program, ...args].map(inside);
      const folders = [repository, dirname(process.execPath), shown];
      return await reportOf('unshare', ['--mount', 'sh', '-c', script, 'sh', ...folders, ...command], SYSTEM_PYTHON);
    } finally {
      rmSync(shown, { recursive: true });
    }
  }

  const ordinary = isRoot && existsSync(SYSTEM_PYTHON);

  test.skipIf(!ordinary)('as an ordinary user: every layer', async () => {
    const report = await asOrdinaryUser();
    expect([report.level, missing(report), report.result, report.refusal, report.listedRefusal]).toEqual([
      'full',
      [],
      [1000, 'Network is unreachable', 'open', ['file'], 'No such file or directory', 'open'],
      undefined,
      undefined,
    ]);
  });

  test.skipIf(!ordinary)('as an ordinary user, where there are no namespaces: it stays that user', async () => {
    const report = await asOrdinaryUser(SYSTEM_PYTHON, withoutCalls, '1', ...NAMESPACES, '--');
    expect([report.level, missing(report), report.result]).toEqual([
      'partial',
      ['user', 'namespaces', 'files'],
      [65534, 'Network is unreachable', 'Permission denied', ['file'], 'Permission denied', 'Operation not permitted'],
    ]);
    expect(report.layers.user?.detail).toContain('unshare: Operation not permitted');
  });

  test.skipIf(!ordinary)('as an ordinary user without namespaces and Landlock: no look into the zygote', async () => {
    const report = await asOrdinaryUser(SYSTEM_PYTHON, withoutCalls, '1', ...NAMESPACES, '444', '--');
    expect([missing(report), report.result]).toEqual([
      ['user', 'namespaces', 'files', 'landlock'],
      [65534, 'Network is unreachable', 'open', ['file'], 'Permission denied', 'Operation not permitted'],
    ]);
  });

  test.skipIf(!ordinary || !bwrap)('as an ordinary user who may make none, where bwrap is setuid', async () => {
    const install = ['sh', '-c', `cp ${bwrap} ${BIN}/ && chmod 4755 ${BIN}/bwrap && exec "$@"`, 'sh'];
    const report = await shownToAll([...install, SYSTEM_PYTHON, deniedNamespaces, '65534'], [BIN]);
    const [first] = report.layers.sessions?.detail.split(':') ?? [];
    expect([report.level, missing(report), first, report.result, report.refusal]).toEqual([
      'partial',
      ['sessions'],
      'they share what bwrap has made once, because kernels cannot',
      [1000, 'Network is unreachable', 'Permission denied', ['file'], 'Permission denied', 'open'],
      undefined,
    ]);
    expect(report.listedRefusal).toContain('unshare: No space left on device');
  });

  test('that allows no namespaces, as in a container: the other layers, and the reason', async () => {
    const report = await without('1', NAMESPACES);
    expect([report.level, missing(report), report.result]).toEqual([
      'partial',
      [...(drops ? [] : ['user']), 'namespaces', 'files'],
      [
        drops ? 65533 : process.getuid?.(),
        'Network is unreachable',
        'Permission denied',
        ['file'],
        'Permission denied',
        'Operation not permitted',
      ],
    ]);
    expect(report.layers.files?.detail).toContain('unshare: Operation not permitted');
    expect(report.refusal).toMatch(
      /^isolation_unavailable: SubprocessExecutor: isolation is required, and this system lacks a layer\. .*namespaces: .*unshare: Operation not permitted.*files: /,
    );
    expect(report.listedRefusal).toMatch(
      /^isolation_unavailable: SubprocessExecutor: network\.allow takes the layer namespaces, which this system lacks: .*unshare: Operation not permitted/,
    );
  });

  test('without Landlock', async () => {
    const report = await without('38', ['444']);
    const reason =
      'this Linux has no Landlock, or has it turned off: it needs Linux 5.13 and landlock in the boot option lsm=';
    expect([report.level, missing(report), report.layers.landlock?.detail, report.result, report.refusal]).toEqual([
      'partial',
      ['landlock'],
      reason,
      [1000, 'Network is unreachable', 'open', ['file'], 'No such file or directory', 'open'],
      `isolation_unavailable: SubprocessExecutor: isolation is required, and this system lacks a layer. landlock: ${reason}.`,
    ]);
  });

  test('without namespaces and Landlock', async () => {
    const report = await without('38', [...NAMESPACES, '444']);
    expect([report.level, missing(report), report.result]).toEqual([
      'partial',
      [...(drops ? [] : ['user']), 'namespaces', 'files', 'landlock'],
      [
        drops ? 65533 : process.getuid?.(),
        'Network is unreachable',
        'open',
        ['file'],
        'Permission denied',
        'Operation not permitted',
      ],
    ]);
  });
});
