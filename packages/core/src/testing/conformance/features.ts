import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CodeModeError } from '../../errors.ts';
import type { Executor, ExecutorFeatures, KernelLimits, OpenKernelOptions } from '../../executors/executor.ts';
import type { RunResult } from '../../run-result.ts';
import type { Session } from '../../session.ts';
import { type ConformanceContext, completed } from './context.ts';

interface LimitCase {
  limit: keyof KernelLimits;
  value: number;
  /** Code that stays below the limit, and its result. */
  within: string;
  /** Code that goes beyond it. */
  beyond: string;
  /** What it comes to. */
  outcome: string | RegExp;
}

const LIMITS: Record<keyof ExecutorFeatures['limits'], LimitCase> = {
  memory: {
    limit: 'memoryBytes',
    value: 256 * 1024 * 1024,
    within: 'x = bytearray(50 * 1024 * 1024)\nlen(x) // 1024 // 1024 == 50',
    beyond: 'y = bytearray(2 * 1024 * 1024 * 1024)',
    outcome: /^failed MemoryError/,
  },
  cpu: {
    limit: 'cpuSeconds',
    value: 1,
    within: 'True',
    beyond: 'while True: pass',
    outcome: 'crashed The Python process was ended by SIGXCPU (limits.cpuSeconds); all variables are lost.',
  },
  fileSize: {
    limit: 'fileBytes',
    value: 1024 * 1024,
    within: 'with open("f", "wb") as f: n = f.write(b"x" * 1000)\nn == 1000',
    beyond: 'with open("f", "wb") as f: f.write(b"x" * 2 * 1024 * 1024)',
    outcome: 'failed OSError: [Errno 27] File too large',
  },
  openFiles: {
    limit: 'openFiles',
    value: 64,
    within: 'with open("f", "w") as f: pass\nTrue',
    beyond: 'fs = [open("f", "w") for _ in range(100)]',
    outcome: "failed OSError: [Errno 24] Too many open files: 'f'",
  },
  processes: {
    limit: 'processes',
    value: 20,
    within: 'import subprocess\nsubprocess.run(["true"]).returncode == 0',
    beyond: 'ps = [subprocess.Popen(["sleep", "30"]) for _ in range(100)]',
    outcome: /^failed BlockingIOError: \[Errno 11\] Resource temporarily unavailable/,
  },
};

/**
 * Declared features work, undeclared ones are refused:
 * - a limit: making the executor with it, or opening a kernel, throws `unsupported_feature`;
 * - `interrupt`: `kernel.interrupt()` throws `unsupported_feature`, and a run that is stopped loses its variables;
 * - `workingFolder`: a file written in one run cannot be opened in the next;
 * - `environments`: opening a kernel on one throws `unsupported_feature`, and so does `session.deps.add`.
 */
export function featureCases({ executor, fresh, open }: ConformanceContext): void {
  test.each(Object.keys(LIMITS) as (keyof typeof LIMITS)[])('limit: %s', async (name) => {
    const { limit, value, within, beyond, outcome } = LIMITS[name];
    if (!executor().features.limits[name]) {
      expect(await codeOf(async () => (await open({ [limit]: value })).open())).toBe('unsupported_feature');
      return;
    }
    await using limited = await open({ [limit]: value });
    const report = (await limited.isolation()).limits[limit];
    expect(report).toEqual({ value, enforced: true, detail: expect.any(String) });
    await using session = fresh({ executor: limited });
    expect(completed(await session.run(within))).toBe(true);
    expect(brief(await session.run(beyond))).toMatch(outcome);
    await stillWorks(session);
  });

  test('limits that are not set are reported as not enforced', async () => {
    for (const report of Object.values((await executor().isolation()).limits)) {
      expect(report).toEqual({ value: undefined, enforced: false, detail: 'no limit set' });
    }
  });

  test('interrupt', async () => {
    const kernel = await executor().open();
    const outcome = await codeOf(() => kernel.interrupt());
    expect(outcome).toBe(executor().features.interrupt ? true : 'unsupported_feature');
    await kernel.close();
  });

  test('working folder', async () => {
    const session = fresh();
    await session.run('with open("kept.txt", "w") as f: f.write("kept")');
    const next = await session.run('open("kept.txt").read()');
    if (executor().features.workingFolder) expect(completed(next)).toBe('kept');
    else expect(brief(next)).toMatch(/^failed FileNotFoundError/);
    expect(brief(await fresh().run('open("kept.txt").read()'))).toMatch(/^failed FileNotFoundError/);
  });

  test('environments', async () => {
    const { features, installer, python } = executor();
    const cache = await mkdtemp(join(tmpdir(), 'code-mode-environments-'));
    const environmentsFolder = join(cache, installer?.folder ?? 'built');
    const seenAt = installer?.seenAt ?? environmentsFolder;
    const environment = { sitePackages: `${seenAt}/made` };
    await mkdir(join(environmentsFolder, 'made'), { recursive: true });
    await writeFile(join(environmentsFolder, 'made', 'carried.py'), 'answer = 42');
    if (features.environments) {
      expect(installer ?? python).toBeDefined();
      const session = fresh({ executor: withPackages(executor(), { environment, environmentsFolder }) });
      expect(completed(await session.run('import carried\ncarried.answer'))).toBe(42);
      await writeFile(join(environmentsFolder, 'later.txt'), 'built while it runs');
      expect(completed(await session.run(`open(${JSON.stringify(`${seenAt}/later.txt`)}).read()`))).toBe(
        'built while it runs',
      );
      await session.close();
    } else {
      const opening = codeOf(() => executor().open({ environment, environmentsFolder }));
      expect([await opening, await codeOf(() => fresh().deps.add('six'))]).toEqual([
        'unsupported_feature',
        'unsupported_feature',
      ]);
    }
    await rm(cache, { recursive: true });
  });

  test('isolation() tells a level and a reason for each layer', async () => {
    const { level, layers } = await executor().isolation();
    expect(['none', 'partial', 'full'].includes(level)).toBe(true);
    for (const { state, detail } of Object.values(layers)) {
      expect(['on', 'off', 'unavailable'].includes(state)).toBe(true);
      expect(detail.length).toBeGreaterThan(0);
    }
  });
}

/** The same executor, whose kernels all get this environment. */
function withPackages(executor: Executor, packages: OpenKernelOptions): Executor {
  return {
    name: executor.name,
    features: executor.features,
    isolation: () => executor.isolation(),
    open: (options) => executor.open({ ...options, ...packages }),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

async function stillWorks(session: Session): Promise<void> {
  expect(completed(await session.run('1'))).toBe(1);
}

function brief(result: RunResult): string {
  if (result.status === 'failed') return `failed ${result.error.name}: ${result.error.message}`;
  if (result.status === 'crashed') return `crashed ${result.detail.message}`;
  return result.status === 'interrupted' ? `interrupted ${result.message}` : result.status;
}

async function codeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return CodeModeError.isInstance(error) ? error.code : error;
  }
}
