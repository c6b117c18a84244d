"""Decision tables as files: taken out as a spreadsheet or DMN, brought in with a preview of what that changes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import flask
from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from blankett.engine.exchange import export_dmn, export_xlsx
from blankett.engine.exchange.dmn_names import LONGEST_KEY
from blankett.engine.exchange.file_tables import FileTables
from blankett.engine.exchange.plain_sheet import ROLES, TYPES, ColumnAnswer, PlainSheet, SheetAnswers
from blankett.engine.exchange.table_diff import RowChange, TextChange
from blankett.engine.exchange.table_import import Import, choose_sheet, import_table, origin_of, read_file
from blankett.engine.exchange.table_sheet import CellReading
from blankett.engine.feel import HITS
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Habits
from blankett.engine.language.model import KEY, Table
from blankett.engine.language.problems import Problem
from blankett.engine.publish.results import BlueprintDraft, Refused
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.decision_tables.findings import check_text
from blankett.web.decision_tables.routes import find_draft
from blankett.web.identity import current_language, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.publish_view import Home, answer_refused, find_home, publisher
from blankett.web.studio.routes import draw_refused, typed_number, typed_source
from blankett.web.templating import render, t

#: A larger file does not travel with a page.
LARGEST_KEPT = 2_000_000
#: So many lines of a sheet are shown.
LINES_SHOWN = 12


@dataclass(frozen=True)
class SentFile:
    """A file that was sent, now or with the page before."""

    name: str
    data: bytes

    @property
    def kept(self) -> str:
        """Return it as a page carries it; empty where it is too large."""
        return base64.b64encode(self.data).decode() if len(self.data) <= LARGEST_KEPT else ""


def kept_file(form: Mapping[str, str]) -> SentFile | None:
    """Return the file that a page carried, or None."""
    try:
        data = base64.b64decode(form.get("kept", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return SentFile(form.get("kept_name", "")[:200], data) if data else None


@dataclass(frozen=True)
class AskedColumn:
    """A column of a sheet on the page."""

    #: The name of its controls: ``s0.c2``.
    name: str
    heading: str
    role: str
    type: str
    title: str


@dataclass(frozen=True)
class AskedSheet:
    """A sheet on the page that asks what its columns are."""

    #: The name of its controls: ``s0``.
    name: str
    sheet: str
    is_taken: bool
    key: str
    hit: str
    decimal: str
    order: str
    columns: tuple[AskedColumn, ...]
    #: Cells as the sheet shows them, and the numbers of their rows.
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    more: int
    remarks: tuple[str, ...]


def answers_sent(found: FileTables, form: MultiDict[str, str], table: str) -> dict[str, SheetAnswers] | None:
    """Return {sheet: what was answered}, for the sheets to take; None where nothing was asked yet."""
    if form.get("answered") != "yes":
        return None
    answers = {}
    for at, plain in enumerate(found.plain):
        if form.get(f"s{at}.take") == "yes" or len(found.plain) == 1:
            answers[plain.name] = _answers(plain, f"s{at}", form, table if len(found.plain) == 1 else "")
    return answers


def _answers(plain: PlainSheet, name: str, form: MultiDict[str, str], table: str) -> SheetAnswers:
    guess = plain.guessed()
    columns = tuple(
        _column(guessed, f"{name}.c{place}", form) for place, guessed in zip(plain.places, guess.columns, strict=True)
    )
    key = form.get(f"{name}.key", "")
    order = form.get(f"{name}.order", "")
    return SheetAnswers(
        key=table or (key if KEY.match(key) and len(key) <= LONGEST_KEY else guess.key),
        hit=next((hit for hit in HITS if hit == form.get(f"{name}.hit")), guess.hit),
        columns=columns,
        habits=Habits("," if form.get(f"{name}.decimal") == "," else ".", order if order in ("dmy", "mdy") else "dmy"),
    )


def _column(guess: ColumnAnswer, name: str, form: MultiDict[str, str]) -> ColumnAnswer:
    type_ = form.get(f"{name}.type", "")
    return ColumnAnswer(
        role=next((role for role in ROLES if role == form.get(f"{name}.role")), guess.role),
        type=type_ if type_ in TYPES else guess.type,
        title=form.get(f"{name}.title", guess.title)[:200],
    )


def asked_sheets(found: FileTables, sent: Mapping[str, SheetAnswers] | None, table: str) -> list[AskedSheet]:
    """Return the sheets of a file as the page asks about them: with what was answered, else as guessed."""
    return [_asked(at, plain, sent, table, len(found.plain)) for at, plain in enumerate(found.plain)]


def _asked(at: int, plain: PlainSheet, sent: Mapping[str, SheetAnswers] | None, table: str, count: int) -> AskedSheet:
    answers = (sent or {}).get(plain.name) or plain.guessed()
    name = f"s{at}"
    columns = tuple(
        AskedColumn(f"{name}.c{place}", plain.heading(place), answer.role, answer.type, answer.title)
        for place, answer in zip(plain.places, answers.columns, strict=True)
    )
    return AskedSheet(
        name=name,
        sheet=plain.name,
        is_taken=plain.name in sent if sent is not None else not plain.is_hidden and (at == 0 or not table),
        key=table if table and count == 1 else answers.key,
        hit=answers.hit,
        decimal=answers.habits.decimal,
        order=answers.habits.order,
        columns=columns,
        lines=tuple(_lines(plain)),
        more=max(0, len(plain.rows) - LINES_SHOWN),
        remarks=tuple(t(remark.message, **remark.params) for remark in plain.remarks),
    )


def _lines(plain: PlainSheet) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in plain.rows[:LINES_SHOWN]:
        number = next((cell.address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for cell in line if cell.address), "")
        yield number, tuple(line[at].shown if at < len(line) else "" for at in plain.places)


def key_fault(key: str) -> Fault | None:
    """Return why a key typed for a new table can be none."""
    return None if KEY.match(key) and len(key) <= LONGEST_KEY else Fault("exchange_page.bad_key", {"key": key[:60]})


#: So many changes and problems are shown.
MOST_SHOWN = 200
#: {kind of change of a row: (tone, icon)}
LOOKS = {
    "added": ("good", "plus"),
    "removed": ("bad", "minus"),
    "changed": ("ink", "pencil"),
    "moved": ("", "arrows-exchange"),
}


@dataclass(frozen=True)
class ShownCell:
    """A cell of a row of the preview: what stood there, where that is different, and what will."""

    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True)
class ShownRowChange:
    """What becomes of a row."""

    kind: str
    words: str
    tone: str
    icon: str
    number: int
    key: str
    #: In the order of the columns, then the note.
    cells: tuple[ShownCell, ...]
    #: The key it had, where that changes.
    old_key: str


@dataclass(frozen=True)
class ShownFault:
    """A problem of the text that the file brings."""

    is_error: bool
    #: Where in the file; empty where that is not known.
    where: str
    words: str
    suggestion: str


@dataclass(frozen=True)
class ShownImport:
    """One table of a file."""

    key: str
    title: str
    is_new: bool
    is_change: bool
    #: How many rows the table has then.
    count: int
    #: Titles of the columns, inputs first, then that of the note.
    columns: tuple[str, ...]
    #: What changes above the rows: (what, before, after).
    head: tuple[TextChange, ...]
    rows: tuple[ShownRowChange, ...]
    #: How many changes are not shown.
    more: int
    #: ``2 rows added``, ``1 row changed``
    counts: tuple[str, ...]
    remarks: tuple[str, ...]
    #: Cells of a spreadsheet that are read otherwise than they look.
    readings: tuple[CellReading, ...]
    problems: tuple[ShownFault, ...]
    #: The key it has in the file, where it may get another one here.
    file_key: str = ""

    @property
    def errors(self) -> int:
        """Return how many of the problems are errors."""
        return sum(problem.is_error for problem in self.problems)


def shown_import(done: Import, problems: Iterable[Problem], table: Table | None) -> ShownImport:
    """Return one table of a file, in words of the page's language.

    *problems*: those of the whole text. *table*: the table as it would be, as far as it can be read.
    """
    columns = [column.key for column in done.sheet.columns]
    rows = [_change(change, columns) for change in done.rows] if not done.is_new else list(_new_rows(done))
    return ShownImport(
        key=done.key,
        title=table.title.say(current_language()) if table is not None else done.key,
        is_new=done.is_new,
        is_change=done.is_change,
        count=len(done.sheet.rows),
        columns=(*_titles(done, table), t("table.note")),
        head=done.head,
        rows=tuple(rows[:MOST_SHOWN]),
        more=max(0, len(rows) - MOST_SHOWN),
        counts=tuple(_counts(done)),
        remarks=tuple(_words(remark) for remark in done.remarks),
        readings=done.sheet.readings,
        problems=tuple(_faults(done, problems))[:MOST_SHOWN],
    )


def _titles(done: Import, table: Table | None) -> list[str]:
    """Return what people call the columns."""
    known = {**table.inputs, **table.outputs} if table is not None else {}
    keys = [column.key for column in done.sheet.columns]
    return [known[key].title.say(current_language()) if key in known else key for key in keys]


def _counts(done: Import) -> Iterator[str]:
    messages = {
        "added": "exchange_page.added",
        "removed": "exchange_page.removed",
        "changed": "exchange_page.changed",
        "moved": "exchange_page.moved",
    }
    yield from (t(message, count=count) for kind, message in messages.items() if (count := done.count(kind)))


def _new_rows(done: Import) -> Iterator[ShownRowChange]:
    columns = [column.key for column in done.sheet.columns]
    for number, row in enumerate(done.sheet.rows, 1):
        yield _change(RowChange("added", number, row.key, row), columns)


def _change(change: RowChange, columns: Sequence[str]) -> ShownRowChange:
    differs = {cell.name: cell.before for cell in change.cells}
    texts = zip((*columns, "note"), (*change.row.texts, change.row.note or ""), strict=True)
    tone, icon = LOOKS[change.kind]
    return ShownRowChange(
        kind=change.kind,
        words=t(f"change.{change.kind}"),
        tone=tone,
        icon=icon,
        number=change.number,
        key=change.row.key or "",
        cells=tuple(ShownCell(differs.get(name, ""), text, name in differs) for name, text in texts),
        old_key=differs.get("key", ""),
    )


def _faults(done: Import, problems: Iterable[Problem]) -> Iterator[ShownFault]:
    """Yield the errors of the text, and the warnings of the table's rows, errors first."""
    for problem in sorted(problems, key=lambda problem: not problem.is_error):
        origin = origin_of(problem.place.path, done)
        is_of_rows = origin is not None and problem.place.path[2:3] == ("rows",)
        if origin is not None and (problem.is_error or is_of_rows):
            words = problem.message[:1].upper() + problem.message[1:]
            yield ShownFault(problem.is_error, _words(origin.words), words, problem.suggestion or "")


