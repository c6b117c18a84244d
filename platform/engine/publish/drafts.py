"""The text of a blueprint between two versions: kept for whoever works on it, and never overwritten unseen.

Two people may have the same text open. Who saves second is told what the first one saved; nothing of theirs is lost,
because a refusal writes nothing and the page still holds what they typed.
"""

from __future__ import annotations

from datetime import datetime

from blankett.engine.access import Actor
from blankett.engine.fields.text import BAD_CHARACTERS
from blankett.engine.language.model import KEY
from blankett.engine.language.yaml_reader import MOST_BYTES
from blankett.engine.publish.results import BlueprintDraft, Obstacle, Refused
from blankett.engine.records import Engine
from blankett.engine.store import Reading, StoredBlueprint, StoredDraft, Writing
from blankett.engine.store.version_records import drop_draft


def load_draft(reading: Reading, organisation: str, blueprint: str) -> BlueprintDraft | None:
    """Return the text people work on: the saved one, or that of the newest version; None when there is neither."""
    newest = reading.newest_versions(organisation).get(blueprint, 0)
    saved = reading.draft(organisation, blueprint)
    if saved is not None:
        return BlueprintDraft(blueprint, saved.source, saved.revision, saved.changed_by, saved.changed_at, newest)
    version = reading.version(organisation, blueprint, newest) if newest else None
    return BlueprintDraft(blueprint, version.source, 0, version.by, version.at, newest) if version else None


def save_draft(engine: Engine, actor: Actor, blueprint: str, source: str, revision: int) -> BlueprintDraft | Refused:
    """Keep *source* over the text with *revision* (0: nothing saved yet), or say who was faster. Publishes nothing."""
    text = source.replace("\r\n", "\n")
    wrong = unstorable(text)
    if wrong is not None:
        return Refused("invalid", (Obstacle(wrong),))
    now = engine.clock()
    with engine.store.writing(by=actor.user) as writing:
        refused = refuse_stranger(actor, writing.blueprint(actor.organisation, blueprint), blueprint)
        if refused is not None:
            return refused
        return keep_draft(writing, actor, blueprint, text, now, revision)


def keep_draft(
    writing: Writing, actor: Actor, blueprint: str, text: str, now: datetime, revision: int = 0
) -> BlueprintDraft | Refused:
    """Keep *text* over the one with *revision* (0: there is none), in the caller's transaction."""
    # A number that was never used before, also when a text was thrown away in between.
    following = max(revision + 1, int(now.timestamp() * 1_000_000))
    kept = StoredDraft(
        organisation=actor.organisation,
        blueprint=blueprint,
        source=text,
        revision=following,
        changed_at=now,
        changed_by=actor.user,
    )
    if not writing.put_draft(kept, revision or None):
        return _overtaken(writing, actor.organisation, blueprint)
    newest = writing.newest_versions(actor.organisation).get(blueprint, 0)
    return BlueprintDraft(blueprint, text, following, actor.user, now, newest)


def discard_draft(engine: Engine, actor: Actor, blueprint: str, revision: int) -> BlueprintDraft | None | Refused:
    """Throw the saved text away and return the newest version's; refused when somebody saved a newer one meanwhile."""
    with engine.store.writing(by=actor.user) as writing:
        refused = refuse_stranger(actor, writing.blueprint(actor.organisation, blueprint), blueprint)
        if refused is not None:
            return refused
        if revision and not drop_draft(writing, actor.organisation, blueprint, revision):
            return _overtaken(writing, actor.organisation, blueprint)
        return load_draft(writing, actor.organisation, blueprint)


def refuse_stranger(actor: Actor, stored: StoredBlueprint | None, key: str) -> Refused | None:
    """Refuse somebody who may not administer the blueprint's workspace; a blueprint they may not know of is missing."""
    if stored is None or not (
        actor.is_admin or stored.workspace in actor.roles or stored.workspace in actor.administers
    ):
        return Refused("missing", (Obstacle("publish.no_such_blueprint", {"key": key[:80]}),))
    if not actor.may_administer(stored.workspace):
        return Refused("forbidden", (Obstacle("draft.forbidden"),))
    return None


def unstorable(text: str) -> str | None:
    """Return why a text cannot be kept, as a message id; problems of the blueprint itself do not matter here."""
    # PostgreSQL keeps neither NUL nor lone surrogates.
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in BAD_CHARACTERS.findall(text)):
        return "draft.bad_characters"
    return "draft.too_large" if len(text.encode("utf-8", "replace")) > MOST_BYTES else None


def _overtaken(reading: Reading, organisation: str, blueprint: str) -> Refused:
    theirs = load_draft(reading, organisation, blueprint)
    person = reading.user(organisation, theirs.changed_by) if theirs else None
    params = {"user": person.name if person else "", "at": theirs.changed_at if theirs else None}
    return Refused("stale", (Obstacle("draft.stale", params),), draft=theirs)


LONGEST_KEY = 60


def begin_blueprint(engine: Engine, actor: Actor, *, key: str, workspace: str, source: str) -> BlueprintDraft | Refused:
    """Make the blueprint *key* in *workspace* with the unpublished text *source*, whatever is wrong with it."""
    text = source.replace("\r\n", "\n")
    wrong = unstorable(text)
    if wrong is not None:
        return Refused("invalid", (Obstacle(wrong),))
    now = engine.clock()
    with engine.store.writing(by=actor.user) as writing:
        refused = refuse_beginning(writing, actor, key, workspace)
        if refused is not None:
            return refused
        writing.insert_blueprint(
            StoredBlueprint(
                organisation=actor.organisation, key=key, workspace=workspace, created_at=now, created_by=actor.user
            )
        )
        return keep_draft(writing, actor, key, text, now)


def refuse_beginning(writing: Writing, actor: Actor, key: str, workspace: str) -> Refused | None:
    """Return why a blueprint *key* cannot be made in *workspace*, or None."""
    if not KEY.match(key) or len(key) > LONGEST_KEY:
        return Refused("invalid", (Obstacle("publish.bad_key", {"key": key[:80]}),))
    if not any(room.id == workspace for room in writing.workspaces(actor.organisation)):
        return Refused("missing", (Obstacle("publish.no_such_workspace"),))
    if not actor.may_administer(workspace):
        return Refused("forbidden", (Obstacle("publish.forbidden"),))
    if writing.blueprint(actor.organisation, key) is not None:
        return Refused("invalid", (Obstacle("publish.key_taken", {"key": key}),))
    return None
