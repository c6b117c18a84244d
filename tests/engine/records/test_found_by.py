"""What a record is found by beyond its number and title, in a search of all that somebody may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.engine.records.company import Company

TEXT = """
blueprint: book
language: 1
title: Book
roles: {clerk: {}, boss: {}}
forms:
  person:
    show: "{name}"
    fields:
      name: {type: text}
      phone: {type: phone, index: yes}
      site: {type: url, index: yes}
      badge: {type: barcode, index: yes}
      memo: {type: text, index: yes, private: [boss]}
    states: {new: {start: true}, gone: {final: true}}
    actions: {leave: {from: new, to: gone, by: clerk}}
    lists: {here: {title: Here, columns: [name], where: 'record.state = "new"'}}
    grants: [{who: [clerk, boss], may: all}]
"""


@pytest.fixture(scope="module")
def company() -> Company:
    company = Company(TEXT, cleo="clerk", bea="boss")
    values = {
        "phone": "+47 22 33 44 55 ext. 7",
        "site": "https://hamster.example/x",
        "badge": "X99-771",
        "memo": "Zanzibar",
    }
    company.done("cleo", "person", company.done("bea", "person", name="Per", **values).record, action="leave")
    return company


@pytest.mark.parametrize("words", ["22 33 44", "22334455", "+4722334455", "hamster", "x99-771", "per 2233"])
def test_texts_that_are_kept_ready_are_found_as_they_are_typed(company: Company, words: str) -> None:
    assert len(company.page("cleo", "person", everything=True, search=words).rows) == 1


def test_what_one_may_not_read_finds_nothing(company: Company) -> None:
    found = [len(company.page(who, "person", everything=True, search="zanzibar").rows) for who in ("cleo", "bea")]
    assert found == [0, 1]


LINKED = """
blueprint: deals
language: 1
title: Deals
roles: {clerk: {}}
forms:
  firm:
    life: reference
    key: name
    show: "{name}"
    fields: {name: {type: text, required: yes, unique: yes}}
    grants: [{who: clerk, may: all}]
  deal:
    fields: {firm: {type: link, to: firm}}
    states: {draft: {start: true}, sent: {}, done: {final: true}}
    actions:
      send: {from: draft, to: sent, by: clerk}
      finish: {from: sent, to: done, by: clerk}
    grants: [{who: clerk, may: all}]
"""


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(0), timedelta(hours=-1)])
def test_an_action_that_writes_no_value_finds_by_the_titles_of_now(later: timedelta) -> None:
    company = Company(LINKED, cleo="clerk")
    firm = company.done("cleo", "firm", name="Old Name").record
    deal = company.done("cleo", "deal", firm=firm).record
    found = []
    for step in (lambda: company.done("cleo", "firm", firm, name="Bright Name"),
                 lambda: company.done("cleo", "deal", deal, action="send"),
                 lambda: company.done("cleo", "deal", deal, action="finish")):  # fmt: skip
        company.stage.now += later  # clocks of two servers may be apart
        step()
        found.append(tuple(found_by(company, word) for word in ("old", "bright")))
    assert found == [(1, 0), (0, 1), (0, 1)]


@pytest.mark.parametrize("name", ["O'Neil", "O`Neil", "O’Neil", "Ó`Neil"])
def test_an_apostrophe_is_found_however_it_is_typed(name: str) -> None:
    company = Company(LINKED, cleo="clerk")
    company.done("cleo", "firm", name=name)
    found = [
        len(company.page("cleo", "firm", everything=True, search=f"o{mark}neil").rows) for mark in ("'", "`", "’", "´")
    ]
    assert found == [1, 1, 1, 1]


def found_by(company: Company, words: str) -> int:
    return len(company.page("cleo", "deal", everything=True, search=words).rows)
