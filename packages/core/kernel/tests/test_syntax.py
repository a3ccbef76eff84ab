import ast
import unittest
from unittest import mock

from code_mode_kernel.syntax import parse


class ParseTest(unittest.TestCase):
    def test_a_parser_that_stumbled_is_asked_again(self):
        stumble = SystemError("AST constructor recursion depth mismatch (before=54, after=102)")
        tree = ast.parse("x = 1", "<run-1>")
        with mock.patch("ast.parse", side_effect=[stumble, tree]) as asked:
            self.assertIs(parse("x = 1", "<run-1>"), tree)
        self.assertEqual(asked.call_args_list, [mock.call("x = 1", "<run-1>")] * 2)

    def test_what_is_wrong_with_the_text_is_raised(self):
        with self.assertRaises(SyntaxError):
            parse("x =", "<run-1>")


if __name__ == "__main__":
    unittest.main()
