"""Checks of samples: complete, unique, and linked to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.checks.subject import Subject
from blankett.engine.language.model import Field, Form, Place, Sample
from blankett.engine.language.problems import suggest


def check_samples(subject: Subject) -> None:
    """Tell of samples that lack a required field, repeat a unique value, or link to what is no sample."""
    if not subject.is_sound("forms") or not subject.is_sound("samples"):
        return
    keys = _keys_by_form(subject)
    seen: dict[tuple[str, str, str], int] = {}
    for sample in subject.blueprint.samples:
        form = subject.blueprint.forms[sample.form]
        _check_required(subject, form, sample)
        _check_unique(subject, form, sample, seen)
        for field, value, place in _links(form, sample, subject):
            known = keys.get(str(field.options.get("to")))
            if known is not None and value not in known:
                to = str(field.options.get("to")).partition(".")[2]
                subject.report.add("sample_link", place, suggestion=suggest(value, known), text=value[:60], form=to)


def _check_required(subject: Subject, form: Form, sample: Sample) -> None:
    missing = [
        field.key
        for field in form.fields.values()
        if field.required is True
        and field.visible is None
        and not field.retired
        and field.key not in sample.values
        and not any((field.fill, field.default, field.compute))
    ]
    if missing:
        subject.report.add("sample_incomplete", sample.place, form=form.key, names=", ".join(missing))


def _check_unique(subject: Subject, form: Form, sample: Sample, seen: dict[tuple[str, str, str], int]) -> None:
    for field in form.fields.values():
        value = sample.values.get(field.key)
        if not field.unique or not isinstance(value, str) or not value:
            continue
        first = seen.setdefault((form.key, field.key, value), sample.place.line)
        if first != sample.place.line:
            place = subject.place(*sample.place.path, field.key)
            subject.report.add("sample_twice", place, text=value[:60], field=field.key, line=first)
    for key, fields in form.unique.items():
        values = [str(sample.values.get(name) or "") for name in fields]
        if all(values):
            first = seen.setdefault((form.key, f"={key}", "\n".join(values)), sample.place.line)
            if first != sample.place.line:
                text = ", ".join(values)
                subject.report.add("sample_twice", sample.place, text=text[:60], field=key, line=first)


def _keys_by_form(subject: Subject) -> Mapping[str, frozenset[str]]:
    """Return {full form name: the keys of its samples} for forms that records are known in by a key."""
    found: dict[str, set[str]] = {form.name: set() for form in subject.forms() if form.key_field}
    for sample in subject.blueprint.samples:
        form = subject.blueprint.forms[sample.form]
        if form.key_field:
            found[form.name].add(str(sample.values.get(form.key_field)))
    return {name: frozenset(keys) for name, keys in found.items()}


def _links(form: Form, sample: Sample, subject: Subject) -> Iterator[tuple[Field, str, Place]]:
    for key, value in sample.values.items():
        field = form.fields.get(key)
        if field is None:
            continue
        path = (*sample.place.path, key)
        if field.links_to is not None and isinstance(value, str) and value not in ("", "= null"):
            yield field, value, subject.place(*path)
        for number, line in enumerate(value if isinstance(value, list) else ()):
            for name, cell in line.items() if isinstance(line, dict) else ():
                column = field.columns.get(name)
                if column is not None and column.links_to is not None and isinstance(cell, str) and cell:
                    yield column, cell, subject.place(*path, str(number), name)
