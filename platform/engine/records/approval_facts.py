"""What is the case of a record when somebody acts on its approval: terms of its version, values, who is asked, who they
are.

Formulas of steps see the record as the unit of work has made it, and as `user` who asked for the approval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from blankett.engine.access import Actor, load_actors
from blankett.engine.calendar import advance_plainly, read_length
from blankett.engine.feel.values import Reference
from blankett.engine.language.form_formulas import approval_formulas, rule_formulas
from blankett.engine.language.model import (
    Action,
    Approval,
    ApprovalStep,
    Approver,
    DecisionPoint,
    Field,
    Form,
    Formula,
    rules_at,
)
from blankett.engine.paths import Path
from blankett.engine.records.link_loader import could_be_id
from blankett.engine.records.record_access import permit_of
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.sentences import Sentence
from blankett.engine.workflow.course import Course, SeatGround
from blankett.engine.workflow.facts import ApprovalFacts, Nominee, PersonFacts, RecordPlace, StepAnswer
from blankett.engine.workflow.terms import ApprovalTerms, Quorum, StepTerms

#: How long a decision may be taken back where the author does not say.
GRACE = timedelta(minutes=10)


# Terms ----------------------------------------------------------------------------------------------------------------


def approval_of(form: Form, action: Action) -> Approval | None:
    """Return the approval that an action asks for, or None."""
    return form.approvals.get(action.approval) if action.approval is not None else None


def terms_of(form: Form, action: Action, version: int) -> ApprovalTerms:
    """Return the terms of the approval that an action of a version asks for."""
    approval = form.approvals[action.approval or ""]
    grace = read_length(approval.recall) if approval.recall else None
    steps = tuple(_step_terms(step, around) for step, around in approval.asked_steps())
    return ApprovalTerms(
        key=approval.key,
        version=version,
        title=approval.title,
        covers=frozenset(covered_fields(form, action)),
        own=approval.own,
        skips_repeats=approval.repeats == "skip",
        comment=approval.comment,  # type: ignore[arg-type]
        grace=timedelta(days=grace.days, minutes=grace.minutes) if grace is not None else GRACE,
        was={step.key: step.was for step, _ in approval.asked_steps() if step.was},
        steps=steps,
    )


def _step_terms(step: ApprovalStep, around: ApprovalStep | None) -> StepTerms:
    return StepTerms(
        key=step.key,
        title=step.title,
        group=around.key if around is not None else "",
        quorum=Quorum(step.need.kind, 0 if step.need.kind in ("any", "all") else step.need.amount),
        comment=step.comment,  # type: ignore[arg-type]
        overdue=step.overdue,  # type: ignore[arg-type]
    )


def covered_fields(form: Form, action: Action) -> tuple[str, ...]:
    """Return the fields that are agreed to: those the author names, else what the steps, the guard and the rules of the
    action read of the record. What moves by itself is agreed to by what of the record it is worked out from.
    """
    named = [(key,) for key in action.approves] if action.approves is not None else _read_for(form, action)
    waiting: list[Path] = [*named]
    found: dict[str, None] = {}
    for path in waiting:  # grows on the way
        field = form.fields.get(path[0])
        if field is None or path[0] in found:
            continue
        found[path[0]] = None
        if field.live and field.compute is not None:
            waiting += field.compute.reads
    return tuple(key for key, field in form.fields.items() if key in found and not field.live)


def agreed_values(form: Form, action: Action, data: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return the value of each field that is agreed to as a record has it; of what is hidden nothing, and of lines what
    does not move by itself.
    """
    return {
        key: None if key in hidden else _agreed(form.fields[key], data.get(key)) for key in covered_fields(form, action)
    }


def _agreed(field: Field, value: Any) -> Any:
    moving = {key for key, column in field.columns.items() if column.live}
    if not moving or not isinstance(value, list):
        return value
    return [{key: cell for key, cell in line.items() if key not in moving} for line in value]


def _read_for(form: Form, action: Action) -> Iterator[Path]:
    """Yield what is read to decide who must agree to an action, and whether it may be done."""
    approval = approval_of(form, action)
    if approval is not None:
        yield from (path for formula in approval_formulas(approval) for path in formula.reads)
    if action.when is not None:
        yield from action.when.reads
    for rule in rules_at(form.rules, DecisionPoint("request", action.key)):
        yield from (path for formula in rule_formulas(rule) for path in formula.reads)


