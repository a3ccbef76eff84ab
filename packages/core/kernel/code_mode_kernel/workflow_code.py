"""Compiles a workflow and makes its function, with variables of its own."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import sys
import types
from collections.abc import Callable, Mapping

from .check import Refusal
from .errors import NamespaceError
from .references import References
from .rewrite import rewrite_awaits
from .scopes import Scopes
from .syntax import parse

_KEPT = 200


class WorkflowCode:
    """One version of a workflow, compiled. `starts_loop`: it may run an event loop itself."""

    def __init__(self, name: str, version: str, source: str, namespaces: Mapping[str, object]) -> None:
        """`version` tells one text from another. Raises NamespaceError for source that cannot be compiled."""
        self.name = name
        self.version = version
        self.starts_loop = "asyncio.run" in source or "run_until_complete" in source
        self._source = source[1:] if source.startswith("\ufeff") else source
        self._filename = f"<workflow:{name}>"
        self._namespaces = namespaces
        self._code = self._compile()

    def function(self) -> Callable:
        """Run the module afresh and return its `run`."""
        self._remember()
        # Not `__main__`: an `if __name__ == "__main__"` part stays out. Registered, because dataclasses and pickle
        # look their modules up.
        module = types.ModuleType(f"workflows.{self.name}")
        module.__dict__.update(self._namespaces, __builtins__=builtins, __file__=self._filename)
        sys.modules[module.__name__] = module
        exec(self._code, module.__dict__)
        function = module.__dict__.get("run")
        if not callable(function):
            raise NamespaceError(f"workflows.{self.name}: its source defines no function `run`.")
        return function

    def _compile(self) -> types.CodeType:
        try:
            tree = parse(self._source, self._filename)
            scopes = Scopes(tree)
            rewrite_awaits(scopes, References(scopes, frozenset(self._namespaces), {}))
            return compile(tree, self._filename, "exec", dont_inherit=True)
        except Refusal as refusal:
            raise NamespaceError(f"workflows.{self.name}: {refusal.message}") from None
        except SyntaxError as error:
            raise NamespaceError(f"workflows.{self.name}: line {error.lineno}: {error.msg}") from None

    def _remember(self) -> None:
        """Keep the source where tracebacks and inspect look for it."""
        known = linecache.cache.get(self._filename)
        if known is None or known[2] != self._lines:
            linecache.cache[self._filename] = (len(self._source), None, self._lines, self._filename)

    @property
    def _lines(self) -> list[str]:
        lines = io.StringIO(self._source).readlines()
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return lines


class CompiledWorkflows:
    """The compiled workflows of a session, newest version of each, the last 200 of them."""

    def __init__(self, namespaces: Mapping[str, object]) -> None:
        self._namespaces = namespaces
        self._kept: dict[str, WorkflowCode] = {}

    def version(self, name: str) -> str | None:
        """Which version of `name` is here."""
        kept = self._kept.get(name)
        return kept.version if kept is not None else None

    def get(self, name: str, version: str, source: str | None) -> WorkflowCode:
        """The compiled version; `source` may be left out when it is here already."""
        kept = self._kept.get(name)
        if kept is None or kept.version != version:
            if source is None:
                raise NamespaceError(f"workflows.{name}: it was replaced while it was being started. Call it again.")
            kept = WorkflowCode(name, version, source, self._namespaces)
        self._kept.pop(name, None)
        self._kept[name] = kept
        if len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        return kept
