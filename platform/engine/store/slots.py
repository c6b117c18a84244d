"""Slots: which indexed column of a record row holds which field, and what is written there.

A slot belongs to (blueprint, form, field, kind) for life, so a column of a list means one thing across versions. Which
fields need one follows from the form: what is listed, sorted, filtered, linked or looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from sqlalchemy import bindparam, insert, select, update

from blankett.engine.fields.base import SlotKind, Value
from blankett.engine.language.model import Blueprint, Field, Form, Formula
from blankett.engine.store import tables
from blankett.engine.store.transaction import Transaction

#: A link has two slots: the id of the record it points to ("value") and that record's title.
Part = Literal["value", "title"]

SLOTS_BY_KIND: Mapping[SlotKind, tuple[str, ...]] = {
    "text": tables.TEXT_SLOTS,
    "number": tables.NUMBER_SLOTS,
    "date": tables.DATE_SLOTS,
}
KIND_OF_SLOT: Mapping[str, SlotKind] = {slot: kind for kind, slots in SLOTS_BY_KIND.items() for slot in slots}
#: Longest text kept in a slot, as the field types cut it.
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Want:
    """A field that should have a slot."""

    path: str
    part: Part
    kind: SlotKind


@dataclass(frozen=True)
class SlotPlace:
    """A field's slot."""

    path: str
    part: Part
    slot: str
    #: False while records made before the slot was given still wait for their values: written, not yet asked.
    ready: bool = True

    @property
    def kind(self) -> SlotKind:
        """Return the kind of the slot."""
        return KIND_OF_SLOT[self.slot]


@dataclass(frozen=True)
class SlotMap:
    """The slots of one form, over all its versions."""

    places: tuple[SlotPlace, ...] = ()

    @cached_property
    def _by_field(self) -> Mapping[tuple[str, Part, SlotKind], SlotPlace]:
        return MappingProxyType({(place.path, place.part, place.kind): place for place in self.places})

    @cached_property
    def empty_row(self) -> Mapping[str, str | int | None]:
        """Return nothing for every slot of the map."""
        return {place.slot: None for place in self.places}

    def find(self, of: Field, part: Part = "value") -> str | None:
        """Return the slot that lists may use for a field, or None when it has none (yet)."""
        kind = of.type.slot
        place = self._by_field.get((of.key, part, kind)) if kind else None
        return place.slot if place is not None and place.ready else None

    def writers(self, form: Form) -> Sequence[tuple[str, Field, Part]]:
        """Return (slot, field, part) for what a record of *form*, a version of the map's form, writes."""
        kept = form.once(_SlotWriters)
        slots, writers = kept.known
        if slots is not self:
            writers = [
                (place.slot, form.fields[place.path], place.part)
                for place in self.places
                if place.path in form.fields and form.fields[place.path].type.slot == place.kind
            ]
            kept.known = (self, writers)
        return writers


class _SlotWriters:
    """What a form writes into the slots that it was last asked of."""

    def __init__(self, form: Form) -> None:
        self.known: tuple[SlotMap | None, Sequence[tuple[str, Field, Part]]] = (None, ())


NO_SLOTS = SlotMap()


class FilledSlots(dict[str, str | int | None]):
    """The slot values of a record, with the texts some of them are made of."""

    def __init__(self, empty: Mapping[str, str | int | None]) -> None:
        super().__init__(empty)
        #: Slot → the words in it: it is sorted and found by them.
        self.texts: dict[str, str] = {}
        #: Slot → another way to write them, by which it is found too.
        self.spellings: dict[str, str] = {}


def slot_row(slots: SlotMap, form: Form, values: Mapping[str, Value], titles: Mapping[str, str]) -> FilledSlots:
    """Return the slot values of a record of *form*.

    *values*: field → value, hidden fields None; *titles*: id → title of the records that link fields point to.
    """
    row = FilledSlots(slots.empty_row)
    for slot, of, part in slots.writers(form):
        value = values.get(of.key)
        if value is None:
            continue
        text = _kept_title(value, titles) if part == "title" else str(value)
        row[slot] = text if part == "title" else of.type.slot_value(value)
        if is_worded(of, part):
            row.texts[slot] = text
            if part == "value" and (spelling := of.type.spelling(value)):
                row.spellings[slot] = spelling
    return row


def title_row(
    slots: SlotMap, form: Form, values: Mapping[str, Value], titles: Mapping[str, str]
) -> dict[str, str | None]:
    """Return what of the same slot values is copied from the records that link fields point to."""
    held = {slot: values.get(of.key) for slot, of, part in slots.writers(form) if part == "title"}
    return {slot: None if value is None else _kept_title(value, titles) for slot, value in held.items()}


def _kept_title(value: Value, titles: Mapping[str, str]) -> str:
    return titles.get(str(value), "")[:LONGEST_TEXT]


def is_worded(of: Field, part: Part) -> bool:
    """Tell whether a slot of the field holds words of people."""
    return part == "title" or of.type.is_worded


# Giving slots out -----------------------------------------------------------------------------------------------------


