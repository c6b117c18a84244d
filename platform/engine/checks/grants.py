"""Checks of what grants hide: values that show all the same in others made of them, in new records, or in texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from blankett.engine.blueprint.loading.reads import Path, deriving, field_reads
from blankett.engine.blueprint.model import Form, Grant, Place, Template
from blankett.engine.blueprint.walk import set_formulas
from blankett.engine.checks.subject import Subject

#: At most so many fields are named in one message.
MOST_NAMED = 6
#: Verbs with which somebody changes a record that is there.
CHANGING = frozenset({"edit", "create"})


@dataclass(frozen=True)
class Holder:
    """Somebody as the grants of a form see them: a role with those it includes, or just everyone."""

    name: str
    names: frozenset[str]
    grants: tuple[Grant, ...]

    def opens(self, path: Path, verb: str, state: str | None) -> bool:
        """Tell whether some grant surely opens a field in a state: one without a condition on the record."""
        return any(
            verb in grant.may and grant.where is None and _holds_in(grant, state) and not hides(grant, path)
            for grant in self.grants
        )


def check_hidden(subject: Subject) -> None:
    """Tell of fields that a grant opens although they are made of what it hides."""
    for form in subject.forms():
        if not (subject.is_sound("forms", form.key, "grants") and subject.is_sound("forms", form.key, "fields")):
            continue
        sources = made_of(form)
        for grant in form.grants:
            found = [path for path in sources if _shows_hidden(form, grant, path, sources[path])]
            if found:
                hidden = sorted({".".join(each) for path in found for each in sources[path] if hides(grant, each)})
                subject.report.add("hidden_shows", _place(subject, grant), hidden=_named(hidden), names=_paths(found))


def _shows_hidden(form: Form, grant: Grant, path: Path, sources: frozenset[Path]) -> bool:
    """Tell whether a grant leaves a field open by itself that is made of what stays hidden from who it names."""
    field = form.find(path)
    if grant.deny or not grant.hide or "view" not in grant.may or grant.read is not None or hides(grant, path):
        return False
    if field is None or field.private is not None or path in form.private_sources:
        return False
    hidden = {each for each in sources if hides(grant, each) and ".".join(each) not in field.declassify}
    return any(not all(holder.opens(each, "view", None) for holder in _holders_of(form, grant)) for each in hidden)


def check_created(subject: Subject) -> None:
    """Tell of grants to create that let people fill in what is hidden from them once the record is there."""
    for form in subject.forms():
        if form.start is None or not subject.is_sound("forms", form.key, "grants"):
            continue
        for holder in _holders(subject, form):
            hiding = [
                grant for grant in holder.grants if grant.hide and not grant.deny and _holds_in(grant, form.start.key)
            ]
            for grant in holder.grants:
                found = [
                    field.path
                    for field in form.every_field()
                    if _opens_new(grant, field.path)
                    and field.is_typed
                    and field.private is None
                    and field.editable is not False
                    and any(hides(other, field.path) and other is not grant for other in hiding)
                    and not any(holder.opens(field.path, verb, form.start.key) for verb in ("view", "edit"))
                ]
                if found:
                    other = next(each for each in hiding if hides(each, found[0]))
                    line = other.place.line
                    subject.report.add(
                        "created_hidden", _place(subject, grant), who=holder.name, names=_paths(found), line=line
                    )


def _opens_new(grant: Grant, path: Path) -> bool:
    return "create" in grant.may and not grant.deny and not hides(grant, path)


def check_told(subject: Subject) -> None:
    """Tell of messages of rules that show private values to people who may take the action they are said at."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "rules"):
            continue
        for rule in form.rules.values():
            hearing = _hearing(subject, form, [point.action for point in rule.at])
            for outcome in rule.then:
                if outcome.text is not None:
                    _tell_told(subject, form, outcome.text, hearing)


def _tell_told(subject: Subject, form: Form, message: Template, hearing: Iterable[Holder]) -> None:
    for read in sorted(message.reads):
        for source in _private_of(form, read):
            roles = form.private_roles.get(source, frozenset())
            closed = sorted(holder.name for holder in hearing if roles and roles.isdisjoint(holder.names))
            if closed:
                subject.report.add(
                    "private_in_text",
                    message.place,
                    name=".".join(read),
                    roles=_named(sorted(roles)),
                    others=_named(closed),
                )
                return


def _private_of(form: Form, read: Path) -> frozenset[Path]:
    """Return the private values that are behind what a text reads."""
    if read[0] == "facts":
        return frozenset([read[:2]]) if read[:2] in form.private_roles else frozenset()
    steps = read[1:] if read[0] in ("old", "parent") else read
    own = next((steps[:length] for length in (2, 1) if steps[:length] in form.private_sources), None)
    return form.private_sources[own] if own is not None else frozenset()


def _hearing(subject: Subject, form: Form, actions: list[str]) -> list[Holder]:
    """Return who is told what a rule says: who may take its actions, or change a record where it is looked at then."""
    holders = list(_holders(subject, form))
    takers = {name for action in actions if action for name in form.actions[action].by.names}
    if "" in actions or not actions:
        return [each for each in holders if any(CHANGING & grant.may and not grant.deny for grant in each.grants)]
    return [each for each in holders if each.name in takers or ("everyone" in takers and each.grants)]


# People and fields ----------------------------------------------------------------------------------------------------


def _holders(subject: Subject, form: Form) -> Iterator[Holder]:
    """Yield everybody whom the form's grants name, each with all grants that hold for them."""
    roles = subject.blueprint.roles
    for name in (*roles, "everyone"):
        names = frozenset({name, "everyone"} | (roles[name].includes if name in roles else frozenset()))
        grants = tuple(grant for grant in form.grants if names & grant.who.names)
        if grants:
            yield Holder(name, names, grants)


def _holders_of(form: Form, grant: Grant) -> Iterator[Holder]:
    """Yield whom one grant names, without what roles include: enough to see what is opened to them otherwise."""
    for name in grant.who.names:
        names = frozenset({name, "everyone"})
        yield Holder(name, names, tuple(other for other in form.grants if names & other.who.names))


def hides(grant: Grant, path: Path) -> bool:
    """Tell whether a grant leaves a field closed by name: the field, or the table it is a column of."""
    return path[0] in grant.hide or ".".join(path) in grant.hide


def _holds_in(grant: Grant, state: str | None) -> bool:
    return not grant.deny and (grant.states is None or (state is not None and state in grant.states))


def made_of(form: Form) -> dict[Path, frozenset[Path]]:
    """Return {field: the fields it is made of}, through others too, of fields that formulas give a value."""
    given = set_formulas(form)
    direct = {
        field.path: frozenset().union(
            *(
                field_reads(formula, field.table, form.fields)
                for formula in (*deriving(field), *given.get(field.path, ()))
            )
        )
        for field in form.every_field()
    }
    found: dict[Path, frozenset[Path]] = {}
    for path, reads in direct.items():
        reached, waiting = set(reads), list(reads)
        while waiting:
            for each in direct.get(waiting.pop(), ()):
                if each not in reached:
                    reached.add(each)
                    waiting.append(each)
        if reached:
            found[path] = frozenset(reached - {path})
    return found


def _place(subject: Subject, grant: Grant) -> Place:
    return subject.place(*grant.place.path, "hide" if grant.hide else "who")


def _paths(paths: list[Path]) -> str:
    return _named([".".join(path) for path in paths])


def _named(names: list[str]) -> str:
    listed = ", ".join(repr(name) for name in names[:MOST_NAMED])
    return f"{listed} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else listed
