"""Which name means what: one pass over a syntax tree, for the static check and for the rewrite.

The pass keeps its own stack, because generated code nests deeper than Python recurses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator


class Scope:
    """A module, class, function or comprehension and the names it binds.

    `bindings`: name -> the nodes that bind it. `loads`: name -> the Name nodes that read it here.
    """

    __slots__ = ("node", "parent", "is_class", "bindings", "loads")

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.is_class = isinstance(node, ast.ClassDef)
        self.bindings: dict[str, list[ast.AST]] = {}
        self.loads: dict[str, list[ast.Name]] = {}


class Scopes:
    """The scopes of a module.

    `parents`: node -> the node above it. `calls`, `awaits`, `attributes`: all nodes of these kinds.
    `top_level_await`: whether the module itself, outside functions, awaits. `star_import`: `from x import *` occurs.
    `roaming`: names declared `global` or `nonlocal` somewhere; what they hold is never certain.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.calls: list[ast.Call] = []
        self.awaits: list[ast.Await] = []
        self.attributes: list[ast.Attribute] = []
        self.scopes: list[Scope] = [self.module]
        self.top_level_await = False
        self.star_import = False
        self.roaming: set[str] = set()
        self._scope_of: dict[ast.AST, Scope] = {}
        self._read(tree)

    def home(self, name: ast.Name) -> Scope:
        """The scope that holds the variable of `name`: the module for names that nothing binds."""
        return self._home_from(self._scope_of[name], name.id)

    def loads_of(self, scope: Scope, name: str) -> Iterator[ast.Name]:
        """Every read of the variable `name` of `scope`, also from nested functions."""
        for other in self.scopes:
            for load in other.loads.get(name, ()):
                if self._home_from(other, name) is scope:
                    yield load

    def _home_from(self, scope: Scope | None, name: str) -> Scope:
        first = True
        while scope is not None:
            # The names of a class body are not seen from the functions in it.
            if name in scope.bindings and (first or not scope.is_class):
                return scope
            first = False
            scope = scope.parent
        return self.module

    def _read(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, ast.AST | None, Scope]] = [(tree, None, self.module)]
        parents, pop, push = self.parents, stack.pop, stack.append
        fields_of: dict[type, tuple[str, ...]] = {}
        while stack:
            node, parent, scope = pop()
            if parent is not None:
                parents[node] = parent
            cls = type(node)
            if cls is ast.Name:
                self._name(node, scope)
                continue
            if cls in _SKIPPED:
                continue
            if cls is ast.Call:
                self.calls.append(node)
            elif cls is ast.Attribute:
                self.attributes.append(node)
            elif cls in _SPECIAL:
                pushed = self._special(node, scope)
                if pushed is not None:
                    # Last pushed is read first: as in the source.
                    stack.extend((child, node, inner) for child, inner in reversed(pushed))
                    continue
            fields = fields_of.get(cls)
            if fields is None:
                fields = fields_of[cls] = tuple([field for field in cls._fields if field not in _NOT_NODES])
            for field in fields:
                value = getattr(node, field, None)
                kind = type(value)
                if kind is list:
                    for child in value:
                        if type(child) not in _SKIPPED:
                            push((child, node, scope))
                elif kind is ast.Name:
                    # The most common leaf does not take the way over the stack.
                    parents[value] = node
                    self._name(value, scope)
                elif kind not in _SKIPPED:
                    push((value, node, scope))

    def _name(self, node: ast.Name, scope: Scope) -> None:
        names = scope.loads if type(node.ctx) is ast.Load else scope.bindings
        found = names.get(node.id)
        if found is None:
            names[node.id] = [node]
        else:
            found.append(node)
        self._scope_of[node] = scope

    def _special(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]] | None:
        """Binds what a statement binds. Returns its children with their scopes when they are not all in `scope`."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            if not isinstance(node, ast.Lambda):
                _bind(scope, node.name, node)
            return self._function(node, scope)
        if isinstance(node, ast.ClassDef):
            _bind(scope, node.name, node)
            inner = self._open(node, scope)
            outside = [*node.decorator_list, *node.bases, *node.keywords]
            return [*((child, scope) for child in outside), *((child, inner) for child in node.body)]
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return self._comprehension(node, scope)
        if isinstance(node, ast.Await):
            self.awaits.append(node)
            self._note_await(scope)
        elif isinstance(node, (ast.AsyncFor, ast.AsyncWith)):
            self._note_await(scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name == "*":
                    self.star_import = True
                else:
                    _bind(scope, alias.asname or alias.name.partition(".")[0], node)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self.roaming.update(node.names)
        elif isinstance(node, ast.NamedExpr):
            holder = scope
            while isinstance(holder.node, _COMPREHENSIONS) and holder.parent is not None:
                holder = holder.parent
            self._scope_of[node.target] = holder
            self.parents[node.target] = node
            _bind(holder, node.target.id, node)
            return [(node.value, scope)]
        else:
            # except ... as name, case name, case [*name], case {**name}, type name = ..., def f[name]
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            name = name.id if isinstance(name, ast.Name) else name
            if type(name) is str:
                _bind(scope, name, node)
        return None

    def _function(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        arguments = node.args  # type: ignore[attr-defined]
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        outside: list[ast.AST] = [*arguments.defaults, *(item for item in arguments.kw_defaults if item is not None)]
        for argument in named:
            inner.bindings.setdefault(argument.arg, []).append(argument)
            if argument.annotation is not None:
                outside.append(argument.annotation)
        if isinstance(node, ast.Lambda):
            return [*((child, scope) for child in outside), (node.body, inner)]
        outside += node.decorator_list  # type: ignore[attr-defined]
        if node.returns is not None:  # type: ignore[attr-defined]
            outside.append(node.returns)  # type: ignore[attr-defined]
        return [*((child, scope) for child in outside), *((child, inner) for child in node.body)]  # type: ignore[attr-defined]

    def _comprehension(self, node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
        inner = self._open(node, scope)
        children: list[tuple[ast.AST, Scope]] = []
        for position, generator in enumerate(node.generators):  # type: ignore[attr-defined]
            self.parents[generator] = node
            if generator.is_async:
                self._note_await(scope)
            # The first iterable is evaluated outside.
            children += [(generator.iter, inner if position else scope), (generator.target, inner)]
            children += [(condition, inner) for condition in generator.ifs]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)  # type: ignore[attr-defined]
        return [*children, *((part, inner) for part in parts)]

    def _open(self, node: ast.AST, scope: Scope) -> Scope:
        inner = Scope(node, scope)
        self.scopes.append(inner)
        return inner

    def _note_await(self, scope: Scope) -> None:
        while isinstance(scope.node, _COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        if scope is self.module:
            self.top_level_await = True


def _bind(scope: Scope, name: str, node: ast.AST) -> None:
    scope.bindings.setdefault(name, []).append(node)


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# No node, or one that nobody asks about. Text and numbers stand in fields of some nodes.
_SKIPPED = frozenset((type(None), str, int, bool, ast.Constant, ast.Pass, ast.Break, ast.Continue))
_NOT_NODES = frozenset(("ctx", "op", "ops", "kind", "type_comment", "name", "names", "asname", "id", "attr", "arg"))
_SPECIAL_NAMES = (
    "FunctionDef AsyncFunctionDef Lambda ClassDef ListComp SetComp DictComp GeneratorExp Await AsyncFor AsyncWith "
    "Import ImportFrom Global Nonlocal NamedExpr ExceptHandler MatchAs MatchStar MatchMapping "
    "TypeAlias TypeVar ParamSpec TypeVarTuple"
)
_SPECIAL = frozenset(getattr(ast, name) for name in _SPECIAL_NAMES.split() if hasattr(ast, name))
