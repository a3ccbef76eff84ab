"""The schemas that the type hints of a workflow stand for."""

from __future__ import annotations

import unittest

from .workflow_support import facts, hint, parameters


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


if __name__ == "__main__":
    unittest.main()
