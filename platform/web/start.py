"""Bringing up what views reach for: the store with its schema looked at, the engine, accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from blankett.engine.records.engine import Engine
from blankett.engine.store import Store
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.schema import SchemaOutdated, require_newest
from blankett.web.account.accounts import Accounts
from blankett.web.services import Services
from blankett.web.settings import Settings, SettingsError


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
