"""Letters: what is written into the outbox, how it reads, to whom it may go; each is sent once and in order."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from tests.engine.records.company import Company
from tests.jobs import do_jobs

from blankett.engine.checks import check_blueprint
from blankett.engine.letters import delivery
from blankett.engine.letters.composition import Letter, Unsendable, compose, may_read
from blankett.engine.letters.delivery import AT_IT_FOR, MOST_TRIES, send_again
from blankett.engine.letters.markdown import as_markdown, to_html
from blankett.engine.letters.transport import (
    SETTING,
    MailServer,
    MailSetting,
    Undelivered,
    mail_setting,
    setting_text,
    written_mail,
)
from blankett.engine.records import Command, Refusal
from blankett.engine.scenarios.stage import ORGANISATION, WORKSPACE
from blankett.engine.store.outbox import LetterState, StoredLetter, changed

SHOP = """
blueprint: shop
language: 1
languages: [en, zh]
title: Shop
roles: {clerk: {}, boss: {}}
forms:
  order:
    show: "{name}"
    fields:
      name: {type: long_text}
      mail: {type: email}
      speaks: {type: text}
      cost: {type: number, private: [boss]}
    states: {new: {start: true}, sent: {}, done: {final: true}}
    actions:
      send:
        from: [new, sent]
        to: sent
        by: [clerk, boss]
        effects:
          - notify: {role: boss, send: news}
          - notify: {address: mail, language: speaks, send: on_its_way}
      close: {from: sent, to: done, by: boss}
    grants: [{who: [clerk, boss], may: all}]
messages:
  news: {subject: "{name} was sent", body: "It costs **{cost}**."}
  on_its_way:
    subject: "Your order {name}"
    body: |
      Dear customer,

      *{name}* is on its way:

      - [follow it](https://example.com/{name})
translations:
  zh:
    messages:
      news: {subject: "{name} 已发出", body: "价格 **{cost}**。"}
      on_its_way: {subject: "您的订单 {name}", body: "*{name}* 已发出。"}
"""


@pytest.fixture
def shop() -> Company:
    return Company(SHOP, ben="boss", boss="boss")


def ordered(shop: Company, name: str = "Pump", **values: object) -> str:
    """Make an order and send it; return its id."""
    record = shop.done("ben", "order", name=name, **{"mail": "kim@example.com", **values}).record
    shop.done("ben", "order", record, action="send")
    return record


def letters(shop: Company, state: LetterState) -> list[StoredLetter]:
    """Return the letters in a state, the oldest first."""
    with shop.engine.store.reading() as reading:
        return reading.letters(ORGANISATION, [state], 50)[::-1]


def read(shop: Company, letter: StoredLetter, site: str = "") -> Letter:
    """Return a letter as its reader has it."""
    with shop.engine.store.reading() as reading:
        found = compose(shop.engine, reading, letter, site)
    assert isinstance(found, Letter), found
    return found


class Post:
    """Takes letters, unless it is told what to say first."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.says: list[Exception | None] = []

    def send(self, letter: Letter, key: str, at: object) -> None:
        if self.says and (said := self.says.pop(0)) is not None:
            raise said
        self.taken.append((letter.address, letter.subject))


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post()
    monkeypatch.setattr(delivery.send_next, "__kwdefaults__", None)
    monkeypatch.setattr(delivery.send_next, "__defaults__", (lambda _: made,))
    return made


# To whom, and how it reads --------------------------------------------------------------------------------------------


def test_a_letter_reads_as_its_reader_does_with_what_they_may_read(shop: Company) -> None:
    ordered(shop, cost=Decimal(5))
    to_boss, to_customer = letters(shop, "waiting")
    boss = read(shop, to_boss, "https://shop.example.com/")
    assert (boss.name, boss.subject) == ("boss", "Pump was sent")
    assert boss.text == f"It costs **5**.\n\nhttps://shop.example.com/records/{to_boss.record}"
    assert boss.html.startswith("<p>It costs <strong>5</strong>.</p>\n")
    customer = read(shop, to_customer)
    assert (customer.address, customer.subject) == ("kim@example.com", "Your order Pump")
    assert customer.html == (
        "<p>Dear customer,</p>\n<p><em>Pump</em> is on its way:</p>\n<ul>\n<li>"
        '<a href="https://example.com/Pump" rel="noopener noreferrer">follow it</a></li>\n</ul>\n'
    )


def test_a_letter_to_a_customer_is_in_their_language(shop: Company) -> None:
    ordered(shop, speaks="zh")
    assert read(shop, letters(shop, "waiting")[1]).html == "<p><em>Pump</em> 已发出。</p>\n"


@pytest.mark.parametrize("language", ["fr", "zh\r\nBcc: all@example.com", '"><b>'])
def test_a_letter_in_a_language_that_nobody_wrote_is_in_the_first(shop: Company, language: str) -> None:
    ordered(shop)
    letter = replace(letters(shop, "waiting")[1], language=language)
    found = read(shop, letter)
    assert (found.language, found.subject) == ("en", "Your order Pump")


def test_who_may_not_read_a_letter_is_told_none_of_it_though_something_was_left_out() -> None:
    shop = Company(SHOP, ben="boss", boss="boss", cleo="clerk")
    ordered(shop, "Pump (hidden)", cost=Decimal(5))
    to_boss, to_customer = letters(shop, "waiting")
    cleo = shop.actor("cleo")
    with shop.engine.store.reading() as reading:
        unit = shop.engine.unit(reading, cleo)
        assert [may_read(unit, each) for each in (to_boss, to_customer)] == [False, True]


def test_a_value_is_only_said_whatever_it_holds(shop: Company) -> None:
    wicked = "*x* <b>y</b> [z](javascript:alert(1)) # 1. `q`"
    ordered(shop, wicked)
    found = read(shop, letters(shop, "waiting")[1])
    assert found.subject == f"Your order {wicked}"
    assert "<em>*x* &lt;b&gt;y&lt;/b&gt; [z](javascript:alert(1)) # 1. `q`</em>" in found.html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("<script>x</script>**b**", "<p>&lt;script&gt;x&lt;/script&gt;<strong>b</strong></p>\n"),
        (
            "![x](https://a.example/p.png)",
            '<p>!<a href="https://a.example/p.png" rel="noopener noreferrer">x</a></p>\n',
        ),
        (as_markdown("a\n\n    b\n1. c"), "<p>a<br>\nb<br>\n1. c</p>\n"),
    ],
)
def test_html_of_a_letter_runs_and_loads_nothing(text: str, html: str) -> None:
    assert to_html(text) == html


