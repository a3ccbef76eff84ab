"""The objects that the model's code knows as `tools`, `workflows`, `artifacts` and `deps`."""

from .artifacts import Artifacts
from .channel import Channel
from .deps import Deps
from .tools import ToolIndex, Tools
from .workflows import Workflows


def make_namespaces(names: "list[str]", index: ToolIndex, channel: Channel) -> "dict[str, object]":
    """One object for each namespace that the session has."""
    objects: "dict[str, object]" = {}
    makers = {
        "tools": lambda: Tools(index, channel),
        "artifacts": lambda: Artifacts(channel),
        "deps": lambda: Deps(channel),
        # Workflows see all the others, so they get the dict that is being filled.
        "workflows": lambda: Workflows(channel, objects),
    }
    for name in names:
        objects[name] = makers[name]()
    return objects
