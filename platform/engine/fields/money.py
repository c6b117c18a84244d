"""Amounts of money: exact, stored rounded to the minor unit of their currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.fields import locale_formats
from blankett.engine.fields.base import PROCESS, Fault, TypeOption, Value, VersionChange
from blankett.engine.fields.cells import Cells, MoneyCells
from blankett.engine.fields.numbers import NumberType
from blankett.engine.fields.reader import AmountValue

if TYPE_CHECKING:
    from blankett.engine.language.model import Field


class MoneyType(NumberType):
    """An amount of money in the currency its form or field names."""

    name = "money"
    help = "An amount of money, in the currency that the form or the field names; rounded to the currency's minor unit."
    synonyms = "betrag geld 金额 currency amount price"
    has_currency = True
    cells: ClassVar[Cells] = MoneyCells()
    can_be_key: ClassVar[bool] = False
    widget = "money"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "currency",
            "currency",
            "A field that holds the currency code, or a code; the form's unless told.",
            part=PROCESS,
        ),
        TypeOption("min", "value", "The least amount.", part=PROCESS),
        TypeOption("max", "value", "The greatest amount.", part=PROCESS),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a number; the caller says where its currency is read."""
        return feel.Number()

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return the amount: its digits are the currency's."""
        return value

    def in_currency(self, fault: Fault, currency: str | None) -> Fault:
        """Return the fault with its bounds as amounts."""
        if currency is None:
            return fault
        amounts = {
            name: AmountValue(each, currency) for name, each in fault.params.items() if isinstance(each, Decimal)
        }
        return Fault(fault.message, {**fault.params, **amounts})

    def decimals_for(self, of: Field, currency: str | None) -> int:
        """Return the digits of the currency's minor unit; as many as fit where the currency is not known yet."""
        return self.decimals if currency is None else locale_formats.currency_decimals(currency)

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the amount with its minor units and without its currency."""
        if not isinstance(value, Decimal):
            return ""
        return locale_formats.typed_number(value, locale, locale_formats.currency_decimals(currency))

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the amount in groups with its currency."""
        return locale_formats.shown_amount(value, locale, currency) if isinstance(value, Decimal) else ""
