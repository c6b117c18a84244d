"""What publishing a text would change, and what it would do to the records that exist."""

from __future__ import annotations

from blankett.engine.access import Actor
from blankett.engine.blueprint.diff import diff, text_diff
from blankett.engine.publish.answers import Move, Obstacle, Preview, Refused
from blankett.engine.publish.checking import try_rules
from blankett.engine.publish.impact import weigh
from blankett.engine.publish.obstacles import record_obstacles
from blankett.engine.publish.preparing import Publication, make_ready
from blankett.engine.publish.stranded import stranded
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.store import Reading


def preview(reading: Reading, catalog: Catalog, actor: Actor, publication: Publication) -> Preview | Refused:
    """Return what publishing would do, or why it cannot be. Runs no scenario and writes nothing."""
    ready = make_ready(reading, catalog, actor, publication)
    if isinstance(ready, Refused):
        return ready
    movement = ready.movement
    new = movement.new
    old = movement.find_version(movement.newest) if movement.newest else None
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
        changes=diff(old, new) if old else (),
        lines=text_diff(old.source, new.source) if old else (),
        impact=impact,
        obstacles=obstacles,
        stranded={
            "stay": stranded(reading, movement, moves=False),
            "move": stranded(reading, movement, moves=True),
        },
        problems=ready.checked.problems,
        failed_trials=try_rules(new),
        clones=tuple(clones),
    )
