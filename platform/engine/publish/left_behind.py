"""Records left behind: they keep an older version whose process is another, or were set aside, and can be moved later.

Whether there are any is asked with each look at the versions, so it looks at no record: it goes by the groups that the
index has. Which of them have the same process is known of the newest version for as long as it is kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

from blankett.engine.access import Actor
from blankett.engine.language.model import Words
from blankett.engine.publish.drafts import refuse_stranger
from blankett.engine.publish.impact import Group, Impact, Movement, weigh
from blankett.engine.publish.impact_count import ImpactCount, KeptCount, Run
from blankett.engine.publish.preview import awaited_impact, count_beside, impact_or_count
from blankett.engine.publish.readiness import invalid, missing
from blankett.engine.publish.results import CountProgress, Obstacle, Refused
from blankett.engine.publish.rollout import (
    AT_ONCE,
    Leftover,
    Pace,
    Plan,
    Rollout,
    begin_rollout,
    find_rollout,
    groups_to_go,
    take_first_steps,
    this_process,
)
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading, Writing
from blankett.engine.store.rollouts import StoredRollout, find_row, lock_rollout

#: (organisation, blueprint, newest version) → how its records were found.
Counts = MutableMapping[tuple[str, str, int], KeptCount]


@dataclass(frozen=True)
class LeftBehind:
    """What moving the records that are left behind would do."""

    #: The newest version, which they would move to.
    number: int
    impact: Impact
    #: Titles of forms of which a record was set aside when its columns of lists were written: they are written anew.
    not_filled: tuple[Words, ...]
    #: While records are counted: how far that is. Which can move and which must stay is not known then.
    counting: CountProgress | None = None


@dataclass(frozen=True)
class _Behind:
    """The records that are left behind, and where they would go."""

    movement: Movement
    groups: tuple[Group, ...]
    #: Forms, by the keys that their records are kept under, whose columns of lists are to be written anew.
    not_filled: frozenset[str]

    @property
    def number(self) -> int:
        """Return the number of the newest version."""
        return self.movement.newest + 1


def has_left_behind(reading: Reading, catalog: Catalog, blueprint: str) -> bool:
    """Tell whether `move_left_behind` would have anything to do."""
    newest = catalog.newest.get(blueprint, 0)
    last = find_rollout(reading, catalog.organisation, blueprint) if newest else None
    if last is not None and last.row.number == newest:
        if not last.is_done:
            return False
        if last.not_filled:
            return True
    return newest > 1 and any(_groups(reading, _movement_to(catalog, blueprint, newest), most=1))


def _movement_to(catalog: Catalog, blueprint: str, newest: int) -> Movement:
    line, new = catalog.line(blueprint, newest - 1), catalog.blueprint(blueprint, newest)
    return Movement(
        catalog.organisation, newest - 1, line, new, catalog.find_form, same=catalog.same_processes(blueprint, newest)
    )


def _groups(reading: Reading, movement: Movement, most: int | None = None) -> Iterator[Group]:
    """Yield the records that keep an older version whose process differs from the new one's, and are to go to it."""
    for group in movement.groups(reading, most):
        if group.version <= movement.newest and group.goes(moves=True):
            yield group


def _find_behind(reading: Reading, catalog: Catalog, blueprint: str, last: StoredRollout | None) -> _Behind | Refused:
    """Return what is left behind; *last*: the rollout of the newest version. Refused where there is nothing."""
    newest = catalog.newest[blueprint]
    if last is not None and last.ended_at is None:
        return Refused("stale", (Obstacle("publish.rollout_goes_on", {"number": newest}),))
    movement = _movement_to(catalog, blueprint, newest)
    groups = tuple(_groups(reading, movement))
    keys = () if last is None else Rollout.of(last).not_filled
    not_filled = frozenset(form.kept_as for key in keys if (form := movement.new.forms.get(key)) is not None)
    if not groups and not not_filled:
        return invalid("publish.none_left_behind", number=newest)
    return _Behind(movement, groups, not_filled)


