import asyncio
import copy
import functools
import inspect
import pickle
import unittest
from concurrent.futures import ThreadPoolExecutor

from code_mode_kernel.errors import ToolArgumentError, ToolNotFoundError, error_from_wire
from code_mode_kernel.tool_entries import ToolEntries
from code_mode_kernel.tools import ToolIndex, Tools

from .program_support import SIGNATURES, ProgramTest, RecordedCalls, signature


class ToolsTest(unittest.TestCase):
    def setUp(self):
        self.calls = RecordedCalls()
        self.tools = Tools(ToolIndex(SIGNATURES), self.calls)

    def refused(self, kind, call) -> str:
        with self.assertRaises(kind) as caught:
            call()
        self.assertEqual([], self.calls.log)
        return str(caught.exception)


class Calling(ToolsTest):
    def test_names_are_mapped_to_those_of_the_host(self):
        self.tools.weather(city="Oslo", from_="x")
        self.tools.weather(**{"city": "Oslo", "from": "y"})
        self.tools.github.issues.list_(repo="r")
        self.tools["my-tool"]()
        self.tools["github.issues.list"](repo="r")
        self.tools.anything(self=1, path=2)
        self.assertEqual(
            [
                ("call", "weather", {"city": "Oslo", "from": "x"}, "sync"),
                ("call", "weather", {"city": "Oslo", "from": "y"}, "sync"),
                ("call", "github.issues.list", {"repo": "r"}, "sync"),
                ("call", "my-tool", {}, "sync"),
                ("call", "github.issues.list", {"repo": "r"}, "sync"),
                ("call", "anything", {"self": 1, "path": 2}, "sync"),
            ],
            self.calls.log,
        )

    def test_aio(self):
        async def main():
            return await asyncio.gather(self.tools.weather.aio(city="a"), self.tools.search.aio("q", limit=1))

        self.assertEqual([{"tool": "weather", "city": "a"}, {"tool": None, "query": "q", "limit": 1}], asyncio.run(main()))
        self.assertTrue(asyncio.iscoroutinefunction(self.tools.weather.aio))

    def test_functions_of_the_namespace(self):
        self.tools.list()
        self.tools.list(detail="names")
        self.tools.search("q", limit=3)
        self.tools.describe(self.tools.github.issues)
        self.assertEqual(
            [("list", None, {}), ("list", None, {"detail": "names"}), ("search", None, {"query": "q", "limit": 3}),
             ("describe", None, {"name": "github.issues"})],
            [entry[:3] for entry in self.calls.log],
        )

    def test_passed_around(self):
        weather = self.tools.weather
        list(map(lambda c: weather(city=c), "ab"))
        functools.partial(weather, city="c")()
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda c: weather(city=c), "de"))
        self.assertEqual(5, len(self.calls.log))

    def test_a_tool_that_is_also_a_group(self):
        tools = Tools(ToolIndex([signature("curl", "url"), signature("curl.get", "url!")]), self.calls)
        tools.curl(url="u")
        tools.curl.get(url="u")
        self.assertEqual(["curl", "curl.get"], [entry[1] for entry in self.calls.log])


