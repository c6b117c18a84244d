"""`blankett check` and `blankett schema`: what an author needs while writing a blueprint."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from blankett.cli.storage import fail
from blankett.engine.language.problems import Problem, Report


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
def check(files: tuple[Path, ...], as_json: bool, strict: bool) -> None:
    """Check blueprint FILES and print every problem.

    Exits with 0 when there are none (warnings are allowed unless --strict), with 1 when there are.
    """
    found = {str(file): check_file(file) for file in files}
    if as_json:
        click.echo(json.dumps([as_data(name, problem) for name in found for problem in found[name]], indent=2))
    else:
        for name, problems in found.items():
            for problem in problems:
                click.echo(problem.line(name))
        click.echo(problem_counts(found), err=True)
    fails = any(problem.is_error or strict for problems in found.values() for problem in problems)
    sys.exit(1 if fails else 0)


def check_file(file: Path) -> tuple[Problem, ...]:
    """Return the problems of one file."""
    from blankett.engine.checks import check_blueprint
    from blankett.engine.language.yaml_reader import decode

    report = Report()
    text = decode(file.read_bytes(), file.name, report)
    return report.finished() if text is None else check_blueprint(text, file=file.name).problems


def read_source(file: Path) -> str:
    """Return the text of the file; end the command with its place when it is no UTF-8."""
    from blankett.engine.language.yaml_reader import decode

    report = Report()
    text = decode(file.read_bytes(), file.name, report)
    if text is None:
        fail("\n".join(problem.line(str(file)) for problem in report.finished()), status=1)
    return text


def as_data(file: str, problem: Problem) -> dict[str, object]:
    """Return a problem as the JSON output shows it; lines and columns count from 1."""
    return {
        "file": file,
        "line": problem.place.line,
        "column": problem.place.column,
        "id": problem.id,
        "severity": problem.severity,
        "message": problem.message,
        "suggestion": problem.suggestion,
        "path": list(problem.place.path),
    }


def problem_counts(found: dict[str, tuple[Problem, ...]]) -> str:
    """Return ``2 files, 1 problem, 3 warnings``."""
    every = [problem for problems in found.values() for problem in problems]
    errors = sum(problem.is_error for problem in every)
    counts = [(len(found), "file"), (errors, "problem"), (len(every) - errors, "warning")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the language, for editors."""
    from blankett.engine.language.json_schema import make_schema

    click.echo(json.dumps(make_schema(), indent=2, ensure_ascii=False))
