"""What reading gives: a record as somebody may see it, with its actions, history and neighbours. Plain frozen data.

Titles and texts are in the reader's language; values are those of the field types, so that a page can draw its widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import datetime
from typing import Any, Literal

from blankett.engine.fields.base import Value
from blankett.engine.language.model import Action, Field, Form
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.read.record_sheet import SheetField
from blankett.engine.sentences import Sentence, Told
from blankett.engine.workflow.machine import AskedReason


@dataclass(frozen=True, slots=True)
class Target:
    """The record a link points to, or a person."""

    id: str
    title: str
    #: Its form's full name; empty for a person.
    form: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """What a record is about."""

    field: Field
    value: Value
    currency: str | None


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field, or a cell of a line, as the reader may see it."""

    of: SheetField = data_field(repr=False)
    #: None for what is empty; a table is in `lines`. Its page puts it into words.
    value: Value
    currency: str | None = None
    target: Target | None = None
    lines: tuple[LineView, ...] = ()

    @property
    def field(self) -> Field:
        """Return the field as the newest version that has it describes it, with the options of the record's own."""
        return self.of.field

    @property
    def title(self) -> str:
        """Return what it is called."""
        return self.of.title


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a table: column → cell. Hidden cells are left out."""

    id: str
    cells: Mapping[str, FieldView]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A titled group of fields; hidden fields and those the reader may not see are left out."""

    key: str
    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class StepForeseen:
    """What a step of an approval would ask if it were requested now."""

    title: str
    #: asks | nobody: nobody can be found | skipped.
    outcome: str
    names: tuple[str, ...]
    #: When it would be due, of those that would be asked at once.
    due: datetime | None


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action out of the record's state."""

    action: Action = data_field(repr=False)
    key: str
    title: str
    is_enabled: bool
    reasons: tuple[Reason, ...] = ()
    #: A sentence to be confirmed before, or None.
    confirm: str | None = None
    #: What somebody has done who took it, as the author says it: "sent back"; None where they do not.
    done: str | None = None
    #: What its dialog starts with: the defaults of what it asks.
    answers: Mapping[str, Value] = data_field(default_factory=dict)
    #: A sentence or two of what it is for, or None.
    help: str | None = None
    #: Where conditions decide to which state it leads: the key of that state if it is known now, and what is said of
    #: it; empty where nothing decides.
    leads_to: str | None = None
    leads: Sentence | None = None
    #: What it asks → a sentence or two about it.
    asked_helps: Mapping[str, str] = data_field(default_factory=dict)
    #: Who would decide, of an action that asks for an approval; only where its question is put.
    follows: tuple[StepForeseen, ...] = ()


