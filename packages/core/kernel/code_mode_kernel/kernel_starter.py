"""How a zygote starts kernels: it forks or spawns one, or gives the task to a spare one that was forked ahead."""

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .kernel_process import KernelProcess
from .kernel_setup import KernelSetup, Place
from .limits import PidsGroup
from .processes import name_process, signal_process
from .rehearsal import rehearse

if TYPE_CHECKING:
    from .sandbox.nest import Nest
    from .sandbox.sandbox import Sandbox


class _Spare(NamedTuple):
    """A kernel that waits to hear whose it is."""

    pid: int
    nest: "Nest | None"
    #: Where it is told.
    task: int


class KernelStarter:
    """For the zygote, which is single-threaded."""

    def __init__(
        self,
        start_method: str,
        socket_path: str,
        site_packages: "str | None",
        sandbox: "Sandbox | None",
        owned: "list[socket.socket]",
    ) -> None:
        """`owned` is what a kernel must not keep of its zygote's."""
        #: Whether kernels are copies of this process.
        self.forks = start_method == "fork"
        self._socket_path = socket_path
        self._site_packages = site_packages
        self._sandbox = sandbox
        self._owned = owned
        self._spare: "_Spare | None" = None

    @property
    def shares_processes(self) -> bool:
        """Whether the ids of kernels here mean the same to the host."""
        return self._sandbox is None or not (self._sandbox.nested or self._sandbox.plan["wrapped"])

    @property
    def spare_pid(self) -> "int | None":
        """The process that waits, if one does."""
        return self._spare and self._spare.pid

    def start(self, spec: dict) -> KernelProcess:
        """Start a kernel (`spec` is a `kernel-open` message). Raises OSError when the system has none to give."""
        limit = spec["limits"].get("processes")
        nested = self._sandbox is not None and self._sandbox.nested
        group = PidsGroup.create(spec["kernelId"], limit) if limit and not nested else None
        task = {"spec": spec, "group": group and group.folder}
        try:
            pid, nest = self._give(task) or self._start(lambda nest: self._launch(nest, task))
        except OSError:
            if group:
                group.remove()
            raise
        return KernelProcess(spec, pid, group, nest)

    def prepare(self) -> None:
        """Make the next kernel already, for a zygote that has nothing else to do."""
        # Confined but without a nest it would wait within reach of the code of other sessions.
        if self._spare is not None or (self._sandbox and not self._sandbox.nested):
            return
        # If it cannot be made now, the next start tries again, and tells why.
        with contextlib.suppress(OSError):
            read, write = os.pipe()
            os.set_blocking(write, False)
            try:
                pid, nest = self._start(lambda nest: self._fork(nest, lambda setup: _wait(setup, read, write)))
                self._spare = _Spare(pid, nest, write)
            finally:
                os.close(read)
                if self._spare is None:
                    os.close(write)

    def ended(self, pid: int) -> None:
        """A process that is no kernel's has ended: perhaps one of the spare kernel's."""
        if self._spare is not None and pid in _processes(self._spare):
            self._dismiss_spare()

    def _give(self, task: dict) -> "tuple[int, Nest | None] | None":
        """Give the task to the spare kernel. None where there is none, or none that takes it."""
        spare, text = self._spare, json.dumps(task).encode()
        if spare is None:
            return None
        with contextlib.suppress(OSError):  # it has ended
            if os.write(spare.task, text) == len(text):
                self._spare = None
                os.close(spare.task)
                return spare.pid, spare.nest
        self._dismiss_spare()
        return None

    def _dismiss_spare(self) -> None:
        for pid in _processes(self._spare):
            signal_process(pid, signal.SIGKILL)
        os.close(self._spare.task)
        self._spare = None

    def _start(self, launch: "Callable[[Nest | None], int]") -> "tuple[int, Nest | None]":
        nest = self._sandbox.make_nest() if self._sandbox else None
        if nest is None:
            return launch(None), None
        try:
            with self._sandbox.inside(nest):
                return launch(nest), nest
        except OSError:
            signal_process(nest.pid, signal.SIGKILL)
            raise
        finally:
            nest.let_go()

    def _launch(self, nest: "Nest | None", task: dict) -> int:
        return self._fork(nest, lambda setup: _run(setup, task)) if self.forks else self._spawn(nest, task)

    def _fork(self, nest: "Nest | None", go_on: "Callable[[KernelSetup], None]") -> int:
        zygote = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for owned in self._owned:
                owned.close()
            go_on(KernelSetup(Place(self._socket_path, zygote, self._sandbox, nest)))
        except BaseException as error:  # noqa: BLE001 - the host tells it as the reason
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(1)

    def _spawn(self, nest: "Nest | None", task: dict) -> int:
        read, write = os.pipe()
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = [sys.executable, "-I", "-X", "utf8", folder]
        options = {"role": "kernel", **task, "socket": self._socket_path, "zygote": os.getpid()}
        options["sitePackages"] = self._site_packages
        options["sandbox"] = self._sandbox and self._sandbox.plan
        options["nest"] = nest and [nest.pid, nest.descriptor, nest.news]
        needed = [*self._sandbox.descriptors, *(nest.descriptors if nest else [])] if self._sandbox else []
        for descriptor in needed:
            os.set_inheritable(descriptor, True)
        pid = os.posix_spawn(sys.executable, command, {}, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)])
        os.close(read)
        with os.fdopen(write, "w") as file:
            file.write(json.dumps(options) + "\n")
        return pid


def _wait(setup: KernelSetup, read: int, write: int) -> None:
    """Be the spare kernel, until it is told whose it is."""
    name_process("spare")
    os.close(write)
    rehearse()
    text = b""
    while piece := os.read(read, 1 << 16):
        text += piece
    os.close(read)
    if text:  # otherwise the zygote has ended
        _run(setup, json.loads(text))


def _run(setup: KernelSetup, task: dict) -> None:
    setup.run(task["spec"], PidsGroup(task["group"]) if task["group"] else None)


def _processes(spare: _Spare) -> "list[int]":
    return [spare.pid] if spare.nest is None else [spare.pid, spare.nest.pid]
