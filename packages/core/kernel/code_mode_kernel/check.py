"""The static check: calls of tools that certainly fail are refused before anything has run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from .errors import ToolArgumentError, ToolNotFoundError
from .references import References
from .scopes import Scopes
from .tool_index import (
    BUILTIN_FUNCTIONS,
    ToolIndex,
    not_a_tool,
    positional_arguments,
    wrong_arguments,
    wrong_builtin_call,
)

_REPORTED = 5


class Refusal(Exception):
    """The code was not started. `name` is the exception it would have raised; `node` is where."""

    def __init__(self, name: str, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.node = node


def check_calls(scopes: Scopes, references: References, index: ToolIndex, source: str) -> None:
    """Raises Refusal for the first wrong uses of tools, if there are any."""
    found: list[tuple[ast.AST, str, str]] = []
    guarded: bool | None = None
    for node, problem in _problems(scopes, references, index, source):
        if guarded is None:
            guarded = _asks_first(scopes, references)
        if guarded and problem[0] == "ToolNotFoundError" or may_be_caught(scopes, node):
            continue
        found.append((node, *problem))
    if not found:
        return
    found.sort(key=lambda item: (item[0].lineno, item[0].col_offset))  # type: ignore[attr-defined]
    lines = [f"Line {node.lineno}: {message}" for node, _, message in found[:_REPORTED]]  # type: ignore[attr-defined]
    if len(found) > _REPORTED:
        lines.append(f"{len(found) - _REPORTED} more tool calls are wrong.")
    lines[-1] += " Nothing has run."
    node, name, _ = found[0]
    raise Refusal(name, "\n".join(lines), node)


def _problems(
    scopes: Scopes, references: References, index: ToolIndex, source: str
) -> Iterator[tuple[ast.AST, tuple[str, str]]]:
    for node in _candidates(scopes):
        parts = references.path(node)
        if parts is None or parts[0] != "tools" or len(parts) < 2:
            continue
        parent = scopes.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        problem = _check_path(parts[1:], call, index, source)
        if problem is not None:
            yield node, problem


def _candidates(scopes: Scopes) -> Iterator[ast.AST]:
    """The longest attribute chains that are read, and what is called without one."""
    parents = scopes.parents
    for attribute in scopes.attributes:
        parent = parents[attribute]
        if type(attribute.ctx) is ast.Load and type(parent) is not ast.Attribute:
            yield attribute
    for call in scopes.calls:
        if type(call.func) in (ast.Name, ast.Subscript):
            yield call.func


def _check_path(parts: list[str], call: ast.Call | None, index: ToolIndex, source: str) -> tuple[str, str] | None:
    if parts[-1] == "aio" and len(parts) > 1:
        parts = parts[:-1]
    if any(part.startswith("_") for part in parts):
        return None  # Attributes of the tool object, or nothing that we can be certain about.
    if parts[0].startswith("["):
        name = parts[0][1:-1]
        signature = index.names.get(name) or index.tools.get(name)
        if signature is None:
            return ToolNotFoundError.__name__, index.not_found(name)
        parts = [*signature.path.split("."), *parts[1:]]
    if any(part.startswith("[") for part in parts):
        return None
    path = parts[0]
    for part in parts[1:]:
        if index.missing(path) or path in BUILTIN_FUNCTIONS:
            break
        path = f"{path}.{part}"
    if path in BUILTIN_FUNCTIONS:
        return _check_builtin(path, call) if len(parts) == 1 and call else None
    missing = index.missing(path)
    if missing:
        return ToolNotFoundError.__name__, missing
    if call is None:
        return None
    signature = index.tools.get(path)
    if signature is None:
        return ToolNotFoundError.__name__, not_a_tool(index, path)
    if any(isinstance(value, ast.Starred) for value in call.args):
        return None
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    if call.args:
        written = [_text(value, source) for value in call.args]
        keywords = {name: _text(value, source) for name, value in named.items()}
        return ToolArgumentError.__name__, positional_arguments(signature, written, keywords)
    wrong = wrong_arguments(signature, named, complete=len(named) == len(call.keywords))
    return (ToolArgumentError.__name__, wrong) if wrong else None


def _check_builtin(name: str, call: ast.Call) -> tuple[str, str] | None:
    if any(isinstance(value, ast.Starred) for value in call.args):
        return None
    named = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    wrong = wrong_builtin_call(name, len(call.args), named, complete=len(named) == len(call.keywords))
    return (ToolArgumentError.__name__, wrong) if wrong else None


def _text(node: ast.expr, source: str) -> str:
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    return text if len(text) <= 80 and "\n" not in text else "..."


def _asks_first(scopes: Scopes, references: References) -> bool:
    """Whether the code looks what tools there are: `hasattr(tools, ...)`, `"x" in dir(tools)`, `"x" in tools`."""
    for name in scopes.module.node, *scopes.parents:
        if isinstance(name, ast.Call) and isinstance(name.func, ast.Name) and name.func.id in _PROBES:
            if any(references.path(argument) for argument in name.args):
                return True
        elif isinstance(name, ast.Compare) and any(references.path(side) for side in name.comparators):
            return True
    return False


def may_be_caught(scopes: Scopes, node: ast.AST) -> bool:
    """Whether `node` is in a `try` or `with` that may catch what a wrong call raises: the code may want to see it."""
    child, parent = node, scopes.parents.get(node)
    while parent is not None:
        if isinstance(parent, _TRIES) and child in parent.body:
            if any(_catches(handler.type) for handler in parent.handlers):
                return True
        elif isinstance(parent, (ast.With, ast.AsyncWith)) and child in parent.body:
            for item in parent.items:
                function = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
                name = getattr(function, "attr", None) or getattr(function, "id", "")
                if name in _CATCHING_CONTEXTS:
                    return True
        child, parent = parent, scopes.parents.get(parent)
    return False


def _catches(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(map(_catches, kind.elts))
    known = getattr(builtins, kind.id, None) if isinstance(kind, ast.Name) else None
    if not isinstance(known, type):
        return True  # We cannot know what it catches.
    return issubclass(ToolNotFoundError, known) or issubclass(ToolArgumentError, known)


_PROBES = frozenset(("hasattr", "getattr", "dir", "vars"))
_CATCHING_CONTEXTS = frozenset(("suppress", "raises", "assertRaises", "assertRaisesRegex"))
_TRIES = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)
