"""The text of a clone: the origin's text with another key and title, and with shared forms left where they are.

Only edits make it, so the author's comments and layout stay. Publishing it is like publishing any other text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from blankett.engine.access import Actor
from blankett.engine.language.grammar import BLUEPRINT, SHAPES_BY_NAME
from blankett.engine.language.grammar.kinds import Either, Key, Kind, MapOf, SequenceOf, Shape, ShapeOf, Word
from blankett.engine.language.model import KEY, Blueprint
from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.text_edit import Editor
from blankett.engine.paths import Path
from blankett.engine.publish.candidate import foreign_forms
from blankett.engine.publish.drafts import LONGEST_KEY
from blankett.engine.publish.readiness import Publication, invalid, missing
from blankett.engine.publish.results import Obstacle, Refused
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading, StoredBlueprint

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
    elif isinstance(kind, SequenceOf) and isinstance(tree, List):
        for place, item in enumerate(tree.items):
            yield from _of_kind(item, kind.item, (*path, str(place)))
    elif isinstance(kind, MapOf) and isinstance(tree, Map):
        for name, entry in tree.entries.items():
            if kind.of == "a form" and kind.keys == "reference":
                yield FormName((*path, name), entry.key, name, is_key=True)
            yield from _of_kind(entry.value, kind.value, (*path, name))
    elif isinstance(kind, ShapeOf) and isinstance(tree, Map):
        yield from _of_shape(tree, SHAPES_BY_NAME[kind.shape], path)


@dataclass(frozen=True)
class Wish:
    """What somebody wants cloned, and how."""

    origin: str
    key: str
    title: str
    workspace: str
    #: Reference forms that become the clone's own; the others are shared.
    copied: frozenset[str] = frozenset()
    note: str = ""


def plan_clone(reading: Reading, catalog: Catalog, actor: Actor, wish: Wish) -> Publication | Refused:
    """Return the clone as a text to publish, or why it cannot be made. Writes nothing."""
    number = catalog.newest.get(wish.origin)
    stored = reading.blueprint(actor.organisation, wish.origin)
    if number is None or stored is None or not _may_see(actor, stored):
        return missing("publish.no_such_blueprint", key=wish.origin[:80])
    if not KEY.match(wish.key) or len(wish.key) > LONGEST_KEY:
        return invalid("publish.bad_key", key=wish.key[:80])
    if not wish.title.strip():
        return invalid("publish.no_title")
    origin = catalog.blueprint(wish.origin, number)
    chosen = {form.key for form in origin.forms.values() if form.life == "reference"} - wish.copied
    shared = chosen | also_shared(origin, chosen)
    if shared == origin.forms.keys():
        return invalid("publish.nothing_left")
    names = {f"{origin.key}.{form}" for form in shared} | foreign_forms(origin)
    refused = _refuse_sharing(reading, catalog, actor, names)
    if refused is not None:
        return refused
    return Publication(
        source=clone_text(origin.source, origin.key, wish.key, wish.title.strip(), shared),
        blueprint=wish.key,
        workspace=wish.workspace,
        base=0,
        note=wish.note,
        origin=(origin.key, number),
        shared=frozenset(names),
    )


def also_shared(origin: Blueprint, shared: Collection[str]) -> frozenset[str]:
    """Return the reference forms that go with the *shared* ones, because those link to them.

    A shared customer names a warehouse of the origin: were warehouses copied, the clone's could never be that one.
    """
    found, waiting = set(shared), list(shared)
    while waiting:
        for of in origin.forms[waiting.pop()].every_field():
            blueprint, _, key = (of.links_to or "").partition(".")
            target = origin.forms.get(key) if blueprint == origin.key else None
            if target is not None and target.life == "reference" and key not in found:
                found.add(key)
                waiting.append(key)
    return frozenset(found - set(shared))


def _may_see(actor: Actor, stored: StoredBlueprint) -> bool:
    return actor.may_administer(stored.workspace) or stored.workspace in actor.roles


def _refuse_sharing(reading: Reading, catalog: Catalog, actor: Actor, names: Collection[str]) -> Refused | None:
    """Refuse to share forms of a workspace that the actor may not administer: sharing is its administrators' act."""
    rooms = {room.id: room.title for room in reading.workspaces(actor.organisation)}
    obstacles = []
    for name in sorted(names):
        stored = reading.blueprint(actor.organisation, name.partition(".")[0])
        form = catalog.find_form(name)
        if stored is None or form is None or actor.may_administer(stored.workspace):
            continue
        params = {"workspace": rooms.get(stored.workspace, stored.workspace), "form": form.title}
        obstacles.append(Obstacle("publish.share_forbidden", params))
    return Refused("forbidden", tuple(obstacles)) if obstacles else None


def clone_text(source: str, origin: str, key: str, title: str, shared: Collection[str]) -> str:
    """Return the text *source* of the blueprint *origin* as a blueprint *key* named *title*.

    The forms *shared* are left out, and whatever named them names ``origin.form`` instead.
    """
    editor = Editor(source)
    editor.replace("blueprint", by=key)
    for path in _titles(editor):
        editor.replace(*path, by=title)
    for path in _shared_parts(editor, shared):
        editor.remove(*path)
    for named in form_names(editor.root):
        if named.form in shared and named.is_key:
            editor.rename(*named.path, to=f"{origin}.{named.form}")
        elif named.form in shared:
            editor.replace(*named.path, by=f"{origin}.{named.scalar.text}")
    return editor.text()


def _titles(editor: Editor) -> Iterator[Path]:
    """Yield where the blueprint's own title stands, in each language."""
    yield ("title",)
    for language in _keys(editor, "translations"):
        if editor.find("translations", language, "title") is not None:
            yield ("translations", language, "title")


def _shared_parts(editor: Editor, shared: Collection[str]) -> Iterator[Path]:
    """Yield what goes with the shared forms: themselves, their samples, and their words in other languages."""
    places: list[Path] = [("forms",), ("samples",)]
    places += [("translations", language, "forms") for language in _keys(editor, "translations")]
    for place in places:
        yield from ((*place, form) for form in _keys(editor, *place) if form in shared)


def _keys(editor: Editor, *path: str) -> tuple[str, ...]:
    found = editor.find(*path)
    return tuple(found.entries) if isinstance(found, Map) else ()
