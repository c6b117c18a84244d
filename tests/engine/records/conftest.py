"""A small trading company on the real store: customers, products, orders with lines, shipments, memos."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from tests.asked_engine import AskedEngine
from tests.stores import copy_store, empty_store

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.language.problems import Report
from blankett.engine.language.source import decode_plain
from blankett.engine.language.yaml_reader import read_source
from blankett.engine.records import Actor, Command, FormPreview, Receipt, RecordView, Refusal
from blankett.engine.records.linked_form import form_behind, records_where
from blankett.engine.records.read.notices import read_kept
from blankett.engine.store import (
    Member,
    Organisation,
    Rate,
    SlotMap,
    Store,
    StoredBlueprint,
    StoredRecord,
    StoredUser,
    StoredVersion,
    Workspace,
    Writing,
    give_slots,
    wanted_slots,
)
from blankett.engine.verify import verify
from blankett.words import put_value

TRADE = (Path(__file__).parent / "trade.yaml").read_text(encoding="utf-8")
#: Loading and checking it takes longer than most tests.
BLUEPRINT = read_blueprint(TRADE)

#: Monday, 10:00 in Copenhagen.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORGANISATION = "acme"
PEOPLE: Mapping[str, frozenset[str]] = {
    "anna": frozenset({"sales"}),
    "bo": frozenset({"sales"}),
    "max": frozenset({"manager"}),
    "wilma": frozenset({"warehouse"}),
    "ada": frozenset({"auditor"}),
    "nobody": frozenset(),
}


@dataclass
class Trade:
    """The company, with short ways to do things in it."""

    store: Store
    now: datetime = NOW
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    customers: dict[str, str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = self.new_engine()

    def new_engine(self) -> AskedEngine:
        """Return an engine that remembers nothing, as after a restart."""
        return AskedEngine(self.store, lambda: self.now, lambda at: f"{next(self.ids):026d}")

    def actor(self, name: str, workspace: str = "sales", organisation: str = ORGANISATION, **more: Any) -> Actor:
        """Return somebody with the roles they hold in *workspace*."""
        held = {workspace: PEOPLE[name]} if workspace else {}
        return Actor(
            organisation=organisation, user=name, name=name.title(), email=f"{name}@acme.example", roles=held, **more
        )

    def command(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> Command:
        """Return a command of *name*; what is no part of a command is a value."""
        known = {
            "intent",
            "workspace",
            "revision",
            "typed",
            "refill",
            "action",
            "inputs",
            "comment",
            "discard",
            "actor",
        }
        given = {key: parts.pop(key) for key in list(parts) if key in known}
        actor = given.pop("actor", None) or self.actor(name)
        return Command(
            **{"intent": "", **given}, actor=actor, blueprint="trade", form=form, record=record, values=parts
        )

    def apply(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> Receipt | Refusal:
        """Carry a command out, or see it refused."""
        return self.engine.apply(self.command(name, form, record, **parts))

    def done(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> Receipt:
        """Carry a command out that must not be refused."""
        answer = self.apply(name, form, record, **parts)
        assert isinstance(answer, Receipt), answer
        return answer

    def refused(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> Refusal:
        """Send a command that must be refused."""
        answer = self.apply(name, form, record, **parts)
        assert isinstance(answer, Refusal), answer
        return answer

    def preview(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> FormPreview:
        """Return the form as typed."""
        answer = self.engine.preview(self.command(name, form, record, **parts))
        assert isinstance(answer, FormPreview), answer
        return answer

    def view(self, name: str, record: str) -> RecordView:
        """Open a record that *name* may see."""
        found = self.engine.open(self.actor(name), record)
        assert found is not None
        return found

    def stored(self, record: str) -> StoredRecord:
        """Return the record as it is stored."""
        with self.store.reading() as reading:
            found = reading.record(ORGANISATION, record)
        assert found is not None
        return found

    def order(self, name: str = "anna", /, **parts: Any) -> Receipt:
        """Make a draft order of 3 widgets at 10 and 2 gadgets at 99.50 for Acme: 229 EUR."""
        values = {"customer": self.customers["ACME"], "caller": "Bob", "lines": self.lines(("P-1", 3), ("P-2", 2))}
        return self.done(name, "order", **{**values, **parts})

    def lines(self, *given: tuple[str, int]) -> list[dict[str, Any]]:
        """Return lines of (sku, quantity)."""
        return [{"product": self.products[sku], "quantity": Decimal(quantity)} for sku, quantity in given]

    def released(self, **parts: Any) -> Receipt:
        """Make an order, submit it and have it approved."""
        order = self.order(**parts)
        self.done("anna", "order", order.record, action="submit")
        return self.done("max", "order", order.record, action="approve")

    def records(self, form: str) -> list[StoredRecord]:
        """Return every record of a form, oldest first."""
        with self.store.reading() as reading:
            catalog = self.engine.catalog.view(reading, ORGANISATION, self.now)
            process = catalog.newest_process(f"trade.{form}")
            moment = self.engine.unit(reading, self.actor("max")).linked.moment
            found = records_where(catalog, form_behind(catalog, process, process.form.name), None, {}, moment, 500)
            assert isinstance(found, list)
            return found

    def told(self, name: str, language: str = "en") -> list[tuple[str, str | None]]:
        """Return the notices of somebody, the newest first: (what it says, the record), whatever they may see today."""
        with self.store.reading() as reading:
            catalog = self.engine.catalog.view(reading, ORGANISATION, self.now)
            found = reading.notifications(ORGANISATION, name)
            return [(put_value(language, read_kept(catalog, each.text)), each.record) for each in found]

    def check_sound(self) -> None:
        """Assert every promise of the store, and that each change of a record has raised its revision by one."""
        assert verify(self.store, ORGANISATION, load=lambda text, find, edition: _loaded(text)) == []
        with self.store.reading() as reading:
            for form in BLUEPRINT.forms:
                for record in self.records(form):
                    events = reading.events(ORGANISATION, record.id)
                    assert record.revision == sum(1 for event in events if event.kind != "comment")

    def publish(self, text: str, number: int = 2) -> None:
        """Publish a further version of the blueprint."""
        with self.store.writing() as writing:
            _insert_version(writing, text, number, self.now)
        self.engine.catalog.versions.keep((ORGANISATION, "trade", number), _loaded(text))


@lru_cache(maxsize=4)
def _loaded(text: str) -> Blueprint:
    return BLUEPRINT if text == TRADE else read_blueprint(text)


@lru_cache(maxsize=4)
def canonical(text: str) -> str:
    """Return the canonical JSON of a text, as publishing writes it."""
    tree = read_source(text, "trade.yaml", Report())[1]
    assert tree is not None
    return json.dumps(decode_plain(tree))


def _insert_version(writing: Writing, text: str, number: int, at: datetime) -> None:
    blueprint = _loaded(text)
    known = writing.slot_maps(ORGANISATION, "trade")
    writing.insert_version(
        StoredVersion(
            organisation=ORGANISATION, blueprint="trade", number=number, at=at, by="max", source=text,
            canonical=canonical(text), positions="{}", digest=blueprint.digest,
        )
    )  # fmt: skip
    for key, form in blueprint.forms.items():
        renamed = {field.key: field.was for field in form.fields.values() if field.was}
        given = give_slots(known.get(key, SlotMap()), wanted_slots(blueprint, form), renamed, ready=True)
        writing.put_slots(ORGANISATION, "trade", key, given.new)


def make_trade(url: str) -> Trade:
    """Return a company in the store at *url*, where nothing is yet, with three customers and two products."""
    if not url.startswith("sqlite:"):
        return found_trade(url)
    original = _original_trade()
    trade = Trade(copy_store(original.store, url), customers={**original.customers}, products={**original.products})
    trade.ids = itertools.count(len(trade.customers) + len(trade.products) + 1)
    trade.engine.catalog.versions.keep((ORGANISATION, "trade", 1), BLUEPRINT)
    return trade


@lru_cache(maxsize=1)
def _original_trade() -> Trade:
    """Return a company in memory, which is only copied."""
    return found_trade("sqlite://")


def found_trade(url: str) -> Trade:
    """Found a company in the store at *url*."""
    store = empty_store(url)
    with store.writing() as writing:
        writing.put_organisation(Organisation(id=ORGANISATION, title="Acme", zone="Europe/Copenhagen", created_at=NOW))
        for workspace in ("sales", "elsewhere"):
            writing.put_workspace(Workspace(organisation=ORGANISATION, id=workspace, title=workspace.title()))
        for name, roles in PEOPLE.items():
            writing.insert_user(
                StoredUser(
                    organisation=ORGANISATION, id=name, email=f"{name}@acme.example", name=name.title(),
                    language="zh" if name == "wilma" else "en", created_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
            writing.put_member(Member(organisation=ORGANISATION, workspace="sales", user=name, roles=roles))
        writing.insert_blueprint(
            StoredBlueprint(organisation=ORGANISATION, key="trade", workspace="sales", created_at=NOW, created_by="max")
        )
        _insert_version(writing, TRADE, 1, NOW)
        day = (NOW - timedelta(days=30)).date()
        writing.put_rate(ORGANISATION, Rate("EUR", "DKK", day, Decimal("7.46")))
        writing.put_rate(ORGANISATION, Rate("EUR", "JPY", day, Decimal("170")))
    trade = Trade(store)
    trade.engine.catalog.versions.keep((ORGANISATION, "trade", 1), BLUEPRINT)
    _stock(trade)
    return trade


def _stock(trade: Trade) -> None:
    for code, name, more in (
        ("ACME", "Acme", {"tier": "gold", "currency": "EUR", "credit_limit": Decimal(50_000)}),
        ("NORD", "Nord", {"currency": "DKK"}),
        ("BAD", "Bad", {"blocked": True}),
    ):
        trade.customers[code] = trade.done("max", "customer", code=code, name=name, **more).record
    for sku, name, price, more in (
        ("P-1", "Widget", Decimal(10), {"floor": Decimal(8), "cost": Decimal(5)}),
        ("P-2", "Gadget", Decimal("99.50"), {"cost": Decimal(60)}),
    ):
        trade.products[sku] = trade.done("max", "product", sku=sku, name=name, price=price, **more).record


@pytest.fixture
def trade() -> Iterator[Trade]:
    """Return a company in memory."""
    made = make_trade("sqlite://")
    yield made
    made.store.close()


@pytest.fixture
def make_file_trade(tmp_path: Path) -> Iterator[Callable[[], Trade]]:
    """Return what makes a company in a file, for several connections at once."""
    made: list[Trade] = []

    def make() -> Trade:
        made.append(make_trade(f"sqlite:///{tmp_path / f'trade{len(made)}.db'}"))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


@pytest.fixture
def file_trade(make_file_trade: Callable[[], Trade]) -> Trade:
    """Return a company in a file."""
    return make_file_trade()


def messages(refusal: Refusal) -> list[tuple[tuple[str, ...], str]]:
    """Return (path, message) of each problem; ids of lines that are new read "+"."""
    return [
        (tuple("+" if part.startswith("+") else part for part in problem.path), problem.message)
        for problem in refusal.problems
    ]
