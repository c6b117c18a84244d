"""YAML's own complaints in an author's words; a formula that YAML took apart gets the advice how to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blankett.engine.blueprint.model import Place
from blankett.engine.blueprint.source import Source
from blankett.engine.problems import Report

#: What libyaml says → what is wrong, for an author.
COMPLAINTS = {
    "mapping values are not allowed in this context": "a second ': ' on this line",
    "did not find expected key": "this does not go on the way the lines above began",
    "did not find expected ',' or ']'": "a list in [ ] is not closed or a comma is missing",
    "did not find expected ',' or '}'": "a map in { } is not closed or a comma is missing",
    "did not find expected '-' indicator": "this list does not go on with a dash",
    "found character that cannot start any token": "a value cannot begin with this character",
    "found unexpected end of stream": "a quoted text is not closed",
    "did not find expected comment or line break": "after | or > the text begins on the next line",
    "block sequence entries are not allowed in this context": "a list with dashes begins on the next line",
    "could not find expected ':'": "a key without ': ' and a value",
    "found undefined tag handle": "a value cannot begin with this character",
    "did not find expected alphabetic or numeric character": "a value cannot begin with this character",
    "found unknown escape character": "this escape is none that YAML knows; use single quotes",
}
#: A key with a value on its line: ``when: "a" = b``, ``- that: total > 0``, ``{fill: "a" + b}``.
KEY_AND_VALUE = re.compile(r"(?:^|(?<=[\s{,-]))(?P<key>[A-Za-z_]\w*) *: +(?P<value>[^\s].*)")
#: Keys whose values are formulas, wherever they stand.
FORMULA_KEYS = frozenset({"compute", "fill", "that", "visible", "when", "where", "required", "editable"})


def tell_syntax(source: Source, place: Place, context: Place | None, problem: str, report: Report) -> None:
    """Tell of a YAML syntax error; of a formula that YAML took apart with the advice how to write it."""
    for line, column in _suspects(source, place, context):
        found = _last_key(source.line(line), column)
        if found and (found["key"] in FORMULA_KEYS or found["value"].startswith("=")) and found["value"][0] not in "|&":
            start = source.line_starts[line - 1] + found.start("value")
            report.add("eaten_formula", source.place(start, start + len(found["value"])), key=found["key"])
            return
    report.add("bad_yaml", place, problem=COMPLAINTS.get(problem, problem or "this cannot be read as YAML"))


def _suspects(source: Source, place: Place, context: Place | None) -> Iterator[tuple[int, int]]:
    """Yield the lines, with a column, where what YAML complains of may have begun."""
    if source.line(place.line).strip():
        yield place.line, place.column
    if context is not None and context.line != place.line:
        yield context.line, len(source.line(context.line)) + 1


def _last_key(line: str, column: int) -> re.Match[str] | None:
    """Return the last key with a value that begins before *column*."""
    found: re.Match[str] | None = None
    at = 0
    while (match := KEY_AND_VALUE.search(line, at)) and match.start("value") < column:
        found, at = match, match.start("value")
    return found
