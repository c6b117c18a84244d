"""Days with a time: moments, which are the same everywhere and are written in the zone of whoever reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, tzinfo
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.feel.temporal import read_datetime, temporal_text
from blankett.engine.fields import locale_formats, typed_times
from blankett.engine.fields.base import (
    PROCESS,
    Fault,
    FieldType,
    Json,
    SlotKind,
    TextReading,
    TypeOption,
    Value,
    Wording,
)
from blankett.engine.fields.cells import CellForm, Cells, DayCells, Habits, Mark, Optioned, SheetValue

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

_ZONE = r"(?:Z|[+-]\d\d:\d\d|@[A-Za-z][A-Za-z0-9_+/-]*)?"
_WRITTEN = re.compile(rf"(?<![\w\-\"])\d{{4}}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?P<zone>{_ZONE})(?![\w:\"])")
_ISO = re.compile(rf"(?P<moment>\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d)(?P<second>:\d\d)?(?:\.\d+)?(?P<zone>{_ZONE})\Z")
_CALL = re.compile(r'date and time\(("[^"]+")\)')
_MARKED = re.compile(rf'@"(\d{{4}}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d))?({_ZONE})"')
#: The time at the end of what was typed, behind the day.
_TIME_BEHIND = re.compile(
    r"(?P<day>.+?)(?:, ?| um | at | |T)(?P<time>[^ ,]*\d[^ ,]*(?: ?(?:[ap]\.?m\.?|uhr))?)\Z", re.IGNORECASE
)
#: The last moment of a day, to the second that moments are kept to.
LAST_SECOND = time(23, 59, 59)
#: How far behind the time its clocks are put, where they show it twice in a night: ``02:30 +01:00``.
_OFFSET = re.compile(r"(?P<rest>.*?\d) ?(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)\Z")
EXAMPLE = datetime(2026, 12, 31, 14, 30, tzinfo=UTC)


class MomentCells(Cells):
    """Moments as ISO 8601 has them, with a zone, which need no marks: ``>= 2026-12-31T14:00Z``."""

    kind = "moment"
    type_ref = "dateTime"
    tool_names = frozenset("datetime dateandtime date_time localdatetime zoneddatetime offsetdatetime".split())
    examples = ((">= 2026-12-31T14:00Z", "since"), ("null", "empty"))
    example = "2026-12-31T14:00Z"
    is_read = True
    is_bounded = True

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield the marks of moments."""
        for match in _WRITTEN.finditer(written, start, end):
            found = _ISO.match(match[0])
            if found is not None:
                yield (*match.span(), f'@"{found["moment"]}{found["second"] or ":00"}{found["zone"]}"')

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return moments without marks."""
        text = _CALL.sub(r"@\1", text)

        def bare(match: re.Match[str]) -> str:
            return f"{match[1]}{'' if match[2] in (None, '00') else ':' + match[2]}{match[3]}"

        return text, _MARKED.sub(bare, text)

    def zoned(self, text: str) -> str:
        """Return a cell whose moments that say no zone are in UTC."""
        return _WRITTEN.sub(lambda match: match[0] if match["zone"] else f"{match[0]}Z", text)

    def constant(self, value: object) -> str | None:
        """Return the moment with its zone."""
        return temporal_text(value) if isinstance(value, datetime) else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a day in figures with a time behind it."""
        if _WRITTEN.fullmatch(shown):
            return CellForm(shown)
        found = _TIME_BEHIND.match(shown)
        day = DayCells().read(found["day"].strip(), habits) if found else None
        at = typed_times.read_clock(found["time"]) if found else None
        if day is None or at is None:
            return None
        return CellForm(f"{day.text}T{typed_times.written_clock(at)}", day.is_doubtful)

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return the moment as the sheet has it, without a zone."""
        return cell.value.isoformat(timespec="minutes") if isinstance(cell.value, datetime) else None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a moment."""
        return isinstance(cell.value, datetime)

    def is_usual(self, text: str) -> bool:
        """Tell whether it is written as ISO 8601 has it."""
        return _WRITTEN.fullmatch(text) is not None


