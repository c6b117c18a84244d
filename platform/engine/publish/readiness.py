"""Whether a text may become the next version: who publishes, what the checker says, who was faster. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blankett.engine.access import Actor
from blankett.engine.publish.candidate import Candidate, Candidates, CheckedText, refuse_problems
from blankett.engine.publish.impact import Move, Movement
from blankett.engine.publish.results import Obstacle, Refused
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A text that is to become the next version."""

    source: str
    #: The key the text must have; None takes the text's own.
    blueprint: str | None = None
    #: Where a blueprint that is not there yet is made; ignored for one that is.
    workspace: str = ""
    #: The number of the newest version the publisher saw, 0 for none; None does not look.
    base: int | None = None
    move: Move = "stay"
    #: Why; everybody sees it in the list of versions.
    note: str = ""
    #: For a clone: the blueprint it comes from with that one's version, and the forms of others it shares, in full.
    origin: tuple[str, int] | None = None
    shared: frozenset[str] = frozenset()
    #: For a text whose scenarios ran elsewhere: a shipped blueprint that the demo sets up.
    skip_scenarios: bool = False


@dataclass(frozen=True)
class Ready:
    """A text that may become the next version as far as it alone is concerned."""

    candidate: Candidate
    movement: Movement
    #: The workspace the blueprint lives in, or is to be made in.
    workspace: str

    @property
    def checked(self) -> CheckedText:
        """Return the text and what the checker says of it."""
        return self.candidate.checked


def make_ready(
    reading: Reading, catalog: Catalog, actor: Actor, publication: Publication, candidates: Candidates
) -> Ready | Refused:
    """Return the checked text and where records would go, or why it cannot be the next version.

    The text is checked again only when a blueprint was published since somebody last looked at it.
    """
    candidate = candidates.of(catalog, publication.source)
    checked = candidate.checked
    key = publication.blueprint or (checked.blueprint.key if checked.blueprint else "")
    refused = _refuse_actor(reading, actor, key, publication) if key else None
    refused = refused or _refuse_published(reading, catalog, actor, publication, checked) or refuse_problems(checked)
    if refused is not None:
        return refused
    new = checked.blueprint
    assert new is not None
    if new.key != key:
        return invalid("publish.other_key", found=new.key, expected=key)
    newest = catalog.newest.get(key, 0)
    if publication.base is not None and publication.base != newest:
        return _overtaken(reading, actor.organisation, key, newest)
    movement = Movement(actor.organisation, newest, catalog.line(key, newest), new, catalog.find_form)
    stored = reading.blueprint(actor.organisation, key)
    return Ready(candidate, movement, stored.workspace if stored else publication.workspace)


def _refuse_published(
    reading: Reading, catalog: Catalog, actor: Actor, publication: Publication, checked: CheckedText
) -> Refused | None:
    """Refuse the text of the newest version, whatever the checker says of it by now: it is published."""
    found = checked.partial
    key = publication.blueprint or (found.key if found is not None else "")
    newest = catalog.newest.get(key, 0)
    if not newest or publication.base not in (None, newest) or catalog.blueprint(key, newest).source != checked.source:
        return None
    refused = _refuse_actor(reading, actor, key, publication)
    return refused or invalid("publish.nothing_changed", number=newest, key=key)


def _refuse_actor(reading: Reading, actor: Actor, key: str, publication: Publication) -> Refused | None:
    """Refuse somebody who may not administer the workspace of the blueprint, or the one it is to be made in."""
    stored = reading.blueprint(actor.organisation, key)
    if stored is None and publication.blueprint is not None and not publication.workspace:
        return missing("publish.no_such_blueprint", key=key[:80])
    workspace = stored.workspace if stored else publication.workspace
    if not any(room.id == workspace for room in reading.workspaces(actor.organisation)):
        return missing("publish.no_such_workspace")
    if not actor.may_administer(workspace):
        return Refused("forbidden", (Obstacle("publish.forbidden"),))
    return invalid("publish.key_taken", key=key) if stored and publication.origin else None


def _overtaken(reading: Reading, organisation: str, key: str, newest: int) -> Refused:
    """Return that somebody published meanwhile, and who."""
    heads = reading.version_heads(organisation, key)
    person = reading.user(organisation, heads[0].by) if heads else None
    params = {"number": newest, "user": person.name if person else heads[0].by if heads else ""}
    return Refused("stale", (Obstacle("publish.newer_version", params),))


def missing(message: str, **params: Any) -> Refused:
    """Return that something is not there."""
    return Refused("missing", (Obstacle(message, params),))


def invalid(message: str, **params: Any) -> Refused:
    """Return that something cannot be so."""
    return Refused("invalid", (Obstacle(message, params),))
