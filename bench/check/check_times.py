"""Times the parts of what happens between receiving code and running it. Prints JSON: name -> samples in ms."""

import ast
import json
import sys
import time

kernel, lines, tools, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
sys.path.insert(0, kernel)

from code_mode_kernel.check import refuse  # noqa: E402
from code_mode_kernel.check_tools import tool_problems  # noqa: E402
from code_mode_kernel.code_facts import analyse_code  # noqa: E402
from code_mode_kernel.references import References  # noqa: E402
from code_mode_kernel.rewrite import rewrite_awaits  # noqa: E402
from code_mode_kernel.scopes import Scopes  # noqa: E402
from code_mode_kernel.tool_index import ToolIndex  # noqa: E402

PROGRAM = '''import json, collections
totals = collections.Counter()
rows = []
for page in range(3):
    answer = tools.group1.tool_1(a=page, b={"k": [1, 2]})
    for item in answer["items"]:
        if item.get("state") == "open" and item["size"] > 10:
            totals[item["owner"]] += item["size"]
            rows.append({"id": item["id"], "name": item["name"].strip().lower()})
def summarize(rows, limit=10):
    best = sorted(rows, key=lambda row: (-row["id"], row["name"]))[:limit]
    return [f"{row['name']}: {row['id']:>5}" for row in best]
try:
    detail = {row["id"]: tools.group2.tool_2(a=row["id"]) for row in rows if row["id"] % 2}
except ToolError as error:
    print("failed", error, error.details)
    detail = {}
group = tools.group3
print(json.dumps(summarize(rows), indent=2), len(detail), group.tool_3(a=1))
lines = [line.split(",") for line in open("x.csv").read().splitlines() if line]
'''
NAMESPACES = frozenset(("tools", "workflows", "artifacts", "deps"))


def signature(number: int) -> dict:
    name = f"group{number % 20}.tool_{number}"
    return {"path": name, "name": name, "parameters": [["a", "a", True], ["b", "b", False]], "open": False}


source = PROGRAM * (lines // PROGRAM.count("\n"))
index = ToolIndex([signature(number) for number in range(max(tools, 4))])


def floor() -> None:
    compile(ast.parse(source), "<run>", "exec")


tree = ast.parse(source)


def check() -> None:
    scopes = Scopes(tree)
    references = References(scopes, NAMESPACES, {})
    refuse(scopes, references, tool_problems(scopes, references, index, source))


def check_and_rewrite() -> None:
    scopes = Scopes(tree)
    references = References(scopes, NAMESPACES, {})
    refuse(scopes, references, tool_problems(scopes, references, index, source))
    rewrite_awaits(scopes, references)


samples: dict = {}
for function in (floor, check, check_and_rewrite, lambda: analyse_code(source)):
    name = function.__name__ if function.__name__ != "<lambda>" else "facts"
    samples[name] = []
    for number in range(rounds + 5):
        started = time.perf_counter()
        function()
        if number >= 5:
            samples[name].append((time.perf_counter() - started) * 1000)
print(json.dumps(samples))
