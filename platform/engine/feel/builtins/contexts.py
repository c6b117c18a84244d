"""The built-in functions on contexts."""

from __future__ import annotations

from typing import Any as Value
from typing import Final

from blankett.engine.feel.builtins.registry import overload


def get_value(context: dict[str, Value], key: str) -> Value:
    """Return the value under *key*; null where there is none."""
    return context.get(key)


def get_value_at(context: dict[str, Value], keys: list[str]) -> Value:
    """Return the value at the path *keys*; null where it breaks off."""
    found: Value = context
    for key in keys:
        if type(found) is not dict:
            return None
        found = found.get(key)
    return found


def get_entries(context: dict[str, Value]) -> list[dict[str, Value]]:
    """Return the entries as contexts with `key` and `value`."""
    return [{"key": name, "value": value} for name, value in context.items()]


def context_of(entries: list[Value]) -> dict[str, Value] | None:
    """Return the context made of contexts with `key` and `value`.

    Null where one is not such, or a key is there twice.
    """
    made: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry or entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


def context_put(context: dict[str, Value], key: str, value: Value) -> dict[str, Value]:
    """Return the context with *value* under *key*."""
    return {**context, key: value}


def context_put_at(context: dict[str, Value], keys: list[str], value: Value) -> dict[str, Value] | None:
    """Return the context with *value* at the path *keys*; contexts on the way that are not there are made."""
    if not keys:
        return None
    inner = value
    if len(keys) > 1:
        existing = context.get(keys[0])
        if existing is not None and type(existing) is not dict:
            return None
        inner = context_put_at(existing or {}, keys[1:], value)
        if inner is None:
            return None
    return {**context, keys[0]: inner}


def context_merge(contexts: list[dict[str, Value]]) -> dict[str, Value]:
    """Return the entries of all contexts; a later one wins."""
    merged: dict[str, Value] = {}
    for context in contexts:
        merged |= context
    return merged


FUNCTIONS: Final = (
    overload("get value(m: context, key: string) -> Any", get_value),
    overload("get value(m: context, keys: list<string>) -> Any", get_value_at),
    overload("get entries(m: context) -> list<Any>", get_entries),
    overload("context(entries: list<Any>) -> context", context_of),
    overload("context put(context: context, key: string, value: Any) -> context", context_put),
    overload("context put(context: context, keys: list<string>, value: Any) -> context", context_put_at),
    overload("context merge(contexts: list<context>) -> context", context_merge),
)
