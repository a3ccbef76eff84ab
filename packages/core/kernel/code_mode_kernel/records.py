"""Objects that are a name and some fields: dataclasses, pydantic models, named tuples. No code of theirs runs."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

from .reprs import bases_of, type_name

_get_dict = type.__dict__["__dict__"].__get__


def is_record(cls: type) -> bool:
    """Whether instances of `cls` are dataclasses or pydantic models."""
    bases = bases_of(cls)
    if any("__dataclass_fields__" in _get_dict(base) for base in bases):
        return True
    pydantic = sys.modules.get("pydantic")
    # Looked up without getattr: pydantic imports its parts lazily.
    model = vars(pydantic).get("BaseModel") if pydantic else None
    return model is not None and model in bases


def field_values(value: object) -> Iterator[tuple[str, object]]:
    """The fields of a record in the order of declaration. A field that was never set is left out."""
    cls = type(value)
    stored = _stored(value)
    fields = _class_attribute(cls, "__dataclass_fields__")
    if type(fields) is not dict:
        yield from stored.items()
        return
    for name, field in fields.items():
        # ClassVar and InitVar pseudo-fields are kept in the same dict.
        if type(name) is not str or getattr(getattr(field, "_field_type", None), "name", "") != "_FIELD":
            continue
        if name in stored:
            yield name, stored[name]
            continue
        attribute = _class_attribute(cls, name)
        if type(attribute) is types.MemberDescriptorType:
            try:
                yield name, attribute.__get__(value)
            except AttributeError:
                pass


def named_tuple_fields(cls: type) -> tuple[str, ...] | None:
    """The field names of a named tuple class, or None for any other."""
    fields = _class_attribute(cls, "_fields")
    if type(fields) is tuple and all(type(name) is str for name in fields):
        return fields
    return None


def enum_name(value: object) -> str:
    """`Color.RED`; a combined flag as Python writes it."""
    name = object.__getattribute__(value, "_name_")
    return f"{type_name(type(value))}.{name}" if type(name) is str else type_name(type(value))


def _stored(value: object) -> dict:
    try:
        stored = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return stored if type(stored) is dict else {}


def _class_attribute(cls: type, name: str) -> object:
    for base in bases_of(cls):
        attributes = _get_dict(base)
        if name in attributes:
            return attributes[name]
    return None
