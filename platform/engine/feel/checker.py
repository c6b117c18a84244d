"""Finds the type of each part of a formula, and everything wrong with it, before it runs.

One mistake gives one finding: what cannot be typed is `Any`, which fits everywhere. The operators are checked in
`check_operators`, calls in `check_calls`; what a condition says about null in `narrowing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Final, Literal

from blankett.engine.feel import tree
from blankett.engine.feel.check_calls import check_call
from blankett.engine.feel.check_operators import (
    check_arithmetic,
    check_between,
    check_comparison,
    check_in,
    check_negation,
    check_options,
    same_currency,
)
from blankett.engine.feel.findings import Checked, Finding, nearest
from blankett.engine.feel.found import UNKNOWN, Found, Frame, Path
from blankett.engine.feel.functions import BUILTINS
from blankett.engine.feel.narrowing import Key, facts, key_of
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.temporal_types import TEMPORAL_TYPES
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
    seen_from,
)

#: How many links a path may follow.
MAX_STEPS: Final = 3
#: Records that are at hand: reading their fields follows no link.
_AT_HAND: Final = frozenset(["this", "old", "parent", "record"])

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


class Checker:
    """One formula being checked in one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.findings: list[Finding] = []
        self.reads: set[Path] = set()
        self.calls: set[str] = set()
        self.found: dict[tree.Part, Found] = {}
        self.frames: list[Frame] = []
        self.known: frozenset[Key] = frozenset()
        self.warned: set[Key] = set()

    def check(self, part: tree.Expression) -> Found:
        """Return what is known of *part*; findings are collected on the way."""
        found = _CHECKS[type(part)](self, part)
        self.found[part] = found
        return found

    def type_of(self, part: tree.Expression) -> Type:
        """Return the type of *part*; findings are collected on the way."""
        return self.check(part).type

    def report(
        self,
        code: str,
        part: tree.Part,
        suggestion: str | None = None,
        severity: Literal["error", "warning"] = "error",
        **params: object,
    ) -> None:
        """Add a finding at the place of *part*."""
        self.findings.append(Finding(code, params, part.start, part.end, severity, suggestion))

    @contextmanager
    def knowing(self, keys: Iterable[Key]) -> Iterator[None]:
        """Check inside with *keys* known not to be null."""
        before, self.known = self.known, self.known | frozenset(keys)
        yield
        self.known = before

    @contextmanager
    def inside(self, frame: Frame) -> Iterator[None]:
        """Check inside with the names of *frame*."""
        before = self.known
        self.known = frozenset(key for key in before if key[0] not in frame.names)
        self.frames.append(frame)
        yield
        self.frames.pop()
        self.known = before

    def must_be(self, part: tree.Expression, where: str) -> Type:
        """Check *part* as a condition; *where* says in a message what must be true or false."""
        type = self.type_of(part)
        if not fits(type, Boolean()):
            self.report("feel.not_boolean", part, where=where, type=in_words(type))
        return type

    # ---- names ----

    def find(self, name: str) -> Found | None:
        """Return what *name* stands for here, or None."""
        for frame in reversed(self.frames):
            if frame.item is not None:
                found = self._item_part(frame.item, name)
                if found is not None:
                    return found
            if name in frame.names:
                return frame.names[name]
        type = self.scope.find(name)
        if type is None:
            return None
        return Found(type, frozenset([(name,)]), (name,))

    def _item_part(self, item: Found, name: str) -> Found | None:
        """Return the part *name* of what a filter looks at, or None where it has none."""
        fields = self.scope.fields_of(item.type)
        if fields is not None and name in fields:
            return self.member(item, name, fields[name])
        return None

    def suggested(self, name: str) -> str | None:
        """Return what was probably meant by the unknown *name*.

        A part of a name in scope (`parent.currency`), or a like name.
        """
        known = set(self.scope.all_names())
        for root in sorted(known):
            type = self.scope.find(root)
            at_hand = isinstance(type, Context) or root in _AT_HAND
            if type is not None and at_hand and name in (self.scope.fields_of(type) or ()):
                return f"{root}.{name}"
        for frame in self.frames:
            known |= frame.names.keys() - {"item", "partial"}
            if frame.item is not None:
                known |= (self.scope.fields_of(frame.item.type) or {}).keys()
        return nearest(name, known)

    def looks_at_anything(self) -> bool:
        """Say whether a filter around looks at items whose parts are not known, so that any name may be one."""
        return any(
            frame.item is not None and (isinstance(frame.item.type, Any) or frame.item.type == Context())
            for frame in self.frames
        )

    def member(self, owner: Found, name: str, type: Type) -> Found:
        """Return the part *name* of *owner*, whose declared type is *type*."""
        is_link = isinstance(owner.type, RecordType) and owner.place not in {(root,) for root in _AT_HAND}
        return Found(
            or_null(seen_from(type, owner.place), owner.type.nullable),
            frozenset((*path, name) for path in owner.paths),
            None if owner.place is None else (*owner.place, name),
            owner.steps + is_link,
            None,
        )

    def read(self, part: tree.Expression, found: Found) -> Found:
        """Note that the value of *part* is read, and return it as known here."""
        self.reads |= found.paths
        if found.steps == MAX_STEPS + 1:
            path = next(iter(found.paths), ())
            self.report("feel.too_many_steps", part, path=".".join(path), steps=found.steps, limit=MAX_STEPS)
        key = key_of(part)
        return replace(found, type=not_null(found.type)) if key in self.known else found

    # ---- null ----

    def warn_null(self, part: tree.Expression) -> None:
        """Warn where *part*, an operand, reads a value that may be null."""
        for source in null_sources(part, self.found):
            key = key_of(source)
            if key is not None and key not in self.warned:
                self.warned.add(key)
                name = ".".join(key)
                self.report("feel.may_be_null", source, severity="warning", name=name)


