"""What authors know from spreadsheets, SQL and programming languages, and what is written here instead.

The parser and the checker look here when something means nothing, so that a message says what to write. Nothing here is
ever taken for what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
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
    "nan": "null",
    "isnull": "null",
    "status": "record.state",
    "docstatus": "record.state",
    "ja": "true",
    "wahr": "true",
    "nein": "false",
    "falsch": "false",
    "leer": "null",
    "nichts": "null",
    "heute": "today()",
    "jetzt": "now()",
    "gestern": 'today() - duration("P1D")',
    "morgen": 'today() + duration("P1D")',
    "是": "true",
    "真": "true",
    "对": "true",
    "否": "false",
    "假": "false",
    "空": "null",
    "空值": "null",
    "今天": "today()",
    "现在": "now()",
    "昨天": 'today() - duration("P1D")',
    "明天": 'today() + duration("P1D")',
}
#: What stands for the record itself elsewhere: its fields are read by their names alone.
OWN_RECORD: Final = frozenset(
    "doc document self this me form row line item obj object rec frm cur_frm data model".split()
)

#: Functions of elsewhere, in small letters without blanks and underscores → how it is written here. `{0}`, `{1}`… are
#: the arguments as written; `{1|0}` is what to write where there is no second.
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
    "isnone": "{0} = null",
    "isnullorempty": "{0} = null",
    "empty": "{0} = null",
    "istleer": "{0} = null",
    "notnull": "{0} != null",
    "notempty": "{0} != null",
    "isdefined": "{0} != null",
    "hasvalue": "{0} != null",
    "changed": "{0} != old.{0}",
    "haschanged": "{0} != old.{0}",
    "ischanged": "{0} != old.{0}",
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
    "tage": "({0} - {1}).days",
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
    "trunc": "round down({0}, {1|0})",
    "fix": "round down({0}, 0)",
    "float": "number({0})",
    "double": "number({0})",
    "value": "number({0})",
    "val": "number({0})",
    "num": "number({0})",
    "tonumber": "number({0})",
    "cdbl": "number({0})",
    "parseint": "number({0})",
    "parsefloat": "number({0})",
    "round": "round half up({0}, {1|0})",
    "roundup": "round up({0}, {1|0})",
    "rounddown": "round down({0}, {1|0})",
    "ceil": "ceiling({0})",
    "mod": "modulo({0}, {1})",
    "pow": "{0} ** {1}",
    "power": "{0} ** {1}",
    "avg": "mean({0})",
    "average": "mean({0})",
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
    # German
    "wenn": "if {0} then {1} else {2}",
    "wenns": "if {0} then {1} else if {2} then {3} else {4}",
    "nicht": "not({0})",
    "summe": "sum({0})",
    "anzahl": "count({0})",
    "anzahl2": "count({0})",
    "mittelwert": "mean({0})",
    "heute": "today()",
    "jetzt": "now()",
    "jahr": "{0}.year",
    "monat": "{0}.month",
    "tag": "{0}.day",
    "stunde": "{0}.hour",
    "wochentag": "{0}.weekday",
    "kalenderwoche": "week of year({0})",
    "edatum": '{0} + duration("P1M")',
    "monatsende": "last day of month({0})",
    "datwert": "date({0})",
    "runden": "round half up({0}, {1|0})",
    "aufrunden": "round up({0}, {1|0})",
    "abrunden": "round down({0}, {1|0})",
    "ganzzahl": "floor({0})",
    "rest": "modulo({0}, {1})",
    "potenz": "{0} ** {1}",
    "wurzel": "sqrt({0})",
    "wert": "number({0})",
    "lange": "string length({0})",
    "länge": "string length({0})",
    "links": "substring({0}, 1, {1})",
    "rechts": "substring({0}, -{1})",
    "teil": "substring({0}, {1}, {2})",
    "gross": "upper case({0})",
    "klein": "lower case({0})",
    "wechseln": "replace({0}, {1}, {2})",
    "suchen": "contains({1}, {0})",
    "finden": "contains({1}, {0})",
    "sverweis": "customer.tier for a value of a linked record, or a decision table",
    "xverweis": "customer.tier for a value of a linked record, or a decision table",
    "wverweis": "customer.tier for a value of a linked record, or a decision table",
}
#: Functions that belong to something elsewhere, in small letters → how it is written here.
DOTTED: Final[Mapping[str, str]] = {
    "date.today": "today()",
    "date.now": "now()",
    "datetime.now": "now()",
    "datetime.today": "today()",
    "datetime.date.today": "today()",
    "frappe.utils.today": "today()",
    "frappe.utils.nowdate": "today()",
    "frappe.utils.now": "now()",
    "re.match": "matches({1}, {0})",
    "re.search": "matches({1}, {0})",
    "math.floor": "floor({0})",
    "math.ceil": "ceiling({0})",
    "math.round": "round half up({0}, 0)",
    "math.trunc": "round down({0}, 0)",
    "math.abs": "abs({0})",
    "math.sqrt": "sqrt({0})",
    "math.pow": "{0} ** {1}",
    "math.max": "max({0}, {1})",
    "math.min": "min({0}, {1})",
    "string.isnullorempty": "{0} = null",
}
#: Functions that go through a list with a condition of elsewhere, and ours.
_WITH_CONDITION: Final[Mapping[str, str]] = {
    "countif": "count",
    "countifs": "count",
    "sumif": "sum",
    "sumifs": "sum",
    "averageif": "mean",
    "zählenwenn": "count",
    "summewenn": "sum",
}

#: Functions that join what they are given → with what.
JOINED: Final[Mapping[str, str]] = {
    "and": " and ",
    "or": " or ",
    "und": " and ",
    "oder": " or ",
    "concat": " + ",
    "concatenate": " + ",
    "verketten": " + ",
    "textkette": " + ",
}

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
    "days": "{0}.days",
    "year": "{0}.year",
    "month": "{0}.month",
    "day": "{0}.day",
    "equals": "{0} = …",
    "isempty": "{0} = null",
    "matches": "matches({0}, …)",
    "round": "round half up({0}, 0)",
    "map": "for each in {0} return each.…",
    "filter": "{0}[…]",
    "some": "some each in {0} satisfies …",
    "any": "some each in {0} satisfies …",
    "every": "every each in {0} satisfies …",
    "all": "every each in {0} satisfies …",
    "adddays": '{0} + duration("P7D")',
    "plusdays": '{0} + duration("P7D")',
    "minusdays": '{0} - duration("P7D")',
    "addmonths": '{0} + duration("P1M")',
    "plusmonths": '{0} + duration("P1M")',
    "diff": "(… - {0}).days",
    "strftime": "string({0})",
    "format": "string({0})",
    "isoformat": "string({0})",
    "toisostring": "string({0})",
    "role": "the role under 'by' or 'who'",
    "roles": "the role under 'by' or 'who'",
}
#: Parts of `record` by the names they have elsewhere.
OF_RECORD: Final[Mapping[str, str]] = {
    **dict.fromkeys(("status", "docstatus", "stage", "workflow_state"), "state"),
    **dict.fromkeys(("created", "creation", "created_on", "createdat"), "created_at"),
    **dict.fromkeys(("modified", "updated", "updated_at", "changed", "modified_on"), "changed_at"),
    **dict.fromkeys(("creator", "author", "createdby"), "created_by"),
    **dict.fromkeys(("assigned_to", "responsible"), "assignee"),
    **dict.fromkeys(("name", "no", "nr"), "number"),
}
#: Of a text, the same members mean another function.
OF_TEXT: Final[Mapping[str, str]] = {"length": "string length({0})", "size": "string length({0})"}

#: Words between values, as they follow each other (texts and numbers are `"` and `0`, names `a`) → what to write.
WORDS: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(rf"(?:{pattern})(?= |$)", re.IGNORECASE), instead)
    for pattern, instead in (
        (r"(?:is not|isnot) (?:null|none|nil|empty|blank|nothing|undefined)|ist nicht leer|不为空|非空", "!= null"),
        (r"is (?:null|none|nil|empty|blank|nothing|undefined)|ist leer|为空", "= null"),
        (r"isn't|isnot|is not|is not equal to|not equals?|ne|differs from|ist nicht|ungleich|不等于", "!="),
        (r"is equal to|equals|is|eq|equal to|ist|ist gleich|gleich|等于|是", "="),
        (r"größer gleich|大于等于|不小于", ">="),
        (r"kleiner gleich|小于等于|不大于", "<="),
        (r"größer(?: als)?|大于|超过", ">"),
        (r"kleiner(?: als)?|小于|低于", "<"),
        (r"und|sowie|且|并且|而且|同时", "and"),
        (r"oder|或|或者", "or"),
        (r"enthält|包含", "contains(…, …)"),
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
        (r"elif|elsif|elseif|elsewhen|sonst wenn", "else if"),
        (r"case(?: when)?|when|wenn|falls|如果|若", "if … then … else …"),
        (r"dann|那么|则", "then"),
        (r"sonst|ansonsten|否则", "else"),
        (r"(?:exists|any|es gibt)(?= \w+ in\b)", "some … in … satisfies …"),
        (r"(?:all|forall|alle)(?= \w+ in\b)", "every … in … satisfies …"),
        (r"\?\?", "if … != null then … else …"),
        (r"unless", "if not(…) then … else …"),
        (r"\?", "if … then … else …"),
    )
)
#: Units after a number → the duration.
UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("day", "days", "d", "tag", "tage", "tagen", "天", "日"), "P{0}D"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen", "周"), "P{7}D"),
    **dict.fromkeys(("month", "months", "monat", "monate", "个月"), "P{0}M"),
    **dict.fromkeys(("year", "years", "jahr", "jahre", "年"), "P{0}Y"),
    **dict.fromkeys(("hour", "hours", "h", "stunde", "stunden", "小时"), "PT{0}H"),
    **dict.fromkeys(("minute", "minutes", "min", "minuten", "分钟"), "PT{0}M"),
    **dict.fromkeys(("second", "seconds", "sekunden", "秒"), "PT{0}S"),
}


def named(word: str) -> str | None:
    """Return what is written for a name of elsewhere, or None."""
    return NAMES.get(word.lower())


def called(name: str, arguments: Sequence[str]) -> str | None:
    """Return what is written for a function of elsewhere, with its arguments as written, or None."""
    key = re.sub(r"[ _]", "", name.lower())
    if key in JOINED and len(arguments) == 1 and JOINED[key] == " + ":
        return f'string join({arguments[0]}, "")'
    if key in JOINED and arguments:
        return JOINED[key].join(arguments)
    if key in _WITH_CONDITION:
        return _filtered(_WITH_CONDITION[key], arguments)
    if key in ("days", "tage") and len(arguments) == 1:
        return f'duration("P{arguments[0]}D")' if arguments[0].isdecimal() else f'{arguments[0]} * duration("P1D")'
    pattern = FUNCTIONS.get(key)
    return None if pattern is None else _filled(pattern, arguments)


def called_of(path: str, arguments: Sequence[str]) -> str | None:
    """Return what is written for a function that belongs to something elsewhere, ``Math.ceil``, or None."""
    pattern = DOTTED.get(path.lower())
    return None if pattern is None else _filled(pattern, arguments)


def misused(name: str, arguments: Sequence[str]) -> str | None:
    """Return what is written where one of our functions is called as elsewhere, or None."""
    if name == "range" and len(arguments) == 2:
        return f"[{arguments[0]}..{arguments[1]})"
    if name == "time" and not arguments:
        return "time(now())"
    if name == "string" and len(arguments) > 1:
        return f"string({arguments[0]})"
    if name == "decimal" and len(arguments) == 1:
        return f"decimal({arguments[0]}, 2)"
    if name in ("today", "now") and arguments:
        return f"{name}()"
    return None


def _filled(pattern: str, arguments: Sequence[str]) -> str:
    if "}." in pattern:
        arguments = [each if re.fullmatch(r"[\w.]+(\(.*\))?", each) else f"({each})" for each in arguments]

    def filled(found: re.Match[str]) -> str:
        place = int(found[1])
        return arguments[place] if place < len(arguments) else found[2] or "…"

    return re.sub(r"\{(\d)(?:\|([^}]*))?\}", filled, pattern)


def _filtered(name: str, arguments: Sequence[str]) -> str:
    """Return how a list is counted or summed with a condition: ``COUNTIF(lines.qty, ">5")``."""
    wanted = re.fullmatch(r'"\s*([<>=]*)\s*(.+?)\s*"', arguments[1]) if len(arguments) > 1 else None
    if wanted is None:
        return f"{name}(lines.quantity[item > 1])"
    sign = {"": "=", "<>": "!="}.get(wanted[1], wanted[1])
    value = wanted[2] if re.fullmatch(r"-?\d+(\.\d+)?", wanted[2]) else f'"{wanted[2]}"'
    return f"{name}({arguments[0]}[item {sign} {value}])"


def member(name: str, owner: str, *, of_text: bool) -> str | None:
    """Return what is written for a part of elsewhere of the value *owner*, or None."""
    key = re.sub(r"[ _]", "", name.lower())
    pattern = (OF_TEXT.get(key) if of_text else None) or MEMBERS.get(key)
    return pattern.format(owner) if pattern else None


def in_tokens(tokens: Sequence[Token], near: int, *, only_there: bool = False) -> tuple[int, int, str, str] | None:
    """Return what in a formula that cannot be read is a habit of elsewhere: start, end, what stands there and what to
    write; None where nothing is. *near* is where the parser gave up: of several the one nearest to it; *only_there*:
    one that this place is a part of, else none.
    """
    searches = (
        *(_units, _cases, _words, _calls, _remainders, _ranges, _days, _amounts, _separated),
        *(_marked, _in_braces, _signs, _between, _listed, _comprehensions, _parts_of_lines),
    )
    found = [each for search in searches for each in search(tokens)]
    if only_there:
        found = [each for each in found if each[0] <= near <= each[1]]
    return min(found, key=lambda each: (not each[0] <= near < each[1], abs(each[0] - near), each[0])) if found else None


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
    # A word at the very beginning is one of elsewhere only where it opens a case; `not in (…)` is no call.
    opens = instead.startswith(("if", "some", "every"))
    return None if (is_call and instead != "not(… in …)") or (position == 0 and not opens) else (count, instead)


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
    around = (Token("start", "", 0, 0), *tokens)
    return [
        (low.start, high.end, f"{low.text}..{high.text}", f"[{low.text}..{high.text}]")
        for before, low, dots, high in zip(around, around[1:], around[2:], around[3:], strict=False)
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


def _text_of(tokens: Sequence[Token]) -> str:
    """Return tokens as they may be written: blanks where names and words would run together."""
    text = ""
    for token in tokens:
        is_word = bool(text) and (text[-1].isalnum() or text[-1] == '"') and (token.text[:1].isalnum())
        around = token.text in ("=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/") or text.endswith(
            ("=", "<", ">", "+", "*", "/", ",")
        )
        text += (" " if text and (is_word or around) else "") + token.text
    return text


def _amounts(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return amounts and percentages with their sign: ``5 €``, ``EUR 5``, ``19%``."""
    found = []
    for at, (first, second) in enumerate(pairwise(tokens)):
        number, sign = (first, second) if first.kind == "number" else (second, first)
        if number.kind != "number":
            continue
        words = f"{first.text}{' ' * (second.start - first.end)}{second.text}"
        if (sign.text in "€$£¥₽₩" and sign.kind == "other") or _CURRENCY.fullmatch(sign.text):
            found.append((first.start, second.end, words, number.text))
        elif second.text == "%" and not _starts(tokens[at + 2]):
            found.append((first.start, second.end, words, _fraction(number.text)))
    return found


