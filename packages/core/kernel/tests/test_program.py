import builtins
import contextlib
import io
import os
import signal
import sys
import threading
import time
import unittest

from .program_support import ProgramTest


class Results(ProgramTest):
    def test_the_last_expression_is_the_result(self):
        self.assertEqual(2, self.value("1 + 1"))
        self.assertEqual(10, self.value("x = 5\nx * 2"))
        self.assertEqual("a", self.value("if True:\n    y = 'a'\ny"))

    def test_statements_none_and_empty_code_have_no_result(self):
        for code in ("x = 5", "None", "", "  \n\t\n", "# only a comment", "print", "pass"):
            outcome = self.run_code(code)
            self.assertEqual("completed", outcome.status, code)
            self.assertEqual(code == "print", outcome.has_result, code)

    def test_underscore_is_the_last_result_that_was_not_none(self):
        self.value("[1, 2]")
        self.value("None")
        self.assertEqual(2, self.value("_[-1]"))

    def test_underscore_wins_over_a_loop_variable(self):
        self.value("for _ in range(3): pass\n'kept'")
        self.assertEqual("kept", self.value("_"))

    def test_the_hidden_name_of_the_result_is_gone(self):
        self.value("1")
        self.assertEqual([], self.value("[name for name in globals() if name.startswith('<')]"))

    def test_a_result_over_the_limit_is_described(self):
        result = self.value("'x' * 2_000_000")["$truncated"]
        self.assertEqual(2_000_000, result["length"])
        self.assertEqual(2_000_000, self.value("len(_)"))

    def test_a_coroutine_that_was_not_awaited_says_so(self):
        result = self.value("async def main(): return 1\nmain()")
        self.assertIn("`await`", result["$object"]["how"])
        self.assertEqual(1, self.value("await _"))


class State(ProgramTest):
    def test_everything_persists(self):
        self.value("import math\nx = 1\ndef f(): return math.floor(x + 0.5)\nclass A: y = 3")
        self.assertEqual([1, 3], self.value("[f(), A.y]"))

    def test_an_error_leaves_earlier_variables(self):
        self.value("x = 1")
        self.error("x = 2\n1/0")
        self.assertEqual(2, self.value("x"))

    def test_main_module(self):
        self.assertEqual("__main__", self.value("__name__"))
        self.assertEqual("ran", self.value("r = ''\nif __name__ == '__main__':\n    r = 'ran'\nr"))
        self.assertIs(self.program.module, sys.modules["__main__"])

    def test_pickle_dataclasses_and_type_hints_find_classes_of_the_session(self):
        self.value(
            "from __future__ import annotations\nfrom dataclasses import dataclass\nimport pickle, typing\n"
            "@dataclass\nclass P:\n    x: int\n    next: P | None = None\n"
        )
        self.assertEqual(3, self.value("pickle.loads(pickle.dumps(P(3))).x"))
        if sys.version_info >= (3, 10):
            self.assertEqual(["x", "next"], self.value("list(typing.get_type_hints(P))"))

    def test_source_of_an_earlier_run(self):
        self.value("def f():\n    return 'source'")
        self.assertEqual("def f():\n    return 'source'\n", self.value("import inspect\ninspect.getsource(f)"))

    def test_tools_update(self):
        from code_mode_kernel.tools import ToolIndex

        from .program_support import signature

        self.value("tools.weather(city='Oslo')")
        self.program.index = ToolIndex([signature("news")])
        self.assertIn("'weather' not found", self.error("tools.weather(city='Oslo')")["message"])
        self.assertEqual({"tool": "news"}, self.value("tools.news()"))


