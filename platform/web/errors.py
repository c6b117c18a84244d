"""One shape for everything that goes wrong: a page (or a fragment) that says what happened and what to do.

A database that cannot do what a request asks is logged in a sentence for whoever runs the place; it is no bug and
leaves no traceback.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Flask, Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound, Unauthorized

from blankett.engine.records.command import Refusal
from blankett.engine.store.database_faults import DATABASE_ERRORS, DatabaseFault, fault_of
from blankett.forms.errors import word_problem
from blankett.web import htmx
from blankett.web.access_policy import PasswordFirst
from blankett.web.account.passwords import NoPlace
from blankett.web.account.sign_in import draw_first_password, draw_parked, draw_sign_in
from blankett.web.identity import current_actor, current_reader
from blankett.web.replay_post import (
    is_from_here,
    park,
    safe_path,
    show_again_because,
    sign_in_address,
    typed_by,
    typed_pairs,
)
from blankett.web.request_unit import current_unit
from blankett.web.security import MOST_VALUES, SentFromElsewhere, TooManyValues
from blankett.web.templating import render, t
from blankett.words import say

#: Status → the group of messages for it: ``error.404.title``, ``.text``, ``.todo``. Others take 400's.
WORDED = frozenset({400, 403, 404, 405, 409, 410, 413, 414, 422, 429, 500, 503})


class PageRefused(HTTPException):
    """A refusal with words of its own. *text* is in the reader's language already."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(description=text)
        self.code = code
        self.text = text


def init_errors(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(Unauthorized, ask_to_sign_in)
    app.register_error_handler(PasswordFirst, ask_for_password)
    app.register_error_handler(CSRFError, token_missing)
    app.register_error_handler(NoPlace, _no_place)
    app.register_error_handler(SentFromElsewhere, lambda err: error_page(403, "error.elsewhere"))
    app.register_error_handler(TooManyValues, lambda err: error_page(413, "error.limit", limit=MOST_VALUES))
    app.register_error_handler(PageRefused, lambda err: error_page(err.code or 400, None, text=err.text))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _bug)


def _http_error(err: HTTPException) -> Response:
    if err.code is not None and err.code < 400:
        return err.get_response()  # type: ignore[return-value]
    code = err.code if err.code in WORDED else 400
    answer = error_page(code or 400)
    answer.status_code = err.code or 400
    if isinstance(err, MethodNotAllowed) and err.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(err.valid_methods))
    return answer


def _no_place(err: NoPlace) -> Response:
    answer = error_page(503)
    answer.headers["Retry-After"] = "1"
    return answer


def _bug(err: InternalServerError) -> Response:
    # Flask has logged the exception; the reference leads from what the person tells us to the line in the log.
    reference = secrets.token_hex(4)
    current_app.logger.error("reference %s of the error above, at %s %s", reference, request.method, request.path)
    return error_page(500, reference=reference)


def error_page(code: int, message: str | None = None, *, text: str = "", **params: object) -> Response:
    """Return the page for an error; *message* is the id of a sentence of its own. htmx gets it as a note in place."""
    context: Mapping[str, object] = {"code": code, "message": message, "text": text, "params": params}
    try:
        is_known = current_actor() is not None
    except Exception:  # the store itself may be what failed
        is_known = False
        current_unit().change_visitor(None, is_known=True)
    if htmx.is_htmx():
        body = render("fragments/_error.html", **context)
    else:
        body = render("pages/error.html" if is_known else "pages/error_plain.html", **context)
    return make_response(body, code)


def ask_to_sign_in(err: Unauthorized) -> Response:
    """Send a visitor to the sign-in page. What was being posted is kept on that page and goes on after signing in."""
    if htmx.is_htmx():
        return signed_out_note()
    if request.method in ("GET", "HEAD"):
        return htmx.go_to(sign_in_address(request.full_path if request.query_string else request.path))
    if request.endpoint == "sign_in.sign_out":
        return htmx.go_to("/sign-in")
    if current_actor() is None:
        session.pop("token", None)
    return make_response(draw_sign_in(current_unit(), **park()), 401)


def ask_for_password(err: PasswordFirst) -> Response:
    """Send somebody to where their password is changed. What was being posted is kept there and goes on afterwards."""
    if htmx.is_htmx() or request.method in ("GET", "HEAD"):
        return htmx.go_to("/first-password")
    kept = park()
    return make_response(draw_first_password(kept["parked"], kept["next"], []), 401)


def token_missing(err: CSRFError) -> Response:
    """Answer a post whose token is not the session's: it may come from a page of the person's last session."""
    actor = current_actor()
    if request.endpoint in ("sign_in.sign_in", "sign_in.step_in", "sign_in.choose_language") and is_from_here():
        kept = {name: request.form.get(name, "") for name in ("next", "parked", "email")}
        return make_response(draw_sign_in(current_unit(), **kept, mistakes=[("email", t("account.once_more"))]), 400)
    if actor is None or typed_by() != actor.user or not is_from_here():
        return error_page(400, "error.csrf")
    return signed_out_note() if htmx.is_htmx() else make_response(parked_page(), 401)


def parked_page() -> str:
    """Return the page that leads back with the current post, for the person who is signed in."""
    kept = park()
    return draw_parked(kept["next"], kept["parked"])


def signed_out_note() -> Response:
    """Return what a page shows in place, with a button that leads to signing in and back."""
    return make_response(render("fragments/_signed_out.html"), 401)


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
    return current_reader().gap.join(word_problem(problem, current_reader()).text for problem in refusal.problems)


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """Answer with the page for a refusal; what is not there for this reader is not there at all."""
    if refusal.kind == "missing":
        raise NotFound
    raise PageRefused(STATUS[refusal.kind], words_of(refusal))


# The database cannot do what a request asks: 503 with Retry-After, and everything that was typed ----------------------


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
