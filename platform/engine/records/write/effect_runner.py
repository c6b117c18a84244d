"""The way of effects to the records of a command. They run in order, with the blueprint's authority.

Everything stays in the unit of work; nothing is written here. An effect that cannot be done refuses the whole command,
and the refusal says which record it stopped at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blankett.engine.effects import Effect
from blankett.engine.effects.base import Targeted
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import Fault, Value
from blankett.engine.language.model import DONE, LEFT_OUT, Action, Field, Formula, Setting, Template, Timer, Who
from blankett.engine.records.command import NEW_LINE, FieldProblem, Refusal
from blankett.engine.records.decisions import Decision, left_out
from blankett.engine.records.evaluation_context import LineScope
from blankett.engine.records.explain.condition_sentences import elsewhere
from blankett.engine.records.explain.filled_text import MayRead, fill_text
from blankett.engine.records.linked_form import form_behind, records_where
from blankett.engine.records.read.notices import readable_by, readable_by_all
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, UnsentLetter, refusal
from blankett.engine.records.write.execution_log import note_way
from blankett.engine.records.write.input import empty_values
from blankett.engine.store import QueryProblem, StoredRecord
from blankett.engine.trace import trace

#: The most records one `update` or `act` with a `where` may reach.
MOST_TARGETS = 200
#: The most records one `create` with `each` may make.
MOST_EACH = 200
#: The most addresses one `notify` may write to.
MOST_ADDRESSES = 200
#: The most records one command may touch.
MOST_WORKS = 1_000
#: How deep actions may set off actions on other records.
DEEPEST = 5

#: Takes an action on a record that effects reached; `actions.take` is handed in, since it runs effects in turn.
Take = Callable[[Unit, Work, str, Mapping[str, Any]], "Refusal | None"]


def run_effects(unit: Unit, work: Work, effects: Sequence[Effect], take: Take) -> Refusal | None:
    """Run *effects* of *work* in order; return the first refusal."""
    door = WriteDoor(unit, work, take)
    for effect in effects:
        refused = effect.run(door)
        if refused is not None:
            return refused
        if len(unit.works) > MOST_WORKS:
            return refusal("loop", "effect.too_many_records", limit=MOST_WORKS)
    return None


def run_effects_of(unit: Unit, work: Work, doer: Action | Timer, take: Take) -> Refusal | None:
    """Run the effects of an action or a timer whose conditions hold when their turn comes; return the first refusal."""
    for number, effect in enumerate(doer.effects, 1):
        if not _has_its_turn(work, doer, number, effect):
            continue
        refused = run_effects(unit, work, [effect], take)
        if refused is not None:
            return refused
    return None


def _has_its_turn(work: Work, doer: Action | Timer, number: int, effect: Effect) -> bool:
    """Tell whether an effect is done now; where it depends, note why with the record's event."""
    if effect.when is None:
        return True
    names, moment = work.situation.names, work.situation.moment
    is_done = effect.when.evaluate(names, moment) is True
    note_way(work.process.form, f"{doer.effect_way(number)}/{DONE if is_done else LEFT_OUT}")
    outcomes = effect.trace() if is_done else left_out(effect.trace())
    traced = trace(effect.when, names, moment).to_json()
    line = effect.when.place.line
    decision = Decision("effect", doer.key, doer.key, outcomes, work.process.version, line, traced)
    work.decisions.append(decision)
    return is_done


