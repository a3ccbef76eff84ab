"""The floor: a Python that forks on request, then compiles and executes what arrives, and nothing else.

A frame is an unsigned 32-bit big-endian length, then that many bytes of JSON. No isolation, no captured output, no
errors, no limits. The first connection is the control connection: one byte on it forks one session.
"""

import gc
import json
import os
import signal
import socket
import struct
import sys


def main(path):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control = connect(path)
    gc.freeze()
    while control.recv(1):
        if os.fork() == 0:
            control.close()
            serve(connect(path))


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def serve(connection):
    frames = connection.makefile("rb")

    def send(message):
        data = json.dumps(message).encode()
        connection.sendall(struct.pack(">I", len(data)) + data)

    def receive():
        header = frames.read(4)
        if len(header) < 4:
            os._exit(0)
        return json.loads(frames.read(struct.unpack(">I", header)[0]))

    def call(name, **arguments):
        send({"call": name, "arguments": arguments})
        return receive()["result"]

    def gather(calls):
        for name, arguments in calls:
            send({"call": name, "arguments": arguments})
        return [receive()["result"] for _ in calls]

    variables = {"call": call, "gather": gather}
    while True:
        exec(compile(receive()["code"], "<run>", "exec"), variables)
        send({"result": variables.get("result")})


main(sys.argv[1])
