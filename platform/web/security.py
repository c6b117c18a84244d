"""What every answer says to the browser about trust, and what a request may weigh."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from werkzeug.exceptions import Forbidden, RequestEntityTooLarge

#: Nothing from elsewhere, nothing inline, no eval; images also as data: for the arrows that Tabler's CSS carries.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: A year, and for the names below this one.
HTTPS_ONLY = "max-age=31536000; includeSubDomains"

#: Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a browser says of a request that a page of ours, or the person, sent.
OWN_SITES = frozenset({"same-origin", "none"})
DEFAULT_PORTS = {"http": ":80", "https": ":443"}

#: The largest request, in bytes: a form with 1,000 lines and some long texts.
LARGEST_BODY = 3 * 1024 * 1024
#: The same with what was typed before a session ended.
LARGEST_PARKED = 2 * LARGEST_BODY
#: The most values in one form.
MOST_VALUES = 10_000


class TooManyValues(RequestEntityTooLarge):
    """A form with more values than are taken."""


def init_security(app: Flask, *, secure: bool) -> None:
    """Set limits and headers. *secure* says that pages are only served over https."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=MOST_VALUES,
    )
    headers = {**HEADERS, "Strict-Transport-Security": HTTPS_ONLY} if secure else HEADERS

    @app.before_request
    def look_at_request() -> None:
        refuse_foreign(request)
        if request.blueprint == "sign_in" or request.path == "/first-password":
            # What was typed before a session ended comes along, with a little around every value.
            request.max_content_length = request.max_form_memory_size = LARGEST_PARKED
        refuse_too_many(request)

    @app.after_request
    def add_headers(answer: Response) -> Response:
        present = {name.lower() for name, _ in answer.headers}
        for name, value in headers.items():
            if name.lower() not in present:
                answer.headers.add(name, value)
        answer.headers.setdefault("Cache-Control", kept_where(answer))
        if request.endpoint == "static" and "v" not in request.args:
            # Without the version in its address, the next version of a file is at the same one.
            answer.headers["Cache-Control"] = "no-cache"
        return answer


class SentFromElsewhere(Forbidden):
    """A change that a page of another site sent."""


def kept_where(answer: Response) -> str:
    """Return what browsers may keep of an answer that does not say so itself.

    A page may be shown again by going back, so that a form is found as it was left; signing out clears what is kept.
    Everything else (files, fragments, data) is never kept.
    """
    is_page = answer.mimetype == "text/html" and "HX-Request" not in request.headers
    return "private, no-cache" if is_page else "no-store"


def refuse_foreign(sent: Request) -> None:
    """Refuse a change that did not come from a page of this site, whatever token it carries.

    Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`, and no page can write these. Programs send
    neither; the token of the form is asked of them as of everybody.
    """
    if sent.method in SAFE_METHODS:
        return
    site, origin = sent.headers.get("Sec-Fetch-Site"), sent.headers.get("Origin")
    if site is not None and site not in OWN_SITES:
        raise SentFromElsewhere
    # A browser that keeps the origin to itself says "null"; what it says of the site counts then.
    if origin is not None and not (origin == "null" and site is not None) and not _is_own(origin, sent.host):
        raise SentFromElsewhere


def _is_own(origin: str, host: str) -> bool:
    """Tell whether an origin is of *host*. A proxy speaks https where the server speaks http: schemes may differ."""
    scheme, _, place = origin.partition("://")
    port = DEFAULT_PORTS.get(scheme, "")
    return place.casefold().removesuffix(port) == host.casefold().removesuffix(port)


def refuse_too_many(posted: Request) -> None:
    """Refuse a form with more values than are taken. Multipart forms are counted while they are read."""
    if posted.method == "POST" and len(posted.form) > MOST_VALUES:
        raise TooManyValues
