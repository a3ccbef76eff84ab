"""How values are stored as artifacts: each comes back as it went in, or is refused with what to save instead.

    text        str, as UTF-8
    bytes       bytes
    json        dict, list, int, float, bool and None, as JSON; exactly these types, all the way down
    dataframe   pandas DataFrame, as JSON with its types; see `artifact_tables.py`
    ndarray     numpy array, as .npy; no objects, so loading never unpickles
    image       PIL image, as PNG, or as TIFF in the modes that PNG does not have
    figure      matplotlib figure, as PNG; comes back as an image
    tool-image  an image that a tool returned, as it came

pandas, numpy, PIL and matplotlib are found through `sys.modules` on saving; loading imports what the artifact needs.
"""

from __future__ import annotations

import importlib
import io
import json
import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

from .artifact_refusals import advice, refuse
from .artifact_tables import table_from_json, table_to_json
from .errors import NamespaceError
from .foreign import loaded_type
from .received import Image
from .reprs import bases_of, type_name

CHUNK = 1 << 20
#: Stored as text, and read in parts as text.
TEXT_TYPES = frozenset(("text", "json", "dataframe"))

_JSON_TYPES = frozenset((str, int, float, bool, type(None), dict, list))
_MAX_DEPTH = 200
_TEXT_CHUNK = CHUNK // 4
_PNG_MODES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA", "I;16"))
_TIFF_MODES = frozenset(("CMYK", "F", "I"))


def to_form(value: Any) -> tuple[str, Iterator[bytes | memoryview]]:
    """The artifact type of `value`, and its stored form in chunks of at most `CHUNK` bytes.

    The chunks are made as they are taken, so that a large value is never held twice. Raises ArtifactTypeError.
    """
    cls = type(value)
    if cls is str:
        return "text", _text_chunks(value)
    if cls is bytes:
        return "bytes", _slices(memoryview(value))
    if cls in _JSON_TYPES:
        return "json", _text_chunks(json_text(value, "data"))
    if cls is loaded_type("numpy", "ndarray"):
        return "ndarray", _array_chunks(value)
    if cls is loaded_type("pandas", "DataFrame"):
        return "dataframe", _text_chunks(_dump(table_to_json(value), "data"))
    if cls is Image:
        return "tool-image", _slices(memoryview(value.data))
    bases = bases_of(cls)
    if loaded_type("PIL.Image", "Image") in bases:
        return "image", _slices(_image_bytes(value))
    if loaded_type("matplotlib.figure", "Figure") in bases:
        buffer = io.BytesIO()
        value.savefig(buffer, format="png", bbox_inches="tight")
        return "figure", _slices(buffer.getbuffer())
    refuse("data", f"{_a(type_name(cls))} has no exact form", advice(value))


def from_form(kind: str, data: bytes | bytearray | str, name: str, mime: str) -> object:
    """The value of a stored form. Raises NamespaceError when the form is not what `kind` says."""
    if kind in ("text", "bytes"):
        return data
    if kind == "tool-image":
        return Image(bytes(data), mime)
    try:
        if kind == "json":
            return json.loads(data)
        if kind == "dataframe":
            return table_from_json(json.loads(data))
        if kind == "ndarray":
            return _array(data)
        if kind in ("image", "figure"):
            return _image(data, mime, kind)
    except ImportError as error:
        raise NamespaceError(
            f"The artifact {name!r} holds {_a(kind)}, and {error.name or error} cannot be imported here; "
            f"install it, or take its stored form with artifacts.read({name!r})."
        ) from None
    except (ValueError, KeyError, TypeError, IndexError, OSError, SyntaxError) as error:
        raise NamespaceError(
            f"The artifact {name!r} is not {_a(kind)} that can be read ({error}); "
            f"artifacts.read({name!r}) gives what is stored."
        ) from None
    raise NamespaceError(f"The artifact {name!r} is of the type {kind!r}, which this version does not know.")


def json_text(value: object, place: str) -> str:
    """`value` as JSON. Raises ArtifactTypeError, naming the place, for what would not come back the same."""
    if not _is_exact(value):
        _refuse_inside(value, place, [])
        refuse(place, f"it is nested over {_MAX_DEPTH} levels deep", "Save flatter data.")
    return _dump(value, place)


