"""Why a condition holds or not: the condition as a tree with the values each part saw. Plain data; words come at the
edge.

    traced = trace(action.when, situation.names, situation.moment)
    stored = traced.to_json()
    redacted(trace_from_json(stored), may_read)

Every part is evaluated by the evaluator that decides, so an explanation never disagrees with the decision.
"""

from blankett.engine.trace.traced_condition import (
    TESTS,
    MayRead,
    Need,
    RowsHit,
    SeenValue,
    Several,
    Trace,
    TracedOperand,
    needs_of,
    plain,
    readable,
    redacted,
    trace_from_json,
    value_from,
)
from blankett.engine.trace.tracer import rows_hit, trace

__all__ = [
    "TESTS",
    "MayRead",
    "Need",
    "RowsHit",
    "SeenValue",
    "Several",
    "Trace",
    "TracedOperand",
    "needs_of",
    "plain",
    "readable",
    "redacted",
    "rows_hit",
    "trace",
    "trace_from_json",
    "value_from",
]
