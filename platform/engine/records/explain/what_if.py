"""What if: a record with other values, worked out beside itself; which checks, rules, tables and actions would answer
differently. Nothing is written, and nothing is left behind.

Who may do something with a record may try its values: those they may change, and administrators of its workspace any
they may read, worked-out ones too. What is told back is redacted as on the record's own page, and more: what depends on
anything they may not read is not told at all, for its answers to many trials would tell the value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from blankett.engine import feel
from blankett.engine.fields.base import Fault, Value
from blankett.engine.fields.reader import FieldValue
from blankett.engine.language.form_formulas import formulas_of, settings_of
from blankett.engine.language.model import SAVE, Action, DecisionPoint, Field, Form, Formula
from blankett.engine.paths import OTHER_ROOTS
from blankett.engine.records.command import FieldProblem, Refusal
from blankett.engine.records.decisions import left_out
from blankett.engine.records.eligible_actors import row_params, rules_for
from blankett.engine.records.evaluation_context import decode
from blankett.engine.records.explain.why import outcomes_told
from blankett.engine.records.read.record_view import Look, look_at, reasons_of
from blankett.engine.records.record_access import work_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.compute import Changes
from blankett.engine.records.write.destinations import LEAD, known_destination
from blankett.engine.records.write.input import TypedValues, merge, take
from blankett.engine.records.write.link_validation import close_links, pointing_problems
from blankett.engine.records.write.rule_rounds import foresee
from blankett.engine.records.write.validate import is_editable, record_problems, value_problems
from blankett.engine.sentences import Joined, Sentence, sentence
from blankett.engine.store import StoredRecord

#: (kind, key) of something that answers: ("rule", "credit_hold").
Asked = tuple[str, str]

#: In the order they are told.
KINDS = ("value", "check", "rule", "table", "action")


@dataclass(frozen=True)
class WhatIfAnswer:
    """What one check, rule, table or action says of a record."""

    title: object
    said: object
    #: Line of the blueprint's text, from 1; 0 where it is nowhere in particular.
    line: int = 0


@dataclass(frozen=True)
class WhatIfDifference:
    """Something that would answer differently."""

    #: value | check | rule | table | action
    kind: str
    title: object
    before: object
    after: object
    line: int = 0


@dataclass(frozen=True)
class WhatIf:
    """What other values would change."""

    differences: tuple[WhatIfDifference, ...]
    #: What keeps a value from being tried.
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True)
class Tryable:
    """What may be tried: fields with the values they have."""

    form: Form
    blueprint: str
    version: int
    fields: tuple[Field, ...]
    #: Keys of those that something deciding reads, also through others.
    deciding: frozenset[str]
    values: Mapping[str, Value]
    titles: Mapping[str, str]
    currencies: Mapping[str, str]


def tryable(unit: Unit, id: str) -> Tryable | None:
    """Return what the actor may try of a record; None when they may not see it."""
    stored = unit.linked.record(id)
    look = look_at(unit, stored) if stored is not None else None
    if look is None or stored is None:
        return None
    fields = tuple(_fields(look, stored))
    situation = look.situation
    values = {field.key: situation.values.get(field.key) for field in fields}
    titles = {}
    for field in fields:
        name = situation.names.get(field.key)
        if field.type.points_to and name is not None:
            titles[name.id] = name.title
    currencies = {field.key: code for field in fields if (code := situation.currency_at(field))}
    form = look.process.form
    return Tryable(
        form, form.blueprint, look.process.version, fields, deciding_fields(form), values, titles, currencies
    )


def _fields(look: Look, stored: StoredRecord) -> Iterator[Field]:
    """Yield the fields whose values the actor may try, in the author's order."""
    is_admin = look.unit.actor.may_administer(stored.workspace)
    for field in look.process.form.fields.values():
        if field.columns or field.retired or not look.permit.can_read(field.path):
            continue
        may_write = look.permit.may("edit") and look.permit.can_write(field.path)
        if is_admin or (may_write and is_editable(look.situation, field)):
            yield field


def deciding_fields(form: Form) -> frozenset[str]:
    """Return the fields that checks, guards, rules and formulas of `by` read, and those these come from."""
    reads = {path[0] for formula in _deciding(form) for path in formula.reads}
    waiting = [key for key in reads if key in form.fields]
    for key in waiting:  # grows on the way
        field = form.fields[key]
        for formula in (field.compute, field.fill, field.visible):
            new = {path[0] for path in formula.reads} - reads if formula is not None else set()
            reads |= new
            waiting.extend(key for key in new if key in form.fields)
    return frozenset(reads & form.fields.keys())


