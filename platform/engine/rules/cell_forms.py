"""Cells as people write them in a spreadsheet, `5 or more`, `EUR 7,50`, `31.12.2026`, `Gold or Silver`, in FEEL.

What is FEEL already stays as it is; what is neither is None, and whoever asks leaves it to the checker to say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from blankett.engine import feel
from blankett.engine.blueprint.cells import ANY, quoted
from blankett.engine.blueprint.loading.cell_slips import slips_in
from blankett.engine.feel.constants import parts_of
from blankett.engine.fields.locales import LOOKALIKES, currencies, plain

#: Longer cells are no forms that are looked at.
LONGEST: Final = 300
_LIKE: Final = {
    **LOOKALIKES,
    **str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "—": "-", "～": "~", "；": ";", "、": ";"}),
}
_ANY: Final = frozenset(
    "- any * all every alle beliebig egal everything whatever n/a enhver alt 任意 不限 全部 所有 任何".split()
)
_YES: Final = frozenset("yes y true ja j wahr oui si sí sim x ✓ ✔ 是 有 对 真".split())
_NO: Final = frozenset("no n false nein falsch non nej nei não 否 无 不是 假".split())


def _said(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return [(what is said, its operator)], the longest first. *words*: {operator: what is said for it}."""
    pairs = [(said.strip(), operator) for operator, all_said in words.items() for said in all_said.split("|")]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


#: What is said before a value, and its operator.
_BEFORE: Final = _said(
    {
        ">=": ">=|=>|at least|from|min|min.|since|mindestens|ab|mindst|fra|至少|不少于|不低于",
        "<=": "<=|=<|at most|up to|max|max.|until|höchstens|bis|højst|til|至多|不超过|最多",
        ">": ">|more than|over|above|greater than|after|mehr als|über|mere end|大于|超过|高于",
        "<": "<|less than|under|below|fewer than|before|weniger als|unter|mindre end|小于|低于|少于",
        "": "=|==",
        "not": "!=|<>|not|except|nicht|ikke|不是|非",
    }
)
#: What is said behind a value, and its operator.
_BEHIND: Final = _said(
    {
        ">=": "+|or more|and more|and above|and over|or above|or higher|und mehr|oder mehr|eller mere|及以上|以上",
        "<=": "or less|and below|and under|or below|or fewer|or lower|oder weniger|eller mindre|及以下|以下",
    }
)
_UNITS: Final = (
    "pcs pc pieces piece items item stk st stück units unit days day hours hour h months month years year kg g t km m "
    "tage tag stunden monate jahre % 天 日 件 个 台 小时 个月 月 年 元 公斤 千克"
).split()
_YES_NO: Final = ("yes", "no")
_SIGNS: Final = "€$£¥￥₩₹"
_OR: Final = re.compile(r"\s+(?:or|oder|ou|eller|/)\s+|\s*(?:;|或者|或)\s*", re.IGNORECASE)
_TO: Final = re.compile(
    r"\s*(?:\.\.|~|至|到)\s*|\s+(?:to|bis|til|till|through|-|and)\s+|(?<=[\d%€$£¥])\s*-\s*(?=[\d€$£¥])"
)
_PLAIN_DAY: Final = re.compile(r"(?<![\w@\"-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w\"-])")
_NUMBER: Final = re.compile(r"[+-]?\s?(?:[0-9][0-9.,' ]*|[.,][0-9]+)\Z")
_DAY: Final = re.compile(r"([0-9]{1,4})\s?[-./年]\s?([0-9]{1,2})\s?[-./月]\s?([0-9]{1,4})\s?日?\Z")


@dataclass(frozen=True)
class Habits:
    """How the numbers and days of a sheet are written."""

    #: The sign before decimals.
    decimal: str = "."
    #: The order of day and month where both are possible: ``dmy`` or ``mdy``.
    order: str = "dmy"
    #: What is FEEL already stays, as in a file that we wrote: `7,50` is two numbers there.
    keeps_feel: bool = False


@dataclass(frozen=True)
class Form:
    """A cell as FEEL has it."""

    text: str
    #: It could be read otherwise: 1.000 as one or as a thousand, 01/02/2026 as either day.
    is_doubtful: bool = False


def lookalikes_replaced(text: str) -> str:
    """Return a text with plain digits, signs and blanks, as a person would see no difference."""
    return " ".join(text.translate(_LIKE).split())


def is_any(text: str) -> bool:
    """Tell whether a cell accepts anything."""
    return lookalikes_replaced(text).casefold() in _ANY or not text.strip()


def read_test(text: str, kind: str, habits: Habits, names: Collection[str] = ()) -> Form | None:
    """Return a test of a column of *kind* (number, money, percent, date, yes_no or text); None where it is none.

    *names*: other columns, whose names in a cell of texts are no texts.
    """
    return _read_test(text, kind, habits, tuple(names))


