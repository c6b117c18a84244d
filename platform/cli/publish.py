"""`blankett publish`: make a blueprint file the next version of its blueprint, or say what stands in the way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blankett.cli.storage import database_option, fail, open_store, the_actor, the_organisation, the_workspace

if TYPE_CHECKING:
    from blankett.engine.access import Actor
    from blankett.engine.publish import Obstacle, Publication, Published, Refused
    from blankett.engine.store import Store


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", metavar="NAME", help="Where a blueprint that is not there yet belongs: title or id.")
@click.option("--note", default="", help="Why; shown in the list of versions.")
@click.option("--move", is_flag=True, help="Move the open records that fit to the new version; otherwise they stay.")
@click.option("--as", "email", metavar="EMAIL", help="In whose name; the first administrator's unless told.")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def publish(
    file: Path,
    workspace: str | None,
    note: str,
    move: bool,
    email: str | None,
    organisation: str | None,
    database: str | None,
) -> None:
    """Publish blueprint FILE.

    Exits with 0 when it is a version now, with 1 when something stands in the way (then nothing was written), with 2
    when the command cannot be understood.
    """
    from blankett.engine.publish import Publication, Published

    with open_store(database) as store:
        with store.reading() as reading:
            organisation = the_organisation(reading, organisation)
            actor = the_actor(reading, organisation, email)
            room = the_workspace(reading, organisation, workspace).id if workspace else ""
        publication = Publication(source=_text(file), workspace=room, move="move" if move else "stay", note=note)
        answer = _publish(store, actor, publication)
    if isinstance(answer, Published):
        click.echo(_done(answer))
        return
    for line in refusal_lines(str(file), answer, bool(workspace)):
        click.echo(line)
    sys.exit(1)


def _publish(store: Store, actor: Actor, publication: Publication) -> Published | Refused:
    from datetime import UTC, datetime

    from blankett.engine.publish import Publisher
    from blankett.engine.runtime import Engine

    return Publisher(Engine(store, lambda: datetime.now(UTC))).publish(actor, publication)


def _text(file: Path) -> str:
    """Return the text of the file; end the command with its place when it is no UTF-8."""
    from blankett.engine.blueprint.reader import decode
    from blankett.engine.problems import Report

    report = Report()
    text = decode(file.read_bytes(), file.name, report)
    if text is None:
        fail("\n".join(problem.line(str(file)) for problem in report.finished()), status=1)
    return text


def _done(answer: Published) -> str:
    parts = [(answer.followed, "followed"), (answer.moved, "moved"), (answer.stayed, "stay on their version")]
    told = ", ".join(f"{count} record{'' if count == 1 else 's'} {words}" for count, words in parts if count)
    return f"{answer.blueprint} version {answer.number} is published{': ' + told if told else ''}."


def refusal_lines(file: str, refused: Refused, has_workspace: bool) -> Iterator[str]:
    """Yield what stands in the way: problems and scenarios with their places, then everything else in words."""
    from blankett.cli.test import mismatch_lines

    yield from (problem.line(file) for problem in refused.problems if problem.is_error)
    report = refused.scenarios
    failed = (
        () if report is None else (*report.samples, *(wrong for each in report.results for wrong in each.mismatches))
    )
    for wrong in failed:
        yield from mismatch_lines(file, wrong)
    for obstacle in refused.obstacles:
        yield from obstacle_lines(obstacle)
        if obstacle.message == "publish.no_such_workspace" and not has_workspace:
            yield "Say where the blueprint belongs with --workspace."


def obstacle_lines(obstacle: Obstacle) -> Iterator[str]:
    """Yield an obstacle in English, and below it the records that are examples."""
    from blankett.engine.publish import Reason
    from blankett.words import say

    params = dict(obstacle.params)
    reason = params.get("reason")
    if isinstance(reason, Reason):
        params["reason"] = say("en", reason.message, title=reason.title, value=reason.value)
    yield say("en", obstacle.message, **params)
    yield from (f"  {example.number or example.id} {example.title}" for example in obstacle.examples)
