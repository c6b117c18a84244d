"""Every message that code and templates name is in the catalogs, and every message of the catalogs is named somewhere.

An id is found by its shape: a text such as ``refusal.stale`` whose first word is a group of the catalog. A text that
ends in a dot or an underscore (``t('settings.theme_' ~ theme)``) and the fixed parts of an f-string
(``f"verify.{kind}"``) name all the ids they can become.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path

from blankett.words import all_catalogs

PLATFORM = Path(str(files("blankett.words"))).parent
TEMPLATES = Path(str(files("blankett.templates")))

ID = re.compile(r"[a-z][a-z_0-9]*(?:\.[a-z0-9_*]+)+")
START = re.compile(r"[a-z][a-z_0-9]*\.(?:[a-z0-9_]+\.)*(?:[a-z0-9_]+_)?")
TEMPLATE_TEXT = re.compile(r"""(['"])([a-z][a-z_0-9]*\.[a-z0-9_.]*)\1""")

#: Texts of the same shape that are no messages: what blueprints call a record's properties, what the store calls its
#: statements in faults and traces, and file names.
NO_MESSAGES = (
    re.compile(r"record\.(id|number|state|title|created_at|created_by|changed_at|owner|assignee)"),
    re.compile(r"(draft|event|form|record)\.(insert|update|delete|erase|rename|renew)"),
    re.compile(r"\w+\.(html|js|css|yaml|po)"),
)


@dataclass(frozen=True, order=True)
class Mention:
    """An id, or with ``*`` the ids it can become, and where it is named."""

    id: str
    place: str

    def names(self, id: str) -> bool:
        """Tell whether this is *id*, or can become it."""
        return self.id == id or ("*" in self.id and fnmatchcase(id, self.id))


@cache
def mentions() -> tuple[Mention, ...]:
    """Return every mention of a message in code and templates."""
    groups = {id.split(".")[0] for id in known_ids()}
    return tuple(
        mention
        for mention in (*mentions_in_code(), *mentions_in_templates())
        if mention.id.split(".")[0] in groups and not any(pattern.fullmatch(mention.id) for pattern in NO_MESSAGES)
    )


def mentions_in_code() -> Iterator[Mention]:
    """Yield what texts of Python modules look like ids."""
    for path in sorted(PLATFORM.rglob("*.py")):
        for line, id in ids_in(ast.parse(path.read_text(encoding="utf-8"))):
            yield Mention(id, f"{path.relative_to(PLATFORM)}:{line}")


def ids_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the id of every text of a module that looks like one."""
    for part in ast.iter_child_nodes(tree):
        id = id_of(part)
        if id:
            yield getattr(part, "lineno", 0), id
        if not isinstance(part, ast.JoinedStr):  # its parts are no texts of their own
            yield from ids_in(part)


def id_of(part: ast.AST) -> str | None:
    """Return the id a text in code looks like, with ``*`` for what it does not say; None for other things."""
    if isinstance(part, ast.JoinedStr):
        text = "".join(str(each.value) if isinstance(each, ast.Constant) else "*" for each in part.values)
        return text if ID.fullmatch(text) else None
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        return shaped(part.value)
    return None


def mentions_in_templates() -> Iterator[Mention]:
    """Yield what quoted texts of templates look like ids."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for _, text in TEMPLATE_TEXT.findall(line):
                id = shaped(text)
                if id:
                    yield Mention(id, f"templates/{path.relative_to(TEMPLATES)}:{number}")


def shaped(text: str) -> str | None:
    """Return *text* as an id; one that is the start of ids ends in ``*``."""
    if START.fullmatch(text):
        return f"{text}*"
    return text if ID.fullmatch(text) and "*" not in text else None


def known_ids() -> frozenset[str]:
    """Return the ids of all messages."""
    return all_catalogs()["en"].ids()


def test_every_message_that_is_named_has_words() -> None:
    unknown = [mention for mention in mentions() if not any(mention.names(id) for id in known_ids())]
    assert sorted(unknown) == []


def test_every_message_that_has_words_is_named() -> None:
    exact = {mention.id for mention in mentions()}
    starts = [mention for mention in set(mentions()) if "*" in mention.id]
    unnamed = {id for id in known_ids() - exact if not any(start.names(id) for start in starts)}
    assert unnamed - {"plain", "said"} == set(), "take them out of every catalog"


def test_ids_are_found_by_their_shape() -> None:
    source = (
        't("refusal.stale")\nt(f"verify.{kind}_{count}")\nt("studio.part_" + part)\nopen("a.b c")\nt("Plain words.")'
    )
    assert list(ids_in(ast.parse(source))) == [(1, "refusal.stale"), (2, "verify.*_*"), (3, "studio.part_*")]
