"""Write an archive that an engine imports as an image: this Python, pip, what it links, and a few programs. No network."""

import glob
import io
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv

_PROGRAMS = ("sh", "true", "false", "sleep", "echo", "cat", "ls", "kill", "env", "seq", "head", "yes")
_LEFT_OUT = {"test", "tests", "site-packages", "dist-packages", "idlelib", "turtledemo", "ensurepip"}

#: Says that it is older than it is.
_OLD = """#!{shell}
exec python3 -I -c 'import runpy, sys
sys.version_info, sys.version = (3, 9, 2, "final", 0), "3.9.2 (old)"
runpy.run_path(sys.argv[1], run_name="__main__")' "$4"
"""

#: Has no packages, not even pip.
_BARE = """#!{shell}
exec python3 -S "$@"
"""


def main(target: str) -> None:
    python = os.path.realpath(sys.executable)
    library = sysconfig.get_path("stdlib")
    programs = [python, "/bin/sh", *filter(None, map(shutil.which, _PROGRAMS))]
    loaded = [*map(os.path.realpath, programs), *glob.glob(f"{library}/lib-dynload/*.so")]
    with tarfile.open(target, "w", dereference=True) as archive:
        for path in sorted({*programs, *_libraries(loaded), library, "/usr/share/zoneinfo", "/etc/mime.types"}):
            if os.path.exists(path):
                archive.add(path, filter=_as_roots)
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True, symlinks=True)
            [pip] = glob.glob(f"{folder}/lib/*/site-packages/pip")
            archive.add(pip, f"{site.getsitepackages()[0]}/pip", filter=_owned_by_root)
        link = tarfile.TarInfo("usr/local/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, python
        archive.addfile(link)
        for name, text in (("python-old", _OLD), ("python-bare", _BARE)):
            script = tarfile.TarInfo(f"usr/local/bin/{name}")
            data = text.format(shell=shutil.which("sh")).encode()
            script.size, script.mode = len(data), 0o755
            archive.addfile(script, io.BytesIO(data))


def _libraries(files: "list[str]") -> "set[str]":
    said = subprocess.run(["ldd", *files], capture_output=True, text=True).stdout
    found = {word for line in said.splitlines() if not line.endswith(":") for word in line.split() if word.startswith("/")}
    # What every wheel may link; a newer libc has it all in one.
    beside = {os.path.dirname(path) for path in found if os.path.basename(path) == "libc.so.6"}
    names = ("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libm.so.6")
    return found | {f"{folder}/{name}" for folder in beside for name in names}


def _as_roots(info: tarfile.TarInfo) -> "tarfile.TarInfo | None":
    parts = info.name.split("/")
    if not _LEFT_OUT.isdisjoint(parts) or any(part.startswith("config-") for part in parts):
        return None
    return _owned_by_root(info)


def _owned_by_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


main(sys.argv[1])
