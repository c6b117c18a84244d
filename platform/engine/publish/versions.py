"""The versions of a blueprint: who published them when and why, how many records have each, and their texts."""

from __future__ import annotations

from blankett.engine.access import Actor
from blankett.engine.publish.answers import Refused, VersionHead
from blankett.engine.publish.preparing import missing
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.store import Reading


def list_versions(
    reading: Reading, catalog: Catalog, actor: Actor, blueprint: str
) -> tuple[VersionHead, ...] | Refused:
    """Return the versions, the newest first. Members of the workspace may look, not only those who administer it."""
    if not _may_look(reading, actor, blueprint):
        return missing("publish.no_such_blueprint", key=blueprint[:80])
    counts = _counts(reading, catalog, actor.organisation, blueprint)
    return tuple(
        VersionHead(head.number, head.at, head.by, head.note, head.digest, *counts.get(head.number, (0, 0)))
        for head in reading.version_heads(actor.organisation, blueprint)
    )


def version_source(reading: Reading, actor: Actor, blueprint: str, number: int) -> str | Refused:
    """Return the text of a version, to the character."""
    if not _may_look(reading, actor, blueprint):
        return missing("publish.no_such_blueprint", key=blueprint[:80])
    version = reading.version(actor.organisation, blueprint, number)
    return version.source if version else missing("publish.no_such_version", number=number)


def _may_look(reading: Reading, actor: Actor, blueprint: str) -> bool:
    stored = reading.blueprint(actor.organisation, blueprint)
    return stored is not None and (actor.may_administer(stored.workspace) or stored.workspace in actor.roles)


def _counts(reading: Reading, catalog: Catalog, organisation: str, blueprint: str) -> dict[int, tuple[int, int]]:
    """Return version → (records, those of processes whose life has not ended)."""
    found: dict[int, tuple[int, int]] = {}
    line = catalog.line(blueprint, catalog.newest.get(blueprint, 0))
    for form, version, state, count in reading.pinned_counts(organisation, blueprint):
        records, under_way = found.get(version, (0, 0))
        of = line.outline(version).forms.get(form)
        ended = of is not None and (of.life == "reference" or of.is_finished(state))
        found[version] = (records + count, under_way + (0 if ended else count))
    return found
