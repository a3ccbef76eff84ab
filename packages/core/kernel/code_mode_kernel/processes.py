"""Process trees on Linux (and, as far as it goes, other POSIX systems): adopt, find and kill what a kernel started."""

import ctypes
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None) if _LINUX else None


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends, so that none gets out of reach."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def name_process(role: str) -> None:
    """Say what this process is, for lists of processes."""
    if _libc is not None:
        _libc.prctl(_PR_SET_NAME, f"cm-{role}".encode(), 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """End this process when `parent` ends. Raises SystemExit when it has ended already."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the zygote ended while its kernel started")


def flush_c_streams() -> None:
    """Flush what C code has written with printf and the like."""
    if _libc is not None:
        _libc.fflush(None)


def children(pid: int) -> "list[int]":
    """The direct children of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return _scan_children(pid)


def descendants(pid: int) -> "list[int]":
    """Everything below a process, nearest first."""
    found, queue = [], [pid]
    while queue:
        below = children(queue.pop(0))
        found += below
        queue += below
    return found


def signal_process(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except OSError:
        pass


def kill_all(find: "object") -> None:
    """Kill every process that `find()` returns until it returns none: stop first, so that none forks away."""
    for _ in range(1000):
        pids = find()  # type: ignore[operator]
        if not pids:
            return
        for pid in pids:
            signal_process(pid, signal.SIGSTOP)
        for pid in pids:
            signal_process(pid, signal.SIGKILL)
        _reap(pids)
        time.sleep(0.001)


def cpu_ms(pid: int) -> "int | None":
    """CPU time of a process in ms, without its children."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return sum(map(int, fields[11:13])) * 1000 // os.sysconf("SC_CLK_TCK")


def thread_count() -> int:
    """Threads of this process, those of C libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        import threading

        return threading.active_count()


def _reap(pids: "list[int]") -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except OSError:
            pass  # Not our child; its own parent, or the one that adopts it, reaps it.


def _scan_children(parent: int) -> "list[int]":
    found = []
    try:
        entries = os.listdir("/proc")
    except OSError:
        return found
    for entry in entries:
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry))
        except (OSError, IndexError, ValueError):
            continue
    return found