def _words(fault: Fault) -> str:
    return t(fault.message, **fault.params)


def is_sound(problems: Iterable[Problem], table: str) -> bool:
    """Tell whether a table has no errors, so that it can decide and be taken out."""
    return not any(each.is_error and each.place.path[:2] == ("tables", table) for each in problems)


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
def take_out(request_unit: RequestUnit, key: str, table: str, kind: str) -> ResponseReturnValue:
    """Give a table of the text people work on as a file."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    if kind not in KINDS:
        flask.abort(404)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    checked = check_text(request_unit, draft.source)
    found = checked.partial.tables.get(table) if checked.partial is not None else None
    if found is None:
        flask.abort(404)
    if not is_sound(checked.problems, table):
        flask.flash(t("exchange_page.mend_first"), "bad")
        return htmx.go_to(f"/blueprints/{key}/tables/{table}")
    return as_file([found], home.title, kind, f"{key}_{table}.{kind}")


@pages.get("/blueprints/<key>/tables.<kind>")
@allow(WORKSPACE_ADMINISTRATORS)
def take_all_out(request_unit: RequestUnit, key: str, kind: str) -> ResponseReturnValue:
    """Give all tables of the text people work on in one file."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    if kind not in KINDS:
        flask.abort(404)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    checked = check_text(request_unit, draft.source)
    tables = list(checked.partial.tables.values()) if checked.partial is not None else []
    if not tables or not all(is_sound(checked.problems, table.key) for table in tables):
        flask.flash(t("exchange_page.mend_first"), "bad")
        return htmx.go_to(f"/blueprints/{key}/tables")
    return as_file(tables, home.title, kind, f"{key}_tables.{kind}")


