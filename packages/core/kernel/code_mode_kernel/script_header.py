"""The header of a script that says which packages it needs (PEP 723)."""

from __future__ import annotations

import ast
import re


def read_header(source: str) -> list[str] | None:
    """The `dependencies` of the `# /// script` block, or None when the source has none.

    Raises ValueError when the block is not valid.
    """
    blocks = [match for match in _BLOCK.finditer(source.replace("\r\n", "\n")) if match["type"] == "script"]
    if not blocks:
        return None
    if len(blocks) > 1:
        raise ValueError("The source has two `# /// script` headers. Keep one.")
    lines = blocks[0]["content"].splitlines()
    found = _read_toml("\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ValueError("`dependencies` in the `# /// script` header must be a list of strings.")
    return found


def _read_toml(text: str) -> object:
    try:
        import tomllib
    except ImportError:
        return _read_dependencies(text)
    try:
        return tomllib.loads(text).get("dependencies", [])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"The `# /// script` header is not valid TOML: {error}.") from None


def _read_dependencies(text: str) -> object:
    """For Python 3.10, which reads no TOML: the one list that is needed. Its strings are Python's, too."""
    start = re.search(r"^dependencies[ \t]*=[ \t]*(?=\[)", text, re.MULTILINE)
    if start is None:
        return []
    rest = text[start.end() :]
    for end in re.finditer(r"\]", rest):
        try:
            return ast.literal_eval(rest[: end.end()])
        except (ValueError, SyntaxError):
            continue
    raise ValueError("The `# /// script` header is not valid TOML: the list `dependencies` cannot be read.")


_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)*?)^# ///$")
