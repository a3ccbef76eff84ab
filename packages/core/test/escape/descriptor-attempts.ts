import { attempts } from './attempt.ts';

const inherited = { control: 'plain' } as const;

/** What somebody else opened: outside, a Python gets the processes and a file of the host with its start. */
export const descriptorAttempts = attempts([
  [
    'P30',
    'a file of the host that is open already',
    'descriptors',
    'nothing',
    'for number in range(3, 256):\n    try:\n        if canary.secret.encode() in os.pread(number, 100, 0): return True\n    except OSError: pass\nreturn False',
    inherited,
  ],
  [
    'P31',
    'see a process of the host through a folder that is open already',
    'descriptors',
    'nothing',
    'for number in range(3, 256):\n    try: os.stat(str(canary.pid), dir_fd=number)\n    except OSError: continue\n    return True\nreturn False',
    inherited,
  ],
  [
    'P32',
    'walk up from a folder that is open already',
    'descriptors',
    'nothing',
    'for number in range(3, 256):\n    try: os.stat("../" * 9 + canary.file, dir_fd=number)\n    except OSError: continue\n    return True\nreturn False',
    inherited,
  ],
]);
