import type { Story } from './story.ts';

const DELETE_A = 'print("once")\ntools.delete_file(path="a")';
const CATCHES =
  'try:\n    tools.delete_file(path="a")\nexcept Exception as error:\n    print(type(error).__name__, error)';
const GATHER =
  'import asyncio\nlen(await asyncio.gather(*(tools.delete_file.aio(path=p) for p in "abc"), return_exceptions=True))';
const THREAD =
  'import threading\nt = threading.Thread(target=lambda: tools.delete_file(path="a"))\nt.start()\nt.join()\n"joined"';
const NO = 'Not on a Friday.';

/** The AI SDK does not run a tool whose call was denied, so nothing tells the run before `runCode` is called again. */
const deniedUnheard = (ends: string[], waiting = 0) => ({ differs: { 'ai-sdk': { own: { ends, waiting } } } });

/** The AI SDK asks once for a call: for what comes later in the run, the model calls `runCode` again. */
const callsAgain = { differs: { 'ai-sdk': {} } };

/** Gates of the frameworks' tools hold for calls from Python: what was not approved is not done, what was is done once. */
export const approvalStories: Story[] = [
  { name: 'nobody can be asked', programs: [DELETE_A], ends: ['failed'], reads: 'nobody can be asked' },
  {
    name: 'a gate that lets through',
    programs: ['tools.delete_temp(path="tmp1")'],
    log: ['delete tmp1'],
    ends: ['completed'],
  },
  {
    name: 'a gate that does not, and nobody can be asked',
    programs: ['tools.delete_temp(path="a")'],
    ends: ['failed'],
  },
  { name: 'a gate that throws is closed', programs: ['tools.delete_broken(path="a")'], ends: ['failed'] },
  {
    name: 'onApproval: yes',
    programs: [DELETE_A],
    onApproval: () => true,
    log: ['asked a', 'delete a'],
    ends: ['completed'],
  },
  {
    name: 'onApproval: no, and why',
    programs: [CATCHES],
    onApproval: () => NO,
    log: ['asked a'],
    ends: ['completed'],
    reads: NO,
  },
  {
    name: 'onApproval: no, and nobody catches it',
    programs: [DELETE_A],
    onApproval: () => NO,
    log: ['asked a'],
    ends: ['failed'],
  },
  {
    name: 'onApproval: a yes and a no in one program',
    programs: [`tools.delete_file(path="b")\n${CATCHES}`],
    onApproval: (path) => path === 'b',
    log: ['asked b', 'delete b', 'asked a'],
    ends: ['completed'],
  },
  {
    name: 'onApproval: several at once',
    programs: [GATHER],
    onApproval: (path) => path !== 'b',
    log: ['asked a', 'asked b', 'asked c', 'delete a', 'delete c'],
    unordered: true,
    ends: ['completed'],
  },
  {
    name: 'asked: yes',
    programs: [DELETE_A],
    decisions: [true],
    log: ['asked a', 'delete a'],
    ends: ['completed'],
    reads: 'once',
  },
  {
    name: 'asked about the call of a gate with a rule, and not about the call it lets through',
    programs: ['for p in ["tmp1", "a"]:\n    tools.delete_temp(path=p)'],
    decisions: [true],
    log: ['delete tmp1', 'asked a', 'delete a'],
    ends: ['completed'],
  },
  {
    name: 'asked: no',
    programs: ['x = 1\ntools.delete_file(path="a")\nx = 2', 'x'],
    ...deniedUnheard(['aborted', 'completed']),
    decisions: [false],
    log: ['asked a'],
    ends: ['failed', 'completed'],
    reads: 'Result: 1',
  },
  {
    name: 'asked: three rounds',
    ...callsAgain,
    programs: ['for p in "abc":\n    tools.note(text=p)\n    tools.delete_file(path=p)'],
    decisions: [true],
    log: ['note a', 'asked a', 'delete a', 'note b', 'asked b', 'delete b', 'note c', 'asked c', 'delete c'],
    ends: ['completed'],
  },
  {
    name: 'asked: yes, then no',
    programs: ['for p in "ab":\n    tools.delete_file(path=p)', '"alive"'],
    ...deniedUnheard(['aborted', 'completed']),
    decisions: [true, false],
    log: ['asked a', 'delete a', 'asked b'],
    ends: ['failed', 'completed'],
    reads: 'alive',
  },
  {
    name: 'asked: several at once, yes',
    // A call may reach the host after the others have been asked about, and is asked about in a round of its own then.
    ...callsAgain,
    programs: [GATHER],
    decisions: [true],
    log: ['asked a', 'asked b', 'asked c', 'delete a', 'delete b', 'delete c'],
    unordered: true,
    ends: ['completed'],
    reads: 'Result: 3',
  },
  {
    name: 'asked: no, and nothing comes after it',
    programs: [DELETE_A],
    ...deniedUnheard(['aborted'], 1),
    decisions: [false],
    log: ['asked a'],
    ends: ['failed'],
  },
  {
    name: 'asked from a thread',
    programs: [THREAD],
    decisions: [true],
    log: ['asked a', 'delete a'],
    ends: ['completed'],
    reads: 'joined',
  },
  {
    name: 'asked in two programs',
    programs: [DELETE_A, 'tools.delete_file(path="b")'],
    decisions: [true],
    log: ['asked a', 'delete a', 'asked b', 'delete b'],
    ends: ['completed', 'completed'],
  },
  {
    name: 'asked in two conversations at the same time',
    programs: { ann: ['tools.delete_file(path="of ann")'], bob: ['tools.delete_file(path="of bob")'] },
    decisions: [true],
    log: ['asked of ann', 'asked of bob', 'delete of ann', 'delete of bob'],
    unordered: true,
    ends: ['completed', 'completed'],
  },
  {
    name: 'asked, and the process is restarted before the yes',
    programs: ['tools.note(text="n")\ntools.delete_file(path="a")'],
    decisions: [true],
    restarts: true,
    log: ['note n', 'asked a'],
    ends: ['aborted'],
    waiting: 1,
    reads: 'The run that asked for this approval is gone',
  },
];
