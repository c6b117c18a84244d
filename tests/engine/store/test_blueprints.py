"""Blueprints, their immutable versions, and the text that is not published yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from blankett.engine.store import Share, Store, StoredBlueprint, StoredDraft, StoredVersion
from blankett.engine.store.blueprints import CANONICAL_PIECE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOP = StoredBlueprint(organisation="acme", key="shop", workspace="w", created_at=NOW, created_by="anna")


def version(number: int, **values: Any) -> StoredVersion:
    standard = {"source": f"v{number}", "canonical": "{}", "positions": "[]", "digest": "d", "by": "anna", "at": NOW}
    return StoredVersion(organisation="acme", blueprint="shop", number=number, **{**standard, **values})


def test_a_blueprint_knows_its_origin_and_what_it_shares(any_store: Store) -> None:
    clone = replace(SHOP, key="clone", origin="shop", origin_version=3, shares=(Share("customer", "north"),))
    with any_store.writing() as writing:
        writing.insert_blueprint(SHOP)
        writing.insert_blueprint(clone)
        writing.put_share("acme", "clone", Share("customer", "north"))
        assert writing.blueprints("acme") == [clone, SHOP]
        assert writing.blueprint("acme", "clone") == clone
        assert writing.blueprint("acme", "none") is None
        assert writing.blueprints("other") == []


def test_versions_follow_each_other(any_store: Store) -> None:
    with any_store.writing() as writing:
        first, second = writing.insert_version(version(1)), writing.insert_version(version(2, note="More"))
        assert writing.newest_versions("acme") == {"shop": 2}
        assert (writing.version("acme", "shop", 1), writing.version("acme", "shop", 2)) == (first, second)
        assert writing.version("acme", "shop", 3) is None
        heads = [(head.number, head.note, head.source) for head in writing.version_heads("acme", "shop")]
        with pytest.raises(ValueError, match="version 4 of 'shop' does not follow version 2"):
            writing.insert_version(version(4))
    assert heads == [(2, "More", ""), (1, "", "")]
    assert len({first.seal, second.seal}) == 2


def test_canonical_texts_are_read_some_at_a_time(any_store: Store) -> None:
    with any_store.writing() as writing:
        for number in range(1, CANONICAL_PIECE + 4):
            writing.insert_version(version(number, canonical=f"[{number}]"))
        last = CANONICAL_PIECE + 3
        assert writing.canonical_texts("acme", "shop", 3, last) == [(n, f"[{n}]") for n in range(3, last)]
        assert writing.canonical_texts("acme", "shop", last, last) == [(last, f"[{last}]")]
        assert writing.canonical_texts("acme", "other", 1, 9) == []


def test_a_seal_covers_everything_and_the_seal_before() -> None:
    from blankett.engine.store.blueprints import version_seal

    first = version(1)
    others = [
        replace(first, **{name: value})
        for name, value in (("source", "x"), ("canonical", "x"), ("positions", "x"), ("by", "x"), ("note", "x"))
    ]
    seals = {version_seal(found, "") for found in (first, *others)} | {version_seal(first, "before")}
    assert len(seals) == 7


def test_a_draft_is_not_overwritten_unseen(any_store: Store) -> None:
    draft = StoredDraft(
        organisation="acme", blueprint="shop", source="a", revision=1, changed_at=NOW, changed_by="anna"
    )
    with any_store.writing() as writing:
        assert writing.draft("acme", "shop") is None
        assert writing.put_draft(draft, None)
        assert not writing.put_draft(replace(draft, source="lost"), None)
        assert writing.put_draft(replace(draft, source="b", revision=2), 1)
        assert not writing.put_draft(replace(draft, source="lost", revision=2), 1)
        assert writing.draft("acme", "shop") == replace(draft, source="b", revision=2)


def test_records_are_counted_by_version_and_state(store: Store, shelf: Any) -> None:
    shelf.fill(store, [{"state": "draft"}, {"state": "draft"}, {"state": "done"}])
    with store.reading() as reading:
        assert reading.pinned_counts("acme", "shop") == [("order", 1, "done", 1), ("order", 1, "draft", 2)]
        assert reading.pinned_counts_up_to("acme", "shop", 9) == reading.pinned_counts("acme", "shop")
        assert reading.pinned_counts_up_to("acme", "shop", 1) == [("order", 1, "done", 1), ("order", 1, "draft", 1)]
