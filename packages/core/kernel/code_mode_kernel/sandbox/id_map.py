"""Folders of root, seen by a kernel whose host is root as if they were its own."""

import functools
import os

from .privileges import UNPRIVILEGED_ID
from .system_calls import NEW_USER, bind_id_mapped, unshare


def bind_as_own(source: str, target: str) -> bool:
    """Bind a folder so that who owns it is the unprivileged id. False where the file system cannot do that."""
    owner = os.stat(source)
    try:
        bind_id_mapped(source, target, _mapping(owner.st_uid, owner.st_gid))
        return True
    except OSError:
        return False


@functools.cache
def _mapping(uid: int, gid: int) -> int:
    """A user namespace in which the ids of the disk are the unprivileged ones outside."""
    made, tell = os.pipe()
    wait, end = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(end)
            unshare(NEW_USER)
            os.write(tell, b".")
            os.read(wait, 1)
        finally:
            os._exit(0)
    try:
        os.close(tell)
        os.read(made, 1)
        for name, inside in (("uid_map", uid), ("gid_map", gid)):
            with open(f"/proc/{pid}/{name}", "w") as file:
                file.write(f"{inside} {UNPRIVILEGED_ID} 1")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        for descriptor in (made, wait, end):
            os.close(descriptor)
        os.waitpid(pid, 0)
