"""One unit a request: its moment, who asks, in which language, and one read transaction for all that the page reads.

A write ends the transaction first; what is read afterwards is read in another one, and sees the write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from functools import cached_property, wraps
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request, session
from flask.typing import ResponseReturnValue

from blankett.engine.access import Actor, actor_of, reading_zone
from blankett.engine.fields.reader import Reader
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import Command, Receipt, Refusal
from blankett.engine.records.engine import Engine
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.command_handler import Begun
from blankett.engine.store import Reading, Writing
from blankett.engine.store.database_faults import DatabaseFault
from blankett.web.account.accounts import Accounts, Visitor
from blankett.web.services import Services, services
from blankett.words import LANGUAGES, find_language

#: Keys in the signed cookie.
TOKEN, LANGUAGE = "token", "language"


class RequestUnit:
    """One request. Made when it begins, ended when it ends."""

    def __init__(self, made_of: Services) -> None:
        self.services = made_of
        self._transaction: ExitStack | None = None
        self._reading: Reading | None = None
        self._unit: Unit | None = None
        self._visitor: Visitor | None = None
        self._is_visitor_known = False
        self._actor: Actor | None = None
        self._language: str | None = None
        self._reader: Reader | None = None

    @property
    def now(self) -> datetime:
        """Return the moment."""
        return self.services.clock()

    # Who asks ---------------------------------------------------------------------------------------------------------

    @property
    def visitor(self) -> Visitor | None:
        """Return who is signed in, or None."""
        if not self._is_visitor_known:
            self._visitor, self._is_visitor_known = self._find_visitor(), True
        return self._visitor

    def _find_visitor(self) -> Visitor | None:
        token = session.get(TOKEN)
        organisation = self.services.organisation_id()
        if not isinstance(token, str) or organisation is None:
            return None
        accounts = self.services.accounts
        found = accounts.find(self.reading, organisation, token)
        if found is not None and accounts.is_due(found.session):
            self.end()
            accounts.note_seen(found.session)
        return found

    @property
    def actor(self) -> Actor | None:
        """Return who is signed in as the engine knows them, or None; texts come in the page's language."""
        if self._actor is None and self.visitor is not None:
            visitor = self.visitor
            actor = actor_of(visitor.user, visitor.workspaces, visitor.memberships)
            self._actor = replace(actor, language=self.language)
        return self._actor

    @property
    def language(self) -> str:
        """Return the language of the page: the person's own, else one chosen here, else the browser's."""
        if self._language is None:
            visitor = self.visitor
            wanted = find_language(visitor.user.language if visitor else session.get(LANGUAGE))
            self._language = wanted or request.accept_languages.best_match(tuple(LANGUAGES)) or "en"
        return self._language

    @property
    def reader(self) -> Reader:
        """Return who reads the page: their language, their way of numbers and days."""
        if self._reader is None:
            visitor = self.visitor
            numbers, days = (visitor.user.numbers, visitor.user.days) if visitor else ("", "")
            self._reader = Reader.with_ways(self.language, numbers, days, self.zone.key)
        return self._reader

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the time zone of whoever reads, as `reading_zone` has it."""
        visitor, organisation = self.visitor, None
        if visitor is not None and visitor.user.zone:
            return ZoneInfo(visitor.user.zone)
        with suppress(DatabaseFault):  # a page that tells of it has a zone all the same
            organisation = self.unit.catalog.places.organisation if visitor else self.services.organisation()
        return ZoneInfo(reading_zone("", organisation))

    @cached_property
    def this_year(self) -> int:
        """Return the year it is for whoever reads."""
        return self.now.astimezone(self.zone).year

    def change_visitor(self, visitor: Visitor | None = None, *, is_known: bool = False) -> None:
        """Go on for somebody else: *visitor* where they are known, else whoever the cookie names now."""
        self._visitor, self._is_visitor_known = visitor, is_known
        self._actor = self._language = self._reader = self._unit = None
        self.__dict__.pop("zone", None)

    # Reading ----------------------------------------------------------------------------------------------------------

    @property
    def reading(self) -> Reading:
        """Return the transaction, begun when it is first asked for."""
        if self._reading is None:
            self._transaction = ExitStack()
            self._reading = self._transaction.enter_context(self.services.store.reading())
        return self._reading

    @property
    def unit(self) -> Unit:
        """Return a unit of the engine for one question of the page: it shares with the others what was read and what is
        known of rights, and starts with nothing changed.
        """
        if self._unit is None:
            if self.actor is None:
                raise RuntimeError("this view's policy lets people in who are not signed in")
            self._unit = self.services.engine.unit(self.reading, self.actor)
            return self._unit
        return self._unit.again()

    @property
    def catalog(self) -> Catalog:
        """Return the published blueprints, for whoever is signed in."""
        return self.unit.catalog

    def end(self) -> None:
        """End the transaction, if there is one."""
        transaction, self._transaction, self._reading, self._unit = self._transaction, None, None, None
        if transaction is not None:
            # Nothing was written in it: a database that fails only now has given what was asked.
            with suppress(DatabaseFault):
                transaction.close()

    # Writing ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Give the write door, in the name of whoever is signed in."""
        by = self.actor.user if self.actor is not None else ""
        self.end()
        with self.services.store.writing(by=by) as writing:
            yield writing

    @property
    def accounts(self) -> Accounts:
        """Return the accounts, to be changed in the name of whoever is signed in, in transactions of their own."""
        by = self.actor.user if self.actor is not None else ""
        self.end()
        return replace(self.services.accounts, by=by)

    @property
    def engine(self) -> Engine:
        """Return the engine, for what it does in transactions of its own."""
        self.end()
        return self.services.engine

    def apply(self, command: Command) -> Receipt | Refusal:
        """Carry a command out; the transaction ends before anything is written."""
        return self.services.engine.apply(command, Begun(self.unit, self.end))


#: The unit of the request that is being answered, where it has begun: pages ask for it a hundred times, and what stands
#: in `flask.g` is a long way off.
_answered: ContextVar[RequestUnit | None] = ContextVar("answered", default=None)


def current_unit() -> RequestUnit:
    """Return the unit of the request that is being answered."""
    found = _answered.get() or g.get("unit")
    if found is None:
        found = g.unit = RequestUnit(services())
    return found


def init_request_unit(app: Flask) -> None:
    """Hand each request's unit to its view, and end it with the request. Comes after the views are there."""
    for endpoint, view in app.view_functions.items():
        if "request_unit" in signature(view).parameters:
            app.view_functions[endpoint] = _handing_over(view)
    app.before_request(_begin)
    app.teardown_request(lambda _: _end())


def _handing_over(view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
    @wraps(view)
    def answer(**address: str) -> ResponseReturnValue:
        answered: ResponseReturnValue = view(current_unit(), **address)
        return answered

    return answer


def _begin() -> None:
    g.answered = _answered.set(current_unit())


def _end() -> None:
    answered = g.pop("answered", None)
    if answered is not None:
        _answered.reset(answered)
    found: RequestUnit | None = g.pop("unit", None)
    if found is not None:
        found.end()
