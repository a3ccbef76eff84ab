"""Drives ipykernel through jupyter_client, as a Python host would. One JSON request per line in, one answer out.

Times are taken here, on the host's side of jupyter_client, so that the pipe to Node counts in no row. A program reaches
the host by `input()`: the only way an unpatched kernel has to ask its client something and wait.
"""

import ast
import json
import signal
import sys
import time

from jupyter_client.manager import start_new_kernel

LARGE_TEXT = "a" * 20_000_000


def pause(ms):
    time.sleep(ms / 1000)
    return ms


TOOLS = {"echo": lambda value: value, "pause": pause, "text": lambda: LARGE_TEXT}

CALL = """
import json
def call(name, **arguments):
    return json.loads(input(json.dumps([name, arguments])))
"""


def main():
    # The terminal sends Ctrl-C to everyone; Node decides, and its end is the end of stdin here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sessions = {}
    try:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer = handle(sessions, **request)
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    finally:
        for session in list(sessions):
            close(sessions, session)


def handle(sessions, do, session=None, code=None):
    if do == "ping":
        return {}
    if do == "close":
        close(sessions, session)
        return {}
    started = time.perf_counter()
    if do == "open":
        manager, client = start_new_kernel()
        sessions[session] = manager, client
        opened = time.perf_counter()
        execute(client, CALL)
        return {"ms": (opened - started) * 1000}
    text = execute(sessions[session][1], code)
    ms = (time.perf_counter() - started) * 1000
    return {"ms": ms, "result": None if text is None else ast.literal_eval(text)}


def close(sessions, session):
    manager, client = sessions.pop(session)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def execute(client, code):
    """Runs code and returns the text form of its last expression: what a kernel sends of a value."""
    result = None

    def output(message):
        nonlocal result
        if message["msg_type"] == "execute_result":
            result = message["content"]["data"]["text/plain"]

    def asked(message):
        name, arguments = json.loads(message["content"]["prompt"])
        client.input(json.dumps(TOOLS[name](**arguments)))

    reply = client.execute_interactive(
        code, store_history=False, allow_stdin=True, timeout=60, output_hook=output, stdin_hook=asked
    )["content"]
    if reply["status"] != "ok":
        raise RuntimeError(f"{reply.get('ename')}: {reply.get('evalue')}")
    return result


main()