# Columns hold the same few texts again and again.
@lru_cache(maxsize=8192)
def _read_test(text: str, kind: str, habits: Habits, names: tuple[str, ...]) -> Form | None:
    if is_any(text):
        return Form(ANY)
    shown = lookalikes_replaced(text)
    if len(shown) > LONGEST:
        return None
    if habits.keeps_feel and shown == " ".join(text.split()) and _is_feel(shown, kind, names):
        return Form(text.strip())
    if kind == "text":
        return _text_form(shown, names)
    if kind == "yes_no":
        truth = _truth(shown)
        found = None if truth is None else Form(truth)
    else:
        found = _parts_form(shown, kind, habits)
    return Form(shown) if found is None and _is_feel(shown, kind, names) else found


def _is_feel(shown: str, kind: str, names: Collection[str]) -> bool:
    """Tell whether a cell of anything but texts is FEEL, and means what it looks like."""
    if kind == "text":
        return False
    # Days need no marks in a cell.
    written = _PLAIN_DAY.sub(lambda match: f'@"{match[0]}"', shown) if kind == "date" else shown
    try:
        expression = feel.parse_unary_tests(written)
    except feel.FeelSyntaxError:
        return False
    known = {"?", *names, *(_YES_NO if kind == "yes_no" else ())}
    if not _names_read(expression) <= known or _is_said(expression):
        return False
    is_money = kind == "money"
    return not any(slips_in(expression, written, is_money=is_money, decimals=None))


def _names_read(expression: feel.Expression) -> set[str]:
    """Return the names that an expression reads, without those of functions."""
    called = {id(part.function) for part in parts_of(expression) if isinstance(part, feel.tree.Call)}
    return {part.name for part in parts_of(expression) if isinstance(part, feel.tree.Name) and id(part) not in called}


def _is_said(expression: feel.Expression) -> bool:
    """Tell whether an expression is a sentence that FEEL happens to read: `5 or 7`."""
    return any(
        isinstance(part, feel.tree.Logic) and any(isinstance(each, feel.tree.Literal) for each in part.operands)
        for part in parts_of(expression)
    )


def _parts_form(shown: str, kind: str, habits: Habits) -> Form | None:
    whole = _part_form(shown, kind, habits)
    if whole is not None:
        return whole
    parts = [_part_form(part, kind, habits) for part in _OR.split(shown) if part]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or not parts or any(part.text.startswith("not(") for part in known):
        return None
    return Form(", ".join(part.text for part in known), any(part.is_doubtful for part in known))


def read_result(text: str, kind: str, habits: Habits) -> Form | None:
    """Return a result of a column of *kind* as a blueprint has it; None where it is none."""
    shown = lookalikes_replaced(text)
    if kind == "text":
        return Form(f"={text.strip()}" if text.strip().startswith("=") else text.strip())
    if kind == "yes_no":
        found = _truth(shown)
        return None if found is None else Form(found)
    return _value(shown, kind, habits)


def _truth(shown: str) -> str | None:
    word = shown.casefold()
    return "yes" if word in _YES else "no" if word in _NO else None


# Texts --------------------------------------------------------------------------------------------------------------


def _text_form(shown: str, names: Collection[str]) -> Form | None:
    if _is_text_feel(shown, names):
        return Form(shown)
    word, _, rest = shown.partition(" ")
    is_not = (word.casefold(), "not") in _BEFORE and bool(rest)
    parts = [part.strip() for part in re.split(r",|;", _OR.sub(";", rest if is_not else shown)) if part.strip()]
    if not parts:
        return None
    found = ", ".join(part if part.startswith('"') and part.endswith('"') else quoted(part) for part in parts)
    return Form(f"not({found})" if is_not else found)


def _is_text_feel(shown: str, names: Collection[str]) -> bool:
    """Tell whether a cell of texts is FEEL: texts in quotes, a function, the name of another column, null."""
    try:
        expression = feel.parse_unary_tests(shown)
    except feel.FeelSyntaxError:
        return False
    if not _names_read(expression) <= {"?", *names}:
        return False
    values = [test.value if isinstance(test, feel.tree.UnaryTest) else test for test in expression.tests]
    return all(
        isinstance(value, (feel.tree.Call, feel.tree.Name, feel.tree.Comparison, feel.tree.Logic, feel.tree.Quantified))
        or (isinstance(value, feel.tree.Literal) and (isinstance(value.value, str) or value.value is None))
        for value in values
    )


# Numbers and days ---------------------------------------------------------------------------------------------------


