import asyncio
import os
import signal
import socket
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from code_mode_kernel import errors
from code_mode_kernel.channel import Channel
from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.values import Attachment
from code_mode_kernel.wire import Connection, encode_frame


class Owner:
    """Every thread works for one run."""

    def run_id(self):
        return "r1"


class ChannelTest(unittest.TestCase):
    def setUp(self):
        host, kernel = socket.socketpair()
        self.addCleanup(host.close)
        self.addCleanup(kernel.close)
        self.interrupts = Interrupts()
        self.host = Connection(host, Interrupts())
        self.channel = Channel(Connection(kernel, self.interrupts), Owner())

    def call(self, name="echo", **arguments):
        return self.channel.call("tools", "call", name, arguments, Attachment())

    def call_async(self, name="echo", **arguments):
        return self.channel.call_async("tools", "call", name, arguments, Attachment())

    def serve(self, count, order=lambda calls: calls, pause=0.0):
        """Read `count` calls in a thread, then answer them in the order that `order` gives, each with its arguments."""

        def run():
            calls = [self.host.receive().message for _ in range(count)]
            for call in order(calls):
                time.sleep(pause)
                self.host.send({"type": "call-end", "callId": call["callId"], "result": call["arguments"]})

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 5)


class Calls(ChannelTest):
    def test_a_call_and_its_answer(self):
        self.serve(1)
        self.assertEqual(self.call(city="Oslo"), {"city": "Oslo"})

    def test_the_frame_of_a_call(self):
        self.host.send({"type": "call-end", "callId": 1, "result": None})
        self.call("weather", city="Oslo")
        message = self.host.receive().message
        self.assertIsInstance(message.pop("cpuMs"), int)
        self.assertEqual(
            message,
            {
                "type": "call-start",
                "runId": "r1",
                "callId": 1,
                "namespace": "tools",
                "function": "call",
                "arguments": {"city": "Oslo"},
                "name": "weather",
            },
        )

    def test_an_answer_without_a_result_is_none(self):
        self.host.send({"type": "call-end", "callId": 1})
        self.assertIsNone(self.call())

    def test_bytes_in_the_answer(self):
        self.host.send({"type": "call-end", "callId": 1, "result": {"a": {"$bytes": [1, 2]}}}, [b"xyz"])
        self.assertEqual(self.call(), {"a": b"yz"})

    def test_errors(self):
        kinds = {
            "tool": errors.ToolError,
            "not-found": errors.ToolNotFoundError,
            "arguments": errors.ToolArgumentError,
            "timeout": errors.ToolTimeoutError,
            "denied": errors.ApprovalDeniedError,
            "limit": errors.CallLimitError,
            "cancelled": errors.CallCancelledError,
            "from a newer host": errors.ToolError,
        }
        for call_id, (kind, error) in enumerate(kinds.items(), 1):
            with self.subTest(kind):
                answer = {"kind": kind, "message": "no", "details": {"code": 7}}
                self.host.send({"type": "call-end", "callId": call_id, "error": answer})
                with self.assertRaises(error) as caught:
                    self.call("weather")
                self.assertIs(type(caught.exception), error)
                self.assertEqual(
                    (caught.exception.message, caught.exception.details, caught.exception.tool),
                    ("no", {"code": 7}, "weather"),
                )

    def test_a_namespace_error_has_no_tool(self):
        self.host.send({"type": "call-end", "callId": 1, "error": {"kind": "namespace", "message": "no"}})
        with self.assertRaises(errors.NamespaceError) as caught:
            self.call()
        self.assertEqual(caught.exception.details, None)

    def test_an_answer_to_nothing_is_dropped(self):
        self.host.send({"type": "call-end", "callId": 99, "result": "late"})
        self.serve(1)
        self.assertEqual(self.call(a=1), {"a": 1})

    def test_a_message_of_the_host_waits_for_the_main_loop(self):
        self.host.send({"type": "run-start", "runId": "r2"})
        self.serve(1)
        self.assertEqual(self.call(a=1), {"a": 1})
        self.assertEqual(self.channel.next_message().message, {"type": "run-start", "runId": "r2"})

    def test_output_is_flushed_before_the_call_starts(self):
        order = []
        self.channel.flush_output = lambda: order.append("flush")
        self.serve(1)
        self.call()
        self.assertEqual(order, ["flush"])


