"""Decide by the rules of a form: all of a point on one snapshot of the record, round by round until nothing changes.

It is done when values are saved, when an action is asked for and when it has been carried out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from blankett.engine.effects.base import Saying
from blankett.engine.language.form_formulas import rule_formulas, settings_of
from blankett.engine.language.model import SAVE, DecisionPoint, Form, Rule, Setting
from blankett.engine.records.command import FieldProblem, Refusal
from blankett.engine.records.decisions import Decision
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.explain.filled_text import MayRead, fill_text
from blankett.engine.records.facts import NotCountable
from blankett.engine.records.linked_form import public_reader
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_access import work_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.compute import Changes, derive
from blankett.engine.records.write.effect_runner import Take, run_effects, set_values
from blankett.engine.records.write.execution_log import note_rule
from blankett.engine.rules import RuleSet, rule_set
from blankett.engine.store import StoredRecord
from blankett.engine.trace import Trace, trace

# Rounds ---------------------------------------------------------------------------------------------------------------


#: So many rounds are made before rules are said to go round.
MOST_ROUNDS = 50

Required: TypeAlias = "tuple[Rule, frozenset[str]]"


@dataclass(frozen=True)
class Ruling:
    """What the rules of one point say of a record."""

    point: DecisionPoint
    #: The rules that fired in any round, in the order they were looked at.
    fired: tuple[Rule, ...] = ()
    refusals: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()
    #: Rules that want somebody to hold one of some roles, whoever acts now.
    requires: tuple[Required, ...] = ()
    #: Why no end was come to: rules that go round, or a fact that cannot be counted.
    loop: Refusal | None = None
    #: What was counted in the last round.
    facts: Mapping[str, object] = field(default_factory=dict)
    #: {rule: its condition as it stood when it first fired}; of what is foreseen only where that was asked for.
    traces: Mapping[str, Trace] = field(default_factory=dict)

    @property
    def has_outcomes(self) -> bool:
        """Tell whether there is anything for `run_outcomes` to do."""
        return any(outcome.stage == "after" for rule in self.fired for outcome in rule.then)


class Rounds:
    """The rounds over one record at one point."""

    def __init__(
        self, unit: Unit, work: Work, rules: RuleSet, *, is_foreseen: bool = False, is_traced: bool = True
    ) -> None:
        self.unit = unit
        self.work = work
        self.rules = rules
        #: The work is a copy, or is to be copied before anything is set.
        self.is_foreseen = is_foreseen
        self.is_copy = False
        self.is_traced = is_traced
        self.by_key = {rule.key: rule for rule in rules.rules}
        #: Rules that fired, with the trace of their condition, and the fields each of them changed.
        self.traces: dict[str, Trace | None] = {}
        self.changed: dict[str, set[str]] = {}
        self.problems: list[FieldProblem] = []

    def run(self, point: DecisionPoint) -> Ruling:
        """Look at the rules round after round."""
        try:
            return self._run(point)
        except NotCountable as wrong:
            return Ruling(point, loop=not_countable(wrong))
        finally:
            # Rules of a round see one count; what comes after them counts again.
            self.unit.let_count(self.work)

    def _run(self, point: DecisionPoint) -> Ruling:
        seen: list[tuple[object, ...]] = [self._state()]
        trail: list[dict[str, str]] = []
        last: list[Rule] = []
        for _ in range(MOST_ROUNDS):
            last = self._fired()
            changed = self._set(last)
            if not changed or self.problems:
                return self._ruling(point, last)
            trail.append(changed)
            state = self._state()
            if state in seen:
                trail = trail[seen.index(state) :]
                break
            seen.append(state)
        return Ruling(point, loop=self._loop(trail))

    def _fired(self) -> list[Rule]:
        work, unit = self.work, self.unit
        names, moment = work.situation.names, work.situation.moment
        names["facts"] = unit.facts.values(unit, work, self.rules.facts)
        decide = self.rules.foreseen if self.is_foreseen else self.rules.fired
        keys = decide(names, moment).keys
        fired = [self.by_key[key] for key in keys if not (self.is_foreseen and _reads_inputs(self.by_key[key]))]
        for rule in fired:
            if rule.key not in self.traces:
                self.traces[rule.key] = trace(rule.when, names, moment) if self.is_traced and rule.when else None
                if not self.is_foreseen:
                    note_rule(work.process.form, rule.key)
        return fired

    # Setting ----------------------------------------------------------------------------------------------------------

    def _set(self, fired: Sequence[Rule]) -> dict[str, str]:
        """Set what the rules of a round set; return {field that changed: rule}."""
        winners: dict[str, tuple[Rule, Setting]] = {}
        for rule in fired:
            for key, setting in settings_of(rule).items():
                winners.setdefault(key, (rule, setting))
        if not winners:
            return {}
        for rule in {rule.key: rule for rule, _ in winners.values()}.values():
            self._count(rule)
        if self.is_foreseen and not self.is_copy:
            self.work, self.is_copy = _copied(self.unit, self.work), True
        work = self.work
        before = {key: work.situation.values.get(key) for key in winners}
        given = {key: setting for key, (_, setting) in winners.items()}
        self.problems += set_values(self.unit, work, given, work.situation.names)
        changed = {key: rule.key for key, (rule, _) in winners.items() if work.situation.values.get(key) != before[key]}
        if changed:
            self.problems += derive(work.situation, work.changes) if self.is_copy else work.derive()
        for key, rule_key in changed.items():
            self.changed.setdefault(rule_key, set()).add(key)
        return changed

    def _count(self, rule: Rule) -> None:
        count_facts(self.unit, self.work, rule)

    def _state(self) -> tuple[object, ...]:
        """Return the values of every field that any of the rules sets."""
        values = self.work.situation.values
        return tuple(
            repr(values.get(key)) for key in sorted({key for rule in self.rules.rules for key in settings_of(rule)})
        )

    def _loop(self, trail: Sequence[Mapping[str, str]]) -> Refusal:
        form = self.work.process.form
        keys = {rule for changed in trail for rule in changed.values()}
        rules = [rule for rule in self.rules.rules if rule.key in keys]
        fields = [form.fields[key] for key in {key: None for changed in trail for key in changed}]
        params = {
            "rules": tuple(rule.title for rule in rules),
            "fields": tuple(field.title for field in fields),
        }
        problem = FieldProblem((), "rule.loop", params, rules[0].key, rules[0].place)
        return Refusal("loop", (problem,))

    # Saying -----------------------------------------------------------------------------------------------------------

    def _ruling(self, point: DecisionPoint, last: Sequence[Rule]) -> Ruling:
        fired = tuple(rule for rule in self.rules.rules if rule.key in self.traces)
        verdict = LastRound(self, refusals=list(self.problems))
        for rule in last:
            verdict.rule = rule
            for outcome in rule.then:
                outcome.decide(verdict)
        traces = {key: traced for key, traced in self.traces.items() if traced is not None}
        said = (tuple(verdict.refusals), tuple(verdict.warnings), tuple(verdict.requires))
        return Ruling(point, fired, *said, facts=dict(self.work.situation.names["facts"]), traces=traces)

    def said(self, rule: Rule, outcome: Saying) -> FieldProblem:
        """Return what an outcome says, as far as whoever is told may see it."""
        self._count(rule)
        situation = self.work.situation
        text = fill_text(outcome.message, situation, self._may_read)
        path = (outcome.field,) if outcome.field and outcome.field not in situation.hidden else ()
        return FieldProblem(path, "said", {"text": text}, rule.key, outcome.place)

    @cached_property
    def _may_read(self) -> MayRead:
        """Return what the person who is told may see; of records that effects touch, what everybody may."""
        if self.work.merged is not None or self.is_foreseen:
            return work_permit(self.unit, self.work).can_read_name
        return public_reader(self.unit.catalog, self.work.process)

    def decisions(self, point: DecisionPoint) -> Iterator[Decision]:
        """Yield the rules that did something, as they are kept with the event."""
        version = self.work.process.version
        for key, traced in self.traces.items():
            rule = self.by_key[key]
            changed = self.changed.get(key, set())
            outcomes = tuple(done for outcome in rule.then for done in outcome.trace(changed))
            if outcomes:
                condition = traced.to_json() if traced is not None else {}
                yield Decision("rule", key, str(point), outcomes, version, rule.place.line, condition)


@dataclass
class LastRound:
    """What the rules of the last round come to, as `blankett.engine.effects.base.Verdict` says."""

    rounds: Rounds
    refusals: list[FieldProblem] = field(default_factory=list)
    warnings: list[FieldProblem] = field(default_factory=list)
    requires: list[Required] = field(default_factory=list)
    #: The rule whose outcomes have their say.
    rule: Rule | None = None

    def refuse(self, outcome: Saying) -> None:
        """Refuse the command with the outcome's message."""
        self.refusals.append(self._said(outcome))

    def warn(self, outcome: Saying) -> None:
        """Carry the command out, and say the outcome's message."""
        self.warnings.append(self._said(outcome))

    def require(self, roles: frozenset[str]) -> None:
        """Let only who holds one of *roles* go on."""
        assert self.rule is not None
        self.requires.append((self.rule, roles))

    def _said(self, outcome: Saying) -> FieldProblem:
        assert self.rule is not None
        return self.rounds.said(self.rule, outcome)


