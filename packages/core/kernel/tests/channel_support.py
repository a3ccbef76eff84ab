"""A channel, and the host at its other end."""

import socket
import threading
import time
import unittest

from code_mode_kernel.channel import Channel
from code_mode_kernel.interrupts import Interrupts
from code_mode_kernel.values import Attachment
from code_mode_kernel.wire import Connection


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
