"""Put a unit of work into the store in one transaction: records, edges, unique values, events, notices, receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from blankett.engine.fields.reader import SentenceValue
from blankett.engine.language.model import Form, Words
from blankett.engine.records.command import Command, FieldProblem, Receipt, Refusal
from blankett.engine.records.decisions import stored_decisions
from blankett.engine.records.explain.filled_text import FilledText
from blankett.engine.records.record_access import stored_permit, work_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.approvals import put_approvals
from blankett.engine.records.write.discard import discard, discard_receipt
from blankett.engine.records.write.timers import put_timers
from blankett.engine.store import (
    EventKind,
    NewEvent,
    Notification,
    StoredRecord,
    Writing,
    edges_of,
    slot_row,
    title_row,
)
from blankett.engine.store.outbox import StoredLetter, ask_to_send
from blankett.engine.store.records import MOVED
from blankett.engine.store.timestamps import write_moment
from blankett.engine.store.unique_values import SET, UniqueConflict, unique_fields, unique_values

#: Properties of a record that its events tell, besides its data.
PROPERTIES = ("number", "state", "title", "owner", "assignee", "department", "workspace", "version")


class Overtaken(Exception):
    """Another transaction changed a record since it was read: the work is to be done again."""


def write(writing: Writing, unit: Unit, root: Work, command: Command) -> Receipt | Refusal:
    """Write everything *unit* holds. A refusal (a unique value is taken) means: give the transaction up."""
    if command.discard:
        if not discard(writing, unit, root):
            raise Overtaken(root.id)
        receipt = discard_receipt(root)
    else:
        problems: list[FieldProblem] = []
        for work in unit.works.values():
            if work.kinds:
                problems += _write_one(writing, unit, root, work)
            elif work is root and command.timer is not None:
                put_timers(writing, unit, work, others=True)
        if problems:
            return Refusal("invalid", tuple(problems))
        told = _notify(writing, unit)
        _put_letters(writing, unit)
        receipt = _receipt(unit, root, told)
    if command.intent:
        writing.put_intent(
            unit.actor.organisation,
            command.intent,
            unit.actor.user,
            command.digest,
            receipt.to_json(),
            unit.now,
            root.id,
        )
    return receipt


def _write_one(writing: Writing, unit: Unit, root: Work, work: Work) -> list[FieldProblem]:
    before, payload = work.before, event_payload(work)
    if before is not None and not payload and not work.actions and not work.comment and "timer" not in work.kinds:
        work.kinds.clear()
        return []
    problems: list[FieldProblem] = []
    if before is None or payload or work.actions:
        problems = _write_record(writing, unit, work, before, payload)
    if work.kinds != {"comment"}:
        put_timers(writing, unit, work)
    if work.approval_log:
        put_approvals(writing, unit, work)
    _append(writing, unit, root, work, payload)
    return problems


def _write_record(
    writing: Writing, unit: Unit, work: Work, before: StoredRecord | None, payload: Mapping[str, Any]
) -> list[FieldProblem]:
    if before is None:
        work.update(changed_at=unit.now)
    else:
        work.update(changed_at=unit.now, revision=before.revision + 1)
        if _only_moves(payload) and writing.move_record(work.record, _titles_now(unit, work), before.revision):
            return []
    taken = put_record(writing, unit, work, work.process.form)
    return [_not_unique(unit, work, conflict) for conflict in taken]


def _only_moves(payload: Mapping[str, Any]) -> bool:
    """Tell whether a record goes on with the values that it is found and sorted by: its own at least."""
    return payload.keys() <= {"record"} and payload.get("record", {}).keys() <= set(MOVED)


def _titles_now(unit: Unit, work: Work) -> Mapping[str, str | None]:
    """Return slot → what its record's slots should hold of the titles of what it links to."""
    form = work.process.form
    return title_row(unit.catalog.slots(form), form, stored_values(work), linked_titles(work))


