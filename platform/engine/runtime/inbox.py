"""What waits for somebody: records in a state that they could move on, the longest waiting first."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime

from blankett.engine.access import FormAccess
from blankett.engine.blueprint.model import Action, Form
from blankett.engine.feel import Moment
from blankett.engine.feel.sql import Condition
from blankett.engine.runtime.opening import is_open, look_at
from blankett.engine.runtime.permits import form_access_for
from blankett.engine.runtime.process import Process
from blankett.engine.runtime.timeline import state_view
from blankett.engine.runtime.views import StateView
from blankett.engine.runtime.work import Unit
from blankett.engine.store import Filter, Query, QueryProblem, StoredRecord
from blankett.engine.store.columns import FormColumns

#: Of each form, the longest waiting so many records are looked at.
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A record that waits for somebody, and what they could do with it."""

    id: str
    blueprint: str
    form: str
    form_title: str
    title: str
    number: str | None
    state: StateView | None
    #: When it was last changed: how long it has been waiting.
    since: datetime
    #: (key, title) of the actions open to them, in the author's order.
    actions: tuple[tuple[str, str], ...]
    #: Whether it was handed to them by name.
    is_assigned: bool


@dataclass(frozen=True)
class ActAccess:
    """The records an actor may take one of some actions on, as a query sees them."""

    access: FormAccess
    actions: tuple[str, ...]

    @property
    def plan_key(self) -> Hashable | None:
        """Return what two of them with the same conditions share; None where the conditions change with time."""
        key = self.access.plan_key
        return None if key is None else (key, self.actions)

    def scope(self, verb: str, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of the records, as far as SQL can tell."""
        return self.access.act_scope(self.actions, columns, moment)

    def opens(self, path: tuple[str, ...], columns: FormColumns, moment: Moment) -> Condition:
        """Return where the actor may read the field at *path*."""
        return self.access.opens(path, columns, moment)


def inbox(unit: Unit, limit: int) -> tuple[InboxItem, ...]:
    """Return at most *limit* records that the actor could move on now, the longest waiting first."""
    found = [item for process in _processes(unit) for item in _waiting(unit, process, limit)]
    return tuple(sorted(found, key=lambda item: (item.since, item.id))[:limit])


def moves_on(form: Form, action: Action) -> bool:
    """Tell whether *action* is what a record waits for: it leads to another state, and does not break off."""
    target = form.states.get(action.to or "")
    return target is not None and not target.stopped


def _processes(unit: Unit) -> Iterator[Process]:
    for key, version in unit.catalog.newest.items():
        for form in unit.catalog.blueprint(key, version).forms.values():
            if form.actions and not form.retired:
                yield unit.catalog.process(key, version, form.key)


def _waiting(unit: Unit, process: Process, limit: int) -> Iterator[InboxItem]:
    form = process.form
    wanted = tuple(action.key for action in form.actions.values() if moves_on(form, action))
    states = tuple({state for key in wanted for state in form.actions[key].sources})
    if not wanted:
        return
    unit.locate(unit.catalog.home_of(process))
    page = unit.linked.reading.page(
        Query(
            organisation=unit.actor.organisation,
            form=form,
            slots=unit.catalog.slots(form),
            states=unit.catalog.former_states(form),
            access=ActAccess(form_access_for(unit, unit.catalog.current(process)), wanted),
            moment=unit.linked.moment,
            filters=(Filter(("record", "state"), "in", states),),
            sort=((("record", "changed_at"), False),),
            limit=MOST_LOOKED_AT,
        )
    )
    if isinstance(page, QueryProblem):
        raise RuntimeError(f"the inbox of {form.name} cannot be asked: {page.message} {page.params}")
    _load_links(unit, page.records)
    count = 0
    for stored in page.records:
        item = _item(unit, stored)
        if item is not None:
            count += 1
            yield item
        if count >= limit:
            return


def _load_links(unit: Unit, records: tuple[StoredRecord, ...]) -> None:
    """Load what the guards of all records read, together."""
    by_process: dict[int, tuple[Process, list[StoredRecord]]] = {}
    for stored in records:
        process = unit.catalog.process_of(stored)
        by_process.setdefault(id(process), (process, []))[1].append(stored)
    for process, members in by_process.values():
        unit.linked.load_paths(process, *(stored.data for stored in members))


def _item(unit: Unit, stored: StoredRecord) -> InboxItem | None:
    process = unit.catalog.process_of(stored)
    look = look_at(unit, unit.linked.note(stored), live=process.guards_read_live)
    if look is None:
        return None
    form, language = look.process.form, unit.actor.language
    actions = [action for action in form.actions_from(stored.state) if is_open(look, action, counts=False)]
    if not any(moves_on(form, action) for action in actions):
        return None
    return InboxItem(
        id=stored.id,
        blueprint=stored.blueprint,
        form=stored.form,
        form_title=look.current.title().say(language),
        title=stored.title,
        number=stored.number,
        state=state_view(look.current, form, stored.state, language) if stored.state else None,
        since=stored.changed_at,
        actions=tuple((action.key, look.current.action(action)[1].title.say(language)) for action in actions),
        is_assigned=stored.assignee == unit.actor.user,
    )
