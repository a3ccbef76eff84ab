import { expect, it } from 'vitest';
import { ToolCatalog } from '../../src/namespaces/tool-catalog.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const tool = (name: string, description = `Does ${name}. More on it.`) =>
  defineTool({ name, description, input: { type: 'object', properties: { q: { type: 'string' } } }, execute: () => 0 });

const catalog = new ToolCatalog();
catalog.add([tool('weather', 'Forecast for a city.'), tool('github.list-issues'), tool('github.class')], 'functions');

it('lists in the detail asked for', () => {
  expect(catalog.list()[1]).toEqual({
    name: 'github.list_issues',
    signature: 'tools.github.list_issues(*, q: str = ...) -> Any',
    description: 'Does github.list-issues.',
  });
  expect(catalog.list('names')).toEqual([
    { name: 'weather' },
    { name: 'github.list_issues' },
    { name: 'github.class_' },
  ]);
  expect(catalog.list('full')[0]?.stub).toBe(catalog.describe('weather'));
});

it('searches, also for tools that came after the first search', () => {
  const growing = new ToolCatalog();
  growing.add([tool('a.first')]);
  expect(growing.search('second')).toEqual([]);
  growing.add([tool('b.second')], 'late');
  expect(growing.search('second', 1).map(({ name }) => name)).toEqual(['b.second']);
});

it.each(['github.list-issues', 'github.list_issues', 'tools.github.list_issues'])('describes %s', (name) => {
  expect(catalog.describe(name)).toBe(`# Calls return data. tools.NAME.aio(...) is the awaitable form.
class tools:
    class github:
        def list_issues(*, q: str = ...) -> Any: """Does github.list-issues. More on it."""`);
});

it('describes a group', () => {
  expect(catalog.describe('tools.github').match(/def \w+/gu)).toEqual(['def list_issues', 'def class_']);
});

it.each([
  ['tools.wether', "No tool is named 'tools.wether'. Did you mean 'weather'?"],
  ['github.listIssues', "No tool is named 'github.listIssues'. Did you mean 'github.list_issues'?"],
  ['zzz', "No tool is named 'zzz'. There are: weather, github.list_issues, github.class_."],
])('says what %s could be', (name, message) => {
  expect(() => catalog.describe(name)).toThrow(expect.objectContaining({ code: 'tool_not_found', message }));
});

it.each([
  [
    'weather',
    "Two tools are named 'weather', from 'functions' and 'mcp'; give one another name with its source's `prefix` or `rename` option.",
  ],
  [
    'github.list_issues',
    "Tools 'github.list-issues' (from 'functions') and 'github.list_issues' (from 'mcp') are both `tools.github.list_issues` in Python; give one another name with its source's `prefix` or `rename` option.",
  ],
])('refuses a second %s', (name, message) => {
  expect(() => catalog.add([tool(name)], 'mcp')).toThrow(expect.objectContaining({ code: 'invalid_options', message }));
});
