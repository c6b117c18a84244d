"""What people and programs send, and the values or faults it becomes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from blankett.engine.fields import TYPES_BY_NAME, Fault, TextReading, by_name
from blankett.engine.fields.base import Value, Wording
from blankett.engine.fields.reader import PercentValue
from blankett.engine.fields.tables import LineFaults
from blankett.engine.fields.typed_times import DayRead, read_day
from blankett.engine.language.model import Field, Option, Place, Words
from blankett.words import say

D = Decimal


def make_field(type_name: str, columns: dict[str, Field] | None = None, **options: object) -> Field:
    """Return a field of a type with checked options."""
    type_ = TYPES_BY_NAME[type_name]
    return Field("x", type_, Words({"en": "X"}), None, Place(1, 1), options=options, columns=columns or {})


def make_choice(**titles: str) -> Field:
    """Return a choice with the given options."""
    return make_field("choice", options={key: Option(key, Words({"en": title})) for key, title in titles.items()})


class Book:
    """A lookup over two customers, one user and a few departments."""

    def link_by_text(self, form: str, text: str) -> list[tuple[str, str]]:
        known = [("c1", "ACME"), ("c2", "Bolt"), ("c3", "Bolt")]
        return [(id_, title) for id_, title in known if text in (id_, title)][:2]

    def user_by_text(self, text: str) -> list[tuple[str, str]]:
        return [("u1", "Anna")] if text in ("u1", "anna@example.org") else []

    def department_by_text(self, text: str) -> list[tuple[str, str]]:
        known = [("sales", "Sales"), ("north", "North"), ("north_2", "North")]
        return [(id_, title) for id_, title in known if text in (id_, title)][:2]


def no_number(text: str, example: str = "250.50") -> Fault:
    return Fault("field.not_a_number", {"value": text, "example": example})


def written(text: str, *readings: str) -> Fault:
    """Return the fault of a number that is written as elsewhere."""
    found = tuple(Wording(each, each) for each in readings)
    if len(readings) == 1:
        return Fault("field.number_elsewhere", {"value": text, "written": readings[0], "readings": found})
    first, second = readings
    return Fault("field.two_numbers", {"value": text, "first": first, "second": second, "readings": found})


def no_day(text: str, example: str = "2026-12-31") -> Fault:
    return Fault("field.not_a_date", {"value": text, "example": example})


TYPED = [
    ("number", {}, "en", "1,234.5", D("1234.5")),
    ("number", {}, "en", "1234.50", D("1234.50")),
    ("number", {}, "en", "-3", D(-3)),
    ("number", {}, "en", "−3", D(-3)),
    ("number", {}, "en", ".5", D("0.5")),
    ("number", {}, "en", "1.234.5", no_number("1.234.5")),
    ("number", {}, "en", "1,23", written("1,23", "1.23")),
    ("number", {}, "en", "0,500", written("0,500", "0.500")),
    ("number", {}, "en", "1,234 567", written("1,234 567", "1.234567")),
    ("number", {}, "de", "1.234,5", D("1234.5")),
    ("number", {}, "de", "1.234", D(1234)),
    ("number", {}, "de", "1.5", written("1.5", "1,5")),
    ("number", {}, "en", "250,50", written("250,50", "250.50")),
    ("number", {}, "en", "1.234,5", written("1.234,5", "1234.5")),
    ("number", {}, "en", "-12,5 EUR", written("-12,5 EUR", "-12.5")),
    ("number", {}, "nb", "1.234", written("1.234", "1,234", "1234")),
    ("number", {}, "en_GB@point_comma@", "1.234,5", D("1234.5")),
    ("number", {}, "en_GB@quote_point@", "1’234.5", D("1234.5")),
    ("number", {}, "en_GB@space_comma@", "1234.5", written("1234.5", "1234,5")),
    ("number", {}, "nb", "1 234,5", D("1234.5")),
    ("number", {}, "da", "1.234,5", D("1234.5")),
    ("number", {}, "zh_Hans", "１，２３４．５", D("1234.5")),
    ("number", {}, "en-IN", "12,34,567", D(1234567)),
    ("number", {}, "en", "1e5", no_number("1e5")),
    ("number", {}, "en", "NaN", no_number("NaN")),
    ("number", {}, "en", "Infinity", no_number("Infinity")),
    ("number", {}, "en", "²", no_number("²")),
    ("number", {}, "en", "٣", no_number("٣")),
    ("number", {}, "en", "9" * 14, Fault("field.number_too_large")),
    ("number", {}, "en", "9" * 5000, Fault("field.number_too_large")),
    ("number", {}, "en", "   ", None),
    ("number", {"decimals": 0}, "en", "1.5", Fault("field.not_whole")),
    ("number", {"decimals": 0}, "en", "1.0", D("1.0")),
    ("number", {"decimals": 2}, "en", "1.005", Fault("field.too_many_decimals", {"count": 2})),
    ("number", {"min": D(1)}, "en", "0", Fault("field.too_small", {"min": D(1)})),
    ("number", {"max": D(9)}, "en", "10", Fault("field.too_large", {"max": D(9)})),
    ("percent", {}, "en", "12.5 %", D("0.125")),
    ("percent", {}, "de", "30", D("0.30")),
    ("percent", {"max": D("0.30")}, "en", "31", Fault("field.too_large", {"max": PercentValue(D("0.30"))})),
    ("date", {}, "de", "22.11.2026", date(2026, 11, 22)),
    ("date", {}, "en", "11/22/26", date(2026, 11, 22)),
    ("date", {}, "en_GB", "22/11/2026", date(2026, 11, 22)),
    ("date", {}, "zh_Hans", "2026年11月22日", date(2026, 11, 22)),
    ("date", {}, "zh_Hans", "２０２６／１１／２２", date(2026, 11, 22)),
    ("date", {}, "de", "2026-11-22", date(2026, 11, 22)),
    ("date", {}, "de", "31.02.2026", no_day("31.02.2026", "31.12.2026")),
    ("date", {}, "de", "tomorrow", no_day("tomorrow", "31.12.2026")),
    ("date", {}, "de", "1.2.345", no_day("1.2.345", "31.12.2026")),
    ("date", {"min": date(2026, 1, 1)}, "en", "2025-12-31", Fault("field.too_early", {"min": date(2026, 1, 1)})),
    ("yes_no", {}, "en", "on", True),
    ("yes_no", {}, "zh", "否", False),
    ("yes_no", {}, "en", "maybe", Fault("field.not_yes_no", {"value": "maybe"})),
    ("text", {}, "en", "  ACME  ", "ACME"),
    ("text", {}, "en", "a\x00b", Fault("field.bad_characters")),
    ("text", {}, "en", "a\ud800b", Fault("field.bad_characters")),
    ("text", {}, "en", "a\nb", Fault("field.one_line")),
    ("text", {}, "en", "x" * 501, Fault("field.too_long", {"max": 500, "length": 501})),
    ("text", {"max_length": 3}, "en", "abcd", Fault("field.too_long", {"max": 3, "length": 4})),
    ("text", {"min_length": 3}, "en", "ab", Fault("field.too_short", {"min": 3, "length": 2})),
    ("text", {"pattern": "[A-Z]+-[0-9]+"}, "en", "P-1", "P-1"),
    ("text", {"pattern": "[A-Z]+-[0-9]+"}, "en", "P-1x", Fault("field.no_match", {"pattern": "[A-Z]+-[0-9]+"})),
    ("text", {"pattern": "^(a+)+$"}, "en", "a" * 400 + "!", Fault("field.no_match", {"pattern": "^(a+)+$"})),
    ("long_text", {}, "en", "a\r\nb", "a\nb"),
    ("long_text", {}, "en", "x" * 20_001, Fault("field.too_long", {"max": 20_000, "length": 20_001})),
    ("email", {}, "en", "a@b.example", "a@b.example"),
    ("url", {}, "en", " example.com/a?b=c ", "https://example.com/a?b=c"),
    ("url", {}, "en", "http://[::1]:8000/", "http://[::1]:8000/"),
    ("url", {}, "en", "javascript:alert(1)", Fault("field.not_a_url", {"value": "javascript:alert(1)"})),
    ("url", {}, "en", "ftp://a.example", Fault("field.not_a_url", {"value": "ftp://a.example"})),
    ("url", {}, "en", 'https://a.example/"x', Fault("field.not_a_url", {"value": 'https://a.example/"x'})),
    ("url", {}, "en", "here", Fault("field.not_a_url", {"value": "here"})),
    ("phone", {}, "en", "＋45 33-12.34/56 ext. 7", "+45 33-12.34/56 ext. 7"),
    ("phone", {}, "en", "(030) 1234", "(030) 1234"),
    ("phone", {}, "en", "112", "112"),
    ("phone", {}, "en", "call me", Fault("field.not_a_phone", {"value": "call me"})),
    ("phone", {}, "en", "1234567890123456", Fault("field.not_a_phone", {"value": "1234567890123456"})),
    ("barcode", {}, "en", "]E04006381333931", "4006381333931"),
    ("barcode", {"digits": "gtin"}, "en", "036000291452", "036000291452"),
    ("barcode", {"digits": "gtin"}, "en", "036000291453", Fault("field.not_a_gtin", {"value": "036000291453"})),
    ("barcode", {"digits": "gtin"}, "en", "12", Fault("field.not_a_gtin", {"value": "12"})),
    ("barcode", {}, "en", "A-1/2", "A-1/2"),
    ("rating", {}, "en", "4", Decimal(4)),
    ("rating", {"max": 10}, "en", "★★★☆", Decimal(3)),
    ("rating", {}, "en", "6", Fault("field.too_large", {"max": Decimal(5)})),
    ("rating", {}, "en", "0", Fault("field.too_small", {"min": Decimal(1)})),
    ("rating", {}, "en", "2.5", Fault("field.not_whole")),
    ("text", {}, "en", " \u200b\ufeff ", None),
    ("barcode", {}, "en", "\u200b", None),
    ("time", {}, "en", "2.30 pm", time(14, 30)),
    ("time", {}, "en", "12 am", time(0)),
    ("time", {}, "en", "1430", time(14, 30)),
    ("time", {}, "zh_Hans", "下午2点30分", time(14, 30)),
    ("time", {}, "de", "9 Uhr", time(9)),
    ("time", {}, "en", "14", Fault("field.not_a_time", {"value": "14"})),
    ("time", {}, "en", "25:00", Fault("field.not_a_time", {"value": "25:00"})),
    ("time", {}, "zh_Hans", "晚上12点", Fault("field.not_a_time", {"value": "晚上12点"})),
    ("time", {}, "zh_Hans", "晚上8点", time(20)),
    ("time", {"min": time(9)}, "en", "8:59", Fault("field.too_early", {"min": time(9)})),
    ("duration", {}, "en", "2 h 30 min", timedelta(hours=2, minutes=30)),
    ("duration", {}, "en", "1.5h", timedelta(minutes=90)),
    ("duration", {}, "de", "1,5 h", timedelta(minutes=90)),
    ("duration", {}, "en", "1,500 h", Fault("field.not_a_duration", {"value": "1,500 h"})),
    ("duration", {}, "de", "1.500 h", Fault("field.not_a_duration", {"value": "1.500 h"})),
    ("duration", {}, "en", "2h59", timedelta(hours=2, minutes=59)),
    ("duration", {}, "en", "2 h 99", Fault("field.not_a_duration", {"value": "2 h 99"})),
    ("duration", {}, "en", "1 day and 4 hours", timedelta(days=1, hours=4)),
    ("duration", {}, "en", "-2:30", timedelta(hours=-2, minutes=-30)),
    ("duration", {}, "en", "p3d", timedelta(days=3)),
    ("duration", {}, "zh_Hans", "2小时30分", timedelta(hours=2, minutes=30)),
    ("duration", {}, "en", "45", Fault("field.not_a_duration", {"value": "45"})),
    ("duration", {}, "en", "30 min 2 h", Fault("field.not_a_duration", {"value": "30 min 2 h"})),
    ("duration", {}, "en", "P1Y", Fault("field.not_a_duration", {"value": "P1Y"})),
    ("duration", {"max": timedelta(hours=8)}, "en", "9 h", Fault("field.too_large", {"max": timedelta(hours=8)})),
    ("email", {}, "en", "a@b", Fault("field.not_an_email", {"value": "a@b"})),
    ("department", {}, "en", "Sales", "sales"),
    ("department", {}, "en", "North", Fault("field.several_departments", {"value": "North"})),
    ("department", {}, "en", "Moon", Fault("field.no_such_department", {"value": "Moon"})),
    ("link", {"to": "shop.customer"}, "en", "ACME", "c1"),
    ("link", {"to": "shop.customer"}, "en", "Bolt", Fault("field.several_records", {"value": "Bolt"})),
    ("link", {"to": "shop.customer"}, "en", "Nobody", Fault("field.no_such_record", {"value": "Nobody"})),
    ("user", {}, "en", "anna@example.org", "u1"),
    ("user", {}, "en", "\ud800", Fault("field.no_such_user", {"value": "?"})),
    ("table", {}, "en", "x", Fault("field.not_a_table")),
]


@pytest.mark.parametrize(("type_name", "options", "locale", "text", "expected"), TYPED)
def test_typed_text_becomes_a_value_or_a_fault(
    type_name: str, options: dict[str, object], locale: str, text: str, expected: object
) -> None:
    of = make_field(type_name, **options)
    assert of.type.read_text(text, of, TextReading(locale, Book())) == expected


SENT = [
    ("number", "0.1", D("0.1")),
    ("number", "0.10000000000000001", Fault("field.too_many_decimals", {"count": 6})),
    ("number", "7", D(7)),
    ("number", '"1234.5"', D("1234.5")),
    ("number", '"1,234.5"', no_number("1,234.5")),
    ("number", "true", no_number("True")),
    ("number", "NaN", no_number("nan")),
    ("number", "1e999", no_number("inf")),
    ("number", "1e30", Fault("field.number_too_large")),
    ("number", "9" * 400, Fault("field.number_too_large")),
    ("number", "[1]", no_number("[1]")),
    ("percent", "30", D("0.30")),
    ("date", '"2026-11-22"', date(2026, 11, 22)),
    ("date", '"22.11.2026"', no_day("22.11.2026")),
    ("date", "20261122", no_day("20261122")),
    ("yes_no", "true", True),
    ("yes_no", '"no"', False),
    ("yes_no", "1", Fault("field.not_yes_no", {"value": "1"})),
    ("text", "5", Fault("field.not_a_text")),
    ("text", '""', None),
    ("text", '"  "', None),
    ("text", "null", None),
    ("link", "5", Fault("field.no_such_record", {"value": "5"})),
    ("link", '"c9"', "c9"),
]


@pytest.mark.parametrize(("type_name", "raw", "expected"), SENT)
def test_json_becomes_a_value_or_a_fault(type_name: str, raw: str, expected: object) -> None:
    of = make_field(type_name)
    given = json.loads(raw, parse_float=float)
    if raw.startswith("0.10000000000000001"):
        given = raw  # as a text its digits are kept; as a float it is 0.1
    assert of.type.read_api(given, of, TextReading()) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("By post, phone", ("phone", "post")),
        ("mail、By Phone；mail", ("phone", "mail")),
        ("phone, fax", Fault("field.no_such_option", {"value": "fax"})),
        (" , ", None),
    ],
)
def test_choices_are_read_by_keys_or_titles_in_the_order_of_the_options(text: str, value: Value | Fault) -> None:
    of = replace(make_choice(phone="By phone", mail="By e-mail", post="By post"), type=TYPES_BY_NAME["choices"])
    assert of.type.read_text(text, of, TextReading()) == value


BERLIN = "en_GB@@@Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("31/12/2026 14:00", datetime(2026, 12, 31, 13, tzinfo=UTC)),
        ("2026-07-01T09:00", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-07-01T09:00:00Z", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        ("tomorrow 9.30 am", datetime(2026, 11, 21, 8, 30, tzinfo=UTC)),
        ("fri, 1430", datetime(2026, 11, 27, 13, 30, tzinfo=UTC)),
        ("29/3/2026 2:30", Fault("field.no_such_moment", {"value": datetime(2026, 3, 29, 2, 30)})),  # noqa: DTZ001
        ("25/10/2026 2:30 +02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("25/10/2026 02:30 +01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (
            "25/10/2026 2:30 +05:00",
            Fault("field.not_a_moment", {"value": "25/10/2026 2:30 +05:00", "example": "31/12/2026 14:30"}),
        ),
        ("31/12/2026", Fault("field.not_a_moment", {"value": "31/12/2026", "example": "31/12/2026 14:30"})),
        ("14:00", Fault("field.not_a_moment", {"value": "14:00", "example": "31/12/2026 14:30"})),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_person(text: str, value: Value | Fault) -> None:
    of = make_field("datetime")
    assert of.type.read_text(text, of, TextReading(BERLIN, today=date(2026, 11, 20))) == value


def test_a_time_that_clocks_show_twice_is_asked_for_and_written_with_its_offset() -> None:
    of, reading = make_field("datetime"), TextReading(BERLIN, today=date(2026, 11, 20))
    texts = ("25 Oct 2026 02:30 +02:00", "25 Oct 2026 02:30 +01:00")
    fault = of.type.read_text("25/10/2026 2:30", of, reading)
    assert isinstance(fault, Fault)
    assert (fault.message, fault.params["first"], fault.params["second"]) == ("field.two_moments", *texts)
    for hour, text in enumerate(texts):
        value = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert of.type.show(value, of, BERLIN) == text
        for written in (of.type.to_text(value, of, BERLIN), text):
            assert of.type.read_text(written, of, reading) == value


def test_a_moment_is_written_in_the_zone_of_the_reader() -> None:
    of, value = make_field("datetime"), datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    shown = [(of.type.to_text(value, of, locale), of.type.show(value, of, locale)) for locale in (BERLIN, "en_GB")]
    assert shown == [("01/01/2027 00:30", "1 Jan 2027 00:30"), ("31/12/2026 23:30", "31 Dec 2026 23:30")]
    assert of.type.to_stored(value, of) == "2026-12-31T23:30:00Z"
    local = datetime(2026, 12, 31, 23, 30)  # noqa: DTZ001  what a formula gives
    assert of.type.from_formula(local, of, ZoneInfo("Asia/Shanghai")) == datetime(2026, 12, 31, 15, 30, tzinfo=UTC)


def test_a_choice_is_read_by_key_or_title() -> None:
    of = make_choice(phone="By phone", mail="By e-mail", post="By post")
    typed = [of.type.read_text(text, of, TextReading()) for text in ("phone", "by E-MAIL", "fax")]
    assert typed == ["phone", "mail", Fault("field.no_such_option", {"value": "fax"})]


def test_money_keeps_the_digits_of_its_currency() -> None:
    of = make_field("money")
    read = [of.type.read_text("1.25", of, TextReading("en", currency=code)) for code in ("EUR", "JPY", "KWD", None)]
    assert read == [D("1.25"), Fault("field.not_whole"), D("1.25"), D("1.25")]


def test_bounds_of_amounts_are_told_in_their_currency() -> None:
    of = make_field("money", min=D(10))
    faults = [of.type.read_text("5", of, TextReading("en", currency=code)) for code in ("EUR", "JPY", None)]
    assert all(isinstance(fault, Fault) for fault in faults)
    told = [say("en", fault.message, **fault.params) for fault in faults if isinstance(fault, Fault)]
    assert told == ["Enter €10.00 or more.", "Enter JP¥10 or more.", "Enter 10 or more."]


def test_one_digit_is_told_in_the_singular() -> None:
    of = make_field("number", decimals=1)
    fault = of.type.read_text("0.25", of, TextReading())
    assert isinstance(fault, Fault)
    assert say("en", fault.message, **fault.params) == "Use at most one digit after the decimal sign."


def test_a_computed_amount_is_rounded_half_away_from_zero() -> None:
    of = make_field("money")
    amounts = [D("1.005"), D("-1.005"), D("1.0049"), D("2.5")]
    rounded = [of.type.from_feel(amount, of, "EUR") for amount in amounts]
    assert (rounded, of.type.from_feel(D("2.5"), of, "JPY")) == ([D("1.01"), D("-1.01"), D("1.00"), D("2.50")], D(3))


def test_a_table_reads_its_columns_and_keeps_line_ids() -> None:
    columns = {"product": make_field("text"), "quantity": make_field("number", decimals=0)}
    of = make_field("table", columns)
    raw = [{"id": "l1", "product": "P-1", "quantity": "2"}, {"product": "P-2", "quantity": 3}]
    assert of.type.read_api(raw, of, TextReading()) == [
        {"id": "l1", "product": "P-1", "quantity": D(2)},
        {"product": "P-2", "quantity": D(3)},
    ]


def test_a_table_names_every_bad_cell() -> None:
    columns = {"quantity": make_field("number", decimals=0)}
    of = make_field("table", columns)
    raw = [{"quantity": "x"}, {"quantity": 1, "colour": "red"}, {"id": 5}]
    assert of.type.read_api(raw, of, TextReading()) == LineFaults(
        "field.bad_lines",
        {"count": 3},
        {
            (0, "quantity"): no_number("x"),
            (1, "colour"): Fault("field.unknown_column", {"column": "colour"}),
            (2, "id"): Fault("field.bad_line_id"),
        },
    )


def test_ten_thousand_lines_are_refused_unread() -> None:
    of = make_field("table", {"a": make_field("text")})
    assert of.type.read_api([{"a": "x"}] * 10_000, of, TextReading()) == Fault("field.too_many_lines", {"max": 1_000})


def test_two_types_of_one_name_fail_at_import() -> None:
    money = TYPES_BY_NAME["money"]
    with pytest.raises(ValueError, match="two field types are called 'money'"):
        by_name([money, money])


#: A Friday.
TODAY = date(2026, 11, 20)
DAYS = [
    ("en_GB", "3/12", date(2026, 12, 3)),
    ("en_US", "3/12", date(2027, 3, 12)),
    ("zh_Hans_CN", "3/12", date(2027, 3, 12)),
    ("en_GB", "31.12.", date(2026, 12, 31)),
    ("en_GB", "fri", date(2026, 11, 27)),
    ("en_GB", "Thursday", date(2026, 11, 26)),
    ("en_GB", "sat.", date(2026, 11, 21)),
    ("zh_Hans_CN", "周五", date(2026, 11, 27)),
    ("zh_Hans_CN", "星期一", date(2026, 11, 23)),
    ("zh_Hans_CN", "12月3日", date(2026, 12, 3)),
    ("zh_Hans_CN", "明天", date(2026, 11, 21)),
    ("en_GB", "+7", date(2026, 11, 27)),
    ("en_GB", "+2w", date(2026, 12, 4)),
    ("en_GB", "tomorrow", date(2026, 11, 21)),
    ("en_GB", "3 dec", date(2026, 12, 3)),
    ("en_US", "Dec 3, 2026", date(2026, 12, 3)),
    ("en_GB", "Fri, 27 Nov 2026", date(2026, 11, 27)),
    ("de", "3. Dezember", date(2026, 12, 3)),
    ("en_GB", "29 feb", date(2028, 2, 29)),
    ("en_GB", "20261203", date(2026, 12, 3)),
    ("en_GB", "2026-01-01", date(2026, 1, 1)),
    ("en_GB@@mdy_slash", "3/12/26", date(2026, 3, 12)),
    ("en_GB", "1/11", (date(2026, 11, 1), date(2027, 11, 1))),
    ("zh_Hans_CN", "26/2/1", ()),
    ("zh_Hans_CN", "26/2/01", date(2026, 2, 1)),
    ("zh_Hans_CN", "1/2/26", (date(2026, 2, 1), date(2026, 1, 2))),
    ("zh_Hans_CN", "03/12/2026", (date(2026, 12, 3), date(2026, 3, 12))),
    ("en_US", "31/12/2026", (date(2026, 12, 31),)),
    ("en_GB", "31.2.2026", ()),
    ("en_GB", "soon", ()),
    ("en_GB", "5", ()),
    ("en_GB", "+99999", ()),
]


@pytest.mark.parametrize(("locale", "text", "expected"), DAYS)
def test_a_day_is_read_in_the_persons_order_and_forward_from_today(
    locale: str, text: str, expected: date | tuple[date, ...]
) -> None:
    found = DayRead(None, expected) if isinstance(expected, tuple) else DayRead(expected)
    assert read_day(text, locale, TODAY) == found


def test_a_day_with_two_readings_offers_both() -> None:
    of = make_field("date")
    fault = of.type.read_text("1/11", of, TextReading("en_GB", today=TODAY))
    assert isinstance(fault, Fault)
    assert (fault.message, fault.params["readings"]) == (
        "field.two_days",
        (Wording("01/11/2026", "Sun, 1 Nov 2026"), Wording("01/11/2027", "Mon, 1 Nov 2027")),
    )


@pytest.mark.parametrize(
    ("type_name", "locale", "text", "echo"),
    [
        ("date", "en_GB", "20/11/2026", ""),
        ("date", "en_GB", "fri", "Fri, 27 Nov 2026"),
        ("date", "zh_Hans_CN", "12月3日", "2026年12月3日周四"),
        ("date", "en_GB@@dmy_point", "+7", "Fri 27.11.2026"),
        ("number", "en_GB", "1.000", "1"),
        ("money", "en_GB", "1.000", "1.00"),
        ("money", "en_GB", "480", ""),
        ("money", "en_GB", "1,000", ""),
        ("number", "en_GB", "007", "7"),
        ("percent", "en_GB", "30 %", ""),
        ("percent", "de", "012,5", "12,5"),
    ],
)
def test_a_reading_is_echoed_where_it_is_not_what_was_typed(type_name: str, locale: str, text: str, echo: str) -> None:
    of = make_field(type_name)
    value = of.type.read_text(text, of, TextReading(locale, today=TODAY))
    assert not isinstance(value, Fault)
    assert of.type.echo(text, value, of, locale, "EUR") == echo


@pytest.mark.parametrize("locale", ["en_GB", "en_US", "de", "zh_Hans_CN", "nb", "en_GB@space_comma@ymd_dash"])
def test_what_is_written_in_a_field_is_read_as_the_same(locale: str) -> None:
    for type_name, value in (("date", date(2026, 3, 4)), ("number", D("-1234.5")), ("percent", D("0.125"))):
        of = make_field(type_name)
        for text in (of.type.to_text(value, of, locale), of.type.show(value, of, locale)):
            assert of.type.read_text(text, of, TextReading(locale, today=TODAY)) == value
