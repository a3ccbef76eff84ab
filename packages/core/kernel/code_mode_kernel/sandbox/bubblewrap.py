"""Where this process may make no namespaces the system's `bwrap` may: it starts the zygote again, in a root of its own.

The process that was to be the zygote becomes its keeper. Inside, kernels share the namespaces that bwrap has made, and
the other layers hold them apart, as in a container without nests.
"""

import json
import os
import stat
import sys

from ..processes import name_process
from .keeper import keep
from .nest import PRIVATE_BYTES
from .observation import outside
from .privileges import INSIDE_ID, become_unprivileged, is_root
from .root_tree import DEVICES, FILES, LINKS, PROCESSORS, read_processors
from .visible_paths import VisiblePaths, is_below

#: Where kernels make their private folders, in memory.
SHARED_FOLDER = "/run/kernels"
_SHARED_MEMORY = f"{SHARED_FOLDER}/shm"
#: What is in the root beside the visible paths; there is nothing of the system's in there.
_OURS = ["/etc", "/sys"]
_READY = b"ready"


def become_keeper_of_bwrap(options: dict, folder: str, visible: VisiblePaths, reason: str) -> str:
    """Start the zygote in bwrap and be its keeper; returns only when that cannot be, with all the reasons.

    `options` are the zygote's, `folder` is the socket's, and `reason` tells why it takes bwrap.
    """
    if "bwrap" not in options["sandbox"]:
        return reason
    program = options["sandbox"]["bwrap"]
    if program is None:
        return f"{reason}; nor is there a bwrap on PATH that could"
    news, tell = os.pipe()
    complaints = os.memfd_create("complaints")
    pid = os.fork()
    if not pid:
        try:
            os.close(news)
            _start(options, visible, reason, tell, complaints)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the keeper reports it
            os.pwrite(complaints, str(error).encode(), 0)
        finally:
            os._exit(1)
    os.close(tell)
    with open(news, "rb") as file:
        # Not to the end: some process of bwrap may hold the other end, too.
        is_ready = file.read(len(_READY)) == _READY
    if is_ready:
        os.close(complaints)
        name_process("keeper")
        keep(folder)
    os.waitpid(pid, 0)
    with open(complaints, encoding="utf-8", errors="replace") as file:
        file.seek(0)
        complaint = (file.read().strip() or "it ended without saying why").splitlines()[-1]
    return f"{reason}; {program} does not work here either ({complaint})"


def confirm(wrapper: dict) -> None:
    """For the zygote in bwrap, once it is held: tell its keeper, and complain to the host."""
    os.dup2(wrapper["complain"], 2)
    os.write(wrapper["tell"], _READY)
    for name in ("complain", "tell"):
        os.close(wrapper[name])


def bwrap_arguments(
    visible: VisiblePaths, network: bool, size_bytes: "int | None", files: "dict[str, int]"
) -> "list[str]":
    """What bwrap is asked for: the same root as elsewhere. `files`: path -> descriptor of what is in it."""
    arguments = ["--unshare-user", "--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID), "--unshare-ipc", "--unshare-pid"]
    arguments += ["--unshare-uts", "--hostname", "sandbox", "--unshare-cgroup-try"]
    arguments += [] if network else ["--unshare-net"]
    arguments += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--chdir", "/", "--proc", "/proc"]
    arguments += _cover_system("/proc")
    # Outer folders first: what is in them is mounted on top.
    shown = {*visible.readable, *visible.hidden, *visible.writable}
    for path in sorted(shown):
        if path in visible.hidden:
            arguments += ["--tmpfs", path, "--remount-ro", path]
        else:
            arguments += ["--bind" if path in visible.writable else "--ro-bind", path, path]
    for name in DEVICES:
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for path, target in {**LINKS, "/dev/shm": _SHARED_MEMORY, **visible.links}.items():
        arguments += [] if _is_in(path, shown) else ["--symlink", target, path]
    for path, descriptor in files.items():
        arguments += [] if _is_in(path, shown) else ["--file", str(descriptor), path]
    # Last, so that nothing of the host's is below what the zygote removes.
    arguments += [] if size_bytes is None else ["--size", str(size_bytes)]
    arguments += ["--tmpfs", SHARED_FOLDER, "--dir", _SHARED_MEMORY]
    return [*arguments, "--remount-ro", "/"]


def _start(options: dict, visible: VisiblePaths, reason: str, tell: int, complaints: int) -> None:
    """In the child: become bwrap, which becomes the zygote. Its options and what it needs come as descriptors."""
    told = options["sandbox"]
    before = outside()
    processes = os.open("/proc", os.O_PATH)
    host_socket = os.open(options["socket"], os.O_PATH)
    if is_root():
        become_unprivileged()
        for path in told["writable"]:
            if not os.access(path, os.W_OK):
                raise OSError(f"{path} belongs to root: give it to another user (chown)")
    wrapper = {"complain": os.dup(2), "tell": tell, "hostProcesses": processes}
    inside = {**told, "listed": False, "readable": [*told["readable"], *_OURS], "outside": before}
    inside |= {"withoutNests": reason, "wrapper": wrapper}
    inner = {**options, "socket": f"/proc/self/fd/{host_socket}", "folder": SHARED_FOLDER, "sandbox": inside}
    files = {path: _hold(text.encode()) for path, text in FILES.items()}
    files[PROCESSORS] = _hold(read_processors())
    os.dup2(_hold(f"{json.dumps(inner)}\n".encode()), 0)
    os.dup2(complaints, 2)
    # One that is setuid lets nobody choose a size.
    size_bytes = None if os.stat(told["bwrap"]).st_mode & stat.S_ISUID else PRIVATE_BYTES
    arguments = bwrap_arguments(visible, told["network"], size_bytes, files)
    asked = _hold("".join(f"{argument}\0" for argument in arguments).encode())
    for descriptor in (*wrapper.values(), host_socket, *files.values(), asked):
        os.set_inheritable(descriptor, True)
    kernel = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    python = [sys.executable, "-I", "-X", "utf8", kernel]
    os.execve(told["bwrap"], [told["bwrap"], "--args", str(asked), "--", *python], dict(os.environ))


def _cover_system(processes: str) -> "list[str]":
    """What takes all out of sight that is in a folder of processes and belongs to none."""
    arguments = []
    for entry in sorted(os.scandir(processes), key=lambda entry: entry.name):
        if entry.is_symlink() or entry.name.isdigit():
            continue
        if entry.is_dir():
            arguments += ["--tmpfs", entry.path, "--remount-ro", entry.path]
        else:
            arguments += ["--ro-bind", "/dev/null", entry.path]
    return arguments


def _hold(content: bytes) -> int:
    """A descriptor that is read from the start."""
    descriptor = os.memfd_create("content")
    os.pwrite(descriptor, content, 0)
    return descriptor


def _is_in(path: str, folders: "set[str]") -> bool:
    return any(is_below(path, folder) for folder in folders)
