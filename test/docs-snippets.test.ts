import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

/*
 * Every TypeScript block of the documentation is a whole program and runs. A `text` block right after it is what it
 * prints. A `python` block right before it is what the model writes: `@ai-sdk/openai` is a scripted model here.
 */

const root = join(import.meta.dirname, '..');
const pages = globSync(['README.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'], { cwd: root });
mkdirSync(join(root, 'test/.snippets'), { recursive: true });
const folder = mkdtempSync(join(root, 'test/.snippets/run-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Snippet {
  page: string;
  line: number;
  code: string;
  program: string | undefined;
  output: string | undefined;
}

const snippets = pages.flatMap(snippetsOf);

test('there are snippets', () => {
  expect(snippets.length).toBeGreaterThan(0);
});

describe.concurrent('each snippet runs', () => {
  // One of them installs packages.
  test.each(snippets)('$page:$line', { timeout: 300_000 }, async ({ page, line, code, program, output }) => {
    const file = join(folder, `${page.replaceAll(/\W/g, '-')}-${line}.ts`);
    writeFileSync(file, code);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@code-mode/source', '--import', join(import.meta.dirname, 'docs/scripted-openai.ts'), file],
      { cwd: folder, env: { ...process.env, MODEL_WRITES: program ?? '' } },
    );
    if (output !== undefined) expect(stdout.trimEnd()).toBe(output.trimEnd());
  });
});

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), 'utf8');
  const fences = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1],
    body: match[2] as string,
    start: match.index,
    end: match.index + match[0].length,
  }));
  const near = (a: number, b: number) => text.slice(a, b).trim().split('\n').length <= 3;
  return fences.flatMap((fence, index) => {
    if (fence.language !== 'ts') return [];
    const before = fences[index - 1];
    const after = fences[index + 1];
    return [
      {
        page: relative('.', page),
        line: text.slice(0, fence.start).split('\n').length,
        code: fence.body,
        program: before?.language === 'python' && near(before.end, fence.start) ? before.body : undefined,
        output: after?.language === 'text' && near(fence.end, after.start) ? after.body : undefined,
      },
    ];
  });
}
