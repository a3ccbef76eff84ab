import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 30_000;

/** What a program prints. @throws Error with the last line that it wrote to stderr */
export async function output(file: string, args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(file, args, { timeout: TIMEOUT_MS })).stdout.trim();
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: unknown };
    const said = stderr.trim().split('\n').at(-1);
    if (!said || code === 'ENOENT') throw error;
    throw new Error(said, { cause: error });
  }
}
