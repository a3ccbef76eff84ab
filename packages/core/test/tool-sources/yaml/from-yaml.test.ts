import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CodeModeError } from '../../../src/errors.ts';
import { Session } from '../../../src/session.ts';
import { fromYaml } from '../../../src/tool-sources/yaml/index.ts';
import { load, yamlFolder } from '../yaml-folder.ts';

const good = 'name: good\ncommand: echo\nrecipes: {run: {}}\n';

describe('files', () => {
  it('are those that end in .yaml or .yml, in the order of their names', async () => {
    const { names, problems } = await load({
      'b.yml': 'name: b\nrecipes: {run: {}}',
      'a.yaml': 'name: a\nrecipes: {run: {}}',
      'notes.txt': 'no tool',
      '.hidden.yaml': 'no tool',
      'a.yaml.bak': 'no tool',
    });
    expect(names).toEqual(['a', 'a.run', 'b', 'b.run']);
    expect(problems).toEqual([]);
  });

  it('may be links; folders below are left alone', async () => {
    const elsewhere = yamlFolder({ 'x.txt': good });
    const folder = yamlFolder({});
    symlinkSync(join(elsewhere, 'x.txt'), join(folder, 'link.yaml'));
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below', 'b.yaml'), 'name: b\nrecipes: {run: {}}');
    const source = fromYaml(folder);
    expect([...(await source.tools())].map(({ name }) => name)).toEqual(['good', 'good.run']);
    expect(source.problems?.()).toEqual([]);
  });

  it('may be one file, by path or by URL', async () => {
    const folder = yamlFolder({ 'good.yaml': good, 'other.yaml': 'broken' });
    for (const path of [join(folder, 'good.yaml'), pathToFileURL(join(folder, 'good.yaml'))]) {
      expect([...(await fromYaml(path).tools())].map(({ name }) => name)).toEqual(['good', 'good.run']);
    }
  });

  it('are read again after close', async () => {
    const folder = yamlFolder({ 'good.yaml': good });
    const source = fromYaml(folder);
    const names = async () => [...(await source.tools())].map(({ name }) => name);
    expect(await names()).toEqual(['good', 'good.run']);
    writeFileSync(join(folder, 'more.yaml'), 'name: more\nrecipes: {run: {}}');
    expect(await names()).toEqual(['good', 'good.run']);
    await source.close?.();
    expect(await names()).toEqual(['good', 'good.run', 'more', 'more.run']);
  });

  it('an empty folder has no tools', async () => {
    expect(await load({})).toMatchObject({ names: [], problems: [] });
  });

  it('a folder that is not there has no tools, and says so', async () => {
    const source = fromYaml('/no/such/folder');
    expect([...(await source.tools())]).toEqual([]);
    expect(source.problems?.()).toEqual([
      { source: '/no/such/folder', subject: '/no/such/folder', message: '/no/such/folder does not exist.' },
    ]);
  });
});

