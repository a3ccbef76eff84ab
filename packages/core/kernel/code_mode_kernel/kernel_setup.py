"""How a process becomes a kernel: first what does not depend on whose kernel it will be, then what its spec says."""

import os
import random
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple

from . import limits
from .interrupts import Interrupts
from .kernel import Kernel
from .limits import PidsGroup
from .processes import adopt_orphans, die_with_parent, name_process
from .wire import Connection, connect

if TYPE_CHECKING:
    from .sandbox.nest import Nest
    from .sandbox.sandbox import Sandbox


class Place(NamedTuple):
    """Where a kernel runs: how it finds the host, and what confines it."""

    socket_path: str
    #: The process id of the zygote, seen from outside the nest.
    zygote: int
    sandbox: "Sandbox | None"
    nest: "Nest | None"


class KernelSetup:
    """One process on its way to being a kernel."""

    def __init__(self, place: Place) -> None:
        """Do what can be done for any kernel: be confined as well, where nothing of its own is needed for that."""
        self._place = place
        self._interrupts = Interrupts()
        self._interrupts.install()
        os.setsid()
        if place.nest is None:
            adopt_orphans()
            die_with_parent(place.zygote)
        #: The id of this process as the host knows it.
        self._pid = place.sandbox.host_pid() if place.sandbox else os.getpid()
        self._is_confined = place.sandbox is not None and place.sandbox.confines_early
        if self._is_confined:
            self._confine(place.sandbox.folders["privateFolder"], None)

    def run(self, spec: dict, group: "PidsGroup | None") -> None:
        """Be the kernel that `spec` (a `kernel-open` message) describes. Does not return."""
        name_process("kernel")
        folder, sandbox = spec["privateFolder"], self._place.sandbox
        hello = {"kernelId": spec["kernelId"], "secret": spec["secret"]}
        connection = _connect(self._place.socket_path, self._interrupts, hello)
        if group:
            group.enter()
        if spec.get("makesFolder"):
            os.mkdir(folder, 0o700)
        if sandbox and not self._is_confined:
            self._confine(folder, hello)
        _settle(spec, sandbox.variables if sandbox else {})
        applied = limits.apply(spec["limits"])
        if group:
            applied["processes"] = spec["limits"]["processes"]
        ready = {"type": "kernel-ready", "pid": self._pid, "pythonVersion": sys.version.split()[0], "limits": applied}
        if sandbox:
            sandbox.close_descriptors(connection.fileno())
            if spec.get("observe"):
                ready["layers"] = sandbox.observe(folder, connection.fileno())
        connection.send(ready)
        Kernel(connection, self._interrupts).serve()

    def _confine(self, folder: str, hello: "dict | None") -> None:
        self._place.sandbox.enter(self._place.nest, folder, hello)
        self._place.sandbox.seal(folder)


def _connect(socket_path: str, interrupts: Interrupts, hello: dict) -> Connection:
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
