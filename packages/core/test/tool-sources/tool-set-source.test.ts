import { describe, expect, it } from 'vitest';
import { defineTool } from '../../src/tool-sources/function.ts';
import { nestedCallId } from '../../src/tool-sources/nested-call-id.ts';
import type { Tool } from '../../src/tool-sources/tool.ts';
import { adoptTools, toolSetSource } from '../../src/tool-sources/tool-set-source.ts';

const toTool = (name: string) => defineTool({ name, description: '', execute: () => name });
type Theirs = { runs: boolean };
const items = [
  ['mine', { runs: true }],
  ['theirs', { runs: false }],
] as const;
const obstacle = ({ runs }: Theirs) => (runs ? undefined : 'the model provider runs it');

describe('toolSetSource', () => {
  it('offers at once what is converted at once, and says what is left out', () => {
    const source = toolSetSource<Theirs>({ name: 'set', items, obstacle, convert: (_item, name) => toTool(name) });
    expect(source.tools()).toMatchObject([{ name: 'mine' }]);
    expect(source.problems()).toEqual([
      { source: 'set', subject: 'theirs', message: 'Python cannot call it: the model provider runs it.' },
    ]);
  });

  it('waits for what loads, several tools of one item too', async () => {
    const convert = async (_item: Theirs, name: string) => [toTool(`${name}_1`), toTool(`${name}_2`)];
    const loading = toolSetSource<Theirs>({ name: 'set', items, obstacle, convert }).tools();
    expect(loading).toBeInstanceOf(Promise);
    expect((await loading).map(({ name }) => name)).toEqual(['mine_1', 'mine_2']);
  });

  it('tells whoever needs the tools that they did not load', async () => {
    const convert = (): Promise<Tool> => Promise.reject(new Error('no server'));
    const source = toolSetSource<Theirs>({ name: 'set', items, obstacle, convert });
    await expect(source.tools()).rejects.toThrow('no server');
  });
});

it('adopts the tools of a framework, and takes ours as they are', () => {
  const ours = [toTool('ours'), { name: 'source', tools: () => [] }];
  const foreign = { type: 'function', execute: () => 1 };
  const adopted = adoptTools([...ours, foreign], (theirs) => ({ name: `${theirs.length} of theirs`, tools: () => [] }));
  expect(adopted).toEqual([expect.objectContaining({ name: '1 of theirs' }), ...ours]);
});

it('gives a nested call an id below that of the call around it', () => {
  const context = { sessionId: 's', toolName: 't', signal: new AbortController().signal };
  expect(nestedCallId({ ...context, runId: 'r', callId: 2 }, 'call_1')).toBe('call_1:2');
  expect(nestedCallId({ ...context, runId: 'r', callId: 2 })).toBe('r:2');
  expect(nestedCallId(context)).toBe('s:0');
});
