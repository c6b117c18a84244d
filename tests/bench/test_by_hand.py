"""The twin written by hand: it answers posts as the product does, and its pages read the same and weigh the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bench.browser import Answer, forms_in
from bench.by_hand.app import create_app
from bench.by_hand.ground import TwinGround
from bench.clerk import LIST, Clerk
from bench.ground import lay
from bench.profiling import InProcess, clerk_in_process

#: How far the bytes of a page may be from those of the product's.
NEAR = 0.1
Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Pair:
    """Two clerks on the same data: one at the product, one at the twin."""

    product: Clerk
    twin: Clerk

    def __iter__(self) -> Iterator[Clerk]:
        return iter((self.product, self.twin))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("twin")
    twin_file = str(folder / "by_hand.sqlite")
    ground = lay(f"sqlite:///{folder / 'blankett.sqlite'}", 160, also=TwinGround(twin_file))
    with pytest.MonkeyPatch.context() as patched:
        for name in ("BLANKETT_MODE", "BLANKETT_DATA", "BLANKETT_DATABASE"):
            patched.setenv(name, "")  # what `clerk_in_process` sets is taken back
        product = clerk_in_process(folder, ground)
        app = create_app(twin_file, "secret" * 8)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        twin = Clerk(InProcess(app.test_client(use_cookies=False)), ground)
        twin.sign_in()
        yield Pair(product, twin)
        app.extensions["database"].close()


class _Words(HTMLParser):
    """Collects what a page says: the words of its main part, the values of its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside = self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside += tag == "main" or tag == "hx-partial"
        self._skipped += tag == "template"
        if self._inside and not self._skipped and tag == "input" and given.get("type", "text") == "text":
            self.words.append(f"[{given.get('value')}]")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "main" or tag == "hx-partial"
        self._skipped -= tag == "template"

    def handle_data(self, data: str) -> None:
        if self._inside and not self._skipped:
            self.words += data.split()


def words_of(page: str) -> str:
    """Return what a page says to its reader, in one line."""
    reader = _Words()
    reader.feed(page)
    return re.sub(r"\s+([,.?…])", r"\1", " ".join(reader.words))


def problems_in(page: str) -> list[str]:
    """Return the sentences of the summary of what is wrong."""
    summary = page.partition('id="errors"')[2].partition("</ul>")[0]
    return re.findall(r'<li><(?:a href="[^"]*"|span[^>]*)>([^<]*)<', summary)


def ask(clerk: Clerk, path: str, fields: Fields, **headers: str) -> Answer:
    """Post a form and return the answer, whatever it is."""
    browser = clerk.browser
    assert isinstance(browser, InProcess)
    kind = {
        "content_type": "application/x-www-form-urlencoded",
        "headers": {"Cookie": browser.cookie_header(), **headers},
    }
    from urllib.parse import urlencode

    response = browser.client.open(path, method="POST", data=urlencode(fields), **kind)
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers}, response.text)


def order_fields(clerk: Clerk, intent: str, who: int = 1, **typed: str) -> Fields:
    """Return an order form as a browser sends it; *typed* takes the place of what is in it, of lines as `quantity`."""
    ground = clerk.ground
    values = {
        "customer": f"Customer {who}", "_picked": f"customer={ground.customers[who]}|Customer {who}",
        "channel": "phone", "reference": "R", "ordered": "2026-03-02", "currency": "", "payment_days": "30",
        "deliver_to": "", "promised": "2026-04-02", "urgent": "no", "discount": "", "lines": "",
    }  # fmt: skip
    fields = [("csrf_token", clerk.token), ("_intent", intent)]
    fields += [(name, typed.get(name, value)) for name, value in values.items()]
    for number in range(5):
        path, product = f"lines.+{number:016}", number * 7
        name = typed.get("product", f"Product {product}")
        fields += [
            (f"{path}.product", name),
            ("_picked", f"{path}.product={ground.products[product]}|Product {product}"),
            (f"{path}.quantity", typed.get("quantity", str(number + 2))),
            (f"{path}.price", typed.get("price", "")),
        ]
    return fields


def make(clerk: Clerk, intent: str, do: str = "save", who: int = 1, **typed: str) -> str:
    """Make an order and return its address."""
    answer = ask(clerk, f"{LIST}/new", [*order_fields(clerk, intent, who, **typed), ("_do", do)])
    assert answer.status == 303, problems_in(answer.body)
    return answer.location


