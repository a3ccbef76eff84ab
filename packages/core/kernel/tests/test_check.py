import unittest

from .program_support import ProgramTest


class Refused(ProgramTest):
    def refused(self, code: str, name: str, message: str) -> dict:
        error = self.error("ran = True\n" + code)
        self.assertEqual((name, message), (error["name"], error["message"]))
        self.assertNotIn("ran", self.program.module.__dict__)
        self.assertEqual([], self.calls.log)
        return error

    def test_unknown_tool(self):
        error = self.refused(
            "tools.wether(city='Oslo')",
            "ToolNotFoundError",
            "Line 2: Tool 'wether' not found. Did you mean 'weather'? Its signature: "
            "tools.weather(city, units=..., from_=...). Available: anything, create_task, github, my_tool, save and "
            '1 more. Find tools with tools.search("wether"). Nothing has run.',
        )
        self.assertEqual(2, error["line"])
        self.assertTrue(
            error["traceback"].startswith(
                "  File \"<run-1>\", line 2\n    tools.wether(city='Oslo')\n    ^^^^^^^^^^^^\nToolNotFoundError: Line 2"
            ),
            error["traceback"],
        )

    def test_unknown_group_and_unknown_tool_in_a_group(self):
        self.assertIn("Did you mean 'github.issues'?", self.error("tools.github.isues.list_(repo='r')")["message"])
        self.assertIn("Did you mean 'github.issues.list_'?", self.error("tools.github.issues.lst(repo='r')")["message"])
        self.assertIn("Did you mean 'github.issues.create'?", self.error("tools.create(repo='r')")["message"])

    def test_a_group_is_no_tool(self):
        self.refused(
            "tools.github.issues(repo='r')",
            "ToolNotFoundError",
            "Line 2: tools.github.issues is a group of tools, not a tool. It has: tools.github.issues.create, "
            "tools.github.issues.list_. Nothing has run.",
        )

    def test_unknown_argument(self):
        self.refused(
            "tools.weather(city='Oslo', unit='C')",
            "ToolArgumentError",
            "Line 2: tools.weather() has no argument 'unit'. Did you mean 'units'? Its signature: "
            "tools.weather(city, units=..., from_=...). Nothing has run.",
        )
        self.assertIn("It takes no arguments.", self.error("tools.my_tool(a=1)")["message"])

    def test_missing_argument(self):
        self.refused(
            "tools.weather(units='C')",
            "ToolArgumentError",
            "Line 2: tools.weather() is missing the required argument 'city'. Its signature: "
            "tools.weather(city, units=..., from_=...). Nothing has run.",
        )
        self.assertIn("the required arguments 'repo', 'title'", self.error("tools.github.issues.create()")["message"])

    def test_positional_arguments(self):
        self.refused(
            "tools.weather('Oslo', units=\"C\")",
            "ToolArgumentError",
            "Line 2: tools.weather() takes keyword arguments only. Write "
            "tools.weather(city='Oslo', units=\"C\"). Nothing has run.",
        )
        self.assertIn("only. Its signature: tools.weather(", self.error("tools.weather(1, 2, 3, 4)")["message"])

    def test_everywhere(self):
        for code in (
            "[tools.wether(city=c) for c in 'ab']",
            "f'{tools.wether(city=1)}'",
            "lambda: tools.wether(city=1)",
            "def f():\n    def g():\n        return tools.wether(city=1)",
            "class A:\n    x = tools.wether(city=1)",
            "await tools.wether(city=1)",
            "tools.wether.aio(city=1)",
            "tools.weather.aio(cty=1)",
            "f = tools.wether",
            "t = tools.github\ndef f(): return t.isues.list_(repo='r')",
            "w = tools.weather\nw(cty='Oslo')",
            "w = tools.weather\nw2 = w\nw2('Oslo')",
            "tools['wether'](city=1)",
            "tools['my-tool'](x=1)",
            "try:\n    tools.wether(city=1)\nexcept KeyError:\n    pass",
            "try:\n    pass\nexcept Exception:\n    tools.wether()",
            "tools.search()",
            "tools.list(1, 2)",
            "tools.describe(nam='x')",
            "tools.search('x', 1, 'names', 2)",
            "tools.weather(**{'cty': 'Oslo'})",
            "tools.weather(**{'units': 'C', 'from': 'x'})",
            "def f():\n    w = tools.weather\n    return w(cty='Oslo')",
            "def f():\n    if 1:\n        g = tools.github\n    return lambda: g.isues",
            "async def f():\n    w = tools.weather\n    await w(cty='Oslo')",
            "(w := tools.weather)(city='x')\nw(cty='Oslo')",
            "if (g := tools.github):\n    g.isues",
            "[0 for _ in 'a' if (g := tools.github) and g.isues]",
            "[g.isues for _ in 'a' if (g := tools.github)]",
            "def f(): return g.isues\ng = tools.github\nf()",
            "g: object = tools.github\ng['isues'] if 0 else g.isues",
            "if True:\n    w = tools.weather\nw(cty='Oslo')",
            "print(tools['wether'])",
        ):
            self.assertIn("Nothing has run.", self.error(code)["message"], code)
        self.assertEqual([], self.calls.log)

    def test_several_at_once(self):
        message = self.error("\n".join(["tools.wether()"] * 8))["message"].split("\n")
        self.assertEqual(6, len(message))
        self.assertEqual("3 more calls are wrong. Nothing has run.", message[-1])


