"""Publishing: from a text to a version, with the records that go along.

check, scenarios → write lock: look at everything again → version, slots, records that follow → commit
→ open records that can move, slots and titles of the others, piece by piece
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.language.diff import pair_keys
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.language.renames import routes
from blankett.engine.publish import background
from blankett.engine.publish.background import Job
from blankett.engine.publish.blockers import blocked, record_obstacles, slot_obstacles
from blankett.engine.publish.candidate import Candidate, Candidates, refuse_scenarios
from blankett.engine.publish.convert import MoveReason
from blankett.engine.publish.impact import Class, Group, Impact, Movement, weigh
from blankett.engine.publish.migrate import Mover
from blankett.engine.publish.readiness import Publication, Ready, make_ready
from blankett.engine.publish.results import Obstacle, Published, Refused
from blankett.engine.publish.role_holders import role_gifts
from blankett.engine.publish.stranded import stranded
from blankett.engine.records import Engine
from blankett.engine.records.unit import Unit
from blankett.engine.rules import FailedTrial
from blankett.engine.store import (
    Share,
    StoredBlueprint,
    StoredTrial,
    StoredVersion,
    Writing,
    give_slots,
    store_trials,
    wanted_slots,
)
from blankett.engine.store.slots import NO_SLOTS
from blankett.engine.store.version_records import drop_draft, record_count, records_in_state, rename_form


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
    staying: dict[tuple[str, MoveReason], Class] = {}
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


@dataclass(frozen=True)
class Done:
    """What the publishing transaction did, and what is left to do behind it."""

    version: StoredVersion
    blueprint: Blueprint
    impact: Impact
    followed: int
    #: Forms whose records are called otherwise now.
    retitled: frozenset[str]


def publish(engine: Engine, actor: Actor, publication: Publication, candidates: Candidates) -> Published | Refused:
    """Make a text the next version, or return everything that stands in the way."""
    with engine.store.reading() as reading:
        catalog = engine.catalog.view(reading, actor.organisation, engine.clock())
        ready = make_ready(reading, catalog, actor, publication, candidates)
        if isinstance(ready, Refused):
            return ready
        gifts = role_gifts(reading, catalog, ready.movement, ready.workspace)
        left = stranded(reading, ready.movement, moves=publication.move == "move")
        failed = ready.candidate.failed_trials()
        report = None
        if not publication.skip_scenarios:
            report = ready.candidate.scenarios(catalog.newest_blueprint)
    refused = refuse_scenarios(ready.checked, report)
    if refused is not None:
        return refused
    try:
        with engine.store.writing(by=actor.user) as writing:
            done = _write(engine, writing, actor, publication, candidates)
            store_trials(writing, actor.organisation, _as_stored(failed, engine.clock()))
    except Hindered as hindered:
        return Refused("records", hindered.obstacles, ready.checked.problems, report)
    if isinstance(done, Refused):
        return done
    # The version is what was checked: nobody need read its text again.
    place = (actor.organisation, done.version.blueprint, done.version.number)
    done.blueprint.settle()
    engine.catalog.versions.keep(place, done.blueprint)
    return replace(_finish(engine, actor, publication, done), stranded=left, gifts=gifts)


def _write(
    engine: Engine, writing: Writing, actor: Actor, publication: Publication, candidates: Candidates
) -> Done | Refused:
    """Write the version and the records that follow it; look at everything again, now that nobody else writes."""
    now = engine.clock()
    catalog = engine.catalog.for_one_transaction().view(writing, actor.organisation, now)
    ready = make_ready(writing, catalog, actor, publication, candidates)
    if isinstance(ready, Refused):
        return ready
    movement = ready.movement
    impact = weigh(writing, movement)
    obstacles = record_obstacles(writing, catalog, movement, impact, publication.move)
    if obstacles:
        raise Hindered(*obstacles)
    groups = list(movement.groups(writing))
    if writing.blueprint(actor.organisation, movement.new.key) is None:
        _insert_blueprint(engine, writing, actor, publication, movement.new)
    version = write_version(writing, actor, now, movement, ready.candidate, publication.note)
    own = engine.catalog.for_one_transaction()
    own.versions.keep((actor.organisation, version.blueprint, version.number), movement.new)
    unit = Engine(engine.store, engine.clock, engine.make_id, own).unit(writing, actor, now, is_bounded=False)
    unit.bind(writing)
    followed = move_followers(writing, unit, movement, groups)
    _drop_draft(writing, ready)
    return Done(version, movement.new, impact, followed, _retitled(movement))


def _as_stored(failed: Sequence[FailedTrial], now: datetime) -> list[StoredTrial]:
    return [
        StoredTrial(each.failure.fingerprint, f"{each.form} {each.point}", each.failure.reason, now) for each in failed
    ]


def _insert_blueprint(engine: Engine, writing: Writing, actor: Actor, publication: Publication, new: Blueprint) -> None:
    origin, version = publication.origin or (None, None)
    writing.insert_blueprint(
        StoredBlueprint(
            organisation=actor.organisation,
            key=new.key,
            workspace=publication.workspace,
            origin=origin,
            origin_version=version,
            created_at=engine.clock(),
            created_by=actor.user,
        )
    )
    for name in sorted(publication.shared):
        blueprint, _, form = name.partition(".")
        writing.put_share(actor.organisation, blueprint, Share(form, publication.workspace))


def _drop_draft(writing: Writing, ready: Ready) -> None:
    """Drop the draft that has become the version; one that somebody has written further at stays."""
    organisation, new = ready.movement.organisation, ready.movement.new
    draft = writing.draft(organisation, new.key)
    if draft is not None and draft.source == new.source:
        drop_draft(writing, organisation, new.key, draft.revision)


def _retitled(movement: Movement) -> frozenset[str]:
    if not movement.newest:
        return frozenset()
    found = routes(movement.find_version(movement.newest), movement.new).values()
    return frozenset(route.new.key for route in found if route.new and _show(route.old) != _show(route.new))


def _show(form: Form) -> Mapping[str, str]:
    return form.show.words.by_language if form.show else {}


def _finish(engine: Engine, actor: Actor, publication: Publication, done: Done) -> Published:
    """Do what need not be in the transaction of the version."""
    job = Job(engine, actor, done.version.blueprint, done.version.number)
    moved = background.move_open(job) if publication.move == "move" else 0
    background.fill_slots(job, done.retitled)
    return Published(
        blueprint=done.version.blueprint,
        number=done.version.number,
        digest=done.version.digest,
        followed=done.followed,
        moved=moved,
        stayed=done.impact.open - moved,
    )
