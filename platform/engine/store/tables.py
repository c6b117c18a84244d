"""The tables: one set for every blueprint, every key beginning with the organisation.

Moments are UTC texts of fixed width, days whole days since 1970, yes and no 1 and 0: the same on both databases, with
nothing to convert on the way. Lists and maps are JSON texts. What the rows mean is said by the dataclasses in the
modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ColumnElement,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    select,
    type_coerce,
)
from sqlalchemy import event as sa_event
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from blankett.engine.store.column_types import Numbered, Packed

#: Names of the slots of a record row, in the order they are given out.
TEXT_SLOTS = tuple(f"t{number}" for number in range(1, 17))
NUMBER_SLOTS = tuple(f"n{number}" for number in range(1, 11))
DATE_SLOTS = tuple(f"d{number}" for number in range(1, 9))
SLOTS = TEXT_SLOTS + NUMBER_SLOTS + DATE_SLOTS
#: Text slot → the column beside it that says where its text is sorted.
KEY_OF_SLOT = {slot: f"k{slot[1:]}" for slot in TEXT_SLOTS}
SORT_KEYS = tuple(KEY_OF_SLOT.values())
#: Columns of the index by state: what asks for no others is counted without looking into rows.
STATE_INDEX = ("organisation", "form", "state", "id", "workspace")
#: Columns of the index by state and the form's first day: what asks for no others walks along it, as far as it shows.
STATE_DAY_INDEX = ("organisation", "form", "state", "d1", "id", "workspace")
#: (a column, another): an index has the records with one value of the first in the order of the second. More of them
#: would cost each record some 70 bytes and a page to write: these are the columns that a form's author puts first.
PAIRS = (("t1", "d1"), ("t1", "n1"), ("state", "d1"))


def pair_index(first: str, second: str) -> tuple[str, ...]:
    """Return the columns of the index of a pair. Few records share a day and another value: those are sorted."""
    if (first, second) == ("state", "d1"):
        return STATE_DAY_INDEX
    return ("organisation", "form", first, second, *(() if second in DATE_SLOTS else ("id",)))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def words() -> TypeEngine[str]:
    """Return the type of a text: PostgreSQL compares it by code point too, so that both databases sort alike."""
    return Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def text(name: str, *, null: bool = False) -> Column[str]:
    """Return a text column."""
    return Column(name, words(), nullable=null)


def named(name: str, *, null: bool = False) -> Column[str]:
    """Return a column of names that stands for them as numbers."""
    return Column(name, Numbered(), nullable=null)


def packed(name: str, *, null: bool = False) -> Column[str]:
    """Return a column of texts that keeps them in fewer bytes."""
    return Column(name, Packed(), nullable=null)


def whole(name: str, *, null: bool = False) -> Column[int]:
    """Return a column of whole numbers of 64 bits."""
    return Column(name, BigInteger(), nullable=null)


#: The types of slots by the first letter of their names: texts, integers of six decimals, days.
SLOT_TYPES: Mapping[str, Callable[[], TypeEngine[Any]]] = {"t": words, "n": BigInteger, "d": Integer}


def slot_column(name: str) -> Column[Any]:
    """Return the column of a slot."""
    return Column(name, SLOT_TYPES[name[0]](), nullable=True)


def table(name: str, *columns: Column[Any], key: tuple[str, ...], wide: bool = False) -> Table:
    """Return a table of *columns* whose primary key is the organisation and *key*.

    Rows that are not *wide* stand in the key's own tree on SQLite: one page to write instead of two.
    """
    ordered = PrimaryKeyConstraint("organisation", *key)
    return Table(name, metadata, named("organisation"), *columns, ordered, sqlite_with_rowid=wide)


#: The names that stand as numbers (`names`), the same for all: its organisation is 0, none's. They are never changed.
known_name = Table(
    "known_name",
    metadata,
    Column("organisation", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    text("name"),
    PrimaryKeyConstraint("organisation", "number"),
    UniqueConstraint("organisation", "name"),
    sqlite_with_rowid=False,
)


def form_of_blueprint(form: Column[str]) -> ColumnElement[bool]:
    """Return the condition that a column names a form of a blueprint, which `forms_of` says."""
    of_blueprint = select(known_name.c.number).where(
        known_name.c.organisation == 0,
        known_name.c.name > bindparam("first_form"),
        known_name.c.name < bindparam("behind_forms"),
    )
    return type_coerce(form, Integer).in_(of_blueprint)


def forms_of(blueprint: str) -> dict[str, str]:
    """Return what `form_of_blueprint` is to be told for a blueprint: its forms are called "blueprint.form"."""
    return {"first_form": f"{blueprint}.", "behind_forms": f"{blueprint}/"}


organisation = table(
    "organisation",
    text("title"),
    text("zone"),
    text("currency"),
    text("created_at"),
    text("sort_language"),
    text("sort_version"),
    key=(),
)

record = table(
    "record",
    text("id"),
    text("workspace"),
    whole("version"),
    #: The full name: ``order_management.order``.
    named("form"),
    text("number", null=True),
    named("series", null=True),
    whole("serial", null=True),
    text("state", null=True),
    text("title"),
    whole("revision"),
    text("owner", null=True),
    text("assignee", null=True),
    text("department", null=True),
    text("created_at"),
    text("created_by"),
    text("changed_at"),
    text("hidden"),
    text("filled"),
    text("data"),
    text("search"),
    *map(slot_column, SLOTS),
    text("number_key", null=True),
    text("title_key", null=True),
    *(text(name, null=True) for name in SORT_KEYS),
    key=("id",),
    wide=True,
)
Index(None, record.c.organisation, record.c.form, record.c.id)
#: Of one form: sorted and filtered lists. A column's index leaves out the rows that do not use it. Where hardly any two
#: records have the same, a number or a moment, it does without their ids.
Index(None, record.c.organisation, record.c.form, record.c.changed_at)
for column_name in ("number", "number_key"):
    used = record.c[column_name].isnot(None)
    Index(
        None,
        *(record.c[name] for name in ("organisation", "form", column_name)),
        sqlite_where=used,
        postgresql_where=used,
    )
for column_name in (*SLOTS, *SORT_KEYS, "title_key", "owner", "assignee", "department"):
    used = record.c[column_name].isnot(None)
    Index(
        None,
        *(record.c[name] for name in ("organisation", "form", column_name, "id")),
        sqlite_where=used,
        postgresql_where=used,
    )
#: Of one state: counted, and shown by the form's first day, without looking into rows that are not shown.
Index(None, *(record.c[name] for name in STATE_INDEX))
#: Of one state and version: those that wait for somebody, the longest waiting first.
Index(
    "ix_record_waiting",
    *(record.c[name] for name in ("organisation", "form", "state", "version", "changed_at", "id")),
)
for first, second in PAIRS:
    both_used = and_(*(record.c[name].isnot(None) for name in (first, second) if name in SLOTS))
    Index(
        None,
        *(record.c[name] for name in pair_index(first, second)),
        sqlite_where=both_used,
        postgresql_where=both_used,
    )
Index(
    None,
    *(record.c[name] for name in ("organisation", "series", "serial")),
    unique=True,
    sqlite_where=record.c.serial.isnot(None),
    postgresql_where=record.c.serial.isnot(None),
)

#: What the index of words has of each record. On SQLite the tokens stand in a table of their own, under the number.
search_entry = table(
    "search_entry",
    text("record"),
    #: What the tokens begin with: the form they were made for.
    text("scope"),
    whole("number", null=True),
    Column("tokens", Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
    key=("record",),
)
Index(None, search_entry.c.organisation, search_entry.c.number)
#: The tokens themselves: no text is kept, nothing is searched but tokens, each of which is one word to the database.
TOKENS: Mapping[str, str] = {
    "sqlite": "CREATE VIRTUAL TABLE search_token USING fts5"
    "(tokens, content='', detail='none', columnsize=0, tokenize='ascii')",
    "postgresql": "CREATE INDEX ix_search_entry_tokens ON search_entry USING gin (tokens) WITH (fastupdate = off)",
}
for dialect, made in TOKENS.items():
    sa_event.listen(search_entry, "after_create", DDL(made).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]

event = table(
    "event",
    text("record"),
    whole("sequence"),
    text("at"),
    named("actor"),
    text("kind"),
    text("action", null=True),
    whole("version"),
    text("cause"),
    #: Random, and gone with the payload when the event is erased.
    packed("salt", null=True),
    packed("payload", null=True),
    packed("digest"),
    packed("hash"),
    key=("record", "sequence"),
    wide=True,
)

blueprint = table(
    "blueprint",
    text("key"),
    text("workspace"),
    text("origin", null=True),
    whole("origin_version", null=True),
    text("created_at"),
    text("created_by"),
    key=("key",),
)
blueprint_draft = table(
    "blueprint_draft",
    text("blueprint"),
    text("source"),
    whole("revision"),
    text("changed_at"),
    text("changed_by"),
    key=("blueprint",),
    wide=True,
)
version = table(
    "version",
    text("blueprint"),
    whole("number"),
    text("at"),
    text("by"),
    text("note"),
    text("source"),
    text("canonical"),
    text("positions"),
    text("digest"),
    text("seal"),
    Column("edition", BigInteger(), nullable=False, server_default="0"),
    key=("blueprint", "number"),
    wide=True,
)
#: Sets of rules that failed when they were tried with durable-rules.
failed_trial = table(
    "failed_trial", text("fingerprint"), text("rules"), text("reason"), text("at"), key=("fingerprint",)
)
share = table("share", text("blueprint"), text("form"), text("workspace"), key=("blueprint", "form", "workspace"))
slot = table(
    "slot",
    named("form"),
    text("path"),
    text("part"),
    text("slot"),
    #: 0 while records made before the slot was given still wait for their values.
    whole("ready"),
    key=("form", "path", "part", "slot"),
)

#: What a published version still does to the records; a step after the other, by whoever holds it.
rollout = table(
    "rollout",
    text("blueprint"),
    whole("number"),
    text("at"),
    text("by"),
    #: JSON: what is to be done, and how far it is.
    text("plan"),
    text("progress"),
    text("holder"),
    text("held_until"),
    text("changed_at"),
    text("ended_at", null=True),
    key=("blueprint", "number"),
)
Index(
    "ix_rollout_unfinished",
    *(rollout.c[name] for name in ("organisation", "blueprint", "number")),
    sqlite_where=rollout.c.ended_at.is_(None),
    postgresql_where=rollout.c.ended_at.is_(None),
)

#: An approval of a record, by the action that asked for it: how far it is, and what its last one came to.
approval = table(
    "approval",
    text("record"),
    text("action"),
    #: ``running``, ``given``, ``rejected``, ``returned`` or ``withdrawn``.
    text("status"),
    whole("version"),
    whole("round"),
    #: JSON: what `workflow.course` keeps.
    packed("course"),
    #: JSON: what the action asked, and the state it was taken in.
    text("request"),
    text("changed_at"),
    key=("record", "action"),
)
#: What somebody owes to an approval: a decision, an answer, a request to be made again.
task = table(
    "task",
    text("record"),
    text("action"),
    text("user"),
    text("kind"),
    text("step"),
    whole("opening"),
    whole("part"),
    #: In whose place; empty for their own.
    text("behalf"),
    #: When it is due; behind all others where nothing says so.
    text("due_at"),
    text("opened_at"),
    key=("record", "action", "user", "kind", "step", "part", "behalf"),
)
Index(None, *(task.c[name] for name in ("organisation", "user", "due_at", "opened_at", "record")))

#: Work that is done behind a write, asked for in its transaction; done by a worker.
job = table(
    "job",
    text("id"),
    text("kind"),
    text("key"),
    #: JSON: ids and numbers.
    text("args"),
    text("by"),
    text("asked_at"),
    text("state"),
    whole("run"),
    whole("tries"),
    text("due_at"),
    text("worker"),
    text("started_at", null=True),
    text("changed_at"),
    text("ended_at", null=True),
    whole("done"),
    whole("total"),
    #: The id of a sentence, and what it says literally.
    text("reason"),
    text("detail"),
    key=("id",),
)
Index(None, *(job.c[name] for name in ("organisation", "state", "due_at", "id")))
Index(None, job.c.organisation, job.c.ended_at)

#: Timers of records that run, or were done; looked at by a worker when their time has come.
timer = table(
    "timer",
    text("record"),
    text("key"),
    text("state"),
    text("since"),
    text("due_at"),
    text("look_at"),
    whole("round"),
    whole("depth"),
    whole("tries"),
    #: Keys, each between blanks.
    text("calendars"),
    #: The id of a sentence, and what it says literally.
    text("reason"),
    text("detail"),
    key=("record", "key"),
)
Index(None, *(timer.c[name] for name in ("organisation", "state", "look_at", "record", "key")))

#: The processes that do jobs, and when they were heard of last; the same for all: its organisation is 0, none's.
worker = Table(
    "worker",
    metadata,
    Column("organisation", Integer, nullable=False),
    text("id"),
    text("host"),
    whole("process"),
    text("version"),
    whole("places"),
    text("started_at"),
    text("heard_at"),
    PrimaryKeyConstraint("organisation", "id"),
    sqlite_with_rowid=False,
)

#: Found by what they point to; where a record points is said by its own data.
edge = table("edge", text("record"), named("path"), text("target"), key=("target", "record", "path"))

unique_value = table(
    "unique_value",
    named("form"),
    text("path"),
    text("value"),
    text("record"),
    key=("form", "path", "value"),
)
Index(None, unique_value.c.organisation, unique_value.c.record)

intent = table(
    "intent",
    text("key"),
    named("actor"),
    packed("digest"),
    packed("receipt"),
    text("record", null=True),
    text("at"),
    key=("key",),
)
#: Of a record that is discarded, the receipts are emptied.
Index(
    "ix_intent_record",
    intent.c.organisation,
    intent.c.record,
    sqlite_where=intent.c.record.isnot(None),
    postgresql_where=intent.c.record.isnot(None),
)

counter = table("counter", text("name"), whole("value"), key=("name",))

#: When people work, by which formulas count; `definition` is JSON, with the public holidays as they were taken over.
calendar = table("calendar", text("key"), text("title"), whole("revision"), text("definition"), key=("key",))

rate = table("rate", text("source"), text("target"), whole("day"), text("value"), key=("source", "target", "day"))

#: Letters: `payload` is JSON, the texts with their values as `filled_text` keeps them.
outbox = table(
    "outbox",
    text("id"),
    text("at"),
    text("record"),
    text("reader"),
    text("address"),
    text("payload"),
    text("state"),
    whole("tries"),
    text("changed_at"),
    text("delivered_at", null=True),
    text("reason"),
    text("detail"),
    key=("id",),
)
#: What is still to be sent of a record, in order.
Index(
    "ix_outbox_open",
    outbox.c.organisation,
    outbox.c.record,
    outbox.c.id,
    sqlite_where=outbox.c.state.in_(("waiting", "sending")),
    postgresql_where=outbox.c.state.in_(("waiting", "sending")),
)
Index(None, outbox.c.organisation, outbox.c.state, outbox.c.id)
Index(None, outbox.c.organisation, outbox.c.record)

#: Settings of an organisation, each JSON: how letters are sent.
setting = table("setting", text("key"), text("value"), key=("key",))

notification = table(
    "notification",
    text("user"),
    text("id"),
    text("at"),
    text("record", null=True),
    text("message"),
    text("text"),
    text("read_at", null=True),
    key=("user", "id"),
)
Index(
    None,
    notification.c.organisation,
    notification.c.user,
    notification.c.id,
    sqlite_where=notification.c.read_at.is_(None),
    postgresql_where=notification.c.read_at.is_(None),
)

workspace = table(
    "workspace",
    text("id"),
    text("title"),
    text("parent", null=True),
    text("zone", null=True),
    text("department", null=True),
    key=("id",),
)
user = table(
    "user",
    text("id"),
    text("email"),
    text("name"),
    text("password"),
    #: Changes when every session must end.
    text("stamp"),
    whole("active"),
    whole("is_admin"),
    text("language"),
    text("theme"),
    text("density"),
    text("zone"),
    text("created_at"),
    text("changed_at"),
    whole("first_password"),
    #: How numbers and days are written for them; empty: as in their language.
    text("numbers"),
    text("days"),
    #: Their main department; further ones stand in `department_member`.
    text("department", null=True),
    key=("id",),
)
user.append_constraint(UniqueConstraint("organisation", "email"))
Index(
    None,
    user.c.organisation,
    user.c.department,
    sqlite_where=user.c.department.isnot(None),
    postgresql_where=user.c.department.isnot(None),
)
member = table(
    "member",
    text("workspace"),
    text("user"),
    #: JSON list, sorted.
    text("roles"),
    whole("administers"),
    key=("workspace", "user"),
)
Index(None, member.c.organisation, member.c.user)

#: The tree of departments, who is a member beside their main one, the posts, and who stands in for whom.
department = table(
    "department",
    text("id"),
    text("title"),
    text("parent", null=True),
    text("head", null=True),
    text("deputy", null=True),
    whole("revision"),
    text("closed_at", null=True),
    key=("id",),
)
department_member = table("department_member", text("department"), text("user"), key=("department", "user"))
Index(None, department_member.c.organisation, department_member.c.user)
post = table(
    "post",
    text("id"),
    text("department"),
    text("title"),
    text("holder", null=True),
    #: An amount in the currency of the organisation, as a plain decimal.
    text("authority", null=True),
    whole("revision"),
    key=("id",),
)
absence = table(
    "absence",
    text("id"),
    text("user"),
    text("substitute"),
    #: Days since 1970, both included.
    whole("first"),
    whole("last"),
    #: JSON list of the keys of blueprints; empty: all.
    text("blueprints"),
    text("note"),
    text("by"),
    text("at"),
    text("ended_at", null=True),
    key=("id",),
)
Index(None, absence.c.organisation, absence.c.last)

session = table(
    "session",
    text("id"),
    text("user", null=True),
    text("data"),
    text("agent"),
    text("created_at"),
    text("seen_at"),
    text("expires_at"),
    key=("id",),
)
Index(None, session.c.organisation, session.c.user)
Index(None, session.c.organisation, session.c.expires_at)

#: What was written that nobody may change unseen, numbered as it came.
act = table(
    "act",
    #: PostgreSQL numbers them itself; on SQLite, where one writes at a time, the next number is known.
    Column("number", BigInteger(), Identity(), nullable=False),
    text("at"),
    named("actor"),
    text("kind"),
    text("subject"),
    packed("digest"),
    #: JSON: what the log may say of it.
    text("said"),
    #: The number of the seal that covers it.
    whole("seal", null=True),
    key=("number",),
)
Index(None, act.c.organisation, act.c.kind, act.c.subject, act.c.number)
Index(None, act.c.organisation, act.c.seal, act.c.number)
seal = table("seal", whole("number"), text("at"), whole("acts"), text("hash"), key=("number",))