_CURRENCY: Final = re.compile("EUR|USD|GBP|CHF|CNY|DKK|NOK|SEK|JPY|PLN|CZK")


def _fraction(number: str) -> str:
    value = Decimal(number) / 100
    return f"{value:f}" if value.as_tuple().exponent else f"{value}"


def _starts(token: Token) -> bool:
    return token.kind in ("name", "number", "text", "at") or token.text in ("(", "[")


def _separated(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return numbers with separators: ``1'000``, ``1_000``, ``1 000``, ``1.000,50``, ``1,000``."""
    found = []
    for at, token in enumerate(tokens):
        written, digits, last = token.text, token.text, token
        groups = 0
        while token.kind == "number" and token.text.replace(".", "").isdecimal():
            ahead = tokens[at + 1 + groups * 2 : at + 3 + groups * 2]
            one, other = (*ahead, None, None)[:2]
            if (
                one is not None
                and other is not None
                and one.text in ("'", "’", ",", "，")
                and _touches(last, one, other)
            ):
                if not re.fullmatch(r"\d{3}(\.\d+)?" if one.text in "'’" else r"\d+", other.text):
                    break
                written += one.text + other.text
                groups, last = groups + 1, other
                continue
            break
        if groups and _SEPARATED.fullmatch(written):
            found.append((token.start, last.end, written, plain_number(written)))
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if following is None or token.kind != "number" or not digits.isdecimal() or len(digits) > 3:
            continue
        is_joined = (
            following.kind == "name" and following.start == token.end and re.fullmatch(r"_\d{3}", following.text)
        )
        is_apart = following.kind == "number" and following.start == token.end + 1
        if is_joined or (is_apart and re.fullmatch(r"\d{3}(\.\d+)?", following.text)):
            words = f"{digits}{' ' * (following.start - token.end)}{following.text}"
            found.append((token.start, following.end, words, digits + following.text.lstrip("_")))
    return found


#: Numbers with separators: groups of three digits, or a comma behind points.
_SEPARATED: Final = re.compile(r"\d{1,3}([,，'’]\d{3})+(\.\d+)?|\d{1,3}(\.\d{3})+[,，]\d+")


def _touches(*tokens: Token) -> bool:
    return all(one.end == other.start for one, other in pairwise(tokens))


def plain_number(written: str) -> str:
    """Return a number with separators as it is written here; both readings where it has two: ``1,000``."""
    if "," not in written.replace("，", ","):
        return re.sub("['’]", "", written)
    written = written.replace("，", ",")
    parts = written.split(",")
    grouped = all(re.fullmatch(r"\d{3}", part) for part in parts[1:])
    if "." in parts[0] and len(parts) == 2:  # 1.000,50
        return f"{parts[0].replace('.', '')}.{parts[1]}"
    if "." in parts[-1]:  # 1,000.50
        return written.replace(",", "")
    if grouped and len(parts[0]) <= 3 and parts[0] != "0":
        whole = "".join(parts)
        return f"'{whole}', or '{parts[0]}.{parts[1]}' for a decimal" if len(parts) == 2 else whole
    return ".".join(parts) if len(parts) == 2 else written


def _marked(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return names with the mark of another language: ``$n``, ``#n``, ``:n``."""
    return [
        (mark.start, name.end, mark.text + name.text, name.text)
        for mark, name in pairwise(tokens)
        if mark.text in ("$", "#", "\\") and name.kind in ("name", "keyword") and mark.end == name.start
    ]


def _in_braces(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return what stands in braces of elsewhere: ``{n}``, ``{{n}}``, ``${n > 3}``, and lists in braces."""
    found = []
    for at, token in enumerate(tokens):
        if token.text != "{" or (at and tokens[at - 1].text in ("{", ")")):
            continue
        inside, depth, end = [], 0, at
        for end in range(at, len(tokens)):
            depth += (tokens[end].text == "{") - (tokens[end].text == "}")
            if depth == 0:
                break
            if tokens[end].text not in ("{", "}"):
                inside.append(tokens[end])
        if depth or not inside or any(each.text == ":" for each in inside) or _has_gap(inside):
            continue
        is_marked = at > 0 and tokens[at - 1].text in ("$", "#") and tokens[at - 1].end == token.start
        start = tokens[at - 1].start if is_marked else token.start
        text = _text_of(inside)
        is_list = at > 0 and tokens[at - 1].text == "in"
        words = ("$" * is_marked) + ("{…}" if len(text) > 20 else f"{{{text}}}")
        found.append((start, tokens[end].end, words, f"({text})" if is_list else text))
    return found


def _has_gap(tokens: Sequence[Token]) -> bool:
    """Tell whether an operator is missing between two values."""
    return any(one.kind in ("name", "number", "text") and _starts(other) for one, other in pairwise(tokens))


#: Signs of elsewhere, as tokens in a row → what to write; nothing where they are left out.
_SIGNS: Final[Mapping[tuple[str, ...], str]] = {
    ("=", "~"): "matches(…, …)",
    ("~",): "matches(…, …)",
    (":", "="): "=",
    ("》",): ">",
    ("《",): "<",
    (";",): "",
    ("；",): "",
    ("。",): "",
    ("+", "+"): "+ 1",
}


def _signs(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    found = []
    if len(tokens) == 2 and tokens[0].text in ("*", "else"):
        found.append((tokens[0].start, tokens[0].end, tokens[0].text, "-"))
    if tokens[0].text == "=" and len(tokens) > 2:
        found.append((tokens[0].start, tokens[0].end, "=", ""))
    if [each.text for each in tokens[2:4]] in (["and", "<"], ["and", "<="]) and len(tokens) == 6:
        first, low, _and, second, high = tokens[:5]
        opening, closing = "[" if first.text == ">=" else "(", "]" if second.text == "<=" else ")"
        written = f"{first.text} {low.text} and {second.text} {high.text}"
        if first.text in (">", ">="):
            found.append((first.start, high.end, written, f"{opening}{low.text}..{high.text}{closing}"))
    for at in range(1, len(tokens)):
        for signs, instead in _SIGNS.items():
            there = tokens[at : at + len(signs)]
            if tuple(each.text for each in there) != signs or not _touches(*there):
                continue
            if instead or tokens[at + 1].kind == "end":
                found.append((there[0].start, there[-1].end, "".join(signs), instead))
    return [
        *found,
        *(
            (sign.start, sign.end, "/", '"…"')
            for before, sign in pairwise(tokens)
            if sign.text == "/" and before.text in ("(", ",")
        ),
    ]


def _between(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return `between` with brackets: ``n between(1, 5)``."""
    found = []
    for at, (word, opening) in enumerate(pairwise(tokens)):
        is_function = at > 0 and called(f"{tokens[at - 1].text} between", ()) is not None
        if word.text == "between" and opening.text == "(" and not is_function:
            ends = _arguments(tokens, at + 2)
            if len(ends) == 2:
                found.append((word.start, opening.end, "between(…)", f"between {ends[0]} and {ends[1]}"))
    return found


def _listed(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return a value that is compared with several at once: ``kind = "a", "b"``."""
    found = []
    for name, sign, first, comma, second in zip(tokens, tokens[1:], tokens[2:], tokens[3:], tokens[4:], strict=False):
        if sign.text in ("=", "!=") and comma.text == "," and {first.kind, second.kind} == {"text"}:
            inside = f"{name.text} in ({first.text}, {second.text})"
            instead = inside if sign.text == "=" else f"not({inside})"
            found.append((name.start, second.end, _text_of((name, sign, first, comma, second)), instead))
    return found


def _comprehensions(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return loops that stand behind what they give: ``[l.qty for l in lines]``, ``all(l.qty > 0 for l in lines)``."""
    found = []
    for at, token in enumerate(tokens):
        if token.text != "for" or not at or tokens[at - 1].text in ("(", "[", ",", "=", "+", "then", "else"):
            continue
        start, depth = at - 1, 0
        while start >= 0 and depth >= 0:
            depth += (tokens[start].text in (")", "]", "}")) - (tokens[start].text in ("(", "[", "{"))
            start -= 1
        if depth >= 0 or at + 3 >= len(tokens) or tokens[at + 2].text != "in":
            continue
        opening, before = tokens[start + 1], tokens[start].text.lower() if start >= 0 else ""
        close, depth = at, 1
        while close < len(tokens) - 1 and depth:
            close += 1
            depth += (tokens[close].text in ("(", "[", "{")) - (tokens[close].text in (")", "]", "}"))
        given, name, source = _text_of(tokens[start + 2 : at]), tokens[at + 1].text, _text_of(tokens[at + 3 : close])
        if before in ("all", "any"):
            instead = f"{'every' if before == 'all' else 'some'} {name} in {source} satisfies {given}"
        elif opening.text == "(":
            instead = f"{tokens[start].text}(for {name} in {source} return {given})"
        else:
            instead = f"for {name} in {source} return {given}"
        found.append((tokens[start + 2].start, tokens[close].end, f"{given} for {name} in …", instead))
    return found


def _parts_of_lines(tokens: Sequence[Token]) -> list[tuple[int, int, str, str]]:
    """Return quantifiers without a name, functions written out with an arrow, and parts of texts cut out in brackets:
    ``some lines.qty > 5``, ``lines.map(l => l.qty)``, ``t[0:3]``.
    """
    found = []
    for at, token in enumerate(tokens[:-3]):
        second, third, fourth = tokens[at + 1 : at + 4]
        if token.text in ("some", "every") and second.kind == "name" and third.text == "." and fourth.kind == "name":
            words = f"{token.text} {second.text}.{fourth.text}"
            instead = f"{token.text} each in {second.text} satisfies each.{fourth.text} …"
            found.append((token.start, fourth.end, words, instead))
        if token.kind == "name" and second.text == "[" and ":" in (third.text, fourth.text):
            first = str(int(third.text) + 1) if third.text.isdecimal() else "1"
            found.append((token.start, fourth.end, f"{token.text}[… : …]", f"substring({token.text}, {first}, …)"))
        if second.text == "[" and third.text == "]":
            found.append((second.start, third.end, "[]", token.text))
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


def moment(text: str) -> str | None:
    """Return a day, or a moment whose zone has no colon, as it is written here after `@`, or None."""
    if is_day(text):
        return None if day(text) == '@"2026-01-31"' else day(text)
    found = re.fullmatch(r"(.*\d)([+-]\d\d)(\d\d)", text)
    meant = f"{found[1]}{found[2]}:{found[3]}" if found else ""
    return f'@"{meant}"' if found and read_temporal(meant) is not None else None


def length(name: str) -> str | None:
    """Return how a duration is written that stands there as a name, ``P7D``, or None."""
    return f'duration("{name}")' if re.fullmatch(r"P(?:\d+[YMWD])+|PT(?:\d+[HMS])+", name) else None


def duration(text: str) -> str | None:
    """Return a duration of elsewhere, ``7 days``, as it is written here, or None."""
    found = re.fullmatch(r"(\d+) ?([a-z]+)", text.strip().lower())
    return _duration(found[1], found[2]) if found and found[2] in UNITS else None
