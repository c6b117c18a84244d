"""What decided, kept with the event of what it changed: which rule, table row or guard, and the trace of its condition.

A decision is stored as it was taken, with the values it saw; who reads it later sees what they may see then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from blankett.engine.language.model import LEFT_OUT

#: `rule`: a business rule that fired. `table`: a table's row that gave a value. `guard`: the condition of an action.
#: `who`: the formula or table that said who may act. `effect`: the condition of one of an action's effects.
#: `destination`: the condition that said where an action leads. `timer`: the `unless` of a timer that was due.
DecisionKind = Literal["rule", "table", "guard", "who", "effect", "destination", "timer"]
KINDS: frozenset[str] = frozenset(get_args(DecisionKind))

#: An event keeps the first so many decisions.
MOST_DECISIONS = 40
#: A trace that is longer as JSON is kept without its parts, in characters.
LONGEST_TRACE = 12_000


@dataclass(frozen=True)
class Decision:
    """One thing that decided."""

    kind: DecisionKind
    #: The rule's, action's or table's key.
    key: str
    #: Where it was looked at: ``save``, ``submit``, ``submit:completed``; empty where that says nothing.
    point: str
    #: What it did, each an outcome's name and what it is about: ``("set hold", "notify finance")``.
    outcomes: tuple[str, ...] = ()
    #: The blueprint's version and the line of its text, from 1.
    version: int = 0
    line: int = 0
    #: `Trace.to_json`, or empty where it decided without a condition.
    trace: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain data, its trace cut where it is too long."""
        return {
            "kind": self.kind,
            "key": self.key,
            "point": self.point,
            "outcomes": list(self.outcomes),
            "version": self.version,
            "line": self.line,
            "trace": _bounded(dict(self.trace)),
        }


def left_out(outcomes: Iterable[str]) -> tuple[str, ...]:
    """Return outcomes as they are kept that did not come about."""
    return tuple(f"{LEFT_OUT} {outcome}" for outcome in outcomes)


def stored_decisions(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Return *decisions* as an event's payload keeps them, the same one once."""
    found: list[dict[str, Any]] = []
    for decision in decisions:
        plain = decision.to_json()
        if plain not in found:
            found.append(plain)
        if len(found) == MOST_DECISIONS:
            break
    return found


def decisions_from(payload: Mapping[str, Any]) -> tuple[Decision, ...]:
    """Return the decisions an event's payload keeps; what cannot be read is left out."""
    kept = payload.get("decisions")
    found = (_decision(raw) for raw in kept if isinstance(raw, Mapping)) if isinstance(kept, list) else ()
    return tuple(decision for decision in found if decision is not None)


def _decision(raw: Mapping[str, Any]) -> Decision | None:
    kind, trace, outcomes = raw.get("kind"), raw.get("trace"), raw.get("outcomes")
    if kind not in KINDS or not isinstance(raw.get("key"), str):
        return None
    return Decision(
        kind,
        raw["key"],
        str(raw.get("point", "")),
        tuple(map(str, outcomes)) if isinstance(outcomes, list) else (),
        _number(raw.get("version")),
        _number(raw.get("line")),
        trace if isinstance(trace, Mapping) else {},
    )


def _number(raw: Any) -> int:
    return raw if isinstance(raw, int) else 0


def _bounded(trace: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(trace, ensure_ascii=False)) <= LONGEST_TRACE:
        return trace
    short = {key: value for key, value in trace.items() if key not in ("parts", "seen", "operands")}
    if isinstance(parts := trace.get("parts"), list):
        # What was read stays known, so that a reader who may not see it is not told what it said.
        short["seen"] = [{"path": list(path)} for path in sorted(_read(trace))]
        short["cut"] = len(parts)
    return short


def _read(trace: Mapping[str, Any]) -> set[tuple[str, ...]]:
    paths = {tuple(seen.get("path", ())) for seen in trace.get("seen", ())}
    paths.update(tuple(path) for each in trace.get("operands", ()) for path in each.get("reads", ()))
    return paths.union(*(_read(part) for part in trace.get("parts", ())))
