"""What the host sends, as Python values."""

from __future__ import annotations

import datetime
import decimal
import os
import uuid


class Image:
    """An image that a tool returned. `display(image)` shows it, `image.save(path)` writes it to a file.

    Attributes: `data` (bytes, encoded as `mime_type` says) and `mime_type`, e.g. `image/png`.
    """

    def __init__(self, data: bytes, mime_type: str) -> None:
        self.data = data
        self.mime_type = mime_type

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the encoded bytes to `path`. Raises OSError as `open` does."""
        with open(path, "wb") as file:
            file.write(self.data)

    def __repr__(self) -> str:
        return f"<Image {self.mime_type}, {len(self.data)} bytes>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {self.mime_type: self.data, "text/plain": repr(self)}


def decode(value: object, attachment: memoryview | bytes) -> object:
    """Replace the `$` forms of `values.py` in `value` by what they stand for.

    Unknown or malformed forms stay dicts: a newer host may send more than this kernel knows.
    """
    cls = type(value)
    if cls is dict:
        if len(value) == 1:
            ((tag, inner),) = value.items()
            if tag[:1] == "$":
                reader = _READERS.get(tag)
                if reader is not None:
                    try:
                        return reader(inner, attachment)
                    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
                        return value
        return {key: decode(item, attachment) if type(item) in _OPEN else item for key, item in value.items()}
    if cls is list:
        return [decode(item, attachment) if type(item) in _OPEN else item for item in value]
    return value


_OPEN = frozenset((dict, list))


def _bytes(inner: object, attachment: memoryview | bytes) -> bytes:
    offset, length = inner  # type: ignore[misc]
    if offset < 0 or length < 0 or offset + length > len(attachment):
        raise ValueError("outside the attachment")
    return bytes(attachment[offset : offset + length])


def _image(inner: object, attachment: memoryview | bytes) -> Image:
    return Image(_bytes(inner["data"], attachment), str(inner["mimeType"]))  # type: ignore[index]


def _map(inner: object, attachment: memoryview | bytes) -> dict:
    return {_key(decode(key, attachment)): decode(item, attachment) for key, item in inner}  # type: ignore[union-attr]


def _key(value: object) -> object:
    return tuple(map(_key, value)) if type(value) is list else value


def _float(inner: object, _attachment: object) -> float:
    if inner not in ("NaN", "Infinity", "-Infinity"):
        raise ValueError(inner)
    return float(inner)  # type: ignore[arg-type]


def _datetime(inner: object, _attachment: object) -> datetime.datetime:
    # Python 3.10 does not read the Z that JavaScript writes.
    return datetime.datetime.fromisoformat(inner.replace("Z", "+00:00"))  # type: ignore[attr-defined]


_READERS = {
    "$bytes": _bytes,
    "$image": _image,
    "$map": _map,
    "$float": _float,
    "$int": lambda inner, _: int(inner),
    "$datetime": _datetime,
    "$date": lambda inner, _: datetime.date.fromisoformat(inner),
    "$time": lambda inner, _: datetime.time.fromisoformat(inner),
    "$timedelta": lambda inner, _: datetime.timedelta(seconds=inner),
    "$decimal": lambda inner, _: decimal.Decimal(inner),
    "$uuid": lambda inner, _: uuid.UUID(inner),
    "$set": lambda inner, attachment: {_key(decode(item, attachment)) for item in inner},
}
