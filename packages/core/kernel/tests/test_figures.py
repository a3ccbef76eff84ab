import importlib.util
import subprocess
import sys
import unittest
from pathlib import Path

from code_mode_kernel import figures

from .program_support import ProgramTest

HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None


@unittest.skipUnless(HAS_MATPLOTLIB, "matplotlib is not installed")
class Figures(ProgramTest):
    def setUp(self):
        super().setUp()
        figures.install()

    def run_and_flush(self, code: str) -> list[tuple[list[str], bool]]:
        self.shown.clear()
        outcome = self.run_code(code)
        figures.flush_figures()
        self.assertEqual("completed", outcome.status, outcome.error)
        for data, _ in self.shown:
            self.assertTrue(data["image/png"].startswith("iVBORw0KGgo"))
        return [(sorted(data), is_result) for data, is_result in self.shown]

    def test_figures_are_shown_once(self):
        png = ["image/png", "text/plain"]
        self.value("import matplotlib.pyplot as plt")
        self.assertEqual([(png, False)], self.run_and_flush("plt.plot([1, 2]); None"))
        self.assertEqual([], self.run_and_flush("1"))
        self.assertEqual([(png, False)], self.run_and_flush("plt.plot([1, 2])\nplt.show()"))
        self.assertEqual([(png, False)] * 2, self.run_and_flush("plt.plot([1])\nplt.show()\nplt.plot([2])\nplt.show()"))
        self.assertEqual([(png, True)], self.run_and_flush("fig, ax = plt.subplots()\nax.plot([1])\nfig"))
        self.assertEqual([(png, False)], self.run_and_flush("fig, ax = plt.subplots()\nfig.show()"))
        self.assertEqual([(png, False)], self.run_and_flush("fig, ax = plt.subplots()\ndisplay(fig)"))
        self.assertEqual([(png, False)] * 2, self.run_and_flush("plt.figure()\nplt.figure()\n1"))
        self.assertEqual([], self.run_and_flush("plt.figure()\nplt.close('all')"))

    def test_a_figure_that_is_shown_again(self):
        self.value("import matplotlib.pyplot as plt")
        self.run_and_flush("fig, ax = plt.subplots()\nax.plot([1])\n1")
        self.assertEqual(1, len(self.run_and_flush("ax.plot([2])\nfig")))


class FirstImport(unittest.TestCase):
    @unittest.skipUnless(HAS_MATPLOTLIB, "matplotlib is not installed")
    def test_the_hook_sets_the_backend_before_and_after_the_import(self):
        for first, second in (("figures.install()", "import matplotlib.pyplot"),
                              ("import matplotlib.pyplot", "figures.install()")):
            code = (
                "import sys\nfrom code_mode_kernel import displays, figures\nshown = []\n"
                f"displays.set_sink(lambda d, r: shown.append(sorted(d)))\n{first}\n{second}\n"
                "import matplotlib, matplotlib.pyplot as plt, importlib.resources, inspect\n"
                "assert matplotlib.get_backend().lower() == 'agg'\n"
                "plt.plot([1]); plt.show()\nassert inspect.getsource(plt)\n"
                "print(shown, type(plt.__loader__).__name__)"
            )
            folder = Path(__file__).resolve().parent.parent
            done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
            self.assertEqual("[['image/png', 'text/plain']] SourceFileLoader\n", done.stdout, done.stderr)

    def test_nothing_happens_without_matplotlib(self):
        figures.flush_figures()


if __name__ == "__main__":
    unittest.main()
