"""Calendars of an organisation: made by a publish, then its own; what was answered by them stays."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from blankett.engine.calendar import OwnDay, Week, read_hours
from blankett.engine.calendar.public_holidays import public_holidays
from blankett.engine.store import StoredCalendar
from blankett.engine.verify import verify

from .conftest import SHOP, Office, put_in

CALENDAR = """\
calendars:
  office:
    title: Our office
    zone: Europe/Copenhagen
    hours: {monday: 8:00-16:00, tuesday: 8:00-16:00, wednesday: 8:00-16:00}
    holidays: DK
samples:
"""
WITH_HOURS = put_in(
    SHOP,
    ("samples:\n", CALENDAR),
    (
        "      note: {type: text}\n",
        "      note: {type: text}\n"
        "      asked: {type: date, required: yes}\n"
        "      promised: {type: date, fill: 'add working days(asked, 1)'}\n"
        "      next: {type: date, compute: 'next working day(asked)'}\n",
    ),
    ("quantity: 2, price: 3}]}\n", 'quantity: 2, price: 3}], asked: "2026-12-23"}\n'),
    ("values: {total: 6}", "values: {total: 6, promised: 2026-12-28, next: 2026-12-28}"),
)


def calendar(office: Office) -> StoredCalendar:
    with office.store.reading() as reading:
        found = reading.calendar("acme", "office")
    assert found is not None
    return found


def changed(office: Office, **parts: object) -> bool:
    """Change the calendar that is there; tell whether nobody was quicker."""
    now = calendar(office)
    later = replace(now, revision=now.revision + 1, definition=replace(now.definition, **parts))  # type: ignore[arg-type]
    with office.store.writing(by="boss") as writing:
        return writing.put_calendar("acme", later)


def test_a_publish_makes_the_calendars_that_are_not_there(office: Office) -> None:
    office.publish(WITH_HOURS)
    found = calendar(office)
    assert (found.title, found.revision, found.definition.zone) == ("Our office", 1, "Europe/Copenhagen")
    assert found.definition.weeks == (Week((read_hours("8-16"),) * 3 + ((),) * 4),)
    assert found.definition.holidays == public_holidays("DK").days
    assert found.definition.holidays[date(2026, 12, 25)] == "Juledag"


def test_a_later_version_leaves_the_calendar_to_the_organisation(office: Office) -> None:
    office.publish(WITH_HOURS)
    assert changed(office, days=MappingProxyType({date(2026, 12, 28): OwnDay("Bridge")}))
    before = calendar(office)
    office.publish(put_in(WITH_HOURS, ("monday: 8:00-16:00", "monday: 9:00-16:00")))
    office.restart()
    assert calendar(office) == before


def test_a_calendar_that_the_organisation_keeps_otherwise_is_told_once(office: Office) -> None:
    def told(*changes: tuple[str, str]) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.title, each.parts) for each in office.preview(put_in(WITH_HOURS, *changes)).calendars]

    assert office.publish(WITH_HOURS).calendars == ()
    monday = ("monday: 8:00-16:00", "monday: 9:00-16:00")
    own_day = ("    holidays: DK\n", "    holidays: DE\n    days: {2026-12-28: Bridge}\n")
    assert told(("Copenhagen", "Oslo"), monday, own_day) == [("Our office", ("zone", "hours", "holidays", "days"))]
    assert office.publish(put_in(WITH_HOURS, monday)).calendars[0].parts == ("hours",)
    assert told(monday, ("title: Our office", "title: The office")) == []
    assert changed(office, days=MappingProxyType({date(2026, 12, 28): OwnDay("Bridge"), date(2027, 1, 4): OwnDay("")}))
    assert told(monday, ("    holidays: DK\n", "    holidays: DK\n    days: {2026-12-28: Closed}\n"))[0][1] == (
        "hours",
    )


def test_what_was_answered_stays_when_the_calendar_changes(office: Office) -> None:
    office.publish(WITH_HOURS)
    buyer = office.customer()
    order = office.order(buyer, asked=date(2026, 12, 23))
    stored = {"promised": office.record(order).data["promised"]}
    assert stored == {"promised": "2026-12-28"}
    assert changed(office, days=MappingProxyType({date(2026, 12, 28): OwnDay("Bridge")}))
    office.do("order", order, "submit")
    assert office.record(order).data["promised"] == "2026-12-28"
    later = office.order(buyer, asked=date(2026, 12, 23))
    assert office.record(later).data["promised"] == "2026-12-29"


def test_of_two_who_change_a_calendar_at_once_one_is_told(office: Office) -> None:
    office.publish(WITH_HOURS)
    seen = calendar(office)
    for title, kept in (("First", True), ("Second", False)):
        with office.store.writing(by="boss") as writing:
            assert writing.put_calendar("acme", replace(seen, title=title, revision=2)) is kept
    assert (calendar(office).title, calendar(office).revision) == ("First", 2)
    with office.store.writing(by="boss") as writing:
        assert not writing.put_calendar("acme", replace(seen, title="Made again"))


def test_calendars_are_sealed(office: Office) -> None:
    office.publish(WITH_HOURS)
    assert changed(office, zone="Europe/Oslo")
    with office.store.reading() as reading:
        acts = reading.acts_about("acme", "office", "calendar")
    assert [(act.actor, act.said) for act in acts] == [
        ("boss", '{"revision":1,"title":"Our office"}'),
        ("boss", '{"revision":2,"title":"Our office"}'),
    ]
    assert verify(office.store, "acme") == []


def test_published_versions_are_loaded_without_the_list_of_holidays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish(WITH_HOURS)
    office.restart()
    monkeypatch.setitem(sys.modules, "holidays", None)
    public_holidays.cache_clear()
    order = office.order(office.customer(), asked=date(2026, 12, 23))
    assert office.record(order).data["promised"] == "2026-12-28"
