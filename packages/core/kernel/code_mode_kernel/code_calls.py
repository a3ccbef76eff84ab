"""What calls do that their function alone does not tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .capabilities import DYNAMIC, FILES, NETWORK, OPENERS, kind_of, kind_of_member
from .code_paths import NAMESPACES, CodePaths

_MODE = re.compile(r"[rwaxbtU+]{1,4}\Z")
_URL = re.compile(r"(?:https?|ftps?|s3|gs)://", re.IGNORECASE)


def call_facts(call: ast.Call, paths: CodePaths) -> Iterator[tuple[str | None, str]]:
    """Kinds, and what is there: files opened for writing, attributes by name, modules by name, data from a URL."""
    functions = paths.resolve(call.func)
    for path in functions:
        name = ".".join(path)
        if name in OPENERS:
            if _may_write(argument(call, "mode", OPENERS[name]), paths):
                yield FILES, name
        elif path == ("builtins", "getattr"):
            yield from _getattr(call, paths)
        elif path[0] == "pandas" and path[-1].startswith("read_") and call.args:
            text = _start_of(call.args[0]) or paths.text(call.args[0]) or ""
            yield (NETWORK if _URL.match(text) else None), name
    for module in paths.imported_by(call):
        yield kind_of(tuple(module.split("."))), module
    for keyword in call.keywords:
        if keyword.arg == "allow_pickle" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            yield DYNAMIC, "allow_pickle"
    if isinstance(call.func, ast.Attribute) and not any(path[0] in NAMESPACES for path in functions):
        yield from _method(call, call.func.attr, [".".join(path) for path in functions], paths)


def argument(call: ast.Call, name: str, place: int) -> ast.expr | bool | None:
    """The argument, None when it is not given, True when that is not seen."""
    if any(isinstance(value, ast.Starred) for value in call.args[: place + 1]):
        return True
    if len(call.args) > place:
        return call.args[place]
    for keyword in call.keywords:
        if keyword.arg is None:
            return True
        if keyword.arg == name:
            return keyword.value
    return None


def takes_plain_names(call: ast.Call, paths: CodePaths) -> bool:
    """Whether `operator.attrgetter("name")` names nothing that matters."""
    texts = [paths.text(value) for value in call.args]
    return not any(text is None or any(kind_of_member(part) for part in text.split(".")) for text in texts)


def _may_write(mode: ast.expr | bool | None, paths: CodePaths) -> bool:
    text = paths.text(mode) if isinstance(mode, ast.expr) else None
    return mode is not None and text is None or text is not None and _writes(text)


def _writes(mode: str) -> bool:
    return not set(mode).isdisjoint("wax+")


def _getattr(call: ast.Call, paths: CodePaths) -> Iterator[tuple[str | None, str]]:
    name = paths.text(call.args[1]) if len(call.args) > 1 else None
    if name is None:
        yield DYNAMIC, "getattr"
    elif not paths.resolve(call):
        yield kind_of_member(name), f".{name}"


def _method(call: ast.Call, name: str, functions: list[str], paths: CodePaths) -> Iterator[tuple[str | None, str]]:
    if name == "open" and not OPENERS.keys() & set(functions):
        given = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
        texts = [paths.text(value) for value in given]
        # Of an object that is not known, the mode may come first.
        unseen = not functions and texts[:1] == [None]
        if unseen or any(text is not None and _MODE.match(text) and _writes(text) for text in texts):
            yield FILES, ".open"
    elif name in ("rename", "replace") and not functions and len(call.args) == 1 and not call.keywords:
        # Of a path: text takes two arguments, a table a dict.
        if not isinstance(call.args[0], ast.Dict):
            yield FILES, f".{name}"
    elif name == "query" and call.args:
        # A table's query reaches the variables of Python with @.
        yield (DYNAMIC if "@" in (paths.text(call.args[0]) or "") else None), ".query"


def _start_of(node: ast.expr) -> str | None:
    """The beginning of an f-string."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    return first.value if isinstance(first, ast.Constant) else None
