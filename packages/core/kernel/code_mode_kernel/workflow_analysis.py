"""What the source of a workflow says of itself: parameters, result, description, tools, workflows, packages.

The source is parsed and compiled, never executed.
"""

from __future__ import annotations

import ast
import builtins
import warnings

from .docstrings import read_docstring
from .imported_packages import imported_packages
from .references import References
from .scopes import Scopes
from .script_header import read_header
from .syntax import parse
from .workflow_schema import Schemas

_IDENTIFIERS = 300
_DETAILS = 4000
_SAY_NOTHING = frozenset(("run", "aio", "self", "tools", "workflows", *dir(builtins)))
_OF_TOOLS = frozenset(("list", "search", "describe"))
_OF_WORKFLOWS = frozenset("list search get create delete history rollback".split())


def analyse_workflow(source: str) -> dict:
    """The facts of a workflow, as JSON data:

    `description` (first line of the docstring of `run`, else of the module, else ""), `inputSchema`, `outputSchema`
    (absent without a hint), `tools` and `workflows` it names (Python paths), `packages` it imports (names on the
    package index), `requirements` of its PEP 723 header (absent without a header), `identifiers` in its code,
    `details`: what its docstrings say beside the description.

    Raises SyntaxError, and ValueError with a sentence to show.
    """
    text = source[1:] if source.startswith("\ufeff") else source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = parse(text, "<workflow>")
        # Finds what the parser lets pass: `return` and `await` outside a function, two parameters with one name.
        compile(tree, "<workflow>", "exec", dont_inherit=True)
    run = _find_run(tree)
    scopes = Scopes(tree)
    doc = read_docstring(ast.get_docstring(run))
    schemas = Schemas(tree)
    description = doc.summary or read_docstring(ast.get_docstring(tree)).summary
    facts: dict[str, object] = {
        "description": description,
        "inputSchema": schemas.parameters(run.args, doc.parameters),
        "tools": sorted(_used(scopes, "tools")),
        "workflows": sorted(_used(scopes, "workflows")),
        "packages": imported_packages(scopes),
        "identifiers": _identifiers(tree),
        "details": _details(tree, description),
    }
    if run.returns is not None:
        facts["outputSchema"] = schemas.result(run.returns, doc.returns)
    requirements = read_header(text)
    if requirements is not None:
        facts["requirements"] = requirements
    return facts


def _find_run(tree: ast.Module) -> ast.FunctionDef | ast.AsyncFunctionDef:
    found = None
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == "run":
            found = statement
    if found is None:
        raise ValueError(
            "The source has no function `run` at its top level. "
            "Define `def run(...)` or `async def run(...)`; its parameters are those of the workflow."
        )
    return found


def _used(scopes: Scopes, namespace: str) -> set[str]:
    """Names below `tools` or `workflows` that the code certainly means."""
    found = set()
    for node, path in References(scopes, frozenset((namespace,)), {}).uses.items():
        if len(path) < 2:
            continue
        names = [part[1:-1] if part.startswith("[") else part for part in path[1:]]
        if names[-1] == "aio":
            names.pop()
        if not names:
            continue
        if namespace == "tools" and names[0] not in _OF_TOOLS:
            found.add(".".join(names))
        elif namespace == "workflows" and names[0] == "invoke":
            found.update(_invoked(scopes.parents.get(node)))
        elif namespace == "workflows" and names[0] not in _OF_WORKFLOWS:
            found.add(names[0])
    # `github = tools.github` names a group, and what is called below it says more.
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def _invoked(call: ast.AST | None) -> list[str]:
    """`["x"]` for `workflows.invoke("x", ...)`."""
    if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
        name = call.args[0].value
        return [name] if isinstance(name, str) and name.isidentifier() else []
    return []


def _identifiers(tree: ast.Module) -> list[str]:
    """Names in the code, for search: what it calls and keeps says what it is about."""
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
        if isinstance(name, str) and 2 < len(name) <= 60 and not name.startswith("__") and name not in _SAY_NOTHING:
            names[name] = None
            if len(names) == _IDENTIFIERS:
                break
    return list(names)


def _details(tree: ast.Module, description: str) -> str:
    """The docstrings of the module and of all in it, for search."""
    documented = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented)]
    words = " ".join(" ".join(texts).replace(description, " ", 1).split())
    return words[:_DETAILS]
