import os
import random
import socket
import struct
import unittest

from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.wire import Connection, encode_frame

from .test_wire import read_golden

SEED = int(os.environ.get("CODE_MODE_SEED", "20261121"))
ROUNDS = 400
#: What decoders stumble over.
BLOCKS = [b" ", b"NaN", b"-Infinity", b"1e999", b"\xff", b"\xed\xa0\x80", b"\0", b'"', b"{", b"}", b"[", b"{}", b"\\ud800"]


class MutatedFrames(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        print(f"CODE_MODE_SEED={SEED}")
        self.good = [bytes.fromhex(row["hex"]) for row in read_golden("good-frames")]

    def test_any_sequence_in_any_pieces_gives_the_same_frames(self):
        for number in range(ROUNDS):
            sequence = [self.random.choice(self.good) for _ in range(self.random.randint(1, 6))]
            if number % 40 == 0:
                # Received another way: into its final place.
                sequence.insert(1, encode_frame({"type": "large"}, [self.random.randbytes(200_000)]))
            whole = [frame for data in sequence for frame in decode([data])]
            with self.subTest(number):
                self.assertEqual(decode(self.cut(b"".join(sequence))), whole)

    def test_any_mutation_gives_frames_and_then_waits_or_refuses(self):
        outcomes = set()
        for number in range(ROUNDS * 5):
            data = self.mutate(self.random.choice(self.good))
            pieces = self.cut(data)
            with self.subTest(number, data=data):
                outcome = outcome_of([data])
                # One kind of error for all that cannot be read; how the bytes come makes no difference.
                self.assertEqual(outcome_of(pieces), outcome)
                outcomes.add(outcome[1])
        self.assertEqual(outcomes, {"waits", "refused"})

    def mutate(self, frame):
        body = bytearray(frame[8:])
        for _ in range(self.random.randint(0, 3)):
            at = self.random.randint(0, len(body))
            added = self.random.choice([*BLOCKS, self.random.randbytes(2), b""])
            body[at : at + self.random.randint(0, 3)] = added
        attached = self.random.choice([0, 0, 0, 3])
        # Lengths that are too small or too large by a little: the kernel trusts its host not to claim gigabytes.
        length = max(0, len(body) - attached + self.random.choice([0, 0, 0, -1, 1, 70_000]))
        return struct.pack(">II", length, attached) + bytes(body)

    def cut(self, data):
        pieces = []
        while data:
            size = self.random.choice([1, 2, 7, 8, 9, 100, 65_536])
            pieces.append(data[:size])
            data = data[size:]
        return pieces


def decode(pieces):
    frames, end = outcome_of(pieces)
    assert end == "waits", end
    return frames


def outcome_of(pieces):
    """The frames that were read, and whether more are waited for."""
    host, kernel = socket.socketpair()
    connection = Connection(kernel, Interrupts())
    frames = []
    with host, kernel:
        try:
            for piece in pieces:
                host.sendall(piece)
                frames += ready(connection)
            while more := ready(connection):
                frames += more
        except ValueError:
            frames += [(frame.message, bytes(frame.attachment)) for frame in connection.received()]
            return frames, "refused"
    return frames, "waits"


def ready(connection):
    return [(frame.message, bytes(frame.attachment)) for frame in connection.receive_ready()]


if __name__ == "__main__":
    unittest.main()
