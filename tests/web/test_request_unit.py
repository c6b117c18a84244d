"""One unit a request: one transaction, nothing read twice, and no question of a page changes another's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Executable

import blankett.web
from blankett.engine.access import load_actor
from blankett.engine.records import Command, FormPreview, Receipt
from blankett.engine.records.read import form_preview, record_view
from blankett.engine.store import Reading, Store
from blankett.engine.store.transaction import Row, Transaction
from blankett.web.request_unit import RequestUnit
from blankett.web.services import Services

from .conftest import Clock, Visitor, publish
from .test_entry import customer, draft
from .test_records import ask, sent

__all__ = ["customer", "draft", "sent"]


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[str, str]]]:
    """What is asked of the store in each read transaction: (statement, values)."""
    found: list[list[tuple[str, str]]] = []
    reading, rows = Store.reading, Transaction.rows

    @contextmanager
    def counted_reading(self: Store) -> Iterator[Reading]:
        with reading(self) as opened:
            found.append([])
            yield opened

    def counted_rows(
        self: Transaction, statement: Executable, values: Mapping[str, object], **how: bool
    ) -> Sequence[Row]:
        if found:
            bound = getattr(statement, "compile", lambda: None)()
            found[-1].append((str(statement), f"{sorted(values.items())} {bound.params if bound else ''}"))
        return rows(self, statement, values, **how)

    monkeypatch.setattr(Store, "reading", counted_reading)
    monkeypatch.setattr(Transaction, "rows", counted_rows)
    return found


@pytest.mark.parametrize(
    "address",
    [
        "/inbox",
        "/forms/shop/order",
        "/forms/shop/order?sort=-record.created_at&q=acme",
        "/forms/shop/order/new",
        "/records/{sent}",
        "/records/{sent}/edit",
        "/records/{draft}/actions/submit",
        "/records/{sent}/what-if",
        "/settings",
    ],
)
def test_a_page_reads_in_one_transaction_and_nothing_twice(
    transactions: list[list[tuple[str, str]]], anna: Visitor, sent: str, draft: str, address: str
) -> None:
    place = address.format(sent=sent, draft=draft)
    transactions.clear()
    assert anna.get(place).status_code == 200
    assert len(transactions) == 1
    assert [asked for asked, times in Counter(transactions[0]).items() if times > 1] == []


@pytest.mark.parametrize("address", ["/inbox", "/forms/shop/order", "/records/{sent}"])
def test_where_nobody_asks_for_departments_none_are_read(
    transactions: list[list[tuple[str, str]]], anna: Visitor, sent: str, address: str
) -> None:
    transactions.clear()
    assert anna.get(address.format(sent=sent)).status_code == 200
    assert [asked for asked, _ in transactions[0] if "FROM department" in asked] == []


def test_an_action_reads_its_record_once_before_the_lock(
    transactions: list[list[tuple[str, str]]], anna: Visitor, draft: str
) -> None:
    typed = ask(anna, draft, "submit")
    address, token = f"/records/{draft}/actions/submit", anna.token()
    transactions.clear()
    assert anna.client.post(address, data={**typed, "csrf_token": token}).status_code == 303
    # What follows the write is read in another one.
    rows = [values for statement, values in transactions[0] if "record.hidden" in statement]
    assert [draft in values for values in rows].count(True) == 1


def test_what_one_question_tries_is_not_seen_by_the_next(
    app: Flask, services: Services, anna: Visitor, draft: str
) -> None:
    with app.test_request_context():
        asked = unit_of(services, "anna@acme.example")
        actor = asked.unit.actor
        tried = Command(intent="", actor=actor, blueprint="shop", form="order", record=draft, values={"urgent": True})
        previewed = form_preview.preview(asked.unit, tried)
        assert isinstance(previewed, FormPreview)
        opened = record_view.open_record(asked.unit, draft)
        assert opened is not None
        assert (previewed.values["urgent"], opened.values["urgent"]) == (True, False)
        asked.end()


def test_a_write_ends_the_transaction_and_what_follows_sees_it(app: Flask, services: Services, draft: str) -> None:
    with app.test_request_context():
        asked = unit_of(services, "anna@acme.example")
        before = asked.reading
        command = Command(
            intent="once", actor=asked.unit.actor, blueprint="shop", form="order", record=draft, action="submit"
        )
        assert isinstance(asked.apply(command), Receipt)
        opened = record_view.open_record(asked.unit, draft)
        assert (opened and opened.state and opened.state.key, asked.reading is before) == ("review", False)
        asked.end()


def unit_of(services: Services, email: str) -> RequestUnit:
    """Return the unit of a request of somebody."""
    user = services.accounts.user_called("acme", email)
    assert user is not None
    token, asked = services.accounts.begin(user, "test"), RequestUnit(services)
    asked.change_visitor(services.accounts.find(asked.reading, "acme", token), is_known=True)
    return asked


#: Modules that ask for the unit of the request -> why it is not handed to them.
ASK = {
    "errors.py": "Flask calls its handlers",
    "layout.py": "Jinja draws what is around every page",
    "templating.py": "Jinja calls its filters",
    "page_locale.py": "words of a page are written while it is drawn",
    "identity.py": "policies of views are asked before the view is called",
    "request_unit.py": "hands it to the views",
}


def test_views_hand_the_unit_over_and_nothing_reaches_for_it() -> None:
    web = Path(blankett.web.__file__).parent
    found = {
        str(path.relative_to(web)) for path in web.rglob("*.py") if "current_unit(" in path.read_text(encoding="utf-8")
    }
    assert found == set(ASK)


KIT = """
blueprint: kits
language: 1
title: Kits
roles: {clerk: {title: Clerk}}
forms:
  part:
    title: Part
    show: "{name}"
    fields: {name: {type: text, required: yes}}
    grants: [{who: clerk, may: all}]
  kit:
    title: Kit
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      main: {type: link, to: part}
      packer: {type: user}
      parts:
        type: table
        fields: {part: {type: link, to: part}, checked_by: {type: user}, note: {type: text}}
    grants: [{who: clerk, may: all}]
