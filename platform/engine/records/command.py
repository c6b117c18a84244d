"""What goes into the engine and what comes out of a write: commands, receipts, refusals.

All of it is plain frozen data. Refusals are values: message ids with parameters, put into words at the edge.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from blankett.engine.access import Actor
from blankett.engine.fields.base import Fault, Value
from blankett.engine.language.model import Place
from blankett.engine.records.explain.reasons import Reason

#: Why a command was not carried out:
#: `invalid` values, checks or effects that do not fit · `guard` the action's condition does not hold · `state` the
#: record is not in a state for it · `stale` somebody changed the record meanwhile · `forbidden` access · `missing` no
#: such record or form · `intent` the key was used for something else · `loop` effects that go on and on · `busy` the
#: record was changed again and again · `gone` somebody discarded the record.
RefusalKind = Literal["invalid", "guard", "state", "stale", "forbidden", "missing", "intent", "loop", "busy", "gone"]

#: Marks the id of a line that the record does not have yet: ``{"id": "+01J…", "product": …}``.
NEW_LINE = "+"


@dataclass(frozen=True, kw_only=True)
class ApprovalAsk:
    """What somebody wants done with an approval of the record: a decision about it, or about who decides."""

    #: As `workflow.act` has them: ``approve``, ``return``, ``transfer``…
    verb: str
    #: The action that asked for the approval; empty: the one that waits now.
    action: str = ""
    step: str = ""
    #: The opening of the step that the person saw; 0: not said.
    opening: int = 0
    #: The seat that it is about; 0: their own.
    seat: int = 0
    #: The number of the question that is answered.
    question: int = 0
    comment: str = ""
    #: The step to return to; empty: to whoever asked.
    to: str = ""
    #: After a return: ``rerun`` the steps between, or ``straight`` back.
    then: str = "rerun"
    #: Who gets it, is added, asked or named.
    users: tuple[str, ...] = ()
    until: date | None = None
    #: Whether the clock stands until the question is answered.
    waits: bool = False
    #: One of several that are decided at once.
    bulk: bool = False
    #: The revision of the record that the person saw: what is agreed to is what stood there.
    revision: int | None = None


@dataclass(frozen=True)
class Handover:
    """Who leaves, and who gets what is theirs."""

    leaver: str
    heir: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """What somebody wants done to one record: make it, change it, take an action, comment, also several of these at
    once; or discard it.
    """

    #: The key of the rendered form: one effect per key. An empty one is never remembered.
    intent: str
    actor: Actor
    blueprint: str
    form: str
    #: Where a new record is made; ignored for one that exists.
    workspace: str = ""
    #: The record's id, or None to make one.
    record: str | None = None
    #: The revision the person saw; None does not look at it.
    revision: int | None = None
    #: Field → value, only what was typed or changed; a table is its whole list of lines, new ones with a `NEW_LINE` id
    #: or none. A `Fault` in place of a value, in a line too, is a text that could not be read: typed, and refused.
    values: Mapping[str, Value | Fault] = field(default_factory=dict)
    #: Paths ("price", "lines/<line id>/price") a person typed, when the form knows; otherwise every value that differs
    #: from the record's counts as typed, and an empty field of a new record or line does not.
    typed: frozenset[str] | None = None
    #: Paths whose typed value is given up for what the blueprint fills ("undo").
    refill: frozenset[str] = frozenset()
    action: str | None = None
    #: What the action asked: key → value, or a `Fault` for what could not be read.
    inputs: Mapping[str, Value | Fault] = field(default_factory=dict)
    comment: str | None = None
    #: Throw the record away: nothing else is done to it.
    discard: bool = False
    #: The key of a timer of the record whose time has come: nothing else is done, in nobody's name.
    timer: str | None = None
    #: What is done with an approval of the record: nothing else is done to it by its own.
    approval: ApprovalAsk | None = None
    #: What somebody has of the record goes to another: nothing else is done, by who administers the organisation.
    handover: Handover | None = None

    @property
    def digest(self) -> str:
        """Return a hash of what is asked for, to tell a repeated command from another one with the same key."""
        asked = [
            self.actor.user, self.blueprint, self.form, self.record, self.revision, self.action, self.comment,
            self.values, self.inputs, sorted(self.typed or ()), sorted(self.refill),
        ]  # fmt: skip
        asked += ["discard"] if self.discard else []
        asked += [self.timer] if self.timer is not None else []
        asked += [repr(self.approval)] if self.approval is not None else []
        asked += [repr(self.handover)] if self.handover is not None else []
        return hashlib.sha256(_write_asked(asked).encode()).hexdigest()


def _plain(value: object) -> object:
    """Return what is none of JSON's own as JSON takes it; different values stay different."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, (date, datetime)):
        return {"date": value.isoformat()}
    return {"other": repr(value)}


