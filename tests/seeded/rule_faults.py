"""Faults in rules: each a copy of the flagship with one thing wrong in one of its rules or facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice

from blankett.engine.effects import RefuseOutcome, RequireOutcome, SetEffect, WarnOutcome
from blankett.engine.language.model import Rule, Setting
from blankett.engine.language.source import List, Map
from blankett.engine.language.text_edit import written

from .flagship import Flagship
from .table_faults import MOST_COPIES, Fault


def rule_faults(flagship: Flagship) -> Iterator[Fault]:
    """Yield faults of all kinds, spread over the rules."""
    rules = flagship.rules
    for number, sow in enumerate(SOWN):
        placed = [rules[(number + at) % len(rules)] for at in range(len(rules))]
        yield from islice((fault for form, rule in placed for fault in sow(flagship, form, rule)), MOST_COPIES)
    yield from facts(flagship)


def rule_path(form: str, key: str) -> tuple[str, ...]:
    """Return the path of a rule."""
    return ("forms", form, "rules", key)


def when_of(rule: Rule) -> str:
    """Return the condition of a rule on one line."""
    return " ".join(rule.when.text.split()) if rule.when is not None else "true"


def constants(rule: Rule) -> list[tuple[int, str, Setting]]:
    """Return (number of the outcome, field, setting) for every constant that a rule sets."""
    return [
        (at, key, setting)
        for at, outcome in enumerate(rule.then)
        if isinstance(outcome, SetEffect)
        for key, setting in outcome.values.items()
        if setting.formula is None
    ]


def other_value(flagship: Flagship, form: str, field: str, value: object) -> str | None:
    """Return another constant for a field, as it is written; None where there is none to be had."""
    of = flagship.blueprint.forms[form].fields[field]
    if isinstance(value, bool):
        return "no" if value else "yes"
    if isinstance(value, Decimal):
        return "7"
    return next((key for key in of.option_titles() if key != value), None)


def in_formula(flagship: Flagship, form: str, field: str, value: object) -> str:
    """Return a constant as a formula writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def new_rule(
    flagship: Flagship, form: str, key: str, like: Rule, when: str, then: list[str], priority: int = 0, unless: str = ""
) -> str:
    """Return the flagship with one rule more at the end of a form's: at the points of *like*."""
    points = ", ".join(str(point) for point in like.at)
    lines = [f"at: [{points}]", f"priority: {priority}", f"when: {json.dumps(when, ensure_ascii=False)}"]
    lines += [f"unless: {json.dumps(unless)}"] if unless else []
    if like.valid_from or like.valid_to:
        ends = {"from": like.valid_from, "to": like.valid_to}
        lines.append("valid: {" + ", ".join(f"{key}: {day}" for key, day in ends.items() if day) + "}")
    lines += ["then:", *(f"  - {outcome}" for outcome in then)]
    editor = flagship.edit()
    editor.insert("forms", form, "rules", key=key, value="\n" + "\n".join(f"  {line}" for line in lines))
    return editor.text()


# Conditions -----------------------------------------------------------------------------------------------------------


def a_condition_against_itself(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "when")
    if rule.when is not None:
        editor = flagship.edit()
        editor.replace(*path, by=f"({when_of(rule)}) and not({when_of(rule)})")
        yield Fault(f"{rule.key}: its condition and its negation", "BL409", path, editor.text())


def an_unless_for_everything(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    if rule.when is not None and rule.unless is None:
        editor = flagship.edit()
        editor.insert(*rule_path(form, rule.key), key="unless", value=json.dumps(when_of(rule)), after="when")
        path = (*rule_path(form, rule.key), "unless")
        yield Fault(f"{rule.key}: its condition under 'unless' too", "BL941", path, editor.text())


def an_unless_for_nothing(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    if rule.when is not None and rule.unless is None:
        editor = flagship.edit()
        value = json.dumps(f"not({when_of(rule)})")
        editor.insert(*rule_path(form, rule.key), key="unless", value=value, after="when")
        path = (*rule_path(form, rule.key), "unless")
        yield Fault(f"{rule.key}: the negation of its condition under 'unless'", "BL942", path, editor.text())


def a_field_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    roots = sorted({path[0] for path in rule.reads} & flagship.blueprint.forms[form].fields.keys())
    path = (*rule_path(form, rule.key), "when")
    if rule.when is not None and roots and roots[0] in when_of(rule):
        editor = flagship.edit()
        editor.replace(*path, by=when_of(rule).replace(roots[0], f"{roots[0]}x"))
        yield Fault(f"{rule.key}: {roots[0]}x in its condition", "BL302", path, editor.text())


def a_fact_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "when")
    if rule.when is not None and "facts." in when_of(rule):
        editor = flagship.edit()
        editor.replace(*path, by=when_of(rule).replace("facts.", "facts.x"))
        yield Fault(f"{rule.key}: an unknown fact", "BL920", path, editor.text())


def a_condition_that_is_none(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "when")
    if rule.when is not None:
        editor = flagship.edit()
        editor.replace(*path, by=f'if {when_of(rule)} then "yes" else "no"')
        yield Fault(f"{rule.key}: a word for a condition", "BL311", path, editor.text())


# Points, priorities, days ---------------------------------------------------------------------------------------------


def a_point_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "at")
    if flagship.scalar(*path):
        editor = flagship.edit()
        editor.replace(*path, by=f"{rule.at[0]}x")
        yield Fault(f"{rule.key}: at {rule.at[0]}x", "BL921", path, editor.text())


