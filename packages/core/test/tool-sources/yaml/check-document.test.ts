import { describe, expect, it } from 'vitest';
import { load } from '../yaml-folder.ts';

/** What a file lacks to be a tool is completed, so that each case has one mistake. */
async function problemsOf(text: string): Promise<string[]> {
  return (await load({ 'x.yaml': text })).problems.map(({ message }) => message);
}

const head = 'name: x\nrecipes: {run: {}}\n';

describe('a mistake is named with its place and what to write', () => {
  it.each<[string, string[]]>([
    [`${head}timout: 5`, ['x.yaml:3:1: has the unknown key "timout"; did you mean "timeout"?']],
    [`${head}timeout: soon`, ['x.yaml:3:1: timeout must be a number, got soon.']],
    [`${head}timeout: 0`, ['x.yaml:3:1: timeout must be more than 0, got 0.']],
    [`${head}guard: none`, ['x.yaml:3:1: guard must be "double-dash" or "refuse", got none.']],
    [
      `${head}parse: jsn`,
      ['x.yaml:3:1: parse must be "text", "lines", "json" or "bytes", got jsn; did you mean "json"?'],
    ],
    [`${head}command: [a, b]`, ['x.yaml:3:1: command must be text.']],
    [`${head}tags: http`, ['x.yaml:3:1: tags must be a list, got http.']],
    [`${head}env: {KEY: [1]}`, ['x.yaml:3:7: env.KEY must be text, a number or true or false.']],
    [`${head}env: {'A=B': x}`, ['x.yaml:3:7: env.A=B cannot be named "A=B".']],
    [`${head}cwd: ''`, ['x.yaml:3:1: cwd must not be empty.']],
    [
      `${head}schema:\n  options:\n    max:\n      type: int\n`,
      ['x.yaml:6:7: schema.options.max.type must be "string", "integer", "number", "boolean" or "array", got int.'],
    ],
    [
      `${head}schema:\n  options:\n    max:\n      shrt: m\n`,
      ['x.yaml:6:7: schema.options.max has the unknown key "shrt"; did you mean "short"?'],
    ],
    [`${head}schema:\n  options:\n    --max: {}\n`, ['x.yaml:5:5: schema.options.--max cannot be named "--max".']],
    [
      `${head}schema: {positional: [{type: string}]}`,
      ['x.yaml:3:23: schema.positional.0.name is missing; it must be text.'],
    ],
    [
      `${head}schema:\n  options: {a: {}}\n  positional:\n    - name: b\n    - name: a\n`,
      ['x.yaml:7:7: schema.positional.1.name is the name of another argument; rename one of the two.'],
    ],
    [
      `${head}schema: {options: {a: {}}}\nstdin: {name: a}`,
      ['x.yaml:4:9: stdin.name is the name of another argument; rename one of the two.'],
    ],
    [
      'name: x\nschema: {options: {silent: {type: boolean}}}\nrecipes:\n  get:\n    preset: {silnt: true}\n',
      [
        'x.yaml:5:14: recipes.get.preset.silnt is no option or positional of the command; did you mean "silent"? The schema declares: silent.',
      ],
    ],
    [
      'name: x\nrecipes:\n  get:\n    params: {url: {}}\n',
      ['x.yaml:4:14: recipes.get.params.url is no option or positional of the command. The schema declares none.'],
    ],
    [
      'name: x\nschema: {options: {n: {type: integer}, all: {type: boolean}, l: {type: array}}}\nrecipes: {a: {preset: {n: many, all: 2, l: x}}}',
      [
        "x.yaml:3:24: recipes.a.preset.n must be a whole number, because the argument's type is integer.",
        "x.yaml:3:33: recipes.a.preset.all must be true or false, because the argument's type is boolean.",
        "x.yaml:3:41: recipes.a.preset.l must be a list, because the argument's type is array.",
      ],
    ],
    [
      'name: x\nschema: {options: {all: {type: boolean}}}\nrecipes: {a: {params: {all: {type: string}}}}',
      ['x.yaml:3:30: recipes.a.params.all.type must be boolean, as the argument itself is.'],
    ],
  ])('%j', async (text, messages) => {
    expect(await problemsOf(text)).toEqual(messages);
  });

  it('several in one file, five at most', async () => {
    const options = Array.from({ length: 9 }, (_, index) => `    o${index}: {type: x}`).join('\n');
    expect(await problemsOf(`${head}schema:\n  options:\n${options}\n`)).toHaveLength(5);
  });
});

describe('the older form of py-code-mode', () => {
  const message =
    'recipes is missing or empty; name at least one way to call the command, e.g. `recipes: {run: {params: {NAME: {}}}}`. ' +
    'The older form with an `args` template is not read: declare its options under `schema: {options: …, positional: …}`.';

  it('is refused with what to write', async () => {
    const { names, problems } = await load({ 'x.yaml': 'name: curl\ntype: cli\nargs: "-s {url}"\n' });
    expect(names).toEqual([]);
    expect(problems.map((problem) => problem.message)).toEqual([
      `x.yaml:1:1: ${message}`,
      expect.stringMatching(
        /^x\.yaml:3:1: has the unknown key "args", which is left out; the known keys are name, type, /,
      ),
    ]);
  });

  it.each(['name: x\ncommand: y\n', 'name: x\nrecipes: {}\n', 'name: x\nrecipes:\n'])(
    'as is a command without recipes: %j',
    async (text) => {
      expect((await problemsOf(text)).map((problem) => problem.replace(/^x\.yaml:\d+:\d+: /, ''))).toEqual([message]);
    },
  );
});

describe('what py-code-mode takes', () => {
  it('keys that nobody knows are left out and listed', async () => {
    const { names, problems } = await load({
      'x.yaml': `${head}author: me\nschema: {options: {a: {flag: +a}}}`,
    });
    expect(names).toEqual(['x', 'x.run']);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^x\.yaml:4:24: schema\.options\.a has the unknown key "flag", which is left out; the known keys are type, short, /,
      ),
      expect.stringMatching(
        /^x\.yaml:3:1: has the unknown key "author", which is left out; the known keys are name, type, /,
      ),
    ]);
  });

  it('truth values of YAML 1.1, merge keys, anchors, numbers as text, and empty keys', async () => {
    const { problems, tool } = await load({
      'x.yaml': `
name: x
description:
command: echo
schema:
  options:
    on: &flag {type: boolean, short: 1}
    y: {<<: *flag, short: y}
    n: {short: n, default: 5}
recipes:
  run:
    preset: {on: yes, y: off}
    params:
`,
    });
    expect(problems).toEqual([]);
    expect(tool('x.run').inputSchema).toEqual({
      type: 'object',
      properties: {
        on: { type: 'boolean', default: true },
        y: { type: 'boolean', default: false },
        n: { type: 'string', default: '5' },
      },
      additionalProperties: false,
    });
  });
});
