"""Says in a blueprint's text what becomes of a state or an option that it no longer has: an entry with `becomes`.

Only an edit, like those an author makes by hand; layout and comments stay. Whether the text is sound is the checker's.
"""

from __future__ import annotations

from blankett.engine.language.source import List, Map, Scalar
from blankett.engine.language.text_edit import EditError, Editor, written
from blankett.engine.publish.convert import Remedy
from blankett.engine.publish.impact import Impact


def remedies_of(impact: Impact) -> dict[str, Remedy]:
    """Return what the text could map, by name: ``{"order.review": …}``."""
    classes = (found for form in impact.forms for found in form.staying.values())
    return {found.remedy.name: found.remedy for found in classes if found.remedy is not None}


def with_remedy(source: str, remedy: Remedy, becomes: str) -> str:
    """Return *source* with an entry that says that `remedy.key` becomes *becomes*.

    Raises `EditError` where the text has no such place, or *becomes* is none of the choices.
    """
    if becomes not in remedy.choices:
        raise EditError(f"{becomes!r} is no choice")
    editor = Editor(source)
    found = editor.find(*remedy.path)
    entry = f"{{becomes: {written(becomes)}}}"
    if isinstance(found, Map):
        editor.insert(*remedy.path, key=remedy.key, value=entry)
    elif isinstance(found, List):
        keys = [item.text for item in found.items if isinstance(item, Scalar)]
        titles = [f"{written(key)}: {written(_title(remedy, key))}" for key in keys]
        text = ", ".join([*titles, f"{written(remedy.key)}: {entry}"])
        editor.splice(found.place.start, found.place.end, f"{{{text}}}")
    else:
        raise EditError(f"nothing stands at {'.'.join(remedy.path)}")
    return editor.text()


def _title(remedy: Remedy, key: str) -> str:
    titles = remedy.choices[key].by_language if key in remedy.choices else {}
    return next(iter(titles.values()), key)
