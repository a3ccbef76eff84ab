"""The wire protocol between the host (Node) and Python. The same rules open `src/wire/messages.ts`.

 1. A frame is two unsigned 32-bit big-endian lengths, then that many bytes of UTF-8 JSON, then that many bytes of
    attachment. The JSON is one object with a string `type`. `{"$bytes": [offset, length]}` points into the
    attachment of the same frame. No pickle crosses.
 2. Python opens every connection and speaks first: `hello` with the protocol version, its role and its secret. A
    connection without a good `hello` is closed without an answer.
 3. One `zygote` connection per Python environment opens, interrupts and kills kernels and reports their exits.
    One `kernel` connection per session carries runs and calls. A kernel's `stdout` and `stderr` connections carry
    raw bytes after their `hello`: what C code and subprocesses write. A kernel that may reach some hosts has
    `network` connections besides: after their `hello` they are those of a client of an HTTP proxy.
 4. Ids belong to the side that opened the exchange: `runId` to the host, `callId` to the kernel.
 5. Exactly one `run-end` per `run-start`; exactly one `call-end` per `call-start`, unless its run ends first. A
    run's frames carry its `runId`; a frame of a run that has ended is dropped.
 6. End of file without `run-end` is a crash. Closing fails everything pending once, with the reason.
 7. The host treats every frame as untrusted: size cap, shape check, direction check. A bad frame ends the session
    with `protocol_error`.
 8. Adding an optional field keeps the version. Anything an older peer could misread raises it.
"""

import collections
import json
import select
import socket
import struct
import threading
from contextlib import AbstractContextManager
from typing import Iterator

from .interrupts import Interrupts

PROTOCOL_VERSION = 1

_HEADER = struct.Struct(">II")
_CHUNK = 1 << 16
_NOTHING = memoryview(b"")


class Frame:
    """One received frame. `tagged` tells whether its JSON may hold `$` forms that need decoding."""

    __slots__ = ("attachment", "message", "tagged")

    def __init__(self, payload: "bytes | memoryview", attachment: memoryview = _NOTHING) -> None:
        text = str(payload, "utf-8")
        self.message: dict = _parse(text)
        self.tagged = '{"$' in text
        self.attachment = attachment


class Connection:
    """Frames over one connected stream socket.

    Any thread may send; one thread at a time may receive. An interrupt never splits a frame: it can only land while
    waiting for the first byte.
    """

    def __init__(self, sock: socket.socket, interrupts: Interrupts) -> None:
        self.socket = sock
        self._interrupts = interrupts
        self._write_lock = threading.Lock()
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._frames: collections.deque[Frame] = collections.deque()
        self._buffer = bytearray()
        self._body: bytearray | None = None
        self._body_filled = 0
        self._body_json = 0

    def fileno(self) -> int:
        return self.socket.fileno()

    def shielded(self) -> AbstractContextManager:
        """A context that no interrupt leaves half done."""
        return self._interrupts.shielded()

    def send(self, message: dict, attachment: "list[bytes] | tuple[()]" = ()) -> None:
        """Send one frame. Blocks while the host does not read. Raises OSError once the host is gone."""
        payload = encode_frame(message, attachment)
        with self._interrupts.shielded(), self._write_lock:
            self.socket.sendall(payload)

    def receive(self) -> Frame:
        """Wait for the next frame. Raises EOFError once the host is gone."""
        while not self._frames:
            self._readable.poll()
            self._read()
        return self._frames.popleft()

    def received(self) -> "Iterator[Frame]":
        """Yield the frames that were read already."""
        while self._frames:
            yield self._frames.popleft()

    def receive_ready(self) -> "list[Frame]":
        """Return the frames that are complete now, without waiting. Raises EOFError once the host is gone."""
        if not self._frames and self._readable.poll(0):
            self._read()
        ready = list(self._frames)
        self._frames.clear()
        return ready

    def _read(self) -> None:
        with self._interrupts.shielded():
            if self._body is not None:
                self._read_body(self._body)
                return
            chunk = self.socket.recv(_CHUNK)
            if not chunk:
                raise EOFError("the host closed the connection")
            self._buffer += chunk
            self._split()

    def _split(self) -> None:
        buffer, position = self._buffer, 0
        while len(buffer) - position >= _HEADER.size:
            json_length, attachment_length = _HEADER.unpack_from(buffer, position)
            start, length = position + _HEADER.size, json_length + attachment_length
            if len(buffer) - start < length:
                if length > _CHUNK:
                    # A large frame is received into its final place, so that it is never copied twice.
                    self._body = bytearray(length)
                    self._body_filled = len(buffer) - start
                    self._body[: self._body_filled] = memoryview(buffer)[start:]
                    self._body_json = json_length
                    self._buffer = bytearray()
                    return
                break
            end = start + json_length
            payload = bytes(buffer[start:end])
            attachment = memoryview(bytes(buffer[end : end + attachment_length])) if attachment_length else _NOTHING
            self._frames.append(Frame(payload, attachment))
            position = end + attachment_length
        if position:
            del buffer[:position]

    def _read_body(self, body: bytearray) -> None:
        count = self.socket.recv_into(memoryview(body)[self._body_filled :])
        if not count:
            raise EOFError("the host closed the connection in the middle of a frame")
        self._body_filled += count
        if self._body_filled == len(body):
            view, self._body = memoryview(body), None
            self._frames.append(Frame(view[: self._body_json], view[self._body_json :]))


def encode_frame(message: dict, attachment: "list[bytes] | tuple[()]" = ()) -> bytes:
    """Encode one frame. Lone surrogates become `?`, because UTF-8 has no form for them."""
    text = _encode_json(message)
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        payload = text.encode("utf-8", "replace")
    if not attachment:
        return _HEADER.pack(len(payload), 0) + payload
    return b"".join((_HEADER.pack(len(payload), sum(map(len, attachment))), payload, *attachment))


def _json_functions() -> tuple:
    """The encoder and decoder behind `json.dumps` and `json.loads`, made once instead of once per frame."""
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
    decoder = json.JSONDecoder(parse_constant=_refuse)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # an interpreter without the C accelerator
        return encoder.encode, decoder
    plain = make(None, encoder.default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
    return lambda value: "".join(plain(value, 0)), decoder


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_encode_json, _decoder = _json_functions()
_scan_json = _decoder.scan_once


def _parse(text: str) -> dict:
    """The message of a frame. Raises ValueError for all that the host refuses, too."""
    try:
        message, end = _scan_json(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        # White space around the document, or an error that says where it is.
        message = _decoder.decode(text)
    if type(message) is not dict or type(message.get("type")) is not str:
        raise ValueError("a frame is not an object with a type")
    return message


def connect(path: str, interrupts: Interrupts, hello: dict) -> Connection:
    """Open a connection to the host and say `hello`."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    connection = Connection(sock, interrupts)
    connection.send({"type": "hello", "protocol": PROTOCOL_VERSION, **hello})
    return connection
