"""The packages that the header of a workflow asks for."""

from __future__ import annotations

import unittest

from code_mode_kernel.script_header import _read_dependencies, read_header


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