def test_nobody_is_sent_what_they_may_not_read_when_it_is_sent(shop: Company, post: Post) -> None:
    ordered(shop, cost=Decimal(5))
    shop.people["boss"] = frozenset({"clerk"})
    shop.actor("boss")
    do_jobs(shop.engine)
    assert post.taken == [("kim@example.com", "Your order Pump")]
    assert [(each.reader, each.reason) for each in letters(shop, "stopped")] == [
        (shop.actor("boss").user, "letters.why_not_readable")
    ]


def test_more_addresses_than_one_action_writes_to_are_refused_and_nothing_is_sent() -> None:
    shop = Company(SHOP.replace("address: mail,", "address: 'split(name, \" \")',"), ben="boss", boss="boss")
    few, many = (" ".join(f"{number}@example.com" for number in range(count)) for count in (200, 201))
    ordered(shop, f"{few} 0@example.com")
    assert len(letters(shop, "waiting")) == 50
    record = shop.done("ben", "order", name=many).record
    command = Command(
        intent="", actor=shop.actor("ben"), blueprint="shop", form="order", record=record, workspace=WORKSPACE,
        action="send",
    )  # fmt: skip
    answer = shop.engine.apply(command)
    assert isinstance(answer, Refusal)
    assert [(each.message, dict(each.params)) for each in answer.problems] == [
        ("effect.too_many_addresses", {"limit": 200, "count": 201})
    ]


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a b@c.example"])
def test_an_address_that_is_none_stops_its_letter_alone(shop: Company, post: Post, address: str) -> None:
    source = SHOP.replace("type: email", "type: text")
    other = Company(source, ben="boss", boss="boss")
    ordered(other, mail=address)
    do_jobs(other.engine)
    assert [each.reason for each in letters(other, "stopped")] == ["letters.why_bad_address"]
    assert [subject for _, subject in post.taken] == ["Pump was sent"]


# Sent once, in order --------------------------------------------------------------------------------------------------


def test_letters_about_a_record_go_in_order_and_once(shop: Company, post: Post) -> None:
    record = ordered(shop, "One")
    shop.done("ben", "order", record, name="Two")
    shop.done("ben", "order", record, action="send")
    assert do_jobs(shop.engine) == ["done", "done"]
    assert [subject for _, subject in post.taken] == [
        "One was sent",
        "Your order One",
        "Two was sent",
        "Your order Two",
    ]
    assert do_jobs(shop.engine) == []
    assert len(letters(shop, "sent")) == 4


