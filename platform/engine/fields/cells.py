"""How values of a type stand in the cells of decision tables, of DMN files and of spreadsheets.

A type has one of these as `FieldType.cells`. What cells have in common whatever they hold, conditions, ranges and words
such as "at least", is not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Final, Protocol

from blankett.engine.feel.temporal import read_date
from blankett.engine.fields.locale_formats import currencies, plain

#: (start, end, what stands there in the expression language)
Mark = tuple[int, int, str]
YES_NO: Final = {"yes": "true", "no": "false"}

_WORD = re.compile(r"(?<![\w.?])[^\W\d]\w*(?![\w]|\s*[.(])")
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
_TRUTH = re.compile(r"\b(?:true|false)\b")
_ISO_DAY = re.compile(r"(?<![\w\-])\d{4}-\d{2}-\d{2}(?![\w\-])")
_MARKED_DAY = re.compile(r'@"(\d{4}-\d{2}-\d{2})"')
_DATE_CALL = re.compile(r'date\(("\d{4}-\d{2}-\d{2}")\)')
_PERCENTAGE = re.compile(r"(?<!\w)(?:(?<!\.)|(?<=\.\.))(\d+(?:\.\d+)?|\.\d+)\s*%")
#: A number by itself, of which nothing else is made.
_BARE_NUMBER = re.compile(r"(?<!\w)(?:(?<!\.)|(?<=\.\.))(?:\d+(?:\.\d+)?|\.\d+)(?!\w|\.\d|\s*[%*/+(])")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
#: A number in which the point may separate thousands.
_POINTED = re.compile(r"[0-9]{1,3}\.[0-9]{2}0")
_YES: Final = frozenset("yes y true ja j wahr oui si sí sim x ✓ ✔ 是 有 对 真".split())
_NO: Final = frozenset("no n false nein falsch non nej nei não 否 无 不是 假".split())
_UNITS: Final = (
    "pcs pc pieces piece items item stk st stück units unit days day hours hour h months month years year kg g t km m "
    "tage tag stunden monate jahre % 天 日 件 个 台 小时 个月 月 年 元 公斤 千克"
).split()
_SIGNS: Final = "€$£¥￥₩₹"
_NUMBER: Final = re.compile(r"[+-]?\s?(?:[0-9][0-9.,' ]*|[.,][0-9]+)\Z")
_DAY: Final = re.compile(r"([0-9]{1,4})\s?[-./年]\s?([0-9]{1,2})\s?[-./月]\s?([0-9]{1,4})\s?日?\Z")
_CURRENCY: Final = re.compile(r"[€$£¥￥₩₹]|\b[A-Z]{3}\b")


class Optioned(Protocol):
    """The field of a cell, of which only its options matter here."""

    def option_titles(self) -> Mapping[str, object]:
        """Return the options of a choice by key; empty for other types."""


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
class CellForm:
    """A cell as FEEL has it."""

    text: str
    #: It could be read otherwise: 1.000 as one or as a thousand, 01/02/2026 as either day.
    is_doubtful: bool = False


@dataclass(frozen=True)
class SheetValue:
    """What a cell of a spreadsheet holds that is no text: a number, a truth, a day, a moment, a span."""

    value: object
    #: As the spreadsheet shows it.
    shown: str
    #: The number before the sign of a percentage, else None.
    percent: Decimal | None = None

    @property
    def has_currency(self) -> bool:
        """Tell whether it is shown with a currency."""
        return _CURRENCY.search(self.shown) is not None


class Cells:
    """Values without a form of their own: options by their keys, ids not at all. Others override what differs."""

    #: The words about values of the kind: ``number``, as in the message ``table.type_number``.
    kind: ClassVar[str] = "other"
    #: The standard's name of the type in DMN files.
    type_ref: ClassVar[str] = "string"
    #: What other tools call it in DMN files, in small letters without blanks. The first type with a name has it.
    tool_names: ClassVar[frozenset[str]] = frozenset()
    #: Cells that show how conditions are written, each with the id of what it means: ``(">= 1000", "at_least")``.
    examples: ClassVar[tuple[tuple[str, str], ...]] = (("null", "empty"),)
    #: A result.
    example: ClassVar[str] = "…"
    #: Whether its cells in a spreadsheet are read as people write them.
    is_read: ClassVar[bool] = False
    #: Whether a number in a cell needs its sign to say what it means.
    needs_sign: ClassVar[bool] = False
    #: Whether a cell with a list of values means a bound on them, where it is no list of constants.
    is_bounded: ClassVar[bool] = False

    def words(self, of: Optioned) -> Mapping[str, str]:
        """Return {word as written: the expression it stands for}."""
        return {key: quoted(key) for key in of.option_titles()}

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield what stands for what is written in short from *start* to *end* of a cell, outside of quotes."""
        # With what follows the part, which tells a word from the name of a function.
        words = self.words(of)
        for match in _WORD.finditer(written, start):
            if match.end() <= end and match[0] in words:
                yield (*match.span(), words[match[0]])

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return a cell in the expression language, each value written in one way, and as an author would write it."""
        options = of.option_titles()
        return text, _QUOTED.sub(lambda match: match[1] if match[1] in options else match[0], text)

    def constant(self, value: object) -> str | None:
        """Return a value of the expression language as an author writes it as a result; None where it is none."""
        if not isinstance(value, str) or not value:
            return None
        return f"={value}" if value.startswith("=") else value

    def holds(self, value: object) -> bool:
        """Tell whether a value of the expression language is one of the type."""
        return self.constant(value) is not None

    def from_tool(self, text: str) -> str:
        """Return a result that another tool wrote, which knows the standard's type alone, as an author writes it."""
        return text

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a value that a person wrote into a spreadsheet; None where it is none."""
        return None

    def read_result(self, text: str, shown: str, habits: Habits) -> CellForm | None:
        """Return a result that a person wrote as *text*; *shown*: with plain signs and blanks."""
        return self.read(shown, habits) if shown else None

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return the value of a cell that is no text; None where the text it is shown as will do."""
        return None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether a column of the type would hold a cell that is no text."""
        return False

    def is_usual(self, text: str) -> bool:
        """Tell whether a result is written as a blueprint has it."""
        return True


class TextCells(Cells):
    """Texts."""

    kind = "text"
    tool_names = frozenset({"string"})
    examples = (('"DK"', "text"), ('"DK", "SE"', "one_of"), ('not("DK")', "not"))
    is_read = True

    def holds(self, value: object) -> bool:
        """Tell whether it is a text, an empty one too."""
        return isinstance(value, str)

    def read_result(self, text: str, shown: str, habits: Habits) -> CellForm | None:
        """Return the text; one that begins like a formula keeps its sign."""
        return CellForm(f"={text.strip()}" if text.strip().startswith("=") else text.strip())

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return what is shown."""
        return cell.shown


