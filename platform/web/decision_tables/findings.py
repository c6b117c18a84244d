"""What the checker says of one decision table, each at its row and cell, in words of the page's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from blankett.engine.analysis.examples import value_words
from blankett.engine.analysis.table_analysis import TableFinding, analyse
from blankett.engine.checks.decision_tables import PROBLEMS
from blankett.engine.fields.base import Value
from blankett.engine.language.model import Blueprint, Table, TableRow
from blankett.engine.language.problems import KINDS, Problem
from blankett.engine.language.table_cells import ANY
from blankett.engine.publish.candidate import CheckedText
from blankett.web.decision_tables.columns import cell_of
from blankett.web.identity import current_language
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import in_sentence, t

#: So many rows that hide another are named.
MOST_NAMED = 4
#: What can be told of either of two rows.
_MUTUAL = frozenset({"overlap", "conflict"})
#: What is told of rows that match the same, where it helps to see what each would give.
_SAY_RESULTS = frozenset({"overlap", "conflict"})
#: Problems that `analyse` tells again, with more to say of each.
_COMPARED = frozenset(PROBLEMS.values())


@dataclass(frozen=True)
class Told:
    """Something said of a table."""

    words: str
    is_error: bool
    #: Tag of the words' language where it is not the page's; else empty.
    lang: str = ""
    #: The row it is about, and others that matter to it, from 0; and the columns in which it shows.
    row: int | None = None
    others: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    line: int = 1
    #: What was probably meant in the place of what stands there: (found, meant).
    fix: tuple[str, str] | None = None
    #: What else helps to see why, beside the row.
    more: str = ""
    #: A row that would fill the gap: its cells.
    gap: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFindings:
    """Everything that is found in a text about one table."""

    #: As far as it could be read; None when its columns cannot.
    table: Table | None
    told: tuple[Told, ...]
    #: How many errors and warnings stand elsewhere in the text.
    elsewhere: int
    #: Gaps and overlaps were looked for.
    is_compared: bool

    @property
    def errors(self) -> int:
        """Return how many errors the table has."""
        return sum(each.is_error for each in self.told)

    @property
    def warnings(self) -> int:
        """Return how many warnings it has."""
        return len(self.told) - self.errors

    @property
    def gaps(self) -> tuple[Told, ...]:
        """Return what is told of what no row matches."""
        return tuple(each for each in self.told if each.gap)

    def of_row(self, at: int) -> tuple[Told, ...]:
        """Return what is told of the row *at*."""
        return tuple(each for each in self.told if each.row == at)

    def causes(self, at: int) -> frozenset[str]:
        """Return the columns of row *at* in which something shows."""
        return frozenset(key for each in self.told if at in (each.row, *each.others) for key in each.columns)


def check_text(request_unit: RequestUnit, source: str) -> CheckedText:
    """Return what the checker says of *source*: whoever works on a table asks of one text again and again."""
    return services().candidates.of(request_unit.catalog, source).checked


def findings_of(checked: CheckedText, key: str, fresh: frozenset[int] = frozenset()) -> TableFindings:
    """Return what is found of the table *key*. *fresh*: rows that were typed, from 0; overlaps are told of them."""
    table = checked.partial.tables.get(key) if checked.partial is not None else None
    ours = [problem for problem in checked.problems if problem.place.path[:2] == ("tables", key)]
    places = {name: at for at, name in enumerate(_row_names(checked.partial, key))}
    told = [_from_problem(checked.source, each, places, table) for each in ours if each.name not in _COMPARED]
    is_compared = table is not None and not any(each.is_error for each in told)
    if table is not None and is_compared:
        found = (_seen_from(finding, fresh) for finding in analyse(table))
        told += [each for finding in found for each in _from_finding(table, finding)]
    told.sort(key=lambda each: (each.row is None, each.row or 0, not each.is_error))
    return TableFindings(table, tuple(told), len(checked.problems) - len(ours), is_compared)


def _row_names(blueprint: Blueprint | None, key: str) -> Iterator[str]:
    """Yield how places name the rows of a table, in their order: by key, or by number from 0."""
    for path in blueprint.places if blueprint is not None else ():
        if len(path) == 4 and path[:3] == ("tables", key, "rows"):
            yield path[3]


# The checker's problems -----------------------------------------------------------------------------------------------


def _from_problem(source: str, problem: Problem, places: Mapping[str, int], table: Table | None) -> Told:
    path = problem.place.path
    row = places.get(path[3]) if len(path) > 3 and path[2] == "rows" else None
    columns = tuple(_column(path, table)) if row is not None else ()
    found = source[problem.place.start : problem.place.end]
    is_word = problem.suggestion is not None and 0 < len(found) <= 60 and "\n" not in found
    told = Told(
        words=problem.message[:1].upper() + problem.message[1:],
        is_error=problem.is_error,
        lang="en",
        row=row,
        columns=columns,
        line=problem.place.line,
        fix=(found, problem.suggestion or "") if is_word and columns else None,
    )
    if problem.name == "missing_result" and columns and table is not None:
        title = table.outputs[columns[0]].title.say(current_language()) if columns[0] in table.outputs else columns[0]
        return replace(told, words=t("table.missing_result", title=title), lang="")
    return told


def _column(path: tuple[str, ...], table: Table | None) -> Iterator[str]:
    """Yield the column of a cell by its place: by number in a row that is a list, by name in one that is a map."""
    if len(path) < 5 or table is None:
        return
    columns = [*table.inputs, *table.outputs]
    if path[4].isdigit():
        yield from columns[int(path[4]) :][:1]
    elif path[4] in columns:
        yield path[4]


# Gaps, overlaps and rows that never hit -------------------------------------------------------------------------------


def _seen_from(finding: TableFinding, fresh: frozenset[int]) -> TableFinding:
    """Return a finding about two rows as one about the row that was typed, where the other one was there before."""
    row, others = finding.row, finding.others
    if finding.kind not in _MUTUAL or row is None or len(others) != 1:
        return finding
    is_other = others[0].number - 1 in fresh and row.number - 1 not in fresh
    return replace(finding, row=others[0], others=(row,)) if is_other else finding


def _from_finding(table: Table, finding: TableFinding) -> Iterator[Told]:
    is_error = KINDS[PROBLEMS[finding.kind]].severity == "error"
    if finding.kind == "gap":
        for example in finding.examples:
            cells = [cell_of(example[key], column) if key in example else ANY for key, column in table.inputs.items()]
            yield Told(t("table.gap", example=_example_words(table, example)), is_error, gap=tuple(cells))
        return
    if finding.row is None:
        yield Told(t("table.unfinished"), is_error)
        return
    example = finding.examples[0] if finding.examples else {}
    columns = (finding.cell.column,) if finding.cell is not None else tuple(example)
    words = t(
        f"table.{finding.kind}",
        other=_named(finding.others),
        example=_example_words(table, example) if example else "",
    )
    yield Told(
        words=words,
        is_error=is_error,
        row=finding.row.number - 1,
        others=tuple(row.number - 1 for row in finding.others) if len(finding.others) <= MOST_NAMED else (),
        columns=columns,
        line=finding.row.place.line,
        more=_results_words([*finding.others, finding.row]) if finding.kind in _SAY_RESULTS else "",
    )


def _results_words(rows: Sequence[TableRow]) -> str:
    """Return what rows give: ``Row 3 gives manager, 2; row 4 gives director, 1.``"""
    said = [
        t("table.gives", row=_row_words([row]), results=[result.text or "–" for result in row.results])
        for row in sorted(rows, key=lambda row: row.number)
    ]
    return t("table.sentence", words=t("table.semicolon").join([said[0][:1].upper() + said[0][1:], *said[1:]]))


def _named(rows: Sequence[TableRow]) -> str:
    if len(rows) > MOST_NAMED:
        return t("table.rows_that_come_first", count=len(rows))
    return _row_words(rows) if rows else ""


def _row_words(rows: Sequence[TableRow]) -> str:
    """Return rows by their numbers, with their keys where they have some: ``row 3``, ``rows 3 and 5``."""
    names = [f"{row.number} ({row.key})" if has_name(row) else str(row.number) for row in rows]
    return t("table.rows_named", count=len(names), names=_joined(names))


def has_name(row: TableRow) -> bool:
    """Tell whether somebody named a row: what a new row is called until then says nothing."""
    return row.has_key and row.key != f"row_{row.number}"


def _example_words(table: Table, example: Mapping[str, Value]) -> str:
    """Return inputs with their values, as the columns are called: ``total 10 000 with tier silver``."""
    parts = [f"{_title(table, key)} {_value(table, key, value)}" for key, value in example.items()]
    return parts[0] if len(parts) == 1 else t("table.with", first=parts[0], others=_joined(parts[1:]))


def _value(table: Table, key: str, value: Value) -> str:
    return t("value.empty") if value is None else value_words(value, table.inputs[key].field)


def _title(table: Table, key: str) -> str:
    return in_sentence(table.inputs[key].title.say(current_language()))


def _joined(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return t("table.and", first=t("table.comma").join(words[:-1]), last=words[-1])
