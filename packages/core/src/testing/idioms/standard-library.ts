import type { Idiom } from '../idioms.ts';

/** Programs that use the standard library. */
export const standardLibrary: readonly Idiom[] = [
  {
    title: 'with open, one run later',
    code: [
      `with open("notes.txt", "w") as f:
    f.write("one\\ntwo\\n")`,
      '[line.strip() for line in open("notes.txt")]',
    ],
    expect: { result: ['one', 'two'] },
  },
  {
    title: 'csv',
    code: `import csv, io
rows = list(csv.DictReader(io.StringIO("name,age\\nAda,36\\nBob,41\\n")))
sum(int(r["age"]) for r in rows)`,
    expect: { result: 77 },
  },
  {
    title: 'json and re',
    code: `import json, re
[json.loads('{"a": [1, null]}'), re.findall(r"(\\d+)-(\\d+)", "1-2, 33-44")]`,
    expect: {
      result: [
        { a: [1, null] },
        [
          ['1', '2'],
          ['33', '44'],
        ],
      ],
    },
  },
  {
    title: 'statistics',
    code: `import statistics as st
[st.mean([1, 2, 3, 4]), st.median([1, 3, 2]), round(st.stdev([1, 2, 3, 4]), 3)]`,
    expect: { result: [2.5, 2, 1.291] },
  },
  {
    title: 'itertools',
    code: `from itertools import groupby, combinations, chain
[{k: len(list(g)) for k, g in groupby("aabbb")}, list(combinations("abc", 2))[:2], list(chain([1], [2]))]`,
    expect: {
      result: [
        { a: 2, b: 3 },
        [
          ['a', 'b'],
          ['a', 'c'],
        ],
        [1, 2],
      ],
    },
  },
  {
    title: 'collections',
    code: `from collections import Counter, defaultdict, deque
d = defaultdict(list)
d["k"].append(1)
[Counter("mississippi").most_common(2), d, deque([1, 2, 3], maxlen=2)]`,
    expect: {
      result: [
        [
          ['i', 4],
          ['s', 4],
        ],
        { k: [1] },
        [2, 3],
      ],
    },
  },
  {
    title: 'datetime',
    code: `from datetime import datetime, timedelta, date, timezone
[datetime(2024, 2, 28) + timedelta(days=2), date(2024, 3, 1), datetime(2024, 1, 1, tzinfo=timezone.utc).isoformat()]`,
    expect: { result: [{ $datetime: '2024-03-01T00:00:00' }, { $date: '2024-03-01' }, '2024-01-01T00:00:00+00:00'] },
  },
  {
    title: 'Decimal',
    code: `from decimal import Decimal
Decimal("0.1") + Decimal("0.2")`,
    expect: { result: { $decimal: '0.3' } },
  },
  {
    title: 'pathlib',
    code: `from pathlib import Path
p = Path("sub") / "a.txt"
p.parent.mkdir(exist_ok=True)
p.write_text("hi")
[p.read_text(), p.suffix, [x.name for x in Path("sub").iterdir()]]`,
    expect: { result: ['hi', '.txt', ['a.txt']] },
  },
  {
    title: 'sqlite3',
    code: `import sqlite3
db = sqlite3.connect(":memory:")
db.execute("create table t (name text, n int)")
n = db.executemany("insert into t values (?, ?)", [("a", 1), ("b", 2)])
db.execute("select name, n from t where n > 1").fetchall()`,
    expect: { result: [['b', 2]] },
  },
  {
    title: 'tempfile',
    code: `import tempfile, os
with tempfile.NamedTemporaryFile("w+", suffix=".txt") as f:
    n = f.write("x")
    f.flush()
    r = os.path.exists(f.name)
[r, os.path.exists(f.name)]`,
    expect: { result: [true, false] },
  },
  {
    title: 'subprocess',
    code: `import subprocess
r = subprocess.run(["echo", "hello"], capture_output=True, text=True)
[r.stdout, r.returncode]`,
    expect: { result: ['hello\n', 0] },
  },
  {
    title: 'copy.deepcopy',
    code: `import copy
a = {"x": [1]}
b = copy.deepcopy(a)
b["x"].append(2)
[a, b]`,
    expect: { result: [{ x: [1] }, { x: [1, 2] }] },
  },
  {
    title: 'namedtuple',
    code: `from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: int = 0
P(1)`,
    expect: { result: { x: 1, y: 0 } },
  },
  {
    title: 'Enum',
    code: `from enum import Enum, IntEnum
class Color(Enum):
    RED = "r"
class Level(IntEnum):
    LOW = 1
[Color.RED, Level.LOW, Color("r").name]`,
    expect: { result: [{ $enum: { name: 'Color.RED', value: 'r' } }, 1, 'RED'] },
  },
  {
    title: 'logging',
    code: `import logging
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", force=True)
logging.getLogger("app").info("started %d", 1)`,
    expect: { stderr: 'INFO started 1\n' },
  },
  {
    title: 'warnings, twice',
    code: [
      `import warnings
warnings.simplefilter("default")
def old():
    warnings.warn("old", DeprecationWarning, stacklevel=2)`,
      `with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old(); old()
len(caught)`,
    ],
    expect: { result: 2 },
  },
  {
    title: 'typing',
    code: `from typing import Optional, Union, Callable, TypedDict
class Row(TypedDict, total=False):
    id: int
def g(f: Callable[[int], int], x: Optional[int] = None) -> int | str:
    return f(x or 2)
[g(lambda v: v * 2), Row(id=1)]`,
    expect: { result: [4, { id: 1 }] },
  },
  {
    title: 'contextlib',
    code: `from contextlib import contextmanager, suppress
@contextmanager
def tag(name):
    print(f"<{name}>")
    yield name
    print(f"</{name}>")
with tag("b") as t, suppress(ZeroDivisionError):
    print(t)
    1 / 0`,
    expect: { stdout: '<b>\nb\n</b>\n' },
  },
  {
    title: 'inspect.getsource of an earlier run',
    code: [
      `def shown():
    return 1`,
      `import inspect
inspect.getsource(shown)`,
    ],
    expect: { result: 'def shown():\n    return 1\n' },
  },
  {
    title: 'random with a seed',
    code: `import random
random.seed(7)
[random.randint(1, 6) for _ in range(5)]`,
    expect: { result: [3, 2, 4, 6, 1] },
  },
  {
    title: 'a background thread with a queue',
    code: `import threading, queue
q = queue.Queue()
t = threading.Thread(target=lambda: q.put(sum(range(10))), daemon=True)
t.start()
t.join()
q.get(timeout=1)`,
    expect: { result: 45 },
  },
  {
    title: 'multiprocessing',
    code: `import multiprocessing as mp
def square(n): return n * n
with mp.get_context("fork").Pool(2) as pool:
    r = pool.map(square, range(4))
r`,
    expect: { result: [0, 1, 4, 9] },
  },
  {
    title: 'textwrap, string and format',
    code: `import textwrap, string
[textwrap.dedent("  a\\n  b"), string.Template("$x!").substitute(x=1), "%05.1f|%s" % (3.14159, "s"), "{:,}".format(1234567)]`,
    expect: { result: ['a\nb', '1!', '003.1|s', '1,234,567'] },
  },
  {
    title: 'hashlib, base64, uuid',
    code: `import hashlib, base64, uuid
[hashlib.sha256(b"a").hexdigest()[:8], base64.b64encode(b"hi").decode(), uuid.UUID(int=1)]`,
    expect: { result: ['ca978112', 'aGk=', { $uuid: '00000000-0000-0000-0000-000000000001' }] },
  },
  {
    title: 'pandas',
    code: `import pandas as pd
df = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
int(df["a"].sum())`,
    needs: {
      expression: '__import__("importlib.util").util.find_spec("pandas") is not None',
      reason: 'pandas is not installed for this Python',
    },
    expect: { result: 3 },
  },
  {
    title: 'matplotlib',
    code: `import matplotlib.pyplot as plt
plt.plot([1, 2, 3])
plt.title("t")
plt.show()`,
    needs: {
      expression: '__import__("importlib.util").util.find_spec("matplotlib") is not None',
      reason: 'matplotlib is not installed for this Python',
    },
    expect: { displays: [['image/png', 'text/plain']] },
  },
];
