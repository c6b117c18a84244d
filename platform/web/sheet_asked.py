"""A spreadsheet of people's own on its page: what each column was taken for, and what was answered.

The file itself travels with the page, so that nothing of it is kept before it goes into the draft.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from blankett.engine.blueprint.model import KEY
from blankett.engine.feel import HITS
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Habits
from blankett.engine.rules.dmn_names import LONGEST_KEY
from blankett.engine.rules.file_tables import FileTables
from blankett.engine.rules.plain_sheet import ROLES, TYPES, ColumnAnswer, PlainSheet, SheetAnswers
from blankett.web.templating import t

#: A larger file does not travel with a page.
LARGEST_KEPT = 2_000_000
#: So many lines of a sheet are shown.
LINES_SHOWN = 12


@dataclass(frozen=True)
class SentFile:
    """A file that was sent, now or with the page before."""

    name: str
    data: bytes

    @property
    def kept(self) -> str:
        """Return it as a page carries it; empty where it is too large."""
        return base64.b64encode(self.data).decode() if len(self.data) <= LARGEST_KEPT else ""


def kept_file(form: Mapping[str, str]) -> SentFile | None:
    """Return the file that a page carried, or None."""
    try:
        data = base64.b64decode(form.get("kept", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return SentFile(form.get("kept_name", "")[:200], data) if data else None


@dataclass(frozen=True)
class AskedColumn:
    """A column of a sheet on the page."""

    #: The name of its controls: ``s0.c2``.
    name: str
    heading: str
    role: str
    type: str
    title: str


@dataclass(frozen=True)
class AskedSheet:
    """A sheet on the page that asks what its columns are."""

    #: The name of its controls: ``s0``.
    name: str
    sheet: str
    is_taken: bool
    key: str
    hit: str
    decimal: str
    order: str
    columns: tuple[AskedColumn, ...]
    #: Cells as the sheet shows them, and the numbers of their rows.
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    more: int
    remarks: tuple[str, ...]


def answers_sent(found: FileTables, form: MultiDict[str, str], table: str) -> dict[str, SheetAnswers] | None:
    """Return {sheet: what was answered}, for the sheets to take; None where nothing was asked yet."""
    if form.get("answered") != "yes":
        return None
    answers = {}
    for at, plain in enumerate(found.plain):
        if form.get(f"s{at}.take") == "yes" or len(found.plain) == 1:
            answers[plain.name] = _answers(plain, f"s{at}", form, table if len(found.plain) == 1 else "")
    return answers


def _answers(plain: PlainSheet, name: str, form: MultiDict[str, str], table: str) -> SheetAnswers:
    guess = plain.guessed()
    columns = tuple(
        _column(guessed, f"{name}.c{place}", form) for place, guessed in zip(plain.places, guess.columns, strict=True)
    )
    key = form.get(f"{name}.key", "")
    order = form.get(f"{name}.order", "")
    return SheetAnswers(
        key=table or (key if KEY.match(key) and len(key) <= LONGEST_KEY else guess.key),
        hit=next((hit for hit in HITS if hit == form.get(f"{name}.hit")), guess.hit),
        columns=columns,
        habits=Habits("," if form.get(f"{name}.decimal") == "," else ".", order if order in ("dmy", "mdy") else "dmy"),
    )


def _column(guess: ColumnAnswer, name: str, form: MultiDict[str, str]) -> ColumnAnswer:
    type_ = form.get(f"{name}.type", "")
    return ColumnAnswer(
        role=next((role for role in ROLES if role == form.get(f"{name}.role")), guess.role),
        type=type_ if type_ in TYPES else guess.type,
        title=form.get(f"{name}.title", guess.title)[:200],
    )


def asked_sheets(found: FileTables, sent: Mapping[str, SheetAnswers] | None, table: str) -> list[AskedSheet]:
    """Return the sheets of a file as the page asks about them: with what was answered, else as guessed."""
    return [_asked(at, plain, sent, table, len(found.plain)) for at, plain in enumerate(found.plain)]


def _asked(at: int, plain: PlainSheet, sent: Mapping[str, SheetAnswers] | None, table: str, count: int) -> AskedSheet:
    answers = (sent or {}).get(plain.name) or plain.guessed()
    name = f"s{at}"
    columns = tuple(
        AskedColumn(f"{name}.c{place}", plain.heading(place), answer.role, answer.type, answer.title)
        for place, answer in zip(plain.places, answers.columns, strict=True)
    )
    return AskedSheet(
        name=name,
        sheet=plain.name,
        is_taken=plain.name in sent if sent is not None else not plain.is_hidden and (at == 0 or not table),
        key=table if table and count == 1 else answers.key,
        hit=answers.hit,
        decimal=answers.habits.decimal,
        order=answers.habits.order,
        columns=columns,
        lines=tuple(_lines(plain)),
        more=max(0, len(plain.rows) - LINES_SHOWN),
        remarks=tuple(t(remark.message, **remark.params) for remark in plain.remarks),
    )


def _lines(plain: PlainSheet) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in plain.rows[:LINES_SHOWN]:
        number = next((cell.address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for cell in line if cell.address), "")
        yield number, tuple(line[at].shown if at < len(line) else "" for at in plain.places)


def key_fault(key: str) -> Fault | None:
    """Return why a key typed for a new table can be none."""
    return None if KEY.match(key) and len(key) <= LONGEST_KEY else Fault("exchange_page.bad_key", {"key": key[:60]})
