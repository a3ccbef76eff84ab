import datetime as dt
import decimal
import json
import unittest
import uuid

from code_mode_kernel.values import Attachment, decode, encode_result


class Decoding(unittest.TestCase):
    def test_forms(self):
        attachment = memoryview(b"abcdef")
        for value, expected in (
            ({"$bytes": [1, 2]}, b"bc"),
            ([{"$int": "9007199254740993"}], [2**53 + 1]),
            ({"a": {"$float": "Infinity"}}, {"a": float("inf")}),
            ({"$map": [["$int", {"$int": "5"}]]}, {"$int": 5}),
            ({"$map": [[[1, 2], 3]]}, {(1, 2): 3}),
            ({"$datetime": "2024-01-02T03:04:05.000Z"}, dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)),
            ({"$set": [1, [2]]}, {1, (2,)}),
            ({"$decimal": "1.10"}, decimal.Decimal("1.10")),
        ):
            self.assertEqual(expected, decode(value, attachment))
        self.assertEqual(str(float("nan")), str(decode({"$float": "NaN"}, b"")))
        image = decode({"$image": {"mimeType": "image/png", "data": [0, 3]}}, attachment)
        self.assertEqual((b"abc", "image/png", "<Image image/png, 3 bytes>"), (image.data, image.mime_type, repr(image)))

    def test_what_is_unknown_or_broken_stays(self):
        for value in ({"$new": 1}, {"$int": "x"}, {"$bytes": [0, 100]}, {"$bytes": [-1, 1]}, {"$bytes": None}, {"$image": {}},
                      {"$float": "1e5"}, {"$map": 5}, {"$datetime": 5}, {"$int": None, "x": 1}, {"$set": [{}]}):
            self.assertEqual(value, decode(value, b"abc"))

    def test_round_trip(self):
        values = [2**60, b"ab", {1, 2}, {"$x": 1}, decimal.Decimal("1.5"), dt.date(2024, 1, 1), uuid.UUID(int=5),
                  dt.timedelta(1), dt.time(1, 2), {(1, 2): 3}, float("inf")]
        attachment = Attachment()
        encoded = json.loads(json.dumps(encode_result(values, attachment, 10**6)))
        self.assertEqual(values, decode(encoded, b"".join(attachment.parts)))


if __name__ == "__main__":
    unittest.main()
