import { describe, expect, it } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromYaml } from '../../../src/tool-sources/yaml/index.ts';
import { load, script, thrown, yamlFolder } from '../yaml-folder.ts';

const host = { PATH: process.env.PATH };

describe('variables of the host', () => {
  it.each<[string, Record<string, string>, string]>([
    ['${X}', { X: 'one' }, 'one'],
    ['a ${X}-${Y} ${X}', { X: '1', Y: '2' }, 'a 1-2 1'],
    ['${X:-two}', {}, 'two'],
    ['${X:-two}', { X: '' }, 'two'],
    ['${X:-}', {}, ''],
    ['${X}', { X: '' }, ''],
    ['${X:-a b:-c}', {}, 'a b:-c'],
    ['$X $$ ${1} ${} $(x)', { X: 'one' }, '$X $$ ${1} ${} $(x)'],
    ['$${X} $${', { X: 'one' }, '${X} ${'],
    ['${X}', { X: '${Y} $& \\' }, '${Y} $& \\'],
  ])('%s with %j is %j', async (text, variables, expected) => {
    const file = script('printf %s "$VALUE"', `env: {VALUE: '${text}'}`);
    const { call, problems } = await load({ 'tool.yaml': file }, { env: { ...host, ...variables } });
    expect(problems).toEqual([]);
    expect(await call('tool.run')).toBe(expected);
  });

  it('come from process.env by default', async () => {
    const { call } = await load({ 'tool.yaml': script('printf %s "$VALUE"', 'env: {VALUE: "${PATH}"}') });
    expect(await call('tool.run')).toBe(process.env.PATH);
  });

  it('stand for presets, the command and its folder too, but not in descriptions', async () => {
    const file = `
name: tool
description: Prints \${WORD}.
command: \${COMMAND}
cwd: \${FOLDER:-/}
schema: {options: {n: {type: integer, short: n}}, positional: [{name: word}]}
recipes: {run: {preset: {n: '\${COUNT}', word: '\${WORD}'}}}`;
    const env = { ...host, COMMAND: 'head', COUNT: '1', WORD: '/etc/hostname' };
    const { tool, call, problems } = await load({ 'tool.yaml': file }, { env });
    expect(problems).toEqual([]);
    expect(tool('tool').description).toBe('Prints ${WORD}.');
    expect((await call('tool.run')) as string).toMatch(/^\S+\n$/);
  });

  it('need quotes inside braces, and the problem says so', async () => {
    const { problems } = await load({ 'a.yaml': script('', 'env: {A: ${X}, B: x}') });
    expect(problems.map(({ message }) => message)).toEqual([
      'a.yaml:8:11: is no valid YAML: Unexpected flow-map-start at node end; inside braces and brackets, write "${NAME}" in quotes.',
    ]);
  });

  it('that are missing are a problem that names them, and hide no other tool', async () => {
    const { names, problems } = await load(
      {
        'a.yaml': script('', 'env:\n  A: ${GITHUB_TOKEN}\n  B: ${B:?no}\n  C: ${D:-${E}}'),
        'b.yaml': 'name: b\nrecipes: {run: {}}',
      },
      { env: host },
    );
    expect(names).toEqual(['b', 'b.run']);
    expect(problems.map(({ message }) => message)).toEqual([
      'a.yaml:9:3: env.A needs the variable GITHUB_TOKEN, which is not set; set it, or write ${GITHUB_TOKEN:-default}.',
      'a.yaml:10:3: env.B has ${B:?no}, which is not understood; write ${B} or ${B:-default}, or $${ for a plain ${.',
      'a.yaml:11:3: env.C has ${D:-${E}, which is not understood; write ${D} or ${D:-default}, or $${ for a plain ${.',
    ]);
  });

  it('are in no message about the file', async () => {
    const { problems } = await load(
      { 'tool.yaml': script('', 'parse: ${PARSE}\ntimeout: ${TIME}') },
      { env: { ...host, PARSE: 'sesame-1', TIME: 'sesame-2' } },
    );
    expect(problems.map(({ message }) => message)).toEqual([
      'tool.yaml:9:1: timeout must be a number, got ${TIME}.',
      'tool.yaml:8:1: parse must be "text", "lines", "json" or "bytes", got ${PARSE}.',
    ]);
  });
});

