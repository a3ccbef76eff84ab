"""A nest: the namespaces of one kernel, made and held by a small process that is the first of them.

The kernel is the second process there, so that signals mean for it what they mean everywhere. When the first one is
killed, the system ends everything that the kernel has started.
"""

import fcntl
import os
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..processes import name_process, signal_process
from .privileges import close_descriptors, drop_capabilities
from .root_tree import IDLE_PROGRAM, mount_private_folders
from .system_calls import (
    NEW_CGROUP,
    NEW_IPC,
    NEW_MOUNTS,
    NEW_NET,
    NEW_PID,
    NEW_UTS,
    set_namespaces,
    unshare,
)

#: What a kernel may write into its private folders.
PRIVATE_BYTES = 1 << 30
_PRIVATE_FILES = 100_000
_MADE = b"made"
_SET_INTERFACE_FLAGS = 0x8914
_UP_AND_RUNNING = 0x41


class Nest:
    """Made by the zygote; the kernel enters it."""

    def __init__(self, pid: int, descriptor: int, news: int) -> None:
        self.pid = pid
        self.descriptor = descriptor
        self.news = news

    @property
    def descriptors(self) -> "list[int]":
        """Those that a kernel needs to enter."""
        return [self.descriptor, self.news]

    @classmethod
    def make(
        cls, own_processes: int, network: bool, listed: bool, visible: "list[str]", private_bytes: int
    ) -> "Nest":
        """Start the first process. `own_processes` is a descriptor of this process's own process namespace."""
        news, tell = os.pipe()
        pid = -1
        try:
            unshare(NEW_PID)
            try:
                pid = os.fork()
            finally:
                if pid:
                    set_namespaces(own_processes, NEW_PID)
            if not pid:
                _hold(tell, network, listed, visible, private_bytes)
            return cls(pid, os.pidfd_open(pid), news)
        except OSError:
            os.close(news)
            if pid > 0:
                signal_process(pid, signal.SIGKILL)
            raise
        finally:
            os.close(tell)

    @contextmanager
    def processes(self, own_processes: int) -> "Iterator[None]":
        """For the zygote: what it starts in this context is a process of the nest."""
        set_namespaces(self.descriptor, NEW_PID)
        try:
            yield
        finally:
            set_namespaces(own_processes, NEW_PID)

    def enter(self, network: bool) -> None:
        """For the kernel, which is in its process namespace already: enter the others."""
        news = b""
        while piece := os.read(self.news, 4096):
            news += piece
        if news != _MADE:
            raise OSError(news.decode("utf-8", "replace") or "the first process of the sandbox ended")
        set_namespaces(self.descriptor, _namespaces(network))

    def let_go(self) -> None:
        """For the zygote, once the kernel has been started."""
        os.close(self.descriptor)
        os.close(self.news)


def _hold(tell: int, network: bool, listed: bool, visible: "list[str]", private_bytes: int) -> None:
    """Be the first process: make the namespaces, say so, and wait to be killed."""
    try:
        name_process("nest")
        signal.set_wakeup_fd(-1)
        # The system reaps what loses its parent here.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        unshare(_namespaces(network))
        if listed:
            _start_loopback()
        mount_private_folders(private_bytes, _PRIVATE_FILES, visible)
        drop_capabilities()
        os.write(tell, _MADE)
        close_descriptors(0, tell)
        os.close(tell)
        with suppress(OSError):  # where it cannot be had, Python waits itself
            os.execve(IDLE_PROGRAM, [IDLE_PROGRAM], {})
        while True:
            signal.pause()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the kernel reports it
        os.write(tell, str(error).encode())
    finally:
        os._exit(1)


def _start_loopback() -> None:
    """Let processes of this network namespace reach each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))


def _namespaces(network: bool) -> int:
    return NEW_MOUNTS | NEW_IPC | NEW_UTS | NEW_CGROUP | (0 if network else NEW_NET)
