"""Public holidays of countries and their regions, from the package `holidays`, which is loaded when it is first asked.

What is asked here is taken over into a calendar and stays there: nothing that is evaluated asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from blankett.engine.calendar.calendar import FIRST_YEAR, LAST_YEAR


@cache
def regions() -> Mapping[str, tuple[str, ...]]:
    """Return {country: its regions}, by ISO 3166."""
    import holidays

    found: Mapping[str, Iterable[str]] = holidays.list_supported_countries(include_aliases=False)
    return MappingProxyType({country: tuple(sorted(found[country])) for country in sorted(found)})


def is_region(name: str) -> bool:
    """Tell whether *name*, ``DK`` or ``DE-MV``, has holidays."""
    country, dash, region = name.partition("-")
    return country in regions() and (not dash or region in regions()[country])


@dataclass(frozen=True)
class PublicHolidays:
    """The holidays of a country or region in all years that calendars know."""

    #: With their names in the country's own language.
    days: Mapping[date, str]
    #: Days of rest that are worked in their place.
    worked: frozenset[date]


NO_HOLIDAYS = PublicHolidays(MappingProxyType({}), frozenset())


@cache
def public_holidays(name: str) -> PublicHolidays:
    """Return the holidays of ``DK`` or ``DE-MV``. Raises ValueError for one that `is_region` does not know."""
    if not is_region(name):
        raise ValueError(name)
    import holidays

    country, _, region = name.partition("-")
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    language = holidays.country_holidays(country).default_language
    found = holidays.country_holidays(country, subdiv=region or None, years=years, language=language)
    days = {day: found[day] for day in sorted(found) if FIRST_YEAR <= day.year <= LAST_YEAR}
    return PublicHolidays(MappingProxyType(days), frozenset(found.weekend_workdays))
