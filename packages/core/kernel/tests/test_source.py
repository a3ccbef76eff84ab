import ast
import unittest

from code_mode_kernel.source import prepare_source


class Understood(unittest.TestCase):
    def check(self, expected: str, text: str) -> None:
        self.assertEqual(expected, prepare_source(text))

    def test_python_is_left_alone(self):
        for text in ("1+1", "s = '''\n```python\n%ls\n!x\n'''", "x = 5 %2", "  # comment\nx", "\tx = (\n1)".lstrip()):
            self.check(text, text)

    def test_line_ends_and_byte_order_mark(self):
        self.check("a = 1\nb = 2\n", "\ufeffa = 1\r\nb = 2\r")

    def test_a_fence_becomes_a_blank_line(self):
        for fence in ("```python", "```py", "```", "~~~", "``` python", "````python"):
            text = f"{fence}\nx = 1\nx\n{fence.replace('python', '').replace('py', '').strip()}"
            self.check("\nx = 1\nx", text)
        self.check("\n\n\nx", "\n\n```python\nx\n```\n\n")
        self.check("\nx", "```python\nx")
        self.check("\nx = 1", "  ```python\n  x = 1\n  ```")

    def test_common_indentation_goes(self):
        self.check("if x:\n    y\n", "    if x:\n        y\n")
        self.check("x = '''\na\n'''", "  x = '''\n  a\n  '''")

    def test_matplotlib_magic_is_ignored(self):
        self.check("\nx = 1", "%matplotlib inline\nx = 1")
        self.check("if x:\n    pass\n    y", "if x:\n    %matplotlib inline\n    y")

    def test_help(self):
        for text in ("len?", "?len", "len??"):
            self.check("help(len)", text)
        self.check("x = 1\nhelp(x.real)", "x = 1\nx.real?")


class Refused(unittest.TestCase):
    def refused(self, text: str, deps: bool = False) -> SyntaxError:
        with self.assertRaises(SyntaxError) as caught:
            prepare_source(text, deps)
        return caught.exception

    def test_pip(self):
        for text in ("pip install requests", "%pip install requests", "!pip install -q requests",
                     "!pip3 install requests", "!python -m pip install requests",
                     "!{sys.executable} -m pip install requests", "!uv pip install requests"):
            self.assertEqual('pip does not run here; write: deps.add("requests")', self.refused(text, True).msg, text)
            self.assertEqual(
                "packages cannot be installed in this session; use what is installed, or the standard library",
                self.refused(text).msg,
            )
        self.assertEqual(
            'pip does not run here; write: deps.add("a>=1"); deps.add("b")',
            self.refused("x = 1\n!pip install 'a>=1' b --upgrade", True).msg,
        )

    def test_shell_commands(self):
        error = self.refused("x = 1\n!ls -l \"a b\"\n")
        self.assertEqual(2, error.lineno)
        self.assertEqual(
            '! does not run shell commands here; write: import subprocess; '
            'print(subprocess.run("ls -l \\"a b\\"", shell=True, capture_output=True, text=True).stdout)',
            error.msg,
        )
        code = error.msg.partition("write: ")[2]
        ast.parse(code)
        self.assertTrue(
            self.refused("files = !ls").msg.endswith(
                'files = subprocess.run("ls", shell=True, capture_output=True, text=True).stdout'
            )
        )

    def test_a_command_that_confuses_the_tokenizer(self):
        self.assertIn("shell commands", self.refused("x = 1\n!echo it's\ny = (\n").msg)
        self.assertIn("%%bash is IPython", self.refused("%%bash\nif [ -f x ]; then echo \"it's\"; fi").msg)

    def test_other_magics(self):
        self.assertEqual(
            "%timeit is IPython syntax and this is plain Python; remove it, or use the timeit module",
            self.refused("%timeit f()").msg,
        )
        self.assertEqual(
            '%cd is IPython syntax and this is plain Python; write: import os; os.chdir("/tmp")',
            self.refused("%cd /tmp").msg,
        )
        self.assertIn("%%time is IPython", self.refused("%%time\nx = 1").msg)

    def test_text_around_a_fence(self):
        error = self.refused("Here is the code:\n```python\nx = 1\n```\nDone!")
        self.assertEqual("send only the Python code, without the text around the ``` fence", error.msg)
        self.assertEqual(2, error.lineno)

    def test_real_errors_stay_what_they_are(self):
        error = self.refused("x = 1\nif x\n    y")
        self.assertEqual(("expected ':'", 2), (error.msg, error.lineno))
        self.assertEqual(3, self.refused("```python\nx = 1\ny = (\n```").lineno)
        self.assertEqual("unterminated string literal (detected at line 2)", self.refused("s = 1\nt = '%ls").msg)


if __name__ == "__main__":
    unittest.main()
