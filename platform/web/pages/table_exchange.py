"""Decision tables as files: taken out as a spreadsheet or DMN, brought in with a preview of what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import flask
from flask import Response, request
from flask.typing import ResponseReturnValue

from blankett.engine.blueprint.model import Table
from blankett.engine.feel import HITS
from blankett.engine.fields.base import Fault
from blankett.engine.publish.answers import Draft, Refused
from blankett.engine.rules.exchange import export_dmn, export_xlsx
from blankett.engine.rules.file_tables import FileTables
from blankett.engine.rules.importing import Import, choose_sheet, import_table, read_file
from blankett.engine.rules.plain_sheet import ROLES, TYPES, SheetAnswers
from blankett.web import htmx
from blankett.web.identity import the_actor
from blankett.web.pages.blueprints import draw_refused, typed_number, typed_source
from blankett.web.pages.tables import find_draft
from blankett.web.policies import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.publishing import Home, answer_refused, find_home, publisher
from blankett.web.sheet_asked import LARGEST_KEPT, SentFile, answers_sent, asked_sheets, kept_file, key_fault
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
    """Show what the file would change, or ask first what the columns of a plain sheet are; nothing is saved."""
    home, draft, table = find_home(key), find_draft(key), wanted_table()
    if isinstance(draft, Refused):
        return answer_refused(draft)
    sent = sent_file()
    found = read_file(sent.data, sent.name) if sent is not None else Fault("exchange_page.no_file")
    if isinstance(found, Fault) or sent is None:
        return refuse(home, draft, table, found)
    answers = answers_sent(found, request.form, table)
    if found.plain and (not answers or request.form.get("_do") == "ask"):
        nothing = Fault("sheet_page.none_taken") if answers == {} else None
        return ask_columns(home, draft, table, sent, found, answers, nothing)
    keys, mistakes = typed_keys(request.form)
    brought = bring_in(draft, table, found.only(answers or ()).answered(answers or {}), keys)
    if isinstance(brought, Fault):
        if found.plain:
            return ask_columns(home, draft, table, sent, found, answers, brought)
        return refuse(home, draft, table, brought)
    checked = check_text(brought.text, key)
    tables = checked.blueprint.tables if checked.blueprint is not None else {}
    shown = [
        replace(shown_import(done, checked.problems, tables.get(done.key)), file_key=file_key)
        for file_key, done in brought.done
    ]
    page = Page(shown, brought.text, left_words(brought.file), sent, list(request.form.items(multi=True)))
    return draw(home, draft, table, page, mistakes), 422 if mistakes else 200


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
    #: (the key in the file, the table under the key it has here)
    done: tuple[tuple[str, Import], ...]


@dataclass(frozen=True)
class Page:
    """What the page shows of a file: what it changes, the text with it, what stays out, and what was sent."""

    shown: Sequence[ShownImport] = ()
    source: str = ""
    left: Sequence[str] = ()
    sent: SentFile | None = None
    #: What was answered about the columns, to be sent again.
    answers: Sequence[tuple[str, str]] = ()

    def key_of(self, file_key: str, key: str) -> str:
        """Return the key that was typed for a table of the file; *key* where none was."""
        return dict(self.answers).get(f"key.{file_key}", "") or key

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return the answers that a form sends again, by name."""
        return [(name, text) for name, text in self.answers if name.startswith("s") or name in ("answered", "table")]


def sent_file() -> SentFile | None:
    """Return the file that was sent, else the one the page carried."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return SentFile(sent.filename, sent.read())
    return kept_file(request.form)


def typed_keys(form: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return {key in the file: the key typed for the table}, and what is wrong with others, by their controls."""
    keys: dict[str, str] = {}
    mistakes = []
    for name, typed in form.items():
        if not name.startswith("key.") or not typed.strip():
            continue
        key = typed.strip()
        wrong = key_fault(key) or (Fault("exchange_page.key_twice", {"key": key}) if key in keys.values() else None)
        if wrong is None:
            keys[name.removeprefix("key.")] = key
        else:
            mistakes.append((f"key-{name.removeprefix('key.')}", t(wrong.message, **wrong.params)))
    return keys, mistakes


def bring_in(draft: Draft, table: str, found: FileTables, keys: Mapping[str, str]) -> Brought | Fault:
    """Return the tables of a file, one after the other in the draft's text; or why they cannot be.

    *keys*: {key in the file: its key here}.
    """
    chosen = [choose_sheet(found, table)] if table else list(found.sheets)
    if len(chosen) > MOST_TABLES:
        return Fault("exchange_page.many_tables", {"limit": MOST_TABLES})
    text = draft.source
    done: list[tuple[str, Import]] = []
    for sheet in chosen:
        if isinstance(sheet, Fault):
            return sheet
        blueprint = check_text(text, draft.blueprint).blueprint
        known = blueprint.tables if blueprint is not None else {}
        made = import_table(text, replace(sheet, key=keys.get(sheet.key, sheet.key)), known)
        if isinstance(made, Fault):
            return made
        text = made.text
        done.append((sheet.key, made))
    if done:
        return Brought(found, text, tuple(done))
    return found.refused[0].fault if found.refused else Fault("exchange.none_taken")


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


def ask_columns(
    home: Home,
    draft: Draft,
    table: str,
    sent: SentFile,
    found: FileTables,
    answers: Mapping[str, SheetAnswers] | None,
    fault: Fault | None = None,
) -> ResponseReturnValue:
    """Return the page that shows the sheets of a file and asks what their columns are."""
    if not sent.kept:
        return refuse(home, draft, table, Fault("exchange_page.too_large_to_ask", {"limit": LARGEST_KEPT}))
    page = render(
        "pages/table_sheet.html",
        here="blueprints",
        key=home.key,
        title=home.title,
        table=table,
        sheets=asked_sheets(found, answers, table),
        sent=sent,
        fault=t(fault.message, **fault.params) if fault is not None else "",
        hits=HITS,
        types=TYPES,
        roles=ROLES,
    )
    return (page, 422) if fault is not None else page


def refuse(home: Home, draft: Draft, table: str, fault: Fault | FileTables) -> ResponseReturnValue:
    """Return the page that asks for a file, with what is wrong with the one that was sent."""
    assert isinstance(fault, Fault)
    return draw(home, draft, table, mistakes=[("file", t(fault.message, **fault.params))]), 422


def draw(
    home: Home, draft: Draft, table: str, page: Page | None = None, mistakes: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the page that asks for a file, or shows what the one that was sent changes."""
    page = page or Page()
    return render(
        "pages/table_import.html",
        here="blueprints",
        key=home.key,
        title=home.title,
        draft=draft,
        table=table,
        page=page,
        shown=page.shown,
        mistakes=list(mistakes),
    )
