"""What is read from the source of a workflow, without running it."""

from __future__ import annotations

import unittest

from code_mode_kernel.analysis import analyse
from code_mode_kernel.docstrings import read_docstring
from code_mode_kernel.script_header import _read_dependencies, read_header


def facts(source: str) -> dict:
    found = analyse("workflow", source)
    if "error" in found:
        raise AssertionError(found["error"])
    return found["result"]


def parameters(signature: str, before: str = "") -> dict:
    """The schema of `def run({signature})`, without what is always there."""
    schema = facts(f"{before}\ndef run({signature}): pass")["inputSchema"]
    if schema["type"] != "object":
        raise AssertionError(schema)
    return {key: value for key, value in schema.items() if key != "type"}


def hint(text: str, before: str = "") -> dict:
    return parameters(f"x: {text}", before)["properties"]["x"]


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


class Hints(unittest.TestCase):
    def test_containers(self) -> None:
        cases = {
            "list[str]": {"type": "array", "items": {"type": "string"}},
            "list": {"type": "array"},
            "t.Sequence[int]": {"type": "array", "items": {"type": "integer"}},
            "abc.Iterable": {"type": "array"},
            "set[str]": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "dict[str, int]": {"type": "object", "additionalProperties": {"type": "integer"}},
            "dict[str, t.Any]": {"type": "object", "additionalProperties": True},
            "tuple[int, ...]": {"type": "array", "items": {"type": "integer"}},
            "tuple[int, str]": {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "tuple[()]": {"type": "array", "minItems": 0, "maxItems": 0},
        }
        for text, schema in cases.items():
            self.assertEqual(schema, hint(text, "import typing as t\nfrom collections import abc"), text)

    def test_unions_and_literals(self) -> None:
        string_or_none = {"anyOf": [{"type": "string"}, {"type": "null"}]}
        cases = {
            "Optional[str]": string_or_none,
            "str | None": string_or_none,
            "Union[str, None]": string_or_none,
            "int | Optional[str]": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            "str | Any": {},
            "Literal['a', 1, None]": {"enum": ["a", 1, None]},
            "Literal[Literal['a'], 'b']": {"enum": ["a", "b"]},
            "Annotated[int, 'How many.']": {"type": "integer", "description": "How many."},
        }
        for text, schema in cases.items():
            self.assertEqual(schema, hint(text, "from typing import Annotated, Any, Literal, Optional, Union"), text)

    def test_other_types(self) -> None:
        cases = {
            "datetime.date": {"type": "string", "format": "date"},
            "datetime.datetime": {"type": "string"},
            "uuid.UUID": {"type": "string", "format": "uuid"},
            "pathlib.Path": {"type": "string"},
            "decimal.Decimal": {"type": ["number", "string"]},
            "None": {"type": "null"},
            "object": {},
            "bytes": {},
            "pd.DataFrame": {},
            "Unknown": {},
            "'list[int]'": {"type": "array", "items": {"type": "integer"}},
            "'no ('": {},
            "f()": {},
        }
        for text, schema in cases.items():
            self.assertEqual(schema, hint(text, "import datetime, uuid, pathlib, decimal\nimport pandas as pd"), text)

    def test_a_name_of_another_module_means_nothing(self) -> None:
        self.assertEqual({}, hint("Optional", "from mine import Optional"))
        self.assertEqual({}, hint("date", "from mine import date"))

    def test_aliases(self) -> None:
        before = "from typing import NewType\nRows = list[dict]\nId = NewType('Id', int)\nLoop = Loop | None"
        self.assertEqual({"type": "array", "items": {"type": "object", "additionalProperties": True}}, hint("Rows", before))
        self.assertEqual({"type": "integer"}, hint("Id", before))
        hint("Loop", before)

    def test_enums(self) -> None:
        before = "import enum\nclass C(enum.Enum):\n    A = 1\n    B = enum.auto()\n    _x = 3\n    def f(self): pass"
        self.assertEqual({"enum": [1, 2]}, hint("C", before))

    def test_dataclasses(self) -> None:
        before = '''
from __future__ import annotations
import dataclasses
from dataclasses import dataclass, field
from typing import ClassVar

@dataclass
class Base:
    id: int

@dataclasses.dataclass(frozen=True)
class Node(Base):
    """A node.

    Attributes:
        label: What it says.
    """
    label: str = ""
    children: list[Node] = field(default_factory=list)
    hidden: int = field(init=False)
    count: ClassVar[int] = 0
'''
        schema = parameters("node: Node", before)
        self.assertEqual({"node": {"$ref": "#/$defs/Node"}}, schema["properties"])
        self.assertEqual(
            {
                "Node": {
                    "type": "object",
                    "description": "A node.",
                    "properties": {
                        "id": {"type": "integer"},
                        "label": {"type": "string", "default": "", "description": "What it says."},
                        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                    },
                    "required": ["id"],
                    "additionalProperties": False,
                }
            },
            schema["$defs"],
        )

    def test_typed_dicts(self) -> None:
        before = "from typing import TypedDict\nclass Row(TypedDict, total=False):\n    a: int"
        schema = parameters("row: Row", before)
        self.assertEqual(
            {"Row": {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": True}}, schema["$defs"]
        )

    def test_results(self) -> None:
        self.assertNotIn("outputSchema", facts("def run(): pass"))
        source = 'def run() -> dict[str, int]:\n    """Counts.\n\n    Returns:\n        dict: By name.\n    """'
        self.assertEqual(
            {"type": "object", "additionalProperties": {"type": "integer"}, "description": "By name."},
            facts(source)["outputSchema"],
        )


class Docstrings(unittest.TestCase):
    expected = {"city": "Where to look.", "days": "How many days, counted from today.", "more": "Others."}

    def check(self, text: str) -> None:
        doc = read_docstring(text)
        self.assertEqual("Fetches weather.", doc.summary)
        self.assertEqual(self.expected, doc.parameters)
        self.assertEqual("The data.", doc.returns)

    def test_google(self) -> None:
        self.check(
            """Fetches weather.

            A longer text: it has a colon.

            Args:
                city (str): Where to look.
                days (int, optional): How many days,
                    counted from today.
                **more: Others.

            Returns:
                dict: The data.

            Raises:
                ValueError: Never.
            """
        )

    def test_numpy(self) -> None:
        self.check(
            """
            Fetches weather.

            Parameters
            ----------
            city : str
                Where to look.
            days : int, optional
                How many days,
                counted from today.
            **more
                Others.

            Returns
            -------
            dict
                The data.
            """
        )

    def test_sphinx(self) -> None:
        self.check(
            """Fetches weather.

            :param str city: Where to look.
            :param days: How many days,
                counted from today.
            :type days: int
            :keyword more: Others.
            :returns: The data.
            :rtype: dict
            """
        )

    def test_texts_without_a_style(self) -> None:
        for text in (None, "", "One line.", "One line.\n\nArgs are not described: at all."):
            self.assertEqual({}, read_docstring(text).parameters)

    def test_the_description_is_that_of_run_else_of_the_module(self) -> None:
        self.assertEqual("Of run.", facts('"""Of the module."""\ndef run():\n    """Of run.\n\n    More."""')["description"])
        self.assertEqual("Of the module.", facts('"""Of the module."""\ndef run(): pass')["description"])
        self.assertEqual("", facts("def run(): pass")["description"])


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


class Headers(unittest.TestCase):
    def test_headers(self) -> None:
        self.assertIsNone(read_header("import x\n# /// other\n# ///\n"))
        self.assertEqual([], read_header("# /// script\n# requires-python = '>=3.10'\n# ///\n"))
        text = '#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   "requests<3",\n#   "rich[all]; python_version > \'3\'",\n# ]\n# ///\nx = 1\n'
        for source in (text, text.replace("\n", "\r\n")):
            self.assertEqual(["requests<3", "rich[all]; python_version > '3'"], read_header(source))

    def test_wrong_headers(self) -> None:
        two = "# /// script\n# ///\n\n# /// script\n# ///\n"
        with self.assertRaisesRegex(ValueError, "^The source has two `# /// script` headers. Keep one.$"):
            read_header(two)
        with self.assertRaisesRegex(ValueError, "^`dependencies` in the `# /// script` header must be a list of strings.$"):
            read_header("# /// script\n# dependencies = [1]\n# ///\n")
        with self.assertRaisesRegex(ValueError, "^The `# /// script` header is not valid TOML: "):
            read_header("# /// script\n# dependencies = [\n# ///\n")

    def test_the_reader_for_python_310(self) -> None:
        text = 'requires-python = ">=3.10"\ndependencies = [\n  "a[x]>=1",  # why\n  \'b\',\n]\n[tool.x]\ny = 1\n'
        self.assertEqual(["a[x]>=1", "b"], _read_dependencies(text))
        self.assertEqual([], _read_dependencies("requires-python = '>=3.10'"))
        with self.assertRaises(ValueError):
            _read_dependencies("dependencies = [a]")


if __name__ == "__main__":
    unittest.main()
