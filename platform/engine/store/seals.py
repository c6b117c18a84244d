"""Acts: what was written that nobody may change unseen, each with a running number; and seals over them, in order.

An act is noted in the commit of what it tells: an event of a record, somebody's rights, a rate, a calendar, a version,
a receipt, a notice. A seal covers the last seal and all acts since. Writers never wait for a seal: acts are numbered as
they come, and sealed every few seconds, at every backup and whenever the store is verified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.json_text import write_json
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction

#: Table → (columns of its key behind the organisation, columns that nobody may change unseen).
PROTECTED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "organisation": ((), ("title", "zone", "currency")),
    "workspace": (("id",), ("title", "parent", "zone", "department")),
    "user": (
        ("id",),
        ("email", "name", "password", "stamp", "active", "is_admin", "first_password", "created_at", "department"),
    ),
    "member": (("workspace", "user"), ("roles", "administers")),
    "department": (("id",), ("title", "parent", "head", "deputy", "revision", "closed_at")),
    "department_member": (("department", "user"), ()),
    "post": (("id",), ("department", "title", "holder", "authority", "revision")),
    "absence": (("id",), ("user", "substitute", "first", "last", "blueprints", "note", "by", "at", "ended_at")),
    "rate": (("source", "target", "day"), ("value",)),
    "calendar": (("key",), ("title", "revision", "definition")),
    "setting": (("key",), ("value",)),
    "blueprint": (("key",), ("workspace", "created_at", "created_by")),
    "share": (("blueprint", "form", "workspace"), ()),
    "version": (("blueprint", "number"), ("digest", "seal")),
    "intent": (("key",), ("actor", "digest", "receipt", "record", "at")),
    "notification": (("user", "id"), ("at", "record", "message", "text")),
}
#: Columns of PROTECTED that came later: where nothing stands in one, the digest is the one from before it.
LATER: Mapping[str, tuple[str, ...]] = {"workspace": ("department",), "user": ("department",)}
#: What the log of acts says of a row; everything else only counts.
SAID: Mapping[str, tuple[str, ...]] = {
    "organisation": ("title", "zone", "currency"),
    "workspace": ("title", "parent"),
    "user": ("email", "name", "active", "is_admin", "department"),
    "member": ("roles", "administers"),
    "department": ("title", "parent", "head", "deputy", "closed_at"),
    "post": ("department", "title", "holder", "authority"),
    "absence": ("user", "substitute", "first", "last", "ended_at"),
    "rate": ("value",),
    "calendar": ("title", "revision"),
    "setting": ("value",),
}
#: The digest of a row that was taken away.
REMOVED = ""
#: Kinds of acts beside the tables': an event, an erased one, where the chain of a record began when it was older.
EVENT, ERASED, BEGUN = "event", "erased", "begun"
#: Receipts from before its subject, a moment, may be gone.
INTENTS_FORGOTTEN = "intents_forgotten"
#: Somebody signed in; attempts at an account failed within a minute.
SIGN_IN, SIGN_IN_FAILED = "sign_in", "sign_in_failed"


@dataclass(frozen=True)
class Act:
    """Something that was written and is protected."""

    number: int
    at: datetime
    #: Who did it: a user's id; empty for the machine's own commands.
    actor: str
    #: A table of PROTECTED, or a word such as ``event`` or ``sign_in``.
    kind: str
    #: What it is about: the values of its key, with spaces between.
    subject: str
    #: What it holds from then on.
    digest: str
    #: JSON: what may be read of it.
    said: str


@dataclass(frozen=True)
class Seal:
    """The last seal of an organisation."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


