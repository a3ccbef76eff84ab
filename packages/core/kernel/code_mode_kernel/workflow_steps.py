"""An invocation as a row of steps, so that a synchronous and an asynchronous caller take the same ones."""

from __future__ import annotations

from collections.abc import Callable, Generator

from .errors import CodeModeError, NamespaceError, WorkflowError, WorkflowNotFoundError
from .tools import LINE_KEEPERS, Calls
from .values import Attachment, encode_arguments
from .workflow_calls import call_later, call_now


def take(steps: Generator[Step, object, object]) -> object:
    """Take the steps one after the other."""
    try:
        step = next(steps)
        while True:
            try:
                outcome = step.now()
            except BaseException as error:  # noqa: BLE001 - the generator decides
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        return end.value


async def take_later(steps: Generator[Step, object, object], line: int | None) -> object:
    """As `take`. `line` is where the code asked: `call_line` reads it here."""
    try:
        step = next(steps)
        while True:
            try:
                outcome = await step.later()
            except BaseException as error:  # noqa: BLE001 - the generator decides
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        return end.value


LINE_KEEPERS.add(take_later.__code__)


class Step:
    """Something an invocation waits for."""

    def now(self) -> object:
        raise NotImplementedError

    async def later(self) -> object:
        raise NotImplementedError


class RunFunction(Step):
    def __init__(self, function: Callable, args: tuple, kwargs: dict, starts_loop: bool) -> None:
        self._call = (function, args, kwargs)
        self._starts_loop = starts_loop

    def now(self) -> object:
        return call_now(*self._call, self._starts_loop)

    async def later(self) -> object:
        return await call_later(*self._call)


class Host:
    """The host's side of the namespace."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def ask(self, function: str, name: str | None, arguments: dict) -> AskHost:
        return AskHost(self.calls, function, name, arguments)

    def end(self, invocation: str, error: str | None) -> AskHost:
        return AskHost(self.calls, "end", None, {"invocation": invocation, "error": error}, needed=False)


class AskHost(Step):
    """A call of the host. One that is not `needed` may fail: it only counts."""

    def __init__(self, calls: Calls, function: str, name: str | None, arguments: dict, needed: bool = True) -> None:
        self._calls = calls
        self._function = function
        self._name = name
        self._arguments = arguments
        self._needed = needed

    def now(self) -> object:
        try:
            return self._calls.call("workflows", self._function, self._name, *self._encoded())
        except CodeModeError as error:
            self._failed(error)

    async def later(self) -> object:
        try:
            return await self._calls.call_async("workflows", self._function, self._name, *self._encoded())
        except CodeModeError as error:
            self._failed(error)

    def _encoded(self) -> tuple[dict, Attachment]:
        attachment = Attachment()
        return encode_arguments(self._arguments, attachment, f"workflows.{self._function}"), attachment

    def _failed(self, error: CodeModeError) -> None:
        if not self._needed:
            return
        details = getattr(error, "details", None)
        code = details.get("code") if isinstance(details, dict) else None
        cls = {"workflow_not_found": WorkflowNotFoundError, "invalid_name": WorkflowError, "invalid_source": WorkflowError}
        if isinstance(error, NamespaceError) and code in cls:
            raise cls[code](error.message, details) from None
        raise error
