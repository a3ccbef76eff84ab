"""System calls that Python has no function for. A call that fails raises OSError with its name."""

import ctypes
import errno
import os
import struct

NEW_MOUNTS = 0x00020000
NEW_CGROUP = 0x02000000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PID = 0x20000000
NEW_NET = 0x40000000

MOUNT_NOSUID = 2
MOUNT_NODEV = 4
MOUNT_NOEXEC = 8
MOUNT_BIND = 4096
MOUNT_RECURSIVE = 16384
MOUNT_PRIVATE = 1 << 18

ATTRIBUTE_READ_ONLY = 1
ATTRIBUTE_NOSUID = 2
ATTRIBUTE_NODEV = 4
ATTRIBUTE_ID_MAPPED = 0x00100000

_DETACH = 2
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_CLONE_TREE = 1

_BY_MACHINE = {
    "x86_64": {"pivot_root": 155, "seccomp": 317, "capset": 126},
    "aarch64": {"pivot_root": 41, "seccomp": 277, "capset": 91},
}
#: Those that libc has no function for.
_NUMBERS = {
    **_BY_MACHINE.get(os.uname().machine, {}),
    "open_tree": 428,
    "move_mount": 429,
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)


def system_call(name: str, *arguments: "int | bytes | None") -> int:
    """Make a system call by name."""
    number = _NUMBERS.get(name)
    if number is None:
        raise OSError(errno.ENOSYS, f"{name} is not known for this processor")
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *converted), name)


def prctl(option: int, value: int = 0, name: str = "prctl") -> int:
    return _check(_libc.prctl(option, value, 0, 0, 0), name)


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def set_namespaces(descriptor: int, flags: int) -> None:
    """Join namespaces of the process, or the one namespace, that a descriptor stands for."""
    _check(_libc.setns(descriptor, flags), "setns")


def mount(source: "str | None", target: str, kind: "str | None", flags: int, data: str = "") -> None:
    what = f"mount {kind or source} on {target}"
    arguments = (source and source.encode(), target.encode(), kind and kind.encode())
    _check(_libc.mount(*arguments, ctypes.c_ulong(flags), data.encode() or None), what)


def restrict_mount(path: str, attributes: int, recursive: bool = True) -> None:
    """Set attributes of a mount, and of those below it."""
    _set_attributes(_AT_FDCWD, path, _AT_RECURSIVE if recursive else 0, attributes, 0)


def bind_id_mapped(source: str, target: str, user_namespace: int) -> None:
    """Bind a folder so that the ids of its files are seen through a user namespace."""
    tree = system_call("open_tree", _AT_FDCWD, source.encode(), _CLONE_TREE | _AT_RECURSIVE)
    try:
        flags = _AT_EMPTY_PATH | _AT_RECURSIVE
        _set_attributes(tree, "", flags, ATTRIBUTE_ID_MAPPED, user_namespace)
        system_call("move_mount", tree, b"", _AT_FDCWD, target.encode(), 4)
    finally:
        os.close(tree)


def pivot_root() -> None:
    """Make the mount in the current folder the root of this mount namespace, and let go of the old one."""
    system_call("pivot_root", b".", b".")
    _check(_libc.umount2(b".", _DETACH), "umount2")
    os.chdir("/")


def _set_attributes(folder: int, path: str, flags: int, attributes: int, user_namespace: int) -> None:
    record = struct.pack("QQQQ", attributes, 0, 0, user_namespace)
    system_call("mount_setattr", folder, path.encode(), flags, record, len(record))


def _check(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