class ChoiceCells(Cells):
    """Options, whose keys are words."""

    kind = "choice"


class YesNoCells(Cells):
    """Yes and no."""

    kind = "yes_no"
    type_ref = "boolean"
    tool_names = frozenset({"boolean", "bool"})
    examples = (("yes", "yes"), ("no", "no"))
    example = "yes"
    is_read = True

    def words(self, of: Optioned) -> Mapping[str, str]:
        """Return yes and no."""
        return YES_NO

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return yes for true."""
        return text, _TRUTH.sub(lambda match: {"true": "yes", "false": "no"}[match[0]], text)

    def constant(self, value: object) -> str | None:
        """Return yes or no."""
        return ("yes" if value else "no") if isinstance(value, bool) else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return yes or no, in the words of some languages."""
        word = shown.casefold()
        return CellForm("yes") if word in _YES else CellForm("no") if word in _NO else None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a truth."""
        return isinstance(cell.value, bool)

    def is_usual(self, text: str) -> bool:
        """Tell whether it is yes or no."""
        return text in ("yes", "no")


class NumberCells(Cells):
    """Numbers."""

    kind = "number"
    type_ref = "number"
    tool_names = frozenset(
        "number integer int long short byte double float decimal bigdecimal biginteger num numeric real".split()
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        (">= 1000", "at_least"),
        ("[10..20)", "from_below"),
        ("1, 2, 3", "one_of"),
        ("not(5)", "not"),
    )
    example = "2"
    is_read = True
    is_bounded = True

    def constant(self, value: object) -> str | None:
        """Return a number without trailing zeros."""
        return plain(value) if isinstance(value, Decimal) else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a number without its currency or unit."""
        return _amount(shown, habits)

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a number, and no percentage."""
        return _is_number(cell.value) and cell.percent is None

    def is_usual(self, text: str) -> bool:
        """Tell whether it is a plain number whose point separates no thousands."""
        return _PLAIN_NUMBER.fullmatch(text) is not None and _POINTED.fullmatch(text) is None


class MoneyCells(NumberCells):
    """Amounts."""

    tool_names = frozenset()

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is shown with a currency."""
        return super().fits(cell) and cell.has_currency


