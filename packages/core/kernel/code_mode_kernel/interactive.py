"""Builtins that would talk to a person: here they say what to do instead. And the session's own builtins."""

from __future__ import annotations

import builtins
import sys
from typing import NoReturn

from . import displays
from .errors import ALL_ERRORS
from .post_import import after_import

_INPUT = "cannot be used: nobody is at the keyboard. Put the value in the code, or call a tool."
_DEBUGGER = "cannot be used: nobody is at the keyboard. Print what you want to know, or make it the last line."


def install_builtins() -> None:
    """Put `display`, the errors, `exit`, `quit` and the refusing `input` into builtins. May be called again."""
    for error in ALL_ERRORS:
        setattr(builtins, error.__name__, error)
    builtins.display = displays.display  # type: ignore[attr-defined]
    builtins.input = _input
    builtins.exit = _Exit("exit")  # type: ignore[assignment]
    builtins.quit = _Exit("quit")  # type: ignore[assignment]
    if not hasattr(builtins, "help"):
        import _sitebuiltins

        builtins.help = _sitebuiltins._Helper()
    sys.breakpointhook = _breakpoint
    after_import("getpass", _without_getpass)
    after_import("pdb", _without_pdb)


def _input(_prompt: object = "", /) -> NoReturn:
    raise RuntimeError(f"input() {_INPUT}")


_input.__name__ = _input.__qualname__ = "input"


class _Exit:
    """`exit` and `quit`. Unlike those of `site` they leave stdin open: the session goes on."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"Use {self._name}() to end this run. The session stays."

    def __call__(self, code: object = None) -> NoReturn:
        raise SystemExit(code)


def _breakpoint(*_args: object, **_kwargs: object) -> NoReturn:
    raise RuntimeError(f"breakpoint() {_DEBUGGER}")


def _without_getpass(module: object) -> None:
    def getpass(prompt: str = "", stream: object = None, **_options: object) -> NoReturn:
        raise RuntimeError(f"getpass.getpass() {_INPUT}")

    module.getpass = getpass  # type: ignore[attr-defined]


def _without_pdb(module: object) -> None:
    def set_trace(*_args: object, **_kwargs: object) -> NoReturn:
        raise RuntimeError(f"pdb.set_trace() {_DEBUGGER}")

    module.set_trace = set_trace  # type: ignore[attr-defined]
