"""A glance at a record: what taking one action must know of it, without its fields, history and neighbours."""

from __future__ import annotations

from blankett.engine.blueprint.model import Action
from blankett.engine.runtime.permits import stored_permit
from blankett.engine.runtime.timeline import state_view
from blankett.engine.runtime.views import ActionView, RecordView, Target
from blankett.engine.runtime.work import Unit


def glance(unit: Unit, id: str, action: str) -> RecordView | None:
    """Return the record as the actor may see it, with the *action* alone if it leads out of its state; else None.

    Says nothing of what would keep the action: whoever takes it is told.
    """
    stored = unit.linked.record(id)
    if stored is None:
        return None
    unit.locate(stored.workspace)
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not permit.may("view"):
        return None
    current, language, form = unit.catalog.current(process), unit.actor.language, process.form
    views = tuple(
        _view(found, current.action(found)[1], language)
        for found in form.actions_from(stored.state)
        if found.key == action and permit.has_takers(found)
    )
    return RecordView(
        id=stored.id,
        blueprint=stored.blueprint,
        form=form,
        form_title=current.title().say(language),
        version=stored.version,
        workspace=stored.workspace,
        revision=stored.revision,
        title=stored.title,
        number=stored.number,
        state=state_view(current, form, stored.state, language) if stored.state else None,
        owner=None,
        assignee=None,
        created_at=stored.created_at,
        created_by=Target(stored.created_by, ""),
        changed_at=stored.changed_at,
        sections=(),
        actions=views,
        timeline=(),
        related=(),
        travelled=(),
        states=(),
        may_edit=permit.may("edit"),
        may_comment=permit.may("comment"),
    )


def _view(action: Action, described: Action, language: str) -> ActionView:
    done = described.done.say(language) if described.done else None
    return ActionView(action, action.key, described.title.say(language), is_enabled=True, done=done)
