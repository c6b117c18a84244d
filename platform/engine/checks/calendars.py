"""Checks of calendars: whether the public holidays they name are known."""

from __future__ import annotations

from blankett.engine.calendar.public_holidays import is_region, regions
from blankett.engine.checks.subject import Subject
from blankett.engine.language.problems import suggest


def check_calendars(subject: Subject) -> None:
    """Tell of countries and regions whose holidays nobody knows."""
    for calendar in subject.blueprint.calendars.values():
        name = calendar.holidays
        if name and not is_region(name):
            country = name.partition("-")[0].upper()
            known = regions().get(country)
            near = list(regions()) if known is None else [country, *(f"{country}-{region}" for region in known)]
            place = subject.place("calendars", calendar.key, "holidays")
            subject.report.add("unknown_holidays", place, suggestion=suggest(name.upper(), near), name=name[:60])
