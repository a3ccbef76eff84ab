import datetime
import importlib.util
import json
import unittest

from code_mode_kernel.errors import ToolArgumentError
from code_mode_kernel.values import Attachment, encode_arguments, encode_result


def needs(name: str):
    return unittest.skipUnless(importlib.util.find_spec(name), f"{name} is not installed")


def encode(value, limit=1_000_000):
    encoded = encode_result(value, Attachment(), limit)
    return json.loads(json.dumps(encoded, allow_nan=False))


def argument(value):
    encoded = encode_arguments({"x": value}, Attachment(), "tools.t")["x"]
    return json.loads(json.dumps(encoded, allow_nan=False))


@needs("numpy")
class Numpy(unittest.TestCase):
    def test_scalars(self):
        import numpy as np

        for value, expected in (
            (np.int64(5), 5),
            (np.float64(1.5), 1.5),
            (np.float32(1.5), 1.5),
            (np.bool_(True), True),
            (np.str_("a"), "a"),
            (np.float64("nan"), {"$float": "NaN"}),
            (np.uint64(2**63), {"$int": "9223372036854775808"}),
            (np.complex128(1 + 2j), {"$complex": [1.0, 2.0]}),
            (np.datetime64("2024-01-02"), {"$datetime": "2024-01-02"}),
            (np.datetime64("NaT"), None),
            (np.timedelta64(90, "s"), {"$timedelta": 90.0}),
            ([{"a": np.int8(1)}], [{"a": 1}]),
            ({np.int64(1)}, {"$set": [1]}),
        ):
            self.assertEqual(expected, encode(value))

    def test_arrays(self):
        import numpy as np

        self.assertEqual({"$ndarray": {"dtype": "int64", "shape": [2, 2], "data": [[0, 1], [2, 3]]}},
                         encode(np.arange(4, dtype="int64").reshape(2, 2)))
        self.assertEqual([1.0, {"$float": "NaN"}], encode(np.array([1, np.nan]))["$ndarray"]["data"])
        self.assertEqual(["2024-01-02"], encode(np.array(["2024-01-02"], dtype="datetime64[D]"))["$ndarray"]["data"])
        big = encode(np.zeros((1000, 1000)))["$ndarray"]
        self.assertEqual(([1000, 1000], 1000, 999_000), (big["shape"], len(big["first"]), big["omitted"]))
        self.assertEqual({"dtype": "float64", "shape": [], "data": 5.0}, encode(np.array(5.0))["$ndarray"])

    def test_arguments(self):
        import numpy as np

        self.assertEqual([1, 1.5, True, "2024-01-02"],
                         argument([np.int64(1), np.float32(1.5), np.bool_(True), np.datetime64("2024-01-02")]))
        self.assertEqual([[1, 2]], argument(np.array([[1, 2]])))
        self.assertEqual([None, 1], argument([np.datetime64("NaT"), np.int8(1)]))
        with self.assertRaisesRegex(ToolArgumentError, r"x\[1\] is nan"):
            argument(np.array([1, np.nan]))


@needs("pandas")
class Pandas(unittest.TestCase):
    def test_frames(self):
        import pandas as pd

        frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "t": pd.to_datetime(["2024-01-02", None])})
        form = encode(frame)["$dataframe"]
        self.assertEqual([2, 3], form["shape"])
        self.assertEqual(["a", "b", "t"], form["columns"])
        self.assertEqual("int64", form["dtypes"][0])
        self.assertTrue(form["dtypes"][2].startswith("datetime64"))
        self.assertEqual([1, "x", {"$datetime": "2024-01-02T00:00:00"}], form["rows"][0])
        self.assertEqual((2, None), (form["rows"][1][0], form["rows"][1][2]))
        self.assertNotIn("index", form)
        self.assertEqual(["r"], encode(pd.DataFrame({"a": [1]}, index=["r"]))["$dataframe"]["index"])
        self.assertEqual([0, 0], encode(pd.DataFrame())["$dataframe"]["shape"])
        self.assertEqual([["a", 1]], encode(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", 1)])))
                         ["$dataframe"]["columns"])

    def test_big_frames_say_what_is_left_out(self):
        import pandas as pd

        form = encode(pd.DataFrame({"a": range(100_000)}), 10**7)["$dataframe"]
        self.assertEqual(([100_000, 1], 1000, 99_000), (form["shape"], len(form["rows"]), form["omitted"]))
        form = encode(pd.DataFrame([range(1000)] * 3), 10**7)["$dataframe"]
        self.assertEqual(([3, 1000], 200, 800), (form["shape"], len(form["columns"]), form["omittedColumns"]))

    def test_series_index_and_scalars(self):
        import pandas as pd

        series = encode(pd.Series([1.5, float("nan")], index=["a", "b"], name="s"))["$series"]
        self.assertEqual({"name": "s", "dtype": "float64", "length": 2, "index": ["a", "b"],
                          "values": [1.5, {"$float": "NaN"}]}, series)
        self.assertEqual(99_000, encode(pd.Series(range(100_000)))["$series"]["omitted"])
        self.assertEqual({"dtype": "int64", "length": 2, "values": [1, 2]}, encode(pd.Index([1, 2]))["$index"])
        self.assertEqual({"$datetime": "2024-01-02T00:00:00"}, encode(pd.Timestamp("2024-01-02")))
        self.assertEqual({"$timedelta": 60.0}, encode(pd.Timedelta("60s")))
        self.assertEqual([None, None], encode([pd.NaT, pd.NA]))

    def test_arguments(self):
        import pandas as pd

        frame = pd.DataFrame({"a": [1, 2], "b": [0.5, None], "t": pd.to_datetime(["2024-01-02", None])})
        self.assertEqual([{"a": 1, "b": 0.5, "t": "2024-01-02T00:00:00"}, {"a": 2, "b": None, "t": None}], argument(frame))
        self.assertEqual([1.5, None], argument(pd.Series([1.5, None])))
        self.assertEqual(["a"], argument(pd.Index(["a"])))
        self.assertEqual(["2024-01-02T00:00:00", None, None], argument([pd.Timestamp("2024-01-02"), pd.NaT, pd.NA]))

    def test_rich_form(self):
        import pandas as pd
        from code_mode_kernel.displays import mime_bundle

        self.assertEqual(["text/html", "text/plain"], sorted(mime_bundle(pd.DataFrame({"a": [1]}))))


@needs("PIL")
class Pictures(unittest.TestCase):
    def test_images(self):
        from code_mode_kernel.displays import mime_bundle
        from PIL import Image

        for mode in ("RGB", "RGBA", "L", "CMYK", "F", "P", "1"):
            attachment = Attachment()
            image = Image.new(mode, (2, 2))
            encoded = encode_result(image, attachment, 100_000)
            self.assertEqual("image/png", encoded["$image"]["mimeType"])
            self.assertEqual(b"\x89PNG", attachment.parts[0][:4])
            self.assertIn("image/png", mime_bundle(image))


@needs("pydantic")
class Pydantic(unittest.TestCase):
    def test_models(self):
        from pydantic import BaseModel

        class City(BaseModel):
            name: str
            founded: datetime.date | None = None

        self.assertEqual(
            {"$dataclass": {"name": f"{__name__}.{City.__qualname__}", "fields": {"name": "Oslo", "founded": None}}},
            encode(City(name="Oslo")),
        )
        self.assertEqual({"name": "Oslo", "founded": "1048-01-01"},
                         argument(City(name="Oslo", founded=datetime.date(1048, 1, 1))))


if __name__ == "__main__":
    unittest.main()
