"""The functions of `workflows` that the host answers: each turns its arguments into those of the call.

Their signatures are what Python checks, and names in its messages.
"""

from __future__ import annotations

from collections.abc import Callable

FUNCTIONS: dict[str, Callable[..., dict]] = {}


def _function(arguments: Callable[..., dict]) -> Callable[..., dict]:
    name = arguments.__name__.strip("_")
    arguments.__name__ = name
    arguments.__qualname__ = f"workflows.{name}"
    FUNCTIONS[name] = arguments
    return arguments


@_function
def _search(query: str, limit: int = 10) -> dict:
    """The workflows that fit the words best: a list of dicts with name, signature, description, runs, failures."""
    return {"query": query, "limit": limit}


@_function
def _list() -> dict:
    """All workflows, as a list of dicts; one that cannot be used has a `problem`."""
    return {}


@_function
def _get(name: str) -> dict:
    """One workflow with its source, as a dict, or None."""
    return {"name": name}


@_function
def _create(name: str, source: str, description: str = "") -> dict:
    """Saves a workflow, or a new version of it. `source` is Python text that defines `run(...)`."""
    if not isinstance(source, str):
        raise TypeError(
            "workflows.create(): source must be a str, the Python text that defines run(...), "
            f"got {type(source).__name__}."
        )
    return {"name": name, "source": source, "description": description}


@_function
def _delete(name: str) -> dict:
    """Deletes a workflow and returns whether it was there. Its versions stay: `workflows.rollback` brings one back."""
    return {"name": name}


@_function
def _history(name: str) -> dict:
    """The versions of a workflow, newest first, as a list of dicts."""
    return {"name": name}


@_function
def _rollback(name: str, version: int) -> dict:
    """Saves an old version again, as a new one."""
    return {"name": name, "version": version}
