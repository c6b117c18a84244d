"""Pages of a form that got another key: the addresses of before lead to it, and its records stand among its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blankett.web.services import Services

from .test_blueprints import changed, make_order, publish, save, text_of, version_of


def test_addresses_of_before_lead_to_the_form_and_its_records_to_its_lists(
    signed_in: Callable[[str], Any], services: Services
) -> None:
    admin, anna = signed_in("admin"), signed_in("anna")
    record = make_order(services, submit=False)
    sale = changed(
        text_of(services),
        ("\n  order:\n", "\n  sale:\n    was: order\n"),
        ("      their_number:\n", "      gift: {type: yes_no, default: no}\n      their_number:\n"),
    )
    save(admin, sale)
    assert publish(admin, move="stay").status_code == 303
    assert version_of(services, record) == 1
    for form in ("sale", "order"):
        listed = anna.get(f"/forms/shop/{form}")
        assert (listed.status_code, f'href="/records/{record}"' in listed.text) == (200, True)
        assert anna.get(f"/forms/shop/{form}/new").status_code == 200
    page = anna.get(f"/records/{record}").text
    assert ('href="/forms/shop/sale"' in page, "/forms/shop/order" in page) == (True, False)
    assert anna.get(f"/records/{record}/edit").status_code == 200
