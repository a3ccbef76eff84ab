"""A kernel: the process of one session. Sets itself up, then runs what the host sends until the host goes away."""

import contextlib
import gc
import importlib
import io
import os
import random
import signal
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from . import displays, figures, limits, program
from .analysis import analyse
from .channel import Channel
from .interrupts import Interrupts
from .limits import PidsGroup
from .namespaces import make_namespaces
from .processes import adopt_orphans, die_with_parent, flush_c_streams, name_process
from .streams import Output
from .threads import RunOwnership
from .tools import ToolIndex
from .wire import Connection, connect

if TYPE_CHECKING:
    from .sandbox.nest import Nest
    from .sandbox.sandbox import Sandbox

_USES_ASYNCIO = ("asyncio", "await", "aio", "workflows")


class Place(NamedTuple):
    """Where a kernel runs: how it finds the host, and what confines it."""

    socket_path: str
    #: The process id of the zygote, seen from outside the nest.
    zygote: int
    group: "PidsGroup | None"
    sandbox: "Sandbox | None"
    nest: "Nest | None"


def run_kernel(spec: dict, place: Place) -> None:
    """Become the kernel that `spec` (a `kernel-open` message) describes. Does not return."""
    interrupts = Interrupts()
    interrupts.install()
    name_process("kernel")
    os.setsid()
    if place.nest is None:
        adopt_orphans()
        die_with_parent(place.zygote)
    connection = _connect(spec, place.socket_path, interrupts)
    pid = place.sandbox.host_pid() if place.sandbox else os.getpid()
    if place.group:
        place.group.enter()
    if spec.get("makesFolder"):
        os.mkdir(spec["privateFolder"], 0o700)
    if place.sandbox:
        place.sandbox.enter(place.nest, spec["privateFolder"], {name: spec[name] for name in ("kernelId", "secret")})
    _settle(spec, place.sandbox.variables if place.sandbox else {})
    applied = limits.apply(spec["limits"])
    if place.group:
        applied["processes"] = spec["limits"]["processes"]
    ready = {"type": "kernel-ready", "pid": pid, "pythonVersion": sys.version.split()[0], "limits": applied}
    if place.sandbox:
        place.sandbox.seal(spec["privateFolder"], connection.fileno())
        if spec.get("observe"):
            ready["layers"] = place.sandbox.observe(spec["privateFolder"], connection.fileno())
    connection.send(ready)
    Kernel(connection, interrupts).serve()


class Kernel:
    """The loop of one session."""

    def __init__(self, connection: Connection, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._ownership = RunOwnership()
        self._channel = Channel(connection, self._ownership)
        self._output = Output(self._channel.send, self._ownership.run_id, interrupts)
        self._channel.flush_output = self._output.flush
        self._runs = 0

    def serve(self) -> None:
        try:
            while True:
                message = self._channel.next_message().message
                if message["type"] == "run-start":
                    self._run(message)
                elif message["type"] == "session-start":
                    self._start_session(message)
                elif message["type"] == "analyse":
                    found = analyse(message["kind"], message["source"])
                    self._channel.send({"type": "analysis", "requestId": message["requestId"], **found})
                elif message["type"] == "tools-update":
                    self._program.index = ToolIndex(message["tools"], message.get("late", False))
        except (EOFError, OSError):
            _flush_open_files()
            os._exit(0)

    def _start_session(self, message: dict) -> None:
        self._output_bytes = message["outputBytes"]
        sys.__stdout__, sys.__stderr__ = self._output.stdout, self._output.stderr
        displays.set_sink(self._display)
        index = ToolIndex(message["tools"], message.get("late", False))
        objects = make_namespaces(message["namespaces"], index, self._channel)
        self._program = program.Program(
            index, objects, message["resultBytes"], self._ownership.run_id, self._interrupts.end_run
        )
        figures.install()

    def _run(self, message: dict) -> None:
        run_id = self._ownership.current = message["runId"]
        self._runs += 1
        # A run that replaced the streams and failed must not silence the next one.
        sys.stdout, sys.stderr = self._output.stdout, self._output.stderr
        self._output.start_run(self._output_bytes)
        self._interrupts.install()
        if "asyncio" not in sys.modules and any(word in message["code"] for word in _USES_ASYNCIO):
            # An interrupt in the middle of this import would leave half a package behind for good. If it fails, for
            # want of descriptors or because of a file of that name, the code meets the same error itself.
            with contextlib.suppress(Exception):
                importlib.import_module("asyncio")
        outcome = self._execute(message["code"])
        self._channel.end_run()
        flush_c_streams()
        self._output.end_run()
        end = {"type": "run-end", "runId": run_id, "status": outcome.status, "cpuMs": cpu_ms()}
        if outcome.has_result:
            end["result"] = outcome.result
        if outcome.error is not None:
            end["error"] = outcome.error
        self._ownership.current = None
        self._channel.send(end, outcome.attachment.parts)

    def _execute(self, code: str) -> program.Outcome:
        outcome: "program.Outcome | None" = None
        while True:
            # An interrupt may land in our own code too, before, after and between.
            try:
                if outcome is None:
                    outcome = program.Outcome.interrupted()
                    self._interrupts.begin_run()
                    outcome = self._program.run(code, self._runs)
                    figures.flush_figures()
                self._interrupts.end_run()
                return outcome
            except KeyboardInterrupt:
                continue

    def _display(self, data: "dict[str, str]", is_result: bool) -> None:
        self._output.flush()
        message = {"type": "run-display", "runId": self._ownership.run_id() or "", "data": data}
        if is_result:
            message["isResult"] = True
        self._channel.send(message)


def cpu_ms() -> int:
    """CPU time of this process in ms."""
    return time.process_time_ns() // 1_000_000


def _connect(spec: dict, socket_path: str, interrupts: Interrupts) -> Connection:
    hello = {"kernelId": spec["kernelId"], "secret": spec["secret"]}
    connection = connect(socket_path, interrupts, {"role": "kernel", **hello})
    for descriptor, role in ((1, "stdout"), (2, "stderr")):
        stream = connect(socket_path, interrupts, {"role": role, **hello})
        os.dup2(stream.socket.fileno(), descriptor, inheritable=True)
        stream.socket.close()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0, inheritable=True)
    os.close(null)
    return connection


def _settle(spec: dict, variables: "dict[str, str]") -> None:
    os.chdir(spec["cwd"])
    os.environ.clear()
    os.environ.update({**variables, **spec["env"]})
    os.umask(0o077)
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    for number in (signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.SIG_IGN)
    sys.argv = [""]
    sys.path.insert(0, "")


def _flush_open_files() -> None:
    """Write out what the code left in the buffers of files it did not close."""
    for item in gc.get_objects():
        if isinstance(item, (io.TextIOWrapper, io.BufferedWriter)):
            try:
                item.flush()
            except Exception:  # noqa: BLE001 - closed, broken pipe, disk full: nobody is left to tell
                pass
