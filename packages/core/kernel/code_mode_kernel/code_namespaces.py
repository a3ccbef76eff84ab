"""Which tools and workflows a program names, and where it may use others."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .capabilities import is_dunder
from .code_calls import argument
from .code_paths import CodePaths, Path

_OF_TOOLS = frozenset(("list", "search", "describe"))
_OF_WORKFLOWS = frozenset("list search get delete history".split())
_LOOKING = frozenset("hasattr dir list sorted len print repr str type isinstance help getattr".split())


class NamespaceUses:
    """`tools` and `workflows` are Python paths. `unseen`: where others may be used. `saved`: texts of workflows."""

    def __init__(self, parents: Mapping[ast.AST, ast.AST], paths: CodePaths) -> None:
        self._parents = parents
        self._paths = paths
        self.tools: set[str] = set()
        self.workflows: set[str] = set()
        self.unseen: list[tuple[str, ast.AST]] = []
        self.saved: list[tuple[str, ast.AST]] = []

    def use(self, path: Path, node: ast.expr) -> None:
        """Takes note of an expression whose path begins with a namespace."""
        names = [name for name in path[1:] if not is_dunder(name)]
        if names and names[-1] == "aio":
            names.pop()
        parent = self._parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if len(path) == 1:
            if not self._only_looks(node, parent):
                self.unseen.append((f"{path[0]} as a value", node))
        elif not names:
            return
        elif path[0] == "tools" and names[0] not in _OF_TOOLS:
            self.tools.add(".".join(names))
        elif path[0] == "workflows" and names[0] == "invoke":
            self._invoke(node, call)
        elif path[0] == "workflows" and names[0] in ("create", "rollback"):
            value = argument(call, "source", 1) if call and names[0] == "create" else None
            source = self._paths.text(value) if isinstance(value, ast.expr) else None
            if source is None:
                self.unseen.append((f"workflows.{names[0]}", node))
            else:
                self.saved.append((source, node))
        elif path[0] == "workflows" and names[0] not in _OF_WORKFLOWS:
            self.workflows.add(names[0])

    def _invoke(self, node: ast.expr, call: ast.Call | None) -> None:
        value = argument(call, "name", 0) if call else None
        if isinstance(value, ast.expr):
            name = self._paths.text(value)
            if name is not None:
                self.workflows.add(name)
                return
            if any(path[0] == "workflows" for path in self._paths.resolve(value)):
                return  # workflows.invoke(workflows.fetch)
        self.unseen.append(("workflows.invoke", node))

    def _only_looks(self, node: ast.expr, parent: ast.AST | None) -> bool:
        """Whether a namespace as such is read by what keeps nothing of it; `getattr` is seen to where it is called."""
        if isinstance(parent, ast.Call) and node in parent.args[:1]:
            functions = self._paths.resolve(parent.func)
            return len(functions) == 1 and functions[0][0] == "builtins" and functions[0][-1] in _LOOKING
        if isinstance(parent, ast.Subscript) and parent.value is node:
            return self._paths.text(parent.slice) is not None
        return isinstance(parent, (ast.Compare, ast.For))