def put_record(writing: Writing, unit: Unit, work: Work, old: Form) -> tuple[UniqueConflict, ...]:
    """Write a record with its slots, edges and unique values; return whose unique values it would have.

    *old* is the form as the record had it before. Raises Overtaken when somebody else has changed it meanwhile.
    """
    organisation, form = unit.actor.organisation, work.process.form
    record, before = work.record, work.before
    slots = slot_row(unit.catalog.slots(form), form, stored_values(work), linked_titles(work))
    if before is None:
        writing.insert_record(record, slots)
    elif not writing.update_record(record, slots, before.revision):
        raise Overtaken(record.id)
    old_data: Mapping[str, Any] = before.data if before else {}
    if old is not form or any(record.data.get(key) != old_data.get(key) for key, *_ in work.process.first_links):
        points, pointed = edges_of(form, record.data), edges_of(old, old_data)
        # Records that this unit makes are nobody else's yet.
        if not writing.keep_records(organisation, {target for _, target in points - pointed} - unit.works.keys()):
            raise Overtaken(record.id)
        writing.put_edges(organisation, record.id, points, pointed)
    return writing.put_unique(
        organisation,
        form.kept_name,
        record.id,
        unique_values(form, record.data, record.hidden),
        unique_values(old, old_data, before.hidden if before else frozenset()),
    )


def _not_unique(unit: Unit, work: Work, conflict: UniqueConflict) -> FieldProblem:
    """Return that another record has a value, or values together; who may see that record, and what it holds there, is
    told which.
    """
    form = work.process.form
    fields = unique_fields(form, conflict.path)
    key, params = conflict.path, {}
    message, told = "field.not_unique", "field.not_unique_of"
    if len(fields) > 1:
        own = work_permit(unit, work)
        seen = [form.fields[name].title for name in fields if own.can_read((name,))]
        key = conflict.path.removeprefix(SET)
        message, told = "field.not_unique_together", "field.not_unique_together_of"
        params = {"fields": tuple(seen)}
    holder = unit.linked.record(conflict.record)
    permit = stored_permit(unit, unit.catalog.process_of(holder), holder) if holder is not None else None
    if (
        holder is None
        or permit is None
        or not (permit.may("view") and all(permit.can_read((name,)) for name in fields))
    ):
        return FieldProblem(fields[-1:], message, params, key)
    name = holder.title or holder.number or holder.id
    return FieldProblem(fields[-1:], told, {**params, "title": name, "record": holder.id}, key)


def stored_values(work: Work) -> dict[str, Any]:
    """Return field → value of what lists may know: stored and not hidden."""
    situation = work.situation
    values = dict(situation.values)
    for path in situation.hidden:
        values.pop(path, None)
    for step in work.process.live_steps:
        if step.table is None and step.key not in situation.frozen:
            values.pop(step.key, None)
    return values


def linked_titles(work: Work) -> dict[str, str]:
    """Return the titles of the records that the record's link fields point to."""
    linked = work.situation.linked
    ids = (work.situation.values.get(key) for key, _ in work.process.shape.links)
    found = {id: linked.record(id) for id in ids if id}
    return {id: stored.title for id, stored in found.items() if stored is not None}


# Events ---------------------------------------------------------------------------------------------------------------


def event_payload(work: Work) -> dict[str, Any]:
    """Return what changed, as `replay` lays it: resulting values only."""
    record, before = work.record, work.before
    payload: dict[str, Any] = {}
    old_data: Mapping[str, Any] = before.data if before else {}
    data: dict[str, Any] = {}
    if record.data is not old_data:
        data = {key: value for key, value in record.data.items() if key not in old_data or old_data[key] != value}
        data.update({key: None for key in old_data if key not in record.data and old_data[key] is not None})
    properties = {
        name: getattr(record, name)
        for name in PROPERTIES
        if before is None or getattr(before, name) != getattr(record, name)
    }
    if data:
        payload["data"] = data
    if properties:
        payload["record"] = properties
    if record.hidden != (before.hidden if before else frozenset()):
        payload["hidden"] = sorted(record.hidden)
    if record.filled != (before.filled if before else frozenset()):
        payload["filled"] = sorted(record.filled)
    if work.approval_log:
        payload["approvals"] = work.approval_log
    return payload


def _append(writing: Writing, unit: Unit, root: Work, work: Work, payload: dict[str, Any]) -> None:
    if work.comment:
        payload["comment"] = work.comment
    if work.actions:
        payload["actions"] = work.actions
    if work.stored_inputs:
        payload["inputs"] = work.stored_inputs
    if payload.get("data") and work.before is not None:
        payload["typed"] = sorted("/".join(path) for path in work.merged.edited) if work.merged is not None else []
    if "timer" in work.kinds and work.fired is not None:
        payload["timer"] = {"key": work.fired.key, "due": write_moment(work.fired.look_at), "round": work.fired.round}
    if work.handed is not None:
        payload["handover"] = [work.handed.leaver, work.handed.heir]
    work.note_worked_out(payload.get("data", ()))
    if work.decisions:
        payload["decisions"] = stored_decisions(work.decisions)
    append_event(writing, unit, work, _kind(work), payload, cause="" if work is root else _cause(root))


