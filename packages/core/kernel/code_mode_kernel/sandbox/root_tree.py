"""A root of its own for a zygote and its kernels: a small tree in memory that shows the visible paths, read-only."""

import os

from .id_map import bind_as_own
from .idle_program import idle_program
from .privileges import INSIDE_ID
from .system_calls import (
    ATTRIBUTE_NODEV,
    ATTRIBUTE_NOSUID,
    ATTRIBUTE_READ_ONLY,
    MOUNT_BIND,
    MOUNT_NODEV,
    MOUNT_NOEXEC,
    MOUNT_NOSUID,
    MOUNT_RECURSIVE,
    mount,
    pivot_root,
    restrict_mount,
)
from .visible_paths import VisiblePaths, is_below

#: Where a kernel keeps what it writes; a file system of its own for each.
PRIVATE_FOLDER = "/tmp"
#: What the first process of a nest becomes.
IDLE_PROGRAM = "/run/cm-nest"

DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/shm": f"{PRIVATE_FOLDER}/shm",
    "/var/tmp": PRIVATE_FOLDER,
}
FILES = {
    "/etc/passwd": f"root:x:0:0::/:/bin/sh\nuser:x:{INSIDE_ID}:{INSIDE_ID}::{PRIVATE_FOLDER}/work:/bin/sh\n",
    "/etc/group": f"root:x:0:\nuser:x:{INSIDE_ID}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/hostname": "sandbox\n",
}
PROCESSORS = "/sys/devices/system/cpu/online"
_READ_ONLY = ATTRIBUTE_READ_ONLY | ATTRIBUTE_NOSUID | ATTRIBUTE_NODEV


def build_root(root: str, visible: VisiblePaths, as_root: bool) -> None:
    """Mount the tree at `root` and go there. `as_root`: this process is root, and the kernels will not be."""
    mount("tmpfs", root, "tmpfs", MOUNT_NOSUID, "mode=755,size=8m")
    for folder in ("/proc", "/dev", "/etc", "/var", "/run", PRIVATE_FOLDER):
        os.makedirs(root + folder)
    # Outer folders first: what is in them is mounted on top.
    for path in sorted({*visible.readable, *visible.hidden, *visible.writable}):
        _make_place(root + path, os.path.isdir(path))
        if path in visible.hidden:
            _hide(root, path)
        else:
            _show(root, path, path in visible.writable, as_root and path in visible.private)
    for path, target in {**LINKS, **visible.links}.items():
        if not os.path.lexists(root + path):
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            os.symlink(target, root + path)
    for name in DEVICES:
        _make_place(f"{root}/dev/{name}", False)
        mount(f"/dev/{name}", f"{root}/dev/{name}", None, MOUNT_BIND)
    for path, text in FILES.items():
        _write(root + path, text.encode())
    _write(root + PROCESSORS, read_processors())
    program = idle_program()
    if program:
        _write(root + IDLE_PROGRAM, program)
        os.chmod(root + IDLE_PROGRAM, 0o755)
    os.chdir(root)


def enter_root() -> None:
    """Make the tree in the current folder the root of this process, which is the first of its process namespace.

    Paths are relative, because the folders above may be closed to this process.
    """
    # What somebody with more rights has mounted may not be moved; a copy, mounted on top of it, may.
    mount(".", ".", None, MOUNT_BIND | MOUNT_RECURSIVE)
    # Going down and up again leads to what is on top.
    os.chdir("proc")
    os.chdir("..")
    # The system's own /proc is still in sight here, without which no other one may be mounted.
    mount("proc", "proc", "proc", MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC)
    pivot_root()
    restrict_mount("/", ATTRIBUTE_READ_ONLY | ATTRIBUTE_NOSUID | ATTRIBUTE_NODEV, recursive=False)


def mount_private_folders(size_bytes: int, files: int, visible: "list[str]") -> None:
    """For one kernel: a /tmp and a /proc of its own. `visible` paths below /tmp stay to be seen."""
    covered = [path for path in visible if is_below(path, PRIVATE_FOLDER)]
    sources = [os.open(path, os.O_PATH) for path in covered]
    options = f"mode=755,size={size_bytes},nr_inodes={files}"
    mount("tmpfs", PRIVATE_FOLDER, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV, options)
    for name in ("work", "shm"):
        os.mkdir(f"{PRIVATE_FOLDER}/{name}", 0o700)
    for path, source in zip(covered, sources):
        link = f"/proc/self/fd/{source}"
        _make_place(path, os.path.isdir(link))
        mount(link, path, None, MOUNT_BIND | MOUNT_RECURSIVE)
    mount("proc", "/proc", "proc", MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC, "hidepid=invisible,subset=pid")


def _show(root: str, path: str, writable: bool, as_own: bool) -> None:
    if not (as_own and bind_as_own(path, root + path)):
        if as_own and writable:
            raise OSError(f"the file system of {path} cannot show it as the kernels' own: give it to another user (chown)")
        mount(path, root + path, None, MOUNT_BIND | MOUNT_RECURSIVE)
    restrict_mount(root + path, ATTRIBUTE_NOSUID | ATTRIBUTE_NODEV | (0 if writable else ATTRIBUTE_READ_ONLY))


def _hide(root: str, path: str) -> None:
    empty = f"{root}/run/{path.strip('/').replace('/', '-')}"
    os.mkdir(empty)
    mount(empty, root + path, None, MOUNT_BIND)


def _make_place(path: str, is_folder: bool) -> None:
    if os.path.exists(path):
        return
    if is_folder:
        os.makedirs(path)
    else:
        _write(path, b"")


def _write(path: str, content: bytes) -> None:
    """Make a file, where nothing of the system is seen in its place."""
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "xb") as file:
        file.write(content)


def read_processors() -> bytes:
    """Which processors there are; libraries read it to learn how many threads to start."""
    try:
        with open(PROCESSORS, "rb") as file:
            return file.read()
    except OSError:
        return b"0\n"
