"""Decide by the rules of a form, when values are saved, when an action is asked for and when it has been carried out.

Rounds decide (`rule_fixpoint`); here stands when there is something to decide, what is kept of it, and what is done
after the last round: `notify`, `assign` and `create`, once for every rule that fired in any round. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blankett.engine.language.model import SAVE, DecisionPoint, Form, Rule
from blankett.engine.records.command import FieldProblem, Refusal
from blankett.engine.records.facts import NotCountable
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_permissions import work_permit
from blankett.engine.records.unit import Unit
from blankett.engine.records.work import Work
from blankett.engine.records.write.effect_runner import Take, run_effects
from blankett.engine.records.write.rule_fixpoint import Rounds, count_facts, not_countable
from blankett.engine.records.write.rule_fixpoint import Ruling as Ruling
from blankett.engine.rules import rule_set
from blankett.engine.store import StoredRecord


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
