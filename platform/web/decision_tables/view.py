"""The pages of decision tables: the list of a blueprint's tables, and one table as a grid with what is found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blankett.engine.feel.decision_table import HITS
from blankett.engine.language.model import Table
from blankett.engine.language.source import Map
from blankett.engine.language.text_edit import EditError, Editor
from blankett.engine.publish.candidate import CheckedText
from blankett.engine.publish.results import Refused
from blankett.engine.scenarios import ScenarioReport
from blankett.web.decision_tables.columns import ShownColumn, shown_columns
from blankett.web.decision_tables.findings import TableFindings, Told, check_text, findings_of
from blankett.web.decision_tables.grid_submission import NEW, TableGrid, blank_row, mistakes_in
from blankett.web.identity import current_language, the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.publish_view import publisher
from blankett.web.templating import t


@dataclass(frozen=True)
class Coverage:
    """Which rows of a table the scenarios of a text hit."""

    #: {row from 1: names of the scenarios}
    hits: Mapping[int, tuple[str, ...]]
    #: How many rows there are, and how many scenarios were run.
    rows: int
    ran: int

    @property
    def hit(self) -> int:
        """Return how many rows are hit."""
        return len(self.hits)


@dataclass(frozen=True)
class ShownRow:
    """A row of the grid."""

    #: Counts from 1; 0 in the pattern of a new row.
    number: int
    #: Which row of the text it was drawn from, or `NEW`.
    origin: str
    key: str
    cells: tuple[str, ...]
    note: str
    told: tuple[Told, ...]
    #: Columns in which something shows.
    causes: frozenset[str]
    is_chosen: bool
    #: Scenarios that hit it; None where they were not run.
    hits: tuple[str, ...] | None

    @property
    def is_error(self) -> bool:
        """Tell whether it has an error."""
        return any(each.is_error for each in self.told)


#: In characters: the room between two columns; that of the number and the scenarios of a row; that beside the help on a
#: page of usual size.
BETWEEN, AROUND, BESIDE = 2, 16, 110


@dataclass(frozen=True)
class ShownGrid:
    """A table as a grid."""

    title: str
    help: str
    #: Where it stands in the text.
    line: int
    grid: TableGrid
    columns: tuple[ShownColumn, ...]
    rows: tuple[ShownRow, ...]
    #: What a new row looks like.
    pattern: ShownRow
    findings: TableFindings
    #: What can be done when several rows hit: (as written, in words).
    hits: tuple[tuple[str, str], ...]
    #: None: scenarios were not run, or could not.
    coverage: Coverage | None

    @property
    def key_size(self) -> int:
        """Return how wide the names of rows are, in characters."""
        return min(20, max(8, *(len(row.key) for row in self.rows), 8))

    @property
    def is_broad(self) -> bool:
        """Tell whether its notes need the whole width of a page of usual size, with nothing beside the grid."""
        note = max((len(row.note) for row in self.rows), default=0)
        columns = sum(max(column.size, len(column.title)) + BETWEEN for column in self.columns)
        key = self.key_size + BETWEEN if self.grid.has_keys else 0
        return note > 0 and AROUND + key + columns + note > BESIDE

    @property
    def inputs(self) -> tuple[ShownColumn, ...]:
        """Return the columns that are tested."""
        return tuple(column for column in self.columns if column.is_input)

    @property
    def outputs(self) -> tuple[ShownColumn, ...]:
        """Return the columns that are given."""
        return tuple(column for column in self.columns if not column.is_input)


def show_grid(
    request_unit: RequestUnit, grid: TableGrid, source: str, key: str, *, covers: bool = False
) -> ShownGrid | None:
    """Return the table *key* as *grid* has it, with what is found in *source*, the text with the grid in it.

    None where its columns cannot be read. *covers* runs the scenarios.
    """
    checked, mistakes = check_text(request_unit, source), mistakes_in(grid)
    findings = findings_of(checked, key, grid.fresh)
    table = findings.table
    if table is None:
        return None
    if mistakes:  # the rows of the text are not those of the grid
        told = tuple(Told(words, is_error=True, row=at) for at, words in mistakes)
        findings = TableFindings(table, told, findings.elsewhere, is_compared=False)
    report = run_scenarios(request_unit, source) if covers and not mistakes else None
    coverage = coverage_of(report, table) if report is not None else None
    blank = ShownRow(0, NEW, "", blank_row(grid).text.cells, "", (), frozenset(), False, None)
    return ShownGrid(
        title=table.title.say(current_language()),
        help=table.help.say(current_language()) if table.help else "",
        line=table.place.line,
        grid=grid,
        columns=_columns(table, grid),
        rows=tuple(_row(grid, at, findings, coverage) for at in range(len(grid.rows))),
        pattern=blank,
        findings=findings,
        hits=hit_words(grid.hit),
        coverage=coverage,
    )


def _columns(table: Table, grid: TableGrid) -> tuple[ShownColumn, ...]:
    texts = {name: [row.text.cells[at] for row in grid.rows] for at, name in enumerate(grid.columns)}
    return shown_columns(table, texts, current_language())


def _row(grid: TableGrid, at: int, findings: TableFindings, coverage: Coverage | None) -> ShownRow:
    row = grid.rows[at]
    return ShownRow(
        number=at + 1,
        origin=NEW if row.at is None else str(row.at),
        key=row.text.key,
        cells=row.text.cells,
        note=row.text.note,
        told=findings.of_row(at),
        causes=findings.causes(at),
        is_chosen=at == grid.chosen,
        hits=coverage.hits.get(at + 1, ()) if coverage is not None else None,
    )


def line_of(source: str, key: str) -> int | None:
    """Return the line on which a table stands, 1 in a text that cannot be read; None where there is no such table."""
    try:
        found = Editor(source).find("tables")
    except EditError:
        return 1
    return found.key_place(key).line if isinstance(found, Map) and key in found.entries else None


def hit_words(hit: str) -> tuple[tuple[str, str], ...]:
    """Return what can be done when several rows hit: (as written, in words). What is written now is among them."""
    known = tuple((each, t(f"table.hit_{each.replace(' ', '_')}")) for each in HITS)
    return known if hit in HITS else ((hit, hit), *known)


# Scenarios --------------------------------------------------------------------------------------------------------


def run_scenarios(request_unit: RequestUnit, source: str) -> ScenarioReport | None:
    """Run the scenarios of a text; None when it has errors and cannot run."""
    report = publisher(request_unit).run_scenarios(the_actor(), source)
    return None if isinstance(report, Refused) else report


def coverage_of(report: ScenarioReport, table: Table) -> Coverage:
    """Return which rows of *table* the scenarios hit."""
    hits = {
        row.number: names
        for row in table.rows
        if (names := tuple(each.name for each in report.results if (table.name, row.number) in each.rows))
    }
    return Coverage(hits, len(table.rows), len(report.results))


# The list -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedTable:
    """A table in the list of a blueprint's tables."""

    key: str
    title: str
    help: str
    hit: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: int
    errors: int
    warnings: int
    coverage: Coverage | None


