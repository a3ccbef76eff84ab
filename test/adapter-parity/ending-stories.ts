import type { Story } from './story.ts';

// The host knows it by how long it sleeps: in a sandbox its id is another.
const CHILD =
  'import subprocess, uuid\ntime = f"600.{uuid.uuid4().int}"\nchild = subprocess.Popen(["sleep", time])\ntools.watch(argument=time)\n';

/** Programs that do not come to their end by themselves, and what they would leave behind. */
export const endingStories: Story[] = [
  {
    name: 'the loop is aborted while Python computes',
    programs: ['tools.abort()\nimport time\ntime.sleep(600)'],
    log: ['abort'],
    ends: ['aborted'],
  },
  {
    name: 'the loop is aborted between two calls',
    programs: ['tools.note(text="before")\ntools.abort()\nimport time\ntime.sleep(600)\ntools.note(text="after")'],
    log: ['note before', 'abort'],
    ends: ['aborted'],
  },
  {
    name: 'a program that takes too long, and the variables stay',
    programs: ['x = 1\nwhile True:\n    pass', 'x'],
    limits: { timeoutMs: 2_000 },
    ends: ['timeout', 'completed'],
    reads: 'Result: 1',
  },
  {
    name: 'the process crashes, and the model is told that the variables are gone',
    programs: ['x = 1', 'import os\nos._exit(3)', '"x" in globals()'],
    ends: ['completed', 'crashed', 'completed'],
    reads: 'The Python session is new',
  },
  {
    name: 'the process is killed',
    programs: ['import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', '1'],
    ends: ['crashed', 'completed'],
    reads: 'SIGKILL',
  },
  {
    name: 'too many calls',
    programs: ['for n in range(5):\n    tools.note(text=str(n))'],
    limits: { maxCalls: 3 },
    log: ['note 0', 'note 1', 'note 2'],
    ends: ['failed'],
  },
  { name: 'a process that Python started ends with the session', programs: [`${CHILD}"started"`], ends: ['completed'] },
  {
    name: 'a thread that goes on ends with the session',
    programs: ['import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"started"'],
    ends: ['completed'],
  },
];
