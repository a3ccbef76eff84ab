#!/usr/bin/env python3
"""A zygote and its kernel that misbehave as `FAULT` in the environment says. The tests run it as the interpreter."""

import json
import os
import socket
import struct
import sys
import time

if "-c" in sys.argv:  # asked for the interpreter behind this script
    print(os.path.abspath(__file__))
    sys.exit()

FAULT = os.environ["FAULT"]
OPTIONS = json.loads(sys.stdin.readline())
READY = {"type": "zygote-ready", "pid": os.getpid(), "pythonVersion": "3", "startMethod": "fork", "preloaded": []}


def main():
    if FAULT == "says nothing":
        hang()
    zygote = connect({"role": "zygote", "secret": OPTIONS["secret"]}, cut=FAULT == "half a hello")
    if FAULT == "half a hello":
        return
    if FAULT == "half a frame":
        zygote.sendall(frame(READY)[:-5])
    elif FAULT == "text":
        zygote.sendall(b"Traceback (most recent call last)")
    elif FAULT == "a frame of a kernel":
        zygote.sendall(frame({"type": "run-end", "runId": "r", "status": "completed", "cpuMs": 0}))
    elif FAULT == "an incomplete frame, and stays":
        zygote.sendall(frame(READY)[:-5])
        hang()
    elif FAULT != "nothing after its hello":
        zygote.sendall(frame(READY))
        serve(zygote)
    # Staying makes it certain what the host notices: the connection, and not the end of the process.
    zygote.close()
    hang()


def serve(zygote):
    opening = receive(zygote)
    kernel_id = opening["kernelId"]
    if FAULT == "never opens":
        hang()
    if FAULT == "ends while it opens":
        return
    hello = {"secret": opening["secret"], "kernelId": kernel_id}
    kernel, *streams = [connect({"role": role, **hello}) for role in ("kernel", "stdout", "stderr")]
    zygote.sendall(frame({"type": "kernel-opened", "kernelId": kernel_id}))
    ready = {"type": "kernel-ready", "pid": os.getpid(), "pythonVersion": "3", "limits": {}}
    if FAULT == "never ready":
        say_reached()
        answer_signals(zygote, kernel_id)
    trickle(kernel, ready)
    receive(kernel)
    run = receive(kernel)
    end = {"type": "run-end", "runId": run["runId"], "status": "completed", "result": "slow but whole", "cpuMs": 0}
    if FAULT == "slow":
        trickle(kernel, end)
    elif FAULT == "half of a result":
        kernel.sendall(frame(end)[:-5])
        for connection in (kernel, *streams):
            connection.close()
        zygote.sendall(frame({"type": "kernel-exit", "kernelId": kernel_id, "exitCode": 0, "cpuMs": 0, "maxRssBytes": 0}))
    elif FAULT == "half-open":
        kernel.shutdown(socket.SHUT_WR)
    answer_signals(zygote, kernel_id)


def answer_signals(zygote, kernel_id):
    """Be a zygote whose kernel dies when it is killed."""
    while True:
        asked = receive(zygote)
        if asked["type"] != "kernel-signal":
            continue
        zygote.sendall(frame({"type": "kernel-signalled", "requestId": asked["requestId"], "delivered": True}))
        if asked["action"] == "kill":
            exit_message = {"type": "kernel-exit", "kernelId": kernel_id, "signal": "SIGKILL", "cpuMs": 0, "maxRssBytes": 0}
            zygote.sendall(frame(exit_message))


def connect(hello, cut=False):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(OPTIONS["socket"])
    data = frame({"type": "hello", "protocol": 1, **hello})
    connection.sendall(data[:-5] if cut else data)
    return connection


def frame(message):
    data = json.dumps(message).encode()
    return struct.pack(">II", len(data), 0) + data


def trickle(connection, message):
    for byte in frame(message):
        connection.sendall(bytes([byte]))
        time.sleep(0.001)


def receive(connection):
    size, attached = struct.unpack(">II", read(connection, 8))
    message = json.loads(read(connection, size))
    read(connection, attached)
    return message


def read(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            sys.exit()
        data += piece
    return data


def say_reached():
    if "REACHED" in os.environ:
        open(os.environ["REACHED"], "w").close()


def hang():
    say_reached()
    while True:
        time.sleep(60)


main()
