"""Who reads the page, and how they write: their language, their way of numbers and days, their day."""

from __future__ import annotations

from datetime import date

from flask import Flask, g

from blankett.engine.fields.base import Lookup, Reading
from blankett.engine.fields.locales import signs_of, with_ways
from blankett.forms.shown import Reader
from blankett.web.identity import current_language, current_visitor
from blankett.web.services import services
from blankett.web.templating import reader_zone
from blankett.words import locale_of


def the_reader() -> Reader:
    """Return who reads the page."""
    language = current_language()
    known: dict[str, Reader] = g.setdefault("readers", {})
    if language not in known:
        visitor = current_visitor()
        numbers, days = (visitor.user.numbers, visitor.user.days) if visitor else ("", "")
        known[language] = Reader(language, with_ways(locale_of(language), numbers, days))
    return known[language]


def the_reading(lookup: Lookup | None = None) -> Reading:
    """Return how texts of whoever reads the page are read; *lookup* finds records and people by name."""
    return Reading(the_reader().locale, lookup, today=the_day())


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
