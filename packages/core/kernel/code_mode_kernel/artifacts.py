"""The object named `artifacts`: data that outlives the session, for every agent of the store.

Content crosses in the attachments of frames, a chunk at a time in both directions: neither as text inside JSON, nor
held twice on the way.
"""

from __future__ import annotations

import datetime
import inspect
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from .artifact_formats import TEXT_TYPES, from_form, json_text, to_form
from .artifact_refusals import refuse
from .artifact_sinks import Buffer, Bytes, Slice, Text
from .errors import ArtifactNameError, ArtifactNotFoundError, CodeModeError, NamespaceError
from .reprs import type_name
from .tools import LINE_KEEPERS, Calls, call_line
from .values import Attachment

#: What an operation yields, `(function, arguments, bytes or None)`, and what it is answered.
Steps = Generator[tuple[str, dict, Any], Any, Any]


@dataclass(frozen=True)
class Artifact:
    """What is known of an artifact without its content.

    `type` is one of those in `artifact_formats.py`, `size` counts the bytes of the stored form, `hash` is its SHA-256
    (None when another program wrote it), `run` the run that saved it, `problem` why it cannot be loaded.
    """

    name: str
    type: str
    size: int
    description: str
    metadata: dict
    created_at: datetime.datetime
    mime: str
    hash: str | None
    run: str | None
    problem: str | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> object:
        """`entry["name"]` is `entry.name`: what workflows and tools list are dicts."""
        if name in self.__dataclass_fields__:
            return getattr(self, name)
        raise KeyError(name)


Artifact.__module__ = "builtins"


class Artifacts:
    """Keeps data under names: artifacts.save("reports/q1", df), artifacts.load("reports/q1"), artifacts.list()."""

    def __init__(self, calls: Calls) -> None:
        for steps, signature in _OPERATIONS.items():
            self.__dict__[steps.__name__] = Operation(calls, steps, signature)

    def keep_result(self, value: object, run_id: str) -> str | None:
        """Save the result of a run that is too large to be sent. Returns its name, or None when it has no exact form."""
        name = f"runs/{run_id}/result"
        try:
            self.__dict__["save"](name, value, f"What run {run_id} returned")
        except CodeModeError:
            return None
        return name

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise AttributeError(f"artifacts has no {name!r}; it has {', '.join(self.__dict__)}.")

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        raise AttributeError(f"artifacts cannot be changed. Save data with artifacts.save({name!r}, data).")

    def __contains__(self, name: object) -> bool:
        return self.__dict__["exists"](name)

    def __iter__(self) -> object:
        return iter([entry.name for entry in self.__dict__["list"]()])

    def __repr__(self) -> str:
        return "artifacts"

    def __reduce__(self) -> NoReturn:
        raise TypeError("artifacts cannot be pickled: it can only be used from this process.")


class Operation:
    """One function of `artifacts`: a plain call, and with `.aio` a coroutine."""

    def __init__(self, calls: Calls, steps: Callable[..., Steps], signature: inspect.Signature) -> None:
        self._calls = calls
        self._steps = steps
        self.__name__ = steps.__name__
        self.__qualname__ = steps.__qualname__
        self.__doc__ = steps.__doc__
        self.__signature__ = signature

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        steps = self._steps(*args, **kwargs)
        answer: object = None
        error: Exception | None = None
        while True:
            try:
                function, arguments, attachment = _next(steps, answer, error)
            except StopIteration as end:
                return end.value
            try:
                answer, error = self._calls.call("artifacts", function, None, arguments, attachment), None
            except Exception as raised:  # noqa: BLE001 - the operation may have to clean up
                error = _own_error(raised)

    def aio(self, /, *args: object, **kwargs: object) -> object:
        """The same as a coroutine, for `await`, `asyncio.gather` and task groups."""
        return self._call_later(call_line(), self._steps(*args, **kwargs))

    async def _call_later(self, line: int | None, steps: Steps) -> object:
        answer: object = None
        error: Exception | None = None
        while True:
            try:
                function, arguments, attachment = _next(steps, answer, error)
            except StopIteration as end:
                return end.value
            try:
                answer = await self._calls.call_async("artifacts", function, None, arguments, attachment)
                error = None
            except Exception as raised:  # noqa: BLE001
                error = _own_error(raised)

    def __repr__(self) -> str:
        return self.__qualname__

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled: it can only be called from this process.")


LINE_KEEPERS.add(Operation._call_later.__code__)


def _next(steps: Steps, answer: object, error: Exception | None) -> tuple[str, dict, Attachment]:
    function, arguments, data = steps.throw(error) if error is not None else steps.send(answer)
    attachment = Attachment()
    if data is not None:
        arguments = {**arguments, "data": {"$bytes": attachment.add(data)}}
    return function, arguments, attachment


def _own_error(error: Exception) -> Exception:
    details = error.details if isinstance(error, NamespaceError) else None
    code = details.get("code") if type(details) is dict else None
    cls = {"artifact_not_found": ArtifactNotFoundError, "invalid_name": ArtifactNameError}.get(code)  # type: ignore[arg-type]
    return error if cls is None else cls(str(error), details)


