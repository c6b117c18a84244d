"""Whether a step is given, rejected, still open, or cannot be decided by those who are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from blankett.engine.workflow.course import ApprovalSeat
from blankett.engine.workflow.terms import Quorum

Verdict = Literal["given", "rejected", "open", "short"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What the seats of a step come to, in what its quorum counts: people or weight."""

    verdict: Verdict
    needed: int
    said_yes: int
    #: Who was asked by the terms and has not decided.
    undecided: int
    #: Added seats without a yes, without whom the step is not given.
    added_undecided: int


def count_votes(quorum: Quorum, seats: tuple[ApprovalSeat, ...]) -> Tally:
    """Return what the decisions of *seats* come to. Who was added counts beside the quorum, and must agree."""
    by_terms = [seat for seat in seats if seat.added_by is None]
    added = [seat for seat in seats if seat.added_by is not None]
    sizes = [(seat, seat.weight if quorum.kind == "weight" else 1) for seat in by_terms]
    said_yes = sum(size for seat, size in sizes if seat.vote is not None and seat.vote.is_yes)
    undecided = sum(size for seat, size in sizes if seat.vote is None)
    needed = _needed(quorum, sum(size for _, size in sizes))
    added_undecided = sum(seat.vote is None for seat in added)
    refused = any(seat.vote is not None and not seat.vote.is_yes for seat in added) or (
        quorum.kind == "any" and any(seat.vote is not None and not seat.vote.is_yes for seat in by_terms)
    )
    return Tally(
        verdict=_verdict(quorum, sizes, needed, said_yes, undecided, added_undecided, refused),
        needed=needed,
        said_yes=said_yes,
        undecided=undecided,
        added_undecided=added_undecided,
    )


def _needed(quorum: Quorum, total: int) -> int:
    """Return how much must agree; never nothing, so a step that asks nobody is never given."""
    if quorum.kind == "all":
        return max(total, 1)
    if quorum.kind == "percent":
        return max(-(-total * quorum.count // 100), 1)
    return 1 if quorum.kind == "any" else max(quorum.count, 1)


def _verdict(
    quorum: Quorum,
    sizes: list[tuple[ApprovalSeat, int]],
    needed: int,
    said_yes: int,
    undecided: int,
    added_undecided: int,
    refused: bool,
) -> Verdict:
    if refused:
        return "rejected"
    if said_yes >= needed:
        return "open" if added_undecided else "given"
    if said_yes + undecided >= needed:
        return "open"
    # What was said cannot be enough any more. Where nobody said no, too few were asked.
    said_no = any(seat.vote is not None and not seat.vote.is_yes for seat, _ in sizes)
    return "rejected" if said_no else "short"
