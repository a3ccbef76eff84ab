"""The object named `tools`: attribute access to every tool, as a plain call and, with `.aio`, as a coroutine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn, Protocol

from .errors import ToolArgumentError
from .tool_entries import listed
from .tool_index import BUILTIN_FUNCTIONS, ToolIndex, builtin_text, wrong_builtin_call
from .tool_nodes import LINE_KEEPERS, Node, Tool, call_line, coroutine_function, raise_not_found
from .values import Attachment, encode_arguments

__all__ = ["LINE_KEEPERS", "Calls", "Tool", "ToolIndex", "Tools", "call_line"]


class Calls(Protocol):
    """What carries a call to the host. Both return the decoded result or raise an exception of `errors.py`."""

    def call(
        self, namespace: str, function: str, name: str | None, arguments: dict, attachment: Attachment
    ) -> object: ...

    async def call_async(
        self, namespace: str, function: str, name: str | None, arguments: dict, attachment: Attachment
    ) -> object: ...


class Tools(Node):
    """The namespace itself. `tools.a.b(...)` by Python path, `tools["a-b"](...)` by the exact name."""

    def __init__(self, index: ToolIndex, calls: Calls) -> None:
        super().__init__(None, "")
        self.__dict__["_known"] = index
        self.__dict__["_calls"] = calls
        self._add_functions()

    def __setattr__(self, name: str, value: object) -> None:
        """Only `index` can be set, with what the host knows now: what was looked up before is forgotten."""
        if name != "index" or not isinstance(value, ToolIndex):
            super().__setattr__(name, value)
            return
        kept = {key: self.__dict__[key] for key in ("_root", "_path", "_calls")}
        self.__dict__.clear()
        self.__dict__.update(kept, _known=value)
        self._add_functions()

    @property
    def _index(self) -> ToolIndex:
        """The tools there are. Sources that start late are waited for when code reaches for a tool without having
        named `tools`: the host has loaded them before every other run."""
        if self._known.late:
            self.index = ToolIndex(self._calls.call("tools", "load", None, {}, Attachment()))
        return self._known

    def __getitem__(self, name: str) -> Tool:
        if not isinstance(name, str):
            raise TypeError(f'tools[...] takes the name of a tool, e.g. tools["my-tool"], not {type(name).__name__}.')
        signature = self._index.names.get(name) or self._index.tools.get(name)
        if signature is None:
            raise_not_found(self._index, name)
        return Tool(self, signature.path)

    def __contains__(self, name: object) -> bool:
        return name in self._index.names or name in self._index.tools or name in self._index.groups[""]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.tools)

    def __call__(self, /, *_args: object, **_kwargs: object) -> NoReturn:
        example = next(iter(self._index.tools.values()), None)
        text = f" Call a tool by name: {example.text()}." if example else ""
        raise TypeError(f"tools is not a function.{text} tools.list() lists what there is.")

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return (
            f"{len(self._index.tools)} tools. tools.list() lists them, tools.search(query) finds some, "
            "tools.describe(name) explains one."
        )

    def _add_functions(self) -> None:
        for name in BUILTIN_FUNCTIONS:
            self.__dict__[name] = _Function(self, name)


class _Function:
    """`tools.list`, `tools.search` or `tools.describe`: answered by the host, positional arguments allowed."""

    def __init__(self, root: Tools, name: str) -> None:
        self._root = root
        self.__name__ = name
        self.__qualname__ = f"tools.{name}"
        self.__doc__ = builtin_text(name)

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        attachment = Attachment()
        arguments = self._arguments(args, kwargs, attachment)
        return listed(self._root._calls.call("tools", self.__name__, None, arguments, attachment))

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same call as a coroutine."""
        return self._call_later(call_line(), args, kwargs)

    async def _call_later(self, line: int | None, args: tuple, kwargs: dict) -> object:
        attachment = Attachment()
        arguments = self._arguments(args, kwargs, attachment)
        return listed(await self._root._calls.call_async("tools", self.__name__, None, arguments, attachment))

    def _arguments(self, args: tuple, kwargs: dict, attachment: Attachment) -> dict:
        wrong = wrong_builtin_call(self.__name__, len(args), list(kwargs))
        if wrong:
            raise ToolArgumentError(wrong)
        arguments = {**dict(zip(BUILTIN_FUNCTIONS[self.__name__], args)), **kwargs}
        if len(arguments) < len(args) + len(kwargs):
            raise ToolArgumentError(f"{self!r}() got the same argument twice. Its signature: {self.__doc__}.")
        for name, value in arguments.items():
            if isinstance(value, Node):
                arguments[name] = value._path  # tools.describe(tools.weather)
        return encode_arguments(arguments, attachment, f"tools.{self.__name__}")

    def __repr__(self) -> str:
        return f"tools.{self.__name__}"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: it can only be called from this process.")


coroutine_function(_Function.aio, _Function._call_later)
