import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../../src/executors/subprocess/find-python.ts';
import { copyWithout } from '../../escape/without-layer.ts';

/** Root is somebody else in bwrap, who can read this Python for certain. */
export const SYSTEM_PYTHON = '/usr/bin/python3';

/** The system's bwrap; undefined, and the reason printed, where it cannot be tried. */
export async function systemBwrap(): Promise<string | undefined> {
  const program = process.platform === 'linux' ? await findOnPath(['bwrap']) : undefined;
  const reason = program === undefined ? 'there is no bwrap on PATH' : whyUnusable(program);
  if (reason === undefined) return program;
  console.log(`[bwrap] skipped: ${reason}`);
  return undefined;
}

/** A copy of the Python side that makes no namespaces itself, in a folder that everybody can read. */
export function pythonWithoutNamespaces(): { folder: string; kernel: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'cm-bwrap-'));
  chmodSync(folder, 0o755);
  const kernel = join(folder, 'kernel');
  copyWithout('own namespaces', kernel);
  return { folder, kernel, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function whyUnusable(program: string): string | undefined {
  if (!existsSync(SYSTEM_PYTHON)) return `there is no ${SYSTEM_PYTHON}`;
  const user = process.getuid?.() === 0 ? { uid: 65_533, gid: 65_533 } : {};
  try {
    const args = ['--unshare-user', '--unshare-pid', '--unshare-net', '--proc', '/proc', '--ro-bind', '/usr', '/usr'];
    const links = ['bin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]);
    execFileSync(program, [...args, ...links, '/usr/bin/true'], { stdio: 'pipe', ...user });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
