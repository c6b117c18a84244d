"""When the database cannot do what a request asks: 503 with Retry-After, and everything that was typed.

The fault is logged in a sentence for whoever runs the place; it is no bug and leaves no traceback.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, current_app, make_response, request
from werkzeug.exceptions import HTTPException

from blankett.engine.store.database_faults import DATABASE_ERRORS, DatabaseFault, fault_of
from blankett.web import htmx
from blankett.web.account.sign_in import draw_sign_in
from blankett.web.errors import error_page
from blankett.web.identity import current_actor
from blankett.web.replay_post import safe_path, show_again_because, typed_pairs
from blankett.web.request_unit import current_unit
from blankett.web.templating import render, t
from blankett.words import say

#: Kind of fault → seconds after which trying again makes sense.
COME_AGAIN: Mapping[str, int] = {"busy": 5, "gone": 10, "full": 60, "read_only": 60, "disk": 60, "damaged": 300}
FAULTS: tuple[type[Exception], ...] = (DatabaseFault, *DATABASE_ERRORS)
#: What may end showing a form again.
NOT_SHOWN: tuple[type[Exception], ...] = (*FAULTS, HTTPException)


def init_unsaved(app: Flask) -> None:
    """Answer faults of the database."""
    for kind in FAULTS:
        app.register_error_handler(kind, answer_fault)


def come_again(fault: DatabaseFault) -> int:
    """Return the seconds after which trying again makes sense."""
    return COME_AGAIN.get(fault.kind, 60)


def answer_fault(err: Exception) -> Response:
    """Answer with 503 and what was typed. Raises *err* again when it is no fault of the database but a bug."""
    fault = fault_of(err)
    if fault is None:
        raise err
    current_unit().end()
    current_app.logger.error("%s %s: %s", request.method, request.path, _sentence(fault))
    answer = _answer(fault)
    answer.status_code = 503
    answer.headers["Retry-After"] = str(come_again(fault))
    return answer


def _sentence(fault: DatabaseFault) -> str:
    return say("en", fault.message, place=fault.place, detail=fault.detail)


def _answer(fault: DatabaseFault) -> Response:
    is_known = _reader_is_known()
    if request.method != "POST" or htmx.is_htmx():
        # htmx leaves the form in the page as it is, beside the note.
        return error_page(503, f"fault.{fault.kind}")
    if request.path == "/sign-in":
        kept = {name: request.form.get(name, "") for name in ("next", "parked", "email")}
        mistakes = [("email", t(f"fault.{fault.kind}"))]
        return make_response(
            draw_sign_in(current_unit(), **{**kept, "next": safe_path(kept["next"])}, mistakes=mistakes)
        )
    if is_known and (again := _shown_again(fault)) is not None:
        return again
    context = {"fault": f"fault.{fault.kind}", "address": safe_path(_address()), "pairs": typed_pairs()}
    if is_known:
        try:
            return make_response(render("pages/unsaved.html", frame="base.html", **context))
        except FAULTS:  # what the frame shows cannot be read either
            _forget_reader()
    return make_response(render("pages/unsaved.html", frame="plain.html", **context))


def _address() -> str:
    return request.full_path if request.query_string else request.path


def _shown_again(fault: DatabaseFault) -> Response | None:
    """Return the page of the form as it was typed; None where its view cannot show it, or cannot read what it needs."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not getattr(view, "shows_again", False):
        return None
    why = t(f"fault.{fault.kind}")
    show_again_because(why + " " + t("unsaved.again"))
    try:
        return make_response(view(**(request.view_args or {})))
    except NOT_SHOWN:
        return None


def _reader_is_known() -> bool:
    """Tell whether somebody is signed in, as far as can be read now."""
    try:
        return current_actor() is not None
    except FAULTS:
        _forget_reader()
        return False


def _forget_reader() -> None:
    """Go on as for somebody who is not signed in: the page that follows asks the database for nothing."""
    current_unit().change_visitor(None, is_known=True)
