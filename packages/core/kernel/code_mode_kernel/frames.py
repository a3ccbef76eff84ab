"""Which frames of a traceback the model gets to see: its own and those of libraries, none of this package."""

from __future__ import annotations

import os
import traceback
import types

get_traceback = BaseException.__dict__["__traceback__"].__get__
"""The traceback of an exception, whatever its class says."""

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_FRAMES = 3000


def own_frames(tb: types.TracebackType | None) -> types.TracebackType | None:
    """The traceback without our frames, and without what lies above the first line of the model's code."""
    entries = []
    while tb is not None:
        entries.append(tb)
        tb = tb.tb_next
    names = [entry.tb_frame.f_code.co_filename for entry in entries]
    start = next((number for number, name in enumerate(names) if name.startswith("<run-")), 0)
    kept = [entry for entry, name in zip(entries[start:], names[start:]) if not name.startswith(_PACKAGE)]
    if len(kept) > _FRAMES:
        kept = [*kept[: _FRAMES // 2], *kept[-_FRAMES // 2 :]]
    rebuilt: types.TracebackType | None = None
    for entry in reversed(kept):
        rebuilt = types.TracebackType(rebuilt, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return rebuilt


def line_in(error: BaseException, filename: str) -> int | None:
    """The innermost line of `filename` in the traceback of `error`."""
    if issubclass(type(error), SyntaxError):
        try:
            if error.filename == filename and type(error.lineno) is int:
                return error.lineno
        except Exception:  # noqa: BLE001
            pass
    line = None
    tb = get_traceback(error)
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == filename:
            line = tb.tb_lineno
        tb = tb.tb_next
    return line


def drop_plumbing(shown: traceback.TracebackException) -> None:
    """Frames of this package in the members of a group, which were formatted from their original tracebacks."""
    kept = [frame for frame in shown.stack if not frame.filename.startswith(_PACKAGE)]
    shown.stack[:] = kept
    for member in getattr(shown, "exceptions", None) or ():
        drop_plumbing(member)