_write_asked = json.JSONEncoder(sort_keys=True, default=_plain).encode


@dataclass(frozen=True)
class FieldProblem:
    """One thing that is wrong, and where."""

    #: ("total",), ("lines", line id, "price"), or () for the whole record.
    path: tuple[str, ...]
    #: A message id; ``said`` for a text of the author's, which `params["text"]` holds.
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    #: The check, action or field of the blueprint behind it.
    key: str = ""
    #: Where the blueprint says so.
    place: Place | None = None
    #: What of its condition fails, with the values it saw.
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class ValueChanged:
    """A value that somebody else changed meanwhile."""

    path: tuple[str, ...]
    #: User id and name of who changed it last, and when (UTC).
    user: str
    name: str
    at: datetime


@dataclass(frozen=True)
class RecordNow:
    """The record as it is now, for a command that came too late: values the actor may read, and who changed what."""

    revision: int
    state: str | None
    values: Mapping[str, Value]
    changes: tuple[ValueChanged, ...]


@dataclass(frozen=True)
class Refusal:
    """A command that was not carried out. Nothing was written, and the same intent key may be used again."""

    kind: RefusalKind
    problems: tuple[FieldProblem, ...]
    #: For `stale`: the record as it is now.
    current: RecordNow | None = None


@dataclass(frozen=True)
class Receipt:
    """A command that was carried out, durably."""

    record: str
    blueprint: str
    form: str
    revision: int
    number: str | None
    state: str | None
    title: str
    #: What happened to this record: create, change, act, comment, discard.
    events: tuple[str, ...] = ()
    #: Ids of the other records that effects made or changed.
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    #: User ids that were notified, in order, with the message's key.
    notified: tuple[tuple[str, str], ...] = ()
    #: What rules warn of, each as a problem is: ``{"path": ["lines"], "message": "said", "params": {"text": …}, "key":
    #: rule}``, authors' texts as `FilledText.to_text` keeps them.
    warnings: tuple[Mapping[str, Any], ...] = ()
    #: Whether the actor may see the record as the command left it. Not kept: None where the form had been sent before.
    is_visible: bool | None = field(default=None, compare=False)

    def to_json(self) -> str:
        """Return the receipt as it is stored under its intent."""
        kept = {name: value for name, value in self.__dict__.items() if name != "is_visible"}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Return the receipt that `to_json` wrote."""
        raw = json.loads(text)
        for key in ("events", "created", "changed"):
            raw[key] = tuple(raw[key])
        raw["notified"] = tuple((user, message) for user, message in raw["notified"])
        raw["warnings"] = tuple(raw.get("warnings", ()))
        return cls(**raw)


@dataclass(frozen=True)
class FieldVisibility:
    """When a field or column is shown, as far as the form can know it by itself."""

    #: ("price",), or ("lines", "price") for a column in every line.
    path: tuple[str, ...]
    #: Choices and yes/no fields that decide, in order.
    choices: tuple[tuple[str, ...], ...]
    #: Their texts ("phone", "yes", "" for nothing chosen) for which the field is shown.
    shown: frozenset[tuple[str, ...]]
    #: Fields whose change may make that untrue: what they change must be worked out anew. "*" stands for every field.
    watched: frozenset[str]


@dataclass(frozen=True)
class FormPreview:
    """A form as typed, worked out: what would be stored, what is hidden, filled and wrong. Nothing was written."""

    #: Field → value, with defaults, fills and computes; only what the actor may read. Lines have ids.
    values: Mapping[str, Value]
    #: Paths ("price", "lines/<line id>/price") that are hidden, that hold what was filled, that must not stay empty,
    #: and that the actor may not write now.
    hidden: frozenset[str]
    filled: frozenset[str]
    required: frozenset[str]
    locked: frozenset[str]
    problems: tuple[FieldProblem, ...]
    #: Path → ISO 4217 code of each money field, where it is known.
    currencies: Mapping[str, str] = field(default_factory=dict)
    #: Link and user ids → titles, as far as the actor may see them.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: Field → its help, of those whose help says something of the record.
    helps: Mapping[str, str] = field(default_factory=dict)
    #: What saving would warn of.
    warnings: tuple[FieldProblem, ...] = ()
    #: When each conditional field is shown.
    visibility: tuple[FieldVisibility, ...] = ()
