"""The checks of values and names: literals, names, members, lists, contexts, ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from blankett.engine.feel import foreign_idioms, tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.typecheck.checker import UNKNOWN, Checker, Found, Frame, nearest
from blankett.engine.feel.typecheck.null_facts import key_of
from blankett.engine.feel.typecheck.operators import same_clock
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
    common,
    fits,
    in_words,
    not_null,
    or_null,
    temporal_type,
)

#: {type: {member: its type}}
_DAY_PARTS: Final[dict[str, Type]] = {"year": Number(), "month": Number(), "day": Number(), "weekday": Number()}
_CLOCK_PARTS: Final[dict[str, Type]] = {
    "hour": Number(),
    "minute": Number(),
    "second": Number(),
    "time offset": DaysTimeDuration(nullable=True),
    "timezone": Text(nullable=True),
}
MEMBERS: Final[dict[type[Type], dict[str, Type]]] = {
    Date: _DAY_PARTS,
    Time: _CLOCK_PARTS,
    DateTime: {**_DAY_PARTS, **_CLOCK_PARTS},
    DaysTimeDuration: {name: Number() for name in ("days", "hours", "minutes", "seconds")},
    YearsMonthsDuration: {name: Number() for name in ("years", "months")},
}


#: A name in braces: ``{total}``.
_BRACED: Final = re.compile(r"\{([A-Za-z_]\w*)\}")
#: At most this many parts of a value are listed where one is asked for that it does not have.
MOST_LISTED: Final = 12


def check_literal(checker: Checker, part: tree.Literal) -> Found:
    """Check `null`, `true`, a number or a text."""
    if part.value is None:
        return Found(Null())
    if isinstance(part.value, bool):
        return Found(Boolean())
    if part.foreign and checker.scope.edition >= 1:
        plain = format(part.value, "f") if isinstance(part.value, Decimal) else ""
        checker.report("feel.other_digits", part, suggestion=plain, found=repr(part.foreign))
    if isinstance(part.value, str) and "{" in part.value:
        _check_braces(checker, part, part.value)
    return Found(Number() if isinstance(part.value, Decimal) else Text())


def _check_braces(checker: Checker, part: tree.Literal, text: str) -> None:
    """Warn of a text with a name of the scope in braces, which is a formula in templates alone."""
    pieces = _BRACED.split(text)
    if not any(checker.find(name) is not None for name in pieces[1::2]):
        return
    joined = []
    for at, piece in enumerate(pieces):
        found = checker.find(piece) if at % 2 else None
        if found is not None:
            joined.append(piece if isinstance(found.type, Text) else f"string({piece})")
        elif piece:
            joined.append(f'"{{{piece}}}"' if at % 2 else f'"{piece}"')
    checker.report("feel.braces_in_text", part, severity="warning", instead=" + ".join(joined))


def check_at_literal(checker: Checker, part: tree.AtLiteral) -> Found:
    """Check `@"2026-01-31"`."""
    if part.value is None:
        meant = foreign_idioms.moment(part.text)
        checker.report("feel.bad_literal", part, value=repr(part.text), example='@"2026-01-31"', instead=meant)
        return UNKNOWN
    return Found(temporal_type(part.value))


def check_name(checker: Checker, part: tree.Name) -> Found:
    """Check a name."""
    found = checker.find(part.name)
    if found is not None:
        return checker.read(part, found)
    if checker.looks_at_anything():
        return UNKNOWN
    if part.name in checker.scope.functions or part.name in BUILTINS:
        checker.report(
            "feel.function_without_call", part, name=part.name, given="" if part.name in ("now", "today") else "…"
        )
        return UNKNOWN
    instead = foreign_idioms.named(part.name) or foreign_idioms.length(part.name)
    suggestion = None if instead else checker.suggested(part.name)
    checker.report("feel.unknown_name", part, suggestion=suggestion, name=part.name, instead=instead)
    return UNKNOWN


def check_member(checker: Checker, part: tree.PathExpression) -> Found:
    """Check `owner.name`; on a list it projects."""
    if _is_own_record(checker, part.owner) and checker.find(part.name) is not None:
        owner_name = part.owner.name if isinstance(part.owner, tree.Name) else ""
        checker.report("feel.unknown_name", part.owner, name=owner_name, instead=part.name)
        return UNKNOWN
    owner = checker.check(part.owner)
    if isinstance(owner.type, ListOf):
        place = None if owner.place is None else (*owner.place, "[]")
        inner = _part_of(checker, part, replace(owner, type=owner.type.item, place=place))
        found = replace(inner, type=ListOf(inner.type, nullable=owner.type.nullable))
    else:
        found = _part_of(checker, part, owner)
    return checker.read(part, found)


def _is_own_record(checker: Checker, part: tree.Expression) -> bool:
    """Say whether a name that means nothing here stands for the record itself elsewhere: `doc`, `this`, its form."""
    if not isinstance(part, tree.Name) or checker.looks_at_anything() or checker.find(part.name) is not None:
        return False
    record = checker.scope.find("record")
    form = record.form.rpartition(".")[2].partition("#")[0] if isinstance(record, RecordType) else None
    return part.name.lower() in foreign_idioms.OWN_RECORD or part.name == form


def _part_of(checker: Checker, part: tree.PathExpression, owner: Found) -> Found:
    """Return the part that *part* names of *owner*, one value."""
    if owner.entries is not None and part.name in owner.entries:
        return owner.entries[part.name]
    if isinstance(owner.type, (Any, Null)):
        return checker.member(owner, part.name, Any())
    if isinstance(owner.type, ListOf):
        return replace(_part_of(checker, part, replace(owner, type=owner.type.item)), entries=None)
    members = _members(checker, owner.type)
    if members is None:
        return checker.member(owner, part.name, Any())
    function = part.owner.function if isinstance(part.owner, tree.Call) else None
    if not members and isinstance(function, tree.Name) and function.name in checker.scope.functions:
        checker.report("feel.single_value", part, function=function.name, name=part.name)
        return UNKNOWN
    if not members:
        of_text = isinstance(owner.type, Text)
        instead = foreign_idioms.member(part.name, checker.written(part.owner), of_text=of_text)
        checker.report("feel.no_members", part, type=in_words(owner.type), name=part.name, instead=instead)
        return UNKNOWN
    if part.name not in members:
        return _unknown_member(checker, part, owner, members)
    return checker.member(owner, part.name, members[part.name])


def _members(checker: Checker, type: Type) -> Mapping[str, Type] | None:
    """Return {name: type} of the parts of a value of *type*; empty where it has none, None where they are not known."""
    if isinstance(type, RangeOf):
        return _range_members(type)
    if isinstance(type, (Context, RecordType)):
        return checker.scope.fields_of(type)
    return MEMBERS.get(type.__class__, {})


def _unknown_member(checker: Checker, part: tree.PathExpression, owner: Found, members: Mapping[str, Type]) -> Found:
    key = key_of(part.owner)
    place = tree.Name(part.name, start=part.name_start, end=part.end)
    name = ".".join(key) if key else in_words(owner.type)
    if isinstance(part.owner, tree.Call) and isinstance(part.owner.function, tree.Name):
        name = f"{part.owner.function.name}(…)"
    meant = foreign_idioms.OF_RECORD.get(part.name.lower(), "") if key == ("record",) else ""
    suggestion = meant if meant in members else nearest(part.name, members)
    if "parent" in members and part.name in (_members(checker, not_null(members["parent"])) or {}):
        suggestion = f"parent.{part.name}"
    is_listed = (
        isinstance(checker.type_at(part.owner), ListOf)
        or name == "user"
        or part.name.startswith(("get", "add", "plus", "to"))
    )
    written = checker.written(part.owner)
    instead = foreign_idioms.member(part.name, written, of_text=False) if is_listed and suggestion is None else None
    has = ", ".join(list(members)[:MOST_LISTED]) if suggestion is None and instead is None else None
    checker.report(
        "feel.unknown_member", place, suggestion=suggestion, owner=name, name=part.name, instead=instead, has=has
    )
    return UNKNOWN


def _range_members(type: RangeOf) -> dict[str, Type]:
    return {
        "start": or_null(type.item),
        "end": or_null(type.item),
        "start included": Boolean(),
        "end included": Boolean(),
    }


def check_list(checker: Checker, part: tree.ListLiteral) -> Found:
    """Check `[1, 2]`."""
    items = [checker.check(item) for item in part.items]
    type: Type = items[0].type if items else Any()
    for item in items[1:]:
        type = common(type, item.type)
    paths = frozenset(path for item in items for path in item.paths if isinstance(item.type, (Context, RecordType)))
    return Found(ListOf(type), paths)


def check_context(checker: Checker, part: tree.ContextLiteral) -> Found:
    """Check `{name: value}`; later entries see the earlier ones."""
    entries: dict[str, Found] = {}
    with checker.inside(Frame(entries)):
        for entry in part.entries:
            if isinstance(entry.value, tree.FunctionDefinition):
                entries[entry.name] = Found(FunctionType({p.name: p.type or Any() for p in entry.value.parameters}))
            entries[entry.name] = checker.check(entry.value)
    return Found(Context({name: found.type for name, found in entries.items()}), entries=entries)


def check_range(checker: Checker, part: tree.RangeLiteral) -> Found:
    """Check `[1..10)`."""
    low, high = checker.type_of(part.low), checker.type_of(part.high)
    if not (fits(low, high) or fits(high, low)):
        checker.report("feel.wrong_range", part, left=in_words(low), right=in_words(high))
        return Found(RangeOf(Any()))
    same_clock(checker, part, low, high)
    return Found(RangeOf(not_null(common(low, high))))


def check_unary_test(checker: Checker, part: tree.UnaryTest) -> Found:
    """Check `< 10` as a value."""
    return Found(RangeOf(not_null(checker.type_of(part.value))))
