"""What an actor may do to one record: access asked in the keys of the form as it is now.

The process of the record says which fields and actions there are; the newest version that has them says who may
(decision 02). A permit translates between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blankett.engine.access import RecordAccess
from blankett.engine.language.model import STANDING_WHO, Action, Fact, Field
from blankett.engine.paths import field_part, field_path, record_path
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.linked_form import closed_by_fact, closed_on_the_way, form_behind
from blankett.engine.sentences import sentence

if TYPE_CHECKING:
    from blankett.engine.records.blueprint_cache import Catalog
    from blankett.engine.records.current_version import CurrentForm


@dataclass(slots=True, eq=False)
class Permit:
    """What the actor may do to a record as it is, or would become. Paths and actions are those of its process."""

    access: RecordAccess
    process: Process
    current: CurrentForm
    catalog: Catalog
    #: Roles the actor holds where the record is, included ones too.
    roles: frozenset[str]

    def may(self, verb: str) -> bool:
        """Tell whether the actor has *verb*: view pick create edit comment export delete."""
        return self.access.may(verb)

    def may_act(self, action: Action) -> bool:
        """Tell whether the actor may take *action*, whatever its guard says."""
        return self.access.may_act(self.current.action(action)[1].key)

    def can_read(self, path: tuple[str, ...]) -> bool:
        """Tell whether the actor may read the field or column at *path*."""
        return self.access.reads(self.current.path(path))

    def can_write(self, path: tuple[str, ...]) -> bool:
        """Tell whether the actor may change the field or column at *path*, as far as access goes."""
        return self.access.writes(self.current.path(path))

    def can_read_name(self, path: tuple[str, ...]) -> bool:
        """Tell whether the actor may see what a formula reads at *path*: the record's own field, and what is behind its
        links.
        """
        if path[:1] == ("facts",):
            return self._may_count(path)
        steps, form = record_path(path), self.process.form
        if not steps or steps[0] not in form.fields:
            return True
        own = field_part(steps, form.fields)
        if not self.can_read(own):
            return False
        found = form.find(own)
        if found is None or found.links_to is None:
            return True
        behind = form_behind(self.catalog, self.process, found.links_to)
        return self._holds_each(closed_on_the_way(steps[len(own) :], behind))

    def _may_count(self, path: tuple[str, ...]) -> bool:
        """Tell whether nothing a fact reads is private to roles the actor does not hold."""
        if len(path) == 1:
            return True  # on the way to one
        fact = self.process.form.facts.get(path[1])
        return fact is not None and self._may_read_fact(fact)

    def _may_read_fact(self, fact: Fact) -> bool:
        open_ = self._holds_each(closed_by_fact(self.catalog, self.process, fact))
        return open_ and all(map(self.can_read_name, fact.own_reads))

    def _holds_each(self, closed: Iterable[frozenset[str]]) -> bool:
        """Tell whether the actor holds one role of each set."""
        return not any(self.roles.isdisjoint(roles) for roles in closed)

    def can_read_problem(self, path: tuple[str, ...]) -> bool:
        """Tell whether the actor may hear of a problem at *path*: ("lines", line id, "price"), ("inputs", "reason")."""
        if not path or path[0] == "inputs" or path[0] not in self.process.form.fields:
            return True
        return self.can_read(field_path(path))

    def can_read_input(self, field: Field) -> bool:
        """Tell whether the actor may read what was answered to *field* of an action."""
        return field.private is None or not field.private.isdisjoint(self.roles)

    def masked_lines(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return *values* with only those columns in the lines of tables that the actor may read."""
        masked = dict(values)
        for key in values:
            field = self.process.form.fields.get(key)
            if field is None or not field.columns:
                continue
            closed = {column.key for column in field.columns.values() if not self.can_read(column.path)}
            if closed:
                masked[key] = [
                    {name: cell for name, cell in line.items() if name not in closed} for line in values[key]
                ]
        return masked

    def has_takers(self, action: Action) -> bool:
        """Tell whether anybody may take *action* at all; otherwise only effects of other actions do."""
        key = self.current.action(action)[1].key
        rules = (rule for rule in self.current.policy.rules if key in rule.actions and not rule.deny)
        return any(rule.names or rule.who is not None for rule in rules)

    def who_may_act(self, action: Action) -> tuple[object, ...]:
        """Return who could take *action*: titles of roles, the owner, the assignee; empty when a formula says."""
        key = self.current.action(action)[1].key
        named: set[str] = set()
        for rule in self.current.policy.rules:
            if key in rule.actions and not rule.deny:
                named |= rule.names
        roles = (role.title for role in self.current.policy.blueprint.roles.values() if role.key in named)
        return (*roles, *(sentence(f"who.{name}") for name in STANDING_WHO if name in named))