def test_what_a_server_does_not_take_now_is_tried_again_and_holds_up_what_follows(shop: Company, post: Post) -> None:
    post.says = [Undelivered("421 busy", is_final=False)]
    ordered(shop)
    assert do_jobs(shop.engine) == ["over"]
    assert (post.taken, [each.detail for each in letters(shop, "waiting")]) == ([], ["421 busy", ""])
    shop.stage.now += timedelta(minutes=1)
    do_jobs(shop.engine)
    assert [subject for _, subject in post.taken] == ["Pump was sent", "Your order Pump"]


def test_a_letter_that_is_refused_for_good_holds_nobody_up_and_can_be_sent_by_hand(shop: Company, post: Post) -> None:
    post.says = [Undelivered("550 no such person", is_final=True)]
    ordered(shop)
    do_jobs(shop.engine)
    (failed,) = letters(shop, "failed")
    assert (failed.reason, failed.detail) == ("letters.why_refused", "550 no such person")
    assert [subject for _, subject in post.taken] == ["Your order Pump"]
    with shop.engine.store.writing() as writing:
        assert send_again(writing, failed, shop.engine.clock())
        assert not send_again(writing, replace(failed, state="sent"), shop.engine.clock())
    do_jobs(shop.engine)
    assert [subject for _, subject in post.taken] == ["Your order Pump", "Pump was sent"]


def test_a_letter_that_nobody_takes_is_given_up(shop: Company, post: Post) -> None:
    post.says = [Undelivered("421 busy", is_final=False)] * MOST_TRIES
    ordered(shop)
    for _ in range(MOST_TRIES):
        do_jobs(shop.engine)
        shop.stage.now += timedelta(hours=13)
    assert [(each.tries, each.reason) for each in letters(shop, "failed")] == [(MOST_TRIES, "letters.why_gave_up")]
    assert [subject for _, subject in post.taken] == ["Your order Pump"]


def test_who_goes_on_with_a_killed_job_sends_again_and_nobody_else_does_meanwhile(shop: Company, post: Post) -> None:
    ordered(shop)
    letter = letters(shop, "waiting")[0]
    with shop.engine.store.writing() as writing:
        now = shop.engine.clock()
        writing.change_letter(replace(changed(letter, now, "sending", detail="the killed job"), tries=1))
    asked = (shop.engine, letter.organisation, letter.record)
    assert delivery.send_next(*asked, "another job") == "busy"
    assert delivery.send_next(*asked, "the killed job") == "sent"
    assert [each.tries for each in letters(shop, "sent")] == [2]
    (next_letter,) = letters(shop, "waiting")
    with shop.engine.store.writing() as writing:
        writing.change_letter(changed(next_letter, now, "sending", detail="a job that is gone"))
    shop.stage.now += AT_IT_FOR
    assert delivery.send_next(*asked, "another job") == "sent"


def test_a_command_that_comes_to_nothing_sends_nothing(shop: Company) -> None:
    record = ordered(shop)
    before = letters(shop, "waiting")
    shop.done("boss", "order", record, action="close")
    assert letters(shop, "waiting") == before


def test_letters_of_a_discarded_record_go_with_it(shop: Company) -> None:
    record = ordered(shop)
    with shop.engine.store.writing() as writing:
        writing.forget_letters(ORGANISATION, record)
    assert letters(shop, "waiting") == []


# The mail server ------------------------------------------------------------------------------------------------------

SETTING_OF_SHOP = MailSetting(host="mail.example.com", sender="shop@example.com", sender_name="The shop")


def test_the_same_letter_has_the_same_message_id_each_time(shop: Company) -> None:
    ordered(shop)
    letter = letters(shop, "waiting")[1]
    found = read(shop, letter)
    sent: EmailMessage = message_from_bytes(
        written_mail(SETTING_OF_SHOP, found, delivery.key_of(letter), letter.at).as_bytes(), policy=policy.default
    )
    assert sent["Message-ID"] == f"<{letter.organisation}.{letter.id}@example.com>"
    assert (sent["From"], sent["To"]) == ("The shop <shop@example.com>", "kim@example.com")
    assert (sent["Subject"], sent["Auto-Submitted"]) == ("Your order Pump", "auto-generated")
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]


def test_a_line_break_in_a_value_makes_no_second_header(shop: Company) -> None:
    ordered(shop, "Pump\r\nBcc: all@example.com")
    found = read(shop, letters(shop, "waiting")[1])
    assert found.subject == "Your order Pump Bcc: all@example.com"


