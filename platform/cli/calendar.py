"""`blankett calendar`: the calendars of the organisation, their public holidays, and how long something takes by them.

Hours and own days are changed on the page "Calendars".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from blankett.cli.storage import database_option, fail, open_store, the_organisation

if TYPE_CHECKING:
    from blankett.engine.store import Reading
    from blankett.engine.store.calendars import StoredCalendar


@click.group()
def calendar() -> None:
    """Look at calendars, and bring their public holidays up to date."""


@calendar.command("list")
@database_option
def list_calendars(database: str | None) -> None:
    """List the calendars with their time zones, and whose public holidays they have."""
    with open_store(database) as store, store.reading() as reading:
        for found in reading.calendars(the_organisation(reading, None)):
            region = found.definition.region or "-"
            click.echo(f"{found.key:<20}{found.title:<28}{found.definition.zone:<24}{region}")


@calendar.command()
@click.argument("key")
@click.argument("length")
@click.option("--from", "start", metavar="TIME", help="When it begins, 2026-11-30T15:20 in its zone; now unless told.")
@database_option
def ends(key: str, length: str, start: str | None, database: str | None) -> None:
    """Say when LENGTH ("2 working days", "8 working hours") ends by the calendar KEY."""
    from blankett.engine.calendar import Calendar, meant_length, read_length

    with open_store(database) as store, store.reading() as reading:
        found = _the_calendar(reading, key)
    zone = ZoneInfo(found.definition.zone)
    try:
        begins = datetime.fromisoformat(start) if start else datetime.now(UTC).astimezone(zone).replace(microsecond=0)
    except ValueError:
        fail(f"{start!r} is no time; write it as 2026-11-30T15:20.")
    read = read_length(length)
    if read is None:
        meant = meant_length(length)
        fail(f"{length!r} is no length; write {meant or '2 working days'!r}.")
    ended = Calendar(found.definition).advance(begins if begins.tzinfo else begins.replace(tzinfo=zone), read)
    if ended is None:
        fail("That is beyond the years that calendars know.", status=1)
    click.echo(ended.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z"))


@calendar.command()
@click.argument("key")
@click.option("--region", metavar="CODE", help="Whose holidays they are from now on: DK, DE-MV; the same unless told.")
@click.option("--take", is_flag=True, help="Take them over; without it, only say what would change.")
@database_option
def holidays(key: str, region: str | None, take: bool, database: str | None) -> None:
    """Say which days would change if public holidays were taken over as they are known now, from today on."""
    from blankett.engine.calendar.changes import holiday_changes, renewed
    from blankett.engine.calendar.public_holidays import is_region
    from blankett.engine.jobs.deadlines_job import change_calendar

    with open_store(database) as store:
        with store.reading() as reading:
            organisation, found = the_organisation(reading, None), _the_calendar(reading, key)
        wanted = found.definition.region if region is None else region
        if wanted and not is_region(wanted):
            fail(f"No public holidays are known of {wanted!r}; write a country, DK, or one with its region, DE-MV.")
        today = datetime.now(UTC).astimezone(ZoneInfo(found.definition.zone)).date()
        definition = renewed(found.definition, wanted, today)
        changes = holiday_changes(found.definition, definition)
        for change in changes:
            click.echo(f"{change.day}  {change.was or '-'} -> {change.now or '-'}")
        click.echo(f"{len(changes)} days {'change' if take else 'would change'}")
        if take and definition != found.definition:
            with store.writing() as writing:
                changed = replace(found, definition=definition, revision=found.revision + 1)
                count = change_calendar(writing, organisation, changed, "", datetime.now(UTC))
            if count is None:
                fail("Somebody has changed the calendar meanwhile; look again.", status=1)
            if count:
                click.echo(f"{count} deadlines count in it; a worker works them out anew")


def _the_calendar(reading: Reading, key: str) -> StoredCalendar:
    """Return a calendar; end the command with the keys there are where there is none of that key."""
    organisation = the_organisation(reading, None)
    found = reading.calendar(organisation, key)
    if found is None:
        known = ", ".join(each.key for each in reading.calendars(organisation)) or "none yet"
        fail(f"There is no calendar {key!r}; there are: {known}.", status=1)
    return found
