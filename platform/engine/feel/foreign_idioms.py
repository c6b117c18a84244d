"""What authors know from spreadsheets, SQL and programming languages, and what is written here instead.

The parser and the checker look here when something means nothing, so that a message says what to write. Nothing here is
ever taken for what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from blankett.engine.feel.lexer import KEYWORDS, Token
from blankett.engine.feel.temporal import read_temporal

#: Names that stand for a value elsewhere → the value here.
NAMES: Final[Mapping[str, str]] = {
    "yes": "true",
    "no": "false",
    "on": "true",
    "off": "false",
    "true": "true",
    "false": "false",
    "null": "null",
    "none": "null",
    "nil": "null",
    "undefined": "null",
    "nothing": "null",
    "empty": "null",
    "blank": "null",
    "today": "today()",
    "now": "now()",
    "yesterday": 'today() - duration("P1D")',
    "tomorrow": 'today() + duration("P1D")',
    "current_user": "user",
    "currentuser": "user",
    "me": "user",
    "myself": "user",
}

#: Functions of elsewhere, in small letters without blanks and underscores → how it is written here. `{0}`, `{1}`… are
#: the arguments as written.
FUNCTIONS: Final[Mapping[str, str]] = {
    "if": "if {0} then {1} else {2}",
    "iif": "if {0} then {1} else {2}",
    "iff": "if {0} then {1} else {2}",
    "ifs": "if {0} then {1} else if {2} then {3} else {4}",
    "switch": "if … then … else if … then … else …",
    "case": "if … then … else if … then … else …",
    "isnull": "{0} = null",
    "isblank": "{0} = null",
    "isempty": "{0} = null",
    "isna": "{0} = null",
    "exists": "{0} != null",
    "isset": "{0} != null",
    "isnotnull": "{0} != null",
    "isnotempty": "{0} != null",
    "coalesce": "if {0} != null then {0} else {1}",
    "ifnull": "if {0} != null then {0} else {1}",
    "nvl": "if {0} != null then {0} else {1}",
    "ifblank": "if {0} != null then {0} else {1}",
    "default": "if {0} != null then {0} else {1}",
    "year": "{0}.year",
    "month": "{0}.month",
    "day": "{0}.day",
    "hour": "{0}.hour",
    "minute": "{0}.minute",
    "weekday": "{0}.weekday",
    "dayofweek": "day of week({0})",
    "weeknum": "week of year({0})",
    "isoweeknum": "week of year({0})",
    "eomonth": "last day of month({0})",
    "datediff": "({0} - {1}).days",
    "datedif": "({1} - {0}).days",
    "days": "({0} - {1}).days",
    "daysbetween": "({1} - {0}).days",
    "dateadd": '{0} + duration("P7D")',
    "adddays": '{0} + duration("P7D")',
    "addmonths": '{0} + duration("P1M")',
    "edate": '{0} + duration("P1M")',
    "datevalue": "date({0})",
    "todate": "date({0})",
    "parsedate": "date({0})",
    "strtodate": "date({0})",
    "yesterday": 'today() - duration("P1D")',
    "tomorrow": 'today() + duration("P1D")',
    "getdate": "today()",
    "curdate": "today()",
    "currentdate": "today()",
    "sysdate": "now()",
    "len": "string length({0})",
    "strlen": "string length({0})",
    "length": "string length({0})",
    "charlength": "string length({0})",
    "size": "count({0})",
    "counta": "count({0})",
    "upper": "upper case({0})",
    "ucase": "upper case({0})",
    "toupper": "upper case({0})",
    "lower": "lower case({0})",
    "lcase": "lower case({0})",
    "tolower": "lower case({0})",
    "left": "substring({0}, 1, {1})",
    "right": "substring({0}, -{1})",
    "mid": "substring({0}, {1}, {2})",
    "substr": "substring({0}, {1}, {2})",
    "join": "string join({0}, {1})",
    "textjoin": "string join({2}, {0})",
    "instr": "contains({0}, {1})",
    "find": "contains({1}, {0})",
    "search": "contains({1}, {0})",
    "startswith": "starts with({0}, {1})",
    "endswith": "ends with({0}, {1})",
    "substitute": "replace({0}, {1}, {2})",
    "regexmatch": "matches({0}, {1})",
    "match": "matches({0}, {1})",
    "like": "contains({0}, {1})",
    "format": "string({0})",
    "formatdate": "string({0})",
    "formatnumber": "string({0})",
    "dateformat": "string({0})",
    "text": "string({0})",
    "str": "string({0})",
    "tostring": "string({0})",
    "tochar": "string({0})",
    "cstr": "string({0})",
    "int": "floor({0})",
    "integer": "floor({0})",
    "trunc": "round down({0}, 0)",
    "fix": "round down({0}, 0)",
    "value": "number({0})",
    "val": "number({0})",
    "num": "number({0})",
    "tonumber": "number({0})",
    "cdbl": "number({0})",
    "parseint": "number({0})",
    "parsefloat": "number({0})",
    "round": "round half up({0}, 0)",
    "roundup": "round up({0}, 0)",
    "rounddown": "round down({0}, 0)",
    "ceil": "ceiling({0})",
    "mod": "modulo({0}, {1})",
    "pow": "{0} ** {1}",
    "power": "{0} ** {1}",
    "avg": "mean({0})",
    "average": "mean({0})",
    "sumif": "sum(lines[quantity > 1].quantity)",
    "sumifs": "sum(lines[quantity > 1].quantity)",
    "countif": "count(lines[quantity > 1])",
    "countifs": "count(lines[quantity > 1])",
    "filter": "lines[quantity > 1]",
    "map": "for line in lines return line.quantity",
    "unique": "distinct values({0})",
    "distinct": "distinct values({0})",
    "vlookup": "customer.tier for a value of a linked record, or a decision table",
    "xlookup": "customer.tier for a value of a linked record, or a decision table",
    "lookup": "customer.tier for a value of a linked record, or a decision table",
    "hasrole": "the role under 'by' or 'who'",
    "userhasrole": "the role under 'by' or 'who'",
    "isinrole": "the role under 'by' or 'who'",
    "currentuser": "user",
}

#: Functions that join what they are given → with what.
JOINED: Final[Mapping[str, str]] = {"and": " and ", "concat": " + ", "or": " or "}

#: Members of texts, lists and dates of elsewhere → how it is written here; `{0}` is the owner as written.
MEMBERS: Final[Mapping[str, str]] = {
    "count": "count({0})",
    "length": "count({0})",
    "size": "count({0})",
    "sum": "sum({0})",
    "total": "sum({0})",
    "first": "{0}[1]",
    "last": "{0}[-1]",
    "touppercase": "upper case({0})",
    "upper": "upper case({0})",
    "tolowercase": "lower case({0})",
    "lower": "lower case({0})",
    "trim": "trim({0})",
    "strip": "trim({0})",
    "startswith": "starts with({0}, …)",
    "endswith": "ends with({0}, …)",
    "contains": "contains({0}, …)",
    "includes": "contains({0}, …)",
    "replace": "replace({0}, …, …)",
    "split": "split({0}, …)",
    "substring": "substring({0}, …)",
    "tostring": "string({0})",
    "tofixed": "string({0})",
    "getyear": "{0}.year",
    "getmonth": "{0}.month",
    "getday": "{0}.day",
    "role": "the role under 'by' or 'who'",
    "roles": "the role under 'by' or 'who'",
}
#: Of a text, the same members mean another function.
OF_TEXT: Final[Mapping[str, str]] = {"length": "string length({0})", "size": "string length({0})"}

#: Words between values, as they follow each other (texts and numbers are `"` and `0`, names `a`) → what to write.
WORDS: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(pattern + r"(?= |$)", re.IGNORECASE), instead)
    for pattern, instead in (
        (r"is not (?:null|none|nil|empty|blank|nothing|undefined)", "!= null"),
        (r"is (?:null|none|nil|empty|blank|nothing|undefined)", "= null"),
        (r"isn't|is not|is not equal to|not equals?|ne|differs from", "!="),
        (r"is equal to|equals|is|eq|equal to", "="),
        (r"is (?:greater|more|larger) than or equal to|gte|ge", ">="),
        (r"is (?:less|smaller) than or equal to|lte|le", "<="),
        (r"(?:is )?(?:greater|more|larger|later) than|gt", ">"),
        (r"(?:is )?(?:less|smaller|fewer|earlier) than|lt", "<"),
        (r"not in", "not(… in …)"),
        (r"not like|does not contain|not contains", "not(contains(…, …))"),
        (r"like|contains|includes|ilike", "contains(…, …)"),
        (r"starts with|startswith|begins with", "starts with(…, …)"),
        (r"ends with|endswith", "ends with(…, …)"),
        (r"mod|rem", "modulo(…, …)"),
        (r"div", "floor(… / …)"),
        (r"plus", "+"),
        (r"minus", "-"),
        (r"times", "*"),
        (r"xor", "!="),
        (r"elif|elsif|elseif|elsewhen", "else if"),
        (r"case(?: when)?|when", "if … then … else …"),
        (r"unless", "if not(…) then … else …"),
        (r"\?", "if … then … else …"),
    )
)
#: Units after a number → the duration.
UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("day", "days", "d"), "P{0}D"),
    **dict.fromkeys(("week", "weeks"), "P{7}D"),
    **dict.fromkeys(("month", "months"), "P{0}M"),
    **dict.fromkeys(("year", "years"), "P{0}Y"),
    **dict.fromkeys(("hour", "hours", "h"), "PT{0}H"),
    **dict.fromkeys(("minute", "minutes", "min"), "PT{0}M"),
    **dict.fromkeys(("second", "seconds"), "PT{0}S"),
}


def named(word: str) -> str | None:
    """Return what is written for a name of elsewhere, or None."""
    return NAMES.get(word.lower())


def called(name: str, arguments: Sequence[str]) -> str | None:
    """Return what is written for a function of elsewhere, with its arguments as written, or None."""
    key = re.sub(r"[ _]", "", name.lower())
    if key in JOINED and arguments:
        return JOINED[key].join(arguments)
    pattern = FUNCTIONS.get(key)
    if pattern is None:
        return None
    if "}." in pattern:
        arguments = [each if re.fullmatch(r"[\w.]+(\(.*\))?", each) else f"({each})" for each in arguments]
    wanted = [int(found) for found in re.findall(r"\{(\d)\}", pattern)]
    return pattern.format(*arguments, *["…"] * (max(wanted, default=-1) + 1 - len(arguments)))


def member(name: str, owner: str, *, of_text: bool) -> str | None:
    """Return what is written for a part of elsewhere of the value *owner*, or None."""
    key = re.sub(r"[ _]", "", name.lower())
    pattern = (OF_TEXT.get(key) if of_text else None) or MEMBERS.get(key)
    return pattern.format(owner) if pattern else None


def in_tokens(tokens: Sequence[Token], near: int) -> tuple[int, int, str, str] | None:
    """Return what in a formula that cannot be read is a habit of elsewhere: start, end, what stands there and what to
    write; None where nothing is. *near* is where the parser gave up: of several the one nearest to it.
    """
    searches = (_units, _cases, _words, _calls, _remainders, _ranges, _days)
    found = [each for search in searches for each in search(tokens)]
    return min(found, key=lambda each: (abs(each[0] - near), each[0])) if found else None


def _units(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    return [
        (number.start, unit.end, f"{number.text} {unit.text}", f'duration("{_duration(number.text, unit.text)}")')
        for number, unit in pairwise(tokens)
        if number.kind == "number" and number.text.isdecimal() and unit.text.lower() in UNITS
    ]


def _duration(number: str, unit: str) -> str:
    pattern = UNITS[unit.lower()]
    return pattern.replace("{7}", str(int(number) * 7)).replace("{0}", number)


def _cases(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return the words of the language that are written with capitals."""
    return [
        (token.start, token.end, token.text, token.text.lower())
        for token, after in pairwise(tokens)
        if token.kind == "name"
        and token.text not in KEYWORDS
        and token.text.lower() in KEYWORDS - {"in", "of", "function", "external"} | {"in"}
        and not (after.text == "(" and token.text.lower() in FUNCTIONS)
    ]


