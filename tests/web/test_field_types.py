"""Every field type, through everything a value goes through: a type added as one class and one line passes here.

`SAMPLES` has a row for each type of the list; what a type cannot be asked (a table cannot be sorted by) follows from
what it says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from blankett.engine.access import Actor, load_actor
from blankett.engine.departments import Department
from blankett.engine.exchange import FileTables, export_dmn, export_xlsx, from_dmn, from_xlsx, sheet_of, table_text
from blankett.engine.fields import FIELD_TYPES, TYPES_BY_NAME
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Table
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.store import StoredRecord
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Visitor, publish
from .pages import Pair, form_pairs, with_values, words

NEW = "/forms/kinds/thing/new"


@dataclass(frozen=True)
class Sample:
    """A row of the test: two values of a type, the first smaller where they have an order."""

    #: What a person types, or the texts a browser posts.
    typed: str
    #: How the value is shown.
    shown: str
    later: str
    later_shown: str
    #: What the list is asked for to find the first value alone.
    asked: str = ""
    #: A cell of a decision table that accepts the first value alone.
    cell: str = ""
    #: What the value becomes when its field is a text in the next version; None where it cannot.
    as_text: str | None = None
    #: Keys of its own, in YAML.
    options: str = ""
    #: How a list shows the first value, where that is shorter.
    listed: str = ""


SAMPLES: dict[str, Sample] = {
    "text": Sample("bolt", "bolt", "nut", "nut", "it=bol", '"bolt"', "bolt"),
    "long_text": Sample("a\nb", "a b", "c\nd", "c d", cell='"a\\nb"'),
    "number": Sample("12.5", "12.5", "1,300", "1,300", "it.from=1&it.to=20", "< 20", "12.5", ", decimals: 2"),
    "money": Sample("7.50", "€7.50", "1,300.00", "€1,300.00", "it.to=100", "[7.5..8)", "7.5", ", currency: EUR"),
    "percent": Sample("30", "30%", "45.5", "45.5%", "it.to=31", "<= 30%", "30"),
    "date": Sample(
        "2026-12-31",
        "31 Dec 2026",
        "2027-02-01",
        "1 Feb 2027",
        "it.to=2026-12-31",
        "< 2027-01-01",
        "2026-12-31",
        listed="31 Dec",
    ),
    "yes_no": Sample("no", "No", "yes", "Yes", "it=no", "no"),
    "choice": Sample(
        "new", "Fresh", "old", "Old", "it=new", "new", "new", ", options: {new: {title: Fresh}, old: {title: Old}}"
    ),
    "link": Sample("A1", "Aarhus", "B2", "Bergen", "it=Aarhus", options=", to: place"),
    "user": Sample("Anna Lindqvist", "Anna Lindqvist", "Mette Holm", "Mette Holm", "it=Anna Lindqvist"),
    "department": Sample("Sales", "Sales", "Stores", "Stores", "it=Sales"),
    "table": Sample("bolt", "bolt", "nut", "nut", options=", fields: {what: {type: text, required: yes}}"),
    "email": Sample(
        "a@b.example", "a@b.example", "c@d.example", "c@d.example", "it=a@b", '"a@b.example"', "a@b.example"
    ),
    "url": Sample(
        "example.com/a",
        "https://example.com/a",
        "https://x.example",
        "https://x.example",
        "it=example.com",
        '"https://example.com/a"',
        "https://example.com/a",
    ),
    "phone": Sample(
        "+45 33 12 34 56",
        "+45 33 12 34 56",
        "+49 30 1234",
        "+49 30 1234",
        "it=%2B45 33",
        '"+45 33 12 34 56"',
        "+45 33 12 34 56",
    ),
    "barcode": Sample(
        "4006381333931",
        "4006381333931",
        "5901234123457",
        "5901234123457",
        "it=4006",
        '"4006381333931"',
        "4006381333931",
        ", digits: gtin",
    ),
    "rating": Sample("2", "2/5", "4", "4/5", "it.to=3", "< 3", "2"),
    "choices": Sample(
        "new|sale",
        "Fresh, Reduced",
        "old",
        "Old",
        "it=sale",
        options=", options: {new: {title: Fresh}, old: {title: Old}, sale: {title: Reduced}}",
        as_text="new, sale",
    ),
    "time": Sample("9.30", "09:30", "2 pm", "14:00", "it.to=12:00", "< 12:00", "09:30"),
    "duration": Sample("2h30", "2 h 30 min", "P3D", "3 d", "it.to=1 d", "< PT8H", "PT2H30M"),
    "datetime": Sample(
        "31/12/2026 14:00",
        "31 Dec 2026 14:00",
        "2027-02-01 9.30",
        "1 Feb 2027 09:30",
        "it.to=31/12/2026 15:00",
        "< 2027-01-01T00:00Z",
        "2026-12-31T14:00:00Z",
    ),
}


#: What nobody types has a test of its own: `test_clocks`.
TYPED = [type_.name for type_ in FIELD_TYPES if not type_.runs_by_itself]


def test_the_test_has_a_row_for_every_type() -> None:
    assert [name for name in TYPED if name not in SAMPLES] == []


def source_of(name: str, sample: Sample, version: str = "") -> str:
    """Return the blueprint: a form with a field, a column and, where it can be one, an input of a table of the type."""
    field = f"{{type: {name}{sample.options}}}"
    type_ = TYPES_BY_NAME[name]
    listed = ", it" if type_.slot else ""
    cells = "" if type_.has_lines else f"      lines: {{type: table, fields: {{it: {field}, note: {{type: text}}}}}}\n"
    ask = "      said: {type: text, compute: 't(it)'}\n" if sample.cell else ""
    table = f"tables:\n{table_of('thing.it', sample)}" if sample.cell else ""
    return f"""\
