"""Values on the wire: what a run returns, what a call takes, what the host sends back.

JSON data crosses as itself. What JSON cannot say crosses as an object with one key that starts with `$`:

    {"$float": "NaN" | "Infinity" | "-Infinity"}
    {"$int": "9007199254740993"}               an int beyond +-(2**53 - 1)
    {"$bytes": [offset, length]}               bytes, bytearray, memoryview; in the frame's attachment
    {"$datetime" | "$date" | "$time": iso}     datetime, pandas Timestamp, numpy datetime64
    {"$timedelta": seconds}
    {"$decimal": "1.10"}  {"$fraction": "1/3"}  {"$uuid": "..."}  {"$path": "a/b"}
    {"$complex": [real, imaginary]}            each a number or a $float
    {"$range": [start, stop, step]}
    {"$set": [...]}                            set, frozenset; sorted
    {"$map": [[key, value], ...]}              a dict whose keys are not text, or whose one key starts with "$"
    {"$enum": {"name": "Color.RED", "value": 1}}
    {"$dataclass": {"name": "Point", "fields": {...}}}      dataclasses and pydantic models
    {"$image": {"mimeType": "image/png", "data": [offset, length]}}      PIL images, images that tools returned
    {"$ndarray": {"dtype", "shape", "data"}}   nested lists; over 10,000 elements without "data", but with
                                               "first" (a flat list) and "omitted" (how many are not in it)
    {"$dataframe": {"shape", "columns", "dtypes", "index"?, "rows", "omitted"?, "omittedColumns"?}}
    {"$series": {"name", "dtype", "length", "index"?, "values", "omitted"?}}   `index` only when it is not 0, 1, 2...
    {"$index": {"dtype", "length", "values", "omitted"?}}
    {"$ref": "_['a'][0]"}                      a container inside itself: where in the result it is
    {"$object": {"type": "module.Name", "repr": "..."}}     everything else, and what is nested over 100 levels
    {"$truncated": {"type", "bytes", "length"?, "preview", "how", "artifact"?}}     a result over the limit; at least
        `bytes` long; `artifact` is the name under which it was saved

Tuples, deques and dict views cross as lists, named tuples as dicts of their fields, subclasses of JSON types (IntEnum,
OrderedDict) as the JSON type, NaT and pandas.NA as null. Keys that are int, float, bool or None become their JSON text
when no two keys collide. A lone surrogate in text becomes U+FFFD. Generators are described, not consumed.
"""

from __future__ import annotations

from .arguments import ArgumentEncoder
from .attachment import Attachment
from .errors import ToolArgumentError
from .plain import plain_size, too_many
from .received import Image, decode
from .reprs import short_repr, type_name
from .results import ResultEncoder, TooLarge

__all__ = ["Attachment", "Image", "decode", "encode_arguments", "encode_result"]

_PREVIEW = 2000
_SAFE_INT = 2**53 - 1
#: Less cannot hold too many values.
_MANY_BYTES = 8_000_000
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset)


def encode_result(value: object, attachment: Attachment, limit: int) -> object:
    """The wire form of a run's result, of at most about `limit` bytes.

    Never raises, but for the KeyboardInterrupt of an interrupted run. Calls no code of the value but `repr()`.
    """
    cls = type(value)
    if cls is int and -_SAFE_INT <= value <= _SAFE_INT or cls is bool or value is None:
        return value
    size = plain_size(value, limit)
    if size is not None:
        return _truncated(value, size) if size > limit or size > _MANY_BYTES and too_many(value) else value
    try:
        encoded = ResultEncoder(attachment, limit).encode(value)
        if too_many(encoded):
            raise TooLarge
        return encoded
    except TooLarge:
        attachment.clear()
        return _truncated(value, limit)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - for example a recursion limit that the code has set very low
        attachment.clear()
        return {"$object": {"type": type_name(cls), "repr": short_repr(value, _PREVIEW)}}


def encode_arguments(arguments: dict, attachment: Attachment, where: str, binary: bool = False) -> dict:
    """The wire form of a call's arguments.

    `where` is the function in words, e.g. `tools.weather`. `binary` allows bytes, which go into the attachment.
    Raises ToolArgumentError, a TypeError, for what is not JSON data and has no natural JSON form.
    """
    for value in arguments.values():
        cls = type(value)
        if not (cls is str and value.isascii() or cls is bool or value is None):
            break
    else:
        return arguments
    size = plain_size(arguments, 1 << 62)
    encoded = arguments if size is not None else ArgumentEncoder(attachment, where, binary).encode(arguments)
    if (size is None or size > _MANY_BYTES) and too_many(encoded):
        raise ToolArgumentError(
            f"{where}(…): the arguments have more than four million values. Save them as an artifact and pass its name."
        )
    return encoded


def _truncated(value: object, size: int) -> dict:
    form: dict[str, object] = {"type": type_name(type(value)), "bytes": size}
    if type(value) in _SIZED:
        form["length"] = len(value)  # type: ignore[arg-type]
    form["preview"] = short_repr(value, _PREVIEW)
    form["how"] = "The whole value is in `_`; slice it, e.g. _[:20], or print a part of it."
    return {"$truncated": form}
