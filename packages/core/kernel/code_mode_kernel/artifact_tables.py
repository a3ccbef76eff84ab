"""DataFrames as JSON, with the types of their columns, index and labels. Needs no pyarrow and no pickle.

    {"columns": labels, "index": labels, "data": [column, ...], "attrs"?: {...}}

    column   {"dtype": "int64", "values": [...]}    null is missing; floats may be "Infinity" and "-Infinity"
             datetime64 values are ISO text, in UTC where the dtype has a zone; timedelta64 values count its unit
             {"dtype": "category", "ordered": false, "categories": column, "values": [codes, -1 is missing]}
             {"dtype": "str" | "string", "storage": "python" | "pyarrow", "values": [...]}
    labels   {"range": [start, stop, step], "name": ...} | {"name": ..., "freq"?: "D", **column}
             {"names": [...], "levels": [column, ...]}
    object columns hold text, numbers, booleans and null, and in an object with one key {"$float" | "$decimal" |
    "$date" | "$datetime": text}, {"$missing": "NA" | "NaT"}, {"$json": a list or a dict}
"""

from __future__ import annotations

import datetime
import decimal
import importlib
import math
from typing import Any

from .artifact_refusals import refuse

_MASKED = frozenset("Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 boolean".split())
_PLAIN = frozenset((str, int, bool, type(None)))
_NAMES = frozenset((str, int, float, bool, type(None)))
_NAT = -(2**63)


def table_to_json(frame: Any) -> dict:
    """The JSON form of a DataFrame. Raises ArtifactTypeError for a column that has no exact form."""
    form = {
        "columns": _labels(frame.columns, "its column labels"),
        "index": _labels(frame.index, "its index"),
        "data": [_column(frame.iloc[:, at], f"its column {frame.columns[at]!r}") for at in range(frame.shape[1])],
    }
    if frame.attrs:
        from .artifact_formats import json_text

        json_text(frame.attrs, "data.attrs")
        form["attrs"] = frame.attrs
    return form


def table_from_json(form: dict) -> Any:
    """The DataFrame of a JSON form. Raises KeyError, TypeError or ValueError when it is not one, and ImportError."""
    pandas = importlib.import_module("pandas")
    index = _read_labels(pandas, form["index"])
    columns = {}
    for at, column in enumerate(form["data"]):
        values = _read_column(pandas, column)
        columns[at] = pandas.Series(values, index=index, dtype=values.dtype)
    frame = pandas.DataFrame(columns, index=index)
    frame.columns = _read_labels(pandas, form["columns"])
    frame.attrs.update(form.get("attrs", {}))
    return frame


def _labels(index: Any, place: str) -> dict:
    pandas = importlib.import_module("pandas")
    for name in index.names:
        if type(name) not in _NAMES or name != name:
            _refuse(place, f"the name {name!r} is no text or number", "Rename it: data.rename_axis(...).")
    if type(index) is pandas.RangeIndex:
        return {"range": [index.start, index.stop, index.step], "name": index.name}
    if isinstance(index, pandas.MultiIndex):
        levels = [_column(index.get_level_values(at), place) for at in range(index.nlevels)]
        return {"names": list(index.names), "levels": levels}
    freq = getattr(index, "freqstr", None)
    form = {"name": index.name, **_column(index, place)}
    return {**form, "freq": freq} if freq is not None else form


def _read_labels(pandas: Any, form: dict) -> Any:
    if "range" in form:
        return pandas.RangeIndex(*form["range"], name=form["name"])
    if "levels" in form:
        levels = [pandas.Index(values, dtype=values.dtype) for values in (_read_column(pandas, level) for level in form["levels"])]
        return pandas.MultiIndex.from_arrays(levels, names=form["names"])
    values = _read_column(pandas, form)
    index = pandas.Index(values, dtype=values.dtype, name=form["name"])
    if "freq" in form:
        index.freq = form["freq"]
    return index


def _column(values: Any, place: str) -> dict:
    """The form of a Series or an Index."""
    pandas, numpy = importlib.import_module("pandas"), importlib.import_module("numpy")
    dtype = values.dtype
    name = str(dtype)
    if isinstance(dtype, pandas.CategoricalDtype):
        array = values.array
        categories = _column(array.categories, place)
        return {"dtype": "category", "ordered": array.ordered, "categories": categories, "values": array.codes.tolist()}
    if isinstance(dtype, pandas.StringDtype):
        texts = [item if type(item) is str else None for item in values.tolist()]
        kind = "string" if dtype.na_value is pandas.NA else "str"
        return {"dtype": kind, "storage": dtype.storage, "values": texts}
    if isinstance(dtype, pandas.DatetimeTZDtype) and pandas.api.types.pandas_dtype(name) == dtype:
        return {"dtype": name, "values": _dates(numpy, values.array.tz_convert("UTC").tz_localize(None))}
    if name in _MASKED:
        items = [None if item is pandas.NA else item for item in values.tolist()]
        if any([item != item for item in items if type(item) is float]):
            _refuse(place, "it holds NaN beside missing values", "Replace the one or the other.")
        return {"dtype": name, "values": _floats(items) if name.startswith("Float") else items}
    kind = dtype.kind if isinstance(dtype, numpy.dtype) else ""
    array = numpy.asarray(values) if kind else None
    if kind and kind in "biu":
        return {"dtype": name, "values": array.tolist()}
    if kind == "f" and dtype.itemsize <= 8:
        return {"dtype": name, "values": _floats(array.tolist())}
    if kind == "M":
        return {"dtype": name, "values": _dates(numpy, array)}
    if kind == "m":
        return {"dtype": name, "values": [None if item == _NAT else item for item in array.view("i8").tolist()]}
    if kind == "O":
        return {"dtype": "object", "values": _objects(array.tolist(), place)}
    _refuse(place, f"the dtype {name} has no exact form", "Convert it, e.g. with .astype(str).")


