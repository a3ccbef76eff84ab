import { describe, expect, test, vi } from 'vitest';
import { CodeModeError } from '../../src/errors.ts';
import { Session } from '../../src/session.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import type { Tool, ToolSource } from '../../src/tool-sources/tool.ts';

const tool = (name: string, result: unknown = name): Tool =>
  defineTool({ name, description: name, execute: () => result });

/** A source that counts what is asked of it, and can say that it has changed. */
function sourceOf(...names: string[]) {
  const watchers = new Set<() => void>();
  const source = {
    name: 'src',
    offered: names,
    tools: vi.fn(async () => source.offered.map((name) => tool(name))),
    close: vi.fn(async () => {}),
    watch: (changed: () => void) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    change: (...offered: string[]) => {
      source.offered = offered;
      for (const changed of watchers) changed();
    },
    watchers,
  };
  return source satisfies ToolSource;
}

describe('a tool source', () => {
  test.each([
    ['1 + 1', 0],
    ['import itertools; tool = 1', 0],
    ['tools', 1],
    ['f = lambda: tools.a()', 1],
    ['# workflows', 1],
  ])('is asked by code that names tools or workflows: %s', async (code, times) => {
    const source = sourceOf('a');
    await using session = new Session({ tools: [source, tool('own')] });
    await session.run(code);
    await session.run(code);
    expect(source.tools).toHaveBeenCalledTimes(times);
    expect([...session.tools.loaded].map(({ name }) => name)).toEqual(times ? ['a', 'own'] : ['own']);
  });

  test.each([
    ['list', (session: Session) => session.tools.list()],
    ['search', (session: Session) => session.tools.search('a')],
    ['describe', (session: Session) => session.tools.describe('a')],
    ['call', (session: Session) => session.tools.call('a')],
    ['problems', (session: Session) => session.tools.problems()],
  ])('is asked by session.tools.%s', async (_, ask) => {
    const source = sourceOf('a');
    await using session = new Session({ tools: [source] });
    await Promise.all([ask(session), ask(session)]);
    expect(source.tools).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['vars()["to" + "ols"].alpha()', 'alpha'],
    ['dir(vars()["to" + "ols"])[0]', 'alpha'],
    ['"alpha" in vars()["to" + "ols"]', true],
    ['vars()["to" + "ols"]["alpha"]()', 'alpha'],
    ['await vars()["to" + "ols"].alpha.aio()', 'alpha'],
    ['vars()["to" + "ols"].list("names")[0]["name"]', 'alpha'],
    ['vars()["to" + "ols"].search("alpha")[0]["name"]', 'alpha'],
    ['eval("to" + "ols.alpha()")', 'alpha'],
    ['import functools; \uff54ools.alpha()', 'alpha'],
  ])('is waited for by code that gets there without naming it: %s', async (code, result) => {
    await using session = new Session({ tools: [sourceOf('alpha')] });
    expect(await session.run('1')).toMatchObject({ result: 1 });
    expect(await session.run(code)).toMatchObject({ status: 'completed', result });
    expect(await session.run('tools.alpha()')).toMatchObject({ result: 'alpha' });
  });

  test('is asked again when it has changed', async () => {
    const source = sourceOf('a');
    await using session = new Session({ tools: [source] });
    expect(await session.run('f = lambda name: tools[name]()\nf("a")')).toMatchObject({ result: 'a' });
    source.change('b');
    expect(await session.run('f("b")')).toMatchObject({ result: 'b' });
    expect(await session.run('tools.a()')).toMatchObject({ error: { name: 'ToolNotFoundError' } });
    expect(source.tools).toHaveBeenCalledTimes(2);
  });

  test('that has changed does not make a saved name of `tools` wrong', async () => {
    const source = sourceOf('a');
    await using session = new Session({ tools: [source] });
    await session.run('t = tools');
    source.change('b');
    expect(await session.run('import functools\nt.b()')).toMatchObject({ result: 'b' });
  });

  test('that changes while it is asked is asked once more', async () => {
    const source = sourceOf('a');
    source.tools.mockImplementationOnce(async () => {
      source.change('b');
      return [tool('a')];
    });
    await using session = new Session({ tools: [source] });
    expect((await session.tools.list()).map(({ name }) => name)).toEqual(['a']);
    expect((await session.tools.list()).map(({ name }) => name)).toEqual(['b']);
  });

  test('that throws hides no other, warns once, and is asked again', async () => {
    const warnings: unknown[] = [];
    const source = sourceOf('a');
    source.tools.mockRejectedValueOnce(new Error('not yet')).mockRejectedValueOnce(new Error('not yet'));
    await using session = new Session({
      tools: [source, sourceOf('b')],
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    expect(await session.run('tools.b()')).toMatchObject({ result: 'b' });
    expect(await session.tools.problems()).toEqual([{ source: 'src', subject: 'src', message: 'not yet' }]);
    expect(warnings).toEqual(['Tools of src: not yet']);
    expect(await session.run('tools.a()')).toMatchObject({ result: 'a' });
    expect(await session.tools.problems()).toEqual([]);
  });

  test('names what it left out once in a warning', async () => {
    const warnings: unknown[] = [];
    const problems = [
      { source: 'src', subject: 'a.yaml', message: 'a.yaml:1:2: must be text.' },
      { source: 'src', subject: 'b', message: 'It needs a name.' },
    ];
    await using session = new Session({
      tools: [{ ...sourceOf('a'), problems: () => problems }],
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    expect(await session.tools.problems()).toEqual(problems);
    expect(warnings).toEqual(['Tools of src: a.yaml:1:2: must be text.', 'Tools of src: b: It needs a name.']);
  });

  test('that stops because the session is closed is no problem to tell of', async () => {
    const warnings: unknown[] = [];
    const stopped = Promise.withResolvers<Tool[]>();
    const source = sourceOf();
    source.tools.mockReturnValueOnce(stopped.promise);
    source.close.mockImplementationOnce(async () => stopped.reject(new Error('ended')));
    const session = new Session({ tools: [source], onEvent: ({ type }) => type === 'warning' && warnings.push(type) });
    const listing = session.tools.list();
    await vi.waitFor(() => expect(source.tools).toHaveBeenCalled());
    await session.close();
    expect(await listing).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('that is set up wrong is told whoever runs code that needs it', async () => {
    const source = sourceOf();
    source.tools.mockRejectedValue(new CodeModeError('invalid_options', 'install x'));
    await using session = new Session({ tools: [source] });
    await expect(session.run('tools')).rejects.toThrow('install x');
    expect(await session.run('1')).toMatchObject({ result: 1 });
  });

  test('cannot have the name of another tool', async () => {
    await using session = new Session({ tools: [sourceOf('a'), tool('a')] });
    const message =
      "Two tools are named 'a', from 'src' and 'tools'; give one another name with its source's `prefix` or `rename` option.";
    await expect(session.tools.list()).rejects.toThrow(message);
    await expect(session.run('tools.a()')).rejects.toThrow(message);
    expect(() => session.tools.bind('late', [tool('a')])).toThrow("Two tools are named 'a'");
  });

  test('takes no name away when it changes, and ends no run', async () => {
    const warnings: unknown[] = [];
    const source = sourceOf('a');
    await using session = new Session({
      tools: [source, tool('b', 'own b'), { ...sourceOf('c'), name: 'other' }],
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    await session.tools.list();
    source.change('c', 'b', 'd');
    expect(await session.run('[tools.b(), tools.c(), tools.d()]')).toMatchObject({ result: ['own b', 'c', 'd'] });
    const message = (name: string, owner: string) =>
      `Two tools are named '${name}', from '${owner}' and 'src'; give one another name with its source's \`prefix\` or \`rename\` option.`;
    expect(await session.tools.problems()).toEqual([
      { source: 'src', subject: 'c', message: message('c', 'other') },
      { source: 'src', subject: 'b', message: message('b', 'tools') },
    ]);
    expect(warnings).toEqual([
      `Tools of src: c: ${message('c', 'other')}`,
      `Tools of src: b: ${message('b', 'tools')}`,
    ]);
    session.tools.bind('late', [tool('e')]);
    source.change('d');
    expect(await session.run('tools.d() + tools.e()')).toMatchObject({ result: 'de' });
    expect(await session.tools.problems()).toEqual([]);
  });

  test('stays beside what is bound later', async () => {
    await using session = new Session({ tools: [sourceOf('a')] });
    await session.tools.list();
    session.tools.bind('late', [tool('b')]);
    expect([...session.tools.loaded].map(({ name }) => name)).toEqual(['a', 'b']);
    expect(() => session.tools.bind('later', [tool('a')])).toThrow("from 'src' and 'later'");
    expect(await session.run('tools.a() + tools.b()')).toMatchObject({ result: 'ab' });
  });
});

describe('a source of several sessions', () => {
  test('is closed by the last that used it', async () => {
    const source = sourceOf('a');
    const [first, second, idle] = [1, 2, 3].map(() => new Session({ tools: [source] })) as [Session, Session, Session];
    await Promise.all([first.tools.list(), second.tools.list()]);
    await idle.close();
    await first.close();
    expect(source.close).not.toHaveBeenCalled();
    await second.close();
    expect(source.close).toHaveBeenCalledTimes(1);
    expect(source.watchers.size).toBe(0);
  });

  test('is used again only when it has closed', async () => {
    const events: string[] = [];
    const source = sourceOf('a');
    let closed = () => {};
    source.close.mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => {
        closed = resolve;
      });
      events.push('closed');
    });
    source.tools.mockImplementation(async () => {
      events.push('tools');
      return [tool('a')];
    });
    const first = new Session({ tools: [source] });
    await first.tools.list();
    const closing = first.close();
    await vi.waitFor(() => expect(source.close).toHaveBeenCalled());
    await using second = new Session({ tools: [source] });
    const listed = second.tools.list();
    closed();
    await Promise.all([closing, listed]);
    expect(events).toEqual(['tools', 'closed', 'tools']);
  });

  test('cannot be used by a session that is closed', async () => {
    const source = sourceOf('a');
    const session = new Session({ tools: [source] });
    await session.close();
    await expect(session.tools.list()).rejects.toMatchObject({ code: 'session_closed' });
    expect(source.tools).not.toHaveBeenCalled();
  });
});
