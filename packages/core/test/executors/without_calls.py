"""Run a program in which system calls fail as they do on another system: without_calls.py ERRNO NUMBER… -- PROGRAM…"""

import ctypes
import os
import struct
import sys

split = sys.argv.index("--")
error, *numbers = map(int, sys.argv[1:split])
# Load the number; for each that is meant, return the error; allow the rest.
steps = [(0x20, 0, 0, 0)]
for number in numbers:
    steps += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]
steps.append((0x06, 0, 0, 0x7FFF0000))
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HP", len(steps), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[split + 1], sys.argv[split + 1 :])
