"""What the catalogs of words hold, for tests that hold them against each other and against what is said."""

from __future__ import annotations

from blankett.words.catalogs import MessageCatalog, Slot, all_catalogs


def has_message(id: str) -> bool:
    """Tell whether the English catalog has *id*."""
    return all_catalogs()["en"].find(id) is not None


def params_of(catalog: MessageCatalog, id: str) -> frozenset[str]:
    """Return the names of the parameters the message *id* uses, in any of its forms."""
    message = catalog.find(id)
    assert message is not None
    return frozenset(piece.name for piece in (*message.single, *(message.plural or ())) if isinstance(piece, Slot))
