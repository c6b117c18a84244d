"""How values read on a page: English as it is written in Europe."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Copenhagen")
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SIGNS = {"EUR": "€", "DKK": "DKK\xa0", None: ""}

STATES = {"draft": "Draft", "review": "Review", "approved": "Approved", "shipped": "Shipped", "cancelled": "Cancelled"}
KINDS = {"draft": "start", "review": "work", "approved": "half", "shipped": "done", "cancelled": "stop"}
ACTIONS = {"submit": "Submit", "approve": "Approve", "send_back": "Send back", "ship": "Ship", "cancel": "Cancel"}
DONE = {
    "create": "created it", "submit": "submitted", "approve": "approved", "send_back": "sent back", "ship": "shipped",
    "cancel": "cancelled",
}  # fmt: skip
CHANNELS = {"web": "Web", "phone": "Phone", "email": "Email"}
CURRENCIES = {"EUR": "EUR", "DKK": "DKK"}
FIELDS = {
    "customer": "Customer", "channel": "Channel", "reference": "Reference", "ordered": "Ordered",
    "currency": "Currency", "payment_days": "Payment days", "deliver_to": "Deliver to", "promised": "Promised",
    "urgent": "Urgent", "discount": "Discount", "lines": "Lines", "goods": "Goods", "total": "Total",
    "product": "Product", "quantity": "Quantity", "price": "Price", "amount": "Amount",
}  # fmt: skip


def money(cents: int | None, currency: str | None) -> str:
    """Return an amount with its currency: "€1,250.00"."""
    return "" if cents is None else f"{SIGNS[currency]}{cents // 100:,}.{cents % 100:02}"


def amount(cents: int | None) -> str:
    """Return an amount without its currency: "1,250.00"."""
    return "" if cents is None else f"{cents // 100:,}.{cents % 100:02}"


def typed_amount(cents: int | None) -> str:
    """Return an amount as one types it: "1250.00"."""
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


def percent(hundredths: int | None) -> str:
    """Return a share: "12.5"."""
    return "" if hundredths is None else f"{hundredths / 100:g}"


def number(value: int | None) -> str:
    """Return a whole number with its thousands: "40,000"."""
    return "" if value is None else f"{value:,}"


def short_day(day: str | None, year: int) -> str:
    """Return an ISO day in few words: without its year when that is *year*."""
    if not day:
        return ""
    words = f"{int(day[8:10])} {MONTHS[int(day[5:7])]}"
    return words if day.startswith(str(year)) else f"{words} {day[:4]}"


def full_day(day: str | None) -> str:
    """Return an ISO day with its year: "3 Sept 2026"."""
    return f"{int(day[8:10])} {MONTHS[int(day[5:7])]} {day[:4]}" if day else ""


def typed_day(day: str | None) -> str:
    """Return an ISO day as one types it: "03/09/2026"."""
    return f"{day[8:10]}/{day[5:7]}/{day[:4]}" if day else ""


def read_day(day: str) -> str:
    """Return how a typed day was understood: "Mon, 30 Nov 2026"."""
    return f"{WEEKDAYS[date.fromisoformat(day).weekday()][:3]}, {full_day(day)}"


def long_day(day: date) -> str:
    """Return a day in full: "Monday, 30 November 2026"."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {LONG_MONTHS[day.month]} {day.year}"


class Clock:
    """The moment of a request, and how other moments look from it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.local = self.now.astimezone(ZONE)
        self.today = self.local.date()
        self.iso = self.now.isoformat()

    def short(self, moment: datetime) -> str:
        """Return a moment in few words: the time today, the weekday this week, else the day."""
        local = moment.astimezone(ZONE)
        days = (self.today - local.date()).days
        if days == 0:
            return f"{local:%H:%M}"
        if 0 < days < 7:
            return f"{WEEKDAYS[local.weekday()][:3]} {local:%H:%M}"
        return short_day(local.date().isoformat(), self.today.year)

    def age(self, moment: datetime) -> str:
        """Return how long ago a moment was: "3 h"."""
        passed = self.now - moment
        if passed.days:
            return f"{passed.days} d"
        return f"{passed.seconds // 60} min" if passed.seconds < 3600 else f"{passed.seconds // 3600} h"


def long_moment(moment: datetime) -> str:
    """Return a moment in full: "Monday, 30 November 2026 02:14"."""
    local = moment.astimezone(ZONE)
    return f"{long_day(local.date())} {local:%H:%M}"
