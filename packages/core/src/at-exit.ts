const tasks = new Set<() => void>();

/**
 * Does something at once when this process exits. One listener for all: Node takes more than ten for a leak.
 * @returns how to forget it
 */
export function atExit(task: () => void): () => void {
  if (tasks.size === 0) process.on('exit', doAll);
  tasks.add(task);
  return () => {
    tasks.delete(task);
    if (tasks.size === 0) process.off('exit', doAll);
  };
}

function doAll(): void {
  for (const task of tasks) task();
}
