import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { FRAMEWORKS } from '../src/init/frameworks.ts';
import { atTerminal, codeMode } from './command.ts';

// Below the package, so that an agent finds the packages of the workspace in place of those that it would install.
mkdirSync(join(import.meta.dirname, '.init'), { recursive: true });
const folder = mkdtempSync(join(import.meta.dirname, '.init/run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = ['package.json', 'code-mode.config.json', 'tools/clock.yaml'];

describe('code-mode init', () => {
  test.each(Object.keys(FRAMEWORKS))('writes an agent of %s that runs', async (framework) => {
    const made = await codeMode(['init', framework, '--framework', framework], { cwd: folder });
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const written = [...FILES, '.code-mode/workflows/days_until_new_year.py', 'agent.ts', 'model.ts'];
    expect(made.stdout).toMatch(
      new RegExp(
        `^${written.map((path) => `wrote ${path}\n`).join('')}\nNext:\n  cd ${framework}\n  npm install @code-mode/core .+\n  npx code-mode doctor\n  npm start\n$`,
        'u',
      ),
    );
    const cwd = join(folder, framework);
    const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    expect(scripts.start).toBe('node agent.ts');
    const env: NodeJS.ProcessEnv = { ...process.env };
    delete env.OPENAI_API_KEY;
    const started = await promisify(execFile)(process.execPath, ['--conditions=@code-mode/source', 'agent.ts'], {
      cwd,
      env,
    });
    expect(started.stdout).toMatch(/^There are \d+ days left until New Year\.\n$/u);
  });

  test('never overwrites, and the tool and the workflow work from the command line too', async () => {
    const cwd = join(folder, 'ai-sdk');
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
      '  npx code-mode store bootstrap --source library --target redis://localhost:6379\n  npx code-mode doctor\n',
    );
    expect(JSON.parse(readFileSync(join(folder, 'asked/code-mode.config.json'), 'utf8'))).toEqual({
      redis: 'redis://localhost:6379',
      tools: 'tools',
      subprocess: { isolation: 'auto' },
    });
    expect(readFileSync(join(folder, 'asked/agent.ts'), 'utf8')).toContain("from '@code-mode/langchain'");
  });
});
