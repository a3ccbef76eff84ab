"""What is done when a module has been imported."""

import importlib
import sys
import types
import unittest

from code_mode_kernel.post_import import after_import

MODULE = "stringprep"


class PostImportTest(unittest.TestCase):
    def test_every_hook_of_a_module_is_called_once(self) -> None:
        called: "list[str]" = []

        def first(module: types.ModuleType) -> None:
            called.append(f"first {module.__name__}")

        def second(module: types.ModuleType) -> None:
            called.append(f"second {module.__name__}")

        sys.modules.pop(MODULE, None)
        for hook in (first, second, first):
            after_import(MODULE, hook)
        self.assertEqual(called, [])
        importlib.import_module(MODULE)
        self.assertEqual(called, [f"first {MODULE}", f"second {MODULE}"])

    def test_of_a_module_that_is_there_it_is_called_at_once(self) -> None:
        called: "list[str]" = []
        after_import("sys", lambda module: called.append(module.__name__))
        self.assertEqual(called, ["sys"])


if __name__ == "__main__":
    unittest.main()
