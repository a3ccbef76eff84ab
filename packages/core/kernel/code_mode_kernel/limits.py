"""Limits of one kernel: rlimits, and a `pids` control group where this process may make one.

RLIMIT_NPROC counts a whole user and does not bind root, so the process limit uses a control group when it can.
"""

import os
import resource
import signal

from .processes import kill_all

_RLIMITS = (("fileBytes", resource.RLIMIT_FSIZE), ("openFiles", resource.RLIMIT_NOFILE))


def apply(limits: dict) -> dict:
    """Apply limits to this process and its children. Returns those that are in force."""
    applied = {}
    if "memoryBytes" in limits and _limit_memory(limits["memoryBytes"]):
        applied["memoryBytes"] = limits["memoryBytes"]
    if "cpuSeconds" in limits:
        # The hard limit ends a program that ignores SIGXCPU.
        _set(resource.RLIMIT_CPU, limits["cpuSeconds"], limits["cpuSeconds"] + 1)
        applied["cpuSeconds"] = limits["cpuSeconds"]
    for name, number in _RLIMITS:
        if name in limits:
            _set(number, limits[name], limits[name])
            applied[name] = limits[name]
    if "fileBytes" in limits:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write fails with EFBIG instead of ending the kernel
    if "processes" in limits and os.geteuid() != 0:
        _set(resource.RLIMIT_NPROC, limits["processes"], limits["processes"])
        applied["processes"] = limits["processes"]
    _set(resource.RLIMIT_CORE, 0, 0)
    return applied


def _limit_memory(size: int) -> bool:
    """Limit what the session may allocate beyond what the kernel itself holds."""
    try:
        with open("/proc/self/statm") as file:
            data_pages = int(file.read().split()[5])
    except OSError:
        return False
    limit = data_pages * resource.getpagesize() + size
    _set(resource.RLIMIT_DATA, limit, limit)
    return True


def _set(number: int, soft: int, hard: int) -> None:
    _, ceiling = resource.getrlimit(number)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(number, (soft, hard))


class PidsGroup:
    """A control group that bounds how many processes and threads a kernel and its descendants may be."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def create(cls, name: str, limit: int) -> "PidsGroup | None":
        """Make a group; None where this process may not."""
        parent = _pids_hierarchy()
        if parent is None:
            return None
        folder = os.path.join(parent, f"code-mode-{os.getpid()}-{name}")
        try:
            os.mkdir(folder)
            _write(os.path.join(folder, "pids.max"), str(limit))
        except OSError:
            _remove(folder)
            return None
        return cls(folder)

    def enter(self) -> None:
        """Move this process into the group."""
        _write(os.path.join(self.folder, "cgroup.procs"), str(os.getpid()))

    def remove(self) -> None:
        """Kill whatever is left in the group and remove it."""
        kill_all(self._members)
        _remove(self.folder)

    def _members(self) -> "list[int]":
        try:
            with open(os.path.join(self.folder, "cgroup.procs")) as file:
                return [int(pid) for pid in file.read().split()]
        except OSError:
            return []


def _pids_hierarchy() -> "str | None":
    if os.geteuid() != 0:
        return None
    try:
        with open("/proc/mounts") as file:
            mounts = [line.split()[:4] for line in file]
    except OSError:
        return None
    for _, path, kind, options in mounts:
        if kind == "cgroup" and "pids" in options.split(","):
            return path
    for _, path, kind, _ in mounts:
        if kind == "cgroup2" and _read(os.path.join(path, "cgroup.subtree_control")).find("pids") >= 0:
            return path
    return None


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _remove(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        pass