def null_sources(part: tree.Expression, found: Mapping[tree.Part, Found]) -> Iterator[tree.Expression]:
    """Yield the names and paths through which *part*, already checked, may be null."""
    known = found.get(part)
    if known is None or not known.type.nullable or isinstance(known.type, (Any, Null)):
        return
    if isinstance(part, (tree.Name, tree.Member)):
        yield part
    elif isinstance(part, tree.Call):
        for argument in part.arguments:
            yield from null_sources(argument.value, found)
    elif isinstance(part, tree.If):
        yield from null_sources(part.then, found)
        yield from null_sources(part.otherwise, found)


# ---- values ----


def _literal(checker: Checker, part: tree.Literal) -> Found:
    if part.value is None:
        return Found(Null())
    if isinstance(part.value, bool):
        return Found(Boolean())
    return Found(Number() if isinstance(part.value, Decimal) else Text())


def _at_literal(checker: Checker, part: tree.AtLiteral) -> Found:
    if part.value is None:
        checker.report("feel.bad_literal", part, value=repr(part.text), example='@"2026-01-31"')
        return UNKNOWN
    return Found(TEMPORAL_TYPES.get(type(part.value), Any()))


def _name(checker: Checker, part: tree.Name) -> Found:
    found = checker.find(part.name)
    if found is not None:
        return checker.read(part, found)
    if checker.looks_at_anything():
        return UNKNOWN
    if part.name in checker.scope.functions or part.name in BUILTINS:
        checker.report("feel.function_without_call", part, suggestion=f"{part.name}()", name=part.name)
        return UNKNOWN
    checker.report("feel.unknown_name", part, suggestion=checker.suggested(part.name), name=part.name)
    return UNKNOWN


def _member(checker: Checker, part: tree.Member) -> Found:
    owner = checker.check(part.owner)
    if isinstance(owner.type, ListOf):
        place = None if owner.place is None else (*owner.place, "[]")
        inner = _part_of(checker, part, replace(owner, type=owner.type.item, place=place))
        found = replace(inner, type=ListOf(inner.type, nullable=owner.type.nullable))
    else:
        found = _part_of(checker, part, owner)
    return checker.read(part, found)


def _part_of(checker: Checker, part: tree.Member, owner: Found) -> Found:
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
    if not members:
        checker.report("feel.no_members", part, type=in_words(owner.type), name=part.name)
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


def _unknown_member(checker: Checker, part: tree.Member, owner: Found, members: Mapping[str, Type]) -> Found:
    key = key_of(part.owner)
    place = tree.Name(part.name, start=part.name_start, end=part.end)
    name = ".".join(key) if key else in_words(owner.type)
    if isinstance(part.owner, tree.Call) and isinstance(part.owner.function, tree.Name):
        name = f"{part.owner.function.name}(…)"
    checker.report("feel.unknown_member", place, suggestion=nearest(part.name, members), owner=name, name=part.name)
    return UNKNOWN


