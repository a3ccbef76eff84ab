"""Describes an exception as CPython does, with the model's lines and carets, without the frames of this package."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from .check import Refusal
from .frames import drop_plumbing, get_traceback, line_in, own_frames
from .hints import hint_for
from .reprs import clean, type_name

_TOTAL = 8000
_MESSAGE = 4000
_LINE = 400
_CHAIN = 6
_GROUP = 40

_get_cause = BaseException.__dict__["__cause__"].__get__
_get_context = BaseException.__dict__["__context__"].__get__
_get_suppress = BaseException.__dict__["__suppress_context__"].__get__
_Group: type | None = getattr(__import__("builtins"), "BaseExceptionGroup", None)


def describe_error(error: BaseException, filename: str) -> dict:
    """`{name, message, traceback, line?}`. `line` is the innermost line in `filename`, the run's own file.

    Never raises, whatever the exception's methods do; at most about 8 KB of traceback.
    """
    cls = type(error)
    described = _describe_one(error)
    message = described.message
    hint = hint_for(cls, described.text[-_MESSAGE:])
    parts = [*_chain_text(error), described.text]
    if hint:
        message = f"{message}\n{hint}"
        parts.append(f"{hint}\n")
    form: dict[str, object] = {
        "name": type_name(cls).rpartition(".")[2] if "<locals>" in type_name(cls) else clean(cls.__name__),
        "message": _cut(message, _MESSAGE),
        "traceback": _cut(_cut_lines("".join(parts)), _TOTAL),
    }
    line = line_in(error, filename)
    if line is not None:
        form["line"] = line
    return form


def describe_refusal(refusal: Refusal, filename: str) -> dict:
    """A refusal of the static check, in the shape that CPython gives a syntax error."""
    node = refusal.node
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
    source = traceback.linecache.getline(filename, line).rstrip("\n")  # type: ignore[attr-defined]
    column = len(source.encode()[:column].decode("utf-8", "ignore"))
    end = len(source)
    if node.end_lineno == line:  # type: ignore[attr-defined]
        end = len(source.encode()[: node.end_col_offset].decode("utf-8", "ignore"))  # type: ignore[attr-defined]
    text = source.lstrip()
    shift = len(source) - len(text)
    carets = " " * (column - shift) + "^" * max(1, end - column)
    place = f'  File "{filename}", line {line}\n    {text}\n    {carets}\n'
    return {
        "name": refusal.name,
        "message": _cut(refusal.message, _MESSAGE),
        "traceback": _cut(_cut_lines(f"{place}{refusal.name}: {refusal.message}\n"), _TOTAL),
        "line": line,
    }


def describe_exit(error: BaseException, filename: str) -> dict:
    """A `sys.exit` with a code that means failure."""
    form = describe_error(error, filename)
    code = form["message"]
    form["message"] = (
        f"The code stopped by exit({code if code.isdigit() else repr(code)}). "
        "The session and its variables are still there."
    )
    return form


class _Description:
    __slots__ = ("text", "message")

    def __init__(self, text: str, message: str) -> None:
        self.text = text
        self.message = message


def _describe_one(error: BaseException) -> _Description:
    """One exception of a chain, with its group members."""
    try:
        if _Group is not None and isinstance(error, _Group) and _group_size(error) > _GROUP:
            return _describe_large_group(error)
        shown = _formatted(error)
        only = "".join(shown.format_exception_only())
        return _Description("".join(shown.format()), _message_of(error, only))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - an exception may be hostile in any of its attributes
        return _describe_plainly(error)


def _formatted(error: BaseException) -> traceback.TracebackException:
    """One exception, ready to format: a group with its members, anything else without its chain."""
    is_group = _Group is not None and isinstance(error, _Group)
    # Given a `_seen`, TracebackException leaves the chain alone, which may be endless. It also leaves out the members
    # of a group; a group comes here only when all that hangs on it is small.
    extra: dict = {"max_group_width": 10, "max_group_depth": 5} if is_group else {"_seen": {id(error)}}
    shown = traceback.TracebackException(
        type(error), error, own_frames(get_traceback(error)), compact=True, **extra
    )
    shown.__cause__ = shown.__context__ = None
    if is_group:
        for member in shown.exceptions or ():  # type: ignore[attr-defined]
            drop_plumbing(member)
    else:
        shown.exceptions = None  # type: ignore[attr-defined]
    return shown


def _message_of(error: BaseException, only: str) -> str:
    """What Python prints after the name of the exception, suggestions included."""
    cls = type(error)
    if issubclass(cls, SyntaxError):
        return clean(str(error.msg))
    last = only.rstrip("\n")
    for name in (cls.__qualname__, f"{cls.__module__}.{cls.__qualname__}"):
        if last.startswith(f"{name}: "):
            return last[len(name) + 2 :]
        if last == name:
            return ""
    return last


def _describe_large_group(error: BaseException) -> _Description:
    name = type_name(type(error))
    frames = _stack_text(error)
    members = error.exceptions[:5]  # type: ignore[attr-defined]
    message = f"{error.args[0] if error.args else ''} ({len(error.exceptions)} sub-exceptions)"  # type: ignore[attr-defined]
    lines = [f"    - {type_name(type(member))}: {_safe_text(member)}\n" for member in members]
    return _Description(
        f"{frames}{name}: {message}\n{''.join(lines)}    (the whole tree is too large to show)\n", clean(message)
    )


def _describe_plainly(error: BaseException) -> _Description:
    text = _safe_text(error)
    return _Description(f"{_stack_text(error)}{type_name(type(error))}: {text}\n", text)


def _stack_text(error: BaseException) -> str:
    try:
        stack = traceback.StackSummary.extract(traceback.walk_tb(own_frames(get_traceback(error))))
        lines = stack.format()
    except Exception:  # noqa: BLE001
        lines = []
    return "Traceback (most recent call last):\n" + "".join(lines) if lines else ""


def _safe_text(error: BaseException) -> str:
    try:
        return clean(str.__str__(str(error)))[:_MESSAGE]
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001
        return "<exception str() failed>"


def _chain_text(error: BaseException) -> list[str]:
    """The exceptions that led to `error`, the first one first, as Python prints them. A long chain is cut."""
    chain = list(_chain(error))
    left_out = 0
    if len(chain) > _CHAIN:
        left_out = len(chain) - _CHAIN
        chain = [*chain[: _CHAIN - 2], *chain[-2:]]
    texts: list[str] = []
    for position, (link, by_cause) in reversed(list(enumerate(chain))):
        texts.append(_describe_one(link).text)
        texts.append(_CAUSED if by_cause else _DURING)
        if left_out and position == _CHAIN - 2:
            texts.append(f"[… {left_out} more exceptions of this chain are left out …]\n\n")
    return texts


def _chain(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    seen = {id(error)}
    while True:
        cause = _get_cause(error)
        following = cause if cause is not None else None if _get_suppress(error) else _get_context(error)
        if following is None or id(following) in seen:
            return
        seen.add(id(following))
        yield following, cause is not None
        error = following


def _group_size(error: BaseException) -> int:
    """How many exceptions a group holds, counted no further than needed."""
    count = 0
    stack = [error]
    while stack and count <= _GROUP:
        group = stack.pop()
        count += 1
        if _Group is not None and isinstance(group, _Group):
            stack.extend(group.exceptions[: _GROUP + 1])
        stack.extend(link for link in (_get_cause(group), _get_context(group)) if link is not None)
    return count


def _cut_lines(text: str) -> str:
    if len(text) <= _LINE:
        return text
    lines = text.split("\n")
    return "\n".join(
        line if len(line) <= _LINE else f"{line[:_LINE]}… [{len(line) - _LINE} more characters]" for line in lines
    )


def _cut(text: str, limit: int) -> str:
    text = clean(text)
    if len(text) <= limit:
        return text
    head = limit // 3
    tail = limit - head
    return f"{text[:head]}\n[… {len(text) - limit} characters are left out …]\n{text[-tail:]}"


_CAUSED = traceback._cause_message  # type: ignore[attr-defined]
_DURING = traceback._context_message  # type: ignore[attr-defined]
