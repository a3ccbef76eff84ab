"""What expressions of a program stand for: modules, functions and namespaces, also under other names."""

from __future__ import annotations

import ast
import builtins

from .capabilities import CARRIED, EVERYDAY, HOLDERS, UNSEEN, USUAL_NAMES
from .scopes import Scope, Scopes

Path = tuple[str, ...]
NAMESPACES = frozenset(("tools", "workflows", "artifacts", "deps"))
_DEEPEST = 20  # variables that hold a variable's text


class CodePaths:
    """Resolves expressions to paths such as `("os", "system")`, `("builtins", "open")`, `("tools", "weather")`.

    An expression may have several: a name that is bound in two places means either. A name that nothing here binds is
    what it is called: another run has imported it.
    """

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._known: dict[ast.AST, list[Path]] = {}
        #: The same for variables, once all that they are assigned is known.
        self._names: dict[tuple, list[Path]] = {}
        #: `from os import *`
        self._stars: list[str] = []
        for node in scopes.parents:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                self._stars.append(node.module or "")

    def resolve(self, node: ast.AST) -> list[Path]:
        """Every path that the expression may have; none for what is no name."""
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = []  # An expression that is about itself means nothing more.
            base = node
            while isinstance(base, ast.Attribute):
                base = base.value
            if base is not node and isinstance(base, ast.Name):
                self.resolve(base)
            known += self._search(node)
            if isinstance(node, ast.Name):
                self._names[self._key(node)] = known
        return known

    def _search(self, node: ast.AST) -> list[Path]:
        found: dict[Path, None] = {}
        seen: set[tuple[ast.AST, Path]] = set()
        #: Expressions, and what is looked up in them.
        todo: list[tuple[ast.AST, Path]] = [(node, ())]
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            if len(seen) == _MOST_MEANINGS:
                return [UNSEEN]
            seen.add(state)
            node, rest = state
            if isinstance(node, ast.Name):
                paths, values = self._names.get(self._key(node)), []
                if paths is None:
                    paths, values = self._of_name(node)
                found.update((_looked_up((*path, *rest)), None) for path in paths)
                todo += [(value, rest) for value in values]
            elif isinstance(node, ast.Attribute):
                name = node.attr.lstrip("_")
                if name in CARRIED:
                    found[(name, *rest)] = None
                todo.append((node.value, (node.attr, *rest)))
            elif isinstance(node, ast.NamedExpr):
                todo.append((node.value, rest))
            elif isinstance(node, ast.IfExp):
                todo += [(node.body, rest), (node.orelse, rest)]
            elif isinstance(node, ast.BoolOp):
                todo += [(value, rest) for value in node.values]
            elif isinstance(node, ast.Subscript):
                key = self.text(node.slice)
                if key is not None:
                    todo.append((node.value, (_ITEM + key, *rest)))
            elif isinstance(node, ast.Call):
                key = self.text(node.args[1]) if len(node.args) > 1 else None
                if key is not None and ("builtins", "getattr") in self.resolve(node.func):
                    todo.append((node.args[0], (key, *rest)))
                # `__import__("os.path")` is `os`, but `carried` finds what is asked of it in both.
                found.update(((*module.split("."), *rest), None) for module in self.imported_by(node))
        return [carried(path) for path in found if path]

    def text(self, node: ast.AST | None, depth: int = 0) -> str | None:
        """The text that the expression certainly is: a constant, or a variable that is never anything else."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name) and depth <= _DEEPEST and node.id not in self._scopes.roaming:
            scope = self._scopes.home(node)
            bindings = scope.bindings.get(node.id, ())
            value = self._value(bindings[0]) if len(bindings) == 1 and not scope.is_class else None
            if value is not None and (scope is not self._scopes.module or self._comes_first(bindings[0], node)):
                return self.text(value, depth + 1)
        return None

    def imported_by(self, call: ast.Call) -> list[str]:
        """The module that `__import__("x")` or `importlib.import_module("x")` imports."""
        if not {("builtins", "__import__"), ("importlib", "import_module")}.isdisjoint(self.resolve(call.func)):
            name = self.text(call.args[0]) if call.args else None
            return [name] if name else []
        return []

    def _comes_first(self, binding: ast.AST, load: ast.Name) -> bool:
        """Whether the assignment is certainly executed before the read: else what an earlier run left is read."""
        statement = self._scopes.parents.get(binding)
        if statement not in self._scopes.module.node.body:  # type: ignore[attr-defined]
            return False
        return (statement.end_lineno, statement.end_col_offset) <= (load.lineno, load.col_offset)  # type: ignore

    def _of_name(self, node: ast.Name) -> tuple[list[Path], list[ast.expr]]:
        """What a name may mean, and the expressions that it may have been assigned."""
        name = node.id
        scopes = self._scopes_of(node)
        bindings = [binding for scope in scopes for binding in scope.bindings.get(name, ())]
        paths = self._of_free_name(name, bool(bindings)) if self._scopes.module in scopes else []
        values = []
        for binding in bindings:
            if isinstance(binding, (ast.Import, ast.ImportFrom)):
                paths += [path for bound, path in imported(binding) if bound == name]
            else:
                value = self._value(binding)
                values += [value] if value is not None else []
        return paths, values

    def _scopes_of(self, node: ast.Name) -> list[Scope]:
        return self._scopes.scopes if node.id in self._scopes.roaming else self._scopes.homes(node)

    def _key(self, node: ast.Name) -> tuple:
        return (node.id, *self._scopes_of(node)[:2])

    def _of_free_name(self, name: str, is_bound: bool) -> list[Path]:
        """What a name of the module means where no statement here has bound it, or none yet."""
        paths = [carried((*star.split("."), name)) for star in self._stars]
        if name in NAMESPACES:
            return [(name,), *paths]
        if hasattr(builtins, name) or name.startswith("__"):
            return [("builtins", name), *paths]
        if name in HOLDERS or name in CARRIED or not is_bound and name not in EVERYDAY:
            paths.append(tuple(USUAL_NAMES.get(name, name).split(".")))
        return paths

    def _value(self, binding: ast.AST) -> ast.expr | None:
        """What an assignment of one variable assigns."""
        if isinstance(binding, ast.NamedExpr):
            return binding.value
        parent = self._scopes.parents.get(binding)
        if isinstance(parent, ast.Assign) and binding in parent.targets or isinstance(parent, ast.AnnAssign):
            return parent.value  # type: ignore[union-attr]
        return None


def imported(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Path]]:
    """The names that an import binds, and what they are."""
    found = []
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            path = (*(node.module or "").split("."), alias.name)
        else:
            path = tuple(alias.name.split("."))
        bound = alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.Import) and alias.asname is None:
            path = path[:1]
        found.append((bound, carried(path)))
    return found


def carried(path: Path) -> Path:
    """`os.system` for `random._os.system`: modules are attributes of those that import them."""
    for place in range(len(path) - 1, 0, -1):
        name = path[place].lstrip("_")
        if name in CARRIED and path[0] not in NAMESPACES:
            return (name, *path[place + 1 :])
    return path


def _looked_up(path: Path) -> Path:
    """The path without items: `sys.modules["os"]` is `os`, `os.__dict__["system"]` is `os.system`. () for others."""
    for place, part in enumerate(path):
        if part.startswith(_ITEM):
            holder, key = path[:place], part.removeprefix(_ITEM)
            if holder == ("sys", "modules"):
                return _looked_up((*key.split("."), *path[place + 1 :]))
            if holder[-1:] == ("__dict__",) or holder == ("builtins", "__builtins__"):
                return _looked_up((*holder[:-1], key, *path[place + 1 :]))
            if holder[:1] and holder[0] in NAMESPACES:
                return _looked_up((*holder, key, *path[place + 1 :]))
            return ()
    return path


_ITEM = "\0"
_MOST_MEANINGS = 500
