"""How a zygote gets into namespaces of its own: a chain of processes, of which the keeper stays outside.

The keeper (the process that the host started) makes the maker, the maker makes the namespaces and the zygote, and ends.
The keeper waits for the zygote, removes the folder that only somebody outside can remove, and ends as the zygote did.
"""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable

from ..processes import adopt_orphans, name_process
from .privileges import become_unprivileged, enter_user_namespace, forbid_new_privileges, is_root
from .root_tree import build_root, enter_root
from .system_calls import (
    MOUNT_PRIVATE,
    MOUNT_RECURSIVE,
    NEW_CGROUP,
    NEW_IPC,
    NEW_MOUNTS,
    NEW_NET,
    NEW_PID,
    NEW_UTS,
    mount,
    prctl,
    unshare,
)
from .visible_paths import VisiblePaths

_DIE_WITH_PARENT = 1
_READY = b"ready"


def become_confined_zygote(folder: str, visible: VisiblePaths, network: bool, check: "Callable[[], None]") -> "str | None":
    """Return None in a confined zygote, or why there can be none in the process that called.

    `folder` is the socket's; the tree is mounted over it. `check` is called in the zygote and raises what is amiss.
    """
    adopt_orphans()
    news, tell = os.pipe()
    adopted, adopt = os.pipe()
    maker = os.fork()
    if not maker:
        os.close(news)
        os.close(adopt)
        _make(folder, visible, network, check, adopted, tell)
        return None  # in the zygote
    os.close(tell)
    os.close(adopted)
    os.waitpid(maker, 0)
    os.close(adopt)
    said = b""
    while piece := os.read(news, 4096):
        said += piece
    os.close(news)
    if said == _READY:
        name_process("keeper")
        keep(folder)
    _wait_for_all()
    return said.decode("utf-8", "replace") or "the process that makes the namespaces ended"


def _make(
    folder: str, visible: VisiblePaths, network: bool, check: "Callable[[], None]", adopted: int, tell: int
) -> None:
    """In the maker; returns in the zygote alone."""
    try:
        os.umask(0o022)
        _enter_namespaces(folder, visible, network)
        if os.fork():
            os._exit(0)
        # With the maker gone the keeper is the parent, and its end ends everything.
        os.read(adopted, 1)
        os.close(adopted)
        prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        enter_root()
        _forget_host_name()
        forbid_new_privileges()
        check()
        os.write(tell, _READY)
        os.close(tell)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the keeper reports it
        os.write(tell, str(error).encode())
        os._exit(1)


def _enter_namespaces(folder: str, visible: VisiblePaths, network: bool) -> None:
    others = NEW_MOUNTS | NEW_PID | NEW_IPC | NEW_UTS | NEW_CGROUP | (0 if network else NEW_NET)
    if is_root():
        # Only root can open everything that Python needs; so the tree is made before root is given up.
        unshare(NEW_MOUNTS)
        mount(None, "/", None, MOUNT_RECURSIVE | MOUNT_PRIVATE)
        build_root(folder, visible, as_root=True)
        become_unprivileged()
        enter_user_namespace(0, others)
    else:
        enter_user_namespace(0, others)
        mount(None, "/", None, MOUNT_RECURSIVE | MOUNT_PRIVATE)
        build_root(folder, visible, as_root=False)


def _forget_host_name() -> None:
    socket.sethostname("sandbox")
    platform = sys.modules.get("platform")
    if platform is not None:
        platform._uname_cache = None


def keep(folder: str) -> None:
    """Wait for the zygote, remove its folder, and end as it did."""
    status = _wait_for_all()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _wait_for_all() -> int:
    """Wait until every child has ended; the status of the last."""
    status = 0
    while True:
        try:
            _, status = os.wait()
        except ChildProcessError:
            return status
