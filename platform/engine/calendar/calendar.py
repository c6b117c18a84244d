"""Working time: which days are worked, the next working moment, adding and measuring.

A year's work is laid out once, in sums, when it is first asked for. Measuring and adding then look into each year
between, so that ten thousand working days cost forty looks. Whatever lies outside `FIRST_YEAR` to `LAST_YEAR` is not
known: the answer is None.

Moments are aware. A span is as long as it lasts: a night in which the clock is put forward is an hour shorter.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from blankett.engine.calendar.definition import DAY, CalendarDefinition, Span, read_definition
from blankett.engine.calendar.length import Length

FIRST_YEAR, LAST_YEAR = 2000, 2099

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class WorkYear:
    """The spans that begin in one year, in microseconds since 1970, without those that last no time."""

    starts: list[int]
    ends: list[int]
    #: What was worked in the year before each span, and with it.
    before: list[int]
    after: list[int]
    #: The day on which each begins, as an ordinal.
    days: list[int]

    @property
    def total(self) -> int:
        """Return the work of the year."""
        return self.after[-1] if self.after else 0

    def done_by(self, moment: int) -> int:
        """Return what of its work is done by *moment*."""
        place = bisect_right(self.starts, moment) - 1
        if place < 0:
            return 0
        return self.before[place] + min(self.ends[place], moment) - self.starts[place]


class Calendar:
    """Answers what a definition means. Shared between requests: what it lays out never changes."""

    def __init__(self, definition: CalendarDefinition) -> None:
        self.definition = definition
        self._years: dict[int, WorkYear] = {}
        self._working_days: dict[int, list[int]] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the time zone its hours are in."""
        return ZoneInfo(self.definition.zone)

    # Days -------------------------------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool | None:
        """Tell whether work begins on *day*; None for a day that is not known."""
        return bool(self.definition.hours_on(day)) if _is_known(day.year) else None

    def add_days(self, day: date, count: int) -> date | None:
        """Return the working day that is *count* after *day*, or before it; with 0 *day* itself or the next one."""
        year, wanted = day.year, count
        if not _is_known(year):
            return None
        if count >= 0:
            days = self._days_of(year)
            place = bisect_left(days, day.toordinal()) if count == 0 else bisect_right(days, day.toordinal()) - 1
            while place + wanted >= len(days):
                wanted -= len(days) - place
                year, place = year + 1, 0
                if not _is_known(year):
                    return None
                days = self._days_of(year)
            return date.fromordinal(days[place + wanted])
        days = self._days_of(year)
        place = bisect_left(days, day.toordinal())
        while place + wanted < 0:
            wanted += place
            year -= 1
            if not _is_known(year):
                return None
            days = self._days_of(year)
            place = len(days)
        return date.fromordinal(days[place + wanted])

    def days_between(self, start: date, end: date) -> int | None:
        """Return how many working days one comes to from *start* to *end*: those after *start* up to *end*; on the
        way back, below zero, those before *start* down to *end*.
        """
        if not (_is_known(start.year) and _is_known(end.year)):
            return None
        if end < start:
            return -sum(
                bisect_left(days, start.toordinal()) - bisect_left(days, end.toordinal())
                for days in map(self._days_of, range(end.year, start.year + 1))
            )
        return sum(
            bisect_right(days, end.toordinal()) - bisect_right(days, start.toordinal())
            for days in map(self._days_of, range(start.year, end.year + 1))
        )

    def _days_of(self, year: int) -> list[int]:
        found = self._working_days.get(year)
        if found is None:
            hours_on = self.definition.hours_on
            days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            found = self._working_days[year] = [day for day in days if hours_on(date.fromordinal(day))]
        return found

    # Time -------------------------------------------------------------------------------------------------------------

    def spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the stretches of work that begin on *day*, in UTC."""
        if not _is_known(day.year):
            return []
        year, ordinal = self._year(day.year), day.toordinal()
        places = range(bisect_left(year.days, ordinal), bisect_right(year.days, ordinal))
        return [(_moment(year.starts[place]), _moment(year.ends[place])) for place in places]

    def next_moment(self, moment: datetime) -> datetime | None:
        """Return *moment* where it is working time, else when work begins next."""
        found = self._span_at(moment)
        if found is not None and _micros(moment) < found[1]:
            return moment
        start = self._next_start(_micros(moment), self._local(moment).year)
        return None if start is None else _moment(start).astimezone(moment.tzinfo)

    def time_between(self, start: datetime, end: datetime) -> timedelta | None:
        """Return the working time from *start* to *end*, below zero where *end* comes first."""
        if end < start:
            found = self.time_between(end, start)
            return None if found is None else -found
        first, last = self._local(start).year, self._local(end).year
        if not (_is_known(first) and _is_known(last)):
            return None
        one, other = _micros(start), _micros(end)
        years = [self._year(year) for year in range(max(FIRST_YEAR, first - 1), last + 1)]
        return sum(year.done_by(other) - year.done_by(one) for year in years) * _MICROSECOND

    def add_time(self, moment: datetime, length: timedelta) -> datetime | None:
        """Return when *length* of work is done that begins at *moment*; below zero, when it had to begin.

        Work that ends with the day ends then, not when the next begins. No length at all gives `next_moment`.
        """
        year, here = self._local(moment).year, _micros(moment)
        if not _is_known(year):
            return None
        wanted = length // _MICROSECOND
        if wanted == 0:
            return self.next_moment(moment)
        found = self._forward(year, here, wanted) if wanted > 0 else self._backward(year, here, -wanted)
        return None if found is None else _moment(found).astimezone(moment.tzinfo)

    def _forward(self, first: int, here: int, wanted: int) -> int | None:
        for number in range(max(FIRST_YEAR, first - 1), LAST_YEAR + 1):
            year = self._year(number)
            done = year.done_by(here)
            if year.total - done >= wanted:
                place = bisect_left(year.after, done + wanted)
                return year.starts[place] + done + wanted - year.before[place]
            wanted -= year.total - done
        return None

    def _backward(self, last: int, here: int, wanted: int) -> int | None:
        for number in range(last, FIRST_YEAR - 1, -1):
            year = self._year(number)
            done = year.done_by(here)
            if done >= wanted:
                place = bisect_right(year.before, done - wanted) - 1
                return year.starts[place] + done - wanted - year.before[place]
            wanted -= done
        return None

    # Lengths ----------------------------------------------------------------------------------------------------------

    def advance(self, moment: datetime, length: Length) -> datetime | None:
        """Return when *length* has passed since *moment*: days first, then the time.

        A working day later is the same time of the next working day; where nobody works then, the next working moment
        of that day, or its end. What begins outside working time begins with the next.
        """
        found: datetime | None = moment if self._knows(moment) else None
        if found is not None and length.days:
            found = self._plain_days(found, length.days)
        if found is not None and length.working_days:
            found = self._working_days_later(found, length.working_days)
        if found is not None and length.working_minutes:
            found = self.add_time(found, length.working_time)
        if found is not None and length.minutes:
            try:
                found = found.astimezone(UTC) + length.time
            except OverflowError:
                return None
        return found.astimezone(moment.tzinfo) if found is not None and self._knows(found) else None

    def _plain_days(self, moment: datetime, days: int) -> datetime:
        local = self._local(moment)
        return datetime.combine(local.date() + timedelta(days=days), local.time(), self.zone).astimezone(UTC)

    def _working_days_later(self, moment: datetime, days: int) -> datetime | None:
        at = self._span_at(moment)
        if at is None:
            start = self.next_moment(moment)
            at = None if start is None else self._span_at(start)
            if start is None or at is None:
                return None
            moment = start
        begun = date.fromordinal(at[2])
        day = self.add_days(begun, days)
        if day is None:
            return None
        local = self._local(moment)
        clock = (local.date() - begun).days * DAY * 60 + local.hour * 3600 + local.minute * 60 + local.second
        aim = self._instant(day, clock, local.microsecond)
        spans = self.spans_of(day)
        if not spans:  # the night before lasts through all its hours, or the clock leaves them out
            found = self.next_moment(aim)
        else:
            found = next((max(aim, start) for start, end in spans if aim <= end), spans[-1][1])
        return None if found is None else found.astimezone(moment.tzinfo)

    def clock_changes(self, since: date) -> list[tuple[date, bool]]:
        """Return the days of a year from *since* on on which the clock is put forward (True) or back."""
        days = [since + timedelta(days=number) for number in range(367)]
        offsets = [datetime.combine(day, time(), self.zone).utcoffset() or _NOTHING for day in days]
        pairs = zip(days, pairwise(offsets), strict=False)  # the last day has no next
        return [(day, later > offset) for day, (offset, later) in pairs if later != offset]

    # Laying out -------------------------------------------------------------------------------------------------------

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def _knows(self, moment: datetime) -> bool:
        # Where a year ends early or late, it is next to one that is known.
        return FIRST_YEAR - 1 <= moment.year <= LAST_YEAR + 1 and _is_known(self._local(moment).year)

    def _span_at(self, moment: datetime) -> tuple[int, int, int] | None:
        """Return (start, end, day) of the span that *moment* lies in, its end counted in."""
        here, number = _micros(moment), self._local(moment).year
        for candidate in (number, number - 1):
            if not _is_known(candidate):
                continue
            year = self._year(candidate)
            place = bisect_right(year.starts, here) - 1
            if place >= 0:
                return (year.starts[place], year.ends[place], year.days[place]) if here <= year.ends[place] else None
        return None

    def _next_start(self, here: int, number: int) -> int | None:
        while _is_known(number):
            year = self._year(number)
            place = bisect_left(year.starts, here)
            if place < len(year.starts):
                return year.starts[place]
            number += 1
        return None

    def _year(self, number: int) -> WorkYear:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._laid_out(number)
        return found

    def _laid_out(self, number: int) -> WorkYear:
        year = WorkYear([], [], [], [], [])
        done, last = 0, self._end_before(date(number, 1, 1))
        for ordinal in self._days_of(number):
            day = date.fromordinal(ordinal)
            for span in self.definition.hours_on(day):
                start, end = self._ends(day, span)
                # A night that is not over goes on; what the clock leaves out is no time.
                start = max(start, last)
                if end <= start:
                    continue
                year.starts.append(start)
                year.ends.append(end)
                year.before.append(done)
                done += end - start
                year.after.append(done)
                year.days.append(ordinal)
                last = end
        return year

    def _end_before(self, day: date) -> int:
        """Return when the work ends that began on the day before *day*."""
        before = day - timedelta(days=1)
        hours = self.definition.hours_on(before)
        return self._ends(before, hours[-1])[1] if hours else _micros(self._instant(day, 0))

    def _ends(self, day: date, span: Span) -> tuple[int, int]:
        return _micros(self._instant(day, span.start * 60)), _micros(self._instant(day, span.end * 60))

    def _instant(self, day: date, seconds: int, microseconds: int = 0) -> datetime:
        """Return when the clock first shows *seconds* after the midnight of *day*, or more, in UTC."""
        days, seconds = divmod(seconds, 24 * 3600)
        clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60, microseconds)
        local = datetime.combine(day + timedelta(days=days), clock, self.zone)
        moment = local.astimezone(UTC)
        if local.utcoffset() == local.replace(fold=1).utcoffset() or self._shows(moment, local):
            return moment
        return self._change_before(moment)

    def _shows(self, moment: datetime, local: datetime) -> bool:
        return self._local(moment).replace(tzinfo=None) == local.replace(tzinfo=None)

    def _change_before(self, moment: datetime) -> datetime:
        """Return when the clock was put forward over the time that *moment* stands for."""
        low, high = moment - timedelta(hours=24), moment
        offset = self._local(high).utcoffset()
        while high - low > _MICROSECOND:
            middle = low + (high - low) // 2
            low, high = (low, middle) if self._local(middle).utcoffset() == offset else (middle, high)
        return high


@lru_cache(maxsize=64)
def calendar_of(definition: str) -> Calendar:
    """Return the calendar of a definition as the store keeps it; the same one while it is in use."""
    return Calendar(read_definition(definition))


def _is_known(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
