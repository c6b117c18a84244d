"""Who reads the page, and how they write: their language, their way of numbers and days, their day."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

from flask import Flask

from blankett.engine.calendar import Calendar
from blankett.engine.fields.base import Lookup, TextReading
from blankett.engine.fields.locale_formats import signs_of
from blankett.engine.fields.reader import Reader
from blankett.engine.records.read.link_choices import ActorLookup
from blankett.web.request_unit import current_unit
from blankett.web.services import services
from blankett.web.templating import reader_zone


def the_reader() -> Reader:
    """Return who reads the page."""
    return current_unit().reader


def the_reading(lookup: Lookup | None = None) -> TextReading:
    """Return how texts of whoever reads the page are read; *lookup* finds records and people by name."""
    return TextReading(the_reader().locale, lookup, today=the_day())


def the_lookup(blueprint: str) -> Lookup:
    """Return what finds the records and people that whoever is signed in names when they type into a form of
    *blueprint*.
    """
    return ActorLookup(lambda: nullcontext(current_unit().unit), blueprint)


def the_calendar(key: str) -> Calendar | None:
    """Return the organisation's calendar called *key*; None where it has none."""
    return current_unit().unit.calendars(key)


def the_day() -> date:
    """Return the day it is for whoever reads the page."""
    return services().clock().astimezone(reader_zone()).date()


def day_way() -> str:
    """Return the order of a day's parts and what stands between them: ``dmy/``."""
    signs = signs_of(the_reader().locale)
    return f"{signs.day_order}{signs.day_between}"


def init_reader(app: Flask) -> None:
    """Let templates ask how the reader writes days, and which day it is."""
    app.jinja_env.globals.update(day_way=day_way, the_day=the_day)