"""


@pytest.mark.parametrize("page", ["", "/edit"])
def test_a_record_with_many_lines_asks_for_what_they_name_at_once(
    transactions: list[list[tuple[str, str]]], anna: Visitor, services: Services, clock: Clock, page: str
) -> None:
    publish(services.store, KIT, clock())
    with services.store.reading() as reading:
        actor = load_actor(reading, "acme", "anna")
    assert actor is not None

    def make(form: str, **values: object) -> str:
        answer = services.engine.apply(Command(intent="", actor=actor, blueprint="kits", form=form, values=values))
        assert isinstance(answer, Receipt), answer
        return answer.record

    parts = [make("part", name=f"Part {number}") for number in range(9)]
    people = ["anna", "mette", "wu", "olga"] * 2
    asked = []
    for count in (2, 8):
        lines = [{"part": parts[at], "checked_by": people[at], "note": "x"} for at in range(count)]
        kit = make("kit", name="Kit", main=parts[8], packer="admin", parts=lines)
        services.engine.apply(
            Command(
                intent="", actor=actor, blueprint="kits", form="kit", record=kit, revision=1,
                values={"parts": [{**line, "part": parts[7]} for line in lines]},
            )
        )  # fmt: skip
        anna.get(f"/records/{kit}{page}")
        transactions.clear()
        shown = anna.get(f"/records/{kit}{page}").text
        assert ("Part 7" in shown, "Part 8" in shown, "Wu Jing" in shown) == (True, True, count == 8)
        asked.append([statement for statement, _ in transactions[0]])
    assert asked[0] == asked[1]


def test_views_are_plain_functions(app: Flask) -> None:
    # `web.Pages` does not ask at each request.
    assert [name for name, view in app.view_functions.items() if iscoroutinefunction(view)] == []