class Refusing(ToolsTest):
    def test_unknown_names(self):
        self.assertEqual(
            "Tool 'wether' not found. Did you mean 'weather'? Its signature: tools.weather(city, units=..., from_=...). "
            'Available: anything, create_task, github, my_tool, save and 1 more. Find tools with tools.search("wether").',
            self.refused(ToolNotFoundError, lambda: self.tools.wether),
        )
        self.assertIn("Did you mean 'my_tool'?", self.refused(ToolNotFoundError, lambda: self.tools["my_tol"]))
        self.assertIn("'weather.nope' not found", self.refused(AttributeError, lambda: self.tools.weather.nope))
        self.assertEqual(
            "Tool 'x' not found. This session has no tools.",
            self.refused(ToolNotFoundError, lambda: Tools(ToolIndex([]), self.calls).x),
        )
        self.assertIn("is a group of tools", self.refused(ToolNotFoundError, lambda: self.tools.github()))
        self.assertIn("tools is not a function.", self.refused(TypeError, lambda: self.tools("weather")))

    def test_arguments(self):
        self.assertEqual(
            "tools.weather() takes keyword arguments only. Write tools.weather(city='Oslo', units=3).",
            self.refused(ToolArgumentError, lambda: self.tools.weather("Oslo", units=3)),
        )
        self.assertIn("no argument 'cty'. Did you mean 'city'?",
                      self.refused(TypeError, lambda: self.tools.weather(cty=1)))
        self.assertIn("missing the required argument 'city'", self.refused(TypeError, lambda: self.tools.weather()))
        self.assertIn("under two names",
                      self.refused(TypeError, lambda: self.tools.weather(**{"city": 1, "from_": 1, "from": 2})))
        self.assertIn("items[0] is a set", self.refused(TypeError, lambda: self.tools.save(items=[{1}])))
        self.assertIn("no argument 'q'", self.refused(TypeError, lambda: self.tools.search(q=1)))
        self.assertIn("same argument twice", self.refused(TypeError, lambda: self.tools.search("a", query="b")))
        with self.assertRaises(ToolArgumentError):
            asyncio.run(self.tools.weather.aio("Oslo"))

    def test_after_an_update(self):
        weather, github = self.tools.weather, self.tools.github
        self.tools.index = ToolIndex([signature("github.new")])
        self.assertIn("'weather' not found", self.refused(ToolNotFoundError, lambda: weather(city="a")))
        self.assertIn("'weather' not found", self.refused(ToolNotFoundError, lambda: self.tools.weather))
        github.new()
        self.assertEqual("github.new", self.calls.log[0][1])


class Looking(ToolsTest):
    def test_probing(self):
        self.assertTrue(hasattr(self.tools, "weather"))
        self.assertFalse(hasattr(self.tools, "nope"))
        self.assertIn("my-tool", self.tools)
        self.assertNotIn("nope", self.tools)
        self.assertEqual("d", getattr(self.tools, "nope", "d"))
        self.assertEqual(
            sorted(["weather", "save", "github", "my_tool", "anything", "create_task", "list", "search", "describe"]),
            sorted(dir(self.tools)),
        )
        self.assertEqual(["create", "list_"], sorted(dir(self.tools.github.issues)))
        self.assertIn("weather", list(self.tools))

    def test_texts(self):
        self.assertEqual("tools", repr(self.tools))
        self.assertEqual("tools.github.issues.list_", repr(self.tools.github.issues.list_))
        self.assertEqual("list_", self.tools.github.issues.list_.__name__)
        self.assertTrue(self.tools.weather.__doc__.startswith("tools.weather(city, units=..., from_=...)"))
        self.assertEqual("tools.search(query, limit=..., detail=...)", self.tools.search.__doc__)
        self.assertIn("7 tools.", self.tools.__doc__)

    def test_what_libraries_probe(self):
        for thing in (self.tools, self.tools.weather, self.tools.github):
            with self.assertRaises(AttributeError) as caught:
                thing.__wrapped__
            self.assertNotIsInstance(caught.exception, ToolNotFoundError)
            self.assertIs(thing, copy.copy(thing))
            self.assertIs(thing, copy.deepcopy(thing))
            with self.assertRaisesRegex(TypeError, "cannot be pickled"):
                pickle.dumps(thing)
            inspect.isawaitable(thing), inspect.iscoroutinefunction(thing), inspect.unwrap(thing)
            with self.assertRaises(AttributeError):
                thing.x = 1
        self.assertIn("units", str(inspect.getdoc(self.tools.weather)))


