"""Writes a version: its row, the slots of its forms, and the records that follow it. In one transaction, or not at all.

What may take long and need not be at once (open records that move, slots of records that stay) is `background`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.blueprint.diff import pair_keys
from blankett.engine.blueprint.model import Form
from blankett.engine.publish.answers import Obstacle
from blankett.engine.publish.candidate import Candidate
from blankett.engine.publish.fit import Reason
from blankett.engine.publish.impact import Class, Group, Movement
from blankett.engine.publish.moving import Mover
from blankett.engine.publish.obstacles import blocked, slot_obstacles
from blankett.engine.runtime.work import Unit
from blankett.engine.store import StoredVersion, Writing, give_slots, wanted_slots
from blankett.engine.store.moving import record_count, records_in_state, rename_form
from blankett.engine.store.slots import NO_SLOTS


class Hindered(Exception):
    """Leaves the transaction, so that it is undone, with what stands in the way."""

    def __init__(self, *obstacles: Obstacle) -> None:
        self.obstacles = obstacles
        super().__init__(*(obstacle.message for obstacle in obstacles))


def write_version(
    writing: Writing, actor: Actor, now: datetime, movement: Movement, candidate: Candidate, note: str
) -> StoredVersion:
    """Insert the version behind the newest one, and give its forms the slots they need."""
    new = movement.new
    canonical, positions = candidate.canonical()
    version = writing.insert_version(
        StoredVersion(
            organisation=actor.organisation,
            blueprint=new.key,
            number=movement.newest + 1,
            at=now,
            by=actor.user,
            note=note,
            source=new.source,
            canonical=canonical,
            positions=positions,
            digest=new.digest,
        )
    )
    before = movement.find_version(movement.newest).forms if movement.newest else {}
    _rename_forms(writing, movement, before)
    _give_slots(writing, movement, before)
    return version


def _rename_forms(writing: Writing, movement: Movement, before: Mapping[str, Form]) -> None:
    for old, new in pair_keys(before, movement.new.forms).items():
        if old != new:
            rename_form(writing, movement.organisation, movement.new.key, old, new)


def _give_slots(writing: Writing, movement: Movement, before: Mapping[str, Form]) -> None:
    new = movement.new
    maps = writing.slot_maps(movement.organisation, new.key)
    keys = {now: was for was, now in pair_keys(before, new.forms).items()}
    left_over: list[tuple[str, str]] = []
    for form in new.forms.values():
        old = before.get(keys.get(form.key, ""))
        renamed = {now: was for was, now in pair_keys(old.fields, form.fields).items() if was != now} if old else {}
        ready = record_count(writing, movement.organisation, new.key, form.key) == 0
        gift = give_slots(maps.get(form.key, NO_SLOTS), wanted_slots(new, form), renamed, ready=ready)
        left_over += [(form.title.say(new.languages[0]), want.path) for want in gift.left_over]
        writing.put_slots(movement.organisation, new.key, form.key, gift.new)
    if left_over:
        raise Hindered(*slot_obstacles(left_over))


def move_followers(writing: Writing, unit: Unit, movement: Movement, groups: Sequence[Group]) -> int:
    """Move every record that follows in any case, and return how many; raise `Hindered` when one cannot."""
    moved = 0
    staying: dict[tuple[str, Reason], Class] = {}
    for group in groups:
        if group.is_same or not group.follows or group.fit.route.new is None:
            continue
        mover = Mover(writing, unit, group.fit, movement.newest + 1)
        form = group.fit.route.new
        place = (movement.organisation, movement.new.key, form.key, group.version, group.state)
        for stored in records_in_state(writing, *place):
            reasons = mover.move(stored)
            moved += not reasons
            for reason in reasons:
                staying.setdefault((form.key, reason), Class(reason)).add(stored)
    if staying:
        raise Hindered(*(blocked(movement.new.forms[form].title, found) for (form, _), found in staying.items()))
    return moved
