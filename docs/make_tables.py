"""Make the tables of language.md from the checker's own registries: `python docs/make_tables.py` rewrites the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.fields import FIELD_TYPES
from blankett.engine.fields.base import CURRENT, DISPLAY
from blankett.engine.language.grammar import FIELD_SHAPE, SHAPES, KeyRow, key_rows, type_rows
from blankett.engine.language.grammar.scenarios import STORY_SHAPES

PAGE = Path(__file__).with_name("language.md")
#: ``<!-- table: form -->``, and what was made for it up to ``<!-- end -->``.
PLACE = re.compile(
    r"<!-- (?P<what>table: (?P<shape>\w+)|types|functions|not yet|versions) -->(?:\n.*?<!-- end -->)?", re.DOTALL
)


def table(rows: Iterator[KeyRow]) -> Iterator[str]:
    """Yield the lines of a table of keys."""
    yield "| key | holds | |"
    yield "|---|---|---|"
    for row in rows:
        holds = f"{row.kind}, always" if row.required else row.kind
        yield f"| `{row.key}` | {holds} | {row.help} |"


def types() -> Iterator[str]:
    """Yield a line, and a table where it has keys of its own, for each type of field."""
    for kind in FIELD_TYPES:
        yield f"**`{kind.name}`**: {kind.help}"
        yield ""
        if kind.options:
            yield from table(type_rows(kind.name))
            yield ""


def functions() -> Iterator[str]:
    """Yield the names of the built-in functions."""
    yield ", ".join(f"`{name}`" for name in sorted(BUILTINS))


def not_yet() -> Iterator[str]:
    """Yield the keys and types that are refused by name."""
    for shape in SHAPES:
        if shape.not_yet:
            yield f"- of {shape.words}: {', '.join(f'`{key}`' for key in shape.not_yet)}"
    yield f"- types of fields: {', '.join(f'`{name}`' for name in FIELD_SHAPE.not_yet_variants)}"


def versions() -> Iterator[str]:
    """Yield the keys that act on every record at once; all others are a record's process, by its own version."""
    yield "| of | at once | words and looks, at once |"
    yield "|---|---|---|"
    for shape in SHAPES:
        keys = [*shape.keys, *(key for each in shape.variants.values() for key in each)]
        current, display = (
            list(dict.fromkeys(key.name for key in keys if key.part == part)) for part in (CURRENT, DISPLAY)
        )
        if shape not in STORY_SHAPES and (current or display):
            yield f"| {shape.words} | {_listed(current)} | {_listed(display)} |"


def _listed(keys: list[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


MAKERS = {"types": types, "functions": functions, "not yet": not_yet, "versions": versions}


def made(page: str) -> str:
    """Return *page* with every table made anew."""

    def fill(place: re.Match[str]) -> str:
        shape = place["shape"]
        lines = table(key_rows(shape)) if shape else MAKERS[place["what"]]()
        body = "\n".join(lines).rstrip()
        return f"<!-- {place['what']} -->\n{body}\n<!-- end -->"

    return PLACE.sub(fill, page)


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
