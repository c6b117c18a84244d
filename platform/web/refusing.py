"""Refusals of the engine as answers: the right status, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from blankett.engine.runtime.commands import Refusal
from blankett.forms.faults import word_problem
from blankett.web.errors import Refused
from blankett.web.identity import current_language

#: Kind of refusal → status.
STATUS: Mapping[str, int] = {
    "invalid": 422,
    "guard": 422,
    "state": 409,
    "stale": 409,
    "forbidden": 403,
    "missing": 404,
    "intent": 409,
    "loop": 422,
    "busy": 503,
    "gone": 410,
}


def words_of(refusal: Refusal) -> str:
    """Return what a refusal says."""
    return " ".join(word_problem(problem, current_language()).text for problem in refusal.problems)


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """Answer with the page for a refusal; what is not there for this reader is not there at all."""
    if refusal.kind == "missing":
        raise NotFound
    raise Refused(STATUS[refusal.kind], words_of(refusal))
