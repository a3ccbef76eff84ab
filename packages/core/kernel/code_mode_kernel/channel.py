"""Calls from the model's code to the host, from any thread and any event loop, over one connection.

Nobody owns the socket: of the threads that wait for an answer one leads, reads frames and hands the others theirs.
When it has its own it passes the lead on. So the usual synchronous call reads its answer in the main thread, without
a reader thread, and calls in flight from threads and tasks still come back in any order. An event loop with calls in
flight watches the socket itself.
"""

from __future__ import annotations

import collections
import itertools
import threading
import time
from typing import TYPE_CHECKING

from .environment import use_environment
from .errors import CallCancelledError, error_from_wire
from .tools import call_line
from .threads import RunOwnership
from .values import Attachment, decode
from .wire import Connection, Frame

if TYPE_CHECKING:
    import asyncio


class Channel:
    """The kernel's end of the session connection."""

    def __init__(self, connection: Connection, ownership: RunOwnership) -> None:
        self._connection = connection
        self._ownership = ownership
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Answer | _Inbox] = {}
        self._lead = threading.Lock()
        #: The thread that has the lead; 0 when none has.
        self._leader = 0
        self._inbox = _Inbox()
        self._watchers: dict[asyncio.AbstractEventLoop, int] = {}
        #: Called before each call, so that the host has seen everything printed before it.
        self.flush_output = lambda: None

    def next_message(self) -> Frame:
        """Wait for the host's next message that answers no call. Raises EOFError once the host is gone."""
        inbox = self._inbox
        while not inbox.frames:
            inbox.event = None
            self._waiting[0] = inbox
            self._wait(inbox)
            del self._waiting[0]
        return inbox.frames.popleft()

    def send(self, message: dict, attachment: list[bytes] | tuple[()] = ()) -> None:
        self._connection.send(message, attachment)

    def call(self, namespace: str, function: str, name: str | None, arguments: dict, attachment: Attachment) -> object:
        """Call the host and wait in this thread. Raises what the host says (`errors.py`)."""
        answer = _Answer(name)
        call_id = self._start(answer, namespace, function, name, arguments, attachment)
        try:
            self._wait(answer)
        except BaseException:
            self._cancel(call_id)
            raise
        finally:
            self._waiting.pop(call_id, None)
        return answer.take()

    async def call_async(
        self, namespace: str, function: str, name: str | None, arguments: dict, attachment: Attachment
    ) -> object:
        """Call the host from a coroutine: the event loop goes on meanwhile. Cancelling it cancels the call."""
        import asyncio  # code that makes an awaitable call has imported it; a kernel starts faster without

        loop = asyncio.get_running_loop()
        answer = _Answer(name)
        answer.loop, answer.future = loop, loop.create_future()
        self._watch(loop)
        try:
            call_id = self._start(answer, namespace, function, name, arguments, attachment)
            try:
                await answer.future
            except BaseException:
                self._cancel(call_id)
                raise
            finally:
                self._waiting.pop(call_id, None)
        finally:
            self._unwatch(loop)
        return answer.take()

    def end_run(self) -> None:
        """Fail the calls that the run left in flight: the host answers none of them any more."""
        for key, answer in list(self._waiting.items()):
            if isinstance(answer, _Answer):
                self._waiting.pop(key, None)
                answer.fail(CallCancelledError("The run ended before this call was answered."))

    def _start(
        self,
        answer: _Answer,
        namespace: str,
        function: str,
        name: str | None,
        arguments: dict,
        attachment: Attachment,
    ) -> int:
        self.flush_output()
        call_id = next(self._ids)
        message = {
            "type": "call-start",
            "runId": self._ownership.run_id(),
            "callId": call_id,
            "namespace": namespace,
            "function": function,
            "arguments": arguments,
            "cpuMs": time.process_time_ns() // 1_000_000,
        }
        if name is not None:
            message["name"] = name
        line = call_line()
        if line is not None:
            message["line"] = line
        self._waiting[call_id] = answer
        try:
            self._connection.send(message, attachment.parts)
        except BaseException:
            self._waiting.pop(call_id, None)
            raise
        return call_id

    def _cancel(self, call_id: int) -> None:
        if self._waiting.pop(call_id, None) is not None:
            self._connection.send({"type": "call-cancel", "runId": self._ownership.run_id(), "callId": call_id})

    def _wait(self, waiter: _Answer | _Inbox) -> None:
        try:
            while not waiter.done:
                if self._take_lead():
                    while not waiter.done:
                        self._deliver(self._connection.receive())
                    # An event loop that waits for what was read in the same piece would not hear of it.
                    if self._waiting:
                        for frame in self._connection.received():
                            self._deliver(frame)
                    return
                waiter.event = event = threading.Event()
                # The leader may have delivered or left before it could see the event.
                if not waiter.done and self._lead.locked():
                    event.wait()
        finally:
            if self._leader == threading.get_ident():
                self._leave_lead()
            if self._waiting and not self._lead.locked():
                self._pass_lead(waiter)

    def _take_lead(self) -> bool:
        # Shielded, so that an interrupt cannot land between taking the lead and noting who has it. One that landed
        # before the lead was left again has left it with this thread, which then has it already.
        with self._connection.shielded():
            me = threading.get_ident()
            if self._leader != me and not self._lead.acquire(blocking=False):
                return False
            self._leader = me
            return True

    def _leave_lead(self) -> None:
        with self._connection.shielded():
            self._leader = 0
            self._lead.release()

    def _pass_lead(self, leaving: _Answer | _Inbox) -> None:
        for waiter in list(self._waiting.values()):
            event = waiter.event
            if waiter is not leaving and event is not None and not waiter.done:
                event.set()
                return

    def _deliver(self, frame: Frame) -> None:
        if frame.message["type"] != "call-end":
            if frame.message["type"] == "environment-update":
                # A call that waits needs it before its answer, so it does not wait for the run to end.
                use_environment(frame.message["sitePackages"], frame.message["changed"])
                return
            self._inbox.put(frame)
            return
        answer = self._waiting.pop(frame.message["callId"], None)
        if answer is not None:
            answer.deliver(frame)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        count = self._watchers.get(loop, 0)
        self._watchers[loop] = count + 1
        if not count:
            loop.add_reader(self._connection.fileno(), self._on_readable)

    def _unwatch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watchers[loop] -= 1
        if not self._watchers[loop]:
            del self._watchers[loop]
            if not loop.is_closed():
                loop.remove_reader(self._connection.fileno())

    def _on_readable(self) -> None:
        # A thread that leads reads the frame for us; the loop is woken by the future.
        if not self._take_lead():
            return
        try:
            for frame in self._connection.receive_ready():
                self._deliver(frame)
        except (EOFError, OSError) as error:
            for answer in list(self._waiting.values()):
                if isinstance(answer, _Answer) and answer.loop is not None:
                    answer.fail(error)
        finally:
            self._leave_lead()
        self._pass_lead(self._inbox)