def a_bad_priority(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "priority")
    editor = flagship.edit()
    if flagship.scalar(*path):
        editor.replace(*path, by="high")
    else:
        editor.insert(*rule_path(form, rule.key), key="priority", value="high", after="at")
    yield Fault(f"{rule.key}: a high priority", "BL108", path, editor.text())


def valid_backwards(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = rule_path(form, rule.key)
    editor = flagship.edit()
    if flagship.tree.find(*path, "valid") is None:
        editor.insert(*path, key="valid", value="{from: 2026-12-31, to: 2026-01-01}", after="at")
        yield Fault(f"{rule.key}: valid backwards", "BL927", (*path, "valid"), editor.text())


# Outcomes -------------------------------------------------------------------------------------------------------------


def the_same_rule_twice(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    editor = flagship.edit()
    body = flagship.source_of(*rule_path(form, rule.key))
    column = len(body) - len(body.lstrip())
    found = flagship.tree.find(*rule_path(form, rule.key))
    if isinstance(found, Map) and not found.is_flow and not column:
        indent = " " * (next(iter(found.entries.values())).key.place.column - 1)
        lines = [line.removeprefix(indent) for line in f"{indent}{body}".rstrip().split("\n")]
        editor.insert("forms", form, "rules", key="once_more", value="\n" + "\n".join(f"  {line}" for line in lines))
        yield Fault(f"{rule.key}: a second time", "BL949", rule_path(form, "once_more"), editor.text())


def another_value_at_once(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for _at, field, setting in constants(rule)[:1]:
        value = other_value(flagship, form, field, setting.constant)
        if value is not None:
            then = [f"set: {{{field}: {written(value)}}}"]
            text = new_rule(flagship, form, "against", rule, when_of(rule), then, rule.priority)
            path = (*rule_path(form, "against"), "then", "0")
            yield Fault(f"{rule.key}: another rule sets {field} to {value} then", "BL928", path, text)


def set_in_vain(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for _at, field, setting in constants(rule)[:1]:
        value = other_value(flagship, form, field, setting.constant)
        if value is not None:
            then = [f"set: {{{field}: {written(value)}}}"]
            text = new_rule(flagship, form, "behind", rule, when_of(rule), then, rule.priority - 1)
            path = (*rule_path(form, "behind"), "then", "0")
            yield Fault(f"{rule.key}: another sets {field} behind it", "BL943", path, text)


def there_and_back(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at, field, setting in constants(rule)[:1]:
        value = other_value(flagship, form, field, setting.constant)
        if value is not None and len(rule.then) == 1 and rule.when is not None:
            so = in_formula(flagship, form, field, setting.constant)
            then = [f"set: {{{field}: {written(value)}}}"]
            text = new_rule(flagship, form, "back", rule, f"{field} = {so}", then, rule.priority + 1)
            path = (*rule_path(form, rule.key), "then", str(at))
            yield Fault(f"{rule.key}: another sets {field} back", "BL945", path, text)


def set_as_it_is(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at, field, setting in constants(rule)[:1]:
        if rule.when is not None:
            so = in_formula(flagship, form, field, setting.constant)
            editor = flagship.edit()
            editor.replace(*rule_path(form, rule.key), "when", by=f"({when_of(rule)}) and {field} = {so}")
            path = (*rule_path(form, rule.key), "then", str(at))
            yield Fault(f"{rule.key}: sets {field} where it is so", "BL947", path, editor.text())


def ended_by_itself(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for _at, field, setting in constants(rule)[:1]:
        said = [(n, each) for n, each in enumerate(rule.then) if isinstance(each, (RefuseOutcome, WarnOutcome))]
        if rule.when is not None and said:
            so = in_formula(flagship, form, field, setting.constant)
            editor = flagship.edit()
            editor.replace(*rule_path(form, rule.key), "when", by=f"({when_of(rule)}) and {field} != {so}")
            path = (*rule_path(form, rule.key), "then", str(said[0][0]))
            yield Fault(f"{rule.key}: ends its own warning", "BL948", path, editor.text())


def one_more_each_time(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    fields = flagship.blueprint.forms[form].fields.values()
    number = next(
        (of for of in fields if of.type.name == "number" and of.compute is None and of.required is True), None
    )
    is_first = next(iter(flagship.blueprint.forms[form].rules.values())) is rule
    if number is not None and is_first:
        text = new_rule(flagship, form, "more", rule, "true", [f"set: {{{number.key}: = {number.key} + 1}}"], 1000)
        path = (*rule_path(form, "more"), "then", "0")
        yield Fault(f"{form}: one more {number.key} each time", "BL946", path, text)


def a_wrong_value(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at, field, _setting in constants(rule)[:1]:
        path = (*rule_path(form, rule.key), "then", str(at), "set", field)
        editor = flagship.edit()
        editor.replace(*path, by="nonsense")
        yield Fault(f"{rule.key}: sets {field} to nonsense", "BL315", path, editor.text())


def a_set_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at, field, _setting in constants(rule)[:1]:
        path = (*rule_path(form, rule.key), "then", str(at), "set")
        editor = flagship.edit()
        editor.rename(*path, field, to=f"{field}x")
        yield Fault(f"{rule.key}: sets {field}x", "BL203", (*path, f"{field}x"), editor.text())


def a_role_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at, outcome in enumerate(rule.then):
        path = (*rule_path(form, rule.key), "then", str(at), "require")
        if isinstance(outcome, RequireOutcome) and flagship.scalar(*path):
            editor = flagship.edit()
            editor.replace(*path, by="directr")
            yield Fault(f"{rule.key}: requires a directr", "BL201", path, editor.text())
            return


def a_message_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at in range(len(rule.then)):
        path = (*rule_path(form, rule.key), "then", str(at), "notify", "send")
        if flagship.scalar(*path):
            editor = flagship.edit()
            editor.replace(*path, by="nothing_of_the_kind")
            yield Fault(f"{rule.key}: sends an unknown message", "BL206", path, editor.text())
            return


def a_word_in_a_message_misspelled(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    for at in range(len(rule.then)):
        for word in ("refuse", "warn"):
            path = (*rule_path(form, rule.key), "then", str(at), word)
            said = flagship.scalar(*path)
            if said:
                editor = flagship.edit()
                editor.replace(*path, by=f"{said.text} {{nobody_knows}}")
                yield Fault(f"{rule.key}: says what nobody knows", "BL302", path, editor.text())
                return


def refused_anyway(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    """A rule that refuses whatever the other rule does something about."""
    if rule.when is not None and not any(isinstance(outcome, (RefuseOutcome, SetEffect)) for outcome in rule.then):
        text = new_rule(flagship, form, "never", rule, when_of(rule), ["refuse: Never."])
        yield Fault(f"{rule.key}: another refuses wherever it fires", "BL944", rule_path(form, rule.key), text)


def no_outcome(flagship: Flagship, form: str, rule: Rule) -> Iterator[Fault]:
    path = (*rule_path(form, rule.key), "then")
    found = flagship.tree.find(*path)
    if isinstance(found, List):
        editor = flagship.edit()
        editor.rename(*path, to="than")
        yield Fault(f"{rule.key}: 'than' for 'then'", "BL101", (*path[:-1], "than"), editor.text())


# Facts ----------------------------------------------------------------------------------------------------------------


def facts(flagship: Flagship) -> Iterator[Fault]:
    """Yield faults in what rules count."""
    for form in flagship.blueprint.forms.values():
        for fact in form.facts.values():
            path = ("forms", form.key, "facts", fact.key)
            measured = flagship.scalar(*path, fact.measure)
            if measured:
                editor = flagship.edit()
                editor.replace(*path, fact.measure, by=f"{measured.text}x")
                id_ = "BL202" if fact.measure == "count" else "BL203"
                yield Fault(f"{fact.key}: counts a {measured.text}x", id_, (*path, fact.measure), editor.text())
            if flagship.scalar(*path, "where"):
                editor = flagship.edit()
                editor.replace(*path, "where", by="nobody_knows = this.id")
                yield Fault(f"{fact.key}: asks for what nobody knows", "BL302", (*path, "where"), editor.text())


SOWN: tuple[Callable[[Flagship, str, Rule], Iterator[Fault]], ...] = (
    a_condition_against_itself,
    an_unless_for_everything,
    an_unless_for_nothing,
    a_field_misspelled,
    a_fact_misspelled,
    a_condition_that_is_none,
    a_point_misspelled,
    a_bad_priority,
    valid_backwards,
    the_same_rule_twice,
    another_value_at_once,
    set_in_vain,
    there_and_back,
    set_as_it_is,
    ended_by_itself,
    one_more_each_time,
    a_wrong_value,
    a_set_misspelled,
    a_role_misspelled,
    a_message_misspelled,
    a_word_in_a_message_misspelled,
    refused_anyway,
    no_outcome,
)
