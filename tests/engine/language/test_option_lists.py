"""Lists of options that several choices share: read once, translated once, told once, renamed and ended for all."""

from __future__ import annotations

from blankett.engine.checks import check_blueprint
from blankett.engine.language.diff import diff
from blankett.engine.language.loader import read_blueprint
from blankett.words import say

SHOP = """\
blueprint: shop
language: 1
languages: [en, zh]
title: Shop
roles: {clerk: {title: Clerk}}
forms:
  order:
    title: Order
    fields:
      channel: {type: choice, options: channels, title: Channel}
      lines:
        type: table
        title: Lines
        fields:
          heard: {type: choice, options: channels, title: Heard}
    grants: [{who: clerk, may: all}]
options:
  channels:
    phone: Phone
    fax: {title: Fax, retired: yes}
translations:
  zh:
    title: 店
    roles: {clerk: 职员}
    options: {channels: {phone: 电话, fax: 传真}}
    forms: {order: {title: 订单, fields: {channel: 渠道, lines: {title: 行, fields: {heard: 听说}}}}}
"""


def changed(old: str, new: str) -> str:
    assert SHOP.count(old) == 1
    return SHOP.replace(old, new)


def told(new: str) -> list[tuple[str, str, str | None]]:
    return [
        (change.kind, say("en", change.subject, **change.params), change.aspect)
        for change in diff(read_blueprint(SHOP), read_blueprint(new))
    ]


def test_every_field_that_names_a_list_has_its_options_in_every_language() -> None:
    blueprint = read_blueprint(SHOP)
    order = blueprint.forms["order"]
    heard = order.fields["lines"].columns["heard"].option_titles()
    assert heard == order.fields["channel"].option_titles() == blueprint.options["channels"]
    assert [(option.title.say("zh"), option.retired) for option in heard.values()] == [("电话", False), ("传真", True)]
    assert check_blueprint(SHOP).problems == ()


def test_a_change_of_a_list_is_told_once() -> None:
    more = changed("    phone: Phone\n", "    phone: Phone\n    mail: Mail\n").replace(
        "phone: 电话", "phone: 电话, mail: 信"
    )
    assert told(more) == [("added", "Option Mail of channels", None)]
    call = changed("    phone: Phone\n", "    call: {title: Phone, was: phone}\n").replace(
        "{phone: 电话", "{call: 电话"
    )
    assert told(call) == [("renamed", "Option Phone of channels", None)]


def test_a_field_that_goes_over_to_a_list_is_told_as_that() -> None:
    of_its_own = "heard: {type: choice, options: {phone: Phone, fax: {title: Fax, retired: yes}},"
    own = changed("heard: {type: choice, options: channels,", of_its_own)
    own = own.replace("fields: {heard: 听说}", "fields: {heard: {title: 听说, options: {phone: 电话, fax: 传真}}}")
    found = diff(read_blueprint(own), read_blueprint(SHOP))
    assert [(change.item, change.aspect, change.old, change.new) for change in found] == [
        ("column", "options", None, "channels")
    ]


def test_an_option_that_ended_in_a_list_ended_in_every_field() -> None:
    text = changed("fax: {title: Fax, retired: yes}", "fax: {title: Fax, becomes: phone}").replace(", fax: 传真", "")
    order = read_blueprint(text).forms["order"]
    assert [dict(field.ended) for field in order.every_field()] == [{"fax": "phone"}, {}, {"fax": "phone"}]
    assert [*order.fields["channel"].option_titles()] == ["phone"]


def test_a_list_that_is_not_there_and_one_nobody_names_are_told() -> None:
    missing = changed("channel: {type: choice, options: channels,", "channel: {type: choice, options: chanels,")
    more = changed("  channels:\n", "  sizes: [1, 2]\n  channels:\n")
    found = [
        [(problem.name, problem.place.line, problem.suggestion) for problem in check_blueprint(text).problems]
        for text in (missing, more)
    ]
    assert found == [[("unknown_option_list", 10, "channels")], [("unused_options", 18, None)]]
