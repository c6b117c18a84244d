"""The steps that follow a publish: bounded, killed and gone on with, taken by one process at a time."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bench.steps import meter_of

from blankett.engine.publish import Preview, Publication, Published, Publisher, Refused, migrate, rollout
from blankett.engine.publish.migrate import Mover, refill_slots
from blankett.engine.publish.results import CountProgress
from blankett.engine.publish.rollout import Pace, Rollout, take_step
from blankett.engine.records import Command, Engine, Receipt, Refusal
from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.records.unit_of_work import Unit, Work
from blankett.engine.store import Store, StoredRecord, Writing, new_id
from blankett.engine.store.rollouts import StoredRollout, unfinished_rollouts
from blankett.engine.verify import verify

from .conftest import SHOP, START, Office, open_office, put_in, told

NOTE = "      note: {type: text}\n"
PLAIN = put_in(SHOP, (NOTE, f"{NOTE}      city: {{type: text}}\n"))
#: Everything at once: customers follow, orders move, two of them stay, a slot is new, titles change on both ends.
MUCH = put_in(
    SHOP,
    ("      phone: {type: text}\n", "      phone: {type: text}\n      town: {type: text, default: Kiel}\n"),
    ('    show: "{name}"\n', '    show: "{code} {name}"\n'),
    (NOTE, "      note: {type: text, index: yes}\n      urgent: {type: yes_no, default: no}\n"),
    ('"{record.number} {buyer.name}"', '"{buyer.name}: {channel}"'),
    ("[phone, fax, web]", "[phone, web]"),
)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step look at four records."""
    monkeypatch.setattr(rollout, "PIECE", 4)


def fill(office: Office) -> None:
    """Make customers and orders in every state."""
    office.publish(SHOP)
    buyers = [office.customer(f"C{number}") for number in range(6)]
    for number in range(14):
        order = office.order(buyers[number % 2], channel="fax" if number in (3, 8) else "web", note=f"No {number}")
        if number % 3:
            office.do("order", order, "submit")
        if number % 3 == 2:
            office.do("order", order, "ship")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of an office with customers and orders, to be copied."""
    file = tmp_path_factory.mktemp("filled") / "office.db"
    office = open_office(f"sqlite:///{file}")
    fill(office)
    office.store.close()
    return file


@pytest.fixture
def copied(filled: Path, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Give what makes an office with the same records each time."""
    made: list[Office] = []

    def make() -> Office:
        file = tmp_path / f"{len(made)}.db"
        shutil.copy(filled, file)
        made.append(Office(Store(f"sqlite:///{file}"), START + timedelta(days=1), counter=itertools.count(1_000)))
        return made[-1]

    yield make
    for office in made:
        office.store.fault_points = None
        assert verify(office.store, load=load_published) == []
        office.store.close()


@pytest.fixture
def shop(copied: Callable[[], Office]) -> Office:
    return copied()


def publish(office: Office, source: str = MUCH, move: Any = "move", most_steps: int | None = None) -> Published:
    publication = Publication(source=source, move=move, skip_scenarios=True)
    answer = office.publisher.publish(office.actor("boss"), publication, Pace(most_steps))
    assert isinstance(answer, Published), answer
    return answer


def unfinished(office: Office) -> list[StoredRollout]:
    with office.store.reading() as reading:
        return unfinished_rollouts(reading, "acme")


def found(office: Office) -> Rollout:
    answer = office.publisher.rollout(office.actor("boss"), "shop")
    assert isinstance(answer, Rollout)
    return answer


#: What differs from one run to the next.
MOMENTS = {"at", "salt", "hash", "digest", "holder", "held_until", "changed_at", "ended_at", "number"}


