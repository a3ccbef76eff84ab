"""Forms of numpy, pandas and PIL values, found through `sys.modules`: none of these libraries is imported here."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

Form = Callable[[Any, Any, int], object]

_ELEMENTS = 10_000
_ROWS = 1000
_COLUMNS = 200
_FIRST = 1000


def foreign_forms() -> dict[type, Form]:
    """Type -> form, for the libraries that are loaded."""
    return {
        cls: form for module, name, form in _TABLE for cls in (loaded_type(module, name),) if cls is not None
    }


def loaded_type(module: str, name: str) -> type | None:
    """The class `name` of `module` when the module has been imported and has it."""
    loaded = sys.modules.get(module)
    cls = vars(loaded).get(name) if loaded is not None else None
    return cls if isinstance(cls, type) else None


def is_missing(value: object) -> bool:
    """NaT and pandas.NA."""
    return type(value).__name__ in ("NaTType", "NAType")


def scalar_value(value: Any) -> object:
    """A numpy scalar as a Python value. `datetime64` and `timedelta64` become text, because Python's are coarser."""
    kind = value.dtype.kind
    if kind in "mM":
        return None if str(value) == "NaT" else str(value)
    item = value.item()
    return str(value) if type(item) is type(value) else item


def array_list(array: Any) -> Any:
    """A numpy array as nested lists of Python values."""
    return array.astype(str).tolist() if array.dtype.kind in "mM" else array.tolist()


def png_bytes(image: Any) -> bytes:
    """A PIL image as PNG."""
    buffer = io.BytesIO()
    try:
        image.save(buffer, format="PNG")
    except OSError:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, format="PNG")  # CMYK, float and the like
    return buffer.getvalue()


def _scalar(encoder: Any, value: Any, depth: int) -> object:
    plain = scalar_value(value)
    if value.dtype.kind == "M" and plain is not None:
        return {"$datetime": plain}
    if value.dtype.kind == "m" and plain is not None:
        return {"$timedelta": float(value / value.__class__(1, "s"))}
    return encoder.encode(plain, depth)


def _array(encoder: Any, value: Any, depth: int) -> object:
    form: dict[str, object] = {"dtype": str(value.dtype), "shape": [int(size) for size in value.shape]}
    if value.size <= _ELEMENTS:
        form["data"] = encoder.encode(array_list(value), depth + 2)
    else:
        form["first"] = encoder.encode(array_list(value.ravel()[:_FIRST]), depth + 2)
        form["omitted"] = int(value.size) - _FIRST
    return {"$ndarray": form}


def _frame(encoder: Any, value: Any, depth: int) -> object:
    rows, columns = value.shape
    width = min(columns, _COLUMNS)
    height = min(rows, _ROWS, max(5, _ELEMENTS // max(1, width)))
    labels = [encoder.encode(label, depth + 3) for label in value.columns[:width].tolist()]
    data = [encoder.items(value.iloc[:height, i].tolist(), depth + 4) for i in range(width)]
    form: dict[str, object] = {
        "shape": [rows, columns],
        "columns": labels,
        "dtypes": [str(dtype) for dtype in value.dtypes.iloc[:width]],
        **_labels(encoder, value.index, height, depth),
        "rows": [list(row) for row in zip(*data)],
    }
    if height < rows:
        form["omitted"] = rows - height
    if width < columns:
        form["omittedColumns"] = columns - width
    return {"$dataframe": form}


def _series(encoder: Any, value: Any, depth: int) -> object:
    count = min(len(value), _ELEMENTS if len(value) <= _ELEMENTS else _FIRST)
    form: dict[str, object] = {
        "name": encoder.encode(value.name, depth + 2),
        "dtype": str(value.dtype),
        "length": len(value),
        **_labels(encoder, value.index, count, depth),
        "values": encoder.items(value.iloc[:count].tolist(), depth + 3),
    }
    if count < len(value):
        form["omitted"] = len(value) - count
    return {"$series": form}


def _index(encoder: Any, value: Any, depth: int) -> object:
    count = min(len(value), _ELEMENTS if len(value) <= _ELEMENTS else _FIRST)
    form: dict[str, object] = {
        "dtype": str(value.dtype),
        "length": len(value),
        "values": encoder.items(value[:count].tolist(), depth + 3),
    }
    if count < len(value):
        form["omitted"] = len(value) - count
    return {"$index": form}


def _labels(encoder: Any, index: Any, count: int, depth: int) -> dict[str, object]:
    ranges = loaded_type("pandas", "RangeIndex")
    if ranges is not None and type(index) is ranges and index.start == 0 and index.step == 1 and index.name is None:
        return {}
    labels: Iterable[object] = index[:count].tolist()
    return {"index": encoder.items(labels, depth + 3)}


def _missing(_encoder: Any, _value: Any, _depth: int) -> object:
    return None


def _timestamp(_encoder: Any, value: Any, _depth: int) -> object:
    return {"$datetime": value.isoformat()}


def _timedelta(_encoder: Any, value: Any, _depth: int) -> object:
    return {"$timedelta": value.total_seconds()}


def _image(encoder: Any, value: Any, _depth: int) -> object:
    return encoder.image(png_bytes(value), "image/png")


_TABLE: tuple[tuple[str, str, Form], ...] = (
    ("numpy", "generic", _scalar),
    ("numpy", "ndarray", _array),
    ("pandas", "DataFrame", _frame),
    ("pandas", "Series", _series),
    ("pandas", "Index", _index),
    ("pandas", "Timestamp", _timestamp),
    ("pandas", "Timedelta", _timedelta),
    ("pandas._libs.tslibs.nattype", "NaTType", _missing),
    ("pandas._libs.missing", "NAType", _missing),
    ("PIL.Image", "Image", _image),
)
