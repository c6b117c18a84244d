"""Where the time of a request goes, area by area, as the profiler saw it."""

from __future__ import annotations

import pstats
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Breakdown:
    """Where the time of one kind of request goes."""

    #: SQL statements of one request.
    statements: float
    #: Area → its share of the time under the profiler, 0 to 1.
    shares: Mapping[str, float]


#: Area → parts of file names that belong to it; the first that fits counts.
AREAS: Mapping[str, tuple[str, ...]] = {
    "SQLAlchemy": ("/sqlalchemy/",),
    "templates": ("/jinja2/", "/markupsafe/", ".html"),
    "Flask": ("/flask/", "/werkzeug/", "/flask_wtf/", "/itsdangerous/", "/flask_limiter/", "/limits/"),
    "Babel": ("/babel/",),
    "formulas": ("/engine/feel/",),
    "store": ("/engine/store/",),
    "engine": ("/engine/",),
    "forms": ("/forms/", "/marshmallow/"),
    "pages": ("/web/", "/words/"),
}
DATABASE, REST = "database", "Python"


def shares_of(stats: pstats.Stats) -> dict[str, float]:
    """Return area → share of the time, the largest first."""
    seconds: dict[str, float] = defaultdict(float)
    for (file, _, function), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        seconds[_area(file, function)] += own
    total = sum(seconds.values())
    return {area: own / total for area, own in sorted(seconds.items(), key=lambda pair: -pair[1])}


def _area(file: str, function: str) -> str:
    if file == "~":
        return DATABASE if "sqlite3" in function else REST
    return next((area for area, parts in AREAS.items() if any(part in file for part in parts)), REST)


def statements_of(stats: pstats.Stats) -> int:
    """Return how many SQL statements were run."""
    calls = ((function, count) for (file, _, function), (_, count, *_) in stats.stats.items() if file == "~")  # type: ignore[attr-defined]
    return sum(count for function, count in calls if "'execute' of 'sqlite3.Cursor'" in function)
