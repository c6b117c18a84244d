"""`blankett publish`: make a blueprint file the next version of its blueprint, or say what stands in the way."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blankett.cli.check import read_source
from blankett.cli.storage import database_option, fail, open_store, the_actor, the_organisation, the_workspace

if TYPE_CHECKING:
    from blankett.engine.access import Actor
    from blankett.engine.publish import Move, MoveReason, Obstacle, Preview, Published, Publisher, Refused
    from blankett.engine.publish.impact import Impact
    from blankett.engine.publish.kept_calendars import KeptCalendar
    from blankett.engine.publish.late_fields import LateField
    from blankett.engine.publish.role_holders import RoleGift
    from blankett.engine.publish.rollout import Rollout
    from blankett.engine.publish.stranded_records import Stranded
    from blankett.engine.store import Store

#: What becomes of open records, as the command says it.
MOVES: Mapping[Move, str] = {"stay": "Without --move", "move": "With --move"}

MOVE_HELP = (
    "Move the open records that fit to the new version; otherwise they stay. When FILE is the newest version already: "
    "move those that keep an older one."
)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--workspace", metavar="NAME", help="Where a blueprint that is not there yet belongs: title or id.")
@click.option("--note", default="", help="Why; shown in the list of versions.")
@click.option("--move", is_flag=True, help=MOVE_HELP)
@click.option("--preview", is_flag=True, help="Only say what it would do to the records that exist; do nothing.")
@click.option(
    "--becomes",
    "mapped",
    multiple=True,
    metavar="GONE=NOW",
    help="What becomes of a state or option that is gone: order.review=checking. Written into FILE; may be repeated.",
)
@click.option("--resume", is_flag=True, help="Without FILE: go on with what interrupted publishes left to be done.")
@click.option("--as", "email", metavar="EMAIL", help="In whose name; the first administrator's unless told.")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def publish(
    file: Path | None,
    workspace: str | None,
    note: str,
    move: bool,
    preview: bool,
    mapped: tuple[str, ...],
    resume: bool,
    email: str | None,
    organisation: str | None,
    database: str | None,
) -> None:
    """Publish blueprint FILE.

    What becomes of the records is done behind it, step by step. A command that is interrupted leaves the rest to
    `blankett serve`, or to `blankett publish --resume`.

    Exits with 0 when it is a version now, with 1 when something stands in the way (then nothing was written), with 2
    when the command cannot be understood.
    """
    from blankett.engine.publish import Publication, Published, Refused
    from blankett.engine.publish.rollout import PAUSE, Pace

    if (file is None) != resume:
        raise click.UsageError("Say which FILE is to be published, or --resume without one.")
    with open_store(database) as store:
        with store.reading() as reading:
            organisation = the_organisation(reading, organisation)
            actor = the_actor(reading, organisation, email)
            room = the_workspace(reading, organisation, workspace).id if workspace else ""
        publisher = _publisher(store)
        if file is None:
            resume_rollouts(publisher, organisation)
            return
        if mapped:
            map_ended(publisher, actor, file, mapped)
        if preview:
            show_preview(publisher, actor, file, room, move=move)
            return
        publication = Publication(source=read_source(file), workspace=room, move="move" if move else "stay", note=note)
        answer = publisher.publish(actor, publication, Pace(pause=PAUSE, on_step=tell_step))
        if move and isinstance(answer, Refused) and (key := published_already(answer)):
            move_left_behind(publisher, actor, key)
            return
        if isinstance(answer, Published) and not answer.rollout.is_done:
            rollout = publisher.finish(answer.rollout.row, Pace(pause=PAUSE, on_step=tell_step))
            answer = replace(answer, rollout=rollout)
    if isinstance(answer, Published):
        click.echo(_done(answer))
        _echo(staying_lines(answer.rollout))
        _echo(stranded_lines(answer.stranded))
        _echo(gift_lines(answer.gifts))
        _echo(calendar_lines(answer.calendars))
        return
    _echo(refusal_lines(str(file), answer, bool(workspace)))
    sys.exit(1)


def show_preview(publisher: Publisher, actor: Actor, file: Path, room: str, *, move: bool) -> None:
    """Say what publishing FILE would do; end the command where it could not be published."""
    from blankett.engine.publish import Preview

    found = publisher.preview(actor, None, read_source(file), room)
    if isinstance(found, Preview):
        _echo(preview_lines(found))
    elif move and (key := published_already(found)):
        preview_move(publisher, actor, key)
    else:
        _echo(refusal_lines(str(file), found, bool(room)))
        sys.exit(1)


def _publisher(store: Store) -> Publisher:
    from datetime import UTC, datetime

    from blankett.engine.publish import Publisher
    from blankett.engine.records import Engine

    return Publisher(Engine(store, lambda: datetime.now(UTC)))


def tell_step(rollout: Rollout) -> None:
    """Tell how far a rollout is that takes many steps."""
    from blankett.engine.publish.rollout import PIECE

    if rollout.total > PIECE:
        click.echo(_progress(rollout))


def _progress(rollout: Rollout) -> str:
    row, progress = rollout.row, rollout.progress
    if progress.phase == "move":
        told = f"{rollout.looked_at:,} of {rollout.total:,} records moved or looked at"
    else:
        told = f"{rollout.looked_at:,} records moved or looked at; slots and titles of {progress.filled:,} written"
    return f"{row.blueprint} version {row.number}: {told}"


def resume_rollouts(publisher: Publisher, organisation: str) -> None:
    """Go on with what interrupted publishes left to be done, and say what was done."""
    from blankett.engine.publish.rollout import PAUSE, Pace

    ended: dict[tuple[str, str, int], Rollout] = {}

    def tell(rollout: Rollout) -> None:
        tell_step(rollout)
        if rollout.is_done:
            ended[rollout.row.key] = rollout

    pace = Pace(pause=PAUSE, on_step=tell)
    for held in publisher.resume(organisation, pace):
        publisher.finish(held, pace)
    for rollout in ended.values():
        click.echo(_rolled_out(rollout))
        _echo(staying_lines(rollout))
    if not ended:
        click.echo("Nothing is left to be done.")


def published_already(refused: Refused) -> str | None:
    """Return the key of the blueprint whose newest version has the very text that was to be published."""
    found = (each.params["key"] for each in refused.obstacles if each.message == "publish.nothing_changed")
    return next((str(key) for key in found), None)


def move_left_behind(publisher: Publisher, actor: Actor, key: str) -> None:
    """Take the records that keep an older version to the newest one, and say what was done; end with 1 if refused."""
    from blankett.engine.publish import Refused
    from blankett.engine.publish.rollout import PAUSE, Pace

    pace = Pace(pause=PAUSE, on_step=tell_step)
    found = publisher.move_left_behind(actor, key, pace)
    if isinstance(found, Refused):
        _echo(line for obstacle in found.obstacles for line in obstacle_lines(obstacle))
        sys.exit(1)
    if not found.is_done:
        found = publisher.finish(found.row, pace)
    click.echo(_rolled_out(found))
    _echo(staying_lines(found))


def preview_move(publisher: Publisher, actor: Actor, key: str) -> None:
    """Say what moving the records that keep an older version would do; end with 1 if it is refused."""
    from blankett.engine.publish.results import Refused

    found = publisher.preview_left_behind(actor, key)
    if isinstance(found, Refused):
        _echo(line for obstacle in found.obstacles for line in obstacle_lines(obstacle))
        sys.exit(1)
    click.echo(f"Records that keep an older version of {key}, held against version {found.number}:")
    _echo(impact_lines(found.impact, is_later=True))
    for title in found.not_filled:
        click.echo(f"What lists show of {title.say('en')} would be written anew.")


def _rolled_out(rollout: Rollout) -> str:
    progress = rollout.progress
    told = _counted(progress.followed, progress.moved, progress.stayed)
    return f"{rollout.row.blueprint} version {rollout.row.number} is rolled out{told}."


def staying_lines(rollout: Rollout) -> Iterator[str]:
    """Yield why records stay on the version they have, with some of each."""
    for form, found in rollout.progress.staying.items():
        for each in found.values():
            words = f"{each.count:,} records of {form} stay" if each.count != 1 else f"1 record of {form} stays"
            yield f"{words}, because: {_reason(each.reason)}"
            yield from (f"  {example.number or example.id} {example.title}" for example in each.examples)


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def map_ended(publisher: Publisher, actor: Actor, file: Path, mapped: tuple[str, ...]) -> None:
    """Write into *file* what becomes of states and options that are gone; end the command when one is not gone."""
    from blankett.engine.publish import Preview
    from blankett.engine.publish.retirement import remedies_of, with_remedy

    source = read_source(file)
    found = publisher.preview(actor, None, source)
    remedies = remedies_of(found.impact) if isinstance(found, Preview) else {}
    for word in mapped:
        name, _, becomes = word.partition("=")
        remedy = remedies.get(name)
        if remedy is None:
            known = ", ".join(sorted(remedies)) or "nothing"
            fail(f"No record holds {name!r} that is gone in {file}; what is gone and still held: {known}.")
        if becomes not in remedy.choices:
            fail(f"{name!r} cannot become {becomes!r}: choose one of {', '.join(sorted(remedy.choices))}.")
        source = with_remedy(source, remedy, becomes)
    file.write_text(source, encoding="utf-8")


def preview_lines(preview: Preview) -> Iterator[str]:
    """Yield what a publish would do to the records that exist."""
    changes = f"{len(preview.changes):,} thing{'' if len(preview.changes) == 1 else 's'}"
    yield f"{preview.blueprint.key} version {preview.number} would change {changes}."
    yield from impact_lines(preview.impact)
    yield from late_lines(preview.late)
    yield from gift_lines(preview.gifts)
    yield from calendar_lines(preview.calendars)
    for move, words in MOVES.items():
        told = [line for obstacle in preview.obstacles[move] for line in obstacle_lines(obstacle)]
        told += stranded_lines(preview.stranded[move])
        if told:
            yield f"{words}:"
            yield from (f"  {line}" for line in told)


def impact_lines(impact: Impact, *, is_later: bool = False) -> Iterator[str]:
    """Yield what becomes of the records of each form; *is_later*: the version was published before."""
    for form in impact.forms:
        title = form.title.say("en")
        counts = [
            (form.unaffected, "need not move"),
            (form.can_move, "move with the publish" if form.follows and not is_later else "can move"),
            (form.must_stay, "hold it up" if form.follows and not is_later else "must stay"),
            (form.finished, "have ended"),
        ]
        yield f"{title}: " + (", ".join(f"{count} {words}" for count, words in counts if count) or "no records")
        for reason, found in form.staying.items():
            yield f"  {found.count}: {_reason(reason)}"
            yield from (f"    {each.number or each.id} {each.title}" for each in found.examples)
            if found.remedy is not None and not is_later:
                choices = ", ".join(found.remedy.choices)
                yield f"    Say where they go: --becomes {found.remedy.name}=… (one of {choices})"


def late_lines(late: Iterable[LateField]) -> Iterator[str]:
    """Yield the fields in which formulas find nothing until the records have followed."""
    from blankett.words import say

    yield from (say("en", "publish.late_field", form=of.form, field=of.field, count=of.count) for of in late)


def gift_lines(gifts: Iterable[RoleGift]) -> Iterator[str]:
    """Yield the roles that people hold already, so that their rights are those people's at once."""
    from blankett.words import say

    for gift in gifts:
        people = ", ".join(
            [*gift.people, *([f"{gift.count - len(gift.people)} more"] if gift.count > len(gift.people) else [])]
        )
        message = "publish.role_wider" if gift.forms else "publish.role_gift"
        forms = [title.say("en") for title in gift.forms]
        yield say("en", message, role=gift.title, key=gift.key, count=gift.count, people=people, forms=forms)
        if gift.blueprints:
            yield "  " + say("en", "publish.role_shared", blueprints=[title.say("en") for title in gift.blueprints])


