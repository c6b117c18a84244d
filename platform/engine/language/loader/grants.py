"""Who: names and formulas in `by` and `who`, and the grants."""

from __future__ import annotations

from dataclasses import replace

from blankett.engine import feel
from blankett.engine.feel.types import in_words
from blankett.engine.language.loader.fields import check_path, check_state
from blankett.engine.language.loader.formulas import FORMULA_LIKE, is_formula, read_condition, read_formula
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.model import STANDING_WHO, VERBS, Formula, Grant, Life, State, Who
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar

#: What `all` stands for.
ALL_VERBS = frozenset(VERBS) - {"administer"}


def read_who(draft: PartialBlueprint, tree: Map, key: str, scope: feel.Scope) -> Who:
    """Return whom `by` or `who` names, roles and others by their names, and by formulas; nobody when the key is not
    there.
    """
    names, formulas = [], []
    scalars = tree.scalars(key)
    for scalar in scalars:
        if is_formula(scalar):
            formula = read_people(draft, scalar, scope)
            formulas += [formula] if formula is not None else []
        elif FORMULA_LIKE.match(scalar.text):
            draft.report.add("formula_among_names", scalar.place, key=key, formula=f"= {scalar.text.strip()}"[:60])
        elif name := check_name(draft, scalar):
            names.append(name)
    return Who(frozenset(names), tuple(formulas))


def check_name(draft: PartialBlueprint, scalar: Scalar) -> str | None:
    """Return the name of a role, or everyone, owner or assignee; any other is a problem."""
    roles = draft.tree.map("roles").entries
    if scalar.text in STANDING_WHO:
        return scalar.text
    if scalar.text in roles:
        draft.used_roles.add(scalar.text)
        return scalar.text
    several = [each.strip() for each in scalar.text.split(",")]
    is_list = len(several) > 1 and all(each in roles or each in STANDING_WHO for each in several)
    meant = f"[{', '.join(several)}]" if is_list else suggest(scalar.text, [*roles, *STANDING_WHO])
    draft.report.add("unknown_role", scalar.place, suggestion=meant, name=scalar.text[:60])
    return None


def read_people(draft: PartialBlueprint, scalar: Scalar, scope: feel.Scope) -> Formula | None:
    """Return a formula that gives a person, people, or the names of roles."""
    formula = read_formula(draft, scalar, scope, start=1)
    if formula and not formula.checked.errors and not gives_people(formula.checked.type, roles=True):
        message = f"this must be a user, a list of users or a role, it is {in_words(formula.checked.type)}"
        draft.report.add("wrong_result", draft.source.place_in(scalar, 1, len(scalar.text)), message=message)
    return formula


def gives_people(given: feel.Type, *, roles: bool) -> bool:
    """Tell whether a type is a user or a list of them; with *roles* also the name of a role."""
    item = given.item if isinstance(given, feel.ListOf) else given
    if isinstance(item, feel.RecordType):
        return item.form == "user"
    return isinstance(item, (feel.Any, feel.Null)) or (roles and isinstance(item, feel.Text))


def read_grants(
    draft: PartialBlueprint, form: FormDraft, scopes: Scopes, states: dict[str, State], life: Life
) -> tuple[Grant, ...]:
    """Return the grants of a form; of a process, `edit` without `states` means the states that are not final."""
    grants: list[Grant] = []
    for tree in form.tree.list("grants"):
        if isinstance(tree, Map):
            grant = _read_grant(draft, form, scopes, tree)
            grants.extend(_bounded(grant, states) if life == "process" else [grant])
    return tuple(grants)


def _bounded(grant: Grant, states: dict[str, State]) -> list[Grant]:
    open_states = frozenset(key for key, state in states.items() if not state.final)
    if "edit" not in grant.may or grant.states is not None or not states or grant.deny:
        return [grant]
    edit = replace(grant, may=frozenset({"edit"}), states=open_states)
    rest = grant.may - {"edit"}
    return [replace(grant, may=rest), edit] if rest else [edit]


def _read_grant(draft: PartialBlueprint, form: FormDraft, scopes: Scopes, tree: Map) -> Grant:
    words = {scalar.text for scalar in tree.scalars("may")}
    states = tree.scalars("states")
    return Grant(
        who=read_who(draft, tree, "who", scopes.grant),
        may=ALL_VERBS if "all" in words else frozenset(words),
        states=frozenset(key for scalar in states if (key := check_state(draft, form, scalar))) if states else None,
        where=read_condition(draft, tree.scalar("where"), scopes.grant, warns=False),
        read=_paths(draft, form, tree, "read"),
        write=_paths(draft, form, tree, "write"),
        hide=_paths(draft, form, tree, "hide") or frozenset(),
        deny=tree.is_yes("deny"),
        place=tree.place,
    )


def _paths(draft: PartialBlueprint, form: FormDraft, tree: Map, key: str) -> frozenset[str] | None:
    """Return field paths such as ``lines.price``; None for `all` and where nothing is said."""
    if tree.get(key) is None or tree.text(key) == "all":
        return None
    return frozenset(scalar.text for scalar in tree.scalars(key) if check_path(draft, form, scalar))
