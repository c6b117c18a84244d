"""What must become true for a condition to hold: the parts that fail, and nothing else.

The needs of a condition are a list; all of them must be met. A need is a test, or a choice: several ways, of which any
one will do, each a list of needs in turn. What this promises, and a property test holds:

* a condition has no needs exactly when it holds;
* meeting every need, with nothing else changed, makes the condition hold; a choice is met by one of its ways;
* failing any single need again makes it fail; a choice fails when none of its ways is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from blankett.engine.explain.traces import MayRead, Trace, redacted


@dataclass(frozen=True)
class Need:
    """Something that must become true: what *trace* tests, or one of *ways*."""

    trace: Trace
    ways: tuple[tuple[Need, ...], ...] = ()


def needs_of(trace: Trace) -> tuple[Need, ...]:
    """Return what must become true for *trace* to hold, in the order it is written; empty when it holds."""
    if trace.holds is True:
        return ()
    if trace.operator == "and":
        return tuple(need for part in trace.parts for need in needs_of(part))
    if trace.operator == "or":
        return (Need(trace, tuple(_ways(trace))),)
    return (Need(trace),)


def _ways(trace: Trace) -> Iterator[tuple[Need, ...]]:
    for part in trace.parts:
        found = needs_of(part)
        if len(found) == 1 and found[0].ways:
            yield from found[0].ways  # a choice within a choice: more ways
        else:
            yield found


def readable(need: Need, may_read: MayRead) -> Need:
    """Return *need* as a reader may see it."""
    ways = tuple(tuple(readable(each, may_read) for each in way) for way in need.ways)
    return replace(need, trace=redacted(need.trace, may_read), ways=ways)
