"""`blankett table`: decision tables to spreadsheets and DMN and back, and tried out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from blankett.cli.check import as_data, read_source
from blankett.cli.storage import fail

if TYPE_CHECKING:
    from blankett.engine.exchange.file_tables import FileTables
    from blankett.engine.exchange.table_diff import RowChange
    from blankett.engine.exchange.table_import import Import, Imports
    from blankett.engine.exchange.table_sheet import Origin
    from blankett.engine.fields.base import Fault
    from blankett.engine.language.loader import Loaded
    from blankett.engine.language.model import Blueprint, Table
    from blankett.engine.language.problems import Problem
    from blankett.forms.table_tryout import TableTried, TriedRow

BLUEPRINT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def table() -> None:
    """Take decision tables to spreadsheets and DMN, bring them back, try them out."""


@table.command()
@click.argument("file", type=BLUEPRINT)
@click.argument("table")
@click.option("--to", "target", required=True, metavar="NEW", help="The file to write: name.xlsx or name.dmn.")
def export(file: Path, table: str, target: str) -> None:
    """Write TABLE of blueprint FILE, or all its tables ("all"), as a spreadsheet or as DMN.

    Exits with 0 when the file is written, with 1 when the blueprint has problems, with 2 when the command cannot be
    understood.
    """
    from blankett.engine.exchange import export_dmn, export_xlsx, left_out

    blueprint = _load(file)
    tables = blueprint.tables
    chosen = list(tables.values()) if table == "all" and tables else [_find(blueprint, file, table)]
    ending = target.rpartition(".")[2].lower()
    if ending not in ("xlsx", "dmn", "xml"):
        raise click.UsageError(f"{target!r} is neither a spreadsheet (.xlsx) nor DMN (.dmn, .xml).")
    title = next(iter(blueprint.title.by_language.values()))
    data = export_xlsx(chosen) if ending == "xlsx" else export_dmn(chosen, title)
    Path(target).write_bytes(data)
    left = [(_words(fault), each.key) for each in chosen for fault in left_out(each)]
    for words in dict.fromkeys(words for words, _key in left):
        keys = ", ".join(key for other, key in left if other == words)
        click.echo(f"{keys}: not in the file: {words}", err=True)
    click.echo(f"{target}: {', '.join(each.key for each in chosen)}")


@table.command("import")
@click.argument("file", type=BLUEPRINT)
@click.argument("table")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "name", default="", metavar="NAME", help="The table of SOURCE that is meant, by key or title.")
@click.option(
    "--column",
    "said",
    multiple=True,
    metavar="HEADING=KIND",
    help="What a column of a plain sheet is: in, out, note or none, and its type: --column 'Amount=in money'.",
)
@click.option("--hit", default="", metavar="POLICY", help="Of a plain sheet: what is done when several rows hit.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--json", "as_json", is_flag=True, help="Print what changes and the problems as JSON.")
def import_(
    file: Path, table: str, source: Path, name: str, said: tuple[str, ...], hit: str, dry_run: bool, as_json: bool
) -> None:
    """Bring TABLE, or all tables ("all"), from the spreadsheet or DMN file SOURCE into blueprint FILE.

    Only what is different is written; a table that is not there yet is added. Of all tables, those that cannot be
    taken in are told, and the others come in. Of a sheet that was not exported by Blankett it is guessed what its
    columns are, and told. Exits with 0 when that is done, or would be, with 1 when SOURCE cannot be
    read, the blueprint would have problems (then nothing was written) or a table was left out, with 2 when the command
    cannot be understood.
    """
    from blankett.engine.checks import check_blueprint
    from blankett.engine.language.model import KEY

    if not KEY.match(table):
        raise click.UsageError(f"{table!r} cannot be the key of a table: small letters, digits and _.")
    found = _answered(source, _read_source(source), said, hit)
    if table == "all" and not name:
        _import_all(file, source, found, dry_run=dry_run, as_json=as_json)
    done = _import(file, table, source, found, name)
    loaded = check_blueprint(done.text, file=file.name)
    is_sound = loaded.blueprint is not None
    if as_json:
        click.echo(json.dumps(_import_data(file, done, loaded.problems), indent=2, ensure_ascii=False))
    else:
        for line in (*_file_lines(source, found), *_import_lines(file, source, done, loaded.problems)):
            click.echo(line)
    if is_sound and done.is_change and not dry_run:
        _write(file, done.text)
    sys.exit(0 if is_sound else 1)


@table.command("try")
@click.argument("file", type=BLUEPRINT)
@click.argument("table")
@click.argument("inputs", nargs=-1, metavar="[INPUT=VALUE]…")
@click.option("--json", "as_json", is_flag=True, help="Print the trace as JSON.")
def try_(file: Path, table: str, inputs: tuple[str, ...], as_json: bool) -> None:
    """Say which row of TABLE in blueprint FILE hits for the inputs, and why each other row does not.

    Values are written as in a blueprint: 12400.50, 2026-01-31, yes, an option's key; an input that is not named is
    empty. Exits with 0 when a row hits or the default is given, with 1 when nothing is given or the blueprint has
    problems, with 2 when the command cannot be understood.
    """
    from blankett.engine.fields.reader import Reader
    from blankett.forms.table_tryout import read_api_inputs, try_table

    found = _find(_load(file), file, table)
    values, faults = read_api_inputs(found, _typed(found, inputs))
    if faults:
        raise click.UsageError(" ".join(f"{key}: {_words(fault)}" for key, fault in faults.items()))
    tried = try_table(found, values, Reader.of_language("en"))
    if as_json:
        click.echo(json.dumps(asdict(tried.trace), indent=2, ensure_ascii=False, default=_plain))
    else:
        for line in _tried_lines(file, tried):
            click.echo(line)
    sys.exit(0 if tried.trace.outcome in ("rows", "default") else 1)


# Steps --------------------------------------------------------------------------------------------------------------


def _load(file: Path) -> Blueprint:
    """Return the blueprint of a file; print the problems that keep it from running and end the command."""
    from blankett.engine.checks import check_blueprint

    loaded = check_blueprint(read_source(file), file=file.name)
    if loaded.blueprint is None:
        for problem in loaded.problems:
            if problem.is_error:
                click.echo(problem.line(str(file)))
        sys.exit(1)
    return loaded.blueprint


def _find(blueprint: Blueprint, file: Path, key: str) -> Table:
    from blankett.engine.language.problems import suggest

    tables = blueprint.tables
    if key in tables:
        return tables[key]
    meant = suggest(key, tables)
    known = (
        f" Did you mean {meant!r}?" if meant else f" It has {', '.join(tables)}." if tables else " It has no tables."
    )
    raise click.UsageError(f"{file} has no table {key!r}.{known}")


def _typed(table: Table, inputs: Sequence[str]) -> dict[str, str]:
    """Return {input: what was typed}; end the command where an argument is none."""
    from blankett.engine.language.problems import suggest

    typed: dict[str, str] = {}
    for argument in inputs:
        key, sign, text = argument.partition("=")
        if not sign or key not in table.inputs:
            meant = suggest(key, table.inputs)
            hint = f"Did you mean {meant!r}?" if meant else f"The inputs are {', '.join(table.inputs)}."
            raise click.UsageError(f"{argument!r} is no input=value of {table.key!r}. {hint}")
        typed[key] = text
    return typed


def _read_source(source: Path) -> FileTables:
    """Return the tables of a file; end the command where it cannot be read."""
    from blankett.engine.exchange.table_import import read_file
    from blankett.engine.fields.base import Fault

    found = read_file(source.read_bytes(), source.name)
    if isinstance(found, Fault):
        fail(f"{source}: {_words(found)}", status=1)
    return found


def _answered(source: Path, found: FileTables, said: Sequence[str], hit: str) -> FileTables:
    """Return *found* with its plain sheets as tables, and say what their columns are taken for."""
    from blankett.engine.exchange.plain_sheet import ROLES, TYPES, ColumnAnswer
    from blankett.engine.feel import HITS

    if hit and hit not in HITS:
        raise click.UsageError(f"{hit!r} is no hit policy; it is one of {', '.join(HITS)}.")
    columns = {}
    for argument in said:
        heading, _sign, kind = argument.rpartition("=")
        role, _blank, type_ = kind.strip().partition(" ")
        chosen = next((each for each in ROLES if each == role), None)
        if not heading or chosen is None or (type_ and type_ not in TYPES):
            raise click.UsageError(
                f"{argument!r} does not say what a column is: HEADING=KIND with {', '.join(ROLES)}, "
                f"and a type of {', '.join(TYPES)}."
            )
        columns[heading.strip()] = ColumnAnswer(chosen, type_)
    headings = {plain.heading(at).casefold() for plain in found.plain for at in plain.places}
    unknown = [heading for heading in columns if heading.casefold() not in headings]
    if unknown:
        raise click.UsageError(f"{source} has no plain sheet with the column {unknown[0]!r}.")
    answers = found.guessed(columns, hit)
    for plain in found.plain:
        taken = [
            f"“{answer.title}” {answer.role}{f' {answer.type}' if answer.role in ('in', 'out') else ''}"
            for answer in answers[plain.name].columns
        ]
        click.echo(
            f"{source}: sheet “{plain.name}” is read as hit {answers[plain.name].hit}: {', '.join(taken)}", err=True
        )
    return found.answered(answers)


def _import(file: Path, table: str, source: Path, found: FileTables, name: str) -> Import:
    """Return the blueprint's text with a table of *found*; end the command where that cannot be."""
    from blankett.engine.checks import check_blueprint
    from blankett.engine.exchange.table_import import choose_sheet, import_table
    from blankett.engine.fields.base import Fault

    text = read_source(file)
    sheet = choose_sheet(found, table, name)
    if isinstance(sheet, Fault):
        fail("\n".join([*_file_lines(source, found), f"{source}: {_words(sheet)}"]), status=1)
    partial = check_blueprint(text, file=file.name).partial
    done = import_table(text, sheet, partial.tables if partial is not None else {})
    if isinstance(done, Fault):
        fail(f"{file}: {_words(done)}", status=1)
    return done


