"""Decision tables: the list of a blueprint's tables, and each as a grid over the draft that the text page edits too."""

from __future__ import annotations

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.language.table_edit import TableText
from blankett.engine.language.text_edit import EditError
from blankett.engine.publish.results import BlueprintDraft, Obstacle, Refused
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.decision_tables.findings import check_text, findings_of
from blankett.web.decision_tables.grid_submission import (
    CHANGES,
    TableGrid,
    changed_by,
    grid_of,
    kept_rows,
    mistakes_in,
    read_grid,
    with_row,
)
from blankett.web.decision_tables.view import line_of, list_tables, run_scenarios, show_grid
from blankett.web.errors import error_page
from blankett.web.identity import the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.publish_view import Home, answer_refused, find_home, publisher, refusal_words, unless_newer
from blankett.web.studio.routes import draw_refused, name_of
from blankett.web.studio.view import shown_problems
from blankett.web.templating import render, t

pages = flask.Blueprint("tables", __name__)

#: (id of the control, words) of what must be mended before saving.
Mistakes = list[tuple[str, str]]


@pages.get("/blueprints/<key>/tables")
@allow(WORKSPACE_ADMINISTRATORS)
def show_tables(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """List the tables of the text people work on."""
    return draw_list(request_unit, key, run=False)


@pages.post("/blueprints/<key>/tables")
@allow(WORKSPACE_ADMINISTRATORS)
def show_tables_covered(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """List the tables with how many rows the scenarios hit."""
    return draw_list(request_unit, key, run=True)


@pages.get("/blueprints/<key>/tables/<table>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_table(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Show a table as a grid."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    grid = find_grid(draft, table)
    return (
        render_unreadable(request_unit, home, draft, table)
        if grid is None
        else render_table(request_unit, home, draft, table, grid)
    )


@pages.post("/blueprints/<key>/tables/<table>")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def work_on_table(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Do what the button says: change rows, look at what was typed, save it, or save it and go on to publishing."""
    home, draft, what = find_home(request_unit, key), find_draft(request_unit, key), request.form.get("_do", "save")
    if isinstance(draft, Refused):
        return answer_refused(draft)
    grid = read_grid(request.form)
    if is_again():
        say_why_again()
        return render_table(request_unit, home, draft, table, grid, is_saved=False)
    if what in ("save", "publish"):
        return save_grid(request_unit, home, draft, table, grid, then=what)
    if what == "cover":
        return render_table(request_unit, home, draft, table, grid, covers=True, is_saved=False)
    if what == "check":
        return render_table(request_unit, home, draft, table, grid, is_saved=False)
    changed = changed_by(grid, what) if what in CHANGES else fill_gap(request_unit, draft, table, grid, what)
    if changed is None:
        mistakes = [("rows", t("table.choose_row"))]
        return render_table(request_unit, home, draft, table, grid, is_saved=False, mistakes=mistakes)
    return render_table(request_unit, home, draft, table, changed, is_saved=False)


@pages.post("/blueprints/<key>/tables/<table>/check")
@allow(WORKSPACE_ADMINISTRATORS)
def check_table(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Say what is found in what was typed; nothing is saved."""
    return unless_newer(("table", key, table), lambda: look(request_unit, key, table, covers=False))


@pages.post("/blueprints/<key>/tables/<table>/coverage")
@allow(WORKSPACE_ADMINISTRATORS)
def show_table_coverage(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Run the scenarios over what was typed and say which rows they hit; nothing is saved."""
    return look(request_unit, key, table, covers=True)


# Steps ---------------------------------------------------------------------------------------------------------


def look(request_unit: RequestUnit, key: str, table: str, *, covers: bool) -> ResponseReturnValue:
    """Return what is found in the typed rows: the page, or the part of it that htmx asks for."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    return render_table(request_unit, home, draft, table, read_grid(request.form), covers=covers, is_saved=False)


def find_draft(request_unit: RequestUnit, key: str) -> BlueprintDraft | Refused:
    """Return the text people work on."""
    return publisher(request_unit).draft(the_actor(), key)


def find_grid(draft: BlueprintDraft, table: str) -> TableGrid | None:
    """Return a table of the draft; None where its columns or rows cannot be read."""
    try:
        return grid_of(TableText(draft.source, table), draft)
    except EditError:
        return None


def source_with(draft: BlueprintDraft, table: str, grid: TableGrid, *, merges: bool = False) -> str | None:
    """Return the draft's text with the grid in it; None where the table is no longer as the page had it.

    *merges* keeps what somebody else changed in the table while the page was open; else its rows are those of the page.
    """
    try:
        there = TableText(draft.source, table)
    except EditError:
        return None
    if not grid.fits(there):
        return None
    return grid.written_into(there) if merges else grid.written_over(there)


def fill_gap(
    request_unit: RequestUnit, draft: BlueprintDraft, table: str, grid: TableGrid, what: str
) -> TableGrid | None:
    """Return the grid with a row for the gap that the button *what* (``gap.1``) stands at."""
    source = source_with(draft, table, grid)
    number = what.removeprefix("gap.")
    if source is None or not number.isdigit():
        return None
    gaps = findings_of(check_text(request_unit, source), table).gaps
    return with_row(grid, gaps[int(number)].gap) if int(number) < len(gaps) else None


def save_grid(
    request_unit: RequestUnit, home: Home, draft: BlueprintDraft, table: str, grid: TableGrid, *, then: str
) -> ResponseReturnValue:
    """Write the grid into the draft and keep that, or show what stands in the way; nothing typed is lost."""
    if mistakes_in(grid):
        return render_table(
            request_unit, home, draft, table, grid, is_saved=False, mistakes=[("rows", t("table.not_saved"))]
        )
    source = source_with(draft, table, grid, merges=True)
    if source is None or grid.version != draft.base:
        return draw_both(request_unit, home, draft, table, grid)
    saved = publisher(request_unit).save_draft(the_actor(), home.key, source, grid.revision)
    if isinstance(saved, Refused) and saved.draft is not None:
        return draw_both(request_unit, home, saved.draft, table, grid, saved)
    if isinstance(saved, Refused):
        words = [("rows", text) for text, _ in refusal_words(saved)]
        return render_table(request_unit, home, draft, table, grid, is_saved=False, mistakes=words)
    if then == "publish":
        return htmx.go_to(f"/blueprints/{home.key}/publish")
    flask.flash(t("studio.saved"), "good")
    return htmx.go_to(f"/blueprints/{home.key}/tables/{table}")


# Pages ---------------------------------------------------------------------------------------------------------


def draw_list(request_unit: RequestUnit, key: str, *, run: bool) -> ResponseReturnValue:
    """Return the list of tables; *run* runs the scenarios."""
    home, draft = find_home(request_unit, key), find_draft(request_unit, key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    checked = check_text(request_unit, draft.source)
    report = run_scenarios(request_unit, draft.source) if run else None
    return render(
        "pages/tables.html",
        here="blueprints",
        key=key,
        blueprint=key,
        title=home.title,
        draft=draft,
        tables=list_tables(checked, report),
        errors=sum(problem.is_error for problem in checked.problems),
        is_run=run,
        report=report,
    )


def render_table(
    request_unit: RequestUnit,
    home: Home,
    draft: BlueprintDraft,
    table: str,
    grid: TableGrid,
    *,
    covers: bool = False,
    is_saved: bool = True,
    mistakes: Mistakes | None = None,
) -> ResponseReturnValue:
    """Return the page of a table, or the part of it that htmx asks for; with *mistakes* as an invalid form."""
    source = draft.source if is_saved else source_with(draft, table, grid)
    shown = show_grid(request_unit, grid, source, table, covers=covers) if source is not None else None
    if shown is None or source is None:
        return draw_instead(request_unit, home, draft, table, grid, is_saved=is_saved)
    page = render(
        "pages/table.html",
        next((part for part in ("found", "covered") if htmx.wants_fragment(part)), None),
        here="blueprints",
        key=home.key,
        blueprint=home.key,
        title=home.title,
        draft=draft,
        table=shown.findings.table,
        table_title=shown.title,
        shown=shown,
        covers=covers,
        is_saved=is_saved,
        is_stale=(grid.revision, grid.version) != (draft.revision, draft.base),
        is_fragment=htmx.is_htmx(),
        saved_by=name_of(request_unit, draft.changed_by),
        saved_at=draft.changed_at,
        mistakes=mistakes or [],
    )
    return flask.make_response(page, 422 if mistakes else 200)


def draw_instead(
    request_unit: RequestUnit, home: Home, draft: BlueprintDraft, table: str, grid: TableGrid, *, is_saved: bool
) -> ResponseReturnValue:
    """Return what stands in the place of a grid that cannot be drawn: its columns are not what they were."""
    if is_saved:
        return render_unreadable(request_unit, home, draft, table)
    if htmx.is_htmx():
        return error_page(409, text=t("table.other_columns"))
    return draw_both(request_unit, home, draft, table, grid)


def render_unreadable(request_unit: RequestUnit, home: Home, draft: BlueprintDraft, table: str) -> ResponseReturnValue:
    """Return the page of a table whose columns cannot be read: what is wrong with it; 404 where there is none."""
    line = line_of(draft.source, table)
    if line is None:
        flask.abort(404)
    return render(
        "pages/table_unreadable.html",
        here="blueprints",
        key=home.key,
        title=home.title,
        name=table,
        problems=shown_problems(check_text(request_unit, draft.source).problems, draft.source),
        line=line,
    )


def draw_both(
    request_unit: RequestUnit,
    home: Home,
    theirs: BlueprintDraft,
    table: str,
    grid: TableGrid,
    refused: Refused | None = None,
) -> ResponseReturnValue:
    """Return the page with both texts: somebody saved while the grid was open."""
    mine = source_with(theirs, table, grid, merges=True)
    if mine is None:
        mine = f"{theirs.source.rstrip()}\n{kept_rows(table, grid)}"
    if refused is None:
        params = {"user": name_of(request_unit, theirs.changed_by), "at": theirs.changed_at}
        refused = Refused("stale", (Obstacle("draft.stale", params),), draft=theirs)
    return draw_refused(request_unit, home, refused, mine)