_a, _s = tables.act.c, tables.seal.c
_COLUMNS = (_a.number, _a.at, _a.actor, _a.kind, _a.subject, _a.digest, _a.said)
_here = _a.organisation == bindparam("in_organisation")
_insert = insert(tables.act)
#: On SQLite nobody else writes meanwhile, and the next number is the one behind the last.
_insert_next = _insert.values(number=select(func.coalesce(func.max(_a.number), 0) + 1).where(_here).scalar_subquery())
_most = select(func.max(_a.number)).where(_here)
_state = select(
    select(func.max(tables.seal.c.number))
    .where(tables.seal.c.organisation == bindparam("in_organisation"))
    .scalar_subquery(),
    func.count(),
    func.max(_a.number),
).where(_here, _a.seal.is_(None))
_of_kind = select(*_COLUMNS).where(_here, _a.kind == bindparam("of_kind")).order_by(_a.number)
_of_subject = (
    select(*_COLUMNS)
    .where(_here, _a.kind.in_(bindparam("kinds", expanding=True)), _a.subject == bindparam("about"))
    .order_by(_a.number)
)
_last = (
    select(_a.digest)
    .where(_here, _a.kind == bindparam("of_kind"), _a.subject == bindparam("about"))
    .order_by(_a.number.desc())
    .limit(1)
)
_log = (
    select(*_COLUMNS)
    .where(_here, _a.kind.in_(bindparam("kinds", expanding=True)), _a.number < bindparam("before"))
    .order_by(_a.number.desc())
    .limit(bindparam("limit"))
)
_sealed = select(*_COLUMNS).where(_here, _a.seal == bindparam("of_seal")).order_by(_a.number)
_sealed_behind = select(_a.number).where(_here, _a.seal > bindparam("of_seal")).limit(1)
_unsealed = select(_a.number).where(_here, _a.seal.is_(None))
_mark = update(tables.act).where(_here, _a.seal.is_(None)).values(seal=bindparam("of_seal"))
_seals = select(_s.number, _s.at, _s.acts, _s.hash).where(_s.organisation == bindparam("in_organisation"))
_last_seal = _seals.order_by(_s.number.desc()).limit(1)
_insert_seal = insert(tables.seal)


def subject_of(name: str, row: Mapping[str, Any]) -> str:
    """Return what an act about a row of a protected table is about."""
    return " ".join(str(row[column]) for column in PROTECTED[name][0]) or "-"


def digest_of(name: str, row: Mapping[str, Any]) -> str:
    """Return the digest of what nobody may change unseen in a row of a protected table."""
    later = LATER.get(name, ())
    held = [row[column] for column in PROTECTED[name][1] if row[column] is not None or column not in later]
    return hashlib.sha256(write_json([subject_of(name, row), *held]).encode()).hexdigest()


def seal_hash(previous: str, organisation: str, number: int, acts: Sequence[Row]) -> str:
    """Return the hash of a seal over *acts* (rows as they are read), in the order of their numbers."""
    hashed = hashlib.sha256(f"{previous}\n{organisation}\n{number}\n".encode())
    for row in acts:
        hashed.update(write_json(list(row)).encode() + b"\n")
    return hashed.hexdigest()