def list_tables(checked: CheckedText, report: ScenarioReport | None) -> list[ListedTable]:
    """Return the tables of a text in the author's order, also those whose columns cannot be read."""
    blueprint = checked.partial
    keys = [path[1] for path in blueprint.places if len(path) == 2 and path[0] == "tables"] if blueprint else []
    found = blueprint.tables if blueprint is not None else {}
    return [_listed(checked, found[key], report) if key in found else _unread(checked, key) for key in keys]


def _unread(checked: CheckedText, key: str) -> ListedTable:
    errors, warnings = _counted(checked, key)
    return ListedTable(key, key, "", "", (), (), 0, errors, warnings, None)


def _counted(checked: CheckedText, key: str) -> tuple[int, int]:
    """Return how many errors and warnings a table has."""
    ours = [problem for problem in checked.problems if problem.place.path[:2] == ("tables", key)]
    errors = sum(problem.is_error for problem in ours)
    return errors, len(ours) - errors


def _listed(checked: CheckedText, table: Table, report: ScenarioReport | None) -> ListedTable:
    language = current_language()
    errors, warnings = _counted(checked, table.key)
    titles: Sequence[tuple[str, ...]] = [
        tuple(column.title.say(language) for column in columns.values()) for columns in (table.inputs, table.outputs)
    ]
    return ListedTable(
        key=table.key,
        title=table.title.say(language),
        help=table.help.say(language) if table.help else "",
        hit=dict(hit_words(table.hit))[table.hit],
        inputs=titles[0],
        outputs=titles[1],
        rows=len(table.rows),
        errors=errors,
        warnings=warnings,
        coverage=coverage_of(report, table) if report is not None else None,
    )
