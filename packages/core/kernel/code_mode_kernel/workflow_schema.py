"""The JSON Schema of a function's parameters and result, from type hints that are parsed and never evaluated."""

from __future__ import annotations

import ast

from .hint_names import HintNames, literal_value
from .record_classes import RecordClass, enum_values, read_record

_SCALARS: dict[str, dict] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "NoneType": {"type": "null"},
    "LiteralString": {"type": "string"},
    "datetime": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string"},
    "timedelta": {"type": "number"},
    "Decimal": {"type": ["number", "string"]},
    "UUID": {"type": "string", "format": "uuid"},
    "Path": {"type": "string"},
    "PurePath": {"type": "string"},
}
_LISTS = frozenset(
    "list List Sequence MutableSequence Iterable Collection Iterator Generator deque Deque Reversible".split()
)
_SETS = frozenset("set Set frozenset FrozenSet AbstractSet MutableSet".split())
_TUPLES = frozenset(("tuple", "Tuple"))
_DICTS = frozenset("dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict Counter".split())
_WRAPPERS = frozenset("Final ClassVar InitVar Required NotRequired ReadOnly Awaitable Coroutine".split())
_MAX_DEPTH = 30


class Schemas:
    """The schemas of one module's functions."""

    def __init__(self, tree: ast.Module) -> None:
        self._names = HintNames(tree)
        self._definitions: dict[str, dict] = {}
        self._depth = 0

    def parameters(self, arguments: ast.arguments, descriptions: dict[str, str]) -> dict:
        """The object schema of all parameters. `*args` is a list of its name, `**kwargs` are further properties."""
        self._definitions = {}
        properties: dict[str, dict] = {}
        required = []
        for parameter, default in _with_defaults(arguments):
            properties[parameter.arg] = self._parameter(parameter.annotation, default)
            if default is None:
                required.append(parameter.arg)
        if arguments.vararg is not None:
            properties[arguments.vararg.arg] = {"type": "array", "items": self._of(arguments.vararg.annotation)}
        schema: dict[str, object] = {"type": "object", "properties": properties}
        others = self._others(arguments.kwarg, properties, required)
        if required:
            schema["required"] = required
        schema["additionalProperties"] = others
        for name, text in descriptions.items():
            if name in properties and text:
                properties[name] = {**properties[name], "description": text}
        return self._with_definitions(schema)

    def result(self, hint: ast.expr, description: str) -> dict:
        """The schema of what the function returns."""
        self._definitions = {}
        schema = self._of(hint)
        return self._with_definitions({**schema, "description": description} if description else schema)

    def _parameter(self, hint: ast.expr | None, default: ast.expr | None) -> dict:
        schema = self._of(hint)
        if default is None:
            return schema
        found, value = self._default(default)
        if not found:
            return schema
        if value is None and schema and not _takes_none(schema):
            schema = {"anyOf": [schema, {"type": "null"}]}
        return {**schema, "default": value}

    def _others(self, parameter: ast.arg | None, properties: dict[str, dict], required: list[str]) -> object:
        if parameter is None:
            return False
        hint = parameter.annotation
        if isinstance(hint, ast.Subscript) and self._names.of(hint.value) == "Unpack":
            record = self._record(self._names.of(hint.slice) or "")
            if record is not None:
                for field in record.fields:
                    properties[field.name] = self._of(field.hint)
                    if field.required:
                        required.append(field.name)
                return False
        return self._of(hint) or True

    def _default(self, node: ast.expr) -> tuple[bool, object]:
        """Whether the default is JSON data, and which."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            members = enum_values(self._names, node.value.id) or {}
            return node.attr in members, members.get(node.attr)
        return literal_value(node)

    def _of(self, hint: ast.expr | None) -> dict:
        if hint is None or self._depth > _MAX_DEPTH:
            return {}
        self._depth += 1
        try:
            return self._schema(hint)
        finally:
            self._depth -= 1

    def _schema(self, hint: ast.expr) -> dict:
        if isinstance(hint, ast.Constant):
            if hint.value is None:
                return {"type": "null"}
            parsed = _parsed(hint.value)
            return self._of(parsed) if parsed is not None else {}
        if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
            return self._union([hint.left, hint.right])
        if isinstance(hint, ast.Subscript):
            return self._generic(self._names.of(hint.value), _elements(hint.slice))
        name = self._names.of(hint)
        if name is None:
            return {}
        return self._named(name)

    def _named(self, name: str) -> dict:
        if name in self._names.aliases:
            return self._of(self._names.aliases[name])
        if name in self._names.classes:
            return self._class(name)
        if name in _SCALARS:
            return dict(_SCALARS[name])
        if name in _LISTS or name in _TUPLES:
            return {"type": "array"}
        if name in _SETS:
            return {"type": "array", "uniqueItems": True}
        if name in _DICTS:
            return {"type": "object", "additionalProperties": True}
        return {}

    def _generic(self, name: str | None, arguments: list[ast.expr]) -> dict:
        if name in ("Optional", "Union"):
            return self._union([*arguments, ast.Constant(value=None)] if name == "Optional" else arguments)
        if name == "Literal":
            return {"enum": self._literals(arguments)}
        if name == "Annotated":
            text = next((a.value for a in arguments[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)), "")
            return {**self._of(arguments[0]), **({"description": text} if text else {})}
        if name in _LISTS or name in _SETS:
            items = self._of(arguments[0])
            schema: dict[str, object] = {"type": "array", **({"items": items} if items else {})}
            return {**schema, "uniqueItems": True} if name in _SETS else schema
        if name in _TUPLES:
            return self._tuple(arguments)
        if name in _DICTS:
            return {"type": "object", "additionalProperties": (self._of(arguments[-1]) if len(arguments) > 1 else {}) or True}
        if name in _WRAPPERS:
            return self._of(arguments[-1])
        return self._named(name) if name in self._names.classes else {}

    def _tuple(self, arguments: list[ast.expr]) -> dict:
        if len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...:
            items = self._of(arguments[0])
            return {"type": "array", **({"items": items} if items else {})}
        count = len(arguments)
        first = {"prefixItems": [self._of(argument) for argument in arguments]} if count else {}
        return {"type": "array", **first, "minItems": count, "maxItems": count}

    def _union(self, members: list[ast.expr]) -> dict:
        schemas: list[dict] = []
        for member in members:
            schema = self._of(member)
            if not schema:
                return {}
            inner = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
            schemas.extend(item for item in inner if item not in schemas)
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def _literals(self, arguments: list[ast.expr]) -> list[object]:
        values: list[object] = []
        for argument in arguments:
            if isinstance(argument, ast.Subscript):
                values.extend(self._literals(_elements(argument.slice)))
                continue
            found, value = self._default(argument)
            if found and value not in values:
                values.append(value)
        return values

    def _class(self, name: str) -> dict:
        members = enum_values(self._names, name)
        if members is not None:
            values = list(dict.fromkeys(members.values()))
            return {"enum": values} if values else {}
        if name not in self._definitions:
            record = self._record(name)
            if record is None:
                return {}
            # Its place is taken first: a class may name itself.
            definition = self._definitions[name] = {}
            definition.update(self._object(record))
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, record: RecordClass) -> dict:
        schema: dict[str, object] = {"type": "object"}
        if record.description:
            schema["description"] = record.description
        properties = {}
        for field in record.fields:
            properties[field.name] = self._parameter(field.hint, field.default)
            text = record.descriptions.get(field.name)
            if text:
                properties[field.name] = {**properties[field.name], "description": text}
        schema["properties"] = properties
        required = [field.name for field in record.fields if field.required]
        if required:
            schema["required"] = required
        schema["additionalProperties"] = record.open
        return schema

    def _record(self, name: str) -> RecordClass | None:
        return read_record(self._names, name)

    def _with_definitions(self, schema: dict) -> dict:
        return {**schema, "$defs": self._definitions} if self._definitions else schema


def _with_defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = len(plain) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*[None] * missing, *arguments.defaults]
    return [*zip(plain, defaults), *zip(arguments.kwonlyargs, arguments.kw_defaults)]


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _parsed(text: object) -> ast.expr | None:
    """A hint in quotes."""
    if not isinstance(text, str):
        return None
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _takes_none(schema: dict) -> bool:
    return schema.get("type") == "null" or None in schema.get("enum", ()) or any(map(_takes_none, schema.get("anyOf", ())))