class PercentCells(NumberCells):
    """Percentages, which are written with their sign."""

    kind = "percent"
    tool_names = frozenset()
    examples = ((">= 30%", "percent"), ("[10%..20%)", "from_below"), ("not(50%)", "not"))
    example = "30%"
    needs_sign = True

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield 0.3 for 30%."""
        for match in _PERCENTAGE.finditer(written, start, end):
            yield (*match.span(), _plain(Decimal(match[1]) / 100))

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return 30% for 0.3."""
        text = _BARE_NUMBER.sub(lambda match: _plain(Decimal(match[0])), text)
        return text, _BARE_NUMBER.sub(_signed, text)

    def constant(self, value: object) -> str | None:
        """Return 30% for 0.3."""
        return f"{plain(value * 100)}%" if isinstance(value, Decimal) else None

    def from_tool(self, text: str) -> str:
        """Return 30% for 0.3; what is no number, or has its sign, is for the checker to tell."""
        try:
            return f"{plain(Decimal(text) * 100)}%"
        except InvalidOperation:
            return text

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a percentage with its sign."""
        if not shown.endswith("%"):
            return None
        found = _number(shown[:-1].strip(), habits)
        return None if found is None else CellForm(f"{found.text}%", found.is_doubtful)

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return what is shown as a percentage."""
        return None if cell.percent is None else f"{plain(cell.percent)}%"

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is shown as a percentage."""
        return cell.percent is not None


class DayCells(Cells):
    """Days, which need no marks."""

    kind = "date"
    type_ref = "date"
    tool_names = frozenset({"date", "localdate"})
    examples = ((">= 2026-01-31", "since"), ("[2026-01-01..2026-12-31]", "from_to"), ("null", "empty"))
    example = "2026-01-31"
    is_read = True
    is_bounded = True

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield the marks of days."""
        for match in _ISO_DAY.finditer(written, start, end):
            if read_date(match[0]) is not None:
                yield (*match.span(), f'@"{match[0]}"')

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return days without marks."""
        text = _DATE_CALL.sub(r"@\1", text)
        return text, _MARKED_DAY.sub(r"\1", text)

    def constant(self, value: object) -> str | None:
        """Return the ISO date."""
        return value.isoformat() if type(value) is date else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a day in figures."""
        return _day(shown, habits)

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return the day of a moment."""
        return cell.value.date().isoformat() if isinstance(cell.value, datetime) else None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a day; spreadsheets keep one as a moment."""
        return isinstance(cell.value, date)

    def is_usual(self, text: str) -> bool:
        """Tell whether it is an ISO date."""
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def quoted(text: str) -> str:
    """Return a text as the expression language writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _signed(number: re.Match[str]) -> str:
    """Return a fraction as a percentage; as it is where something is computed with it."""
    before = number.string[: number.start()].rstrip()
    return number[0] if before[-1:] in ("*", "/", "+") else f"{_plain(Decimal(number[0]) * 100)}%"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _day(text: str, habits: Habits) -> CellForm | None:
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
        return CellForm(date(int(year), int(month), int(day)).isoformat(), is_doubtful)
    except ValueError:
        return None


def _amount(text: str, habits: Habits) -> CellForm | None:
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


def _number(text: str, habits: Habits) -> CellForm | None:
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
        return CellForm(plain(Decimal(bare.replace(",", "."))), is_doubtful)
    except ArithmeticError:
        return None


def _in_groups(text: str, sign: str) -> bool:
    """Tell whether digits stand in groups of three behind each *sign*."""
    first, *others = text.lstrip("+-").split(sign)
    return bool(others) and 0 < len(first) < 4 and all(len(group) == 3 and group.isdigit() for group in others)
