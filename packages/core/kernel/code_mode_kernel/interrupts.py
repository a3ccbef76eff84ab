"""SIGINT in a kernel: it stops the run in progress, never half a frame, and never a later run.

Python hands signals to the main thread alone. A workflow's own thread is interrupted by `interrupt_thread`.
"""

import _signal
import threading

_SIGINT = int(_signal.SIGINT)
#: How many shields each thread but the main one is in, and which of these threads are to be interrupted after it.
_depths: "dict[int, int]" = {}
_interrupted: "dict[int, bool]" = {}


def interrupt_thread(thread: int) -> None:
    """Raise KeyboardInterrupt in a thread that is not the main one, at once or when it leaves its shield."""
    import ctypes

    set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
    ident, error = ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt)
    _interrupted[thread] = True
    # Python switches threads at calls: there is none between this look and the exception.
    if thread in _interrupted and thread not in _depths:
        del _interrupted[thread]
        set_exception(ident, error)


def forget_thread(thread: int) -> None:
    """The thread ends: another one may get its number."""
    _interrupted.pop(thread, None)


class Interrupts:
    """Turns SIGINT into KeyboardInterrupt in the main thread while a run is active, and ignores it otherwise."""

    def __init__(self) -> None:
        self.active = False
        self._shield = _Shield()
        self._handler = self._on_signal

    def install(self) -> None:
        """Take SIGINT; called before each run, because the model's code may have taken it."""
        # The functions of `signal` turn numbers into enums, which takes longer than the rest of a small run.
        if _signal.getsignal(_SIGINT) is not self._handler:
            _signal.signal(_SIGINT, self._handler)

    def begin_run(self) -> None:
        """From here on an interrupt stops the run."""
        # An interrupt that landed while a shield was entered may have left it up.
        self._shield.depth, self._shield.pending = 0, False
        self.active = True

    def end_run(self) -> None:
        """From here on an interrupt that comes late is dropped."""
        self.active = False
        self._shield.pending = False

    def shielded(self) -> "_Shield":
        """A context in which a thread takes no interrupt; one that came is raised on leaving it."""
        return self._shield

    def _on_signal(self, _number: int, _frame: object) -> None:
        if not self.active:
            return
        if self._shield.depth:
            self._shield.pending = True
        else:
            raise KeyboardInterrupt


class _Shield:
    """One reusable context manager: making one per frame would cost more than the frame."""

    __slots__ = ("_main", "depth", "pending")

    def __init__(self) -> None:
        self.depth = 0
        self.pending = False
        self._main = threading.main_thread().ident

    def __enter__(self) -> None:
        thread = threading.get_ident()
        if thread == self._main:
            self.depth += 1
        else:
            _depths[thread] = _depths[thread] + 1 if thread in _depths else 1

    def __exit__(self, *_error: object) -> None:
        thread = threading.get_ident()
        if thread == self._main:
            self.depth -= 1
            if self.pending and not self.depth:
                self.pending = False
                raise KeyboardInterrupt
        elif _depths[thread] > 1:
            _depths[thread] -= 1
        else:
            del _depths[thread]
            if thread in _interrupted:
                del _interrupted[thread]
                raise KeyboardInterrupt