blueprint: kinds
language: 1
title: Kinds
roles:
  clerk: {{title: Clerk}}
forms:
  place:
    title: Place
    life: reference
    key: code
    show: "{{name}}"
    fields: {{code: {{type: text, required: yes, unique: yes}}, name: {{type: text, required: yes}}}}
    grants: [{{who: clerk, may: all}}]
  thing:
    title: Thing
    plural: Things
    show: "{{name}}"
    fields:
      name: {{type: text, required: yes}}
      it: {version or field}
{cells}{ask}    states: {{draft: {{start: true}}, done: {{final: true}}}}
    actions: {{end: {{from: draft, to: done, by: clerk}}}}
    grants: [{{who: clerk, may: all}}]
    lists: {{all: {{title: All, columns: [name{listed}]}}}}
{table}"""


def table_of(column: str, sample: Sample, options: str = "") -> str:
    cell = sample.cell.replace("'", "''")
    type_ = column if "." in column else f"{{type: {column}{options}}}"
    return f"""\
  t:
    hit: first
    in: {{it: '{type_}'}}
    out: {{said: text}}
    rows:
      - ['{cell}', hit]
      - ['-', miss]
""".replace(f"'{type_}'", type_)


def posted(pairs: list[Pair], name: str, sample: Sample, text: str) -> list[Pair]:
    """Return what a browser posts when *text* was typed into the field, and into the cell of a new line."""
    if TYPES_BY_NAME[name].has_lines:
        line = next(key.split(".")[1] for key, _ in pairs if key.startswith("it.+"))
        return with_values(pairs, **{f"it__{line}__what": text})
    line = next(key.split(".")[1] for key, _ in pairs if key.startswith("lines."))
    several = text.split("|")
    kept = [pair for pair in pairs if pair[0] not in ("it", f"lines.{line}.it")]
    cells = [(f"lines.{line}.it", each) for each in several]
    return with_values([*kept, *(("it", each) for each in several), *cells], **{f"lines__{line}__note": "line"})


def saved(visitor: Visitor, address: str, pairs: list[Pair]) -> str:
    """Save a form and return the address of the record."""
    answer = visitor.post(address, [*[pair for pair in pairs if pair[0] != "_do"], ("_do", "save")])
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["Location"])


def rows_of(visitor: Visitor, query: str = "") -> list[str]:
    """Return the names in the list, in its order."""
    answer = visitor.get(f"/forms/kinds/thing{query}")
    assert answer.status_code == 200, words(answer.text)
    return [words(cell) for cell in re.findall(r'<th scope="row"[^>]*>(.*?)</th>', answer.text, re.S)]


WAYS: dict[str, Callable[[Table], FileTables | object]] = {
    "a spreadsheet": lambda table: from_xlsx(export_xlsx([table])),
    "DMN": lambda table: from_dmn(export_dmn([table], "Kinds")),
    "a blueprint": lambda table: FileTables((sheet_of(table),)),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_value_goes_through_everything(services: Services, anna: Visitor, name: str) -> None:
    sample, type_ = SAMPLES[name], TYPES_BY_NAME[name]
    with services.store.writing() as writing:
        for title in ("Sales", "Stores"):
            writing.put_department(Department(organisation=ORGANISATION, id=title.lower(), title=title))
    publish(services.store, source_of(name, sample), services.clock())
    for code, title in (("A1", "Aarhus"), ("B2", "Bergen")):
        page = anna.get("/forms/kinds/place/new").text
        saved(anna, "/forms/kinds/place/new", with_values(form_pairs(page), code=code, name=title))

    # New, and the page of the record, with the field, the cell and what the decision table says.
    addresses = {}
    for key, text, shown, said in (
        ("first", sample.typed, sample.shown, "hit"),
        ("second", sample.later, sample.later_shown, "miss"),
    ):
        pairs = with_values(form_pairs(anna.get(NEW).text), name=key)
        addresses[key] = saved(anna, NEW, posted(pairs, name, sample, text))
        page = " ".join(words(anna.get(addresses[key]).text).replace("\xa0", " ").split())
        assert page.count(shown) >= (1 if type_.has_lines else 2), page
        assert not sample.cell or re.search(rf"\b{said}\b", page), page

    # Edit: what stands there is what is read again, and another value is kept.
    edit = f"{addresses['first']}/edit"
    before = form_pairs(anna.get(edit).text)
    saved(anna, edit, before)
    assert _values(form_pairs(anna.get(edit).text)) == _values(before)
    if not type_.has_lines:
        changed = posted(form_pairs(anna.get(edit).text), name, sample, sample.later)
        saved(anna, edit, changed)
        assert sample.later_shown in words(anna.get(addresses["first"]).text).replace("\xa0", " ")
        saved(anna, edit, posted(form_pairs(anna.get(edit).text), name, sample, sample.typed))

    # A copy starts with the value.
    copy = form_pairs(anna.get(f"{NEW}?copy={addresses['first'].rpartition('/')[2]}").text)
    drawn = [pair for pair in before if pair[0] == "it"]
    assert [pair for pair in copy if pair[0] == "it"] == drawn

    # Lists: shown, sorted both ways, filtered; nothing that cannot be read lists everything.
    if type_.slot:
        listed = words(anna.get("/forms/kinds/thing").text).replace("\xa0", " ")
        assert (sample.listed or sample.shown) in listed
        if type_.is_ordered or type_.is_worded:
            assert rows_of(anna, "?sort=it") == ["first", "second"]
            assert rows_of(anna, "?sort=-it") == ["second", "first"]
        assert rows_of(anna, f"?{sample.asked}") == ["first"]

    # Files: a table with such a column comes back as it went.
    if sample.cell:
        table = read_blueprint(source_of(name, sample)).tables["t"]
        for way in WAYS.values():
            found = way(table)
            assert isinstance(found, FileTables), found
            again = table_text(found.sheets[0])
            assert again == table_text(sheet_of(table))

    # The next version has a text instead.
    before_text = _stored(services, addresses["first"])
    publisher = Publisher(services.engine)
    source = source_of(name, replace(sample, cell=""), "{type: text}")
    answer = publisher.publish(_actor(services, "admin"), Publication(source=source, workspace=ROOM, move="move"))
    assert isinstance(answer, Published), answer
    stored = _stored(services, addresses["first"])
    if sample.as_text is None:
        assert (stored.version, stored.data.get("it")) == (before_text.version, before_text.data.get("it"))
    else:
        assert (stored.version, stored.data.get("it")) == (2, sample.as_text)


def _values(pairs: list[Pair]) -> list[Pair]:
    """Return what stands in the controls of fields that are there, without the line that is yet to be made."""
    return [(name, text) for name, text in pairs if not name.startswith("_") and ".+" not in name]


def _actor(services: Services, user: str) -> Actor:
    with services.store.reading() as reading:
        found = load_actor(reading, ORGANISATION, user)
    assert found is not None
    return found


def _stored(services: Services, address: str) -> StoredRecord:
    with services.store.reading() as reading:
        found = reading.record(ORGANISATION, address.rpartition("/")[2])
    assert found is not None
    return found