class _Inbox:
    """Where the main loop waits for messages that answer no call."""

    def __init__(self) -> None:
        self.frames: collections.deque[Frame] = collections.deque()
        self.event: threading.Event | None = None

    @property
    def done(self) -> bool:
        return bool(self.frames)

    def put(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self.event is not None:
            self.event.set()


class _Answer:
    """One call that waits for its `call-end`."""

    __slots__ = ("done", "event", "future", "loop", "_error", "_frame", "_name")

    def __init__(self, name: str | None) -> None:
        self.done = False
        self.event: threading.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.future: asyncio.Future | None = None
        self._name = name
        self._frame: Frame | None = None
        self._error: Exception | None = None

    def deliver(self, frame: Frame) -> None:
        self._frame = frame
        self._finish()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._finish()

    def take(self) -> object:
        if self._error is not None:
            raise self._error
        frame = self._frame
        assert frame is not None
        error = frame.message.get("error")
        if error is not None:
            details = error.get("details")
            raise error_from_wire(
                error["kind"],
                error["message"],
                decode(details, frame.attachment) if frame.tagged else details,
                self._name,
            )
        result = frame.message.get("result")
        return decode(result, frame.attachment) if frame.tagged else result

    def _finish(self) -> None:
        self.done = True
        if self.loop is not None:
            try:
                self.loop.call_soon_threadsafe(self._resolve)
            except RuntimeError:
                pass  # The loop was closed while the call was in flight.
        elif self.event is not None:
            self.event.set()

    def _resolve(self) -> None:
        if self.future is not None and not self.future.done():
            self.future.set_result(None)
