"""What rules warn of, on the page that follows."""

from __future__ import annotations

import flask

from blankett.engine.runtime.commands import FormPreview, Receipt


def flash_warnings(receipt: Receipt) -> None:
    """Say on the next page what the rules of a command that was carried out warn of, each text once."""
    for text in dict.fromkeys(str(warning["params"]["text"]) for warning in receipt.warnings):
        flask.flash(text, "warn")


def warning_texts(worked: FormPreview) -> list[str]:
    """Return what saving a form as it is typed would warn of, each text once."""
    return list(dict.fromkeys(str(warning.params["text"]) for warning in worked.warnings))
