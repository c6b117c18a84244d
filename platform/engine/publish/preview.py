"""What publishing a text would change, and do to the records that exist. Writes nothing, runs no scenario."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.publish.blockers import record_obstacles
from blankett.engine.publish.candidate import Candidates
from blankett.engine.publish.impact import Group, Impact, Move, Movement, records_to_open, weigh
from blankett.engine.publish.impact_count import MOST_AWAITED, ImpactCount, KeptCount, Run, in_thread
from blankett.engine.publish.kept_calendars import kept_calendars
from blankett.engine.publish.late_fields import late_fields
from blankett.engine.publish.readiness import Publication, Ready, make_ready
from blankett.engine.publish.results import CountProgress, Obstacle, Preview, Refused
from blankett.engine.publish.role_holders import role_gifts
from blankett.engine.publish.stranded_records import stranded
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading

log = logging.getLogger("blankett.publish")


@dataclass(frozen=True)
class Beside:
    """What a count needs that goes on when the transaction of whoever began it has ended."""

    actor: Actor
    publication: Publication
    candidates: Candidates


def find_impact(engine: Engine, reading: Reading, ready: Ready) -> Impact:
    """Return what a publish does to the records: as it is now where few must be opened, else as they were counted."""
    groups = list(ready.movement.groups(reading))
    return awaited_impact(reading, ready.movement, groups, ready.candidate.count, engine.clock())


def awaited_impact(
    reading: Reading, movement: Movement, groups: Sequence[Group], kept: KeptCount, now: datetime
) -> Impact:
    """Return what becomes of *groups*: as it is now where few must be opened, else as they were counted.

    A count that is under way is waited for; where there is none it is made here.
    """

    def make(count: ImpactCount) -> None:
        with count.ending():
            count.run(reading, movement, groups)

    found = impact_or_count(reading, movement, groups, kept, now, make)
    if isinstance(found, Impact):
        return found
    found.ended.wait()
    return found.impact or weigh(reading, movement, groups)


def impact_or_count(
    reading: Reading,
    movement: Movement,
    groups: Sequence[Group],
    kept: KeptCount,
    now: datetime,
    begin: Callable[[ImpactCount], None],
) -> Impact | ImpactCount:
    """Return what becomes of *groups*, or how far their count is, which *begin* begins if need be."""
    total = records_to_open(groups)
    if total <= MOST_AWAITED:
        return weigh(reading, movement, groups)
    count, is_new = kept.since(now, total)
    if is_new:
        begin(count)
    return count.impact or count


def count_beside(run: Run, count: ImpactCount, make: Callable[[], None]) -> None:
    """Let *run* make a count; whoever looks again after one that went wrong counts again."""

    def guarded() -> None:
        try:
            with count.ending():
                make()
        except Exception:
            log.exception("records could not be counted; whoever looks next counts again")

    run(guarded)


def _count_beside(engine: Engine, beside: Beside, count: ImpactCount) -> None:
    with engine.store.reading() as reading:
        catalog = engine.catalog.view(reading, beside.actor.organisation, engine.clock())
        ready = make_ready(reading, catalog, beside.actor, beside.publication, beside.candidates)
        if isinstance(ready, Ready):  # else somebody has published meanwhile, and the page says so
            count.run(reading, ready.movement)


def preview(
    engine: Engine,
    reading: Reading,
    actor: Actor,
    publication: Publication,
    candidates: Candidates,
    *,
    waits: bool,
    run: Run = in_thread,
) -> Preview | Refused:
    """Return what publishing would do, or why it cannot be.

    Where many records must be opened, it *waits* until they are counted; else it is told how far the count is, which
    *run* begins.
    """
    catalog = engine.catalog.view(reading, actor.organisation, engine.clock())
    ready = make_ready(reading, catalog, actor, publication, candidates)
    if isinstance(ready, Refused):
        return ready
    found: Impact | ImpactCount
    if waits:
        found = find_impact(engine, reading, ready)
    else:
        beside = Beside(actor, publication, candidates)
        found = impact_or_count(
            reading,
            ready.movement,
            list(ready.movement.groups(reading)),
            ready.candidate.count,
            engine.clock(),
            lambda count: count_beside(run, count, lambda: _count_beside(engine, beside, count)),
        )
    movement = ready.movement
    new = movement.new
    old = movement.find_version(movement.newest) if movement.newest else None
    changes, lines = ready.candidate.compared(old)
    clones = (each.key for each in reading.blueprints(movement.organisation) if each.origin == new.key)
    impact = found if isinstance(found, Impact) else weigh(reading, movement, opens=False)
    return Preview(
        blueprint=new,
        base=movement.newest,
        number=movement.newest + 1,
        changes=changes,
        lines=lines,
        impact=impact,
        counting=None if isinstance(found, Impact) else CountProgress(found.seen, found.total),
        obstacles=_obstacles(reading, catalog, ready, impact if impact is found else Impact()),
        gifts=role_gifts(reading, catalog, movement, ready.workspace),
        calendars=kept_calendars(reading, movement, engine.clock()),
        late=late_fields(movement.groups(reading), movement, catalog.find_form),
        stranded={
            "stay": stranded(reading, movement, moves=False),
            "move": stranded(reading, movement, moves=True),
        },
        problems=ready.checked.problems,
        failed_trials=ready.candidate.failed_trials(),
        clones=tuple(clones),
    )


def _obstacles(reading: Reading, catalog: Catalog, ready: Ready, impact: Impact) -> dict[Move, tuple[Obstacle, ...]]:
    return {
        "stay": record_obstacles(reading, catalog, ready.movement, impact, "stay"),
        "move": record_obstacles(reading, catalog, ready.movement, impact, "move"),
    }
