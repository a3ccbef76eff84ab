import base64
import contextlib
import io
import json
import unittest

from code_mode_kernel.displays import mime_bundle

from .program_support import ProgramTest


class Bundles(unittest.TestCase):
    def bundle(self, **methods):
        self.err = io.StringIO()
        with contextlib.redirect_stderr(self.err):
            return mime_bundle(type("Rich", (), {"__repr__": lambda self: "<rich>", **methods})())

    def test_text_forms(self):
        self.assertEqual(
            {"text/html": "<b>", "text/markdown": "**", "text/latex": "$x$", "image/svg+xml": "<svg/>",
             "text/plain": "<rich>"},
            self.bundle(_repr_html_=lambda self: "<b>", _repr_markdown_=lambda self: ("**", {}),
                        _repr_latex_=lambda self: "$x$", _repr_svg_=lambda self: "<svg/>"),
        )

    def test_binary_forms_are_base64(self):
        bundle = self.bundle(_repr_png_=lambda self: b"png", _repr_jpeg_=lambda self: "aGk=")
        self.assertEqual(base64.b64encode(b"png").decode(), bundle["image/png"])
        self.assertEqual("aGk=", bundle["image/jpeg"])

    def test_json_and_bundles(self):
        bundle = self.bundle(
            _repr_json_=lambda self: {"a": [1]},
            _repr_mimebundle_=lambda self, include=None, exclude=None: (
                {"text/html": "<i>", "application/x": {"b": 2}, "image/png": b"p", "text/plain": "own", "x": None}, {}),
            _repr_html_=lambda self: "not used",
        )
        self.assertEqual({"a": [1]}, json.loads(bundle.pop("application/json")))
        self.assertEqual({"b": 2}, json.loads(bundle.pop("application/x")))
        self.assertEqual({"text/html": "<i>", "image/png": "cA==", "text/plain": "own"}, bundle)

    def test_nothing_richer(self):
        for value in (1, "a", None, [1], {}, object(), type("R", (), {"_repr_html_": lambda self: 1}), len):
            self.assertIsNone(mime_bundle(value))
        self.assertIsNone(self.bundle(_repr_html_=lambda self: None))
        self.assertIsNone(self.bundle(_repr_html_=None))
        self.assertIsNone(self.bundle(_repr_mimebundle_=lambda self, include=None, exclude=None: {"text/plain": "x"}))

    def test_an_object_that_answers_to_every_name(self):
        self.assertIsNone(self.bundle(__getattr__=lambda self, name: lambda *a, **k: "x"))

    def test_errors_are_reported(self):
        def fail(self):
            raise ValueError("no")

        self.assertEqual({"text/markdown": "m", "text/plain": "<rich>"},
                         self.bundle(_repr_html_=fail, _repr_markdown_=lambda self: "m"))
        self.assertIn("display: _repr_html_ of ", self.err.getvalue())
        self.assertIn("failed: ValueError: no\n", self.err.getvalue())


class Displaying(ProgramTest):
    RICH = "class R:\n    def __repr__(self): return 'r'\n    def _repr_html_(self): return '<r>'\n"

    def test_display(self):
        self.value("display('a', [1])")
        self.assertEqual([({"text/plain": "'a'"}, False), ({"text/plain": "[1]"}, False)], self.shown)

    def test_display_of_a_bundle(self):
        self.value("display({'text/html': '<b>'}, raw=True, metadata={})")
        self.assertEqual([({"text/html": "<b>"}, False)], self.shown)

    def test_a_rich_result_is_displayed(self):
        self.assertEqual("r", self.value(self.RICH + "R()")["$object"]["repr"])
        self.assertEqual([({"text/html": "<r>", "text/plain": "r"}, True)], self.shown)

    def test_a_plain_result_is_not(self):
        self.value("5")
        self.assertEqual([], self.shown)

    def test_the_cap(self):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.value("class B:\n    def _repr_png_(self): return b'x' * 9_000_000\n    def __repr__(self): return 'b'\n"
                       "display(B())")
        self.assertEqual([({"text/plain": "b"}, False)], self.shown)
        self.assertEqual(
            "display: image/png of 12.0 MB left out: a display may have 10 MB. Show a smaller picture or a part of the "
            "data.\n",
            err.getvalue(),
        )

    def test_images_of_tools(self):
        self.calls.call = lambda *a: __import__("code_mode_kernel.values").values.Image(b"png", "image/png")
        self.assertEqual("image/png", self.value("tools.my_tool()")["$image"]["mimeType"])
        self.assertEqual([({"image/png": "cG5n", "text/plain": "<Image image/png, 3 bytes>"}, True)], self.shown)


if __name__ == "__main__":
    unittest.main()