def _import_all(file: Path, source: Path, found: FileTables, *, dry_run: bool, as_json: bool) -> NoReturn:
    """Bring every table of *found* in that can come in, tell of the others, and end the command."""
    from blankett.engine.checks import check_blueprint
    from blankett.engine.exchange.table_import import import_tables

    text = read_source(file)
    partial = check_blueprint(text, file=file.name).partial
    tables = partial.tables if partial is not None else {}
    made = import_tables(text, found.sheets, tables, lambda changed: check_blueprint(changed, file=file.name).problems)
    loaded = check_blueprint(made.text, file=file.name)
    is_sound = loaded.blueprint is not None
    if as_json:
        click.echo(json.dumps(_all_data(file, found, made, loaded), indent=2, ensure_ascii=False))
    else:
        for line in _all_lines(file, source, found, made, loaded):
            click.echo(line)
    if is_sound and made.text != text and not dry_run:
        _write(file, made.text)
    is_whole = is_sound and not (made.left or made.faults or found.refused)
    sys.exit(0 if is_whole else 1)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    click.echo(f"{file} is written.", err=True)


# In words -----------------------------------------------------------------------------------------------------------


def _words(fault: Fault) -> str:
    from blankett.words import say

    return say("en", fault.message, **fault.params)


def _where(origin: Origin) -> str:
    return origin.cell if origin.cell else f"line {origin.line}"