def act(clerk: Clerk, order: str, action: str, revision: int, **more: str) -> Answer:
    """Take an action."""
    sent = [("csrf_token", clerk.token), ("_intent", f"{order}{action}{revision}"), ("_revision", str(revision))]
    return ask(clerk, f"{order}/actions/{action}", [*sent, *more.items()])


def edit(clerk: Clerk, order: str, **typed: str) -> Answer:
    """Change an order as its form shows it."""
    return ask(clerk, f"{order}/edit", [*edit_fields(clerk, order, **typed), ("_do", "save")])


def edit_fields(clerk: Clerk, order: str, **typed: str) -> Fields:
    """Return the fields of an order's form with *typed* in them."""
    page = clerk.browser.get(f"{order}/edit").body
    (form,) = (each for each in forms_in(page) if each.action == f"{order}/edit")
    return form.filled(**typed)


def record(clerk: Clerk, order: str) -> str:
    """Return what an order's page says once the message about what was done is gone."""
    clerk.browser.get(order)
    return words_of(clerk.browser.get(order).body)


def heading(answer: Answer) -> str:
    """Return the heading of a page."""
    return re.sub(r"<[^>]+>", "", re.findall(r"<h1[^>]*>(.*?)</h1>", answer.body, re.DOTALL)[0])


# Pages ----------------------------------------------------------------------------------------------------------------


def six_events(clerk: Clerk) -> str:
    """Make an order with six events, too large to be approved, and return its address."""
    order = make(clerk, "six", who=5, discount="12.5", quantity="90000")
    assert [act(clerk, order, "submit", 1).status, act(clerk, order, "send_back", 2, reason="again").status] == [
        303,
        303,
    ]
    assert edit(clerk, order, reference="Six").status == 303
    assert act(clerk, order, "submit", 4).status == 303
    assert edit(clerk, order, channel="web", reference="Six and more").status == 303
    return order


def test_pages_say_the_same_and_weigh_the_same(pair: Pair) -> None:
    reviewed = f"/records/{pair.product.ground.in_review[-1]}"
    orders = [six_events(clerk) for clerk in pair]
    pages = {
        "list": [f"{LIST}?record.state=shipped&sort=-ordered"] * 2,
        "sorted": [f"{LIST}?channel=web&sort=total"] * 2,
        "copied": [reviewed] * 2,
        "record": orders,
        "new": [f"{LIST}/new"] * 2,
        "edit": [f"{order}/edit" for order in orders],
        "inbox": ["/inbox"] * 2,
        "ask": [f"{order}/actions/send_back" for order in orders],
    }
    for name, addresses in pages.items():
        for clerk, address in zip(pair, addresses, strict=True):
            clerk.browser.get(address)  # tells what was done before, once
        product, twin = (clerk.browser.get(address).body for clerk, address in zip(pair, addresses, strict=True))
        assert words_of(twin).split() == words_of(product).split(), name
        assert len(twin.encode()) == pytest.approx(len(product.encode()), rel=NEAR), name


def test_recalculation_says_the_same_and_weighs_the_same(pair: Pair) -> None:
    for customer in (1, 5, 3):
        fields = [order_fields(clerk, "typed", customer, discount="10") for clerk in pair]
        product, twin = (
            ask(clerk, f"{LIST}/new/recalculate", sent, **{"HX-Request": "true", "X-CSRFToken": clerk.token}).body
            for clerk, sent in zip(pair, fields, strict=True)
        )
        assert words_of(twin) == words_of(product)
        assert len(twin.encode()) == pytest.approx(len(product.encode()), rel=NEAR)


# Posts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "typed"),
    [
        (1, {}),
        (3, {"price": ""}),
        (5, {"discount": "12.55"}),
        (5, {"discount": "10 %", "currency": "DKK", "deliver_to": "Elsewhere 1", "urgent": "yes"}),
        (1, {"discount": "20", "price": "17.25"}),
        (1, {"promised": "", "channel": "", "reference": "", "payment_days": ""}),
    ],
    ids=["filled", "converted", "discounted", "typed over", "not gold", "not finished"],
)
def test_what_is_made_is_the_same(
    pair: Pair, who: int, typed: Mapping[str, str], request: pytest.FixtureRequest
) -> None:
    made = [record(clerk, make(clerk, request.node.name, who=who, **typed)) for clerk in pair]
    assert made[1] == made[0]


