import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Python {
  /** The interpreter itself, not a shim that would add its own start to every measurement. */
  path: string;
  version: string;
}

/** `fib(24)` on the machine on which the targets were set. */
const REFERENCE_FIB_MS = 4.4;

let found: Promise<Python> | undefined;

/** The Python that all peers use: CODE_MODE_PYTHON, else `python3`. */
export function findPython(): Promise<Python> {
  found ??= ask(process.env.CODE_MODE_PYTHON ?? 'python3');
  return found;
}

async function ask(command: string): Promise<Python> {
  const code = 'import platform, sys; print(sys.executable); print(platform.python_version())';
  try {
    const { stdout } = await promisify(execFile)(command, ['-c', code]);
    const [path = command, version = 'unknown'] = stdout.trim().split('\n');
    return { path, version };
  } catch (error) {
    throw new Error(`${command} does not run; set CODE_MODE_PYTHON to a Python 3.10 or newer`, {
      cause: error,
    });
  }
}

/** How many times as long as on the reference machine pure Python takes here and now. */
export async function measureSlowdown(): Promise<number> {
  const code = `
import time
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
times = []
for _ in range(9):
    started = time.perf_counter()
    fib(24)
    times.append(time.perf_counter() - started)
print(sorted(times)[4] * 1000)`;
  const { stdout } = await promisify(execFile)((await findPython()).path, ['-c', code]);
  return Number(stdout) / REFERENCE_FIB_MS;
}
