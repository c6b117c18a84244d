"""Calendars: when people work, which days are holidays, and how long things take in working time.

A `Calendar` answers from its `CalendarDefinition` alone: it reads no clock, no database and no list of holidays. Public
holidays come from `public_holidays`, once, when a calendar is made or brought up to date; from then on its definition
holds them as days.
"""

from blankett.engine.calendar.calendar import FIRST_YEAR as FIRST_YEAR
from blankett.engine.calendar.calendar import LAST_YEAR as LAST_YEAR
from blankett.engine.calendar.calendar import Calendar as Calendar
from blankett.engine.calendar.calendar import calendar_of as calendar_of
from blankett.engine.calendar.clock_run import ClockRun as ClockRun
from blankett.engine.calendar.clock_run import begin_run as begin_run
from blankett.engine.calendar.definition import WEEKDAYS as WEEKDAYS
from blankett.engine.calendar.definition import CalendarDefinition as CalendarDefinition
from blankett.engine.calendar.definition import Hours as Hours
from blankett.engine.calendar.definition import HoursFault as HoursFault
from blankett.engine.calendar.definition import OwnDay as OwnDay
from blankett.engine.calendar.definition import Span as Span
from blankett.engine.calendar.definition import Week as Week
from blankett.engine.calendar.definition import minutes_of as minutes_of
from blankett.engine.calendar.definition import read_definition as read_definition
from blankett.engine.calendar.definition import read_hours as read_hours
from blankett.engine.calendar.definition import week_fault as week_fault
from blankett.engine.calendar.definition import write_definition as write_definition
from blankett.engine.calendar.definition import written_hours as written_hours
from blankett.engine.calendar.length import Length as Length
from blankett.engine.calendar.length import advance_plainly as advance_plainly
from blankett.engine.calendar.length import meant_length as meant_length
from blankett.engine.calendar.length import read_length as read_length
from blankett.engine.calendar.local_moment import moment_at as moment_at
from blankett.engine.calendar.local_moment import read_local as read_local
