import type { ToolSource } from '../tool-sources/tool.ts';

/**
 * Notes that a session uses a source, which several sessions may do. Waits while the source is being closed.
 * @returns how to end the use: the last use that ends closes the source
 */
export async function useSource(source: ToolSource): Promise<() => Promise<void>> {
  const use = uses.get(source) ?? { count: 0, closing: Promise.resolve() };
  uses.set(source, use);
  use.count++;
  await use.closing;
  return async () => {
    use.count--;
    if (use.count > 0) return;
    // Whoever comes next waits for this, and gets a source that has started anew.
    const closing = Promise.resolve(source.close?.());
    use.closing = closing.catch(() => {});
    await closing;
  };
}

const uses = new WeakMap<ToolSource, { count: number; closing: Promise<void> }>();
