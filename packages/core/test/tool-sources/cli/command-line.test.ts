import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/tool-sources/cli/command-line.ts';
import { type CliFile, cliDefinition } from '../../../src/tool-sources/cli/definition.ts';

const schema: CliFile['schema'] = {
  options: {
    all: { type: 'boolean', short: 'a' },
    brief: { type: 'boolean' },
    exclude: { type: 'array' },
    header: { type: 'array', short: 'H' },
    name: {},
    n: { type: 'integer', short: 'n' },
    find: { short: 'path' },
    ratio: { type: 'number' },
  },
  positional: [{ name: 'from' }, { name: 'to' }],
};

function line(
  given: Record<string, unknown>,
  inFile: Record<string, never> | object = {},
  file: Partial<CliFile> = {},
) {
  const definition = cliDefinition.parse({ name: 'tool', schema, recipes: { run: {} }, ...file });
  return commandLine(definition, new Map(Object.entries(given)), new Map(Object.entries(inFile)));
}

describe('options', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ all: true, brief: true }, ['-a', '--brief']],
    [{ all: false, brief: false }, []],
    [{ name: 'x', n: 5, ratio: 0.5 }, ['--name', 'x', '-n', '5', '--ratio', '0.5']],
    [{ name: '' }, ['--name', '']],
    [{ exclude: ['b', 'a', 1] }, ['--exclude', 'b', '--exclude', 'a', '--exclude', '1']],
    [{ header: ['A: 1', 'B: 2'] }, ['-H', 'A: 1', '-H', 'B: 2']],
    [{ header: [] }, []],
    [{ find: 'x' }, ['-path', 'x']],
  ])('%j', (given, words) => {
    expect(line(given)).toEqual(words);
  });

  it('come in the order of the schema, positionals in theirs after them', () => {
    expect(line({ to: 'b', from: 'a', name: 'x', all: true })).toEqual(['-a', '--name', 'x', 'a', 'b']);
  });

  it('of the caller go before those of the file', () => {
    const inFile = { name: 'file', all: true, from: 'here' };
    expect(line({}, inFile)).toEqual(['-a', '--name', 'file', 'here']);
    expect(line({ name: 'mine', all: false, from: 'there' }, inFile)).toEqual(['--name', 'mine', 'there']);
  });

  it('of the file may be text where a number or a flag is meant, for variables give text', () => {
    expect(line({}, { n: '7', brief: 'true', all: 'false' })).toEqual(['--brief', '-n', '7']);
  });
});

describe('values that begin with a dash', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{ name: '--help' }, ['--name=--help']],
    [{ n: -5 }, ['-n-5']],
    [{ ratio: -0.5 }, ['--ratio=-0.5']],
    [{ exclude: ['-x', 'y'] }, ['--exclude=-x', '--exclude', 'y']],
    [{ header: ['-x'] }, ['-H-x']],
    [{ from: '-rf', to: '/' }, ['--', '-rf', '/']],
    [{ from: 'a', to: '--help' }, ['a', '--', '--help']],
    [{ from: '-a', to: '-b' }, ['--', '-a', '-b']],
    [{ name: 'x', from: '--' }, ['--name', 'x', '--', '--']],
    [{ from: '-' }, ['-']],
  ])('cannot become options: %j', (given, words) => {
    expect(line(given)).toEqual(words);
  });

  it('are as they are when the file says them', () => {
    expect(line({ to: 'x' }, { name: '--a', from: '-la' })).toEqual(['--name', '--a', '-la', 'x']);
    expect(line({ to: '-x' }, { from: '-la' })).toEqual(['-la', '--', '-x']);
  });

  it('are refused after a flag of several letters behind one dash', () => {
    expect(() => line({ find: '-delete' })).toThrow(
      'find must not begin with a dash: after -path it could be taken for an option. Got "-delete".',
    );
  });

  it.each([{ from: '-x' }, { name: '-x' }, { header: ['a', '-x'] }])('are refused without a guard: %j', (given) => {
    expect(() => line(given, {}, { guard: 'refuse' })).toThrow(
      `${Object.keys(given)[0]} must not begin with a dash: the command would take it for an option. Got "-x".`,
    );
  });
});

describe('what no command line can carry', () => {
  it.each([
    [{ from: 'a\0b' }, 'from: a NUL character cannot be passed to a command.'],
    [{ header: ['\0'] }, 'header: a NUL character cannot be passed to a command.'],
    [{ name: '\ud800' }, 'name: half a surrogate pair cannot be passed to a command; pass valid text.'],
  ])('is refused', (given, message) => {
    expect(() => line(given)).toThrow(message);
  });
});
