import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SubprocessExecutor } from '../../../src/executors/subprocess/index.ts';
import { Session } from '../../../src/session.ts';
import { fromYaml } from '../../../src/tool-sources/yaml/index.ts';
import { load } from '../yaml-folder.ts';

/** Files as py-code-mode reads them, and commands of those names that show their arguments. */
const fixtures = join(import.meta.dirname, '../fixtures');
const env = { ...process.env, PATH: `${join(fixtures, 'bin')}:${process.env.PATH}` };

const executor = new SubprocessExecutor();
const session = new Session({ executor, tools: [fromYaml(join(fixtures, 'tools'), { env })] });
afterAll(async () => {
  await session.close();
  await executor.close();
});

/** The words of the command line that a call makes. */
async function words(code: string): Promise<string[]> {
  const text = await value(code);
  return [...String(text).matchAll(/<([^>]*)>\n/g)].map((match) => match[1] as string);
}

async function value(code: string): Promise<unknown> {
  const result = await session.run(code);
  if (result.status !== 'completed') throw new Error(JSON.stringify(result));
  return result.result;
}

async function failure(code: string): Promise<{ name: string; message: string }> {
  const result = await session.run(code);
  if (result.status !== 'failed') throw new Error(JSON.stringify(result));
  return { name: result.error.name, message: result.error.message };
}

it('reads every file', async () => {
  expect(await session.tools.problems()).toEqual([]);
  expect((await session.tools.list()).map(({ name }) => name)).toEqual([
    ...['curl', 'curl.get', 'curl.post'],
    ...['jq', 'jq.query', 'jq.raw'],
    ...['my_echo', 'my_echo.say'],
    ...['scan', 'scan.scan', 'scan.ports', 'scan.most_known'],
  ]);
});

describe('recipes', () => {
  it.each<[string, string[]]>([
    // A recipe, and its presets.
    ['tools.curl.get(url="http://x")', ['-s', '-L', 'http://x']],
    // What is outside of its params is welcome too.
    [
      'tools.curl.get(url="u", header=["A: 1", "B: 2"], max_time=3)',
      ['-s', '-L', '-H', 'A: 1', '-H', 'B: 2', '--max-time', '3', 'u'],
    ],
    // The caller goes before the preset; a flag that is false is left out.
    ['tools.curl.post(url="u", data="d", request="PUT", silent=False)', ['-d', 'd', '-X', 'PUT', 'u']],
    // The bare command.
    ['tools.curl(url="u", data="d")', ['-d', 'd', 'u']],
    // Defaults of parameters stand where nothing else does.
    ['tools.scan.ports(target="h")', ['--sV', '--p', '1-1000', '--T', '10', 'h', 'fast']],
    ['tools.scan.ports(target="h", T=2, p="22", mode="slow")', ['--sV', '--p', '22', '--T', '2', 'h', 'slow']],
    // A recipe with the tool's name is what the bare command does.
    ['tools.scan(target="h")', ['--T', '4', 'h', 'fast']],
    ['tools.scan.scan(target="h")', ['--T', '4', 'h', 'fast']],
    ['tools.scan.most_known(target="h", exclude=["b", "a"])', ['--exclude', 'b', '--exclude', 'a', 'h', 'fast']],
    // None is absent, also in place of a preset.
    ['tools.curl.post(url="u", data=None, header=None, request=None)', ['-s', '-X', 'POST', 'u']],
    // No shell, and no options out of values.
    ['tools.curl.get(url="; rm -rf / | $(id)")', ['-s', '-L', '; rm -rf / | $(id)']],
    ['tools.curl.get(url="--config=/x", data="-K")', ['-s', '-L', '-d-K', '--', '--config=/x']],
    // Every form of a call.
    ['await tools.curl(url="u")', ['u']],
    ['await tools.curl.get.aio(url="u")', ['-s', '-L', 'u']],
    ['tools["curl.get"](url="u")', ['-s', '-L', 'u']],
    ['t = tools.curl\nt.get(url="u")', ['-s', '-L', 'u']],
    ['getattr(tools.curl, "get")(**{"url": "u", "max-time": 1})', ['-s', '-L', '--max-time', '1', 'u']],
    [
      'import asyncio\n"".join(await asyncio.gather(tools.curl(url="a"), tools.curl.get(url="b")))',
      ['a', '-s', '-L', 'b'],
    ],
  ])('%s', async (code, expected) => {
    expect(await words(code)).toEqual(expected);
  });

  it('return what the command prints', async () => {
    expect(await value('tools.my_echo.say(message="-n é")')).toBe('-- -n é\n');
    expect(await value('tools.my_echo(message="hello")')).toBe('hello\n');
  });
});

