"""What every answer says to the browser about trust, and what a request may weigh."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

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

#: The largest request, in bytes: a form with 1,000 lines and some long texts.
LARGEST_BODY = 3 * 1024 * 1024
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
    headers = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"} if secure else HEADERS

    @app.before_request
    def count_values() -> None:
        if request.blueprint == "sign_in":
            # What was typed before a session ended comes along, with a little around every value.
            request.max_content_length = request.max_form_memory_size = 2 * LARGEST_BODY
        refuse_too_many(request)

    @app.after_request
    def add_headers(answer: Response) -> Response:
        present = {name.lower() for name, _ in answer.headers}
        for name, value in headers.items():
            if name.lower() not in present:
                answer.headers.add(name, value)
        if "cache-control" not in present and answer.mimetype == "text/html":
            # Not "no-store": going back from an error finds the form as it was left. Signing out clears what is kept.
            answer.headers.add("Cache-Control", "private, no-cache")
        return answer


def refuse_too_many(posted: Request) -> None:
    """Refuse a form with more values than are taken. Multipart forms are counted while they are read."""
    if posted.method == "POST" and len(posted.form) > MOST_VALUES:
        raise TooManyValues
