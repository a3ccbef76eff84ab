// The gate: runs the checks, the vitest projects and the kernel's Python tests, and ends with one line of totals.
// Usage: node scripts/verify.ts [part…]    (no argument: checks, unit, slow and python, which is everything)
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { libraryEnvironment } from '../packages/core/test/library-environment.ts';
import { listPythons } from './list-pythons.ts';
import { containerTests, slowTests } from './slow-tests.ts';

interface Count {
  passed: number;
  failed: number;
}

type Part = () => Promise<Count>;

const everything: Record<string, Part> = {
  checks: runChecks,
  unit: () => runTests('unit', { except: Object.values(slowTests).flat() }),
  slow: () => runTests('slow', { paths: Object.values(slowTests).flat() }),
  python: runPythonTests,
};
const slow = Object.entries({ ...slowTests, container: containerTests });
const parts: Record<string, Part> = {
  ...everything,
  ...Object.fromEntries(slow.map(([name, paths]): [string, Part] => [name, () => runTests(name, { paths })])),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(everything);
const failures: string[] = [];
const total: Count = { passed: 0, failed: 0 };
for (const name of wanted) {
  const part = parts[name];
  if (!part) throw new Error(`No part is named "${name}"; the parts are: ${Object.keys(parts).join(', ')}.`);
  const count = await part();
  total.passed += count.passed;
  total.failed += count.failed;
}

if (failures.length > 0) console.log('');
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runChecks(): Promise<Count> {
  // Those after the build look at what it would publish.
  const before = ['check:format', 'check:lint', 'typecheck', 'check:knip'];
  const scripts = [...before, 'build', 'check:commands', 'check:publint', 'check:attw'];
  const count = { passed: 0, failed: 0 };
  for (const name of scripts) {
    const { ok } = await runStep(name, `pnpm run ${name}`);
    count[ok ? 'passed' : 'failed'] += 1;
  }
  return count;
}

async function runTests(
  name: string,
  { paths = [], except = [] }: { paths?: readonly string[]; except?: readonly string[] },
): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'code-mode-vitest-'));
  const report = join(folder, 'report.json');
  // A pattern that is no full path would be one below each package.
  const excluded = except.map((path) => `--exclude='${resolve(path)}${path.endsWith('/') ? '/**' : ''}'`);
  const reporters = `--reporter=default --reporter=json --outputFile.json='${report}'`;
  try {
    const { ok } = await runStep(name, ['vitest run', ...paths, ...excluded, reporters].join(' '));
    const { passed, failed, names } = readReport(report);
    failures.push(...names);
    return { passed, failed: ok ? failed : Math.max(1, failed) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(path: string): Count & { names: string[] } {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, 'utf8'));
    // A file that does not load has no failed test of its own.
    const broken = testResults.filter(
      (file: { status: string; assertionResults: { status: string }[] }) =>
        file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    );
    const tests = testResults.flatMap((file: { assertionResults: { status: string; fullName: string }[] }) =>
      file.assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName),
    );
    const names = [...broken.map((file: { name: string }) => file.name), ...tests];
    return { passed: numPassedTests, failed: numFailedTests + broken.length, names };
  } catch {
    return { passed: 0, failed: 1, names: [] };
  }
}

async function runPythonTests(): Promise<Count> {
  const count = { passed: 0, failed: 0 };
  const pythons = listPythons();
  for (const { version, path } of pythons) {
    const result = await runPython(`python ${version}`, `'${path}' -m unittest discover -s tests -t .`);
    count.passed += result.passed;
    count.failed += result.failed;
  }
  const [chosen] = pythons;
  const sitePackages = chosen && (await libraryEnvironment(chosen.path));
  if (sitePackages === undefined) {
    console.log('=== python with libraries: skipped, because they could not be installed');
    return count;
  }
  const modules = ['artifact_formats', 'figures', 'foreign'].map((name) => `tests.test_${name}`).join(' ');
  const name = `python ${chosen?.version} with libraries`;
  const env = { PYTHONPATH: sitePackages };
  const result = await runPython(name, `'${chosen?.path}' -m unittest ${modules}`, env);
  // What is skipped here is run nowhere.
  return { passed: count.passed + result.passed, failed: count.failed + result.failed + result.skipped };
}

async function runPython(
  name: string,
  command: string,
  env: Record<string, string> = {},
): Promise<Count & { skipped: number }> {
  // Python puts the working directory on its path, which is how the tests find the package.
  const options = { cwd: 'packages/core/kernel', env: { PYTHONDONTWRITEBYTECODE: '1', ...env } };
  const { ok, errors } = await runStep(name, command, options);
  const ran = Number(errors.match(/^Ran (\d+) tests?/m)?.[1] ?? 0);
  const noted = (word: string) => Number(errors.match(new RegExp(`^(?:OK|FAILED) .*\\b${word}=(\\d+)`, 'm'))?.[1] ?? 0);
  const failed = noted('failures') + noted('errors') + noted('unexpected successes');
  const skipped = noted('skipped');
  // No test at all is a failure too: the folder moved, or nothing could be imported.
  const broken = !ok || ran === 0;
  return { passed: Math.max(0, ran - failed - skipped), failed: broken ? Math.max(1, failed) : 0, skipped };
}

/** Runs one shell command, streams its output, and keeps what it wrote to stderr. */
async function runStep(
  name: string,
  command: string,
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ ok: boolean; errors: string }> {
  console.log(`\n=== ${name}: ${command}`);
  const started = performance.now();
  const env = { ...process.env, ...options.env };
  const child = spawn(command, { shell: true, cwd: options.cwd, env, stdio: ['ignore', 'inherit', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    process.stderr.write(text);
  });
  const ok = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
  if (!ok) failures.push(name);
  console.log(`=== ${name}: ${ok ? 'passed' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return { ok, errors };
}
