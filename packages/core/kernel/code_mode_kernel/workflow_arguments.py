"""The arguments of a workflow: what the host checks of them, and what the function gets.

The values stay in this process. The host sees their JSON form, to check it against the workflow's schema. Where the
caller gave JSON and the hint says more - a dataclass, an enum, a datetime, a set - the function gets what the hint says.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import types
import typing
import uuid
from collections.abc import Callable, Collection, Mapping

from .attachment import Attachment
from .errors import ToolArgumentError
from .plain import plain_size
from .reprs import short_repr, type_name
from .values import encode_arguments

_CHECKED_BYTES = 1_000_000
_LARGE_TYPES = frozenset("numpy pandas polars pyarrow scipy torch matplotlib".split())


def to_check(arguments: dict, where: str) -> tuple[dict, dict[str, str]]:
    """The arguments that have a JSON form, and for those without one, or with one over 1 MB, the names of their types."""
    plain: dict[str, object] = {}
    opaque: dict[str, str] = {}
    for name, value in arguments.items():
        if type(value) in (set, frozenset):
            value = list(value)
        size = plain_size(value, _CHECKED_BYTES)
        if size is not None and size <= _CHECKED_BYTES:
            plain[name] = value
            continue
        cls = type(value)
        if size is None and cls.__module__.partition(".")[0] not in _LARGE_TYPES:
            try:
                encode_arguments({name: value}, Attachment(), where)
                plain[name] = value
                continue
            except ToolArgumentError:
                pass
        opaque[name] = type_name(cls).rpartition(".")[2]
    return plain, opaque


def bind(function: Callable, arguments: dict, where: str) -> tuple[tuple, dict]:
    """The positional and keyword arguments to call `function` with. Raises ToolArgumentError."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return (), arguments
    hints = _hints(function)
    bound = signature.bind_partial()
    rest = {}
    known = signature.parameters
    by_name = {name for name, parameter in known.items() if parameter.kind is not parameter.VAR_KEYWORD}
    for name, value in arguments.items():
        if name in by_name:
            bound.arguments[name] = value
        else:
            rest[name] = value
    values: dict[str, object] = {}
    spreads = False
    for name, parameter in known.items():
        hint = hints.get(name, parameter.empty)
        if parameter.kind is parameter.VAR_KEYWORD:
            values[name] = {key: _converted(value, hint, where, key) for key, value in rest.items()}
        elif name in bound.arguments:
            several = parameter.kind is parameter.VAR_POSITIONAL
            given = bound.arguments[name]
            if several:
                spreads = True
                values[name] = tuple(_converted(item, hint, where, name) for item in given)
            else:
                values[name] = _converted(given, hint, where, name)
    # In the order of the parameters: what comes before `*args` must be given by position.
    bound.arguments.clear()
    bound.arguments.update(values)
    if spreads:
        bound.apply_defaults()
    return bound.args, bound.kwargs


def _hints(function: Callable) -> dict[str, object]:
    try:
        return typing.get_type_hints(function, include_extras=False)
    except Exception:  # noqa: BLE001 - a hint may be anything; without it the value stays as it came
        return {}


def _converted(value: object, hint: object, where: str, name: str) -> object:
    try:
        return convert(value, hint)
    except ToolArgumentError:
        raise
    except Exception as error:  # noqa: BLE001 - constructors of the author's classes may raise anything
        wanted = getattr(hint, "__name__", None) or str(hint)
        got = f"{short_repr(value, 60)} ({type(value).__name__})"
        raise ToolArgumentError(f"{where}({name}=…): {name} must be a {wanted}, got {got}: {error}") from None


def convert(value: object, hint: object) -> object:
    """`value` as the hint says, when it is the JSON form of it; else `value` itself."""
    if value is None or hint in _AS_THEY_COME:
        return value
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        return _one_of(value, arguments)
    if isinstance(origin, type):
        return _container(value, origin, arguments)
    if not isinstance(hint, type) or isinstance(value, hint):
        return value
    return _instance(value, hint)


def _one_of(value: object, members: tuple) -> object:
    if type(value) in members:
        return value
    for member in members:
        try:
            converted = convert(value, member)
        except Exception:  # noqa: BLE001 - then it is another member
            continue
        if converted is not value:
            return converted
    return value


def _container(value: object, origin: type, arguments: tuple) -> object:
    if issubclass(origin, Mapping):
        if not isinstance(value, dict) or len(arguments) != 2:
            return value
        key, item = arguments
        if key in _AS_THEY_COME and key not in (int, float) and item in _AS_THEY_COME:
            return value
        number = key if key in (int, float) else None
        pairs = [(number(k) if number and isinstance(k, str) else k, convert(v, item)) for k, v in value.items()]
        same = all(k is old and v is value[old] for (k, v), old in zip(pairs, value))
        return value if same else dict(pairs)
    if not isinstance(value, (list, tuple)) or not issubclass(origin, Collection):
        return value
    if not issubclass(origin, (tuple, typing.AbstractSet)) and arguments[0] in _AS_THEY_COME:
        return value
    if issubclass(origin, tuple) and not (len(arguments) == 2 and arguments[1] is ...):
        items = [convert(item, hint) for item, hint in zip(value, arguments)] if len(arguments) == len(value) else value
    else:
        items = [convert(item, arguments[0]) for item in value]
    for kind in (tuple, set, frozenset):
        if issubclass(kind, origin) and origin is not Collection and issubclass(origin, (tuple, typing.AbstractSet)):
            return kind(items)
    return value if all(a is b for a, b in zip(items, value)) else items


def _instance(value: object, hint: type) -> object:
    if issubclass(hint, enum.Enum):
        return hint(value)
    if isinstance(value, dict):
        if dataclasses.is_dataclass(hint) or hasattr(hint, "_fields"):
            hints = typing.get_type_hints(hint)
            return hint(**{name: convert(item, hints.get(name)) for name, item in value.items()})
        if hasattr(hint, "model_validate"):
            return hint.model_validate(value)
    if isinstance(value, (list, tuple)) and hint in (set, frozenset, tuple):
        return hint(value)
    if isinstance(value, str) and hint in _FROM_TEXT:
        return _FROM_TEXT[hint](value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if hint is decimal.Decimal:
            return decimal.Decimal(str(value))
        if hint is datetime.timedelta:
            return datetime.timedelta(seconds=value)
    return value


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)


_AS_THEY_COME = (inspect.Parameter.empty, None, object, typing.Any, str, int, float, bool, list, dict)
_FROM_TEXT: dict[type, Callable[[str], object]] = {
    datetime.datetime: _moment,
    datetime.date: datetime.date.fromisoformat,
    datetime.time: datetime.time.fromisoformat,
    decimal.Decimal: decimal.Decimal,
    uuid.UUID: uuid.UUID,
    pathlib.Path: pathlib.Path,
    pathlib.PurePath: pathlib.PurePath,
}
