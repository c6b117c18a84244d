"""Blueprints as they are kept: the row of an application, its immutable versions, the unpublished text, what is shared.

Texts and JSON only; turning them into a `Blueprint` is the loader's.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update
from sqlalchemy.sql.base import Executable

from blankett.engine.language.editions import EDITION
from blankett.engine.store import tables
from blankett.engine.store.json_text import write_json
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.tables import form_of_blueprint, forms_of
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, insert_into
from blankett.engine.store.version_records import forms_with_records


@dataclass(frozen=True)
class Share:
    """A reference form that members of another workspace may view and pick from, by their role of the same name."""

    form: str
    workspace: str


@dataclass(frozen=True, kw_only=True)
class StoredBlueprint:
    """An application of a workspace."""

    organisation: str
    key: str
    workspace: str
    #: The blueprint it was cloned from, and that one's version; None for one that was not.
    origin: str | None = None
    origin_version: int | None = None
    created_at: datetime
    created_by: str
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StoredVersion:
    """A published version. Never changes."""

    organisation: str
    blueprint: str
    number: int
    at: datetime
    by: str
    #: What the publisher said of it.
    note: str = ""
    #: The YAML as written.
    source: str
    #: The checked blueprint and the places of its items, as JSON.
    canonical: str
    positions: str
    #: Hex SHA-256 of the source's UTF-8 bytes.
    digest: str
    #: Covers all of it and the seal of the version before; worked out by `insert_version`.
    seal: str = ""
    #: The edition of the language it was published under (`blueprint.editions`).
    edition: int = EDITION


@dataclass(frozen=True, kw_only=True)
class StoredDraft:
    """The unpublished text of a blueprint."""

    organisation: str
    blueprint: str
    source: str
    revision: int
    changed_at: datetime
    changed_by: str


#: Versions whose canonical JSON is read at a time.
CANONICAL_PIECE = 20

_b = tables.blueprint.c
_v = tables.version.c
_s = tables.share.c
_d = tables.blueprint_draft.c
_r = tables.record.c
_BLUEPRINT = (_b.organisation, _b.key, _b.workspace, _b.origin, _b.origin_version, _b.created_at, _b.created_by)
_HEAD = (_v.organisation, _v.blueprint, _v.number, _v.at, _v.by, _v.note, _v.digest, _v.seal, _v.edition)
_shared = and_(_s.organisation == _b.organisation, _s.blueprint == _b.key)
_blueprints = (
    select(*_BLUEPRINT, _s.form, _s.workspace)
    .select_from(tables.blueprint.outerjoin(tables.share, _shared))
    .where(_b.organisation == bindparam("in_organisation"))
    .order_by(_b.key)
)
_insert_blueprint = insert(tables.blueprint)
_newest = (
    select(_v.blueprint, func.max(_v.number))
    .where(_v.organisation == bindparam("in_organisation"))
    .group_by(_v.blueprint)
)
_of = (_v.organisation == bindparam("in_organisation"), _v.blueprint == bindparam("of_blueprint"))
_version = select(*_HEAD, _v.source, _v.canonical, _v.positions).where(*_of, _v.number == bindparam("of_number"))
_canonical = (
    select(_v.number, _v.canonical)
    .where(*_of, _v.number >= bindparam("first"), _v.number <= bindparam("last"))
    .order_by(_v.number)
    .limit(CANONICAL_PIECE)
)
_heads = select(*_HEAD).where(*_of).order_by(_v.number.desc())
_insert_version = insert(tables.version)
_draft = select(_d.organisation, _d.blueprint, _d.source, _d.revision, _d.changed_at, _d.changed_by).where(
    _d.organisation == bindparam("in_organisation"), _d.blueprint == bindparam("of_blueprint")
)
_update_draft = update(tables.blueprint_draft).where(
    _d.organisation == bindparam("in_organisation"),
    _d.blueprint == bindparam("of_blueprint"),
    _d.revision == bindparam("expected"),
)
_pinned = (
    select(_r.form, _r.version, _r.state, func.count())
    .where(_r.organisation == bindparam("in_organisation"), form_of_blueprint(_r.form))
    .group_by(_r.form, _r.version, _r.state)
    .order_by(_r.version, _r.state)
)
_of_form = (_r.organisation == bindparam("in_organisation"), _r.form == bindparam("of_form"))
_next_state = select(func.min(_r.state)).where(*_of_form, _r.state > bindparam("after"))


def _of_a_state(here: ColumnElement[bool]) -> tuple[Executable, Executable]:
    """Return what gives the lowest version behind another, and what counts the records of one, where *here* holds."""
    of_version = select(_r.id).where(*_of_form, here, _r.version == bindparam("of_version")).limit(bindparam("most"))
    lowest = select(func.min(_r.version)).where(*_of_form, here, _r.version > bindparam("after"))
    return lowest, select(func.count()).select_from(of_version.subquery())


_IN_STATE, _IN_NO_STATE = _of_a_state(_r.state == bindparam("of_state")), _of_a_state(_r.state.is_(None))


class BlueprintReading(Transaction):
    """Reads blueprints and versions."""

    def blueprints(self, organisation: str) -> list[StoredBlueprint]:
        """Return all blueprints by key, with what they share."""
        bound = {"in_organisation": organisation}
        found: dict[str, Row] = {}
        shares: dict[str, list[Share]] = defaultdict(list)
        for row in self.rows(_blueprints, bound):
            found[row[1]] = row
            if row[7] is not None:
                shares[row[1]].append(Share(row[7], row[8]))
        return [
            StoredBlueprint(
                organisation=row[0], key=key, workspace=row[2], origin=row[3], origin_version=row[4],
                created_at=read_moment(row[5]), created_by=row[6], shares=tuple(shares[key]),
            )
            for key, row in found.items()
        ]  # fmt: skip

    def blueprint(self, organisation: str, key: str) -> StoredBlueprint | None:
        """Return the blueprint, or None."""
        return next((found for found in self.blueprints(organisation) if found.key == key), None)

    def newest_versions(self, organisation: str) -> dict[str, int]:
        """Return the number of the newest version of each blueprint that has one. Cheap: asked by every request."""
        return {row[0]: row[1] for row in self.rows(_newest, {"in_organisation": organisation})}

    def version(self, organisation: str, blueprint: str, number: int) -> StoredVersion | None:
        """Return a version with its texts, or None."""
        bound = {"in_organisation": organisation, "of_blueprint": blueprint, "of_number": number}
        row = self.first(_version, bound)
        return None if row is None else _version_of(row, source=row[9], canonical=row[10], positions=row[11])

    def canonical_texts(self, organisation: str, blueprint: str, first: int, last: int) -> list[tuple[int, str]]:
        """Return (number, canonical JSON) of versions from *first* to *last*: so many as are read at a time."""
        bound = {"in_organisation": organisation, "of_blueprint": blueprint, "first": first, "last": last}
        return [(row[0], row[1]) for row in self.rows(_canonical, bound)]

    def version_heads(self, organisation: str, blueprint: str) -> list[StoredVersion]:
        """Return the versions of a blueprint without their texts, newest first."""
        rows = self.rows(_heads, {"in_organisation": organisation, "of_blueprint": blueprint})
        return [_version_of(row, source="", canonical="", positions="") for row in rows]

    def draft(self, organisation: str, blueprint: str) -> StoredDraft | None:
        """Return the unpublished text of a blueprint, or None."""
        row = self.first(_draft, {"in_organisation": organisation, "of_blueprint": blueprint})
        return None if row is None else StoredDraft(
            organisation=row[0], blueprint=row[1], source=row[2], revision=row[3],
            changed_at=read_moment(row[4]), changed_by=row[5],
        )  # fmt: skip

    def pinned_counts(self, organisation: str, blueprint: str) -> list[tuple[str, int, str | None, int]]:
        """Return (key that a form's records are kept under, version, state, how many) of a blueprint's records."""
        rows = self.rows(_pinned, {"in_organisation": organisation, **forms_of(blueprint)})
        found = [(row[0].partition(".")[2], row[1], row[2], row[3]) for row in rows]
        return sorted(found, key=lambda counted: counted[0])

    def pinned_counts_up_to(
        self, organisation: str, blueprint: str, most: int
    ) -> list[tuple[str, int, str | None, int]]:
        """Return (form, version, state, number of records) as `pinned_counts` does, each counted up to *most*: a look
        into the index for each form, state and version, however many records there are.
        """
        found: list[tuple[str, int, str | None, int]] = []
        for form in (form for of, form in forms_with_records(self, organisation) if of == blueprint):
            bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}"}
            for state in (None, *self._following(_next_state, bound, "")):
                here = bound if state is None else {**bound, "of_state": state}
                versions, counted = _IN_NO_STATE if state is None else _IN_STATE
                for version in self._following(versions, here, 0):
                    row = self.first(counted, {**here, "of_version": version, "most": most})
                    found.append((form, version, state, 0 if row is None else int(row[0])))
        return found

    def _following(self, lowest: Executable, bound: Mapping[str, object], first: Any) -> Iterator[Any]:
        """Yield the values of a column in their order, each the lowest behind the one before."""
        last = first
        while (row := self.first(lowest, {**bound, "after": last})) is not None and row[0] is not None:
            last = row[0]
            yield last


class BlueprintWriting(BlueprintReading, ActWriting):
    """Writes blueprints and versions."""

    def insert_blueprint(self, blueprint: StoredBlueprint) -> None:
        """Make a blueprint, without a version yet."""
        row = {name: value for name, value in blueprint.__dict__.items() if name != "shares"}
        row["created_at"] = write_moment(blueprint.created_at)
        self.do("blueprint.insert", _insert_blueprint, row)
        self.note_row("blueprint", row)
        for share in blueprint.shares:
            self.put_share(blueprint.organisation, blueprint.key, share)

    def put_share(self, organisation: str, blueprint: str, share: Share) -> None:
        """Open a reference form to a workspace; nothing happens when it is already."""
        row = {"organisation": organisation, "blueprint": blueprint, "form": share.form, "workspace": share.workspace}
        if self.do("share.insert", insert_into(self.dialect, tables.share).on_conflict_do_nothing(), row) == 1:
            self.note_row("share", row)

    def insert_version(self, version: StoredVersion) -> StoredVersion:
        """Publish a version and return it with its seal. Its number must follow the newest one's."""
        heads = self.version_heads(version.organisation, version.blueprint)
        newest = heads[0].number if heads else 0
        if version.number != newest + 1:
            raise ValueError(f"version {version.number} of {version.blueprint!r} does not follow version {newest}")
        sealed = version_seal(version, heads[0].seal if heads else "")
        row = {**version.__dict__, "at": write_moment(version.at), "seal": sealed}
        self.do("version.insert", _insert_version, row)
        self.note_row("version", row)
        return StoredVersion(**{**version.__dict__, "seal": sealed})

    def put_draft(self, draft: StoredDraft, expected_revision: int | None) -> bool:
        """Keep an unpublished text; tell whether the one kept had the expected revision (None: there was none)."""
        row = {**draft.__dict__, "changed_at": write_moment(draft.changed_at)}
        if expected_revision is None:
            statement = insert_into(self.dialect, tables.blueprint_draft).on_conflict_do_nothing()
            return self.do("draft.insert", statement, row) == 1
        bound = {"in_organisation": row.pop("organisation"), "of_blueprint": row.pop("blueprint")}
        return self.do("draft.update", _update_draft, {**row, **bound, "expected": expected_revision}) == 1


def version_seal(version: StoredVersion, previous: str) -> str:
    """Return the hex seal of a version that follows the one sealed *previous*."""
    texts = [
        hashlib.sha256(text.encode()).hexdigest() for text in (version.source, version.canonical, version.positions)
    ]
    sealed = [
        previous,
        version.organisation,
        version.blueprint,
        version.number,
        write_moment(version.at),
        version.by,
        version.note,
    ]
    # Seals from before there were editions stay what they are.
    edition = [version.edition] if version.edition else []
    return hashlib.sha256(write_json([*sealed, version.digest, *texts, *edition]).encode()).hexdigest()


def _version_of(row: Row, *, source: str, canonical: str, positions: str) -> StoredVersion:
    return StoredVersion(
        organisation=row[0], blueprint=row[1], number=row[2], at=read_moment(row[3]), by=row[4], note=row[5],
        digest=row[6], seal=row[7], edition=row[8], source=source, canonical=canonical, positions=positions,
    )  # fmt: skip
