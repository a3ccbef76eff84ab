"""Arguments and requirements of workflows, on their way to the function."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import os
import pathlib
import sys
import tempfile
import typing
import unittest
import uuid

from code_mode_kernel.errors import ToolArgumentError
from code_mode_kernel.installed import missing_requirements
from code_mode_kernel.workflow_arguments import bind, convert, to_check


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    color: Color = Color.RED


class Pair(typing.NamedTuple):
    first: int
    second: datetime.date


class Checked(unittest.TestCase):
    def test_json_is_checked_and_the_rest_is_named(self) -> None:
        plain, opaque = to_check(
            {"a": [1], "s": {3}, "d": datetime.date(2026, 1, 2), "f": print, "b": b"x", "big": ["x" * 100] * 20_000, "n": float("nan")},
            "workflows.x",
        )
        self.assertEqual({"a": [1], "s": [3], "d": datetime.date(2026, 1, 2)}, plain)
        self.assertEqual({"f": "builtin_function_or_method", "b": "bytes", "big": "list", "n": "float"}, opaque)


class Converted(unittest.TestCase):
    def check(self, expected: object, value: object, hint: object) -> None:
        converted = convert(value, hint)
        self.assertEqual(expected, converted)
        self.assertIs(type(expected), type(converted))

    def test_what_text_and_numbers_say(self) -> None:
        self.check(Color.RED, "red", Color)
        self.check(datetime.date(2026, 1, 2), "2026-01-02", datetime.date)
        self.check(datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), "2026-01-02T00:00:00Z", datetime.datetime)
        self.check(datetime.timedelta(seconds=90), 90, datetime.timedelta)
        self.check(decimal.Decimal("1.1"), 1.1, decimal.Decimal)
        self.check(uuid.UUID(int=1), str(uuid.UUID(int=1)), uuid.UUID)
        self.check(pathlib.Path("a/b"), "a/b", pathlib.Path)

    def test_classes_and_containers(self) -> None:
        self.check(Point(1), {"x": 1, "color": "red"}, Point)
        self.check([Point(1)], [{"x": 1}], typing.List[Point])
        self.check([Color.RED], ["red"], collections.abc.Sequence[Color])
        self.check({"a": Point(1)}, {"a": {"x": 1}}, typing.Dict[str, Point])
        self.check({1: "a"}, {"1": "a"}, typing.Dict[int, str])
        self.check({1, 2}, [1, 2, 2], typing.Set[int])
        self.check((1, Color.RED), [1, "red"], typing.Tuple[int, Color])
        self.check((1, 2), [1, 2], tuple)
        self.check(Pair(1, datetime.date(2026, 1, 2)), {"first": 1, "second": "2026-01-02"}, Pair)
        self.check(Point(1), {"x": 1}, typing.Optional[Point])
        self.check("red", "red", typing.Union[str, Color])

    def test_what_fits_is_not_copied(self) -> None:
        for value, hint in (([1], typing.List[int]), ({"a": [1]}, typing.Dict[str, typing.List[int]]), ([Point(1)], typing.List[Point])):
            self.assertIs(value, convert(value, hint))
        for value in (None, 1, "x", [object()]):
            self.assertIs(value, convert(value, typing.Any))


class Bound(unittest.TestCase):
    def test_every_kind_of_parameter(self) -> None:
        def run(first, /, second=2, *rest, last=4, **more):
            return [first, second, rest, last, more]

        def called(**arguments: object) -> list:
            args, kwargs = bind(run, arguments, "workflows.run")
            return run(*args, **kwargs)

        self.assertEqual([1, 2, (), 4, {}], called(first=1))
        self.assertEqual([1, 2, (5, 6), 7, {"x": 8}], called(first=1, rest=[5, 6], last=7, x=8))
        self.assertEqual([1, 2, (), 4, {"more": 3}], called(first=1, more=3))

    def test_a_value_that_does_not_convert(self) -> None:
        def run(when: datetime.date) -> None: ...

        run.__annotations__["when"] = datetime.date
        message = "workflows.run(when=…): when must be a date, got 'soon' (str): Invalid isoformat string: 'soon'"
        with self.assertRaises(ToolArgumentError) as raised:
            bind(run, {"when": "soon"}, "workflows.run")
        self.assertEqual(message, str(raised.exception))


class Requirements(unittest.TestCase):
    def test_what_is_missing(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/My_Package-2.1.dist-info")
            with open(f"{folder}/My_Package-2.1.dist-info/METADATA", "w") as file:
                file.write("Metadata-Version: 2.1\nName: My-Package\nVersion: 2.1\n")
            sys.path.insert(0, folder)
            try:
                fitting = ["my-package", "my_package[extra]>=2,<3", "my-package == 2.1.0", "my-package~=2.0", "my-package==2.*"]
                self.assertEqual([], missing_requirements(fitting, True))
                wrong = ["my-package>2.1", "my-package<2", "my-package~=2.2", "my-package==1.*", "my-package!=2.1", "nowhere-to-be-found"]
                self.assertEqual(wrong, missing_requirements(wrong, True))
                self.assertEqual([], missing_requirements(["json"], True))
                self.assertEqual([], missing_requirements(["nowhere; python_version < '3'"], False))
            finally:
                sys.path.remove(folder)


if __name__ == "__main__":
    unittest.main()