def _read_column(pandas: Any, form: dict) -> Any:
    numpy = importlib.import_module("numpy")
    name, values = form["dtype"], form["values"]
    if name == "category":
        categories = _read_column(pandas, form["categories"])
        index = pandas.Index(categories, dtype=categories.dtype)
        return pandas.Categorical.from_codes(values, categories=index, ordered=form["ordered"])
    if name in ("str", "string"):
        return _read_strings(pandas, numpy, form)
    if name in _MASKED:
        return pandas.array([pandas.NA if item is None else _number(item) for item in values], dtype=name)
    if name == "object":
        array = numpy.empty(len(values), dtype=object)
        for at, item in enumerate(values):
            array[at] = _read_object(pandas, item)
        return array
    dtype = pandas.api.types.pandas_dtype(name)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        naive = numpy.array(["NaT" if item is None else item for item in values], dtype=f"M8[{dtype.unit}]")
        return pandas.DatetimeIndex(naive).tz_localize("UTC").tz_convert(dtype.tz).array
    if dtype.kind == "M":
        return numpy.array(["NaT" if item is None else item for item in values], dtype=dtype)
    if dtype.kind == "m":
        return numpy.array([_NAT if item is None else item for item in values], dtype="i8").view(dtype)
    if dtype.kind == "f":
        return numpy.array([math.nan if item is None else _number(item) for item in values], dtype=dtype)
    return numpy.array(values, dtype=dtype)


def _read_strings(pandas: Any, numpy: Any, form: dict) -> Any:
    array = numpy.array(form["values"], dtype=object)
    if form["dtype"] == "string":
        try:
            return pandas.array(array, dtype=pandas.StringDtype(form["storage"]))
        except ImportError:  # no pyarrow here: the same texts, kept by Python
            return pandas.array(array, dtype=pandas.StringDtype("python"))
    try:
        return pandas.array(array, dtype=pandas.StringDtype(form["storage"], na_value=math.nan))
    except ImportError:
        return pandas.array(array, dtype=pandas.StringDtype("python", na_value=math.nan))
    except TypeError:  # a pandas whose texts are objects
        array[[item is None for item in form["values"]]] = math.nan
        return array


def _floats(items: list) -> list:
    if all(map(math.isfinite, [item for item in items if item is not None])):
        return items
    return [item if item is None or math.isfinite(item) else None if item != item else _infinity(item) for item in items]


def _infinity(item: float) -> str:
    return "Infinity" if item > 0 else "-Infinity"


def _number(item: Any) -> Any:
    return float(item) if type(item) is str else item


def _dates(numpy: Any, values: Any) -> list:
    texts = numpy.datetime_as_string(numpy.asarray(values)).tolist()
    return [None if text == "NaT" else text for text in texts]


def _objects(items: list, place: str) -> list:
    return items if set(map(type, items)) <= _PLAIN else [_object(item, f"{place}, row {at}") for at, item in enumerate(items)]


def _object(item: Any, place: str) -> object:
    from .artifact_formats import json_text

    cls = type(item)
    if cls in _PLAIN:
        return item
    if cls is float:
        return item if math.isfinite(item) else {"$float": "NaN" if item != item else _infinity(item)}
    if cls.__name__ in ("NaTType", "NAType"):
        return {"$missing": "NaT" if cls.__name__ == "NaTType" else "NA"}
    if cls is decimal.Decimal:
        return {"$decimal": str(item)}
    if cls is datetime.date:
        return {"$date": item.isoformat()}
    if cls is datetime.datetime and item.tzinfo in (None, datetime.timezone.utc) and not item.fold:
        return {"$datetime": item.isoformat()}
    if cls is list or cls is dict:
        json_text(item, f"data ({place})")
        return {"$json": item}
    _refuse(place, f"a {cls.__name__} in it has no exact form", "Convert the column, e.g. with .astype(str).")


def _read_object(pandas: Any, item: Any) -> object:
    if type(item) is not dict:
        return item
    ((tag, inner),) = item.items()
    if tag == "$missing":
        return pandas.NaT if inner == "NaT" else pandas.NA
    return _READERS[tag](inner)


def _refuse(place: str, problem: str, instead: str) -> Any:
    refuse(f"data ({place})", problem, instead)


_READERS = {
    "$float": float,
    "$decimal": decimal.Decimal,
    "$date": datetime.date.fromisoformat,
    "$datetime": datetime.datetime.fromisoformat,
    "$json": lambda inner: inner,
}