class ActReading(Transaction):
    """Reads acts and seals."""

    def revision(self, organisation: str) -> Hashable:
        """Return what is the same while nothing protected was written: no event, right, person, rate, version.

        Where several write at a time, an act may come with a lower number than one that is there already: what is not
        sealed yet is counted too, and the seals.
        """
        bound = {"in_organisation": organisation}
        if self.dialect == "sqlite":
            return self.rows(_most, bound)[0][0] or 0
        return tuple(self.rows(_state, bound)[0])

    def acts_about(self, organisation: str, subject: str, *kinds: str) -> list[Act]:
        """Return the acts of these kinds about *subject*, oldest first."""
        bound = {"in_organisation": organisation, "about": subject, "kinds": list(kinds)}
        return [_act(row) for row in self.rows(_of_subject, bound)]

    def acts_of(self, organisation: str, kind: str) -> list[Act]:
        """Return all acts of a kind, oldest first."""
        return [_act(row) for row in self.rows(_of_kind, {"in_organisation": organisation, "of_kind": kind})]

    def newest_acts(self, organisation: str, kinds: Sequence[str], limit: int, before: int = 2**62) -> list[Act]:
        """Return the newest acts of these kinds, those with a number below *before*."""
        bound = {"in_organisation": organisation, "kinds": list(kinds), "limit": limit, "before": before}
        return [_act(row) for row in self.rows(_log, bound)]

    def protected_rows(self, organisation: str, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a protected table, with its key and what nobody may change unseen."""
        columns = tables.metadata.tables[name].c
        names = [column for part in PROTECTED[name] for column in part]
        held = [columns[column] for column in names] or [columns.organisation]
        asked = select(*held).where(columns.organisation == bindparam("in_organisation"))
        for row in self.rows(asked, {"in_organisation": organisation}):
            yield dict(zip(names, row, strict=False))

    def head(self, organisation: str) -> Seal | None:
        """Return the last seal, or None before the first."""
        row = self.first(_last_seal, {"in_organisation": organisation})
        return None if row is None else Seal(row[0], row[3])

    def unsealed_count(self, organisation: str) -> int:
        """Return how many acts no seal covers yet."""
        return len(self.rows(_unsealed, {"in_organisation": organisation}))

    def has_unsealed(self, organisation: str) -> bool:
        """Tell whether there is an act that no seal covers yet."""
        return bool(self.rows(_unsealed.limit(1), {"in_organisation": organisation}))

    def broken_seals(self, organisation: str) -> Iterator[tuple[int, str]]:
        """Yield (number, what) of seals that do not hold: ``gap``, ``changed``."""
        previous = ""
        rows = self.rows(_seals.order_by(_s.number), {"in_organisation": organisation})
        for place, (number, _, count, hash) in enumerate(rows, 1):
            if number != place:
                yield place, "gap"
                return
            acts = self.rows(_sealed, {"in_organisation": organisation, "of_seal": number})
            if len(acts) != count or seal_hash(previous, organisation, number, acts) != hash:
                yield number, "changed"
            previous = hash
        if self.rows(_sealed_behind, {"in_organisation": organisation, "of_seal": len(rows)}):
            yield len(rows) + 1, "gap"

    def seal_numbered(self, organisation: str, number: int) -> str | None:
        """Return the hash of a seal; None where there is none with that number."""
        row = self.first(_seals.where(_s.number == bindparam("numbered")), {
            "in_organisation": organisation, "numbered": number,
        })  # fmt: skip
        return None if row is None else str(row[3])


class ActWriting(ActReading):
    """Notes acts."""

    #: Who writes: a user's id; set by whoever opened the store for them.
    by: str = ""

    def note(
        self, organisation: str, kind: str, subject: str, digest: str = "", said: str = "", at: str = "", by: str = ""
    ) -> None:
        """Note an act, in the commit of what it tells."""
        row: dict[str, object] = {
            "organisation": organisation, "at": at or write_moment(datetime.now(UTC)), "actor": by or self.by,
            "kind": kind, "subject": subject, "digest": digest, "said": said,
        }  # fmt: skip
        if self.dialect == "sqlite":
            self.do("act.insert", _insert_next, {**row, "in_organisation": organisation})
        else:
            self.do("act.insert", _insert, row)

    def note_row(self, name: str, row: Mapping[str, Any], *, only_changes: bool = False, at: str = "") -> None:
        """Note what a row of a protected table holds from now on, or since *at*; with *only_changes* where that is
        new.
        """
        organisation, subject, digest = str(row["organisation"]), subject_of(name, row), digest_of(name, row)
        if only_changes:
            last = self.first(_last, {"in_organisation": organisation, "of_kind": name, "about": subject})
            if last is not None and last[0] == digest:
                return
        said = {column: row[column] for column in SAID.get(name, ())}
        self.note(organisation, name, subject, digest, write_json(said) if said else "", at)

    def note_removed(self, name: str, organisation: str, *key: object) -> None:
        """Note that a row of a protected table was taken away."""
        self.note(organisation, name, " ".join(map(str, key)), REMOVED)

    def seal_acts(self, organisation: str, at: datetime) -> Seal | None:
        """Seal what no seal covers yet, and return the last seal; None before there is anything to seal."""
        last = self.head(organisation)
        if not self.has_unsealed(organisation):
            return last
        number = (last.number if last else 0) + 1
        # Marked first: what others commit meanwhile is for the next one.
        self.do("act.seal", _mark, {"in_organisation": organisation, "of_seal": number})
        acts = self.rows(_sealed, {"in_organisation": organisation, "of_seal": number})
        hash = seal_hash(last.hash if last else "", organisation, number, acts)
        row = {"organisation": organisation, "number": number, "at": write_moment(at), "acts": len(acts), "hash": hash}
        self.do("seal.insert", _insert_seal, row)
        return Seal(number, hash)


def _act(row: Row) -> Act:
    return Act(row[0], read_moment(row[1]), row[2], row[3], row[4], row[5], row[6])
