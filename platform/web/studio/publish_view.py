"""What the pages of publishing share: the publisher, a blueprint's home, refusals in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.cancellation import Cancelled
from blankett.engine.language.model import Blueprint
from blankett.engine.language.problems import Problem
from blankett.engine.publish.impact import Example, Move
from blankett.engine.publish.impact_count import in_thread as count_beside
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.results import CountProgress, Obstacle, Preview, Refused
from blankett.engine.store import StoredBlueprint
from blankett.web.admin.workspace_tree import newest_blueprints, require_administering
from blankett.web.errors import error_page
from blankett.web.identity import current_language, current_reader, the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.studio.differences import (
    ShownChange,
    ShownImpact,
    ShownStranded,
    shown_calendars,
    shown_changes,
    shown_gifts,
    shown_impact,
    shown_rights,
    shown_stranded,
)
from blankett.web.studio.view import ShownReport, failures_of, run_all
from blankett.web.templating import long_time, t

#: Kind of refusal → status of the answer.
STATUS: Mapping[str, int] = {
    "problems": 422,
    "scenarios": 422,
    "records": 422,
    "invalid": 422,
    "stale": 409,
    "forbidden": 403,
    "missing": 404,
}

#: Errors that are told one by one where there is no room for all.
MOST_WRONG = 20

#: What becomes of open records → why it cannot be, when nothing stands in the way.
NOTHING_IN_THE_WAY: Mapping[Move, tuple[str, ...]] = {"stay": (), "move": ()}


@dataclass(frozen=True)
class Home:
    """A blueprint and the workspace it lives in."""

    row: StoredBlueprint
    #: As the newest version says, or the key of one never published.
    title: str
    #: Title of the workspace.
    room: str

    @property
    def key(self) -> str:
        """Return the blueprint's key."""
        return self.row.key


@dataclass(frozen=True)
class Content:
    """A form of a first version."""

    title: str
    icon: str
    fields: int
    states: int
    actions: int


@dataclass(frozen=True, kw_only=True)
class PublishSheet:
    """Everything the page of publishing says of a text."""

    #: The newest version, 0 for none, and the number the text would get.
    base: int
    number: int
    #: Of the text, so that what was seen is what is published.
    digest: str
    #: None when the text cannot be the next version, which `standing` explains.
    preview: Preview | None
    problems: tuple[Problem, ...]
    #: Why it cannot be published, whatever becomes of open records.
    standing: tuple[str, ...]
    #: None: they were not run.
    scenarios: ShownReport | None
    contents: tuple[Content, ...] = ()
    changes: tuple[ShownChange, ...] = ()
    #: Those of them that change who may do what.
    rights: tuple[ShownChange, ...] = ()
    forms: tuple[ShownImpact, ...] = ()
    #: Records that nobody could open or act on.
    stranded: tuple[ShownStranded, ...] = ()
    #: Roles that people hold already, in words: (who gets what, where else the role is).
    gifts: tuple[tuple[str, str], ...] = ()
    #: Calendars that the organisation keeps otherwise than the text says, in words.
    calendars: tuple[str, ...] = ()
    #: Fields in which formulas find nothing until the records have followed, in words.
    late: tuple[str, ...] = ()
    #: What becomes of open records → why it cannot be.
    obstacles: Mapping[Move, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType(NOTHING_IN_THE_WAY))

    @property
    def counting(self) -> CountProgress | None:
        """Return how far the count of the records is; None when they are counted."""
        return self.preview.counting if self.preview else None

    @property
    def open(self) -> int:
        """Return how many records of processes have not ended."""
        return self.preview.impact.open if self.preview else 0

    @property
    def finished(self) -> int:
        """Return how many have."""
        return self.preview.impact.finished if self.preview else 0

    @property
    def can_move(self) -> int:
        """Return how many open records would move, were it chosen."""
        return self.preview.impact.can_move if self.preview else 0

    @property
    def must_stay(self) -> int:
        """Return how many open records cannot."""
        return self.preview.impact.must_stay if self.preview else 0

    @property
    def is_choice(self) -> bool:
        """Tell whether there are open records to decide about."""
        return self.can_move > 0 or self.must_stay > 0

    @property
    def errors(self) -> int:
        """Return how many errors the text has."""
        return sum(problem.is_error for problem in self.problems)

    @property
    def warnings(self) -> int:
        """Return how many warnings the text has."""
        return len(self.problems) - self.errors

    @property
    def failed(self) -> int:
        """Return how many scenarios failed."""
        return self.scenarios.failed if self.scenarios else 0

    @property
    def clones(self) -> tuple[str, ...]:
        """Return the keys of the blueprints that were cloned from this one."""
        return self.preview.clones if self.preview else ()

    @property
    def is_blocked(self) -> bool:
        """Tell whether it cannot be published, whatever is chosen."""
        return bool(self.standing or self.failed) or all(self.obstacles.values())


