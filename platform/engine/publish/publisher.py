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
from blankett.engine.problems import Problem
from blankett.engine.publish import background, cloning, drafts, previewing, publishing, versions
from blankett.engine.publish.answers import Draft, Move, Preview, Published, Refused, VersionHead
from blankett.engine.publish.background import Job
from blankett.engine.publish.beginning import begin_blueprint
from blankett.engine.publish.candidate import Candidates
from blankett.engine.publish.checking import refuse_problems
from blankett.engine.publish.preparing import Publication, invalid, missing
from blankett.engine.publish.remedies import remedies_of, with_remedy
from blankett.engine.runtime import Engine
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.scenarios import ScenarioReport
from blankett.engine.store import Reading


@dataclass(frozen=True)
class Publisher:
    """Publishes blueprints over an engine's store."""

    engine: Engine
    #: Texts that were looked at: whoever keeps them keeps the publisher.
    candidates: Candidates = field(default_factory=Candidates, compare=False)

    def begin(self, actor: Actor, *, key: str, workspace: str, source: str) -> Draft | Refused:
        """Make a blueprint that nobody has published yet, with a text to work on, whatever is wrong with it."""
        return begin_blueprint(self.engine, actor, key=key, workspace=workspace, source=source)

    # Drafts -----------------------------------------------------------------------------------------------------------

    def draft(self, actor: Actor, blueprint: str) -> Draft | Refused:
        """Return the text that is being worked on: the saved one, or the newest version's."""
        with self.engine.store.reading() as reading:
            refused = drafts.refuse_stranger(actor, reading.blueprint(actor.organisation, blueprint), blueprint)
            found = refused or drafts.load_draft(reading, actor.organisation, blueprint)
        return found if found is not None else missing("publish.no_such_blueprint", key=blueprint[:80])

    def save_draft(self, actor: Actor, blueprint: str, source: str, revision: int) -> Draft | Refused:
        """Keep *source* in the place of the text with *revision*; refused with theirs when somebody was faster."""
        return drafts.save_draft(self.engine, actor, blueprint, source, revision)

    def discard_draft(self, actor: Actor, blueprint: str, revision: int) -> Draft | None | Refused:
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

    def preview(self, actor: Actor, blueprint: str | None, source: str, workspace: str = "") -> Preview | Refused:
        """Return what publishing *source* as the next version of *blueprint* would change. Runs no scenario."""
        with self.engine.store.reading() as reading:
            publication = Publication(source=source, blueprint=blueprint, workspace=workspace)
            return previewing.preview(reading, self._catalog(reading, actor), actor, publication, self.candidates)

    def map_ended(self, actor: Actor, draft: Draft, name: str, becomes: str) -> Draft | Refused:
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
            return versions.list_versions(reading, self._catalog(reading, actor), actor, blueprint)

    def version_source(self, actor: Actor, blueprint: str, number: int) -> str | Refused:
        """Return the text of a version, to the character."""
        with self.engine.store.reading() as reading:
            return versions.version_source(reading, actor, blueprint, number)

    # Publishing -------------------------------------------------------------------------------------------------------

    def publish(self, actor: Actor, publication: Publication) -> Published | Refused:
        """Make the text the next version, or say everything that stands in the way; then nothing was written.

        Records that must follow move in the same transaction. Open records that can, when that was chosen, move behind
        it, piece by piece; slots of records that stay are filled then too.
        """
        return publishing.publish(self.engine, actor, publication, self.candidates)

    def roll_back(
        self, actor: Actor, blueprint: str, number: int, *, base: int | None = None, move: Move = "stay", note: str = ""
    ) -> Published | Refused:
        """Publish the text of an old version again, as the next version."""
        source = self.version_source(actor, blueprint, number)
        if isinstance(source, Refused):
            return source
        publication = Publication(source=source, blueprint=blueprint, base=base, move=move, note=note)
        return self.publish(actor, publication)

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
            wish = cloning.Wish(blueprint, key, title, workspace, frozenset(copied), note)
            publication = cloning.plan_clone(reading, catalog, actor, wish)
        return publication if isinstance(publication, Refused) else self.publish(actor, publication)

    def move_open(self, actor: Actor, blueprint: str) -> int | Refused:
        """Move the open records of older versions that can follow to the newest one; return how many did."""
        with self.engine.store.reading() as reading:
            refused = drafts.refuse_stranger(actor, reading.blueprint(actor.organisation, blueprint), blueprint)
            newest = reading.newest_versions(actor.organisation).get(blueprint)
        if refused is not None:
            return refused
        return background.move_open(Job(self.engine, actor, blueprint, newest)) if newest else 0

    def finish(self, actor: Actor) -> int:
        """Do what an interrupted publish left undone: fill slots that wait. Cheap when there is nothing to do."""
        with self.engine.store.reading() as reading:
            newest = reading.newest_versions(actor.organisation)
        jobs = (Job(self.engine, actor, blueprint, number) for blueprint, number in newest.items())
        return sum(map(background.fill_slots, jobs))

    def _catalog(self, reading: Reading, actor: Actor) -> Catalog:
        return self.engine.catalog.view(reading, actor.organisation, self.engine.clock())
