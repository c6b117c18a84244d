"""Every key of the language is part of the process, or current, or display: what that means for records under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache

import pytest
from sqlalchemy import select

from blankett.engine.effects import EFFECTS, OF_ACTIONS
from blankett.engine.fields.base import PROCESS
from blankett.engine.language.diff import TOLD_APART, diff, pair_keys, readers_of
from blankett.engine.language.grammar import FIELD_SHAPE, SHAPES, SHAPES_BY_NAME
from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint, FieldCheck, Numbering, TimerRepeat
from blankett.engine.language.sameness import HELD, attributes_of
from blankett.engine.publish import Published
from blankett.engine.publish.impact import is_same_process
from blankett.engine.records.read.results import RecordView
from blankett.engine.store import tables

from .changed_keys import CHANGES, EVERYTHING
from .conftest import Office, put_in

#: Keys that cannot be changed in a published blueprint, and those of tests and samples, which no record ever sees.
APART = {("blueprint", "blueprint"), ("blueprint", "language"), ("table_column", "key")}
STORIES = {"scenario", "step", "expect"}

PARTS = {(shape.name, key.name): key.part for shape in SHAPES for key in shape.keys}
PARTS |= {(type_, key.name): key.part for type_, keys in FIELD_SHAPE.variants.items() for key in keys}


#: Shape → keys that no class holds under its own name: what is in them is an item of its own, or part of another.
HELD_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "blueprint": frozenset({"forms", "tables", "messages", "options"}),
    "effect": frozenset(effect.word for effect in EFFECTS if effect.shape),
    "outcome": frozenset(effect.word for effect in EFFECTS if effect.shape or effect in OF_ACTIONS),
    "valid": frozenset({"from", "to"}),
}


def changed(key: tuple[str, str]) -> str:
    return put_in(EVERYTHING, CHANGES[key])


@cache
def load(text: str) -> Blueprint:
    loaded = load_blueprint(text)
    assert loaded.blueprint is not None, [str(problem) for problem in loaded.problems if problem.is_error]
    return loaded.blueprint


BEFORE = load(EVERYTHING)
#: Classes whose keys a difference tells as one text of the item they stand in: effects, outcomes, a field's check.
PARTS_OF_AN_ITEM = {kind for kind in HELD if kind.__name__.endswith(("Effect", "Outcome"))} | {
    FieldCheck,
    Numbering,
    TimerRepeat,
}


def keeps_every_process(old: Blueprint, new: Blueprint) -> bool:
    pairs = pair_keys(old.forms, new.forms)
    return all(is_same_process(old.forms[was], new.forms[now]) for was, now in pairs.items())


def test_every_key_of_the_language_is_tried() -> None:
    inherited = {(type_, key) for type_, key in PARTS if type_ in ("email", "long_text", "text")}
    wanted = {key for key in PARTS if key[0] not in STORIES} - APART - inherited
    assert wanted - CHANGES.keys() == set()


def unread_keys() -> Iterator[tuple[str, str]]:
    """Yield (shape, key) that is process although no class of the model holds it: it would count for nothing."""
    held: dict[str, set[str]] = {}
    for kind, of in HELD.items():
        holding = (key for name in attributes_of(kind) for key in of.keys.get(name, (name,)))
        keys = set(holding)
        for shape in of.shapes:
            held.setdefault(shape, set()).update(keys)
    for found in SHAPES_BY_NAME.values():
        for key in found.keys:
            known = held.get(found.name, set()) | HELD_ELSEWHERE.get(found.name, frozenset())
            if key.part == PROCESS and key.name not in known:
                yield found.name, key.name


def unknown_attributes() -> Iterator[tuple[str, str]]:
    """Yield (class, attribute) that holds no key of the language and is not said to follow from others."""
    for kind, of in HELD.items():
        shapes = [SHAPES_BY_NAME[shape] for shape in of.shapes]
        groups = (keys for shape in shapes for keys in (shape.keys, *shape.variants.values()))
        known = {key.name for keys in groups for key in keys}
        for name in attributes_of(kind):
            if not known & set(of.keys.get(name, (name,))):
                yield kind.__name__, name


def test_every_process_key_is_held_by_the_model() -> None:
    assert (list(unread_keys()), list(unknown_attributes())) == ([], [])


@pytest.mark.parametrize("key", CHANGES, ids=".".join)
def test_a_key_changed_alone_is_another_process_exactly_when_it_is_declared_so(key: tuple[str, str]) -> None:
    # A form, a table or a message that came alone concerns no record that exists.
    part = "current" if key in {("blueprint", "forms"), ("blueprint", "tables")} else PARTS[key]
    assert keeps_every_process(BEFORE, load(changed(key))) == (part != "process")


@pytest.mark.parametrize("key", [key for key in CHANGES if key[1] not in ("was", "becomes")], ids=".".join)
def test_a_key_changed_alone_is_told_as_a_difference(key: tuple[str, str]) -> None:
    assert diff(BEFORE, load(changed(key))) != ()


def test_every_key_has_a_text_for_a_difference() -> None:
    told = {(HELD[kind].shape, name) for kind in HELD if kind not in PARTS_OF_AN_ITEM for name, _ in readers_of(kind)}
    apart = {(shape, key) for shape, keys in TOLD_APART.items() for key in keys}
    shapes = {HELD[kind].shape for kind in HELD if kind not in PARTS_OF_AN_ITEM}
    written = {(shape, key) for shape, key in PARTS if shape in shapes and key != "was"}
    options = {(type_, key) for type_, keys in FIELD_SHAPE.variants.items() for key in (each.name for each in keys)}
    assert written - told - apart - options == set()


def test_the_same_text_differently_laid_out_is_the_same_process() -> None:
    assert keeps_every_process(BEFORE, load(EVERYTHING.replace("    help: What somebody buys.\n", "\n# A note\n\n")))


# What it does to an open record ---------------------------------------------------------------------------------------


@pytest.fixture
def every(office: Office) -> Office:
    """Give an office where the blueprint of every key is published, and an order is open."""
    office.publish(EVERYTHING)
    buyer = office.do("every.customer", code="A")
    office.do(
        "every.order", name="Anton", buyer=buyer.record, color="red", weight=Decimal(20), lines=[{"what": "Bolt"}]
    )
    return office


def open_order(office: Office, user: str = "anna") -> RecordView:
    with office.store.reading() as reading:
        found = select(tables.record.c.id).where(tables.record.c.form == "every.order")
        ids = [row[0] for row in reading.connection.execute(found)]
    view = office.engine.open(office.actor(user), ids[0])
    assert view is not None
    return view


MOVING = [
    ("form", "rules"), ("form", "facts"), ("form", "checks"), ("form", "states"), ("form", "fields"),
    ("form", "actions"), ("form", "number"), ("rule", "when"), ("rule", "priority"), ("rule", "valid"),
    ("fact", "where"), ("outcome", "warn"), ("table", "rows"), ("table_column", "values"), ("effect", "set"),
    ("update", "where"), ("link", "where"), ("option", "retired"), ("blueprint", "messages"), ("action", "ask"),
    ("number", "min"), ("field", "compute"),
]  # fmt: skip


@pytest.mark.parametrize("key", MOVING, ids=".".join)
def test_an_open_record_moves_to_another_process(every: Office, key: tuple[str, str]) -> None:
    answer = every.publish(changed(key), move="move", skip_scenarios=True)
    assert isinstance(answer, Published)
    assert (answer.moved, open_order(every).version) == (1, 2)


#: Key → what of an open order, as it is read, says otherwise at once though its version stays.
SEEN = [
    ("form", "title"), ("form", "show"), ("form", "amount"), ("form", "sections"), ("form", "grants"),
    ("field", "title"),
    ("field", "help"), ("field", "private"), ("section", "title"), ("section", "fields"), ("state", "title"),
    ("action", "title"), ("action", "help"), ("action", "confirm"), ("action", "done"), ("action", "by"),
    ("option", "title"), ("choice", "widget"),
]  # fmt: skip


@pytest.mark.parametrize("key", SEEN, ids=".".join)
def test_words_rights_and_looks_reach_an_open_record_at_once(every: Office, key: tuple[str, str]) -> None:
    before = shown(open_order(every))
    answer = every.publish(changed(key), skip_scenarios=True)
    after = open_order(every)
    assert (answer.stayed, after.version) == (1, 1)
    assert shown(after) != before


def shown(value: object) -> object:
    """Return all that a view says, but for what only its version knows."""
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [shown(each) for each in value]
    if is_dataclass(value) and type(value).__module__.endswith("read.results"):
        apart = {"form", "timeline", "action", "revision", "columns"}
        return {each.name: shown(getattr(value, each.name)) for each in fields(value) if each.name not in apart}
    if type(value).__name__ == "Field":
        words = [each.say("en") if each else "" for each in (value.title, value.help)]  # type: ignore[attr-defined]
        titles = [each.title.say("en") for each in value.option_titles().values()]  # type: ignore[attr-defined]
        return (*words, *titles, value.options.get("widget"))  # type: ignore[attr-defined]
    return str(value)
