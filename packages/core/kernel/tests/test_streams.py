import os
import socket
import sys
import threading
import unittest

from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.streams import Output


class OutputTest(unittest.TestCase):
    def setUp(self):
        self.run_id = "r1"
        self.sent = []
        self.output = Output(self.sent.append, lambda: self.run_id, Interrupts())

    def texts(self):
        return [(message["stream"], message["text"]) for message in self.sent]

    def total(self, stream="stdout"):
        return "".join(message["text"] for message in self.sent if message["stream"] == stream)


class Order(OutputTest):
    def test_a_line_is_sent_when_it_ends(self):
        print("a", "b", file=self.output.stdout)
        self.assertEqual(self.sent, [{"type": "run-output", "runId": "r1", "stream": "stdout", "text": "a b\n"}])

    def test_half_a_line_waits_for_a_flush(self):
        print("a", end="", file=self.output.stdout)
        self.assertEqual(self.texts(), [])
        self.output.stdout.flush()
        self.assertEqual(self.texts(), [("stdout", "a")])

    def test_half_a_line_does_not_grow_without_end(self):
        for _ in range(100):
            self.output.stdout.write("x" * 100)
        self.assertGreater(len(self.sent), 0)

    def test_the_streams_keep_their_order(self):
        for n in range(3):
            print(n, end=" ", file=self.output.stdout)
            print(n, end=" ", file=self.output.stderr)
        self.output.end_run()
        self.assertEqual(
            self.texts(),
            [("stdout", "0 "), ("stderr", "0 "), ("stdout", "1 "), ("stderr", "1 "), ("stdout", "2 "), ("stderr", "2 ")],
        )

    def test_a_late_thread_writes_for_its_own_run(self):
        print("mine", end="", file=self.output.stdout)
        self.run_id = "r2"
        print("yours", file=self.output.stdout)
        self.assertEqual([(m["runId"], m["text"]) for m in self.sent], [("r1", "mine"), ("r2", "yours\n")])

    def test_threads_lose_nothing(self):
        threads = [
            threading.Thread(target=lambda who=who: [self.output.stdout.write(f"{who}{n}\n") for n in range(200)])
            for who in "abcd"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = self.total().split("\n")
        for who in "abcd":
            self.assertEqual([line for line in lines if line.startswith(who)], [f"{who}{n}" for n in range(200)])


class Limit(OutputTest):
    def run_with(self, limit, texts):
        self.output.start_run(limit)
        for stream, text in texts:
            getattr(self.output, stream).write(text)
        self.output.end_run()

    def test_within_the_limit_nothing_is_left_out(self):
        self.run_with(1000, [("stdout", "x" * 99 + "\n")] * 7)
        self.assertEqual(len(self.total()), 700)
        self.assertFalse(any("omittedBytes" in message for message in self.sent))

    def test_beyond_it_the_head_and_the_tail_are_kept(self):
        self.run_with(400, [("stdout", f"{n:09}\n") for n in range(1000)])
        text = self.total()
        self.assertEqual(text[:300], "".join(f"{n:09}\n" for n in range(30)))
        self.assertEqual(text[300:], "".join(f"{n:09}\n" for n in range(990, 1000)))
        self.assertEqual(sum(message.get("omittedBytes", 0) for message in self.sent), 10_000 - 400)

    def test_text_beyond_ascii_is_counted_in_bytes(self):
        self.run_with(400, [("stdout", "é" * 9 + "\n") for _ in range(1000)])
        size = len(self.total().encode())
        self.assertLessEqual(size, 400)
        self.assertGreaterEqual(size, 300)
        self.assertEqual(sum(message.get("omittedBytes", 0) for message in self.sent), 19_000 - size)

    def test_a_line_after_one_huge_text_leaves_its_beginning_and_end(self):
        self.run_with(100_000, [("stdout", "b" + "x" * 1_000_000 + "e\n"), ("stdout", "done\n")])
        self.assertEqual(self.total()[0], "b")
        self.assertEqual(self.total()[-10:], "xxxe\ndone\n")
        self.assertGreater(len(self.total()), 90_000)

    def test_one_huge_text(self):
        for character, width in (("x", 1), ("é", 2), ("🌍", 4)):
            with self.subTest(character):
                self.setUp()
                self.run_with(4000, [("stdout", "first\n"), ("stdout", character * 100_000 + "\n")])
                size = len(self.total().encode())
                self.assertLessEqual(size, 4000)
                self.assertEqual(self.total()[:6], "first\n")
                self.assertEqual(self.total()[-1], "\n")
                omitted = sum(message.get("omittedBytes", 0) for message in self.sent)
                self.assertEqual(omitted, 6 + 100_000 * width + 1 - size)

    def test_both_streams_have_one_limit_and_their_own_count(self):
        self.run_with(400, [("stdout", "o" * 99 + "\n"), ("stderr", "e" * 99 + "\n")] * 10)
        self.assertLessEqual(len(self.total()) + len(self.total("stderr")), 400)
        omitted = {"stdout": 0, "stderr": 0}
        for message in self.sent:
            omitted[message["stream"]] += message.get("omittedBytes", 0)
        self.assertEqual(omitted["stdout"] + len(self.total()), 1000)
        self.assertEqual(omitted["stderr"] + len(self.total("stderr")), 1000)

    def test_the_next_run_starts_anew(self):
        self.run_with(100, [("stdout", "x" * 1000 + "\n")])
        self.sent.clear()
        self.run_with(100, [("stdout", "short\n")])
        self.assertEqual(self.texts(), [("stdout", "short\n")])

    def test_the_tail_belongs_to_the_run_although_a_late_thread_wrote_last(self):
        self.run_id = "r2"
        self.output.start_run(400)
        self.output.stdout.write("a" * 300)
        for _ in range(10):
            self.output.stdout.write("x" * 19 + "\n")
        self.run_id = "r1"
        self.output.stdout.write("late\n")
        self.run_id = "r2"
        self.output.end_run()
        self.assertEqual({m["runId"] for m in self.sent if "x" in m["text"]}, {"r2"})
        self.assertEqual({m["runId"] for m in self.sent if "late" in m["text"]}, {"r1"})


class Stream(OutputTest):
    def test_has_what_programs_expect(self):
        out = self.output.stdout
        self.assertEqual(
            (out.encoding, out.name, out.mode, out.fileno(), out.isatty(), out.writable(), out.readable(), out.closed),
            ("utf-8", "<stdout>", "w", 1, False, True, False, False),
        )
        self.assertEqual(self.output.stderr.fileno(), 2)

    def test_takes_text_only(self):
        with self.assertRaises(TypeError) as caught:
            self.output.stdout.write(b"x")
        self.assertEqual(str(caught.exception), "write() argument must be str, not bytes")

    def test_a_subclass_of_str_is_written_as_str(self):
        class Loud(str):
            def __str__(self):
                raise AssertionError("called")

        self.output.stdout.write("plain\n")
        self.assertEqual(self.total(), "plain\n")

    def test_closing_does_not_silence_it(self):
        self.output.stdout.close()
        print("still here", file=self.output.stdout)
        self.assertEqual(self.total(), "still here\n")

    def test_with_statement_does_not_silence_it(self):
        with self.output.stdout as out:
            print("in", file=out)
        print("out", file=self.output.stdout)
        self.assertEqual(self.total(), "in\nout\n")

    def test_reconfigure_and_writelines(self):
        self.output.stdout.reconfigure(encoding="latin-1", line_buffering=False)
        self.output.stdout.writelines(["a\n", "b\n"])
        self.assertEqual(self.total(), "a\nb\n")

    def test_lone_surrogates_do_not_raise(self):
        self.output.stdout.write("\ud800\n")
        self.assertEqual(len(self.sent), 1)


class Buffer(OutputTest):
    def test_bytes_go_to_the_descriptor_after_the_text_before_them(self):
        host, kernel = socket.socketpair()
        self.addCleanup(host.close)
        self.addCleanup(kernel.close)
        saved = os.dup(1)
        sys.__stdout__.flush()
        os.dup2(kernel.fileno(), 1)
        try:
            # Read at once, as the host does: the next text waits for it.
            reader = threading.Thread(target=lambda: received.append(host.recv(100)))
            received = []
            reader.start()
            self.output.stdout.write("text ")
            self.output.stdout.buffer.write(b"\xff\x00")
            self.output.stdout.buffer.flush()
            reader.join()
        finally:
            os.dup2(saved, 1)
            os.close(saved)
        self.assertEqual(self.texts(), [("stdout", "text ")])
        self.assertEqual(received, [b"\xff\x00"])


if __name__ == "__main__":
    unittest.main()
