"""Publishing: from a text to a version, with the records that go along.

check, scenarios → write lock: look at everything again → version, slots, records that follow → commit
→ open records that can move, slots and titles of the others, piece by piece
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.blueprint.lineage import routes
from blankett.engine.blueprint.model import Blueprint, Form
from blankett.engine.publish import background
from blankett.engine.publish.answers import Published, Refused
from blankett.engine.publish.background import Job
from blankett.engine.publish.candidate import Candidates
from blankett.engine.publish.checking import refuse_scenarios
from blankett.engine.publish.impact import Impact, Movement, weigh
from blankett.engine.publish.obstacles import record_obstacles
from blankett.engine.publish.preparing import Publication, Ready, make_ready
from blankett.engine.publish.role_holders import role_gifts
from blankett.engine.publish.stranded import stranded
from blankett.engine.publish.writing import Hindered, move_followers, write_version
from blankett.engine.rules import FailedTrial
from blankett.engine.runtime import Engine
from blankett.engine.store import Share, StoredBlueprint, StoredTrial, StoredVersion, Writing, store_trials
from blankett.engine.store.moving import drop_draft


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
