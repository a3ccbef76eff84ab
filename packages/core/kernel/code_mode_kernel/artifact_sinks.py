"""Where the content of an artifact is put together as it comes, without holding it twice."""

from __future__ import annotations

import codecs
import io


class Bytes:
    """Grows in place, and gives its buffer away without a copy."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()

    def add(self, data: bytes) -> None:
        self._buffer.write(data)

    def value(self) -> object:
        return self._buffer.getvalue()


class Slice(Bytes):
    """Bytes, or the characters that start between `start` and `end`."""

    def __init__(self, as_text: bool, start: int, end: int) -> None:
        super().__init__()
        self._as_text, self._start, self._end = as_text, start, end

    def value(self) -> object:
        data = super().value()
        length = self._end - self._start
        if not self._as_text:
            return data[:length]  # type: ignore[index]
        head = 0
        while self._start and head < min(3, len(data)) and data[head] & 0xC0 == 0x80:  # type: ignore[index, arg-type]
            head += 1
        while length < len(data) and data[length] & 0xC0 == 0x80:  # type: ignore[index, arg-type]
            length += 1
        return data[head:length].decode("utf-8", "replace")  # type: ignore[index]


class Text:
    """Decodes as it comes."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._parts: list[str] = []
        self._raw: io.BytesIO | None = None

    def add(self, data: bytes) -> None:
        if self._raw is None:
            pending = self._decoder.getstate()[0]
            try:
                self._parts.append(self._decoder.decode(data))
                return
            except UnicodeDecodeError:
                self._be_bytes(pending)
        self._raw.write(data)  # type: ignore[union-attr]

    def value(self) -> object:
        if self._raw is None:
            pending = self._decoder.getstate()[0]
            if not pending:
                return "".join(self._parts)
            self._be_bytes(pending)
        return self._raw.getvalue()  # type: ignore[union-attr]

    def _be_bytes(self, pending: bytes) -> None:
        self._raw = io.BytesIO()
        for part in self._parts:
            self._raw.write(part.encode())
        self._raw.write(pending)
        self._parts.clear()


class Buffer:
    """A buffer of the final size that can be written to: an array is a view of it."""

    def __init__(self, size: int) -> None:
        self._data = bytearray(size)
        self._filled = 0

    def add(self, data: bytes) -> None:
        self._data[self._filled : self._filled + len(data)] = data
        self._filled += len(data)

    def value(self) -> object:
        return self._data
