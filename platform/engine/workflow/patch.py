"""Differences of courses as JSON merge patches (RFC 7396). Steps, seats and questions are told apart by their keys.

A merge patch takes lists as a whole and null as "no more": so lists of parts become objects here, and values of
records, which may be null, stand in lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blankett.engine.workflow.course import Course

#: List in a course's JSON -> what names its parts.
_KEYS = {"steps": "key", "seats": "id", "questions": "id"}
_ORDER = "order"


def course_difference(before: Course | None, after: Course) -> dict[str, Any]:
    """Return the patch that makes *after* of *before*."""
    return _difference(_keyed(before.to_json()) if before is not None else {}, _keyed(after.to_json()))


def patched_course(before: Course | None, patch: Mapping[str, Any]) -> Course:
    """Return the course that a patch makes."""
    return Course.from_json(_listed(_patched(_keyed(before.to_json()) if before is not None else {}, patch)))


def _keyed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a course's JSON with lists of parts as objects, where the order of each part is said."""
    return {
        name: {str(part[_KEYS[name]]): {_ORDER: order, **_keyed(part)} for order, part in enumerate(value)}
        if name in _KEYS
        else value
        for name, value in data.items()
    }


def _listed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_listed(part) for part in sorted(value.values(), key=lambda part: part[_ORDER])]
        if name in _KEYS
        else value
        for name, value in data.items()
        if name != _ORDER
    }


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(before.keys() - after.keys())
    for name, value in after.items():
        old = before.get(name)
        if name not in before or type(old) is not type(value):
            found[name] = value
        elif isinstance(value, dict):
            if inner := _difference(old, value):  # type: ignore[arg-type]
                found[name] = inner
        elif repr(old) != repr(value):  # of values, 1 is not True
            found[name] = value
    return found


def _patched(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(before)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            old = result.get(name)
            result[name] = _patched(old if isinstance(old, Mapping) else {}, value)
        else:
            result[name] = value
    return result
