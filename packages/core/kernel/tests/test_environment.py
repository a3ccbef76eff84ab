import contextlib
import io
import os
import socket
import sys
import tempfile
import unittest
from unittest import mock

from code_mode_kernel import environment
from code_mode_kernel.channel import Channel
from code_mode_kernel.deps import Deps
from code_mode_kernel.environment import stale_modules, use_environment
from code_mode_kernel.errors import ToolArgumentError
from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.values import Attachment
from code_mode_kernel.wire import Connection


class EnvironmentCase(unittest.TestCase):
    def setUp(self):
        self.addCleanup(self.restore, list(sys.path), set(sys.modules))
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def restore(self, path, modules):
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        environment._folder = None
        environment._folders.clear()
        environment._stale.clear()

    def make(self, name, **files):
        """An environment: `alpha="..."` is `alpha.py`, `alpha__part` is `alpha/part.py`."""
        folder = os.path.join(self.folder.name, name, "site-packages")
        for path, text in files.items():
            file = os.path.join(folder, *path.split("__")) + ".py"
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w") as target:
                target.write(text)
        os.makedirs(folder, exist_ok=True)
        return folder


class PathTest(EnvironmentCase):
    def path(self, *entries):
        """Makes up a path, on which nothing can be imported."""
        patch = mock.patch("importlib.invalidate_caches")
        patch.start()
        self.addCleanup(patch.stop)
        sys.path[:] = entries

    def test_stands_behind_the_standard_library_and_before_what_is_installed(self):
        self.path("", "/lib/python3.zip", "/lib/python3", "/lib/python3/site-packages", "/mine")
        first, second = self.make("first"), self.make("second")
        use_environment(first)
        self.assertEqual(sys.path, ["", "/lib/python3.zip", "/lib/python3", first, "/lib/python3/site-packages", "/mine"])
        use_environment(second)
        self.assertEqual(sys.path, ["", "/lib/python3.zip", "/lib/python3", second, "/lib/python3/site-packages", "/mine"])
        use_environment(None)
        self.assertEqual(sys.path, ["", "/lib/python3.zip", "/lib/python3", "/lib/python3/site-packages", "/mine"])

    def test_stands_last_where_nothing_is_installed(self):
        self.path("/lib/python3")
        folder = self.make("first")
        use_environment(folder)
        self.assertEqual(sys.path, ["/lib/python3", folder])

    def test_a_module_that_was_missing_can_be_imported_afterwards(self):
        with self.assertRaises(ModuleNotFoundError):
            import cm_alpha  # noqa: F401
        use_environment(self.make("first", cm_alpha="value = 1"))
        import cm_alpha

        self.assertEqual(cm_alpha.value, 1)


class ImportedTest(EnvironmentCase):
    def test_a_module_of_a_package_that_is_gone_is_forgotten(self):
        use_environment(self.make("first", cm_beta____init__="", cm_beta__part=""))
        import cm_beta.part  # noqa: F401

        use_environment(self.make("second"), ["cm_beta"])
        self.assertEqual([name for name in sys.modules if name.startswith("cm_beta")], [])
        self.assertEqual(stale_modules(), [])

    def test_a_module_with_another_version_stays_and_is_named(self):
        use_environment(self.make("first", cm_gamma="value = 1"))
        import cm_gamma

        use_environment(self.make("second", cm_gamma="value = 2"), ["cm_gamma"])
        self.assertEqual(sys.modules["cm_gamma"].value, 1)
        self.assertEqual(stale_modules(), ["cm_gamma"])
        del sys.modules["cm_gamma"]
        import cm_gamma

        self.assertEqual([cm_gamma.value, stale_modules()], [2, []])

    def test_a_module_with_c_code_stays_and_is_named(self):
        use_environment(self.make("first", cm_delta____init__="", cm_delta__part=""))
        import cm_delta.part

        cm_delta.part.__file__ = cm_delta.part.__file__[:-3] + ".cpython-312.so"
        use_environment(None, ["cm_delta"])
        self.assertIs(sys.modules["cm_delta"], cm_delta)
        self.assertEqual(stale_modules(), ["cm_delta"])

    def test_a_module_from_elsewhere_stays(self):
        use_environment(self.make("first"))
        use_environment(None, ["json"])
        self.assertIn("json", sys.modules)
        self.assertEqual(stale_modules(), [])


class UpdateTest(EnvironmentCase):
    def test_takes_effect_before_the_answer_of_the_call_that_waits(self):
        host, kernel = socket.socketpair()
        self.addCleanup(host.close)
        self.addCleanup(kernel.close)
        owner = type("Owner", (), {"run_id": lambda self: "r1"})()
        channel = Channel(Connection(kernel, Interrupts()), owner)
        connection = Connection(host, Interrupts())
        folder = self.make("first")
        connection.send({"type": "environment-update", "sitePackages": folder, "changed": []})
        connection.send({"type": "call-end", "callId": 1, "result": "done"})
        self.assertEqual(channel.call("deps", "add", None, {}, Attachment()), "done")
        self.assertIn(folder, sys.path)


class Calls:
    def __init__(self, answer):
        self.answer = answer
        self.made = []

    def call(self, *call):
        self.made.append(call[:4])
        return self.answer


class DepsTest(EnvironmentCase):
    def test_adds_what_only_this_process_knows(self):
        calls = Calls({"installed": []})
        self.assertEqual(Deps(calls).add("six", "tomli>=2"), {"installed": [], "still_loaded": []})
        self.assertEqual(calls.made, [("deps", "add", None, {"requirements": ["six", "tomli>=2"]})])

    def test_names_what_it_takes(self):
        deps = Deps(Calls([]))
        for call, message in (
            (lambda: deps.add(), 'deps.add() takes one or more strings. Write deps.add("six", "tomli").'),
            (lambda: deps.remove(["six"]), 'deps.remove() takes one or more strings. Write deps.remove("six", "tomli").'),
            (lambda: deps.list("six"), "deps.list() takes no arguments."),
        ):
            with self.assertRaises(ToolArgumentError) as caught:
                call()
            self.assertEqual(str(caught.exception), message)

    def test_shows_and_explains_itself(self):
        deps = Deps(Calls([]))
        self.assertEqual([repr(deps), repr(deps.add), dir(deps)], ["deps", "deps.add", ["add", "list", "remove", "sync"]])
        with contextlib.redirect_stdout(io.StringIO()) as out:
            help(deps.list)
        self.assertIn("What this and later sessions require, as a list of strings.", out.getvalue())
        with self.assertRaisesRegex(AttributeError, "deps cannot be changed. Keep 'six' in a variable of your own."):
            deps.six = 1
        with self.assertRaisesRegex(AttributeError, "deps cannot be changed."):
            del deps.add


if __name__ == "__main__":
    unittest.main()
