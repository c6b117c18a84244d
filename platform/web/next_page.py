"""The page that follows a command: which one it is, and what rules warn of there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.language.model import Form
from blankett.engine.records.command import FormPreview, Receipt
from blankett.engine.records.read.notices import read_kept
from blankett.engine.records.read.results import ActionTaken
from blankett.web import htmx
from blankett.web.identity import current_language
from blankett.web.lookup import may_see, may_visit
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import t
from blankett.words import say_done


def go_on(request_unit: RequestUnit, form: Form, receipt: Receipt) -> ResponseReturnValue:
    """Go to the record of a command that was carried out, with what its rules warn of.

    Whoever may not see it any more is told so where its form's records are listed.
    """
    flash_warnings(request_unit, receipt)
    is_visible = receipt.is_visible
    if may_see(request_unit, receipt.record) if is_visible is None else is_visible:
        return htmx.go_to(f"/records/{receipt.record}")
    flask.flash(t("record.out_of_sight", title=receipt.title), "warn")
    return htmx.go_to(f"/forms/{form.blueprint}/{form.key}" if may_visit(request_unit, form) else "/inbox")


def flash_warnings(request_unit: RequestUnit, receipt: Receipt) -> None:
    """Say on the next page what the rules of a command that was carried out warn of, each text once."""
    for text in dict.fromkeys(warned_words(request_unit, warning) for warning in receipt.warnings):
        flask.flash(text, "warn")


def warned_words(request_unit: RequestUnit, warning: Mapping[str, Any]) -> str:
    """Return what a receipt keeps of a warning in the words of whoever reads it."""
    params = warning["params"].items()
    told = {name: read_kept(request_unit.catalog, value) if isinstance(value, str) else value for name, value in params}
    return t(warning["message"], **told)


def warning_texts(worked: FormPreview) -> list[str]:
    """Return what saving a form as it is typed would warn of, each text once."""
    return list(dict.fromkeys(t(warning.message, **warning.params) for warning in worked.warnings))


def acts_done(actions: Iterable[ActionTaken]) -> str:
    """Return what was done, as it follows a name: "sent it back and packed it"; empty for no action."""
    language = current_language()
    return t("event.and").join(
        taken.done or say_done(language, taken.title) or t("event.act", action=taken.title) for taken in actions
    )


def done_notice(title: str, done: str | None, state: object = None) -> str:
    """Return what is said after an action was taken: "Sent back. It is now: Draft."; *state* where it moved."""
    words = done or say_done(current_language(), title)
    sentence = f"{words[:1].upper()}{words[1:]}" if words else t("record.is_done", action=title)
    return t("record.done_state", done=sentence, state=state) if state is not None else t("record.done", done=sentence)
