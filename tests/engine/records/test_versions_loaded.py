"""Versions are loaded one by one, when something needs them, and older ones are let go of again."""

from __future__ import annotations

import gc
import weakref

from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.language.renames import outline_of, read_outline
from blankett.engine.records.blueprint_cache import FindForm, LoadedVersions, load_published
from blankett.engine.store import StoredVersion

from .conftest import BLUEPRINT, ORGANISATION, TRADE, Trade, canonical
from .test_former_states import renamed_state

CANCEL = TRADE[(start := TRADE.index("      cancel:\n")) : TRADE.index("      flag:\n", start)]
OUTLINED = """\
      size:
        type: choice
        options: [small, large]
      colour:
        type: choice
        options:
          red: {title: Red, was: crimson}
          blue: Blue
          azure: {becomes: blue}
"""


class Counting:
    """Loads published texts, and notes the number that each says at its end."""

    def __init__(self) -> None:
        self.loads: list[int] = []

    def __call__(self, text: str, find: FindForm, edition: int) -> Blueprint:
        said = text.rpartition("\n# version ")[2]
        self.loads.append(int(said) if said.strip().isdigit() else 1)
        return load_published(text, find, edition)


def restarted(trade: Trade) -> Counting:
    """Give *trade* the engine of a process that has loaded nothing."""
    trade.engine = trade.new_engine()
    trade.engine.catalog.load = counting = Counting()
    return counting


def publish_many(trade: Trade, texts: list[str]) -> None:
    """Publish *texts* as the versions after the first, each with its number as a comment."""
    with trade.store.writing() as writing:
        for number, text in enumerate(texts, 2):
            writing.insert_version(
                StoredVersion(
                    organisation=ORGANISATION, blueprint="trade", number=number, at=trade.now, by="max",
                    source=f"{text}\n# version {number}\n", canonical=canonical(text), positions="{}", digest="",
                )
            )  # fmt: skip


def test_opening_a_record_of_the_first_of_many_versions_loads_two(trade: Trade) -> None:
    record = trade.order(action="submit").record
    publish_many(trade, [TRADE] * 199)
    counting = restarted(trade)
    view = trade.view("max", record)
    assert (view.state and view.state.key, sorted(counting.loads)) == ("review", [1, 200])
    trade.view("anna", record)
    assert len(counting.loads) == 2


def test_of_the_versions_between_only_that_is_loaded_which_last_had_what_ended(trade: Trade) -> None:
    record = trade.order().record
    ended = TRADE.replace(CANCEL, "")
    by_manager = TRADE.replace(CANCEL, CANCEL.replace("[owner, manager]", "manager"))
    assert len({TRADE, ended, by_manager}) == 3
    publish_many(trade, [TRADE, TRADE, by_manager, by_manager, ended, ended, ended])
    counting = restarted(trade)
    assert "cancel" not in {action.key for action in trade.view("anna", record).actions if action.is_enabled}
    assert "cancel" in {action.key for action in trade.view("max", record).actions if action.is_enabled}
    assert sorted(counting.loads) == [1, 5, 8]


def test_keys_are_followed_through_versions_that_are_not_loaded(trade: Trade) -> None:
    record = trade.order(action="submit").record
    checking = renamed_state(TRADE, "review", "checking")
    assessed = renamed_state(checking, "checking", "assessing").replace("title: In review", "title: Assessing")
    publish_many(trade, [TRADE, checking, checking, assessed, assessed])
    counting = restarted(trade)
    view = trade.view("max", record)
    assert (view.state and view.state.title, sorted(counting.loads)) == ("Assessing", [1, 6])


def test_older_versions_are_let_go_of_and_the_newest_stay() -> None:
    kept = LoadedVersions(older_text=3 * len(BLUEPRINT.source))
    for number in range(1, 9):
        kept.keep((ORGANISATION, "trade", number), BLUEPRINT)
    kept.keep((ORGANISATION, "other", 1), BLUEPRINT)
    found = {number for number in range(1, 9) if kept.find((ORGANISATION, "trade", number))}
    assert (found, len(kept)) == ({5, 6, 7, 8}, 5)
    kept.find((ORGANISATION, "trade", 5))
    kept.keep((ORGANISATION, "trade", 2), BLUEPRINT)
    assert {number for number in range(1, 9) if kept.find((ORGANISATION, "trade", number))} == {2, 5, 7, 8}
    assert kept.find((ORGANISATION, "other", 1)) is not None


def test_a_version_in_use_stays_the_same_for_as_long_as_a_view_looks_at_it(trade: Trade) -> None:
    publish_many(trade, [TRADE] * 3)
    restarted(trade)
    trade.engine.catalog.versions.older_text = 0
    with trade.store.reading() as reading:
        view = trade.engine.catalog.view(reading, ORGANISATION, trade.now)
        first = view.process("trade", 1, "order")
        current = view.current(first)
        for number in (2, 3, 4):
            view.current(view.process("trade", number, "order"))
        assert (view.process("trade", 1, "order"), view.current(first)) == (first, current)
        assert trade.engine.catalog.view(reading, ORGANISATION, trade.now).process("trade", 1, "order") is not first


def test_what_was_worked_out_of_a_version_goes_with_it(trade: Trade) -> None:
    record = trade.order().record
    publish_many(trade, [TRADE] * 3)
    restarted(trade)
    trade.engine.catalog.versions.older_text = 0
    trade.view("anna", record)
    trade.done("anna", "order", record, note="More")
    loaded = trade.engine.catalog.versions.find((ORGANISATION, "trade", 1))
    assert loaded is not None
    gone = [weakref.ref(loaded), weakref.ref(loaded.blueprint), weakref.ref(loaded.blueprint.forms["order"])]
    del loaded
    with trade.store.reading() as reading:
        trade.engine.catalog.view(reading, ORGANISATION, trade.now).blueprint("trade", 3)
    gc.collect()
    assert [ref() for ref in gone] == [None, None, None]


def test_an_outline_is_the_same_of_a_loaded_version_and_of_its_canonical_json() -> None:
    text = TRADE.replace("      note: {", OUTLINED + "      note: {", 1)
    text = text.replace("    states:\n", "    states:\n      parked: {becomes: draft}\n", 1)
    for each in (TRADE, text, renamed_state(TRADE, "review", "checking")):
        loaded = load_blueprint(each)
        assert loaded.partial is not None
        assert read_outline(canonical(each)) == outline_of(loaded.partial)