describe('a secret of the host', () => {
  const secret = 'open-sesame-42';
  const env = { ...host, API_TOKEN: secret, DATABASE: `redis://me:${secret}@db/0`, REGION: 'us-east-1' };

  it('is in no schema: a default that comes from a variable is not shown', async () => {
    const file = `
name: tool
schema:
  options: {header: {type: array}, token: {default: '\${API_TOKEN}'}, region: {}}
recipes: {run: {preset: {header: ['Authorization: Bearer \${API_TOKEN}'], region: west}, params: {token: {required: true}}}}`;
    const { tool } = await load({ 'tool.yaml': file }, { env });
    expect(tool('tool.run').inputSchema).toEqual({
      type: 'object',
      properties: {
        token: { type: 'string' },
        header: { type: 'array', items: { type: ['string', 'number'] } },
        region: { type: 'string', default: 'west' },
      },
      additionalProperties: false,
    });
  });

  it('is in no name', async () => {
    const { names } = await load({ 'tool.yaml': 'name: a${API_TOKEN}\nrecipes: {run: {}}' }, { env });
    expect(names).toEqual(['a${API_TOKEN}', 'a${API_TOKEN}.run']);
  });

  it('is shown as its variable when the command prints it', async () => {
    const code = 'printf "%s %s %s" "$A" "$B" "$C"';
    const own = 'env: {A: "${API_TOKEN}", B: "${DATABASE}", C: "${REGION}"}';
    const { call } = await load({ 'tool.yaml': script(code, own) }, { env });
    expect(await call('tool.run')).toBe('${API_TOKEN} ${DATABASE} us-east-1');
    const json = await load(
      { 'tool.yaml': script('printf \'[{"%s": ["x%sx"]}, 1]\' "$A" "$A"', 'env: {A: "${API_TOKEN}"}\nparse: json') },
      { env },
    );
    expect(await json.call('tool.run')).toEqual([{ '${API_TOKEN}': ['x${API_TOKEN}x'] }, 1]);
  });

  it('is a secret by the key that it stands under too', async () => {
    const { call } = await load(
      { 'tool.yaml': script('printf %s "$PASSWORD"', 'env: {PASSWORD: "${REGION}"}') },
      { env },
    );
    expect(await call('tool.run')).toBe('${REGION}');
  });

  it('is in no error, nor is any other value', async () => {
    const code = 'echo "$A"; echo "no $A in $C" >&2; exit 1';
    const { call } = await load({ 'tool.yaml': script(code, 'env: {A: "${API_TOKEN}", C: "${REGION}"}') }, { env });
    expect(await thrown(call('tool.run'))).toMatchObject({
      message: 'tool.run exited with code 1: no ${API_TOKEN} in ${REGION}',
      details: { exitCode: 1, stdout: '${API_TOKEN}\n', stderr: 'no ${API_TOKEN} in ${REGION}\n' },
    });
  });

  it('is not in the error when the command is not there', async () => {
    const { call } = await load({ 'tool.yaml': 'name: tool\ncommand: /no/${API_TOKEN}\nrecipes: {run: {}}' }, { env });
    expect((await thrown(call('tool.run'))).message).toBe(
      'tool.run: there is no file "/no/${API_TOKEN}"; correct `command` in tool.yaml.',
    );
  });

  it('reaches no Python, whatever it asks for', async () => {
    const file = script('printf %s "$A"; echo "$A" >&2; exit "$1"', 'env: {A: "${API_TOKEN}"}');
    await using session = new Session({ tools: [fromYaml(yamlFolder({ 'tool.yaml': file }), { env })] });
    const result = await session.run(`
seen = [tools.list(detail="full"), tools.describe("tool"), repr(tools.tool.run), tools.tool.run(one="0")]
try:
    tools.tool.run(one="1")
except Exception as error:
    seen += [str(error), error.details]
import os
repr(seen) + repr(dict(os.environ))
`);
    expect(result.status).toBe('completed');
    expect(JSON.stringify(result)).toContain('${API_TOKEN}');
    expect(JSON.stringify(result)).not.toContain(secret);
  });
});