def sheet_for(request_unit: RequestUnit, key: str, source: str, *, runs: bool = True) -> PublishSheet:
    """Return what the page of publishing says of *source* as the next version of *key*; *runs* runs its scenarios."""
    actor, language = the_actor(), current_language()
    preview = publisher(request_unit).preview(actor, key, source, waits=False)
    digest = hashlib.sha256(source.encode()).hexdigest()
    if isinstance(preview, Refused):
        reading = request_unit.reading
        base = reading.newest_versions(actor.organisation).get(key, 0)
        return PublishSheet(
            base=base,
            number=base + 1,
            digest=digest,
            preview=None,
            problems=preview.problems,
            standing=tuple(words for words, _ in refusal_words(preview)),
            scenarios=None,
        )
    return PublishSheet(
        base=preview.base,
        number=preview.number,
        digest=digest,
        preview=preview,
        problems=preview.problems,
        standing=(),
        scenarios=run_all(request_unit, source) if runs else None,
        contents=tuple(_contents(preview.blueprint, language)),
        changes=tuple(shown_changes(preview.changes)),
        rights=tuple(shown_rights(preview.changes, _newest(request_unit, key, preview.base), preview.blueprint)),
        forms=() if preview.counting else tuple(shown_impact(preview.impact, language)),
        stranded=tuple(shown_stranded(preview.stranded)),
        gifts=tuple(shown_gifts(preview.gifts)),
        calendars=tuple(shown_calendars(preview.calendars)),
        late=tuple(t("publish.late_field", form=of.form, field=of.field, count=of.count) for of in preview.late),
        obstacles={move: tuple(map(obstacle_words, found)) for move, found in preview.obstacles.items()},
    )


def _newest(request_unit: RequestUnit, key: str, number: int) -> Blueprint | None:
    if not number:
        return None
    return request_unit.catalog.blueprint(key, number)


def _contents(blueprint: Blueprint, language: str) -> Iterator[Content]:
    for form in blueprint.forms.values():
        counts = (len(list(form.every_field())), len(form.states), len(form.actions))
        yield Content(form.plural.say(language), form.icon or "file", *counts)


def publisher(request_unit: RequestUnit) -> Publisher:
    """Return the publisher over the engine."""
    return Publisher(request_unit.engine, services().candidates, count_beside)


def find_home(request_unit: RequestUnit, key: str) -> Home:
    """Return a blueprint that whoever is signed in administers; 404, or 403."""
    actor = the_actor()
    reading = request_unit.reading
    row = reading.blueprint(actor.organisation, key)
    rooms = {room.id: room.title for room in reading.workspaces(actor.organisation)}
    newest = newest_blueprints(request_unit.catalog).get(key)
    if row is None or not (actor.may_administer(row.workspace) or row.workspace in actor.roles):
        flask.abort(404)
    require_administering(row.workspace)
    return Home(row, newest.title.say(current_language()) if newest else key, rooms.get(row.workspace, ""))


def obstacle_words(obstacle: Obstacle) -> str:
    """Return why something cannot be, in words of the page's language and in the reader's time zone."""
    return t(obstacle.message, **{name: _put(value) for name, value in obstacle.params.items()})


def _put(value: object) -> object:
    if isinstance(value, datetime):
        return long_time(value)
    if isinstance(value, Obstacle):
        return obstacle_words(value)
    message = getattr(value, "message", None)
    if isinstance(message, str):  # the reason a record must stay
        return t(message, title=getattr(value, "title", ""), value=getattr(value, "value", ""))
    return value


def refusal_words(refused: Refused) -> list[tuple[str, tuple[Example, ...]]]:
    """Return everything that stands in the way: (words, records as examples)."""
    return [(obstacle_words(obstacle), obstacle.examples) for obstacle in refused.obstacles]


def found_wrong(refused: Refused) -> list[str]:
    """Return the errors of the text and what its scenarios found, each with its line; not only how many there are."""
    report = refused.scenarios
    wrong = [(problem.place.line, problem.message) for problem in refused.problems if problem.is_error]
    if report is not None:
        failures = failures_of([*report.samples, *(each for result in report.results for each in result.mismatches)])
        wrong += [(failure.line, failure.words) for failure in failures]
    told = [t("publish.at_line", line=line, text=text) for line, text in wrong[:MOST_WRONG]]
    return told if len(wrong) <= MOST_WRONG else [*told, t("publish_page.and_more", count=len(wrong) - MOST_WRONG)]


def unless_newer(of: Hashable, answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Return what is found in a text, unless the same person asks of a newer one meanwhile, which is answered then."""
    try:
        with services().questions.newest((the_actor().organisation, the_actor().user, of)):
            return answer()
    except Cancelled:
        return error_page(STATUS["stale"], "studio.newer_text")


def answer_refused(refused: Refused) -> ResponseReturnValue:
    """Return the page that says why, for a refusal that has no form to go back to."""
    words = current_reader().gap.join(text for text, _ in refusal_words(refused))
    return error_page(STATUS[refused.kind], None, text=words)
