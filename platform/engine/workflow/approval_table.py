"""The table of approvals: verb × kind of step × situation → result, and the sentence its person reads.

The first row of a verb that is the case answers it. The machine, what pages say of who may do what and why not, the
page `docs/approvals.md` and the suite are made from these rows; there is no second copy of them in code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args

from blankett.engine.workflow.act import Verb
from blankett.engine.workflow.operations import OPERATIONS
from blankett.engine.workflow.situations import SITUATIONS
from blankett.engine.workflow.terms import QuorumKind

#: The result of a row that does nothing.
REFUSES: Final = "refuse"
#: Kinds of step, by what is counted.
KINDS: Final[tuple[QuorumKind, ...]] = get_args(QuorumKind)


@dataclass(frozen=True)
class ApprovalCase:
    """One row: in this situation the verb comes to this, and this is said of it."""

    verb: Verb
    situation: str
    #: `refuse`, or the operation that is carried out.
    result: str
    #: The id of the sentence.
    sentence: str
    #: The kinds of step it is about.
    kinds: tuple[QuorumKind, ...] = KINDS
    #: The edge case that it answers.
    edge: str = ""

    @property
    def id(self) -> str:
        """Return what the log calls the row: ``approve.completes``; of some kinds only, with the first of them."""
        name = f"{self.verb}.{self.situation}"
        return name if self.kinds == KINDS else f"{name}.{self.kinds[0]}"


#: Situations that refuse, with the sentence and the edge case.
Gate = tuple[str, str, str]

NO_APPROVER: Final = "no approver can be found for a step"
RETURN_LEFT: Final = "the approver of a step to return to has left"
TRANSFER_SELF: Final = "transfer to oneself"
WITHDRAW_LATE: Final = "withdraw after it was handled"
RETURN_RUNNING: Final = "return to a step that is still running"
RETURN_GONE: Final = "return to an initiator whose account is gone"
ADDED_ADDS: Final = "an added approver adds another"
ADD_HOLDER: Final = "adding someone who already holds the task"
BULK_ADDED: Final = "a bulk decision that includes a task with an added approver"
REOPEN_RUNNING: Final = "re-opening a record that is running"
SAME_HOLDERS: Final = "replacing the holders by the same holders"
MISSING: Final = "opinion or signature missing"
REPEATS: Final = "approvers A, A, B, A with “skip repeated”"
TWO_AT_ONCE: Final = "two approvers press approve and reject at once"
DELEGATE_OWNER: Final = "the delegate and the owner decide at once"
REVOKED: Final = "the approver's role is revoked between opening the page and pressing the button"
TIMEOUT_SAVED: Final = "a timeout fires while the decision is being saved"


def gates(verb: Verb, *rows: Gate) -> Iterator[ApprovalCase]:
    """Yield rows that refuse a verb."""
    for situation, sentence, edge in rows:
        yield ApprovalCase(verb, situation, REFUSES, sentence, edge=edge)


NO_COURSE: Final[tuple[Gate, ...]] = (("no_course", "approval.no_course", ""),)
OVER: Final[tuple[Gate, ...]] = (
    ("over_given", "approval.over_given", ""),
    ("over_rejected", "approval.over_rejected", ""),
    ("over_returned", "approval.over_returned", ""),
    ("over_withdrawn", "approval.over_withdrawn", ""),
)
PERSON: Final[tuple[Gate, ...]] = (
    ("actor_gone", "approval.actor_gone", ""),
    ("actor_blind", "approval.actor_blind", ""),
)
#: What refuses whoever would decide, or change who decides.
PART: Final[tuple[Gate, ...]] = (
    *NO_COURSE,
    *PERSON,
    ("step_unknown", "approval.step_unknown", ""),
    ("decided_for_you", "approval.decided_for_you", DELEGATE_OWNER),
    ("owner_decided", "approval.owner_decided", DELEGATE_OWNER),
    ("over_given", "approval.over_given", TWO_AT_ONCE),
    ("over_rejected", "approval.over_rejected", TWO_AT_ONCE),
    ("over_returned", "approval.over_returned", ""),
    ("over_withdrawn", "approval.over_withdrawn", ""),
    ("step_given", "approval.step_given", TWO_AT_ONCE),
    ("step_skipped", "approval.step_skipped", ""),
    ("step_waits", "approval.step_waits", ""),
    ("opened_again", "approval.opened_again", ""),
    ("was_transferred", "approval.was_transferred", ""),
    ("deputy_over", "approval.deputy_over", ""),
    ("role_lost", "approval.role_lost", REVOKED),
    ("requester_barred", "approval.requester_barred", ""),
    ("not_asked", "approval.not_asked", ""),
    ("decided_already", "approval.decided_already", ""),
    ("decided_as_other", "approval.decided_as_other", ""),
)
DECIDES: Final[tuple[Gate, ...]] = (
    *PART,
    ("seat_waits", "approval.seat_waits", BULK_ADDED),
    ("is_held_until", "approval.is_held_until", ""),
    ("is_held", "approval.is_held", ""),
)
TYPED: Final[tuple[Gate, ...]] = (
    ("values_moved", "approval.values_moved", ""),
    ("bulk_changed", "approval.bulk_changed", ""),
    ("comment_missing", "approval.comment_missing", MISSING),
)
#: What refuses those who are named.
NAMED: Final[tuple[Gate, ...]] = (
    ("nobody_named", "approval.nobody_named", ""),
    ("to_gone", "approval.to_gone", ""),
    ("to_blind", "approval.to_blind", ""),
    ("to_requester", "approval.to_requester", ""),
)
ADDS: Final[tuple[Gate, ...]] = (
    ("nobody_named", "approval.nobody_named", ""),
    ("to_self", "approval.add_self", ""),
    ("to_asked", "approval.to_asked", ADD_HOLDER),
    *NAMED[1:],
)
MANAGES: Final[tuple[Gate, ...]] = (*NO_COURSE, ("not_manager", "approval.not_manager", ""))
CLOCK: Final[tuple[Gate, ...]] = (
    *NO_COURSE,
    ("over_given", "approval.clock_late", TIMEOUT_SAVED),
    ("over_rejected", "approval.clock_late", TIMEOUT_SAVED),
    ("over_returned", "approval.clock_late", TIMEOUT_SAVED),
    ("over_withdrawn", "approval.clock_late", ""),
    ("step_unknown", "approval.step_unknown", ""),
    ("step_given", "approval.clock_late", TIMEOUT_SAVED),
    ("step_skipped", "approval.step_skipped", ""),
    ("step_waits", "approval.step_waits", ""),
    ("opened_again", "approval.clock_stale", ""),
    ("is_held_until", "approval.is_held_until", ""),
    ("is_held", "approval.is_held", ""),
    ("question_waits", "approval.clock_stands", ""),
    ("not_hurried", "approval.not_hurried", ""),
)


def _start() -> Iterator[ApprovalCase]:
    yield from gates("start", ("is_running", "approval.running", ""), *PERSON)
    yield ApprovalCase("start", "comes_back", "go_straight_back", "approval.started_back")
    yield ApprovalCase("start", "completion_refused", REFUSES, "approval.start_refused")
    yield ApprovalCase("start", "completes", "begin_course", "approval.started_given")
    yield ApprovalCase("start", "opens_nobody", "begin_course", "approval.opens_nobody", edge=NO_APPROVER)
    yield ApprovalCase("start", "always", "begin_course", "approval.started")


def _approve() -> Iterator[ApprovalCase]:
    yield from gates("approve", *DECIDES, *TYPED, ("signature_missing", "approval.signature_missing", MISSING))
    yield ApprovalCase("approve", "completion_refused", REFUSES, "approval.completion_refused")
    yield ApprovalCase("approve", "completes_again", "vote_yes", "approval.approved_again")
    yield ApprovalCase("approve", "completes", "vote_yes", "approval.approved")
    yield ApprovalCase("approve", "opens_nobody", "vote_yes", "approval.opens_nobody", edge=NO_APPROVER)
    yield ApprovalCase("approve", "skips_repeat", "vote_yes", "approval.skips_repeat", edge=REPEATS)
    yield ApprovalCase("approve", "opens_next", "vote_yes", "approval.opens_next")
    yield ApprovalCase("approve", "beside_waits", "vote_yes", "approval.beside_waits")
    yield ApprovalCase("approve", "bulk_added_waits", "vote_yes", "approval.added_waits", edge=BULK_ADDED)
    yield ApprovalCase("approve", "added_waits", "vote_yes", "approval.added_waits")
    for kind in KINDS:
        yield ApprovalCase("approve", "more_needed", "vote_yes", f"approval.more_{kind}", kinds=(kind,))


def _reject() -> Iterator[ApprovalCase]:
    yield from gates("reject", *DECIDES, *TYPED)
    yield ApprovalCase("reject", "rejects_later", "vote_no", "approval.rejected_later")
    yield ApprovalCase("reject", "rejects", "vote_no", "approval.rejected")
    for kind in ("count", "percent", "weight"):
        yield ApprovalCase("reject", "more_needed", "vote_no", f"approval.no_{kind}", kinds=(kind,))


def _return() -> Iterator[ApprovalCase]:
    yield from gates(
        "return",
        *DECIDES,
        *TYPED,
        ("return_unknown", "approval.return_unknown", ""),
        ("return_to_itself", "approval.return_to_itself", ""),
        ("return_to_running", "approval.return_to_running", RETURN_RUNNING),
        ("return_to_skipped", "approval.return_to_skipped", ""),
        ("return_forward", "approval.return_forward", ""),
        ("record_went_on", "approval.record_went_on", ""),
        ("requester_gone", "approval.requester_gone", RETURN_GONE),
        ("return_to_nobody", "approval.return_to_nobody", RETURN_LEFT),
    )
    yield ApprovalCase("return", "return_decider_left", "return_to_step", "approval.returned_other", edge=RETURN_LEFT)
    yield ApprovalCase("return", "return_step_straight", "return_to_step", "approval.returned_step_straight")
    yield ApprovalCase("return", "return_step_rerun", "return_to_step", "approval.returned_step")
    yield ApprovalCase("return", "return_start_straight", "return_to_start", "approval.returned_straight")
    yield ApprovalCase("return", "return_start_rerun", "return_to_start", "approval.returned")


def _deciders() -> Iterator[ApprovalCase]:
    """Yield the rows of verbs that change who decides."""
    yield from gates(
        "transfer",
        *DECIDES,
        *NAMED[:1],
        ("several_named", "approval.several_named", ""),
        ("to_self", "approval.transfer_self", TRANSFER_SELF),
        ("to_holder", "approval.to_holder", ""),
        ("to_asked", "approval.to_asked", ADD_HOLDER),
        *NAMED[1:],
    )
    yield ApprovalCase("transfer", "others_named", "transfer", "approval.transferred")
    yield from gates(
        "delegate",
        *DECIDES,
        *NAMED[:1],
        ("several_named", "approval.several_named", ""),
        ("to_self", "approval.delegate_self", ""),
        ("to_deputy", "approval.to_deputy", ""),
        ("to_asked", "approval.to_asked", ADD_HOLDER),
        *NAMED[1:],
        ("day_missing", "approval.day_missing", ""),
        ("day_past", "approval.day_past", ""),
    )
    yield ApprovalCase("delegate", "others_named", "delegate", "approval.delegated")
    for verb, placed in (("add_before", "before"), ("add_beside", "beside"), ("add_after", "after")):
        yield from gates(verb, *DECIDES, *ADDS)  # type: ignore[arg-type]
        yield ApprovalCase(verb, "adder_was_added", verb, f"approval.added_{placed}", edge=ADDED_ADDS)  # type: ignore[arg-type]
        yield ApprovalCase(verb, "others_named", verb, f"approval.added_{placed}")  # type: ignore[arg-type]


def _holders() -> Iterator[ApprovalCase]:
    """Yield the rows of verbs that take out who decides, or name others."""
    yield from gates(
        "remove",
        *NO_COURSE,
        *PERSON,
        *OVER,
        ("step_unknown", "approval.step_unknown", ""),
        ("step_not_open", "approval.step_not_open", ""),
        ("nobody_added", "approval.nobody_added", ""),
        ("seat_unknown", "approval.seat_unknown", ""),
        ("asked_by_terms", "approval.asked_by_terms", ""),
        ("added_by_other", "approval.added_by_other", ""),
        ("seat_decided", "approval.seat_decided", ""),
        ("completion_refused", "approval.completion_refused", ""),
    )
    yield ApprovalCase("remove", "always", "remove", "approval.removed")
    yield from gates(
        "replace",
        *MANAGES,
        *OVER,
        ("step_unknown", "approval.step_unknown", ""),
        ("step_not_open", "approval.step_not_open", ""),
        *NAMED[:1],
        ("same_holders", "approval.same_holders", SAME_HOLDERS),
        *NAMED[1:],
        ("completion_refused", "approval.completion_refused", ""),
    )
    yield ApprovalCase("replace", "others_named", "replace_holders", "approval.replaced")
    yield from gates(
        "hand_over",
        *MANAGES,
        *OVER,
        ("not_two_named", "approval.not_two_named", ""),
        ("to_same_person", "approval.to_same_person", ""),
        ("heir_unfit", "approval.heir_unfit", ""),
        ("has_no_part", "approval.has_no_part", ""),
        ("completion_refused", "approval.completion_refused", ""),
    )
    yield ApprovalCase("hand_over", "always", "hand_over", "approval.handed_over")


def _waits() -> Iterator[ApprovalCase]:
    """Yield the rows of verbs that stop, or take back."""
    yield from gates(
        "withdraw",
        *NO_COURSE,
        *PERSON,
        ("not_requester", "approval.not_requester", ""),
        ("over_given", "approval.withdraw_given", WITHDRAW_LATE),
        ("over_rejected", "approval.withdraw_rejected", WITHDRAW_LATE),
        ("over_returned", "approval.withdraw_returned", WITHDRAW_LATE),
        ("over_withdrawn", "approval.over_withdrawn", ""),
        ("was_given_before", "approval.was_given_before", ""),
    )
    yield ApprovalCase("withdraw", "always", "withdraw", "approval.withdrawn")
    yield from gates("hold", *DECIDES, ("text_missing", "approval.hold_why", ""), ("day_past", "approval.day_past", ""))
    yield ApprovalCase("hold", "always", "hold", "approval.held")
    yield from gates(
        "resume",
        *NO_COURSE,
        *PERSON,
        *OVER,
        ("step_unknown", "approval.step_unknown", ""),
        ("not_held", "approval.not_held", ""),
        ("held_by_other", "approval.held_by_other", ""),
    )
    yield ApprovalCase("resume", "always", "resume", "approval.resumed")
    yield from gates(
        "recall",
        *NO_COURSE,
        *PERSON,
        ("nothing_to_recall", "approval.nothing_to_recall", ""),
        ("decided_after_you", "approval.decided_after_you", ""),
        ("grace_over", "approval.grace_over", ""),
        ("record_left", "approval.record_left", ""),
    )
    yield ApprovalCase("recall", "recall_reopens", "recall", "approval.recalled_reopens")
    yield ApprovalCase("recall", "always", "recall", "approval.recalled")
    yield from gates(
        "reopen",
        *NO_COURSE,
        ("is_running", "approval.reopen_running", REOPEN_RUNNING),
        ("not_manager", "approval.not_manager", ""),
        ("was_not_given", "approval.was_not_given", ""),
        ("closed_record", "approval.closed_record", ""),
        ("return_unknown", "approval.return_unknown", ""),
        ("text_missing", "approval.reopen_why", ""),
    )
    yield ApprovalCase("reopen", "always", "reopen", "approval.reopened")


def _words() -> Iterator[ApprovalCase]:
    """Yield the rows of verbs that only say something."""
    yield from gates("comment", *NO_COURSE, *PERSON, ("text_missing", "approval.text_missing", ""))
    yield ApprovalCase("comment", "always", "do_nothing", "approval.commented")
    yield from gates(
        "ask",
        *PART,
        ("is_held_until", "approval.is_held_until", ""),
        ("is_held", "approval.is_held", ""),
        *NAMED[:1],
        ("several_named", "approval.several_named", ""),
        ("to_self", "approval.ask_self", ""),
        ("to_gone", "approval.to_gone", ""),
        ("to_blind", "approval.to_blind", ""),
        ("text_missing", "approval.question_missing", ""),
        ("asked_already", "approval.asked_already", ""),
    )
    yield ApprovalCase("ask", "asks_and_waits", "ask", "approval.asked_waits")
    yield ApprovalCase("ask", "others_named", "ask", "approval.asked")
    yield from gates(
        "answer",
        *NO_COURSE,
        *PERSON,
        ("step_unknown", "approval.step_unknown", ""),
        ("question_unknown", "approval.question_unknown", ""),
        ("question_of_other", "approval.question_of_other", ""),
        ("question_answered", "approval.question_answered", ""),
        ("question_dropped", "approval.question_dropped", ""),
        ("text_missing", "approval.answer_missing", ""),
    )
    yield ApprovalCase("answer", "always", "answer", "approval.answered")


def _clock() -> Iterator[ApprovalCase]:
    """Yield the rows of what time does."""
    yield from gates("time_out", *CLOCK)
    yield ApprovalCase("time_out", "overdue_reminds", "remind", "approval.overdue_reminds")
    yield ApprovalCase("time_out", "overdue_escalates", "escalate", "approval.overdue_escalates")
    yield ApprovalCase("time_out", "overdue_nobody_above", "tell_nobody_above", "approval.overdue_nobody_above")
    yield ApprovalCase(
        "time_out", "overdue_asks_nobody", "tell_nobody_above", "approval.overdue_asks_nobody", edge=NO_APPROVER
    )
    yield ApprovalCase("time_out", "overdue_refused", "tell_nobody_above", "approval.overdue_refused")
    yield ApprovalCase("time_out", "overdue_approves", "approve_for_time", "approval.overdue_approves")
    yield ApprovalCase("time_out", "overdue_rejects", "reject_for_time", "approval.overdue_rejects")
    yield ApprovalCase(
        "time_out", "overdue_no_way_back", "tell_nobody_above", "approval.overdue_no_way_back", edge=RETURN_GONE
    )
    yield ApprovalCase("time_out", "overdue_returns", "return_to_start", "approval.overdue_returns")


def _changes() -> Iterator[ApprovalCase]:
    """Yield the rows of what the record, people and versions do."""
    yield from gates("change", *NO_COURSE)
    yield ApprovalCase("change", "not_covered", "do_nothing", "approval.change_not_covered")
    yield ApprovalCase("change", "change_by_action", "agree_to_own_doing", "approval.change_own")
    yield ApprovalCase("change", "change_before_request", "do_nothing", "approval.change_not_live")
    yield from gates("change", ("closed_record", "approval.change_closed", ""))
    yield ApprovalCase("change", "change_of_rejected_later", "ask_again", "approval.change_later")
    yield ApprovalCase("change", "change_not_live", "note_values", "approval.change_not_live")
    yield ApprovalCase("change", "change_concerns_nobody", "note_values", "approval.change_holds")
    yield ApprovalCase("change", "change_at_to", "ask_again", "approval.change_at_to")
    yield ApprovalCase("change", "change_later", "ask_again", "approval.change_later")
    yield ApprovalCase("change", "change_refused_completion", "ask_again_only", "approval.change_keeps_open")
    yield ApprovalCase("change", "change_completes", "ask_again", "approval.change_completes")
    yield ApprovalCase("change", "change_lapses", "ask_again", "approval.change_lapses")
    yield ApprovalCase("change", "change_while_open", "ask_again", "approval.change_while_open")
    yield from gates("people_changed", *NO_COURSE, *OVER)
    yield ApprovalCase("people_changed", "people_as_they_were", "do_nothing", "approval.people_same")
    yield ApprovalCase("people_changed", "people_refused_completion", "renew_people_only", "approval.people_keep_open")
    yield ApprovalCase("people_changed", "people_complete", "renew_people", "approval.people_complete")
    yield ApprovalCase("people_changed", "people_too_few", "renew_people", "approval.people_too_few", edge=NO_APPROVER)
    yield ApprovalCase("people_changed", "always", "renew_people", "approval.people_renewed", edge=REVOKED)
    yield from gates("migrate", *NO_COURSE, ("version_same", "approval.version_same", ""))
    yield ApprovalCase("migrate", "version_refused_completion", REFUSES, "approval.version_refused")
    yield ApprovalCase("migrate", "version_completes", "migrate", "approval.version_completes")
    yield ApprovalCase("migrate", "version_opens_other", "migrate", "approval.version_opens")
    yield ApprovalCase("migrate", "always", "migrate", "approval.version_moved")


CASES: Final[tuple[ApprovalCase, ...]] = (
    *_start(),
    *_approve(),
    *_reject(),
    *_return(),
    *_deciders(),
    *_holders(),
    *_waits(),
    *_words(),
    *_clock(),
    *_changes(),
)
#: {verb: its rows in order}
CASES_OF: Final = MappingProxyType(
    {verb: tuple(case for case in CASES if case.verb == verb) for verb in get_args(Verb)}
)


def _check_table() -> None:
    """Hold that rows name situations and operations that are there, each row once."""
    ids = [case.id for case in CASES]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    unknown = sorted(
        {case.situation for case in CASES} - SITUATIONS.keys()
        | {case.result for case in CASES} - OPERATIONS.keys() - {REFUSES}
    )
    if twice or unknown:
        raise ValueError(f"the table of approvals has {twice} twice and does not know {unknown}")


_check_table()
