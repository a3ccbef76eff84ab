"""The parts of `tools`: groups and tools, made when they are first looked up."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

from .errors import ToolArgumentError, ToolNotFoundError
from .post_import import after_import
from .reprs import short_repr
from .tool_index import (
    BUILTIN_FUNCTIONS,
    Signature,
    ToolIndex,
    not_a_tool,
    positional_arguments,
    wrong_arguments,
)
from .values import Attachment, encode_arguments

if TYPE_CHECKING:
    from .tools import Tools


def begin_run(filename: str) -> None:
    """From now on, lines are those of the code compiled under this name."""
    global _run_filename
    _run_filename = filename


def call_line() -> int | None:
    """The line of the run's code that makes the call in progress, or None in code that the run did not start.

    A function of an earlier run has lines of another code: the line that called it counts.
    """
    run_filename = _run_filename
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename == run_filename:
            return frame.f_lineno
        if code in LINE_KEEPERS:
            return frame.f_locals["line"]
        frame = frame.f_back
    return None


#: The file name under which the code of the run in progress was compiled.
_run_filename = ""


class Node:
    """A place in the tree of tools. Children are made on first use and kept in `__dict__`, where lookups are fast."""

    def __init__(self, root: Tools | None, path: str) -> None:
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "_path", path)

    def __getattr__(self, name: str) -> object:
        # pickle, copy and inspect probe for dunders: those are never tools.
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        root = self._root or self
        path = f"{self._path}.{name}" if self._path else name
        index = root._index
        if path in index.tools:
            child = Tool(root, path)
        elif path in index.groups:
            child = Group(root, path)
        elif name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        else:
            raise_not_found(index, path)
        self.__dict__[name] = child
        return child

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"{self!r} cannot be changed. Keep {name!r} in a variable of your own.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r} cannot be changed.")

    def __dir__(self) -> list[str]:
        names = list((self._root or self)._index.groups.get(self._path, ()))
        return names if self._root else [*names, *BUILTIN_FUNCTIONS]

    def __repr__(self) -> str:
        return f"tools.{self._path}" if self._path else "tools"

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, _memo: dict) -> Node:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: a tool can only be called from this process.")


class Tool(Node):
    """One tool. `tools.weather(city="Oslo")` returns the data; `tools.weather.aio(...)` returns an awaitable."""

    def __init__(self, root: Tools, path: str) -> None:
        super().__init__(root, path)
        self.__dict__["__name__"] = path.rpartition(".")[2]
        self.__dict__["__qualname__"] = f"tools.{path}"

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        signature = self._root._index.tools.get(self._path)
        text = signature.text() if signature else f"tools.{self._path}"
        return f'{text}\n\ntools.describe("{self._path}") says more.'

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        # By far the most calls come here and succeed, so the steps are inline.
        root = self._root
        signature = root._index.tools.get(self._path) or _gone(root, self._path)
        if args:
            _refuse_positional(signature, args, kwargs)
        attachment = Attachment()
        arguments = _host_arguments(signature, kwargs, attachment)
        return root._calls.call("tools", "call", signature.name, arguments, attachment)

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same call as a coroutine, for `await`, `asyncio.gather` and task groups."""
        # Which line asked is only known now: a task starts the coroutine from the event loop.
        return self._call_later(call_line(), args, kwargs)

    async def _call_later(self, line: int | None, args: tuple, kwargs: dict) -> object:
        root = self._root
        signature = root._index.tools.get(self._path) or _gone(root, self._path)
        if args:
            _refuse_positional(signature, args, kwargs)
        attachment = Attachment()
        arguments = _host_arguments(signature, kwargs, attachment)
        return await root._calls.call_async("tools", "call", signature.name, arguments, attachment)


class Group(Node):
    """Tools under a common name, e.g. `tools.github`."""

    def __call__(self, /, *_args: object, **_kwargs: object) -> NoReturn:
        raise ToolNotFoundError(not_a_tool(self._root._index, self._path), None, self._path)

    def __iter__(self) -> Iterator[str]:
        return iter(dir(self))


def _host_arguments(signature: Signature, kwargs: dict, attachment: Attachment) -> dict:
    wrong = wrong_arguments(signature, kwargs)
    if wrong:
        raise ToolArgumentError(wrong, None, signature.path)
    arguments = encode_arguments(kwargs, attachment, f"tools.{signature.path}")
    hosts = signature.hosts
    named = {hosts.get(name, name): value for name, value in arguments.items()}
    if len(named) < len(arguments):
        raise ToolArgumentError(
            f"tools.{signature.path}() got the same argument under two names. Its signature: {signature.text()}.",
            None,
            signature.path,
        )
    return named


def _refuse_positional(signature: Signature, args: tuple, kwargs: dict) -> NoReturn:
    values = [short_repr(value, 60) for value in args]
    keywords = {name: short_repr(value, 60) for name, value in kwargs.items()}
    raise ToolArgumentError(positional_arguments(signature, values, keywords), None, signature.path)


def _gone(root: Tools, path: str) -> NoReturn:
    """The tool was there when its object was made, and an update took it away."""
    if path in root._index.groups:
        raise ToolNotFoundError(not_a_tool(root._index, path), None, path)
    raise_not_found(root._index, path)


def raise_not_found(index: ToolIndex, path: str) -> NoReturn:
    raise ToolNotFoundError(index.not_found(path), None, path)


def coroutine_function(function: types.FunctionType, starts: types.FunctionType) -> None:
    """Tells frameworks that `function`, which returns the coroutine of `starts`, is a coroutine function.

    `starts` keeps the line of the call in its variable `line`, where `call_line` finds it.
    """
    LINE_KEEPERS.add(starts.__code__)
    if hasattr(inspect, "markcoroutinefunction"):
        inspect.markcoroutinefunction(function)
    else:
        after_import("asyncio.coroutines", lambda module: setattr(function, "_is_coroutine", module._is_coroutine))


#: Functions that run without a frame of the model's code above them; their variable `line` says where it asked.
LINE_KEEPERS: set[types.CodeType] = set()

coroutine_function(Tool.aio, Tool._call_later)
