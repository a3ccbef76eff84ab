"""Reads docstrings in the Google, NumPy and Sphinx styles."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field


@dataclass
class Docstring:
    """`summary` is the first line; `parameters` maps names to descriptions, each on one line."""

    summary: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    returns: str = ""


def read_docstring(text: str | None) -> Docstring:
    """What a docstring says. A text in no known style has a summary only."""
    lines = inspect.cleandoc(text or "").expandtabs().split("\n")
    doc = Docstring(summary=lines[0].strip())
    _read_sphinx(lines, doc)
    position = 0
    while position < len(lines):
        google = _GOOGLE.fullmatch(lines[position])
        underline = lines[position + 1].strip() if position + 1 < len(lines) else ""
        if google:
            end = _block_end(lines, position + 1)
            _read_google(google[1].lower(), lines[position + 1 : end], doc)
            position = end
        elif len(underline) > 2 and set(underline) == {"-"}:
            end = _next_heading(lines, position + 2)
            _read_numpy(lines[position].strip().lower(), lines[position + 2 : end], doc)
            position = end
        else:
            position += 1
    return doc


def _read_sphinx(lines: list[str], doc: Docstring) -> None:
    """`:param int days: How many.`, and `:return: The data.`"""
    position = 0
    while position < len(lines):
        match = _SPHINX.match(lines[position])
        position += 1
        if match is None:
            continue
        more = []
        while position < len(lines) and lines[position].startswith(" ") and lines[position].strip():
            more.append(lines[position])
            position += 1
        text = _joined([match["text"], *more])
        if match["kind"] in ("return", "returns"):
            doc.returns = text
        elif match["kind"] in _SPHINX_PARAMETERS and match["rest"]:
            doc.parameters[match["rest"].split()[-1].lstrip("*")] = text


def _read_google(heading: str, lines: list[str], doc: Docstring) -> None:
    """The lines below `Args:`: `name (type): text`, further lines further in."""
    lines = inspect.cleandoc("\n".join(["", *lines])).split("\n")
    if heading in ("returns", "return"):
        text = _joined(lines)
        doc.returns = re.sub(r"^[\w\[\], .|]+: ", "", text)
        return
    name = None
    for line in lines:
        match = _GOOGLE_ITEM.fullmatch(line)
        if match:
            name = match["name"].lstrip("*")
            doc.parameters[name] = match["text"].strip()
        elif name is not None and line.startswith(" "):
            doc.parameters[name] = _joined([doc.parameters[name], line])


def _read_numpy(heading: str, lines: list[str], doc: Docstring) -> None:
    """The lines below an underlined heading: `a, b : type`, the text further in."""
    if heading not in ("parameters", "other parameters", "keyword arguments", "attributes", "returns"):
        return
    names: list[str] = []
    for line in lines:
        if not line.strip():
            continue
        if not line.startswith(" "):
            names = [name.strip().lstrip("*") for name in line.split(":")[0].split(",")]
            continue
        if heading == "returns":
            doc.returns = _joined([doc.returns, line])
            continue
        for name in names:
            doc.parameters[name] = _joined([doc.parameters.get(name, ""), line])


def _block_end(lines: list[str], position: int) -> int:
    while position < len(lines) and (not lines[position].strip() or lines[position].startswith(" ")):
        position += 1
    return position


def _next_heading(lines: list[str], position: int) -> int:
    while position < len(lines):
        underline = lines[position + 1].strip() if position + 1 < len(lines) else ""
        if lines[position].strip() and len(underline) > 2 and set(underline) == {"-"}:
            return position
        position += 1
    return position


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


_GOOGLE = re.compile(
    r"(args|arguments|parameters|params|keyword args|keyword arguments|other parameters|attributes|returns?):\s*", re.IGNORECASE
)
_GOOGLE_ITEM = re.compile(r"(?P<name>\*{0,2}\w+)\s*(?:\([^)]*\)*)?\s*:\s*(?P<text>.*)")
_SPHINX = re.compile(r"[:@](?P<kind>\w+)(?:\s+(?P<rest>[^:]*))?:\s*(?P<text>.*)")
_SPHINX_PARAMETERS = frozenset("param parameter arg argument key keyword".split())
