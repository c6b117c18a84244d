"""YAML's own complaints in an author's words, at the place that is wrong, with what to write instead.

YAML complains where it can go on no longer; what is wrong is often before that: a line one space too deep, a quote or a
bracket that was opened and not closed, a formula that was taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

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
#: What an unclosed { or [ makes YAML say → the bracket that is missing.
UNCLOSED = {"did not find expected ',' or ']'": "]", "did not find expected ',' or '}'": "}"}
#: A key with a value on its line: ``when: "a" = b``, ``- that: total > 0``, ``{fill: "a" + b}``.
KEY_AND_VALUE = re.compile(r"(?:^|(?<=[\s{,-]))(?P<key>[A-Za-z_]\w*) *: +(?P<value>[^\s].*)")
#: A line that begins with a key or a dash: what stands at the depth of its level.
ITEM = re.compile(
    r"(?P<indent> *)(?:(?P<dash>- +)(?=\S)|-$)?(?:(?P<key>[A-Za-z_][\w.]*|\"[^\"]*\"|'[^']*') *:(?=\s|$))?"
)
#: Keys whose values are formulas, wherever they stand.
FORMULA_KEYS = frozenset({"compute", "fill", "that", "visible", "when", "where", "required", "editable"})
#: With these a value begins that YAML may take apart.
TAKEN_APART = frozenset("\"'[{*&!|>%@`")
#: A longer distance is no slip of the space bar.
LONGEST_SLIP = 3


def tell_syntax(source: Source, place: Place, context: Place | None, problem: str, report: Report) -> None:
    """Tell of a YAML syntax error, where it begins; *context* is where what YAML was reading began."""
    if _tell_indentation(source, place, report) or _tell_quote(source, place, context, problem, report):
        return
    if problem in UNCLOSED and context is not None and context.line < place.line:
        opened = source.text[context.start : context.start + 1]
        report.add("unclosed_bracket", context, bracket=opened, closing=UNCLOSED[problem])
        return
    for line, column in _suspects(source, place, context):
        found = _last_key(source.line(line), column)
        if found and (found["key"] in FORMULA_KEYS or found["value"].startswith("=")) and found["value"][0] not in "|&":
            start = source.line_starts[line - 1] + found.start("value")
            report.add("eaten_formula", source.place(start, start + len(found["value"])), key=found["key"])
            return
    if _tell_left_over(source, place, report):
        return
    report.add("bad_yaml", place, problem=COMPLAINTS.get(problem, problem or "this cannot be read as YAML"))


# Indentation ----------------------------------------------------------------------------------------------------------


def _tell_indentation(source: Source, place: Place, report: Report) -> bool:
    """Tell that the line begins at a depth that none of the lines above it has; return whether it does."""
    text = source.line(place.line)
    item = ITEM.match(text)
    if item is None or not (item["key"] or text.lstrip().startswith("-")):
        return False
    levels = list(_levels(source, place.line))
    given = len(item["indent"])
    if not levels or given in {depth for depth, _key, _line in levels}:
        return False
    # Of two levels equally far away the one of the line just before is the likelier.
    depth, key, line = min(levels, key=lambda level: abs(level[0] - given))
    distance = abs(depth - given)
    if distance > LONGEST_SLIP:
        return False
    start = source.line_starts[place.line - 1] + given
    report.add(
        "indentation",
        source.place(start, start + len(text.strip())),
        distance=_spaces(distance),
        direction="deep" if given > depth else "shallow",
        key=key,
        line=line,
        wanted=_spaces(depth),
        given=given,
    )
    return True


def _spaces(count: int) -> str:
    return "one space" if count == 1 else "no space" if count == 0 else f"{count} spaces"


def _levels(source: Source, number: int) -> Iterator[tuple[int, str, int]]:
    """Yield the depths that line *number* may begin at, the deepest first, each with its last key and line; nothing
    where the line before opens a level of its own, or is no key.
    """
    lowest: int | None = None
    for line in range(number - 1, 0, -1):
        text = source.line(line)
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        item = ITEM.match(text)
        if item is None or not (item["key"] or item["dash"]):
            if lowest is None:
                return
            continue
        if lowest is None and re.search(r"(?::|-|[|>][+-]?\d?)(?:\s+#.*)?$", text.rstrip()):
            return
        inside, outside = len(item["indent"]) + len(item["dash"] or ""), len(item["indent"])
        for depth in (inside, outside) if item["dash"] and item["key"] else (outside,):
            if lowest is None or depth < lowest:
                lowest = depth
                yield depth, (item["key"] or "-").strip("\"'"), line


# Quotes ---------------------------------------------------------------------------------------------------------------


def _tell_quote(source: Source, place: Place, context: Place | None, problem: str, report: Report) -> bool:
    """Tell of a quote that is not closed on its line, where it was opened; return whether there is one.

    The next quote of the file closes it, so that YAML complains of what follows there, or at the end.
    """
    opened: Place | None = None
    if problem == "found unexpected end of stream" and context is not None:
        opened = context
    else:
        last = _last_quoted(source, place)
        if last is not None and last.line < place.line:
            opened = last
    if opened is None or source.text[opened.start : opened.start + 1] not in ("'", '"'):
        return False
    report.add("unclosed_quote", opened, quote=source.text[opened.start])
    return True


def _last_quoted(source: Source, place: Place) -> Place | None:
    """Return the last text in quotes that ended before *place* on its line."""
    found: Place | None = None
    shift = 1 if source.text.startswith("\ufeff") else 0
    try:
        for token in yaml.scan(source.text[shift : place.start], Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                is_here = token.end_mark.line + 1 == place.line
                found = source.place(token.start_mark.index + shift, token.end_mark.index + shift) if is_here else None
    except yaml.YAMLError:
        return found
    return found


def _tell_left_over(source: Source, place: Place, report: Report) -> bool:
    """Tell that something follows a text in quotes on its line, for want of another way to write the quotes in it."""
    last = _last_quoted(source, place)
    found = _last_key(source.line(place.line), place.column)
    if last is None or found is None or last.line != place.line:
        return False
    quote = source.text[last.start]
    rest = source.line(place.line)[place.column - 1 :].strip()
    if not rest or found.start("value") + 1 != last.column:
        return False
    end = source.place(last.end - 1, last.end)
    report.add("text_after_quote", end, key=found["key"], rest=rest[:60], inside='\\"' if quote == '"' else "''")
    return True


# Formulas that were taken apart ---------------------------------------------------------------------------------------


def _suspects(source: Source, place: Place, context: Place | None) -> Iterator[tuple[int, int]]:
    """Yield the lines, with a column, where what YAML complains of may have begun."""
    if source.line(place.line).strip():
        yield place.line, place.column
    if context is not None and context.line != place.line:
        found = _last_key(source.line(context.line), len(source.line(context.line)) + 1)
        if found is not None and found["value"][0] in TAKEN_APART:
            yield context.line, len(source.line(context.line)) + 1


def _last_key(line: str, column: int) -> re.Match[str] | None:
    """Return the last key with a value that begins before *column*."""
    found: re.Match[str] | None = None
    at = 0
    while (match := KEY_AND_VALUE.search(line, at)) and match.start("value") < column:
        found, at = match, match.start("value")
    return found
