"""Runs the model's code: one module whose variables persist from run to run."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import sys
import types
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from . import displays
from .artifacts import Artifacts
from .check import Problem, Refusal, refuse
from .check_tools import tool_problems
from .check_workflows import WorkflowCheck
from .errors import CodeModeError
from .event_loop import EventLoop
from .interactive import install_builtins
from .references import References
from .rewrite import rewrite_awaits
from .scopes import Scopes
from .source import read_source
from .tool_index import ToolIndex
from .tool_nodes import begin_run
from .tools import Tools
from .tracebacks import describe_error, describe_exit, describe_refusal
from .values import Attachment, encode_result
from .workflows import Workflows


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""Stands for "no result", which is not the same as a wire value of null."""


@dataclass
class Outcome:
    """How a run ended.

    `status` is `completed`, `failed` or `interrupted`. `result` is a wire value or ABSENT; its bytes are in
    `attachment`. `error` is `{name, message, traceback, line?}`.
    """

    status: str
    result: object = ABSENT
    attachment: Attachment = field(default_factory=Attachment)
    error: dict | None = None

    @property
    def has_result(self) -> bool:
        return self.result is not ABSENT

    @classmethod
    def interrupted(cls) -> Outcome:
        """For an interrupt that landed outside the model's code."""
        return cls("interrupted")


