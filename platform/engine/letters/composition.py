"""A letter in the words of who reads it, with what they may read at that moment; or why it is not to be sent."""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.access import Actor, load_actor
from blankett.engine.fields.reader import Reader
from blankett.engine.fields.text import is_email
from blankett.engine.letters.markdown import as_markdown, to_html
from blankett.engine.records import Engine
from blankett.engine.records.explain.filled_text import FilledText
from blankett.engine.records.read.notices import is_open_to, read_kept
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import Reading
from blankett.engine.store.outbox import StoredLetter

#: Characters of a body, and of a subject, which is one line.
LONGEST_BODY, LONGEST_SUBJECT = 20_000, 200
#: Why a letter is not to be sent: its reader is gone or was locked out, has no address, may not read it any more; the
#: record is gone.
NO_READER, NO_ADDRESS, NOT_READABLE, BAD_ADDRESS = (
    "letters.why_no_reader", "letters.why_no_address", "letters.why_not_readable", "letters.why_bad_address",
)  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """A letter as it is read."""

    #: The reader's e-mail address and name; the latter empty where it is not known.
    address: str
    name: str
    language: str
    subject: str
    #: The body as plain text and as HTML.
    text: str
    html: str


@dataclass(frozen=True)
class Unsendable:
    """Why a letter is not to be sent: the id of a sentence."""

    reason: str


def compose(engine: Engine, reading: Reading, stored: StoredLetter, site: str = "") -> Letter | Unsendable:
    """Return a letter for its reader as they may read it now. *site*: the address of this installation, for links."""
    if stored.reader:
        return _for_user(engine, reading, stored, site)
    return _for_address(engine, reading, stored)


def _for_user(engine: Engine, reading: Reading, stored: StoredLetter, site: str) -> Letter | Unsendable:
    actor = load_actor(reading, stored.organisation, stored.reader)
    user = reading.user(stored.organisation, stored.reader)
    if actor is None or user is None:
        return Unsendable(NO_READER)
    if not is_email(user.email):
        return Unsendable(NO_ADDRESS)
    unit = engine.unit(reading, actor)
    if not may_read(unit, stored):
        return Unsendable(NOT_READABLE)
    link = f"{site.rstrip('/')}/records/{stored.record}" if site else ""
    return _written(unit, stored, unit.reader, user.email, user.name, link)


def _for_address(engine: Engine, reading: Reading, stored: StoredLetter) -> Letter | Unsendable:
    if not is_email(stored.address):
        return Unsendable(BAD_ADDRESS)
    unit = engine.unit(reading, Actor(organisation=stored.organisation, user="", name="", email=""))
    record = unit.linked.record(stored.record)
    if record is None:
        return Unsendable(NOT_READABLE)
    process = unit.catalog.process_of(record)
    spoken = process.blueprint.languages
    language = stored.language if stored.language in spoken else spoken[0]
    reader = Reader.with_ways(language, zone=unit.catalog.places.zone(record.workspace).key)
    return _written(unit, stored, reader, stored.address, "", "")


def may_read(unit: Unit, stored: StoredLetter) -> bool:
    """Tell whether the unit's actor may read what a letter tells."""
    record = unit.linked.record(stored.record)
    return record is not None and is_open_to(unit, record, stored.message, stored.subject, stored.body)


def read_subject(unit: Unit, stored: StoredLetter) -> str:
    """Return what a letter is about, for the unit's actor, who may read it."""
    return _line(read_kept(unit.catalog, stored.subject), unit.reader)


def _written(unit: Unit, stored: StoredLetter, reader: Reader, address: str, name: str, link: str) -> Letter:
    subject, body = (read_kept(unit.catalog, text) for text in (stored.subject, stored.body))
    text = _said(body, reader)
    html = to_html(body.written(reader, as_markdown, LONGEST_BODY) if isinstance(body, FilledText) else body)
    if link:
        text = f"{text.rstrip()}\n\n{link}"
        html += to_html(f"<{link}>")
    return Letter(address, name, reader.language, _line(subject, reader), text, html)


def _line(text: str | FilledText, reader: Reader) -> str:
    return " ".join(_said(text, reader).split())[:LONGEST_SUBJECT]


def _said(text: str | FilledText, reader: Reader) -> str:
    return text.written(reader, most=LONGEST_BODY) if isinstance(text, FilledText) else text
