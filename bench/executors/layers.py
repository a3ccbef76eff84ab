"""How long each step of a kernel's way into the sandbox takes: prints a JSON object of steps and their times in us."""

import functools
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, sys.argv[1])

import code_mode_kernel.zygote  # noqa: E402, F401 - what a zygote has in memory is copied by each fork
from code_mode_kernel.sandbox import sandbox as module  # noqa: E402

TRIALS = int(sys.argv[2])
PAUSE_SECONDS = 0.02

#: Where a step is found -> what the report calls it.
STEPS = {
    (module.Nest, "enter"): "join the namespaces",
    (module, "enter_user_namespace"): "user namespace",
    (module, "lock_privileges"): "securebits, bounding set",
    (module, "drop_capabilities"): "capabilities",
    (module, "forbid_new_privileges"): "no_new_privs",
    (module.Sandbox, "_rules"): "Landlock: rules",
    (module.Landlock, "enforce"): "Landlock: enforce",
    (module, "close_descriptors"): "descriptors",
    (module.SeccompFilter, "install"): "seccomp",
}
times: "dict[str, float]" = {}


def measured(name: str, function: object) -> object:
    @functools.wraps(function)  # type: ignore[arg-type]
    def call(*arguments: object) -> object:
        started = time.perf_counter()
        try:
            return function(*arguments)  # type: ignore[operator]
        finally:
            times[name] = (time.perf_counter() - started) * 1e6

    return call


def main() -> None:
    said = os.dup(1)
    folder = tempfile.mkdtemp(prefix="code-mode-")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, "socket"))
    options = {"network": False, "readable": [sys.argv[1]], "writable": []}
    sandbox = module.Sandbox.start({"socket": listener.getsockname(), "sandbox": options}, folder)
    if not sandbox.nested:
        sys.exit(f"no sandbox here: {sandbox.missing}")
    gc.collect()
    gc.freeze()
    for (owner, attribute), name in STEPS.items():
        setattr(owner, attribute, measured(name, getattr(owner, attribute)))
    # The times travel in the place of what a process on trial says of its layers.
    sandbox.observe = lambda *_: dict(times)
    samples: "dict[str, list[float]]" = {}
    for _ in range(TRIALS):
        time.sleep(PAUSE_SECONDS)
        started = time.perf_counter()
        nest = sandbox.make_nest()
        samples.setdefault("make the namespaces", []).append((time.perf_counter() - started) * 1e6)
        nest.let_go()
        os.kill(nest.pid, signal.SIGKILL)
        os.waitpid(nest.pid, 0)
        time.sleep(PAUSE_SECONDS)
        for name, value in sandbox._try_out("/tmp/work").items():
            samples.setdefault(name, []).append(value)
    os.write(said, json.dumps(samples).encode())


main()
