"""Which name means what: one pass over a syntax tree, for the static check and for the rewrite.

The pass keeps its own stack, because generated code nests deeper than Python recurses.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator


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

    `parents`: node -> the node above it. `calls`, `awaits`: all nodes of these kinds.
    `top_level_await`: whether the module itself, outside functions, awaits. `star_import`: `from x import *` occurs.
    `roaming`: names declared `global` or `nonlocal` somewhere; what they hold is never certain.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.calls: list[ast.Call] = []
        self.awaits: list[ast.Await] = []
        self.scopes: list[Scope] = [self.module]
        self.top_level_await = False
        self.star_import = False
        self.roaming: set[str] = set()
        self._scope_of: dict[ast.AST, Scope] = {}
        self._read(tree)

    def home(self, name: ast.Name) -> Scope:
        """The scope that holds the variable of `name`: the module for names that nothing binds."""
        return self._home_from(self._scope_of[name], name.id)

    def homes(self, name: ast.Name) -> list[Scope]:
        """All scopes that may hold it: in the body of a class a name means the outer one until the body binds it."""
        scope = self.home(name)
        return [scope, self._home_from(scope.parent, name.id)] if scope.is_class else [scope]

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
        # The time of the static check is spent here, for every node of the source: hence the local names.
        parents, calls, getters = self.parents, self.calls, _GETTERS
        name_class, call_class, leaves, special = ast.Name, ast.Call, _LEAVES, _SPECIAL
        work: list[tuple[Scope, list]] = [(self.module, [tree])]
        while work:
            scope, stack = work.pop()
            names: list[ast.Name] = []
            pop, push, note = stack.pop, stack.append, names.append
            while stack:
                node = pop()
                cls = type(node)
                if cls is name_class:
                    note(node)
                    continue
                if cls is call_class:
                    calls.append(node)
                elif cls in special:
                    children = self._special(node, scope)
                    if children is not None:
                        outside, inner, inside = children
                        parents.update(dict.fromkeys(outside, node))
                        parents.update(dict.fromkeys(inside, node))
                        stack.extend(outside)
                        if inner is not None:
                            work.append((inner, inside))
                        continue
                for value in getters[cls](node):
                    kind = type(value)
                    if kind is name_class:
                        parents[value] = node
                        note(value)
                    elif kind is list:
                        for child in value:
                            if type(child) not in leaves:
                                parents[child] = node
                                push(child)
                    elif kind not in leaves:
                        parents[value] = node
                        push(value)
            self._note_names(names, scope)

    def _note_names(self, names: list[ast.Name], scope: Scope) -> None:
        self._scope_of.update(dict.fromkeys(names, scope))
        loads, bindings = scope.loads, scope.bindings
        for node in names:
            table = loads if type(node.ctx) is ast.Load else bindings
            found = table.get(node.id)
            if found is None:
                table[node.id] = [node]
            else:
                found.append(node)

    def _special(self, node: ast.AST, scope: Scope) -> _Children | None:
        """Binds what a statement binds. Returns its children when they are not all in `scope`, or not all visited."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            if not isinstance(node, ast.Lambda):
                _bind(scope, node.name, node)
            return self._function(node, scope)
        if isinstance(node, ast.ClassDef):
            _bind(scope, node.name, node)
            outside = [*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", ())]
            return outside, self._open(node, scope), list(node.body)
        if isinstance(node, _COMPREHENSIONS):
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
            return [node.value], None, []
        else:
            # except ... as name, case name, case [*name], case {**name}, type name = ..., def f[name]
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            name = name.id if isinstance(name, ast.Name) else name
            if type(name) is str:
                _bind(scope, name, node)
        return None

    def _function(self, node: ast.AST, scope: Scope) -> _Children:
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
            return outside, inner, [node.body]
        outside += [*node.decorator_list, *getattr(node, "type_params", ())]  # type: ignore[attr-defined]
        if node.returns is not None:  # type: ignore[attr-defined]
            outside.append(node.returns)  # type: ignore[attr-defined]
        return outside, inner, list(node.body)  # type: ignore[attr-defined]

    def _comprehension(self, node: ast.AST, scope: Scope) -> _Children:
        inner = self._open(node, scope)
        inside: list[ast.AST] = []
        for generator in node.generators:  # type: ignore[attr-defined]
            self.parents[generator] = node
            if generator.is_async:
                self._note_await(scope)
            inside += [generator.iter, generator.target, *generator.ifs]
        inside += (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)  # type: ignore[attr-defined]
        # The first iterable is evaluated outside.
        return inside[:1], inner, inside[1:]

    def _open(self, node: ast.AST, scope: Scope) -> Scope:
        inner = Scope(node, scope)
        self.scopes.append(inner)
        return inner

    def _note_await(self, scope: Scope) -> None:
        while isinstance(scope.node, _COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        if scope is self.module:
            self.top_level_await = True


#: The children of a node that are in its scope, the scope that it opens, and the children in there.
_Children = tuple[list, "Scope | None", list]


def _bind(scope: Scope, name: str, node: ast.AST) -> None:
    scope.bindings.setdefault(name, []).append(node)


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# No node, or one without a child that anybody asks about. Text and numbers stand in fields of some nodes.
_LEAVES = frozenset((type(None), str, int, bool, ast.Constant, ast.Pass, ast.Break, ast.Continue))
_NOT_NODES = frozenset(("ctx", "op", "ops", "kind", "type_comment", "name", "names", "asname", "id", "attr", "arg"))


class _Getters(dict):
    """class of node -> a function that reads its children at once, as a tuple."""

    def __missing__(self, cls: type) -> Callable[[ast.AST], tuple]:
        fields = [field for field in cls._fields if field not in _NOT_NODES]  # type: ignore[attr-defined]
        if not fields:
            getter = _no_children
        elif len(fields) == 1:
            # Of one name it would be no tuple. A number is no child.
            getter = operator.attrgetter(*fields, "lineno")
        else:
            getter = operator.attrgetter(*fields)
        self[cls] = getter
        return getter


def _no_children(_node: ast.AST) -> tuple:
    return ()


_GETTERS = _Getters({ast.Constant: _no_children})
_SPECIAL_NAMES = (
    "FunctionDef AsyncFunctionDef Lambda ClassDef ListComp SetComp DictComp GeneratorExp Await AsyncFor AsyncWith "
    "Import ImportFrom Global Nonlocal NamedExpr ExceptHandler MatchAs MatchStar MatchMapping "
    "TypeAlias TypeVar ParamSpec TypeVarTuple"
)
_SPECIAL = frozenset(getattr(ast, name) for name in _SPECIAL_NAMES.split() if hasattr(ast, name))
