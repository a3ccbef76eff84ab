"""What a kernel sees of the system's files: what Python and its libraries need, and nothing of anybody's data."""

import os
import sys

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
#: Programs of the site and their settings; people put applications there, with their secrets.
_HIDDEN = ("/usr/src", "/usr/local/src", "/usr/local/etc")
_SETTINGS = (
    *("alternatives", "fonts", "ld.so.cache", "localtime", "timezone", "locale.alias", "mime.types", "magic"),
    *("nsswitch.conf", "protocols", "services", "ImageMagick-6", "ImageMagick-7", "matplotlibrc"),
    *("ssl/certs", "ssl/openssl.cnf", "ca-certificates", "crypto-policies", "pki/ca-trust", "pki/tls/certs"),
)
_NETWORK_SETTINGS = ("resolv.conf", "hosts", "host.conf", "gai.conf")


class VisiblePaths:
    """Paths as they are outside, without symbolic links in them; those are in `links`.

    `private` ones may be closed to everybody but their owner.
    """

    def __init__(self, readable: "list[str]", writable: "list[str]", network: bool) -> None:
        self.readable: "list[str]" = []
        self.writable: "list[str]" = []
        self.links: "dict[str, str]" = {}
        self.hidden = [path for path in _HIDDEN if os.path.isdir(path)]
        settings = _SETTINGS + (_NETWORK_SETTINGS if network else ())
        for path in (*_SYSTEM, *(f"/etc/{name}" for name in settings)):
            self._add(path, self.readable)
        of_system = len(self.readable)
        for path in (*_python_paths(), *readable, *_library_folders()):
            self._add(path, self.readable)
        for path in writable:
            self._add(path, self.writable)
        self.private = [*self.readable[of_system:], *self.writable]

    def _add(self, path: str, known: "list[str]") -> None:
        real = self._follow(os.path.normpath(path))
        if real != "/" and os.path.exists(real) and not (known is self.readable and self._shows(real)):
            known.append(real)

    def _follow(self, path: str) -> str:
        """The path without symbolic links. Those on the way are kept, so that it is found by its old name too."""
        current = "/"
        parts = path.strip("/").split("/")
        for index, part in enumerate(parts):
            current = os.path.join(current, part)
            if os.path.islink(current):
                target = os.readlink(current)
                if not self._shows(current):
                    self.links[current] = target
                return self._follow(os.path.normpath(os.path.join(os.path.dirname(current), target, *parts[index + 1 :])))
        return current

    def _shows(self, path: str) -> bool:
        above = [folder for folder in (*self.readable, *self.hidden) if is_below(path, folder)]
        return bool(above) and max(above, key=len) not in self.hidden


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or in it."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def _python_paths() -> "list[str]":
    return [sys.base_prefix, sys.prefix, sys.base_exec_prefix, sys.exec_prefix, *sys.path, sys.executable]


def _library_folders() -> "list[str]":
    """Folders of the libraries that this process has loaded; an interpreter may keep some beside its prefix."""
    try:
        with open("/proc/self/maps") as file:
            paths = [line.rstrip("\n").split(maxsplit=5)[5:] for line in file]
    except OSError:
        return []
    return sorted({os.path.dirname(path) for path, in filter(None, paths) if ".so" in path})