def _refuse(reading: Reading, catalog: Catalog, actor: Actor, blueprint: str) -> Refused | None:
    refused = refuse_stranger(actor, reading.blueprint(actor.organisation, blueprint), blueprint)
    if refused is None and blueprint not in catalog.newest:
        return missing("publish.no_such_blueprint", key=blueprint[:80])
    return refused


# Before it is done ----------------------------------------------------------------------------------------------------


def preview_left_behind(
    engine: Engine, reading: Reading, catalog: Catalog, actor: Actor, blueprint: str, counts: Counts, run: Run | None
) -> LeftBehind | Refused:
    """Return what moving them would do: each is held against the newest version, as when that was published.

    Where very many must be opened, they are counted beside by *run*; where there is none, this waits for it.
    """
    found = _preview_ground(reading, catalog, actor, blueprint)
    if isinstance(found, Refused):
        return found
    movement, groups, now = found.movement, found.groups, engine.clock()
    for gone in [key for key in counts if key[:2] == (actor.organisation, blueprint) and key[2] != found.number]:
        counts.pop(gone, None)
    kept = counts.setdefault((actor.organisation, blueprint, found.number), KeptCount())
    titles = tuple(movement.new.kept_forms[key].title for key in sorted(found.not_filled))
    if run is None:
        return LeftBehind(found.number, awaited_impact(reading, movement, groups, kept, now), titles)

    def make(count: ImpactCount) -> None:
        with engine.store.reading() as beside:
            view = engine.catalog.view(beside, actor.organisation, engine.clock())
            there = _preview_ground(beside, view, actor, blueprint)
            if isinstance(there, _Behind):
                count.run(beside, there.movement, there.groups)

    def begin(count: ImpactCount) -> None:
        count_beside(run, count, lambda: make(count))

    told = impact_or_count(reading, movement, groups, kept, now, begin)
    if isinstance(told, Impact):
        return LeftBehind(found.number, told, titles)
    unopened = weigh(reading, movement, groups, opens=False)
    return LeftBehind(found.number, unopened, titles, CountProgress(told.seen, told.total))


def _preview_ground(reading: Reading, catalog: Catalog, actor: Actor, blueprint: str) -> _Behind | Refused:
    refused = _refuse(reading, catalog, actor, blueprint)
    if refused is not None:
        return refused
    last = find_row(reading, actor.organisation, blueprint, catalog.newest[blueprint])
    return _find_behind(reading, catalog, blueprint, last)


# Doing it -------------------------------------------------------------------------------------------------------------


def move_left_behind(engine: Engine, actor: Actor, blueprint: str, pace: Pace = AT_ONCE) -> Rollout | Refused:
    """Take the records that keep an older version to the newest one, as far as they can go: those that were to stay
    when it was published, and those that were set aside then. What was not tried before is told anew.
    """
    with engine.store.writing(by=actor.user) as writing:
        begun = _begin(engine, writing, actor, blueprint)
    if isinstance(begun, Refused):
        return begun
    return take_first_steps(engine, begun, pace) or Rollout.of(begun)


def _begin(engine: Engine, writing: Writing, actor: Actor, blueprint: str) -> StoredRollout | Refused:
    now = engine.clock()
    catalog = engine.catalog.for_one_transaction().view(writing, actor.organisation, now)
    refused = _refuse(writing, catalog, actor, blueprint)
    if refused is not None:
        return refused
    last = lock_rollout(writing, actor.organisation, blueprint, catalog.newest[blueprint], waits=True)
    found = _find_behind(writing, catalog, blueprint, last)
    if isinstance(found, Refused):
        return found
    total = sum(group.count for group in found.groups)
    plan = Plan("move", groups_to_go(found.groups, "move"), found.not_filled, total)
    return begin_rollout(writing, found.movement, actor.user, now, plan, Leftover(), this_process())
