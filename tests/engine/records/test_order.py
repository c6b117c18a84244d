"""Lists are sorted as the organisation's language sorts, and searched as a keyboard types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.asked_engine import AskedEngine
from tests.engine.records.company import Company
from tests.stores import downgrade

from blankett.engine.fields.reader import Reader
from blankett.engine.publish import migrate
from blankett.engine.publish.sort_keys import choose_collation, rekey
from blankett.engine.records import ListPage, ListRequest
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.scenarios.stage import ORGANISATION
from blankett.engine.store import Filter, Store, StoredRecord, Writing, schema, tables
from blankett.engine.store.collation import LOCALES, collation_of
from blankett.engine.store.query import QueryReading
from blankett.forms.list_text import column_texts

ENGLISH = Reader.of_language("en")

NAMES = """
blueprint: names
language: 1
title: Names
roles: {clerk: {}, picker: {}}
forms:
  person:
    show: "{name}"
    fields:
      name: {type: text}
      note: {type: text, private: [clerk]}
    lists: {all: {columns: [name, note], sort: [name]}}
    grants: [{who: clerk, may: all}, {who: picker, may: view}]
  job:
    number: {pattern: "N-{counter:1}"}
    fields:
      who: {type: link, to: person}
    lists: {all: {columns: [record.number, who], sort: [record.number]}}
    grants: [{who: clerk, may: all}]
"""
PEOPLE = ["Zebra", "apple", "Ähre", "Banana", "Øst", "Item 10", "Item 9", "张婷", "李娜", "王磊", "Apple"]
ORDERS = {
    "en": ["Ähre", "apple", "Apple", "Banana", "Item 9", "Item 10", "Øst", "Zebra"],
    "da": ["Apple", "apple", "Banana", "Item 9", "Item 10", "Zebra", "Ähre", "Øst"],
    "zh": ["李娜", "王磊", "张婷", "Ähre", "apple", "Apple", "Banana", "Item 9", "Item 10", "Øst", "Zebra"],
}


@pytest.fixture
def names() -> Company:
    company = Company(NAMES, ann="clerk", pat="picker")
    for name in PEOPLE:
        company.done("ann", "person", name=name)
    return company


def listed(company: Company, size: int = 500, **asked: object) -> list[str]:
    """Return the titles of a list, page after page of some *size*."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = company.page("ann", asked.get("form", "person"), list="all", limit=size, after=after)  # type: ignore[arg-type]
        found += [row.number if asked.get("form") else row.title for row in page.rows]  # type: ignore[misc]
        after = page.next
        if after is None:
            return found


@pytest.mark.parametrize("language", ["en", "da", "zh"])
def test_names_are_sorted_as_the_language_of_the_organisation_sorts(names: Company, language: str) -> None:
    choose_collation(names.engine, ORGANISATION, language)
    assert rekey(names.engine, ORGANISATION) == (0 if language == "en" else len(PEOPLE))
    wanted = ORDERS[language]
    assert [name for name in listed(names) if name in wanted] == wanted
    assert [listed(names, size) for size in (1, 2, 3)] == [listed(names)] * 3


def test_until_records_have_new_keys_their_lists_sort_as_before(names: Company) -> None:
    with names.stage.store.writing() as writing:
        found = writing.organisation(ORGANISATION)
        assert found is not None
        writing.put_organisation(replace(found, collated="none"))
    assert listed(names) == sorted(PEOPLE)
    assert [row.title for row in names.page("ann", "person", search="ahre").rows] == ["Ähre"]
    assert rekey(names.engine, ORGANISATION) == len(PEOPLE)
    assert rekey(names.engine, ORGANISATION) == 0
    assert [name for name in listed(names) if name in ORDERS["en"]] == ORDERS["en"]