class Awaiting(ProgramTest):
    def test_top_level_await_for_and_with(self):
        code = (
            "import asyncio, contextlib\n"
            "async def numbers():\n    yield 1\n    yield 2\n"
            "@contextlib.asynccontextmanager\nasync def ready():\n    yield 'r'\n"
            "seen = []\n"
            "async for n in numbers(): seen.append(n)\n"
            "async with ready() as r: seen.append(r)\n"
            "seen.append(await asyncio.sleep(0, 'slept'))\n"
            "seen + [n async for n in numbers()]"
        )
        self.assertEqual([1, 2, "r", "slept", 1, 2], self.value(code))

    def test_tasks_live_on_in_the_next_run_that_awaits(self):
        self.value("import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n    return 'done'\n"
                   "task = asyncio.ensure_future(later())\nawait asyncio.sleep(0)")
        self.assertEqual("done", self.value("await task"))

    def test_asyncio_run_in_sync_code(self):
        self.assertEqual(5, self.value("import asyncio\nasync def main(): return 5\nasyncio.run(main())"))
        self.assertEqual(5, self.value("await main()"))

    def test_get_event_loop(self):
        code = "import asyncio\nasync def main(): return 5\nasyncio.get_event_loop().run_until_complete(main())"
        self.assertEqual(5, self.value(code))

    def test_a_sync_call_inside_a_coroutine(self):
        code = "async def main(): return tools.weather(city='Oslo')['city']\nawait main()"
        self.assertEqual("Oslo", self.value(code))

    def test_an_async_generator_left_open_is_harmless(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.value("async def g():\n    yield 1\n    yield 2\nit = g()\nawait it.__anext__()")
            self.value("del it\nimport gc\ngc.collect()\n5")
            self.assertEqual(6, self.value("import asyncio\nawait asyncio.sleep(0)\n6"))


class Endings(ProgramTest):
    def test_exit(self):
        for code in ("exit()", "quit()", "import sys; sys.exit()", "sys.exit(0)", "raise SystemExit"):
            outcome = self.run_code(code)
            self.assertEqual(("completed", False), (outcome.status, outcome.has_result), code)

    def test_exit_with_a_code(self):
        for code, shown in (("exit(3)", "3"), ("import sys; sys.exit('bad')", "'bad'")):
            error = self.error(code)
            self.assertEqual("SystemExit", error["name"])
            self.assertEqual(
                f"The code stopped by exit({shown}). The session and its variables are still there.", error["message"]
            )

    def test_exit_inside_a_coroutine(self):
        self.assertEqual("completed", self.run_code("import asyncio\nawait asyncio.sleep(0)\nexit()").status)
        self.assertEqual("SystemExit", self.error("import asyncio\nawait asyncio.sleep(0)\nexit(1)")["name"])
        self.assertEqual(1, self.value("1"))

    def test_exceptions_made_to_kill_the_loop(self):
        self.assertEqual("GeneratorExit", self.error("raise GeneratorExit")["name"])
        self.assertEqual("Odd", self.error("class Odd(BaseException): pass\nraise Odd('x')")["name"])
        self.assertEqual("interrupted", self.run_code("raise KeyboardInterrupt").status)
        self.assertEqual("failed", self.run_code("class L(Exception):\n    __class__ = KeyboardInterrupt\nraise L").status)
        self.assertEqual(
            "failed", self.run_code("class M(type):\n    def __eq__(s, o): 1/0\n    __hash__ = None\n"
                                    "class E(Exception, metaclass=M): pass\nraise E").status)

    def test_an_interrupt_keeps_the_variables(self):
        self._interrupt_in(0.1)
        outcome = self.run_code("x = 'kept'\nimport time\nwhile True: time.sleep(0.01)")
        self.assertEqual("interrupted", outcome.status)
        self.assertEqual(3, outcome.error["line"])
        self.assertEqual("kept", self.value("x"))

    def test_an_interrupt_that_the_code_catches(self):
        self._interrupt_in(0.1)
        code = "import time\ntry:\n    while True: time.sleep(0.01)\nexcept KeyboardInterrupt:\n    r = 'caught'\nr"
        self.assertEqual("caught", self.value(code))

    def test_an_interrupt_while_awaiting_cancels_the_tasks(self):
        self.value(
            "import asyncio\nended = []\nasync def wait():\n    try: await asyncio.sleep(60)\n"
            "    finally: ended.append(1)\n"
        )
        self._interrupt_in(0.2)
        outcome = self.run_code("t = asyncio.create_task(wait())\nawait asyncio.gather(wait(), t)")
        self.assertEqual("interrupted", outcome.status)
        self.assertEqual([1, 1], self.value("ended"))
        self.assertEqual(7, self.value("await asyncio.sleep(0, 7)"))

    def test_tasks_that_refuse_to_end_hold_up_an_interrupt_for_a_moment_only(self):
        code = (
            "import asyncio\nasync def stubborn():\n    while True:\n        try: await asyncio.sleep(60)\n"
            "        except asyncio.CancelledError: pass\nt = asyncio.create_task(stubborn())\nawait t"
        )
        self._interrupt_in(0.2)
        started = time.monotonic()
        self.assertEqual("interrupted", self.run_code(code).status)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(1, self.value("import asyncio\nawait asyncio.sleep(0, 1)"))

    def _interrupt_in(self, seconds: float) -> None:
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        self.addCleanup(timer.join)


class HardSource(ProgramTest):
    def test_ten_thousand_lines(self):
        self.assertEqual(9999, self.value("\n".join(f"x{n} = {n}" for n in range(10_000)) + "\nx9999"))

    def test_source_that_is_too_deep(self):
        for code in ("(" * 500 + ")" * 500, "-" * 200_000 + "1", "[" * 90_000, "x" + ".a" * 100_000,
                     "1" + "+1" * 100_000):
            self.assertEqual("failed", self.run_code(code).status, code[:20])
        self.assertEqual(1, self.value("1"))

    def test_long_sums_still_work_next_to_tools(self):
        self.assertEqual(501, self.value("tools; 1" + " + 1" * 500))

    def test_nul_bytes_and_lone_surrogates(self):
        error = self.error("x = 1\ny = '\0'")
        self.assertEqual(("SyntaxError", 2), (error["name"], error["line"]))
        self.assertIn("NUL byte", error["message"])
        error = self.error("x = '\ud800'")
        self.assertEqual(("SyntaxError", 1), (error["name"], error["line"]))

    def test_unicode(self):
        self.assertEqual("blåbærsyltetøy 🫐", self.value("ø = 'blåbærsyltetøy 🫐'\nø"))

    def test_line_numbers_with_odd_separators(self):
        error = self.error("x = 'a\x0c\u2028b'\n\n1/0")
        self.assertIn("    1/0\n", error["traceback"])
        self.assertEqual(3, error["line"])

    def test_warnings_are_shown_in_every_run(self):
        for _ in range(2):
            with contextlib.redirect_stderr(io.StringIO()) as err:
                self.value("import warnings\nwarnings.warn('careful')")
            self.assertIn("UserWarning: careful", err.getvalue())


class Builtins(ProgramTest):
    def test_input_and_the_debugger_say_what_to_do(self):
        self.assertEqual(
            "input() cannot be used: nobody is at the keyboard. Put the value in the code, or call a tool.",
            self.error("input('Name? ')")["message"],
        )
        self.assertIn("getpass.getpass() cannot", self.error("import getpass\ngetpass.getpass()")["message"])
        self.assertIn("breakpoint() cannot", self.error("breakpoint()")["message"])
        self.assertIn("pdb.set_trace() cannot", self.error("import pdb; pdb.set_trace()")["message"])

    def test_errors_are_builtins(self):
        self.assertEqual("caught", self.value("try:\n    raise ToolTimeoutError('x')\n"
                                              "except TimeoutError as e:\n    r = 'caught'\nr"))
        self.assertTrue(issubclass(builtins.ToolNotFoundError, builtins.ToolError))

    def test_errors_pickle(self):
        self.assertEqual(["m", {"a": 1}, "t"], self.value(
            "import pickle\ne = pickle.loads(pickle.dumps(ToolError('m', {'a': 1}, 't')))\n[e.message, e.details, e.tool]"
        ))


if __name__ == "__main__":
    unittest.main()