@pages.get("/blueprints/<key>/bring-in")
@allow(WORKSPACE_ADMINISTRATORS)
def ask_for_file(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Ask for the file; ``table`` in the address says which table it is for, without it all of its tables come in."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    return answer_refused(draft) if isinstance(draft, Refused) else render_import(home, draft, wanted_table())


@pages.post("/blueprints/<key>/bring-in")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def preview_import(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show what the file would change, or ask first what the columns of a plain sheet are; nothing is saved."""
    home, draft, table = find_home(request_unit, key), find_draft(request_unit, key), wanted_table()
    if isinstance(draft, Refused):
        return answer_refused(draft)
    sent = sent_file()
    if is_again():
        say_why_again()
        if sent is None:
            return refuse(home, draft, table, Fault("exchange_page.file_again"))
    found = read_file(sent.data, sent.name) if sent is not None else Fault("exchange_page.no_file")
    if isinstance(found, Fault) or sent is None:
        return refuse(home, draft, table, found)
    answers = answers_sent(found, request.form, table)
    if found.plain and (not answers or request.form.get("_do") == "ask"):
        nothing = Fault("sheet_page.none_taken") if answers == {} else None
        return ask_columns(home, draft, table, sent, found, answers, nothing)
    keys, mistakes = typed_keys(request.form)
    brought = bring_in(request_unit, draft, table, found.only(answers or ()).answered(answers or {}), keys)
    if isinstance(brought, Fault):
        if found.plain:
            return ask_columns(home, draft, table, sent, found, answers, brought)
        return refuse(home, draft, table, brought)
    checked = check_text(request_unit, brought.text)
    tables = checked.partial.tables if checked.partial is not None else {}
    shown = [
        replace(shown_import(done, checked.problems, tables.get(done.key)), file_key=file_key)
        for file_key, done in brought.done
    ]
    page = ImportPage(shown, brought.text, left_words(brought.file), sent, list(request.form.items(multi=True)))
    return render_import(home, draft, table, page, mistakes), 422 if mistakes else 200


@pages.post("/blueprints/<key>/bring-in/save")
@allow(WORKSPACE_ADMINISTRATORS)
def save_import(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Keep the text that was previewed, unless somebody saved a newer one meanwhile."""
    home, source, table = find_home(request_unit, key), typed_source(), wanted_table()
    saved = publisher(request_unit).save_draft(the_actor(), key, source, typed_number("revision"))
    if isinstance(saved, Refused):
        return draw_refused(request_unit, home, saved, source)
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
class ImportPage:
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


def bring_in(
    request_unit: RequestUnit, draft: BlueprintDraft, table: str, found: FileTables, keys: Mapping[str, str]
) -> Brought | Fault:
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
        blueprint = check_text(request_unit, text).partial
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
    draft: BlueprintDraft,
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


def refuse(home: Home, draft: BlueprintDraft, table: str, fault: Fault | FileTables) -> ResponseReturnValue:
    """Return the page that asks for a file, with what is wrong with the one that was sent."""
    assert isinstance(fault, Fault)
    return render_import(home, draft, table, mistakes=[("file", t(fault.message, **fault.params))]), 422


def render_import(
    home: Home,
    draft: BlueprintDraft,
    table: str,
    page: ImportPage | None = None,
    mistakes: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page that asks for a file, or shows what the one that was sent changes."""
    page = page or ImportPage()
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
