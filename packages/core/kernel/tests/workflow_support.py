"""What is read from the source of a workflow, in the pieces that tests look at."""

from __future__ import annotations

from code_mode_kernel.analysis import analyse


def facts(source: str) -> dict:
    found = analyse("workflow", source)
    if "error" in found:
        raise AssertionError(found["error"])
    return found["result"]


def parameters(signature: str, before: str = "") -> dict:
    """The schema of `def run({signature})`, without what is always there."""
    schema = facts(f"{before}\ndef run({signature}): pass")["inputSchema"]
    if schema["type"] != "object":
        raise AssertionError(schema)
    return {key: value for key, value in schema.items() if key != "type"}


def hint(text: str, before: str = "") -> dict:
    return parameters(f"x: {text}", before)["properties"]["x"]
