"""The one event loop of a session, on which top-level `await` runs."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

_DRAIN_SECONDS = 1.0


class EventLoop:
    """Made when it is first needed and kept from run to run, so that background tasks and connections live on."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine) -> None:
        """Run the module's coroutine to its end. Tasks it leaves stay, and go on when the loop next runs."""
        self.make_current().run_until_complete(coroutine)

    def make_current(self) -> asyncio.AbstractEventLoop:
        """The loop, as asyncio's current one."""
        import asyncio  # here, because a kernel that never awaits starts faster without it

        loop = self._loop
        if loop is None or loop.is_closed():
            loop = self._loop = asyncio.new_event_loop()
        # asyncio.run, if the code used it, has left no current loop behind.
        asyncio.set_event_loop(loop)
        return loop

    def discard(self) -> None:
        """After an interrupt: cancel everything, wait a moment, and close. The next run gets a new loop."""
        loop, self._loop = self._loop, None
        if loop is None or loop.is_closed():
            return
        import asyncio

        try:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            if tasks:
                loop.run_until_complete(asyncio.wait(tasks, timeout=_DRAIN_SECONDS))
            loop.run_until_complete(asyncio.wait_for(loop.shutdown_asyncgens(), _DRAIN_SECONDS))
            for task in tasks:
                if task.done():
                    # Read the exception, or asyncio complains that nobody did.
                    task.cancelled() or task.exception()
                else:
                    task._log_destroy_pending = False  # type: ignore[attr-defined]
        except BaseException:  # noqa: BLE001 - a second interrupt, or tasks that fight back: close it anyway
            pass
        try:
            loop.close()
        except BaseException:  # noqa: BLE001 - the loop is still running below us, e.g. after a nested hack
            pass
        asyncio.set_event_loop(None)
