"""Finds uses of tools that certainly fail."""

from __future__ import annotations

import ast

from .check import Problem
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

_Wrong = tuple[type[Exception], str]


def tool_problems(scopes: Scopes, references: References, index: ToolIndex, source: str) -> list[Problem]:
    """Unknown tools and groups, unknown, missing and positional arguments."""
    found: list[Problem] = []
    for node, path in references.uses.items():
        if path[0] != "tools" or len(path) < 2:
            continue
        wrong = _check_path(path[1:], call_of(scopes, node), index, source)
        if wrong is not None:
            found.append((node, *wrong))
    return found


def call_of(scopes: Scopes, function: ast.AST) -> ast.Call | None:
    """The call whose function is `function`."""
    parent = scopes.parents.get(function)
    return parent if isinstance(parent, ast.Call) and parent.func is function else None


def keywords_of(call: ast.Call) -> tuple[dict[str, ast.expr], bool]:
    """The named arguments, also those in `**{"city": "Oslo"}`, and whether these are all."""
    named: dict[str, ast.expr] = {}
    complete = True
    for keyword in call.keywords:
        if keyword.arg is not None:
            named[keyword.arg] = keyword.value
        elif isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    named[key.value] = value
                else:
                    complete = False
        else:
            complete = False
    return named, complete


def has_starred(call: ast.Call) -> bool:
    return any(isinstance(value, ast.Starred) for value in call.args)


def source_of(node: ast.expr, source: str) -> str:
    """The text of a short expression, else `...`."""
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    return text if len(text) <= 80 and "\n" not in text else "..."


def _check_path(parts: list[str], call: ast.Call | None, index: ToolIndex, source: str) -> _Wrong | None:
    if parts[-1] == "aio" and len(parts) > 1:
        parts = parts[:-1]
    if any(part.startswith("_") for part in parts):
        return None  # Attributes of the tool object, or nothing that we can be certain about.
    if parts[0].startswith("["):
        name = parts[0][1:-1]
        signature = index.names.get(name) or index.tools.get(name)
        if signature is None:
            return ToolNotFoundError, index.not_found(name)
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
        return ToolNotFoundError, missing
    if call is None:
        return None
    signature = index.tools.get(path)
    if signature is None:
        return ToolNotFoundError, not_a_tool(index, path)
    if has_starred(call):
        return None
    named, complete = keywords_of(call)
    if call.args:
        written = [source_of(value, source) for value in call.args]
        keywords = {name: source_of(value, source) for name, value in named.items()}
        return ToolArgumentError, positional_arguments(signature, written, keywords)
    wrong = wrong_arguments(signature, named, complete)
    return (ToolArgumentError, wrong) if wrong else None


def _check_builtin(name: str, call: ast.Call) -> _Wrong | None:
    if has_starred(call):
        return None
    named, complete = keywords_of(call)
    wrong = wrong_builtin_call(name, len(call.args), list(named), complete)
    return (ToolArgumentError, wrong) if wrong else None
