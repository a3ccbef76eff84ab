import type { Session, SessionEvent } from '@code-mode/core';
import manifest from '../../package.json' with { type: 'json' };
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { messageOf, usageError } from '../failure.ts';
import { Approver } from '../run/approver.ts';
import { Images } from '../run/images.ts';
import { RunView } from '../run/run-view.ts';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { completeLine } from './complete-line.ts';
import { historyPath, keepLine, readHistory } from './history-file.ts';
import { LineReader } from './line-reader.ts';
import { needsMoreLines } from './needs-more-lines.ts';
import { COMMAND_NAMES, type ReplState, runReplCommand } from './repl-commands.ts';

export interface ReplFlags extends SessionFlags {
  images: string;
}

const PROMPT = '>>> ';
const CONTINUED = '... ';

/** `code-mode repl`. */
export async function runRepl(flags: ReplFlags, terminal: Terminal): Promise<ExitCode> {
  if (!terminal.canAsk || terminal.stdout.isTTY !== true)
    throw usageError('The REPL needs a terminal. Without one, give the code to code-mode run -');
  const view = new RunView(terminal, new Images(terminal, { folder: flags.images, stem: 'repl' }));
  const history = historyPath(terminal.env);
  const approver = new Approver(terminal, {
    yes: flags.yes ?? false,
    hold: () => view.hold(),
    ask: (question, signal) => lines.ask(question, signal),
  });
  let lines: LineReader;
  return await withSession(
    flags,
    {
      terminal,
      onApproval: (requests, options) => approver.decide(requests, options),
      onEvent: (event) => {
        if (event.type === 'warning') view.onEvent(event);
      },
    },
    async (session) => {
      const repl = new Repl(session, terminal, view, (line) => keepLine(history, line));
      using reader = new LineReader(terminal, {
        history: await readHistory(history),
        complete: (line) => repl.complete(line),
        onInterrupt: () => repl.interrupt(),
      });
      lines = reader;
      await repl.run(reader);
      return EXIT.ok;
    },
  );
}

/** Reads, runs and shows, until the input ends. */
class Repl {
  readonly #session: Session;
  readonly #terminal: Terminal;
  readonly #view: RunView;
  readonly #keepLine: (line: string) => Promise<void>;
  #lines: LineReader | undefined;
  #typed: string[] = [];
  /** The last input that defines `run`. */
  #defined: string | undefined;
  /** Of the line that is read or carried out. */
  #turn = new AbortController();

  constructor(session: Session, terminal: Terminal, view: RunView, keepLine: (line: string) => Promise<void>) {
    this.#session = session;
    this.#terminal = terminal;
    this.#view = view;
    this.#keepLine = keepLine;
  }

  async run(lines: LineReader): Promise<void> {
    this.#lines = lines;
    this.#terminal.print(`code-mode ${manifest.version}. :help says what there is beside Python; Ctrl-D ends.`);
    for (;;) {
      this.#turn = new AbortController();
      const line = await lines.next(this.#typed.length === 0 ? PROMPT : CONTINUED);
      if (line === undefined) break;
      await this.#keep(line);
      if (this.#typed.length === 0 && QUIT.test(line)) return;
      if (this.#typed.length === 0 && line.trimStart().startsWith(':')) {
        await this.#command(line);
        continue;
      }
      this.#typed.push(line);
      if (needsMoreLines(this.#typed)) continue;
      const code = this.#typed.splice(0).join('\n');
      if (code.trim() !== '') await this.#execute(code);
    }
    this.#terminal.print('');
  }

  /** Ctrl-C: stops what runs, or forgets what was typed. */
  interrupt(): void {
    this.#typed = [];
    if (this.#lines?.isWaiting) {
      this.#lines.again(PROMPT);
      return;
    }
    this.#lines?.forget();
    this.#turn.abort();
  }

  /** While something runs, the kernel cannot say what there is. */
  async complete(line: string): Promise<[string[], string]> {
    return this.#session.idle ? await completeLine(this.#session, line, COMMAND_NAMES) : [[], line];
  }

  async #keep(line: string): Promise<void> {
    try {
      await this.#keepLine(line);
    } catch (error) {
      this.#terminal.say(`The history cannot be kept: ${messageOf(error)}`);
    }
  }

  async #command(line: string): Promise<void> {
    const { signal } = this.#turn;
    const state: ReplState = { session: this.#session, terminal: this.#terminal, defined: this.#defined, signal };
    await runReplCommand(line, state).catch((error) => this.#terminal.say(messageOf(error)));
  }

  async #execute(code: string): Promise<void> {
    try {
      const onEvent = (event: SessionEvent) => {
        // Warnings come with the session, whether something runs or not.
        if (event.type !== 'warning') this.#view.onEvent(event);
      };
      const result = await this.#session.run(code, { signal: this.#turn.signal, onEvent });
      await this.#view.end(result);
      if (result.status === 'completed' && /^(?:async\s+)?def\s+run\s*\(/mu.test(code)) this.#defined = code;
    } catch (error) {
      this.#terminal.say(messageOf(error));
    } finally {
      this.#view.freshLine();
    }
  }
}

/** As Python's own prompt has it, too. */
const QUIT = /^\s*(?::q(?:uit|ui|u)?|(?:exit|quit)(?:\(\))?)\s*$/u;
