import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps what Node compiles for the next start; so it is called before the rest is imported. In the user's own cache
 * folder, because what is in there runs: Node's own choice is one that all users can write.
 */
export function keepCompiled(): void {
  const caches = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  const folder = join(process.env.XDG_CACHE_HOME || caches, 'code-mode', 'compiled');
  // Where it cannot be written, nothing is kept.
  enableCompileCache(process.env.NODE_COMPILE_CACHE || folder);
}
