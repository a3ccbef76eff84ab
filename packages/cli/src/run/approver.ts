import { userInfo } from 'node:os';
import { type ApprovalDecision, type ApprovalRequest, describeRequest } from '@code-mode/core';
import { visibleText } from '@code-mode/core/prompts/visible-text';
import { type Ask, choose } from '../terminal/choose.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ApproverOptions {
  /** Approves everything that is asked. */
  yes: boolean;
  /** Keeps the screen still while somebody thinks. Returns how to go on. */
  hold(): () => void;
  /** Asks a question in place of the terminal itself, e.g. the REPL, which reads it already. */
  ask?: Ask;
}

/** Asks whoever sits at the terminal. Without anybody there everything is refused, with the way to allow it. */
export class Approver {
  readonly #terminal: Terminal;
  readonly #options: ApproverOptions;

  constructor(terminal: Terminal, options: ApproverOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  async decide(requests: ApprovalRequest[], { signal }: { signal: AbortSignal }): Promise<ApprovalDecision[]> {
    const by = userName();
    if (this.#options.yes) return requests.map(({ requestId }) => ({ requestId, approved: true, by: `${by} (--yes)` }));
    if (!this.#terminal.canAsk)
      return requests.map(({ requestId }) => ({ requestId, approved: false, message: NOBODY }));
    const release = this.#options.hold();
    try {
      const decisions: ApprovalDecision[] = [];
      for (const request of requests) decisions.push(await this.#decideOne(request, by, signal));
      return decisions;
    } finally {
      release();
    }
  }

  async #decideOne(request: ApprovalRequest, by: string, signal: AbortSignal): Promise<ApprovalDecision> {
    const { requestId } = request;
    this.#terminal.say(`Python asks for ${describeRequest(request)}`);
    if (request.kind === 'run') this.#terminal.say(visibleText(String(request.arguments.code)).replace(/^/gmu, '  '));
    const ask = this.#options.ask ?? this.#terminal.ask.bind(this.#terminal);
    const answer = await choose(ask, QUESTION, ['no', 'yes', 'always'], signal);
    if (answer === 'no') return { requestId, approved: false, message: 'The person at the terminal said no.', by };
    return { requestId, approved: true, scope: answer === 'always' ? 'session' : 'once', by };
  }
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

const QUESTION = 'Allow it? [y]es, [N]o, [a]lways in this session: ';
const NOBODY = 'This needs approval, and nobody can be asked without a terminal; allow it with --yes.';
