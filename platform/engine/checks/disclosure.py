"""Checks of who sees what: forms nobody sees, private values that find their way out, and what grants hide but texts
or new records show.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from blankett.engine.checks.subject import Subject
from blankett.engine.language.form_formulas import every_effect, set_formulas
from blankett.engine.language.loader.field_order import deriving, field_reads
from blankett.engine.language.loader.privacy import declassifies
from blankett.engine.language.model import Form, Formula, Grant, Place, Template
from blankett.engine.paths import Path, field_part, own_path, record_path

#: At most so many fields are named in one message.
MOST_NAMED = 6
#: Verbs with which somebody changes a record that is there.
CHANGING = frozenset({"edit", "create"})


@dataclass(frozen=True)
class GrantHolder:
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
        if not any(grant.hide for grant in form.grants):
            continue
        sources = hidden_sources(form)
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


def check_letters(subject: Subject) -> None:
    """Tell of letters to addresses that show what is private: nobody knows who reads there."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "fields"):
            continue
        for effect in every_effect(form):
            message = subject.blueprint.messages.get(effect.sends or "")
            if message is None or not effect.leaves_house:
                continue
            for read in sorted(message.reads):
                roles = [form.private_roles.get(source, frozenset()) for source in _private_of(form, read)]
                if roles:
                    closed = sorted(frozenset[str]().union(*roles))
                    subject.report.add(
                        "private_in_letter", effect.place, name=".".join(read), roles=_named(closed) or "nobody"
                    )
                    break


def _tell_told(subject: Subject, form: Form, message: Template, hearing: Iterable[GrantHolder]) -> None:
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
    own = own_path(record_path(read), form.fields)
    return form.private_sources.get(field_part(own, form.fields), frozenset()) if own else frozenset()


def _hearing(subject: Subject, form: Form, actions: list[str]) -> list[GrantHolder]:
    """Return who is told what a rule says: who may take its actions, or change a record where it is looked at then."""
    holders = list(_holders(subject, form))
    takers = {name for action in actions if action for name in form.actions[action].by.names}
    if "" in actions or not actions:
        return [each for each in holders if any(CHANGING & grant.may and not grant.deny for grant in each.grants)]
    return [each for each in holders if each.name in takers or ("everyone" in takers and each.grants)]


# People and fields ----------------------------------------------------------------------------------------------------


def _holders(subject: Subject, form: Form) -> Iterator[GrantHolder]:
    """Yield everybody whom the form's grants name, each with all grants that hold for them."""
    roles = subject.blueprint.roles
    for name in (*roles, "everyone"):
        names = frozenset({name, "everyone"} | (roles[name].includes if name in roles else frozenset()))
        grants = tuple(grant for grant in form.grants if names & grant.who.names)
        if grants:
            yield GrantHolder(name, names, grants)


def _holders_of(form: Form, grant: Grant) -> Iterator[GrantHolder]:
    """Yield whom one grant names, without what roles include: enough to see what is opened to them otherwise."""
    for name in grant.who.names:
        names = frozenset({name, "everyone"})
        yield GrantHolder(name, names, tuple(other for other in form.grants if names & other.who.names))


def hides(grant: Grant, path: Path) -> bool:
    """Tell whether a grant leaves a field closed by name: the field, or the table it is a column of."""
    return path[0] in grant.hide or ".".join(path) in grant.hide


def _holds_in(grant: Grant, state: str | None) -> bool:
    return not grant.deny and (grant.states is None or (state is not None and state in grant.states))


def hidden_sources(form: Form) -> dict[Path, frozenset[Path]]:
    """Return {field: those of the fields some grant hides that it is made of}, through others too.

    One walk over what reads what, with a bit for each hidden field, so that it costs as much as the form is large.
    """
    given = set_formulas(form)
    reads = {
        field.path: frozenset[Path]().union(
            *(
                field_reads(formula, field.table, form.fields)
                for formula in (*deriving(field), *given.get(field.path, ()))
            )
        )
        for field in form.every_field()
    }
    hidden = [path for path in {*reads}.union(*reads.values()) if any(hides(grant, path) for grant in form.grants)]
    bits = {path: 1 << at for at, path in enumerate(hidden)}
    behind: dict[Path, int] = {}
    for group in _mutual(reads):
        # Fields that are made of each other are made of the same.
        mask = 0
        for path in group:
            for each in reads[path]:
                mask |= bits.get(each, 0) | behind.get(each, 0)
        behind |= dict.fromkeys(group, mask)
    found_of = {
        path: frozenset(each for each in hidden if mask & bits[each] and each != path)
        for path, mask in behind.items()
        if mask
    }
    return {path: found for path, found in found_of.items() if found}