class NotRefused(ProgramTest):
    def test_what_may_be_right(self):
        for code in (
            "tools.weather(city='x')",
            "tools.weather(**{'city': 'x', 'from': 1})",
            "tools.weather(*[], city='x')",
            "tools['my-tool']()",
            "tools.github.issues.list_(repo='r')",
            "tools.anything(x=1, y=2)",
            "tools.list(); tools.list('names'); tools.search('x', 3); tools.search(query='x', limit=2)",
            "tools.describe('weather'); tools.describe(tools.weather)",
            "tools.weather.__name__; tools.weather.__doc__",
            "w = tools.weather\nw(city='x')",
            # Probing.
            "try:\n    tools.nope()\nexcept Exception as e:\n    pass",
            "try:\n    tools.nope()\nexcept:\n    pass",
            "try:\n    tools.nope\nexcept (KeyError, AttributeError):\n    pass",
            "try:\n    tools.weather(1)\nexcept TypeError:\n    pass",
            "try:\n    tools.nope()\nexcept ToolError:\n    pass",
            "import contextlib\nwith contextlib.suppress(AttributeError):\n    tools.nope()",
            "if hasattr(tools, 'nope'):\n    tools.nope()",
            "if 'nope' in dir(tools):\n    tools.nope()",
            "if 'nope' in tools:\n    tools.nope()",
            # Another `tools`.
            "def f(tools): return tools.nope(1)\nf",
            "def f():\n    tools = 1\n    return tools.real\nf()",
            "[tools.nope for tools in []]",
            "class T: nope = 1\nt = T\nt.nope",
            # More arguments may come than those we see.
            "tools.weather(**{'units': 'C', **{'city': 'x'}})",
            "more = {'city': 'x'}\ntools.weather(**more)",
            "key = 'city'\ntools.weather(**{key: 'x'})",
            "names = [str(tool) for tool in tools.list()]\nif 'nope' in names:\n    tools.nope()",
            # Another meaning of the name that no assignment shows.
            "globals()['tools'] = type('T', (), {'nope': 1})\ntools.nope",
            "exec('tools = type(\"T\", (), {\"nope\": 1})')\ntools.nope",
        ):
            outcome = self.run_code(code)
            self.assertEqual("completed", outcome.status, f"{code}\n{outcome.error}")

    def test_rebound_tools(self):
        for code in (
            "from types import SimpleNamespace as S\ntools = S(nope=lambda x: x)\ntools.nope(1)",
            "import json as tools\ntools.dumps(1)",
            "for tools in [{}]:\n    tools.get(1)",
            "del tools\ntry:\n    tools.nope\nexcept NameError:\n    pass",
            "def f():\n    global tools\n    tools = {}\nf()\ntools.get(1)",
        ):
            self.setUp()
            outcome = self.run_code(code)
            self.assertEqual("completed", outcome.status, f"{code}\n{outcome.error}")

    def test_tools_rebound_by_an_earlier_run(self):
        self.value("tools = {}")
        self.assertEqual(2, self.value("tools.get('x', 2)"))

    def test_an_alias_that_an_earlier_run_may_have_left(self):
        self.value("t = {'nope': 1}")
        self.assertEqual(1, self.value("if False:\n    t = tools.github\nt.get('nope')"))
        self.assertEqual(1, self.value("[0 for _ in [] if (t := tools.github)]\nt.get('nope')"))
        self.assertEqual(1, self.value("def f(): return t.get('nope')\nfound = f()\nt = tools.github\nfound"))

    def test_an_alias_that_changes(self):
        self.assertEqual(1, self.value("t = tools.github\nt = {'nope': 1}\nt.get('nope')"))


if __name__ == "__main__":
    unittest.main()
