"""`display(x)` and the rich form of a result: MIME type -> text, base64 for binary types, as in Jupyter."""

from __future__ import annotations

import binascii
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from . import figures
from .foreign import loaded_type, png_bytes
from .reprs import bases_of, clean, short_repr

Sink = Callable[[dict[str, str], bool], None]

_LIMIT = 10_000_000
_PLAIN_LIMIT = 100_000
_sink: Sink | None = None


def set_sink(sink: Sink) -> None:
    """`sink(data, is_result)` sends one display to the host."""
    global _sink
    _sink = sink


def display(*objects: object, raw: bool = False, **_options: object) -> None:
    """Show objects in their richest form: figures and images as images, tables as tables, the rest as text.

    `raw=True` takes MIME bundles instead of objects. Other options of IPython's display are accepted and ignored.
    """
    for item in objects:
        if raw and isinstance(item, Mapping):
            bundle = _texts(item)
        else:
            bundle = mime_bundle(item) or {"text/plain": short_repr(item, _PLAIN_LIMIT)}
        _send(bundle, False)


def display_result(value: object) -> None:
    """Show the result of a run when it has more than a repr."""
    bundle = mime_bundle(value)
    if bundle is not None:
        _send(bundle, True)


def mime_bundle(value: object) -> dict[str, str] | None:
    """The MIME bundle of `value`, always with `text/plain`; None when there is nothing richer than its repr.

    An error in one of the `_repr_` methods is reported on stderr, and that form left out.
    """
    cls = type(value)
    if cls in _NEVER_RICH:
        return None
    bundle: dict[str, str] = {}
    names = _methods(cls)
    if "_repr_mimebundle_" in names:
        found = _ask(value, "_repr_mimebundle_")
        if isinstance(found, Mapping):
            bundle.update(_texts(found))
    for name, mime in _METHODS.items():
        if name in names and mime not in bundle:
            found = _ask(value, name)
            if found is not None:
                bundle.update(_texts({mime: found}))
    _add_known(value, cls, bundle)
    if not any(mime != "text/plain" for mime in bundle):
        return None
    bundle.setdefault("text/plain", short_repr(value, _PLAIN_LIMIT))
    return bundle


def _methods(cls: type) -> set[str]:
    """The display methods that the class has. Asked of the class: an instance may answer to any name."""
    names: set[str] = set()
    for base in bases_of(cls):
        names.update(_NAMES & type.__dict__["__dict__"].__get__(base).keys())
    return names


def _ask(value: object, name: str) -> Any:
    try:
        method = getattr(value, name)
        if method is None:
            return None
        found = method(include=None, exclude=None) if name == "_repr_mimebundle_" else method()
    except NotImplementedError:
        return None
    except Exception:  # noqa: BLE001 - the method is the model's or a library's
        _report(f"{name} of {short_repr(type(value), 100)} failed: {traceback.format_exc(limit=0).splitlines()[-1]}")
        return None
    # (data, metadata) is allowed everywhere.
    return found[0] if isinstance(found, tuple) and len(found) == 2 else found


def _add_known(value: Any, cls: type, bundle: dict[str, str]) -> None:
    """Types that libraries show without a method of their own."""
    bases = bases_of(cls)
    try:
        if loaded_type("matplotlib.figure", "Figure") in bases and "image/png" not in bundle:
            bundle["image/png"] = _base64(figures.png_of(value))
            bundle["text/plain"] = short_repr(value, _PLAIN_LIMIT)
        elif loaded_type("PIL.Image", "Image") in bases and "image/png" not in bundle:
            bundle["image/png"] = _base64(png_bytes(value))
    except Exception as error:  # noqa: BLE001
        _report(f"{short_repr(value, 100)} could not be drawn: {type(error).__name__}: {error}")


def _texts(bundle: Mapping[Any, Any]) -> dict[str, str]:
    texts = {}
    for mime, data in bundle.items():
        if data is None or not isinstance(mime, str):
            continue
        if isinstance(data, (bytes, bytearray, memoryview)):
            texts[mime] = _base64(bytes(data))
        elif isinstance(data, str):
            texts[mime] = clean(str.__str__(data))
        else:
            try:
                texts[mime] = clean(json.dumps(data, default=str))
            except (TypeError, ValueError, RecursionError) as error:
                _report(f"{mime} left out: {error}")
    return texts


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _send(bundle: dict[str, str], is_result: bool) -> None:
    sizes = {mime: len(text) for mime, text in bundle.items()}
    while sum(sizes.values()) > _LIMIT:
        largest = max(sizes, key=lambda mime: sizes[mime])
        _report(
            f"{largest} of {sizes.pop(largest) / 1e6:.1f} MB left out: a display may have {_LIMIT / 1e6:.0f} MB. "
            "Show a smaller picture or a part of the data."
        )
        del bundle[largest]
    if not bundle:
        return
    if _sink is None:
        print(bundle.get("text/plain", f"<display of {', '.join(bundle)}>"))
    else:
        _sink(bundle, is_result)


def _report(text: str) -> None:
    print(f"display: {text}", file=sys.stderr)


_METHODS = {
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_svg_": "image/svg+xml",
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
}
_NAMES = frozenset((*_METHODS, "_repr_mimebundle_"))
_NEVER_RICH = frozenset((str, int, float, bool, type(None), list, dict, tuple, set, bytes))
