"""The wire forms of builtin and standard library types; `values.py` has the table of them."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import uuid
from collections.abc import Callable
from typing import Any

from .received import Image
from .records import enum_name, field_values, named_tuple_fields
from .reprs import bases_of, type_name

Form = Callable[[Any, Any, int], object]
"""`form(encoder, value, depth)` returns the wire value."""


def _sorted(values: list) -> list:
    kinds = set(map(type, values))
    if kinds <= {str} or kinds <= {int, float, bool}:
        return sorted(values)
    return values


def _set(encoder: Any, value: Any, depth: int) -> object:
    base = set if set in bases_of(type(value)) else frozenset
    items = _sorted(list(base.__iter__(value)))
    encoded = encoder.items(items, depth + 2, value)
    if len(set(map(type, items))) > 1 or items and type(items[0]) not in SCALARS:
        encoded.sort(key=lambda item: json.dumps(item, sort_keys=True))
    return {"$set": encoded}


def named_tuple_form(encoder: Any, value: Any, depth: int) -> object:
    return encoder.mapping(zip(named_tuple_fields(type(value)), tuple.__iter__(value)), depth, value)


def record_form(encoder: Any, value: Any, depth: int) -> object:
    fields = encoder.mapping(field_values(value), depth + 2, value)
    if "$ref" in fields and len(fields) == 1:
        return fields
    return {"$dataclass": {"name": type_name(type(value)), "fields": fields}}


def _enum(encoder: Any, value: Any, depth: int) -> object:
    bases = bases_of(type(value))
    for base, plain in ((int, int.__int__), (str, str.__str__), (float, float.__float__)):
        if base in bases:
            return encoder.encode(plain(value), depth)
    inner = object.__getattribute__(value, "_value_")
    return {"$enum": {"name": enum_name(value), "value": encoder.encode(inner, depth + 2)}}


def _tagged(tag: str, convert: Callable) -> Form:
    def form(encoder: Any, value: Any, depth: int) -> object:
        return {tag: encoder.encode(convert(value), depth + 1)}

    return form


SCALARS = frozenset((str, int, float, bool, type(None)))

BUILTIN_FORMS: dict[type, Form] = {
    enum.Enum: _enum,
    str: lambda encoder, value, depth: encoder.encode(str.__str__(value)),
    int: lambda encoder, value, depth: encoder.encode(int.__int__(value)),
    float: lambda encoder, value, depth: encoder.encode(float.__float__(value)),
    list: lambda encoder, value, depth: encoder.items(list.__iter__(value), depth, value),
    tuple: lambda encoder, value, depth: encoder.items(tuple.__iter__(value), depth, value),
    collections.deque: lambda encoder, value, depth: encoder.items(collections.deque.__iter__(value), depth, value),
    type({}.keys()): lambda encoder, value, depth: encoder.items(iter(value), depth, value),
    type({}.values()): lambda encoder, value, depth: encoder.items(iter(value), depth, value),
    type({}.items()): lambda encoder, value, depth: encoder.items(iter(value), depth, value),
    dict: lambda encoder, value, depth: encoder.mapping(dict.items(value), depth, value),
    collections.OrderedDict: lambda encoder, value, depth: encoder.mapping(
        collections.OrderedDict.items(value), depth, value
    ),
    set: _set,
    frozenset: _set,
    bytes: lambda encoder, value, depth: encoder.bytes(value),
    bytearray: lambda encoder, value, depth: encoder.bytes(value),
    memoryview: lambda encoder, value, depth: encoder.bytes(value),
    complex: lambda encoder, value, depth: {
        "$complex": [encoder.encode(value.real), encoder.encode(value.imag)]
    },
    range: _tagged("$range", lambda value: [value.start, value.stop, value.step]),
    datetime.datetime: _tagged("$datetime", datetime.datetime.isoformat),
    datetime.date: _tagged("$date", datetime.date.isoformat),
    datetime.time: _tagged("$time", datetime.time.isoformat),
    datetime.timedelta: _tagged("$timedelta", datetime.timedelta.total_seconds),
    decimal.Decimal: _tagged("$decimal", decimal.Decimal.__str__),
    fractions.Fraction: _tagged("$fraction", fractions.Fraction.__str__),
    uuid.UUID: _tagged("$uuid", uuid.UUID.__str__),
    pathlib.PurePath: _tagged("$path", pathlib.PurePath.__str__),
    Image: lambda encoder, value, depth: encoder.image(bytes(value.data), str(value.mime_type)),
}

EXACT_ONLY = frozenset((complex, range))
"""Types whose subclasses are described instead: reading their parts could run code."""
