"""A program with some tools, whose calls are answered here instead of by a host."""

from __future__ import annotations

import asyncio
import contextlib
import io
import unittest

from code_mode_kernel import displays
from code_mode_kernel.program import Outcome, Program
from code_mode_kernel.tools import ToolIndex, Tools


def signature(path: str, *parameters: str, name: str | None = None, open: bool = False) -> dict:
    """`signature("weather", "city!", "days")`: a `!` marks a required parameter, `from_=from` gives the host name."""
    wire = []
    for parameter in parameters:
        python, _, host = parameter.rstrip("!").partition("=")
        wire.append([python, host or python, parameter.endswith("!")])
    return {"path": path, "name": name or path, "parameters": wire, "open": open}


SIGNATURES = [
    signature("weather", "city!", "units", "from_=from"),
    signature("save", "items"),
    signature("github.issues.list_", "repo!", name="github.issues.list"),
    signature("github.issues.create", "repo!", "title!"),
    signature("my_tool", name="my-tool"),
    signature("anything", open=True),
    signature("create_task", "title!"),
]


class RecordedCalls:
    """Answers every call with what it was asked. `log` has `(function, name, arguments, "sync" | "async")`."""

    def __init__(self) -> None:
        self.log: list[tuple] = []
        self.lines: list[int | None] = []
        self.parts: list[list[bytes]] = []
        self.error: Exception | None = None

    def call(self, namespace, function, name, arguments, attachment):
        return self._answer(function, name, arguments, attachment, "sync")

    async def call_async(self, namespace, function, name, arguments, attachment):
        await asyncio.sleep(0)
        return self._answer(function, name, arguments, attachment, "async")

    def _answer(self, function, name, arguments, attachment, how):
        from code_mode_kernel.tools import call_line

        self.log.append((function, name, arguments, how))
        self.lines.append(call_line())
        self.parts.append(attachment.parts)
        if self.error is not None:
            raise self.error
        return {"tool": name, **arguments}

    def hows(self) -> list[str]:
        return [entry[3] for entry in self.log]


class ProgramTest(unittest.TestCase):
    """`run` runs code as the next run of `self.program`."""

    namespaces: tuple[str, ...] = ("tools",)

    def setUp(self) -> None:
        self.calls = RecordedCalls()
        self.tools = Tools(ToolIndex(SIGNATURES), self.calls)
        self.shown: list[tuple[dict, bool]] = []
        displays.set_sink(lambda data, is_result: self.shown.append((data, is_result)))
        objects: dict[str, object] = {name: object() for name in self.namespaces}
        objects["tools"] = self.tools
        self.program = Program(self.tools._index, objects, 1_000_000)
        self.number = 0

    def tearDown(self) -> None:
        self.program._loop.discard()

    def run_code(self, code: str) -> Outcome:
        self.number += 1
        return self.program.run(code, self.number)

    def value(self, code: str) -> object:
        outcome = self.run_code(code)
        self.assertEqual("completed", outcome.status, outcome.error and outcome.error["traceback"])
        return outcome.result if outcome.has_result else None

    def error(self, code: str) -> dict:
        outcome = self.run_code(code)
        self.assertEqual("failed", outcome.status, outcome.result)
        assert outcome.error is not None
        return outcome.error

    def printed(self, code: str) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.value(code)
        return out.getvalue()
