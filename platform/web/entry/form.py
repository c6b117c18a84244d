"""A form being entered: from what a browser posted to a command for the engine, and back to a form to draw.

One `Entering` is one request about one new or existing record. It decides nothing itself: values are read by `forms`,
worked out, refused and saved by the engine.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import request

from blankett.engine.access import Actor
from blankett.engine.fields.base import Fault
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Action, Field, Form
from blankett.engine.paths import field_path
from blankett.engine.records.command import Command, FieldProblem, FormPreview, Receipt, Refusal
from blankett.engine.records.permit import Permit
from blankett.engine.records.read import form_preview, link_choices, record_view
from blankett.engine.records.read.form_preview import within_budget
from blankett.engine.records.read.navigation import TableRights, entry_permit, first_actions, table_rights
from blankett.engine.records.read.results import RecordHead
from blankett.forms.controls import EntryForm
from blankett.forms.draft import Draft, read_form
from blankett.forms.entry_form import EntrySource, build_entry, plan_of
from blankett.forms.errors import Mistake, all_mistakes
from blankett.forms.submission import Submission, read_submission
from blankett.web.page_locale import the_lookup, the_reader, the_reading
from blankett.web.request_unit import RequestUnit

#: What stands before the key of an action in the name of the button that saves and takes it.
ACTION = "action."

#: Letters of a new line's id; grid.js makes the same.
ID_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"


def new_line_id() -> str:
    """Return an id for a line that the record does not have yet."""
    return "+" + "".join(secrets.choice(ID_LETTERS) for _ in range(16))


@dataclass
class Entering:
    """A form on its way in."""

    request_unit: RequestUnit
    #: The form as the record's version has it, and as the newest version has it.
    form: Form
    current: Form
    #: The record that is edited, or None for a new one.
    record_id: str | None = None
    #: The record a new one starts as a copy of.
    copy: str | None = None

    @property
    def actor(self) -> Actor:
        """Return who fills it in."""
        return self.request_unit.unit.actor

    @cached_property
    def record(self) -> RecordHead | None:
        """Return the record as the actor may see it, without what it says: what the page of the form tells of it."""
        return record_view.open_head(self.request_unit.unit, self.record_id) if self.record_id else None

    @cached_property
    def permit(self) -> Permit:
        """Return what the actor may do to the record as it is stored, or to a new one that is empty yet."""
        return entry_permit(self.request_unit.unit, self.form, self.record_id)

    @property
    def first_actions(self) -> Sequence[Action]:
        """Return the actions that sending the form could take right away."""
        start = self.form.start.key if self.form.start else None
        state = self.record.state if self.record else None
        return first_actions(self.form, self.permit, start if self.record_id is None else state.key if state else None)

    @property
    def rights(self) -> TableRights | None:
        """Return what may be done with the columns of the form's tables; None for a form without any."""
        has_tables = any(of.columns for of in self.form.fields.values())
        return table_rights(self.form, self.permit) if has_tables else None

    # Reading ------------------------------------------------------------------------------------------------------

    @cached_property
    def reader(self) -> Reader:
        """Return who reads the page."""
        return the_reader()

    @cached_property
    def submission(self) -> Submission:
        """Return what was posted, sorted."""
        return read_submission(self.form, request.form.items(multi=True))

    @cached_property
    def draft(self) -> Draft:
        """Return what was posted, read; links that were typed are looked up."""
        draft = read_form(self.form.fields, plan_of(self.form).schema, self.submission, the_reading())
        settle_links(draft, self.form.find, self.actor, self.form.blueprint, self.only_choice)
        return draft

    def only_choice(self, name: str, text: str) -> str | None:
        """Return the id of the one record that fits a text which is nobody's exact name; None for none or several."""
        if name == self.submission.focus:
            return None
        found = link_choices.choices(self.request_unit.unit, self.loose_command(name), tuple(name.split(".")), text)
        return found[0].id if len(found) == 1 else None

    def loose_command(self, name: str) -> Command:
        """Return what was posted without what is still being looked up; the line of the cell *name* is in it."""
        draft = read_form(self.form.fields, plan_of(self.form).schema, self.submission, the_reading())
        table, _, rest = name.partition(".")
        lines, line_id = draft.values.get(table), rest.rpartition(".")[0]
        if isinstance(lines, list) and line_id and all(line.get("id") != line_id for line in lines):
            lines.append({"id": line_id})
        return self.command(draft)

    def command(
        self, draft: Draft, *, action: str | None = None, revision: int | None = None, intent: str = ""
    ) -> Command:
        """Return what was posted as a command for the engine."""
        return Command(
            intent=intent,
            actor=self.actor,
            blueprint=self.form.blueprint,
            form=self.form.key,
            record=self.record_id,
            revision=revision,
            values=draft.values,
            typed=draft.typed,
            refill=draft.refill,
            action=action,
        )

    # Working out ----------------------------------------------------------------------------------------------------

    def first(self) -> FormPreview | Refusal:
        """Return the form as it is first shown."""
        unit = self.request_unit.unit
        if self.record_id is None:
            place = (self.form.blueprint, self.form.key)
            return within_budget(lambda: form_preview.new_form(unit, *place, "", self.copy))
        empty = Command(
            intent="", actor=self.actor, blueprint=self.form.blueprint, form=self.form.key, record=self.record_id
        )
        return within_budget(lambda: form_preview.preview(unit, empty))

    def work_out(self, action: str | None = None) -> FormPreview | Refusal:
        """Return the form as posted, worked out. Nothing is saved."""
        unit, command = self.request_unit.unit, self.command(self.draft, action=action)
        return within_budget(lambda: form_preview.preview(unit, command))

    def save(self, action: str | None) -> Receipt | Refusal:
        """Save what was posted, and take *action*; refused while a text of it cannot be read."""
        sent = self.submission
        # A post that does not say what was seen saw nothing.
        revision = (sent.revision or 0) if self.record_id else None
        return self.request_unit.apply(self.command(self.draft, action=action, revision=revision, intent=sent.intent))

    # Drawing ----------------------------------------------------------------------------------------------------------

    def draw(
        self,
        worked: FormPreview,
        mistakes: Sequence[Mistake] = (),
        *,
        posted: bool,
        rights: TableRights | None = None,
    ) -> EntryForm:
        """Return the form to draw, with what was typed when it was *posted*; *rights* are for lines yet to be made."""
        return build_entry(
            EntrySource(
                form=self.form,
                current=self.current,
                worked=worked,
                visibility=worked.visibility,
                reader=self.reader,
                draft=self.draft if posted else None,
                is_new=self.record_id is None,
                mistakes=mistakes,
                with_blanks=rights is not None,
                closed=rights.closed if rights else None,
                locked=rights.locked if rights else frozenset(),
                new_ids={key: new_line_id() for key, found in self.form.fields.items() if found.columns and rights},
            )
        )

    def mistakes(self, problems: Iterable[FieldProblem]) -> list[Mistake]:
        """Return everything wrong with what was posted, worded; *problems* are the engine's."""
        return all_mistakes({}, self.draft.unknown, problems, self.reader, self.title_of)

    def unread(self, problems: Iterable[FieldProblem]) -> list[FieldProblem]:
        """Return what *problems* say of texts that could not be read."""
        faults = self.draft.faults
        return [problem for problem in problems if ".".join(problem.path) in faults]

    def title_of(self, path: tuple[str, ...]) -> str:
        """Return the title of the field or column at ("lines", line id, "price")."""
        own = field_path(path)
        of = (self.current.find(own) or self.form.find(own)) if own else None
        return of.title.say(self.reader.language) if of else ""

    def shown(self, entry: EntryForm) -> Mapping[str, str]:
        """Return the text of every control as it is first drawn, for records that exist: what a change is told from."""
        if self.record_id is None:
            return {}
        return {
            control.name: control.text
            for control in entry.controls()
            if not control.is_locked and not control.is_hidden and not control.name.partition(".")[2].startswith("+")
        }

    # Where it is ------------------------------------------------------------------------------------------------------

    @property
    def list_address(self) -> str:
        """Return where the form's records are listed."""
        return f"/forms/{self.form.blueprint}/{self.form.key}"

    @property
    def record_address(self) -> str:
        """Return the record's page; the list's for a new one."""
        return f"/records/{self.record_id}" if self.record_id else self.list_address

    @property
    def address(self) -> str:
        """Return where the form is shown and posted."""
        return f"{self.record_address}/edit" if self.record_id else f"{self.list_address}/new"


def settle_links(
    draft: Draft,
    find: Callable[[tuple[str, ...]], Field | None],
    actor: Actor,
    blueprint: str,
    only_choice: Callable[[str, str], str | None],
) -> None:
    """Look up what was typed into links and people without picking; *find* gives the field at ("lines", "product")."""
    if not draft.unresolved:
        return
    reading = the_reading(the_lookup(blueprint))
    for name, text in list(draft.unresolved.items()):
        parts = name.split(".")
        of = find((parts[0], parts[-1]) if len(parts) > 1 else (name,))
        if of is not None:
            found = of.type.read_text(text, of, reading)
            draft.settle(name, (only_choice(name, text) or found) if isinstance(found, Fault) else str(found))


def primary_action(actions: Iterable[Action]) -> Action | None:
    """Return the action that sending the form takes: the first that asks nothing and leads on."""
    return next((action for action in actions if not action.ask and not action.confirm and action.destinations), None)
