"""Samples and scenarios: records and tests written in the blueprint, as plain values that name known things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from blankett.engine.calendar import meant_length, read_length, read_local
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.grammar.scenarios import DECISION_PARTS
from blankett.engine.language.loader.calendars import calendar_of
from blankett.engine.language.loader.effect_reader import is_computed
from blankett.engine.language.loader.formulas import constant_text, fault_words
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.model import Field, Sample, Scenario, ScenarioPerson, ScenarioStep
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import List, Map, RefusedTree, Scalar, Tree, decode_plain

#: ``anna (sales)``, ``mette (sales, director)``.
PERSON = re.compile(r"([^()]{1,60}?) *\( *([^()]*?) *\)\Z")
STEP_KINDS = ("as", "create", "on", "change", "do", "decide", "comment", "wait", "at", "expect")
#: What may be said of a timer that is not to come.
TIMER_STATES = ("no", "over", "stopped", "failed")
#: What `refused` may name besides checks, fields and actions.
REFUSALS = ("access", "guard", "stale")
#: What holds a link or a person is looked up when the scenario runs.


def read_samples(draft: PartialBlueprint) -> tuple[Sample, ...]:
    """Return the samples, in the order of the file."""
    samples: list[Sample] = []
    tree = draft.tree.map("samples")
    for key, entry in tree.entries.items():
        form = draft.forms.get(key)
        if form is None:
            draft.unknown("unknown_form", entry.key, draft.forms)
            continue
        for item in tree.list(key):
            if isinstance(item, Map):
                check_values(draft, form, item)
                values = decode_plain(item)
                samples.append(Sample(key, values if isinstance(values, dict) else {}, item.place))
    return tuple(samples)


def check_values(draft: PartialBlueprint, form: FormDraft, tree: Map, *, computed: bool = False) -> None:
    """Tell of values for fields that do not exist, are computed, or do not take them."""
    for key, entry in tree.entries.items():
        field = form.fields.get(key)
        if field is None:
            if (key,) not in form.broken:
                draft.unknown("unknown_field", entry.key, form.fields, form=form.key)
        elif is_computed(form, field) and not computed:
            draft.report.add("sets_computed", entry.key.place, field=key)
        elif (key,) not in form.broken:
            _check_value(draft, field, entry.value, computed=computed)


def _check_value(draft: PartialBlueprint, field: Field, tree: Tree, *, computed: bool = False) -> None:
    if isinstance(tree, RefusedTree):
        return
    if field.type.has_lines:
        _check_lines(draft, field, tree, computed=computed)
    elif isinstance(tree, List) and field.type.joins_posted:
        for item in tree.items:
            _check_value(draft, field, item)
    elif not isinstance(tree, Scalar):
        given = "a list" if isinstance(tree, List) else "a map"
        draft.report.add("wrong_shape", tree.place, what=repr(field.key), expected="a value", given=given, instead="")
    elif field.type.points_to is None and tree.text not in ("", "= null"):
        value = field.type.read_api(constant_text(tree), field, TextReading())
        if isinstance(value, Fault):
            reason = fault_words(field, value, "is not right")
            draft.report.add("bad_value", tree.place, text=tree.text[:60], reason=reason)


def _check_lines(draft: PartialBlueprint, field: Field, tree: Tree, *, computed: bool) -> None:
    if not isinstance(tree, List):
        draft.report.add(
            "wrong_shape",
            tree.place,
            what=repr(field.key),
            expected="a list of maps",
            given="something else",
            instead="",
        )
        return
    for line in tree.items:
        if not isinstance(line, Map):
            draft.report.add(
                "wrong_shape", line.place, what=repr(field.key), expected="a list of maps", given="a list", instead=""
            )
            return
        for key, entry in line.entries.items():
            column = field.columns.get(key)
            if column is None:
                draft.unknown("unknown_field", entry.key, field.columns, form=field.key)
            else:
                _check_value(draft, column, entry.value, computed=computed)


# Scenarios ----------------------------------------------------------------------------------------------------------


def read_scenarios(draft: PartialBlueprint) -> tuple[Scenario, ...]:
    """Return the scenarios, in the order of the file."""
    people = _people(draft.tree)
    return tuple(_read_scenario(draft, key, tree, people) for key, tree in draft.tree.map("scenarios").maps())


def _read_scenario(draft: PartialBlueprint, name: str, tree: Map, people: Mapping[str, object]) -> Scenario:
    first = tree.scalar("as")
    person = read_person(draft, first) if first else ScenarioPerson("", frozenset())
    story = _Story(draft, people)
    steps = tuple(step for item in tree.list("steps") if isinstance(item, Map) and (step := story.read(item)))
    return Scenario(name, person, steps, draft.tree.map("scenarios").key_place(name))


def read_person(draft: PartialBlueprint, scalar: Scalar) -> ScenarioPerson:
    """Return somebody a scenario acts as; roles that do not exist are problems."""
    found = PERSON.match(scalar.text)
    if found is None:
        draft.report.add("bad_person", scalar.place, text=scalar.text[:60])
        return ScenarioPerson(scalar.text, frozenset())
    roles = [role.strip() for role in found[2].split(",") if role.strip()]
    known = draft.tree.map("roles").entries
    for role in roles:
        if role not in known:
            draft.report.add("unknown_role", scalar.place, suggestion=suggest(role, known), name=role)
    return ScenarioPerson(found[1].strip(), frozenset(roles))


#: Steps whose values stand under `with`.
WITH_VALUES = ("create", "do", "decide")


class _Story:
    """Reads the steps of one scenario, knowing which form the record at hand is of."""

    def __init__(self, draft: PartialBlueprint, people: Mapping[str, object]) -> None:
        self.draft = draft
        #: Everybody the scenarios name.
        self.people = people
        self.form: FormDraft | None = None
        #: The rules of every form.
        self.rules = [key for form in draft.forms.values() for key in form.tree.map("rules").entries]

    def read(self, tree: Map) -> ScenarioStep | None:
        """Return one step; unknown names in it are problems."""
        kind = next((word for word in STEP_KINDS if tree.get(word) is not None), None)
        if kind is None:
            return None
        extra = tree.entries.get("with")
        if extra is not None and kind not in WITH_VALUES:
            self.draft.report.add("needs_key", extra.key.place, key="with", other="create, do or decide")
        getattr(self, f"_read_{kind}")(tree)
        subject = tree.text(kind) or ""
        values: object = decode_plain(tree.map("with" if kind in WITH_VALUES else kind))
        if kind == "on" and isinstance(values, dict) and values:
            subject, name = next(iter(values.items()))
            values = {"record": name}
        calendar = tree.entries.get("calendar")
        if calendar is not None and kind not in ("wait", "at"):
            self.draft.report.add("needs_key", calendar.key.place, key="calendar", other="wait or at")
        if kind in ("wait", "at"):
            values = {"calendar": self._calendar(tree, kind)}
        return ScenarioStep(kind, subject, values if isinstance(values, dict) else {}, tree.place)  # type: ignore[arg-type]

    def _read_as(self, tree: Map) -> None:
        scalar = tree.scalar("as")
        if scalar is not None:
            read_person(self.draft, scalar)

    def _read_create(self, tree: Map) -> None:
        self._go(tree.scalar("create"))
        if self.form is not None:
            check_values(self.draft, self.form, tree.map("with"))

    def _read_on(self, tree: Map) -> None:
        named = list(tree.map("on").entries.values())
        for other in named[1:]:
            self.draft.report.add("one_record", other.key.place)
        self._go(named[0].key if named else tree.scalar("on"))

    def _go(self, scalar: Scalar | None) -> None:
        self.form = self.draft.check_form(scalar) if scalar else None

    def _read_change(self, tree: Map) -> None:
        if self._stands(tree) and self.form:
            check_values(self.draft, self.form, tree.map("change"))

    def _stands(self, tree: Map) -> bool:
        """Tell whether there is a record at hand; a step before the first record is a problem."""
        if self.form is None and not self.draft.report.has_errors:
            self.draft.report.add("no_record_yet", tree.place)
        return self.form is not None

    def _read_do(self, tree: Map) -> None:
        action = tree.scalar("do")
        if action is None or not self._stands(tree) or self.form is None:
            return
        if action.text not in self.form.actions:
            self.draft.unknown("unknown_action", action, self.form.actions, form=self.form.key)
            return
        asked = self.form.asks.get(action.text, {})
        for key, entry in tree.map("with").entries.items():
            if key not in asked:
                self.draft.unknown("unknown_input", entry.key, asked, action=action.text)
            else:
                _check_value(self.draft, asked[key], entry.value)

    def _read_decide(self, tree: Map) -> None:
        verb = tree.scalar("decide")
        if verb is None or not self._stands(tree) or self.form is None:
            return
        form, trees = self.form, self.form.tree.map("approvals")
        if form.foreign is None and not trees.entries:
            self.draft.report.add("no_approvals", verb.place, form=form.key)
        steps = [key for _, approval in trees.maps() for key in _step_keys(approval)]
        for key, entry in tree.map("with").entries.items():
            if key not in DECISION_PARTS:
                self.draft.unknown("unknown_input", entry.key, DECISION_PARTS, action=verb.text)
            elif key in ("step", "to") and isinstance(entry.value, Scalar) and entry.value.text not in (*steps, ""):
                self.draft.unknown("unknown_step", entry.value, steps, form=form.key)

    def _read_comment(self, tree: Map) -> None:
        self._stands(tree)

    def _read_wait(self, tree: Map) -> None:
        scalar = tree.scalar("wait")
        if scalar is not None and read_length(scalar.text) is None:
            self.draft.report.add("bad_wait", scalar.place, suggestion=meant_length(scalar.text), text=scalar.text[:60])

    def _read_at(self, tree: Map) -> None:
        scalar = tree.scalar("at")
        if scalar is not None and read_local(scalar.text) is None:
            self.draft.report.add("bad_moment", scalar.place, text=scalar.text[:60])

    def _calendar(self, tree: Map, kind: str) -> str | None:
        """Return the calendar that a step names, or the only one; None where it goes by none."""
        length = read_length(tree.text("wait") or "")
        is_working = length is not None and length.is_working
        tells_time = kind == "at" and bool(self.draft.calendar_keys)
        return calendar_of(self.draft, tree, tree.key_place(kind), counts=is_working or tells_time or None)

    def _read_expect(self, tree: Map) -> None:
        expect = tree.map("expect")
        for entry in expect.map("records").entries.values():
            self.draft.check_form(entry.key)
        self._check_told(expect)
        self._check_timers(expect)
        form = self.form
        if form is None:
            return
        check_values(self.draft, form, expect.map("values"), computed=True)
        state = expect.scalar("state")
        if state is not None and state.text not in form.states:
            self.draft.unknown("unknown_state", state, form.states, form=form.key)
        for action in (*expect.scalars("can"), *expect.scalars("cannot")):
            if action.text not in form.actions:
                self.draft.unknown("unknown_action", action, form.actions, form=form.key)
        for field in expect.scalars("hidden"):
            if field.text.split(".")[0] not in form.fields:
                self.draft.unknown("unknown_field", field, form.fields, form=form.key)
        self._check_refused(form, expect.scalar("refused"))
        for rule in (*expect.scalars("fired"), *expect.scalars("warned")):
            # Effects may touch other records, whose rules fire too.
            if rule.text not in self.rules:
                self.draft.unknown("unknown_rule", rule, self.rules)

    def _check_timers(self, expect: Map) -> None:
        every = {key: None for form in self.draft.forms.values() for key in form.tree.map("timers").entries}
        for timer in expect.scalars("came_due"):
            if timer.text not in every:
                self.draft.unknown("unknown_timer", timer, every, form="this blueprint")
        own = self.form.tree.map("timers").entries if self.form is not None else {}
        for entry in expect.map("timers").entries.values():
            if entry.key.text not in own and self.form is not None:
                self.draft.unknown("unknown_timer", entry.key, own, form=self.form.key)
            said = entry.value
            if isinstance(said, Scalar) and said.text not in TIMER_STATES and read_local(said.text) is None:
                self.draft.report.add("bad_moment", said.place, text=said.text[:60])

    def _check_refused(self, form: FormDraft, scalar: Scalar | None) -> None:
        if scalar is None:
            return
        columns = [name for found in form.fields.values() for name in found.columns]
        asked = [name for inputs in form.asks.values() for name in inputs]
        tables = [f"{key}.{name}" for key, found in form.fields.items() for name in found.columns]
        checks = form.foreign.checks if form.foreign else form.tree.map("checks").entries
        rules = form.foreign.rules if form.foreign else form.tree.map("rules").entries
        together = form.foreign.unique if form.foreign else form.tree.map("unique").entries
        known = {*REFUSALS, *checks, *together, *rules, *form.fields, *columns, *tables, *asked, *form.actions}
        if scalar.text not in known:
            self.draft.unknown("unknown_refusal", scalar, known)

    def _check_told(self, expect: Map) -> None:
        """Tell of an unknown role among those notified; people are free names, so only near misses are told."""
        roles = self.draft.tree.map("roles").entries
        for scalar in (*expect.scalars("notified"), *expect.scalars("waiting_for")):
            if scalar.text not in roles and scalar.text not in self.people:
                self.draft.unknown("unknown_person", scalar, [*roles, *self.people])


def _step_keys(approval: Map) -> Iterator[str]:
    """Yield the keys of the steps of an approval, also of those side by side."""
    for key, step in approval.map("steps").maps():
        yield from step.map("together").entries or (key,)


def _people(tree: Map) -> Mapping[str, object]:
    """Return everybody the scenarios act as, and every name a sample or a scenario gives."""
    names: dict[str, object] = {}
    for scalar in _scalars([tree.map("scenarios"), tree.map("samples")]):
        found = PERSON.match(scalar.text)
        names[found[1].strip() if found else scalar.text] = None
    return names


def _scalars(waiting: list[Tree]) -> list[Scalar]:
    found: list[Scalar] = []
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Scalar):
            if tree.place.path[-2:-1] not in (("notified",), ("waiting_for",)):
                found.append(tree)
        elif isinstance(tree, Map):
            waiting.extend(entry.value for entry in tree.entries.values())
        elif isinstance(tree, List):
            waiting.extend(tree.items)
    return found
