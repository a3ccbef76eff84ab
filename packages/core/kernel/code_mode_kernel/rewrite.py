"""Rewrites synchronous calls to `.aio` where the code certainly means to await them.

`await tools.a()` and `asyncio.gather(tools.a(), tools.b())` cannot mean anything else. The same holds for a variable
that gets such a call, or a list of them, and is read only where an awaitable is expected. Everything keeps its place
in the source, so that tracebacks show what was written.
"""

from __future__ import annotations

import ast

from .awaitables import Awaitables
from .check import Refusal, may_be_caught
from .references import References
from .scopes import Scopes


def rewrite_awaits(scopes: Scopes, references: References) -> None:
    """Rewrites the tree in place. Raises Refusal for an `await` that certainly fails and cannot be rewritten."""
    _Rewriter(scopes, references).apply()


class _Rewriter:
    def __init__(self, scopes: Scopes, references: References) -> None:
        self._scopes = scopes
        self._references = references
        self._found = Awaitables(scopes, references)

    def apply(self) -> None:
        self._refuse_hopeless()
        # Found before the calls change their looks.
        runs = [call for call in self._scopes.calls if self._found.taker(call) == "run" and self._at_top(call)]
        replaced = [call for call in runs if self._should_await(call)]
        for call, as_task in self._found.calls.items():
            function = call.func
            call.func = ast.copy_location(ast.Attribute(value=function, attr="aio", ctx=ast.Load()), function)
            if as_task:
                self._wrap(call)
        for call in replaced:
            self._replace(call, ast.copy_location(ast.Await(value=call.args[0]), call))

    def _refuse_hopeless(self) -> None:
        for node in self._scopes.awaits:
            name = node.value
            if not isinstance(name, ast.Name):
                continue
            variable = (self._scopes.home(name), name.id)
            value = None if variable in self._found.resolved else self._references.single_value(*variable)
            if value is None or not self._found.is_call(value) or may_be_caught(self._scopes, node):
                continue
            function = ".".join(self._references.path(value.func) or ())
            raise Refusal(
                "TypeError",
                f"Line {node.lineno}: {name.id!r} holds the data that {function}(...) returned in line {value.lineno}, "
                f"and data cannot be awaited. Write {name.id} instead of await {name.id}. Nothing has run.",
                node,
            )

    def _at_top(self, node: ast.AST) -> bool:
        parent = self._scopes.parents.get(node)
        while parent is not None:
            if isinstance(parent, _SCOPED):
                return False
            parent = self._scopes.parents.get(parent)
        return True

    def _should_await(self, call: ast.Call) -> bool:
        """`asyncio.run(x)` cannot run inside the loop of a module that awaits, but `await x` can."""
        argument = call.args[0] if len(call.args) == 1 else None
        if argument is None or isinstance(argument, ast.Starred):
            return False
        # gather and the like need a loop before asyncio.run has made one: they never work there.
        needs_loop = isinstance(argument, ast.Call) and self._found.taker(argument) in _NEEDS_LOOP
        return self._scopes.top_level_await or needs_loop

    def _wrap(self, call: ast.Call) -> None:
        name = ast.Name(id="__import__", ctx=ast.Load())
        module = ast.Call(func=name, args=[ast.Constant(value="asyncio")], keywords=[])
        function = ast.Attribute(value=module, attr="ensure_future", ctx=ast.Load())
        wrapped = ast.Call(func=function, args=[call], keywords=[])
        for node in ast.walk(wrapped.func):
            ast.copy_location(node, call)
        self._replace(call, ast.copy_location(wrapped, call))

    def _replace(self, old: ast.AST, new: ast.AST) -> None:
        parent = self._scopes.parents[old]
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new


_NEEDS_LOOP = frozenset(("gather", "create_task", "ensure_future", "shield"))
_SCOPED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