@pytest.mark.parametrize(
    "typed",
    [
        {"promised": "2020-01-01"},
        {"promised": "", "channel": ""},
        {"customer": "", "_picked": ""},
        {"customer": "nobody"},
        {"payment_days": "x", "ordered": "nonsense", "promised": "2026-99-99"},
        {"payment_days": "91"},
        {"payment_days": "-1", "channel": "fax", "currency": "USD", "reference": "x" * 50},
        {"quantity": "abc"},
        {"quantity": ""},
        {"quantity": "1.5"},
        {"quantity": "0"},
        {"price": "-5"},
        {"price": "12.345"},
        {"product": "Nothing"},
    ],
    ids=str,
)
@pytest.mark.parametrize("do", ["save", "action.submit"])
def test_what_is_wrong_is_told_the_same(pair: Pair, do: str, typed: Mapping[str, str]) -> None:
    intent = f"{do}{typed}"
    answers = [ask(clerk, f"{LIST}/new", [*order_fields(clerk, intent, **typed), ("_do", do)]) for clerk in pair]
    product, twin = ((answer.status, problems_in(answer.body)) for answer in answers)
    assert twin == product


@pytest.mark.parametrize("discount", ["40", "-1", "x", "100%"])
def test_a_wrong_discount_is_told_the_same(pair: Pair, discount: str) -> None:
    sent = [[*order_fields(clerk, f"d{discount}", 5, discount=discount), ("_do", "save")] for clerk in pair]
    answers = [ask(clerk, f"{LIST}/new", fields) for clerk, fields in zip(pair, sent, strict=True)]
    found = [(answer.status, problems_in(answer.body)) for answer in answers]
    assert found[1] == found[0]
    assert found[0][0] == 422


def test_the_same_form_sent_twice_makes_one_order(pair: Pair) -> None:
    numbers = []
    for clerk in pair:
        first, second, third = (make(clerk, intent) for intent in ("twice", "twice", "not twice"))
        assert first == second != third
        numbers.append([re.findall(r"SO-\d+-\d+", record(clerk, order))[0] for order in (first, third)])
    assert numbers[1] == numbers[0]
    assert int(numbers[0][1][-6:]) == int(numbers[0][0][-6:]) + 1


def test_a_refused_action_is_told_the_same(pair: Pair) -> None:
    found: list[Sequence[object]] = []
    for clerk in pair:
        large = make(clerk, "large", "action.submit", quantity="40000")
        answers = [
            act(clerk, large, "approve", 1),
            act(clerk, large, "ship", 1),
            act(clerk, large, "send_back", 1),
            act(clerk, large, "nothing", 1),
            ask(clerk, f"{large}/actions/cancel", [("_revision", "1")]),
        ]
        found.append([(each.status, heading(each), problems_in(each.body)) for each in answers[:3]])
        assert [each.status for each in answers[3:]] == [404, 400]
        assert "revision 1 " in record(clerk, large)
    assert found[1] == found[0]


def test_what_came_in_between_is_told_the_same(pair: Pair) -> None:
    found: list[Sequence[object]] = []
    for clerk in pair:
        order = make(clerk, "between")
        mine, other = edit_fields(clerk, order, reference="Mine"), edit_fields(clerk, order, channel="web")
        assert edit(clerk, order, reference="Theirs").status == 303
        answers = [ask(clerk, f"{order}/edit", [*fields, ("_do", "save")]) for fields in (mine, other)]
        answers.append(act(clerk, order, "submit", 1))
        found.append([(each.status, heading(each), re.findall(r"Nothing is lost[^<]*", each.body)) for each in answers])
        found[-1] = [*found[-1], record(clerk, order)]
    assert found[1] == found[0]


def test_changes_are_stored_and_told_the_same(pair: Pair) -> None:
    told = []
    for clerk in pair:
        order = make(clerk, "changed", who=5, discount="10")
        picked = f"customer={clerk.ground.customers[3]}|Customer 3"
        fields = edit_fields(clerk, order, customer="Customer 3", promised="01/05/2026")
        fields = [
            (name, picked if name == "_picked" and value.startswith("customer=") else value) for name, value in fields
        ]
        assert ask(clerk, f"{order}/edit", [*fields, ("_do", "save")]).status == 303
        told.append(re.sub(r"\d+ changes followed.*?Clerk created", "Clerk created", record(clerk, order)))
    assert told[1] == told[0]


def test_somebody_who_is_not_signed_in_sees_the_sign_in_page(pair: Pair) -> None:
    for clerk in pair:
        browser = clerk.browser
        kept, browser.cookies = browser.cookies, {}
        assert "/sign-in" in browser.get(LIST, expect=303).headers["location"]
        browser.cookies = kept