def calendar_lines(found: Iterable[KeptCalendar]) -> Iterator[str]:
    """Yield the calendars that the organisation keeps otherwise than the text says."""
    from blankett.words import say

    yield from (say("en", "publish.calendar_kept", title=of.title, key=of.key, parts=list(of.parts)) for of in found)


def stranded_lines(found: Iterable[Stranded]) -> Iterator[str]:
    """Yield the records that nobody could open or act on."""
    from blankett.words import say

    for one in found:
        words = say("en", one.message, form=one.form, state=one.state, version=one.version)
        yield f"{words} {one.count} record{'' if one.count == 1 else 's'}:"
        yield from (f"  {each.number or each.id} {each.title}" for each in one.examples)


def _done(answer: Published) -> str:
    told = _counted(answer.followed, answer.moved, answer.stayed)
    return f"{answer.blueprint} version {answer.number} is published{told}."


def _counted(followed: int, moved: int, stayed: int) -> str:
    staying = "stays on its version" if stayed == 1 else "stay on their version"
    counts = [(followed, "followed"), (moved, "moved"), (stayed, staying)]
    told = ", ".join(f"{count:,} record{'' if count == 1 else 's'} {words}" for count, words in counts if count)
    return f": {told}" if told else ""


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
    from blankett.engine.publish import MoveReason
    from blankett.words import say

    params = dict(obstacle.params)
    reason = params.get("reason")
    if isinstance(reason, MoveReason):
        params["reason"] = _reason(reason)
    yield say("en", obstacle.message, **params)
    yield from (f"  {example.number or example.id} {example.title}" for example in obstacle.examples)


def _reason(reason: MoveReason) -> str:
    from blankett.words import say

    return say("en", reason.message, title=reason.title, value=reason.value)