def _dump(value: object, place: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:  # itself inside itself; an int of more than 4300 digits
        _refuse_inside(value, place, [])
        refuse(place, f"it cannot be written as JSON ({error})", "Save a part of it, or text.")


def _is_exact(value: object) -> bool:
    """Whether JSON says `value` exactly. Level by level, at C speed."""
    level: list = [value]
    seen: set[int] = set()
    for _ in range(_MAX_DEPTH):
        types = set(map(type, level))
        if not types <= _JSON_TYPES:
            return False
        if float in types and not all(map(math.isfinite, [item for item in level if type(item) is float])):
            return False
        # Once is enough for what is in several places, or inside itself.
        found = {id(item): item for item in level if type(item) is dict or type(item) is list}
        fresh = [item for key, item in found.items() if key not in seen]
        seen.update(found)
        dicts = [item for item in fresh if type(item) is dict]
        if not set(map(type, chain.from_iterable(dicts))) <= {str}:
            return False
        level = list(chain(chain.from_iterable(map(dict.values, dicts)), *[item for item in fresh if type(item) is list]))
        if not level:
            return True
    return False


def _refuse_inside(value: object, place: str, path: list[int]) -> None:
    cls = type(value)
    if cls is float and not math.isfinite(value):  # type: ignore[arg-type]
        refuse(place, f"{value} is no number in JSON", "Save None in its place.")
    if cls not in _JSON_TYPES:
        refuse(place, f"{_a(type_name(cls))} would not come back as {_a(type_name(cls))}", advice(value))
    if cls not in (dict, list) or len(path) > _MAX_DEPTH:
        return
    if id(value) in path:
        refuse(place, "it contains itself", "Save a copy without the loop.")
    path.append(id(value))
    pairs = value.items() if cls is dict else enumerate(value)  # type: ignore[attr-defined, call-overload]
    for key, item in pairs:
        if cls is dict and type(key) is not str:
            refuse(place, f"it has the key {key!r}, and keys come back as text", "Save a dict with text keys.")
        _refuse_inside(item, f"{place}[{key!r}]", path)
    path.pop()


def _text_chunks(text: str) -> Iterator[bytes]:
    for start in range(0, len(text), _TEXT_CHUNK):
        try:
            yield text[start : start + _TEXT_CHUNK].encode()
        except UnicodeEncodeError:
            refuse("data", "it holds half of a character (a lone surrogate)", _SURROGATES)


def _slices(view: memoryview) -> Iterator[memoryview]:
    view = view.cast("B")
    for start in range(0, len(view), CHUNK):
        yield view[start : start + CHUNK]


def _array_chunks(array: Any) -> Iterator[bytes | memoryview]:
    if array.dtype.hasobject:
        refuse("data", "an array of objects has no exact form", "Save data.tolist(), or an array of numbers or text.")
    layout = importlib.import_module("numpy.lib.format")
    header = io.BytesIO()
    layout.write_array_header_2_0(header, layout.header_data_from_array_1_0(array))
    return chain((header.getvalue(),), _array_data(array))


def _array_data(array: Any) -> Iterator[memoryview]:
    if not array.size or not array.dtype.itemsize:
        return
    # The header says in which order: that of columns only when the array is laid out so.
    if array.flags.f_contiguous and not array.flags.c_contiguous:
        array = array.T
    numpy = importlib.import_module("numpy")
    yield from _slices(memoryview(numpy.ascontiguousarray(array).reshape(-1).view("u1")))


def _array(data: bytes | bytearray | str) -> Any:
    numpy = importlib.import_module("numpy")
    layout = importlib.import_module("numpy.lib.format")
    head = io.BytesIO(memoryview(data)[:_NPY_HEAD])  # type: ignore[arg-type]
    version = layout.read_magic(head)
    read = layout.read_array_header_1_0 if version == (1, 0) else layout.read_array_header_2_0
    shape, fortran, dtype = read(head)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which are never loaded")
    count = math.prod(shape)
    if count * dtype.itemsize != len(data) - head.tell():
        raise ValueError("its size is not what its header says")
    if not count or not dtype.itemsize:
        return numpy.zeros(shape, dtype)
    # A view of what was received, so that it is not held twice.
    array = numpy.frombuffer(data, dtype=numpy.uint8, offset=head.tell()).view(dtype)
    return array.reshape(shape, order="F" if fortran else "C")


def _image_bytes(image: Any) -> memoryview:
    kind = "PNG" if image.mode in _PNG_MODES else "TIFF" if image.mode in _TIFF_MODES else None
    if kind is None:
        refuse("data", f"an image in the mode {image.mode!r} has no exact form", 'Save data.convert("RGB").')
    buffer = io.BytesIO()
    image.save(buffer, format=kind)
    return buffer.getbuffer()


def _image(data: bytes | bytearray | str, mime: str, kind: str) -> object:
    try:
        pil = importlib.import_module("PIL.Image")
    except ImportError:
        if kind == "image":
            raise
        return Image(bytes(data), mime)  # type: ignore[arg-type]
    # The formats of ours alone: the others have decoders that an artifact put there by hand could attack.
    with pil.open(io.BytesIO(data), formats=("PNG", "TIFF")) as image:
        return image.copy()


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


_SURROGATES = 'Save bytes: data.encode("utf-8", "surrogatepass").'
_NPY_HEAD = 1 << 16