def _file_lines(source: Path, found: FileTables) -> Iterator[str]:
    """Yield what of a file is passed over."""
    yield from (f"{source}: {_words(remark)}" for remark in found.remarks)
    yield from (f"{source}: “{each.name}” is not taken in: {_words(each.fault)}" for each in found.refused)


def _all_lines(file: Path, source: Path, found: FileTables, made: Imports, loaded: Loaded) -> Iterator[str]:
    yield from _file_lines(source, found)
    for left, problems in made.left:
        yield from _remark_lines(source, left)
        yield f"{source}: “{left.sheet.title or left.key}” is not taken in:"
        yield from (line for problem in problems for line in _problem_lines(file, source, left, problem))
    yield from (f"{file}: {_words(fault)}" for _key, fault in made.faults)
    for done in made.done:
        yield from _import_lines(file, source, done, [each for each in loaded.problems if _is_of(each, done)])
    others = [each for each in loaded.problems if each.is_error and not any(_is_of(each, done) for done in made.done)]
    yield from (problem.line(str(file)) for problem in others)


def _is_of(problem: Problem, done: Import) -> bool:
    return tuple(problem.place.path[:2]) == ("tables", done.key)


def _import_lines(file: Path, source: Path, done: Import, problems: Iterable[Problem]) -> Iterator[str]:
    yield from _remark_lines(source, done)
    yield from (f"{change.name}: {change.before or '(none)'} -> {change.after or '(none)'}" for change in done.head)
    yield from (line for change in done.rows for line in _row_lines(change))
    counts = [f"{done.count(kind)} {kind}" for kind in ("added", "removed", "changed", "moved") if done.count(kind)]
    is_head = ["the columns or the head change"] if done.head else []
    if done.is_new:
        count = len(done.sheet.rows)
        yield f"{done.key}: a new table with {count} {'row' if count == 1 else 'rows'}"
    else:
        yield f"{done.key}: {', '.join([*is_head, *counts]) or 'nothing changes'}"
    for problem in problems:
        yield from _problem_lines(file, source, done, problem)


