import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps what Node compiles for the next start; so it is called before the rest is imported. In the user's own cache
 * folder, because what is in there runs: Node's own choice is one that all users can write.
 */
export function keepCompiled(): void {
  try {
    enableCompileCache(process.env.NODE_COMPILE_CACHE || join(cacheFolder(), 'code-mode', 'compiled'));
  } catch {
    // A user without a home keeps nothing, as one whose folder cannot be written.
  }
}

function cacheFolder(): string {
  const usual = process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
  return process.env.XDG_CACHE_HOME || join(homedir(), ...usual);
}
