import type { Attempt } from './attempt.ts';
import type { Canaries } from './canaries.ts';

const HELPERS = `
import ctypes, errno, fcntl, mmap, os, resource, signal, socket, stat, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def call(number, *arguments):
    """A system call by its number."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *converted)
    if result < 0:
        raise OSError(ctypes.get_errno(), "call")
    return result

def reaches(number, *arguments):
    """Whether the system looks at a call, be it only to refuse its arguments."""
    try:
        call(number, *arguments)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOSYS):
            raise
    return True

def read(path):
    with open(path, "rb") as file:
        return file.read()

def machine_code(code):
    """Runs bytes of machine code."""
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()

def outcome(attempt):
    try:
        return "landed" if attempt() else "nothing"
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except BaseException as error:
        return type(error).__name__
`;

export type Facts = Record<string, string | number>;

/** The program of an attempt; its last expression is what came of it. */
export function programOf({ code }: Attempt, canary: Canaries['facts'], neighbour: Facts = {}): string {
  const body = code.trim().replaceAll('\n', '\n    ');
  return `${HELPERS}\nfrom types import SimpleNamespace\ncanary = SimpleNamespace(**${pythonDict(canary)})\nneighbour = SimpleNamespace(**${pythonDict(neighbour)})\ndef attempt():\n    ${body}\noutcome(attempt)\n`;
}

/** JSON of texts and numbers is Python, too. */
function pythonDict(facts: Facts): string {
  return JSON.stringify(facts);
}
