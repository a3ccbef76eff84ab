import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that may define a tool. */
export interface ToolFile {
  /** As messages name it: below the path that was given. */
  path: string;
  text: string;
}

export interface FoundFiles {
  files: ToolFile[];
  problems: { path: string; message: string }[];
}

const MAX_BYTES = 1_048_576;

/**
 * The tool files of a folder, in the order of their names, or one file. Links are followed; folders below and names that
 * begin with a dot are left alone. Nothing here throws: what cannot be read is a problem.
 * @param path folder or file
 * @param shown the same, as messages name it
 */
export async function readToolFiles(path: string, shown: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], problems: [] };
  for (const name of await listFiles(path, shown, found)) {
    try {
      found.files.push({ path: join(shown, name), text: await readText(join(path, name)) });
    } catch (error) {
      found.problems.push({ path: join(shown, name), message: reasonOf(error) });
    }
  }
  return found;
}

/** Names below the path; the empty name for a path that is a file. */
async function listFiles(path: string, shown: string, { problems }: FoundFiles): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [''];
    return (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/su.test(name)).sort();
  } catch (error) {
    problems.push({ path: shown, message: reasonOf(error) });
    return [];
  }
}

async function readText(path: string): Promise<string> {
  const entry = await stat(path);
  // A pipe would never end.
  if (!entry.isFile()) throw new Error('is not a regular file');
  if (entry.size > MAX_BYTES) throw new Error(`has ${entry.size} bytes; a tool file has ${MAX_BYTES} at most`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new Error('is not UTF-8 text; save it as UTF-8');
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read; check its permissions';
  return code === undefined ? message : `cannot be read (${code})`;
}
