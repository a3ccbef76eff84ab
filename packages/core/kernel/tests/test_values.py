import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import pathlib
import types
import unittest
import uuid

from code_mode_kernel.values import Attachment, Image, encode_result

Point = collections.namedtuple("Point", "x y")


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class Name(str, enum.Enum):
    A = "a"


@dataclasses.dataclass
class Node:
    value: int
    next: object = None


@dataclasses.dataclass(frozen=True)
class Slotted:
    __slots__ = ("a",)
    a: int


class Text(str):
    def __str__(self):
        raise RuntimeError("hostile")


class Items(list):
    def __iter__(self):
        raise RuntimeError("hostile")


def encode(value, limit=1_000_000):
    attachment = Attachment()
    encoded = encode_result(value, attachment, limit)
    # Whatever comes out is JSON of exact types that UTF-8 can hold.
    json.dumps(encoded, ensure_ascii=False, allow_nan=False).encode()
    return encoded


class Forms(unittest.TestCase):
    def check(self, expected, value):
        encoded = encode(value)
        self.assertEqual(expected, encoded)
        self.assertEqual(json.dumps(expected), json.dumps(encoded))

    def test_json_data_is_itself(self):
        for value in (None, True, 1, -(2**53) + 1, 1.5, "a", "é\u2028🫐", [], {}, [1, [2.5, {"a": None}]], {"a": {"b": [{}]}}):
            self.assertIs(value, encode(value))
        self.assertIs(type(encode({"a": (1, 2)})["a"]), tuple)  # json writes a list

    def test_numbers(self):
        self.check({"$int": "9007199254740992"}, 2**53)
        self.check([{"$int": "-9007199254740992"}], [-(2**53)])
        self.check({"a": {"$float": "NaN"}}, {"a": float("nan")})
        self.check([{"$float": "Infinity"}, {"$float": "-Infinity"}], [float("inf"), float("-inf")])
        self.check({"$decimal": "1.10"}, decimal.Decimal("1.10"))
        self.check({"$fraction": "1/3"}, fractions.Fraction(1, 3))
        self.check({"$complex": [1.0, {"$float": "Infinity"}]}, complex(1, float("inf")))
        self.check({"$range": [0, 10, 2]}, range(0, 10, 2))
        self.assertIn("bits]", encode(10**10_000)["$object"]["repr"])

    def test_times(self):
        self.check({"$datetime": "2024-01-02T03:04:05+00:00"}, dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc))
        self.check({"$date": "2024-01-02"}, dt.date(2024, 1, 2))
        self.check({"$time": "03:04:05"}, dt.time(3, 4, 5))
        self.check({"$timedelta": 90.5}, dt.timedelta(seconds=90.5))

    def test_containers(self):
        self.check({"$set": [1, 2, 3]}, {3, 1, 2})
        self.check({"$set": ["a", 1, None]}, {None, 1, "a"})
        self.check({"$set": [[1, 2], [3]]}, frozenset({(3,), (1, 2)}))
        self.check([1, 2], collections.deque([1, 2]))
        self.check(["a"], {"a": 1}.keys())
        self.check([["a", {"$set": []}]], {"a": set()}.items())
        self.check({"x": 1, "y": {"$set": [1]}}, Point(1, {1}))
        self.check({"b": 1, "a": {"$set": []}}, collections.OrderedDict(b=1, a=set()))
        self.check({"a": 2}, collections.Counter("aa"))
        self.check([1], Items([1]))
        self.check("t", Text("t"))

    def test_keys(self):
        self.check({"1": 1, "2.5": 2, "true": 3, "null": 4}, {1: 1, 2.5: 2, True and "true": 3, None: 4})
        self.check({"$map": [[1, "a"], ["1", "b"]]}, {1: "a", "1": "b"})
        self.check({"$map": [[[1, 2], 3]]}, {(1, 2): 3})
        self.check({"$map": [["$int", "5"]]}, {"$int": "5"})
        self.check([{"$map": [["$x", 1]]}], [{"$x": 1}])
        self.check({"$x": 1, "y": 2}, {"$x": 1, "y": 2})

    def test_objects(self):
        self.check({"$enum": {"name": f"{__name__}.Color.RED", "value": 1}}, Color.RED)
        self.check([3, "a"], [Level.HIGH, Name.A])
        self.check({"$dataclass": {"name": f"{__name__}.Node", "fields": {"value": 1, "next": None}}}, Node(1))
        self.check({"$dataclass": {"name": f"{__name__}.Slotted", "fields": {"a": 1}}}, Slotted(1))
        self.check({"$uuid": "00000000-0000-0000-0000-000000000001"}, uuid.UUID(int=1))
        self.check({"$path": "a/b"}, pathlib.PurePosixPath("a/b"))
        self.check({"$object": {"type": "type", "repr": "<class 'int'>"}}, int)
        self.check({"$object": {"type": "builtin_function_or_method", "repr": "<built-in function len>"}}, len)
        numbers = (n for n in range(3))
        self.assertEqual("generator", encode(numbers)["$object"]["type"])
        self.assertEqual([0, 1, 2], list(numbers))

    def test_bytes_and_images(self):
        attachment = Attachment()
        encoded = encode_result([b"ab", bytearray(b"c"), Image(b"png", "image/png"), memoryview(b"d")], attachment, 1000)
        self.assertEqual(
            [{"$bytes": [0, 2]}, {"$bytes": [2, 1]}, {"$image": {"mimeType": "image/png", "data": [3, 3]}},
             {"$bytes": [6, 1]}],
            encoded,
        )
        self.assertEqual(b"abcpngd", b"".join(attachment.parts))

    def test_lone_surrogates(self):
        self.check("a\ufffdb", "a\ud800b")
        self.check({"k\ufffd": ["🫐\ufffd"]}, {"k\udfff": ["🫐\ud800"]})


