"""What the docstring of a workflow says of it and its parameters, in any of three styles."""

from __future__ import annotations

import unittest

from code_mode_kernel.docstrings import read_docstring

from .workflow_support import facts


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


if __name__ == "__main__":
    unittest.main()
