"""Exchange rates by currency and day: looking at them, entering one, correcting one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.fields import locale_formats
from blankett.engine.fields.typed_times import read_day
from blankett.engine.store import Organisation, Rate
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, WORKSPACE_ADMINISTRATORS, allow
from blankett.web.identity import the_actor
from blankett.web.page_locale import the_day, the_reader
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("rates", __name__)

#: Digits kept of a rate, before and after the point.
MOST_WHOLE, MOST_DECIMALS = 9, 10
#: Rates shown on one page of a pair of currencies, and pairs before a filter is asked for.
MOST_SHOWN = 500


@dataclass(frozen=True)
class TypedRate:
    """What was typed to enter a rate."""

    source: str
    target: str
    day: str
    value: str
    #: The value on the page, when the person says to replace it; empty otherwise.
    replaces: str = ""


@dataclass(frozen=True)
class ShownRate:
    """A rate as the list shows it."""

    rate: Rate
    value: str
    day: str
    #: The newest of its pair.
    is_current: bool
    #: It begins after today.
    is_ahead: bool


@pages.get("/rates")
@allow(WORKSPACE_ADMINISTRATORS)
def show_rates(request_unit: RequestUnit) -> str:
    """List the rates, all or of one currency."""
    organisation = the_organisation(request_unit)
    day = locale_formats.typed_day(today(organisation), the_reader().locale)
    return render_rates(request_unit, TypedRate(organisation.currency, "", day, ""), [])


@pages.post("/rates")
@allow(ADMINISTRATORS)
@shows_again
def enter_rate(request_unit: RequestUnit) -> ResponseReturnValue:
    """Enter a rate. One of the same day is replaced only when the person has seen it and says so."""
    organisation = the_organisation(request_unit)
    typed = TypedRate(
        **{key: request.form.get(key, "").strip() for key in ("source", "target", "day", "value", "replaces")}
    )
    if is_again():
        say_why_again()
        return render_rates(request_unit, typed, [])
    rate = read_rate(typed)
    if isinstance(rate, list):
        return render_rates(request_unit, typed, rate), 422
    with request_unit.writing() as writing:
        there = next((known.value for known in writing.rates(organisation.id) if is_same_day(known, rate)), None)
        is_free = there is None or there == rate.value or typed.replaces == plain(there)
        if is_free:
            writing.put_rate(organisation.id, rate)
    if not is_free:
        return render_rates(request_unit, typed, [], there=there), 409
    flask.flash(t("rates.entered", source=rate.source, target=rate.target, value=rate.value, day=rate.day), "good")
    return htmx.go_to("/rates")


def read_rate(typed: TypedRate) -> Rate | list[tuple[str, str]]:
    """Return the rate that was typed, or what is wrong with it: [(control, text)]."""
    locale, mistakes = the_reader().locale, []
    known = locale_formats.currencies()
    source, target = typed.source.upper(), typed.target.upper()
    mistakes += [
        (name, t("rates.currency_unknown"))
        for name, code in (("source", source), ("target", target))
        if code not in known
    ]
    if not mistakes and source == target:
        mistakes.append(("target", t("rates.same_currency")))
    day = read_day(typed.day, locale, the_day()).day
    if day is None or day.year < 1970:
        mistakes.append(("day", t("rates.day_wrong", example=locale_formats.typed_day(the_day(), locale))))
    value = locale_formats.read_number(typed.value, locale)
    if value is None or value <= 0:
        mistakes.append(("value", value_fault(typed.value, locale)))
    elif value >= 10**MOST_WHOLE or locale_formats.decimals_of(value) > MOST_DECIMALS:
        mistakes.append(("value", t("rates.value_long", whole=MOST_WHOLE, decimals=MOST_DECIMALS)))
    if mistakes or day is None or value is None:
        return mistakes
    return Rate(source, target, day, value.normalize())


def value_fault(text: str, locale: str) -> str:
    """Return why a text is no rate; of a number written as elsewhere how it is written here."""
    meant = locale_formats.meant_numbers(text, locale)
    if locale_formats.read_number(text, locale) is None and len(meant) == 1:
        return t("field.number_elsewhere", value=text, written=meant[0])
    return t("rates.value_wrong")


def is_same_day(known: Rate, rate: Rate) -> bool:
    """Tell whether two rates are of the same pair and day."""
    return (known.source, known.target, known.day) == (rate.source, rate.target, rate.day)


def plain(value: Decimal) -> str:
    """Return a rate's value for the hidden field that says which one was seen."""
    return locale_formats.plain(value)


def the_organisation(request_unit: RequestUnit) -> Organisation:
    """Return the organisation as it is now."""
    known = services().organisation_id()
    found = request_unit.reading.organisation(known) if known is not None else None
    if found is None:
        flask.abort(404)
    return found


def today(organisation: Organisation) -> date:
    """Return the day it is in the organisation's time zone."""
    return services().clock().astimezone(ZoneInfo(organisation.zone)).date()


def render_rates(
    request_unit: RequestUnit, typed: TypedRate, mistakes: list[tuple[str, str]], there: Decimal | None = None
) -> str:
    """Return the page, with what was typed; *there* is the rate that is there already."""
    organisation, locale = the_organisation(request_unit), the_reader().locale
    reading = request_unit.reading
    rates = reading.rates(organisation.id)
    currencies = sorted({code for rate in rates for code in (rate.source, rate.target)})
    wanted = request.args.get("currency", "")
    chosen = [rate for rate in rates if wanted in ("", rate.source, rate.target)]
    return render(
        "pages/rates.html",
        here="rates",
        rates=shown(chosen[:MOST_SHOWN], today(organisation), locale),
        more=max(0, len(chosen) - MOST_SHOWN),
        currencies=currencies,
        wanted=wanted if wanted in currencies else "",
        typed=typed,
        mistakes=mistakes,
        there=None if there is None else (locale_formats.shown_number(there, locale), plain(there)),
        codes=sorted(locale_formats.currencies()),
        may_enter=the_actor().is_admin,
        base=organisation.currency,
    )


def shown(rates: list[Rate], now: date, locale: str) -> list[ShownRate]:
    """Return rates, newest first, as the list shows them."""
    found, current = [], set()
    for rate in rates:
        pair = (rate.source, rate.target)
        is_current = rate.day <= now and pair not in current
        if is_current:
            current.add(pair)
        value, day = locale_formats.shown_number(rate.value, locale), locale_formats.shown_day(rate.day, locale)
        found.append(ShownRate(rate, value, day, is_current, rate.day > now))
    return found
