"""The known tools of a session, and every sentence about a wrong tool call.

The static check (`check.py`) and the call itself (`tools.py`) read the same index and say the same words.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

BUILTIN_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "list": ("detail",),
    "search": ("query", "limit", "detail"),
    "describe": ("name",),
}
"""Functions of the namespace itself, with their parameters in positional order."""

_REQUIRED_OF_BUILTINS = {"list": (), "search": ("query",), "describe": ("name",)}
_NAMES_SHOWN = 5


class Signature:
    """One tool: its Python path, its host name and its parameters."""

    __slots__ = ("path", "name", "hosts", "required", "open")

    def __init__(self, wire: dict) -> None:
        self.path: str = wire["path"]
        self.name: str = wire["name"]
        parameters = wire["parameters"]
        self.hosts: dict[str, str] = {python: host for python, host, _ in parameters}
        self.required: tuple[str, ...] = tuple(python for python, _, required in parameters if required)
        self.open: bool = wire["open"]

    def text(self) -> str:
        """`tools.weather(city, units=...)`: required parameters bare, optional ones with `=...`."""
        parts = [name if name in self.required else f"{name}=..." for name in self.hosts]
        if self.open:
            parts.append("**more")
        return f"tools.{self.path}({', '.join(parts)})"


class ToolIndex:
    """Looks up tools by Python path, by host name and by group.

    Attributes: `tools` (path -> Signature), `names` (host name -> Signature), `groups` (dotted group path, `""` for
    the root -> names directly below, in order), `late` (the host has tools that are not in it yet).
    """

    def __init__(self, signatures: list[dict], late: bool = False) -> None:
        """Takes the `tools` list of `session-start` or `tools-update`, and its `late`."""
        self.late = late
        self.tools: dict[str, Signature] = {}
        self.names: dict[str, Signature] = {}
        self.groups: dict[str, dict[str, None]] = {"": {}}
        for wire in signatures:
            signature = Signature(wire)
            self.tools[signature.path] = signature
            self.names[signature.name] = signature
            group, children = "", self.groups[""]
            parts = signature.path.split(".")
            for part in parts[:-1]:
                children[part] = None
                group = f"{group}.{part}" if group else part
                children = self.groups.setdefault(group, {})
            children[parts[-1]] = None

    def missing(self, path: str) -> str | None:
        """Says that `path` is no tool and no group, or None when it is one."""
        if path in self.tools or path in self.groups or path in BUILTIN_FUNCTIONS:
            return None
        return self.not_found(path)

    def not_found(self, path: str) -> str:
        """The sentence for an unknown tool, with the nearest names of its group, or of all tools."""
        if not self.tools:
            return f"Tool {path!r} not found. This session has no tools."
        group, _, name = path.rpartition(".")
        if group not in self.groups:
            group, name = "", path
        text = f"Tool {path!r} not found."
        near = self._nearest(group, name, path)
        if near:
            text += f" Did you mean {near!r}?"
            if near in self.tools:
                text += f" Its signature: {self.tools[near].text()}."
        words = path.replace(".", " ").replace("_", " ").strip()
        return f'{text} {self._available(group)} Find tools with tools.search("{words}").'

    def _nearest(self, group: str, name: str, path: str) -> str | None:
        # A name that is right but in the wrong group: tools.get_weather where tools.meteo.get_weather exists.
        leaf = name.rpartition(".")[2]
        for candidate in self.tools:
            if candidate.rpartition(".")[2] == leaf:
                return candidate
        near = difflib.get_close_matches(name, self.groups[group], 1)
        if near:
            return f"{group}.{near[0]}" if group else near[0]
        near = difflib.get_close_matches(path, self.tools, 1)
        return near[0] if near else None

    def _available(self, group: str) -> str:
        names = sorted(self.groups[group])
        prefix = f"{group}." if group else ""
        text = "Available: " + ", ".join(prefix + name for name in names[:_NAMES_SHOWN])
        left = len(names) - _NAMES_SHOWN
        return f"{text} and {left} more." if left > 0 else f"{text}."


def not_a_tool(index: ToolIndex, path: str) -> str:
    """The sentence for calling a group, e.g. `tools.github()`."""
    names = sorted(index.groups[path])
    shown = ", ".join(f"tools.{path}.{name}" for name in names[:_NAMES_SHOWN])
    left = len(names) - _NAMES_SHOWN
    more = f" and {left} more" if left > 0 else ""
    return f"tools.{path} is a group of tools, not a tool. It has: {shown}{more}."


def wrong_arguments(signature: Signature, given: Collection[str], complete: bool = True) -> str | None:
    """What is wrong with the keyword names `given`, or None.

    `complete` is False when more may come through `**`, so nothing can be called missing.
    """
    unknown = None
    if not signature.open:
        hosts = signature.hosts
        for name in given:
            if name not in hosts and name not in hosts.values():
                unknown = name
                break
    if unknown is not None:
        near = difflib.get_close_matches(unknown, signature.hosts, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        accepted = f"Its signature: {signature.text()}." if signature.hosts else "It takes no arguments."
        return f"tools.{signature.path}() has no argument {unknown!r}.{hint} {accepted}"
    if complete:
        hosts = signature.hosts
        missing = [name for name in signature.required if name not in given and hosts[name] not in given]
        if missing:
            return missing_arguments(signature, missing)
    return None


def missing_arguments(signature: Signature, missing: list[str]) -> str:
    """The sentence for required arguments that were left out."""
    names = ", ".join(repr(name) for name in missing)
    word = "argument" if len(missing) == 1 else "arguments"
    return f"tools.{signature.path}() is missing the required {word} {names}. Its signature: {signature.text()}."


def positional_arguments(signature: Signature, values: list[str], keywords: dict[str, str]) -> str:
    """The sentence for positional arguments. `values` and `keywords` are source text, for the corrected call."""
    head = f"tools.{signature.path}() takes keyword arguments only."
    free = [name for name in signature.hosts if name not in keywords]
    # Required ones first: tools.weather("Oslo") means the city even when an optional parameter is declared before it.
    free.sort(key=lambda name: name not in signature.required)
    if len(values) > len(free):
        return f"{head} Its signature: {signature.text()}."
    if len(values) == 1 and values[0].startswith("{") and not keywords:
        # The habit of other languages: all arguments in one object.
        return f"{head} Write tools.{signature.path}(**{values[0]})."
    pairs = {**dict(zip(free, values)), **keywords}
    written = ", ".join(f"{name}={text}" for name, text in pairs.items())
    return f"{head} Write tools.{signature.path}({written})."


def wrong_builtin_call(name: str, positional: int, given: list[str], complete: bool = True) -> str | None:
    """What is wrong with a call of `tools.list`, `tools.search` or `tools.describe`, or None."""
    parameters = BUILTIN_FUNCTIONS[name]
    text = builtin_text(name)
    if positional > len(parameters):
        return f"tools.{name}() takes at most {len(parameters)} arguments. Its signature: {text}."
    for keyword in given:
        if keyword not in parameters:
            return f"tools.{name}() has no argument {keyword!r}. Its signature: {text}."
    if complete:
        for required in _REQUIRED_OF_BUILTINS[name]:
            if required not in given and required not in parameters[:positional]:
                return f"tools.{name}() is missing the required argument {required!r}. Its signature: {text}."
    return None


def builtin_text(name: str) -> str:
    """`tools.search(query, limit=...)`."""
    required = _REQUIRED_OF_BUILTINS[name]
    parts = [part if part in required else f"{part}=..." for part in BUILTIN_FUNCTIONS[name]]
    return f"tools.{name}({', '.join(parts)})"