def _reads_inputs(rule: Rule) -> bool:
    return any(path[0] == "inputs" for path in rule.reads)


def _copied(unit: Unit, work: Work) -> Work:
    """Return a work to try things on: with its own values and names, and no other record knows it."""
    situation = work.situation
    record = copy.copy(situation.ambient["record"])
    ambient = {**situation.ambient, "record": record}
    tried = Situation(
        situation.process,
        situation.linked,
        copy.deepcopy(situation.values),
        ambient,
        frozenset(situation.hidden),
        frozenset(situation.filled),
        frozenset(situation.frozen),
    )
    changes = Changes(work.changes.is_new, set(work.changes.typed), changed=set(work.changes.changed))
    copied = Work(work.process, work.before, work.record, tried, changes, merged=work.merged)
    unit.let_count(copied)
    copied.situation.names["facts"] = situation.names.get("facts")
    return copied


def not_countable(wrong: NotCountable) -> Refusal:
    """Return the refusal of a command whose rules count something that cannot be counted now."""
    return refusal("invalid", "rule.not_countable", key=wrong.fact.key, fact=wrong.fact.title)


def count_facts(unit: Unit, work: Work, rule: Rule) -> None:
    """Let what a rule says see the facts it reads."""
    messages = work.process.blueprint.messages
    keys = {path[1] for formula in rule_formulas(rule, messages) for path in formula.reads if _is_fact(path)}
    known = work.situation.names.get("facts") or {}
    missing = keys - known.keys()
    if missing:
        work.situation.names["facts"] = {**known, **unit.facts.values(unit, work, missing)}


