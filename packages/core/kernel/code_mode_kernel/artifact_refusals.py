"""What to save instead of a value that would come back as something else."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import io
import pathlib
import types
from typing import NoReturn

from .errors import ArtifactTypeError
from .foreign import loaded_type
from .records import is_record, named_tuple_fields
from .reprs import bases_of


def refuse(place: str, problem: str, instead: str) -> NoReturn:
    """Raises ArtifactTypeError. `place` is where in the data, e.g. `data['rows'][0]`."""
    raise ArtifactTypeError(f"artifacts.save: {place} cannot be saved as it is: {problem}. {instead}")


def advice(value: object) -> str:
    """A sentence that says what to save."""
    cls = type(value)
    bases = bases_of(cls)
    for module, name, sentence in _FOREIGN:
        if loaded_type(module, name) in bases:
            return sentence
    if is_record(cls):
        return "Save a dict of its fields, e.g. dataclasses.asdict(...)."
    if tuple in bases and named_tuple_fields(cls) is not None:
        return "Save ..._asdict() or list(...)."
    for base, sentence in _BUILTIN:
        if base in bases:
            return sentence
    return "Save its data as a dict, a list, text or bytes, e.g. vars(...) or str(...)."


_FOREIGN = (
    ("numpy", "generic", "Save ....item()."),
    ("numpy", "ndarray", "Save a plain array: numpy.asarray(...); inside other data save ....tolist()."),
    ("pandas", "DataFrame", "Save a plain DataFrame as an artifact of its own: pandas.DataFrame(...)."),
    ("pandas", "Series", "Save ....to_frame(), as an artifact of its own."),
    ("pandas", "Index", "Save ....to_frame(), as an artifact of its own."),
    ("matplotlib.axes", "Axes", "Save its figure: ....figure."),
    ("PIL.Image", "Image", "Save it as an artifact of its own."),
)

_BUILTIN: tuple[tuple[type, str], ...] = (
    (enum.Enum, "Save ....value or ....name."),
    (tuple, "Save list(...)."),
    (set, "Save sorted(...) or list(...)."),
    (frozenset, "Save sorted(...) or list(...)."),
    (bytes, "Save bytes as an artifact of their own; inside other data save text."),
    (bytearray, "Save bytes(...)."),
    (memoryview, "Save bytes(...)."),
    (dict, "Save dict(...)."),
    (list, "Save list(...)."),
    (str, "Save str(...)."),
    (int, "Save int(...)."),
    (float, "Save float(...)."),
    (datetime.date, "Save ....isoformat()."),
    (datetime.time, "Save ....isoformat()."),
    (datetime.timedelta, "Save ....total_seconds()."),
    (decimal.Decimal, "Save str(...)."),
    (complex, "Save [....real, ....imag]."),
    (pathlib.PurePath, "Save str(...), or ....read_bytes() for what is in the file."),
    (io.IOBase, "Save ....read()."),
    (types.CoroutineType, "Write `await` in front of it."),
    (types.GeneratorType, "Save list(...)."),
    (collections.deque, "Save list(...)."),
    (range, "Save list(...)."),
    (map, "Save list(...)."),
    (filter, "Save list(...)."),
    (zip, "Save list(map(list, ...))."),
    (type({}.keys()), "Save list(...)."),
    (type({}.values()), "Save list(...)."),
    (types.FunctionType, "Save its source as text, or as a workflow."),
    (types.ModuleType, "Save data, not a module."),
)
