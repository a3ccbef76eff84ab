"""Classes with declared fields, read from their source: dataclasses, TypedDicts, NamedTuples, pydantic models, enums."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .docstrings import read_docstring
from .hint_names import HintNames, literal_value

_ENUMS = frozenset("Enum IntEnum StrEnum Flag IntFlag".split())
_MODELS = frozenset(("BaseModel", "NamedTuple"))


@dataclass
class RecordField:
    name: str
    hint: ast.expr
    required: bool
    default: ast.expr | None = None


@dataclass
class RecordClass:
    """`open` says that further keys do no harm."""

    open: bool
    description: str = ""
    descriptions: dict[str, str] = field(default_factory=dict)
    fields: list[RecordField] = field(default_factory=list)


def read_record(names: HintNames, name: str, seen: tuple[str, ...] = ()) -> RecordClass | None:
    """The fields of a class of the module, with those it inherits; None for any other class."""
    node = names.classes.get(name)
    if node is None or name in seen:
        return None
    bases = [names.of(base) or "" for base in node.bases]
    parents = [read_record(names, base, (*seen, name)) for base in bases if base in names.classes]
    inherited = [parent for parent in parents if parent is not None]
    typed_dict = "TypedDict" in bases or any(parent.open for parent in inherited)
    if not (typed_dict or inherited or _MODELS.intersection(bases) or _is_dataclass(names, node)):
        return None
    doc = read_docstring(ast.get_docstring(node))
    record = RecordClass(open=typed_dict, description=doc.summary, descriptions=dict(doc.parameters))
    total = not any(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in node.keywords
    )
    fields = {item.name: item for parent in inherited for item in parent.fields}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found = _field(names, statement, total or not typed_dict)
            if found is not None:
                fields[found.name] = found
    record.fields = list(fields.values())
    return record


def enum_values(names: HintNames, name: str) -> dict[str, object] | None:
    """Member names and values of an enum of the module; None when it is not one or its values cannot be read."""
    node = names.classes.get(name)
    bases = [names.of(base) for base in node.bases] if node is not None else []
    if node is None or not _ENUMS.intersection(bases):
        return None
    values: dict[str, object] = {}
    last = 0
    for statement in node.body:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            continue
        member = statement.targets[0].id
        if member.startswith("_"):
            continue
        found, value = literal_value(statement.value)
        if not found and _calls(statement.value, "auto"):
            found, value = True, member.lower() if "StrEnum" in bases else last + 1
        if not found or isinstance(value, (list, dict)):
            return {}
        last = value if isinstance(value, int) else last
        values[member] = value
    return values


def _field(names: HintNames, statement: ast.AnnAssign, required: bool) -> RecordField | None:
    hint, value = statement.annotation, statement.value
    wrapper = names.of(hint.value) if isinstance(hint, ast.Subscript) else names.of(hint)
    if wrapper in ("ClassVar", "KW_ONLY"):
        return None
    if wrapper in ("Required", "NotRequired"):
        required = wrapper == "Required"
    default = value
    if isinstance(value, ast.Call) and (_calls(value, "field") or _calls(value, "Field")):
        options = {keyword.arg: keyword.value for keyword in value.keywords}
        init = options.get("init")
        if isinstance(init, ast.Constant) and init.value is False:
            return None
        default = options.get("default", value.args[0] if value.args else None)
        if default is None and not ("default_factory" in options):
            value = None
    name = statement.target.id  # type: ignore[union-attr]
    return RecordField(name, hint, required and value is None, default)


def _is_dataclass(names: HintNames, node: ast.ClassDef) -> bool:
    for decorator in node.decorator_list:
        if names.of(decorator.func if isinstance(decorator, ast.Call) else decorator) == "dataclass":
            return True
    return False


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and name in (getattr(node.func, "id", None), getattr(node.func, "attr", None))
