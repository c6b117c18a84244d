"""The life of a blueprint: drafts, checks, a preview, versions, the way back, and clones.

    publisher = Publisher(Engine(store, clock))
    preview = publisher.preview(actor, "order_management", text)
    answer = publisher.publish(actor, Publication(source=text, base=preview.base, move="move", note="Asked for"))

Every answer is a value: what was done, or `Refused` with everything that stands in the way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from blankett.engine.access import Actor
from blankett.engine.language.problems import Problem
from blankett.engine.publish import drafts
from blankett.engine.publish.candidate import Candidates, refuse_problems
from blankett.engine.publish.clone import Wish, plan_clone
from blankett.engine.publish.drafts import begin_blueprint
from blankett.engine.publish.impact_count import Run, in_thread
from blankett.engine.publish.left_behind import LeftBehind, has_left_behind, move_left_behind, preview_left_behind
from blankett.engine.publish.new_version import publish
from blankett.engine.publish.preview import preview
from blankett.engine.publish.readiness import Publication, invalid, missing
from blankett.engine.publish.results import BlueprintDraft, CountProgress, Preview, Published, Refused, VersionHead
from blankett.engine.publish.retirement import remedies_of, with_remedy
from blankett.engine.publish.rollout import (
    AT_ONCE,
    Pace,
    Rollout,
    find_rollout,
    finish_rollout,
    resume_rollouts,
    this_process,
)
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.scenarios import ScenarioReport
from blankett.engine.store import Reading
from blankett.engine.store.query import COUNT_CAP
from blankett.engine.store.rollouts import StoredRollout


def list_versions(
    reading: Reading, catalog: Catalog, actor: Actor, blueprint: str
) -> tuple[VersionHead, ...] | Refused:
    """Return the versions, the newest first. Members of the workspace may look, not only those who administer it."""
    if not _may_look(reading, actor, blueprint):
        return missing("publish.no_such_blueprint", key=blueprint[:80])
    counts = _counts(reading, catalog, actor.organisation, blueprint)
    return tuple(
        VersionHead(head.number, head.at, head.by, head.note, head.digest, *counts.get(head.number, (0, 0)))
        for head in reading.version_heads(actor.organisation, blueprint)
    )


def version_source(reading: Reading, actor: Actor, blueprint: str, number: int) -> str | Refused:
    """Return the text of a version, to the character."""
    if not _may_look(reading, actor, blueprint):
        return missing("publish.no_such_blueprint", key=blueprint[:80])
    version = reading.version(actor.organisation, blueprint, number)
    return version.source if version else missing("publish.no_such_version", number=number)


def _may_look(reading: Reading, actor: Actor, blueprint: str) -> bool:
    stored = reading.blueprint(actor.organisation, blueprint)
    return stored is not None and (actor.may_administer(stored.workspace) or stored.workspace in actor.roles)


def _counts(reading: Reading, catalog: Catalog, organisation: str, blueprint: str) -> dict[int, tuple[int, int]]:
    """Return version → (records, those of processes whose life has not ended), each counted a little beyond the cap."""
    found: dict[int, tuple[int, int]] = {}
    line = catalog.line(blueprint, catalog.newest.get(blueprint, 0))
    for kept_as, version, state, count in reading.pinned_counts_up_to(organisation, blueprint, COUNT_CAP + 1):
        records, under_way = found.get(version, (0, 0))
        of = line.outline(version).kept(kept_as)
        ended = of is not None and (of.life == "reference" or of.is_finished(state))
        found[version] = (records + count, under_way + (0 if ended else count))
    return found


@dataclass(frozen=True)
class Publisher:
    """Publishes blueprints over an engine's store."""

    engine: Engine
    #: Texts that were looked at: whoever keeps them keeps the publisher.
    candidates: Candidates = field(default_factory=Candidates, compare=False)
    #: Counts records beside whoever looks at a preview.
    run: Run = in_thread

    def begin(self, actor: Actor, *, key: str, workspace: str, source: str) -> BlueprintDraft | Refused:
        """Make a blueprint that nobody has published yet, with a text to work on, whatever is wrong with it."""
        return begin_blueprint(self.engine, actor, key=key, workspace=workspace, source=source)

    # Drafts -----------------------------------------------------------------------------------------------------------

    def draft(self, actor: Actor, blueprint: str) -> BlueprintDraft | Refused:
        """Return the text that is being worked on: the saved one, or the newest version's."""
        with self.engine.store.reading() as reading:
            refused = drafts.refuse_stranger(actor, reading.blueprint(actor.organisation, blueprint), blueprint)
            found = refused or drafts.load_draft(reading, actor.organisation, blueprint)
        return found if found is not None else missing("publish.no_such_blueprint", key=blueprint[:80])

    def save_draft(self, actor: Actor, blueprint: str, source: str, revision: int) -> BlueprintDraft | Refused:
        """Keep *source* in the place of the text with *revision*; refused with theirs when somebody was faster."""
        return drafts.save_draft(self.engine, actor, blueprint, source, revision)

    def discard_draft(self, actor: Actor, blueprint: str, revision: int) -> BlueprintDraft | None | Refused:
        """Throw the saved text away; return the newest version's."""
        return drafts.discard_draft(self.engine, actor, blueprint, revision)

    # Looking ----------------------------------------------------------------------------------------------------------

    def check(self, actor: Actor, source: str) -> tuple[Problem, ...]:
        """Return every problem of a text, with the other blueprints' forms in view."""
        with self.engine.store.reading() as reading:
            return self.candidates.of(self._catalog(reading, actor), source).checked.problems

    def run_scenarios(self, actor: Actor, source: str) -> ScenarioReport | Refused:
        """Run the scenarios of a text in a store of their own, in memory."""
        with self.engine.store.reading() as reading:
            catalog = self._catalog(reading, actor)
            candidate = self.candidates.of(catalog, source)
            refused = refuse_problems(candidate.checked)
            if refused is not None:
                return refused
            return candidate.scenarios(catalog.newest_blueprint)

    def preview(
        self, actor: Actor, blueprint: str | None, source: str, workspace: str = "", *, waits: bool = True
    ) -> Preview | Refused:
        """Return what publishing *source* as the next version of *blueprint* would change. Runs no scenario.

        Where very many records must be opened, it *waits* until they are counted; else the preview says how far it is.
        """
        publication = Publication(source=source, blueprint=blueprint, workspace=workspace)
        with self.engine.store.reading() as reading:
            return preview(self.engine, reading, actor, publication, self.candidates, waits=waits, run=self.run)

    def counting(self, actor: Actor, source: str) -> CountProgress | None:
        """Return how far the count of the records is that a preview of *source* has begun here; None where none is
        under way: it is done, or another process makes it.
        """
        with self.engine.store.reading() as reading:
            candidate = self.candidates.find(self._catalog(reading, actor), source)
        count = None if candidate is None else candidate.count.under_way()
        return None if count is None else CountProgress(count.seen, count.total)

    def map_ended(self, actor: Actor, draft: BlueprintDraft, name: str, becomes: str) -> BlueprintDraft | Refused:
        """Say in the text of *draft* what becomes of the state or option *name* (``order.review``), and save it."""
        found = self.preview(actor, draft.blueprint, draft.source)
        if isinstance(found, Refused):
            return found
        remedy = remedies_of(found.impact).get(name)
        if remedy is None or becomes not in remedy.choices:
            return invalid("publish.no_such_mapping", name=name[:80], becomes=becomes[:80])
        return self.save_draft(actor, draft.blueprint, with_remedy(draft.source, remedy, becomes), draft.revision)

    def versions(self, actor: Actor, blueprint: str) -> tuple[VersionHead, ...] | Refused:
        """Return the versions of a blueprint, the newest first, with how many records have each."""
        with self.engine.store.reading() as reading:
            return list_versions(reading, self._catalog(reading, actor), actor, blueprint)

    def version_source(self, actor: Actor, blueprint: str, number: int) -> str | Refused:
        """Return the text of a version, to the character."""
        with self.engine.store.reading() as reading:
            return version_source(reading, actor, blueprint, number)

    # Publishing -------------------------------------------------------------------------------------------------------

    def publish(
        self,
        actor: Actor,
        publication: Publication,
        pace: Pace = AT_ONCE,
    ) -> Published | Refused:
        """Make the text the next version, or say everything that stands in the way; then nothing was written.

        What becomes of the records is decided with it and done behind it, step by step, at a *pace*.
        """
        return publish(self.engine, actor, publication, self.candidates, pace)

    def clone(
        self,
        actor: Actor,
        blueprint: str,
        *,
        key: str,
        title: str,
        workspace: str,
        copied: Collection[str] = (),
        note: str = "",
    ) -> Published | Refused:
        """Publish the newest version of *blueprint* in *workspace* under another key and title.

        Its reference forms stay where they are and are shared with the workspace, except those in *copied*, which
        become the clone's own, empty.
        """
        with self.engine.store.reading() as reading:
            catalog = self._catalog(reading, actor)
            wish = Wish(blueprint, key, title, workspace, frozenset(copied), note)
            publication = plan_clone(reading, catalog, actor, wish)
        return publication if isinstance(publication, Refused) else self.publish(actor, publication)

    def move_left_behind(
        self,
        actor: Actor,
        blueprint: str,
        pace: Pace = AT_ONCE,
    ) -> Rollout | Refused:
        """Take the records that keep an older version to the newest one, as far as they can go, step by step."""
        return move_left_behind(self.engine, actor, blueprint, pace)

    def preview_left_behind(self, actor: Actor, blueprint: str, *, waits: bool = True) -> LeftBehind | Refused:
        """Return what `move_left_behind` would do, or why it cannot be done.

        Where very many records must be opened, it *waits* until they are counted; else the answer says how far it is.
        """
        with self.engine.store.reading() as reading:
            catalog, counts = self._catalog(reading, actor), self.candidates.counts
            run = None if waits else self.run
            return preview_left_behind(self.engine, reading, catalog, actor, blueprint, counts, run)

    def has_left_behind(self, actor: Actor, blueprint: str) -> bool:
        """Tell whether records keep an older version that are to go to the newest one, so that they can be moved."""
        with self.engine.store.reading() as reading:
            if not _may_look(reading, actor, blueprint):
                return False
            return has_left_behind(reading, self._catalog(reading, actor), blueprint)

    # Rollouts ---------------------------------------------------------------------------------------------------------

    def rollout(self, actor: Actor, blueprint: str) -> Rollout | None | Refused:
        """Return what the newest version does to the records and how far it is; None where it does nothing."""
        with self.engine.store.reading() as reading:
            if not _may_look(reading, actor, blueprint):
                return missing("publish.no_such_blueprint", key=blueprint[:80])
            return find_rollout(reading, actor.organisation, blueprint)

    def resume(self, organisation: str, pace: Pace = AT_ONCE) -> list[StoredRollout]:
        """Go on with every rollout that has not ended; return those that another process is at."""
        return resume_rollouts(self.engine, organisation, this_process(), pace)

    def finish(self, row: StoredRollout, pace: Pace = AT_ONCE) -> Rollout:
        """Go on with a rollout until it has ended, in turns with whoever else is at it; return what was done."""
        return finish_rollout(self.engine, row, this_process(), pace)

    def _catalog(self, reading: Reading, actor: Actor) -> Catalog:
        return self.engine.catalog.view(reading, actor.organisation, self.engine.clock())
