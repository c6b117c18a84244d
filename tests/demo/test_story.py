"""The story of the demo: told in full whatever the day, by the right people, during working hours."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.asked_engine import AskedEngine
from tests.engine.records.told import row_texts

from blankett.demo import ORGANISATION, build_demo, people
from blankett.demo.people import LEAVE, ORDERS
from blankett.demo.working_time import ZONE
from blankett.engine.access import load_actor
from blankett.engine.fields.reader import Reader
from blankett.engine.records import Actor, ListPage, ListRequest, ListRow, RecordView, TimelineEntry
from blankett.engine.store import Store
from blankett.forms.list_text import column_texts

ENGLISH = Reader.of_language("en")
FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)

#: Form → state → how many; what everybody finds, whatever the day.
STATES = {
    "order": {
        "approved": 2,
        "cancelled": 3,
        "clarification": 1,
        "closed": 25,
        "delivered": 2,
        "draft": 3,
        "invoiced": 6,
        "packed": 2,
        "picking": 2,
        "released": 3,
        "review": 7,
        "shipped": 3,
    },
    "quotation": {"accepted": 3, "declined": 2, "draft": 1, "expired": 1, "sent": 3},
    "complaint": {
        "closed": 4,
        "investigating": 2,
        "proposed": 1,
        "received": 2,
        "rejected": 1,
        "waiting": 1,
    },
    "return_request": {
        "awaited": 2,
        "in_repair": 1,
        "inspected": 1,
        "refused": 1,
        "requested": 1,
        "settled": 4,
    },
    "leave_request": {
        "approved": 1,
        "booked": 2,
        "called_off": 1,
        "draft": 1,
        "refused": 1,
        "requested": 2,
        "taken": 4,
    },
}


class Company:
    """The demo as its people see it at the end of the story."""

    def __init__(self, now: datetime, store: Store | None = None) -> None:
        self.now = now
        self.store = store or Store("sqlite://")
        self.store.create_schema()
        build_demo(self.store, now, password="a hash")
        self.engine = AskedEngine(self.store, lambda: now)

    def rows(self, who: str, blueprint: str, form: str, view: str = "all") -> tuple[ListRow, ...]:
        """Return the rows of a list as *who* sees it."""
        return self.page(who, blueprint, form, view).rows

    def page(self, who: str, blueprint: str, form: str, view: str = "all") -> ListPage:
        """Return a list as *who* sees it."""
        request = ListRequest(blueprint=blueprint, form=form, list=view, limit=100)
        page = self.engine.query(self.actor(who), request)
        assert isinstance(page, ListPage)
        return page

    def actor(self, who: str) -> Actor:
        """Return a person of the story."""
        with self.store.reading() as reading:
            actor = load_actor(reading, ORGANISATION, who)
        assert actor is not None
        return actor

    def view(self, who: str, id: str) -> RecordView:
        """Return a record as *who* sees it."""
        view = self.engine.open(self.actor(who), id)
        assert view is not None
        return view

    def states(self, form: str) -> dict[str, int]:
        """Return how many records of *form* are in each state."""
        with self.store.reading() as reading:
            found = reading.connection.exec_driver_sql(
                "select state from record where form in (select number from known_name where name like ?) "
                "order by state",
                (f"%.{form}",),
            )
            return dict(Counter(row[0] for row in found))


@pytest.fixture(scope="module", params=[FRIDAY, SUNDAY_NIGHT], ids=["on a Friday", "on a Sunday night"])
def company(request: pytest.FixtureRequest) -> Company:
    """Return the demo, built at some moment."""
    return Company(request.param)


@pytest.fixture(scope="module")
def timelines(company: Company) -> list[TimelineEntry]:
    """Return everything that happened to orders."""
    rows = company.rows("mette", ORDERS, "order")
    return [entry for row in rows for entry in company.view("mette", row.id).timeline]


@pytest.mark.parametrize("form", STATES)
def test_records_are_in_every_stage_whatever_the_day(company: Company, form: str) -> None:
    assert company.states(form) == STATES[form]


def test_invoices_are_paid_unpaid_reminded_and_credited(company: Company) -> None:
    found = company.states("invoice")
    assert found.pop("issued") + found.pop("overdue") == 5
    assert found == {"credited": 1, "paid": 22, "prepared": 1}


def test_everybody_who_works_with_orders_has_something_to_do(company: Company) -> None:
    busy = {person.key for person in people() if company.engine.inbox(company.actor(person.key)).items}
    assert busy >= {"anna", "jonas", "wang", "mette", "lars", "henrik", "na", "ellen", "signe", "zhang", "petra"}


def test_an_order_that_came_back_shows_it_in_its_timeline(company: Company) -> None:
    row = next(
        row
        for row in company.rows("mette", ORDERS, "order")
        if "Kvist" in row.title and row.state and row.state.key == "draft"
    )
    view = company.view("jonas", row.id)
    told = [entry for entry in reversed(view.timeline) if entry.kind == "act"]
    assert [
        (entry.user.title, tuple(taken.title for taken in entry.actions), entry.inputs)
        for entry in sorted(told, key=lambda entry: entry.sequence)
    ] == [
        ("Jonas Weber", ("Submit for review",), ()),
        ("Mette Holm", ("Send back",), (("What must change", "The promised date is a public holiday in Denmark."),)),
    ]


def test_old_notices_have_been_read(company: Company) -> None:
    with company.store.reading() as reading:
        unread = {person.key: reading.unread_count(ORGANISATION, person.key) for person in people()}
        told = len(reading.notifications(ORGANISATION, "mette", limit=100))
    assert told > 40
    assert 1 <= unread["mette"] <= 4
    assert sum(unread.values()) <= 12


def test_finance_finds_the_order_that_is_held_and_why(company: Company) -> None:
    (row,) = company.rows("ellen", ORDERS, "order", "on_hold")
    view = company.view("ellen", row.id)
    assert (view.title.split(maxsplit=1)[1], view.values["hold"]) == ("Malmö Verkstad AB", True)
    assert "lift_hold" in {action.key for action in view.actions if action.is_enabled}
    with company.store.reading() as reading:
        decided = [
            each["key"]
            for event in reading.events(ORGANISATION, row.id, limit=20)
            for each in event.payload.get("decisions", ())  # type: ignore[attr-defined]
        ]
    assert {"credit_hold", "approvers"} <= set(decided)


def test_the_director_decides_what_is_large_and_what_is_given_away(company: Company) -> None:
    waiting = {row.title.split(maxsplit=1)[1] for row in company.rows("lars", ORDERS, "order", "for_director")}
    assert waiting == {"Malmö Verkstad AB", "Müller Fördertechnik GmbH", "宁波海拓工业品有限公司"}


def test_special_orders_are_marked_with_their_codes(company: Company) -> None:
    codes = Counter(text[:2] for text in column_texts(company.page("signe", ORDERS, "order", "special"), 0, ENGLISH))
    assert codes == {"RX": 3, "GT": 1, "RU": 1}


def test_late_orders_are_few(company: Company) -> None:
    assert 1 <= len(company.rows("mette", ORDERS, "order", "late")) <= 6


def test_leave_is_seen_by_human_resources(company: Company) -> None:
    assert len(company.rows("petra", LEAVE, "leave_request")) == 12


def test_everything_happened_at_work_and_in_the_past(company: Company, timelines: list[TimelineEntry]) -> None:
    moments = sorted(entry.at.astimezone(ZONE) for entry in timelines)
    assert moments[-1] <= company.now
    assert (company.now - moments[0]).days > 110
    assert [at for at in moments if at.weekday() > 4 or not 8 <= at.hour <= 17] == []


def test_colleagues_comment_in_their_languages(timelines: list[TimelineEntry]) -> None:
    comments = {entry.comment for entry in timelines if entry.comment}
    assert {"Good to see them back.", "老客户，去年订过同样的货架。"} <= comments
    assert len(comments) >= 15


def test_people_sign_in_with_the_password_given(company: Company) -> None:
    with company.store.reading() as reading:
        users = reading.all_users(ORGANISATION)
    assert {(user.id, user.email, user.password) for user in users} == {
        (person.key, person.email, "a hash") for person in people()
    }


@pytest.mark.parametrize("company", [FRIDAY], indirect=True, ids=["on a Friday"])
def test_a_database_on_disk_is_filled_too_and_the_story_is_the_same(company: Company, tmp_path: Path) -> None:
    again = Company(company.now, Store(f"sqlite:///{tmp_path}/demo.db"))
    assert words_of_orders(again) == words_of_orders(company)
    again.store.close()


def words_of_orders(company: Company) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what all orders say, but for their ids, in an order of their own: drafts have no number."""
    page = company.page("mette", ORDERS, "order")
    texts = row_texts(page)
    return sorted((row.number or "", row.title, said) for row, said in zip(page.rows, texts, strict=True))