@dataclass(frozen=True)
class WriteDoor:
    """What effects of one record may do, as `blankett.engine.effects.base.Door` says."""

    unit: Unit
    work: Work
    take: Take

    def set(self, values: Mapping[str, Setting]) -> Refusal | None:
        """Give fields of this record new values."""
        problems = set_values(self.unit, self.work, values, self.work.situation.names)
        return self._refused(self.work, problems + self.work.derive())

    def create(self, form: str, values: Mapping[str, Setting], link: str | None) -> Refusal | None:
        """Make a record, and let *link* of this record point at it."""
        work = self.work
        new = self._make(form, values, work.situation.names)
        if isinstance(new, Refusal):
            return new
        if link is not None:
            _put(work, work.process.form.fields[link], new.id)
            return self._refused(work, work.derive())
        return None

    def create_each(
        self, form: str, each: str | Formula | None, values: Mapping[str, Setting], link: str | None
    ) -> Refusal | None:
        """Make a record for each line of a table, or each item of a list, and let *link* of the line point at it.

        A line that points at one already has its record, and gets no other.
        """
        work, table, column = self.work, *(link or ".").split(".")
        of = work.process.form.find((table, column)) if link else None
        items = [
            (item, line)
            for item, line in self._items(each)
            if of is None or line is None or line.values.get(of.key) is None
        ]
        if len(items) > MOST_EACH:
            return refusal("loop", "effect.too_many_each", limit=MOST_EACH, count=len(items))
        for item, line in items:
            new = self._make(form, values, {**work.situation.names, "that": item})
            if isinstance(new, Refusal):
                return new
            if of is not None and line is not None:
                work.situation.put(of, new.id, line)
                path = f"{line.table}/{line.id}/{of.key}"
                work.changes.changed.update((path, line.table))
                work.changes.typed.add(path)
        return self._refused(work, work.derive()) if of is not None and items else None

    def _items(self, each: str | Formula | None) -> list[tuple[Any, LineScope | None]]:
        """Return what a record is made for each of, with its line; of a table that is hidden, nothing."""
        situation = self.work.situation
        if isinstance(each, str):
            shown = situation.names.get(each) is not None
            return [(line.context, line) for line in situation.lines.get(each, ())] if shown else []
        found = each.compiled.evaluate(situation.names, self.unit.linked.moment) if each is not None else None
        return [(item, None) for item in found] if isinstance(found, list) else []

    def _make(self, form: str, values: Mapping[str, Setting], names: Mapping[str, Any]) -> Work | Refusal:
        """Make a record with values that *names* give."""
        unit, work = self.unit, self.work
        behind = form_behind(unit.catalog, work.process, form).form
        process = unit.catalog.newest_process(behind.name if behind is not None else form)
        new = unit.create(process, work.record.workspace, empty_values(process.form))
        problems = set_values(unit, new, values, names)
        if not unit.actor.user:
            new.update(owner=work.record.owner)
        unit.number(new, "create")
        problems += new.derive()
        return self._refused(new, problems) or new

    def update(self, target: Targeted, values: Mapping[str, Setting]) -> Refusal | None:
        """Give fields of other records new values."""
        unit, work = self.unit, self.work
        found = find_targets(unit, work, target)
        if isinstance(found, Refusal):
            return found
        for stored in found:
            other = unit.open(stored)
            names = {**work.situation.names, "that": unit.linked.reference(stored.id)}
            other.kinds.add("change")
            refused = self._refused(other, set_values(unit, other, values, names) + other.derive())
            if refused is not None:
                return refused
        return None

    def act(self, target: Targeted, action: str, inputs: Mapping[str, Setting]) -> Refusal | None:
        """Take an action on other records."""
        unit, work = self.unit, self.work
        found = find_targets(unit, work, target)
        if isinstance(found, Refusal):
            return found
        answers = {key: setting.evaluate(work.situation.names, unit.linked.moment) for key, setting in inputs.items()}
        if len(unit.under_way) >= DEEPEST:
            return refusal("loop", "effect.too_deep", key=action, limit=DEEPEST)
        for stored in found:
            if (stored.id, action) in unit.under_way:
                return refusal("loop", "effect.goes_round", key=action, title=stored.title)
            other = unit.open(stored)
            refused = self.take(unit, other, action, answers)
            if refused is not None:
                return self._at(other, refused)
        return None

    def assign(self, to: Setting) -> Refusal | None:
        """Hand the record to a person."""
        work = self.work
        found = to.evaluate(work.situation.names, self.unit.linked.moment)
        user = found.id if isinstance(found, Reference) else found
        if user is not None and (not isinstance(user, str) or self.unit.linked.person(user) is None):
            return refusal("invalid", "effect.no_such_user", value=str(user)[:80])
        work.update(assignee=user or None)
        if to.formula is not None:
            work.note_tables(to.formula, "assign", work.actions[-1] if work.actions else "")
        return None

    def notify(self, to: Who, message: str) -> Refusal | None:
        """Tell people."""
        unit, work = self.unit, self.work
        sent = work.process.blueprint.messages[message]
        for user in dict.fromkeys(self._recipients(to)):
            readable = readable_by(unit, work, user, sent)
            told = self._filled(sent.text, readable)
            unit.notices.append((user, work.id, message, told))
            if sent.body is not None:
                unit.letters.append(
                    UnsentLetter(work.id, message, told, self._filled(sent.body, readable), reader=user)
                )
        return None

    def start(self, timer: str) -> Refusal | None:
        """Let a timer of this record run from now on."""
        self.work.stopped.discard(timer)
        self.work.started.add(timer)
        return None

    def stop(self, timer: str) -> Refusal | None:
        """Let a timer of this record run no more."""
        self.work.started.discard(timer)
        self.work.stopped.add(timer)
        return None

    def write_to(self, address: Formula, language: Formula | None, message: str) -> Refusal | None:
        """Write to addresses. What is private is left out: nobody knows who reads there."""
        unit, work = self.unit, self.work
        names, moment = work.situation.names, unit.linked.moment
        given = address.compiled.evaluate(names, moment)
        addresses = dict.fromkeys(each for each in _listed(given) if isinstance(each, str) and each)
        if len(addresses) > MOST_ADDRESSES:
            return refusal("loop", "effect.too_many_addresses", limit=MOST_ADDRESSES, count=len(addresses))
        spoken = language.compiled.evaluate(names, moment) if language is not None else None
        sent = work.process.blueprint.messages[message]
        assert sent.body is not None, "checked when the blueprint was loaded"
        subject, body = (self._filled(each, readable_by_all(unit, work)) for each in (sent.text, sent.body))
        spoken_there = spoken if isinstance(spoken, str) else ""
        for each in addresses:
            unit.letters.append(UnsentLetter(work.id, message, subject, body, address=each, language=spoken_there))
        return None

    def _filled(self, text: Template, readable: MayRead) -> str:
        """Return a text of this record as it is kept, without what *readable* closes."""
        work = self.work
        return fill_text(text, work.situation, readable).to_text(work.process.form.kept_name, work.process.version)

    def _recipients(self, to: Who) -> list[str]:
        unit, work = self.unit, self.work
        own = {"owner": work.record.owner, "assignee": work.record.assignee}
        found: list[Any] = [own[name] for name in sorted(to.names) if name in own]
        for role in sorted(to.names - own.keys()):
            found += unit.catalog.holders(work.process.blueprint, work.record, role)
        for people in to.formulas:
            given = people.compiled.evaluate(work.situation.names, unit.linked.moment)
            found += _listed(given)
        named = [item.id if isinstance(item, Reference) else item for item in found]
        ids = [id for id in named if isinstance(id, str)]
        unit.linked.load_people(ids)
        return [id for id in ids if unit.linked.person(id) is not None]

    def _refused(self, target: Work, problems: list[FieldProblem]) -> Refusal | None:
        if not problems:
            return None
        found = Refusal("invalid", tuple(problems))
        return found if target is self.work else self._at(target, found)

    def _at(self, target: Work, refused: Refusal) -> Refusal:
        """Return the refusal of another record as one of this command."""
        if target is self.work:
            return refused
        title = target.record.title
        return Refusal(refused.kind, tuple(elsewhere(problem, title) for problem in refused.problems))