def append_event(
    writing: Writing, unit: Unit, work: Work, kind: EventKind, payload: Mapping[str, Any], *, cause: str = ""
) -> None:
    """Append an event of *kind* to the record's history. *cause*: the event that brought it about."""
    work.event = writing.append_event(
        NewEvent(
            organisation=unit.actor.organisation,
            record=work.id,
            at=unit.now,
            actor=unit.actor.user,
            kind=kind,
            action=work.actions[-1] if work.actions else _decided(work),
            version=work.record.version,
            cause=cause,
            payload=payload,
        )
    )


def _kind(work: Work) -> EventKind:
    if work.before is None:
        return "create"
    if "timer" in work.kinds:
        return "timer"
    if work.actions:
        return "act"
    if "decide" in work.kinds:
        return "decide"
    return "comment" if work.kinds == {"comment"} else "change"


def _decided(work: Work) -> str | None:
    """Return the action whose approval somebody has decided about."""
    return work.approval_log[-1]["action"] if "decide" in work.kinds else None


def _cause(root: Work) -> str:
    """Return what brought an effect about: the event of the command's own record, "record id/sequence"."""
    return f"{root.id}/{root.event.sequence}" if root.event is not None else root.id


# Notices and the receipt ----------------------------------------------------------------------------------------------


def _notify(writing: Writing, unit: Unit) -> tuple[tuple[str, str], ...]:
    notices = [notice for notice in unit.notices if notice[0] != unit.actor.user]
    rows = [
        Notification(
            organisation=unit.actor.organisation, user=user, id=unit.new_id(), at=unit.now, record=record,
            message=message, text=told,
        )
        for user, record, message, told in notices
    ]  # fmt: skip
    writing.put_notifications(rows)
    return tuple((row.user, row.message) for row in rows)


def _put_letters(writing: Writing, unit: Unit) -> None:
    """Leave the letters to be sent, and ask for it once for each record they are about."""
    letters = [each for each in unit.letters if not each.reader or each.reader != unit.actor.user]
    organisation, now = unit.actor.organisation, unit.now
    writing.put_letters(
        [
            StoredLetter(organisation=organisation, id=unit.new_id(), at=now, changed_at=now, **vars(each))
            for each in letters
        ]
    )
    for record in dict.fromkeys(each.record for each in letters):
        ask_to_send(writing, organisation, record, now)


def _receipt(unit: Unit, root: Work, told: tuple[tuple[str, str], ...]) -> Receipt:
    record = root.record
    others = [work for work in unit.works.values() if work is not root and work.kinds]
    return Receipt(
        record=record.id,
        blueprint=record.blueprint,
        form=unit.catalog.form_now(record).key,
        revision=record.revision,
        number=record.number,
        state=record.state,
        title=record.title,
        events=tuple(sorted(root.kinds)),
        created=tuple(work.id for work in others if work.before is None),
        changed=tuple(work.id for work in others if work.before is not None),
        notified=told,
        warnings=tuple(_warnings(unit, root)),
    )


def _warnings(unit: Unit, root: Work) -> Iterator[dict[str, Any]]:
    """Yield what rules warn of; of records that effects touched with their titles."""
    for (id, _), warnings in unit.warnings.items():
        for warning in warnings:
            form = unit.works[id].process
            params = {name: _kept(value, form.form.kept_name, form.version) for name, value in warning.params.items()}
            path, message = list(warning.path), warning.message
            if id != root.id:
                path, message, params = [], "rule.warned_elsewhere", {"title": unit.works[id].record.title, **params}
            yield {"path": path, "message": message, "params": params, "key": warning.key}


def _kept(value: object, form: str, version: int) -> object:
    """Return a parameter of a warning as a receipt keeps it: authors' texts in all their languages, with the values
    they show, for whoever reads it. *form* and *version*: the record's.
    """
    if isinstance(value, Words):
        value = FilledText({language: (value.say(language),) for language in value.languages()})
    elif isinstance(value, SentenceValue) and not isinstance(value, FilledText):
        value = FilledText({"": (value,)})
    return value.to_text(form, version) if isinstance(value, FilledText) else value
