import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectNoProcess, temporaryFolders, until } from './processes.ts';

const program = fileURLToPath(new URL('host-program.ts', import.meta.url));
const busy =
  'print("started")\nwhile True:\n    try:\n        while True: sum(range(1000))\n    except BaseException: pass';

describe.concurrent('a Node process that opened a session', () => {
  test.each([
    ['ends by itself without close', '1 + 1', 'return', 0, null, '"completed"'],
    ['ends by itself after close', '1 + 1', 'close', 0, null, '"completed"'],
    [
      'stays until a run that nobody awaits has ended',
      'import time\ntime.sleep(0.5)\nprint("done")',
      'leave run',
      0,
      null,
      'done',
    ],
    ['ends with process.exit()', '1 + 1', 'exit', 7, null, '"completed"'],
    ['ends with process.exit() during a run', busy, 'exit during run', 7, null, 'started'],
    ['ends with an uncaught exception', '1 + 1', 'throw', 1, null, '"completed"'],
    ['ends with an uncaught exception during a run', busy, 'throw during run', 1, null, 'started'],
    ['is killed during a busy run', busy, 'kill me', null, 'SIGKILL', 'started'],
    [
      'is killed while daemons of the code run',
      'import os, subprocess, sys\nsubprocess.Popen([sys.executable, "-c", "import time\\nwhile True: time.sleep(0.01)"], start_new_session=True)\nprint("started")\nwhile True: pass',
      'kill me',
      null,
      'SIGKILL',
      'started',
    ],
  ])('%s, and leaves nothing', async (_title, code, ending, exitCode, signal, output) => {
    const marker = `CODE_MODE_TEST=${randomUUID()}`;
    const folder = mkdtempSync(join(tmpdir(), 'cm-exit-'));
    try {
      const ended = await runHost([code, ending], { CODE_MODE_TEST: marker.slice(15), TMPDIR: folder });
      expect([ended.code, ended.signal, ended.stdout]).toEqual([exitCode, signal, `${output}\n`]);
      await expectNoProcess(marker);
      await until(() => temporaryFolders(folder).length === 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function runHost(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number | null; signal: string | null; stdout: string }>((resolve) => {
    const child = spawn(process.execPath, ['--conditions=@code-mode/source', program, ...args], {
      env: { ...process.env, ...env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.once('close', (code, signal) => resolve({ code, signal, stdout }));
  });
}
