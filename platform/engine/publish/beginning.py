"""A blueprint that nobody has published yet: its place in a workspace and its first text, to be worked on."""

from __future__ import annotations

from blankett.engine.access import Actor
from blankett.engine.blueprint.model import KEY
from blankett.engine.publish.answers import Draft, Obstacle, Refused
from blankett.engine.publish.drafts import keep_draft, unstorable
from blankett.engine.runtime import Engine
from blankett.engine.store import StoredBlueprint, Writing

LONGEST_KEY = 60


def begin_blueprint(engine: Engine, actor: Actor, *, key: str, workspace: str, source: str) -> Draft | Refused:
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
