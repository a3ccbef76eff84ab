import { expect, it } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromYaml } from '../../../src/tool-sources/yaml/index.ts';
import { modern, reference } from '../mcp/servers.ts';
import { yamlFolder } from '../yaml-folder.ts';

const file = (name: string, server: { command: string; args?: string[] }, more: object = {}) =>
  JSON.stringify({ name, type: 'mcp', transport: 'stdio', ...server, ...more });

it("has a server's tools under the file's name, and one that cannot start hides no other", async () => {
  const folder = yamlFolder({
    'notes.yaml': file('my-notes', reference('memory'), { description: 'A memory.' }),
    'gone.yaml': file('gone', { command: 'no-such-command-of-ours' }, { env: { KEY: '${NOTES_KEY}' } }),
    'unset.yaml': file('unset', { command: 'x' }, { env: { KEY: '${NO_SUCH_KEY}' } }),
    'old.yaml': 'name: echo\nrecipes: {say: {}}\nschema: {positional: [{name: text}]}',
  });
  const source = fromYaml(folder, { env: { ...process.env, NOTES_KEY: 'sk-very-secret' } });
  await using session = new Session({ tools: [source] });
  const result = await session.run(`
tools.my_notes.create_entities(entities=[{"name": "Ada", "entityType": "person", "observations": ["wrote"]}])
[tools.echo.say(text="hi"), [e["name"] for e in tools.my_notes.read_graph()["entities"]], hasattr(tools, "gone")]`);
  expect(result).toMatchObject({ status: 'completed', result: ['hi\n', ['Ada'], false] });
  const problems = (await session.tools.problems()).map(({ message }) => message.replaceAll(`${folder}/`, ''));
  expect(problems).toEqual([
    'unset.yaml:1:71: env.KEY needs the variable NO_SUCH_KEY, which is not set; set it, or write ${NO_SUCH_KEY:-default}.',
    "MCP server 'gone' could not be started: there is no command 'no-such-command-of-ours'.\nIt was started with `no-such-command-of-ours`. Install it, or give its full path as `command`.",
  ]);
});

it('follows a server whose tools change', async () => {
  const source = fromYaml(yamlFolder({ 'modern.yaml': file('modern', modern()) }));
  await using session = new Session({ tools: [source] });
  const names = async () => (await session.tools.list()).map(({ name }) => name);
  expect(await names()).not.toContain('modern.grown');
  const changed = Promise.withResolvers<void>();
  const stop = source.watch?.(() => changed.resolve());
  expect(await session.run('tools.modern.grow()')).toMatchObject({ status: 'completed' });
  await changed.promise;
  stop?.();
  expect(await names()).toContain('modern.grown');
});