def outcome(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that a rollout may touch, without moments."""
    tables = sa.MetaData()
    names = ("record", "event", "slot", "edge", "unique_value", "rollout", "search_entry")
    with office.store.engine.connect() as connection:
        tables.reflect(connection, only=names)
        return {
            name: sorted(map(repr, connection.execute(sa.select(*_kept(tables.tables[name])))))  # type: ignore[misc]
            for name in names
        }


def _kept(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.name not in MOMENTS]


def points_of(office: Office) -> list[str]:
    """Return the places between two statements of a publish, in their order."""
    points: list[str] = []
    office.store.fault_points = points.append
    publish(office)
    office.store.fault_points = None
    return points


def places_to_kill(points: list[str]) -> list[int]:
    """Return where to kill: before each note of how far it is, and in the middle of those of each kind of statement."""
    notes = [number for number, point in enumerate(points) if point == "rollout_row.put"]
    kinds = (
        [number for number, point in enumerate(points) if point == kind and number > notes[0]] for kind in set(points)
    )
    return sorted({*notes[1:], *(each[len(each) // 2] for each in kinds if each)})


def test_killed_anywhere_it_ends_as_if_it_had_not_been(copied: Callable[[], Office]) -> None:
    whole = copied()
    points = points_of(whole)
    expected = outcome(whole)
    places = places_to_kill(points)
    assert len(places) > 20
    for place in places:
        office = copied()
        left = iter(range(place))

        def kill(_: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Killed

        office.store.fault_points = kill
        with pytest.raises(Killed):
            publish(office)
        office.restart()
        office.now += timedelta(minutes=1)
        assert office.publisher.resume("acme") == []
        assert (place, points[place], outcome(office)) == (place, points[place], expected)
        assert unfinished(office) == []


def test_a_rollout_tells_what_it_did(shop: Office) -> None:
    answer = publish(shop)
    told = answer.rollout
    assert (answer.followed, answer.moved, answer.stayed, told.is_done) == (6, 9, 1, True)
    assert (told.looked_at, told.total) == (16, 16)
    (staying,) = told.progress.staying["order"].values()
    assert (staying.reason.message, staying.count, len(staying.examples)) == ("stay.option_gone", 1, 1)
    assert (found(shop).plan, found(shop).progress) == (told.plan, told.progress)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from blankett.engine.access import load_actor
from blankett.engine.publish import Publication, Publisher, rollout
from blankett.engine.records import Engine
from blankett.engine.store import Store

rollout.PIECE = 4
store = Store(sys.argv[1])
steps = []

def kill(point):
    steps.append(point == "rollout_row.put")
    if sum(steps) == 4:
        os.kill(os.getpid(), signal.SIGKILL)

with store.reading() as reading:
    boss = load_actor(reading, "acme", "boss")
store.fault_points = kill
text = open(sys.argv[2], encoding="utf-8").read()
Publisher(Engine(store, lambda: datetime.now(UTC))).publish(
    boss, Publication(source=text, move="move", skip_scenarios=True)
)
"""


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_process_that_is_killed_leaves_a_rollout_that_another_ends(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    if database == "postgresql":
        url = request.getfixturevalue("make_postgres_database")()
    office = open_office(url)
    fill(office)
    office.store.close()
    (tmp_path / "much.yaml").write_text(MUCH, encoding="utf-8")
    ended = subprocess.run([sys.executable, "-c", KILLED, url, str(tmp_path / "much.yaml")], check=False)
    assert ended.returncode == -signal.SIGKILL
    (row,) = unfinished(office)
    assert not Rollout.of(row).progress.is_done
    office.now = row.held_until + timedelta(seconds=1)
    assert office.publisher.resume("acme") == []
    assert counts(office) == (6, 9, 1)
    with office.store.reading() as reading:
        ids = [id for form in ("customer", "order") for id in _ids(office, form)]
        kinds = Counter(event.kind for id in ids for event in reading.events("acme", id))
    assert (kinds["migrate"], kinds["backfill"]) == (15, 3)
    assert verify(office.store, load=load_published) == []
    office.store.close()


def counts(office: Office) -> tuple[int, int, int]:
    """Return how many records followed, moved and stay."""
    progress = found(office).progress
    return progress.followed, progress.moved, progress.stayed


# One at a time --------------------------------------------------------------------------------------------------------


def test_another_process_takes_over_when_the_first_does_not_come_back(shop: Office) -> None:
    row = publish(shop, most_steps=1).rollout.row
    assert take_step(shop.engine, row, "first") is not None
    assert take_step(shop.engine, row, "other") is None
    assert take_step(shop.engine, row, "first") is not None
    shop.now += timedelta(seconds=11)
    assert take_step(shop.engine, row, "other") is not None
    assert take_step(shop.engine, row, "first") is None
    assert [each.key for each in shop.publisher.resume("acme")] == [("acme", "shop", 2)]
    assert not found(shop).is_done


@pytest.mark.parametrize("most_steps", [0, 1])
def test_who_has_published_lets_another_go_on_at_once(shop: Office, most_steps: int) -> None:
    row = publish(shop, most_steps=most_steps).rollout.row
    assert take_step(shop.engine, row, "other") is not None
    assert take_step(shop.engine, row, "first") is None


@pytest.mark.postgres
def test_of_two_servers_at_once_one_takes_the_step(make_postgres_database: Callable[[], str]) -> None:
    office = open_office(make_postgres_database())
    fill(office)
    row = publish(office, most_steps=1).rollout.row
    office.now += timedelta(minutes=1)
    inside, ready = threading.Event(), threading.Event()

    def wait(point: str) -> None:
        if point == "rollout_row.put":
            inside.set()
            assert ready.wait(60)

    other = Store(office.store.url)
    other.fault_points = wait
    taken: list[Rollout | None] = []
    thread = threading.Thread(target=lambda: taken.append(take_step(Engine(other, office.clock, new_id), row, "other")))
    thread.start()
    assert inside.wait(60)
    assert take_step(office.engine, row, row.holder) is None
    ready.set()
    thread.join()
    other.fault_points = None
    assert taken[0] is not None

    def go_on(engine: Engine) -> None:
        while not found(office).is_done:
            take_step(engine, row, "other")

    both = [
        threading.Thread(target=go_on, args=(each,)) for each in (Engine(other, office.clock, new_id), office.engine)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (found(office).is_done, counts(office)) == (True, (6, 9, 1))
    assert verify(office.store, load=load_published) == []
    other.close()
    office.store.close()


def test_a_newer_version_ends_the_rollout_and_takes_over_what_is_left(shop: Office) -> None:
    publish(shop, most_steps=1)
    third = MUCH.replace("title: Shop\n", "title: The shop\n", 1)
    answer = publish(shop, third, move="stay")
    assert (answer.number, answer.followed, answer.moved) == (3, 2, 0)
    assert unfinished(shop) == []
    titles = Counter(shop.record(id).title for id in _ids(shop, "customer"))
    assert set(titles) == {f"C{number} C{number}" for number in range(6)}
    assert {shop.record(id).title.partition(": ")[2] for id in _ids(shop, "order")} == {"Web", ""}


def _ids(office: Office, form: str) -> list[str]:
    with office.store.reading() as reading:
        rows = reading.connection.execute(sa.select(sa.table("record", sa.column("id")).c.id)).all()
        known = [reading.record("acme", row[0]) for row in rows]
    return [each.id for each in known if each is not None and each.form == form]


# People meanwhile -----------------------------------------------------------------------------------------------------


def test_people_go_on_with_records_of_both_versions(shop: Office) -> None:
    publish(shop, PLAIN, most_steps=1)
    versions = {id: shop.record(id).version for id in _ids(shop, "order")}
    drafts = [id for id in versions if shop.record(id).state == "draft"]
    assert {versions[id] for id in drafts} == {1, 2}
    for id in drafts:
        shop.do("order", id, "submit")
    assert {id: shop.record(id).version for id in versions} == versions
    assert shop.publisher.resume("acme") == []
    assert {shop.record(id).version for id in drafts} == {2}


def test_a_record_that_went_where_the_steps_were_already_is_moved_too(copied: Callable[[], Office]) -> None:
    shop = copied()
    back = put_in(SHOP, ("    grants:\n      - {who: sales, may: all}\n    lists:",
                         "    grants:\n      - {who: sales, may: all}\n    lists:"),
                  ("      ship: {from: review", "      reopen: {from: review, to: draft, by: sales}\n"
                   "      ship: {from: review"))  # fmt: skip
    publish(shop, back)
    more = back.replace(NOTE, f"{NOTE}      city: {{type: text}}\n")
    publish(shop, more, most_steps=2)  # the drafts are through
    waiting = [id for id in _ids(shop, "order") if shop.record(id).state == "review"]
    for id in waiting:
        shop.do("order", id, "reopen")
    assert {shop.record(id).version for id in waiting} == {2}
    assert shop.publisher.resume("acme") == []
    assert {shop.record(id).version for id in waiting} == {3}


def test_who_had_a_record_open_while_it_moved_is_told_what_changed(shop: Office) -> None:
    order = next(id for id in _ids(shop, "order") if shop.record(id).state == "draft")
    seen = shop.record(order).revision
    publish(shop)
    assert (shop.record(order).version, shop.record(order).revision) == (2, seen + 1)
    command = Command(
        intent="x", actor=shop.actor("anna"), blueprint="shop", form="order", record=order, revision=seen,
        values={"note": "Ring"}, typed=frozenset({"note"}),
    )  # fmt: skip
    refused = shop.engine.apply(command)
    assert isinstance(refused, Refusal)
    assert refused.kind == "stale"
    assert [change.path for change in refused.current.changes] == [("urgent",)]  # type: ignore[union-attr]
    assert isinstance(shop.engine.apply(replace(command, intent="y", revision=seen + 1)), Receipt)
    assert shop.record(order).data["note"] == "Ring"


def test_somebody_who_has_left_still_has_published(shop: Office) -> None:
    row = publish(shop, PLAIN, most_steps=1).rollout.row
    with shop.store.writing() as writing:
        boss = writing.user("acme", "boss")
        assert boss is not None
        writing.update_user(replace(boss, active=False))
    shop.restart()
    shop.now = row.held_until + timedelta(minutes=1)
    assert shop.publisher.resume("acme") == []
    moved = [id for id in _ids(shop, "order") if shop.record(id).version == 2]
    with shop.store.reading() as reading:
        assert {reading.events("acme", id)[0].actor for id in moved} == {"boss"}


# Set aside, and moved later -------------------------------------------------------------------------------------------


def break_moves(monkeypatch: pytest.MonkeyPatch, broken: set[str]) -> None:
    """Let a bug be met by the records *broken*, after they were written."""
    write = Mover._write

    def write_and_fail(mover: Mover, stored: StoredRecord, work: Work) -> None:
        write(mover, stored, work)
        if stored.id in broken:
            raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Mover, "_write", write_and_fail)


def staying(rollout: Rollout) -> list[tuple[str, str, int, list[str]]]:
    return [
        (each.reason.message, each.reason.value, each.count, [example.id for example in each.examples])
        for found in rollout.progress.staying.values()
        for each in found.values()
    ]


def test_a_record_that_a_bug_meets_is_set_aside_and_tried_again(shop: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    open_orders = [id for id in _ids(shop, "order") if shop.record(id).state != "shipped"]
    customer, order = _ids(shop, "customer")[2], open_orders[1]
    broken = {customer, order}
    break_moves(monkeypatch, broken)
    answer = publish(
        shop, put_in(PLAIN, ("      phone: {type: text}\n", "      phone: {type: text, max_length: 90}\n"))
    )
    set_aside = [("stay.failed", "ZeroDivisionError", 1, [customer]), ("stay.failed", "ZeroDivisionError", 1, [order])]
    assert (answer.rollout.is_done, staying(answer.rollout)) == (True, set_aside)
    assert (answer.followed, answer.moved) == (5, len(open_orders) - 1)
    assert {(shop.record(id).version, "migrate" in dict(shop.events(id))) for id in broken} == {(1, False)}
    still = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(still, Rollout)
    assert (staying(still), still.progress.moved) == (set_aside, 0)
    broken.clear()
    done = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(done, Rollout)
    assert (staying(done), done.progress.followed, done.progress.moved) == ([], 1, 1)
    assert {shop.record(id).version for id in (customer, order)} == {2}


def test_a_record_whose_columns_cannot_be_written_is_told_and_written_later(
    shop: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = _ids(shop, "order")[3]

    def refill(writing: Writing, unit: Unit, stored: StoredRecord) -> None:
        if stored.id == broken:
            raise ZeroDivisionError("a bug")
        refill_slots(writing, unit, stored)

    with monkeypatch.context() as patched:
        for module in (rollout, migrate):
            patched.setattr(module, "refill_slots", refill)
        indexed = put_in(SHOP, (NOTE, "      note: {type: text, index: yes}\n"))
        answer = publish(shop, indexed, move="stay")
    assert staying(answer.rollout) == [("stay.not_filled", "ZeroDivisionError", 1, [broken])]
    assert answer.rollout.progress.stayed == 0
    done = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(done, Rollout)
    assert (staying(done), done.is_done, done.progress.filled > 0) == ([], True, True)


def test_what_stayed_can_be_moved_later(shop: Office) -> None:
    publish(shop, PLAIN, move="stay")
    going = [id for id in _ids(shop, "order") if shop.record(id).state != "shipped"]
    done = shop.publisher.move_left_behind(shop.actor("boss"), "shop", Pace(1))
    assert isinstance(done, Rollout)
    assert (done.is_done, done.progress.moved, done.plan.total) == (False, 4, len(going))
    meanwhile = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(meanwhile, Refused)
    assert told(meanwhile) == ["Version 2 is still taking the records along. Wait until it is through."]
    shop.publisher.resume("acme")
    assert {shop.record(id).version for id in going} == {2}
    nothing = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(nothing, Refused)
    assert told(nothing) == ["No record keeps an older version that could go to version 2."]
    stranger = shop.publisher.move_left_behind(shop.actor("anna"), "shop")
    assert isinstance(stranger, Refused)
    assert stranger.kind == "forbidden"


# Bounds ---------------------------------------------------------------------------------------------------------------


def test_a_record_whose_formulas_take_too_long_stays(shop: Office) -> None:
    endless = put_in(
        PLAIN, ("      city: {type: text}\n",
                '      city: {type: number, compute: "count(for i in 1..900, j in 1..900 return 1)"}\n')
    )  # fmt: skip
    answer = publish(shop, endless)
    (staying,) = answer.rollout.progress.staying["order"].values()
    assert (answer.moved, staying.reason.message, staying.count) == (0, "stay.too_long", 10)


def test_only_so_many_reasons_are_told_one_by_one(shop: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blankett.engine.publish.impact.MOST_REASONS", 3)
    typed = put_in(SHOP, (NOTE, "      note: {type: number, decimals: 2}\n"))
    told = {
        (reason.value, each.count) for reason, each in publish(shop, typed).rollout.progress.staying["order"].items()
    }
    assert sorted(told) == [("", 7), ("No 0", 1), ("No 3", 1), ("No 6", 1)]


def test_the_publishing_transaction_asks_as_much_whatever_the_number_of_records(copied: Callable[[], Office]) -> None:
    asked = []
    for further in (0, 40):
        office = copied()
        buyer = _ids(office, "customer")[0]
        for _ in range(further):
            office.order(buyer)
        for number in range(further // 4):
            office.customer(f"D{number}")
        points: list[str] = []
        office.store.fault_points = points.append
        publish(office, most_steps=0)
        office.store.fault_points = None
        meter = meter_of(office.store)
        asked.append((points, meter.measure(lambda office=office: publish(office, PLAIN, most_steps=0)).statements))  # type: ignore[misc]
        office.publisher.resume("acme")
    assert asked[0] == asked[1]


def test_a_step_writes_no_more_than_its_records_need(shop: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = _ids(shop, "customer")[0]
    for _ in range(30):
        shop.order(buyer)
    steps: list[Counter[str]] = [Counter()]
    shop.store.fault_points = lambda point: steps[-1].update([point])
    publication = Publication(source=MUCH, move="move", skip_scenarios=True)
    answer = shop.publisher.publish(shop.actor("boss"), publication, Pace(on_step=lambda _: steps.append(Counter())))
    assert isinstance(answer, Published)
    assert max(step["record.update"] + step["record.renew"] for step in steps) == 4
    assert {step["rollout_row.put"] for step in steps[1:-1]} == {1}


# Counting beside the preview ------------------------------------------------------------------------------------------

#: Every order's note is opened; one customer cannot follow.
TYPED = put_in(SHOP, (NOTE, "      note: {type: text, max_length: 20, unique: yes}\n"))


@pytest.fixture
def few_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two records be too many to wait for."""
    for module in ("preview", "new_version"):
        monkeypatch.setattr(f"blankett.engine.publish.{module}.MOST_AWAITED", 2)


def test_a_preview_tells_how_far_the_count_is_and_then_what_was_found(shop: Office, few_awaited: None) -> None:
    at_once = Publisher(shop.engine).preview(shop.actor("boss"), "shop", TYPED)
    assert isinstance(at_once, Preview)
    begun: list[Callable[[], None]] = []
    publisher = Publisher(shop.engine, run=begun.append)
    first = publisher.preview(shop.actor("boss"), "shop", TYPED, waits=False)
    assert isinstance(first, Preview)
    assert first.counting == CountProgress(0, 10)
    begun.pop()()
    second = publisher.preview(shop.actor("boss"), "shop", TYPED, waits=False)
    assert isinstance(second, Preview)
    assert (second.counting, second.impact, begun) == (None, at_once.impact, [])
    shop.now += timedelta(minutes=11)
    third = publisher.preview(shop.actor("boss"), "shop", TYPED, waits=False)
    assert isinstance(third, Preview)
    assert (third.counting, len(begun)) == (CountProgress(0, 10), 1)


def test_who_publishes_while_records_are_counted_waits_for_it(shop: Office, few_awaited: None) -> None:
    gone = put_in(SHOP, ("[gold, plain]", "[silver, gold]"), ("default: plain", "default: gold"))
    expected = shop.refused(gone)
    publisher = Publisher(shop.engine)
    publisher.preview(shop.actor("boss"), "shop", gone, waits=False)
    answer = publisher.publish(shop.actor("boss"), Publication(source=gone, workspace="sales"))
    assert isinstance(answer, Refused)
    assert answer.obstacles == expected.obstacles
    assert publisher.publish(shop.actor("boss"), Publication(source=gone, workspace="sales")) == answer
