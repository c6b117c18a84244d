"""Discarding a record that never left its start state: whether it may be, what it leaves behind, who is told.

The record goes from every list, with its links, unique values and notices. Its history stays, emptied: who did what
when, chained as before, with an event at the end that says who threw it away. Nothing brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blankett.engine.records.command import Receipt, Refusal
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.link_loader import could_be_id
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.sentences import Joined, sentence
from blankett.engine.store import NewEvent, StoredEvent, StoredRecord, Writing, edges_of
from blankett.engine.store.timers import drop_timers_of
from blankett.engine.store.unique_values import unique_values

#: Records that point to it, looked at to say so.
MOST_POINTING = 100
#: Of these named.
MOST_NAMED = 5
#: Of its record an event of this kind keeps where it was and whose, so that those who could see it are told what became
#: of it; none of its values.
KEPT = ("blueprint", "form", "version", "workspace", "state", "owner", "assignee")


@dataclass(frozen=True)
class Discarded:
    """A record that is gone: who threw it away, and when."""

    user: str
    name: str
    at: datetime
    blueprint: str
    form: str


def may_discard(permit: Permit, stored: StoredRecord, events: Iterable[StoredEvent]) -> bool:
    """Tell whether the reader is offered to discard a record: they may, it is a draft that went nowhere, and its number
    leaves no gap. What points to it is told when they do.
    """
    is_draft = _is_in_start(permit.process, stored) and not _has_left(events)
    return permit.may("delete") and is_draft and not _has_gapless_number(permit, stored)


def discard_refusal(unit: Unit, work: Work) -> Refusal | None:
    """Return why the actor cannot discard a record, or None."""
    stored, permit = work.record, work.permit_before
    assert permit is not None
    if not permit.may("delete"):
        return refusal("forbidden", "refusal.may_not_discard")
    if _has_gapless_number(permit, stored):
        return refusal("state", "refusal.discard_numbered", number=stored.number)
    events = unit.linked.reading.events(stored.organisation, stored.id)
    start = work.process.form.start
    if start is not None and (not _is_in_start(work.process, stored) or _has_left(events)):
        return refusal("state", "refusal.discard_left", state=permit.current.state_title(start))
    return _pointed_at(unit, stored)


def discard(writing: Writing, unit: Unit, work: Work) -> bool:
    """Take a record away and leave its emptied history, once nothing keeps it; False where somebody was quicker and
    points to it now: the transaction is to be given up.
    """
    stored, form = work.record, work.process.form
    organisation, id = stored.organisation, stored.id
    writing.put_edges(organisation, id, (), edges_of(form, stored.data))
    writing.put_unique(organisation, form.kept_name, id, {}, unique_values(form, stored.data, stored.hidden))
    for event in writing.events(organisation, id):
        if not event.erased:
            writing.erase_event(organisation, id, event.sequence)
    writing.append_event(
        NewEvent(
            organisation=organisation,
            record=id,
            at=unit.now,
            actor=unit.actor.user,
            kind="discard",
            version=stored.version,
            payload={"discarded": {"revision": stored.revision, **{name: getattr(stored, name) for name in KEPT}}},
        )
    )
    writing.rewrite_receipts(organisation, id, _emptied)
    writing.forget_notices(organisation, id)
    writing.forget_letters(organisation, id)
    drop_timers_of(writing, organisation, id)
    writing.forget_approvals(organisation, id)
    writing.delete_record(organisation, id)
    # Where several write at once, somebody may have pointed to it until it was locked for good.
    return not set(writing.pointing_at(organisation, id, 2)) - {id}


def discard_receipt(work: Work) -> Receipt:
    """Return the receipt of a record that is gone; it says nothing of its values."""
    stored, form = work.record, work.process.form
    return Receipt(stored.id, stored.blueprint, form.key, stored.revision, None, None, "", events=("discard",))


def discarded(unit: Unit, id: str) -> Discarded | None:
    """Return who discarded the record with an id, for somebody who could see it; None for everybody else."""
    organisation = unit.actor.organisation
    found = unit.linked.reading.events(organisation, id, limit=1) if could_be_id(id) else ()
    last = next(iter(found), None)
    if last is None or last.kind != "discard" or not _could_see(unit, last):
        return None
    person = unit.linked.person(last.actor)
    stored = _as_it_was(last)
    form = unit.catalog.form_now(stored).key
    return Discarded(last.actor, person.name if person else last.actor, last.at, stored.blueprint, form)


def _could_see(unit: Unit, event: StoredEvent) -> bool:
    if event.actor == unit.actor.user:
        return True
    stored = _as_it_was(event)
    process = unit.catalog.find_process(stored.blueprint, stored.version, stored.form)
    return process is not None and stored_permit(unit, process, stored).may("view")


def _as_it_was(event: StoredEvent) -> StoredRecord:
    kept: Any = event.payload["discarded"]
    return StoredRecord(
        organisation=event.organisation, id=event.record, created_at=event.at, created_by=event.actor,
        changed_at=event.at, **{name: kept[name] for name in KEPT},
    )  # fmt: skip


# What keeps a record --------------------------------------------------------------------------------------------------


def _has_gapless_number(permit: Permit, stored: StoredRecord) -> bool:
    """Tell whether a record has a number of a series without gaps, by its own version or by the newest."""
    forms = (permit.process.form, permit.current.newest)
    policies = {form.number.policy for form in forms if form is not None and form.number is not None}
    return stored.number is not None and policies != {"fast"}


def _is_in_start(process: Process, stored: StoredRecord) -> bool:
    start = process.form.start
    return start is None or stored.state == start.key


def _has_left(events: Iterable[StoredEvent]) -> bool:
    """Tell whether a record has been in another state than the one it began in; of an erased action nobody knows."""
    return any(_moves(event) for event in events if event.kind not in ("create", "migrate"))


def _moves(event: StoredEvent) -> bool:
    told = event.payload.get("record")
    return (event.erased and event.action is not None) or (isinstance(told, dict) and "state" in told)


def _pointed_at(unit: Unit, stored: StoredRecord) -> Refusal | None:
    """Refuse to leave links that lead nowhere: name the records that point to it, as far as the actor may see them."""
    neighbours = unit.linked.reading.edges_to(stored.organisation, stored.id, MOST_POINTING)
    pointing = {found.record.id: found for found in neighbours if found.record.id != stored.id}
    if not pointing:
        return None
    named = [_name(unit, found.record, found.path) for found in pointing.values()]
    seen: list[object] = list([name for name in named if name is not None][:MOST_NAMED])
    if len(pointing) > len(seen):
        seen.append(sentence("refusal.discard_unnamed", count=len(pointing) - len(seen)))
    return refusal("invalid", "refusal.discard_linked", titles=tuple(seen), count=len(pointing))


def _name(unit: Unit, other: StoredRecord, path: str) -> Joined | None:
    """Return the title of a record with the field that points, when the actor may see both."""
    process = unit.catalog.process_of(other)
    permit = stored_permit(unit, process, other)
    steps = tuple(path.split("."))
    field = process.form.find(steps)
    if field is None or not permit.may("view") or not permit.can_read(steps):
        return None
    return Joined((other.title or other.number or other.id, " (", permit.current.field(field).title, ")"))


def _emptied(receipt: str) -> str:
    """Return what is left of the answer to somebody who made or changed the record: only that it was done."""
    told = Receipt.from_json(receipt)
    return Receipt(told.record, told.blueprint, told.form, told.revision, None, None, "", told.events).to_json()
