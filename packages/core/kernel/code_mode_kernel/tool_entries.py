"""What `tools.list()` and `tools.search()` return: a list of dicts that prints as signatures, a line for each tool."""

from __future__ import annotations


class ToolEntries(list):
    """A list of dicts with `name` and, by the detail asked for, `signature`, `description` and `stub`."""

    def __repr__(self) -> str:
        try:
            texts = [_text(entry) for entry in self]
            return ("\n\n" if any("\n" in text for text in texts) else "\n").join(texts) or "[]"
        except (TypeError, KeyError, AttributeError):
            return super().__repr__()  # The code has put something else in.

    def _repr_markdown_(self) -> str | None:
        return f"```python\n{self!r}\n```" if self else None


def listed(answer: object) -> object:
    """The answer of a function of `tools`, as the code gets it."""
    return ToolEntries(answer) if type(answer) is list else answer


def _text(entry: dict) -> str:
    if "stub" in entry:
        return entry["stub"]
    if "signature" not in entry:
        return f"tools.{entry['name']}"
    description = entry.get("description")
    return f"{entry['signature']}  # {description}" if description else entry["signature"]
