import asyncio
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from code_mode_kernel import errors
from code_mode_kernel.wire import encode_frame

from .channel_support import ChannelTest


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


if __name__ == "__main__":
    unittest.main()
