import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ToolError } from '../../../src/tool-sources/tool.ts';
import { expectNoProcess, processesWith, until } from '../../executors/processes.ts';
import { load, script, thrown } from '../yaml-folder.ts';

describe('what a command prints', () => {
  it('is text, exactly as it came', async () => {
    const { call } = await load({ 'tool.yaml': script('printf "a\\r\\nb\\n\\n"; echo noise >&2') });
    expect(await call('tool.run')).toBe('a\r\nb\n\n');
  });

  it('has replacement characters for bytes that are no UTF-8', async () => {
    const { call } = await load({ 'tool.yaml': script("printf 'caf\\351 \\303\\251'") });
    expect(await call('tool.run')).toBe('caf\ufffd é');
  });

  it('is bytes when the file says so', async () => {
    const { call } = await load({ 'tool.yaml': script("printf '\\377\\000\\001'", 'parse: bytes') });
    expect(await call('tool.run')).toEqual(new Uint8Array([255, 0, 1]));
  });

  it('is lines when the file says so', async () => {
    const { call } = await load({ 'tool.yaml': script("printf 'a\\r\\n\\nb\\n'", 'parse: lines') });
    expect(await call('tool.run')).toEqual(['a', '', 'b']);
  });

  it.each([
    ['{"a": [1, null]}', { a: [1, null] }],
    ['', null],
    ['[9007199254740993, 1.5, 12]', [9007199254740993n, 1.5, 12]],
  ])('is data when the file says so: %s', async (printed, data) => {
    const { call } = await load({ 'tool.yaml': script(`printf '%s' '${printed}'`, 'parse: json') });
    expect(await call('tool.run')).toEqual(data);
  });

  it('is an error when it should be JSON and is not', async () => {
    const { call } = await load({ 'tool.yaml': script('echo oops', 'parse: json') });
    const error = await thrown(call('tool.run'));
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({
      message: 'tool.run printed no JSON: oops',
      details: { exitCode: 0, stdout: 'oops\n' },
    });
  });

  it('is cut at the limit, and says so', async () => {
    const options = { cli: { outputBytes: 4 } };
    const code = 'echo 123; echo 456';
    const text = await load({ 'tool.yaml': script(code) }, options);
    expect(await text.call('tool.run')).toBe('123\n\n[cut: these are the first 4 of 8 bytes]\n');
    const lines = await load({ 'tool.yaml': script(code, 'parse: lines') }, options);
    expect(await lines.call('tool.run')).toEqual(['123', '', '[cut: these are the first 4 of 8 bytes]']);
    const json = await load({ 'tool.yaml': script(code, 'parse: json') }, options);
    expect((await thrown(json.call('tool.run'))).message).toBe(
      'tool.run printed 8 bytes; no more than 4 bytes of JSON are read. Ask for less.',
    );
  });

  it('arrives when it is large', async () => {
    const { call } = await load({ 'tool.yaml': script('head -c 20000000 /dev/zero') });
    expect(((await call('tool.run')) as string).length).toBe(20_000_000);
  });
});

describe('a command that fails', () => {
  it('keeps exit code, stdout and stderr', async () => {
    const { call } = await load({
      'tool.yaml': script('echo out; printf "\\033[31mbad\\033[0m thing\\n" >&2; exit 3'),
    });
    const error = await thrown(call('tool.run'));
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({
      message: 'tool.run exited with code 3: bad thing',
      details: { exitCode: 3, stdout: 'out\n', stderr: '\u001b[31mbad\u001b[0m thing\n' },
    });
  });

  it.each([
    ['seq 1 20 >&2; exit 1', 'tool.run exited with code 1: 11\n12\n13\n14\n15\n16\n17\n18\n19\n20'],
    ['echo only here; exit 1', 'tool.run exited with code 1: only here'],
    ['exit 1', 'tool.run exited with code 1 and printed nothing.'],
    ['kill -SEGV $$', 'tool.run was ended by SIGSEGV and printed nothing.'],
  ])('says what is known: %s', async (code, message) => {
    const { call } = await load({ 'tool.yaml': script(code) });
    expect((await thrown(call('tool.run'))).message).toBe(message);
  });

  it('keeps the end of a long stderr', async () => {
    const { call } = await load({
      'tool.yaml': script('head -c 100000 /dev/zero | tr "\\0" x >&2; echo end >&2; exit 1'),
    });
    const { details } = (await thrown(call('tool.run'))) as { details: { stderr: string } };
    expect(details.stderr).toMatch(/^\[cut: these are the last 65536 of 100004 bytes\]\nx+end\n$/);
  });
});

