"""Calls the function of a workflow, `def run` or `async def run`, from wherever the model's code is.

- From plain code: in this thread; a coroutine gets an event loop of its own.
- From code inside a running event loop, synchronously: as above, but what needs a loop of its own gets a thread.
- Awaited: a coroutine runs in the caller's loop, a plain function in a thread, so that several run at the same time.

Context variables are those of the caller.
"""

from __future__ import annotations

import contextvars
import inspect
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from .interrupts import forget_thread, interrupt_thread
from .tools import LINE_KEEPERS, call_line

if TYPE_CHECKING:
    import asyncio  # at run time where it is needed: a kernel starts sooner

_DRAIN_SECONDS = 1.0
_worker: contextvars.ContextVar[WorkerThread | None] = contextvars.ContextVar("code_mode_worker", default=None)


def call_now(function: Callable, args: tuple, kwargs: dict, starts_loop: bool) -> object:
    """Call it and wait. `starts_loop` says that a plain function runs an event loop itself, e.g. with asyncio.run."""
    if not _in_loop():
        return _call_here(function, args, kwargs)
    if starts_loop or inspect.iscoroutinefunction(function):
        return WorkerThread(lambda: _call_here(function, args, kwargs)).wait()
    result = function(*args, **kwargs)
    return WorkerThread(lambda: _drive(result)).wait() if inspect.iscoroutine(result) else result


async def call_later(function: Callable, args: tuple, kwargs: dict) -> object:
    """Call it from a coroutine; the event loop goes on meanwhile."""
    if inspect.iscoroutinefunction(function):
        return await function(*args, **kwargs)
    return await WorkerThread(lambda: _call_here(function, args, kwargs)).wait_in_loop()


class WorkerThread:
    """Runs a function in a thread that starts now."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._function: Callable[[], object] | None = function
        self._result: object = None
        self._error: BaseException | None = None
        self._line = call_line()
        self._finished = threading.Event()
        self._stopped = False
        self._ending = threading.Lock()
        self._on_finish: Callable[[], object] = lambda: None
        context = contextvars.copy_context()
        context.run(_worker.set, self)
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="workflow", daemon=True)

    def wait(self) -> object:
        """Its result, or what it raised. When the wait is interrupted, so is the thread."""
        try:
            self._thread.start()
            self._finished.wait()
        except BaseException:
            self._stop()
            raise
        return self._take()

    async def wait_in_loop(self) -> object:
        """As `wait`, for a coroutine."""
        import asyncio

        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def finish() -> None:
            try:
                loop.call_soon_threadsafe(lambda: future.done() or future.set_result(None))
            except RuntimeError:
                pass  # The loop was closed meanwhile: nobody waits.

        self._on_finish = finish
        try:
            # It runs before start() has returned, so an interrupt can be due already.
            self._thread.start()
            await future
        except BaseException:
            self._stop()
            raise
        return self._take()

    def _work(self) -> None:
        function, self._function = self._function, None
        line = self._line  # noqa: F841 - `call_line` reads it
        try:
            assert function is not None
            if not self._stopped:
                self._result = function()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error
        finally:
            with self._ending:
                self._finished.set()
                forget_thread(threading.get_ident())
            self._on_finish()

    def _take(self) -> object:
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error
        return self._result

    def _stop(self) -> None:
        """Raise KeyboardInterrupt in the thread, as in the main thread."""
        self._stopped = True  # for one that has not begun yet
        with self._ending:
            if self._finished.is_set() or self._thread.ident is None:
                return
            interrupt_thread(self._thread.ident)
        loop = self.loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(lambda: None)
            except RuntimeError:
                pass  # It has just ended.


LINE_KEEPERS.add(WorkerThread._work.__code__)


def _call_here(function: Callable, args: tuple, kwargs: dict) -> object:
    result = function(*args, **kwargs)
    return _drive(result) if inspect.iscoroutine(result) else result


def _drive(coroutine: Coroutine) -> object:
    """Run a coroutine to its end in a new event loop, and end what it leaves behind.

    asyncio.run would also take away the loop that the model's code has set for this thread.
    """
    import asyncio

    loop = asyncio.new_event_loop()
    worker = _worker.get()
    if worker is not None:
        worker.loop = loop
    try:
        task = loop.create_task(coroutine)
        loop.run_until_complete(asyncio.wait([task]))
        # Raises what it raised, without the event loop's lines in the traceback.
        return task.result()
    finally:
        if worker is not None:
            worker.loop = None
        _close(loop)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=_DRAIN_SECONDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _in_loop() -> bool:
    asyncio = sys.modules.get("asyncio")
    # Unlike get_running_loop, this does not raise where there is none.
    return asyncio is not None and asyncio._get_running_loop() is not None
