"""Decision tables as a grid: what is shown, what buttons do without JavaScript, two people at once, access."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blankett.engine.store import Member
from blankett.web.services import Services
from blankett.web.settings import Settings

from .conftest import HX, PASSWORD, Visitor, make_app, publish
from .pages import Pair, form_pairs, words

MATRIX = Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8")
PAGE = "/blueprints/matrix/tables/approvers"
FOUND = {**HX, "HX-Target": "div#found"}
ROWS = MATRIX[MATRIX.index("      - [") : MATRIX.index("\n  freight:")]


@pytest.fixture
def matrix(services: Services, clock: Any) -> str:
    """The text of a published blueprint with two tables."""
    publish(services.store, MATRIX, clock())
    return MATRIX


@pytest.fixture
def admin(signed_in: Callable[[str], Visitor], matrix: str) -> Visitor:
    return signed_in("admin")


def draft_of(services: Services) -> str:
    """Return the text that is saved; that of the newest version when none is."""
    with services.store.reading() as reading:
        draft, version = reading.draft("acme", "matrix"), reading.version("acme", "matrix", 1)
    assert version is not None
    return draft.source if draft else version.source


def pairs_of(visitor: Visitor, page: str = PAGE) -> list[Pair]:
    return form_pairs(visitor.get(page).text, "table")


def typed(pairs: list[Pair], *cells: tuple[int, str, str]) -> list[Pair]:
    """Return *pairs* with texts for some cells: (row from 1, name of the control, text)."""
    wanted = {(row, name): text for row, name, text in cells}
    found, row = [], 0
    for name, text in pairs:
        row += name == "row"
        found.append((name, wanted.get((row, name), text)))
    return found


def doing(pairs: list[Pair], do: str, row: int | None = None) -> list[Pair]:
    chosen = [("_row", str(row))] if row else []
    return [*(pair for pair in pairs if pair[0] != "_row"), *chosen, ("_do", do)]


def rows_in(page: str) -> list[list[str]]:
    """Return the cells of the grid on a page, row by row."""
    grid = page[page.index('<tbody id="rows">') : page.index('<template id="row-pattern">')]
    rows = re.findall(r"<tr[^>]* data-row.*?</tr>", grid, re.S)
    return [[html.unescape(text) for text in re.findall(r'class="b-cell[^>]*? value="([^"]*)"', row)] for row in rows]


def told_in(page: str) -> list[str]:
    """Return what the summary on top says, one line each."""
    found = re.search(r'<ul class="b-told" id="told">(.*?)</ul>', page, re.S)
    return [words(item) for item in re.findall(r"<li>.*?</li>", found[1], re.S)] if found else []


def under_rows(page: str) -> list[tuple[str, str]]:
    """Return what stands under rows: (row, words)."""
    found = re.findall(r'<tr class="b-explain[^>]*data-for="(\d+)".*?</tr>', page, re.S)
    texts = [
        words(row) for row in re.findall(r'<tr class="b-explain.*?</tr>', page, re.S)
    ]  # words() leaves templates out
    return list(zip(found, texts, strict=True))


# The list -----------------------------------------------------------------------------------------------------------


def test_the_list_shows_every_table_and_runs_scenarios_when_asked(admin: Visitor) -> None:
    page = admin.get("/blueprints/matrix/tables").text
    rows = [words(row) for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", page, re.S)]
    assert rows == [
        "Approval matrix approvers Who releases an order, and within how many days. Total, Tier, Urgent Released by,"
        " Within days an error: only one row may match (unique) 4 none not run",
        "Freight class freight Weight Class the first of them decides (first) 3 1 warning not run",
    ]
    run = admin.post("/blueprints/matrix/tables").text
    assert "2 of 4 rows hit" in words(run)
    assert "0 of 3 rows hit" in words(run)


def test_a_table_whose_columns_cannot_be_read_stays_in_the_list(admin: Visitor) -> None:
    text = MATRIX.replace("total: order.total", "total: order.nothing")
    admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"})
    page = admin.get("/blueprints/matrix/tables").text
    rows = [words(row) for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", page, re.S)]
    assert rows[0] == "approvers approvers 1 error not run"
    assert len(rows) == 2


def test_a_blueprint_without_tables_says_how_to_begin(admin: Visitor) -> None:
    page = admin.get("/blueprints/shop/tables")
    assert page.status_code == 200
    assert "This blueprint has no decision tables." in words(page.text)


# The grid -----------------------------------------------------------------------------------------------------------


def test_the_grid_shows_the_rows_as_they_are_written(admin: Visitor) -> None:
    page = admin.get(PAGE).text
    assert rows_in(page) == [
        [">= 100000", "-", "-", "director", "1", ""],
        ["[10000..100000)", "new", "-", "director", "2", ""],
        ["[10000..100000)", "silver, gold", "-", "manager", "2", ""],
        ["< 10000", "-", "-", "sales", "2", "A colleague is enough."],
    ]
    assert "No problem: no gap, no overlap, no row that never decides." in words(page)
    assert '<a class="btn" href="/blueprints/matrix#line-58">' in page
    assert '<option value="silver" label="silver – Silver">' in page


def test_a_note_is_told_in_whole_and_has_the_width_of_the_page_where_the_columns_leave_none(admin: Visitor) -> None:
    beside = 'class="b-cols b-cols--slim b-tablepage"'
    assert beside in admin.get(PAGE).text
    note = "Who sells it knows the customer, and may decide it alone as long as the amount is small enough"
    page = admin.post(PAGE, doing(typed(pairs_of(admin), (1, "note", note)), "check")).text
    assert f'value="{note}" size="18" title="{note}"' in page
    assert beside not in page
    assert "b-tablepage is-broad" in page


def test_rows_by_key_show_their_keys(admin: Visitor) -> None:
    page = admin.get("/blueprints/matrix/tables/freight").text
    assert rows_in(page) == [
        ["letter", "< 2", "letter", ""],
        ["parcel", "< 30", "parcel", ""],
        ["pallet", "-", "pallet", ""],
    ]


def test_the_text_page_leads_to_the_tables(admin: Visitor) -> None:
    page = admin.get("/blueprints/matrix").text
    assert 'href="/blueprints/matrix/tables"' in page
    assert 'href="/blueprints/matrix/tables/freight"' in page  # beside the warning that nothing calls it


# Saving -------------------------------------------------------------------------------------------------------------


def test_a_changed_cell_is_saved_in_its_place(admin: Visitor, services: Services) -> None:
    sent = typed(pairs_of(admin), (1, "c0", ">= 200000"), (4, "note", ""))
    answer = admin.post(PAGE, doing(sent, "save"))
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    saved = draft_of(services)
    assert saved == MATRIX.replace('[">= 100000",          "-"', '[">= 200000",          "-"').replace(
        ", note: A colleague is enough.}", "}"
    )
    page = admin.get(PAGE).text
    assert "The draft is saved" in words(page)
    assert "Draft of version 2" in words(page)


def test_saving_what_was_not_changed_changes_nothing(admin: Visitor, services: Services) -> None:
    assert admin.post(PAGE, doing(pairs_of(admin), "save")).status_code == 303
    assert draft_of(services) == MATRIX


def test_the_hit_policy_and_the_default_are_saved(admin: Visitor, services: Services) -> None:
    sent = typed(pairs_of(admin), (0, "hit", "first"), (0, "d0", "director"))
    assert admin.post(PAGE, doing(sent, "save")).status_code == 303
    wanted = MATRIX.replace("hit: unique", "hit: first")
    start = wanted.index("      days: {type")
    end = wanted.index("\n", start)
    assert draft_of(services) == f"{wanted[:end]}\n    default: {{role: director}}{wanted[end:]}"


def test_saving_and_publishing_leads_to_the_page_of_publishing(admin: Visitor) -> None:
    answer = admin.post(PAGE, doing(typed(pairs_of(admin), (1, "c4", "3")), "publish"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/matrix/publish")
    assert "Approval matrix" in words(admin.get("/blueprints/matrix/publish").text)


# Problems -----------------------------------------------------------------------------------------------------------


def test_an_overlap_is_told_at_its_row_with_an_example(admin: Visitor) -> None:
    sent = typed(pairs_of(admin), (3, "c0", "[5000..100000)"))
    page = admin.post(f"{PAGE}/check", sent, **FOUND).text
    wanted = "Overlaps row 4: total 5000 with tier silver matches both. Only one row may match."
    assert told_in(page) == [f"Row 3: Error: {wanted}"]
    assert under_rows(page) == [("3", f"Error: {wanted} Row 3 gives manager, 2; row 4 gives sales, 2.")]
    assert '<template id="explanations">' in page
    assert '<tr class="b-explain is-bad" data-for="3" data-columns="total tier" data-others="4 "' in page
    assert "<html" not in page


def test_a_gap_is_told_with_a_row_that_fills_it(admin: Visitor) -> None:
    sent = typed(pairs_of(admin), (4, "c0", "< 9000"))
    page = admin.post(PAGE, doing(sent, "check"))
    assert page.status_code == 200
    assert told_in(page.text) == [
        "Warning: Nothing matches total 9000, and nothing is given when no row matches. Add a row for this"
    ]
    filled = admin.post(PAGE, doing(sent, "gap.0")).text
    assert rows_in(filled)[-1] == ["9000", "-", "-", "", "", ""]
    assert "Row 5: Error: Nothing is given for Released by. Write = null if that is meant." in told_in(filled)


def test_what_cannot_be_read_is_kept_and_told_at_its_cell(admin: Visitor, services: Services) -> None:
    text = 'maybe "a": [1, #2'
    sent = typed(pairs_of(admin), (2, "c0", text), (2, "c3", "nobody"))
    page = admin.post(PAGE, doing(sent, "check")).text
    assert rows_in(page)[1][0] == text
    assert [row for row, _ in under_rows(page)] == ["2", "2"]
    assert "Gaps and overlaps are looked for when nothing else is wrong." in words(page)
    assert admin.post(PAGE, doing(sent, "save")).status_code == 303
    assert rows_in(admin.get(PAGE).text)[1] == [text, "new", "-", "nobody", "2", ""]


def test_a_slip_is_told_with_what_was_meant(admin: Visitor) -> None:
    page = admin.post(PAGE, doing(typed(pairs_of(admin), (2, "c1", "sliver")), "check")).text
    assert 'data-found="sliver" data-meant="silver"' in page
    assert "Did you mean “silver”?" in words(page)


def test_problems_are_told_in_chinese(signed_in: Callable[[str], Visitor], services: Services, matrix: str) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="wu", administers=True))
    wu = signed_in("wu")
    page = wu.post(PAGE, doing(typed(pairs_of(wu), (3, "c0", "[5000..100000)")), "check")).text
    assert told_in(page) == ["第 3 行： 错误： 与第 4 行重叠：Total 5000、Tier silver 同时符合两行，而只能有一行匹配。"]


# Rows without JavaScript --------------------------------------------------------------------------------------------

A, B, C, D = ("director1", "director2", "manager2", "sales2")


@pytest.mark.parametrize(
    ("do", "row", "wanted"),
    [
        ("end", None, [A, B, C, D, ""]),
        ("above", 1, ["", A, B, C, D]),
        ("below", 1, [A, "", B, C, D]),
        ("duplicate", 2, [A, B, B, C, D]),
        ("up", 2, [B, A, C, D]),
        ("up", 1, [A, B, C, D]),
        ("down", 2, [A, C, B, D]),
        ("down", 4, [A, B, C, D]),
        ("delete", 2, [A, C, D]),
    ],
)
def test_buttons_change_rows_and_keep_what_was_typed(
    admin: Visitor, do: str, row: int | None, wanted: list[str]
) -> None:
    sent = typed(pairs_of(admin), (4, "note", "typed"))
    answer = admin.post(PAGE, doing(sent, do, row))
    assert answer.status_code == 200
    rows = rows_in(answer.text)
    assert ["".join(row[3:5]) for row in rows] == wanted
    assert [row[5] for row in rows if row[3] == "sales"] == ["typed"]
    assert "There are changes that are not saved." in words(answer.text)


def test_rows_that_were_changed_by_buttons_are_saved_in_their_order(admin: Visitor, services: Services) -> None:
    first = admin.post(PAGE, doing(pairs_of(admin), "up", 3)).text
    second = admin.post(PAGE, doing(form_pairs(first, "table"), "delete", 1)).text
    assert admin.post(PAGE, doing(form_pairs(second, "table"), "save")).status_code == 303
    assert rows_in(admin.get(PAGE).text) == [
        ["[10000..100000)", "silver, gold", "-", "manager", "2", ""],
        ["[10000..100000)", "new", "-", "director", "2", ""],
        ["< 10000", "-", "-", "sales", "2", "A colleague is enough."],
    ]
    assert '      # known customers\n      - ["[10000..100000)",    "silver, gold"' in draft_of(services)
    assert draft_of(services).count("#") == MATRIX.count("#") - 1  # the comment behind the row that went


def test_a_button_without_a_row_asks_for_one(admin: Visitor) -> None:
    answer = admin.post(PAGE, doing(typed(pairs_of(admin), (1, "c0", "typed")), "delete"))
    assert answer.status_code == 422
    assert "Choose a row first" in words(answer.text)
    assert rows_in(answer.text)[0][0] == "typed"


def test_new_rows_by_key_are_named(admin: Visitor, services: Services) -> None:
    page = "/blueprints/matrix/tables/freight"
    added = admin.post(page, doing(pairs_of(admin, page), "end")).text
    sent = typed(form_pairs(added, "table"), (4, "c0", "null"), (4, "c1", "parcel"), (1, "key", "note_only"))
    assert admin.post(page, doing(sent, "save")).status_code == 303
    assert draft_of(services) == MATRIX.replace("letter: [", "note_only: [").replace(
        'pallet: ["-", pallet]', 'pallet: ["-", pallet]\n      row_4:  [null, parcel]'
    )


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("parcel", "Row 2 has the name of another row: parcel."),
        ("Big one", "The name Big one of row 1 cannot be used: it must begin with a-z"),
    ],
)
def test_a_name_that_cannot_be_is_not_saved_and_not_lost(
    admin: Visitor, services: Services, key: str, wanted: str
) -> None:
    page = "/blueprints/matrix/tables/freight"
    answer = admin.post(page, doing(typed(pairs_of(admin, page), (1, "key", key)), "save"))
    assert answer.status_code == 422
    assert wanted in words(answer.text)
    assert rows_in(answer.text)[0][0] == key
    assert draft_of(services) == MATRIX


# Scenarios ----------------------------------------------------------------------------------------------------------


def test_rows_show_which_scenarios_hit_them(admin: Visitor) -> None:
    page = admin.post(PAGE, doing(pairs_of(admin), "cover")).text
    assert "Scenarios hit 2 of 4 rows." in words(page)
    marks = [words(mark) for mark in re.findall(r'<td class="b-hits".*?</td>', page, re.S)]
    assert marks[:4] == ["1 hit by 1 scenario", "none", "none", "1 hit by 1 scenario"]
    assert 'title="a large order needs the director"' in page


def test_the_marks_come_alone_when_asked_for(admin: Visitor) -> None:
    page = admin.post(f"{PAGE}/coverage", pairs_of(admin), **{**HX, "HX-Target": "span#covered"}).text
    assert "<html" not in page
    assert page.count("data-for=") == 4


def test_scenarios_do_not_run_over_errors(admin: Visitor) -> None:
    page = admin.post(PAGE, doing(typed(pairs_of(admin), (1, "c3", "nobody")), "cover")).text
    assert "The scenarios cannot run while the text has errors." in words(page)


# Two people ---------------------------------------------------------------------------------------------------------


def test_who_saves_second_sees_both_and_loses_nothing(
    admin: Visitor, signed_in: Callable[[str], Visitor], services: Services
) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    olga = signed_in("olga")
    mine, theirs = pairs_of(admin), pairs_of(olga)
    assert olga.post(PAGE, doing(typed(theirs, (1, "c4", "9")), "save")).status_code == 303
    sent = typed(mine, (2, "c4", "5"), (4, "note", "mine"))
    seen = admin.post(PAGE, doing(sent, "check")).text
    assert "Olga Strand saved this blueprint meanwhile." in words(seen)
    answer = admin.post(PAGE, doing(sent, "save"))
    assert answer.status_code == 409
    areas = [html.unescape(text) for text in re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.S)]
    theirs_now = draft_of(services)
    assert areas[1] == theirs_now
    both = theirs_now.replace('new,       "-",   director, 2]', 'new,       "-",   director, 5]')
    assert both != theirs_now
    assert areas[0] == both.replace("A colleague is enough.", "mine")


def test_what_is_found_is_told_of_the_rows_of_the_page_also_when_theirs_changed(admin: Visitor) -> None:
    mine = pairs_of(admin)
    added = admin.post(PAGE, doing(pairs_of(admin), "above", 1)).text
    theirs = typed(form_pairs(added, "table"), (1, "c0", ">= 900000"), (1, "c3", "director"), (1, "c4", "1"))
    assert admin.post(PAGE, doing(theirs, "save")).status_code == 303
    page = admin.post(PAGE, doing(typed(mine, (3, "c0", "[5000..100000)")), "check")).text
    assert [row for row, _ in under_rows(page)] == ["3"]


def test_a_row_changed_by_both_stands_there_twice(admin: Visitor, services: Services) -> None:
    mine = pairs_of(admin)
    assert admin.post(PAGE, doing(typed(pairs_of(admin), (1, "c4", "9")), "save")).status_code == 303
    answer = admin.post(PAGE, doing(typed(mine, (1, "c4", "7")), "save"))
    assert answer.status_code == 409
    area = html.unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.S)[0])
    assert [line.split("#")[0].split()[-1] for line in area.split("\n") if '">= 100000"' in line] == ["9]", "7]"]


def test_a_table_that_went_meanwhile_leaves_what_was_typed(admin: Visitor, services: Services) -> None:
    mine = typed(pairs_of(admin), (1, "note", "why: the board"))
    text = MATRIX.replace("tier: customer.tier\n      urgent", "tier: customer.tier\n      rush")
    assert admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"}).status_code == 303
    for do in ("save", "check", "end"):
        answer = admin.post(PAGE, doing(mine, do))
        assert answer.status_code == 409
        assert '# - ["&gt;= 100000", "-", "-", director, 1, "why: the board"]' in answer.text.replace("&#34;", '"')


def test_looking_at_a_table_that_went_says_so_in_place(admin: Visitor) -> None:
    mine = pairs_of(admin)
    text = MATRIX.replace("tier: customer.tier\n      urgent", "tier: customer.tier\n      rush")
    admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"})
    for part in ("found", "covered"):
        answer = admin.post(f"{PAGE}/{'check' if part == 'found' else 'coverage'}", mine, **{**HX, "HX-Target": part})
        assert answer.status_code == 409
        assert "Somebody changed the columns of this table meanwhile." in words(answer.text)
        assert "<html" not in answer.text


def test_a_version_published_meanwhile_is_shown(admin: Visitor, services: Services, clock: Any) -> None:
    mine = typed(pairs_of(admin), (2, "c4", "5"))
    publish(services.store, MATRIX.replace("director, 1]", "director, 8]"), clock(), number=2)
    assert admin.post(PAGE, doing(mine, "save")).status_code == 409


def test_a_restart_takes_what_was_typed_before(admin: Visitor, services: Services, settings: Settings) -> None:
    sent = typed(pairs_of(admin), (1, "c4", "3"))
    again = Visitor(make_app(settings, services).test_client())
    again.sign_in("admin")
    assert again.post(PAGE, doing(sent, "save")).status_code == 303
    assert "director, 3]   # the board's rule" in draft_of(services)


def test_a_session_that_ended_takes_nothing_away(admin: Visitor, clock: Any, services: Services) -> None:
    sent = typed(pairs_of(admin), (2, "c4", "6"))
    token = ("csrf_token", admin.token())
    clock.pass_by(hours=13)
    refused = admin.post(PAGE, [*doing(sent, "save"), token], csrf=False)
    assert refused.status_code == 401
    values = {**dict(form_pairs(refused.text, "/sign-in")), "email": "admin@acme.example", "password": PASSWORD}
    kept = form_pairs(admin.post("/sign-in", values).text, PAGE)
    assert admin.post(PAGE, kept).status_code == 303
    assert draft_of(services) == MATRIX.replace('new,       "-",   director, 2]', 'new,       "-",   director, 6]')


# What cannot be shown, access, bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [("    out:\n", "    out: [\n"), ("total: order.total", "total: order.nothing"), ("    rows:\n", "    rows: 1\n")],
    ids=["no YAML", "no such field", "no rows"],
)
def test_a_table_that_cannot_be_read_says_so_and_leads_to_the_text(admin: Visitor, before: str, after: str) -> None:
    text = MATRIX.replace(before, after, 1)
    admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"})
    answer = admin.get(PAGE)
    assert answer.status_code == 200
    assert "This table cannot be shown as a grid" in words(answer.text)
    assert 'href="/blueprints/matrix#line-' in answer.text


def test_a_row_with_too_many_cells_is_shown_and_can_be_mended(admin: Visitor, services: Services) -> None:
    text = MATRIX.replace('["[10000..100000)",    new,', "[[10000..100000),    new,").replace(
        '["[10000..100000)",    "silver, gold"', '["[10000..100000)",    silver, gold'
    )
    text = text.replace("[[10000..100000),    new,", '["[10000..100000)",    new,')
    admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"})
    page = admin.get(PAGE).text
    assert rows_in(page)[2] == ["[10000..100000)", "silver", "gold", "-", "manager, 2", ""]
    assert [row for row, _ in under_rows(page)] == ["3"]
    sent = typed(
        form_pairs(page, "table"), (3, "c1", "silver, gold"), (3, "c2", "-"), (3, "c3", "manager"), (3, "c4", "2")
    )
    assert admin.post(PAGE, doing(sent, "save")).status_code == 303
    assert "No problem: no gap" in words(admin.get(PAGE).text)


def test_only_administrators_of_the_blueprint_come_in(
    signed_in: Callable[[str], Visitor], services: Services, matrix: str
) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    anna, olga = signed_in("anna"), signed_in("olga")
    pages = ["/blueprints/matrix/tables", PAGE]
    assert [(anna.get(page).status_code, olga.get(page).status_code) for page in pages] == [(403, 200)] * 2
    posts = [*pages, f"{PAGE}/check", f"{PAGE}/coverage"]
    sent = pairs_of(olga)
    assert [anna.post(page, doing(sent, "save")).status_code for page in posts] == [403] * 4


def test_what_is_not_there_is_not_found(admin: Visitor) -> None:
    pages = ["/blueprints/nothing/tables", "/blueprints/nothing/tables/approvers", "/blueprints/matrix/tables/nothing"]
    assert [admin.get(page).status_code for page in pages] == [404] * 3


def test_nobody_who_is_not_signed_in_comes_in(visitor: Visitor, matrix: str) -> None:
    assert visitor.get(PAGE).headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda pairs: [pair for pair in pairs if pair[0] != "c1"],
        lambda pairs: [*pairs, ("row", "+")],
        lambda pairs: [(name, text) for name, text in pairs if name != "out"],
        lambda pairs: [],
    ],
    ids=["a column less", "a row without cells", "no outputs", "nothing"],
)
def test_what_no_page_sends_is_refused(admin: Visitor, spoiled: Callable[[list[Pair]], list[Pair]]) -> None:
    assert admin.post(PAGE, doing(spoiled(pairs_of(admin)), "save")).status_code == 400


def test_a_character_that_cannot_be_kept_stays_in_its_cell_is_told_and_blocks(admin: Visitor) -> None:
    sent = typed(pairs_of(admin), (1, "c0", "a\x00b"), (2, "c0", ">= 77"))
    answer = admin.post(PAGE, doing(sent, "save"))
    cells = [text for name, text in form_pairs(answer.text, "table") if name == "c0"]
    assert (answer.status_code, cells[:2]) == (422, ["a\x00b", ">= 77"])
    assert "Row 1 holds invisible characters." in words(answer.text)


def test_odd_numbers_and_buttons_do_no_harm(admin: Visitor, services: Services) -> None:
    sent = typed(pairs_of(admin), (1, "row", "99999"), (2, "row", "-1"), (3, "row", "x"))
    for do in ("gap.7", "gap.x", "what", "up"):
        assert admin.post(PAGE, doing(sent, do)).status_code == 422
    assert admin.post(PAGE, doing(sent, "delete", 77)).status_code == 422
    assert draft_of(services) == MATRIX


def test_the_last_row_can_go_and_another_come(admin: Visitor) -> None:
    sent = pairs_of(admin)
    for _ in range(4):
        page = admin.post(PAGE, doing(sent, "delete", 1)).text
        sent = form_pairs(page, "table")
    assert rows_in(page) == []
    assert admin.post(PAGE, doing(sent, "save")).status_code == 303
    again = admin.post(PAGE, doing(pairs_of(admin), "end")).text
    assert rows_in(again) == [["-", "-", "-", "", "", ""]]


def test_a_large_table_is_drawn(admin: Visitor, app: Flask) -> None:
    rows = "".join(f'      - ["{at}", new, "-", sales, 1]\n' for at in range(300))
    text = MATRIX.replace(ROWS, rows)
    admin.post("/blueprints/matrix", {"source": text, "revision": "0", "_do": "save"})
    page = admin.get(PAGE).text
    assert len(rows_in(page)) == 300
    assert len(page) < 500_000
    assert admin.post(PAGE, doing(typed(form_pairs(page, "table"), (300, "c4", "2")), "save")).status_code == 303
