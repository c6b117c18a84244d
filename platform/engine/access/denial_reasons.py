"""Why somebody may not read a field: asked of the same rules, and of the same answers, that decide it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blankett.engine.access.form_access import AccessSubject, FormAccess, Names, RecordAccess
from blankett.engine.access.grants import OPENING, GrantRule
from blankett.engine.feel.budget import Moment
from blankett.engine.paths import Path

#: Why a field is closed.
#: `ended`: no version has it · `states`, `who`, `where`: a grant would open it, but holds in other states, for other
#: people, for other records · `closed`: a grant holds, but not to open fields in this state · `unnamed`: a grant holds
#: and opens other fields only · `hides`: a grant holds and leaves it out · `denied`: a deny closes it · `private`: it,
#: or what it comes from, is for roles they do not hold · `nothing`: there is no grant at all that would open it.
ObstacleKind = Literal["ended", "states", "who", "where", "closed", "unnamed", "hides", "denied", "private", "nothing"]


@dataclass(frozen=True)
class DenialReason:
    """One reason why a field, or the record, is closed to somebody."""

    kind: ObstacleKind
    #: The grant or deny behind it; None for what no grant says.
    rule: GrantRule | None = None
    #: For `private`: the roles of which one is needed.
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AccessQuestion:
    """Somebody before one record, with what access was asked about it."""

    form_access: FormAccess
    access: RecordAccess
    subject: AccessSubject
    names: Names
    moment: Moment


def field_obstacles(asked: AccessQuestion, path: Path) -> tuple[DenialReason, ...]:
    """Return why the person may not read the field at *path*; empty exactly when they may."""
    if asked.access.reads(path):
        return ()
    if asked.form_access.policy.find(path) is None:
        return (DenialReason("ended"),)
    found = (*_not_opened(asked, path), *_denied(asked, path), *_private(asked, path))
    return found or record_obstacles(asked) or (DenialReason("nothing"),)


def record_obstacles(asked: AccessQuestion) -> tuple[DenialReason, ...]:
    """Return why the person may not view the record; empty exactly when they may."""
    if asked.access.may("view"):
        return ()
    viewing = [rule for rule in asked.form_access.policy.rules if "view" in rule.verbs]
    denied = [rule for rule in viewing if rule.deny and not rule.denies_fields and _failure(asked, rule) is None]
    if denied:
        return tuple(DenialReason("denied", rule) for rule in denied)
    given = [(rule, _failure(asked, rule)) for rule in viewing if not rule.deny]
    return tuple(DenialReason(failure, rule) for rule, failure in given if failure) or (DenialReason("nothing"),)


def _not_opened(asked: AccessQuestion, path: Path) -> Iterator[DenialReason]:
    """Yield why no grant opens the field; nothing where one does."""
    rules = [rule for rule in asked.form_access.policy.rules if not rule.deny and rule.verbs & OPENING]
    if any(rule.opens(path) and _failure(asked, rule) is None and not _is_closed(asked, rule) for rule in rules):
        return
    found = [DenialReason(kind, rule) for rule in rules if (kind := _kind(asked, rule, path))]
    yield from found or [DenialReason("nothing")]


def _kind(asked: AccessQuestion, rule: GrantRule, path: Path) -> ObstacleKind | None:
    failure = _failure(asked, rule)
    if not rule.opens(path):
        if failure is not None:
            return None  # it would not open the field if it held
        return "hides" if rule.hide and _hides(rule, path) else "unnamed"
    return failure or "closed"


def _hides(rule: GrantRule, path: Path) -> bool:
    return path[0] in rule.hide or ".".join(path) in rule.hide


def _is_closed(asked: AccessQuestion, rule: GrantRule) -> bool:
    """Tell whether all that *rule* opens fields with is `edit`, and the state is closed to that."""
    return rule.verbs & OPENING == {"edit"} and asked.subject.state in rule.closed


def _denied(asked: AccessQuestion, path: Path) -> Iterator[DenialReason]:
    for rule in asked.form_access.policy.rules:
        if rule.denies_reading(path) and _failure(asked, rule) is None:
            yield DenialReason("denied", rule)


def _private(asked: AccessQuestion, path: Path) -> Iterator[DenialReason]:
    roles = asked.form_access.roles_at(asked.subject.workspace, asked.subject.department)
    for allowed in asked.form_access.is_private_to(path):
        if allowed.isdisjoint(roles):
            yield DenialReason("private", roles=allowed)


def _failure(asked: AccessQuestion, rule: GrantRule) -> Literal["states", "who", "where"] | None:
    return asked.form_access.failure(rule, asked.subject, asked.names, asked.moment)
