import type { Story } from './story.ts';

/** One black pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg==';

const IMAGE = `
import base64
class Pixel:
    def _repr_png_(self):
        return base64.b64decode("${PIXEL}")
`;

/** What programs print, show, raise and call. */
export const programStories: Story[] = [
  {
    name: 'stdout and stderr keep their order',
    programs: ['import sys\nprint("a")\nprint("b", file=sys.stderr)\nprint("c")'],
    ends: ['completed'],
    reads: 'a\\n[stderr]\\nb\\n[end of stderr]\\nc',
  },
  {
    name: 'variables, functions and imports stay for the next run',
    programs: ['import math\nx = 20\ndef twice(n):\n    return 2 * n', 'twice(x) + math.floor(1.5)'],
    ends: ['completed', 'completed'],
    reads: 'Result: 41',
  },
  { name: 'an image that is displayed', programs: [`${IMAGE}display(Pixel())`], ends: ['completed'], reads: PIXEL },
  { name: 'an image that is the result', programs: [`${IMAGE}Pixel()`], ends: ['completed'], reads: PIXEL },
  {
    name: 'two images and text between them',
    programs: [`${IMAGE}display(Pixel())\nprint("between")\ndisplay(Pixel())`],
    ends: ['completed'],
  },
  {
    name: 'an exception, and the session goes on',
    programs: ['x = 1\nprint("before")\ndef f():\n    return x / 0\nf()', 'x'],
    ends: ['failed', 'completed'],
    reads: 'ZeroDivisionError: division by zero',
  },
  { name: 'a syntax error', programs: ['x = = 1'], ends: ['failed'], reads: 'SyntaxError' },
  {
    name: 'SystemExit ends the program, not the session',
    programs: ['x = 1\nexit(2)', 'x'],
    ends: ['failed', 'completed'],
  },
  {
    name: 'a tool that does not exist',
    programs: ['tools.ad(a=1, b=2)'],
    ends: ['failed'],
    reads: 'add',
  },
  { name: 'wrong arguments', programs: ['tools.add(a="one", b=2)'], ends: ['failed'], reads: 'a must be an integer' },
  {
    name: 'a tool that fails and nobody catches it',
    programs: ['tools.fail(message="the disk is full")'],
    log: ['fail the disk is full'],
    ends: ['failed'],
    reads: 'the disk is full',
  },
  {
    name: 'a tool that fails and Python goes on',
    programs: [
      'try:\n    tools.fail(message="no")\nexcept Exception as error:\n    print("caught", error)\ntools.note(text="after")',
    ],
    log: ['fail no', 'note after'],
    ends: ['completed'],
    reads: 'caught no',
  },
  {
    name: 'calls one after another',
    programs: ['[tools.add(a=n, b=1) for n in range(3)]'],
    log: ['add 0 1', 'add 1 1', 'add 2 1'],
    ends: ['completed'],
    reads: 'Result: [1, 2, 3]',
  },
  {
    name: 'calls at the same time',
    programs: ['import asyncio\nawait asyncio.gather(*(tools.add.aio(a=n, b=1) for n in range(5)))'],
    log: ['add 0 1', 'add 1 1', 'add 2 1', 'add 3 1', 'add 4 1'],
    unordered: true,
    ends: ['completed'],
    reads: 'Result: [1, 2, 3, 4, 5]',
  },
  {
    name: 'a large result goes into an artifact that the next run reads',
    programs: ['"x" * 5_000', 'entry, = artifacts.list()\nlen(artifacts.load(entry.name))'],
    limits: { resultBytes: 1_000 },
    ends: ['completed', 'completed'],
    reads: 'Result: 5000',
  },
  {
    name: 'a long output is cut for the model, and whole in an artifact',
    programs: ['for n in range(5_000):\n    print("line", n)'],
    ends: ['completed'],
    reads: 'line 4999',
  },
  {
    name: 'an artifact and a workflow that one run saves and another one uses',
    programs: [
      'entry = artifacts.save("numbers", [1, 2, 3])',
      'entry = workflows.create("total", "def run(numbers: list[int]) -> int:\\n    return sum(numbers)\\n")',
      'workflows.total(numbers=artifacts.load("numbers"))',
    ],
    ends: ['completed', 'completed', 'completed'],
    reads: 'Result: 6',
  },
  {
    name: 'two conversations at the same time, each with its variables',
    programs: { ann: ['secret = "ann"', 'secret'], bob: ['secret = "bob"', 'secret'] },
    ends: ['completed', 'completed', 'completed', 'completed'],
    reads: 'bob',
  },
];
