"""The packages installed for the session: one folder on `sys.path`, behind the standard library.

It is not made a site folder: its `.pth` files and `sitecustomize` are never executed. What is imported stays imported
when the folder changes, as everywhere in Python; only modules of a package that is gone are forgotten, if that is safe.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable

_folder: str | None = None
#: This folder and the former ones, each with a separator at its end.
_folders: set[str] = set()
_stale: set[str] = set()


def use_environment(folder: str | None, changed: Iterable[str] = ()) -> None:
    """Put `folder` in the place of the former one; None takes it away.

    `changed` names the modules whose package is gone or has another version now.
    """
    global _folder
    if folder == _folder:
        return
    # Every environment's folder goes, not only the last: an interrupt may have come in the middle of a change.
    path = [entry for entry in sys.path if os.path.join(entry, "") not in _folders]
    if folder is not None:
        path.insert(_place(path), folder)
        _folders.add(os.path.join(folder, ""))
    sys.path[:] = path
    _folder = folder
    importlib.invalidate_caches()
    for name in changed:
        if _is_ours(name) and not _forget(name):
            _stale.add(name)


def stale_modules() -> list[str]:
    """Imported modules whose package is gone or has another version now."""
    return sorted(name for name in _stale if name in sys.modules and not _is_current(name))


def _place(path: list[str]) -> int:
    """Behind the standard library, so that no package can shadow it; before what is installed beside it."""
    for index, entry in enumerate(path):
        if os.path.basename(entry) in ("site-packages", "dist-packages"):
            return index
    return len(path)


def _is_ours(name: str) -> bool:
    """Whether a module is imported, and from an environment."""
    file = _file(name)
    return file is not None and file.startswith(tuple(_folders))


def _is_current(name: str) -> bool:
    return _folder is not None and (_file(name) or "").startswith(os.path.join(_folder, ""))


def _forget(name: str) -> bool:
    """Forget a module with all that is in it, unless it can be imported still or holds C code, which loads only once."""
    if _folder is not None and any(os.path.exists(os.path.join(_folder, entry)) for entry in (name, f"{name}.py")):
        return False
    inside = [known for known in list(sys.modules) if known == name or known.startswith(f"{name}.")]
    if any((_file(known) or "").endswith((".so", ".pyd")) for known in inside):
        return False
    for known in inside:
        del sys.modules[known]
    return True


def _file(name: str) -> str | None:
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if file is None:  # a namespace package has folders only
        file = next(iter(getattr(module, "__path__", ())), None)
    return file if isinstance(file, str) else None