def _range_members(type: RangeOf) -> dict[str, Type]:
    return {
        "start": or_null(type.item),
        "end": or_null(type.item),
        "start included": Boolean(),
        "end included": Boolean(),
    }


def _list(checker: Checker, part: tree.ListLiteral) -> Found:
    items = [checker.check(item) for item in part.items]
    type: Type = items[0].type if items else Any()
    for item in items[1:]:
        type = common(type, item.type)
    paths = frozenset(path for item in items for path in item.paths if isinstance(item.type, (Context, RecordType)))
    return Found(ListOf(type), paths)


def _context(checker: Checker, part: tree.ContextLiteral) -> Found:
    entries: dict[str, Found] = {}
    with checker.inside(Frame(entries)):
        for entry in part.entries:
            if isinstance(entry.value, tree.FunctionDefinition):
                entries[entry.name] = Found(FunctionType({p.name: p.type or Any() for p in entry.value.parameters}))
            entries[entry.name] = checker.check(entry.value)
    return Found(Context({name: found.type for name, found in entries.items()}), entries=entries)


def _range(checker: Checker, part: tree.RangeLiteral) -> Found:
    low, high = checker.type_of(part.low), checker.type_of(part.high)
    if not (fits(low, high) or fits(high, low)):
        checker.report("feel.wrong_range", part, left=in_words(low), right=in_words(high))
        return Found(RangeOf(Any()))
    return Found(RangeOf(not_null(common(low, high))))


def _unary_test(checker: Checker, part: tree.UnaryTest) -> Found:
    return Found(RangeOf(not_null(checker.type_of(part.value))))


def _unary_tests(checker: Checker, part: tree.UnaryTests) -> Found:
    for test in part.tests:
        checker.check(test)
    return Found(Boolean(nullable=True))


# ---- control ----


def _if(checker: Checker, part: tree.If) -> Found:
    checker.must_be(part.condition, "the condition after 'if'")
    when_true, when_false = facts(part.condition)
    with checker.knowing(when_true):
        then = checker.check(part.then)
    with checker.knowing(when_false):
        otherwise = checker.check(part.otherwise)
    if common(then.type, otherwise.type) == Any() and not {type(then.type), type(otherwise.type)} & {Any, Null}:
        left, right = in_words(then.type), in_words(otherwise.type)
        checker.report("feel.different_answers", part, left=left, right=right)
    place = then.place if then.place == otherwise.place else None
    steps = max(then.steps, otherwise.steps)
    return Found(common(then.type, otherwise.type), then.paths | otherwise.paths, place, steps)


def _logic(checker: Checker, part: tree.Logic) -> Found:
    nullable = False
    learned: frozenset[Key] = frozenset()
    for operand in part.operands:
        with checker.knowing(learned):
            nullable |= checker.must_be(operand, f"each side of '{part.operator}'").nullable
        learned |= facts(operand)[part.operator == "or"]
    return Found(Boolean(nullable=nullable))


def _each(checker: Checker, loops: tuple[tree.Loop, ...], check_body: Callable[[], Found]) -> Found:
    """Return what *check_body* finds with the names of *loops*."""
    if not loops:
        return check_body()
    loop = loops[0]
    source = checker.check(loop.source)
    item = _loop_item(checker, loop, source)
    with checker.inside(Frame({loop.name: item, "partial": Found(ListOf(Any()))})):
        body = _each(checker, loops[1:], check_body)
    return replace(body, type=leaving(body.type, loop.name))


def _loop_item(checker: Checker, loop: tree.Loop, source: Found) -> Found:
    place = (*(source.place or ("?",)), f"[{loop.name}]")
    if isinstance(source.type, (ListOf, RangeOf)):
        return replace(source, type=source.type.item, place=place, entries=None)
    if not isinstance(source.type, Any):
        checker.report("feel.not_a_list", loop.source, where="a loop", type=in_words(source.type))
    return replace(source, type=Any(), place=place)


def leaving(type: Type, variable: str) -> Type:
    """Return *type* outside the loop over *variable*: what depends on the item may then differ from item to item."""
    if isinstance(type, (ListOf, RangeOf)):
        return replace(type, item=leaving(type.item, variable))
    if isinstance(type, Number) and isinstance(type.currency, tuple):
        return replace(type, currency=tuple("[]" if step == f"[{variable}]" else step for step in type.currency))
    return type


