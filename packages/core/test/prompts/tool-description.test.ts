import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { describeCodeTool } from '../../src/prompts/describe-code-tool.ts';
import { estimateTokens } from '../../src/prompts/estimate-tokens.ts';
import { pythonStubs } from '../../src/prompts/python-stubs.ts';
import { TOOL_DESCRIPTION, toolDescription } from '../../src/prompts/tool-description.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import { sampleTools } from './sample-tools.ts';

const tokens = (text: string) => encode(text).length;
const all = ['tools', 'workflows', 'artifacts', 'deps'];

describe('TOOL_DESCRIPTION', () => {
  it('says how a session works', () => {
    expect(TOOL_DESCRIPTION).toMatchInlineSnapshot(`
      "Runs Python code in a session: variables, imports and functions persist between runs. The value of the last expression is the result; print() shows progress. Top-level await works. Do as much as you can in one run: loop over calls, filter in Python, and return only what you need.

      1. Search: workflows.search("what to do"), tools.search("what to do").
      2. If a workflow fits, use it: workflows.invoke("name", arg=...).
      3. Else write code that calls tools.
      4. Save code that worked and will be useful again: workflows.create("name", source, "what it does"); source defines run(...).

      tools.NAME(arg=...) is a plain call: keyword arguments in, data out. To see what there is: tools.list(), tools.search("words"), tools.describe("NAME") for a stub with types.
      To run calls at the same time: await asyncio.gather(tools.a(x=1), tools.b(y=2)); tools.NAME.aio(...) is an awaitable too.
      A call that fails raises ToolError; read its message, then mend the arguments or try another way.

      artifacts.save("name", data), artifacts.load("name") and artifacts.list() keep data beyond this session.
      deps.add("pandas") installs a package.

      display(x) shows images and tables, and matplotlib figures show by themselves. When a result says that the state was lost, import and define again what you need."
    `);
    expect(tokens(TOOL_DESCRIPTION)).toBeLessThanOrEqual(350);
  });

  it('speaks only of the namespaces that are there', () => {
    expect(toolDescription(['tools'])).toMatchInlineSnapshot(`
      "Runs Python code in a session: variables, imports and functions persist between runs. The value of the last expression is the result; print() shows progress. Top-level await works. Do as much as you can in one run: loop over calls, filter in Python, and return only what you need.

      tools.NAME(arg=...) is a plain call: keyword arguments in, data out. To see what there is: tools.list(), tools.search("words"), tools.describe("NAME") for a stub with types.
      To run calls at the same time: await asyncio.gather(tools.a(x=1), tools.b(y=2)); tools.NAME.aio(...) is an awaitable too.
      A call that fails raises ToolError; read its message, then mend the arguments or try another way.

      display(x) shows images and tables, and matplotlib figures show by themselves. When a result says that the state was lost, import and define again what you need."
    `);
    for (const missing of all) {
      const text = toolDescription(all.filter((name) => name !== missing));
      expect(text.includes(`${missing}.`), missing).toBe(false);
    }
  });
});

describe('describeCodeTool', () => {
  it('carries the full stubs of a few tools', () => {
    const text = describeCodeTool({ namespaces: all, tools: { loaded: sampleTools } });
    expect(text.startsWith(`${TOOL_DESCRIPTION}\n\n`)).toBe(true);
    expect(text.slice(TOOL_DESCRIPTION.length + 2)).toMatchInlineSnapshot(`
      "The tools:

      class WeatherResultDaysItem(TypedDict):
          date: str  # format date
          high: float
          low: float | None

      class WeatherResult(TypedDict):
          city: str
          days: list[WeatherResultDaysItem]

      class Issue(TypedDict):
          number: int
          title: str
          state: Literal["open", "closed"]
          parent: NotRequired[int]  # Number of the issue it is part of.

      class tools:
          def weather(*, city: str, days: int = 3, unit: Literal["C", "F"] = "C") -> WeatherResult:
              """Forecast for a city. Days are counted from today.

              Args:
                  days: 1 to 14
                  unit: Unit of the temperatures.
              """
          def now() -> str:
              """The current time.

              Returns: format date-time
              """
          class github:
              class issues:
                  def list(*, repo: str, state: Literal["open", "closed", "all"] = "open", labels: list[str] = ..., since: str | None = None) -> list[Issue]:
                      """Lists issues of a repository.

                      Newest first.

                      Args:
                          repo: owner/name
                      """
                  def create(*, repo: str, title: str, body: str = ...) -> Issue: """Opens an issue."""
          class sql:
              def query(*, sql: str, **kwargs: str) -> list[dict[str, str | float | None]]: """Runs a read-only query.""""
    `);
    expect(tokens(text)).toBeLessThanOrEqual(1_500);
  });

  it('tells less of more tools, within its budget', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        defineTool({
          name: `group${index % 3}.do_thing_${index}`,
          description: 'Does a certain thing to an item. It takes a while and then returns what became of it.',
          input: {
            type: 'object',
            properties: {
              item: { type: 'string', description: 'The item.' },
              depth: { type: 'integer', minimum: 1, description: 'How deep to go.' },
            },
            required: ['item'],
          },
          execute: () => 0,
        }),
      );
    const shape = (count: number) => {
      const text = describeCodeTool({ namespaces: ['tools'], tools: { loaded: many(count) } });
      expect(tokens(text)).toBeLessThanOrEqual(1_500);
      return text.slice(toolDescription(['tools']).length + 2).split('\n')[0];
    };
    expect([4, 30, 100, 1_000].map(shape)).toEqual([
      'The tools:',
      'The tools in short; tools.describe("NAME") tells more:',
      'The tools; tools.describe("NAME") tells their arguments:',
      'There are 1000 tools (tools.group0: 334, tools.group1: 333, tools.group2: 333). Find the ones you need with tools.search("words").',
    ]);
  });

  it.each([1_000, 5_000])('keeps to its budget with %i tools and every namespace', (count) => {
    const tools = Array.from({ length: count }, (_, index) =>
      defineTool({
        name: `service_${index % 100}.${['list', 'get', 'create', 'delete'][index % 4]}_thing_${index}`,
        description: `Does thing number ${index}. It takes a while and then returns what became of it.`,
        input: { type: 'object', properties: { id: { type: 'string', description: 'Which one.' } }, required: ['id'] },
        execute: () => 0,
      }),
    );
    const text = describeCodeTool({ namespaces: all, tools: { loaded: tools } });
    expect(tokens(text)).toBeLessThanOrEqual(1_500);
    expect(text).toContain(`There are ${count} tools`);
    expect(text).toContain('tools.search("words")');
  });

  it('says nothing of tools in a session that has none', () => {
    expect(describeCodeTool({ namespaces: [], tools: { loaded: sampleTools } })).toBe(toolDescription([]));
    expect(describeCodeTool({ namespaces: ['tools'], tools: { loaded: [] } })).toBe(toolDescription(['tools']));
  });
});

it.each([
  ['the description', TOOL_DESCRIPTION],
  ['full stubs', pythonStubs(sampleTools, 'full')],
  ['short stubs', pythonStubs(sampleTools, 'summary')],
  ['names', pythonStubs(sampleTools, 'names')],
  ['a whole text', describeCodeTool({ namespaces: all, tools: { loaded: sampleTools } })],
])('estimates the tokens of %s within 20 %%', (_name, text) => {
  expect(Math.abs(estimateTokens(text) / tokens(text) - 1)).toBeLessThan(0.2);
});