def _remark_lines(source: Path, done: Import) -> Iterator[str]:
    """Yield what of a table's file is not taken over as it stands, or read otherwise than it looks."""
    yield from (f"{source}: {_words(remark)}" for remark in done.remarks)
    for each in done.sheet.readings:
        doubt = "; it could mean something else" if each.is_doubtful else ""
        yield f"{source}: {each.cell}: “{each.shown}” is read as {each.read}{doubt}"


def _problem_lines(file: Path, source: Path, done: Import, problem: Problem) -> Iterator[str]:
    """Yield a problem with its place in the file; of warnings those of the rows, the others are not of its making."""
    from blankett.engine.exchange.table_import import origin_of

    origin = origin_of(problem.place.path, done)
    is_of_rows = origin is not None and problem.place.path[2:3] == ("rows",)
    if problem.is_error or (is_of_rows and done.is_change):
        where = f" ({source.name}: {_where(origin)})" if origin is not None else ""
        yield f"{problem.line(str(file))}{where}"


def _row_lines(change: RowChange) -> Iterator[str]:
    name = f"row {change.number}{f' ({change.key})' if change.key else ''}"
    yield f"{change.kind}: {name}: {', '.join(change.row.texts)}"
    yield from (f"  {cell.name}: {cell.before or '(none)'} -> {cell.after or '(none)'}" for cell in change.cells)


def _all_data(file: Path, found: FileTables, made: Imports, loaded: Loaded) -> dict[str, object]:
    """Return what comes in and what does not as the JSON output shows it."""
    refused = [{"name": each.name, "table": each.key, "reason": _words(each.fault)} for each in found.refused]
    refused += [{"name": key, "table": key, "reason": _words(fault)} for key, fault in made.faults]
    of_tables = {done.key: [each for each in loaded.problems if _is_of(each, done)] for done in made.done}
    return {
        "tables": [_import_data(file, done, of_tables[done.key]) for done in made.done],
        "left": [_import_data(file, left, problems) for left, problems in made.left],
        "refused": refused,
        "remarks": [_words(remark) for remark in found.remarks],
    }


def _import_data(file: Path, done: Import, problems: Iterable[Problem]) -> dict[str, object]:
    """Return what changes as the JSON output shows it; rows count from 1."""
    from blankett.engine.exchange.table_import import origin_of

    def located(problem: Problem) -> dict[str, object]:
        origin = origin_of(problem.place.path, done)
        return {**as_data(str(file), problem), "origin": asdict(origin) if origin is not None else None}

    return {
        "table": done.key,
        "is_new": done.is_new,
        "head": [asdict(change) for change in done.head],
        "rows": [
            {
                "kind": change.kind,
                "number": change.number,
                "key": change.key,
                "texts": list(change.row.texts),
                "changes": [asdict(cell) for cell in change.cells],
            }
            for change in done.rows
        ],
        "remarks": [_words(remark) for remark in done.remarks],
        "readings": [asdict(each) for each in done.sheet.readings],
        "problems": [located(problem) for problem in problems],
    }


def _tried_lines(file: Path, tried: TableTried) -> Iterator[str]:
    yield tried.words
    for answer in tried.answers:
        yield "  " + ", ".join(f"{title}: {value}" for title, value in answer)
    for row in tried.rows:
        yield _tried_row(file, row)
        yield from (f"      {cell.words}" for cell in row.failing if row.state == "miss")


def _tried_row(file: Path, row: TriedRow) -> str:
    mark = {"hit": "=>", "match": " ~", "miss": "  "}[row.state]
    return f"{mark} row {row.number}{f' ({row.key})' if row.key else ''}, {file}:{row.line}: {row.words}"


def _plain(value: object) -> object:
    """Return what JSON has no words for: decimals and days as texts."""
    return str(value)
