"""The tree of a blueprint as plain data: what the JSON Schema validates and canonical JSON holds."""

from __future__ import annotations

from typing import TypeAlias

from blankett.engine.blueprint.source import List, Map, Scalar, Tree

Plain: TypeAlias = "str | None | list[Plain] | dict[str, Plain]"


def decode_plain(tree: Tree) -> Plain:
    """Return texts, lists and maps; every scalar stays the text the author typed. What was refused is None."""
    if isinstance(tree, Map):
        return {key: decode_plain(entry.value) for key, entry in tree.entries.items()}
    if isinstance(tree, List):
        return [decode_plain(item) for item in tree.items]
    return tree.text if isinstance(tree, Scalar) else None
