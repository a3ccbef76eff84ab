"""Encodes the arguments of a call: JSON data and what has a natural JSON form. Anything else is refused."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import pathlib
import types
import uuid
from collections.abc import Iterable
from math import isfinite
from typing import Any, NoReturn

from .attachment import Attachment
from .errors import ToolArgumentError
from .foreign import array_list, is_missing, loaded_type, scalar_value
from .records import field_values, is_record, named_tuple_fields
from .reprs import bases_of, clean, type_name

_SAFE_INT = 2**53 - 1
_MAX_DEPTH = 100


class ArgumentEncoder:
    """Encodes the arguments of one call of the function that `where` names."""

    def __init__(self, attachment: Attachment, where: str, binary: bool) -> None:
        self._attachment = attachment
        self._where = where
        self._binary = binary
        self._open: list[int] = []
        self._argument = ""

    def encode(self, arguments: dict) -> dict:
        """The wire form. Raises ToolArgumentError."""
        encoded = {}
        for name, value in arguments.items():
            self._argument = name
            encoded[name] = self._value(value, name)
        return encoded

    def _value(self, value: object, place: str) -> object:
        cls = type(value)
        if cls is str:
            return clean(value)
        if cls is bool or value is None:
            return value
        if cls is int:
            return value if -_SAFE_INT <= value <= _SAFE_INT else {"$int": self._digits(value, place)}
        if cls is float:
            if isfinite(value):
                return value
            self._refuse(place, f"is {value}", "JSON has no such number. Pass None, or leave the argument out.")
        if cls is list or cls is tuple:
            return self._items(value, place, value)
        if cls is dict:
            return self._mapping(value.items(), place, value)
        return self._other(value, place)

    def _other(self, value: Any, place: str) -> object:
        cls = type(value)
        bases = bases_of(cls)
        if enum.Enum in bases:
            return self._value(object.__getattribute__(value, "_value_"), place)
        if is_missing(value):
            return None
        foreign = self._foreign(value, bases, place)
        if foreign is not _ABSENT:
            return foreign
        for base, convert in _NATURAL.items():
            if base in bases:
                return self._value(convert(value), place)
        if tuple in bases:
            fields = named_tuple_fields(cls)
            if fields is not None:
                return self._mapping(zip(fields, tuple.__iter__(value)), place, value)
            return self._items(tuple.__iter__(value), place, value)
        if list in bases:
            return self._items(list.__iter__(value), place, value)
        if cls is collections.deque or cls in _VIEWS or cls is range:
            return self._items(iter(value), place, value)
        if dict in bases:
            return self._mapping(dict.items(value), place, value)
        if is_record(cls):
            return self._mapping(field_values(value), place, value)
        if self._binary and (bytes in bases or cls in (bytearray, memoryview)):
            return {"$bytes": self._attachment.add(memoryview(value).tobytes())}
        self._refuse(place, f"is {_article(type_name(cls))}", _advice(cls, bases))

    def _foreign(self, value: Any, bases: tuple[type, ...], place: str) -> object:
        if loaded_type("numpy", "generic") in bases:
            return self._value(scalar_value(value), place)
        if loaded_type("numpy", "ndarray") in bases:
            return self._value(array_list(value), place)
        if loaded_type("pandas", "DataFrame") in bases:
            return self._value([_without_nan(row) for row in value.to_dict("records")], place)
        if loaded_type("pandas", "Series") in bases or loaded_type("pandas", "Index") in bases:
            return self._value([None if _is_nan(item) else item for item in value.tolist()], place)
        return _ABSENT

    def _items(self, values: Iterable[object], place: str, owner: object) -> list:
        self._enter(owner, place)
        encoded = [self._value(item, f"{place}[{index}]") for index, item in enumerate(values)]
        self._open.pop()
        return encoded

    def _mapping(self, pairs: Iterable[tuple[object, object]], place: str, owner: object) -> dict:
        self._enter(owner, place)
        encoded: dict[str, object] = {}
        for key, item in pairs:
            name = self._key(key, place)
            if name in encoded:
                self._refuse(place, f"has two keys that are both {name!r} as text", "JSON objects have text keys.")
            encoded[name] = self._value(item, f"{place}[{key!r}]" if type(key) is str else f"{place}[{name}]")
        self._open.pop()
        if len(encoded) == 1 and name[:1] == "$":
            return {"$map": [[name, encoded[name]]]}
        return encoded

    def _key(self, key: object, place: str) -> str:
        cls = type(key)
        if cls is str:
            return clean(key)
        if key is None or cls is bool:
            return {None: "null", True: "true", False: "false"}[key]
        if cls is int or cls is float:
            return repr(key)
        if str in bases_of(cls):
            return clean(str.__str__(key))
        self._refuse(place, f"has a key that is {_article(type_name(cls))}", "JSON objects have text keys.")

    def _enter(self, owner: object, place: str) -> None:
        if id(owner) in self._open:
            self._refuse(place, "contains itself", "Pass a copy without the loop.")
        if len(self._open) >= _MAX_DEPTH:
            self._refuse(self._argument, f"is nested over {_MAX_DEPTH} levels deep", "Pass flatter data.")
        self._open.append(id(owner))

    def _digits(self, value: int, place: str) -> str:
        if value.bit_length() > 14_000:
            self._refuse(place, f"is an int of {value.bit_length()} bits", "Pass it as text, e.g. hex(...).")
        return str(value)

    def _refuse(self, place: str, what: str, advice: str) -> NoReturn:
        raise ToolArgumentError(f"{self._where}({self._argument}=…): {place} {what}; tools take JSON values. {advice}")


class _Absent:
    pass


_ABSENT = _Absent()


def _decimal(value: decimal.Decimal) -> object:
    """A number when a float says exactly the same, else text."""
    number = float(value)
    if not value.is_finite():
        return number  # which is then refused
    if value == value.to_integral_value() and abs(value) <= _SAFE_INT:
        return int(value)
    return number if decimal.Decimal(repr(number)) == value else str(value)


def _without_nan(row: dict) -> dict:
    return {key: None if _is_nan(item) else item for key, item in row.items()}


def _is_nan(item: object) -> bool:
    return type(item) is float and item != item


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _advice(cls: type, bases: tuple[type, ...]) -> str:
    if set in bases or frozenset in bases:
        return "Pass list(...) instead."
    if bytes in bases or cls in (bytearray, memoryview):
        return "Pass text: data.decode(), or base64.b64encode(data).decode()."
    if cls is types.CoroutineType:
        return "Write `await` in front of the coroutine."
    if cls in (types.GeneratorType, map, filter, zip, enumerate, reversed):
        return "Pass list(...) instead."
    if cls in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
        return "Call the function and pass what it returns."
    if cls is complex:
        return "Pass [z.real, z.imag] instead."
    return "Pass a dict, a list, text or a number instead, e.g. vars(...) or str(...)."


_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))

# Subclasses of datetime come before date, bool is never reached, and pandas' Timestamp is a datetime.
_NATURAL: dict[type, Any] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    datetime.datetime: lambda value: value.isoformat(),
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: datetime.timedelta.total_seconds,
    decimal.Decimal: _decimal,
    uuid.UUID: uuid.UUID.__str__,
    pathlib.PurePath: pathlib.PurePath.__str__,
}
