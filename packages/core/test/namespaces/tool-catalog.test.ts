import { describe, expect, it } from 'vitest';
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
  expect(catalog.describe('weather')).toBe(
    `# Calls return data. tools.NAME.aio(...) is the awaitable form.\n${catalog.list('full')[0]?.stub}`,
  );
});

it('searches, also for tools that came after the first search', async () => {
  const growing = new ToolCatalog();
  growing.add([tool('a.first')]);
  expect(await growing.search('second')).toEqual([]);
  growing.add([tool('b.second')], 'late');
  expect((await growing.search('second', 1)).map(({ name }) => name)).toEqual(['b.second']);
});

describe('search', () => {
  const several = new ToolCatalog();
  several.add([
    tool('mail.send', 'Sends a letter. It may have a calendar attached.'),
    tool('calendar.create_event', 'Enters an appointment.'),
    tool('github.list_issues', 'Lists what is open.'),
    tool('rooms.book', 'Finds a room in the calendar.'),
  ]);
  const names = async (query: string, limit?: number) => (await several.search(query, limit)).map(({ name }) => name);

  it('67: ranks a match in the name over one in the description', async () => {
    expect((await names('calendar'))[0]).toBe('calendar.create_event');
    expect((await names('calendar')).toSorted()).toEqual(['calendar.create_event', 'mail.send', 'rooms.book']);
  });

  it('67: respects the limit', async () => {
    expect(await names('calendar', 1)).toEqual(['calendar.create_event']);
    expect(await names('calendar', 2)).toHaveLength(2);
  });

  it('67: finds a part of a word when nothing else is found, in names first', async () => {
    expect(await names('hub')).toEqual(['github.list_issues']);
    expect(await names('oint')).toEqual(['calendar.create_event']);
    expect(await names('end')).toEqual(['mail.send', 'calendar.create_event', 'rooms.book']);
    expect(await names('end', 1)).toEqual(['mail.send']);
    expect(await names('  ')).toEqual([]);
  });

  it('answers in the detail asked for', async () => {
    expect(await several.search('hub', 1, 'names')).toEqual([{ name: 'github.list_issues' }]);
    expect(await several.search('hub', 1)).toEqual([several.list()[2]]);
    expect(await several.search('hub', 1, 'full')).toEqual([several.list('full')[2]]);
  });
});

it('68: a signature has the types and the defaults, and the stub what the parameters mean', () => {
  const curl = new ToolCatalog();
  curl.add([
    defineTool({
      name: 'curl.get',
      description: 'Fetches a page.',
      input: {
        type: 'object',
        properties: {
          url: { type: 'string', description: 'Where it is.' },
          timeout: { type: 'integer', default: 30, description: 'In seconds.' },
        },
        required: ['url'],
      },
      execute: () => 0,
    }),
  ]);
  expect(curl.list()).toEqual([
    {
      name: 'curl.get',
      signature: 'tools.curl.get(*, url: str, timeout: int = 30) -> Any',
      description: 'Fetches a page.',
    },
  ]);
  expect(curl.list('full')[0]?.stub).toBe(`class tools:
    class curl:
        def get(*, url: str, timeout: int = 30) -> Any:
            """Fetches a page.

            Args:
                url: Where it is.
                timeout: In seconds.
            """`);
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
