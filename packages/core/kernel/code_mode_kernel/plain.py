"""Tells plain JSON data from the rest at C speed, so that a list of 100,000 dicts is not walked in Python."""

from __future__ import annotations

import json
from itertools import chain
from math import isfinite

_ATOMS = frozenset((str, int, float, bool, type(None)))
_CONTAINERS = frozenset((dict, list, tuple))
_PLAIN = _ATOMS | _CONTAINERS
_SAFE_INT = 2**53 - 1
_MAX_DEPTH = 100
_SMALL = 64
#: The host takes no frame with more; some of them are the frame's own.
_MAX_VALUES = 4_000_000 - 100

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def plain_size(value: object, limit: int) -> int | None:
    """Bytes of `value` as JSON, or None when it is not plain JSON data.

    Plain: exact JSON types (a tuple counts as a list), text keys that do not start with `$`, finite floats, ints that
    JavaScript can hold, no lone surrogates, at most 100 levels. Far under `limit` the answer is an upper bound and
    above it a lower bound: only near it is the exact size worth counting.
    """
    small = _small_size(value)
    if small is not None and small <= limit:
        return small
    low = high = 0
    level: list | tuple = [value]
    for _ in range(_MAX_DEPTH):
        types = set(map(type, level))
        if not types <= _PLAIN:
            return None
        if int in types and not _safe_ints(level, len(types) == 1):
            return None
        if float in types and not isfinite(sum([item for item in level if type(item) is float])):
            return None
        low += len(level)
        high += 26 * len(level)
        if str in types:
            size = _text_size([item for item in level if type(item) is str] if len(types) > 1 else level)
            if size is None:
                return None
            low += size
            high += 6 * size
        if types.isdisjoint(_CONTAINERS):
            break
        dicts = [item for item in level if type(item) is dict]
        lists = [item for item in level if type(item) is list or type(item) is tuple]
        # A list that holds itself twice, a hundred times over, is small here and endless as JSON: count first.
        if low + sum(map(len, dicts)) + sum(map(len, lists)) > limit:
            return low + limit
        if dicts:
            keys = list(chain.from_iterable(dicts))
            if not set(map(type, keys)) <= {str}:
                return None
            names = set(keys)
            if any([name[:1] == "$" for name in names]):
                return None
            size = _text_size(keys)
            if size is None:
                return None
            low += size + 3 * len(keys)
            high += 6 * size + 3 * len(keys)
        if len(lists) == 1 and not dicts:
            level = lists[0]
        else:
            level = list(chain(chain.from_iterable(map(dict.values, dicts)), chain.from_iterable(lists)))
    else:
        return None
    if high <= limit:
        return high
    if low > limit:
        return low
    return len(_encode(value).encode())


def too_many(value: object) -> bool:
    """Whether plain data has more values than one frame may carry."""
    count = 0
    level: list = [value]
    while level:
        # The host counts an empty container twice.
        containers = [item for item in level if type(item) in _CONTAINERS]
        dicts = [item for item in containers if type(item) is dict]
        lists = [item for item in containers if type(item) is not dict]
        count += len(level) + sum([not item for item in containers])
        if count + sum(map(len, containers)) > _MAX_VALUES:
            return True
        level = list(chain(chain.from_iterable(map(dict.values, dicts)), chain.from_iterable(lists)))
    return False


def _small_size(value: object) -> int | None:
    """An upper bound for plain data of a few items, or None when it is not that: most results and arguments are."""
    stack = [value]
    size = 0
    for _ in range(_SMALL):
        if not stack:
            return size
        item = stack.pop()
        cls = type(item)
        if cls is str:
            if not item.isascii():
                return None
            size += 6 * len(item) + 3
        elif cls is int:
            if not -_SAFE_INT <= item <= _SAFE_INT:
                return None
            size += 18
        elif cls is bool or item is None:
            size += 6
        elif cls is float:
            if not isfinite(item):
                return None
            size += 26
        elif cls is dict:
            if len(item) > _SMALL:
                return None
            for key in item:
                if type(key) is not str or key[:1] == "$" or not key.isascii():
                    return None
                size += 6 * len(key) + 4
            size += 3
            stack.extend(item.values())
        elif cls is list or cls is tuple:
            if len(item) > _SMALL:
                return None
            size += 3
            stack.extend(item)
        else:
            return None
    return None


def _safe_ints(level: list | tuple, only: bool) -> bool:
    ints = level if only else [item for item in level if type(item) is int]
    return max(ints) <= _SAFE_INT and min(ints) >= -_SAFE_INT


def _text_size(texts: list[str] | tuple[str, ...]) -> int | None:
    """UTF-8 bytes of all texts, or None when one holds a lone surrogate."""
    text = texts[0] if len(texts) == 1 else "".join(texts)
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return None
