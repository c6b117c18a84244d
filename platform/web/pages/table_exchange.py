"""Decision tables as files: taken out as a spreadsheet or DMN, brought in with a preview of what that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flask
from flask import Response, request
from flask.typing import ResponseReturnValue

from blankett.engine.blueprint.model import Table
from blankett.engine.fields.base import Fault
from blankett.engine.publish.answers import Draft, Refused
from blankett.engine.rules.exchange import export_dmn, export_xlsx
from blankett.engine.rules.importing import Import, choose_sheet, import_table, read_file
from blankett.engine.rules.sheet import FileTables
from blankett.web import htmx
from blankett.web.identity import the_actor
from blankett.web.pages.blueprints import draw_refused, typed_number, typed_source
from blankett.web.pages.tables import find_draft
from blankett.web.policies import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.publishing import Home, answer_refused, find_home, publisher
from blankett.web.table_changes import ShownImport, is_sound, shown_import
from blankett.web.tables_found import check_text
from blankett.web.templating import render, t

pages = flask.Blueprint("table_exchange", __name__)

#: {ending of the address: the file's kind}
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "dmn": "application/xml",
}
#: So many tables of one file are brought in at once.
MOST_TABLES = 50


@pages.get("/blueprints/<key>/tables/<table>/export.<kind>")
@allow(WORKSPACE_ADMINISTRATORS)
def take_out(key: str, table: str, kind: str) -> ResponseReturnValue:
    """Give a table of the text people work on as a file."""
    home, draft = find_home(key), find_draft(key)
    if kind not in KINDS:
        flask.abort(404)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    checked = check_text(draft.source, key)
    found = checked.blueprint.tables.get(table) if checked.blueprint is not None else None
    if found is None:
        flask.abort(404)
    if not is_sound(checked.problems, table):
        flask.flash(t("exchange_page.mend_first"), "bad")
        return htmx.go_to(f"/blueprints/{key}/tables/{table}")
    return as_file([found], home.title, kind, f"{key}_{table}.{kind}")


@pages.get("/blueprints/<key>/tables.<kind>")
@allow(WORKSPACE_ADMINISTRATORS)
def take_all_out(key: str, kind: str) -> ResponseReturnValue:
    """Give all tables of the text people work on in one file."""
    home, draft = find_home(key), find_draft(key)
    if kind not in KINDS:
        flask.abort(404)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    checked = check_text(draft.source, key)
    tables = list(checked.blueprint.tables.values()) if checked.blueprint is not None else []
    if not tables or not all(is_sound(checked.problems, table.key) for table in tables):
        flask.flash(t("exchange_page.mend_first"), "bad")
        return htmx.go_to(f"/blueprints/{key}/tables")
    return as_file(tables, home.title, kind, f"{key}_tables.{kind}")


@pages.get("/blueprints/<key>/bring-in")
@allow(WORKSPACE_ADMINISTRATORS)
def ask(key: str) -> ResponseReturnValue:
    """Ask for the file; ``table`` in the address says which table it is for, without it all of its tables come in."""
    home, draft = find_home(key), find_draft(key)
    return answer_refused(draft) if isinstance(draft, Refused) else draw(home, draft, wanted_table())


@pages.post("/blueprints/<key>/bring-in")
@allow(WORKSPACE_ADMINISTRATORS)
def preview(key: str) -> ResponseReturnValue:
    """Show what the file would change; nothing is saved."""
    home, draft, table = find_home(key), find_draft(key), wanted_table()
    if isinstance(draft, Refused):
        return answer_refused(draft)
    found = bring_in(draft, table)
    if isinstance(found, Fault):
        page = draw(home, draft, table, mistakes=[("file", t(found.message, **found.params))])
        return page, 422
    checked = check_text(found.text, key)
    tables = checked.blueprint.tables if checked.blueprint is not None else {}
    shown = [shown_import(done, checked.problems, tables.get(done.key)) for done in found.done]
    return draw(home, draft, table, shown=shown, source=found.text, left=left_words(found.file))


@pages.post("/blueprints/<key>/bring-in/save")
@allow(WORKSPACE_ADMINISTRATORS)
def save(key: str) -> ResponseReturnValue:
    """Keep the text that was previewed, unless somebody saved a newer one meanwhile."""
    home, source, table = find_home(key), typed_source(), wanted_table()
    saved = publisher().save_draft(the_actor(), key, source, typed_number("revision"))
    if isinstance(saved, Refused):
        return draw_refused(home, saved, source)
    flask.flash(t("exchange_page.done"), "good")
    return htmx.go_to(f"/blueprints/{key}/tables" + (f"/{table}" if table else ""))


# Steps ---------------------------------------------------------------------------------------------------------


def wanted_table() -> str:
    """Return the key of the table a file is for; empty for all that are in it. 404 for what can be no key."""
    found = request.values.get("table", "")
    if found and not found.replace("_", "a").isalnum():
        flask.abort(404)
    return found[:60]


@dataclass(frozen=True)
class Brought:
    """The tables of a file in a draft's text."""

    file: FileTables
    text: str
    done: tuple[Import, ...]


def bring_in(draft: Draft, table: str) -> Brought | Fault:
    """Return the tables of the file that was sent, one after the other in the draft's text; or why they cannot be."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return Fault("exchange_page.no_file")
    tables = read_file(sent.read(), sent.filename)
    if isinstance(tables, Fault):
        return tables
    chosen = [choose_sheet(tables, table)] if table else list(tables.sheets)
    if len(chosen) > MOST_TABLES:
        return Fault("exchange_page.many_tables", {"limit": MOST_TABLES})
    text, found = draft.source, []
    for sheet in chosen:
        if isinstance(sheet, Fault):
            return sheet
        blueprint = check_text(text, draft.blueprint).blueprint
        done = import_table(text, sheet, blueprint.tables if blueprint is not None else {})
        if isinstance(done, Fault):
            return done
        text = done.text
        found.append(done)
    return Brought(tables, text, tuple(found)) if found else Fault("exchange.none_taken")


def left_words(found: FileTables) -> list[str]:
    """Return what of a file does not come in, in words."""
    remarks = [t(remark.message, **remark.params) for remark in found.remarks]
    refused = [
        t("exchange_page.not_taken", name=each.name, why=t(each.fault.message, **each.fault.params))
        for each in found.refused
    ]
    return [*refused, *remarks]


def as_file(tables: Sequence[Table], title: str, kind: str, name: str) -> Response:
    """Return tables as a file to keep. *name* is made of keys, so it needs no quoting."""
    data = export_xlsx(tables) if kind == "xlsx" else export_dmn(tables, title)
    answer = Response(data, mimetype=KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def draw(
    home: Home,
    draft: Draft,
    table: str,
    *,
    shown: Sequence[ShownImport] = (),
    source: str = "",
    left: Sequence[str] = (),
    mistakes: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page that asks for a file, or shows what the one that was sent changes."""
    return render(
        "pages/table_import.html",
        here="blueprints",
        key=home.key,
        title=home.title,
        draft=draft,
        table=table,
        shown=shown,
        source=source,
        left=left,
        mistakes=list(mistakes),
    )
