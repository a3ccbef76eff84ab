"""The zygote: the parent of the kernels. It starts, interrupts, kills and reaps them, and never runs the model's code.

It is single-threaded, reads from the host alone, and ends every kernel when the host goes away.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
from typing import TYPE_CHECKING

from .environment import use_environment
from .interrupts import Interrupts
from .kernel_process import KernelProcess
from .kernel_starter import KernelStarter
from .processes import adopt_orphans, children, cpu_ms, kill_all, name_process, thread_count
from .rehearsal import rehearse
from .sandbox.layers import LAYERS
from .wire import Connection, connect

if TYPE_CHECKING:
    from .sandbox.sandbox import Sandbox

#: After this long without a request the burst of requests is over, and nobody waits for a kernel.
_BURST_MS = 5
_IDLE_MS = 100
#: Python adapts its code while it runs for the first few times, and writes into it.
_REHEARSALS = 10


def run_zygote(options: dict) -> None:
    """Serve the host until it goes away.

    `options`: `socket` (path), `secret`, `sitePackages` (folder of the environment's packages, or None), `preload`
    (module names), `startMethod` ("auto", "fork" or "spawn"), `sandbox` (see `Sandbox.start`, or None), `folder` (one
    of its own; that of the socket when absent).
    """
    use_environment(options["sitePackages"])
    folder = options.get("folder") or os.path.dirname(options["socket"])
    sandbox = None
    if options["sandbox"] and sys.platform == "linux":
        from .sandbox.sandbox import Sandbox

        # From here on this may be another process, which sees no more of the system than the kernels will.
        sandbox = Sandbox.start(options, folder)
    for module in options["preload"]:
        importlib.import_module(module)
    adopt_orphans()
    name_process("zygote")
    start_method, reason = _start_method(options["startMethod"])
    socket_path = sandbox.socket_path if sandbox else options["socket"]
    connection = connect(socket_path, Interrupts(), {"role": "zygote", "secret": options["secret"]})
    ready = {
        "type": "zygote-ready",
        "pid": os.getpid(),
        "pythonVersion": sys.version.split()[0],
        "startMethod": start_method,
        "preloaded": options["preload"],
    }
    if reason:
        ready["reason"] = reason
    if options["sandbox"]:
        ready["missingLayers"] = sandbox.missing if sandbox else dict.fromkeys(LAYERS, "it takes Linux")
    if sandbox:
        ready.update(sandbox.folders)
    connection.send(ready)
    zygote = Zygote(connection, socket_path, options["sitePackages"], start_method, sandbox)
    zygote.serve()
    if sandbox is None or not sandbox.nested:  # otherwise the keeper removes it
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


class Zygote:
    """The kernels of one environment, and the loop that looks after them."""

    def __init__(
        self,
        connection: Connection,
        socket_path: str,
        site_packages: "str | None",
        start_method: str,
        sandbox: "Sandbox | None",
    ) -> None:
        self._connection = connection
        #: By the id that the host gave them.
        self._kernels: "dict[str, KernelProcess]" = {}
        self._wakeup, self._wakeup_write = socket.socketpair()
        owned = [connection.socket, self._wakeup, self._wakeup_write]
        self._starter = KernelStarter(start_method, socket_path, site_packages, sandbox, owned)
        self._is_warm = False
        #: After how much idle time, and what; the nearest last.
        self._when_idle = [(_IDLE_MS, self._warm_up)] if self._starter.forks else []

    def serve(self) -> None:
        """Do what the host asks until it is gone, then end every kernel."""
        for end in (self._wakeup, self._wakeup_write):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wakeup_write.fileno(), warn_on_full_buffer=False)
        _share_memory()
        poll = select.poll()
        poll.register(self._connection.socket, select.POLLIN)
        poll.register(self._wakeup, select.POLLIN)
        try:
            while True:
                ready = poll.poll(self._when_idle[-1][0] if self._when_idle else None)
                if not ready:
                    self._when_idle.pop()[1]()
                for descriptor, _ in ready:
                    if descriptor == self._wakeup.fileno():
                        self._wakeup.recv(4096)
                        self._reap()
                    else:
                        for frame in self._connection.receive_ready():
                            self._handle(frame.message)
        except (EOFError, OSError):
            self._end()

    def _warm_up(self) -> None:
        """The first kernel started sooner without it; from now on they have it from the start."""
        for module in ("asyncio", f"{__package__}.workflow_analysis"):
            importlib.import_module(module)
        with contextlib.suppress(OSError):  # no descriptors left; the kernels only start a little slower
            for _ in range(_REHEARSALS):
                rehearse()
        _share_memory()
        self._is_warm = True
        self._starter.prepare()

    def _handle(self, message: dict) -> None:
        kind = message["type"]
        if kind == "kernel-open":
            self._open(message)
        elif kind == "kernel-signal":
            delivered = self._signal(message["kernelId"], message["action"])
            self._connection.send(
                {"type": "kernel-signalled", "requestId": message["requestId"], "delivered": delivered}
            )
        elif kind == "kernel-usage":
            kernel = self._kernels.get(message["kernelId"])
            used = cpu_ms(kernel.pid) if kernel else None
            report = {"type": "kernel-usage-report", "requestId": message["requestId"]}
            self._connection.send(report if used is None else {**report, "cpuMs": used})

    def _open(self, spec: dict) -> None:
        kernel_id = spec["kernelId"]
        try:
            kernel = self._starter.start(spec)
        except OSError as error:
            self._connection.send(
                {"type": "kernel-exit", "kernelId": kernel_id, "cpuMs": 0, "maxRssBytes": 0, "startError": str(error)}
            )
            return
        self._kernels[kernel_id] = kernel
        opened = {"type": "kernel-opened", "kernelId": kernel_id}
        if self._starter.shares_processes:
            opened["pid"] = kernel.pid
        soon = (_BURST_MS, self._starter.prepare)
        if self._is_warm and soon not in self._when_idle:
            self._when_idle.append(soon)
        self._connection.send(opened)

    def _signal(self, kernel_id: str, action: str) -> bool:
        kernel = self._kernels.get(kernel_id)
        if kernel is None or kernel.pid not in kernel.pids:
            return False
        if action == "interrupt":
            os.kill(kernel.pid, signal.SIGINT)
        else:
            kernel.kill()
        return True

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            kernel = next((known for known in self._kernels.values() if pid in known.pids), None)
            if kernel is None:
                self._starter.ended(pid)
                continue
            kernel.pids.remove(pid)
            if pid == kernel.pid:
                kernel.end = (status, usage)
                kernel.kill()
            if not kernel.pids:
                del self._kernels[kernel.id]
                self._bury(kernel)

    def _bury(self, kernel: "KernelProcess") -> None:
        """Kill what the kernel left behind, then report its end."""
        if kernel.group:
            kernel.group.remove()
        if kernel.nest is None:
            kill_all(self._orphans)
        if kernel.folder:
            shutil.rmtree(kernel.folder, ignore_errors=True)
        status, usage = kernel.end
        message = {
            "type": "kernel-exit",
            "kernelId": kernel.id,
            "cpuMs": int((usage.ru_utime + usage.ru_stime) * 1000),
            "maxRssBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
        if os.WIFSIGNALED(status):
            message["signal"] = _signal_name(os.WTERMSIG(status))
        else:
            message["exitCode"] = os.WEXITSTATUS(status)
        self._connection.send(message)

    def _orphans(self) -> "list[int]":
        """Processes that a kernel left and this zygote adopted. A live kernel adopts its own."""
        kernels = {kernel.pid for kernel in self._kernels.values()} | {self._starter.spare_pid}
        return [pid for pid in children(os.getpid()) if pid not in kernels]

    def _end(self) -> None:
        for kernel in self._kernels.values():
            if kernel.group:
                kernel.group.remove()
        self._kernels.clear()
        kill_all(self._orphans)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have none
        return f"signal {number}"


def _share_memory() -> None:
    """What is alive now never becomes garbage; without this every child would copy it when its collector runs."""
    gc.collect()
    gc.freeze()


def _start_method(wanted: str) -> "tuple[str, str | None]":
    if wanted == "spawn":
        return "spawn", "the executor was told to"
    if sys.platform == "darwin":
        return "spawn", "system libraries of macOS do not survive a fork"
    threads = thread_count()
    if threads > 1:
        return "spawn", f"the preloaded packages started {threads - 1} threads"
    return "fork", None
