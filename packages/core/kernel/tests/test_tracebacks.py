import sys
import time
import unittest

from code_mode_kernel.tracebacks import describe_error

from .program_support import ProgramTest

HAS_GROUPS = sys.version_info >= (3, 11)


class LikeCPython(ProgramTest):
    def test_lines_and_carets(self):
        error = self.error("def f(x):\n    return x['a']['b']\nf({'a': None})")
        lines = error["traceback"].split("\n")
        self.assertEqual("Traceback (most recent call last):", lines[0])
        self.assertEqual('  File "<run-1>", line 3, in <module>', lines[1])
        self.assertIn("    return x['a']['b']", lines)
        if HAS_GROUPS:
            self.assertIn("           ~~~~~~^^^^^", lines)
        self.assertEqual("TypeError: 'NoneType' object is not subscriptable", lines[-2])
        self.assertEqual(("TypeError", "'NoneType' object is not subscriptable", 2),
                         (error["name"], error["message"], error["line"]))

    def test_messages(self):
        self.assertEqual("'a'", self.error("{}['a']")["message"])
        self.assertEqual("", self.error("raise ValueError")["message"])
        self.assertEqual("a\nb", self.error("raise ValueError('a\\nb')")["message"])
        self.assertEqual("Mine", self.error("class Mine(Exception): pass\nraise Mine('x')")["name"])
        self.assertEqual("x", self.error("def f():\n    class Local(Exception): pass\n    raise Local('x')\nf()")["message"])
        self.assertEqual("Local", self.error("f()")["name"])
        if sys.version_info >= (3, 12):
            self.assertIn("Did you mean: 'print'?", self.error("prnt")["message"])

    def test_functions_of_earlier_runs_are_shown_with_their_source(self):
        self.value("def f():\n    return 1 / 0")
        error = self.error("x = 1\nf()")
        self.assertEqual(2, error["line"])
        self.assertIn('  File "<run-1>", line 2, in f\n    return 1 / 0\n', error["traceback"])

    def test_syntax_errors(self):
        error = self.error("x = 1\ny = (\n")
        self.assertEqual(
            ("SyntaxError", "'(' was never closed", 2, '  File "<run-1>", line 2\n    y = (\n        ^\n'
             "SyntaxError: '(' was never closed\n"),
            (error["name"], error["message"], error["line"], error["traceback"]),
        )
        self.assertEqual("IndentationError", self.error("if 1:\nx")["name"])
        self.assertEqual(1, self.error("return 1")["line"])

    def test_chains(self):
        traceback = self.error("try:\n    1/0\nexcept Exception as e:\n    raise KeyError('k') from e")["traceback"]
        self.assertIn("\nThe above exception was the direct cause of the following exception:\n", traceback)
        self.assertLess(traceback.index("ZeroDivisionError"), traceback.index("KeyError"))
        traceback = self.error("try:\n    1/0\nexcept Exception:\n    nope")["traceback"]
        self.assertIn("\nDuring handling of the above exception, another exception occurred:\n", traceback)
        traceback = self.error("try:\n    1/0\nexcept Exception:\n    raise KeyError('k') from None")["traceback"]
        self.assertNotIn("ZeroDivisionError", traceback)

    @unittest.skipUnless(HAS_GROUPS, "exception groups came with Python 3.11")
    def test_groups_and_notes(self):
        error = self.error(
            "import asyncio\nasync def bad(n):\n    raise ValueError(n)\n"
            "async with asyncio.TaskGroup() as tg:\n    tg.create_task(bad(1))\n    tg.create_task(bad(2))"
        )
        self.assertEqual("ExceptionGroup", error["name"])
        self.assertEqual("unhandled errors in a TaskGroup (2 sub-exceptions)", error["message"])
        self.assertIn("  | ValueError: 1\n", error["traceback"].replace("    |", "  |"))
        self.assertNotIn("code_mode_kernel", error["traceback"])
        error = self.error("e = ValueError('x')\ne.add_note('a note')\nraise e")
        self.assertIn("ValueError: x\na note\n", error["traceback"])

    def test_no_plumbing(self):
        for code in (
            "getattr(tools, 'wether')",
            "f = tools.weather\n(lambda **k: f(**k))(x=1)",
            "import asyncio\nawait asyncio.sleep(0)\ngetattr(tools, 'wether')",
            "async def f():\n    return await asyncio.gather(getattr(tools, 'weather').aio('x'))\nimport asyncio\nawait f()",
            "try:\n    getattr(tools, 'nope')\nexcept ToolError as e:\n    raise ValueError from e",
            "input()",
            "1/0",
        ):
            error = self.error(code)
            self.assertNotIn("code_mode_kernel", error["traceback"], code)
            self.assertNotIn("base_events", error["traceback"], code)
            self.assertIn('File "<run-', error["traceback"], code)
            self.assertNotIn("\x1b", error["traceback"])


