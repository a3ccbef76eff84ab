import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestEngine } from './test-engine.ts';

/** Arguments of Node. */
export const HOST_PROGRAM = [
  '--conditions=@code-mode/source',
  fileURLToPath(new URL('host-program.ts', import.meta.url)),
];

/** A host in a process of its own; `next` is the next line that it prints. */
export function startHost({ image, env }: TestEngine, ending: string, ...more: string[]) {
  const host = spawn(process.execPath, [...HOST_PROGRAM, image, ending, ...more], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(host.stdout)[Symbol.asyncIterator]();
  return { host, exited: once(host, 'exit'), next: async () => (await lines.next()).value as string };
}
