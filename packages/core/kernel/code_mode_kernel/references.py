"""Which expressions are certainly a namespace, a tool or a function of `asyncio`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping

from .scopes import Scope, Scopes


class References:
    """Resolves expressions of one module.

    `namespaces` are the names that hold a namespace when the run starts; `variables` is what earlier runs left.
    `uses`: the longest chain of attributes and items at each place that reads a namespace, also through an alias ->
    its path; see `path`.
    """

    def __init__(self, scopes: Scopes, namespaces: frozenset[str], variables: Mapping[str, object]) -> None:
        self._scopes = scopes
        self._variables = variables
        self.uses: dict[ast.AST, list[str]] = {}
        #: The names that certainly mean a namespace or a part of it, where they are read.
        self._meant: dict[ast.Name, list[str]] = {}
        module = scopes.module
        for name in namespaces:
            if name not in module.bindings and name not in scopes.roaming and not scopes.star_import:
                self._follow(scopes.loads_of(module, name), [name])

    def path(self, node: ast.AST) -> list[str] | None:
        """`["tools", "github", "issues"]` for an expression that is certainly that, else None.

        The part of `tools["name"]` is written `["name"]`.
        """
        parts: list[str] = []
        while True:
            if type(node) is ast.Attribute:
                parts.append(node.attr)
            elif _is_item(node):
                parts.append(f"[{node.slice.value}]")  # type: ignore[attr-defined]
            else:
                break
            node = node.value  # type: ignore[attr-defined]
        root = self._meant.get(node)  # type: ignore[arg-type]
        if root is None:
            return None
        parts.reverse()
        return root + parts

    def _follow(self, loads: Iterable[ast.Name], root: list[str]) -> None:
        parents = self._scopes.parents
        for load in loads:
            self._meant[load] = path = root
            node: ast.AST = load
            while True:
                parent = parents[node]
                if type(parent) is ast.Attribute:
                    path = [*path, parent.attr]
                elif _is_item(parent) and parent.value is node:  # type: ignore[attr-defined]
                    path = [*path, f"[{parent.slice.value}]"]  # type: ignore[attr-defined]
                else:
                    break
                node = parent
            if type(node.ctx) is not ast.Load:  # type: ignore[attr-defined]
                continue
            self.uses[node] = path
            if type(parent) in _ASSIGNMENTS:
                self._follow_alias(parent, node, path)

    def _follow_alias(self, assignment: ast.AST, value: ast.AST, path: list[str]) -> None:
        """`t = tools.github`, when nothing else binds `t`: what reads it means the same."""
        target = assignment.targets[0] if type(assignment) is ast.Assign else assignment.target  # type: ignore[attr-defined]
        if type(target) is not ast.Name:
            return
        scope, name = self._scopes.home(target), target.id
        if type(assignment) is ast.NamedExpr:
            alone = scope.bindings.get(name) == [assignment] and name not in self._scopes.roaming and not scope.is_class
        else:
            alone = self.single_value(scope, name) is value
        if not alone:
            return
        loads: Iterable[ast.Name] = self._scopes.loads_of(scope, name)
        module = self._scopes.module
        if scope is module and name in self._variables:
            # Until it is executed, the variable of an earlier run is read.
            if assignment not in module.node.body:  # type: ignore[attr-defined]
                return
            place = (value.end_lineno, value.end_col_offset)  # type: ignore[attr-defined]
            loads = [load for load in loads if (load.lineno, load.col_offset) >= place]
        self._follow(loads, path)

    def single_value(self, scope: Scope, name: str) -> ast.expr | None:
        """The expression that is assigned to a variable by its one and only binding, if it has just one."""
        bindings = scope.bindings.get(name, ())
        if len(bindings) != 1 or name in self._scopes.roaming or scope.is_class:
            return None
        parent = self._scopes.parents.get(bindings[0])
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.targets[0] is bindings[0]:
            return parent.value
        if isinstance(parent, ast.AnnAssign):
            return parent.value
        return None

    def asyncio_function(self, function: ast.AST) -> str | None:
        """`gather` for an expression that is certainly `asyncio.gather`, else None."""
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            return function.attr if self._imported(function.value) == "asyncio" else None
        if isinstance(function, ast.Name):
            module, _, name = (self._imported(function) or "").partition(".")
            return name if module == "asyncio" and name else None
        return None

    def _imported(self, node: ast.Name) -> str | None:
        """`asyncio` for a name that is the module, `asyncio.gather` for one that is its function."""
        bindings = self._scopes.home(node).bindings.get(node.id)
        if not bindings:
            value = self._variables.get(node.id)
            asyncio = sys.modules.get("asyncio")
            if value is None or asyncio is None:
                return None
            if value is asyncio:
                return "asyncio"
            name = getattr(value, "__name__", None) if callable(value) else None
            known = type(name) is str and name in _FUNCTIONS and getattr(asyncio, name) is value
            return f"asyncio.{name}" if known else None
        found = set()
        for binding in bindings:
            if not isinstance(binding, (ast.Import, ast.ImportFrom)):
                return None
            for alias in binding.names:
                if (alias.asname or alias.name.partition(".")[0]) == node.id:
                    prefix = f"{binding.module}." if isinstance(binding, ast.ImportFrom) else ""
                    found.add(prefix + alias.name)
        return found.pop() if len(found) == 1 else None


def _is_item(node: ast.AST) -> bool:
    """Whether `node` is `x["name"]`."""
    return type(node) is ast.Subscript and type(node.slice) is ast.Constant and type(node.slice.value) is str


_ASSIGNMENTS = frozenset((ast.Assign, ast.AnnAssign, ast.NamedExpr))
_FUNCTIONS = frozenset("gather create_task ensure_future shield wait_for wait as_completed run Task".split())
