"""The way out of a kernel that may reach some hosts: a process in its nest that carries bytes between a port there and
the host, which decides what is connected to. It is confined as the kernel is, and knows nothing that the code must not.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
from collections.abc import Callable, Container

from ..interrupts import Interrupts
from ..processes import name_process
from ..wire import connect
from .landlock import Landlock
from .privileges import (
    INSIDE_ID,
    close_descriptors,
    drop_capabilities,
    enter_user_namespace,
    forbid_new_privileges,
    lock_privileges,
    set_dumpable,
)
from .seccomp_filter import SeccompFilter

#: The host allows fewer, and says so.
_MOST_CONNECTIONS = 96
_CHUNK = 1 << 16


def proxy_variables(port: int) -> dict[str, str]:
    """Environment variables by which programs find a proxy on a port of this machine."""
    address = f"http://127.0.0.1:{port}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    return {spelled: address for name in names for spelled in (name, name.upper())}


def start_relay(host: int, hello: dict, missing: Container[str]) -> int:
    """For a kernel in its nest: start the process, and return the port at which it listens.

    `host` is a descriptor of the host's socket, `hello` opens connections to it, `missing` are layers that are not there.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    child = os.fork()
    if not child:
        try:
            # Of a parent that has ended, it is no child that the model's code could wait for.
            if not os.fork():
                _become_relay(listener, host, hello, missing)
        except BaseException as error:  # noqa: BLE001 - the host tells it as the reason
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    listener.close()
    return port


def _become_relay(listener: socket.socket, host: int, hello: dict, missing: Container[str]) -> None:
    name_process("relay")
    os.setsid()
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    _confine((listener.fileno(), host), missing)
    interrupts = Interrupts()
    Relay(listener, lambda: connect(f"/proc/self/fd/{host}", interrupts, {"role": "network", **hello}).socket).serve()


def _confine(descriptors: tuple[int, ...], missing: Container[str]) -> None:
    """As a kernel, but with no file to write, no socket to make but Unix ones, and out of the reach of its signals."""
    enter_user_namespace(INSIDE_ID)
    lock_privileges()
    drop_capabilities()
    forbid_new_privileges()
    if "landlock" not in missing:
        Landlock(False).enforce()
    set_dumpable(False)
    close_descriptors(3, *descriptors)
    if "seccomp" not in missing:
        SeccompFilter(False).install()


class _End:
    """One end of a connection."""

    __slots__ = ("ended", "other", "socket", "unsent")

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.other: _End = self
        #: What was read here, for the other end.
        self.unsent = b""
        #: Whether all of it was read.
        self.ended = False


class Relay:
    """The loop. No end is read while the other has not taken what was read before."""

    def __init__(self, listener: socket.socket, connect: Callable[[], socket.socket]) -> None:
        self._listener = listener
        self._connect = connect
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._connections = 0

    def serve(self) -> None:
        while True:
            self.step()

    def step(self) -> None:
        """Wait until something can be done, and do it."""
        for key, events in self._selector.select():
            if key.data is None:
                self._accept()
            elif key.data.socket.fileno() >= 0:  # the other end may have closed both in this step
                self._move(key.data, events)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self._connections >= _MOST_CONNECTIONS:
            client.close()
            return
        try:
            host = self._connect()
        except OSError:
            client.close()
            return
        ends = _End(client), _End(host)
        ends[0].other, ends[1].other = ends[1], ends[0]
        self._connections += 1
        for end in ends:
            end.socket.setblocking(False)
            self._watch(end)

    def _move(self, end: _End, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                end.unsent = end.socket.recv(_CHUNK)
                end.ended = not end.unsent
                if end.ended:
                    end.other.socket.shutdown(socket.SHUT_WR)
            if events & selectors.EVENT_WRITE:
                other = end.other
                other.unsent = other.unsent[end.socket.send(other.unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._close(end)
            return
        if end.ended and end.other.ended:
            self._close(end)
            return
        self._watch(end)
        self._watch(end.other)

    def _watch(self, end: _End) -> None:
        wanted = 0 if end.ended or end.unsent else selectors.EVENT_READ
        wanted |= selectors.EVENT_WRITE if end.other.unsent else 0
        watched = self._selector.get_map().get(end.socket)
        if watched is None:
            if wanted:
                self._selector.register(end.socket, wanted, end)
        elif not wanted:
            self._selector.unregister(end.socket)
        elif wanted != watched.events:
            self._selector.modify(end.socket, wanted, end)

    def _close(self, end: _End) -> None:
        self._connections -= 1
        for each in (end, end.other):
            if self._selector.get_map().get(each.socket) is not None:
                self._selector.unregister(each.socket)
            each.socket.close()
