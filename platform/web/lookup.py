"""Finding what an address names, for whoever asks: a form, a record, a form being entered. Not found is 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import flask

from blankett.engine.departments import DirectoryFault
from blankett.engine.language.model import Form
from blankett.engine.records.read import record_view
from blankett.engine.records.read.navigation import forms_of, may_begin, may_look, may_open, newest_form
from blankett.engine.records.read.record_view import glance
from blankett.engine.records.read.results import RecordHead, RecordView
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.discard import Discarded, discarded
from blankett.engine.store import Reading, StoredUser
from blankett.web.entry.form import Entering
from blankett.web.errors import PageRefused
from blankett.web.identity import the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import short_time, t

LONGEST_KEY = 80
#: So many people are offered by name; anybody can be typed.
MOST_OFFERED = 200

T = TypeVar("T")


class RecordGone(PageRefused):
    """A record that somebody discarded."""

    def __init__(self, gone: Discarded) -> None:
        super().__init__(410, t("refusal.discarded", name=gone.name, time=short_time(gone.at)))
        self.blueprint = gone.blueprint
        self.form = gone.form


def ask(request_unit: RequestUnit, question: Callable[[Unit], T]) -> T:
    """Ask the engine something for whoever is signed in, in the request's transaction."""
    return question(request_unit.unit)


def find_form(request_unit: RequestUnit, blueprint: str, form: str) -> Form:
    """Return the newest version of a form."""
    is_long = len(blueprint) > LONGEST_KEY or len(form) > LONGEST_KEY
    return found_or_404(None if is_long else ask(request_unit, lambda unit: newest_form(unit, blueprint, form)))


def find_record(request_unit: RequestUnit, record: str, asked: str = "") -> RecordView:
    """Return a record as whoever asks may see it; *asked*: the action whose question is put."""
    found = record_view.open_record(request_unit.unit, record, asked) if len(record) <= LONGEST_KEY else None
    return found if found is not None else gone_or_404(request_unit, record)


def gone_or_404(request_unit: RequestUnit, record: str) -> NoReturn:
    """Answer 410 for a record that was discarded, to those who could see it; 404 to others and for no record."""
    gone = ask(request_unit, lambda unit: discarded(unit, record)) if len(record) <= LONGEST_KEY else None
    if gone is not None:
        raise RecordGone(gone)
    flask.abort(404)


def glance_at(request_unit: RequestUnit, record: str, action: str) -> RecordHead:
    """Return a record with what taking *action* must know of it, and nothing to draw a page from."""
    found = ask(request_unit, lambda unit: glance(unit, record, action)) if len(record) <= LONGEST_KEY else None
    return found if found is not None else gone_or_404(request_unit, record)


def find_new(request_unit: RequestUnit, blueprint: str, form: str, copy: str | None = None) -> Entering:
    """Return the entering of a new record."""
    found = find_form(request_unit, blueprint, form)
    return Entering(request_unit, found, found, copy=copy)


def find_entering(request_unit: RequestUnit, record: str) -> Entering:
    """Return the entering of a record that exists. Whether it may be entered is asked when it is worked out."""
    forms = ask(request_unit, lambda unit: forms_of(unit, record)) if len(record) <= LONGEST_KEY else None
    return Entering(
        request_unit, *(forms if forms is not None else gone_or_404(request_unit, record)), record_id=record
    )


def found_or_404(found: T | None) -> T:
    """Return what was found; 404 for nothing."""
    if found is None:
        flask.abort(404)
    return found


def may_create(request_unit: RequestUnit, form: Form) -> bool:
    """Tell whether whoever asks may begin a record of *form* somewhere."""
    return ask(request_unit, lambda unit: may_begin(unit, form))


def may_see(request_unit: RequestUnit, record: str) -> bool:
    """Tell whether whoever asks may see a record, as it is now."""
    return ask(request_unit, lambda unit: may_open(unit, record))


def may_visit(request_unit: RequestUnit, form: Form) -> bool:
    """Tell whether there is anything of *form* for whoever asks: records to see, or to begin."""
    return ask(request_unit, lambda unit: may_look(unit, form) or may_begin(unit, form))


def find_user(request_unit: RequestUnit, id: str) -> StoredUser:
    """Return the account; 404 when there is none."""
    reading = request_unit.reading
    found = reading.user(the_actor().organisation, id)
    if found is None:
        flask.abort(404)
    return found


def offered_people(request_unit: RequestUnit, apart_from: str = "") -> list[StoredUser]:
    """Return the people whom a box offers by name."""
    found = request_unit.reading.active_users(the_actor().organisation, MOST_OFFERED)
    return [user for user in found if user.id != apart_from]


def person_named(reading: Reading, control: str, text: str) -> StoredUser | DirectoryFault:
    """Return the one whose name or address was typed into *control*."""
    if not text:
        return DirectoryFault(control, "departments.person_missing")
    found = reading.users_named(the_actor().organisation, text)
    if len(found) == 1:
        return found[0]
    message = "departments.person_unclear" if found else "departments.person_unknown"
    return DirectoryFault(control, message, {"text": text})
