"""What the names in type hints mean in one module."""

from __future__ import annotations

import ast
import json


class HintNames:
    """`classes`: top-level classes by name. `aliases`: `Rows = list[dict]`, `UserId = NewType("UserId", int)`."""

    def __init__(self, tree: ast.Module) -> None:
        self.classes: dict[str, ast.ClassDef] = {}
        self.aliases: dict[str, ast.expr] = {}
        self._imported: dict[str, str] = {}
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef):
                self.classes[statement.name] = statement
            elif isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._import(statement)
            else:
                self._alias(statement)

    def of(self, node: ast.AST) -> str | None:
        """`Optional` for `Optional`, `typing.Optional` and `t.Optional`; a class or alias of the module by its name.

        None for what is not a name, and for names of other modules that say nothing about JSON.
        """
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            node = ast.Name(id=node.value)
        if isinstance(node, ast.Name):
            if node.id in self.classes or node.id in self.aliases:
                return node.id
            module, _, name = self._imported.get(node.id, f"builtins.{node.id}").rpartition(".")
            return name if module in _MODULES else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            module = self._module(node.value)
            return node.attr if module in _MODULES else None
        return None

    def _module(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._module(node.value)}.{node.attr}"
        name = node.id if isinstance(node, ast.Name) else ""
        return self._imported.get(name, name)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        for alias in statement.names:
            if isinstance(statement, ast.ImportFrom):
                self._imported[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
            elif alias.asname:
                self._imported[alias.asname] = alias.name

    def _alias(self, statement: ast.stmt) -> None:
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target: object = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign):
            target = statement.target
        elif type(statement).__name__ == "TypeAlias":  # `type Rows = list[dict]`, since Python 3.12
            target = statement.name  # type: ignore[attr-defined]
        else:
            return
        if not isinstance(target, ast.Name) or value is None:
            return
        if isinstance(value, ast.Call):
            is_new_type = getattr(value.func, "id", getattr(value.func, "attr", "")) == "NewType"
            if is_new_type and len(value.args) == 2:
                self.aliases[target.id] = value.args[1]
        elif isinstance(value, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute)):
            self.aliases[target.id] = value


def literal_value(node: ast.expr) -> tuple[bool, object]:
    """Whether an expression is JSON data, and which."""
    try:
        value = ast.literal_eval(node)
        # Tuples become lists; sets, bytes, complex numbers, NaN and keys that are no text are not JSON.
        text = json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
    return True, json.loads(text)


_MODULES = frozenset(
    (
        "builtins typing typing_extensions collections collections.abc datetime decimal uuid pathlib enum dataclasses "
        "types pydantic"
    ).split()
)
