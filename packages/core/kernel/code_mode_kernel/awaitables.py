"""Finds the synchronous calls that the code certainly means to await."""

from __future__ import annotations

import ast
from collections.abc import Callable

from .references import References
from .scopes import Scope, Scopes

# asyncio functions by what they take: awaitables, one awaitable first, an iterable of awaitables first.
_TAKES_ALL = frozenset(("gather",))
_TAKES_ONE = frozenset(
    "create_task ensure_future shield wait_for run run_until_complete Task run_coroutine_threadsafe".split()
)
_TAKES_MANY = frozenset(("as_completed", "wait"))
_TAKERS = _TAKES_ALL | _TAKES_ONE | _TAKES_MANY
_METHODS = frozenset("create_task ensure_future run_until_complete run_coroutine_threadsafe".split())
_KEYWORDS = frozenset("coro coro_or_future arg fut main future fs aws".split())

Variable = tuple[Scope, str]


class Awaitables:
    """Follows awaitables from where they are expected back to the calls that make them.

    `calls`: the calls found -> whether a task is needed, not a coroutine. `resolved`: the variables that hold such
    calls and are read nowhere else.
    """

    def __init__(self, scopes: Scopes, references: References) -> None:
        self._scopes = scopes
        self._references = references
        self.calls: dict[ast.Call, bool] = {}
        self.resolved: set[Variable] = set()
        #: Reads of a variable where one awaitable, or many, are expected.
        self._as_one: dict[Variable, set[ast.Name]] = {}
        self._as_many: dict[Variable, set[ast.Name]] = {}
        self._tasks_needed: set[Variable] = set()
        for node in scopes.awaits:
            self._one(node.value)
        for call in scopes.calls:
            name = self.taker(call)
            if name is not None:
                self._expect(call, name)
        self._follow_variables()

    # What is expected where

    def taker(self, call: ast.Call) -> str | None:
        """The name of the asyncio function that `call` calls, when it takes awaitables."""
        function = call.func
        if type(function) is ast.Attribute and function.attr not in _TAKERS:
            return None
        name = self._references.asyncio_function(function)
        if name in _TAKERS:
            return name
        if isinstance(function, ast.Attribute) and function.attr in _METHODS and not self._references.path(function):
            return function.attr
        return None

    def _expect(self, call: ast.Call, name: str) -> None:
        if name in _TAKES_ALL:
            for argument in call.args:
                if isinstance(argument, ast.Starred):
                    self._many(argument.value)
                else:
                    self._one(argument)
            return
        first = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS)]
        for argument in first:
            if name in _TAKES_ONE:
                self._one(argument)
            else:
                # asyncio.wait takes tasks alone since Python 3.11.
                self._many(argument, as_task=name == "wait")

    def _one(self, node: ast.AST, as_task: bool = False) -> None:
        if isinstance(node, ast.Call):
            if self.is_call(node):
                self.calls[node] = self.calls.get(node, False) or as_task
        elif isinstance(node, ast.IfExp):
            self._one(node.body, as_task)
            self._one(node.orelse, as_task)
        elif isinstance(node, ast.Name):
            self._note(self._as_one, node, as_task)

    def _many(self, node: ast.AST, as_task: bool = False) -> None:
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for item in node.elts:
                if isinstance(item, ast.Starred):
                    self._many(item.value, as_task)
                else:
                    self._one(item, as_task)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            self._one(node.elt, as_task)
        elif isinstance(node, ast.IfExp):
            self._many(node.body, as_task)
            self._many(node.orelse, as_task)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._many(node.left, as_task)
            self._many(node.right, as_task)
        elif isinstance(node, ast.Name):
            self._note(self._as_many, node, as_task)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id in ("list", "tuple", "set"):
                self._many(node.args[0], as_task)
            elif node.func.id == "map" and isinstance(node.args[0], ast.Lambda):
                self._one(node.args[0].body, as_task)

    def _note(self, uses: dict[Variable, set[ast.Name]], node: ast.Name, as_task: bool) -> None:
        variable = (self._scopes.home(node), node.id)
        uses.setdefault(variable, set()).add(node)
        if as_task:
            self._tasks_needed.add(variable)

    def is_call(self, node: ast.AST) -> bool:
        """Whether `node` calls a tool, or a function of another namespace, synchronously."""
        if not isinstance(node, ast.Call):
            return False
        path = self._references.path(node.func)
        return path is not None and len(path) > 1 and path[-1] != "aio"

    # Variables

    def _follow_variables(self) -> None:
        """A variable may lead to another (`for task in tasks: await task`), so go on until nothing new is found."""
        before = -1
        while before != len(self.resolved):
            before = len(self.resolved)
            for variable in [*self._as_one, *self._as_many]:
                if variable not in self.resolved and self._follow(variable):
                    self.resolved.add(variable)

    def _follow(self, variable: Variable) -> bool:
        scope, name = variable
        one, many = self._as_one.get(variable, set()), self._as_many.get(variable, set())
        if one and many:
            return False
        as_task = variable in self._tasks_needed
        additions: list[Callable[[], None]] = []
        for load in self._scopes.loads_of(scope, name):
            if load not in one and load not in many:
                addition = self._addition(load, as_task) if many else None
                if addition is None:
                    return False
                additions.append(addition)
        value = self._references.single_value(scope, name)
        if value is not None:
            if one and not self._is_awaitable_value(value) or many and not self._holds_calls(value, bool(additions)):
                return False
            (self._one if one else self._many)(value, as_task)
        else:
            iterable = self._iterable_of(scope, name)
            if iterable is None or many:
                return False
            self._many(iterable, as_task)
        for add in additions:
            add()
        return True

    def _is_awaitable_value(self, value: ast.expr) -> bool:
        if isinstance(value, ast.IfExp):
            return self._is_awaitable_value(value.body) and self._is_awaitable_value(value.orelse)
        return self.is_call(value)

    def _holds_calls(self, value: ast.expr, added_to: bool) -> bool:
        """Whether a container expression has calls of ours as its items, or is empty and gets them later."""
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            return added_to or any(self.is_call(item) or isinstance(item, ast.Starred) for item in value.elts)
        if isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return added_to or self._is_awaitable_value(value.elt)
        if isinstance(value, ast.BinOp):
            return self._holds_calls(value.left, added_to) or self._holds_calls(value.right, added_to)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("list", "map", "set"):
            return added_to or bool(value.args)
        return False

    def _addition(self, load: ast.Name, as_task: bool) -> Callable[[], None] | None:
        """What `tasks.append(tools.a())` adds. None for a read that needs the data; `len(tasks)` does not."""
        parent = self._scopes.parents[load]
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("len", "bool"):
            return lambda: None
        grandparent = self._scopes.parents.get(parent)
        if not (isinstance(parent, ast.Attribute) and isinstance(grandparent, ast.Call) and len(grandparent.args) == 1):
            return None
        argument = grandparent.args[0]
        if grandparent.func is parent and parent.attr in ("append", "add"):
            return lambda: self._one(argument, as_task)
        if grandparent.func is parent and parent.attr == "extend":
            return lambda: self._many(argument, as_task)
        return None

    def _iterable_of(self, scope: Scope, name: str) -> ast.expr | None:
        """`tasks` for the variable of `for task in tasks`, when nothing else binds it."""
        bindings = scope.bindings.get(name, ())
        if len(bindings) != 1 or name in self._scopes.roaming:
            return None
        parent = self._scopes.parents.get(bindings[0])
        if isinstance(parent, ast.For):
            return parent.iter if parent.target is bindings[0] else None
        for generator in getattr(parent, "generators", ()):
            if generator.target is bindings[0] and not generator.is_async:
                return generator.iter
        return None
