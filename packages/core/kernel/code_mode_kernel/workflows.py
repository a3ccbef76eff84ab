"""The object named `workflows`: saved programs, found by search and called like functions."""

from __future__ import annotations

import contextvars
import importlib
from collections.abc import Callable, Generator
from typing import NoReturn

from . import workflow_functions
from .errors import NamespaceError, ToolArgumentError
from .installed import missing_requirements
from .reprs import short_repr
from .tools import Calls, call_line
from .workflow_arguments import bind, to_check
from .workflow_code import CompiledWorkflows
from .workflow_steps import AskHost, Host, RunFunction, Step, take, take_later

_DEEPEST = 20
_running: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("code_mode_workflows", default=())


class Workflows:
    """The namespace. `workflows.fetch(city="Oslo")` runs a workflow here, with this session's packages and tools."""

    def __init__(self, calls: Calls, namespaces: dict[str, object]) -> None:
        """`namespaces` are the objects that workflows see; it may still grow."""
        self.__dict__.update(_host=Host(calls), _compiled=CompiledWorkflows(namespaces), _known=set())
        self.__dict__["invoke"] = _Invoke(self)
        for name, arguments in workflow_functions.FUNCTIONS.items():
            self.__dict__[name] = _Function(self, name, arguments)

    def __getattr__(self, name: str) -> _Workflow:
        # pickle, copy, inspect and notebooks probe for such names: no workflow has one.
        if name.startswith("_"):
            raise AttributeError(f"'Workflows' object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, name: str) -> _Workflow:
        if not isinstance(name, str):
            raise TypeError(f"workflows[...] takes the name of a workflow, not {type(name).__name__}.")
        if name not in self._known:
            # Others may save and delete meanwhile, so a call asks again.
            self._host.ask("resolve", name, {}).now()
            self._known.add(name)
        return _Workflow(self, name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(entry["name"] == name for entry in self.list())

    def __iter__(self) -> object:
        return iter([entry["name"] for entry in self.list()])

    def __dir__(self) -> list[str]:
        return [*workflow_functions.FUNCTIONS, "invoke"]

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"workflows cannot be changed this way. Write workflows.create({name!r}, source).")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"workflows cannot be changed this way. Write workflows.delete({name!r}).")

    def __call__(self, /, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError('workflows is not a function. Write workflows.invoke("name", ...), or workflows.name(...).')

    def __repr__(self) -> str:
        return "workflows"

    def __copy__(self) -> Workflows:
        return self

    def __deepcopy__(self, _memo: dict) -> Workflows:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("workflows cannot be pickled: it can only be used in this process.")

    def _check(self, uses: list[dict]) -> dict:
        """What the host says of calls that are about to be made; see `check_workflows.py`."""
        return self._host.ask("check", None, {"uses": uses}).now()  # type: ignore[return-value]

    def _steps(self, name: str, arguments: dict) -> Generator[Step, object, object]:
        """An invocation, as steps for a synchronous or an asynchronous caller."""
        where = f"workflows.{name}"
        running = _running.get()
        if len(running) >= _DEEPEST:
            last = " > ".join(running[-5:])
            raise NamespaceError(
                f"{where}(): workflows call each other more than {_DEEPEST} deep ({last} > {name}). "
                "Let one of them work in a loop instead."
            )
        plain, opaque = to_check(arguments, where)
        asked = {"arguments": plain, "opaque": opaque, "have": self._compiled.version(name)}
        start: dict = yield self._host.ask("invoke", name, asked)  # type: ignore[assignment]
        token = _running.set((*running, name))
        try:
            missing = missing_requirements(start["requirements"], start["canInstall"])
            if missing:
                yield self._host.ask("install", None, {"invocation": start["invocation"], "requirements": missing})
                importlib.invalidate_caches()
            code = self._compiled.get(name, start["version"], start.get("source"))
            function = code.function()
            args, kwargs = bind(function, {key: arguments[key] for key in arguments if key not in start["omit"]}, where)
            result = yield RunFunction(function, args, kwargs, code.starts_loop)
        except Exception as error:
            yield self._host.end(start["invocation"], f"{type(error).__name__}: {short_text(error)}")
            raise
        finally:
            _running.reset(token)
        yield self._host.end(start["invocation"], None)
        return result


class _Workflow:
    """One workflow. `workflows.fetch(city="Oslo")` returns its result; `workflows.fetch.aio(...)` is an awaitable."""

    def __init__(self, root: Workflows, name: str) -> None:
        self._root = root
        self.__name__ = name
        self.__qualname__ = f"workflows.{name}"
        self.__doc__ = f"workflows.get({name!r}) says more."

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        return take(self._root._steps(self.__name__, self._keywords(args, kwargs)))

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same as a coroutine."""
        return take_later(self._root._steps(self.__name__, self._keywords(args, kwargs)), call_line())

    def _keywords(self, args: tuple, kwargs: dict) -> dict:
        if not args:
            return kwargs
        given = ", ".join(short_repr(value, 40) for value in args)
        raise ToolArgumentError(
            f"workflows.{self.__name__}() takes keyword arguments only, got {given}. "
            f"workflows.get({self.__name__!r}) says its parameters."
        )

    def __repr__(self) -> str:
        return f"workflows.{self.__name__}"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: it can only be called from this process.")


class _Invoke:
    """`workflows.invoke("fetch", city="Oslo")`. The name comes first: any keyword may be a parameter of the workflow."""

    __name__ = "invoke"
    __qualname__ = "workflows.invoke"

    def __init__(self, root: Workflows) -> None:
        self._root = root

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        return self._workflow(args, kwargs)(**kwargs)

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same as a coroutine."""
        return self._workflow(args, kwargs).aio(**kwargs)

    def _workflow(self, args: tuple, kwargs: dict) -> _Workflow:
        if len(args) == 1 and isinstance(args[0], str):
            return _Workflow(self._root, args[0])
        if len(args) == 1 and isinstance(args[0], _Workflow):
            return args[0]
        # Without a name in front, the keyword can only be that.
        if not args and isinstance(kwargs.get("name"), str):
            return _Workflow(self._root, kwargs.pop("name"))  # type: ignore[arg-type]
        raise ToolArgumentError('Write workflows.invoke("name", argument=...): the name first, then keyword arguments.')

    def __repr__(self) -> str:
        return "workflows.invoke"


class _Function:
    """`workflows.search` and its like: answered by the host."""

    def __init__(self, root: Workflows, name: str, arguments: Callable[..., dict]) -> None:
        self._root = root
        self._arguments = arguments
        self.__name__ = name
        self.__qualname__ = f"workflows.{name}"
        self.__doc__ = arguments.__doc__

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        return self._ask(args, kwargs).now()

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same as a coroutine."""
        return take_later(self._one_step(self._ask(args, kwargs)), call_line())

    def _ask(self, args: tuple, kwargs: dict) -> AskHost:
        if self.__name__ == "delete":
            self._root._known.clear()
        return self._root._host.ask(self.__name__, None, self._arguments(*args, **kwargs))

    @staticmethod
    def _one_step(step: Step) -> Generator[Step, object, object]:
        return (yield step)

    def __repr__(self) -> str:
        return f"workflows.{self.__name__}"


def short_text(error: BaseException) -> str:
    """What an exception says, for the statistics."""
    try:
        return str(error)[:500]
    except Exception:  # noqa: BLE001
        return ""
