"""Signing in as the page for it does, without drawing it: most tests begin behind it, and its own press its buttons."""

from __future__ import annotations

import re

from playwright.sync_api import Page


def step_in(page: Page, address: str, name: str) -> None:
    """Sign in to the demo at *address* as the person whose name holds *name*."""
    form = form_at(page, address)
    person = re.search(f'name="user" value="([^"]+)">(?:(?!</button>).)*<strong>[^<]*{re.escape(name)}', form)
    assert person, f"{name} cannot step in"
    send(page, f"{address}/sign-in/demo", form, user=person[1])


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    """Sign in to the application at *address*."""
    send(page, f"{address}/sign-in", form_at(page, address), email=email, password=password)


def form_at(page: Page, address: str) -> str:
    """Return the page at which one signs in, as text."""
    return page.request.get(f"{address}/sign-in").text()


def send(page: Page, action: str, form: str, **values: str) -> None:
    """Post *values* to *action* with the token that stands in *form*; they must be taken."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token, "the page has no form"
    answer = page.request.post(
        action, form={"csrf_token": token[1], "next": "/", "parked": "", **values}, max_redirects=0
    )
    assert answer.status == 303, answer.text()
