"""Bytes that travel beside the JSON of one frame."""

from __future__ import annotations


class Attachment:
    """Collects the parts of one frame's attachment. `length` is the sum of the parts, in bytes."""

    __slots__ = ("parts", "length")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def add(self, data: bytes) -> list[int]:
        """Append `data` and return `[offset, length]`, which stands for it in the JSON."""
        place = [self.length, len(data)]
        self.parts.append(data)
        self.length += len(data)
        return place

    def clear(self) -> None:
        self.parts.clear()
        self.length = 0
