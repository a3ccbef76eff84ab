import type { NeutralTool } from '@code-mode/core/testing';
import { processesWith } from '../../packages/core/test/executors/processes.ts';

/** What the tools of a story do to, with a log of everything that was done. */
export class World {
  readonly log: string[] = [];
  readonly aborting = new AbortController();
  /** Processes that Python told of. */
  readonly processes: number[] = [];

  tools(): NeutralTool[] {
    const tool = (name: string, properties: object, execute: NeutralTool['execute']): NeutralTool => ({
      name,
      description: `The tool ${name}.`,
      inputSchema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
      execute,
    });
    const path = { path: { type: 'string' } };
    const remove: NeutralTool['execute'] = (input) => {
      this.log.push(`delete ${String(input.path)}`);
      return 'deleted';
    };
    return [
      tool('add', { a: { type: 'integer' }, b: { type: 'integer' } }, ({ a, b }) => {
        this.log.push(`add ${a} ${b}`);
        return Number(a) + Number(b);
      }),
      tool('note', { text: { type: 'string' } }, ({ text }) => void this.log.push(`note ${text}`)),
      tool('pick', { name: { type: 'string' } }, ({ name }) => VALUES[String(name)]),
      tool('fail', { message: { type: 'string' } }, ({ message }) => {
        this.log.push(`fail ${message}`);
        throw new Error(String(message));
      }),
      tool('abort', {}, () => {
        this.log.push('abort');
        this.aborting.abort();
      }),
      tool('watch', { argument: { type: 'string' } }, ({ argument }) => {
        const [pid] = processesWith(String(argument));
        if (pid === undefined) throw new Error(`No process has the argument ${argument}.`);
        this.processes.push(pid);
      }),
      { ...tool('delete_file', path, remove), needsApproval: true },
      { ...tool('delete_temp', path, remove), needsApproval: ({ path }) => !String(path).startsWith('tmp') },
      {
        ...tool('delete_broken', path, remove),
        needsApproval: () => {
          throw new Error('the rules are gone');
        },
      },
    ];
  }
}

const circular: { self?: unknown } = {};
circular.self = circular;

/** What `tools.pick` returns: things that a framework could take for its own, and things that JSON has not. */
const VALUES: Record<string, unknown> = {
  value: { value: 5 },
  text: { type: 'text', text: 'hi' },
  image: { type: 'image', image: 'aGk=' },
  content: { type: 'content', value: [{ type: 'text', text: 'x' }] },
  mcp: { content: [{ type: 'text', text: 'x' }], isError: false },
  error: { error: true, message: 'not one' },
  nothing: undefined,
  null: null,
  empty: '',
  big: 2n ** 70n,
  nan: Number.NaN,
  bytes: Uint8Array.of(0, 255),
  date: new Date(0),
  map: new Map([['k', new Set([1])]]),
  nested: { a: [{ b: [{ c: { type: 'text', text: 'deep' } }] }] },
  long: 'ä'.repeat(2_500_000),
  circular,
};

export const VALUE_NAMES = Object.keys(VALUES);
