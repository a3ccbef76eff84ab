"""Which packages of the package index a module needs, told by its imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from .scopes import Scopes


def imported_packages(scopes: Scopes) -> list[str]:
    """Names on the package index, sorted. Imports that may fail or never run are not counted."""
    found = set()
    for node in scopes.parents:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_optional(scopes, node):
            for module in _modules(node):
                name = _distribution(module)
                if name is not None:
                    found.add(name)
    return sorted(found)


def modules_of(distribution: str) -> list[str]:
    """Module names under which a distribution may be imported, likeliest first."""
    plain = distribution.lower().replace("-", "_")
    return [module for module, name in _DISTRIBUTIONS.items() if name == distribution.lower()] or [plain]


def _modules(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif not node.level and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _distribution(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] in sys.stdlib_module_names or parts[0].startswith("_"):
        return None
    for length in range(len(parts), 0, -1):
        name = _DISTRIBUTIONS.get(".".join(parts[:length]))
        if name is not None:
            return name
    return None if parts[0] in _SHARED else parts[0].replace("_", "-")


def _is_optional(scopes: Scopes, node: ast.AST) -> bool:
    """`try: import x; except ImportError:` and `if TYPE_CHECKING:`."""
    child, parent = node, scopes.parents.get(node)
    while parent is not None:
        if isinstance(parent, ast.Try) and child in parent.body:
            if any(_catches_import(handler.type) for handler in parent.handlers):
                return True
        elif isinstance(parent, ast.If) and child in parent.body:
            test = parent.test
            if "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None)):
                return True
        elif isinstance(parent, ast.ExceptHandler) and _catches_import(parent.type):
            return True
        child, parent = parent, scopes.parents.get(parent)
    return False


def _catches_import(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(map(_catches_import, kind.elts))
    return kind is None or getattr(kind, "id", None) in ("ImportError", "ModuleNotFoundError", "Exception")


#: Names that several distributions share: only the longer name tells which.
_SHARED = frozenset(("google", "azure", "ruamel"))

#: Import names whose distribution is called otherwise.
_DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai",
    "google.protobuf": "protobuf",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "ruamel.yaml": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "telegram": "python-telegram-bot",
    "win32api": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
