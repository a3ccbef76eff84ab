import collections
import dataclasses
import datetime as dt
import decimal
import enum
import pathlib
import unittest
import uuid

from code_mode_kernel.errors import ToolArgumentError
from code_mode_kernel.values import Attachment, encode_arguments


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Item:
    name: str
    parts: tuple = ()


Point = collections.namedtuple("Point", "x y")


def encode(value):
    return encode_arguments({"items": value}, Attachment(), "tools.save")["items"]


class Natural(unittest.TestCase):
    def test_json_data(self):
        for value in (None, True, 1, 1.5, "a", "é", [1, {"a": [None]}], {}):
            self.assertIs(value, encode(value))
        self.assertEqual({"$int": "9007199254740993"}, encode(2**53 + 1))
        self.assertEqual({"$map": [["$int", "1"]]}, encode({"$int": "1"}))
        self.assertEqual("a\ufffd", encode("a\ud800"))

    def test_conversions(self):
        for value, expected in (
            (Color.RED, "red"),
            (Item("a", (1, 2)), {"name": "a", "parts": [1, 2]}),
            (Point(1, Color.RED), {"x": 1, "y": "red"}),
            (dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), "2024-01-02T00:00:00+00:00"),
            (dt.date(2024, 1, 2), "2024-01-02"),
            (dt.time(1, 2), "01:02:00"),
            (dt.timedelta(minutes=1), 60.0),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (pathlib.PurePosixPath("a/b"), "a/b"),
            (decimal.Decimal("1.10"), 1.1),
            (decimal.Decimal("5"), 5),
            (decimal.Decimal("0.12345678901234567890"), "0.12345678901234567890"),
            ({1: Color.RED, None: 2, True and 2.5: 3}, {"1": "red", "null": 2, "2.5": 3}),
            (collections.OrderedDict(a=dt.date(2024, 1, 1)), {"a": "2024-01-01"}),
            (collections.deque([1]), [1]),
            ({"a": 1}.keys(), ["a"]),
            (range(3), [0, 1, 2]),
        ):
            self.assertEqual(expected, encode(value))

    def test_more_values_than_a_frame_may_have(self):
        with self.assertRaises(ToolArgumentError) as caught:
            encode_arguments({"items": [0] * 4_000_000}, Attachment(), "tools.save")
        self.assertEqual(
            "tools.save(…): the arguments have more than four million values. "
            "Save them as an artifact and pass its name.",
            str(caught.exception),
        )

    def test_bytes_where_they_are_allowed(self):
        attachment = Attachment()
        self.assertEqual({"data": {"$bytes": [0, 2]}}, encode_arguments({"data": b"ab"}, attachment, "artifacts.save", True))
        self.assertEqual([b"ab"], attachment.parts)


class Refused(unittest.TestCase):
    def refused(self, value) -> str:
        with self.assertRaises(ToolArgumentError) as caught:
            encode(value)
        self.assertIsInstance(caught.exception, TypeError)
        return str(caught.exception)

    def test_messages(self):
        self.assertEqual(
            "tools.save(items=…): items[2] is a set; tools take JSON values. Pass list(...) instead.",
            self.refused([1, 2, {3}]),
        )
        self.assertEqual(
            "tools.save(items=…): items['a'][0] is an object; tools take JSON values. Pass a dict, a list, text or a "
            "number instead, e.g. vars(...) or str(...).",
            self.refused({"a": [object()]}),
        )
        self.assertEqual(
            "tools.save(items=…): items is a bytes; tools take JSON values. Pass text: data.decode(), or "
            "base64.b64encode(data).decode().",
            self.refused(b"ab"),
        )
        self.assertIn("items is nan; tools take JSON values. JSON has no such number.", self.refused(float("nan")))
        self.assertIn("items[0] is inf", self.refused([float("inf")]))
        self.assertIn("items is a generator; tools take JSON values. Pass list(...)", self.refused(x for x in []))
        self.assertIn("Call the function and pass what it returns.", self.refused(lambda: 1))
        self.assertIn("has a key that is a tuple", self.refused({(1, 2): 3}))
        self.assertIn("has two keys that are both '1' as text", self.refused({1: 1, "1": object}))
        self.assertIn("is a complex", self.refused(1j))
        self.assertIn("is nan", self.refused(decimal.Decimal("nan")).lower())

    def test_a_coroutine(self):
        async def f():
            pass

        coroutine = f()
        self.assertIn("Write `await` in front of the coroutine.", self.refused(coroutine))
        coroutine.close()

    def test_cycles_and_depth(self):
        items: list = []
        items.append(items)
        self.assertIn("items[0] contains itself", self.refused(items))
        deep: object = {1}
        for _ in range(5000):
            deep = [deep]
        self.assertIn("items is nested over 100 levels deep", self.refused(deep))


if __name__ == "__main__":
    unittest.main()
