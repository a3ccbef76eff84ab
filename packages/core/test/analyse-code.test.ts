import { afterAll, expect, it } from 'vitest';
import { analyseCode } from '../src/analyse-code.ts';
import { SubprocessExecutor } from '../src/executors/subprocess/index.ts';
import type { WireValue } from '../src/wire/messages.ts';

const subprocess = new SubprocessExecutor();
const made: SubprocessExecutor[] = [subprocess];
afterAll(() => Promise.all(made.map((executor) => executor.close())));

/** Counts the kernels it opens; they answer as `answer` says when there is one. */
class WatchedExecutor extends SubprocessExecutor {
  opened = 0;
  readonly #answer: WireValue | undefined;

  constructor(answer?: WireValue) {
    super();
    made.push(this);
    this.#answer = answer;
  }

  override async open(): ReturnType<SubprocessExecutor['open']> {
    this.opened++;
    const kernel = await super.open();
    const answer = this.#answer;
    if (answer === undefined) return kernel;
    kernel.send = () => kernel.listener?.message({ type: 'analysis', requestId: 1, result: answer }, undefined);
    return kernel;
  }
}

const code = `\`\`\`python
import subprocess as sp
from urllib.request import urlopen
sp.run(["ls"])
open("x", "w").write(urlopen("https://example.org").read())
getattr(tools, name)()
[tools.weather(city=city) for city in cities]
workflows.report()
\`\`\``;

it('tells what the program does that would run, and does not run it', async () => {
  expect(await analyseCode(code, { executor: subprocess })).toEqual({
    imports: ['subprocess', 'urllib.request'],
    fileWrites: [{ what: 'open', line: 5 }],
    shell: [
      { what: 'subprocess', line: 2 },
      { what: 'subprocess.run', line: 4 },
    ],
    network: [
      { what: 'urllib.request.urlopen', line: 3 },
      { what: 'urllib.request.urlopen', line: 5 },
    ],
    dynamicCode: [{ what: 'getattr', line: 6 }],
    tools: ['weather'],
    workflows: ['report'],
  });
});

it('uses the shared executor without one', async () => {
  expect((await analyseCode('os.system("ls")')).shell).toEqual([{ what: 'os.system', line: 1 }]);
});

it('analyses each text once, and what a caller does to the answer stays his', async () => {
  const executor = new WatchedExecutor();
  const [first, second] = await Promise.all([
    analyseCode('eval("1")', { executor }),
    analyseCode('eval("1")', { executor }),
  ]);
  first.dynamicCode.length = 0;
  expect(second.dynamicCode).toEqual([{ what: 'eval', line: 1 }]);
  expect((await analyseCode('eval("1")', { executor })).dynamicCode).toEqual([{ what: 'eval', line: 1 }]);
  expect(executor.opened).toBe(1);
  await analyseCode('eval("2")', { executor });
  expect(executor.opened).toBe(2);
});

it.each([
  ['x = (', "line 1: '(' was never closed"],
  [
    '!ls',
    'line 1: ! does not run shell commands here; write: import subprocess; print(subprocess.run("ls", shell=True, capture_output=True, text=True).stdout)',
  ],
  [`x${'()'.repeat(5000)}`, 'The source is nested too deeply to parse.'],
])('has no facts of code that cannot be parsed: %.10s', async (source, message) => {
  await expect(analyseCode(source, { executor: subprocess })).rejects.toMatchObject({
    code: 'invalid_source',
    message,
  });
});

it.each([
  null,
  {},
  { imports: [], fileWrites: [], shell: [{ what: 1 }], network: [], dynamicCode: [], tools: [], workflows: [] },
])('does not take %j for facts, and asks again the next time', async (answer) => {
  const executor = new WatchedExecutor(answer);
  const failure = {
    code: 'invalid_source',
    message: 'The code could not be analysed: Python answered in another form.',
  };
  await expect(analyseCode('1', { executor })).rejects.toMatchObject(failure);
  await expect(analyseCode('1', { executor })).rejects.toMatchObject(failure);
  expect(executor.opened).toBe(2);
});
