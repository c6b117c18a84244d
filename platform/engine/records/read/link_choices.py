"""What a link or user field may point to: the choices of a picker, and what a typed name stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from blankett.engine.departments import Department
from blankett.engine.feel import BudgetExceeded
from blankett.engine.language.model import Field, Form, Formula
from blankett.engine.paths import Path, field_path
from blankett.engine.records.command import Command, Refusal
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import LineScope
from blankett.engine.records.link_loader import could_be_id
from blankett.engine.records.linked_form import form_behind
from blankett.engine.records.record_access import form_access_for, stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.pipeline import open_work
from blankett.engine.store import Query, QueryProblem, StoredRecord, StoredUser
from blankett.engine.store.collation import collation_of
from blankett.engine.store.search import fold

#: A picker shows so many.
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A record or a person that a field may point to."""

    id: str
    title: str
    #: Its key, to tell it from others of the same title; empty when it has none or the actor may not see it.
    hint: str = ""
    #: Who began it, and when, where another one that is offered has the same title and key.
    begun: tuple[str, datetime] | None = None


def choices(unit: Unit, command: Command, path: Path, text: str) -> tuple[Choice, ...]:
    """Return at most 20 records or people that the field at *path* of the form as typed may point to and *text* finds.

    *path*: ("customer",), ("lines", line id, "product"), or ("inputs", "carrier") of the command's action. Empty for
    anything else.
    """
    work = open_work(unit, command)
    if isinstance(work, Refusal):
        return ()
    try:
        work.derive()
    except BudgetExceeded:
        return ()
    field = _field_at(work, command.action, path)
    if field is None or field.type.points_to is None:
        return ()
    if field.type.points_to == "person":
        return _people(unit, work, field, text)
    if field.type.points_to == "department":
        return _departments(unit, text)
    return _records(unit, work, field, _line_at(work, path), text)


def _field_at(work: Work, action: str | None, path: Path) -> Field | None:
    form = work.process.form
    if path[0] == "inputs":
        found = form.actions.get(action or "")
        return found.ask.get(path[-1]) if found else None
    return form.find(field_path(path))


def _line_at(work: Work, path: Path) -> LineScope | None:
    lines = work.situation.lines.get(path[0], ()) if len(path) == 3 else ()
    return next((line for line in lines if line.id == path[1]), None)


def _records(unit: Unit, work: Work, field: Field, line: LineScope | None, text: str) -> tuple[Choice, ...]:
    names = {"this": work.situation.this if line is None else line.names, "user": unit.user}
    asked = pick_query(unit, work.process, field, names, text)
    page = unit.linked.reading.page(asked) if asked is not None else None
    if page is None or isinstance(page, QueryProblem):
        return ()
    return told_apart(unit, page.records)


def told_apart(unit: Unit, records: Sequence[StoredRecord]) -> tuple[Choice, ...]:
    """Return *records* as they are offered: by title and key, those that are alike in both by who began them too."""
    shown = [(record.title, _hint(unit, record)) for record in records]
    alike = {each for each, count in Counter(shown).items() if count > 1}
    unit.linked.load_people(record.created_by for record, each in zip(records, shown, strict=True) if each in alike)
    return tuple(
        Choice(record.id, title, hint, _begun(unit, record) if (title, hint) in alike else None)
        for record, (title, hint) in zip(records, shown, strict=True)
    )


def _begun(unit: Unit, record: StoredRecord) -> tuple[str, datetime]:
    person = unit.linked.person(record.created_by)
    return (person.name if person else record.created_by), record.created_at


def filter_choices(unit: Unit, form: Form, key: str, text: str) -> tuple[Choice, ...]:
    """Return at most 20 records or people that *text* finds for a filter on the field *key* of a newest form."""
    field, process = form.fields.get(key), unit.catalog.newest_process(form.name)
    if field is None or field.type.points_to is None or not could_be_id(text):
        return ()
    if field.type.points_to == "department":
        return _departments(unit, text, with_closed=True)
    if field.type.points_to == "person":
        return _found_people(unit, unit.linked.reading.all_users(unit.actor.organisation), text)
    behind = form_behind(unit.catalog, process, str(field.options["to"])).form
    if behind is None or unit.catalog.find_newest(behind.blueprint, behind.key) is None:
        return ()
    asked = replace(named_query(unit, behind), search=text, sort=((("record", "title"), False),), limit=MOST_CHOICES)
    page = unit.linked.reading.page(asked)
    return () if isinstance(page, QueryProblem) else told_apart(unit, page.records)


def meant_choices(unit: Unit, form: Form, key: str, text: str) -> tuple[Choice, ...]:
    """Return what *text* means in a filter on the field *key* of a newest form: the records, or people, whose id, key,
    number, e-mail address or name it is, those who have left among them; else the records it finds. At most 20.
    """
    field, process = form.fields[key], unit.catalog.newest_process(form.name)
    if not could_be_id(text):
        return ()
    reading, organisation = unit.linked.reading, unit.actor.organisation
    if field.type.points_to == "department":
        exactly = tuple(_department_choice(unit, each) for each in unit.directory().named(text)[:MOST_CHOICES])
        return exactly or _departments(unit, text, with_closed=True)
    if field.type.points_to == "person":
        people = reading.users_named(organisation, text, MOST_CHOICES)
        return tuple(Choice(user.id, user.name, user.email) for user in people)
    behind = form_behind(unit.catalog, process, str(field.links_to)).form
    if behind is None or unit.catalog.find_newest(behind.blueprint, behind.key) is None:
        return ()
    exact = reading.named(named_query(unit, behind), text, MOST_CHOICES)
    if len(exact) == 1:
        return (Choice(*exact[0]),)
    records = reading.records(organisation, [id for id, _ in exact])
    return told_apart(unit, tuple(records.values())) if exact else filter_choices(unit, form, key, text)


