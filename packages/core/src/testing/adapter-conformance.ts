import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../events.ts';
import type { RunResult } from '../run-result.ts';
import type { SessionOptions } from '../session-options.ts';
import type { JsonSchema } from '../tool-sources/tool.ts';

/** Runs one agent loop of a framework, with a scripted model in place of a real one. */
export interface AdapterHarness {
  /**
   * Makes a session with `tools` as tools of the framework, lets the model call `runCode` with each program in turn and
   * then answer `done`, and closes the session. May reject when `signal` aborts the loop.
   */
  runLoop(options: LoopOptions): Promise<LoopOutcome>;
}

export interface LoopOptions {
  /** The programs the model writes, one for each step. */
  programs: string[];
  tools?: NeutralTool[];
  signal?: AbortSignal;
  onApproval?: SessionOptions['onApproval'];
  onEvent?: SessionOptions['onEvent'];
}

/** A tool in no framework's terms; the harness makes one of its framework's. */
export interface NeutralTool {
  name: string;
  description: string;
  inputSchema: JsonSchema;
  /** The framework's own gate, e.g. `needsApproval`, is set. */
  needsApproval?: boolean;
  execute(input: Record<string, unknown>): unknown;
}

export interface LoopOutcome {
  /** What the model read as the description of `runCode` at its first step. */
  description: string;
  /** What the model read as the result of each `runCode` call. */
  seen: { text: string; images: { mediaType: string; data: string }[] }[];
  /** What the application got as the result of each `runCode` call. */
  results: unknown[];
  /** The model's answer. */
  finalText: string;
}