def _deciding(form: Form) -> Iterator[Formula]:
    for check in form.checks.values():
        yield check.that
        if check.when is not None:
            yield check.when
    for action in form.actions.values():
        whens = [*(each.when for each in action.effects), *(each.when for each in action.destinations)]
        yield from (formula for formula in (action.when, *action.by.formulas, *whens) if formula is not None)
    for rule in form.rules.values():
        yield from (formula for formula in (rule.when, rule.unless) if formula is not None)


# Trying ---------------------------------------------------------------------------------------------------------------


def what_if(unit: Unit, id: str, values: Mapping[str, Value], again: Callable[[], Unit]) -> WhatIf | Refusal | None:
    """Return what would answer differently if the record's fields had *values*; None when the actor may not see it.

    *again* gives another unit of the actor in the same snapshot: the record is worked out twice, each by itself.
    """
    stored = unit.linked.record(id)
    before = look_at(unit, stored) if stored is not None else None
    if before is None or stored is None:
        return None
    allowed = {field.key for field in _fields(before, stored)}
    closed = sorted(values.keys() - allowed)
    if closed:
        return refusal("forbidden", "field.not_writable", (closed[0][:80],), field=closed[0][:80])
    after, problems = _tried(before, stored, values, again())
    if problems:
        return WhatIf((), tuple(problems))
    try:
        return WhatIf(tuple(_differences(before, after, values)))
    except feel.BudgetExceeded as exceeded:
        return refusal("invalid", "formula.budget", reason=str(exceeded))


def _tried(
    before: Look, stored: StoredRecord, values: Mapping[str, Value], unit: Unit
) -> tuple[Look, list[FieldProblem]]:
    """Return the look at the record with *values* worked out, and what keeps it from being."""
    unit.locate(stored.workspace)
    process = before.process
    computed = {key: value for key, value in values.items() if process.form.fields[key].compute is not None}
    typed = {key: value for key, value in values.items() if key not in computed}
    merged = merge(process.form, decode(process, stored.data), typed, TypedValues(None, stored.filled), unit.new_id)
    close_links(unit, process.form, merged, stored)
    work = unit.open(stored, merged.values)
    work.changes = Changes(typed=merged.typed, changed=merged.changed)
    problems = merged.problems + _pin(work, computed) + work.derive()
    work.situation.refresh_live()
    cells = work.situation.cells(merged.typed)
    problems += pointing_problems(unit, work, cells) + value_problems(work.situation, cells)
    return Look(unit, work.process, work_permit(unit, work), before.current, lambda: work), problems


def _pin(work: Work, values: Mapping[str, Value]) -> list[FieldProblem]:
    """Give worked-out fields values that they keep while the record is worked out; return what they cannot be."""
    problems = []
    for key, value in values.items():
        field = work.process.form.fields[key]
        taken = take(field, value)
        if isinstance(taken, Fault):
            problems.append(FieldProblem((key,), taken.message, taken.params, key, field.place))
            continue
        work.situation.put(field, taken)
        work.situation.frozen.add(key)
        work.changes.changed.add(key)
    return problems


def _differences(before: Look, after: Look, tried: Mapping[str, Value]) -> Iterator[WhatIfDifference]:
    """Yield what answers differently, in the order of its kinds."""
    was = dict(answers(before, before, tried))
    becomes = dict(answers(after, before, tried))
    for kind in KINDS:
        for asked in dict.fromkeys([*was, *becomes]):
            if asked[0] != kind:
                continue
            old, new = was.get(asked), becomes.get(asked)
            known = new or old
            if known is not None and (old.said if old else "") != (new.said if new else ""):
                yield WhatIfDifference(kind, known.title, old.said if old else "", new.said if new else "", known.line)


def answers(look: Look, asker: Look, tried: Mapping[str, Value]) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    """Yield what everything says of the record as *look* has it, told as *asker* may see it."""
    yield from _values(look, asker, tried)
    yield from _checks(look, asker)
    yield from _rules(look, asker)
    yield from _tables(look, asker)
    yield from _actions(look, asker)


