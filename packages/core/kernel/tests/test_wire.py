import json
import os
import signal
import socket
import struct
import tempfile
import threading
import unittest
from pathlib import Path

from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.wire import PROTOCOL_VERSION, Connection, connect, encode_frame

GOLDEN = Path(__file__).resolve().parents[4] / "test" / "wire"


def read_golden(name):
    """The rows of a golden file; the host's tests read the same ones."""
    with open(GOLDEN / f"{name}.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class WireTest(unittest.TestCase):
    def setUp(self):
        self.host, kernel = socket.socketpair()
        self.host.settimeout(5)
        self.addCleanup(self.host.close)
        self.addCleanup(kernel.close)
        self.interrupts = Interrupts()
        self.connection = Connection(kernel, self.interrupts)


class GoodFrames(WireTest):
    def test_decoded(self):
        for row in read_golden("good-frames"):
            with self.subTest(row["title"]):
                self.host.sendall(bytes.fromhex(row["hex"]))
                self.check(row)

    def test_decoded_from_single_bytes(self):
        for row in read_golden("good-frames"):
            with self.subTest(row["title"]):
                frames = bytes.fromhex(row["hex"])
                sender = threading.Thread(target=lambda data=frames: [self.host.sendall(bytes([byte])) for byte in data])
                sender.start()
                self.check(row)
                sender.join()

    def test_encoded(self):
        for row in read_golden("good-frames"):
            if "message" not in row or row.get("decodeOnly"):
                continue
            with self.subTest(row["title"]):
                attachment = bytes.fromhex(row.get("attachment", ""))
                parts = [attachment[:1], attachment[1:]] if attachment else ()
                self.assertEqual(encode_frame(row["message"], parts).hex(), row["hex"])

    def test_all_in_one_stream(self):
        rows = read_golden("good-frames")
        self.host.sendall(b"".join(bytes.fromhex(row["hex"]) for row in rows))
        for row in rows:
            self.check(row)

    def check(self, row):
        expected = row.get("messages") or [row["message"]]
        frames = [self.connection.receive() for _ in expected]
        self.assertEqual([frame.message for frame in frames], expected)
        if "message" in row:
            self.assertEqual(bytes(frames[0].attachment).hex(), row.get("attachment", ""))


class BadFrames(WireTest):
    """The kernel trusts its host: it only has to fail on what it cannot read."""

    def test_refused(self):
        for row in read_golden("bad-frames"):
            expected = row.get("kernel")
            if expected in (None, "waits"):
                continue
            with self.subTest(row["title"]):
                self.setUp()
                self.host.sendall(bytes.fromhex(row["hex"]))
                with self.assertRaises(Exception):  # which one is of no use to anybody
                    self.connection.receive()

    def test_waits_for_the_rest(self):
        for row in read_golden("bad-frames"):
            if row.get("kernel") != "waits":
                continue
            with self.subTest(row["title"]):
                self.setUp()
                self.host.sendall(bytes.fromhex(row["hex"]))
                self.assertEqual(self.connection.receive_ready(), [])


class Frames(WireTest):
    def test_tagged_when_the_json_may_hold_dollar_forms(self):
        for message, tagged in (({"type": "t", "a": {"$int": "1"}}, True), ({"type": "t", "a": "$int"}, False)):
            self.host.sendall(encode_frame(message))
            self.assertEqual(self.connection.receive().tagged, tagged)

    def test_large_frame_in_pieces(self):
        attachment = os.urandom(3_000_000)
        data = encode_frame({"type": "t", "text": "é" * 100_000}, [attachment[:1000], attachment[1000:]])
        data += encode_frame({"type": "next"})
        sender = threading.Thread(target=self.host.sendall, args=(data,))
        sender.start()
        frame = self.connection.receive()
        sender.join()
        self.assertEqual(frame.message, {"type": "t", "text": "é" * 100_000})
        self.assertEqual(bytes(frame.attachment), attachment)
        self.assertEqual(self.connection.receive().message, {"type": "next"})

    def test_frame_sizes_around_the_chunk_size(self):
        for size in (65_535 - 8, 65_536 - 8, 65_536, 65_537, 131_072):
            with self.subTest(size):
                data = encode_frame({"type": "t", "s": "x" * (size - len('{"type":"t","s":""}'))})
                self.host.sendall(data + encode_frame({"type": "next"}))
                self.assertEqual(len(self.connection.receive().message["s"]), size - 19)
                self.assertEqual(self.connection.receive().message, {"type": "next"})

    def test_receive_ready_returns_all_that_is_there_and_does_not_wait(self):
        self.assertEqual(self.connection.receive_ready(), [])
        self.host.sendall(encode_frame({"type": "a"}) + encode_frame({"type": "b"}) + b"\0")
        self.assertEqual([frame.message["type"] for frame in self.connection.receive_ready()], ["a", "b"])
        self.assertEqual(self.connection.receive_ready(), [])

    def test_end_of_file(self):
        self.host.sendall(encode_frame({"type": "last"}))
        self.host.close()
        self.assertEqual(self.connection.receive().message, {"type": "last"})
        with self.assertRaises(EOFError) as caught:
            self.connection.receive()
        self.assertEqual(str(caught.exception), "the host closed the connection")

    def test_end_of_file_inside_a_large_frame(self):
        self.host.sendall(struct.pack(">II", 200_000, 0) + b"{")
        self.host.close()
        with self.assertRaises(EOFError) as caught:
            self.connection.receive()
        self.assertEqual(str(caught.exception), "the host closed the connection in the middle of a frame")

    def test_lone_surrogates_become_question_marks(self):
        self.assertEqual(encode_frame({"type": "t", "s": "a\ud800b"})[8:], b'{"type":"t","s":"a?b"}')

    def test_threads_do_not_mix_their_frames(self):
        received = []

        def read():
            buffer = b""
            while len(received) < 400:
                buffer += self.host.recv(65_536)
                while len(buffer) >= 8:
                    length, attached = struct.unpack_from(">II", buffer)
                    if len(buffer) < 8 + length + attached:
                        break
                    received.append(json.loads(buffer[8 : 8 + length]))
                    buffer = buffer[8 + length + attached :]

        reader = threading.Thread(target=read)
        reader.start()
        writers = [
            threading.Thread(
                target=lambda who=who: [
                    self.connection.send({"type": "t", "who": who, "n": n, "pad": "x" * 5_000}, [b"y" * 3_000])
                    for n in range(100)
                ]
            )
            for who in range(4)
        ]
        for thread in [*writers, reader]:
            if thread is not reader:
                thread.start()
        for thread in [*writers, reader]:
            thread.join()
        for who in range(4):
            self.assertEqual([frame["n"] for frame in received if frame["who"] == who], list(range(100)))

    def test_an_interrupt_never_splits_a_frame(self):
        self.interrupts.install()
        self.addCleanup(signal.signal, signal.SIGINT, signal.default_int_handler)
        self.interrupts.active = True
        attachment = [b"x" * 5_000_000]
        frame = encode_frame({"type": "t"}, attachment)
        received = []
        slow = threading.Timer(0.2, lambda: received.append(receive_all(self.host, len(frame))))
        slow.start()
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            self.connection.send({"type": "t"}, attachment)
        slow.join()
        self.assertTrue(received[0] == frame)


class Hello(unittest.TestCase):
    def test_is_the_first_frame(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            path = os.path.join(folder, "socket")
            listener.bind(path)
            listener.listen()
            connection = connect(path, Interrupts(), {"role": "kernel", "kernelId": "k1", "secret": "s"})
            host, _ = listener.accept()
            hello = {"type": "hello", "protocol": PROTOCOL_VERSION, "role": "kernel", "kernelId": "k1", "secret": "s"}
            frame = encode_frame(hello)
            self.assertEqual(receive_all(host, len(frame)), frame)
            host.close()
            connection.socket.close()


def receive_all(sock, size):
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(min(65_536, size - len(data)))
        if not chunk:
            break
        data += chunk
    return bytes(data)


if __name__ == "__main__":
    unittest.main()
