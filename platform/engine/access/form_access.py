"""What an actor may do with the records of a form: asked of one record, or compiled to conditions on rows.

Both answer from the same rules, and a property test holds them together. Deny by default: nothing is open unless a
grant of the current version opens it to this actor, in this workspace, in this state, on this record.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from blankett.engine.access.actor import NO_ROLES, Actor
from blankett.engine.access.grants import (
    GUEST_VERBS,
    OPENING,
    OPENING_NEW,
    FindForm,
    GrantRule,
    Holding,
    Policy,
    Privacy,
    names_actor,
    who_condition,
)
from blankett.engine.departments import Directory
from blankett.engine.feel.budget import Moment, no_directory
from blankett.engine.feel.sql import Condition
from blankett.engine.language.model import Form
from blankett.engine.paths import Path
from blankett.engine.store import Share, SlotMap
from blankett.engine.store.record_columns import FormColumns
from blankett.engine.store.row_conditions import (
    ALWAYS,
    NEVER,
    all_of,
    any_of,
    assigned_to,
    holds,
    in_departments,
    in_states,
    in_workspaces,
    is_always,
    is_never,
    none_of,
    not_in_states,
    owned_by,
)

Names = Mapping[str, Any]

#: Of each policy, so many answers are kept; when there are more, all are worked out anew.
MOST_KEPT = 1_000

#: Why a rule does not hold: it is for other states, for other people, for other records.
Failure = Literal["states", "who", "where"]


@dataclass(kw_only=True, slots=True)
class AccessSubject:
    """What access looks at in a record, as it is or as it would become."""

    workspace: str
    state: str | None
    owner: str | None
    assignee: str | None
    #: The department the record belongs to.
    department: str | None = None
    #: A record that is being made.
    is_new: bool = False


@dataclass(frozen=True)
class Reach:
    """A set of records as far as SQL can tell: those that are surely in it, and those that may be."""

    sure: Condition
    possible: Condition


class FormAccess:
    """An actor before the records of a form. Made for one request and forgotten with it."""

    def __init__(
        self,
        actor: Actor,
        policy: Policy,
        *,
        shares: Iterable[Share] = (),
        find_form: FindForm | None = None,
        directory: Callable[[], Directory] = no_directory,
    ) -> None:
        self.actor = actor
        self.policy = policy
        self._roles = {workspace: policy.closed(held) for workspace, held in actor.roles.items()}
        #: Workspace → (department, roles held for it), of roles that are held for a department alone.
        self._limited = {
            workspace: [(department, policy.closed(frozenset({role}))) for role, department in sorted(bounds)]
            for workspace, bounds in actor.limited.items()
        }
        self._directory = directory
        own_privacy = policy.own_privacy
        self._privacy = Privacy(policy, find_form) if own_privacy is None else own_privacy
        rooms = [share.workspace for share in shares if share.form == policy.form.kept_as]
        #: Roles held where the form is shared to; None when it is shared to nowhere the actor is.
        self._guest_roles = self._roles_in(rooms)
        #: What follows from the policy alone is kept with it, for whoever asks next.
        self._known: dict[Hashable, RecordAccess] = {} if own_privacy is None else policy.record_accesses
        self._alike: dict[tuple[object, ...], RecordAccess] = {}
        self._conditions: dict[tuple[GrantRule, str], Condition | None] = {}
        self._asked: tuple[Form, SlotMap, Moment] | None = None

    def _roles_in(self, rooms: list[str]) -> frozenset[str] | None:
        held = [self._roles[room] for room in rooms if room in self._roles]
        return NO_ROLES.union(*held) if held else None

    # One record -------------------------------------------------------------------------------------------------------

    @cached_property
    def needs_names(self) -> bool:
        """Tell whether `for_record` must be given the values of the record."""
        return any(rule.needs_names for rule in self.policy.rules)

    def for_record(self, subject: AccessSubject, names: Names | Callable[[], Names], moment: Moment) -> RecordAccess:
        """Return what the actor may do with one record.

        *names*: what formulas see of it (fields, ``record``, ``user``), or what makes them, called only if a grant
        asks.
        """
        if not self.needs_names:
            return self._for_subject(subject, moment)
        names = {**(names() if callable(names) else names), "user": self.actor.as_reference(moment)}
        return self._as_held(self._strengths(subject, names, moment), subject)

    def _for_subject(self, subject: AccessSubject, moment: Moment) -> RecordAccess:
        """Return the same where no grant asks for values: then records of one place are alike."""
        user = self.actor.user
        department = subject.department if self._limited else None
        is_own = (subject.owner == user, subject.assignee == user)
        key = (subject.workspace, subject.state, is_own, department, subject.is_new)
        found = self._alike.get(key)
        if found is None:
            found = self._alike[key] = self._as_held(self._strengths(subject, {}, moment), subject)
        return found

    def _strengths(self, subject: AccessSubject, names: Names, moment: Moment) -> tuple[int, ...]:
        return tuple([self._strength(rule, subject, names, moment) for rule in self.policy.rules])

    def _as_held(self, held: tuple[int, ...], subject: AccessSubject) -> RecordAccess:
        """Return what follows from how far each rule holds, for who has these roles; most records share a few."""
        roles = self.roles_at(subject.workspace, subject.department)
        key = (held, roles, subject.state, subject.is_new)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            matching = [(rule, strength) for rule, strength in zip(self.policy.rules, held, strict=True) if strength]
            found = RecordAccess(self.policy, self._privacy, tuple(matching), subject.state, roles, subject.is_new)
            self._known[key] = found
        return found

    def _strength(self, rule: GrantRule, subject: AccessSubject, names: Names, moment: Moment) -> int:
        """Return how far *rule* holds for a record: 0 not, 1 as for a guest, 2 fully."""
        if rule.states is not None and subject.state not in rule.states:
            return 0
        strength = self._who_strength(rule, subject, names, moment)
        if strength and rule.where is not None and rule.where.evaluate(names, moment) is not True:
            return 0
        return strength

    def failure(self, rule: GrantRule, subject: AccessSubject, names: Names, moment: Moment) -> Failure | None:
        """Return why *rule* does not hold for a record; None when it does. It asks what `for_record` asks."""
        if self._strength(rule, subject, names, moment):
            return None
        if rule.states is not None and subject.state not in rule.states:
            return "states"
        return "where" if self._who_strength(rule, subject, names, moment) else "who"

    def _who_strength(self, rule: GrantRule, subject: AccessSubject, names: Names, moment: Moment) -> int:
        if subject.workspace in self._roles:
            roles = self.roles_at(subject.workspace, subject.department)
            if self._is_named(rule, roles, subject, names, moment):
                return 2
        guests = self._guest_roles
        return 1 if guests is not None and ("everyone" in rule.names or not rule.names.isdisjoint(guests)) else 0

    def _is_named(
        self, rule: GrantRule, roles: frozenset[str], subject: AccessSubject, names: Names, moment: Moment
    ) -> bool:
        if "everyone" in rule.names or not rule.names.isdisjoint(roles):
            return True
        if "owner" in rule.names and subject.owner == self.actor.user:
            return True
        if "assignee" in rule.names and subject.assignee == self.actor.user:
            return True
        return rule.who is not None and names_actor(rule.who.evaluate(names, moment), self.actor.user, roles)

    def roles_at(self, workspace: str, department: str | None) -> frozenset[str]:
        """Return the roles the actor holds in *workspace* for records of a department, included ones too."""
        held = self._roles.get(workspace, NO_ROLES)
        limited = self._limited.get(workspace)
        if not limited or department is None:
            return held
        above = {each.id for each in self._directory().above(department)}
        return held.union(*(roles for outer, roles in limited if outer in above))

    def roles_somewhere(self, workspace: str) -> frozenset[str]:
        """Return the roles the actor holds in *workspace*, for whatever department."""
        limited = (roles for _, roles in self._limited.get(workspace, ()))
        return self._roles.get(workspace, NO_ROLES).union(*limited)

    def _bounded_holdings(self) -> list[Holding]:
        """Return which roles the actor holds in a workspace for the records of a department."""
        return [
            Holding(all_of(in_workspaces([room]), in_departments(self._directory().within(department))), roles)
            for room, limited in self._limited.items()
            for department, roles in limited
        ]

    def _holdings(self) -> list[Holding]:
        """Return which roles the actor holds for which records."""
        whole = [Holding(in_workspaces([room]), roles) for room, roles in self._roles.items()]
        return [*whole, *self._bounded_holdings()]

    def _holding_one_of(self, names: frozenset[str]) -> Condition:
        """Return where the actor holds one of the roles *names*."""
        rooms = [room for room, roles in self._roles.items() if not names.isdisjoint(roles)]
        bounded = self._bounded_holdings() if self._limited else ()
        return any_of(in_workspaces(rooms), *(each.where for each in bounded if not names.isdisjoint(each.roles)))

    def is_private_to(self, path: Path) -> tuple[frozenset[str], ...]:
        """Return the sets of roles of which a reader of the field at *path* must hold one each; empty: not private."""
        return self._privacy[path]

    # Making records and administering ---------------------------------------------------------------------------------

    @cached_property
    def creatable_in(self) -> frozenset[str]:
        """Return the workspaces in which the actor may begin a record; its values may still forbid it."""
        own = self.actor.department
        return frozenset(room for room in self._roles if self._may_begin(self.roles_at(room, own)))

    def _may_begin(self, roles: frozenset[str]) -> bool:
        start = self.policy.form.start.key if self.policy.form.start else None
        allowed = False
        for rule in self.policy.rules:
            named = "everyone" in rule.names or not rule.names.isdisjoint(roles)
            if "create" not in rule.verbs or not named or (rule.states is not None and start not in rule.states):
                continue
            if rule.deny and not rule.denies_fields and rule.where is None:
                return False
            allowed = allowed or not rule.deny
        return allowed

    # Many records -----------------------------------------------------------------------------------------------------

    def scope(self, verb: str, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of the records for which the actor has *verb*. A grant SQL cannot tell opens nothing."""
        if verb == "pick":
            return any_of(self._allowed({"pick"}, columns, moment), self.scope("view", columns, moment))
        allowed = self._allowed({verb}, columns, moment)
        return allowed if verb == "view" else all_of(allowed, self._allowed({"view"}, columns, moment))

    @cached_property
    def plan_key(self) -> Hashable | None:
        """Return what two accesses with the same conditions share; None where the conditions change with time.

        It names the policy, every role and what formulas see of the actor, so that a new publish, another role or
        another address never meets an old plan.
        """
        if not self.policy.is_timeless or self._limited:
            return None
        return (
            self.policy,
            self.actor.user,
            self.actor.name,
            self.actor.email,
            self.actor.department,
            frozenset(self._roles.items()),
            self._guest_roles,
        )

    def act_reach(self, action: str, columns: FormColumns, moment: Moment) -> Reach:
        """Return the records the actor sees and may take *action* on, whatever its states and its guard say."""
        rules = [rule for rule in self.policy.rules if not rule.deny and action in rule.actions]

        def allowed(unknown: Condition) -> Condition:
            return any_of(*(self._condition(rule, "act", columns, moment, unknown=unknown) for rule in rules))

        return Reach(
            all_of(allowed(NEVER), self._allowed({"view"}, columns, moment)),
            all_of(allowed(ALWAYS), self._allowed({"view"}, columns, moment, doubt=ALWAYS)),
        )

    def opens(self, path: Path, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of the records, of those the actor sees, whose field at *path* they may read."""
        rules = [rule for rule in self.policy.rules if rule.verbs & OPENING and not rule.deny]
        viewing = [rule for rule in rules if "view" in rule.verbs and not rule.opens(path)]
        if all(is_never(self._condition(rule, "view", columns, moment, unknown=NEVER)) for rule in viewing):
            opened = ALWAYS  # whichever rule shows the record opens the field
        else:
            opened = any_of(*(self._opened(rule, columns, moment) for rule in rules if rule.opens(path)))
        denied = [
            self._condition(rule, "deny", columns, moment, unknown=ALWAYS)
            for rule in self.policy.rules
            if rule.denies_reading(path)
        ]
        return all_of(opened, none_of(*denied), *self._private_conditions(path))

    def _opened(self, rule: GrantRule, columns: FormColumns, moment: Moment) -> Condition:
        """Return where *rule* lets the actor view or edit."""
        verbs = sorted(rule.verbs & OPENING)
        return any_of(*(self._condition(rule, verb, columns, moment, unknown=NEVER) for verb in verbs))

    def _private_conditions(self, path: Path) -> list[Condition]:
        return [self._holding_one_of(allowed) for allowed in self.is_private_to(path)]

    def _allowed(self, verbs: set[str], columns: FormColumns, moment: Moment, *, doubt: Condition = NEVER) -> Condition:
        """Return where a grant allows one of *verbs* and none denies it; *doubt* of a grant that SQL cannot tell."""
        every = [(rule, verb) for rule in self.policy.rules for verb in sorted(rule.verbs & verbs)]
        given = [self._condition(rule, verb, columns, moment, unknown=doubt) for rule, verb in every if not rule.deny]
        denied = [
            self._condition(rule, "deny", columns, moment, unknown=NEVER if is_always(doubt) else ALWAYS)
            for rule, _ in every
            if rule.deny and not rule.denies_fields
        ]
        return all_of(any_of(*given), none_of(*denied))

    def _condition(
        self, rule: GrantRule, verb: str, columns: FormColumns, moment: Moment, *, unknown: Condition
    ) -> Condition:
        """Return where *rule* holds for *verb*; *unknown* where SQL cannot tell."""
        asked = (columns.form, columns.slots, moment)
        if self._asked is None or any(one is not other for one, other in zip(self._asked, asked, strict=True)):
            self._conditions.clear()
            self._asked = asked
        key = (rule, verb)
        if key not in self._conditions:
            self._conditions[key] = self._rule_condition(rule, verb, columns, moment)
        found = self._conditions[key]
        return unknown if found is None else found

    def _rule_condition(self, rule: GrantRule, verb: str, columns: FormColumns, moment: Moment) -> Condition | None:
        """Return where *rule* holds for *verb*, or None where SQL cannot tell."""
        who = self._who_condition(rule, verb, columns, moment)
        if who is None or is_never(who):
            return who
        where = (
            ALWAYS
            if rule.where is None
            else holds(rule.where, columns, {"user": self.actor.as_reference(moment)}, moment)
        )
        if where is None:
            return None
        states = ALWAYS if rule.states is None else in_states(rule.states)
        still_open = not_in_states(rule.closed) if verb == "edit" and rule.closed else ALWAYS
        return all_of(who, states, still_open, where)

    def _who_condition(self, rule: GrantRule, verb: str, columns: FormColumns, moment: Moment) -> Condition | None:
        member_in = in_workspaces(self._roles)
        ways = [member_in if "everyone" in rule.names else self._holding_one_of(rule.names)]
        if "owner" in rule.names:
            ways.append(all_of(member_in, owned_by(self.actor.user)))
        if "assignee" in rule.names:
            ways.append(all_of(member_in, assigned_to(self.actor.user)))
        if rule.who is not None:
            user = self.actor.as_reference(moment)
            found = who_condition(rule.who, self._holdings(), member_in, user, columns, moment)
            if found is None:
                return None
            ways.append(found)
        return any_of(*ways, ALWAYS if self._is_guest_of(rule, verb) else NEVER)

    def _is_guest_of(self, rule: GrantRule, verb: str) -> bool:
        guests = self._guest_roles
        if guests is None or (verb not in GUEST_VERBS and verb != "deny"):
            return False
        return "everyone" in rule.names or not rule.names.isdisjoint(guests)


class RecordAccess:
    """What holders of some roles may do with a record in one state of it, where some rules hold. It knows no actor."""

    def __init__(
        self,
        policy: Policy,
        privacy: Privacy,
        matching: tuple[tuple[GrantRule, int], ...],
        state: str | None,
        roles: frozenset[str],
        is_new: bool,
    ) -> None:
        self._policy = policy
        self._privacy = privacy
        self._matching = matching
        self._state = state
        self._roles = roles
        self.is_new = is_new
        self._readable: dict[Path, bool] = {}
        self._writable: dict[Path, bool] = {}

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Return what the actor may do: view pick create edit comment export delete administer."""
        given: set[str] = set()
        denied: set[str] = set()
        for rule, strength in self._matching:
            if rule.deny:
                denied |= frozenset() if rule.denies_fields else rule.verbs
            else:
                given |= self._verbs_of(rule, strength)
        allowed = given - denied
        if "view" in allowed:
            return frozenset(allowed | {"pick"})
        return frozenset(allowed & ({"create", "pick"} if self.is_new else {"pick"}))

    def _verbs_of(self, rule: GrantRule, strength: int) -> frozenset[str]:
        verbs = rule.verbs if strength == 2 else rule.verbs & GUEST_VERBS
        if self._state in rule.closed and self._state is not None:
            verbs -= {"edit"}
        return verbs

    @cached_property
    def actions(self) -> frozenset[str]:
        """Return the keys of the actions the actor may take, whatever the state, the guard and the values say."""
        if not self.is_new and "view" not in self.verbs:
            return NO_ROLES
        return NO_ROLES.union(*(rule.actions for rule, strength in self._matching if strength == 2))

    def may(self, verb: str) -> bool:
        """Tell whether the actor has *verb* on the record."""
        return verb in self.verbs

    def may_act(self, action: str) -> bool:
        """Tell whether the actor may take the action with that key, as far as access goes."""
        return action in self.actions

    def reads(self, path: Path) -> bool:
        """Tell whether the actor may read the field at ("total",) or the column at ("lines", "price")."""
        known = self._readable.get(path)
        if known is None:
            known = self._readable[path] = self._reads(path)
        return known

    def _reads(self, path: Path) -> bool:
        if self.verbs.isdisjoint(OPENING_NEW if self.is_new else OPENING) or self._policy.find(path) is None:
            return False
        if not any(rule.opens(path) for rule in self._openers):
            return False
        if any(rule.denies_reading(path) for rule in self._closers):
            return False
        return all(not allowed.isdisjoint(self._roles) for allowed in self._privacy[path])

    # A page asks for every field and every column: what is the same for all of them is worked out once.

    @cached_property
    def _openers(self) -> tuple[GrantRule, ...]:
        """Return the rules that open fields to be read."""
        return self._allowing(OPENING_NEW if self.is_new else OPENING)

    @cached_property
    def _writers(self) -> tuple[GrantRule, ...]:
        """Return the rules that open fields to be changed."""
        return self._allowing(frozenset({"create" if self.is_new else "edit"}))

    @cached_property
    def _closers(self) -> tuple[GrantRule, ...]:
        """Return the rules that close fields."""
        return tuple(rule for rule, _ in self._matching if rule.denies_fields)

    def _allowing(self, verbs: frozenset[str]) -> tuple[GrantRule, ...]:
        return tuple(
            rule
            for rule, strength in self._matching
            if not rule.deny and not self._verbs_of(rule, strength).isdisjoint(verbs)
        )

    def writes(self, path: Path) -> bool:
        """Tell whether the actor may change the field at *path*: read it, and a grant to edit (or create) opens it."""
        known = self._writable.get(path)
        if known is None:
            known = self._writable[path] = self._writes(path)
        return known

    def _writes(self, path: Path) -> bool:
        if ("create" if self.is_new else "edit") not in self.verbs or not self.reads(path):
            return False
        if any(rule.denies_writing(path) for rule in self._closers):
            return False
        return any(rule.opens_to_write(path) for rule in self._writers) and self._writes_lines(path)

    def _writes_lines(self, path: Path) -> bool:
        """Tell whether the actor may write what every line of the table at *path* needs; of another field it is true.

        Whoever may not could add lines that cannot be saved, and remove what others must have written.
        """
        found = self._policy.find(path) if len(path) == 1 else None
        columns = found[1].columns.values() if found is not None else ()
        return all(self.writes(column.path) for column in columns if column.is_needed)

    @cached_property
    def readable(self) -> frozenset[Path]:
        """Return the paths of the current form's fields and columns that the actor may read."""
        return frozenset(of.path for of in self._policy.form.every_field() if self.reads(of.path))