def _for(checker: Checker, part: tree.For) -> Found:
    body = _each(checker, part.loops, lambda: checker.check(part.body))
    return Found(ListOf(body.type), body.paths, body.place, body.steps)


def _quantified(checker: Checker, part: tree.Quantified) -> Found:
    def condition() -> Found:
        return Found(checker.must_be(part.condition, "the condition after 'satisfies'"))

    body = _each(checker, part.loops, condition)
    return Found(Boolean(nullable=body.type.nullable))


def _filter(checker: Checker, part: tree.Filter) -> Found:
    source = checker.check(part.source)
    item_type = source.type.item if isinstance(source.type, ListOf) else source.type
    place = (*(source.place or ("?",)), "[item]")
    item = replace(source, type=item_type, place=place, entries=None)
    frame = Frame({"item": item}, item)
    with checker.inside(frame):
        condition = checker.type_of(part.condition)
    if isinstance(condition, Number):
        return replace(
            source, type=or_null(leaving(item_type, "item")), place=(*(source.place or ("?",)), "[]"), entries=None
        )
    if not isinstance(condition, (Boolean, Any, Null)):
        checker.report("feel.wrong_filter", part.condition, type=in_words(condition))
    if isinstance(condition, Any) and not isinstance(source.type, ListOf):
        return UNKNOWN
    return replace(source, type=ListOf(item_type), entries=None)


def _instance_of(checker: Checker, part: tree.InstanceOf) -> Found:
    checker.check(part.value)
    if part.type is None:
        checker.report("feel.type_name", part, found=repr(part.type_text))
    return Found(Boolean())


def _function(checker: Checker, part: tree.FunctionDefinition) -> Found:
    params = {parameter.name: parameter.type or Any() for parameter in part.parameters}
    with checker.inside(Frame({name: Found(type) for name, type in params.items()})):
        result = checker.type_of(part.body)
    return Found(FunctionType(params, Any() if part.external else result))


def check(expression: tree.Expression, scope: Scope, expect: Type | None = None) -> Checked:
    """Return the type, findings, reads and calls of *expression* in *scope*; *expect* is what its value must be.

    Findings come in the order of their places. A value that may be null is no error even where *expect* is not
    nullable.
    """
    return examine(expression, scope, expect)[0]


def examine(expression: tree.Expression, scope: Scope, expect: Type | None = None) -> tuple[Checked, Checker]:
    """Return the result of `check` and the checker, which knows the type of each part."""
    checker = Checker(scope)
    found = checker.check(expression)
    if expect is not None:
        expect_type(checker, expression, found.type, expect)
    findings = tuple(sorted(checker.findings, key=lambda finding: (finding.start, finding.end)))
    return Checked(found.type, findings, frozenset(checker.reads), frozenset(checker.calls)), checker


def expect_type(checker: Checker, expression: tree.Expression, given: Type, expect: Type) -> None:
    """Report where a value of type *given* does not do for *expect*."""
    if not fits(given, expect):
        checker.report("feel.wrong_result", expression, expected=in_words(expect), given=in_words(given))
    elif isinstance(expect, Text):
        check_options(checker, expect, expression)
    elif isinstance(expect, Number) and isinstance(given, Number):
        same_currency(checker, expression, expect.currency, given.currency)


_CHECKS: Final[dict[type[tree.Expression], Callable[..., Found]]] = {
    tree.Literal: _literal,
    tree.AtLiteral: _at_literal,
    tree.Name: _name,
    tree.Member: _member,
    tree.Negation: check_negation,
    tree.Arithmetic: check_arithmetic,
    tree.Comparison: check_comparison,
    tree.Logic: _logic,
    tree.If: _if,
    tree.For: _for,
    tree.Quantified: _quantified,
    tree.Between: check_between,
    tree.UnaryTest: _unary_test,
    tree.UnaryTests: _unary_tests,
    tree.In: check_in,
    tree.InstanceOf: _instance_of,
    tree.ListLiteral: _list,
    tree.ContextLiteral: _context,
    tree.RangeLiteral: _range,
    tree.Filter: _filter,
    tree.Call: check_call,
    tree.FunctionDefinition: _function,
}
