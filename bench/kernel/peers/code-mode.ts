import { hostTools } from '../host-tools.ts';
import type { Outcome, Peer, PeerSession } from '../peer.ts';
import { programsFrom } from '../programs.ts';
import { findPython } from '../python.ts';

type Core = typeof import('@code-mode/core');
type SubprocessExecutor = InstanceType<typeof import('@code-mode/core/executors/subprocess').SubprocessExecutor>;
type Session = InstanceType<Core['Session']>;
type Tool = ReturnType<Core['defineTool']>;

/** This project: sessions over one subprocess executor with its default options. */
export class CodeModePeer implements Peer {
  readonly name = 'code-mode';
  readonly label = 'code-mode';
  readonly memorySessions = 10;
  readonly notMeasured = {};
  readonly programs = programsFrom({
    onePlusOne: '1+1',
    calls: (count) => `for i in range(${count}):\n    result = tools.echo(value=i)\nresult`,
    gathered: (count, ms) =>
      `import asyncio\nlen(await asyncio.gather(*[tools.pause.aio(ms=${ms}) for _ in range(${count})]))`,
    largeIn: 'len(tools.text())',
    largeOut: (chars) => `"a" * ${chars}`,
    remember: (value) => `x = ${value}`,
    recall: 'x',
  });

  #python = '';
  #core: Core | undefined;
  #executor: SubprocessExecutor | undefined;
  #tools: Tool[] = [];

  async install(): Promise<void> {
    this.#python = (await findPython()).path;
  }

  async load(): Promise<void> {
    const [core, { SubprocessExecutor }] = await Promise.all([
      import('@code-mode/core'),
      import('@code-mode/core/executors/subprocess'),
    ]);
    this.#core = core;
    this.#executor = new SubprocessExecutor({ python: this.#python });
    this.#tools = defineTools(core);
  }

  async version(): Promise<string> {
    if (!this.#executor) return '';
    const { level, layers } = await this.#executor.isolation();
    const on = Object.keys(layers).filter((name) => layers[name]?.state === 'on');
    const { version } = await findPython();
    return `Python ${version}, isolation ${level}; layers on: ${on.join(', ') || 'none'}`;
  }

  async open(): Promise<PeerSession> {
    if (!this.#core || !this.#executor) throw new Error('load() comes before open().');
    return new CodeModeSession(new this.#core.Session({ executor: this.#executor, tools: this.#tools }));
  }

  async close(): Promise<void> {
    await this.#executor?.close();
  }
}

class CodeModeSession implements PeerSession {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async run(code: string): Promise<Outcome> {
    const run = await this.#session.run(code);
    if (run.status === 'completed') return { result: run.result };
    throw new Error(run.status === 'failed' ? run.error.traceback : JSON.stringify(run));
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

function defineTools({ defineTool }: Core): Tool[] {
  const withNumber = (name: string) => ({
    type: 'object',
    properties: { [name]: { type: 'number' } },
    required: [name],
    additionalProperties: false,
  });
  return [
    defineTool({
      name: 'echo',
      description: 'Gives the value back.',
      input: withNumber('value'),
      execute: hostTools.echo,
    }),
    defineTool({ name: 'pause', description: 'Waits.', input: withNumber('ms'), execute: hostTools.pause }),
    defineTool({ name: 'text', description: 'A long text.', execute: hostTools.text }),
  ];
}
