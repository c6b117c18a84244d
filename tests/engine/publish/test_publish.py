"""Versions: who may publish what, in which order, and that a version never changes."""

from __future__ import annotations

import threading

import pytest

from blankett.engine.publish import Publication, Published, Refused
from blankett.engine.store import StoredVersion

from .conftest import SHOP, Office, put_in, told

CALMER = put_in(SHOP, ("title: Shop\n", "title: Calm shop\n"))


def version(office: Office, number: int) -> StoredVersion:
    with office.store.reading() as reading:
        found = reading.version("acme", "shop", number)
    assert found is not None
    return found


def test_the_first_version_makes_the_blueprint_in_its_workspace(office: Office) -> None:
    answer = office.publish(SHOP, note="the beginning")
    with office.store.reading() as reading:
        stored = reading.blueprint("acme", "shop")
    assert (answer.blueprint, answer.number) == ("shop", 1)
    assert stored is not None
    assert (stored.workspace, stored.origin, stored.created_by) == ("sales", None, "boss")
    assert (version(office, 1).source, version(office, 1).note, version(office, 1).by) == (
        SHOP,
        "the beginning",
        "boss",
    )


def test_versions_are_listed_with_their_records(shop: Office) -> None:
    buyer = shop.customer()
    done = shop.order(buyer)
    shop.do("order", done, "submit")
    shop.do("order", done, "ship")
    shop.publish(CALMER, note="less noise")
    shop.order(buyer)
    heads = shop.publisher.versions(shop.actor("anna"), "shop")
    assert not isinstance(heads, Refused)
    assert [(head.number, head.note, head.by, head.records, head.open) for head in heads] == [
        (2, "less noise", "boss", 1, 1),
        (1, "", "boss", 2, 0),
    ]


def test_a_version_never_changes(shop: Office) -> None:
    before = version(shop, 1)
    shop.publish(CALMER)
    shop.publish(version(shop, 1).source)
    shop.restart()
    assert version(shop, 1) == before
    assert version(shop, 3).source == before.source
    assert version(shop, 3).digest == before.digest
    assert version(shop, 3).seal != before.seal


def test_a_text_with_problems_is_refused_with_all_of_them(shop: Office) -> None:
    wrong = put_in(
        SHOP, ("total(lines.amount)", "total(lines.amout)"), ("to: review, by: sales", "to: reviw, by: sales")
    )
    answer = shop.refused(wrong)
    assert (answer.kind, told(answer)) == ("problems", ["The text has 2 problems. Mend them first."])
    assert sorted(problem.suggestion or "" for problem in answer.problems if problem.is_error) == ["amount", "review"]


@pytest.mark.parametrize("text", ["", "x", "- a", "a: [", "blueprint: shop", "\x00", "blueprint: shop\n" * 3])
def test_a_text_that_is_no_blueprint_is_refused(shop: Office, text: str) -> None:
    assert shop.refused(text).kind == "problems"
    assert shop.refused(text, blueprint="shop").kind == "problems"


def test_a_text_whose_scenario_fails_is_refused(shop: Office) -> None:
    answer = shop.refused(put_in(SHOP, ("values: {total: 6}", "values: {total: 7}")))
    assert (answer.kind, told(answer)) == ("scenarios", ["1 scenario fails. Mend the blueprint or the scenario first."])
    assert answer.scenarios is not None
    assert [(result.name, result.passed) for result in answer.scenarios.results] == [("an order is shipped", False)]


def test_a_text_whose_samples_are_wrong_is_refused(shop: Office) -> None:
    answer = shop.refused(put_in(SHOP, ("{code: ACME, name: Acme}", "{code: ACME}")))
    assert answer.kind in ("scenarios", "problems")


def test_the_same_text_is_no_new_version(shop: Office) -> None:
    answer = shop.refused(SHOP)
    assert (answer.kind, told(answer)) == ("invalid", ["The text is the same as that of version 1."])


def test_a_blueprint_keeps_its_key(shop: Office) -> None:
    other = put_in(SHOP, ("blueprint: shop", "blueprint: store"))
    answer = shop.refused(other, blueprint="shop")
    assert told(answer) == ["The text is of the blueprint “store”, not of “shop”. A blueprint keeps its key."]


def test_only_who_administers_the_workspace_publishes(shop: Office) -> None:
    expected = ["Only people who may administer the workspace can publish here."]
    assert told(shop.refused(CALMER, user="anna")) == expected
    assert told(shop.refused(CALMER, user="bert")) == expected


def test_a_workspace_that_is_not_there_is_refused(office: Office) -> None:
    answer = office.refused(SHOP, workspace="nowhere")
    assert (answer.kind, told(answer)) == ("missing", ["There is no such workspace."])


def test_who_looked_at_an_older_version_is_told(shop: Office) -> None:
    shop.publish(CALMER, base=1)
    answer = shop.refused(put_in(SHOP, ("title: Shop\n", "title: Loud shop\n")), user="dora", base=1)
    assert answer.kind == "stale"
    assert told(answer) == ["Version 2 was published meanwhile by Boss. Look at its changes, then publish again."]


def test_of_two_who_publish_at_once_one_wins(shop: Office) -> None:
    texts = [put_in(SHOP, ("title: Shop\n", f"title: Shop {number}\n")) for number in range(4)]
    answers: list[Published | Refused] = []
    gate = threading.Barrier(len(texts))

    def publish(text: str) -> None:
        actor = shop.actor("boss")
        gate.wait()
        answers.append(shop.publisher.publish(actor, Publication(source=text, base=1)))

    threads = [threading.Thread(target=publish, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Published", "Refused", "Refused", "Refused"]
    assert {answer.kind for answer in answers if isinstance(answer, Refused)} == {"stale"}
    heads = shop.publisher.versions(shop.actor("boss"), "shop")
    assert [head.number for head in heads] == [2, 1]  # type: ignore[union-attr]


@pytest.mark.parametrize("point", ["version.insert", "slot.insert", "rollout_row.put", "draft.delete"])
def test_a_publish_that_breaks_in_the_middle_leaves_nothing(shop: Office, point: str) -> None:
    shop.customer()
    more = put_in(
        SHOP,
        ("      phone: {type: text}\n", "      phone: {type: text, index: yes}\n      city: {type: text}\n"),
    )
    shop.publisher.save_draft(shop.actor("boss"), "shop", more, 0)

    class Broken(Exception):
        """The power is gone."""

    def break_at(here: str) -> None:
        if here == point:
            raise Broken

    before = snapshot(shop)
    shop.store.fault_points = break_at
    with pytest.raises(Broken):
        shop.publisher.publish(shop.actor("boss"), Publication(source=more))
    shop.restart()
    assert snapshot(shop) == before
    assert shop.publish(more).number == 2


def snapshot(office: Office) -> list[tuple[object, ...]]:
    """Return every row that a publish may touch."""
    with office.store.reading() as reading:
        tables = ("version", "slot", "rollout", "record", "event", "blueprint_draft", "edge", "unique_value")
        return [
            tuple(row) for table in tables for row in reading.connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        ]


def test_what_was_published_holds_after_a_restart(shop: Office) -> None:
    shop.publish(CALMER)
    shop.restart()
    buyer = shop.customer()
    assert shop.record(shop.order(buyer)).version == 2
