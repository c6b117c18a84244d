"""htmx 4 over htmx-flask, which knows htmx 2: headers that are still right come from it, the others are read here."""

from __future__ import annotations

from flask import Flask, Response, make_response, request
from htmx_flask.requests import HtmxAwareRequest

from blankett.web.posted_form import PostedForm

#: What a page depends on besides its address.
VARY = ("HX-Request", "HX-Target", "Cookie")


class PageRequest(HtmxAwareRequest):  # type: ignore[misc]  # htmx-flask says nothing of types
    """A request with its `htmx` attribute, whose form `PostedForm` reads."""

    form_data_parser_class = PostedForm


def init_htmx(app: Flask) -> None:
    """Give requests their `htmx` attribute, and mark every page that differs for htmx."""
    app.request_class = PageRequest
    app.after_request(_vary)


def is_htmx() -> bool:
    """Tell whether htmx asked, and wants a fragment. Going back in the browser's history wants the page."""
    return bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def target() -> str:
    """Return the id of the element the answer goes into: ``list`` from htmx 4's ``div#list``; empty without one."""
    return request.headers.get("HX-Target", "").partition("#")[2]


def wants_fragment(id: str) -> bool:
    """Tell whether htmx asked for the fragment that stands in the element *id*."""
    return is_htmx() and target() == id


def go_to(address: str) -> Response:
    """Send the browser to *address* with GET: 303, or htmx's own header, which swaps nothing."""
    if is_htmx():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = address
        return answer
    answer = make_response("", 303)
    answer.headers["Location"] = address
    return answer


def _vary(answer: Response) -> Response:
    if answer.mimetype == "text/html":
        if "Vary" in answer.headers:
            answer.vary.update(VARY)
        else:
            answer.headers["Vary"] = ", ".join(VARY)
    return answer
