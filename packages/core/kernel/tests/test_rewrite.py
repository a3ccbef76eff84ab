import unittest

from .program_support import ProgramTest

A = "tools.weather(city='a')"
B = "tools.weather(city='b')"
GATHERED = [{"tool": "weather", "city": "a"}, {"tool": "weather", "city": "b"}]
PREAMBLE = "import asyncio\nfrom asyncio import gather, create_task\nimport asyncio as aio\ncities = ['a', 'b']\n"


class Rewritten(ProgramTest):
    def asynchronous(self, code: str, expected: object = GATHERED) -> None:
        self.setUp()
        self.assertEqual(expected, self.value(PREAMBLE + code), code)
        self.assertEqual({"async"}, set(self.calls.hows()), code)

    def test_await(self):
        self.asynchronous(f"await {A}", GATHERED[0])
        self.asynchronous(f"async def f():\n    return await {A}\nawait f()", GATHERED[0])
        self.asynchronous(f"async def f():\n    return await {A}\nasyncio.run(f())", GATHERED[0])
        self.asynchronous(f"(await {A})['city']", "a")
        self.asynchronous(f"await ({A} if 1 else {B})", GATHERED[0])
        self.asynchronous("await tools['weather'](city='a')", GATHERED[0])
        self.asynchronous("w = tools.weather\nawait w(city='a')", GATHERED[0])
        self.asynchronous("async def f():\n    w = tools.weather\n    return await w(city='a')\nawait f()", GATHERED[0])
        self.asynchronous("async def f(): return await w(city='a')\nw = tools.weather\nawait f()", GATHERED[0])
        self.asynchronous("g = tools.github.issues\n(await g.list_(repo='r'))['repo']", "r")

    def test_direct_arguments(self):
        for code in (
            f"await asyncio.gather({A}, {B})",
            f"await gather({A}, {B})",
            f"await aio.gather({A}, {B})",
            f"await asyncio.gather(*[{A}, {B}])",
            f"await asyncio.gather({A}, *({B},))",
            "await asyncio.gather(*[tools.weather(city=c) for c in cities])",
            "await asyncio.gather(*(tools.weather(city=c) for c in cities))",
            "await asyncio.gather(*map(lambda c: tools.weather(city=c), cities))",
            f"await asyncio.gather(create_task({A}), asyncio.ensure_future({B}))",
            f"[await asyncio.wait_for({A}, 5), await asyncio.shield({B})]",
            f"async def f():\n    return await asyncio.gather({A}, {B})\nasyncio.run(f())",
            f"t = asyncio.create_task({A})\n[await t, await {B}]",
            f"loop = asyncio.get_running_loop()\nawait asyncio.gather(loop.create_task({A}), loop.create_task({B}))",
            f"[await t for t in [asyncio.ensure_future({A}), asyncio.ensure_future({B})]]",
        ):
            self.asynchronous(code)

    def test_unordered(self):
        self.asynchronous(
            f"sorted([(await f)['city'] for f in asyncio.as_completed([{A}, {B}])])", ["a", "b"]
        )
        self.asynchronous(
            f"done, _ = await asyncio.wait([{A}, {B}])\nsorted(t.result()['city'] for t in done)", ["a", "b"]
        )

    def test_task_group(self):
        import asyncio

        if hasattr(asyncio, "TaskGroup"):
            self.asynchronous(
                f"async with asyncio.TaskGroup() as tg:\n    x = tg.create_task({A})\n    y = tg.create_task({B})\n"
                "[x.result(), y.result()]"
            )

    def test_variables(self):
        for code in (
            f"x = {A}\ny = {B}\nawait asyncio.gather(x, y)",
            f"ts = [{A}, {B}]\nawait asyncio.gather(*ts)",
            "ts = [tools.weather(city=c) for c in cities]\nawait asyncio.gather(*ts)",
            "ts = []\nfor c in cities:\n    ts.append(tools.weather(city=c))\nawait asyncio.gather(*ts)",
            f"ts = []\nts.append({A})\nts.extend([{B}])\nassert len(ts) == 2\nawait asyncio.gather(*ts)",
            "async def f():\n    ts = [tools.weather(city=c) for c in cities]\n    return await gather(*ts)\nawait f()",
            f"ts = [{A}, {B}]\nout = []\nfor t in ts:\n    out.append(await t)\nout",
            f"ts = [{A}, {B}]\n[await t for t in ts]",
            f"ts: list = [{A}, {B}]\nawait asyncio.gather(*ts)",
        ):
            self.asynchronous(code)
        self.asynchronous(f"x = {A}\ny = await x\ny", GATHERED[0])
        self.asynchronous(
            f"ts = [{A}, {B}]\nd, _ = await asyncio.wait(ts)\nlen(d)", 2
        )

    def test_asyncio_run(self):
        self.asynchronous(f"asyncio.run({A})", GATHERED[0])
        self.asynchronous(f"asyncio.run(asyncio.gather({A}, {B}))")
        self.asynchronous(f"async def main():\n    return await {A}\nawait main()\nasyncio.run(main())", GATHERED[0])
        self.asynchronous(
            f"async def main():\n    return await {A}\nawait main()\nif __name__ == '__main__':\n    r = asyncio.run(main())\nr",
            GATHERED[0],
        )

    def test_imports_of_an_earlier_run(self):
        self.value(PREAMBLE)
        self.assertEqual(GATHERED, self.value(f"await gather({A}, {B})"))
        self.assertEqual(GATHERED, self.value(f"await aio.gather({A}, {B})"))
        self.assertEqual({"async"}, set(self.calls.hows()))

    def test_positions_are_those_of_the_source(self):
        self.calls.error = RuntimeError("no")
        traceback = self.error(f"x = 1\nawait {A}")["traceback"]
        self.assertIn(f"    await {A}\n", traceback)
        self.assertNotIn("aio", traceback)
        self.assertEqual([2], self.calls.lines)


