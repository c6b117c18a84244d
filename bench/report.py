"""Puts the figures of a run into words: a table for the terminal, and the same one in docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.breakdown import Breakdown
from bench.turns import Cost

BEGIN = "<!-- figures: written by `python -m bench` -->"
END = "<!-- end of figures -->"


@dataclass(frozen=True)
class Aim:
    """What is measured, and what we aim at."""

    key: str
    title: str
    #: The most it may cost, as a multiple of the twin.
    aim: float
    unit: str = "ms"


@dataclass(frozen=True)
class Measured:
    """One figure of a run, of the product and of the twin: CPU milliseconds a request, otherwise seconds or MiB."""

    key: str
    product: float
    twin: float
    #: The same for a page that is asked for again, with nothing changed.
    product_again: float | None = None
    twin_again: float | None = None

    @staticmethod
    def of(key: str, product: Cost, twin: Cost) -> Measured:
        """Return the figure of a request."""
        seconds = (product.first, twin.first, product.second, twin.second)
        found = [None if each is None else each * 1000 for each in seconds]
        return Measured(key, found[0] or 0, found[1] or 0, found[2], found[3])

    @property
    def ratio(self) -> float:
        """Return how many times the twin's the product's is."""
        return self.product / self.twin


AIMS: Sequence[Aim] = (
    Aim("list", "list page of 50 (filter, sort, count)", 1.5),
    Aim("record", "record with 5 lines and 6 events", 1.5),
    Aim("new", "form of a new order", 1.5),
    Aim("form", "form of an order with 5 lines", 1.5),
    Aim("create", "create an order (12 fields, 5 lines)", 1.7),
    Aim("action", "take an action", 1.7),
    Aim("edit", "edit one field", 1.7),
    Aim("recalculate", "recalculate the form", 2),
    Aim("inbox", "inbox", 2),
    Aim("start", "start to first answer", 2, "s"),
    Aim("memory", "memory after 50 people (PSS)", 2, "MiB"),
)
DIGITS = {"ms": 2, "s": 2, "MiB": 0}


def table(measured: Sequence[Measured]) -> str:
    """Return the figures beside their aims as a Markdown table."""
    by_key: Mapping[str, Measured] = {each.key: each for each in measured}
    lines = [
        "| what | Blankett | by hand | ratio | aim | second look | by hand | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for aim in AIMS:
        found = by_key.get(aim.key)
        if found is None:
            continue
        product, twin = (f"{value:.{DIGITS[aim.unit]}f} {aim.unit}" for value in (found.product, found.twin))
        ratio = f"{found.ratio:.1f} ×"
        verdict = ratio if _is_met(found, aim) else f"**{ratio}**"
        lines.append(f"| {aim.title} | {product} | {twin} | {verdict} | {aim.aim:g} × | {_again(found)} |")
    return "\n".join(lines)


def _again(found: Measured) -> str:
    product, twin = found.product_again, found.twin_again
    if product is None or twin is None:
        return "– | – | –"
    return f"{product:.2f} ms | {twin:.2f} ms | {product / twin:.1f} ×"


def _is_met(found: Measured, aim: Aim) -> bool:
    return round(found.ratio, 1) <= aim.aim


def where_time_goes(found: Mapping[str, Breakdown]) -> str:
    """Return which share of each kind of request's time which part takes, as a Markdown table."""
    areas = sorted({area for each in found.values() for area in each.shares}, key=lambda area: -_most(found, area))
    lines = [
        f"| what | SQL statements | {' | '.join(areas)} |",
        f"|---|---:|{'---:|' * len(areas)}",
    ]
    titles = {aim.key: aim.title.partition(" (")[0] for aim in AIMS}
    for key, each in found.items():
        shares = " | ".join(f"{each.shares.get(area, 0):.0%}" for area in areas)
        lines.append(f"| {titles[key]} | {each.statements:.0f} | {shares} |")
    return "\n".join(lines)


def _most(found: Mapping[str, Breakdown], area: str) -> float:
    return sum(each.shares.get(area, 0) for each in found.values())


def missed(measured: Sequence[Measured]) -> list[str]:
    """Return the titles of what missed its aim."""
    by_key = {each.key: each for each in measured}
    return [aim.title for aim in AIMS if aim.key in by_key and not _is_met(by_key[aim.key], aim)]


def write_between_markers(page: Path, figures: str, begin_mark: str = BEGIN, end_mark: str = END) -> None:
    """Put *figures* between the markers of *page*, and leave the rest of it as it is. Raise when it has no markers."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(begin_mark)
    _, end, after = rest.partition(end_mark)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {begin_mark!r} and {end_mark!r}")
    page.write_text(f"{before}{begin_mark}\n\n{figures}\n\n{end_mark}{after}", encoding="utf-8")
