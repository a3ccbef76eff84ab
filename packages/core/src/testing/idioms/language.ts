import type { Idiom } from '../idioms.ts';

/** Programs that use the language. */
export const language: readonly Idiom[] = [
  {
    title: 'dataclass',
    code: `from dataclasses import dataclass, asdict, field
@dataclass(order=True)
class Point:
    x: int
    tags: list = field(default_factory=list)
p = Point(1)
p.tags.append("a")
[asdict(p), p, p < Point(2)]`,
    expect: { result: [{ x: 1, tags: ['a'] }, { $dataclass: { name: 'Point', fields: { x: 1, tags: ['a'] } } }, true] },
  },
  {
    title: 'a class used two runs later',
    code: [
      `class Counter2:
    def __init__(self): self.n = 0
    def add(self): self.n += 1; return self`,
      'c = Counter2().add()',
      'c.add().n',
    ],
    expect: { result: 2 },
  },
  {
    title: 'generator',
    code: `def squares(n):
    for i in range(n):
        yield i * i
list(squares(5))`,
    expect: { result: [0, 1, 4, 9, 16] },
  },
  {
    title: 'recursion',
    code: `def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
fib(15)`,
    expect: { result: 610 },
  },
  {
    title: 'from __future__',
    code: `from __future__ import annotations
def f(x: Undefined) -> Nothing:
    return x
f(1)`,
    expect: { result: 1 },
  },
  {
    title: 'if __name__ == "__main__"',
    code: `def main():
    print("in main")
if __name__ == "__main__":
    main()`,
    expect: { stdout: 'in main\n' },
  },
  {
    title: 'pickle of a class of the session',
    code: [
      `import pickle
class Thing:
    def __init__(self, v): self.v = v
blob = pickle.dumps(Thing([1]))`,
      'pickle.loads(blob).v',
    ],
    expect: { result: [1] },
  },
  {
    title: 'big int, NaN, complex',
    code: '[2**70, float("nan"), 1e400, 1 + 2j]',
    expect: {
      result: [{ $int: '1180591620717411303424' }, { $float: 'NaN' }, { $float: 'Infinity' }, { $complex: [1, 2] }],
    },
  },
  {
    title: 'set, frozenset, bytes, range',
    code: '[{2, 1}, frozenset("a"), b"\\x00", range(3)]',
    expect: { result: [{ $set: [1, 2] }, { $set: ['a'] }, { $bytes: 'AA==' }, { $range: [0, 3, 1] }] },
  },
  {
    title: 'printing Unicode',
    code: 'print("naïve ☕ 日本 🎉", end="\\n\\n")',
    expect: { stdout: 'naïve ☕ 日本 🎉\n\n' },
  },
  {
    title: 'time.sleep with asyncio.sleep',
    code: `import asyncio, time
async def step(n):
    time.sleep(0.01)
    await asyncio.sleep(0.01)
    return n
start = time.perf_counter()
r = await asyncio.gather(step(1), step(2))
[r, time.perf_counter() - start < 1]`,
    expect: { result: [[1, 2], true] },
  },
  {
    title: 'nested functions and closures',
    code: `def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
up = counter()
up(), up()`,
    expect: { result: [1, 2] },
  },
  {
    title: 'global state',
    code: [
      `total = 0
def add(n):
    global total
    total += n`,
      `for n in range(4): add(n)
total`,
    ],
    expect: { result: 6 },
  },
  {
    title: '_ is the last result',
    code: ['21 * 2', '_ + 0'],
    expect: { result: 42 },
  },
  {
    title: 'del',
    code: `tmp = 1
del tmp
"tmp" in globals()`,
    expect: { result: false },
  },
  {
    title: 'star-args and unpacking',
    code: `def f(a, *rest, key=0, **more): return [a, rest, key, more]
first, *others = [1, 2, 3]
f(first, *others, key=9, **{"z": 1})`,
    expect: { result: [1, [2, 3], 9, { z: 1 }] },
  },
  {
    title: 'async for and async with',
    code: `import contextlib
async def ticks():
    for n in range(2):
        yield n
@contextlib.asynccontextmanager
async def opened():
    yield "open"
async with opened() as state:
    async for n in ticks():
        print(state, n)`,
    expect: { stdout: 'open 0\nopen 1\n' },
  },
  {
    title: 'decorators and properties',
    code: `class Circle:
    def __init__(self, r): self.r = r
    @property
    def area(self): return round(3.14159 * self.r ** 2, 2)
    @classmethod
    def unit(cls): return cls(1)
    @staticmethod
    def name(): return "circle"
[Circle.unit().area, Circle.name()]`,
    expect: { result: [3.14, 'circle'] },
  },
  {
    title: 'exception groups',
    code: `try:
    raise ExceptionGroup("many", [ValueError("a"), TypeError("b")])
except* ValueError as group:
    print("values", len(group.exceptions))
except* TypeError:
    print("types")`,
    needs: { expression: '__import__("sys").version_info >= (3, 11)', reason: 'except* came with Python 3.11' },
    expect: { stdout: 'values 1\ntypes\n' },
  },
];