# Facts ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactsReader:
    """Reads what is the case of one record for one of its approvals."""

    unit: Unit
    work: Work
    action: Action
    approval: Approval
    #: Who asked for it.
    requester: str

    def facts(self, course: Course | None, others: Iterable[str], obstacle: Sentence | None = None) -> ApprovalFacts:
        """Return the facts. *others*: people that the act names, beside those of the course and of the steps."""
        answers = self.answers()
        names = {self.requester, self.unit.actor.user, *others}
        names.update(nominee.user for answer in answers.values() for nominee in answer.nominees)
        if course is not None:
            names.update(_named_in(course))
        return ApprovalFacts(
            values=self.values(),
            answers=answers,
            people=self._people(names - {""}),
            place=self.place(),
            obstacle=obstacle,
            titles={
                key: self.work.process.form.fields[key].title
                for key in covered_fields(self.work.process.form, self.action)
            },
            today=self.today,
        )

    def values(self) -> Mapping[str, Any]:
        """Return the value of each field that is agreed to as the record has it; of what is hidden nothing."""
        record = self.work.record
        return agreed_values(self.work.process.form, self.action, record.data, record.hidden)

    def place(self) -> RecordPlace:
        """Return where the record stands, seen from the action."""
        form, state, action = self.work.process.form, self.work.record.state or "", self.action
        if state == action.during:
            return "during"
        if state in action.targets:
            return "closed" if form.states[state].final or state == action.approves_until else "to"
        if state == action.rejected:
            return "rejected"
        if state in ((action.returned,) if action.returned is not None else action.sources):
            return "returned"
        held = form.states.get(state)
        return "closed" if held is None or held.final or state in _closed_states(form, action) else "later"

    @property
    def asked_in(self) -> str | None:
        """Return the state in which people decide: that of the approval, unless the record stays where it has gone."""
        return self.work.record.state if self.place() in ("later", "closed") else self.action.during

    # What steps answer ------------------------------------------------------------------------------------------------

    def answers(self) -> dict[str, StepAnswer]:
        """Return what each step would ask now."""
        found: dict[str, StepAnswer] = {}
        for step in self.approval.steps.values():
            applies = self._applies(step)
            for inner in step.together.values() if step.together else (step,):
                is_asked = applies and (inner is step or self._applies(inner))
                found[inner.key] = self._answer(inner) if is_asked else StepAnswer(applies=False)
        return found

    def _applies(self, step: ApprovalStep) -> bool:
        return step.when is None or self._value(step.when) is True

    def _answer(self, step: ApprovalStep) -> StepAnswer:
        nominees: list[Nominee] = []
        grounds: list[str] = []
        for approver in step.approvers:
            for ground, users in self._asked(approver):
                grounds.append(f"{ground.kind}:{ground.name}*{approver.weight}")
                if ground.kind != "role":
                    grounds.append(",".join(users))
                nominees += [Nominee(user, ground, approver.weight) for user in users]
        return StepAnswer(nominees=tuple(nominees), grounds=";".join(grounds), due=self.due(step))

    def _asked(self, approver: Approver) -> Iterator[tuple[SeatGround, list[str]]]:
        """Yield why people are asked, with them."""
        record = self.work.record
        standing = {"owner": record.owner, "assignee": record.assignee}
        for name in sorted(approver.who.names):
            if name in standing:
                user = standing[name]
                yield SeatGround("field", name), [user] if user else []
            else:
                yield SeatGround("role", name), self._holders(name)
        for formula in approver.who.formulas:
            yield from self._given(formula)

    def _given(self, formula: Formula) -> Iterator[tuple[SeatGround, list[str]]]:
        value = self._value(formula)
        people: list[str] = []
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Reference):
                people.append(item.id)
            elif isinstance(item, str) and item in self.work.process.blueprint.roles:
                yield SeatGround("role", item), self._holders(item)
        yield self._ground(formula), list(dict.fromkeys(people))

    def _ground(self, formula: Formula) -> SeatGround:
        """Return why a formula's people are asked: the field it is, the table it asks, or the formula."""
        name = formula.text.strip()
        if name in self.work.process.form.fields:
            return SeatGround("field", name)
        tables = sorted(formula.checked.calls & self.work.process.blueprint.tables.keys())
        return SeatGround("table", tables[0]) if tables else SeatGround("formula")

    def _holders(self, role: str) -> list[str]:
        return self.unit.catalog.holders(self.work.process.blueprint, self.work.record, role)

    def _value(self, formula: Formula) -> Any:
        return formula.evaluate(self._names(formula), self.work.situation.moment)

    def _names(self, formula: Formula) -> Mapping[str, Any]:
        """Return what a formula of a step sees: as `user`, who asked."""
        names = self.work.situation.names_for(formula)
        if self.requester in ("", self.unit.actor.user):
            return names
        return {**names, "user": self.unit.linked.user(self.requester)}

    def due(self, step: ApprovalStep) -> datetime | None:
        """Return when a step is due that is asked now."""
        length = read_length(step.due) if step.due is not None else None
        if length is None:
            return None
        keys = tuple(self.work.process.blueprint.calendars)
        key = step.calendar or (keys[0] if len(keys) == 1 else None)
        calendar = self.unit.calendars(key) if key is not None else None
        if calendar is not None:
            return calendar.advance(self.unit.now, length)
        zone = self.unit.linked.moment.zone
        return None if length.is_working else advance_plainly(self.unit.now, length, zone)

    # People -----------------------------------------------------------------------------------------------------------

    def _people(self, names: Set[str]) -> dict[str, PersonFacts]:
        """Return what matters of people, and of those who may decide in their place."""
        found = self._several(names)
        beside = {other for each in found.values() for other in (*each.substitutes, each.superior) if other}
        return {**found, **self._several(beside - found.keys())}

    def _several(self, names: Set[str]) -> dict[str, PersonFacts]:
        known, reading = self.unit.others, self.unit.linked.reading
        self.unit.linked.load_people(names)
        wanted = set(filter(could_be_id, names)) - known.keys() - {self.unit.actor.user}
        known.update(load_actors(reading, self.unit.actor.organisation, wanted))
        return {user: self.person(user) for user in sorted(names)}

    def person(self, user: str) -> PersonFacts:
        """Return what matters of a person."""
        actor = self._actor(user)
        if actor is None:
            known = self.unit.linked.person(user)
            return PersonFacts(known.name if known is not None else user, active=False, sees=False)
        permit = permit_of(self.unit, self.work, actor, self.asked_in)
        manages = permit.may("administer") or actor.may_administer(self.work.record.workspace)
        away = self.unit.directory().stand_in(user, self.work.process.blueprint.key, self.today)
        return PersonFacts(
            actor.name,
            sees=permit.may("view"),
            manages=manages,
            superior=self._superior(user),
            away_until=away.until if away is not None else None,
            substitutes=(away.user,) if away is not None and away.user is not None else (),
        )

    def _superior(self, user: str) -> str | None:
        """Return who heads the department of a person, or the next one up that they do not head themselves."""
        known = self.unit.linked.person(user)
        department = known.department if known is not None else None
        return self.unit.directory().head(department, apart_from=(user,)).user if department is not None else None

    @property
    def today(self) -> date:
        """Return the day where the record is."""
        return self.unit.now.astimezone(self.unit.linked.moment.zone).date()

    def _actor(self, user: str) -> Actor | None:
        if user == self.unit.actor.user:
            return self.unit.actor
        return self.unit.others.get(user)


def _named_in(course: Course) -> Iterator[str]:
    """Yield everybody whom a course names."""
    yield course.requester
    for run in course.steps:
        for seat in run.seats:
            yield seat.user
            yield from seat.former
            yield from (deputy.user for deputy in seat.deputies)
            yield from (vote.by for vote in (seat.vote, seat.earlier) if vote is not None)
        for question in run.questions:
            yield from (question.by, question.to)


def _closed_states(form: Form, action: Action) -> Collection[str]:
    """Return the states from `approves_until` on."""
    if action.approves_until is None:
        return ()
    steps = [step for each in form.actions.values() for step in each.steps_between()]
    found = [action.approves_until]
    before = {action.during, action.rejected, *action.sources, *action.targets} - {action.approves_until}
    for here in found:  # grows on the way
        found += dict.fromkeys(to for source, to in steps if source == here and to not in found and to not in before)
    return frozenset(found)
