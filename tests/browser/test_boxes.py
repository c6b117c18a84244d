"""Fields stand even: measured in a real browser at four widths and in every density."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import MakeContext
from .desk import Desk, expect_soon
from .test_accessibility import post

WIDTHS = (390, 768, 1280, 1600)
DENSITIES = ("compact", "normal", "roomy")

#: The fields that are drawn, row by row: the tops of labels and controls, the bottoms of controls of one line.
FIELDS = """() => [...document.querySelectorAll('main .b-fields')].flatMap((grid) => {
  const rows = new Map();
  for (const field of grid.querySelectorAll(':scope > .b-field')) {
    if (!field.offsetParent) continue;
    const drawn = (part) => part.matches(':not(input[type=hidden], datalist)');
    const [label, control, under] = [...field.children].filter(drawn);
    const isTall = control.matches('textarea, fieldset, output');
    const box = field.getBoundingClientRect();
    if (!rows.has(box.top)) rows.set(box.top, []);
    const of = (part) => part && part.getClientRects().length ? part.getBoundingClientRect() : null;
    const [above, at] = [of(label), of(control)];
    rows.get(box.top).push({name: field.id, label: above?.top ?? null, control: at?.top ?? null,
      bottom: isTall ? null : at?.bottom ?? null, under: under?.className});
  }
  return [...rows.values()];
})"""

#: What cannot be read as a whole: clipped inside a field, or cut by the edge of its sheet.
CLIPPED = """() => [...document.querySelectorAll('main .b-under, main .b-under *, main .b-undo')].filter((part) => {
  if (!part.offsetParent || part.matches('.visually-hidden, svg, use')) return false;
  const sheet = part.closest('.b-sheet').getBoundingClientRect(), box = part.getBoundingClientRect();
  return part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX !== 'visible'
    || box.right > sheet.right || box.left < sheet.left;
}).map((part) => part.outerHTML.slice(0, 120))"""

#: Cells one types into whose edge cannot be seen.
EDGELESS = """() => [...document.querySelectorAll('main .b-grid .b-cell')].filter((cell) => {
  const style = getComputedStyle(cell), sides = ['Top', 'Right', 'Bottom', 'Left'];
  return cell.offsetParent && sides.some((side) => parseFloat(style[`border${side}Width`]) < 1);
}).map((cell) => cell.name)"""

#: Words of the first line that do not stand on its base line, in the elements that *lines* selects.
UNEVEN = """(lines) => [...document.querySelectorAll(lines)].filter((line) => line.offsetParent).flatMap((line) => {
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), found = [];
  const pen = document.createElement('canvas').getContext('2d');
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement, range = document.createRange();
    if (!text.data.trim() || holder.closest('.b-face, .visually-hidden, svg')) continue;
    range.selectNodeContents(text);
    const box = range.getClientRects()[0];
    if (!box) continue;
    const style = getComputedStyle(holder);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const size = pen.measureText('x');
    const ascent = size.fontBoundingBoxAscent / (size.fontBoundingBoxAscent + size.fontBoundingBoxDescent);
    found.push({text: text.data.trim().slice(0, 30), base: box.top + box.height * ascent});
  }
  found.sort((one, other) => one.base - other.base);
  const first = found.filter((each) => each.base - found[0].base < 9);
  return first.filter((each) => each.base - first[0].base > 0.75);
})"""


#: Where the present state stands that is not whole in the path; null where it is.
NOW_OUT_OF_PATH = """() => {
  const box = (one) => document.querySelector(one).getBoundingClientRect();
  const [now, path] = [box('[aria-current=step]'), box('.b-path')];
  if (path.left <= now.left + 4 && now.right <= path.right + 1) return null;
  return `${now.left}–${now.right} in ${path.left}–${path.right}`;
}"""


@pytest.fixture(params=WIDTHS)
def sized(request: pytest.FixtureRequest, make_context: MakeContext) -> Page:
    """A page of a certain width."""
    return make_context(viewport={"width": request.param, "height": 900}).new_page()


def test_labels_and_controls_of_a_row_stand_even(address: str, sized: Page) -> None:
    desk = Desk(sized, address, "Anna Lindqvist")
    for density in DENSITIES:
        post(desk, "/settings/density", {"density": density})
        fill_order(desk)
        for row in sized.evaluate(FIELDS):
            assert uneven(row) == [], (density, row)
        assert sized.evaluate(CLIPPED) == [], density
        desk.fits()
        if sized.viewport_size == {"width": 390, "height": 900}:
            assert sized.evaluate(EDGELESS) == [], density


def test_words_of_a_line_stand_on_one_base_line(address: str, sized: Page) -> None:
    desk = Desk(sized, address, "Mette Holm")
    for path, lines in {
        "/forms/order_management/order?list=all": "main tbody tr",
        "/inbox": "main tbody tr",
        "/forms/order_management/invoice?list=all": "main tbody tr",
    }.items():
        desk.go(path)
        assert sized.evaluate(UNEVEN, lines) == [], path
    desk.open_from_list("/forms/order_management/order?list=all", "In review")
    assert sized.evaluate(UNEVEN, ".b-time > li > div, .b-head, .b-path li > span") == []


def test_every_column_of_a_list_is_in_view(address: str, sized: Page) -> None:
    desk = Desk(sized, address, "Anna Lindqvist")
    for form in ("order", "invoice", "complaint"):
        desk.go(f"/forms/order_management/{form}")
        assert sized.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('#list .b-scroll'))") <= 1


def uneven(row: list[dict[str, Any]]) -> list[str]:
    """Return the fields of *row* whose label, control or end of the control stands elsewhere than the others'."""
    found = []
    for edge in ("label", "control", "bottom"):
        places = {round(field[edge] * 2) for field in row if field[edge] is not None}
        if len(places) > 1:
            found.append(edge)
    return [*found, *(field["name"] for field in row if field["under"] != "b-under")]


def fill_order(desk: Desk) -> None:
    """Begin an order with what makes fields tall: one that is filled, one typed over, one that is wrong, long help."""
    desk.go("/forms/order_management/order/new")
    desk.choose("Came in by", "Phone")
    expect(desk.control("Who called")).to_be_visible()
    desk.page.locator("#f-customer").click()
    desk.pick("Lofoten")
    expect(desk.page.locator("#w-currency")).to_have_text("from Customer")
    desk.fill("Payment term", "14")
    expect(desk.page.locator("#w-payment_days")).to_contain_text(re.compile("changed by you"))
    desk.fill("VAT rate", "99")
    expect(desk.page.locator("#e-vat_rate")).to_be_visible()


def test_the_present_state_is_in_view(address: str, sized: Page) -> None:
    desk = Desk(sized, address, "Mette Holm")
    for state in ("Delivered", "Clarifying", "Picking"):
        desk.open_from_list("/forms/order_management/order?list=all", state)
        expect(sized.locator("[aria-current=step]")).to_contain_text(state)
        expect_soon(lambda: sized.evaluate(NOW_OUT_OF_PATH), None)
        assert sized.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.b-path'))") <= 1
        desk.fits()
        sized.emulate_media(media="print")
        expect(sized.locator(".b-head .b-state")).to_have_text(state)
        sized.emulate_media(media="screen")
    sized.locator(".b-path summary").last.click()
    expect(sized.locator(".b-path details[open] li").last).to_contain_text("Closed")
    desk.fits()
