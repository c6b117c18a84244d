"""What publishing a text would change, and what it would do to the records that exist."""

from __future__ import annotations

from blankett.engine.access import Actor
from blankett.engine.publish.answers import Move, Obstacle, Preview, Refused
from blankett.engine.publish.candidate import Candidates
from blankett.engine.publish.impact import weigh
from blankett.engine.publish.obstacles import record_obstacles
from blankett.engine.publish.preparing import Publication, make_ready
from blankett.engine.publish.role_holders import role_gifts
from blankett.engine.publish.stranded import stranded
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.store import Reading


def preview(
    reading: Reading, catalog: Catalog, actor: Actor, publication: Publication, candidates: Candidates
) -> Preview | Refused:
    """Return what publishing would do, or why it cannot be. Runs no scenario and writes nothing."""
    ready = make_ready(reading, catalog, actor, publication, candidates)
    if isinstance(ready, Refused):
        return ready
    movement = ready.movement
    new = movement.new
    old = movement.find_version(movement.newest) if movement.newest else None
    changes, lines = ready.candidate.compared(old)
    impact = weigh(reading, movement)
    obstacles: dict[Move, tuple[Obstacle, ...]] = {
        "stay": record_obstacles(reading, catalog, movement, impact, "stay"),
        "move": record_obstacles(reading, catalog, movement, impact, "move"),
    }
    clones = (each.key for each in reading.blueprints(movement.organisation) if each.origin == new.key)
    return Preview(
        blueprint=new,
        base=movement.newest,
        number=movement.newest + 1,
        changes=changes,
        lines=lines,
        impact=impact,
        obstacles=obstacles,
        gifts=role_gifts(reading, catalog, movement, ready.workspace),
        stranded={
            "stay": stranded(reading, movement, moves=False),
            "move": stranded(reading, movement, moves=True),
        },
        problems=ready.checked.problems,
        failed_trials=ready.candidate.failed_trials(),
        clones=tuple(clones),
    )