class Program:
    """The program that the model writes piece by piece, one run after the other."""

    def __init__(
        self,
        index: ToolIndex,
        namespace_objects: dict[str, object],
        result_bytes: int,
        run_id: Callable[[], str | None] = lambda: None,
        end_interrupts: Callable[[], None] = lambda: None,
    ) -> None:
        """Makes a fresh `__main__`.

        `result_bytes` limits an encoded result; `run_id` tells which run it is. `end_interrupts` is called when an
        interrupt has stopped a run: what is cleaned up after it must not be interrupted again.
        """
        self._run_id = run_id
        self._end_interrupts = end_interrupts
        self._index = index
        self._objects = dict(namespace_objects)
        self._result_bytes = result_bytes
        workflows = namespace_objects.get("workflows")
        self._workflow_check = WorkflowCheck(workflows._check) if isinstance(workflows, Workflows) else None
        self._loop = EventLoop()
        self._sources: deque[str] = deque()
        install_builtins()
        self.module = types.ModuleType("__main__")
        self.module.__dict__.update(self._objects, __builtins__=builtins)
        # Classes of the code say that they live in __main__: pickle, dataclasses and typing look them up there.
        sys.modules["__main__"] = self.module

    @property
    def index(self) -> ToolIndex:
        """The known tools. Replaceable between runs."""
        return self._index

    @index.setter
    def index(self, index: ToolIndex) -> None:
        self._index = index
        for value in self._objects.values():
            if isinstance(value, Tools):
                value.index = index

    def run(self, code: str, number: int) -> Outcome:
        """Run `code` as run `number` of the session. Nothing escapes: every exception becomes an Outcome."""
        filename = f"<run-{number}>"
        begin_run(filename)
        error: BaseException | None = None
        try:
            while True:
                try:
                    return self._run(code, filename) if error is None else self._failure(error, filename)
                except BaseException as raised:  # noqa: BLE001 - also SystemExit, GeneratorExit, KeyboardInterrupt
                    if error is not None and not isinstance(raised, KeyboardInterrupt):
                        return Outcome("failed", error=_bare_error(error))
                    if type(error) is not KeyboardInterrupt:
                        error = raised
        finally:
            # The traceback holds this frame: without this the two would keep the code's variables alive.
            error = None

    def _run(self, code: str, filename: str) -> Outcome:
        compiled = self._compile(code, filename)
        variables = self.module.__dict__
        # Otherwise a warning of an earlier run would hide the same one on the same line of this run.
        variables.pop("__warningregistry__", None)
        variables.pop(_RESULT, None)
        try:
            if compiled.co_flags & _COROUTINE:
                self._loop.run(eval(compiled, variables))
            else:
                if "get_event_loop" in code:
                    self._loop.make_current()
                exec(compiled, variables)
            result = variables.get(_RESULT)
        finally:
            variables.pop(_RESULT, None)
        if result is None:
            return Outcome("completed")
        variables["_"] = result
        displays.display_result(result)
        outcome = Outcome("completed")
        outcome.result = encode_result(result, outcome.attachment, self._result_bytes)
        if type(outcome.result) is dict and "$truncated" in outcome.result:
            self._keep_whole(result, outcome.result["$truncated"])
        return outcome

    def _keep_whole(self, value: object, form: dict) -> None:
        """A result that was too large to send outlives `_` as an artifact, when it has an exact form."""
        artifacts, run_id = self._objects.get("artifacts"), self._run_id()
        name = artifacts.keep_result(value, run_id) if isinstance(artifacts, Artifacts) and run_id else None
        if name is not None:
            form["artifact"] = name
            form["how"] = (
                "The whole value is in `_`; slice it, e.g. _[:20]. It is also kept as an artifact: "
                f'artifacts.load("{name}"), or a part of it with artifacts.read("{name}", 0, 10000).'
            )

    def _compile(self, code: str, filename: str) -> types.CodeType:
        try:
            source, tree = read_source(code, filename, "deps" in self._objects)
        except BaseException:
            self._remember(filename, code)
            raise
        self._remember(filename, source)
        variables = self.module.__dict__
        live = frozenset([name for name, value in self._objects.items() if variables.get(name) is value])
        if "asyncio" in source or any([name in source for name in live]):
            scopes = Scopes(tree)
            references = References(scopes, live, variables)
            refuse(scopes, references, self._problems(scopes, references, source))
            rewrite_awaits(scopes, references)
        body = tree.body
        if body and type(body[-1]) is ast.Expr:
            body[-1] = _keep_result(body[-1])
        return compile(tree, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)

    def _problems(self, scopes: Scopes, references: References, source: str) -> list[Problem]:
        # Tools that load late are not known yet.
        problems = [] if self._index.late else tool_problems(scopes, references, self._index, source)
        if self._workflow_check is not None:
            try:
                problems += self._workflow_check.problems(scopes, references, source)
            except CodeModeError:
                pass  # The host could not say. The call will.
        return problems

    def _remember(self, filename: str, source: str) -> None:
        """Keep the source for tracebacks and inspect.getsource; the last thousand runs are enough."""
        lines = io.StringIO(source).readlines()
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        # An entry without a modification time is kept by linecache.checkcache.
        linecache.cache[filename] = (len(source), None, lines, filename)
        self._sources.append(filename)
        if len(self._sources) > _KEPT_SOURCES:
            linecache.cache.pop(self._sources.popleft(), None)

    def _failure(self, error: BaseException, filename: str) -> Outcome:
        cls = type(error)
        if issubclass(cls, KeyboardInterrupt):
            self._end_interrupts()
            self._loop.discard()
            return Outcome("interrupted", error=describe_error(error, filename))
        if issubclass(cls, Refusal):
            return Outcome("failed", error=describe_refusal(error, filename))  # type: ignore[arg-type]
        if issubclass(cls, SystemExit):
            if _exit_code(error) in (None, 0):
                return Outcome("completed")
            return Outcome("failed", error=describe_exit(error, filename))
        return Outcome("failed", error=describe_error(error, filename))


def _keep_result(last: ast.Expr) -> ast.Assign:
    # Faster than ast.copy_location, which would be a fifth of a short run.
    place = (last.lineno, last.col_offset, last.end_lineno, last.end_col_offset)
    name = ast.Name(_RESULT, _STORE)
    name.lineno, name.col_offset, name.end_lineno, name.end_col_offset = place
    assign = ast.Assign([name], last.value)
    assign.lineno, assign.col_offset, assign.end_lineno, assign.end_col_offset = place
    return assign


def _exit_code(error: BaseException) -> object:
    code = SystemExit.code.__get__(error)  # type: ignore[attr-defined]
    return code if code is None or type(code) in (int, bool) else str


def _bare_error(error: BaseException) -> dict:
    """The least that can be said, when even describing the error failed."""
    name = type.__dict__["__name__"].__get__(type(error))
    return {"name": name, "message": "The error could not be described.", "traceback": f"{name}\n"}


# No name that code can write, so it hides nothing.
_RESULT = "<result>"
_STORE = ast.Store()
_KEPT_SOURCES = 1000
_COROUTINE = 0x80 | 0x100 | 0x200  # CO_COROUTINE, CO_ITERABLE_COROUTINE, CO_ASYNC_GENERATOR