it('a preset goes before the default of a parameter, as in py-code-mode', async () => {
  const { tool, call } = await load({
    'x.yaml': `
name: x
command: echo
schema: {options: {n: {type: integer, default: 1}}}
recipes: {run: {preset: {n: 3}, params: {n: {default: 2}}}, other: {params: {n: {default: 2}}}}`,
  });
  expect(tool('x.run').inputSchema.properties).toEqual({ n: { type: 'integer', default: 3 } });
  expect(await call('x.run')).toBe('--n 3\n');
  expect(await call('x.other')).toBe('--n 2\n');
  expect(await call('x')).toBe('--n 1\n');
  expect(await call('x.run', { n: 4 })).toBe('--n 4\n');
});

describe('mistakes', () => {
  it.each([
    [
      'tools.curl.nope(url="u")',
      'ToolNotFoundError',
      "Line 1: Tool 'curl.nope' not found. Did you mean 'curl.get'? Its signature: tools.curl.get(url, silent=..., location=..., header=..., data=..., request=..., max_time=...). Available: curl.get, curl.post. Find tools with tools.search(\"curl nope\"). Nothing has run.",
    ],
    [
      'tools.crul.get(url="u")',
      'ToolNotFoundError',
      "Line 1: Tool 'crul' not found. Did you mean 'curl'? Its signature: tools.curl(url, silent=..., location=..., header=..., data=..., request=..., max_time=...). Available: curl, jq, my_echo, scan. Find tools with tools.search(\"crul\"). Nothing has run.",
    ],
    [
      'tools.my_echo.say()',
      'ToolArgumentError',
      "Line 1: tools.my_echo.say() is missing the required argument 'message'. Its signature: tools.my_echo.say(message). Nothing has run.",
    ],
    [
      'tools.my_echo.say(message=None)',
      'ToolArgumentError',
      'tools.my_echo.say(message=…): message must be a string, got None',
    ],
    [
      'tools.my_echo.say(mesage="x")',
      'ToolArgumentError',
      "Line 1: tools.my_echo.say() has no argument 'mesage'. Did you mean 'message'? Its signature: tools.my_echo.say(message). Nothing has run.",
    ],
    [
      'given = {"mesage": "x"}\ntools.my_echo.say(**given)',
      'ToolArgumentError',
      "tools.my_echo.say() has no argument 'mesage'. Did you mean 'message'? Its signature: tools.my_echo.say(message).",
    ],
    [
      'tools.my_echo.say("x")',
      'ToolArgumentError',
      'Line 1: tools.my_echo.say() takes keyword arguments only. Write tools.my_echo.say(message="x"). Nothing has run.',
    ],
    [
      'tools.curl(url="u", silent="yes", header="A: 1", max_time="soon")',
      'ToolArgumentError',
      'tools.curl(silent=…): silent must be a boolean, got "yes" (str)\ntools.curl(header=…): header must be a list of string or number, got "A: 1" (str)\ntools.curl(max_time=…): max_time must be an integer, got "soon" (str)',
    ],
  ])('%s', async (code, name, message) => {
    expect(await failure(code)).toEqual({ name, message });
  });
});

it('describes the command and its recipes together', async () => {
  expect(await value('tools.describe("scan")')).toBe(`# Calls return data. tools.NAME.aio(...) is the awaitable form.
class tools:
    def scan(*, target: str, mode: str = "fast", sV: bool = ..., p: str = ..., T: int = 4, exclude: list[str | float] = ...) -> str:
        """Looks fast

        Args:
            sV: Versions of services
            p: Ports, e.g. "22,80" or "1-1000"
            T: How fast, 0 to 5
        """
    class scan:
        def scan(*, target: str, mode: str = "fast", sV: bool = ..., p: str = ..., T: int = 4, exclude: list[str | float] = ...) -> str:
            """Looks fast

            Args:
                sV: Versions of services
                p: Ports, e.g. "22,80" or "1-1000"
                T: How fast, 0 to 5
            """
        def ports(*, target: str, p: str = "1-1000", T: int = 10, mode: str = "fast", sV: bool = True, exclude: list[str | float] = ...) -> str:
            """Looks at the ports of a host

            Args:
                p: Which ports
                T: How fast, 0 to 5
                sV: Versions of services
            """
        def most_known(*, target: str, mode: str = "fast", sV: bool = ..., p: str = ..., T: int = ..., exclude: list[str | float] = ...) -> str:
            """Looks at the ports of a host

            Args:
                sV: Versions of services
                p: Ports, e.g. "22,80" or "1-1000"
                T: How fast, 0 to 5
            """`);
  expect(await value('[entry["name"] for entry in tools.search("port", limit=2)]')).toEqual(
    expect.arrayContaining(['scan.ports']),
  );
});
