"""Checks of approvals: asked for by an action, in a state of its own, with somebody who may decide each step."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine import feel
from blankett.engine.checks.subject import Subject
from blankett.engine.language.model import Action, Approval, ApprovalStep, Approver, Form, Formula


def check_approvals(subject: Subject) -> None:
    """Tell what is wrong with the approvals of each form, and with the states they wait in."""
    for form in subject.forms():
        asked = {action.approval for action in form.actions.values()}
        for approval in form.approvals.values():
            path = ("forms", form.key, "approvals", approval.key)
            if approval.key not in asked and subject.is_sound("forms", form.key, "actions"):
                subject.report.add("unused_approval", approval.place, name=approval.key)
            if subject.is_sound(*path):
                _check_steps(subject, approval)
        for action in form.actions.values():
            if action.during is not None and subject.is_sound("forms", form.key, "actions", action.key):
                _check_during(subject, form, action)
        _check_led_to(subject, form)


def _check_during(subject: Subject, form: Form, action: Action) -> None:
    state = form.states.get(action.during or "")
    around = {*action.sources, *action.targets, action.rejected, action.returned}
    if state is not None and (state.start or state.final or state.key in around):
        place = subject.place("forms", form.key, "actions", action.key, "during")
        subject.report.add("during_not_between", place, action=action.key, state=state.key)


def _check_led_to(subject: Subject, form: Form) -> None:
    """Tell of actions that lead to a state where records wait for an approval without asking for one."""
    waiting = {action.during for action in form.actions.values() if action.during is not None}
    for action in form.actions.values():
        ends = dict.fromkeys((*action.targets, action.rejected, action.returned))
        for state in (state for state in ends if state in waiting and state != action.during):
            subject.report.add("led_to_during", action.place, action=action.key, state=state)


def _check_steps(subject: Subject, approval: Approval) -> None:
    if all(_may_be_skipped(step) for step in approval.steps.values()):
        subject.report.add("all_steps_skipped", approval.place, name=approval.key)
    for step, _around in approval.asked_steps():
        most = _most(step)
        if most is not None and step.need.kind in ("count", "weight") and step.need.amount > most:
            subject.report.add("need_beyond", step.place, need=step.need.written, most=most)
        reason = _maybe_nobody(step)
        if reason is not None:
            subject.report.add("maybe_nobody", step.place, step=step.key, reason=reason)


def _may_be_skipped(step: ApprovalStep) -> bool:
    if step.when is not None:
        return True
    return bool(step.together) and all(_may_be_skipped(each) for each in step.together.values())


def _most(step: ApprovalStep) -> int | None:
    """Return how many people a step can ask, or what their words weigh together; None where that is not known."""
    if any(not _is_single(approver) for approver in step.approvers):
        return None
    is_weight = step.need.kind == "weight"
    return sum(len([*_named(approver)]) * (approver.weight if is_weight else 1) for approver in step.approvers)


def _named(approver: Approver) -> Iterator[str | Formula]:
    yield from approver.who.names
    yield from approver.who.formulas


def _is_single(approver: Approver) -> bool:
    """Tell whether each thing an approver names is one person, or none."""
    return all(
        isinstance(formula.checked.type, feel.RecordType) for formula in approver.who.formulas
    ) and approver.who.names <= {"owner", "assignee"}


def _maybe_nobody(step: ApprovalStep) -> str | None:
    """Return why nobody may be there to decide a step, or None."""
    reasons: list[str] = []
    for each in (named for approver in step.approvers for named in _named(approver)):
        if each == "assignee":
            reasons.append("a record may have no assignee")
        elif (
            isinstance(each, Formula) and isinstance(each.checked.type, feel.RecordType) and each.checked.type.nullable
        ):
            reasons.append(f"{each.text} may be empty")
        else:
            return None
    return " and ".join(reasons) if reasons else None
