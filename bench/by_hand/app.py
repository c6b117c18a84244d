"""The application: routes of the order form, and what every answer says."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from flask import Flask, Response, abort, flash, g, get_flashed_messages, redirect, request
from jinja2.ext import Extension
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from bench.by_hand import accounts, orders, pages
from bench.by_hand.accounts import Person, find_person, require_token
from bench.by_hand.database import Database
from bench.by_hand.order_form import Draft, draft_of, problems_of, read_draft
from bench.by_hand.orders import WAYS, Refused, Stale, find_order
from bench.by_hand.words import ACTIONS, CHANNELS, CURRENCIES, DONE, STATES, Clock, long_day, read_day

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "platform" / "web" / "static"
FILES = ("favicon.svg", "vendor/tabler.min.css", "blankett.css", "vendor/htmx.min.js", "session.js", "blankett.js",
         "days.js", "conditions.js", "entry.js", "picker.js", "grid.js", "vendor/icons.svg")  # fmt: skip
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class Constants(Extension):
    """Takes out the white space by which templates are indented, and puts icons and addresses of files in."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source without what stands at the beginning of its lines, and with the icons it names."""
        known = self.environment.globals
        source = re.sub(r"\n\s+", "\n", source)
        source = re.sub(r"icons\['([\w-]+)'\]", lambda found: f"'{known['icons'][found[1]]}'|safe", source)
        return re.sub(r"asset\['([^']+)'\]", lambda found: f"'{known['asset'][found[1]]}'|safe", source)


def create_app(database: str, secret: str) -> Flask:
    """Return the application on the database in the file *database*."""
    app = Flask(__name__, static_folder=str(STATIC), template_folder=None)
    app.secret_key = secret
    app.extensions["database"] = Database(database)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[Constants],
    )
    assets = {name: _address_of(name) for name in FILES}
    templates.globals.update(
        asset=assets, icons=_Icons(assets["vendor/icons.svg"]), channels=CHANNELS, currencies=CURRENCIES,
        read_day=read_day,
    )  # fmt: skip
    app.extensions["pages"] = {
        name: templates.get_template(f"{name}.html")
        for name in ("sign_in", "list", "record", "entry", "recalculated", "inbox", "ask", "conflict", "error")
    }
    _add_routes(app)
    return app