class Threads(ChannelTest):
    def test_two_answers_in_either_order(self):
        for order in (lambda calls: calls, reversed):
            for _ in range(20):
                self.serve(2, order, 0.002)
                with ThreadPoolExecutor(2) as pool:
                    results = [pool.submit(self.call, n=n) for n in range(2)]
                    self.assertEqual([result.result(5) for result in results], [{"n": 0}, {"n": 1}])

    def test_many_answers_in_any_order(self):
        for order in (lambda calls: calls, reversed, lambda calls: calls[1::2] + calls[::2]):
            self.serve(20, order)
            with ThreadPoolExecutor(20) as pool:
                results = list(pool.map(lambda n: self.call(n=n), range(20), timeout=10))
            self.assertEqual(results, [{"n": n} for n in range(20)])

    def test_a_thread_is_answered_while_the_main_loop_waits(self):
        results = []
        thread = threading.Thread(target=lambda: results.append(self.call(n=1)))
        self.serve(1, pause=0.05)
        threading.Timer(0.02, thread.start).start()
        threading.Timer(0.2, self.host.send, ({"type": "run-start"},)).start()
        self.assertEqual(self.channel.next_message().message, {"type": "run-start"})
        thread.join(5)
        self.assertEqual(results, [{"n": 1}])

    def test_the_main_loop_is_served_while_a_thread_leads(self):
        results = []
        thread = threading.Thread(target=lambda: results.append(self.call(n=1)))
        thread.start()
        call = self.host.receive().message
        threading.Timer(0.05, self.host.send, ({"type": "run-start"},)).start()
        self.assertEqual(self.channel.next_message().message, {"type": "run-start"})
        self.host.send({"type": "call-end", "callId": call["callId"], "result": "done"})
        thread.join(5)
        self.assertEqual(results, ["done"])

    def test_many_threads_with_many_calls(self):
        self.serve_forever()
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda n: [self.call(n=n)["n"] for _ in range(50)], range(8), timeout=20))
        self.assertEqual(results, [[n] * 50 for n in range(8)])

    def test_end_of_file_reaches_every_thread(self):
        failures = []

        def call():
            try:
                self.call()
            except (EOFError, OSError):
                failures.append("ended")

        threads = [threading.Thread(target=call, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in threads:
            self.host.receive()
        self.host.socket.close()
        for thread in threads:
            thread.join(2)
        self.assertEqual(failures, ["ended"] * 3)

    def serve_forever(self):
        def run():
            try:
                while True:
                    call = self.host.receive().message
                    self.host.send({"type": "call-end", "callId": call["callId"], "result": call["arguments"]})
            except (EOFError, OSError):
                pass

        threading.Thread(target=run, daemon=True).start()


class Together(ChannelTest):
    def test_answers_in_one_piece_for_a_thread_and_a_task(self):
        async def main():
            thread = asyncio.get_running_loop().run_in_executor(None, lambda: self.call(n=1))
            await asyncio.sleep(0.05)  # the thread leads now
            return await asyncio.wait_for(asyncio.gather(thread, self.call_async(n=2)), 3)

        def serve():
            calls = sorted((self.host.receive().message for _ in range(2)), key=lambda call: call["arguments"]["n"])
            answers = [{"type": "call-end", "callId": call["callId"], "result": call["arguments"]} for call in calls]
            self.host.socket.sendall(b"".join(map(encode_frame, answers)))

        threading.Thread(target=serve, daemon=True).start()
        self.assertEqual(asyncio.run(main()), [{"n": 1}, {"n": 2}])


class Async(ChannelTest):
    def test_gather_in_either_order(self):
        async def main():
            return await asyncio.gather(*(self.call_async(n=n) for n in range(20)))

        for order in (lambda calls: calls, reversed):
            self.serve(20, order)
            self.assertEqual(asyncio.run(asyncio.wait_for(main(), 10)), [{"n": n} for n in range(20)])

    def test_the_loop_goes_on_while_a_call_waits(self):
        async def main():
            ticks = 0
            call = asyncio.ensure_future(self.call_async())
            while not call.done():
                await asyncio.sleep(0.01)
                ticks += 1
            return ticks

        self.serve(1, pause=0.1)
        self.assertGreater(asyncio.run(main()), 3)

    def test_threads_and_tasks_together(self):
        async def main():
            loop = asyncio.get_running_loop()
            threads = [loop.run_in_executor(None, lambda n=n: self.call(n=n)) for n in range(4)]
            tasks = [self.call_async(n=n) for n in range(4, 8)]
            return await asyncio.wait_for(asyncio.gather(*threads, *tasks), 10)

        for order in (lambda calls: calls, reversed, lambda calls: sorted(calls, key=lambda call: call["arguments"]["n"])):
            for _ in range(5):
                self.serve(8, order, 0.001)
                self.assertEqual(asyncio.run(main()), [{"n": n} for n in range(8)])

    def test_two_loops_in_two_threads(self):
        async def main(first):
            return await asyncio.gather(*(self.call_async(n=n) for n in range(first, first + 5)))

        for order in (lambda calls: calls, reversed):
            self.serve(10, order, 0.001)
            with ThreadPoolExecutor(2) as pool:
                results = list(pool.map(lambda first: asyncio.run(main(first)), (0, 5), timeout=10))
            self.assertEqual(results, [[{"n": n} for n in range(5)], [{"n": n} for n in range(5, 10)]])

    def test_a_call_given_up_is_cancelled_and_its_late_answer_dropped(self):
        async def main():
            try:
                await asyncio.wait_for(self.call_async(), 0.05)
            except asyncio.TimeoutError:
                return "timeout"

        self.assertEqual(asyncio.run(main()), "timeout")
        start, cancel = self.host.receive().message, self.host.receive().message
        self.assertEqual(cancel, {"type": "call-cancel", "runId": "r1", "callId": start["callId"]})
        self.host.send({"type": "call-end", "callId": start["callId"], "result": "late"})
        self.serve(1)
        self.assertEqual(self.call(a=1), {"a": 1})

    def test_the_end_of_the_run_fails_what_is_in_flight(self):
        async def main():
            asyncio.get_running_loop().call_later(0.05, self.channel.end_run)
            await self.call_async()

        with self.assertRaises(errors.CallCancelledError) as caught:
            asyncio.run(main())
        self.assertEqual(str(caught.exception), "The run ended before this call was answered.")

    def test_end_of_file_reaches_a_task(self):
        async def main():
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            asyncio.get_running_loop().call_later(0.05, self.host.socket.close)
            await asyncio.wait_for(self.call_async(), 2)

        with self.assertRaises(EOFError):
            asyncio.run(main())


class Interrupted(ChannelTest):
    def test_an_interrupt_cancels_the_call(self):
        self.interrupts.install()
        self.addCleanup(signal.signal, signal.SIGINT, signal.default_int_handler)
        self.interrupts.active = True
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            self.call()
        self.interrupts.end_run()
        start, cancel = self.host.receive().message, self.host.receive().message
        self.assertEqual(cancel, {"type": "call-cancel", "runId": "r1", "callId": start["callId"]})

    def test_another_thread_takes_the_lead(self):
        self.interrupts.install()
        self.addCleanup(signal.signal, signal.SIGINT, signal.default_int_handler)
        self.interrupts.active = True
        results = []
        thread = threading.Timer(0.05, lambda: results.append(self.call(n=1)))
        thread.start()
        threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            self.call(n=0)
        calls = [self.host.receive().message for _ in range(3)]
        other = next(call for call in calls if call["type"] == "call-start" and call["arguments"] == {"n": 1})
        self.host.send({"type": "call-end", "callId": other["callId"], "result": "done"})
        thread.join(5)
        self.assertEqual(results, ["done"])


if __name__ == "__main__":
    unittest.main()
