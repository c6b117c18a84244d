"""Puts the figures of a run into words: a table for the terminal, and the same one in docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.breakdown import Breakdown

BEGIN = "<!-- figures: written by `python -m bench` -->"
END = "<!-- end of figures -->"


@dataclass(frozen=True)
class Aim:
    """What is measured, and what we aim at."""

    key: str
    title: str
    #: As a multiple of the bare route, or seconds, or MiB.
    aim: float
    unit: str


@dataclass(frozen=True)
class Measured:
    """One figure of a run: CPU milliseconds per request for requests, otherwise seconds or MiB."""

    key: str
    #: In the unit of its aim.
    value: float
    #: CPU milliseconds per request, and how many requests were made; None for what is no request.
    milliseconds: float | None = None
    requests: int = 0


AIMS: Sequence[Aim] = (
    Aim("create", "create an order (12 fields, 5 lines)", 8, "×"),
    Aim("action", "take an action", 5, "×"),
    Aim("list", "list page of 50 (filter, sort, count)", 8, "×"),
    Aim("record", "open a record with 5 lines", 8, "×"),
    Aim("recalculate", "recalculate the form", 4, "×"),
    Aim("start", "start to first answer", 1.5, "s"),
    Aim("memory", "memory of `serve` (PSS)", 130, "MiB"),
)


def table(measured: Sequence[Measured]) -> str:
    """Return the figures beside their aims as a Markdown table."""
    by_key: Mapping[str, Measured] = {each.key: each for each in measured}
    lines = [
        "| what | Blankett | aim | CPU per request |",
        "|---|---:|---:|---:|",
    ]
    for aim in AIMS:
        found = by_key.get(aim.key)
        if found is None:
            continue
        value = f"{found.value:.1f} {aim.unit}" if found.value < 100 else f"{found.value:.0f} {aim.unit}"
        verdict = value if found.value <= aim.aim else f"**{value}**"
        cpu = "–" if found.milliseconds is None else f"{found.milliseconds:.2f} ms"
        goal = f"{aim.aim:g} {aim.unit}"
        lines.append(f"| {aim.title} | {verdict} | {goal} | {cpu} |")
    return "\n".join(lines)


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
    aims = {aim.key: aim for aim in AIMS}
    return [aims[each.key].title for each in measured if each.key in aims and each.value > aims[each.key].aim]


def write_between_markers(page: Path, figures: str) -> None:
    """Put *figures* between the markers of *page*, and leave the rest of it as it is. Raise when it has no markers."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {BEGIN!r} and {END!r}")
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}", encoding="utf-8")
