"""Notices follow rights: what somebody is told holds what they may read then, and is shown while they may."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime

from blankett.engine.access import load_actor
from blankett.engine.language.model import BlueprintMessage, Formula, Template
from blankett.engine.paths import Path
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.explain.filled_text import HIDDEN, FilledText, kept_text
from blankett.engine.records.explain.kept_sentence import kept_sentence
from blankett.engine.records.linked_form import is_private
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_access import permit_of, stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.sentences import Sentence
from blankett.engine.store import Notification, StoredRecord


@dataclass(frozen=True, slots=True)
class Notice:
    """Something somebody was told, as they may read it now."""

    id: str
    #: None where they may not read it any more.
    text: str | FilledText | Sentence | None
    #: The record it is about, where they may see it.
    record: str | None
    at: datetime
    is_read: bool


def readable_by(unit: Unit, work: Work, user: str, message: BlueprintMessage) -> Callable[[Path], bool]:
    """Return what tells whether *user* may be told the value at a path of the record's names."""
    catalog, process = unit.catalog, work.process
    closed = [path for path in message.reads if is_private(catalog, process, path)]
    if not closed:
        return readable_by_all(unit, work)
    actor = load_actor(catalog.reading, unit.actor.organisation, user)
    permit = permit_of(unit, work, actor) if actor is not None else None
    return lambda path: not is_private(catalog, process, path) or _may_read(permit, path)


def readable_by_all(unit: Unit, work: Work) -> Callable[[Path], bool]:
    """Return what tells whether anybody may be told the value at a path of the record's names: nothing private."""
    return lambda path: not is_private(unit.catalog, work.process, path)


def _may_read(permit: Permit | None, path: Path) -> bool:
    return permit is not None and permit.may("view") and permit.can_read_name(path)


def notices(unit: Unit, limit: int) -> tuple[Notice, ...]:
    """Return the actor's newest notices; without the text of those they may not read any more."""
    reading, organisation = unit.linked.reading, unit.actor.organisation
    found = reading.notifications(organisation, unit.actor.user, limit=limit)
    records = reading.records(organisation, {notice.record for notice in found if notice.record})
    return tuple(_notice(unit, notice, records.get(notice.record or "")) for notice in found)


def _notice(unit: Unit, notice: Notification, stored: StoredRecord | None) -> Notice:
    is_open = notice.record is None or (stored is not None and is_open_to(unit, stored, notice.message, notice.text))
    return Notice(
        notice.id,
        (kept_sentence(notice.text) or read_kept(unit.catalog, notice.text)) if is_open else None,
        notice.record if is_open else None,
        notice.at,
        notice.read_at is not None,
    )


def read_kept(catalog: Catalog, text: str) -> str | FilledText:
    """Return what a text of a notice or a receipt says, for whoever reads it; plain words, as they were kept before
    values were kept with them, as they are.
    """
    kept = kept_text(text)
    if kept is None:
        return text
    blueprint, _, kept_as = kept.form.partition(".")
    try:
        process = catalog.find_process(blueprint, kept.version, kept_as)
    except KeyError:
        process = None
    return kept.filled(process.form if process is not None else None)


def is_open_to(unit: Unit, stored: StoredRecord, key: str, *texts: str) -> bool:
    """Tell whether the unit's actor may see a record, and all that the message *key* tells of it in the kept *texts*,
    its line and its body: what was left out when it was said is not told, to nobody.
    """
    unit.locate(stored.workspace)
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not permit.may("view"):
        return False
    message = process.blueprint.messages.get(key)
    if message is None:
        return True
    closed = {
        path for path in message.reads if is_private(unit.catalog, process, path) and not permit.can_read_name(path)
    }
    return not closed or not any(
        _tells(text, template, closed) for text, template in zip(texts, message.templates, strict=False)
    )


def _tells(text: str, template: Template, closed: Set[Path]) -> bool:
    """Tell whether a text, kept as *template* said it, holds a value that is made of what is *closed*."""
    kept = kept_text(text)
    if kept is None:
        return not closed.isdisjoint(template.reads) and HIDDEN not in text
    for language, pieces in kept.raw["pieces"].items():
        said = template.pieces.get(language, ())
        if len(said) != len(pieces):  # the message has said something else since: what a value is of is not known
            return True
        for formula, piece in zip(said, pieces, strict=True):
            if isinstance(formula, Formula) and piece != HIDDEN and not closed.isdisjoint(formula.reads):
                return True
    return False
