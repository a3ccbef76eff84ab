"""What a program does, told by its names: imports, file writes, processes, network, other code, tools and workflows.

The program is parsed as a run parses it and never executed. A capability is reported where it is named, called or not:
what an earlier run has defined was reported with that run. What could reach one without naming it is `dynamicCode`.
"""

from __future__ import annotations

import ast
import warnings

from .capabilities import (
    DYNAMIC,
    FILES,
    HARMLESS_DUNDERS,
    HOLDERS,
    NETWORK,
    OPENERS,
    SHELL,
    WRITES_WITH_ARGUMENT,
    is_dunder,
    kind_of,
    kind_of_member,
)
from .code_calls import call_facts, takes_plain_names
from .code_namespaces import NamespaceUses
from .code_paths import NAMESPACES, CodePaths, Path, imported
from .scopes import Scopes
from .source import read_source


def analyse_code(source: str) -> dict:
    """The facts of a program, as JSON data: see `CodeFacts` in `src/code-facts.ts`. Raises SyntaxError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, tree = read_source(source, "<run>", False)
        facts = Facts(tree)
    found = {kind: [{"what": what, "line": line} for line, what in sorted(facts.found[kind])] for kind in facts.found}
    return {**found, **{name: sorted(names) for name, names in facts.named.items()}}


class Facts:
    """`found`: kind -> lines and what is there. `named`: the names of imports, tools and workflows."""

    def __init__(self, tree: ast.Module, depth: int = 0) -> None:
        """`depth` says in how many texts of workflows this one is."""
        self.found: dict[str, set[tuple[int, str]]] = {kind: set() for kind in (FILES, SHELL, NETWORK, DYNAMIC)}
        self.named: dict[str, set[str]] = {"imports": set(), "tools": set(), "workflows": set()}
        self._scopes = Scopes(tree)
        self._parents = self._scopes.parents
        self._paths = CodePaths(self._scopes)
        self._namespaces = NamespaceUses(self._parents, self._paths)
        for node in ast.walk(tree):
            self._read(node)
        self._read_bindings()
        self._take(self._namespaces, depth)

    def _take(self, uses: NamespaceUses, depth: int) -> None:
        for what, node in uses.unseen:
            self._add(DYNAMIC, what, node)
        self.named["tools"] |= uses.tools
        self.named["workflows"] |= uses.workflows
        for source, node in uses.saved:
            # A workflow that is saved can be called at once: its text counts as a part of this one.
            try:
                inner = Facts(ast.parse(source), depth + 1) if depth < _DEEPEST else None
            except (SyntaxError, ValueError):
                continue  # It will not be saved.
            if inner is None:
                self._add(DYNAMIC, "workflows.create", node)
                continue
            for kind, found in inner.found.items():
                self.found[kind].update((node.lineno, what) for _, what in found)
            for kind, names in inner.named.items():
                self.named[kind] |= names

    def _add(self, kind: str | None, what: str, node: ast.AST) -> None:
        if kind:
            self.found[kind].add((node.lineno, what.removeprefix("builtins.")))  # type: ignore[attr-defined]

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            if isinstance(node.ctx, ast.Load) or isinstance(node, ast.Attribute):
                self._expression(node)
        elif isinstance(node, ast.Call):
            for kind, what in call_facts(node, self._paths):
                self._add(kind, what, node)
            self.named["imports"].update(module for module in self._paths.imported_by(node))
            self._expression(node)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and _reaches_inside(node.value):
                self._add(DYNAMIC, repr(node.value), node)
        elif isinstance(node, ast.MatchClass):
            for name in node.kwd_attrs:
                self._add(kind_of_member(name), f".{name}", node)

    def _read_bindings(self) -> None:
        """Names that Python itself looks up, given another meaning."""
        for scope in self._scopes.scopes:
            for name, nodes in scope.bindings.items():
                if _reaches_inside(name):
                    for node in nodes:
                        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                            self._add(DYNAMIC, name, node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            self.named["imports"].update(alias.name for alias in node.names)
        else:
            self.named["imports"].add("." * node.level + (node.module or ""))
        for alias, (bound, path) in zip(node.names, imported(node)):
            whole = path if isinstance(node, ast.ImportFrom) else tuple(alias.name.split("."))
            name = ".".join(whole)
            if alias.name == "*":
                self._add(DYNAMIC, f"from {node.module or '.'} import *", node)  # type: ignore[union-attr]
            if whole[0] != "operator":  # Its functions are looked at where they are called.
                self._add(FILES if name in OPENERS and bound != whole[-1] else kind_of(whole), name, node)
            if len(path) == 1 and path[0] in HOLDERS and bound != path[0]:
                self._add(DYNAMIC, f"{path[0]} kept as {bound}", node)

    def _expression(self, node: ast.expr) -> None:
        """What a name stands for, with all that is looked up in it."""
        parent = self._parents.get(node)
        if isinstance(parent, ast.Attribute):
            return  # It is a part of that.
        paths = self._paths.resolve(node)
        known = set()
        for path in paths:
            if path[0] in NAMESPACES:
                self._namespaces.use(path, node)
            elif len(path) == 1 and path[0] in HOLDERS:
                self._holder(path[0], node, parent)
            elif not self._is_harmless_call(path, node):
                self._add(self._kind(path), ".".join(path), node)
            if kind_of(path) is not None or path[0] in NAMESPACES:
                known.update(path)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and not is_dunder(node.attr):
            node = node.value  # Whose attribute is set, and not what the code names its own.
        self._members(node, known)

    def _kind(self, path: Path) -> str | None:
        if ".".join(path) in OPENERS:
            return FILES
        kind = kind_of(path)
        return kind_of_member(path[1]) if kind is None and path[0] == "builtins" and is_dunder(path[1]) else kind

    def _is_harmless_call(self, path: Path, node: ast.expr) -> bool:
        """Calls of which `call_facts` says more."""
        parent = self._parents.get(node)
        if not isinstance(parent, ast.Call) or parent.func is not node:
            return False
        if path[0] == "operator":
            return takes_plain_names(parent, self._paths)
        return ".".join(path) in OPENERS or path == ("builtins", "getattr")

    def _members(self, node: ast.expr, known: set[str]) -> None:
        """Attributes by their names alone, for objects that are not known."""
        while isinstance(node, ast.Attribute):
            kind = kind_of_member(node.attr)
            if kind is not None and node.attr not in known and self._counts(node):
                self._add(kind, f".{node.attr}", node)
            node = node.value

    def _counts(self, node: ast.Attribute) -> bool:
        """`frame.to_csv()` returns text, and `model.eval()` evaluates nothing."""
        call = self._parents.get(node)
        if node.attr not in WRITES_WITH_ARGUMENT and node.attr != "eval":
            return True
        return not (isinstance(call, ast.Call) and call.func is node) or bool(call.args or call.keywords)

    def _holder(self, name: str, node: ast.expr, parent: ast.AST | None) -> None:
        """A module like `os` that is not followed by a dot."""
        if isinstance(parent, ast.Call) and node in parent.args[:1]:
            if self._paths.resolve(parent.func) in ([("builtins", "getattr")], [("builtins", "hasattr")]):
                return
        if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is node:
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            scopes = [self._scopes.home(target) for target in targets if isinstance(target, ast.Name)]
            if len(scopes) == len(targets):
                names = [target.id for target in targets]  # type: ignore[union-attr]
                lasts = not self._scopes.roaming.isdisjoint(names)
                if lasts or any(scope is self._scopes.module or scope.is_class for scope in scopes):
                    self._add(DYNAMIC, f"{name} kept as {', '.join(names)}", node)
                return  # Else it is followed, and gone with the function.
        self._add(DYNAMIC, f"{name} as a value", node)


def _reaches_inside(name: str) -> bool:
    return is_dunder(name) and name.isidentifier() and name not in HARMLESS_DUNDERS


_DEEPEST = 3
