import type { Idiom } from '../idioms.ts';

/** Programs that use tools. */
export const toolUse: readonly Idiom[] = [
  {
    title: 'f-string with a tool result',
    code: `w = tools.weather(city="Oslo")
print(f"{w['city']}: {w['temp']:>4}° ({w['sky']!r})")`,
    expect: { stdout: "Oslo:    4° ('rain')\n", calls: ['tools.weather'] },
  },
  {
    title: 'tool call inside an f-string',
    code: `print(f"{tools.weather(city='Rome')['temp']}")`,
    expect: { stdout: '19\n', calls: ['tools.weather'] },
  },
  {
    title: 'loop over tool results',
    code: `for issue in tools.github.list_issues(repo="a/b"):
    print(issue["number"], issue["title"])`,
    expect: { stdout: '1 a/b #1\n2 a/b #2\n3 a/b #3\n', calls: ['tools.github.list_issues'] },
  },
  {
    title: 'comprehension with tool calls',
    code: '{c: tools.weather(city=c)["temp"] for c in ["Oslo", "Rome", "Cairo"]}',
    expect: { result: { Oslo: 4, Rome: 19, Cairo: 31 }, calls: ['tools.weather', 'tools.weather', 'tools.weather'] },
  },
  {
    title: 'max with a key over tool results',
    code: 'max((tools.weather(city=c) for c in ["Oslo", "Rome"]), key=lambda w: w["temp"])["city"]',
    expect: { result: 'Rome', calls: ['tools.weather', 'tools.weather'] },
  },
  {
    title: 'sorted and slices of tool results',
    code: 'sorted(tools.github.list_issues(repo="r"), key=lambda i: -i["number"])[:2]',
    expect: {
      result: [
        { number: 3, title: 'r #3' },
        { number: 2, title: 'r #2' },
      ],
      calls: ['tools.github.list_issues'],
    },
  },
  {
    title: 'try and except round a tool',
    code: `try:
    r = tools.weather(city="Atlantis")
except Exception as e:
    r = f"{type(e).__name__}: {e}"
r`,
    expect: { result: 'ToolError: no weather for Atlantis', calls: ['tools.weather failed'] },
  },
  {
    title: 'retry loop round a tool',
    code: `for attempt in range(3):
    try:
        tools.fail(message="busy")
        break
    except ToolError as e:
        print(attempt, e)
else:
    print("gave up")`,
    expect: {
      stdout: '0 busy\n1 busy\n2 busy\ngave up\n',
      calls: ['tools.fail failed', 'tools.fail failed', 'tools.fail failed'],
    },
  },
  {
    title: 'error details',
    code: `try:
    tools.weather(city="X")
except ToolError as e:
    r = e.details["known"]
r`,
    expect: { result: ['Oslo', 'Rome', 'Cairo'], calls: ['tools.weather failed'] },
  },
  {
    title: 'await of a tool',
    code: `w = await tools.weather(city="Oslo")
w["temp"]`,
    expect: { result: 4, calls: ['tools.weather'] },
  },
  {
    title: 'asyncio.gather of tools',
    code: `import asyncio
ws = await asyncio.gather(tools.weather(city="Oslo"), tools.weather(city="Rome"))
[w["temp"] for w in ws]`,
    expect: { result: [4, 19], calls: ['tools.weather', 'tools.weather'] },
  },
  {
    title: 'gather over a comprehension',
    code: `import asyncio
ws = await asyncio.gather(*[tools.weather(city=c) for c in ("Oslo", "Rome")])
[w["temp"] for w in ws]`,
    expect: { result: [4, 19], calls: ['tools.weather', 'tools.weather'] },
  },
  {
    title: 'asyncio.run(main())',
    code: `import asyncio
async def main():
    w = await tools.weather(city="Oslo")
    return w["temp"]
print(asyncio.run(main()))`,
    expect: { stdout: '4\n', calls: ['tools.weather'] },
  },
  {
    title: 'await main() at the top level',
    code: `async def main():
    return (await tools.weather(city="Rome"))["temp"]
await main()`,
    expect: { result: 19, calls: ['tools.weather'] },
  },
  {
    title: 'get_event_loop().run_until_complete',
    code: `import asyncio
async def main():
    return await tools.echo.aio(a=1)
asyncio.get_event_loop().run_until_complete(main())`,
    expect: { result: { a: 1 }, calls: ['tools.echo'] },
  },
  {
    title: 'ThreadPoolExecutor.map over a tool',
    code: `from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(max_workers=3) as pool:
    temps = list(pool.map(lambda c: tools.weather(city=c)["temp"], ["Oslo", "Rome", "Cairo"]))
temps`,
    expect: { result: [4, 19, 31], calls: ['tools.weather', 'tools.weather', 'tools.weather'] },
  },
  {
    title: 'as_completed',
    code: `from concurrent.futures import ThreadPoolExecutor, as_completed
with ThreadPoolExecutor() as pool:
    futures = {pool.submit(tools.weather, city=c): c for c in ["Oslo", "Rome"]}
    r = sorted((futures[f], f.result()["temp"]) for f in as_completed(futures))
r`,
    expect: {
      result: [
        ['Oslo', 4],
        ['Rome', 19],
      ],
      calls: ['tools.weather', 'tools.weather'],
    },
  },
  {
    title: 'semaphore and gather',
    code: `import asyncio
limit = asyncio.Semaphore(2)
async def one(c):
    async with limit:
        return (await tools.weather.aio(city=c))["temp"]
await asyncio.gather(*(one(c) for c in ["Oslo", "Rome", "Cairo"]))`,
    expect: { result: [4, 19, 31], calls: ['tools.weather', 'tools.weather', 'tools.weather'] },
  },
  {
    title: 'a function with a tool call, used one run later',
    code: [
      `def temp(city: str) -> float:
    """Temperature of a city."""
    return tools.weather(city=city)["temp"]`,
      '[temp(c) for c in ("Oslo", "Rome")]',
    ],
    expect: { result: [4, 19], calls: ['tools.weather', 'tools.weather'] },
  },
  {
    title: 'a tool as a value',
    code: `call = tools.weather
call(city="Oslo")["sky"]`,
    expect: { result: 'rain', calls: ['tools.weather'] },
  },
  {
    title: 'functools.partial of a tool',
    code: `import functools
warm = functools.partial(tools.weather, units="F")
warm(city="Oslo")["temp"]`,
    expect: { result: 39.2, calls: ['tools.weather'] },
  },
  {
    title: 'arguments from a dict',
    code: `args = {"city": "Oslo", "units": "C"}
tools.weather(**args)["temp"]`,
    expect: { result: 4, calls: ['tools.weather'] },
  },
  {
    title: 'functools.lru_cache round a tool',
    code: `from functools import lru_cache
@lru_cache(maxsize=None)
def temp_of(city):
    return tools.weather(city=city)["temp"]
[temp_of("Oslo"), temp_of("Oslo"), temp_of.cache_info().hits]`,
    expect: { result: [4, 4, 1], calls: ['tools.weather'] },
  },
  {
    title: 'a generator that calls a tool',
    code: `def temps():
    for c in ("Oslo", "Rome"):
        yield tools.weather(city=c)["temp"]
sum(temps())`,
    expect: { result: 23, calls: ['tools.weather', 'tools.weather'] },
  },
  {
    title: 'filters with operators as keys',
    code: 'tools.echo(filter={"age": {"$gt": 5}})["filter"]["age"]["$gt"]',
    expect: { result: 5, calls: ['tools.echo'] },
  },
  {
    title: 'None for an optional argument',
    code: 'tools.weather(city="Oslo", units=None)["temp"]',
    expect: { result: 4, calls: ['tools.weather'] },
  },
  {
    title: 'hasattr and getattr on tools',
    code: '[hasattr(tools, "weather"), hasattr(tools, "nope"), getattr(tools, "weather")(city="Oslo")["temp"]]',
    expect: { result: [true, false, 4], calls: ['tools.weather'] },
  },
  {
    title: 'names of all tools',
    code: '[t["name"] for t in tools.list()][:3]',
    expect: { result: ['weather', 'echo', 'slow'], calls: ['tools.list'] },
  },
  {
    title: 'search, then describe',
    code: `found = tools.search("weather of a city")
print(found[0]["name"])
print(tools.describe(found[0]["name"]).splitlines()[2].strip())`,
    expect: {
      stdout: 'weather\ndef weather(*, city: str, units: Literal["C", "F"] = "C") -> Any:\n',
      calls: ['tools.search', 'tools.describe'],
    },
  },
  {
    title: 'help(tools.x)',
    code: `import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as out:
    help(tools.weather)
[line.strip() for line in out.getvalue().splitlines()[1:] if line.strip()]`,
    expect: {
      result: ['weather = tools.weather', 'tools.weather(city, units=...)', 'tools.describe("weather") says more.'],
    },
  },
  {
    title: 'print debugging',
    code: `data = tools.weather(city="Oslo")
print("DEBUG", data)
print(type(data), len(data), sep=" | ")`,
    expect: {
      stdout: "DEBUG {'city': 'Oslo', 'temp': 4, 'sky': 'rain'}\n<class 'dict'> | 3\n",
      calls: ['tools.weather'],
    },
  },
  {
    title: 'json.dumps of a tool result',
    code: `import json
print(json.dumps(tools.weather(city="Oslo"), indent=2))`,
    expect: { stdout: '{\n  "city": "Oslo",\n  "temp": 4,\n  "sky": "rain"\n}\n', calls: ['tools.weather'] },
  },
  {
    title: 'walrus with a tool',
    code: `if (w := tools.weather(city="Rome"))["temp"] > 10:
    print("warm", w["temp"])`,
    expect: { stdout: 'warm 19\n', calls: ['tools.weather'] },
  },
  {
    title: 'match over a tool result',
    code: `match tools.weather(city="Oslo"):
    case {"sky": "rain", "temp": t} if t < 10:
        r = f"cold rain {t}"
    case _:
        r = "fine"
r`,
    expect: { result: 'cold rain 4', calls: ['tools.weather'] },
  },
  {
    title: 'bytes of a tool into a file',
    code: `data = tools.data(length=4)
with open("d.bin", "wb") as f:
    f.write(data)
open("d.bin", "rb").read() == data`,
    expect: { result: true, calls: ['tools.data'] },
  },
  {
    title: 'an image of a tool',
    code: `image = tools.picture()
image.save("p.png")
import os
os.path.getsize("p.png") == len(image.data)`,
    expect: { result: true, calls: ['tools.picture'] },
  },
];