class LoadingLate(unittest.TestCase):
    def setUp(self):
        self.calls = RecordedCalls()
        self.calls.call = self.call
        self.tools = Tools(ToolIndex([], late=True), self.calls)
        self.loads = 0

    def call(self, namespace, function, name, arguments, attachment):
        if function != "load":
            return name
        self.loads += 1
        return SIGNATURES

    def test_the_first_look_asks_the_host_for_all(self):
        looks = [
            lambda tools: tools.weather,
            lambda tools: tools["weather"],
            lambda tools: hasattr(tools, "weather"),
            lambda tools: "weather" in tools,
            lambda tools: list(tools),
            lambda tools: dir(tools),
            lambda tools: tools.__doc__,
        ]
        for number, look in enumerate(looks, 1):
            with self.subTest(number):
                self.tools.index = ToolIndex([], late=True)
                self.assertTrue(look(self.tools))
                self.assertTrue(look(self.tools))
                self.assertEqual(number, self.loads)

    def test_what_needs_no_tool_asks_nothing(self):
        repr(self.tools)
        self.tools.list()
        self.assertEqual(0, self.loads)

    def test_what_there_is_not_is_not_found(self):
        self.assertFalse(hasattr(self.tools, "wether"))
        self.assertEqual(1, self.loads)


class Lines(ProgramTest):
    def test_the_line_of_the_call(self):
        self.value(
            "import asyncio\n"
            "def f():\n"
            "    return tools.weather(city='a')\n"
            "f()\n"
            "await asyncio.gather(\n"
            "    tools.weather(city='b'),\n"
            "    tools.weather.aio(city='c'))\n"
            "await tools.search('x')"
        )
        self.assertEqual([3, 6, 7, 8], self.calls.lines)

    def test_the_line_is_one_of_the_code_that_runs_now(self):
        self.run_code("def ask():\n    return tools.weather(city='Oslo')\n")
        self.run_code("\n\n\nask()")
        self.assertEqual([4], self.calls.lines)

    def test_tracebacks_show_the_code_only(self):
        self.calls.error = error_from_wire("tool", "It rains.", {"code": 5}, "weather")
        error = self.error("def f():\n    tools.weather(city='a')\nf()")
        self.assertEqual(("ToolError", "It rains.", 2), (error["name"], error["message"], error["line"]))
        self.assertNotIn("code_mode_kernel", error["traceback"])
        self.assertTrue(error["traceback"].endswith("\nToolError: It rains.\n"))
        self.assertEqual([5, "weather"], self.value(
            "try:\n    await tools.weather(city='a')\nexcept ToolError as e:\n    r = [e.details['code'], e.tool]\nr"))


class Entries(unittest.TestCase):
    def test_a_line_for_each_tool(self):
        entries = ToolEntries(
            [{"name": "a.b", "signature": "tools.a.b() -> Any", "description": "Does it."}, {"name": "c", "signature": "tools.c()", "description": ""}]
        )
        self.assertEqual("tools.a.b() -> Any  # Does it.\ntools.c()", repr(entries))
        self.assertEqual(f"```python\n{entries!r}\n```", entries._repr_markdown_())
        self.assertEqual("tools.a\ntools.b", repr(ToolEntries([{"name": "a"}, {"name": "b"}])))
        stubs = [{"name": name, "stub": f"class tools:\n    def {name}(): ..."} for name in "ab"]
        self.assertEqual("class tools:\n    def a(): ...\n\nclass tools:\n    def b(): ...", repr(ToolEntries(stubs)))

    def test_what_the_code_makes_of_it(self):
        self.assertEqual("[]", repr(ToolEntries()))
        self.assertIsNone(ToolEntries()._repr_markdown_())
        for items in ([1], ["a"], [{}], [{"stub": 1}]):
            self.assertEqual(repr(items), repr(ToolEntries(items)))
        self.assertEqual([{"name": "a"}], pickle.loads(pickle.dumps(ToolEntries([{"name": "a"}]))))


if __name__ == "__main__":
    unittest.main()
