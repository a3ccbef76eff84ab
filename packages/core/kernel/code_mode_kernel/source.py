"""Reads the model's text as Python: parses it, and when that fails looks for notebook habits.

Code fences, common indentation, `%matplotlib` and `name?` are understood. Commands of a shell or of IPython are
refused with the Python to write instead. Text that parses is never touched.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import textwrap

from .syntax import parse

_ROUNDS = 50


def prepare_source(text: str, deps: bool = False) -> str:
    """The Python source in `text`. Raises SyntaxError. See `read_source`."""
    return read_source(text, "<run>", deps)[0]


def read_source(text: str, filename: str, deps: bool) -> tuple[str, ast.Module]:
    """The Python source in `text`, with the line numbers of `text`, and its tree.

    `deps` says whether the session has a `deps` namespace, which the message about `pip` names.
    Raises SyntaxError with a fix where one is known, and what the parser raises for source it cannot take
    (RecursionError, MemoryError, OverflowError, ValueError).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SyntaxError("the code contains a NUL byte; inside a string write \\0 instead", (filename, line, 1, None))
    try:
        return text, parse(text, filename)
    except SyntaxError as error:
        return _mend(text, filename, deps, error)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        message = "the code contains half of a character (a lone surrogate); write it as an escape, e.g. \\ud800"
        raise SyntaxError(message, (filename, line, 1, None)) from None


def _mend(text: str, filename: str, deps: bool, error: SyntaxError) -> tuple[str, ast.Module]:
    unfenced = _without_fence(text)
    dedented = _dedented(unfenced)
    mended = dedented
    for _ in range(_ROUNDS):
        if mended != text:
            try:
                return mended, parse(mended, filename)
            except SyntaxError as again:
                error = again
        lines = mended.split("\n")
        number = _habit_line(lines, error)
        if number is None:
            break
        lines[number] = _translated(lines, number, filename, deps)
        if lines[number] == mended.split("\n")[number]:
            break
        mended = "\n".join(lines)
    if "```" in text and unfenced == text:
        _refuse("send only the Python code, without the text around the ``` fence", filename, text, _fence_line(text))
    raise error.with_traceback(None) from None


def _without_fence(text: str) -> str:
    match = _FENCE.match(text)
    if match is None:
        return text
    # Blank lines in place of the fence keep the numbers of the others.
    return "\n" * match["before"].count("\n") + "\n" + match["code"]


def _dedented(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    return textwrap.dedent(text) if first[:1] in (" ", "\t") else text


def _fence_line(text: str) -> int:
    return text.count("\n", 0, text.index("```"))


def _habit_line(lines: list[str], error: SyntaxError) -> int | None:
    """The index of the line of shell or IPython syntax that made the parser fail."""
    at = (error.lineno or 1) - 1
    if at < len(lines) and _is_habit(lines[at]):
        return at
    # An apostrophe in a command makes the tokenizer fail further down.
    for number in range(min(at + 1, len(lines))):
        if _is_habit(lines[number]) and _stands_alone(lines[:number]):
            return number
    return None


def _is_habit(line: str) -> bool:
    return _HABIT.match(line) is not None


def _stands_alone(before: list[str]) -> bool:
    """Whether the next line starts a statement: the lines before it are not inside a string or bracket."""
    try:
        ast.parse("\n".join(before))
    except IndentationError:
        return True
    except SyntaxError:
        return False
    return True


def _translated(lines: list[str], number: int, filename: str, deps: bool) -> str:
    """The Python for a habit, or a refusal that says what to write."""
    line = lines[number]
    indent = line[: len(line) - len(line.lstrip())]
    code = line.strip()
    if code.startswith("%matplotlib"):
        return f"{indent}pass" if indent else ""
    asked = _HELP.match(code)
    if asked:
        return f"{indent}help({asked['before'] or asked['after']})"
    assigned = _ASSIGNED.match(code)
    if assigned:
        code = assigned["command"]
    install = _INSTALL.match(code)
    if install:
        _refuse(_install_advice(install["packages"], deps), filename, line, number)
    if code.startswith("!"):
        command = json.dumps(code.lstrip("!").strip(), ensure_ascii=False)
        run = f"subprocess.run({command}, shell=True, capture_output=True, text=True).stdout"
        write = f"{assigned['name']} = {run}" if assigned else f"print({run})"
        _refuse(f"! does not run shell commands here; write: import subprocess; {write}", filename, line, number)
    if code.startswith("%"):
        _refuse(_magic_advice(code), filename, line, number)
    return line


def _install_advice(arguments: str, deps: bool) -> str:
    try:
        words = shlex.split(arguments)
    except ValueError:
        words = arguments.split()
    packages = [word for word in words if not word.startswith("-")]
    if not deps:
        return "packages cannot be installed in this session; use what is installed, or the standard library"
    calls = "; ".join(f"deps.add({json.dumps(package)})" for package in packages) or 'deps.add("package")'
    return f"pip does not run here; write: {calls}"


def _magic_advice(code: str) -> str:
    magic, _, rest = code.lstrip("%").partition(" ")
    percent = "%%" if code.startswith("%%") else "%"
    write = {
        "cd": f"write: import os; os.chdir({json.dumps(rest.strip())})",
        "time": "remove it, or measure with time.perf_counter()",
        "timeit": "remove it, or use the timeit module",
        "env": "write: import os; os.environ[...] = ...",
        "run": "write: import runpy; runpy.run_path(...)",
        "bash": "write: import subprocess; "
        "print(subprocess.run(..., shell=True, capture_output=True, text=True).stdout)",
        "writefile": 'write: open("name", "w").write(...)',
    }
    advice = write.get("bash" if magic == "sh" else magic, "remove the line")
    return f"{percent}{magic} is IPython syntax and this is plain Python; {advice}"


def _refuse(message: str, filename: str, line: str, number: int) -> None:
    column = len(line) - len(line.lstrip()) + 1
    raise SyntaxError(message, (filename, number + 1, column, line + "\n")) from None


_FENCE = re.compile(
    r"(?P<before>\s*)(?P<fence>`{3,}|~{3,})[ \t]*(?:python3?|py|ipython3?|Python)?[ \t]*\n"
    r"(?P<code>.*?)(?:\n[ \t]*(?P=fence)\s*)?\Z",
    re.DOTALL,
)
_HABIT = re.compile(
    r"\s*(?:[!%?]|(?:pip3?|conda|uv pip|python3? -m pip) +install\b|[\w.\[\]'\"]+\?\??\s*$|[\w, ]+=\s*[!%])"
)
_HELP = re.compile(r"(?:\?\??\s*(?P<after>[A-Za-z_][\w.]*)|(?P<before>[A-Za-z_][\w.]*)\s*\?\??)\Z")
_ASSIGNED = re.compile(r"(?P<name>\w[\w, ]*?)\s*=\s*(?P<command>[!%].*)")
_INSTALL = re.compile(
    r"[!%]*\s*(?:\{sys\.executable\} -m |python3? -m |uv )?(?:pip3?|conda|mamba)\s+install\b(?P<packages>.*)"
)