def _save(name: str, data: object, description: str = "", metadata: dict | None = None) -> Steps:
    """Keep data under a name, replacing what has it. Returns what is known of it.

    str, bytes, JSON data (dict, list, int, float, bool, None), DataFrame, ndarray, PIL image and figure come back as
    they went in (a figure as an image); anything else is refused.
    """
    if metadata is not None and type(metadata) is not dict:
        refuse("metadata", f"it is {_a(metadata)}", "Pass a dict.")
    about = {"name": _name(name), "description": _description(description), "metadata": json_text(metadata or {}, "metadata")}
    about["type"], chunks = to_form(data)
    first, second = next(chunks, b""), next(chunks, None)
    if second is None:
        return _entry((yield "save", about, first))
    upload = yield "begin", {"name": about["name"]}, None
    try:
        yield "write", {"upload": upload}, first
        while second is not None:
            yield "write", {"upload": upload}, second
            second = next(chunks, None)
    except Exception:
        try:
            yield "cancel", {"upload": upload}, None
        except NamespaceError:
            pass  # It was over already.
        raise
    return _entry((yield "commit", {**about, "upload": upload}, None))


def _load(name: str) -> Steps:
    """The data, as it was saved. Text that is not UTF-8 comes as bytes. Raises ArtifactNotFoundError."""
    entry, data = yield from _received("load", {"name": _name(name)})
    return from_form(entry.type, data, entry.name, entry.mime)


def _read(name: str, start: int = 0, end: int | None = None) -> Steps:
    """A part of what is stored, `start` and `end` counted in bytes as in a slice: str for text and JSON, else bytes.

    Pieces that follow each other join without a gap: a character belongs to the piece in which it starts.
    """
    for label, value in (("start", start), ("end", end)):
        if type(value) is not int and not (value is None and label == "end"):
            refuse(label, f"it is {_a(value)}", "Pass an int.")
    entry, data = yield from _received("read", {"name": _name(name), "start": start, "end": end})
    return data


def _get(name: str) -> Steps:
    """What is known of an artifact, or None when there is none."""
    found = yield "get", {"name": _name(name)}, None
    return None if found is None else _entry(found)


def _list(prefix: str = "") -> Steps:
    """What is known of all artifacts whose name starts with `prefix`, by name."""
    return [_entry(found) for found in (yield "list", {"prefix": _name(prefix)}, None)]


def _exists(name: str) -> Steps:
    """Whether there is an artifact of that name."""
    return (yield "exists", {"name": _name(name)}, None)


def _delete(name: str) -> Steps:
    """Remove an artifact. Returns whether there was one."""
    return (yield "delete", {"name": _name(name)}, None)


for _function in (_save, _load, _read, _get, _list, _exists, _delete):
    _function.__name__ = _function.__name__[1:]
    _function.__qualname__ = f"artifacts.{_function.__name__}"


def _received(function: str, arguments: dict) -> Generator[tuple[str, dict, Any], Any, tuple[Artifact, Any]]:
    """The entry, and the data between `start` and `end`."""
    answer = yield function, arguments, None
    entry = _entry(answer["entry"])
    start, end, last = answer["start"], answer["end"], answer["last"]
    if function == "read":
        sink: Text | Bytes | Buffer = Slice(entry.type in TEXT_TYPES, start, end)
    elif entry.type == "bytes":
        sink = Bytes()
    elif entry.type == "text":
        sink = Text()
    else:
        sink = Buffer(last - start)
    sink.add(answer["data"])
    at = start + len(answer["data"])
    while at < last:
        data = yield "more", {"ticket": answer["ticket"], "start": at}, None
        sink.add(data)
        at += len(data)
    return entry, sink.value()


def _entry(found: dict) -> Artifact:
    given = {**found, "metadata": json.loads(found["metadata"])}
    given["created_at"] = datetime.datetime.fromisoformat(found["created_at"].replace("Z", "+00:00"))
    return Artifact(**{name: given.get(name) for name in Artifact.__dataclass_fields__})


def _name(name: object) -> str:
    if type(name) is not str:
        raise ArtifactNameError(f"The name of an artifact must be a str, not {type_name(type(name))}.")
    if not _is_unicode(name):
        raise ArtifactNameError(f"The name {name!r} is not allowed in artifacts: it is not valid Unicode.")
    return name


def _description(text: object) -> str:
    if type(text) is not str:
        refuse("description", f"it is {_a(text)}", "Pass text.")
    if not _is_unicode(text):
        refuse("description", "it holds half of a character (a lone surrogate)", "Pass text that UTF-8 can hold.")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _a(value: object) -> str:
    name = type_name(type(value))
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


#: Made once for all kernels: it takes longer than the rest of a session's start.
_OPERATIONS = {steps: inspect.signature(steps) for steps in (_save, _load, _read, _get, _list, _exists, _delete)}