describe('a command that cannot start', () => {
  it.each([
    [
      'command: no-such-command',
      'tool.run: there is no command "no-such-command" on the PATH. Install it, or give its path as `command` in tool.yaml.',
    ],
    [
      'command: git status',
      'tool.run: there is no command "git status" on the PATH. `command` in tool.yaml is one program; write its arguments as presets.',
    ],
    ['command: /no/such/file', 'tool.run: there is no file "/no/such/file"; correct `command` in tool.yaml.'],
    ['command: /etc/passwd', 'tool.run: "/etc/passwd" may not be executed; check the permissions of the file.'],
    ['command: sh\ncwd: /no/such', 'tool.run: its folder "/no/such" (`cwd` in tool.yaml) does not exist.'],
  ])('says why: %s', async (more, message) => {
    const { call } = await load({ 'tool.yaml': `name: tool\n${more}\nrecipes: {run: {}}` });
    expect((await thrown(call('tool.run'))).message).toBe(message);
  });

  it('says that its arguments are too long', async () => {
    const { call } = await load({ 'tool.yaml': script('echo') });
    expect((await thrown(call('tool.run', { one: 'x'.repeat(200_000) }))).message).toBe(
      'tool.run: the arguments are too long for a command line; pass less at a time.',
    );
  });
});

describe('time', () => {
  it('is limited, and then everything the command started is killed', async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const code = `echo started; (sleep 600 & sleep 600); : ${marker}`;
    const { call } = await load({ 'tool.yaml': script(code, `timeout: 2\nenv: {MARKER: ${marker}}`) });
    const error = await thrown(call('tool.run'));
    expect(error.message).toBe(
      'tool.run timed out after 2s; it was killed with everything it started. Ask for less, or set a longer `timeout` in tool.yaml.',
    );
    expect(error.details).toEqual({ exitCode: null, stdout: 'started\n', stderr: '' });
    await expectNoProcess(marker);
  });

  it.runIf(process.platform === 'linux')('reaches daemons that left the process group', async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const code = `setsid sh -c 'trap "" TERM; sleep 600' & setsid -f sleep 600; sleep 600`;
    const { call } = await load({ 'tool.yaml': script(code, `timeout: 0.5\nenv: {MARKER: ${marker}}`) });
    expect((await thrown(call('tool.run'))).message).toContain('timed out after 0.5s');
    await expectNoProcess(marker);
  });

  it('ends when the call is aborted', async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const { call } = await load({ 'tool.yaml': script('sleep 600 & sleep 600', `env: {MARKER: ${marker}}`) });
    const controller = new AbortController();
    const running = thrown(call('tool.run', {}, controller.signal));
    await until(() => processesWith(marker).length >= 2);
    controller.abort(new Error('enough'));
    expect((await running).message).toBe('enough');
    await expectNoProcess(marker);
  });
});

describe('what a command gets', () => {
  it('is no shell: every character arrives', async () => {
    const words = ['; rm -rf /', '$(id) `id` | & > x * ? ~ "\' \\ \n é 🎉'];
    const { call } = await load({ 'tool.yaml': script('printf "%s|" "$@"') });
    expect(await call('tool.run', { one: words[0], two: words[1] })).toBe(`${words[0]}|${words[1]}|`);
  });

  it('is an environment without what else the host has', async () => {
    const env = { PATH: process.env.PATH, HOME: '/home/x', LC_ALL: 'C', OPENAI_API_KEY: 'sk-1', KUBECONFIG: '/k' };
    const code = 'env | grep -v -e ^CODE_MODE_CALL= -e ^PATH= -e ^PWD= -e ^SHLVL= -e ^_= | sort';
    const own = 'env: {PORT: 8080, DEBUG: true}\nparse: lines';
    const plain = await load({ 'tool.yaml': script(code, own) }, { env });
    expect(await plain.call('tool.run')).toEqual(['DEBUG=true', 'HOME=/home/x', 'LC_ALL=C', 'PORT=8080']);
    const passed = await load(
      { 'tool.yaml': script(code, 'parse: lines') },
      { env, cli: { passEnv: ['KUBECONFIG', 'NONE'] } },
    );
    expect(await passed.call('tool.run')).toEqual(['HOME=/home/x', 'KUBECONFIG=/k', 'LC_ALL=C']);
  });

  it('is the folder that the file names', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cwd-')));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'here.txt'), '');
    const { call } = await load({ 'tool.yaml': script('pwd; ls', `cwd: ${folder}\nparse: lines`) });
    expect(await call('tool.run')).toEqual([folder, 'here.txt']);
  });

  it('is standard input where the file names an argument for it, and nothing otherwise', async () => {
    const stdin = 'stdin: {name: body, description: Text to count.}';
    const { call, tool } = await load({ 'tool.yaml': script('cat', stdin) });
    expect(tool('tool.run').inputSchema.properties).toMatchObject({
      body: { type: 'string', description: 'Text to count.' },
    });
    expect(await call('tool.run', { body: '--é\0\n' })).toBe('--é\0\n');
    expect(await call('tool.run')).toBe('');
    const without = await load({ 'tool.yaml': script('cat') });
    expect(await without.call('tool.run')).toBe('');
  });

  it('may leave its standard input unread', async () => {
    const { call } = await load({ 'tool.yaml': script('echo done', 'stdin: {name: body, default: text}') });
    expect(await call('tool.run', { body: 'x'.repeat(1_000_000) })).toBe('done\n');
  });
});
