"""Finds uses of workflows that certainly fail.

Which workflows there are is asked of the host when the run starts: other sessions save and delete them at any time.
Where the run itself may save one before it is called, nothing is certain.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator

from .check import Problem
from .check_tools import call_of, has_starred, keywords_of, source_of
from .errors import ToolArgumentError, WorkflowNotFoundError
from .references import References
from .scopes import Scopes
from .workflow_functions import FUNCTIONS

Ask = Callable[[list[dict]], dict]
_SAVING = frozenset(("create", "rollback"))
_LOOKING = frozenset("hasattr dir list sorted len print repr str type isinstance help".split())


class WorkflowCheck:
    """Checks one run after the other."""

    def __init__(self, ask: Ask) -> None:
        """`ask` takes `{name, given, complete}` for each use, and returns `problems` and `maySave`.

        A problem is `{notFound, message}` or None; `maySave` tells that one of the workflows may save another.
        """
        self._ask = ask
        #: An earlier run has left something that may save a workflow when it is called.
        self._saver_left = False

    def problems(self, scopes: Scopes, references: References, source: str) -> list[Problem]:
        found: list[Problem] = []
        named: list[tuple[ast.AST, dict]] = []
        saves, lasting = self._saver_left, False
        for node, path in references.uses.items():
            if path[0] != "workflows":
                continue
            call = call_of(scopes, node)
            stays = call is None or not _is_at_top(scopes, node)
            function = path[1] if len(path) > 1 else ""
            if function in _SAVING or not function and not _only_looks(scopes.parents[node]):
                saves = True
                self._saver_left = self._saver_left or stays
            if not function:
                continue
            if function in FUNCTIONS:
                found.extend((node, TypeError, wrong) for wrong in _wrong_function_call(function, path[2:], call))
                continue
            use = _use(path[1:], call, source)
            if isinstance(use, str):
                found.append((node, ToolArgumentError, use))
            elif use is not None:
                named.append((node, use))
                lasting = lasting or stays
            elif function == "invoke":
                saves = True  # Which workflow it is, and what it does, is not seen.
                self._saver_left = self._saver_left or stays
        if named and not saves:
            found.extend(self._ask_host(named, lasting, scopes))
        elif lasting:
            self._saver_left = True  # Whether those workflows save others was not asked.
        return found

    def _ask_host(self, named: list[tuple[ast.AST, dict]], lasting: bool, scopes: Scopes) -> Iterator[Problem]:
        """`lasting` says that a later run may make some of these calls."""
        answer = self._ask([use for _, use in named])
        if answer["maySave"]:
            self._saver_left = self._saver_left or lasting
            return
        for (node, use), problem in zip(named, answer["problems"]):
            if problem is None:
                continue
            if not problem["notFound"]:
                yield node, ToolArgumentError, problem["message"]
            elif not _is_mentioned(use["name"], [node for node, _ in named], scopes):
                yield node, WorkflowNotFoundError, problem["message"]


def _use(parts: list[str], call: ast.Call | None, source: str) -> dict | str | None:
    """What the host is asked about, or what is wrong whatever it says. None for what is no certain use."""
    if len(parts) > 1 and parts[-1] == "aio":
        parts = parts[:-1]
    if len(parts) != 1 or parts[0].startswith("_"):
        return None
    name = parts[0].strip("[]")
    positional = call.args if call else []
    named, complete = keywords_of(call) if call else ({}, False)
    if parts[0] == "invoke":
        if call is None or has_starred(call):
            return None
        first = positional[0] if positional else named.pop("name", None)
        if len(positional) > 1 or first is None and complete:
            return 'Write workflows.invoke("name", argument=...): the name first, then keyword arguments.'
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return None
        name, positional = first.value, []
    if positional:
        if call is None or has_starred(call):
            return None
        given = ", ".join(source_of(value, source) for value in positional)
        return (
            f"workflows.{name}() takes keyword arguments only, got {given}. workflows.get({name!r}) says its parameters."
        )
    return {"name": name, "given": list(named), "complete": complete}


def _wrong_function_call(name: str, more: list[str], call: ast.Call | None) -> Iterator[str]:
    if call is None or more not in ([], ["aio"]) or has_starred(call):
        return
    named, complete = keywords_of(call)
    signature = inspect.signature(FUNCTIONS[name], eval_str=True)
    bind = signature.bind if complete else signature.bind_partial
    try:
        bind(*call.args, **named)
    except TypeError as error:
        parameters = signature.replace(return_annotation=inspect.Signature.empty)
        yield f"workflows.{name}(): {error}. Its signature: workflows.{name}{parameters}."


def _only_looks(parent: ast.AST) -> bool:
    """Whether `workflows` as such is read by what keeps nothing of it, e.g. `"fetch" in workflows`."""
    if isinstance(parent, ast.Call):
        function = parent.func.id if isinstance(parent.func, ast.Name) else ""
        if function == "getattr" and len(parent.args) > 1 and isinstance(parent.args[1], ast.Constant):
            return parent.args[1].value not in _SAVING
        return function in _LOOKING
    return isinstance(parent, (ast.Compare, ast.For, ast.Expr))


def _is_mentioned(name: str, uses: list[ast.AST], scopes: Scopes) -> bool:
    """Whether another text of the code has the name in it: a tool may be asked to save a workflow of that name."""
    own = set()
    for use in uses:
        call = call_of(scopes, use)
        if isinstance(use, ast.Subscript):
            own.add(use.slice)
        elif call is not None:
            own.update([*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "name")])
    for node in ast.walk(scopes.module.node):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and name in node.value and node not in own:
            return True
    return False


def _is_at_top(scopes: Scopes, node: ast.AST) -> bool:
    """Whether `node` is executed once, with its run: it is in no function that a later run may call."""
    parent = scopes.parents.get(node)
    while parent is not None:
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return False
        parent = scopes.parents.get(parent)
    return True