class Limits(unittest.TestCase):
    def test_cycles(self):
        items: list = [1]
        items.append(items)
        self.assertEqual([1, {"$ref": "_"}], encode(items))
        tree = {"name": "root", "children": [{"up": None}]}
        tree["children"][0]["up"] = tree["children"]
        self.assertEqual({"name": "root", "children": [{"up": {"$ref": "_['children']"}}]}, encode(tree))
        node = Node(1)
        node.next = node
        self.assertEqual({"$ref": "_"}, encode(node)["$dataclass"]["fields"]["next"])

    def test_shared_is_not_cyclic(self):
        shared = [{1}]
        self.assertEqual([[{"$set": [1]}], [{"$set": [1]}]], encode([shared, shared]))

    def test_depth(self):
        deep: object = "x"
        for _ in range(100_000):
            deep = [deep]
        text = json.dumps(encode(deep))
        self.assertIn("$object", text)
        wide: object = 1
        for _ in range(90):
            wide = [wide, wide]
        self.assertIn("$truncated", encode(wide))
        wide = {1}
        for _ in range(90):
            wide = [wide, wide]  # type: ignore[list-item]
        self.assertIn("$truncated", encode(wide))

    def test_truncated(self):
        form = encode(["abc"] * 100_000, 1000)["$truncated"]
        self.assertEqual(("list", 100_000), (form["type"], form["length"]))
        self.assertGreater(form["bytes"], 1000)
        self.assertTrue(form["preview"].startswith("['abc', 'abc', "))
        self.assertLess(len(form["preview"]), 2100)
        self.assertEqual(
            "The whole value is in `_`; slice it, e.g. _[:20], or print a part of it.", form["how"]
        )
        attachment = Attachment()
        self.assertEqual("bytes", encode_result(b"x" * 2000, attachment, 1000)["$truncated"]["type"])
        self.assertEqual([], attachment.parts)
        self.assertIn("$truncated", encode({"a": {1}, "b": "x" * 2000}, 1000))
        self.assertEqual("x" * 998, encode("x" * 998, 1000))
        self.assertIn("$truncated", encode("\x01" * 998, 1000))

    def test_ints_of_a_set_limit(self):
        import sys

        if hasattr(sys, "set_int_max_str_digits"):
            before = sys.get_int_max_str_digits()
            sys.set_int_max_str_digits(640)
            try:
                encode(10**2000)
            finally:
                sys.set_int_max_str_digits(before)


class Hostile(unittest.TestCase):
    def test_reprs(self):
        def boom(*_):
            raise SystemExit("boom")

        for body in (
            {"__repr__": boom},
            {"__repr__": lambda self: 5},
            {"__repr__": lambda self: "x" * 10**6},
            {"__repr__": lambda self: "\ud800"},
            {"__repr__": lambda self: Text("t")},
            {"__getattribute__": boom},
            {"__class__": property(boom), "__eq__": boom, "__hash__": None, "__iter__": boom, "__len__": boom},
            {"__module__": 5},
            {"__dict__": property(boom), "__dataclass_fields__": {"x": 1}},
            {"__dataclass_fields__": property(boom)},
            {"_fields": 5},
        ):
            encoded = encode([type("H", (), dict(body))()])
            self.assertLess(len(json.dumps(encoded)), 20_000)
        self.assertEqual(
            "<H object; its repr() raised SystemExit>",
            encode(type("H", (), {"__repr__": boom, "__module__": "builtins"})())["$object"]["repr"],
        )

    def test_builtin_subclasses(self):
        def boom(*_):
            raise RuntimeError("boom")

        for base in (dict, list, tuple, set, frozenset, str, int, float, bytes):
            overrides = {name: boom for name in ("__iter__", "items", "keys", "__len__", "__str__", "__int__", "__float__",
                                                 "__index__", "__eq__", "__lt__", "__getitem__", "encode", "isascii")}
            overrides["__hash__"] = base.__hash__
            self.assertNotIn("$object", encode([type("H", (base,), overrides)()])[0] or {}, base)

    def test_lying_metaclass(self):
        class Meta(type):
            __mro__ = property(lambda cls: 1 / 0)
            __name__ = property(lambda cls: 1 / 0)

            def __instancecheck__(cls, other):
                1 / 0

        class Lying(metaclass=Meta):
            pass

        self.assertIn("Lying", encode(Lying())["$object"]["type"])
        encode(Lying)

    def test_sets_whose_items_do_not_compare(self):
        class Odd:
            def __lt__(self, other):
                raise RuntimeError

            __hash__ = object.__hash__

        self.assertEqual(2, len(encode({Odd(), Odd()})["$set"]))

    def test_interrupts_pass(self):
        class Slow:
            def __repr__(self):
                raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            encode(Slow())

    def test_more_values_than_a_frame_may_have(self):
        many = [0] * 4_000_000
        for value in (many, {"a": {"b": many}}, [many[:2_000_000], many[:2_000_000]], [[]] * 2_000_000, {None: many}):
            self.assertEqual(["$truncated"], list(encode(value, 1 << 30)))
        self.assertEqual(3_999_000, len(encode(many[:3_999_000], 1 << 30)))
        text = ",[" * 5_000_000
        self.assertIs(text, encode(text, 1 << 30))

    def test_modules_with_names_of_libraries(self):
        fake = types.ModuleType("numpy")
        fake.ndarray = 5
        import sys

        before = sys.modules.get("numpy")
        sys.modules["numpy"] = fake
        try:
            self.assertEqual({"$set": [1]}, encode({1}))
        finally:
            sys.modules.pop("numpy")
            if before is not None:
                sys.modules["numpy"] = before


if __name__ == "__main__":
    unittest.main()