class DateTimeType(FieldType):
    """A day with a time: in memory and in the store in UTC, in formulas in the workspace's zone."""

    name = "datetime"
    help = (
        "A day with a time, typed and shown in the person's own time zone, the organisation's where they have none; in "
        "formulas in the workspace's."
    )
    synonyms = "timestamp date_time datetimetz date_and_time moment"
    slot: ClassVar[SlotKind | None] = "text"
    column = "datetime"
    filter = "range"
    is_ordered = True
    bounded = datetime
    outside = ("field.too_early", "field.too_late")
    tells_apart = True
    takes_moments = True
    changes_in_formulas = True
    cells = MomentCells()
    is_column = True
    is_day = True
    is_read_from_today = True
    widget = "datetime"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "min", "value", "The earliest moment: 2026-01-31T09:00Z, or a formula such as = now().", part=PROCESS
        ),
        TypeOption("max", "value", "The latest moment.", part=PROCESS),
    )
    letters = 18

    def feel_type(self, of: Field) -> feel.Type:
        """Return a date and time."""
        return feel.DateTime()

    def in_formulas(self, value: Value, zone: ZoneInfo) -> object:
        """Return the moment in the workspace's zone, as `now()` is."""
        return value.astimezone(zone) if isinstance(value, datetime) else value

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the moment a person typed: a day as fields of days take it, and a time behind it."""
        if _ISO.match(text):
            return self.parse_api(text, of, reading)
        apart = _OFFSET.match(text.translate(locale_formats.LOOKALIKES))
        found = _TIME_BEHIND.match(apart["rest"] if apart else text)
        day = (
            typed_times.read_day(found["day"].strip(), reading.locale, reading.today) if found else typed_times.NOTHING
        )
        at = typed_times.read_clock(found["time"]) if found else None
        if at is None or day.day is None:
            return self._unread(text, day, reading.locale)
        local, zone = datetime.combine(day.day, at), _zone(reading)
        if apart:
            return _at_offset(local, zone, apart) or self._unread(text, day, reading.locale)
        return _twice(text, local, zone, reading.locale) or _at(local, zone)

    def parse_bound(self, text: str, of: Field, reading: TextReading, *, is_last: bool) -> Value | Fault:
        """Return the moment that was typed; of a day alone its first moment, or its *last*."""
        day = typed_times.read_day(text, reading.locale, reading.today)
        if day.day is None:
            return self.parse(text, of, reading)
        return datetime.combine(day.day, LAST_SECOND if is_last else time.min, _zone(reading)).astimezone(UTC)

    def _unread(self, text: str, day: typed_times.DayRead, locale: str) -> Fault:
        """Return why a text is no moment, with one written as the person writes them."""
        example = datetime.combine((*day.readings, EXAMPLE.date())[0], EXAMPLE.time())
        return Fault("field.not_a_moment", {"value": text[:100], "example": _typed(example, locale)})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the moment of an ISO text; one without a zone is in that of the reading."""
        found = _ISO.match(raw.strip()) if isinstance(raw, str) else None
        text = f"{found['moment'].replace(' ', 'T')}{found['second'] or ':00'}{found['zone']}" if found else ""
        value = read_datetime(text) if text else None
        if not isinstance(value, datetime):
            return self._unread(str(raw)[:100], typed_times.NOTHING, "en")
        return value.astimezone(UTC) if value.tzinfo else _at(value, _zone(reading))

    def check_between(self, value: Value, least: object, most: object) -> Fault | None:
        """Return a fault for a moment before *least* or after *most*; bounds without a zone do not bind."""
        return super().check_between(value, *(each if _has_zone(each) else None for each in (least, most)))

    def from_formula(self, value: object, of: Field, zone: tzinfo | None, currency: str | None = None) -> Value | Fault:
        """Return the moment a formula gave; one without a zone is in *zone*, the workspace's."""
        if isinstance(value, datetime) and value.tzinfo is None:
            return _at(value.replace(microsecond=0), zone or UTC)
        return self.from_feel(value, of, currency)

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the moment a formula gave, to the second; one without a zone is in UTC."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            return self._unread(str(value), typed_times.NOTHING, "en")
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.replace(microsecond=0)

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the moment in UTC: ``2026-12-31T14:30:00Z``."""
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0") if isinstance(value, datetime) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the moment of a stored text."""
        return datetime.fromisoformat(stored) if isinstance(stored, str) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return day and time in figures, in the person's order and zone."""
        return _typed(_local(value, locale), locale) if isinstance(value, datetime) else ""

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the moment with its weekday, where it was typed in another way than it is written."""
        if not isinstance(value, datetime) or " ".join(text.split()) == self.to_text(value, of, locale):
            return ""
        local = _local(value, locale)
        return f"{locale_formats.spoken_day(local.date(), locale)} {_clock(local)}"

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return day and time as people read them, in the reader's zone."""
        if not isinstance(value, datetime):
            return ""
        local = _local(value, locale)
        return f"{locale_formats.shown_day(local.date(), locale)} {_clock(local)}"

    def slot_value(self, value: Value) -> str | int | None:
        """Return the moment in UTC, of fixed width, as the store keeps moments."""
        if not isinstance(value, datetime):
            return None
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _zone(reading: TextReading) -> tzinfo:
    return locale_formats.zone_of(reading.locale) or reading.zone or UTC


