import { describe, expect, test } from 'vitest';
import { mcpValue, unwrapMcpResult } from '../../src/tool-sources/mcp-result.ts';
import { ToolError, ToolImage } from '../../src/tool-sources/tool.ts';

const text = (value: string) => ({ type: 'text', text: value });
const image = { type: 'image', data: 'AQI=', mimeType: 'image/png' };
const picture = new ToolImage(Buffer.of(1, 2), 'image/png');

describe('the data in an MCP result', () => {
  test.each([
    ['nothing', { content: [] }, null],
    ['text', { content: [text('42')] }, '42'],
    ['text that is data', { content: [text('{"a": [1]}')] }, { a: [1] }],
    ['several parts', { content: [text('a'), image] }, ['a', picture]],
    [
      'structured content, which its text repeats',
      { content: [text('{"a":1}')], structuredContent: { a: 1 } },
      { a: 1 },
    ],
    [
      'structured content and an image',
      { content: [text('x'), image], structuredContent: { a: 1 } },
      { a: 1, _content: [picture] },
    ],
    ['a structured list and an image', { content: [image], structuredContent: [1] }, [[1], picture]],
    [
      'audio',
      { content: [{ type: 'audio', data: 'AQI=', mimeType: 'audio/wav' }] },
      { type: 'audio', data: Buffer.of(1, 2), mimeType: 'audio/wav' },
    ],
    [
      'an image as a resource',
      { content: [{ type: 'resource', resource: { uri: 'f:a', mimeType: 'image/png', blob: 'AQI=' } }] },
      { type: 'resource', resource: { uri: 'f:a', mimeType: 'image/png', blob: picture } },
    ],
    ['a part of a later protocol', { content: [{ type: 'smell', text: 'rose' }] }, { type: 'smell', text: 'rose' }],
  ])('%s', (_, result, expected) => {
    expect(mcpValue(result)).toEqual(expected);
  });

  test('is no data when the tool failed', () => {
    const failed = { content: [text('no'), text('way')], isError: true, structuredContent: { code: 7 } };
    expect(() => mcpValue(failed)).toThrow(new ToolError('no\nway', { code: 7 }));
    expect(() => mcpValue({ content: [], isError: true })).toThrow('The tool failed.');
  });

  test('is only looked for in what is an MCP result', () => {
    expect(unwrapMcpResult({ content: [text('a')] })).toBe('a');
    const other = { content: [{ type: 'smell' }] };
    expect(unwrapMcpResult(other)).toBe(other);
  });
});
