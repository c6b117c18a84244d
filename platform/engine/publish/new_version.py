"""Publishing: from a text to a version, with the records that go along.

check, scenarios → write lock: look at everything again → version, slots, what becomes of the records → commit
→ the steps of its rollout: records that follow, open ones that are to move, slots and titles of the others
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.language.diff import pair_keys
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.language.renames import routes
from blankett.engine.publish.blockers import record_obstacles, slot_obstacles
from blankett.engine.publish.candidate import Candidate, Candidates, refuse_scenarios
from blankett.engine.publish.impact import Group, Impact, Move, Movement, records_to_open, weigh
from blankett.engine.publish.impact_count import MOST_AWAITED
from blankett.engine.publish.kept_calendars import kept_calendars
from blankett.engine.publish.preview import find_impact
from blankett.engine.publish.readiness import Publication, Ready, make_ready
from blankett.engine.publish.results import Obstacle, Published, Refused
from blankett.engine.publish.role_holders import role_gifts
from blankett.engine.publish.rollout import (
    AT_ONCE,
    Pace,
    Plan,
    Rollout,
    begin_rollout,
    groups_to_go,
    overtake_rollouts,
    take_first_steps,
    this_process,
)
from blankett.engine.publish.stranded_records import stranded
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
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
from blankett.engine.store.rollouts import StoredRollout
from blankett.engine.store.slots import NO_SLOTS
from blankett.engine.store.version_records import drop_draft, has_records


class Hindered(Exception):
    """Leaves the transaction, so that it is undone, with what stands in the way."""

    def __init__(self, *obstacles: Obstacle) -> None:
        self.obstacles = obstacles
        super().__init__(*(obstacle.message for obstacle in obstacles))


def write_version(
    writing: Writing, actor: Actor, now: datetime, movement: Movement, candidate: Candidate, note: str
) -> StoredVersion:
    """Insert the version behind the newest one; make the slots and calendars that it lacks."""
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
    _give_slots(writing, movement, before)
    writing.give_calendars(actor.organisation, new.calendars.values(), new.languages[0])
    return version


def _give_slots(writing: Writing, movement: Movement, before: Mapping[str, Form]) -> None:
    new = movement.new
    maps = writing.slot_maps(movement.organisation, new.key)
    keys = {now: was for was, now in pair_keys(before, new.forms).items()}
    left_over: list[tuple[str, str]] = []
    for form in new.forms.values():
        old = before.get(keys.get(form.key, ""))
        renamed = {now: was for was, now in pair_keys(old.fields, form.fields).items() if was != now} if old else {}
        ready = not has_records(writing, movement.organisation, new.key, form.kept_as)
        gift = give_slots(maps.get(form.kept_as, NO_SLOTS), wanted_slots(new, form), renamed, ready=ready)
        left_over += [(form.title.say(new.languages[0]), want.path) for want in gift.left_over]
        writing.put_slots(movement.organisation, new.key, form.kept_as, gift.new)
    if left_over:
        raise Hindered(*slot_obstacles(left_over))


@dataclass(frozen=True)
class Done:
    """What the publishing transaction did, and what is left to do behind it."""

    version: StoredVersion
    blueprint: Blueprint
    impact: Impact
    rollout: StoredRollout


def publish(
    engine: Engine,
    actor: Actor,
    publication: Publication,
    candidates: Candidates,
    pace: Pace = AT_ONCE,
) -> Published | Refused:
    """Make a text the next version, or return everything that stands in the way.

    Takes the steps of what is to be done to the records at a *pace*; whoever resumes rollouts takes those it leaves.
    """
    with engine.store.reading() as reading:
        catalog = engine.catalog.view(reading, actor.organisation, engine.clock())
        ready = make_ready(reading, catalog, actor, publication, candidates)
        if isinstance(ready, Refused):
            return ready
        impact = find_impact(engine, reading, ready)
        obstacles = record_obstacles(reading, catalog, ready.movement, impact, publication.move)
        gifts = role_gifts(reading, catalog, ready.movement, ready.workspace)
        calendars = kept_calendars(reading, ready.movement, engine.clock())
        left = stranded(reading, ready.movement, moves=publication.move == "move")
        failed = ready.candidate.failed_trials()
        report = None
        if not publication.skip_scenarios:
            report = ready.candidate.scenarios(catalog.newest_blueprint)
    refused = refuse_scenarios(ready.checked, report)
    if refused is not None:
        return refused
    try:
        if obstacles:
            raise Hindered(*obstacles)
        with engine.store.writing(by=actor.user) as writing:
            done = _write(engine, writing, actor, publication, candidates, impact)
            store_trials(writing, actor.organisation, _as_stored(failed, engine.clock()))
    except Hindered as hindered:
        return Refused("records", hindered.obstacles, ready.checked.problems, report)
    if isinstance(done, Refused):
        return done
    # The version is what was checked: nobody need read its text again.
    place = (actor.organisation, done.version.blueprint, done.version.number)
    done.blueprint.settle()
    engine.catalog.versions.keep(place, done.blueprint)
    rollout = take_first_steps(engine, done.rollout, pace)
    return Published(
        blueprint=done.version.blueprint,
        number=done.version.number,
        digest=done.version.digest,
        open=done.impact.open,
        rollout=rollout or Rollout.of(done.rollout),
        stranded=left,
        gifts=gifts,
        calendars=calendars,
    )


def _write(
    engine: Engine, writing: Writing, actor: Actor, publication: Publication, candidates: Candidates, seen: Impact
) -> Done | Refused:
    """Write the version and what becomes of the records; look at everything again, now that nobody else writes.

    What it asks does not grow with the records: *seen* is what was found by looking at all of them just before.
    """
    now = engine.clock()
    catalog = engine.catalog.for_one_transaction().view(writing, actor.organisation, now)
    ready = make_ready(writing, catalog, actor, publication, candidates)
    if isinstance(ready, Refused):
        return ready
    movement = ready.movement
    leftover = overtake_rollouts(writing, movement, now)
    groups = list(movement.groups(writing, MOST_AWAITED + 1))
    if records_to_open(groups) <= MOST_AWAITED:  # else a record that has changed since stays where it cannot go
        obstacles = record_obstacles(writing, catalog, movement, weigh(writing, movement, groups), publication.move)
        if obstacles:
            raise Hindered(*obstacles)
    if writing.blueprint(actor.organisation, movement.new.key) is None:
        _insert_blueprint(engine, writing, actor, publication, movement.new, catalog)
    version = write_version(writing, actor, now, movement, ready.candidate, publication.note)
    plan = _plan(movement, groups, publication.move, seen)
    rollout = begin_rollout(writing, movement, actor.user, now, plan, leftover, this_process())
    _drop_draft(writing, ready)
    return Done(version, movement.new, seen, rollout)


def _plan(movement: Movement, groups: Sequence[Group], move: Move, seen: Impact) -> Plan:
    """Return what the version is to do to the records."""
    total = sum(form.can_move + form.must_stay for form in seen.forms if form.follows or move == "move")
    return Plan(move, groups_to_go(groups, move), _retitled(movement), total)


def _as_stored(failed: Sequence[FailedTrial], now: datetime) -> list[StoredTrial]:
    return [
        StoredTrial(each.failure.fingerprint, f"{each.form} {each.point}", each.failure.reason, now) for each in failed
    ]


def _insert_blueprint(
    engine: Engine, writing: Writing, actor: Actor, publication: Publication, new: Blueprint, catalog: Catalog
) -> None:
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
    shared = (catalog.find_form(name) for name in sorted(publication.shared))
    for form in (form for form in shared if form is not None):
        writing.put_share(actor.organisation, form.blueprint, Share(form.kept_as, publication.workspace))


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
    return frozenset(route.new.kept_as for route in found if route.new and _show(route.old) != _show(route.new))


def _show(form: Form) -> Mapping[str, str]:
    return form.show.words.by_language if form.show else {}
