"""What holds the calling process in, read back from the system and tried; not what was asked for."""

import errno
import os
import socket
import stat

from .landlock import landlock_abi

_NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")


def outside() -> dict:
    """What the user, the namespaces and the root are here, for a comparison later."""
    namespaces = {name: _namespace(name) for name in _NAMESPACES}
    return {"user": os.getuid(), "namespaces": namespaces, "root": list(_root())}


def observe(before: dict, folder: str, descriptor: int, needs_network: bool) -> "dict[str, str]":
    """The layers that hold, each with what was seen. `folder` is one that may be written, `descriptor` the one to keep."""
    seen = {}
    own = [name for name in _NAMESPACES if _namespace(name) != before["namespaces"][name]]
    status = _status()
    if ("user" in own or os.getuid() != before["user"]) and os.getuid() not in (0, os.stat("/usr").st_uid):
        seen["user"] = "what root owns is not this process's"
    if {"mnt", "pid", "ipc", "uts"} <= set(own) and (needs_network or "net" in own):
        seen["namespaces"] = f"own {', '.join(own)}"
    if "mnt" in own and list(_root()) != before["root"]:
        seen["files"] = "own root"
    if not needs_network and _fails(lambda: socket.socket(socket.AF_INET).close()):
        seen["network"] = "no sockets but Unix sockets" + (", in a network of its own" if "net" in own else "")
    elif "net" in own and _fails(_find_way_out):
        seen["network"] = "no way out of a network of its own"
    capabilities = [status.get(name, "") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
    # Without a namespace of its own an ordinary user cannot empty the bounding set; no program gives what it holds.
    if all(int(value, 16) == 0 for value in capabilities[:3] + capabilities[4:]):
        seen["capabilities"] = f"CapEff {capabilities[2]}, CapBnd {capabilities[3]}"
    if status.get("NoNewPrivs") == "1":
        seen["noNewPrivileges"] = "NoNewPrivs 1"
    if _refuses_devices(folder):
        seen["landlock"] = f"a forbidden file was refused, ABI {landlock_abi()}"
    if status.get("Seccomp") == "2":
        seen["seccomp"] = "Seccomp 2"
    extra = [number for number in map(int, os.listdir("/proc/self/fd")) if number > 2 and _is_open(number)]
    if extra == [descriptor]:
        seen["descriptors"] = "0, 1, 2 and the connection to the host"
    return seen


def _namespace(name: str) -> str:
    try:
        return os.readlink(f"/proc/self/ns/{name}")
    except OSError:
        return ""


def _root() -> "tuple[int, int]":
    root = os.stat("/")
    return root.st_dev, root.st_ino


def _status() -> "dict[str, str]":
    with open("/proc/self/status") as file:
        return {name: value.strip() for name, _, value in (line.partition(":") for line in file)}


def _refuses_devices(folder: str) -> bool:
    """A device that stands for nothing may be made by everybody, but not under our Landlock rules."""
    path = os.path.join(folder, ".device")
    if _fails(lambda: os.mknod(path, stat.S_IFREG | 0o600)):
        return False  # Nothing may be made there, so a refusal would tell nothing.
    os.unlink(path)
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, 0)
    except OSError as error:
        return error.errno == errno.EACCES
    os.unlink(path)
    return False


def _find_way_out() -> None:
    """Ask the system for the way to a foreign address. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        any_socket.connect(("192.0.2.1", 9))


def _fails(act: object) -> bool:
    try:
        act()  # type: ignore[operator]
    except OSError:
        return True
    return False


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False  # It was the one that listed the folder.
    return True
