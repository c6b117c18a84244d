"""What lists keep of a text is never taken for the text: long texts equal themselves in every query."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.records.company import Company

from blankett.engine.fields.reader import Reader
from blankett.engine.records import Command, ListRequest, Refusal
from blankett.engine.records.explain.filled_text import kept_text
from blankett.engine.store import Filter
from blankett.forms.list_text import column_texts

ENGLISH = Reader.of_language("en")

TWINS = """
blueprint: longtext
language: 1
title: Long text
roles: {clerk: {}, reader: {}}
forms:
  x:
    fields:
      t: {type: text, required: yes, max_length: 2000}
    facts:
      twins: {count: x, where: t = this.t}
      others: {count: x, where: t != this.t}
      last: {latest: x.t}
    states: {draft: {start: true}, sent: {final: true}}
    actions: {send: {from: draft, to: sent, by: clerk}}
    rules:
      twice: {at: send, when: facts.twins > 0, then: [refuse: There is one like it.]}
      odd: {at: send, when: facts.others > 0, then: [warn: "After {facts.last}"]}
    lists:
      all: {columns: [t]}
    grants:
      - {who: clerk, may: all}
      - {who: reader, may: view, where: 't = "WHOLE"'}
"""
LENGTHS = [1, 199, 200, 201, 239, 499, 500, 501, 1999, 2000]


def text_of(length: int, end: str = "E") -> str:
    """Return a text of some length that differs from another at its end alone."""
    return ("The pump leaks, 泵漏水 " * 200)[: length - 1] + end


def send(company: Company, record: str) -> Any:
    command = Command(
        intent="", actor=company.actor("ann"), blueprint="longtext", form="x", record=record, workspace="home",
        values={}, action="send",
    )  # fmt: skip
    return company.engine.apply(command)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_text_of_any_length_equals_itself_and_no_other(length: int) -> None:
    whole = text_of(length)
    company = Company(TWINS.replace("WHOLE", whole), ann="clerk", rob="reader")
    first = company.done("ann", "x", t=whole).record
    other = company.done("ann", "x", t=text_of(length, "F")).record
    sent = send(company, other)
    assert not isinstance(sent, Refusal)
    (kept,) = (kept_text(warning["params"]["text"]) for warning in sent.warnings)
    assert kept is not None
    assert kept.filled(None).shown_to(Reader.of_language("en")) == f"After {whole}"[:2_000]
    twin = company.done("ann", "x", t=whole).record
    assert isinstance(send(company, twin), Refusal)

    def found(operator: Any, value: Any) -> set[str]:
        page = company.page("ann", "x", filters=(Filter(("t",), operator, value),))
        return {row.id for row in page.rows}

    assert found("equals", whole) == found("in", (whole,)) == {first, twin}
    assert found("not_equals", whole) == {other}
    assert found("contains", whole) == found("starts", whole) == {first, twin}
    if length > 1:
        assert found("contains", whole[-40:]) == {first, twin}
    assert {row.id for row in company.page("rob", "x").rows} == {first, twin}
    assert set(column_texts(company.page("ann", "x"), 0, ENGLISH)) == {whole, text_of(length, "F")}


def test_a_search_meets_nothing_that_nobody_wrote() -> None:
    company = Company(TWINS, ann="clerk", rob="reader")
    company.done("ann", "x", t="z" * 700)
    hits = [company.engine.query(company.actor("ann"), ListRequest(blueprint="longtext", form="x", search=digit))
            for digit in "0123456789abcdef"]  # fmt: skip
    assert [page.rows for page in hits] == [()] * 16
