"""What a kernel reads out of each line of hexadecimal bytes, for `decoder-parity.test.ts`: frames, and how it ends."""

import json
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kernel"))

from code_mode_kernel.interrupts import Interrupts  # noqa: E402
from code_mode_kernel.wire import Connection  # noqa: E402


def main():
    for line in sys.stdin:
        frames, end = decode(bytes.fromhex(line))
        print(json.dumps({"frames": plain(frames), "end": end}))


def plain(value):
    """The value as JavaScript writes it: JSON has no infinity, though `1e999` means it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and abs(value) == float("inf") else value


def decode(data):
    host, kernel = socket.socketpair()
    connection = Connection(kernel, Interrupts())
    frames = []
    with host, kernel:
        host.sendall(data)
        host.shutdown(socket.SHUT_WR)
        try:
            while True:
                frame = connection.receive()
                frames.append([frame.message, bytes(frame.attachment).hex()])
        except EOFError:
            return frames, "waits"
        except Exception:
            return [*frames, *([frame.message, bytes(frame.attachment).hex()] for frame in connection.received())], "refused"


main()
