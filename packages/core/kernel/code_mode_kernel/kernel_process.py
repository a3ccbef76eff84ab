"""A kernel as its zygote knows it."""

import signal
from typing import TYPE_CHECKING

from .limits import PidsGroup
from .processes import descendants, signal_process

if TYPE_CHECKING:
    import os

    from .sandbox.nest import Nest


class KernelProcess:
    """One kernel: its processes, and how they are ended."""

    __slots__ = ("end", "folder", "group", "id", "nest", "pid", "pids")

    def __init__(self, spec: dict, pid: int, group: "PidsGroup | None", nest: "Nest | None") -> None:
        self.id: str = spec["kernelId"]
        self.pid = pid
        self.group = group
        self.nest = nest
        #: The one to remove with it; None where somebody else does.
        self.folder: "str | None" = spec["privateFolder"] if spec.get("makesFolder") else None
        #: The processes to wait for: the kernel, and the first process of its nest.
        self.pids = {pid} if nest is None else {pid, nest.pid}
        #: Exit status and usage of the kernel.
        self.end: "tuple[int, os.struct_rusage]"

    def kill(self) -> None:
        """Kill the kernel and what it started, or see to it that this happens when it is reaped."""
        if self.nest is not None:
            # With the first process of a nest the system ends all the others.
            if self.nest.pid in self.pids:
                signal_process(self.nest.pid, signal.SIGKILL)
            return
        if self.pid in self.pids:
            # The descendants go with it when it is reaped; stopped, they cannot multiply meanwhile.
            for pid in [self.pid, *descendants(self.pid)]:
                signal_process(pid, signal.SIGSTOP)
            signal_process(self.pid, signal.SIGKILL)
