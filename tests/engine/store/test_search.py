"""The index of words: runs of characters of each text, kept with every write, and what a record is found by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from blankett.engine.store import Store, StoredRecord
from blankett.engine.store.search import (
    HEAD_LETTER,
    LETTERS_OF_SLOTS,
    fold,
    runs_to_find,
    scope_of,
    search_text,
    tokens_of,
)

TEXTS = {"SO-7": "北京纺织", "SO-8": "Lofoten Fisk", "SO-9": "Müller & Søn"}


def found(store: Store, *words: str, letters: Any = (HEAD_LETTER,), most: int = 100) -> list[str] | None:
    with store.reading() as reading:
        ids = reading.candidates("acme", "shop.order", letters, [fold(word) for word in words], most)
        return None if ids is None else sorted(str(each.number) for each in reading.records("acme", ids).values())


@pytest.fixture
def stocked(any_store: Store, shelf: Any) -> Store:
    """Give a store with the orders of TEXTS."""
    shelf.fill(
        any_store, [{"number": number, "title": title, "subject": f"about {title}"} for number, title in TEXTS.items()]
    )
    return any_store


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["北京"], ["SO-7"]), (["纺"], ["SO-7"]), (["京北"], []), (["SO-8"], ["SO-8"]), (["foten"], ["SO-8"]),
        (["fisk", "lofoten"], ["SO-8"]), (["muller"], ["SO-9"]), (["søn"], ["SO-9"]), (["sn"], []),
        (["s"], ["SO-7", "SO-8", "SO-9"]),
    ],
    ids=lambda each: "+".join(each),
)  # fmt: skip
def test_words_and_parts_of_them_are_looked_up(stocked: Store, words: list[str], numbers: list[str]) -> None:
    assert found(stocked, *words) == numbers


def test_a_word_that_many_records_have_is_not_resolved(stocked: Store) -> None:
    assert found(stocked, "so", most=2) is None


@pytest.mark.postgres
def test_what_many_have_is_not_looked_up_where_statistics_tell(
    postgres_store: Store, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.fill(postgres_store, [{"number": f"SO-{number}", "title": "Customer"} for number in range(50)])
    with postgres_store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    with postgres_store.reading() as reading:
        rows, asked = reading.rows, list[str]()
        monkeypatch.setattr(reading, "rows", lambda *told: asked.append(str(told[0])[:7]) or rows(*told))
        for word, most in (("customer", 10), ("SO-7", 10), ("customer", 50)):
            found = reading.candidates("acme", "shop.order", [HEAD_LETTER], [fold(word)], most)
            asked.append("none" if found is None else str(len(found)))
    # Of a word of many runs, some are asked of the statistics first, and then all.
    assert asked == ["EXPLAIN", "EXPLAIN", "none", "EXPLAIN", "SELECT ", "1", "EXPLAIN", "SELECT ", "50"]


def test_of_many_numbers_only_what_ends_alike_is_looked_at(any_store: Store, shelf: Any) -> None:
    shelf.fill(any_store, [{"number": f"SO-2026-{number:06}"} for number in (7, 70, 700, 7000, 700007, 8, 1007)])
    assert found(any_store, "SO-2026-000007", most=2) == ["SO-2026-000007", "SO-2026-000070"]
    assert found(any_store, "000007", most=3) == [
        "SO-2026-000007", "SO-2026-000070", "SO-2026-700007",
    ]  # fmt: skip


def test_each_field_has_tokens_of_its_own(stocked: Store, order_slots: Any, shop: Any) -> None:
    slot = order_slots.find(shop.forms["order"].fields["subject"])
    assert (found(stocked, "about"), found(stocked, "about", letters=[LETTERS_OF_SLOTS[slot]])) == ([], sorted(TEXTS))


def test_the_index_follows_what_is_written(stocked: Store) -> None:
    with stocked.reading() as reading:
        (id,) = reading.candidates("acme", "shop.order", [HEAD_LETTER], ["lofoten"], 9) or []
        record = reading.record("acme", id)
    assert record is not None
    renamed = replace(record, title="Tromsø", revision=2)
    with stocked.writing() as writing:
        assert writing.update_record(renamed, {}, 7) is False
    assert found(stocked, "lofoten") == ["SO-8"]
    with stocked.writing() as writing:
        assert writing.update_record(renamed, {}, 1)
    assert (found(stocked, "lofoten"), found(stocked, "tromso")) == ([], ["SO-8"])
    with stocked.writing() as writing:
        writing.renew_slots(replace(renamed, title="Bodø"), {})
    assert (found(stocked, "tromso"), found(stocked, "bodo")) == ([], ["SO-8"])
    with pytest.raises(ZeroDivisionError):
        rename_and_fail(stocked, replace(renamed, title="Hammerfest"))
    assert (found(stocked, "hammerfest"), found(stocked, "bodo")) == ([], ["SO-8"])
    with stocked.writing() as writing:
        assert writing.delete_record("acme", id)
    assert (found(stocked, "bodo"), found(stocked, "so-8")) == ([], [])


def rename_and_fail(store: Store, record: StoredRecord) -> None:
    with store.writing() as writing:
        writing.renew_slots(record, {})
        raise ZeroDivisionError


def test_a_record_without_its_tokens_is_noticed(stocked: Store, order_slots: Any, shop: Any) -> None:
    slot = order_slots.find(shop.forms["order"].fields["subject"])

    def indexed(text: str) -> bool:
        with stocked.reading() as reading:
            (id,) = reading.candidates("acme", "shop.order", [HEAD_LETTER], ["fisk"], 9) or []
            return reading.is_indexed("acme", id, "shop.order", text)

    texts = [search_text("SO-8", title, {slot: "about Lofoten Fisk"}) for title in ("Lofoten Fisk", "Lofoten Fjord")]
    assert [indexed(text) for text in texts] == [True, False]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Ab", ["0a", "0ab", "0b"]),
        ("北京", ["0京", "0北", "0北京"]),
        ("a-b", ["0a", "0aĭ", "0aĭb", "0b", "0ĭ", "0ĭb"]),
    ],
)
def test_tokens_are_runs_of_one_to_four_characters(text: str, tokens: list[str]) -> None:
    scope = scope_of("acme", "shop.order")
    assert tokens_of(scope, search_text(None, text, {})) == sorted(f"{scope}{token}" for token in tokens)


def test_every_part_of_a_word_has_its_runs_among_the_tokens_of_the_word() -> None:
    word = "so-2026-000123"
    tokens = set(tokens_of("", search_text(word, "", {})))
    parts: Mapping[str, list[str]] = {
        word[start:end]: runs_to_find(word[start:end])
        for start in range(len(word))
        for end in range(start + 1, len(word))
    }
    assert {part for part, runs in parts.items() if not {f"{HEAD_LETTER}{run}" for run in runs} <= tokens} == set()