def wanted_slots(blueprint: Blueprint, form: Form) -> tuple[Want, ...]:
    """Return what of *form* needs a slot, in the author's order: `index`, key, links, what lists and grants ask.

    The first link comes before all: the slots that are given out first share indexes (`tables.PAIRS`).
    """
    keys = set(_asked_fields(blueprint, form))
    found = [want for of in form.fields.values() if _takes_slot(of) for want in _wants(of, keys)]
    links = [want for want in found if want.part == "title"]
    first = [Want(link.path, "value", link.kind) for link in links[:1]]
    return (*first, *(want for want in found if want not in first))


def _takes_slot(of: Field) -> bool:
    return of.type.slot is not None and of.is_stored and not of.retired


def _wants(of: Field, keys: set[str]) -> Iterator[Want]:
    kind = of.type.slot
    assert kind is not None
    if of.links_to is not None:
        yield Want(of.key, "value", kind)
        yield Want(of.key, "title", kind)
    elif of.index or of.key in keys:
        yield Want(of.key, "value", kind)


def _asked_fields(blueprint: Blueprint, form: Form) -> Iterator[str]:
    if form.key_field:
        yield form.key_field
    for view in form.lists.values():
        yield from (key for column in view.columns for key in _with_currency(form, column))
        yield from (key for key, _ in view.sort)
        yield from _reads(view.where)
    for grant in form.grants:
        yield from _reads(grant.where)
        for formula in grant.who.formulas:
            yield from _reads(formula)
    for formula in _conditions_on(blueprint, form):
        yield from _reads(formula)
    for fact in blueprint.facts_about.get(form.name, ()):
        yield from fact.path[:1]
        yield from _reads(fact.where)


def _with_currency(form: Form, column: str) -> tuple[str, ...]:
    """Return a list's column and, for an amount, the field that says its currency."""
    of = form.fields.get(column)
    return (column, of.currency[0]) if of is not None and isinstance(of.currency, tuple) else (column,)


def _reads(formula: Formula | None) -> Iterator[str]:
    if formula is not None:
        yield from (path[0] for path in formula.reads)


def _conditions_on(blueprint: Blueprint, form: Form) -> Iterator[Formula]:
    """Yield the `where`s anywhere in the blueprint that pick records of *form*."""
    for name in (form.key, form.name):
        yield from blueprint.picking.get(name, ())


@dataclass(frozen=True)
class SlotGift:
    """What `give_slots` gives out."""

    new: tuple[SlotPlace, ...]
    #: What no slot was left for.
    left_over: tuple[Want, ...]


def give_slots(slots: SlotMap, wants: Iterable[Want], renamed: Mapping[str, str], *, ready: bool) -> SlotGift:
    """Return the places that *slots* still needs for *wants*. Nothing is taken from a field that has a slot.

    *renamed*: new field key → the old key (`was`), whose slot it goes on with. *ready*: whether there are no records
    yet.
    """
    taken = {place.slot for place in slots.places}
    known = {(place.path, place.part, place.kind): place for place in slots.places}
    new: list[SlotPlace] = []
    left_over: list[Want] = []
    for want in wants:
        if (want.path, want.part, want.kind) in known:
            continue
        before = known.get((renamed.get(want.path, ""), want.part, want.kind))
        slot = before.slot if before else next((slot for slot in SLOTS_BY_KIND[want.kind] if slot not in taken), None)
        if slot is None:
            left_over.append(want)
            continue
        taken.add(slot)
        new.append(SlotPlace(want.path, want.part, slot, before.ready if before else ready))
    return SlotGift(tuple(new), tuple(left_over))


# Keeping them ---------------------------------------------------------------------------------------------------------

_s = tables.slot.c
_of_blueprint = (
    select(_s.form, _s.path, _s.part, _s.slot, _s.ready)
    .where(_s.organisation == bindparam("in_organisation"), tables.form_of_blueprint(_s.form))
    .order_by(_s.slot, _s.path, _s.part)
)
_insert = insert(tables.slot)
_ready = update(tables.slot).where(
    _s.organisation == bindparam("in_organisation"),
    _s.form == bindparam("of_form"),
)


class SlotReading(Transaction):
    """Reads slot maps."""

    def slot_maps(self, organisation: str, blueprint: str) -> dict[str, SlotMap]:
        """Return the slot map of each form of a blueprint that has one, by the key that its records are kept under."""
        rows = self.rows(_of_blueprint, {"in_organisation": organisation, **tables.forms_of(blueprint)})
        places: dict[str, list[SlotPlace]] = {}
        for form, path, part, slot, ready in rows:
            places.setdefault(form.partition(".")[2], []).append(SlotPlace(path, part, slot, bool(ready)))
        return {form: SlotMap(tuple(found)) for form, found in sorted(places.items())}


class SlotWriting(SlotReading):
    """Keeps slot maps."""

    def put_slots(self, organisation: str, blueprint: str, form: str, places: Sequence[SlotPlace]) -> None:
        """Give the form whose records are kept under a key further places."""
        if places:
            self.do(
                "slot.insert",
                _insert,
                [
                    {
                        "organisation": organisation, "form": f"{blueprint}.{form}", "path": place.path,
                        "part": place.part, "slot": place.slot, "ready": int(place.ready),
                    }
                    for place in places
                ],
            )  # fmt: skip

    def mark_slots_ready(self, organisation: str, blueprint: str, form: str) -> None:
        """Note that every record of the form has its values in its slots."""
        bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}", "ready": 1}
        self.do("slot.ready", _ready, bound)
