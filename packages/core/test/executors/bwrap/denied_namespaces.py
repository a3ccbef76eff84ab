"""Run a program as an ordinary user who may make no user namespace, while root may: denied_namespaces.py UID PROGRAM…

To be started by root. The limit is that of a user namespace of its own, so it holds for nobody else.
"""

import ctypes
import os
import sys

NEW_USER = 0x10000000
LIMIT = 16

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int) -> None:
    if result:
        sys.exit(os.strerror(ctypes.get_errno()))


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def identity(path: str) -> str:
    """The same ids inside as outside."""
    with open(path) as file:
        ranges = [line.split() for line in file]
    return "".join(f"{first} {first} {count}\n" for first, _, count in ranges)


def become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


uid = int(sys.argv[1])
maps = {name: identity(f"/proc/self/{name}") for name in ("uid_map", "gid_map")}
made, tell_made = os.pipe()
mapped, tell_mapped = os.pipe()
program = os.getpid()
if os.fork() == 0:
    os.read(made, 1)
    for name, text in maps.items():
        write(f"/proc/{program}/{name}", text)
    os.write(tell_mapped, b".")
    os._exit(0)
check(libc.unshare(NEW_USER))
os.write(tell_made, b".")
os.read(mapped, 1)
write("/proc/sys/user/max_user_namespaces", str(LIMIT))
os.setresuid(0, 0, 0)
used, tell_used = os.pipe()
end, held = os.pipe()
for _ in range(LIMIT):
    # All that this user may have, until the program ends.
    if os.fork() == 0:
        os.close(held)
        become(uid)
        check(libc.unshare(NEW_USER))
        os.write(tell_used, b".")
        os.read(end, 1)
        os._exit(0)
os.close(tell_used)
for _ in range(LIMIT):
    if os.read(used, 1) != b".":
        sys.exit("the user namespaces that use up the limit could not be made")
become(uid)
os.set_inheritable(held, True)
os.execv(sys.argv[2], sys.argv[2:])
