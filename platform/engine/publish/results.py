"""What publishing answers: a preview, a receipt, or what stands in the way. Values, put into words at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from blankett.engine.language.diff import Difference, TextLine
from blankett.engine.language.model import Blueprint
from blankett.engine.language.problems import Problem
from blankett.engine.publish.impact import Example, Impact, Move
from blankett.engine.publish.kept_calendars import KeptCalendar
from blankett.engine.publish.late_fields import LateField
from blankett.engine.publish.role_holders import RoleGift
from blankett.engine.publish.rollout import Rollout
from blankett.engine.publish.stranded_records import Stranded
from blankett.engine.rules import FailedTrial
from blankett.engine.scenarios import ScenarioReport

#: Why something was refused:
#: `problems` of the text · `scenarios` that fail · `records` that cannot follow or lose a field they read · `stale`
#: somebody published or saved meanwhile · `forbidden` access · `missing` no such blueprint, version or workspace ·
#: `invalid` a bad key, an empty title…
RefusedKind = Literal["problems", "scenarios", "records", "stale", "forbidden", "missing", "invalid"]


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: a message id with parameters, and records as examples."""

    message: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class BlueprintDraft:
    """The text of a blueprint that is being worked on."""

    blueprint: str
    source: str
    #: 0: nothing was saved; the text is that of the newest version.
    revision: int
    #: User id and moment of the last save; of the newest version when nothing was saved.
    changed_by: str
    changed_at: datetime
    #: The number of the newest version, which the text is compared with.
    base: int


@dataclass(frozen=True)
class Refused:
    """Something that was not done. Nothing was written."""

    kind: RefusedKind
    obstacles: tuple[Obstacle, ...]
    #: Problems of the text, warnings too, and how its scenarios went, as far as they were looked at.
    problems: tuple[Problem, ...] = ()
    scenarios: ScenarioReport | None = None
    #: For a draft that somebody else saved meanwhile: theirs.
    draft: BlueprintDraft | None = None


@dataclass(frozen=True)
class CountProgress:
    """How far a count of records is."""

    seen: int
    total: int


@dataclass(frozen=True)
class Preview:
    """What publishing a text would change and do to the records that exist."""

    blueprint: Blueprint
    #: The newest version, 0 when there is none, and the number the text would get.
    base: int
    number: int
    changes: tuple[Difference, ...]
    lines: tuple[TextLine, ...]
    impact: Impact
    #: What holds the publish up, by what becomes of open records.
    obstacles: Mapping[Move, tuple[Obstacle, ...]]
    #: Records that nobody could open or act on, by what becomes of open records.
    stranded: Mapping[Move, tuple[Stranded, ...]]
    #: Roles that come with it and that people hold already.
    gifts: tuple[RoleGift, ...]
    #: Calendars that the text declares and the organisation keeps otherwise.
    calendars: tuple[KeptCalendar, ...]
    #: Fields in which formulas find nothing until the records have followed.
    late: tuple[LateField, ...]
    #: Warnings of the checker.
    problems: tuple[Problem, ...]
    #: Rules that durable-rules must not decide, so that the predicates will.
    failed_trials: tuple[FailedTrial, ...] = ()
    #: Keys of the blueprints that were cloned from this one.
    clones: tuple[str, ...] = ()
    #: While records are counted: how far that is. What can move and must stay is not known then, nor what obstructs.
    counting: CountProgress | None = None


@dataclass(frozen=True)
class Published:
    """A version that was published."""

    blueprint: str
    number: int
    digest: str
    #: What it does to the records, and how far that is.
    rollout: Rollout
    #: Records of processes that had not ended when it was published.
    open: int = 0
    #: Records that nobody can open or act on since.
    stranded: tuple[Stranded, ...] = ()
    #: Roles that came with it, and whose holders of before have their rights now.
    gifts: tuple[RoleGift, ...] = ()
    #: Calendars that it declares and the organisation keeps otherwise.
    calendars: tuple[KeptCalendar, ...] = ()

    @property
    def followed(self) -> int:
        """Return how many records moved to it that do in any case."""
        return self.rollout.progress.followed

    @property
    def moved(self) -> int:
        """Return how many open records moved to it, as that was chosen."""
        return self.rollout.progress.moved

    @property
    def stayed(self) -> int:
        """Return how many open records keep their version, as far as is known."""
        return max(self.open - self.moved, 0)


@dataclass(frozen=True)
class VersionHead:
    """A line of the list of versions."""

    number: int
    at: datetime
    #: A user id.
    by: str
    note: str
    digest: str
    #: Records that have the version, and those of processes among them whose life has not ended; beyond `COUNT_CAP`
    #: they are more than that.
    records: int
    open: int
