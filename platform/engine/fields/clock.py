"""Clocks: by when something is to be done while a record stands in some states, and not while it stands in others.

Nobody types one. What a write makes of it is `records.clocks`; how it counts is `calendar.clock_run`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from blankett.engine.calendar.clock_run import ClockRun
from blankett.engine.fields.base import PROCESS, Json, TypeOption, Value
from blankett.engine.fields.moments import DateTimeType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: The key of a stored run → its attribute.
_MOMENTS = ("began", "due", "paused", "stopped")


class ClockType(DateTimeType):
    """A clock. In lists and formulas it is the moment by which it is due: empty while it does not run."""

    name = "clock"
    help = (
        "A time within which something is to be done, such as a first response: it runs, pauses and stops by the "
        "record's state. Nobody types it. In lists and formulas it is the moment by which it is due, empty while it "
        "is paused or has stopped."
    )
    synonyms = "sla service_level frist uhr 时钟 timer stopwatch"
    runs_by_itself = True
    is_convertible = False
    is_cell = False
    is_column = False
    widget = "datetime"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption("starts", "states", "It begins when a record comes into one of these states.", True, part=PROCESS),
        TypeOption("pauses", "states", "It stands still while a record is in one of these.", part=PROCESS),
        TypeOption(
            "stops",
            "states_or_actions",
            "It stops in these states, or when one of these actions is taken; in final states it stops by itself.",
            part=PROCESS,
        ),
        TypeOption(
            "within",
            "length",
            "How long there is: `8 working hours`, `2 working days`, `3 days`; or a formula, `= …`, giving one.",
            True,
            part=PROCESS,
        ),
        TypeOption("calendar", "calendar", "Whose working time it counts; the only one unless told.", part=PROCESS),
    )

    def in_formulas(self, value: Value, zone: ZoneInfo) -> object:
        """Return the moment by which it is due, in the workspace's zone."""
        return super().in_formulas(_due(value), zone)

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the moments of the run, and how long it was paused in seconds."""
        if not isinstance(value, ClockRun):
            return None
        found: dict[str, Json] = {
            key: f"{moment:%Y-%m-%dT%H:%M:%S}Z" for key in _MOMENTS if (moment := getattr(value, key)) is not None
        }
        if value.held:
            found["held"] = value.held // timedelta(seconds=1)
        if value.in_working_time:
            found["works"] = True
        return found

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the run of its stored form."""
        if not isinstance(stored, dict):
            return None
        moments = {key: datetime.fromisoformat(str(stored[key])).astimezone(UTC) for key in _MOMENTS if key in stored}
        held = stored.get("held")
        return ClockRun(
            **moments,
            held=timedelta(seconds=held if isinstance(held, int) else 0),
            in_working_time=stored.get("works") is True,
        )

    def to_api(self, value: Value, of: Field) -> Json:
        """Return the moment by which it is due."""
        return super().to_stored(_due(value), of)

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the moment by which it is due."""
        return super().to_text(_due(value), of, locale)

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the moment by which it is due, or, where it does not run, was due; the page says which."""
        return super().show(value.due if isinstance(value, ClockRun) else value, of, locale)

    def slot_value(self, value: Value) -> str | int | None:
        """Return the moment by which it is due, as the store keeps moments."""
        return super().slot_value(_due(value))


def named_by(of: Field, key: str) -> tuple[str, ...]:
    """Return the states, and under ``stops`` actions, that a clock names under a key."""
    found = of.options.get(key)
    return found if isinstance(found, tuple) else ()


def _due(value: Value) -> Value:
    return value.runs_until if isinstance(value, ClockRun) else value