def _both_read(look: Look, asker: Look) -> Callable[[tuple[str, ...]], bool]:
    """Return what may be told: what they may read of the record as it is, and as it would be."""
    return lambda path: asker.permit.can_read_name(path) and look.permit.can_read_name(path)


def _is_open(may_read: Callable[[tuple[str, ...]], bool], *formulas: Formula | None) -> bool:
    """Tell whether the reader may read all that *formulas* do."""
    return all(may_read(path) for formula in formulas if formula is not None for path in formula.reads)


def _values(look: Look, asker: Look, tried: Mapping[str, Value]) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    may_read, situation = _both_read(look, asker), look.situation
    for field in look.process.form.fields.values():
        if field.columns or field.key in tried or not may_read(field.path):
            continue
        if not _is_open(may_read, field.visible, field.fill, field.compute):
            continue
        value = None if field.key in situation.hidden else situation.values.get(field.key)
        name = situation.names.get(field.key)
        shown: object = None
        if field.type.points_to:
            shown = name.title if name is not None else None
        elif value is not None and value not in ("", ()):
            shown = FieldValue(field, value, situation.currency_at(field), "")
        yield ("value", field.key), WhatIfAnswer(look.current.field(field).title, shown or sentence("value.empty"))


def _checks(look: Look, asker: Look) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    form, may_read = look.process.form, _both_read(look, asker)
    found: dict[str, list[FieldProblem]] = {}
    for problem in record_problems(look.situation, may_read):
        if asker.permit.can_read_problem(problem.path) and look.permit.can_read_problem(problem.path):
            found.setdefault(problem.key, []).append(problem)
    for key, check in form.checks.items():
        failed = found.pop(key, None)
        if not _is_open(may_read, check.that, check.when):
            continue
        told = _joined(failed) if failed else sentence("what_if.holds")
        at = form.fields.get(check.field or "")
        title = look.current.field(at).title if at is not None else key
        yield ("check", key), WhatIfAnswer(sentence("what_if.check", title=title), told, check.place.line)
    for key, failed in found.items():
        field = form.find((failed[0].path[0], key)) if len(failed[0].path) == 3 else form.fields.get(key)
        if field is None or not _is_open(may_read, *_conditions(field)):
            continue
        title = look.current.field(field).title
        yield (
            ("check", f"field {key}"),
            WhatIfAnswer(title, _joined(failed), failed[0].place.line if failed[0].place else 0),
        )


def _joined(problems: Sequence[FieldProblem]) -> Joined:
    """Return what several problems say, each once."""
    said: list[object] = []
    for problem in problems:
        told = Sentence(problem.message, problem.params)
        said += [told] if told not in said else []
    return Joined(tuple(said), " ")


def _conditions(field: Field) -> Iterator[Formula]:
    """Yield what decides whether a value of the field is right."""
    yield from (each for each in (field.required, field.visible) if isinstance(each, Formula))
    if field.check is not None:
        yield field.check.that


def _rules(look: Look, asker: Look) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    form = look.process.form
    if not form.rules:
        return
    may_read, closed = _both_read(look, asker), closed_rules(look, asker)
    points = [SAVE, *(DecisionPoint("request", each.key) for each in form.actions_from(look.work.record.state))]
    fired = {rule.key for point in points for rule in foresee(look.unit, look.work, point).fired}
    for key, rule in form.rules.items():
        if key in closed or not any(point in points for point in rule.at):
            continue
        words = sentence("what_if.silent")
        if key in fired:
            outcomes = tuple(done for outcome in rule.then for done in outcome.trace())
            told = tuple(outcomes_told(outcomes, asker, may_read))
            words = sentence("what_if.fires", outcomes=told) if told else sentence("what_if.fires_alone")
        yield ("rule", key), WhatIfAnswer(rule.title, words, rule.place.line)


def closed_rules(look: Look, asker: Look) -> frozenset[str]:
    """Return the rules whose conditions look at what the reader may not see, or at what rules made of that.

    Whether they fire for this value and that would tell a hidden value bit by bit.
    """
    rules, may_read = look.process.form.rules, _both_read(look, asker)
    closed, given, before = set[str](), set[str](), -1

    def is_closed(formula: Formula | None) -> bool:
        return formula is not None and any(path[0] in given or not may_read(path) for path in formula.reads)

    while before != len(closed) + len(given):
        before = len(closed) + len(given)
        closed |= {key for key, rule in rules.items() if is_closed(rule.when) or is_closed(rule.unless)}
        for key, rule in rules.items():
            given |= {field for field, to in settings_of(rule).items() if key in closed or is_closed(to.formula)}
    return frozenset(closed)


