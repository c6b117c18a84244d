"""Checks of decision tables: rows that overlap, hide each other or never hit, and what no row matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.analysis.examples import example_words, joined, row_words
from blankett.engine.analysis.regions import StepCounter
from blankett.engine.analysis.table_analysis import MOST_STEPS, TableFinding, analyse
from blankett.engine.checks.queries import wheres
from blankett.engine.checks.subject import Subject
from blankett.engine.language.form_formulas import formulas_of, text_formulas
from blankett.engine.language.model import Formula, Table

#: {kind of finding: name of the problem}
PROBLEMS: Mapping[str, str] = {
    "open": "cell_not_compared",
    "empty": "cell_accepts_nothing",
    "overlap": "rows_overlap",
    "conflict": "rows_disagree",
    "masked": "row_masked",
    "gap": "table_gap",
    "unfinished": "table_not_compared",
}
#: So many rows that hide another are named.
MOST_NAMED = 4


def check_tables(subject: Subject) -> None:
    """Tell what the geometry of each sound table shows."""
    shared = StepCounter(MOST_STEPS)
    for table in subject.blueprint.tables.values():
        if subject.is_sound("tables", table.key):
            for finding in analyse(table, shared=shared):
                _tell(subject, table, finding)


def _tell(subject: Subject, table: Table, finding: TableFinding) -> None:
    rows = sorted((*finding.others, *([finding.row] if finding.row else [])), key=lambda row: row.number)
    place = subject.place("tables", table.key, "rows")
    if finding.cell is not None:
        place = finding.cell.place
    elif finding.row is not None:
        place = finding.row.place
    subject.report.add(
        PROBLEMS[finding.kind],
        place,
        example=", nor ".join(example_words(table, each) for each in finding.examples),
        rows=row_words(rows) if rows else "",
        first=row_words(rows[:1]) if rows else "",
        row=row_words([finding.row]) if finding.row else "",
        others=_named(finding),
        reason=_reason(table, finding),
    )


def _named(finding: TableFinding) -> str:
    if len(finding.others) > MOST_NAMED:
        return f"the {len(finding.others)} rows that come first"
    return row_words(finding.others) if finding.others else ""


def _reason(table: Table, finding: TableFinding) -> str:
    """Return why a cell cannot be compared."""
    formula = finding.cell.formula if finding.cell is not None else None
    if formula is None:
        return ""
    others = sorted({path[0] for path in formula.reads} - {"?"})
    called = sorted(formula.checked.calls & table.scope.functions.keys())
    if others or called:
        return f"it looks at {joined([*others, *(f'{name}(…)' for name in called)])}"
    return "it does more with its value than compare it with others"


def check_calls(subject: Subject) -> None:
    """Tell of tables that nothing calls."""
    if not subject.is_sound("forms") or not subject.is_sound("tables"):
        return
    tables = subject.blueprint.tables
    called = {name for formula in every_formula(subject) for name in formula.checked.calls}
    for table in tables.values():
        called |= {name for formula in table.formulas() for name in formula.checked.calls}
    for key, table in tables.items():
        if key not in called:
            subject.report.add("unused_table", table.place, name=key)


def every_formula(subject: Subject) -> Iterator[Formula]:
    """Yield the formulas of all forms."""
    for form in subject.forms():
        yield from (formula for formula, _table in formulas_of(form, subject.blueprint.messages))
        yield from (formula for formula, _table in text_formulas(form))
        yield from (formula for formula, _name in wheres(form))
