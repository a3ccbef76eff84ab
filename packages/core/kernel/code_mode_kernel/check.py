"""The static check: what certainly fails is refused before anything has run."""

from __future__ import annotations

import ast
import builtins

from .errors import ToolArgumentError, ToolNotFoundError, WorkflowNotFoundError
from .references import References
from .scopes import Scopes

_REPORTED = 5

#: Where, the exception it would raise, and the sentence for it.
Problem = tuple[ast.AST, type[Exception], str]


class Refusal(Exception):
    """The code was not started. `name` is the exception it would have raised; `node` is where."""

    def __init__(self, name: str, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.node = node


def refuse(scopes: Scopes, references: References, problems: list[Problem]) -> None:
    """Raises Refusal for the first problems, if there are any that the code does not look out for."""
    if not problems or _may_rebind(scopes):
        return
    found = [problem for problem in problems if not _is_expected(scopes, references, problem)]
    if not found:
        return
    found.sort(key=lambda problem: (problem[0].lineno, problem[0].col_offset))  # type: ignore[attr-defined]
    lines = [f"Line {node.lineno}: {message}" for node, _, message in found[:_REPORTED]]  # type: ignore[attr-defined]
    if len(found) > _REPORTED:
        lines.append(f"{len(found) - _REPORTED} more calls are wrong.")
    lines[-1] += " Nothing has run." if lines[-1].endswith((".", "?")) else ". Nothing has run."
    node, error, _ = found[0]
    raise Refusal(error.__name__, "\n".join(lines), node)


def may_be_caught(
    scopes: Scopes, node: ast.AST, errors: tuple[type[Exception], ...] = (ToolNotFoundError, ToolArgumentError)
) -> bool:
    """Whether `node` is in a `try` or `with` that may catch one of `errors`: the code may want to see it."""
    child, parent = node, scopes.parents.get(node)
    while parent is not None:
        if isinstance(parent, _TRIES) and child in parent.body:
            if any(_catches(handler.type, errors) for handler in parent.handlers):
                return True
        elif isinstance(parent, (ast.With, ast.AsyncWith)) and child in parent.body:
            for item in parent.items:
                function = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
                name = getattr(function, "attr", None) or getattr(function, "id", "")
                if name in _CATCHING_CONTEXTS:
                    return True
        child, parent = parent, scopes.parents.get(parent)
    return False


def _may_rebind(scopes: Scopes) -> bool:
    """Whether the code can give `tools` another meaning without an assignment that we see."""
    return any(name in scope.loads for scope in scopes.scopes for name in _REBINDING)


def _is_expected(scopes: Scopes, references: References, problem: Problem) -> bool:
    node, error, _ = problem
    if issubclass(error, AttributeError) and _asks_first(scopes, references, references.uses[node]):
        return True
    # Which of the two it will be is for the call to say.
    either = (ToolNotFoundError, ToolArgumentError) if issubclass(error, (ToolNotFoundError, ToolArgumentError)) else (error,)
    return may_be_caught(scopes, node, either)


def _asks_first(scopes: Scopes, references: References, path: list[str]) -> bool:
    """Whether the code looks what there is.

    `hasattr(tools, ...)`, `"x" in dir(tools)`, `"x" in tools`; or it compares the name with something else.
    """
    names = {part.strip("[]") for part in path[1:]}
    for use, other in references.uses.items():
        asker = scopes.parents.get(use)
        if other[0] == path[0] and isinstance(asker, ast.Call) and use in asker.args:
            if isinstance(asker.func, ast.Name) and asker.func.id in _PROBES:
                return True
    for node in scopes.parents:
        if isinstance(node, ast.Compare):
            if any((references.path(side) or [""])[0] == path[0] for side in node.comparators):
                return True
            if any(isinstance(side, ast.Constant) and side.value in names for side in (node.left, *node.comparators)):
                return True
    return False


def _catches(kind: ast.expr | None, errors: tuple[type[Exception], ...]) -> bool:
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(_catches(item, errors) for item in kind.elts)
    known = getattr(builtins, kind.id, None) if isinstance(kind, ast.Name) else None
    if not isinstance(known, type):
        return True  # We cannot know what it catches.
    return any(issubclass(error, known) for error in errors)


_PROBES = frozenset(("hasattr", "getattr", "dir", "vars"))
_REBINDING = frozenset(("exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__builtins__"))
_CATCHING_CONTEXTS = frozenset(("suppress", "raises", "assertRaises", "assertRaisesRegex"))
_TRIES = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)