def _tables(look: Look, asker: Look) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    """Yield which rows of the tables hit that the formulas of the record itself call."""
    blueprint = look.process.blueprint
    if not blueprint.tables:
        return
    hits: dict[str, set[int]] = {}
    with feel.watching_tables() as watched:
        for formula in _calling(look, asker):
            formula.evaluate(look.situation.names, look.situation.moment)
    for name, rows in watched:
        hits.setdefault(name, set()).update(row + 1 for row in rows)
    for table in blueprint.tables.values():
        if table.name in hits:
            found = [row for row in table.rows if row.number in hits[table.name]]
            rows_told = tuple(sentence("what_if.row", **row_params(table, row)) for row in found)
            words = Joined(rows_told, ", ") if rows_told else sentence("what_if.no_row")
            line = found[0].place.line if found else table.place.line
            yield ("table", table.key), WhatIfAnswer(table.title, words, line)


def _calling(look: Look, asker: Look) -> Iterator[Formula]:
    """Yield the formulas of the record's own names that call tables and that the reader may read all of."""
    form, may_read = look.process.form, _both_read(look, asker)
    known = form.fields.keys() | (OTHER_ROOTS - {"inputs", "facts", "old", "that"})
    for formula, table in formulas_of(form):
        if table is not None or formula.checked.calls.isdisjoint(look.process.blueprint.tables):
            continue
        if all(path[0] in known and may_read(path) for path in formula.reads):
            yield formula


def _actions(look: Look, asker: Look) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    may_read = _both_read(look, asker)
    closed = closed_rules(look, asker)
    for action in look.process.form.actions_from(look.work.record.state):
        if not look.permit.has_takers(action) or not _is_open(may_read, action.when, *_whos(look, action)):
            continue
        reasons = tuple(reasons_of(look, action, may_read))
        if _has_closed_rules(look, action, closed):
            reasons = tuple(reason for reason in reasons if reason.message not in OF_RULES)
        told = tuple(Sentence(reason.message, reason.params) for reason in reasons)
        title = look.current.action(action)[1].title
        said = Joined(told, " ") if told else sentence("what_if.open")
        yield ("action", action.key), WhatIfAnswer(title, said, action.place.line)
        destination = known_destination(action, look.situation, may_read) if action.depends else None
        if destination is not None:
            leads = Joined(tuple(outcomes_told([f"{LEAD} {destination.to}"], asker, may_read)), ", ")
            yield ("action", f"{action.key}/to"), WhatIfAnswer(title, leads, destination.place.line)
        yield from _effects(look, asker, action, title)


def _effects(look: Look, asker: Look, action: Action, title: object) -> Iterator[tuple[Asked, WhatIfAnswer]]:
    """Yield which effects of an action would be done, of those that depend on what is known before it."""
    situation, may_read = look.situation, _both_read(look, asker)
    given: set[str] = set()
    for number, effect in enumerate(action.effects, 1):
        if effect.when is not None and _is_open(may_read, effect.when) and not _reads(effect.when, given | {"inputs"}):
            is_done = effect.when.evaluate(situation.names, situation.moment) is True
            outcomes = effect.trace() if is_done else left_out(effect.trace())
            told = tuple(outcomes_told(outcomes, asker, may_read))
            if told:
                yield (
                    ("action", action.effect_way(number)),
                    WhatIfAnswer(title, Joined(told, ", "), effect.when.place.line),
                )
        given.update(effect.given)


def _reads(formula: Formula, names: Collection[str]) -> bool:
    return any(path[0] in names for path in formula.reads)


#: Messages of the reasons that come from rules.
OF_RULES = frozenset({"access.rule", "access.rule_text", "rule.requires", "rule.loop"})


def _whos(look: Look, action: Action) -> Iterator[Formula]:
    return (rule.who for rule in rules_for(look.permit, action) if rule.who is not None)


def _has_closed_rules(look: Look, action: Action, closed: frozenset[str]) -> bool:
    """Tell whether one of the *closed* rules is looked at when the action is asked for."""
    point = DecisionPoint("request", action.key)
    return any(point in look.process.form.rules[key].at for key in closed)
