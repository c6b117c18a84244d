"""One effect per intent, whoever sends it how often and at once."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bench.steps import meter_of

from blankett.engine.store import IntentTaken, Store, StoredIntent
from blankett.engine.store.receipts import OldIntents

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_receipt_is_kept_with_who_sent_what(any_store: Store) -> None:
    with any_store.writing() as writing:
        assert writing.intent("acme", "key") is None
        writing.put_intent("acme", "key", "anna", "digest", '{"record":"r"}', NOW)
    with any_store.reading() as reading:
        assert reading.intent("acme", "key") == StoredIntent("key", "anna", "digest", '{"record":"r"}', NOW)
        assert reading.intent("other", "key") is None


def test_a_second_effect_is_undone(any_store: Store, shelf: Any) -> None:
    with any_store.writing() as writing:
        writing.put_intent("acme", "key", "anna", "digest", "{}", NOW)
    record = shelf.order()

    def submit_again() -> None:
        with any_store.writing() as writing:
            shelf.put(writing, record)
            writing.put_intent("acme", "key", "anna", "digest", "{}", NOW)

    with pytest.raises(IntentTaken, match="the intent 'key' has taken effect meanwhile"):
        submit_again()
    with any_store.reading() as reading:
        assert reading.record("acme", record.id) is None


def test_parallel_submits_of_one_form_have_one_effect(any_store: Store, shelf: Any) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(8)
    orders = [shelf.order(title=str(number)) for number in range(8)]

    def submit(number: int) -> None:
        together.wait()
        try:
            with any_store.writing() as writing:
                shelf.put(writing, orders[number])
                writing.put_intent("acme", "key", "anna", "digest", str(number), NOW)
            outcomes.append("done")
        except IntentTaken:
            outcomes.append("taken")

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with any_store.reading() as reading:
        found = reading.records("acme", [order.id for order in orders])
        receipt = reading.intent("acme", "key")
    assert sorted(outcomes) == ["done", *["taken"] * 7]
    assert receipt is not None
    assert [record.title for record in found.values()] == [receipt.receipt]


def test_old_intents_are_forgotten(store: Store) -> None:
    with store.writing() as writing:
        writing.put_intent("acme", "old", "anna", "d", "{}", NOW - timedelta(days=8))
        writing.put_intent("acme", "new", "anna", "d", "{}", NOW)
        until = NOW - timedelta(days=7)
        assert writing.old_intents("acme", until) == OldIntents(["old"], None)
        writing.expire_intents("acme", until, ["old"])
    with store.reading() as reading:
        assert reading.intent("acme", "old") is None
        assert reading.intent("acme", "new") is not None


def test_old_intents_are_looked_for_a_page_at_a_time(any_store: Store) -> None:
    until = NOW - timedelta(days=7)
    with any_store.writing() as writing:
        for number in range(5):
            at = NOW - timedelta(days=8 if number % 2 else 1)
            writing.put_intent("acme", f"key{number}", "anna", "d", "{}", at)
    pages, after = [], ""
    with any_store.writing() as writing:
        while (page := writing.old_intents("acme", until, after, most=2)).last is not None:
            writing.expire_intents("acme", until, page.keys)
            pages, after = [*pages, page], page.last
        assert [*pages, page] == [OldIntents(["key1"], "key1"), OldIntents(["key3"], "key3"), OldIntents([], None)]
        assert len(writing.acts_of("acme", "intents_forgotten")) == 1
        assert [key for key in map("key{}".format, range(5)) if writing.intent("acme", key)] == ["key0", "key2", "key4"]


def test_a_receipt_that_was_written_anew_is_kept_until_that_is_old(any_store: Store) -> None:
    with any_store.writing() as writing:
        writing.put_intent("acme", "old", "anna", "d", "{}", NOW - timedelta(days=8), record="r")
        writing.rewrite_receipts("acme", "r", lambda receipt: receipt)
        assert writing.old_intents("acme", NOW - timedelta(days=7)) == OldIntents([], None)


def test_receipts_about_a_record_cost_as_much_whatever_the_number_of_others(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    store.create_schema()
    meter, steps, numbers = meter_of(store), [], iter(range(2_000))

    def rewrite() -> None:
        with store.writing() as writing:
            writing.rewrite_receipts("acme", "r7", lambda receipt: receipt)

    for count in (100, 1_500):
        with store.writing() as writing:
            for number in itertools.islice(numbers, count):
                writing.put_intent("acme", f"key{number}", "anna", "d", "{}", NOW, record=f"r{number}")
        steps.append(meter.measure(rewrite).steps)
    store.close()
    assert steps[1] <= 1.1 * steps[0]
