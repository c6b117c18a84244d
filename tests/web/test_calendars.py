"""Calendars of the organisation: hours, own days, public holidays, and trying them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import pytest

from blankett.engine.calendar import WEEKDAYS, CalendarDefinition, OwnDay, Week, read_hours, written_hours
from blankett.engine.calendar.public_holidays import public_holidays
from blankett.engine.store import StoredCalendar
from blankett.web.services import Services

from .pages import words

SignedIn = Callable[[str], Any]
OFFICE = "/calendars/office"
HOURS = {**dict.fromkeys(WEEKDAYS[:5], "8:00–16:00"), "saturday": "", "sunday": ""}


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


@pytest.fixture
def office(services: Services) -> StoredCalendar:
    week = Week(tuple(read_hours("8-16" if number < 5 else "") for number in range(7)))  # type: ignore[misc]
    public = public_holidays("DK")
    days = MappingProxyType({date(2026, 12, 24): OwnDay("Closed")})
    made = StoredCalendar(
        "office", "Office", CalendarDefinition("Europe/Copenhagen", (week,), "DK", public.days, public.worked, days)
    )
    with services.store.writing() as writing:
        assert writing.put_calendar("acme", made)
    return made


def kept(services: Services, key: str = "office") -> StoredCalendar:
    with services.store.reading() as reading:
        found = reading.calendar("acme", key)
    assert found is not None
    return found


def said(page: str) -> list[str]:
    found = re.search(r'class="b-errors".*?<ul>(.*?)</ul>', page, re.S)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


def test_without_calendars_the_page_teaches_and_makes_one(admin: Any, services: Services) -> None:
    assert "No calendars yet" in admin.get("/calendars").text
    typed = {"title": "Rostock", "key": "rostock", "zone": "Europe/Berlin", "region": "DE-MV"}
    assert admin.post("/new-calendar", typed).headers["Location"] == "/calendars/rostock"
    made = kept(services, "rostock")
    assert [written_hours(day) for day in made.definition.weeks[0].days] == ["8:00-16:00"] * 5 + ["", ""]
    assert (made.definition.zone, made.definition.holidays[date(2026, 3, 8)]) == ("Europe/Berlin", "Frauentag")
    again = admin.post("/new-calendar", {**typed, "title": "Twice"})
    assert (again.status_code, said(again.text)) == (422, ["There is a calendar rostock already."])
    assert 'value="Twice"' in again.text
    assert kept(services, "rostock") == made


def test_a_bad_calendar_is_refused_with_what_was_typed(admin: Any) -> None:
    answer = admin.post("/new-calendar", {"title": "", "key": "A b", "zone": "Mars", "region": "XX"})
    assert (answer.status_code, said(answer.text)) == (
        422,
        [
            "Enter a name of at most 80 characters.",
            "Enter a key of small letters, digits and underscores that begins with a letter.",
            "Choose a time zone from the list.",
            "Choose a country or region from the list.",
        ],
    )


def test_the_page_shows_hours_holidays_and_own_days(admin: Any, office: StoredCalendar) -> None:
    page = admin.get(f"{OFFICE}?year=2026").text
    assert 'name="monday" value="8:00–16:00"' in re.sub(r"\s+", " ", page)
    text = words(page)
    assert "Europe/Copenhagen · 40 h a week · office" in text
    assert "Fri, 25 Dec 2026 Juledag DK" in text
    assert "Thu, 24 Dec 2026 Closed closed own" in text
    assert "On Sun, 28 Mar 2027 the clock is put forward." in text
    assert "Holidays and own days 2026 11" in text
    assert "Juledag" in admin.get(f"{OFFICE}?year=1800").text  # the first year there is


def test_hours_hold_from_a_day_on(admin: Any, services: Services, office: StoredCalendar) -> None:
    typed = {**HOURS, "friday": "8–12", "title": "Our office", "since": "2026-12-01", "revision": "1"}
    assert admin.post(OFFICE, typed).status_code == 303
    found = kept(services)
    assert (found.title, found.revision) == ("Our office", 2)
    friday, later = date(2026, 11, 27), date(2026, 12, 4)
    assert [written_hours(found.definition.hours_on(day)) for day in (friday, later)] == ["8:00-16:00", "8:00-12:00"]
    assert "From 1 Dec 2026: Mon 8:00–16:00" in words(admin.get(OFFICE).text)


def test_hours_that_are_to_hold_later_stay_until_they_are_taken_back(
    admin: Any, services: Services, office: StoredCalendar
) -> None:
    def save(revision: int, since: str, **changed: str) -> None:
        typed = {**HOURS, "title": "Office", "since": since, "revision": str(revision), **changed}
        assert admin.post(OFFICE, typed).status_code == 303

    def begins() -> list[date | None]:
        return [week.since for week in kept(services).definition.weeks]

    save(1, "2027-01-01", friday="8–12")
    save(2, "2026-11-20", title="Another name")
    assert begins() == [None, date(2027, 1, 1)]
    save(3, "2026-12-01", monday="9–16")
    assert begins() == [None, date(2026, 12, 1), date(2027, 1, 1)]
    save(4, "2026-12-01")
    save(5, "2027-01-01")
    assert begins() == [None]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"monday": "all day"}, "“all day” are no hours. Write 8:00–12:00, 13:00–17:00."),
        ({"monday": "8-12, 11-13"}, "In “8-12, 11-13” hours begin before those in front of them end."),
        (dict.fromkeys(WEEKDAYS, ""), "Nobody works in this week. Enter the hours of one day at least."),
        ({"monday": "22-9"}, "“22-9” reaches into the hours of the next day."),
        (
            {"since": "2026-11-19"},
            "Enter today or a later day, such as 20/11/2026: days that have passed keep their hours.",
        ),
        ({"title": ""}, "Enter a name of at most 80 characters."),
    ],
    ids=["no hours", "overlap", "nobody", "night", "past", "no name"],
)
def test_bad_hours_are_refused_with_what_was_typed(
    admin: Any, services: Services, office: StoredCalendar, typed: dict[str, str], wrong: str
) -> None:
    whole = {**HOURS, "title": "Office", "since": "2026-11-20", "revision": "1", **typed}
    answer = admin.post(OFFICE, whole)
    assert (answer.status_code, said(answer.text)) == (422, [wrong])
    assert all(f'value="{text}"' in answer.text for text in whole.values() if text)
    assert kept(services) == office


def test_of_two_who_change_hours_the_second_sees_it_and_may_save_again(
    admin: Any, services: Services, office: StoredCalendar
) -> None:
    typed = {**HOURS, "title": "First", "since": "2026-11-20", "revision": "1"}
    assert admin.post(OFFICE, typed).status_code == 303
    second = admin.post(OFFICE, {**typed, "title": "Second"})
    assert second.status_code == 409
    assert "Somebody has changed this calendar meanwhile" in second.text
    assert 'value="Second"' in second.text
    assert kept(services).title == "First"
    revision = re.search(r'name="revision" value="(\d+)"', second.text)
    assert revision is not None
    assert admin.post(OFFICE, {**typed, "title": "Second", "revision": revision[1]}).status_code == 303
    assert (kept(services).title, kept(services).revision) == ("Second", 3)


def test_an_own_day_is_added_and_taken_back(admin: Any, services: Services, office: StoredCalendar) -> None:
    typed = {"day": "2026-12-31", "name": "New Year's Eve", "hours": "8-12"}
    assert admin.post(f"{OFFICE}/days", typed).headers["Location"] == f"{OFFICE}?year=2026#days"
    found = kept(services).definition
    assert found.days[date(2026, 12, 31)] == OwnDay("New Year's Eve", read_hours("8-12"))  # type: ignore[arg-type]
    assert written_hours(found.hours_on(date(2026, 12, 31))) == "8:00-12:00"
    twice = admin.post(f"{OFFICE}/days", {**typed, "name": "Other"})
    assert (twice.status_code, said(twice.text)) == (
        422,
        ["This day is there already: New Year&#39;s Eve. Remove it first."],
    )
    for _ in range(2):
        assert admin.post(f"{OFFICE}/days/remove", {"day": "2026-12-31"}).status_code == 303
    assert kept(services).definition == office.definition
    assert kept(services).revision == 3


def test_a_bad_own_day_is_refused(admin: Any, office: StoredCalendar) -> None:
    answer = admin.post(f"{OFFICE}/days", {"day": "soon", "name": "", "hours": "noon"})
    assert (answer.status_code, said(answer.text)) == (
        422,
        [
            "Enter a day such as 20/11/2026.",
            "Say in a few words what the day is.",
            "“noon” are no hours. Write 8:00–12:00, 13:00–17:00.",
        ],
    )
    assert admin.post(f"{OFFICE}/days/remove", {"day": "soon"}).status_code == 404


def test_holidays_are_brought_up_to_date_from_today_on(admin: Any, services: Services, office: StoredCalendar) -> None:
    known = dict(office.definition.holidays)
    moved = {**known, date(2026, 12, 28): "Moved", date(2026, 1, 5): "Long past"}
    del moved[date(2026, 12, 25)]
    with services.store.writing() as writing:
        changed = StoredCalendar(
            "office", "Office", CalendarDefinition("Europe/Copenhagen", office.definition.weeks, "DK", moved), 2
        )
        assert writing.put_calendar("acme", changed)
    page = words(admin.get(f"{OFFICE}/holidays").text)
    assert "Fri, 25 Dec 2026 no holiday Juledag" in page
    assert "Mon, 28 Dec 2026 Moved no holiday" in page
    assert "Long past" not in page
    assert admin.post(f"{OFFICE}/holidays", {"region": "DK", "revision": "1"}).status_code == 409
    assert admin.post(f"{OFFICE}/holidays", {"region": "DK", "revision": "2"}).status_code == 303
    found = kept(services).definition.holidays
    assert dict(found) == {**known, date(2026, 1, 5): "Long past"}
    assert "The holidays are those that are known now." in words(admin.get(f"{OFFICE}/holidays").text)
    assert admin.post(f"{OFFICE}/holidays", {"region": "XX", "revision": "3"}).status_code == 422


def test_a_length_is_tried(admin: Any, office: StoredCalendar) -> None:
    def tried(**asked: str) -> str:
        return words(admin.get(f"{OFFICE}?{urlencode(asked)}").text)

    assert "Ends Fri, 20 Nov 2026 15:20" in tried(begins="19/11/2026", clock="15:20", lasts="8 working hours")
    assert "Ends Mon, 28 Dec 2026 09:00" in tried(begins="23/12/2026", clock="9:00", lasts="1 working day")
    assert "That is beyond the years 2000 to 2099" in tried(begins="31/12/2099", clock="9:00", lasts="2 working days")
    wrong = tried(begins="soon", clock="late", lasts="long")
    assert "Enter a time such as 14:30." in wrong
    assert "Enter a length such as 2 working days or 8 working hours." in wrong


def test_who_is_no_administrator_of_the_organisation_changes_nothing(
    signed_in: SignedIn, services: Services, office: StoredCalendar
) -> None:
    clerk = signed_in("anna")
    assert [clerk.get(path).status_code for path in ("/calendars", OFFICE, f"{OFFICE}/holidays")] == [403] * 3
    for path in (OFFICE, f"{OFFICE}/days", f"{OFFICE}/days/remove", f"{OFFICE}/holidays", "/new-calendar"):
        assert clerk.post(path, {}).status_code == 403
    assert kept(services) == office


def test_a_calendar_that_is_not_there_is_unknown(admin: Any) -> None:
    assert [admin.get(path).status_code for path in (OFFICE, f"{OFFICE}/holidays")] == [404, 404]
    assert admin.post(OFFICE, {}).status_code == 404
