"""The text of a clone: the origin's text with another key and title, and with shared forms left where they are.

Only the text is made here, by edits that keep the author's comments and layout; publishing it is `publisher`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from blankett.engine.blueprint.edit import Editor
from blankett.engine.blueprint.model import Blueprint
from blankett.engine.blueprint.source import Map

Path = tuple[str, ...]


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
    for path, scalar in editor.walk():
        if scalar.text in shared and names_form(path):
            editor.replace(*path, by=f"{origin}.{scalar.text}")
    for path in _counted_forms(editor):
        if path[-1] in shared:
            editor.rename(*path, to=f"{origin}.{path[-1]}")
    return editor.text()


def foreign_forms(blueprint: Blueprint) -> frozenset[str]:
    """Return the full names of the forms of other blueprints that the fields of *blueprint* link to."""
    asked = (
        of
        for form in blueprint.forms.values()
        for of in (*form.every_field(), *(of for action in form.actions.values() for of in action.ask.values()))
    )
    targets = (str(of.options.get("to")) for of in asked if of.type.name == "link")
    return frozenset(target for target in targets if "." in target and target.split(".")[0] != blueprint.key)


def names_form(path: Path) -> bool:
    """Tell whether the text at *path* of a blueprint is a form's key: of a link, an effect or a scenario's step."""
    if path[0] == "forms":
        is_state = len(path) == 5 and path[2] == "actions"
        return (path[-1] == "to" and not is_state) or (path[-1] == "form" and "effects" in path)
    return path[0] == "scenarios" and len(path) > 3 and path[-1] in ("create", "on")


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


def _counted_forms(editor: Editor) -> Iterator[Path]:
    """Yield the keys of ``expect: {records: {form: 1}}`` in scenarios."""
    for path, _ in editor.walk("scenarios"):
        if len(path) > 2 and path[-3:-1] == ("expect", "records"):
            yield path


def _keys(editor: Editor, *path: str) -> tuple[str, ...]:
    found = editor.find(*path)
    return tuple(found.entries) if isinstance(found, Map) else ()
