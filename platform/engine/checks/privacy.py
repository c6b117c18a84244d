"""Checks of who sees what: forms nobody sees, and private values that find their way out."""

from __future__ import annotations

from blankett.engine.blueprint.loading.privacy import declassifies
from blankett.engine.blueprint.loading.reads import Path, deriving, field_path, own_path
from blankett.engine.blueprint.model import Form, Place
from blankett.engine.blueprint.walk import every_effect, set_formulas
from blankett.engine.checks.grants import hides, made_of
from blankett.engine.checks.subject import Subject


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
            own = own_path(read, None, form.fields)
            sources = form.private_sources.get(field_path(own, form.fields), frozenset()) if own else frozenset()
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
            own = own_path(read, field.table if field else None, form.fields)
            if own is None:
                continue
            if own[: len(source)] == source:
                return source
            step = field_path(own, form.fields)
            if source in form.private_sources.get(step, frozenset()):
                return step
    return None


def check_declassified(subject: Subject) -> None:
    """Tell of names under `declassify` that are none of what the field is made of."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "fields"):
            continue
        made = made_of(form) if any(field.declassify for field in form.every_field()) else {}
        for field in form.every_field():
            sources = _all_sources(form, field.path)
            hidden = {
                ".".join(path) for path in made.get(field.path, ()) if any(hides(each, path) for each in form.grants)
            }
            for name in sorted(field.declassify - hidden):
                if not any(declassifies(field, source) and ".".join(source) == name for source in sources):
                    place = _declassify_place(subject, form, field.path)
                    subject.report.add("needless_declassify", place, field=field.key, name=name)


def _declassify_place(subject: Subject, form: Form, path: Path) -> Place:
    inner = (path[0],) if len(path) == 1 else (path[0], "fields", path[1])
    return subject.place("forms", form.key, "fields", *inner, "declassify")


def _all_sources(form: Form, path: Path) -> set[Path]:
    """Return the private sources a field would have if it declassified nothing itself."""
    field = form.find(path)
    found: set[Path] = set()
    given = set_formulas(form).get(path, ())
    for formula in (*deriving(field), *given) if field else ():
        found |= {read[:2] for read in formula.reads if read[0] == "facts" and len(read) > 1}
        for read in formula.reads:
            own = own_path(read, field.table if field else None, form.fields)
            if own is not None:
                found |= form.private_sources.get(field_path(own, form.fields), frozenset())
                if own != field_path(own, form.fields):
                    # Behind a link: whether it is private there is the other form's to say.
                    found.add(own)
    return found