def _is_fact(path: tuple[str, ...]) -> bool:
    return path[0] == "facts" and len(path) > 1


# When rules are asked -------------------------------------------------------------------------------------------------


def decide(unit: Unit, work: Work, point: DecisionPoint) -> Ruling:
    """Look at the rules of *point* until nothing changes; what they set is set in *work* and worked out.

    Notes what decided with the record's event, and the warnings with the command's receipt.
    """
    rules = rule_set(work.process.form, point)
    if point == SAVE:
        work.decided_data = decidable_data(work.process.form, work.record)
    if not rules.rules:
        return Ruling(point)
    rounds = Rounds(unit, work, rules)
    ruling = rounds.run(point)
    if point == SAVE:
        work.decided_data = decidable_data(work.process.form, work.record)
    if ruling.loop is None:
        work.decisions += rounds.decisions(point)
    unit.warnings[work.id, str(point)] = ruling.warnings
    return ruling


def foresee(unit: Unit, work: Work, point: DecisionPoint, *, traced: bool = False) -> Ruling:
    """Return what `decide` would say, on a copy: changes nothing. *traced*: also why each rule fires.

    Rules that look at what the action asks are left out, for it has not been answered yet.
    """
    rules = rule_set(work.process.form, point)
    if not rules.rules:
        return Ruling(point)
    return Rounds(unit, work, rules, is_foreseen=True, is_traced=traced).run(point)


def wants_saving(work: Work) -> bool:
    """Tell whether the `save` rules have not seen the record's values as they are now."""
    if not rule_set(work.process.form, SAVE).rules:
        return False
    if work.decided_data is None:
        before = work.before
        if before is None:
            return True
        return decidable_data(work.process.form, work.record) != decidable_data(work.process.form, before)
    return decidable_data(work.process.form, work.record) != work.decided_data


def decidable_data(form: Form, record: StoredRecord) -> Mapping[str, Any]:
    """Return the values of a record that somebody or something gave it: not those stored when a state is entered."""
    live = {column.path for column in form.every_field() if column.live}
    if not live:
        return record.data
    data: dict[str, Any] = {key: value for key, value in record.data.items() if (key,) not in live}
    for table in {path[0] for path in live if len(path) == 2} & data.keys():
        lines = data[table] or []
        data[table] = [{key: cell for key, cell in line.items() if (table, key) not in live} for line in lines]
    return data


def unmet(unit: Unit, work: Work, ruling: Ruling, permit: Permit | None = None) -> list[FieldProblem]:
    """Return the roles that rules require and the actor does not hold, one problem for each rule."""
    if not ruling.requires:
        return []
    held = (permit or work_permit(unit, work)).roles
    return [_requirement(work, rule, roles) for rule, roles in ruling.requires if held.isdisjoint(roles)]


def _requirement(work: Work, rule: Rule, roles: frozenset[str]) -> FieldProblem:
    """Return that a rule wants one of some roles, as a problem that names them."""
    known = work.process.blueprint.roles
    titles = tuple(known[role].title for role in known if role in roles)
    params = {"rule": rule.title, "roles": titles}
    return FieldProblem((), "rule.requires", params, rule.key, rule.place)


def run_outcomes(unit: Unit, work: Work, ruling: Ruling, take: Take) -> Refusal | None:
    """Do what the rules that fired want done: notify, assign, create; each rule's once in a command. Under the lock.

    Where several assign, the first one does, as with what they set: the one of the highest priority.
    """
    if not ruling.fired:
        return None
    work.situation.names["facts"] = dict(ruling.facts)
    try:
        return _run_outcomes(unit, work, ruling, take)
    finally:
        unit.let_count(work)


def _run_outcomes(unit: Unit, work: Work, ruling: Ruling, take: Take) -> Refusal | None:
    is_assigned = False
    for rule in ruling.fired:
        if (done := (str(ruling.point), rule.key)) in work.ruled:
            continue
        work.ruled.add(done)
        effects = [outcome for outcome in rule.then if outcome.stage == "after"]
        if is_assigned:
            effects = [effect for effect in effects if effect.assignee is None]
        if not effects:
            continue
        is_assigned = is_assigned or any(effect.assignee is not None for effect in effects)
        try:
            count_facts(unit, work, rule)
        except NotCountable as wrong:
            return not_countable(wrong)
        refused = run_effects(unit, work, effects, take)
        if refused is not None:
            return refused
        work.settle()
    return None
