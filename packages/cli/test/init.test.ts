import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RedisServer } from '../../core/test/storage/redis-server.ts';
import { FRAMEWORKS } from '../src/init/frameworks.ts';
import { atTerminal, codeMode, newShell, temporaryFolder } from './command.ts';

// Outside of the workspace: an agent finds the packages alone that its newcomer was told to install.
const folder = temporaryFolder();
const shell = newShell();

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.log('skipped: an agent with Redis, because there is no redis-server on PATH');

/** Types what a newcomer is told to type, word by word, and looks at what the agent says in the end. */
async function follow(printed: string, programs: string[]): Promise<void> {
  const [, next = ''] = printed.split('\nNext:\n');
  const commands = next.trimEnd().split('\n');
  expect(commands.map((line) => /^ {2}(\w+) ./u.exec(line)?.[1])).toEqual(programs);
  const before = daysUntilNewYear();
  const { exitCode, stdout, stderr } = await shell(['unset OPENAI_API_KEY', ...commands].join('\n'), { cwd: folder });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('\nSessions work here.\n');
  const [, days] = /\nThere are (\d+) days left until New Year\.\n$/u.exec(stdout) ?? [stdout];
  // Midnight may have passed.
  expect([before, daysUntilNewYear()]).toContain(Number(days));
}

function daysUntilNewYear(): number {
  const now = new Date();
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return (Date.UTC(now.getFullYear() + 1, 0, 1) - today) / 86_400_000;
}

const FILES = ['package.json', 'code-mode.config.json', 'tools/clock.yaml'];

describe('code-mode init', () => {
  test.each(Object.keys(FRAMEWORKS))('what it prints leads to an agent of %s that runs', async (framework) => {
    await using server = framework === 'langchain' && hasRedis ? await RedisServer.start() : undefined;
    const library = server ? 'library' : '.code-mode';
    const flags = `--framework ${framework}${server ? ` --redis ${server.url}` : ''}`;
    const made = await shell(`code-mode init 'my ${framework}' ${flags}`, { cwd: folder });
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const written = [...FILES, `${library}/workflows/days_until_new_year.py`, 'agent.ts', 'model.ts'];
    expect(made.stdout.split('\nNext:\n')[0]).toBe(written.map((path) => `wrote ${path}\n`).join(''));
    await follow(made.stdout, ['cd', 'npm', 'npx', ...(server ? ['npx'] : []), 'npm']);
  });

  test('never overwrites, and the tool and the workflow work from the command line too', async () => {
    expect(await codeMode(['init', 'mine', '--framework', 'ai-sdk'], { cwd: folder })).toMatchObject({ exitCode: 0 });
    const cwd = join(folder, 'mine');
    writeFileSync(join(cwd, 'agent.ts'), '// mine\n');
    const again = await codeMode(['init', '.', '--framework', 'mastra'], { cwd });
    expect(again.stdout).toContain('kept  agent.ts, which was there\n');
    expect(readFileSync(join(cwd, 'agent.ts'), 'utf8')).toBe('// mine\n');
    expect(await codeMode(['tools', 'check'], { cwd })).toMatchObject({
      exitCode: 0,
      stdout: '2 tools, 0 problems.\n',
    });
    const run = await codeMode(['workflows', 'run', 'days_until_new_year'], { cwd });
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\n$/u), stderr: '' });
  });

  test('asks at a terminal', async () => {
    const { exitCode, screen } = await atTerminal(
      ['init', 'asked'],
      [
        ['expect', 'Which framework? (ai-sdk, the default; mastra; langchain; openai-agents) '],
        ['send', 'lang\r'],
        ['expect', 'Where shall workflows and artifacts be kept? '],
        ['send', 'redis\r'],
        ['expect', 'How strictly is Python held in? '],
        ['send', '\r'],
      ],
      { cwd: folder },
    );
    expect(exitCode).toBe(0);
    expect(screen).toContain(
      '  npx code-mode doctor\n  npx code-mode store bootstrap --source library --target redis://localhost:6379\n',
    );
    expect(JSON.parse(readFileSync(join(folder, 'asked/code-mode.config.json'), 'utf8'))).toEqual({
      redis: 'redis://localhost:6379',
      tools: 'tools',
      subprocess: { isolation: 'auto' },
    });
    expect(readFileSync(join(folder, 'asked/agent.ts'), 'utf8')).toContain("from '@code-mode/langchain'");
  });
});
