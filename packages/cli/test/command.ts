import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';

// Each case starts processes, on machines that may be slow.
vi.setConfig({ testTimeout: 240_000 });

const main = join(import.meta.dirname, '../src/main.ts');
const node = [process.execPath, '--conditions=@code-mode/source', main];
const python = process.env.CODE_MODE_PYTHON ?? 'python3';

// Node takes colours from them.
const { CI: _, FORCE_COLOR: __, ...environment } = process.env;

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  /** What the command reads; nothing by default. */
  input?: string;
  env?: Record<string, string>;
}

/** Runs the real command without a terminal. */
export function codeMode(args: string[], { cwd, input = '', env }: CommandOptions = {}): Promise<Ended> {
  return started(node[0] as string, [...node.slice(1), ...args], { cwd, input, env });
}

/**
 * A shell for what is printed to be typed into, with the command on its path. The packages of this workspace are in no index
 * yet: `npm install` finds them, and what they need, in the workspace, and links those alone that it is given.
 */
export function newShell(): (lines: string, options?: Omit<CommandOptions, 'input'>) => Promise<Ended> {
  const bin = temporaryFolder();
  const modules = join(import.meta.dirname, '../node_modules');
  const programs = {
    'code-mode': `exec ${node.map((word) => `'${word}'`).join(' ')} "$@"`,
    npx: '[ "$1" = code-mode ] || exit 127\nexec "$@"',
    npm: `[ "$1" = install ] || { PATH="\${PATH#*:}" exec npm "$@"; }
shift
for name; do
  [ -d "${modules}/$name" ] || { echo "no package $name" >&2; exit 1; }
  mkdir -p "$(dirname "node_modules/$name")"
  ln -s "${modules}/$name" "node_modules/$name"
done`,
  };
  for (const [name, lines] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\nset -e\n${lines}\n`, { mode: 0o755 });
  return (lines, { cwd, env } = {}) =>
    started('sh', ['-ec', lines], {
      cwd,
      input: '',
      env: {
        NODE_OPTIONS: '--conditions=@code-mode/source',
        npm_config_update_notifier: 'false',
        ...env,
        PATH: `${bin}:${process.env.PATH}`,
      },
    });
}

/** Runs it at a terminal of its own. Steps: what to wait for on the screen, what to type. */
export async function atTerminal(
  args: string[],
  steps: ['expect' | 'send', string][],
  { cwd, env }: CommandOptions = {},
): Promise<{ exitCode: number; screen: string }> {
  const order = JSON.stringify({ command: [...node, ...args], steps });
  const driver = join(import.meta.dirname, 'terminal.py');
  const { stdout, stderr } = await started(python, [driver, order], { cwd, input: '', env: { TERM: 'xterm', ...env } });
  const ended = JSON.parse(stdout || JSON.stringify({ problem: stderr })) as {
    exitCode: number;
    screen: string;
    problem?: string;
  };
  if (ended.problem) throw new Error(`${ended.problem}:\n${ended.screen}`);
  // Slow machines are told what takes long; it is gone when it ends.
  return { ...ended, screen: ended.screen.replace(PROGRESS, '') };
}

const PROGRESS = new RegExp(`\\r${String.fromCharCode(27)}\\[K(?:[\\u2800-\\u28ff][^\\r]*)?`, 'gu');

/** A folder that is gone when the tests of the file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cm-cli-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function started(
  file: string,
  args: string[],
  { cwd, input, env }: { cwd: string | undefined; input: string; env: Record<string, string> | undefined },
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd,
      env: { ...environment, NO_COLOR: '1', ...env },
      maxBuffer: 2 ** 26,
    };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 255), stdout, stderr });
    });
    // A command that does not read its input closes it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
