"""Bringing up what views reach for: the store with its schema looked at, the engine, accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app

from blankett.engine.cancellation import LatestQuestions
from blankett.engine.publish.candidate import Candidates
from blankett.engine.records.engine import Engine
from blankett.engine.store import Organisation, Store
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.schema import SchemaOutdated, require_newest
from blankett.web.account.accounts import Accounts
from blankett.web.inbox.badge import TaskBadge
from blankett.web.settings import Settings, SettingsError
from blankett.web.side_navigation import SideLists
from blankett.web.standing_cache import Standings


@dataclass
class Services:
    """One of everything."""

    settings: Settings
    store: Store
    engine: Engine
    accounts: Accounts
    clock: Callable[[], datetime]
    standings: Standings = field(default_factory=Standings)
    badge: TaskBadge = field(default_factory=TaskBadge)
    side_lists: SideLists = field(default_factory=SideLists)
    #: Texts on their way to a version; what is kept of them never decides what one may do.
    candidates: Candidates = field(default_factory=Candidates)
    #: Texts somebody waits for the check of: an older one is given up when a newer comes.
    questions: LatestQuestions = field(default_factory=LatestQuestions)
    _organisation_id: str | None = field(default=None, init=False)

    def organisation_id(self) -> str | None:
        """Return the id of the organisation that is served, which never changes; None before it is set up."""
        if self._organisation_id is None:
            found = self.organisation()
            self._organisation_id = found.id if found is not None else None
        return self._organisation_id

    def organisation(self) -> Organisation | None:
        """Return the organisation as it is kept now: another process may have changed its settings."""
        return self.accounts.organisation()


def services_of(app: Flask) -> Services:
    """Return the services of *app*."""
    found: Services = app.extensions["blankett"]
    return found


def services() -> Services:
    """Return the services of the application that answers the current request."""
    found: Services = current_app.extensions["blankett"]
    return found


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def start_services(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Services:
    """Return the services for *settings*; raise SettingsError when the store's schema is not this program's."""
    store = Store(settings.database)
    try:
        require_newest(store)
    except (SchemaOutdated, DatabaseFault) as err:
        store.close()
        raise SettingsError(str(err)) from err
    return services_over(settings, store, clock)


def services_over(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Services:
    """Return the services over a store that is ready."""
    accounts = Accounts(store, clock, timedelta(hours=settings.idle_hours), timedelta(hours=settings.longest_hours))
    return Services(settings, store, Engine(store, clock), accounts, clock)
