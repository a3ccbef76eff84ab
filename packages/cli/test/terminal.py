"""Runs a command at a terminal of its own, answers what it asks, and prints what was on the screen as JSON.

Usage: python3 terminal.py '{"command": [...], "steps": [["expect", "text"], ["send", "text"]]}'
"""

import json
import os
import pty
import select
import sys
import time

LIMIT_SECONDS = 200


def main() -> None:
    order = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(order["command"][0], order["command"])
    screen = Screen(terminal)
    for kind, text in order["steps"]:
        if kind == "send":
            os.write(terminal, text.encode())
        elif not screen.expect(text):
            os.kill(pid, 9)
            break
    ended = screen.read_to_end()
    if not ended:
        os.kill(pid, 9)
    _, status = os.waitpid(pid, 0)
    print(json.dumps({"exitCode": os.waitstatus_to_exitcode(status), "screen": screen.text, "problem": screen.problem}))


class Screen:
    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.bytes = b""
        self.seen = 0
        self.problem = None
        self.deadline = time.monotonic() + LIMIT_SECONDS

    @property
    def text(self) -> str:
        return self.bytes.decode(errors="replace").replace("\r\n", "\n")

    def expect(self, text: str) -> bool:
        """Waits for a text behind the last one that was waited for."""
        while True:
            at = self.bytes.find(text.encode(), self.seen)
            if at >= 0:
                self.seen = at + len(text.encode())
                return True
            if not self.read():
                self.problem = f"{text!r} did not come"
                return False

    def read_to_end(self) -> bool:
        while self.read():
            pass
        return time.monotonic() < self.deadline

    def read(self) -> bool:
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
            return False
        try:
            chunk = os.read(self.terminal, 65536)
        except OSError:  # Linux says so when the other side has gone
            return False
        self.bytes += chunk
        return chunk != b""


main()
