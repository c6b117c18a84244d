"""The static types of dates, times and durations that are written out."""

from __future__ import annotations

import datetime as dt
from typing import Final

from blankett.engine.feel.types import Date, DateTime, DaysTimeDuration, Time, Type, YearsMonthsDuration
from blankett.engine.feel.values import YearsMonths
from blankett.engine.feel.wide import WideDate, WideDateTime, WideDuration, WideTime

#: {class of a value: its type}
TEMPORAL_TYPES: Final[dict[type, Type]] = {
    dt.date: Date(),
    dt.time: Time(),
    dt.datetime: DateTime(),
    dt.timedelta: DaysTimeDuration(),
    YearsMonths: YearsMonthsDuration(),
    WideDate: Date(),
    WideTime: Time(),
    WideDateTime: DateTime(),
    WideDuration: DaysTimeDuration(),
}
