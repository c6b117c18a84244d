"""What somebody has done who took an action: as its author says it, else by its title."""

from __future__ import annotations

from collections.abc import Iterable

from blankett.engine.runtime.views import ActionTaken
from blankett.web.identity import current_language
from blankett.web.templating import t
from blankett.words import past_tense


def acts_done(actions: Iterable[ActionTaken]) -> str:
    """Return what was done, as it follows a name: "sent it back and packed it"; empty for no action."""
    language = current_language()
    return t("event.and").join(
        taken.done or past_tense(language, taken.title) or t("event.act", action=taken.title) for taken in actions
    )


def done_notice(title: str, done: str | None, state: object = None) -> str:
    """Return what is said after an action was taken: "Sent back. It is now: Draft."; *state* where it moved."""
    words = done or past_tense(current_language(), title)
    sentence = f"{words[:1].upper()}{words[1:]}" if words else t("record.is_done", action=title)
    return t("record.done_state", done=sentence, state=state) if state is not None else t("record.done", done=sentence)
