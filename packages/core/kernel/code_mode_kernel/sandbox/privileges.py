"""What a process may do beyond an ordinary one, and how it gives that up for good."""

import os
import struct

from .system_calls import NEW_USER, prctl, system_call, unshare

#: The id of a kernel whose host is root. Nobody has it: distributions keep 65000 to 65533 free.
UNPRIVILEGED_ID = 65_533
#: The id that a kernel sees itself as in its own user namespace.
INSIDE_ID = 1000

_SET_DUMPABLE = 4
_DROP_BOUNDING = 24
_SET_SECUREBITS = 28
_NO_NEW_PRIVILEGES = 38
_CAPABILITY_VERSION = 0x20080522
#: Being root, changing ids and raising ambient capabilities give nothing; all locked.
_NO_PRIVILEGE_BY_ID = 0xEF


def is_root() -> bool:
    """Whether this process is root, and can be somebody else. Root of a namespace with one user is an ordinary user."""
    if os.geteuid() != 0:
        return False
    try:
        with open("/proc/self/uid_map") as file:
            ranges = [[int(field) for field in line.split()] for line in file]
    except OSError:
        return False
    return any(first <= UNPRIVILEGED_ID < first + count for first, _, count in ranges)


def become_unprivileged() -> None:
    """As root: take an id that owns nothing."""
    os.setgroups([])
    os.setresgid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    os.setresuid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    # A process that changed its id does not own its files in /proc otherwise.
    set_dumpable(True)


def enter_user_namespace(inside: int, others: int = 0) -> None:
    """Make a user namespace, with others of `others`, in which this process's id is `inside`; it has every capability there."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(NEW_USER | others)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{inside} {uid} 1")
    _write("/proc/self/gid_map", f"{inside} {gid} 1")


def lock_privileges() -> None:
    """Leave no way to gain a capability: not by executing something, and not by changing ids."""
    prctl(_SET_SECUREBITS, _NO_PRIVILEGE_BY_ID, "securebits")
    for capability in range(_LAST_CAPABILITY + 1):
        prctl(_DROP_BOUNDING, capability, "bounding set")


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    system_call("capset", struct.pack("Ii", _CAPABILITY_VERSION, 0), bytes(24))


def forbid_new_privileges() -> None:
    """Let no program give this process, or what it starts, more than it has."""
    prctl(_NO_NEW_PRIVILEGES, 1, "no_new_privs")


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one."""
    prctl(_SET_DUMPABLE, int(dumpable), "dumpable")


def close_descriptors(first: int, *keep: int) -> None:
    """Close every descriptor from `first` on but those of `keep`."""
    for kept in sorted(keep):
        os.closerange(first, kept)
        first = kept + 1
    system_call("close_range", first, 0xFFFFFFFF, 0)


def _read_last_capability() -> int:
    try:
        with open("/proc/sys/kernel/cap_last_cap") as file:
            return int(file.read())
    except OSError:
        return 40


_LAST_CAPABILITY = _read_last_capability()


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
