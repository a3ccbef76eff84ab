"""What is read from the source of a workflow, without running it."""

from __future__ import annotations

import unittest

from code_mode_kernel.analysis import analyse

from .workflow_support import facts, parameters


class Refusals(unittest.TestCase):
    def test_source_without_run(self) -> None:
        message = (
            "The source has no function `run` at its top level. "
            "Define `def run(...)` or `async def run(...)`; its parameters are those of the workflow."
        )
        for source in ("", "x = 1", "class A:\n    def run(self): pass", "if True:\n    def run(): pass", "run = print"):
            self.assertEqual({"error": message}, analyse("workflow", source))

    def test_source_that_is_no_python(self) -> None:
        self.assertEqual({"error": "line 2: invalid syntax"}, analyse("workflow", "x = 1\ndef run(:"))
        self.assertEqual({"error": "line 2: 'await' outside function"}, analyse("workflow", "def run(): pass\nawait x"))
        self.assertEqual({"error": "source code string cannot contain null bytes"}, analyse("workflow", "\0"))
        self.assertIn("error", analyse("workflow", "(" * 10_000))

    def test_nothing_runs(self) -> None:
        facts("raise SystemExit(3)\n@raise_it()\ndef run(x: open('/nope') = 1 / 0): pass")


class Parameters(unittest.TestCase):
    def test_required_optional_and_keyword_only(self) -> None:
        self.assertEqual(
            {
                "properties": {
                    "a": {"type": "string"},
                    "b": {"type": "integer", "default": 2},
                    "c": {"type": "number"},
                    "d": {"type": "boolean", "default": False},
                    "e": {},
                },
                "required": ["a", "c", "e"],
                "additionalProperties": False,
            },
            parameters("a: str, b: int = 2, *, c: float, d: bool = False, e"),
        )

    def test_rest_parameters(self) -> None:
        self.assertEqual(
            {
                "properties": {"a": {}, "items": {"type": "array", "items": {"type": "integer"}}},
                "required": ["a"],
                "additionalProperties": {"type": "string"},
            },
            parameters("a, /, *items: int, **more: str"),
        )
        self.assertEqual({"properties": {}, "additionalProperties": True}, parameters("**more"))

    def test_unpacked_typed_dict(self) -> None:
        source = "import typing\nfrom typing import TypedDict\nclass Options(TypedDict, total=False):\n    a: typing.Required[int]\n    b: str"
        self.assertEqual(
            {
                "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            parameters("**options: typing.Unpack[Options]", source),
        )

    def test_defaults(self) -> None:
        self.assertEqual(
            {
                "a": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "b": {"type": "array", "default": [1, 2]},
                "c": {"type": "object", "additionalProperties": True, "default": {"k": -1}},
                "d": {},
                "e": {"type": "number"},
                "f": {"enum": ["red"], "default": "red"},
            },
            parameters(
                "a: str = None, b: tuple = (1, 2), c: dict = {'k': -1}, d=len, e: float = float('nan'), f: Color = Color.RED",
                "from enum import Enum\nclass Color(Enum):\n    RED = 'red'",
            )["properties"],
        )


class Uses(unittest.TestCase):
    def test_tools_and_workflows(self) -> None:
        source = """
github = tools.github
async def run(names):
    await tools.weather(city=1)
    tools.weather.aio()
    tools["my-tool"](x=1)
    github.issues.list_(repo=1)
    list(map(tools.echo, names))
    tools.search("x"), tools.list()
    workflows.first(x=1)
    await workflows.second.aio()
    workflows.invoke("third", x=1)
    workflows.invoke(names[0])
    workflows.search("x")

def other(tools):
    tools.not_ours()
"""
        found = facts(source)
        self.assertEqual(["echo", "github.issues.list_", "my-tool", "weather"], found["tools"])
        self.assertEqual(["first", "second", "third"], found["workflows"])

    def test_packages(self) -> None:
        source = """
import os, json
import pandas as pd
import PIL.Image
from sklearn.linear_model import LinearRegression
import yaml, bs4, cv2, dateutil.parser
from google.cloud import storage
from . import mine
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import only_hints
try:
    import orjson
except ImportError:
    import ujson
def run():
    import my_module.part
"""
        self.assertEqual(
            "beautifulsoup4 google-cloud-storage my-module opencv-python pandas pillow python-dateutil pyyaml scikit-learn".split(),
            facts(source)["packages"],
        )

    def test_identifiers(self) -> None:
        found = facts("def run(url):\n    rows = fetch_rows(url)\n    return str(rows.total_price)")["identifiers"]
        self.assertEqual({"rows", "fetch_rows", "total_price", "url"}, set(found))

    def test_details(self) -> None:
        source = '"""Of the module."""\ndef run(url):\n    """Does it.\n\n    Slowly,\n    but well.\n    """\n    def inner():\n        "Helps."\n'
        self.assertEqual(("Does it.", "Of the module. Slowly, but well. Helps."), tuple(facts(source)[key] for key in ("description", "details")))
        self.assertEqual("", facts("def run():\n    'Does it.'")["details"])
        self.assertEqual("", facts("def run(): pass")["details"])
        self.assertEqual(4000, len(facts(f"def run():\n    '{'x' * 9000}'\n    def inner():\n        '{'y ' * 9000}'")["details"]))


if __name__ == "__main__":
    unittest.main()
