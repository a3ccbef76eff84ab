"""sys.stdout and sys.stderr of a kernel: ordered, streamed a line at a time, and bounded."""

import collections
import fcntl
import io
import itertools
import os
import termios
import threading
import time
from collections.abc import Callable

from .interrupts import Interrupts

_FLUSH_SIZE = 8192
_FENCE_SECONDS = 0.2
_NONE = bytes(4)


class Output:
    """Collects what the model's code writes and sends it as `run-output` frames.

    Both streams share one buffer, so their order is exact. After `limit * 3/4` bytes in a run only the last quarter
    is kept, and sent at the end with the number of bytes left out.
    """

    def __init__(self, send: "Callable[[dict], None]", run_id: "Callable[[], str | None]", interrupts: Interrupts) -> None:
        self.stdout = OutputStream(self, "stdout", 1)
        self.stderr = OutputStream(self, "stderr", 2)
        self._send = send
        self._run_id = run_id
        self._interrupts = interrupts
        self._lock = threading.RLock()
        self._parts: "list[str]" = []
        self._size = 0
        self._stream = "stdout"
        self._owner: "str | None" = None
        self.start_run(1 << 20)

    def start_run(self, limit: int) -> None:
        """Begin a run that may stream about `limit` bytes."""
        self._head_left = limit * 3 // 4
        self._tail_limit = limit // 4
        self._tail: "collections.deque[tuple[str | None, str, bytes]]" = collections.deque()
        self._tail_size = 0
        self._omitted = {"stdout": 0, "stderr": 0}

    def write(self, stream: str, text: str) -> None:
        with self._interrupts.shielded(), self._lock:
            owner = self._run_id()
            if self._parts and (stream != self._stream or owner != self._owner):
                self._flush_parts()
            self._stream, self._owner = stream, owner
            self._parts.append(text)
            self._size += len(text)
            if self._size >= _FLUSH_SIZE or "\n" in text:
                self._flush_parts()

    def flush(self) -> None:
        """Send what is buffered. What C code and subprocesses wrote before is with the host first."""
        if self._parts:
            with self._interrupts.shielded(), self._lock:
                self._flush_parts()

    def end_run(self) -> None:
        """Send what is buffered, the tail of a long output, and wait until the host has what C code wrote."""
        with self._interrupts.shielded(), self._lock:
            self._flush_parts()
            tail, self._tail = self._tail, collections.deque()
            for (owner, stream), pieces in itertools.groupby(tail, lambda piece: piece[:2]):
                data = b"".join(piece for _, _, piece in pieces)
                text = data.decode("utf-8", "ignore")  # the cut may have gone through a character
                self._omitted[stream] += len(data) - len(text.encode())
                self._emit(owner, stream, text)
            for stream, omitted in self._omitted.items():
                if omitted:
                    self._emit(None, stream, "")
        _wait_for_host()

    def _flush_parts(self) -> None:
        if not self._parts:
            return
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if self._head_left >= size:
            self._head_left -= size
            _wait_for_host()
            self._emit(self._owner, self._stream, text)
            return
        data = text.encode("utf-8", "replace")
        if self._head_left:
            head = data[: self._head_left].decode("utf-8", "ignore")
            self._head_left = 0
            _wait_for_host()
            self._emit(self._owner, self._stream, head)
            data = data[len(head.encode()) :]
        self._keep_in_tail(self._stream, data)

    def _keep_in_tail(self, stream: str, data: bytes) -> None:
        kept = data[max(0, len(data) - self._tail_limit) :]
        self._omitted[stream] += len(data) - len(kept)
        # In small pieces, so that the next line does not push all of a long one out.
        for start in range(0, len(kept), _FLUSH_SIZE):
            self._tail.append((self._owner, stream, kept[start : start + _FLUSH_SIZE]))
        self._tail_size += len(kept)
        while self._tail_size > self._tail_limit:
            _, old_stream, old = self._tail.popleft()
            self._tail_size -= len(old)
            self._omitted[old_stream] += len(old)

    def _emit(self, owner: "str | None", stream: str, text: str) -> None:
        message = {"type": "run-output", "runId": owner or self._run_id() or "", "stream": stream, "text": text}
        if self._omitted[stream]:
            message["omittedBytes"] = self._omitted[stream]
            self._omitted[stream] = 0
        self._send(message)


class OutputStream(io.TextIOBase):
    """A text stream with what programs expect of `sys.stdout`: `buffer`, `fileno`, `encoding`, `isatty`."""

    encoding = "utf-8"
    errors = "backslashreplace"
    newlines = None
    line_buffering = True

    def __init__(self, output: Output, name: str, descriptor: int) -> None:
        self._output = output
        self._descriptor = descriptor
        self.name = f"<{name}>"
        self._stream = name
        self.mode = "w"
        self.buffer = _BinaryOutput(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._output.write(self._stream, str(text))
        return len(text)

    def flush(self) -> None:
        self._output.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        """Closing the stream would silence every later run, so it only flushes."""
        self.flush()

    def reconfigure(self, **_options: object) -> None:
        """Encoding and buffering are fixed: the host reads UTF-8 as it comes."""


class _BinaryOutput(io.RawIOBase):
    """`sys.stdout.buffer`: bytes go to the file descriptor, after the text written before."""

    def __init__(self, text: OutputStream) -> None:
        self._text = text

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._text.flush()
        view = memoryview(data).cast("B")
        written = 0
        while written < len(view):
            written += os.write(self._text.fileno(), view[written:])
        return written

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._text.fileno()


def _wait_for_host() -> None:
    """Wait, for a short time at most, until the host has read what went to file descriptors 1 and 2."""
    if not (_unread(1) or _unread(2)):
        return
    deadline = time.monotonic() + _FENCE_SECONDS
    while (_unread(1) or _unread(2)) and time.monotonic() < deadline:
        time.sleep(0.0001)


def _unread(descriptor: int) -> bool:
    try:
        return fcntl.ioctl(descriptor, termios.TIOCOUTQ, _NONE) != _NONE
    except OSError:
        return False  # The code closed or replaced the descriptor; then nothing of it is ours to wait for.