def test_a_record_that_cannot_be_opened_does_not_keep_the_others_from_new_keys(
    names: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    refill, broken = migrate.refill_slots, [listed(names)[3]]

    def fail_for_one(writing: Writing, unit: Unit, stored: StoredRecord) -> None:
        if stored.title in broken:
            raise ZeroDivisionError("a bug")
        refill(writing, unit, stored)

    monkeypatch.setattr(migrate, "refill_slots", fail_for_one)
    choose_collation(names.engine, ORGANISATION, "da")
    assert rekey(names.engine, ORGANISATION) == len(PEOPLE)
    wanted = [name for name in ORDERS["da"] if name not in broken]
    assert [name for name in listed(names) if name in wanted] == wanted


def test_numbers_in_texts_are_sorted_by_value(names: Company) -> None:
    for _ in range(11):
        names.done("ann", "job")
    assert listed(names, form="job") == [f"N-{number}" for number in range(1, 12)]
    assert listed(names, 3, form="job") == [f"N-{number}" for number in range(1, 12)]


def test_a_link_is_sorted_by_the_title_behind_it(names: Company) -> None:
    people = {row.title: row.id for row in names.page("ann", "person").rows}
    for name in ("Zebra", "Item 10", "Ähre", "Item 9"):
        names.done("ann", "job", who=people[name])
    page = names.page("ann", "job", sort=((("who",), True),))
    assert column_texts(page, 1, ENGLISH) == ["Zebra", "Item 10", "Item 9", "Ähre"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("O\u2019Brien", "O'Brien"), ("o'brien", "O'Brien"), ("PT\u20132000", "PT-2000"), ("PT\u20112000", "PT-2000"),
        ("\uff30\uff34\uff0d\uff12\uff10\uff10\uff10", "PT-2000"), ("A\u0308HRE", "Ähre"), ("ahre", "Ähre"),
        ("ost", "Øst"), ("muller", "Müller"), ("MÜLLER", "Müller"), ("strasse", "Straße"), ("smorrebrod", "Smørrebrød"),
        ("李娜", "李娜"), ("lodz", "Łódź"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "note"])
def test_a_search_finds_what_a_keyboard_can_type(names: Company, field: str, typed: str, found: str) -> None:
    wanted = names.done("ann", "person", **{"name": "Somebody", field: found}).record
    assert wanted in [row.id for row in names.page("ann", "person", search=typed).rows]


def test_nobody_finds_a_record_by_what_they_may_not_read(names: Company) -> None:
    names.done("ann", "person", name="Somebody", note="Geheim")
    assert len(names.page("ann", "person", search="geheim").rows) == 1
    assert names.page("pat", "person", search="geheim").rows == ()
    assert len(names.page("pat", "person", search="somebody").rows) == 1


def test_texts_longer_than_is_kept_for_searching_are_found(names: Company) -> None:
    names.done("ann", "person", name="x" * 450, note="y" * 450 + " Müll end")
    assert len(names.page("ann", "person", search="Müll").rows) == 1


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_a_key_is_a_text_that_both_databases_keep(language: str) -> None:
    key = collation_of(language).key
    for text in ["", "a", "Ærø 12", "张婷", "😀", "\ud7ff", "a" * 5_000]:
        assert "\0" not in key(text)
        assert len(key(text)) <= 250


@pytest.mark.postgres
def test_both_databases_sort_alike(make_postgres_database: Callable[[], str], names: Company) -> None:
    keys = [collation_of("da").key(name) for name in PEOPLE]
    store = Store(make_postgres_database())
    schema.upgrade(store)
    with store.reading() as reading:
        assert isinstance(reading, QueryReading)
        values = ", ".join(f"(:k{place})" for place in range(len(keys)))
        import sqlalchemy as sa

        asked = sa.text(f'SELECT k COLLATE "C" FROM (VALUES {values}) AS t(k) ORDER BY 1')
        bound = {f"k{place}": key for place, key in enumerate(keys)}
        assert [row[0] for row in reading.connection.execute(asked, bound)] == sorted(keys)
    store.close()


def test_data_of_an_older_schema_is_brought_along(names: Company, tmp_path: Path) -> None:
    long = "y" * 300
    names.done("ann", "person", name="Long", note=long)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    schema.upgrade(store)
    with names.stage.store.reading() as old, store.writing() as new:
        for table in set(tables.metadata.sorted_tables) - {tables.known_name}:
            rows = [dict(row._mapping) for row in old.connection.execute(table.select())]
            if rows:
                new.do("copy", table.insert(), rows)
    downgrade(store, "0003")
    schema.upgrade(store)
    engine = AskedEngine(store, lambda: names.stage.now)
    asked = ListRequest(blueprint="names", form="person", list="all", filters=(Filter(("note",), "equals", long),))
    found = engine.query(names.actor("ann"), asked)
    assert isinstance(found, ListPage)
    assert [row.title for row in found.rows] == ["Long"]
    assert rekey(engine, ORGANISATION) == len(PEOPLE) + 1
    page = engine.query(names.actor("ann"), replace(asked, filters=()))
    assert isinstance(page, ListPage)
    assert [row.title for row in page.rows if row.title in ORDERS["en"]] == ORDERS["en"]
    store.close()
