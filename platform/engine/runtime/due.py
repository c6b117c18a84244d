"""Which conditions that move by themselves are to be judged in a command: those of which a value was written.

A condition that reads the day, a rate or a linked record binds when a value of this record that it reads is written, by
anybody or by an effect, and at the first action out of the start state; not later because the day has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blankett.engine.blueprint.model import Action
from blankett.engine.runtime.destinations import state_after
from blankett.engine.runtime.situation import LineScope, decode
from blankett.engine.runtime.work import Work

Path = tuple[str, ...]
#: Properties of a record that conditions may read.
PROPERTIES = ("state", "owner", "assignee", "number")


@dataclass(frozen=True, eq=False)
class Due:
    """What of a record was written by the command under way."""

    work: Work
    #: It is made, or leaves its start state: everything is judged.
    is_first: bool

    def is_due(self, name: Path, line: LineScope | None = None) -> bool:
        """Tell whether to judge the condition *name* of the form, in *line*: it cannot move, or hangs on what was
        written.
        """
        if self.is_first:
            return True
        reads = self.work.process.form.conditions.get(name)
        return reads is None or any(self._is_written(path, line) for path in reads)

    def _is_written(self, path: Path, line: LineScope | None) -> bool:
        if path[0] == "record":
            return path[1] in self._properties
        if len(path) == 1:
            return path[0] in self._written
        if line is not None and line.table == path[0]:
            return f"{path[0]}/{line.id}/{path[1]}" in self._written
        return f"{path[0]}/{path[1]}" in self._written

    @cached_property
    def _properties(self) -> frozenset[str]:
        before, now = self.work.before, self.work.record
        return frozenset(name for name in PROPERTIES if getattr(before, name) != getattr(now, name))

    @cached_property
    def _written(self) -> frozenset[str]:
        """Return what differs from what is stored: "total", "lines" (lines came or went), "lines/price" (of any line),
        "lines/<id>/price". What shows and hides a field is among what its conditions read.
        """
        work = self.work
        assert work.before is not None
        before, now = decode(work.process, work.before.data), work.situation.values
        found: set[str] = set()
        for key, of in work.process.form.fields.items():
            if of.columns:
                found |= _written_lines(key, before.get(key) or [], now.get(key) or [])
            elif before.get(key) != now.get(key) and not of.live:
                found.add(key)
        return frozenset(found)


def _written_lines(table: str, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> set[str]:
    old: Mapping[str, dict[str, Any]] = {line["id"]: line for line in before}
    found: set[str] = set()
    if old.keys() != {line["id"] for line in now}:
        found.add(table)
    for line in [*now, *(line for line in before if line["id"] not in {each["id"] for each in now})]:
        was = old.get(line["id"], {})
        changed = {column for column in {*was, *line} - {"id"} if was.get(column) != line.get(column) or not was}
        found |= {f"{table}/{line['id']}/{column}" for column in changed} | {f"{table}/{column}" for column in changed}
        if changed:
            found.add(table)
    gone = [line for line in before if line["id"] not in {each["id"] for each in now}]
    return found | {f"{table}/{column}" for line in gone for column in line if column != "id"}


def due_in(work: Work, action: Action | None = None) -> Due:
    """Return what is to be judged of *work*; *action*: the one that is asked for and not carried out yet."""
    if work.before is None:
        return Due(work, True)
    start = work.process.form.start
    was = work.before.state
    now = state_after(work, action)
    return Due(work, start is not None and was == start.key and now != start.key)
