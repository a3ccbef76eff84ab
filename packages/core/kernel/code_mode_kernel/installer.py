"""Installs packages into a folder: the one job of a container that has a network for it, and ends with it.

What pip says goes to standard output; what came of it, as JSON, to standard error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import NoReturn


def run_installer(options: dict) -> NoReturn:
    """`options`: `folder` (where to), `arguments` (of this Python, for its pip) and `variables` (that pip sees)."""
    threading.Thread(target=_end_with_host, daemon=True).start()
    # Another user owns the folder on the host, and must be able to take away what is in it.
    os.umask(0)
    print(json.dumps(_install(**options)), file=sys.stderr)
    sys.exit()


def _install(folder: str, arguments: "list[str]", variables: "dict[str, str]", role: str) -> dict:
    lacking = [module for module in ("venv", "pip") if find_spec(module) is None]
    if lacking:
        return {"lacks": lacking[0]}
    import venv

    venv.create(folder, symlinks=True)
    pip = [sys.executable, *arguments]
    environment = {**os.environ, **variables}
    return {
        "status": subprocess.call(pip, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT),
    }


def _end_with_host() -> None:
    """The host holds standard input open. As the first process of the container this one takes pip along."""
    while os.read(0, 4096):
        pass
    os._exit(1)
