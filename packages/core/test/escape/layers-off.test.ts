import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { ATTEMPTS_AT_SANDBOX } from './all-attempts.ts';
import type { Attempt } from './attempt.ts';
import { SandboxScene } from './sandbox-scene.ts';
import { copyWithout } from './without-layer.ts';

/** What is kept of the product is its own: only the Python side is another copy, with a layer taken out. */
const kernel = vi.hoisted(() => ({ folder: '' }));
vi.mock('../../src/kernel-folder.ts', () => ({ kernelFolder: () => kernel.folder }));

const isRoot = process.getuid?.() === 0;
const copies = mkdtempSync(join(tmpdir(), 'cm-layers-'));
// The kernels' user reads it.
chmodSync(copies, 0o755);
let scene: SandboxScene;

beforeAll(async () => {
  scene = await SandboxScene.set();
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(copies, { recursive: true });
});

interface Lane {
  layer: string;
  /** What `isolation()` says is missing. */
  missing: string[];
  /** Attempts that land without the layer: nothing else holds them. */
  lands: string[];
  /** Attempts that another layer holds: which one, and what is seen then. */
  held: [id: string, by: string, seen: string][];
}

const LANES: Lane[] = [
  {
    layer: 'files',
    missing: [],
    lands: ['F12', 'F15'],
    held: [
      ['F11', 'user', 'EACCES'],
      ['F24', 'user', 'EACCES'],
      ['F08', 'namespaces', 'ENOENT'],
    ],
  },
  {
    layer: 'namespaces',
    missing: ['namespaces', 'files'],
    lands: ['F03', 'F55', 'P01', 'P05', 'S12', 'N14'],
    held: [
      ['F01', 'landlock', 'EACCES'],
      ['F13', 'landlock', 'EACCES'],
      ['F15', 'landlock', 'EACCES'],
      ['F24', 'landlock', 'EACCES'],
      ['P10', 'seccomp', 'EPERM'],
      ['N01', 'seccomp', 'ENETUNREACH'],
      ['N05', 'seccomp', 'EPERM'],
      ['N06', 'seccomp', 'EPERM'],
    ],
  },
  {
    layer: 'namespaces and landlock',
    missing: ['namespaces', 'files', 'landlock'],
    lands: ['F01', 'F04', 'F05', 'F13', 'F15', 'P01'],
    held: [
      ['P10', 'seccomp', 'EPERM'],
      ['N01', 'seccomp', 'ENETUNREACH'],
      ['N05', 'seccomp', 'EPERM'],
      ['N06', 'seccomp', 'EPERM'],
      ['F43', 'capabilities', 'EPERM'],
    ],
  },
  {
    layer: 'landlock',
    missing: ['landlock'],
    lands: [],
    held: [
      ['F43', 'capabilities', 'EPERM'],
      ['F01', 'files', 'ENOENT'],
      ['F20', 'files', 'EROFS'],
      ['N06', 'namespaces', 'ECONNREFUSED'],
      ['P04', 'namespaces', 'ESRCH'],
    ],
  },
  {
    layer: 'seccomp',
    missing: ['seccomp'],
    lands: ['P13', 'P16', 'S01', 'S02', 'N09', 'K-keyctl', 'K-personality'],
    held: [
      ['P12', 'namespaces', 'ESRCH'],
      ['N07', 'capabilities', 'EPERM'],
      ['K-chroot', 'capabilities', 'EPERM'],
      ['K-reboot', 'capabilities', 'EPERM'],
      ['K-pivot_root', 'capabilities', 'EPERM'],
    ],
  },
  {
    layer: 'capabilities',
    missing: ['capabilities'],
    lands: ['S10'],
    held: [
      ['F20', 'files', 'EROFS'],
      ['F43', 'landlock', 'EACCES'],
      ['K-mount', 'seccomp', 'EPERM'],
      ['K-chroot', 'seccomp', 'EPERM'],
    ],
  },
  {
    layer: 'descriptors',
    missing: ['descriptors'],
    lands: ['P31', 'P32'],
    held: [
      ['P30', 'files', 'nothing'],
      ['F01', 'files', 'ENOENT'],
    ],
  },
  {
    layer: 'user',
    missing: ['user'],
    lands: ['S06', 'S09'],
    held: [
      ['F11', 'files', 'ENOENT'],
      ['F20', 'files', 'EROFS'],
      ['F43', 'landlock', 'EACCES'],
      ['S08', 'capabilities', 'EPERM'],
      ['P04', 'namespaces', 'ESRCH'],
      ['K-mount', 'seccomp', 'EPERM'],
    ],
  },
  {
    layer: 'environment',
    missing: [],
    lands: ['E01', 'E03'],
    held: [['E05', 'namespaces', 'ENOENT']],
  },
  {
    layer: 'network',
    missing: ['network'],
    lands: ['N01', 'N02', 'N04'],
    held: [
      ['N05', 'files', 'ENOENT'],
      ['N08', 'capabilities', 'EPERM'],
      ['N09', 'seccomp', 'EAFNOSUPPORT'],
      ['K-keyctl', 'seccomp', 'EPERM'],
    ],
  },
];

describe.skipIf(process.platform !== 'linux' || !isRoot)('with one layer taken out', { timeout: 120_000 }, () => {
  test.each(LANES)('$layer', async ({ layer, missing, lands, held }) => {
    kernel.folder = join(copies, layer.replaceAll(' ', '-'));
    copyWithout(layer, kernel.folder);
    await using executor = new SubprocessExecutor({
      network: layer === 'network' ? 'host' : 'none',
      env: layer === 'environment' ? { CANARY: scene.canaries.facts.secret } : {},
    });
    const { layers } = await executor.isolation();
    // Without namespaces it takes a Python that others than root can read.
    const counted = (name: string) => name !== 'user' || missing.includes(name);
    const off = Object.keys(layers).filter((name) => layers[name]?.state !== 'on' && counted(name));
    expect(off.sort()).toEqual(missing.sort());
    const ids = [...lands, ...held.map(([id]) => id)].filter(canBeTried);
    const seen = await Promise.all(ids.map(async (id) => [id, await scene.attempt(attemptOf(id), executor)]));
    const expected = {
      ...Object.fromEntries(lands.map((id) => [id, 'landed'])),
      ...Object.fromEntries(held.map(([id, , came]) => [id, came])),
    };
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(ids.map((id) => [id, expected[id]])));
  });

  test('noNewPrivileges: nothing that must hold starts without it', async () => {
    kernel.folder = join(copies, 'noNewPrivileges');
    copyWithout('noNewPrivileges', kernel.folder);
    await using executor = new SubprocessExecutor({ isolation: 'required' });
    await expect(executor.isolation()).rejects.toMatchObject({ code: 'isolation_unavailable' });
  });
});

function attemptOf(id: string): Attempt {
  return ATTEMPTS_AT_SANDBOX.find((attempt) => attempt.id === id) as Attempt;
}

function canBeTried(id: string): boolean {
  const { processor } = attemptOf(id);
  return processor === undefined || processor === process.arch;
}