def _words(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return the operators that are words of elsewhere: those with a value before them."""
    found: list[tuple[int, int, str, str]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        is_after_value = (
            position == 0
            or tokens[position - 1].kind in ("name", "number", "text", "at")
            or (tokens[position - 1].text in (")", "]"))
        )
        taken = _longest(tokens, position) if token.kind in ("name", "keyword") and is_after_value else None
        if taken is not None:
            count, instead = taken
            last = tokens[position + count - 1]
            words = " ".join(each.text for each in tokens[position : position + count])
            found.append((token.start, last.end, words, instead))
            position += count
        else:
            position += 1
    return found


def _longest(tokens: Sequence[Token], position: int) -> tuple[int, str] | None:
    """Return how many tokens from *position* on are words of elsewhere, and what to write; None for none."""
    following = [token.text for token in tokens[position : position + 6] if token.kind in ("name", "keyword")]
    line = " ".join(following)
    matches = [(match.end(), instead) for pattern, instead in WORDS if (match := pattern.match(line))]
    if not matches:
        return None
    end, instead = max(matches, key=lambda each: each[0])
    count = len(line[:end].split(" "))
    is_call = tokens[position + count].text == "(" if position + count < len(tokens) else False
    # A word at the very beginning is one of elsewhere only where it opens a case.
    return None if is_call or (position == 0 and "if" not in instead) else (count, instead)


def _remainders(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return `%` between two values, which is what is left of a division elsewhere."""
    return [
        (sign.start, sign.end, "%", "modulo(…, …)")
        for before, sign, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if sign.text == "%" and before.kind in ("name", "number") and after.kind in ("name", "number")
    ]


def _calls(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return functions of several words that are none here: ``format date(day, "D.M.")``."""
    found: list[tuple[int, int, str, str]] = []
    for position, token in enumerate(tokens):
        count = 0
        while tokens[position + count].kind == "name" or (count and tokens[position + count].kind == "keyword"):
            count += 1
        if count > 1 and tokens[position + count].text == "(":
            name = " ".join(each.text for each in tokens[position : position + count])
            instead = called(name, _arguments(tokens, position + count + 1))
            if instead is not None:
                found.append((token.start, tokens[position + count - 1].end, name, instead))
    return found


def _arguments(tokens: Sequence[Token], position: int) -> list[str]:
    """Return what stands between brackets that opened before *position*, at their commas."""
    arguments, depth, here = [], 1, ""
    for token in tokens[position:]:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0 or token.kind == "end":
            break
        if token.text == "," and depth == 1:
            arguments.append(here)
            here = ""
        else:
            here += token.text
    return [argument for argument in (*arguments, here) if argument]


def _ranges(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return ranges without brackets: ``n in 1..3``."""
    return [
        (low.start, high.end, f"{low.text}..{high.text}", f"[{low.text}..{high.text}]")
        for before, low, dots, high in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)
        if dots.text == ".." and before.text not in ("[", "(", "]") and {low.kind, high.kind} <= {"number", "name"}
    ]


def _days(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return days with points: ``31.12.2026``."""
    found = []
    for first, rest in pairwise(tokens):
        written = first.text + rest.text
        if first.kind == rest.kind == "number" and first.end == rest.start and is_day(written):
            found.append((first.start, rest.end, written, day(written)))
    return found


#: Days as they are written elsewhere: with the year first, or with the day first and points.
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)")
_DAY_FIRST: Final = re.compile(r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})")
_EITHER: Final = re.compile(r"\d\d?[-/]\d\d?[-/]\d{4}")


def is_day(text: str) -> bool:
    """Tell whether a text is a day as it is written elsewhere."""
    return any(pattern.fullmatch(text) for pattern in (_YEAR_FIRST, _DAY_FIRST, _EITHER))


def day(text: str) -> str:
    """Return a day of elsewhere as it is written here; an example where it may be read in two ways."""
    found = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    written = f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}" if found else ""
    return f'@"{written if read_temporal(written) is not None else "2026-01-31"}"'


def duration(text: str) -> str | None:
    """Return a duration of elsewhere, ``7 days``, as it is written here, or None."""
    found = re.fullmatch(r"(\d+) ?([a-z]+)", text.strip().lower())
    return _duration(found[1], found[2]) if found and found[2] in UNITS else None