def _hint(unit: Unit, record: StoredRecord) -> str:
    """Return the record's key when the actor may see more of it than its title."""
    process = unit.catalog.process_of(record)
    key = process.form.key_field
    if key is None or key in record.hidden or not stored_permit(unit, process, record).can_read((key,)):
        return ""
    return str(record.data.get(key) or "")


def pick_query(unit: Unit, holder: Process, field: Field, names: Mapping[str, Any], text: str = "") -> Query | None:
    """Return the query of what a link field of *holder* may point to; None when its form is gone."""
    behind = form_behind(unit.catalog, holder, str(field.options["to"]))
    form = behind.form
    process = unit.catalog.find_newest(form.blueprint, form.key) if form is not None else None
    if form is None or process is None:
        return None
    slots, where = unit.catalog.slots(form), field.options.get("where")
    return Query(
        organisation=unit.actor.organisation,
        form=form,
        slots=slots,
        states=unit.catalog.former_states(form),
        access=form_access_for(unit, unit.catalog.current(process)),
        moment=unit.linked.moment,
        verb="pick",
        link_where=where if isinstance(where, Formula) else None,
        link_columns=behind.columns(),
        names=names,
        sort=((("record", "title"), False),),
        search=text,
        is_keyed=unit.catalog.is_keyed,
        limit=MOST_CHOICES,
    )


def _people(unit: Unit, work: Work, field: Field, text: str) -> tuple[Choice, ...]:
    role = field.options.get("role")
    people: Sequence[StoredUser]
    if isinstance(role, str):
        people = unit.catalog.people_with_role(work.process.blueprint, work.record, role)
    else:
        people = [user for user in unit.linked.reading.all_users(unit.actor.organisation) if user.active]
    return _found_people(unit, people, text)


def _departments(unit: Unit, text: str, *, with_closed: bool = False) -> tuple[Choice, ...]:
    """Return the departments that *text* finds, in the order of the tree; with those they are part of as a hint."""
    wanted = fold(text)
    found = (
        each
        for _, each in unit.directory().outline()
        if (with_closed or each.closed_at is None) and (wanted in fold(each.title) or wanted in fold(each.id))
    )
    return tuple(_department_choice(unit, each) for each, _ in zip(found, range(MOST_CHOICES), strict=False))


def _department_choice(unit: Unit, department: Department) -> Choice:
    above = unit.directory().path(department.id)[:-1]
    return Choice(department.id, department.title, " / ".join(each.title for each in above))


def _found_people(unit: Unit, people: Sequence[StoredUser], text: str) -> tuple[Choice, ...]:
    key = collation_of(unit.catalog.collation).key
    people, wanted = sorted(people, key=lambda user: (key(user.name), user.id)), fold(text)
    found = (user for user in people if wanted in fold(user.name) or wanted in fold(user.email))
    return tuple(Choice(user.id, user.name, user.email) for user, _ in zip(found, range(MOST_CHOICES), strict=False))


class ActorLookup:
    """Finds what somebody typed into a link or user field, among what they may choose. Reads when it is asked."""

    def __init__(self, units: Callable[[], AbstractContextManager[Unit]], blueprint: str) -> None:
        self._units = units
        self._blueprint = blueprint

    def link_by_text(self, form: str, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, title) of at most 2 records of *form* whose id, key, number or title is *text*."""
        if not could_be_id(text):
            return []
        with self._units() as unit:
            found = unit.catalog.find_newest(*_split(form, self._blueprint))
            if found is None:
                return []
            return unit.linked.reading.named(named_query(unit, found.form), text)

    def user_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, name) of at most 2 people whose id, e-mail or name is *text*."""
        if not could_be_id(text):
            return []
        with self._units() as unit:
            found = unit.linked.reading.users_named(unit.actor.organisation, text)
            return [(user.id, user.name) for user in found if user.active]

    def department_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, title) of at most 2 open departments whose key or title is *text*."""
        with self._units() as unit:
            named = [each for each in unit.directory().named(text) if each.closed_at is None]
            return [(each.id, each.title) for each in named[:2]]


def _split(form: str, blueprint: str) -> tuple[str, str]:
    name = form if "." in form else f"{blueprint}.{form}"
    return name.partition(".")[0], name.partition(".")[2]


def named_query(unit: Unit, form: Form) -> Query:
    """Return the query of the records of *form* that the actor may choose or see."""
    process = unit.catalog.newest_process(form.name)
    unit.locate(unit.catalog.home_of(process))
    access = form_access_for(unit, unit.catalog.current(process))
    return Query(
        organisation=unit.actor.organisation, form=form, slots=unit.catalog.slots(form), access=access,
        states=unit.catalog.former_states(form), moment=unit.linked.moment, verb="pick", names={"user": unit.user},
        is_keyed=unit.catalog.is_keyed,
    )  # fmt: skip