def _part_form(part: str, kind: str, habits: Habits) -> Form | None:
    """Return one test: a value, a bound or a range."""
    part = part.strip()
    value = _value(part, kind, habits)
    if value is not None:
        return value
    low = part.casefold()
    for words, operator in _BEFORE:
        if low.startswith(words) and (found := _value(part[len(words) :].strip(), kind, habits)):
            return _bound(operator, found)
    for words, operator in _BEHIND:
        if low.endswith(words) and (found := _value(part[: -len(words)].strip(), kind, habits)):
            return _bound(operator, found)
    between = re.sub(r"^(?:between|from|von|zwischen)\s+", "", part, flags=re.IGNORECASE)
    for match in _TO.finditer(between):
        before = between[: match.start()].strip()
        if kind == "percent" and between.endswith("%") and not before.endswith("%"):
            before += "%"
        first = _value(before, kind, habits)
        last = _value(between[match.end() :].strip(), kind, habits)
        if first is not None and last is not None:
            return Form(f"[{first.text}..{last.text}]", first.is_doubtful or last.is_doubtful)
    return None


def _bound(operator: str, value: Form) -> Form:
    if operator == "not":
        return Form(f"not({value.text})", value.is_doubtful)
    return Form(f"{operator} {value.text}".strip(), value.is_doubtful)


def _value(text: str, kind: str, habits: Habits) -> Form | None:
    return _READERS[kind](text, habits) if text else None


def _day(text: str, habits: Habits) -> Form | None:
    match = _DAY.match(text)
    if match is None:
        return None
    first, second, third = match.groups()
    is_doubtful = False
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(third) in (2, 4) and len(first) < 3:
        is_month_first = habits.order == "mdy" and "." not in text
        one, other = int(first), int(second)
        if one > 12 >= other:
            is_month_first = False
        elif other > 12 >= one:
            is_month_first = True
        else:
            is_doubtful = "." not in text and one != other
        year = third if len(third) == 4 else f"20{third}"
        month, day = (first, second) if is_month_first else (second, first)
    else:
        return None
    try:
        return Form(date(int(year), int(month), int(day)).isoformat(), is_doubtful)
    except ValueError:
        return None


def _amount(text: str, habits: Habits) -> Form | None:
    """Return a number without its currency or unit."""
    bare = text.strip(_SIGNS + " ")
    word = re.match(r"([A-Za-z]{3})\.?\s*(?=[+-]?[0-9.,])", bare) or re.search(r"(?<=[0-9])\s*([A-Za-z]{3})\Z", bare)
    if word is not None and word[1].upper() in currencies():
        bare = (bare[: word.start()] + bare[word.end() :]).strip(_SIGNS + " ")
    else:
        unit = re.search(r"(?<=[0-9])\s*([^\W\d_]+)\Z", bare)
        if unit is not None and unit[1].casefold() in _UNITS:
            bare = bare[: unit.start()].strip()
    return _number(bare, habits)


def _percentage(text: str, habits: Habits) -> Form | None:
    """Return a percentage, which is written with its sign."""
    bare = text.strip()
    if not bare.endswith("%"):
        return None
    found = _number(bare[:-1].strip(), habits)
    return None if found is None else Form(f"{found.text}%", found.is_doubtful)


def _number(text: str, habits: Habits) -> Form | None:
    """Return a number in which points, commas, blanks and apostrophes separate thousands or decimals."""
    if not _NUMBER.match(text) or ", " in text or ". " in text:
        return None
    bare = text.replace(" ", "").replace("'", "")
    signs = [each for each in bare if each in ".,"]
    is_doubtful = False
    if len(set(signs)) == 2:
        decimal = signs[-1]
        if signs.count(decimal) > 1 or not _in_groups(bare.rpartition(decimal)[0], "," if decimal == "." else "."):
            return None
    elif len(signs) > 1:
        decimal = ""
        if not _in_groups(bare, signs[0]):
            return None
    elif signs:
        whole, _, part = bare.partition(signs[0])
        could_be_group = len(part) == 3 and 0 < len(whole.lstrip("+-")) < 4 and not whole.lstrip("+-").startswith("0")
        is_doubtful = could_be_group
        decimal = "" if could_be_group and signs[0] != habits.decimal else signs[0]
    else:
        decimal = ""
    for sign in ".,":
        if sign != decimal:
            bare = bare.replace(sign, "")
    try:
        return Form(plain(Decimal(bare.replace(",", "."))), is_doubtful)
    except ArithmeticError:
        return None


def _in_groups(text: str, sign: str) -> bool:
    """Tell whether digits stand in groups of three behind each *sign*."""
    first, *others = text.lstrip("+-").split(sign)
    return bool(others) and 0 < len(first) < 4 and all(len(group) == 3 and group.isdigit() for group in others)


_READERS: Final[Mapping[str, Callable[[str, Habits], Form | None]]] = {
    "number": _amount,
    "money": _amount,
    "percent": _percentage,
    "date": _day,
}
