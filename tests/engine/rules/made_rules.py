"""Rules and records made by chance, from a seed: what two ways of deciding them must agree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.feel import Reference
from blankett.engine.language.model import SAVE, Formula, Place, Rule, Words

NUMBER, TEXT, YES_NO, DAY, ANY = (
    kind(nullable=True) for kind in (feel.Number, feel.Text, feel.Boolean, feel.Date, feel.Any)
)
CHOICE = feel.Text(("new", "silver", "gold"), nullable=True)
CUSTOMER = feel.Context({"tier": CHOICE, "balance": NUMBER, "name": TEXT, "since": DAY, "blocked": YES_NO})
LINE = feel.Context({"quantity": NUMBER, "price": NUMBER, "note": TEXT})
SCOPE = feel.Scope(
    {
        "total": NUMBER, "discount": NUMBER, "limit": feel.Number(), "note": TEXT, "tier": CHOICE,
        "urgent": YES_NO, "hold": feel.Boolean(), "due": DAY, "ordered": DAY, "odd": ANY,
        "customer": feel.RecordType("customer", nullable=True), "lines": feel.ListOf(LINE),
        "facts": feel.Context({"complaints": feel.Number(), "last": DAY}),
    },
    forms={"customer": CUSTOMER}.get,
)  # fmt: skip
MOMENT = feel.Moment(datetime(2026, 6, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Copenhagen"))
TODAY = date(2026, 6, 1)

NUMBERS = ("total", "discount", "limit", "customer.balance", "facts.complaints", "count(lines)", "total + limit")
TEXTS = ("note", "customer.name", "upper case(note)")
CHOICES = ("tier", "customer.tier")
TRUTHS = ("urgent", "hold", "customer.blocked")
DAYS = ("due", "ordered", "customer.since", "facts.last", "today()")
CONSTANT_NUMBERS = (
    "0", "1", "-1", "3", "100", "12.50", "0.05", "0.0000000001", "99999999.99", "9007199254740993",
    "18446744073709551616", "1000000000000000000000000000000", "-12.5",
)  # fmt: skip
CONSTANT_TEXTS = ('""', '"a"', '"ab"', '"true"', '"1"', '"Müller"', '"单"', '"a\\"b"', '"🙂"', '"~"', '"null"')
CONSTANT_CHOICES = ('"new"', '"silver"', '"gold"')
CONSTANT_DAYS = (
    '@"2026-01-01"',
    '@"2026-06-01"',
    '@"1969-12-31"',
    '@"0001-01-01"',
    '@"9999-12-31"',
    'date("2026-05-31")',
)
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
LEAVES = (
    "every l in lines satisfies l.quantity > 1", "some l in lines satisfies l.price > total", 'contains(note, "a")',
    "sum(lines.price) > 100", "sum(lines.price) > limit", "due > ordered", "total > limit", "odd", "odd = 3",
    "odd != null", "not(odd)", "total / limit > 2", "customer = null", "lines = null", 'odd = "a"', "odd > 3",
    "date and time(due, time(0, 0, 0)) < now()", "abs(total) in (1, 3)", "string length(note) > 2", "true", "false",
    "null", 'due + duration("P3D") > today()', 'matches(note, "a+")', "lines[quantity > 1] != null", "odd in (1, 2)",
)  # fmt: skip

RECORD_NUMBERS = tuple(
    Decimal(text)
    for text in (
        "0 -0 1 -1 2 3 3.000 99.99 100 100.00 100.01 12.5 12.50 12.505 0.05 0.049999999999 0.00000000005 1E-30 "
        "9007199254740992 9007199254740993 9007199254740994 9223372036854775807 18446744073709551616 1E+30 -1E+33 "
        "1E+6000 99999999.99 1234567890123456789012345678901234"
    ).split()
)
RECORD_TEXTS = (
    "", "a", "ab", "A", "a\n", "true", "1", "Müller", "Müller", "单", "单\0", 'a"b', "a\\", "🙂", "~", "null",
    "\ud800", "x" * 70_000, "a" * 65_536, "-1", "\u202e",
)  # fmt: skip
RECORD_DAYS = (TODAY, date(2026, 1, 1), date(2025, 12, 31), date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31))
ODDITIES = (
    True,
    False,
    Decimal(3),
    "a",
    TODAY,
    [],
    [False],
    [Decimal(3)],
    {"a": None},
    datetime(2026, 1, 1, tzinfo=UTC),
)


def comparison(random: Random) -> str:
    """Return a condition that compares something with constants."""
    kind = random.randrange(5)
    if kind == 3:
        return _of_truth(random)
    operands, constants = (
        (NUMBERS, CONSTANT_NUMBERS), (TEXTS, CONSTANT_TEXTS), (CHOICES, CONSTANT_CHOICES), (), (DAYS, CONSTANT_DAYS),
    )[kind]  # fmt: skip
    operand, one, other = random.choice(operands), random.choice(constants), random.choice(constants)
    equality = kind in (1, 2) and random.random() < 0.8
    sign = random.choice(SIGNS[:2] if equality else SIGNS)
    form = random.randrange(8)
    if form == 0:
        return f"{one} {sign} {operand}"
    if form == 1 and kind != 2:
        return f"{operand} between {one} and {other}"
    if form == 2:
        return f"{operand} in ({', '.join(random.sample(constants, random.randint(1, 3)))})"
    if form == 3 and kind in (0, 4):
        brackets = random.choice(("[]", "()", "[)", "(]"))
        return f"{operand} in {brackets[0]}{one}..{other}{brackets[1]}"
    if form == 4:
        return f"{operand} {random.choice(SIGNS[:2])} null"
    return f"{operand} {sign} {one}"


def _of_truth(random: Random) -> str:
    operand = random.choice(TRUTHS)
    return random.choice(
        (operand, f"{operand} = true", f"{operand} != true", f"{operand} = false", f"{operand} = null")
    )


def condition(random: Random, depth: int = 3) -> str:
    """Return a condition."""
    shape = random.random()
    if depth == 0 or shape < 0.45:
        return random.choice(LEAVES) if random.random() < 0.25 else comparison(random)
    if shape < 0.55:
        return f"not({condition(random, depth - 1)})"
    if shape < 0.6:
        parts = [condition(random, depth - 1) for _ in range(3)]
        return f"(if {parts[0]} then {parts[1]} else {parts[2]})"
    word = random.choice((" and ", " or "))
    return f"({word.join(condition(random, depth - 1) for _ in range(random.choice((2, 2, 3, 4))))})"


def formula(text: str, scope: feel.Scope = SCOPE) -> Formula:
    """Return a formula of the text, whatever the checker says of it."""
    expression = feel.parse_expression(text)
    return Formula(text, Place(1, 1), feel.check(expression, scope), expression, scope)


def rule(
    key: str,
    when: str | None = None,
    unless: str | None = None,
    *,
    priority: int = 0,
    valid_from: date | None = None,
    valid_to: date | None = None,
    scope: feel.Scope = SCOPE,
) -> Rule:
    """Return a rule at `save`, without outcomes."""
    return Rule(
        key=key, title=Words({"en": key}), help=None, at=(SAVE,),
        when=formula(when, scope) if when is not None else None,
        unless=formula(unless, scope) if unless is not None else None,
        priority=priority, valid_from=valid_from, valid_to=valid_to, then=(), place=Place(1, 1),
    )  # fmt: skip


def made_rules(random: Random) -> list[Rule]:
    """Return some rules in the order of their priority."""
    days = (None, None, None, TODAY, date(2026, 6, 2), date(2026, 5, 31))
    made = [
        rule(
            f"rule_{number}",
            condition(random) if random.random() < 0.95 else None,
            condition(random, 1) if random.random() < 0.2 else None,
            priority=random.choice((0, 0, 0, 5, -5)),
            valid_from=random.choice(days),
            valid_to=random.choice(days),
        )
        for number in range(random.randint(1, 8))
    ]
    return sorted(made, key=lambda each: -each.priority)


def made_record(random: Random) -> dict[str, object]:
    """Return the names of a record; some are null, some are not there at all."""

    def one_of(values: Sequence[object]) -> object:
        return None if random.random() < 0.15 else random.choice(values)

    customer = {
        "tier": one_of(CHOICE.options or ()), "balance": one_of(RECORD_NUMBERS), "name": one_of(RECORD_TEXTS),
        "since": one_of(RECORD_DAYS), "blocked": one_of((True, False)),
    }  # fmt: skip
    line = ("quantity", RECORD_NUMBERS), ("price", RECORD_NUMBERS), ("note", RECORD_TEXTS)
    names = {
        "total": one_of(RECORD_NUMBERS), "discount": one_of(RECORD_NUMBERS), "limit": random.choice(RECORD_NUMBERS),
        "note": one_of(RECORD_TEXTS), "tier": one_of(CHOICE.options or ()), "urgent": one_of((True, False)),
        "hold": random.choice((True, False)), "due": one_of(RECORD_DAYS), "ordered": one_of(RECORD_DAYS),
        "odd": one_of(ODDITIES), "customer": one_of((Reference("c1", "ACME", customer),)),
        "lines": [{name: one_of(values) for name, values in line} for _ in range(random.randrange(4))],
        "facts": {"complaints": Decimal(random.randrange(5)), "last": one_of(RECORD_DAYS)},
    }  # fmt: skip
    return {name: value for name, value in names.items() if random.random() < 0.97}


def by_definition(rules: Sequence[Rule], names: Mapping[str, object], moment: feel.Moment = MOMENT) -> tuple[str, ...]:
    """Return the keys of the rules that fire, by evaluating each condition by itself."""
    today = moment.now.astimezone(moment.zone).date()
    return tuple(
        each.key
        for each in rules
        if each.in_force(today)
        and (each.when is None or each.when.evaluate(names, moment) is True)
        and (each.unless is None or each.unless.evaluate(names, moment) is not True)
    )


def described(rules: Sequence[Rule], names: Mapping[str, object]) -> str:
    """Return rules and a record in words, for the message of a failing test."""
    told = [
        f"{each.key}: when {each.when and each.when.text} unless {each.unless and each.unless.text} "
        f"valid {each.valid_from}..{each.valid_to}"
        for each in rules
    ]
    return "\n".join([*told, *(f"{name} = {value!r:.200}" for name, value in names.items())])
