"""Cells as people write them in a spreadsheet, `5 or more`, `EUR 7,50`, `31.12.2026`, `Gold or Silver`, in FEEL.

What is FEEL already stays as it is; what is neither is None, and whoever asks leaves it to the checker to say so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import Final

from blankett.engine import feel
from blankett.engine.feel.tree import parts_of
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.cells import CellForm, Cells, Habits, TextCells, quoted
from blankett.engine.fields.locale_formats import LOOKALIKES
from blankett.engine.language.loader.suspicious_cells import slips_in
from blankett.engine.language.model import Field, Place, Words
from blankett.engine.language.table_cells import ANY, spell_out

#: Types of columns whose cells are read as people write them; what another form's field holds is not known here.
READ_TYPES: Final = frozenset(name for name, type_ in TYPES_BY_NAME.items() if type_.is_column and type_.cells.is_read)
#: Those of which a column may say in which bounds its values are.
BOUNDED_TYPES: Final = frozenset(name for name in READ_TYPES if TYPES_BY_NAME[name].cells.is_bounded)
#: Longer cells are no forms that are looked at.
LONGEST: Final = 300
_LIKE: Final = {
    **LOOKALIKES,
    **str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "—": "-", "～": "~", "；": ";", "、": ";"}),
}
_ANY: Final = frozenset(
    "- any * all every alle beliebig egal everything whatever n/a enhver alt 任意 不限 全部 所有 任何".split()
)


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
_OR: Final = re.compile(r"\s+(?:or|oder|ou|eller|/)\s+|\s*(?:;|或者|或)\s*", re.IGNORECASE)
_TO: Final = re.compile(
    r"\s*(?:\.\.|~|至|到)\s*|\s+(?:to|bis|til|till|through|-|and)\s+|(?<=[\d%€$£¥])\s*-\s*(?=[\d€$£¥])"
)


#: How two ends are joined behind a word that says that there are two.
_AND: Final = re.compile(r"\s+(?:and|und|og|och)\s+|\s*[和与]\s*")
_BETWEEN: Final = re.compile(r"^(?:between\s|from\s|von\s|zwischen\s|mellem\s|fra\s|介于|从)\s*", re.IGNORECASE)
_NUMBER_AHEAD: Final = re.compile(r"\s*(?:[€$£¥]|[a-z]{3}\s)?\s*\d")
_RANGE: Final = re.compile(
    r"(?:between |zwischen )?[€$£¥]?\d[\d.,]*\s*[a-z%€]{0,3}\s*(?:-|\.\.|to|bis|and|und|到|至)\s*[€$£¥]?\d"
)


def lookalikes_replaced(text: str) -> str:
    """Return a text with plain digits, signs and blanks, as a person would see no difference."""
    return " ".join(text.translate(_LIKE).split())


def is_any(text: str) -> bool:
    """Tell whether a cell accepts anything."""
    return lookalikes_replaced(text).casefold() in _ANY or not text.strip()


def read_test(text: str, kind: str, habits: Habits, names: Collection[str] = ()) -> CellForm | None:
    """Return a test of a column of the type *kind*, one of `READ_TYPES`; None where it is none.

    *names*: other columns, whose names in a cell of texts are no texts.
    """
    return _read_test(text, kind, habits, tuple(names))


# Columns hold the same few texts again and again.
@lru_cache(maxsize=8192)
def _read_test(text: str, kind: str, habits: Habits, names: tuple[str, ...]) -> CellForm | None:
    if is_any(text):
        return CellForm(ANY)
    shown = lookalikes_replaced(text)
    if len(shown) > LONGEST:
        return None
    if habits.keeps_feel and shown == " ".join(text.split()) and _is_feel(shown, kind, names):
        return CellForm(text.strip())
    type_ = TYPES_BY_NAME[kind]
    if isinstance(type_.cells, TextCells):
        return _text_form(shown, names)
    found = _parts_form(shown, type_.cells, habits)
    return CellForm(shown) if found is None and _is_feel(shown, kind, names) else found


def _is_feel(shown: str, kind: str, names: Collection[str]) -> bool:
    """Tell whether a cell of anything but texts is FEEL, and means what it looks like."""
    column = _column_of(kind)
    if isinstance(column.type.cells, TextCells):
        return False
    # Days need no marks in a cell; a percentage without its sign is for the checker to tell.
    written = shown if column.type.cells.needs_sign else spell_out(shown, column).text
    try:
        expression = feel.parse_unary_tests(written)
    except feel.FeelSyntaxError:
        return False
    if not _names_read(expression) <= {"?", *names} or _is_said(expression):
        return False
    return not any(slips_in(expression, written, is_money=column.type.has_currency, decimals=None))


@cache
def _column_of(kind: str) -> Field:
    """Return a column of a type."""
    return Field("cell", TYPES_BY_NAME[kind], Words({}), None, Place(1, 1))


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


def _parts_form(shown: str, cells: Cells, habits: Habits) -> CellForm | None:
    whole = _part_form(shown, cells, habits)
    if whole is not None:
        return whole
    parts = [_part_form(part, cells, habits) for part in _OR.split(shown) if part]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or not parts or any(part.text.startswith("not(") for part in known):
        return None
    return CellForm(", ".join(part.text for part in known), any(part.is_doubtful for part in known))


def read_result(text: str, kind: str, habits: Habits) -> CellForm | None:
    """Return a result of a column of the type *kind* as a blueprint has it; None where it is none."""
    return TYPES_BY_NAME[kind].cells.read_result(text, lookalikes_replaced(text), habits)


# Texts --------------------------------------------------------------------------------------------------------------


def _text_form(shown: str, names: Collection[str]) -> CellForm | None:
    if _is_text_feel(shown, names):
        return CellForm(shown)
    word, _, rest = shown.partition(" ")
    is_not = (word.casefold(), "not") in _BEFORE and bool(rest)
    # A comma between digits is one of a number.
    pieces = re.split(r",(?!\d)|(?<!\d),|;", _OR.sub(";", rest if is_not else shown))
    parts = [part.strip() for part in pieces if part.strip()]
    if not parts:
        return None
    found = ", ".join(part if part.startswith('"') and part.endswith('"') else quoted(part) for part in parts)
    return CellForm(f"not({found})" if is_not else found, any(map(_looks_like_bound, parts)))


def _looks_like_bound(part: str) -> bool:
    """Tell whether a text looks like a bound or a range of numbers or days: ``< 100 €``, ``1k - 5k``."""
    low = part.casefold()
    rests = [low[len(words) :] for words, operator in _BEFORE if operator not in ("", "not") and low.startswith(words)]
    rests += [low[: -len(words)] for words, operator in _BEHIND if low.endswith(words) and words != "+"]
    return any(_NUMBER_AHEAD.match(rest) for rest in rests) or _RANGE.match(low) is not None


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


def _part_form(part: str, cells: Cells, habits: Habits) -> CellForm | None:
    """Return one test: a value, a bound or a range."""
    part = part.strip()
    value = _value(part, cells, habits)
    if value is not None or not cells.is_bounded:
        return value
    low = part.casefold()
    for words, operator in _BEFORE:
        if low.startswith(words) and (found := _value(part[len(words) :].strip(), cells, habits)):
            return _bound(operator, found)
    for words, operator in _BEHIND:
        if low.endswith(words) and (found := _value(part[: -len(words)].strip(), cells, habits)):
            return _bound(operator, found)
    between = _BETWEEN.sub("", part).removesuffix("之间")
    joints = (*_TO.finditer(between), *(_AND.finditer(between) if between != part else ()))
    for match in joints:
        before = between[: match.start()].strip()
        if cells.needs_sign and between.endswith("%") and not before.endswith("%"):
            before += "%"
        first = _value(before, cells, habits)
        last = _value(between[match.end() :].strip(), cells, habits)
        if first is not None and last is not None:
            return CellForm(f"[{first.text}..{last.text}]", first.is_doubtful or last.is_doubtful)
    return None


def _bound(operator: str, value: CellForm) -> CellForm:
    if operator == "not":
        return CellForm(f"not({value.text})", value.is_doubtful)
    return CellForm(f"{operator} {value.text}".strip(), value.is_doubtful)


def _value(text: str, cells: Cells, habits: Habits) -> CellForm | None:
    return cells.read(text, habits) if text else None