def _listed(given: object) -> list[Any]:
    """Return what a formula gives as a list: a single value is one of one."""
    return given if isinstance(given, list) else [given]


def find_targets(unit: Unit, work: Work, target: Targeted) -> list[StoredRecord] | Refusal:
    """Return the records an effect reaches: the one a link names, or all of a form for which `where` holds; else the
    record itself.
    """
    if target.is_own:
        return [work.record]
    if target.link is not None:
        id = work.situation.values.get(target.link)
        stored = unit.linked.record(id) if isinstance(id, str) else None
        return [] if stored is None else [stored]
    form = str(target.form)
    behind = form_behind(unit.catalog, work.process, form)
    if behind.form is None:
        return refusal("invalid", "refusal.no_form", form=form)
    names = {"this": work.situation.this, "user": unit.user, "inputs": work.situation.names["inputs"]}
    found = records_where(unit.catalog, behind, target.where, names, unit.linked.moment, MOST_TARGETS + 1)
    if isinstance(found, QueryProblem):
        return refusal("invalid", found.message, **found.params)
    if len(found) > MOST_TARGETS:
        return refusal("loop", "effect.too_many_records", limit=MOST_TARGETS)
    return [unit.linked.note(stored) for stored in found]


def set_values(unit: Unit, work: Work, values: Mapping[str, Setting], names: Mapping[str, Any]) -> list[FieldProblem]:
    """Give fields of *work* the values that *names* (this record's, or another's) give; return what could not be
    stored.
    """
    problems: list[FieldProblem] = []
    found = {key: setting.evaluate(names, unit.linked.moment) for key, setting in values.items()}
    if names is work.situation.names:
        for key, setting in values.items():
            if setting.formula is not None:
                work.note_tables(setting.formula, f"set {key}", work.actions[-1] if work.actions else "")
    for key, value in found.items():
        field = work.process.form.fields.get(key)
        if field is None or not field.is_typed:
            # The target may be pinned to a version that lacks the field.
            problems.append(FieldProblem((key,), "effect.no_field", {"field": key}, key))
            continue
        taken = field.type.from_formula(value, field, work.situation.moment.zone, work.situation.currency_at(field))
        if isinstance(taken, Fault):
            problems.append(FieldProblem((key,), taken.message, taken.params, key, field.place))
        else:
            _put(work, field, _with_ids(unit, work, field, taken))
    return problems


def _with_ids(unit: Unit, work: Work, field: Field, value: Value) -> Value:
    """Give the lines a formula made ids: those that come from lines of this table stay what they are."""
    if not isinstance(value, list):
        return value
    free = {
        str(line["id"]).removeprefix(NEW_LINE): str(line["id"]) for line in work.situation.values.get(field.key) or ()
    }
    for line in value:
        known = free.pop(str(line.get("id")), None)
        line["id"] = known or NEW_LINE + unit.new_id()
        if known is None:
            work.changes.new_lines.add(str(line["id"]))
        given = (key for key in field.columns if line.get(key) is not None)
        work.changes.typed.update(f"{field.key}/{line['id']}/{key}" for key in given)
    return value


def _put(work: Work, field: Field, value: Value) -> None:
    if work.situation.values.get(field.key) != value:
        work.changes.changed.add(field.key)
        work.situation.put(field, value)
    work.changes.typed.add(field.key)
