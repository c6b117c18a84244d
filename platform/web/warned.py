"""The page that follows a command: which one it is, and what rules warn of there."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.blueprint.model import Form
from blankett.engine.runtime.commands import FormPreview, Receipt
from blankett.web import htmx
from blankett.web.finding import may_see, may_visit
from blankett.web.templating import t


def go_on(form: Form, receipt: Receipt) -> ResponseReturnValue:
    """Go to the record of a command that was carried out, with what its rules warn of.

    Whoever may not see it any more is told so where its form's records are listed.
    """
    flash_warnings(receipt)
    if may_see(receipt.record):
        return htmx.go_to(f"/records/{receipt.record}")
    flask.flash(t("record.out_of_sight", title=receipt.title), "warn")
    return htmx.go_to(f"/forms/{form.blueprint}/{form.key}" if may_visit(form) else "/inbox")


def flash_warnings(receipt: Receipt) -> None:
    """Say on the next page what the rules of a command that was carried out warn of, each text once."""
    for text in dict.fromkeys(str(warning["params"]["text"]) for warning in receipt.warnings):
        flask.flash(text, "warn")


def warning_texts(worked: FormPreview) -> list[str]:
    """Return what saving a form as it is typed would warn of, each text once."""
    return list(dict.fromkeys(str(warning.params["text"]) for warning in worked.warnings))
