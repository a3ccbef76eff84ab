import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { choose } from '../terminal/choose.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { FRAMEWORKS, type Framework } from './frameworks.ts';

export interface InitFlags {
  framework?: Framework;
  storage?: 'folder' | 'redis';
  redis?: string;
  isolation?: 'auto' | 'required' | 'none';
  yes?: boolean;
}

/** `code-mode init`: a config, a tool, a workflow and an agent that runs. What is there already stays as it is. */
export async function runInit(folder: string, flags: InitFlags, terminal: Terminal): Promise<void> {
  const answers = await askWhatIsMissing(flags, terminal);
  const files = await filesOf(folder, answers);
  const kept = new Set<string>();
  for (const [path, text] of files) {
    const written = await writeNew(join(folder, path), text);
    if (!written) kept.add(path);
    terminal.print(`${written ? 'wrote' : 'kept '} ${path}${written ? '' : ', which was there'}`);
  }
  terminal.print(
    `\nNext:\n${nextSteps(folder, answers, kept)
      .map((step) => `  ${step}`)
      .join('\n')}`,
  );
}

type Answers = Required<Pick<InitFlags, 'framework' | 'storage' | 'isolation' | 'redis'>>;

/** Without a terminal, and with --yes, the first of the answers is taken. */
async function askWhatIsMissing(flags: InitFlags, terminal: Terminal): Promise<Answers> {
  const asks = terminal.canAsk && flags.yes !== true;
  const pick = async <const Answer extends string>(question: string, answers: readonly Answer[]): Promise<Answer> => {
    const shown = `${question} (${answers.map((answer, at) => (at === 0 ? `${answer}, the default` : answer)).join('; ')}) `;
    return asks ? await choose((text) => terminal.ask(text), shown, answers) : (answers[0] as Answer);
  };
  const framework = flags.framework ?? (await pick('Which framework?', Object.keys(FRAMEWORKS) as Framework[]));
  const storage =
    flags.storage ??
    (flags.redis === undefined
      ? await pick('Where shall workflows and artifacts be kept?', ['folder', 'redis'])
      : 'redis');
  const isolation = flags.isolation ?? (await pick('How strictly is Python held in?', ['auto', 'required', 'none']));
  return { framework, storage, isolation, redis: flags.redis ?? 'redis://localhost:6379' };
}

async function filesOf(folder: string, answers: Answers): Promise<[path: string, text: string][]> {
  const { framework, storage } = answers;
  const library = storage === 'folder' ? '.code-mode' : 'library';
  const name =
    basename(resolve(folder))
      .toLowerCase()
      .replace(/[^a-z0-9-]+/gu, '-')
      .replace(/^-+|-+$/gu, '') || 'agent';
  const manifest = { name, private: true, type: 'module', scripts: { start: 'node agent.ts' } };
  // Two config files in one folder would be refused.
  const there = await readdir(folder).catch(() => []);
  const config =
    there.find((file) => /^code-mode\.config\.(?:ts|js|json|ya?ml)$/u.test(file)) ?? 'code-mode.config.json';
  return [
    ['package.json', json(manifest)],
    [config, json(configOf(answers))],
    ['tools/clock.yaml', await template('shared/clock.yaml')],
    [`${library}/workflows/days_until_new_year.py`, await template('shared/days_until_new_year.py')],
    ['agent.ts', await template(`${framework}/agent.ts`)],
    ['model.ts', await template(`${framework}/model.ts`)],
  ];
}

function configOf({ storage, redis, isolation }: Answers): unknown {
  return {
    ...(storage === 'folder' ? { storage: '.code-mode' } : { redis }),
    tools: 'tools',
    subprocess: { isolation },
  };
}

function nextSteps(folder: string, { framework, storage, redis }: Answers, kept: ReadonlySet<string>): string[] {
  const where = relative('.', folder);
  return [
    ...(where === '' ? [] : [`cd ${quoted(where)}`]),
    `npm install @code-mode/core ${FRAMEWORKS[framework].join(' ')}${storage === 'redis' ? ' ioredis' : ''}`,
    'npx code-mode doctor',
    ...(storage === 'redis' ? [`npx code-mode store bootstrap --source library --target ${quoted(redis)}`] : []),
    // A manifest that was there may have no such script.
    kept.has('package.json') ? 'node agent.ts' : 'npm start',
  ];
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** From the package's own folder, wherever this file was bundled to. */
async function template(path: string): Promise<string> {
  const root = dirname(createRequire(import.meta.url).resolve('code-mode/package.json'));
  return await readFile(join(root, 'templates', path), 'utf8');
}

/** Returns false when there is such a file already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
