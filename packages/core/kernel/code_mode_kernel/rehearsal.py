"""A session without a host, for a process that is to be a kernel: what it runs for the first time it runs before anybody waits.

Most of a new kernel's start is memory: Python counts references in the objects themselves, so the pages of whatever
code runs first are copied from the zygote's.
"""

import signal
import socket
import sys
import threading

from .interrupts import Interrupts
from .kernel import Kernel
from .wire import Connection, encode_frame

_SESSION = {
    "type": "session-start",
    "sessionId": "",
    "namespaces": ["tools", "workflows", "artifacts", "deps"],
    "tools": [],
    "outputBytes": 1024,
    "resultBytes": 1024,
}
_RUN = {"type": "run-start", "runId": "", "code": "1+1"}


def rehearse() -> None:
    """Go through the session, and leave no trace."""
    ours, hosts = socket.socketpair()
    streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
    program, start_thread, on_interrupt = sys.modules["__main__"], threading.Thread.start, signal.getsignal(signal.SIGINT)
    try:
        kernel = Kernel(Connection(ours, interrupts := Interrupts()), interrupts)
        for message in (_SESSION, _RUN):
            hosts.sendall(encode_frame(message))
            kernel.serve_next()
    finally:
        sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__ = streams
        sys.modules["__main__"] = program
        threading.Thread.start = start_thread  # type: ignore[method-assign]
        signal.signal(signal.SIGINT, on_interrupt)
        ours.close()
        hosts.close()
