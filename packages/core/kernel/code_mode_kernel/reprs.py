"""A short text for any value, hostile ones included: it ends, it stays short, and it raises nothing but interrupts."""

from __future__ import annotations

_get_mro = type.__dict__["__mro__"].__get__
_get_name = type.__dict__["__name__"].__get__
_get_qualname = type.__dict__["__qualname__"].__get__
_get_module = type.__dict__["__module__"].__get__


def short_repr(value: object, limit: int) -> str:
    """`repr(value)`, cut after about `limit` characters. Big containers and strings are not written out first."""
    try:
        text = _Writer(limit).write(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a __repr__ may raise anything
        text = f"<{type_name(type(value))} object; its repr() raised {_get_name(type(error))}>"
    return text if len(text) <= limit else f"{text[:limit]}… [{len(text) - limit} more characters]"


def type_name(cls: type) -> str:
    """`module.QualifiedName`, without `builtins.` and `__main__.`. Reads past metaclasses that lie."""
    name = _get_qualname(cls)
    try:
        module = _get_module(cls)
    except Exception:  # noqa: BLE001 - a class may have deleted its __module__
        module = None
    if type(module) is not str or module in ("builtins", "__main__"):
        return clean(name)
    return clean(f"{module}.{name}")


def bases_of(cls: type) -> tuple[type, ...]:
    """The method resolution order as the interpreter keeps it, whatever the metaclass says."""
    return _get_mro(cls)


def clean(text: str) -> str:
    """Lone surrogates become U+FFFD: UTF-8 has no form for them."""
    if text.isascii():
        return str(text)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(text)


class _Writer:
    """Writes exact builtin containers itself, so that it can stop early, and asks `repr` for the rest."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.open: set[int] = set()

    def write(self, value: object) -> str:
        cls = type(value)
        if cls is str or cls is bytes:
            text = repr(value[: self.left + 1])
            if len(value) > self.left + 1:
                text = f"{text}… [{len(value)} in all]"
        elif cls in _BRACKETS and value:
            text = self._container(value, cls)
            return text
        elif cls is int and value.bit_length() > 10_000:
            text = f"<int of {value.bit_length()} bits>"  # str() of such a number is slow or refused
        else:
            text = repr(value)
            if type(text) is not str:
                text = str.__str__(text)
        self.left -= len(text)
        return clean(text)

    def _container(self, value: object, cls: type) -> str:
        start, end = _BRACKETS[cls]
        if id(value) in self.open or len(self.open) > 20:
            return f"{start}...{end}"
        self.open.add(id(value))
        parts = []
        done = 0
        for item in value.items() if cls is dict else value:
            if self.left <= 0:
                parts.append(f"… [{len(value) - done} more]")
                break
            self.left -= 2
            parts.append(f"{self.write(item[0])}: {self.write(item[1])}" if cls is dict else self.write(item))
            done += 1
        self.open.discard(id(value))
        comma = "," if cls is tuple and len(value) == 1 else ""
        return f"{start}{', '.join(parts)}{comma}{end}"


_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    dict: ("{", "}"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}