@pytest.mark.parametrize(
    ("raised", "is_final", "said"),
    [
        (smtplib.SMTPRecipientsRefused({"kim@example.com": (550, b"no such person")}), True, "550 no such person"),
        (smtplib.SMTPRecipientsRefused({"kim@example.com": (451, b"later")}), False, "451 later"),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), False, "535 wrong"),
        (smtplib.SMTPSenderRefused(553, b"not yours", "shop@example.com"), False, "553 not yours"),
        (smtplib.SMTPConnectError(554, b"no service"), False, "554 no service"),
        (smtplib.SMTPDataError(554, b"spam"), True, "554 spam"),
        (smtplib.SMTPServerDisconnected("gone"), False, "SMTPServerDisconnected: gone"),
        (ConnectionRefusedError(111, "refused"), False, "ConnectionRefusedError: [Errno 111] refused"),
    ],
)
def test_what_a_mail_server_answers_says_whether_to_try_again(
    shop: Company, monkeypatch: pytest.MonkeyPatch, raised: Exception, is_final: bool, said: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    ordered(shop)
    letter = letters(shop, "waiting")[1]
    with pytest.raises(Undelivered) as told:
        MailServer(SETTING_OF_SHOP).send(read(shop, letter), "key", letter.at)
    assert (told.value.is_final, str(told.value)) == (is_final, said)


@pytest.mark.parametrize("address", ["a..b@example.com", "jürgen@example.com", "a[b@example.com", "a@[b].com"])
def test_an_address_that_no_mail_can_carry_holds_nobody_up(
    shop: Company, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    taken: list[str] = []

    class Server:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Server:
            return self

        def __exit__(self, *_: object) -> None: ...

        def send_message(self, message: EmailMessage) -> None:
            taken.append(message["To"])

    monkeypatch.setattr(smtplib, "SMTP", Server)
    with shop.engine.store.writing() as writing:
        writing.put_setting(ORGANISATION, SETTING, setting_text(replace(SETTING_OF_SHOP, security="none")))
    record = ordered(shop, mail=address)
    shop.done("ben", "order", record, mail="kim@example.com")
    shop.done("ben", "order", record, action="send")
    assert do_jobs(shop.engine) == ["done", "done"]
    assert [(each.address, each.reason) for each in letters(shop, "failed")] == [(address, "letters.why_refused")]
    assert taken[1:] == [taken[0], "kim@example.com"]


@pytest.mark.parametrize("sender", ["", "shöp@example.com", "a..b@example.com"])
def test_letters_wait_where_no_mail_can_carry_their_sender(shop: Company, sender: str) -> None:
    with shop.engine.store.writing() as writing:
        writing.put_setting(ORGANISATION, SETTING, setting_text(replace(SETTING_OF_SHOP, sender=sender)))
    ordered(shop)
    do_jobs(shop.engine)
    assert [each.tries for each in letters(shop, "waiting")] == [1, 0]
    assert letters(shop, "failed") == []


def test_a_setting_is_kept_and_noted(shop: Company) -> None:
    with shop.engine.store.writing() as writing:
        assert mail_setting(writing, ORGANISATION) == MailSetting()
        writing.put_setting(ORGANISATION, SETTING, setting_text(SETTING_OF_SHOP))
    with shop.engine.store.reading() as reading:
        assert mail_setting(reading, ORGANISATION) == SETTING_OF_SHOP


# What the checker says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("*{name}* is", "*{cost}* is", "BL509"),
        ('news: {subject: "{name} was sent", body: "It costs **{cost}**."}\n  on', "news: {subject: x}\n  on", "BL"),
        ("address: mail, language: speaks, send: on_its_way", "role: boss, language: speaks, send: news", "BL707"),
        ("address: mail,", "address: cost,", "BL"),
    ],
)
def test_what_cannot_be_a_letter_is_told(old: str, new: str, told: str) -> None:
    found = [problem.id for problem in check_blueprint(SHOP.replace(old, new, 1)).problems if problem.is_error]
    assert any(each.startswith(told) for each in found), found


def test_one_line_is_no_letter() -> None:
    source = SHOP.replace('news: {subject: "{name} was sent", body: "It costs **{cost}**."}', 'news: "{name}"')
    source = source.replace('news: {subject: "{name} 已发出", body: "价格 **{cost}**。"}', "news: x").replace(
        "send: on_its_way", "send: news"
    )
    assert "BL706" in [problem.id for problem in check_blueprint(source).problems]


def test_a_letter_that_cannot_go_out_says_why(shop: Company) -> None:
    ordered(shop)
    letter = replace(letters(shop, "waiting")[0], reader="gone")
    with shop.engine.store.reading() as reading:
        assert compose(shop.engine, reading, letter) == Unsendable("letters.why_no_reader")