def _address_of(name: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest() if (STATIC / name).exists() else ""
    return f"/static/{name}?v={digest[:10]}"


class _Icons(dict[str, Markup]):
    """Name → how an icon is drawn."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def __missing__(self, name: str) -> Markup:
        drawn = f'<svg class="b-icon" aria-hidden="true" focusable="false"><use href="{self.address}#{name}"/></svg>'
        return self.setdefault(name, Markup(drawn))  # the name is a template's


def _add_routes(app: Flask) -> None:
    database: Database = app.extensions["database"]
    drawn: Mapping[str, jinja2.Template] = app.extensions["pages"]

    def draw(name: str, connection: sqlite3.Connection, /, **context: Any) -> str:
        person: Person = g.person
        return drawn[name].render(
            person=person, clock=g.clock, waiting=pages.waiting_for(connection, person), here="",
            notices=get_flashed_messages() if "session" in request.cookies else (), **context,
        )  # fmt: skip

    def whoever(connection: sqlite3.Connection) -> Person:
        """Return who is signed in; others go to the sign-in page."""
        g.clock = clock = Clock()
        person = find_person(connection, request, clock.iso)
        if person is None:
            abort(redirect("/sign-in", 303))
        if request.method == "POST":
            require_token(request, person)
        g.person = person
        return person

    def known(connection: sqlite3.Connection, person: Person, id: str) -> Any:
        """Return an order that *person* may see; 404 for others."""
        row = find_order(connection, person, id)
        return row if row is not None else abort(404)

    @app.after_request
    def add_headers(answer: Response) -> Response:
        if request.endpoint != "static":
            answer.headers.extend(HEADERS)
        return answer

    @app.errorhandler(HTTPException)
    def show_error(err: HTTPException) -> Any:
        if err.response is not None:
            return err.response
        sentence = "The page was too old, or it was sent from another place." if err.code == 400 else err.description
        return drawn["error"].render(title=err.name, sentence=sentence), err.code

    @app.errorhandler(Refused)
    def show_refused(err: Refused) -> Any:
        return drawn["error"].render(title="Somebody else was faster", sentence=err.sentence), err.status

    @app.get("/sign-in")
    def show_sign_in() -> str:
        return drawn["sign_in"].render(mistake="", email="")

    @app.post("/sign-in")
    def sign_in() -> Any:
        with database.writing() as connection:
            token = accounts.sign_in(connection, request.form.get("email", ""), request.form.get("password", ""))
        if token is None:
            page = drawn["sign_in"].render(
                mistake="The address or the password is wrong.", email=request.form.get("email", "")
            )
            return page, 422
        answer = redirect("/inbox", 303)
        answer.set_cookie(accounts.COOKIE, token, httponly=True, samesite="Lax")
        return answer

    @app.post("/sign-out")
    def sign_out() -> Any:
        with database.writing() as connection:
            whoever(connection)
            accounts.sign_out(connection, request)
        return redirect("/sign-in", 303)

    @app.get("/")
    def show_home() -> Any:
        return redirect("/inbox", 303)

    @app.get("/inbox")
    def show_inbox() -> str:
        with database.reading() as connection:
            person = whoever(connection)
            skip = request.args.get("from", 0, type=int)
            tasks = pages.inbox(connection, person, g.clock, max(0, skip))
            return draw("inbox", connection, today=long_day(g.clock.today), **tasks)

    @app.get("/forms/bench/order")
    def list_orders() -> str:
        with database.reading() as connection:
            person = whoever(connection)
            return draw("list", connection, **pages.order_list(connection, person, g.clock, request.args))

    @app.get("/records/<id>")
    def show_order(id: str) -> str:
        with database.reading() as connection:
            person = whoever(connection)
            row = known(connection, person, id)
            return draw("record", connection, **pages.record(connection, person, g.clock, row))

    @app.get("/forms/bench/order/new")
    def show_new() -> str:
        with database.reading() as connection:
            whoever(connection)
            return draw_entry(connection, None, pages.empty_draft(g.clock))

    @app.post("/forms/bench/order/new")
    def create_order() -> Any:
        intent = request.form.get("_intent") or pages.intent()
        submit = request.form.get("_do") == "action.submit"
        with database.writing() as connection:
            person = whoever(connection)
            if before := orders.done_before(connection, person, intent):
                return redirect(f"/records/{before}", 303)
            draft = read_draft(connection, request.form, g.clock.today)
            problems = problems_of(draft, is_going_on=submit)
            if not problems:
                id, number = orders.create(connection, person, draft, g.clock, intent, submit)
        if problems:
            with database.reading() as connection:
                return draw_entry(connection, None, draft, problems), 422
        flash(f"{number} {draft.customer_name} is created.")
        return redirect(f"/records/{id}", 303)

    @app.get("/records/<id>/edit")
    def show_edit(id: str) -> str:
        with database.reading() as connection:
            row = editable(connection, id)
            return draw_entry(connection, row, draft_of(row, orders.lines_of(connection, id)))

    def editable(connection: sqlite3.Connection, id: str) -> Any:
        row = known(connection, whoever(connection), id)
        return row if row.state not in ("shipped", "cancelled") else abort(403)

    @app.post("/records/<id>/edit")
    def change_order(id: str) -> Any:
        intent = request.form.get("_intent") or pages.intent()
        with database.writing() as connection:
            row = editable(connection, id)
            if orders.done_before(connection, g.person, intent):
                return redirect(f"/records/{id}", 303)
            stored = draft_of(row, orders.lines_of(connection, id))
            draft = read_draft(connection, request.form, g.clock.today, stored)
            problems = problems_of(draft, is_going_on=row.state != "draft")
            is_stale = request.form.get("_revision") != str(row.revision)
            if not problems and not is_stale:
                orders.change(connection, g.person, row, stored, draft, g.clock, intent)
        if not problems and not is_stale:
            return redirect(f"/records/{id}", 303)
        with database.reading() as connection:
            if is_stale and not draft.has_faults:
                return draw_conflict(connection, row, stored, draft), 409
            return draw_entry(connection, row, draft, problems), 422

    def draw_entry(connection: sqlite3.Connection, row: Any, draft: Draft, problems: Any = ()) -> str:
        shown = pages.shown_texts(draft) if row is not None and not problems else ()
        state = row.state if row is not None else "draft"
        title = f"{row.number} {row.customer_name or ''}" if row is not None else ""
        return draw(
            "entry", connection, row=row, shown=shown, intent=pages.intent(), state=STATES[state],
            kind=pages.KINDS[state], number=title, **pages.entry(draft, problems, bool(problems)),
        )  # fmt: skip

    def draw_conflict(connection: sqlite3.Connection, row: Any, stored: Draft, draft: Draft) -> str:
        sent = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in ("csrf_token", "_revision", "_shown")
        ]
        changer = accounts.name_of(connection, row.changed_by)
        both = pages.differing(stored, draft, request.form.to_dict(flat=False))
        return draw(
            "conflict", connection, row=row, sent=sent, changer=changer, shown=pages.shown_texts(stored), both=both,
            titles=pages.FIELDS,
        )  # fmt: skip

    @app.post("/forms/bench/order/new/recalculate", defaults={"id": ""})
    @app.post("/records/<id>/edit/recalculate")
    def recalculate(id: str) -> str:
        with database.reading() as connection:
            person = whoever(connection)
            row = known(connection, person, id) if id else None
            stored = draft_of(row, orders.lines_of(connection, id)) if row else None
            draft = read_draft(connection, request.form, g.clock.today, stored)
        return drawn["recalculated"].render(**pages.entry(draft, (), typed=True))

    @app.get("/records/<id>/actions/<name>")
    def ask_action(id: str, name: str) -> str:
        with database.reading() as connection:
            person = whoever(connection)
            return draw_ask(connection, known(connection, person, id), name, "")

    @app.post("/records/<id>/actions/<name>")
    def act(id: str, name: str) -> Any:
        if name not in WAYS:
            abort(404)
        intent = request.form.get("_intent") or pages.intent()
        with database.writing() as connection:
            person = whoever(connection)
            row = known(connection, person, id)
            if orders.done_before(connection, person, intent):
                return redirect(f"/records/{id}", 303)
            revision, reason = request.form.get("_revision", 0, type=int), request.form.get("reason", "").strip()
            try:
                state = orders.act(connection, person, row, name, g.clock, intent, revision, reason)
            except Stale:
                return draw_ask(connection, row, name, "", is_stale=True), 409
            except Refused as refused:
                if refused.status != 422:
                    raise
                return draw_ask(connection, row, name, refused.sentence), 422
        said = DONE[name]
        flash(f"{said[0].upper()}{said[1:]}. It is now: {STATES[state]}.")
        return redirect(f"/records/{id}", 303)

    def draw_ask(connection: sqlite3.Connection, row: Any, name: str, refusal: str, is_stale: bool = False) -> str:
        if name not in WAYS:
            abort(404)
        since = []
        if is_stale:
            told = orders.events_of(connection, row.id)
            seen = request.form.get("_revision", 0, type=int)
            since = [pages.told_of(each, g.clock) for each in told if each.sequence > seen]
        return draw(
            "ask", connection, row=row, name=name, title=ACTIONS[name], refusal=refusal, intent=pages.intent(),
            asks_reason=WAYS[name].asks_reason, since=since,
        )  # fmt: skip
