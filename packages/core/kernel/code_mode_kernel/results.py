"""Encodes the result of a run that is not plain JSON data. See `values.py` for the forms.

Values may be hostile. Types are read past `__class__`, containers through the methods of the builtin types, and the
only code of a value that runs is its `repr()`.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from math import isfinite

from .attachment import Attachment
from .builtin_forms import BUILTIN_FORMS, EXACT_ONLY, SCALARS, Form, named_tuple_form, record_form
from .foreign import foreign_forms
from .records import is_record, named_tuple_fields
from .reprs import bases_of, clean, short_repr, type_name

_SAFE_INT = 2**53 - 1
_MAX_DEPTH = 100
_REPR = 2000


class TooLarge(Exception):
    """The encoded value would be over the limit."""


class ResultEncoder:
    """Encodes one value into at most `limit` bytes of JSON and attachment."""

    def __init__(self, attachment: Attachment, limit: int) -> None:
        self._attachment = attachment
        self._left = limit
        self._handlers: dict[type, Form] = {}
        self._forms = {**BUILTIN_FORMS, **foreign_forms()}
        #: Containers being encoded, outermost first: their id, and the key or index that leads to the next one.
        self._path: list[tuple[int, object]] = []

    def encode(self, value: object, depth: int = 0) -> object:
        """The wire form. Raises TooLarge."""
        cls = type(value)
        if cls is str:
            return self._text(value)
        if cls is int:
            return self._int(value)
        if cls is float:
            return self._float(value)
        if cls is bool or value is None:
            self._spend(5)
            return value
        handler = self._handlers.get(cls)
        if handler is None:
            handler = self._handlers[cls] = self._find(cls)
        if depth > _MAX_DEPTH:
            return self.describe(value)
        try:
            return handler(self, value, depth)
        except (KeyboardInterrupt, TooLarge):
            raise
        except BaseException:  # noqa: BLE001 - whatever a library or a hostile value does, the result is told
            return self.describe(value)

    def describe(self, value: object) -> dict:
        """The form of an object that has no other."""
        text = short_repr(value, _REPR)
        self._spend(len(text) + 40)
        form = {"type": type_name(type(value)), "repr": text}
        if type(value) is types.CoroutineType:
            form["how"] = "This coroutine has not run. Write `await` in front of the call."
        return {"$object": form}

    def bytes(self, data: object) -> dict:
        """The `$bytes` form."""
        view = memoryview(data)  # type: ignore[arg-type]
        self._spend(view.nbytes + 30)
        return {"$bytes": self._attachment.add(view.tobytes())}

    def image(self, data: bytes, mime_type: str) -> dict:
        """The `$image` form."""
        self._spend(len(data) + 60)
        return {"$image": {"mimeType": mime_type, "data": self._attachment.add(data)}}

    def items(self, values: Iterable[object], depth: int, owner: object = None) -> list:
        """A list of encoded values. `owner` is the container, for the places of `$ref`."""
        reference = self._enter(owner)
        if reference is not None:
            return reference  # type: ignore[return-value]
        path, encode = self._path, self.encode
        encoded = []
        try:
            for index, item in enumerate(values):
                self._spend(1)
                if type(item) in SCALARS:
                    encoded.append(encode(item))
                else:
                    path[-1] = (id(owner), index)
                    encoded.append(encode(item, depth + 1))
        finally:
            path.pop()
        return encoded

    def mapping(self, pairs: Iterable[tuple[object, object]], depth: int, owner: object = None) -> object:
        """A JSON object, or a `$map` when the keys do not allow one."""
        reference = self._enter(owner)
        if reference is not None:
            return reference
        path, encode = self._path, self.encode
        encoded = {}
        try:
            pairs = list(pairs)
            names = [key if type(key) is str and key.isascii() else _key_text(key) for key, _ in pairs]
            if None in names or len(set(names)) < len(names) or len(names) == 1 and names[0][:1] == "$":
                return {"$map": [self._pair(key, item, depth) for key, item in pairs]}
            for name, (key, item) in zip(names, pairs):
                self._spend(len(name) + 4)
                if type(item) in SCALARS:
                    encoded[name] = encode(item)
                else:
                    path[-1] = (path[-1][0], key)
                    encoded[name] = encode(item, depth + 1)
        finally:
            path.pop()
        return encoded

    def _pair(self, key: object, item: object, depth: int) -> list:
        self._spend(4)
        self._path[-1] = (self._path[-1][0], key)
        return [self.encode(key, depth + 3), self.encode(item, depth + 3)]

    def _enter(self, owner: object) -> dict | None:
        """Note that `owner` is being encoded. Returns a `$ref` when it already is."""
        mark = id(owner) if owner is not None else 0
        if mark:
            for position, (outer, _) in enumerate(self._path):
                if outer == mark:
                    return {"$ref": "_" + "".join([f"[{short_repr(key, 60)}]" for _, key in self._path[:position]])}
        self._path.append((mark, None))
        return None

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge

    def _text(self, value: str) -> str:
        self._spend(len(value) + 2)
        value = clean(value)
        if len(value) > 1000 or not value.isascii():
            self._spend(len(value.encode()) - len(value))
        return value

    def _int(self, value: int) -> object:
        if -_SAFE_INT <= value <= _SAFE_INT:
            self._spend(2)
            return value
        if value.bit_length() > 14_000:  # str() of more than 4300 digits is refused, and slow where it is allowed
            return {"$object": {"type": "int", "repr": hex(value)[:_REPR] + f"… [int of {value.bit_length()} bits]"}}
        text = str(value)
        self._spend(len(text) + 10)
        return {"$int": text}

    def _float(self, value: float) -> object:
        self._spend(20)
        if isfinite(value):
            return value
        return {"$float": "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"}

    def _find(self, cls: type) -> Form:
        bases = bases_of(cls)
        for base in bases:
            if base is tuple and named_tuple_fields(cls) is not None:
                return named_tuple_form
            form = self._forms.get(base)
            if form is not None and (cls is base or base not in EXACT_ONLY):
                return form
        if is_record(cls):
            return record_form
        return lambda encoder, value, depth: encoder.describe(value)


def _key_text(key: object) -> str | None:
    cls = type(key)
    if cls is str:
        return clean(key)
    if key is None or cls is bool or cls is int:
        return json.dumps(key) if cls is not int or key.bit_length() < 14_000 else None
    if cls is float:
        return json.dumps(key)
    if str in bases_of(cls):
        return clean(str.__str__(key))
    return None
