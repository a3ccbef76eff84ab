import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Session } from '@code-mode/core';
import type { ExitCode } from '../exit-codes.ts';
import { fileProblem, usageError } from '../failure.ts';
import { Interrupt } from '../session/interrupt.ts';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Approver } from './approver.ts';
import { Images } from './images.ts';
import { exitCodeOfRun, RunView } from './run-view.ts';

export interface RunFlags extends SessionFlags {
  code?: string;
  json?: boolean;
  images: string;
}

/** `code-mode run`. */
export async function runCode(file: string | undefined, flags: RunFlags, terminal: Terminal): Promise<ExitCode> {
  const code = await readCode(file, flags.code, terminal);
  const stem = file === undefined || file === '-' ? 'code-mode' : basename(file, extname(file));
  return await runShown(flags, { terminal, stem }, (session, signal) => session.run(code, { signal }));
}

/** How a run is shown. */
interface ShownFlags extends SessionFlags {
  json?: boolean;
  images?: string;
  /** Shows an exception without the code that raised it, which nobody has written. */
  plainErrors?: boolean;
  needsStore?: boolean;
}

/** Runs something in a session of its own, shows what happens, and lets Ctrl-C interrupt it. */
export async function runShown(
  flags: ShownFlags,
  { terminal, stem }: { terminal: Terminal; stem: string },
  run: (session: Session, signal: AbortSignal) => ReturnType<Session['run']>,
): Promise<ExitCode> {
  const { json = false, images = '.', yes = false, plainErrors = false, needsStore = false } = flags;
  const view = new RunView(terminal, new Images(terminal, { folder: images, stem }), { plainErrors });
  const approver = new Approver(terminal, { yes, hold: () => view.hold() });
  using progress = terminal.progress('Starting Python …');
  using interrupt = new Interrupt();
  return await withSession(
    flags,
    {
      terminal,
      needsStore,
      interrupt,
      onApproval: (requests, options) => approver.decide(requests, options),
      onProgress: (line) => progress.update(line),
      onEvent: (event) => {
        if (event.type === 'deps-progress') progress.update(event.line);
        // From here on the run itself shows that something happens.
        else if (event.type === 'run-start') progress.end();
        if (!json || event.type === 'warning') view.onEvent(event);
      },
    },
    async (session) => {
      const result = await run(session, interrupt.signal);
      progress.end();
      if (json) terminal.printJson(result);
      else await view.end(result);
      return exitCodeOfRun(result);
    },
  );
}

async function readCode(file: string | undefined, code: string | undefined, { stdin }: Terminal): Promise<string> {
  if (code !== undefined) {
    if (file !== undefined) throw usageError('There are two programs, a file and -c; give one of them.');
    return code;
  }
  if (file === undefined)
    throw usageError('There is nothing to run: name a file, give -c CODE, or - for standard input.');
  const bytes = file === '-' ? await buffer(stdin) : await readFile(file).catch(explain(file));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`${file === '-' ? 'What was read' : file} is no text in UTF-8: save it so, and run it again.`);
  }
}

function explain(file: string) {
  return (error: NodeJS.ErrnoException): never => {
    throw usageError(fileProblem(file, error));
  };
}