describe('a bad file never hides the good ones', () => {
  it.each<[string, string | Buffer, string[]]>([
    ['an empty one', '', ['bad.yaml: must hold the keys of one tool, such as `name` and `recipes`.']],
    ['a list', '- a\n- b', ['bad.yaml: must hold the keys of one tool, such as `name` and `recipes`.']],
    [
      'no YAML',
      'name: [a\nb: }',
      [
        'bad.yaml:2:1: is no valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
      ],
    ],
    [
      'a key twice',
      'name: a\ncommand: b\nname: c\n',
      ['bad.yaml:3:1: the key "name" is there twice; remove one of them.'],
    ],
    [
      'two documents',
      `${good}---\n${good}`,
      ['bad.yaml:4:1: holds more than one document; write each tool into a file of its own.'],
    ],
    [
      'a tag',
      'name: !!python/object:os.system x',
      ['bad.yaml:1:7: is no valid YAML: Unresolved tag: tag:yaml.org,2002:python/object:os.system.'],
    ],
    ['other bytes', Buffer.from([0x6e, 0xff, 0xfe]), ['bad.yaml is not UTF-8 text; save it as UTF-8.']],
    ['a huge one', '#'.repeat(1_048_577), ['bad.yaml has 1048577 bytes; a tool file has 1048576 at most.']],
    ['too many aliases', bomb(), ['bad.yaml: Excessive alias count indicates a resource exhaustion attack.']],
    ['no name', 'recipes: {run: {}}', ['bad.yaml:1:1: name is missing; it must be text.']],
    [
      'an unknown type',
      'name: a\ntype: clii',
      ['bad.yaml:2:1: type must be "cli", "mcp", "http" or "openapi", got clii; did you mean "cli"?'],
    ],
    [
      'a name Python cannot call',
      "name: '***'\nrecipes: {run: {}}",
      [
        "bad.yaml: Tool '***': '***' has no letter or digit; rename it to something Python can call.",
        "bad.yaml: Tool '***.run': '***' has no letter or digit; rename it to something Python can call.",
      ],
    ],
    [
      'arguments that Python spells alike',
      'name: a\nschema: {options: {x-y: {}, x_y: {}}}\nrecipes: {run: {}}',
      ['a', 'a.run'].map(
        (name) =>
          `bad.yaml: Tool '${name}': its parameters 'x-y' and 'x_y' are both \`x_y\` in Python; rename one of them in its input schema.`,
      ),
    ],
  ])('%s', async (_, content, messages) => {
    const { names, problems } = await load({ 'bad.yaml': content, 'good.yaml': good });
    expect(names).toEqual(['good', 'good.run']);
    expect(problems.map(({ message }) => message)).toEqual(messages);
    expect(new Set(problems.map(({ subject }) => subject))).toEqual(new Set(['bad.yaml']));
  });

  it('one that is nested without end', async () => {
    const { names, problems } = await load({ 'bad.yaml': '['.repeat(50_000), 'good.yaml': good });
    expect(names).toEqual(['good', 'good.run']);
    expect(problems.map(({ subject }) => subject)).toEqual(['bad.yaml']);
  });

  it('a folder, a pipe and a broken link', async () => {
    const folder = yamlFolder({ 'good.yaml': good });
    mkdirSync(join(folder, 'folder.yaml'));
    symlinkSync('/no/such/file', join(folder, 'link.yaml'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe.yaml')]);
    const source = fromYaml(folder);
    expect([...(await source.tools())].map(({ name }) => name)).toEqual(['good', 'good.run']);
    expect(source.problems?.().map(({ message }) => message.replace(`${folder}/`, ''))).toEqual([
      'folder.yaml is not a regular file.',
      'link.yaml does not exist.',
      'pipe.yaml is not a regular file.',
    ]);
  });

  it('in a session, which lists what was left out', async () => {
    const folder = yamlFolder({ 'bad.yaml': 'name: bad\n', 'good.yaml': good });
    await using session = new Session({ tools: [fromYaml(folder)] });
    expect((await session.tools.list()).map(({ name }) => name)).toEqual(['good', 'good.run']);
    expect(await session.tools.problems()).toMatchObject([{ source: folder, subject: join(folder, 'bad.yaml') }]);
  });
});

describe('names', () => {
  it('two files with one: the second is left out', async () => {
    const { names, problems } = await load({
      'a.yaml': 'name: x\nrecipes: {one: {}}',
      'b.yaml': 'name: x\nrecipes: {two: {}}',
    });
    expect(names).toEqual(['x', 'x.one']);
    expect(problems).toEqual([
      { subject: 'b.yaml', message: "b.yaml: the name 'x' is that of a.yaml too; rename one of the tools." },
    ]);
  });

  it('two files whose names Python spells alike', async () => {
    const { names, problems } = await load({
      'a.yaml': 'name: x-y\nrecipes: {one: {}}',
      'b.yaml': 'name: x_y\nrecipes: {two: {}}',
    });
    expect(names).toEqual(['x-y', 'x-y.one', 'x_y.two']);
    expect(problems).toEqual([
      { subject: 'b.yaml', message: 'b.yaml: `tools.x_y` is a tool of a.yaml too; rename one of them.' },
    ]);
  });

  it('two sources with one: an error that names both', async () => {
    const [one, two] = [yamlFolder({ 'good.yaml': good }), yamlFolder({ 'good.yaml': good })];
    await using session = new Session({ tools: [fromYaml(one), fromYaml(two)] });
    await expect(session.tools.list()).rejects.toThrow(
      `Two tools are named 'good', from '${one}' and '${two}'; give one another name with its source's \`prefix\` or \`rename\` option.`,
    );
  });

  it('may have a prefix, and others', async () => {
    const rename = { good: 'fine', 'good.run': 'fine.go' };
    expect((await load({ 'good.yaml': good }, { prefix: 'p' })).names).toEqual(['p.good', 'p.good.run']);
    expect((await load({ 'good.yaml': good }, { rename })).names).toEqual(['fine', 'fine.go']);
    expect((await load({ 'good.yaml': good }, { prefix: 'p', rename: (name) => `${name}_` })).names).toEqual([
      'p.good_',
      'p.good.run_',
    ]);
  });

  it('that other names make equal are a problem', async () => {
    const { names, problems } = await load({ 'good.yaml': good }, { rename: () => 'same' });
    expect(names).toEqual(['same']);
    expect(problems.map(({ message }) => message)).toEqual([
      'good.yaml: `tools.same` is a tool of good.yaml too; rename one of them.',
    ]);
  });
});

describe('tags', () => {
  const files = {
    'a.yaml': 'name: a\ntags: [net, read]\nrecipes: {run: {}}',
    'b.yaml': 'name: b\ntags: [disk]\nrecipes: {run: {}}',
    'c.yaml': 'name: c\nrecipes: {run: {}}',
  };

  it.each([
    [undefined, ['a', 'a.run', 'b', 'b.run', 'c', 'c.run']],
    [['net'], ['a', 'a.run']],
    [
      ['disk', 'read'],
      ['a', 'a.run', 'b', 'b.run'],
    ],
    [['other'], []],
    [[], []],
  ])('%j', async (tags, expected) => {
    const { names, problems } = await load(files, tags === undefined ? {} : { tags });
    expect(names).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('hide tools, which then cannot be called', async () => {
    await using session = new Session({ tools: [fromYaml(yamlFolder(files), { tags: ['net'] })] });
    await expect(session.tools.call('b.run')).rejects.toThrow("No tool is named 'b.run'. Did you mean 'a.run'?");
  });
});

describe('options', () => {
  it.each([
    [() => fromYaml(''), 'fromYaml takes the path of a folder or a file.'],
    [
      () => fromYaml('x', { cli: { outputBytes: 0 } }),
      'fromYaml: cli.outputBytes must be a whole number of 1 or more, got 0.',
    ],
  ])('that are wrong are refused', (make, message) => {
    expect(make).toThrow(new CodeModeError('invalid_options', message));
  });
});

function bomb(): string {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) {
    const [before, name] = ['abcdefghi'[level - 1], 'abcdefghi'[level]];
    levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
  }
  return `name: x\n${levels.join('\n')}\n`;
}
