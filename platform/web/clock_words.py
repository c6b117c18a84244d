"""Clocks of records in words: by when something is due, how much working time is left, and whether that is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from blankett.engine.calendar import ClockRun
from blankett.engine.fields.typed_times import written_hours, written_length
from blankett.engine.language.model import Field
from blankett.web.page_locale import the_calendar, the_reader
from blankett.web.services import services
from blankett.web.templating import short_moment, t

#: From this share of its time on a clock is told to be due soon.
SOON = 0.75
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockWords:
    """What a page says of a clock."""

    #: By when it is due, or that it is paused, or kept.
    due: str
    #: How much time is left, or how late it is; empty where nothing more is to be said.
    left: str
    #: late | soon | ok
    kind: str


def clock_words(of: Field, run: ClockRun) -> ClockWords:
    """Return what a page says of the clock of a record."""
    key, now = of.options.get("calendar"), services().clock()
    calendar = the_calendar(key) if isinstance(key, str) else None
    left = run.left(now, calendar)
    write = written_hours if run.in_working_time else written_length
    length = write(abs(left) // _MINUTE * _MINUTE, the_reader().language)
    is_late = left < timedelta(0)
    told = "clock.late" if is_late else "clock.worked_left" if run.in_working_time else "clock.left"
    if run.is_kept is not None:
        missed = ClockWords(t("clock.missed"), t("clock.late", time=length), "late")
        return ClockWords(t("clock.kept"), "", "ok") if run.is_kept else missed
    if run.paused is not None:
        return ClockWords(t("clock.paused"), t(told, time=length), "late" if is_late else "ok")
    kind = "late" if is_late else "soon" if run.share_used(now, calendar) >= SOON else "ok"
    return ClockWords(short_moment(run.due), t(told, time=length), kind)
