"""The exceptions the model's code can catch. All of them are builtins of the session: see `interactive.py`."""

from __future__ import annotations


class CodeModeError(Exception):
    """A namespace could not do what was asked."""


class ToolError(CodeModeError):
    """A tool call failed.

    Attributes: `message` (str), `details` (the tool's own JSON value about the failure, or None) and `tool` (the
    Python path, e.g. `github.issues.list_`, or None).
    """

    def __init__(self, message: str = "", details: object = None, tool: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.tool = tool


class ToolNotFoundError(ToolError, AttributeError):
    """There is no tool of that name. An AttributeError, so `hasattr(tools, ...)` works."""

    # Python adds "Did you mean" to an AttributeError that has a name; our message already says it.
    name = property(lambda self: None, lambda self, value: None)  # type: ignore[assignment]


class ToolArgumentError(ToolError, TypeError):
    """The arguments do not fit the tool; nothing was called."""


class ToolTimeoutError(ToolError, TimeoutError):
    """The tool did not answer in time."""


class ApprovalDeniedError(ToolError, PermissionError):
    """A person or a policy said no to this call."""


class CallLimitError(ToolError):
    """The session or the run has used up its calls."""


class CallCancelledError(ToolError):
    """The call was cancelled before it answered."""


class NamespaceError(CodeModeError):
    """A call of `workflows`, `artifacts` or `deps` failed. Attributes: `message` (str), `details` (JSON value)."""

    def __init__(self, message: str = "", details: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class WorkflowNotFoundError(NamespaceError, AttributeError):
    """There is no workflow of that name. An AttributeError, so `hasattr(workflows, ...)` works."""

    name = property(lambda self: None, lambda self, value: None)  # type: ignore[assignment]


class WorkflowError(NamespaceError, ValueError):
    """A workflow cannot be saved or used as it is: its name or its source is wrong."""


class ArtifactNotFoundError(NamespaceError, LookupError):
    """There is no artifact of that name."""


class ArtifactNameError(NamespaceError, ValueError):
    """No artifact can have that name."""


class ArtifactTypeError(NamespaceError, TypeError):
    """The value would not come back as it is; nothing was saved."""


TOOL_ERRORS: dict[str, type[ToolError]] = {
    "tool": ToolError,
    "not-found": ToolNotFoundError,
    "arguments": ToolArgumentError,
    "timeout": ToolTimeoutError,
    "denied": ApprovalDeniedError,
    "limit": CallLimitError,
    "cancelled": CallCancelledError,
}

ALL_ERRORS: tuple[type[CodeModeError], ...] = (
    CodeModeError,
    *TOOL_ERRORS.values(),
    NamespaceError,
    WorkflowNotFoundError,
    WorkflowError,
    ArtifactNotFoundError,
    ArtifactNameError,
    ArtifactTypeError,
)

for _class in ALL_ERRORS:
    # They are reached as builtins, so tracebacks and pickle must name them without this package.
    _class.__module__ = "builtins"


def error_from_wire(kind: str, message: str, details: object = None, tool: str | None = None) -> CodeModeError:
    """The exception for a `call-end` error. An unknown kind, from a newer host, becomes a ToolError."""
    if kind == "namespace":
        return NamespaceError(message, details)
    return TOOL_ERRORS.get(kind, ToolError)(message, details, tool)
