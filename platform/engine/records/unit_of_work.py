"""The unit of work of one command: it holds every record that the command touches.

Nothing here is written to the store: a `Unit` gathers what will be, `write.persist` puts it there in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from weakref import proxy

from blankett.engine import feel
from blankett.engine.access import Actor, FormAccess, reading_zone
from blankett.engine.calendar import Calendar
from blankett.engine.departments import Directory
from blankett.engine.feel.values import Reference
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Action
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import FieldProblem, Refusal, RefusalKind
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.evaluation_context import UTC, Situation, decode, frozen_in, record_names, situation_of
from blankett.engine.records.facts import CountedFacts, Facts
from blankett.engine.records.link_loader import Linked
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_change import FiredTimer, Work
from blankett.engine.records.write.compute import Changes
from blankett.engine.store import Reading, StoredRecord, StoredTask, Writing

PLACEHOLDER = re.compile(r"\{(year|month|day|counter)(?::(\d{1,2}))?\}")


@dataclass(frozen=True)
class Series:
    """A run of numbers that counts for itself: the pattern with the day put in, ``SO-2026-{counter:5}``."""

    #: Unique in the organisation: ``order_management.order SO-2026-{counter:5}``.
    name: str
    pattern: str

    def number(self, serial: int) -> str:
        """Return the number that *serial* gives."""
        return PLACEHOLDER.sub(lambda found: str(serial).zfill(int(found[2] or 1)), self.pattern)


def series_of(form: str, pattern: str, now: datetime) -> Series:
    """Return the series *pattern* counts in at *now*, in the workspace's time zone. *form* is the full name."""
    parts = {"year": f"{now:%Y}", "month": f"{now:%m}", "day": f"{now:%d}"}
    dated = PLACEHOLDER.sub(lambda found: parts.get(found[1], found[0]), pattern)
    return Series(f"{form} {dated}", dated)


class Rates:
    """Answers currency rates from the transaction under way; each question costs the database once."""

    def __init__(self, reading: Reading, organisation: str) -> None:
        self.reading = reading
        self.organisation = organisation
        self._known: dict[tuple[str, str, date], Decimal | None] = {}

    def __call__(self, source: str, target: str, day: date) -> Decimal | None:
        """Return how much of *target* one of *source* was on *day*; None where no rate is known."""
        asked = (source, target, day)
        if asked not in self._known:
            self._known[asked] = self.reading.rate(self.organisation, source, target, day)
        return self._known[asked]


class Calendars:
    """Answers calendars from the transaction under way; each costs the database once."""

    def __init__(self, reading: Reading, organisation: str) -> None:
        self.reading = reading
        self.organisation = organisation
        self._known: dict[str, Calendar | None] = {}

    def __call__(self, key: str) -> Calendar | None:
        """Return the organisation's calendar called *key*; None where it has none."""
        if key not in self._known:
            self._known[key] = self.reading.working_calendar(self.organisation, key)
        return self._known[key]


#: Tasks of one person, each with its record and the action that asked for it.
OwedDecisions = tuple[tuple[StoredTask, StoredRecord, Action], ...]


@dataclass(frozen=True)
class UnsentLetter:
    """A letter that a command causes, with its texts as they are kept."""

    record: str
    #: Key of the blueprint's message.
    message: str
    subject: str
    body: str
    #: The user who reads it, or an address and the language that is read there.
    reader: str = ""
    address: str = ""
    language: str = ""