def _at(local: datetime, zone: tzinfo) -> datetime | Fault:
    """Return the moment of a clock's time in *zone*; a fault for a time that its clocks leave out."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        return Fault("field.no_such_moment", {"value": local})
    return moment


def _local(value: datetime, locale: str) -> datetime:
    zone = locale_formats.zone_of(locale)
    return value.astimezone(zone) if zone else value


def _clock(local: datetime) -> str:
    """Return the time of day; of one that the clocks show twice in a night also which."""
    written = typed_times.written_clock(time(local.hour, local.minute, local.second))
    zone = local.tzinfo
    return f"{written} {_offset(local)}" if zone and len(_folds(local.replace(tzinfo=None), zone)) > 1 else written


def _folds(local: datetime, zone: tzinfo) -> list[datetime]:
    """Return the moments at which the clocks of *zone* show the time *local*: two where they are put back."""
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    real = [each for each in both if each.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == local]
    return real if len({each.utcoffset() for each in real}) > 1 else real[:1]


def _twice(text: str, local: datetime, zone: tzinfo, locale: str) -> Fault | None:
    """Return the two readings of a time that the clocks show twice; None for any other."""
    found = _folds(local, zone)
    if len(found) < 2:
        return None
    readings = tuple(
        Wording(_typed(each, locale), f"{locale_formats.shown_day(each.date(), locale)} {_clock(each)}")
        for each in found
    )
    first, second = (reading.shown for reading in readings)
    return Fault("field.two_moments", {"value": text[:100], "first": first, "second": second, "readings": readings})


def _at_offset(local: datetime, zone: tzinfo, apart: re.Match[str]) -> datetime | None:
    """Return the moment at which the clocks of *zone*, that far from UTC, show *local*; None where they do not."""
    said = f"{apart['sign']}{apart['hours']}:{apart['minutes']}"
    found = next((each for each in _folds(local, zone) if _offset(each) == said), None)
    return found.astimezone(UTC) if found is not None else None


def _offset(moment: datetime) -> str:
    """Return how far the clocks are from UTC: ``+01:00``."""
    return moment.isoformat()[-6:]


def _typed(local: datetime, locale: str) -> str:
    return f"{locale_formats.typed_day(local.date(), locale)} {_clock(local)}"


def _has_zone(bound: object) -> bool:
    return isinstance(bound, datetime) and bound.tzinfo is not None
