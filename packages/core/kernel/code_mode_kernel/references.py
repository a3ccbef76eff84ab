"""Which expressions are certainly a namespace, a tool or a function of `asyncio`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping

from .scopes import Scope, Scopes


class References:
    """Resolves expressions of one module.

    `namespaces` are the names that hold a namespace when the run starts; `variables` is what earlier runs left.
    """

    def __init__(self, scopes: Scopes, namespaces: frozenset[str], variables: Mapping[str, object]) -> None:
        self._scopes = scopes
        self._variables = variables
        module = scopes.module.bindings
        self._namespaces = {
            name
            for name in namespaces
            if name not in module and name not in scopes.roaming and not scopes.star_import
        }
        self._aliases = self._find_aliases()

    def path(self, node: ast.AST) -> list[str] | None:
        """`["tools", "github", "issues"]` for an expression that is certainly that, else None.

        The part of `tools["name"]` is written `["name"]`.
        """
        parts: list[str] = []
        while True:
            if type(node) is ast.Attribute:
                parts.append(node.attr)
                node = node.value
            elif type(node) is ast.Subscript and type(node.slice) is ast.Constant and type(node.slice.value) is str:
                parts.append(f"[{node.slice.value}]")
                node = node.value
            else:
                break
        if type(node) is not ast.Name:
            return None
        if node.id in self._namespaces and self._scopes.home(node) is self._scopes.module:
            root = [node.id]
        elif node.id in self._aliases and self._scopes.home(node) is self._scopes.module:
            root = self._aliases[node.id]
        else:
            return None
        parts.reverse()
        return root + parts

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

    def _find_aliases(self) -> dict[str, list[str]]:
        """`t = tools.github` at the top of the module, when nothing else binds `t`."""
        self._aliases: dict[str, list[str]] = {}
        if not self._namespaces:
            return self._aliases
        for statement in self._scopes.module.node.body:  # type: ignore[attr-defined]
            if type(statement) is not ast.Assign or type(statement.targets[0]) is not ast.Name:
                continue
            name = statement.targets[0].id
            if self.single_value(self._scopes.module, name) is statement.value:
                path = self.path(statement.value)
                if path is not None:
                    self._aliases[name] = path
        return self._aliases


_FUNCTIONS = frozenset("gather create_task ensure_future shield wait_for wait as_completed run Task".split())
