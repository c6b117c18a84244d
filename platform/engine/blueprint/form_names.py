"""Where a blueprint's text names forms: found by the grammar, so that a new key that names one is found too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from blankett.engine.blueprint.grammar import BLUEPRINT, SHAPES_BY_NAME
from blankett.engine.blueprint.kinds import Either, Key, Kind, ListOf, MapOf, Shape, ShapeOf, Word
from blankett.engine.blueprint.source import List, Map, Scalar, Tree

Path = tuple[str, ...]

#: What a reference that is a form's key is called in the grammar; and one that begins with it: ``customer.tier``.
WHOLE = frozenset({"the key of a form", "a form, or blueprint.form"})
BEGINS = frozenset({"form and field: form.field", "a type, or form.field"})


@dataclass(frozen=True, slots=True)
class FormName:
    """A text, or the key of an entry, that names a form, alone or at its beginning."""

    path: Path
    scalar: Scalar
    #: The form as it is named: its key, or ``blueprint.form`` in front of what follows.
    form: str
    is_key: bool = False


def form_names(tree: Map) -> Iterator[FormName]:
    """Yield every place of a blueprint's tree that names a form, but for where forms are defined and translated."""
    return (named for named in _of_shape(tree, BLUEPRINT, ()) if _is_own(tree, named))


def _is_own(tree: Map, named: FormName) -> bool:
    """Tell whether a name that goes on is not that of another blueprint: `order.lines.price`."""
    steps = named.scalar.text.split(".")
    if named.is_key or named.form == named.scalar.text or len(steps) == 2 or steps[1] == "record":
        return True
    form = tree.map("forms").get(named.form)
    return isinstance(form, Map) and steps[1] in form.map("fields").entries


def _of_shape(tree: Map, shape: Shape, path: Path) -> Iterator[FormName]:
    known = {key.name: key for key in (*shape.keys, *_variant(tree, shape))}
    for name, entry in tree.entries.items():
        if name in known and name != "samples":
            yield from _of_kind(entry.value, known[name].kind, (*path, name))


def _variant(tree: Map, shape: Shape) -> tuple[Key, ...]:
    return shape.variants.get(tree.text(shape.variant_key) or "", ()) if shape.variant_key else ()


def _of_kind(tree: Tree, kind: Kind, path: Path) -> Iterator[FormName]:
    if isinstance(kind, Either):
        part = kind.scalar if isinstance(tree, Scalar) else kind.list if isinstance(tree, List) else kind.map
        if part is not None:
            yield from _of_kind(tree, part, path)
    elif isinstance(kind, Word) and isinstance(tree, Scalar):
        if kind.of in WHOLE:
            yield FormName(path, tree, tree.text)
        elif kind.of in BEGINS and "." in tree.text:
            yield FormName(path, tree, tree.text.partition(".")[0])
    elif isinstance(kind, ListOf) and isinstance(tree, List):
        for place, item in enumerate(tree.items):
            yield from _of_kind(item, kind.item, (*path, str(place)))
    elif isinstance(kind, MapOf) and isinstance(tree, Map):
        for name, entry in tree.entries.items():
            if kind.of == "a form" and kind.keys == "reference":
                yield FormName((*path, name), entry.key, name, is_key=True)
            yield from _of_kind(entry.value, kind.value, (*path, name))
    elif isinstance(kind, ShapeOf) and isinstance(tree, Map):
        yield from _of_shape(tree, SHAPES_BY_NAME[kind.shape], path)
