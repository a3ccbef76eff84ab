import type { Session } from '@code-mode/core';

/** What could stand where the cursor is, and the part of the line that it takes the place of; as readline wants it. */
export async function completeLine(
  session: Session,
  line: string,
  commands: readonly string[],
): Promise<[string[], string]> {
  if (line.startsWith(':')) return [fitting(commands, line), line];
  const word = /[\p{L}_][\p{L}\p{N}_.]*$/u.exec(line)?.[0] ?? '';
  return [fitting(await namesFor(session, word), word), word];
}

async function namesFor(session: Session, word: string): Promise<string[]> {
  const [owner = ''] = /^.*(?=\.)/su.exec(word) ?? [];
  const [namespace] = word.split('.');
  if (owner !== '' && namespace === 'tools')
    return pathsOf(
      'tools',
      (await session.tools.list('names')).map(({ name }) => name),
    );
  if (owner === 'workflows')
    return [
      ...pathsOf(
        owner,
        (await session.workflows.list()).map(({ name }) => name),
      ),
      ...(await names(session, `dir(${owner})`, `${owner}.`)),
    ];
  if (owner !== '') return await names(session, `dir(${owner})`, `${owner}.`);
  return await names(session, '{*globals(), *dir(__import__("builtins")), *__import__("keyword").kwlist}', '');
}

/** Asks the kernel. What fails or wants an approval has no names. */
async function names(session: Session, expression: string, prefix: string): Promise<string[]> {
  const code = `# Names for completion.\n__import__("builtins").print(*${expression}, sep="\\n")`;
  const run = session.begin(code, { timeoutMs: TIMEOUT_MS });
  const state = await run.settled();
  if (state.kind === 'approval') {
    run.abort();
    return [];
  }
  if (state.result.status !== 'completed') return [];
  return state.result.stdout
    .split('\n')
    .filter((name) => name !== '')
    .map((name) => `${prefix}${name}`);
}

const TIMEOUT_MS = 5_000;

function pathsOf(namespace: string, paths: readonly string[]): string[] {
  return paths.map((path) => `${namespace}.${path}`);
}

/** Names with an underscore are shown to whoever has typed it. */
function fitting(names: readonly string[], word: string): string[] {
  const hidden = !/(?:^|\.)_\w*$/u.test(word);
  const found = names.filter((name) => name.startsWith(word) && !(hidden && /(?:^|\.)_\w*$/u.test(name)));
  return [...new Set(found)].sort();
}
