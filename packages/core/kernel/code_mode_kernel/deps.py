"""The object named `deps`: packages for the session, installed by the host and importable at once."""

from __future__ import annotations

from typing import NoReturn

from .environment import stale_modules
from .errors import ToolArgumentError
from .tools import LINE_KEEPERS, Calls, call_line
from .values import Attachment, encode_arguments

#: name -> (what its arguments are called on the wire, or None, and what it does)
_FUNCTIONS: dict[str, tuple[str | None, str]] = {
    "add": (
        "requirements",
        'Installs packages, e.g. deps.add("pandas>=2,<3"); they import at once, and in later sessions too. '
        "Returns a dict: installed, removed, already_present, requirements, ignored, still_loaded.",
    ),
    "list": (None, "What this and later sessions require, as a list of strings."),
    "remove": ("names", 'Removes packages by name, e.g. deps.remove("pandas"). Returns a dict like deps.add.'),
    "sync": (None, "Installs what another session has added meanwhile. Returns a dict like deps.add."),
}


class Deps:
    """The namespace. Its functions are plain calls and, with `.aio`, coroutines."""

    def __init__(self, calls: Calls) -> None:
        self.__dict__.update((name, _Function(calls, name)) for name in _FUNCTIONS)

    def __getattr__(self, name: str) -> NoReturn:
        known = "" if name.startswith("_") else " It has add, list, remove and sync."
        raise AttributeError(f"deps has no attribute {name!r}.{known}")

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        raise AttributeError(f"deps cannot be changed. Keep {name!r} in a variable of your own.")

    def __delattr__(self, _name: str) -> NoReturn:
        raise AttributeError("deps cannot be changed.")

    def __dir__(self) -> list[str]:
        return list(_FUNCTIONS)

    def __call__(self, /, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError('deps is not a function. Write deps.add("package").')

    def __repr__(self) -> str:
        return "deps"

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return "\n".join(f"deps.{name}: {text}" for name, (_, text) in _FUNCTIONS.items())

    def __copy__(self) -> Deps:
        return self

    def __deepcopy__(self, _memo: dict) -> Deps:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("deps cannot be pickled: it can only be used in this process.")


class _Function:
    """`deps.add` and the others: answered by the host."""

    def __init__(self, calls: Calls, name: str) -> None:
        self._calls = calls
        self.__name__ = name
        self.__qualname__ = f"deps.{name}"
        self._takes, self.__doc__ = _FUNCTIONS[name]

    def __call__(self, /, *texts: str) -> object:
        attachment = Attachment()
        arguments = self._arguments(texts, attachment)
        return _finished(self._calls.call("deps", self.__name__, None, arguments, attachment))

    def aio(self, /, *texts: str) -> object:
        """The same call as a coroutine."""
        return self._call_later(call_line(), texts)

    async def _call_later(self, line: int | None, texts: tuple) -> object:
        attachment = Attachment()
        arguments = self._arguments(texts, attachment)
        return _finished(await self._calls.call_async("deps", self.__name__, None, arguments, attachment))

    def _arguments(self, texts: tuple, attachment: Attachment) -> dict:
        if self._takes is None:
            if texts:
                raise ToolArgumentError(f"deps.{self.__name__}() takes no arguments.")
            return {}
        if not texts or not all(isinstance(text, str) for text in texts):
            example = f'deps.{self.__name__}("six", "tomli")'
            raise ToolArgumentError(f"deps.{self.__name__}() takes one or more strings. Write {example}.")
        return encode_arguments({self._takes: list(texts)}, attachment, f"deps.{self.__name__}")

    def __repr__(self) -> str:
        return f"deps.{self.__name__}"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: it can only be called from this process.")


def _finished(result: object) -> object:
    """What only this process knows: which modules are still the old ones until the session is reset."""
    if isinstance(result, dict):
        result["still_loaded"] = stale_modules()
    return result


LINE_KEEPERS.add(_Function._call_later.__code__)
