"""Values as people read them, in the reader's language and locale."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.calendar import ClockRun
from blankett.engine.fields.base import Value
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Field
from blankett.words import say

#: What is said of a clock that does not run, by whether it was kept.
STANDING: Mapping[bool | None, str] = {None: "clock.paused", True: "clock.kept", False: "clock.missed"}


def show_value(of: Field, value: Value, reader: Reader, titles: Mapping[str, str], currency: str | None = None) -> str:
    """Return *value* as *reader* reads it.

    Links and people are shown by title, choices by their option, amounts with their currency. Empty for
    None. A link whose title the reader may not see is shown as hidden.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return say(reader, "value.yes" if value else "value.no")
    if isinstance(value, ClockRun) and value.runs_until is None:
        return say(reader, STANDING[value.is_kept])
    if of.type.points_to:
        return titles.get(str(value)) or say(reader, "value.hidden")
    return of.type.show(value, of, reader.locale, currency)


def typed_text(of: Field, value: Value, reader: Reader, titles: Mapping[str, str], currency: str | None = None) -> str:
    """Return *value* as it stands in a control: as it is typed, links and people by title."""
    if value is None:
        return ""
    if of.type.points_to:
        return titles.get(str(value), str(value))
    return of.type.to_text(value, of, reader.locale, currency)