class Unit:
    """Everything one command does: who, when, and the records it touches, in the order they were touched."""

    def __init__(
        self, actor: Actor, now: datetime, catalog: Catalog, linked: Linked, new_id: Callable[[], str]
    ) -> None:
        self.actor = actor
        self.now = now
        self.catalog = catalog
        self.linked = linked
        self.new_id = new_id
        self.works: dict[str, Work] = {}
        #: What brought the effects about: ``order_management.order/01J…/ship``; empty for the command itself.
        self.cause = ""
        #: (user id, record id, message key, what is told as it is kept).
        self.notices: list[tuple[str, str, str, str]] = []
        self.letters: list[UnsentLetter] = []
        #: What the actor owes to approvals, by their id, once it was asked for.
        self.owed: dict[str, OwedDecisions] = {}
        #: The timer by which all of it happens.
        self.fired: FiredTimer | None = None
        #: Actions under way, so that effects that go round are stopped: (record id, action).
        self.under_way: list[tuple[str, str]] = []
        #: The actor before the records of each form, made when first asked: (what is current, whether as a guest).
        self.accesses: dict[tuple[CurrentForm, bool], FormAccess] = {}
        #: What they may do to the records that access does not tell apart, where no grant looks at values.
        self.permits: dict[Hashable, Permit] = {}
        self.rates = Rates(catalog.reading, actor.organisation)
        self.calendars = Calendars(catalog.reading, actor.organisation)
        #: What rules have counted, and what they warn of: (record id, point) → warnings.
        self.facts = Facts()
        self.warnings: dict[tuple[str, str], tuple[FieldProblem, ...]] = {}
        #: Other people as actors, as far as they were asked for; None of those who are gone.
        self.others: dict[str, Actor | None] = {}
        self._writing: Writing | None = None
        self._fast_serial: int | None = None

    def again(self, actor: Actor | None = None) -> Unit:
        """Return a unit for another question in the same transaction, of the same actor or of another one.

        What was read is shared, and what is known of the actor's rights; nothing that was changed is.
        """
        moment = feel.Moment(self.now, UTC, purse=self.linked.moment.purse)
        made = Unit(actor or self.actor, self.now, self.catalog, self.linked.again(moment), self.new_id)
        if actor is None:
            made.accesses, made.permits, made.owed = self.accesses, self.permits, self.owed
            made.rates, made.calendars = self.rates, self.calendars
        return made

    @cached_property
    def reader(self) -> Reader:
        """Return who reads what is said of records: the actor's language, ways of writing and time zone."""
        actor = self.actor
        zone = actor.zone or reading_zone("", self.catalog.places.organisation)
        return Reader.with_ways(actor.language, actor.numbers, actor.days, zone)

    def locate(self, workspace: str) -> None:
        """Evaluate in the time zone of *workspace*."""
        zone = self.catalog.places.zone(workspace)
        # What is linked holds its moment: the moment holds it weakly, so that both go with the unit.
        linked = proxy(self.linked)
        self.linked.moment = feel.Moment(
            self.now,
            zone,
            self.rates,
            self.calendars,
            lambda: linked.directory(),
            lambda id: linked.user(id),
            self.actor.language,
            purse=self.linked.moment.purse,
        )

    def directory(self) -> Directory:
        """Return the departments, as the transaction under way has them."""
        return self.linked.directory()

    def renew_purse(self) -> None:
        """Let the formulas of the next record of many use as much as those of one command may."""
        self.linked.moment = replace(self.linked.moment, purse=feel.Purse())

    def bind(self, writing: Writing, fast_serial: int | None = None) -> None:
        """Read and draw numbers through *writing* from now on; *fast_serial* was drawn before."""
        self.linked.reading = self.catalog.reading = writing
        self.rates.reading = self.calendars.reading = writing
        self._writing = writing
        self._fast_serial = fast_serial

    def series_wanted(self, work: Work, action: str | None) -> Series | None:
        """Return the series that the command's own record will draw from before the lock, when it draws so."""
        numbering = work.process.form.number
        if numbering is None or numbering.policy != "fast" or work.record.number is not None:
            return None
        wanted = numbering.at == action or (numbering.at == "create" and work.before is None)
        return self.series(work) if wanted else None

    def series(self, work: Work) -> Series:
        """Return the series the record's number is drawn from at this moment."""
        numbering = work.process.form.number
        assert numbering is not None
        return series_of(work.process.form.kept_name, numbering.pattern, self.now.astimezone(self.linked.moment.zone))

    def number(self, work: Work, at: str) -> bool:
        """Give the record its number when its form draws it at *at* ("create" or an action) and it has none; tell
        whether.
        """
        numbering = work.process.form.number
        if numbering is None or numbering.at != at or work.record.number is not None:
            return False
        series = self.series(work)
        serial = self._draw(series)
        work.update(number=series.number(serial), series=series.name, serial=serial)
        return True

    def _draw(self, series: Series) -> int:
        """Return the next serial: the one drawn before the lock for the command's own record, else one under it."""
        if self._fast_serial is not None:
            serial, self._fast_serial = self._fast_serial, None
            return serial
        assert self._writing is not None, "numbers are drawn under the lock"
        return self._writing.draw_number(self.actor.organisation, series.name)

    @property
    def user(self) -> Reference:
        """Return the actor as formulas see them."""
        return self.actor.as_reference(self.linked.moment)

    def open(self, stored: StoredRecord, values: dict[str, Any] | None = None) -> Work:
        """Return the record's work: with *values*, or as it is stored, unless an effect has touched it before."""
        known = self.works.get(stored.id)
        if known is not None:
            return known
        process = self.catalog.process_of(stored)
        if not self.works:
            self.locate(stored.workspace)
        if values is None:
            values = decode(process, stored.data)
        self.linked.load_paths(process.head_paths, process, values)
        ambient = self._ambient(stored)
        if process.reads_old:
            before = situation_of(process, stored, self.linked)
            before.refresh_live()
            ambient["old"] = before.this
        situation = Situation(
            process, self.linked, values, ambient, stored.hidden, stored.filled, frozen_in(process, stored.data)
        )
        work = Work(process, stored, stored, situation, Changes(is_settled=True))
        self.let_count(work)
        self.works[stored.id] = work
        return work

    def create(self, process: Process, workspace: str, values: dict[str, Any]) -> Work:
        """Return the work of a new record of *process*, the actor's own, with *values* and nothing worked out."""
        if not self.works:
            self.locate(workspace)
        start = process.form.start
        record = StoredRecord(
            organisation=self.actor.organisation,
            id=self.new_id(),
            workspace=workspace,
            blueprint=process.blueprint.key,
            version=process.version,
            form=process.form.kept_as,
            state=start.key if start else None,
            owner=self.actor.user,
            department=self.actor.department,
            created_at=self.now,
            created_by=self.actor.user,
            changed_at=self.now,
        )
        self.linked.load_paths(process.all_paths, process, values)
        situation = Situation(process, self.linked, values, self._ambient(record))
        work = Work(process, None, record, situation, Changes(is_new=True), kinds={"create"})
        self.let_count(work)
        self.works[record.id] = work
        return work

    def is_alone(self, work: Work) -> bool:
        """Tell whether all that formulas of *work* see, but its own values, is as it was stored."""
        others = any(other.kinds for other in self.works.values() if other is not work)
        return not (others or work.process.reads_itself)

    def let_count(self, work: Work) -> None:
        """Let the formulas of a record read its facts, each counted when it is read."""
        if work.process.form.facts:
            work.situation.add_name("facts", CountedFacts(self.facts, self, work))

    def _ambient(self, stored: StoredRecord) -> dict[str, Any]:
        return {"record": record_names(stored, self.linked), "user": self.user, "old": None, "inputs": {}}


def refusal(kind: RefusalKind, message: str, path: tuple[str, ...] = (), key: str = "", **params: object) -> Refusal:
    """Return a refusal with one problem."""
    return Refusal(kind, (FieldProblem(path, message, params, key),))
