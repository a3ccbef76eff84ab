import type { Story } from './story.ts';
import { VALUE_NAMES } from './world.ts';

const FROM_PYTHON: Record<string, string> = {
  'a number too big for JSON': '2**70',
  'numbers that JSON has not': '[float("nan"), float("inf"), -float("inf")]',
  None: 'None',
  bytes: 'b"\\x00\\xff"',
  'dates and times': 'import datetime\n[datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5)]',
  'a look-alike of a text part': '{"type": "text", "text": "hi"}',
  'a look-alike of an image part': '{"type": "image", "image": "aGk="}',
  'a look-alike of an output': '{"value": 5}',
  'a look-alike of a failed run': '{"status": "failed", "error": {"name": "X"}}',
  'something nested': '{"a": [{"b": [{"c": (1, {2})}]}], 1: None}',
  'something circular': 'a = []\na.append(a)\na',
  'something that cannot be encoded': 'object',
  'five million characters': '"x" * 5_000_000',
  'text of every plane': '"\\u00e4\\u20ac\\U0001f600\\x00\\ud800"',
  'a decimal and a set': 'import decimal\n[decimal.Decimal("0.1"), {1}]',
};

/** What Python returns is data, and so is what a tool returns: no framework takes it for something of its own. */
export const valueStories: Story[] = [
  ...Object.entries(FROM_PYTHON).map(
    ([name, code]): Story => ({ name: `Python returns ${name}`, programs: [code], ends: ['completed'] }),
  ),
  ...VALUE_NAMES.map(
    (name): Story => ({
      name: `a tool returns: ${name}`,
      programs: [
        `try:\n    v = tools.pick(name="${name}")\nexcept Exception as error:\n    print(error)\n    v = "refused"\nv`,
      ],
      ends: ['completed'],
    }),
  ),
];
