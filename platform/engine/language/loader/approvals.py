"""Approvals: the steps, who decides each, how many must agree, and how long they have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from blankett.engine.calendar import meant_length, read_length
from blankett.engine.language.grammar.approvals import NEEDS
from blankett.engine.language.loader.formulas import is_formula, read_condition
from blankett.engine.language.loader.grants import read_people, read_who
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.process import check_fields
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import Approval, ApprovalStep, Approver, NeededVotes, Who, Words
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar
from blankett.engine.paths import Path

_COUNT = re.compile(r"[1-9]\d{0,2}")
_SHARE = re.compile(r"(?:[1-9]\d?|100) ?%")
#: Lengths that take a calendar.
_WORKING = re.compile(r"\bworking\b")


def read_approvals(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Approval]:
    """Return the approvals of a form."""
    trees = form.tree.map("approvals")
    return {key: _ApprovalReader(draft, form, scopes, key, tree).read() for key, tree in trees.maps()}


class _ApprovalReader:
    """Reads one approval."""

    def __init__(self, draft: PartialBlueprint, form: FormDraft, scopes: Scopes, key: str, tree: Map) -> None:
        self.draft = draft
        self.form = form
        self.scopes = scopes
        self.key = key
        self.tree = tree
        self.item: Path = ("forms", form.key, "approvals", key)
        #: The steps that were read, for a key is the key of one.
        self.known: dict[str, int] = {}

    def read(self) -> Approval:
        """Return the approval as far as it can be read."""
        draft, tree = self.draft, self.tree
        place = self.form.tree.map("approvals").key_place(self.key)
        return Approval(
            key=self.key,
            title=read_title(draft.translations, tree, self.item, place),
            help=read_text(draft.translations, tree, self.item, "help"),
            steps=self._steps(tree, "steps", self.item),
            own=tree.is_yes("own"),
            repeats=tree.text("repeats") or "ask",
            comment=tree.text("comment") or "decline",
            recall=self._recall(tree.scalar("recall")),
            decide_on=check_fields(draft, self.form, tree, "decide_on"),
            place=place,
            was=tree.text("was"),
        )

    def _steps(self, tree: Map, key: str, item: Path) -> Mapping[str, ApprovalStep]:
        trees = tree.map(key)
        found = {name: self._step(name, each, trees, (*item, key, name)) for name, each in trees.maps()}
        return MappingProxyType(found)

    def _step(self, key: str, tree: Map, around: Map, item: Path) -> ApprovalStep:
        draft, place = self.draft, around.key_place(key)
        if key in self.known:
            draft.report.add("step_twice", place, key=key, line=self.known[key])
        self.known.setdefault(key, place.line)
        together = tree.get("together") is not None
        if together and item[-2] == "together":
            draft.report.add("nested_steps", tree.key_place("together"))
        for word in ("need", "comment", "due", "calendar", "overdue") if together else ():
            if tree.get(word) is not None:
                draft.report.add("needs_key", tree.key_place(word), key=word, other="approvers")
        title: Words = read_title(draft.translations, tree, item, place)
        return ApprovalStep(
            key=key,
            title=title,
            help=read_text(draft.translations, tree, item, "help"),
            when=read_condition(draft, tree.scalar("when"), self.scopes.approval),
            approvers=self._approvers(tree),
            need=self._need(tree),
            comment=tree.text("comment"),
            due=self._due(tree),
            calendar=self._calendar(tree),
            overdue=self._overdue(tree),
            together=self._steps(tree, "together", item) if together and item[-2] != "together" else NO_STEPS,
            place=place,
            was=tree.text("was"),
        )

    # Who --------------------------------------------------------------------------------------------------------------

    def _approvers(self, tree: Map) -> tuple[Approver, ...]:
        found: list[Approver] = []
        plain = read_who(self.draft, tree, "approvers", self.scopes.approval)
        for scalar in tree.scalars("approvers"):
            if scalar.text == "everyone":
                self.draft.report.add("approver_everyone", scalar.place)
        if not plain.is_nobody:
            found.append(Approver(plain, 1, tree.key_place("approvers")))
        for each in tree.list("approvers"):
            if isinstance(each, Map):
                weight = each.text("weight")
                who = self._weighed(each)
                if not who.is_nobody:
                    found.append(Approver(who, int(weight) if weight else 1, each.place))
        return tuple(found)

    def _weighed(self, tree: Map) -> Who:
        role, user = tree.scalar("role"), tree.scalar("user")
        if role is not None:
            name = self.draft.check_role(role)
            return Who(frozenset({name} if name else ()))
        if user is None:
            return Who()
        if not is_formula(user):
            self.draft.report.add("value_needs_formula", user.place, what="a user", text=user.text[:60])
            return Who()
        formula = read_people(self.draft, user, self.scopes.approval)
        return Who(formulas=(formula,) if formula is not None else ())

    # How many, and how long -------------------------------------------------------------------------------------------

    def _need(self, tree: Map) -> NeededVotes:
        scalar = tree.scalar("need")
        if scalar is None:
            weight = tree.map("need").text("weight")
            return NeededVotes(f"weight {int(weight)}") if weight and weight.isdigit() else NeededVotes()
        text = scalar.text.strip()
        if text not in NEEDS and not _COUNT.fullmatch(text) and not _SHARE.fullmatch(text):
            meant = suggest(text, [*NEEDS])
            self.draft.report.add("bad_need", scalar.place, suggestion=meant, text=text[:60])
            return NeededVotes()
        return NeededVotes(text.replace(" ", ""))

    def _due(self, tree: Map) -> str | None:
        scalar = tree.scalar("due")
        found = self._length(scalar)
        several = len(self.draft.calendar_keys) > 1 and tree.scalar("calendar") is None
        if scalar is not None and found and _WORKING.search(found) and (several or not self.draft.calendar_keys):
            self.draft.report.add("due_calendar", scalar.place, text=found[:60])
        return found

    def _recall(self, scalar: Scalar | None) -> str | None:
        found = self._length(scalar)
        if scalar is not None and found and _WORKING.search(found):
            reason = "counts working time; a decision may be taken back for hours or days of the clock"
            self.draft.report.add("bad_value", scalar.place, text=found[:60], reason=reason)
        return found

    def _length(self, scalar: Scalar | None) -> str | None:
        if scalar is None:
            return None
        if read_length(scalar.text) is None:
            self.draft.report.add(
                "bad_length", scalar.place, suggestion=meant_length(scalar.text), text=scalar.text[:60]
            )
            return None
        return scalar.text.strip()

    def _overdue(self, tree: Map) -> str | None:
        scalar = tree.scalar("overdue")
        if scalar is not None and tree.scalar("due") is None:
            self.draft.report.add("needs_key", scalar.place, key="overdue", other="due")
        return scalar.text if scalar is not None else None

    def _calendar(self, tree: Map) -> str | None:
        scalar = tree.scalar("calendar")
        if scalar is None:
            return None
        if scalar.text not in self.draft.calendar_keys:
            self.draft.unknown("no_calendar", scalar, self.draft.calendar_keys)
            return None
        if tree.scalar("due") is None:
            self.draft.report.add("needs_key", scalar.place, key="calendar", other="due")
        return scalar.text


NO_STEPS: Mapping[str, ApprovalStep] = MappingProxyType({})
