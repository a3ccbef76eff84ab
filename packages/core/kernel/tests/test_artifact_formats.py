"""Every type comes back from its stored form as it went in, or is refused with what to save instead."""

import collections
import datetime
import decimal
import importlib.util
import math
import unittest

from code_mode_kernel.artifact_formats import CHUNK, from_form, to_form
from code_mode_kernel.artifact_sinks import Slice, Text
from code_mode_kernel.errors import ArtifactTypeError, NamespaceError
from code_mode_kernel.received import Image


Point = collections.namedtuple("Point", "x y")


def stored(value: object) -> "tuple[str, bytearray]":
    kind, chunks = to_form(value)
    return kind, bytearray().join(chunks)


def there_and_back(value: object) -> object:
    kind, data = stored(value)
    given = bytes(data).decode() if kind == "text" else bytes(data) if kind == "bytes" else data
    return from_form(kind, given, "x", "image/png")


def has(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


class PlainValues(unittest.TestCase):
    def test_come_back_the_same(self) -> None:
        for value in ("", "héllo\n", b"", b"\x00\xff", {}, [], 5, -0.0, 1e300, 0.1, True, None, 2**70, '{"a": 1}'):
            with self.subTest(value=value):
                back = there_and_back(value)
                self.assertEqual(back, value)
                self.assertIs(type(back), type(value))
        nested = {"a": [1, 1.0, True, None, {"$bytes": "x", "": "\u2028"}]}
        self.assertEqual(repr(there_and_back(nested)), repr(nested))

    def test_a_value_in_several_places_is_no_loop(self) -> None:
        row = {"a": 1}
        self.assertEqual(there_and_back([row, row, [row]]), [row, row, [row]])

    def test_what_would_come_back_as_something_else_is_refused(self) -> None:
        loop: list = []
        loop.append(loop)
        deep: list = []
        for _ in range(300):
            deep = [deep]
        say = "artifacts.save: data cannot be saved as it is: "
        cases = [
            ((1, 2), f"{say}a tuple has no exact form. Save list(...)."),
            ({1}, f"{say}a set has no exact form. Save sorted(...) or list(...)."),
            (Point(1, 2), f"{say}a {__name__}.Point has no exact form. Save ..._asdict() or list(...)."),
            (collections.OrderedDict(), f"{say}a collections.OrderedDict has no exact form. Save dict(...)."),
            (bytearray(b"x"), f"{say}a bytearray has no exact form. Save bytes(...)."),
            (math.nan, f"{say}nan is no number in JSON. Save None in its place."),
            (object(), f"{say}an object has no exact form. Save its data as a dict, a list, text or bytes, e.g. vars(...) or str(...)."),
            (datetime.date(2026, 1, 1), f"{say}a datetime.date has no exact form. Save ....isoformat()."),
            ({"a": [1, math.inf]}, "artifacts.save: data['a'][1] cannot be saved as it is: inf is no number in JSON. Save None in its place."),
            ([{"b": (1,)}], "artifacts.save: data[0]['b'] cannot be saved as it is: a tuple would not come back as a tuple. Save list(...)."),
            ({1: 2}, f"{say}it has the key 1, and keys come back as text. Save a dict with text keys."),
            (loop, "artifacts.save: data[0] cannot be saved as it is: it contains itself. Save a copy without the loop."),
            (deep, f"{say}it is nested over 200 levels deep. Save flatter data."),
            ("\ud800", f'{say}it holds half of a character (a lone surrogate). Save bytes: data.encode("utf-8", "surrogatepass").'),
        ]
        for value, message in cases:
            with self.subTest(message=message), self.assertRaises(ArtifactTypeError) as raised:
                stored(value)
            self.assertEqual(str(raised.exception), message)

    def test_a_large_value_is_made_in_chunks(self) -> None:
        for value in (bytes(3 * CHUNK + 1), "é" * CHUNK, list(range(CHUNK // 4))):
            _, chunks = to_form(value)
            sizes = [len(chunk) for chunk in chunks]
            self.assertGreater(len(sizes), 1)
            self.assertLessEqual(max(sizes), CHUNK)

    def test_an_image_of_a_tool(self) -> None:
        back = there_and_back(Image(b"\x89PNG", "image/png"))
        self.assertEqual((type(back), back.data, back.mime_type), (Image, b"\x89PNG", "image/png"))

    def test_a_form_that_is_something_else_says_so(self) -> None:
        with self.assertRaises(NamespaceError) as raised:
            from_form("json", bytearray(b"{"), "a.json", "")
        self.assertTrue(str(raised.exception).startswith("The artifact 'a.json' is not a json that can be read (Expecting "))
        self.assertTrue(str(raised.exception).endswith("); artifacts.read('a.json') gives what is stored."))


class Sinks(unittest.TestCase):
    def test_pieces_join_without_a_gap(self) -> None:
        data = "aé€😀z".encode()
        for width in range(1, len(data) + 1):
            pieces = []
            for start in range(0, len(data), width):
                end = min(start + width, len(data))
                sink = Slice(True, start, end)
                sink.add(data[start : end + 3])
                pieces.append(sink.value())
            self.assertEqual("".join(pieces), "aé€😀z", width)

    def test_text_that_is_not_utf_8_comes_as_bytes(self) -> None:
        for parts in ([b"a\xc3", b"\xa9b", b"\xff!"], [b"ab\xc3"], [b"\xff"]):
            sink = Text()
            for part in parts:
                sink.add(part)
            self.assertEqual(sink.value(), b"".join(parts))


@unittest.skipUnless(has("numpy"), "needs numpy")
class Arrays(unittest.TestCase):
    def test_come_back_the_same(self) -> None:
        import numpy as np

        arrays = [
            np.arange(6, dtype="int16").reshape(2, 3),
            np.asfortranarray(np.arange(6.0).reshape(2, 3)),
            np.arange(24).reshape(2, 3, 4)[:, ::2, ::-1],
            np.array(5),
            np.zeros((0, 3)),
            np.array(["a", "äß"]),
            np.array([1 + 2j, math.nan]),
            np.array(["2026-01-01", "NaT"], dtype="M8[ms]"),
            np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", ">f8")]),
            np.array([True, False]),
        ]
        for array in arrays:
            with self.subTest(array=repr(array)):
                back = there_and_back(array)
                np.testing.assert_array_equal(back, array)
                self.assertEqual((back.dtype, back.shape, back.flags.writeable), (array.dtype, array.shape, True))

    def test_objects_are_refused_both_ways(self) -> None:
        import io

        import numpy as np

        with self.assertRaisesRegex(ArtifactTypeError, "an array of objects has no exact form"):
            stored(np.array([object()]))
        file = io.BytesIO()
        np.save(file, np.array([{}], dtype=object), allow_pickle=True)
        with self.assertRaisesRegex(NamespaceError, "it holds pickled objects, which are never loaded"):
            from_form("ndarray", bytearray(file.getvalue()), "x.npy", "")
        huge = io.BytesIO()
        np.lib.format.write_array_header_2_0(huge, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
        with self.assertRaisesRegex(NamespaceError, "its size is not what its header says"):
            from_form("ndarray", bytearray(huge.getvalue()), "x.npy", "")
        with self.assertRaisesRegex(ArtifactTypeError, r"numpy.float64 would not come back as a numpy.float64. Save ....item\(\)"):
            stored([np.float64(1)])


@unittest.skipUnless(has("pandas"), "needs pandas")
class Tables(unittest.TestCase):
    def check(self, frame: object) -> None:
        import pandas as pd

        back = there_and_back(frame)
        pd.testing.assert_frame_equal(back, frame, check_freq=True, check_exact=True, check_column_type="exact", check_index_type="exact")
        self.assertEqual(back.attrs, frame.attrs)
        self.assertEqual(stored(frame)[0], "dataframe")

    def test_columns(self) -> None:
        import numpy as np
        import pandas as pd

        day = pd.Timestamp("2026-03-01 12:00:00.123456789")
        columns = {
            "int8": np.array([1, -2, 3], "int8"),
            "uint64": np.array([2**64 - 1, 0, 1], "uint64"),
            "float": [0.1, math.nan, -math.inf],
            "float32": np.array([0.1, 1e30, math.inf], "float32"),
            "bool": [True, False, True],
            "text": ["a", "é\n", ""],
            "text or none": pd.Series(["a", None, "b"]),
            "string": pd.array(["a", pd.NA, "c"], dtype="string"),
            "Int64": pd.array([2**62 + 1, pd.NA, 3], dtype="Int64"),
            "Float64": pd.array([0.1, pd.NA, 3], dtype="Float64"),
            "boolean": pd.array([True, pd.NA, False], dtype="boolean"),
            "category": pd.Categorical(["x", None, "y"], categories=["y", "x", "z"], ordered=True),
            "dates": [day, pd.NaT, day],
            "days": np.array(["2026-01-01", "NaT", "1999-12-31"], "M8[s]"),
            "zone": pd.Series([day, pd.NaT, day]).dt.tz_localize("Europe/Oslo"),
            "offset": pd.Series([day, day, day]).dt.tz_localize("+05:30"),
            "delta": pd.to_timedelta([1, None, -5], unit="ns"),
            "objects": pd.Series(["a", 1, None], dtype=object),
            "mixed": pd.Series([math.nan, pd.NA, pd.NaT], dtype=object),
            "values": pd.Series([decimal.Decimal("1.10"), datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 1)], dtype=object),
            "nested": pd.Series([[1, 2], {"a": [None]}, {}], dtype=object),
        }
        for name, values in columns.items():
            with self.subTest(column=name):
                self.check(pd.DataFrame({name: values}))
        self.check(pd.DataFrame(columns))

    def test_labels(self) -> None:
        import pandas as pd

        data = {"a": [1, 2, 3]}
        frames = {
            "range": pd.DataFrame(data, index=pd.RangeIndex(5, 11, 2, name="n")),
            "text": pd.DataFrame(data, index=["x", "y", "x"]),
            "dates": pd.DataFrame(data, index=pd.date_range("2026-01-01", periods=3, freq="D", name="day")),
            "floats": pd.DataFrame(data, index=[0.5, math.nan, 1]),
            "multi": pd.DataFrame(data, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["k", None])),
            "category": pd.DataFrame(data, index=pd.CategoricalIndex(["u", "v", "u"])),
            "numbers as columns": pd.DataFrame([[1, "a"], [2, "b"]]),
            "columns of one name": pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "multi columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], [1, 2]])),
            "named columns": pd.DataFrame(data).rename_axis(columns="c"),
            "empty": pd.DataFrame(),
            "no rows": pd.DataFrame({"a": pd.Series([], dtype="int64"), "b": pd.Series([], dtype="M8[ns]")}),
            "no columns": pd.DataFrame(index=["a", "b"]),
        }
        frames["range"].attrs["source"] = {"url": "x"}
        for name, frame in frames.items():
            with self.subTest(frame=name):
                self.check(frame)

    def test_what_has_no_exact_form_is_refused(self) -> None:
        import numpy as np
        import pandas as pd

        say = "artifacts.save: data (its column 'a'"
        cases = [
            (pd.DataFrame({"a": pd.period_range("2026-01", periods=1, freq="M")}), f"{say}) cannot be saved as it is: the dtype period[M] has no exact form. Convert it, e.g. with .astype(str)."),
            (pd.DataFrame({"a": [1 + 2j]}), f"{say}) cannot be saved as it is: the dtype complex128 has no exact form. Convert it, e.g. with .astype(str)."),
            (pd.DataFrame({"a": [(1, 2)]}), f"{say}, row 0) cannot be saved as it is: a tuple in it has no exact form. Convert the column, e.g. with .astype(str)."),
            (pd.DataFrame({"a": pd.Series([[np.int64(1)]], dtype=object)}), f"{say}, row 0)[0] cannot be saved as it is: a numpy.int64 would not come back as a numpy.int64. Save ....item()."),
            (pd.Series([1]), "artifacts.save: data cannot be saved as it is: a pandas.Series has no exact form. Save ....to_frame(), as an artifact of its own."),
        ]
        for value, message in cases:
            with self.subTest(message=message), self.assertRaises(ArtifactTypeError) as raised:
                stored(value)
            self.assertEqual(str(raised.exception).replace("pandas.core.series.", "pandas."), message)


@unittest.skipUnless(has("PIL"), "needs PIL")
class Images(unittest.TestCase):
    def test_come_back_the_same(self) -> None:
        import PIL.Image

        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "F", "I"):
            with self.subTest(mode=mode):
                image = PIL.Image.radial_gradient("L").resize((7, 5))
                image = image.convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
                back = there_and_back(image)
                self.assertEqual((back.mode, back.size, back.tobytes()), (mode, (7, 5), image.tobytes()))
        with self.assertRaisesRegex(ArtifactTypeError, "an image in the mode 'HSV' has no exact form. Save data.convert"):
            stored(PIL.Image.new("HSV", (1, 1)))

    @unittest.skipUnless(has("matplotlib"), "needs matplotlib")
    def test_a_figure_comes_back_as_an_image(self) -> None:
        import matplotlib.figure

        figure = matplotlib.figure.Figure(figsize=(2, 1))
        figure.subplots().plot([1, 2])
        self.assertEqual(stored(figure)[0], "figure")
        self.assertEqual(there_and_back(figure).format or "PNG", "PNG")
        with self.assertRaisesRegex(ArtifactTypeError, "Save its figure: ....figure."):
            stored(figure.axes[0])


if __name__ == "__main__":
    unittest.main()