class LeftAlone(ProgramTest):
    def synchronous(self, code: str, expected: object) -> None:
        self.setUp()
        self.assertEqual(expected, self.value(PREAMBLE + code), code)
        self.assertEqual({"sync"}, set(self.calls.hows()), code)

    def test_data_is_meant(self):
        self.synchronous(A, GATHERED[0])
        self.synchronous(f"x = {A}\nawait asyncio.sleep(0)\nx", GATHERED[0])
        self.synchronous(f"ts = [{A}, {B}]\nts", GATHERED)
        self.synchronous(f"async def f(x): return x\nawait f({A})", GATHERED[0])
        self.synchronous(f"f = lambda: {A}\nf()", GATHERED[0])
        self.synchronous("await asyncio.to_thread(tools.weather, city='a')", GATHERED[0])
        self.synchronous("await asyncio.to_thread(lambda: tools.weather(city='a'))", GATHERED[0])
        self.synchronous(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor() as pool:\n    r = list(pool.map(lambda c: tools.weather(city=c), cities))\nr",
            GATHERED,
        )
        self.synchronous("tools.create_task(title='t')['title']", "t")

    def test_gather_of_what_a_tool_lists(self):
        self.synchronous("async def f(k): return k\nawait asyncio.gather(*map(f, tools.weather(city='a')))",
                         ["tool", "city"])

    def test_another_gather(self):
        self.synchronous(f"def gather(*x): return list(x)\ngather({A}, {B})", GATHERED)

    def test_an_await_that_cannot_work(self):
        error = self.error(f"x = {A}\nprint(x)\ny = await x")
        self.assertEqual("TypeError", error["name"])
        self.assertEqual(
            "Line 3: 'x' holds the data that tools.weather(...) returned in line 1, and data cannot be awaited. "
            "Write x instead of await x. Nothing has run.",
            error["message"],
        )
        self.assertEqual([], self.calls.log)

    def test_an_await_that_may_work(self):
        self.assertEqual("TypeError", self.value(
            f"x = {A}\nstr(x)\ntry:\n    await x\nexcept TypeError as e:\n    r = 'TypeError'\nr"))

    def test_awaiting_data_of_an_earlier_run_explains_itself(self):
        self.value(f"x = {A}")
        self.assertIn("tool calls return data, without await", self.error("await x")["message"])

    def test_asyncio_run_where_a_loop_runs_explains_itself(self):
        error = self.error("import asyncio\nasync def g(): pass\ndef f(c): asyncio.run(c)\nawait g()\n"
                           "c = g()\ntry:\n    f(c)\nfinally:\n    c.close()")
        self.assertIn("write `await main()` instead of `asyncio.run(main())`", error["message"])


    def test_gathering_data_explains_itself(self):
        code = "import asyncio\nts = {c: tools.weather(city=c) for c in 'ab'}\nawait asyncio.gather(*ts.values())"
        self.assertIn("write `tools.name.aio(...)` where an awaitable is needed", self.error(code)["message"])


class OtherNamespaces(ProgramTest):
    namespaces = ("workflows",)

    def test_same_convention(self):
        class Workflows:
            class hello:
                def __init__(self, **arguments): raise AssertionError("sync")

                @staticmethod
                async def aio(**arguments): return arguments

        self.program._objects["workflows"] = self.program.module.__dict__["workflows"] = Workflows()
        self.assertEqual({"a": 1}, self.value("await workflows.hello(a=1)"))


if __name__ == "__main__":
    unittest.main()
