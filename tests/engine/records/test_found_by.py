"""What a record is found by beyond its number and title, in a search of all that somebody may see."""

from __future__ import annotations

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
