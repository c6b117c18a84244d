"""A record's history as somebody may see it: events laid over each other, so that each shows what it changed.

Values are those of then; titles and masks are of now. What the reader may not see is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blankett.engine.fields.reader import Reader, shown_field
from blankett.engine.language.model import Field, Form
from blankett.engine.records.compiled_form import Process, currency_source
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.link_loader import Linked
from blankett.engine.records.matched_lines import match_lines
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.results import (
    ActionTaken,
    ApprovalActTold,
    StateView,
    Target,
    TimelineEntry,
    ValueChange,
)
from blankett.engine.sentences import Told, sentence
from blankett.engine.store import StoredEvent, StoredRecord
from blankett.engine.store.events import replay
from blankett.engine.workflow.act import LogEntry

#: The newest so many events are shown.
MOST_EVENTS = 200


class History:
    """Reads the events of one record for one reader."""

    def __init__(self, process: Process, current: CurrentForm, permit: Permit, linked: Linked, reader: Reader) -> None:
        self.process = process
        self.form = process.form
        self.current = current
        self.permit = permit
        self.linked = linked
        self.reader = reader

    def entries(self, events: Sequence[StoredEvent], revision: int) -> tuple[TimelineEntry, ...]:
        """Return what *events*, oldest first, tell of a record that has *revision* now; the newest entry first.

        Whom and what they name was loaded.
        """
        values: dict[str, Any] = {}
        entries = []
        at_revision = revision - sum(event.raises_revision for event in events)
        for event in events:
            at_revision += event.raises_revision
            data = event.payload.get("data")
            changes: tuple[ValueChange, ...] = ()
            if isinstance(data, Mapping):
                if event.sequence > 1 or event.kind != "create":
                    changes = tuple(self._changes(values, data, self._typed(event)))
                values.update(data)
            entries.append(self._entry(event, changes, values, at_revision))
        return tuple(reversed(entries))

    def move(self, event: StoredEvent) -> TimelineEntry:
        """Return what *event* tells that led the record into its state; what it changed besides is left out."""
        self.load((event,))
        action = self.form.actions.get(event.action or "")
        asked = action.ask.values() if action is not None else ()
        values: Mapping[str, Any] = {}
        if any(currency_source(field) is not None for field in asked):
            # Amounts are told in the currency that the record said then.
            before = self.linked.reading.events(event.organisation, event.record, event.sequence + 1)
            values = replay(reversed(before)).data
        return self._entry(event, (), values, 0)

    def load(self, events: Sequence[StoredEvent], stored: StoredRecord | None = None) -> None:
        """Load every record and person that *events* name, and those of the record as it is *stored*: one query for
        each of both.
        """
        datas = [data for event in events if isinstance(data := event.payload.get("data"), dict)]
        people = {event.actor for event in events}
        if stored is not None:
            datas.append(dict(stored.data))
            people.update(id for id in (stored.owner, stored.assignee, stored.created_by) if id)
        causes = {event.cause.partition("/")[0] for event in events if event.cause}
        self.linked.load_named(self.process, datas, causes, people)

    def _entry(
        self, event: StoredEvent, changes: tuple[ValueChange, ...], values: Mapping[str, Any], revision: int
    ) -> TimelineEntry:
        payload, state = event.payload, state_of(event)
        comment = payload.get("comment")
        return TimelineEntry(
            sequence=event.sequence,
            at=event.at,
            user=self.person(event.actor) if event.kind != "timer" else self._timer(payload.get("timer")),
            kind=event.kind,
            version=event.version,
            actions=tuple(self._actions_taken(payload.get("actions"))),
            changes=changes,
            comment=comment if isinstance(comment, str) else None,
            inputs=tuple(self._inputs(event, values)),
            internal_inputs=frozenset(self._internal_inputs(event)),
            state=self.state(state) if state is not None else None,
            cause=self._cause(event.cause),
            is_erased=event.erased,
            has_decisions=bool(payload.get("decisions")),
            approval_acts=tuple(self._approval_acts(payload.get("approvals"))),
            revision=revision if event.raises_revision else 0,
        )

    def person(self, id: str) -> Target:
        """Return a person with their name, or their id when they are gone."""
        found = self.linked.person(id)
        return Target(id, found.name if found else id)

    def _timer(self, told: Any) -> Target:
        """Return a timer in place of the person who does something; its key where no version has it any more."""
        key = str(told.get("key", "")) if isinstance(told, Mapping) else ""
        newest = self.current.newest
        found = (newest.timers.get(key) if newest is not None else None) or self.form.timers.get(key)
        return Target("", found.title.say(self.reader.language) if found is not None else key)

    def state(self, key: str) -> StateView:
        """Return a state in words; the key itself for one that no version has."""
        return state_view(self.current, self.form, key, self.reader.language)

    def _cause(self, cause: str) -> Target | None:
        if not cause:
            return None
        stored = self.linked.record(cause.partition("/")[0])
        return Target(stored.id, stored.title, stored.form_name) if stored else None

    def _actions_taken(self, keys: Any) -> Iterator[ActionTaken]:
        for key in keys if isinstance(keys, list) else ():
            action = self.form.actions.get(key)
            described = self.current.action(action)[1] if action is not None else None
            if described is None:
                yield ActionTaken(key)
            else:
                done = described.done.say(self.reader.language) if described.done else None
                yield ActionTaken(described.title.say(self.reader.language), done)

    def _approval_acts(self, log: Any) -> Iterator[ApprovalActTold]:
        """Yield what was done about approvals: of changes only that they opened one again."""
        for raw in log if isinstance(log, list) else ():
            entry = LogEntry.from_json(raw)
            opens_again = entry.verb == "change" and any(what == "opened" for what, *_ in entry.happened)
            if entry.verb in ("start", "people_changed", "migrate") or (entry.verb == "change" and not opens_again):
                continue
            behalf = self.person(entry.behalf).title if entry.behalf else ""
            verb = "reopen" if opens_again else entry.verb
            yield ApprovalActTold(verb, self._step_title(raw.get("action"), entry.step), entry.comment, behalf)

    def _step_title(self, action: Any, key: str) -> str:
        asking = self.form.actions.get(str(action))
        approval = self.form.approvals.get(asking.approval or "") if asking is not None else None
        steps = approval.asked_steps() if approval is not None else ()
        return next((step.title.say(self.reader.language) for step, _ in steps if step.key == key), "")

    def _typed(self, event: StoredEvent) -> frozenset[str]:
        """Return the fields and columns ("note", "lines/price") that the person of the event changed themselves.

        Events of before it was kept do not say: what is never typed is left out then.
        """
        typed = event.payload.get("typed")
        if isinstance(typed, list):
            return frozenset(map(str, typed))
        if event.kind == "migrate":
            return frozenset()
        return frozenset(
            "/".join(of.path) for of in self.form.every_field() if of.is_typed and of.editable is not False
        )

    def _inputs(self, event: StoredEvent, values: Mapping[str, Any]) -> Iterator[tuple[str, Told]]:
        handed = event.payload.get("handover")
        if isinstance(handed, list) and len(handed) == 2:
            old, new = (self.person(str(user)).title for user in handed)
            yield "", sentence("record.handed_over", old=old, new=new)
        inputs = event.payload.get("inputs")
        action = self.form.actions.get(event.action or "")
        if not isinstance(inputs, dict) or action is None:
            return
        for key, stored in inputs.items():
            field = action.ask.get(key)
            if field is not None and self.permit.can_read_input(field):
                names = inputs if isinstance(field.currency, tuple) and field.currency[0] == "inputs" else values
                yield field.title.say(self.reader.language), self.words(field, stored, names)

    def _internal_inputs(self, event: StoredEvent) -> Iterator[str]:
        """Yield the titles of what the action asked that is for the house alone."""
        action = self.form.actions.get(event.action or "")
        for field in action.ask.values() if action is not None else ():
            if self.form.is_internal(field):
                yield field.title.say(self.reader.language)

    # Values -----------------------------------------------------------------------------------------------------------

    def words(
        self, field: Field, stored: Any, values: Mapping[str, Any], line: Mapping[str, Any] | None = None
    ) -> Told:
        """Return a stored value as people read it. *values*: the stored record, and the *line*, that say in what
        currency.
        """
        if stored is None:
            return ""
        if field.type.points_to == "person":
            return self.person(str(stored)).title
        if field.type.points_to is not None:
            title = self.linked.title_of(field.type.points_to, str(stored))
            return title if title is not None else sentence("record.discarded_link")
        source = currency_source(field)
        currency = source.of_stored(values, line) if source is not None else None
        value = field.type.from_stored(stored, field)
        return shown_field(field, value, self.reader, currency, empty="")

    def _changes(
        self, before: Mapping[str, Any], now: Mapping[str, Any], typed: frozenset[str]
    ) -> Iterator[ValueChange]:
        after = {**before, **now}
        for key in self.form.fields:
            field = self.form.fields[key]
            # A live value that is stored no longer is worked out again: nothing became empty.
            if key not in now or not self.permit.can_read((key,)) or (field.live and now[key] is None):
                continue
            title = self.current.field(field).title.say(self.reader.language)
            if field.columns:
                yield from self._line_changes(field, title, before, after, typed)
            elif before.get(key) != now[key]:
                shown = self.current.field(field)
                was, becomes = self.words(shown, before.get(key), before), self.words(shown, now[key], after)
                is_internal = self.form.is_internal(shown)
                yield ValueChange(title, was, becomes, is_typed=key in typed, is_internal=is_internal)

    def _line_changes(
        self, table: Field, title: str, before: Mapping[str, Any], after: Mapping[str, Any], typed: frozenset[str]
    ) -> Iterator[ValueChange]:
        are_typed = table.key in typed
        for each in match_lines(before.get(table.key), after[table.key]):
            number, line = each.number, each.now
            if each.came or each.went:
                yield ValueChange(title, "", "", number, "came" if each.came else "went", are_typed)
                continue
            for key, column in table.columns.items():
                was, become = each.before.get(key), line.get(key)
                if column.live and become is None:
                    continue
                if was != become and self.permit.can_read((table.key, key)):
                    shown = self.current.field(column)
                    yield ValueChange(
                        f"{title} / {shown.title.say(self.reader.language)}",
                        self.words(column, was, before, each.before),
                        self.words(column, become, after, line),
                        number,
                        is_typed=f"{table.key}/{key}" in typed,
                        is_internal=self.form.is_internal(shown),
                    )


def state_view(current: CurrentForm, form: Form, key: str, language: str) -> StateView:
    """Return a state in words; the key itself for one that the form does not have."""
    state = form.states.get(key)
    if state is None:
        return StateView(key, key, "work")
    return StateView(key, current.state_title(state).say(language), state.kind)


def travelled(events: Sequence[StoredEvent]) -> tuple[str, ...]:
    """Return the states that *events*, oldest first, led through."""
    return tuple(state for state in map(state_of, events) if state is not None)


def state_of(event: StoredEvent) -> str | None:
    """Return the state that *event* led into; None for one that led into none."""
    record = event.payload.get("record")
    state = record.get("state") if isinstance(record, dict) else None
    return state if isinstance(state, str) else None
