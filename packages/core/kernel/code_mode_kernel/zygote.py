"""The zygote: the parent of the kernels. It starts, interrupts, kills and reaps them, and never runs the model's code.

It is single-threaded, reads from the host alone, and ends every kernel when the host goes away.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys

from . import kernel as kernel_module
from .environment import use_environment
from .interrupts import Interrupts
from .limits import PidsGroup
from .processes import adopt_orphans, children, cpu_ms, descendants, kill_all, thread_count
from .wire import Connection, connect

#: After this long without a request nobody waits for a kernel.
_IDLE_MS = 100


def run_zygote(options: dict) -> None:
    """Serve the host until it goes away.

    `options`: `socket` (path), `secret`, `sitePackages` (folder of the environment's packages, or None), `preload`
    (module names), `startMethod` ("auto", "fork" or "spawn").
    """
    use_environment(options["sitePackages"])
    for module in options["preload"]:
        importlib.import_module(module)
    adopt_orphans()
    start_method, reason = _start_method(options["startMethod"])
    connection = connect(options["socket"], Interrupts(), {"role": "zygote", "secret": options["secret"]})
    connection.send(
        {
            "type": "zygote-ready",
            "pid": os.getpid(),
            "pythonVersion": sys.version.split()[0],
            "startMethod": start_method,
            "preloaded": options["preload"],
            **({"reason": reason} if reason else {}),
        }
    )
    Zygote(connection, options["socket"], options["sitePackages"], start_method).serve()


class Zygote:
    """The kernels of one environment, and the loop that looks after them."""

    def __init__(self, connection: Connection, socket_path: str, site_packages: "str | None", start_method: str) -> None:
        self._connection = connection
        self._socket_path = socket_path
        self._site_packages = site_packages
        self._start = self._fork if start_method == "fork" else self._spawn
        self._kernels: "dict[str, _Kernel]" = {}
        self._wakeup, self._wakeup_write = socket.socketpair()

    def serve(self) -> None:
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
            patience: "int | None" = _IDLE_MS
            while True:
                ready = poll.poll(patience)
                if not ready:
                    # The first kernel started sooner without it; from now on they have it from the start.
                    for module in ("asyncio", f"{__package__}.workflow_analysis"):
                        importlib.import_module(module)
                    _share_memory()
                    patience = None
                for descriptor, _ in ready:
                    if descriptor == self._wakeup.fileno():
                        self._wakeup.recv(4096)
                        self._reap()
                    else:
                        for frame in self._connection.receive_ready():
                            self._handle(frame.message)
        except (EOFError, OSError):
            self._end()

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
        limit = spec["limits"].get("processes")
        group = PidsGroup.create(kernel_id, limit) if limit else None
        try:
            pid = self._start(spec, group)
        except OSError as error:
            if group:
                group.remove()
            self._connection.send(
                {"type": "kernel-exit", "kernelId": kernel_id, "cpuMs": 0, "maxRssBytes": 0, "startError": str(error)}
            )
            return
        self._kernels[kernel_id] = _Kernel(kernel_id, pid, group)
        self._connection.send({"type": "kernel-opened", "kernelId": kernel_id, "pid": pid})

    def _fork(self, spec: dict, group: "PidsGroup | None") -> int:
        zygote = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for owned in (self._connection.socket, self._wakeup, self._wakeup_write):
                owned.close()
            kernel_module.run_kernel(spec, self._socket_path, zygote, group)
        finally:
            os._exit(1)

    def _spawn(self, spec: dict, group: "PidsGroup | None") -> int:
        read, write = os.pipe()
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = [sys.executable, "-I", "-X", "utf8", folder]
        pid = os.posix_spawn(sys.executable, command, {}, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)])
        os.close(read)
        options = {"role": "kernel", "spec": spec, "socket": self._socket_path, "zygote": os.getpid()}
        options["group"] = group and group.folder
        options["sitePackages"] = self._site_packages
        with os.fdopen(write, "w") as file:
            file.write(json.dumps(options) + "\n")
        return pid

    def _signal(self, kernel_id: str, action: str) -> bool:
        kernel = self._kernels.get(kernel_id)
        if kernel is None:
            return False
        if action == "interrupt":
            os.kill(kernel.pid, signal.SIGINT)
        else:
            # The descendants go with it when it is reaped; stopped, they cannot multiply meanwhile.
            for pid in [kernel.pid, *descendants(kernel.pid)]:
                try:
                    os.kill(pid, signal.SIGSTOP)
                except OSError:
                    pass
            os.kill(kernel.pid, signal.SIGKILL)
        return True

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            kernel = next((known for known in self._kernels.values() if known.pid == pid), None)
            if kernel is not None:
                del self._kernels[kernel.id]
                self._bury(kernel, status, usage)

    def _bury(self, kernel: "_Kernel", status: int, usage: object) -> None:
        """Kill what the kernel left behind, then report its end."""
        if kernel.group:
            kernel.group.remove()
        kill_all(self._orphans)
        message = {
            "type": "kernel-exit",
            "kernelId": kernel.id,
            "cpuMs": int((usage.ru_utime + usage.ru_stime) * 1000),  # type: ignore[attr-defined]
            "maxRssBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),  # type: ignore[attr-defined]
        }
        if os.WIFSIGNALED(status):
            message["signal"] = signal.Signals(os.WTERMSIG(status)).name
        else:
            message["exitCode"] = os.WEXITSTATUS(status)
        self._connection.send(message)

    def _orphans(self) -> "list[int]":
        """Processes that a kernel left and this zygote adopted. A live kernel adopts its own."""
        kernels = {kernel.pid for kernel in self._kernels.values()}
        return [pid for pid in children(os.getpid()) if pid not in kernels]

    def _end(self) -> None:
        for kernel in self._kernels.values():
            if kernel.group:
                kernel.group.remove()
        self._kernels.clear()
        kill_all(self._orphans)
        shutil.rmtree(os.path.dirname(self._socket_path), ignore_errors=True)
        os._exit(0)


class _Kernel:
    __slots__ = ("group", "id", "pid")

    def __init__(self, kernel_id: str, pid: int, group: "PidsGroup | None") -> None:
        self.id = kernel_id
        self.pid = pid
        self.group = group


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
