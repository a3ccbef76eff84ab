import os
import signal
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from code_mode_kernel import errors

from .channel_support import ChannelTest


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