class Bombs(ProgramTest):
    def small(self, code: str) -> dict:
        started = time.monotonic()
        outcome = self.run_code(code)
        self.assertLess(time.monotonic() - started, 20, code)
        self.assertIn(outcome.status, ("failed", "interrupted"))
        self.assertLess(len(outcome.error["traceback"]), 9000)
        self.assertLess(len(outcome.error["message"]), 5000)
        outcome.error["traceback"].encode()
        return outcome.error

    def test_long_chains(self):
        error = self.small("e = ValueError(0)\nfor n in range(100_000):\n    f = ValueError(n)\n    f.__cause__ = e\n    e = f\nraise e")
        self.assertIn("[… 99994 more exceptions of this chain are left out …]", error["traceback"])
        self.assertIn("ValueError: 99999", error["traceback"])
        self.small("e = ValueError(0)\nf = ValueError(1)\ne.__cause__ = f\nf.__cause__ = e\nraise e")
        self.small("e = ValueError(0)\ne.__context__ = e\nraise e")

    def test_recursion(self):
        error = self.small("def f(n): return f(n + 1)\nf(0)")
        self.assertIn("[Previous line repeated ", error["traceback"])
        self.small("import sys\nsys.setrecursionlimit(20_000)\ndef f(n): return g(n)\ndef g(n): return f(n)\n"
                   "try:\n    f(0)\nfinally:\n    sys.setrecursionlimit(1000)")

    def test_long_messages_and_lines(self):
        error = self.small("raise ValueError('x' * 10_000_000)")
        self.assertIn("more characters]", error["traceback"])
        self.assertIn("characters are left out …]", error["message"])
        self.small("x = '" + "y" * 1_000_000 + "'; 1/0")
        self.small("raise ValueError('\\n' * 1_000_000)")
        self.small("raise ValueError('\\ud800')")

    @unittest.skipUnless(HAS_GROUPS, "exception groups came with Python 3.11")
    def test_group_trees(self):
        error = self.small("g = ValueError(1)\nfor _ in range(60):\n    g = ExceptionGroup('g', [g, g])\nraise g")
        self.assertIn("(the whole tree is too large to show)", error["traceback"])
        self.small("raise ExceptionGroup('g', [ValueError(n) for n in range(100_000)])")
        self.small("g = ValueError(1)\nfor _ in range(5000):\n    g = ExceptionGroup('g', [g])\nraise g")
        self.small("e = ValueError(0)\nfor n in range(100_000):\n    f = ValueError(n)\n    f.__cause__ = e\n    e = f\n"
                   "raise ExceptionGroup('g', [e])")

    def test_hostile_exceptions(self):
        for body in (
            "def __str__(self): raise SystemExit",
            "def __str__(self): return 5",
            "def __repr__(self): 1/0\n    __str__ = __repr__",
            "__class__ = property(lambda self: 1/0)",
            "__cause__ = property(lambda self: 1/0)",
            "__traceback__ = property(lambda self: 1/0)",
            "__notes__ = property(lambda self: 1/0)",
            "__notes__ = 5",
            "__qualname__ = 'x' * 100_000",
            "__module__ = 5",
            "__suppress_context__ = property(lambda self: 1/0)",
            "def __getattribute__(self, name): raise KeyboardInterrupt",
            "def __eq__(self, other): 1/0\n    __hash__ = None",
        ):
            self.small(f"class E(Exception):\n    {body}\nraise E('x')")
            self.small(f"class E(Exception):\n    {body}\ntry:\n    raise E('x')\nexcept BaseException:\n    raise KeyError")
        self.small("class E(SyntaxError):\n    msg = property(lambda s: 1/0)\n    lineno = 'x'\nraise E('x')")
        self.small("raise SyntaxError('m', ('<run-1>', 10**9, -5, 'x' * 100_000))")
        self.small("class E(NameError):\n    name = property(lambda s: 1/0)\nraise E('x')")
        self.assertEqual(1, self.value("1"))

    def test_never_raises_on_bare_exceptions(self):
        self.assertEqual({"name": "ValueError", "message": "x", "traceback": "ValueError: x\n"},
                         describe_error(ValueError("x"), "<run-1>"))


if __name__ == "__main__":
    unittest.main()