def _mutual(edges: Mapping[Path, Collection[Path]]) -> Iterator[list[Path]]:
    """Yield the paths of *edges* in groups that lead to each other, each after all that it leads to.

    *edges*: {path: those it leads to}; what has no entry is passed over. (Tarjan, with a stack of its own.)
    """
    numbers: dict[Path, int] = {}
    lowest: dict[Path, int] = {}
    open_paths: list[Path] = []
    is_open: set[Path] = set()
    for start in edges:
        if start in numbers:
            continue
        walk = [(start, iter(edges[start]))]
        numbers[start] = lowest[start] = len(numbers)
        open_paths.append(start)
        is_open.add(start)
        while walk:
            path, following = walk[-1]
            deeper = None
            for each in following:
                if each not in numbers and each in edges:
                    deeper = each
                    break
                if each in is_open:
                    lowest[path] = min(lowest[path], numbers[each])
            if deeper is not None:
                numbers[deeper] = lowest[deeper] = len(numbers)
                open_paths.append(deeper)
                is_open.add(deeper)
                walk.append((deeper, iter(edges[deeper])))
                continue
            walk.pop()
            if walk:
                above = walk[-1][0]
                lowest[above] = min(lowest[above], lowest[path])
            if lowest[path] == numbers[path]:
                group: list[Path] = []
                while not group or group[-1] != path:
                    group.append(open_paths.pop())
                is_open.difference_update(group)
                yield group


def _place(subject: Subject, grant: Grant) -> Place:
    return subject.place(*grant.place.path, "hide" if grant.hide else "who")


def _paths(paths: list[Path]) -> str:
    return _named([".".join(path) for path in paths])


def _named(names: list[str]) -> str:
    listed = ", ".join(repr(name) for name in names[:MOST_NAMED])
    return f"{listed} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else listed


def check_viewers(subject: Subject) -> None:
    """Tell of forms that nobody may see, and of those whose records nobody and nothing makes."""
    made = {effect.makes for form in subject.forms() for effect in every_effect(form)}
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "grants") or form.retired:
            continue
        may = {verb for grant in form.grants if not grant.deny for verb in grant.may}
        if "view" not in may:
            subject.report.add("nobody_sees", form.place, form=form.key)
        elif "create" not in may and form.name not in made:
            subject.report.add("nobody_creates", form.place, form=form.key)


def check_show(subject: Subject) -> None:
    """Tell of titles that use private fields: a title is stored once, for every reader."""
    for form in subject.forms():
        if form.show is None:
            continue
        for read in form.show.reads:
            own = own_path(read, form.fields)
            sources = form.private_sources.get(field_part(own, form.fields), frozenset()) if own else frozenset()
            if sources:
                source = ".".join(min(sources))
                subject.report.add("private_in_show", form.show.place, field=".".join(read), source=source)


def check_derived(subject: Subject) -> None:
    """Tell of fields that are private only because of what they are made of, with the way it takes."""
    for form in subject.forms():
        for path, sources in form.private_sources.items():
            field = form.find(path)
            if field is None or field.private is not None:
                continue
            source = min(sources)
            names = " ← ".join(".".join(step) for step in _way(form, path, source))
            subject.report.add("derived_private", field.place, field=".".join(path), names=names)


def _way(form: Form, path: Path, source: Path) -> list[Path]:
    """Return the fields a private value takes from *source* to *path*, the last first."""
    way = [path]
    while way[-1] != source:
        field = form.find(way[-1])
        step = _next_step(form, way[-1], source) if field else None
        if step is None or step in way:
            return [*way, source]
        way.append(step)
    return way


def _next_step(form: Form, path: Path, source: Path) -> Path | None:
    field = form.find(path)
    given = set_formulas(form).get(path, ())
    for formula in (*deriving(field), *given) if field else ():
        for read in sorted(formula.reads):
            if read[:2] == source:
                return source
            own = own_path(read, form.fields, field.table if field else None)
            if own is None:
                continue
            if own[: len(source)] == source:
                return source
            step = field_part(own, form.fields)
            if source in form.private_sources.get(step, frozenset()):
                return step
    return None


def check_declassified(subject: Subject) -> None:
    """Tell of names under `declassify` that are none of what the field is made of."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "fields"):
            continue
        made = hidden_sources(form) if any(field.declassify for field in form.every_field()) else {}
        given = set_formulas(form)
        for field in form.every_field():
            sources = _all_sources(form, field.path, given.get(field.path, ()))
            hidden = {".".join(path) for path in made.get(field.path, ())}
            for name in sorted(field.declassify - hidden):
                if not any(declassifies(field, source) and ".".join(source) == name for source in sources):
                    place = _declassify_place(subject, form, field.path)
                    subject.report.add("needless_declassify", place, field=field.key, name=name)


def _declassify_place(subject: Subject, form: Form, path: Path) -> Place:
    inner = (path[0],) if len(path) == 1 else (path[0], "fields", path[1])
    return subject.place("forms", form.key, "fields", *inner, "declassify")


def _all_sources(form: Form, path: Path, given: Iterable[Formula]) -> set[Path]:
    """Return the private sources a field would have if it declassified nothing itself. *given*: what rules set it."""
    field = form.find(path)
    found: set[Path] = set()
    for formula in (*deriving(field), *given) if field else ():
        found |= {read[:2] for read in formula.reads if read[0] == "facts" and len(read) > 1}
        for read in formula.reads:
            own = own_path(read, form.fields, field.table if field else None)
            if own is not None:
                found |= form.private_sources.get(field_part(own, form.fields), frozenset())
                if own != field_part(own, form.fields):
                    # Behind a link: whether it is private there is the other form's to say.
                    found.add(own)
    return found