@dataclass(frozen=True, slots=True)
class StateView:
    """A state in words."""

    key: str
    title: str
    #: start | work | half | near | done | held | stop
    kind: str
    #: What the author says about the state a record is in; empty for nothing.
    help: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A rule that refuses what a record can still come to, in words."""

    rule: str
    title: str
    #: The text of the author's message.
    text: object
    #: Keys of the actions out of the record's state that change what the rule reads.
    ways: tuple[str, ...] = ()
    #: It tells what is for the house alone: not printed.
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that an event changed. A line that came or went has its title in `line` and no field of its own."""

    title: str
    before: Told
    after: Told
    #: Number of the line, from 1, or None.
    line: int | None = None
    #: came | went | changed
    kind: str = "changed"
    #: Whether the person of the event gave it this value: not a formula, a rule, an effect.
    is_typed: bool = True
    #: For the house alone: not printed.
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """An action that somebody took."""

    title: str
    #: What they have done, as the author says it: "sent back"; None where they do not.
    done: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalActTold:
    """What somebody did about an approval."""

    #: As `workflow.act` has it; of a change, ``reopen``, where it opened the approval again.
    verb: str
    #: The title of the step; empty where it is about the whole.
    step: str
    comment: str
    #: The name of the person in whose place.
    behalf: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a record."""

    sequence: int
    at: datetime
    user: Target
    #: create | change | act | comment | migrate | backfill | erase | timer, whose title is the user's then
    kind: str
    #: The version that the record had then.
    version: int
    actions: tuple[ActionTaken, ...]
    changes: tuple[ValueChange, ...]
    comment: str | None
    #: What the action asked: (title, shown value).
    inputs: tuple[tuple[str, Told], ...] = ()
    #: Titles of those that are for the house alone: not printed.
    internal_inputs: frozenset[str] = frozenset()
    state: StateView | None = None
    #: The record whose action brought this about, or None.
    cause: Target | None = None
    is_erased: bool = False
    #: Whether it is known what decided: rules, tables, guards.
    has_decisions: bool = False
    #: What was done about its approvals, but for asking for one.
    approval_acts: tuple[ApprovalActTold, ...] = ()
    #: The revision the record got by it; 0 for what changes nothing of it, such as a comment.
    revision: int = 0


#: Where somebody who is asked stands: they said yes or no, it is their turn, it will be, or nobody needs them now.
SeatStanding = Literal["yes", "no", "asked", "later", "free"]


@dataclass(frozen=True, slots=True)
class SeatSeen:
    """One who is asked in a step."""

    id: int
    user: str
    name: str
    standing: SeatStanding
    is_you: bool
    #: When they decided, what they said, and in whose place.
    at: datetime | None = None
    comment: str = ""
    behalf: str = ""
    #: Names of those who may decide in their place.
    deputies: tuple[str, ...] = ()
    #: Whether somebody added them.
    is_added: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True)
class QuestionSeen:
    """A question that waits for an answer, or has one."""

    id: int
    asker: str
    asked: str
    text: str
    at: datetime
    answer: str | None
    is_yours: bool


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step."""

    key: str
    title: str
    #: The title of the several in which it stands; empty where it stands alone.
    group: str
    #: ``waiting``, ``open``, ``held``, ``given``, ``rejected``, ``returned``, ``skipped`` or ``withdrawn``.
    status: str
    #: As the author writes it: ``any``, ``all``, ``2``, ``60%``, ``weight 3``.
    need: str
    said_yes: int
    opening: int
    opened_at: datetime | None
    closed_at: datetime | None
    due: datetime | None
    seats: tuple[SeatSeen, ...]
    questions: tuple[QuestionSeen, ...]
    #: Nobody who is asked can be enough.
    is_short: bool
    #: Put aside until then, by whom.
    held_by: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody is asked now."""
        return self.status in ("open", "held")


@dataclass(frozen=True, slots=True)
class VerbSeen:
    """Something that can be done with an approval, or why not."""

    verb: str
    is_possible: bool
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class AgreedChange:
    """A value that changed since somebody agreed, by the title of its field; what it was and is, as it is stored."""

    field: Field
    title: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class ApprovalSeen:
    """An approval of a record as one person sees it."""

    action: str
    title: str
    #: running | given | rejected | returned | withdrawn
    status: str
    round: int
    requester: str
    requester_name: str
    began_at: datetime
    ended_at: datetime | None
    steps: tuple[StepSeen, ...]
    verbs: tuple[VerbSeen, ...]
    #: The step in which the reader is to decide now, and in whose place; None where they are not.
    your_step: StepSeen | None
    behalf: str
    #: What changed since the reader agreed.
    changes: tuple[AgreedChange, ...]
    #: Why each step asks the reader, or does not.
    why: tuple[AskedReason, ...]
    decide_on: tuple[str, ...]

    @property
    def is_running(self) -> bool:
        """Tell whether somebody still decides."""
        return self.status == "running"

    def verb(self, name: str) -> VerbSeen | None:
        """Return what is said of a verb."""
        return next((each for each in self.verbs if each.verb == name), None)

    @property
    def asked_names(self) -> tuple[str, ...]:
        """Return the names of those whose turn it is, in order."""
        seats = (seat for step in self.steps if step.is_open for seat in step.seats)
        return tuple(dict.fromkeys(seat.name for seat in seats if seat.standing == "asked"))


@dataclass(frozen=True, slots=True)
class TimerView:
    """A timer of a record that something is still to come of."""

    key: str
    title: str
    help: str
    #: When it is due next, or tried again; the moment it counts from, and the titles of the calendars it counts in.
    at: datetime
    since: datetime
    calendars: tuple[str, ...]
    #: How many more times it is repeated, at most.
    times_left: int
    is_failed: bool
    tries: int
    #: Why it could not be done: the id of a sentence, and what it says literally; empty where it only waits.
    reason: str
    detail: str
    #: Its record, where it stands among those of others; without an id where the reader may not see it.
    record: Target | None
    record_id: str


@dataclass(frozen=True, slots=True)
class RelatedRecord:
    """A record that links here, as the reader may see it."""

    id: str
    blueprint: str
    form: str
    title: str
    number: str | None
    state: StateView | None
    created_at: datetime
    #: Field → value as people read it, of the group's columns that say something here.
    cells: Mapping[str, Told] = data_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Related:
    """Records of one form that link here through one field."""

    form: Form = data_field(repr=False)
    title: str
    #: The title of the field, behind its table's.
    through: str
    #: Those that still go on first, then the newest first.
    records: tuple[RelatedRecord, ...]
    #: The fields that tell its records apart: those of the form's first list, its amount and its due day.
    columns: tuple[Field, ...] = data_field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class RecordHead:
    """A record as one person may see it, without what it says: where it stands, what can be done."""

    id: str
    blueprint: str
    #: The form as the record's version has it, and as the newest has it: its lists stand under that one's key.
    form: Form = data_field(repr=False)
    form_now: Form = data_field(repr=False)
    form_title: str
    version: int
    workspace: str
    revision: int
    title: str
    number: str | None
    state: StateView | None
    owner: Target | None
    assignee: Target | None
    #: The department it belongs to.
    department: Target | None
    created_at: datetime
    created_by: Target
    changed_at: datetime
    actions: tuple[ActionView, ...]
    may_edit: bool
    may_comment: bool
    may_discard: bool = False
    #: What holds it up.
    holds: tuple[Hold, ...] = ()
    #: What led it into its state, and the state it was in before; None where that is not known, or was not asked.
    move: TimelineEntry | None = None
    came_from: StateView | None = None
    #: The states of the form in the author's order.
    states: tuple[StateView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordView(RecordHead):
    """A record as one person may see it."""

    #: What happened, the newest first.
    timeline: tuple[TimelineEntry, ...]
    #: The states it has been in, in order, the one it is in last.
    travelled: tuple[StateView, ...]
    sections: tuple[SectionView, ...]
    #: The records that link here.
    related: tuple[Related, ...]
    #: Values of the fields the reader may see: field → value. What an edit form starts from.
    values: Mapping[str, Value] = data_field(default_factory=dict)
    #: What it is about, a total or a number of days, when the form says so and the reader may see it.
    amount: FieldView | None = None
    #: What happens by itself, the next first.
    timers: tuple[TimerView, ...] = ()
    #: Who must agree and has agreed, one that runs in front.
    approvals: tuple[ApprovalSeen, ...] = ()

    def since(self, revision: int) -> tuple[TimelineEntry, ...]:
        """Return what changed the record after *revision*, the newest first."""
        return tuple(entry for entry in self.timeline if entry.revision > revision)

    def find(self, key: str) -> FieldView | None:
        """Return the field with *key* when the reader sees it."""
        fields = (found for section in self.sections for found in section.fields)
        return next((found for found in fields if found.field.key == key), None)
