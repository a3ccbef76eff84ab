"""One more sentence for errors that models run into here, where Python's own message does not say what to write."""

from __future__ import annotations

import re


def hint_for(cls: type, text: str) -> str | None:
    """What to write instead, or None. `text` is the end of the traceback, message included."""
    for kind, pattern, hint in _HINTS:
        if issubclass(cls, kind) and pattern.search(text):
            return hint
    return None


_HINTS: tuple[tuple[type, re.Pattern[str], str], ...] = (
    (
        RuntimeError,
        re.compile(r"asyncio\.run\(\) cannot be called from a running event loop|This event loop is already running"),
        "Top-level code can await: write `await main()` instead of `asyncio.run(main())`.",
    ),
    (
        TypeError,
        re.compile(r"object \w+ can't be used in 'await' expression|'(?:dict|list|str|int)' object can't be awaited"),
        "If a tool returned this: tool calls return data, without await; `tools.name.aio(...)` returns an awaitable.",
    ),
    (
        TypeError,
        re.compile(
            r"An asyncio\.Future, a coroutine or an awaitable is required|a coroutine was expected, got"
            # What asyncio.gather makes of a dict or a list.
            r"|in gather\n[^\n]*\n(?:[ ~^]*\n)?TypeError: unhashable type: '(?:dict|list)'"
        ),
        "If a tool returned this: tool calls return data; write `tools.name.aio(...)` where an awaitable is needed.",
    ),
    (
        NameError,
        re.compile(r"name '(?:true|false|null)' is not defined"),
        "JSON's true, false and null are True, False and None in Python.",
    ),
)
