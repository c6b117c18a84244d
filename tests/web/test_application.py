"""The application as a whole: policies, headers, limits, and one shape for errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import flask
import pytest
from flask import Flask
from flask.json.tag import TaggedJSONSerializer

from blankett.web.access_policy import MissingPolicyError, init_policies, policy_of
from blankett.web.services import Services
from blankett.web.settings import Settings, SettingsError, settings_from_environment

from .conftest import HX, Visitor, make_app
from .pages import words

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def test_every_route_has_a_policy(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {endpoint for endpoint in endpoints if policy_of(app, endpoint) is None} == set()


def test_a_route_without_a_policy_stops_the_start() -> None:
    bare = Flask("blankett.web", instance_path=str(TEMPLATES))
    bare.add_url_rule("/open", endpoint="forgotten", view_func=lambda: "")
    with pytest.raises(MissingPolicyError) as caught:
        init_policies(bare)
    assert caught.value.endpoints == ["forgotten"]


def test_only_these_routes_are_for_everybody(app: Flask) -> None:
    public = {rule.rule for rule in app.url_map.iter_rules() if not policy_of(app, rule.endpoint).needs_sign_in}  # type: ignore[union-attr]
    assert public == {
        "/",
        "/health",
        "/set-up",
        "/sign-in",
        "/sign-in/demo",
        "/sign-in/language",
        "/static/<path:filename>",
    }


def test_every_other_route_asks_strangers_to_sign_in(app: Flask, visitor: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        assert policy is not None
        if not policy.needs_sign_in or "GET" not in (rule.methods or ()):
            continue
        address = re.sub(r"<[^>]*>", "x", re.sub(r"<int:[^>]*>", "1", rule.rule))
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in"), rule.rule


def test_pages_allow_nothing_inline_and_nothing_from_elsewhere(anna: Visitor) -> None:
    answer = anna.get("/forms/shop/order/new")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.split("; ")[:3] == ["default-src 'none'", "script-src 'self'", "style-src 'self'"]
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", answer.text) == []
    assert {key: answer.headers[key] for key in ("X-Content-Type-Options", "X-Frame-Options", "Cache-Control")} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "private, no-cache",
    }


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_htmx_attributes_stand_in_macros_only(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
    if path.parent.name == "macros":
        return
    assert re.findall(r"\shx-(?!partial)[a-z:-]+", text) == []
    assert re.findall(r"\sstyle=|<style|\son(?:click|change|input|submit)=", text) == []


def test_answers_that_differ_for_htmx_say_so(anna: Visitor) -> None:
    assert {"hx-request", "hx-target"} <= {name.lower() for name in anna.get("/inbox").vary}


def test_files_for_browsers_may_be_kept_and_change_their_address(anna: Visitor) -> None:
    address = re.search(r'href="(/static/blankett\.css\?v=[0-9a-f]+)"', anna.get("/inbox").text)
    assert address is not None
    with anna.get(address[1]) as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_server_says_that_it_is_well(visitor: Visitor) -> None:
    assert visitor.get("/health").json == {"status": "ok"}


def test_an_unknown_address_says_what_to_do(anna: Visitor) -> None:
    answer = anna.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here The address may be mistyped" in words(answer.text)


@pytest.mark.parametrize(
    "address", ["/forms/shop/nothing", "/forms/nothing/order", "/records/x", "/records/" + "x" * 500, "/records/x/edit"]
)
def test_what_is_not_there_is_404(anna: Visitor, address: str) -> None:
    assert anna.get(address).status_code == 404


def test_a_wrong_method_is_405_and_names_the_right_ones(anna: Visitor) -> None:
    answer = anna.post("/search")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_post_without_the_token_is_400_and_keeps_hope(anna: Visitor) -> None:
    answer = anna.post("/forms/shop/order/new", {"channel": "phone"}, csrf=False)
    assert answer.status_code == 400
    assert "what you typed is still in your browser" in words(answer.text)


def test_a_token_is_good_for_its_own_browser_alone_however_often_it_was_good(anna: Visitor, mette: Visitor) -> None:
    token = anna.token()
    sent = [(anna, token), (anna, token), (mette, token), (anna, token[:-1]), (anna, f"{token}x"), (anna, "")]
    answers = [
        by.client.post("/forms/shop/order/new/recalculate", data={"csrf_token": text}, headers=HX).status_code
        for by, text in sent
    ]
    assert answers == [200, 200, 400, 400, 400, 400]


def test_a_notice_that_waits_in_a_cookie_is_read_as_flask_wrote_it_and_as_it_is_written_now(
    app: Flask, anna: Visitor
) -> None:
    waiting = {"_flashes": [("good", "Saved <b>it</b>.")]}
    texts = [TaggedJSONSerializer().dumps(waiting), app.session_interface.serializer.dumps(waiting)]  # type: ignore[attr-defined]
    for text in texts:
        with anna.client.session_transaction() as session:
            session.update(app.session_interface.serializer.loads(text))  # type: ignore[attr-defined]
        assert "Saved &lt;b&gt;it&lt;/b&gt;." in anna.get("/inbox").text
        assert "Saved &lt;b&gt;" not in anna.get("/inbox").text


def test_htmx_may_send_the_token_in_its_header(anna: Visitor) -> None:
    answer = anna.client.post(
        "/forms/shop/order/new/recalculate", data={"channel": "phone"}, headers={**HX, "X-CSRFToken": anna.token()}
    )
    assert answer.status_code == 200


def test_htmx_gets_errors_as_a_note_in_place(anna: Visitor) -> None:
    answer = anna.get("/nowhere", **HX)
    assert (answer.status_code, "<html" in answer.text, 'role="alert"' in answer.text) == (404, False, True)


def test_more_than_ten_thousand_values_are_refused(anna: Visitor) -> None:
    answer = anna.post("/forms/shop/order/new", [(f"v{number}", "x") for number in range(10_001)])
    assert answer.status_code == 413
    assert "At most 10,000 values are taken at once." in words(answer.text)


def test_a_body_that_is_too_large_is_refused(anna: Visitor) -> None:
    answer = anna.post("/forms/shop/order/new", {"reason": "x" * (3 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "This is too much at once" in words(answer.text)


def test_a_bug_gives_a_reference_to_tell(settings: Settings, services: Services) -> None:
    app = make_app(settings, services)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False

    def broken() -> str:
        raise RuntimeError("broken")

    app.view_functions["inbox.show_inbox"] = broken
    app.view_functions["inbox.show_inbox"].policy = policy_of(app, "standing.places")  # type: ignore[attr-defined]
    made = Visitor(app.test_client())
    made.sign_in("anna")
    answer = made.get("/inbox")
    assert answer.status_code == 500
    assert re.search(r"tell an administrator this reference: [0-9a-f]{8}", words(answer.text))


def test_strangers_see_errors_without_the_frame(visitor: Visitor) -> None:
    assert 'class="b-side"' not in visitor.get("/nowhere").text


def test_unknown_hosts_are_refused(settings: Settings, services: Services) -> None:
    picky = Settings(**{**settings.__dict__, "hosts": ("blankett.example",)})
    made = Visitor(make_app(picky, services).test_client())
    assert made.client.get("/health", headers={"Host": "evil.example"}).status_code == 400
    assert made.client.get("/health", headers={"Host": "blankett.example"}).status_code == 200


def test_every_template_compiles(app: Flask) -> None:
    found = app.jinja_env.list_templates(extensions=["html"])
    assert len([app.jinja_env.get_template(name) for name in found]) > 30


def test_names_missing_from_a_context_are_errors(app: Flask) -> None:
    from jinja2 import UndefinedError

    with app.test_request_context(), pytest.raises(UndefinedError):
        flask.render_template_string("{{ nothing_of_this_name }}")


# Settings ------------------------------------------------------------------------------------------------------------


def test_production_needs_a_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from_environment({"BLANKETT_SECRET": "short"})
    assert str(caught.value).startswith("BLANKETT_SECRET needs at least 32 characters and has 5.")


def test_the_demo_keeps_a_secret_of_its_own(tmp_path: Path) -> None:
    environment = {"BLANKETT_MODE": "demo", "BLANKETT_DATA": str(tmp_path)}
    first, second = settings_from_environment(environment), settings_from_environment(environment)
    assert first.secret_key == second.secret_key == (tmp_path / "secret").read_text(encoding="utf-8")
    assert ((tmp_path / "secret").stat().st_mode & 0o777, first.secure_cookie) == (0o600, False)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from_environment({"BLANKETT_MODE": "playful"})
    assert str(caught.value) == "BLANKETT_MODE is 'playful'; it must be production, development or demo."


@pytest.mark.parametrize("who", ["anna", "wu"])
def test_every_page_speaks_the_persons_language(signed_in: Callable[[str], Visitor], who: str) -> None:
    page = signed_in(who).get("/inbox").text
    is_chinese = who == "wu"
    assert ('<html lang="zh-Hans"' in page, "收件箱" in page) == (is_chinese, is_chinese)


# Where a request comes from -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
    ids=str,
)
def test_a_change_sent_by_another_site_is_refused_whatever_its_token(anna: Visitor, headers: dict[str, str]) -> None:
    answer = anna.post("/settings/theme", {"theme": "dark"}, **headers)
    assert (answer.status_code, "sent by a page of another site" in words(answer.text)) == (403, True)
    assert 'data-bs-theme="dark"' not in anna.get("/inbox").text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str)
def test_no_route_takes_a_change_from_another_site(
    app: Flask, anna: Visitor, visitor: Visitor, headers: dict[str, str]
) -> None:
    posts = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    token = {"csrf_token": anna.token()}
    for address in (re.sub(r"<[^>]*>", "1", rule) for rule in posts):
        answers = [anna.post(address, token, csrf=False, **headers), visitor.post(address, csrf=False, **headers)]
        assert [(each.status_code, "another site" in each.text) for each in answers] == [(403, True)] * 2, address
    assert len(posts) > 40


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:80"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_change_from_a_page_of_this_site_is_taken(anna: Visitor, headers: dict[str, str]) -> None:
    assert anna.post("/settings/theme", {"theme": "dark"}, **headers).status_code == 303


def test_a_link_from_another_site_leads_in(anna: Visitor) -> None:
    assert anna.get("/inbox", **{"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_demo_answers_to_names_of_this_machine_only(settings: Settings, services: Services) -> None:
    environment = {"BLANKETT_MODE": "demo", "BLANKETT_SECRET": "s" * 40}
    demo = settings_from_environment(environment)
    made = Visitor(make_app(demo, services).test_client())
    hosts = ("localhost:8300", "127.0.0.1:8300", "blankett.example", "192.168.1.7:8300")
    assert [made.get("/health", Host=host).status_code for host in hosts] == [200, 200, 400, 400]
    with pytest.raises(SettingsError, match="anybody signs in as anybody"):
        settings_from_environment({**environment, "BLANKETT_HOSTS": "blankett.example"})