/** The suite every adapter passes: a program's results, tools, gates and failures reach model and application alike. */
export function adapterConformance(name: string, { runLoop }: AdapterHarness): void {
  describe(`adapter conformance: ${name}`, () => {
    it('gives the model the value of the last expression, and the loop goes on', async () => {
      const { seen, finalText } = await runLoop({ programs: ['6 * 7'] });
      expect(seen).toEqual([{ text: 'Result: 42', images: [] }]);
      expect(finalText).toBe('done');
    });

    it('keeps stdout and stderr in order', async () => {
      const { seen } = await runLoop({ programs: ['import sys\nprint("a")\nprint("b", file=sys.stderr)\nprint("c")'] });
      expect(seen[0]?.text).toBe('a\n[stderr]\nb\n[end of stderr]\nc');
    });

    it('hands images to the model as images', async () => {
      const { seen } = await runLoop({ programs: [showsPng] });
      expect(seen[0]?.images).toEqual([{ mediaType: 'image/png', data: PNG }]);
    });

    it('shows a failed program as a traceback, and the loop goes on', async () => {
      const { seen, finalText } = await runLoop({ programs: ['print("before")\n1 / 0'] });
      expect(seen[0]?.text).toMatch(
        /^before\nTraceback[\s\S]*line 2[\s\S]*1 \/ 0[\s\S]*\nZeroDivisionError: division by zero$/u,
      );
      expect(finalText).toBe('done');
    });

    it('keeps variables from call to call', async () => {
      const { seen } = await runLoop({ programs: ['x = 41', 'x + 1'] });
      expect(seen.map(({ text }) => text)).toEqual(['(no output)', 'Result: 42']);
    });

    it('lets Python call the tools of the framework', async () => {
      const { seen, description } = await runLoop({ programs: ['tools.add(a=1, b=2) + 1'], tools: [add] });
      expect(description).toContain('add(*, a: int, b: int)');
      expect(seen[0]?.text).toBe('Result: 4');
    });

    it('refuses wrong arguments before the tool runs', async () => {
      const inputs: unknown[] = [];
      const spy = { ...add, execute: (input: Record<string, unknown>) => inputs.push(input) };
      const { seen } = await runLoop({ programs: ['tools.add(a="one", b=2)'], tools: [spy] });
      expect(seen[0]?.text).toMatch(/: tools\.add\(a=…\): a must be an integer, got .one. \(str\)$/u);
      expect(inputs).toEqual([]);
    });

    it('shows what a tool throws', async () => {
      const broken = { ...add, execute: () => Promise.reject(new Error('the disk is full')) };
      const program = 'try:\n    tools.add(a=1, b=2)\nexcept Exception as error:\n    print("caught", error)';
      const { seen } = await runLoop({ programs: [program], tools: [broken] });
      expect(seen[0]?.text).toBe('caught the disk is full');
    });

    it('denies a gated tool when nobody can be asked', async () => {
      const { tool, deleted } = gatedTool();
      const { seen, finalText } = await runLoop({ programs: ['tools.delete_file(path="a.txt")'], tools: [tool] });
      expect(deleted).toEqual([]);
      expect(seen[0]?.text).toMatch(/needs approval and nobody can be asked/u);
      expect(finalText).toBe('done');
    });

    it('asks for a gated tool, and runs it once approved', async () => {
      const { tool, deleted } = gatedTool();
      const asked: unknown[] = [];
      const { seen } = await runLoop({
        programs: ['tools.delete_file(path="a.txt") == "deleted"'],
        tools: [tool],
        onApproval: (requests) =>
          requests.map(({ requestId, toolName, arguments: args }) => {
            asked.push([toolName, args, [...deleted]]);
            return { requestId, approved: true };
          }),
      });
      expect(asked).toEqual([['delete_file', { path: 'a.txt' }, []]]);
      expect(deleted).toEqual(['a.txt']);
      expect(seen[0]?.text).toBe('Result: True');
    });

    it('tells Python why a gated tool was denied', async () => {
      const { tool, deleted } = gatedTool();
      const { seen } = await runLoop({
        programs: ['try:\n    tools.delete_file(path="a.txt")\nexcept Exception as error:\n    print(error)'],
        tools: [tool],
        onApproval: (requests) =>
          requests.map(({ requestId }) => ({ requestId, approved: false, message: 'Not on a Friday.' })),
      });
      expect(deleted).toEqual([]);
      expect(seen[0]?.text).toBe('Not on a Friday.');
    });

    it('stops Python when the loop is aborted', async () => {
      const controller = new AbortController();
      const ends: RunResult[] = [];
      const onEvent = (event: SessionEvent) => {
        if (event.type === 'run-end') ends.push(event.result);
      };
      const started = { ...add, execute: () => controller.abort() };
      const programs = ['import time\ntools.add(a=1, b=2)\ntime.sleep(600)'];
      await runLoop({ programs, tools: [started], signal: controller.signal, onEvent }).catch(() => {});
      expect(ends).toMatchObject([{ status: 'interrupted', reason: 'aborted' }]);
    });

    it('gives the application plain JSON, whatever Python returns', async () => {
      const { seen, results, finalText } = await runLoop({ programs: [oddValues, 'None'] });
      for (const result of results) {
        expect(JSON.parse(JSON.stringify(result))).toStrictEqual(result);
        expect(Object.keys(result as object).filter((key) => key === 'type' || key === 'value')).toEqual([]);
      }
      expect(results).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
      expect(seen[0]?.text).toContain('1180591620717411303424');
      expect(finalText).toBe('done');
    });

    it('takes what a tool returns that JSON has not', async () => {
      const odd = {
        big: 2n ** 70n,
        map: new Map([['k', 1]]),
        nothing: undefined,
        bytes: Uint8Array.of(1, 2),
        nan: Number.NaN,
      };
      const program =
        'r = tools.odd()\n[r["big"] == 2**70, r["map"] == {"k": 1}, r.get("nothing"), r["bytes"] == b"\\1\\2", r["nan"] != r["nan"]]';
      const { seen } = await runLoop({
        programs: [program],
        tools: [{ name: 'odd', description: 'Odd values.', inputSchema: NO_ARGUMENTS, execute: () => odd }],
      });
      expect(seen[0]?.text).toBe('Result: [True, True, None, True, True]');
    });

    it('says that the state was lost', async () => {
      const { seen } = await runLoop({ programs: ['x = 1', 'import os\nos._exit(3)', '"x" in globals()'] });
      expect(seen[1]?.text).toContain('The Python process exited with code 3');
      expect(seen[2]?.text).toMatch(/^\[The Python session is new[\s\S]*\nResult: False$/u);
    });
  });
}

const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

const add: NeutralTool = {
  name: 'add',
  description: 'Adds two whole numbers.',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'integer' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  execute: ({ a, b }) => (a as number) + (b as number),
};

function gatedTool(): { tool: NeutralTool; deleted: unknown[] } {
  const deleted: unknown[] = [];
  const tool = {
    name: 'delete_file',
    description: 'Deletes a file.',
    inputSchema: {
      type: 'object',
      properties: { path: { type: 'string' } },
      required: ['path'],
      additionalProperties: false,
    },
    needsApproval: true,
    execute: ({ path }: Record<string, unknown>) => {
      deleted.push(path);
      return 'deleted';
    },
  };
  return { tool, deleted };
}

/** One transparent pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const showsPng = `
import base64
class Pixel:
    def _repr_png_(self):
        return base64.b64decode("${PNG}")
display(Pixel())
`;

const oddValues = `
import datetime, decimal
[2**70, float("nan"), float("inf"), b"\\x00\\xff", {1}, datetime.date(2024, 1, 2), decimal.Decimal("0.1"), object, {1: 2}]
`;
