"""Signing in with Figma, and every way it can fail."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from local.sandbox.client import Sandbox
from service.secrets.encryption import challenge_of, token_hash
from tests.service.web.conftest import Person, Web


def test_signing_in_makes_an_account_and_opens_the_account_page(web: Web) -> None:
    person = web.person()
    answer = person.sign_in("Ada Okafor")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account")
    assert "Ada Okafor" in person.http.get("/account").text
    cookie = answer.headers["Set-Cookie"]
    assert "buddy_session=" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    me = person.http.get("/api/user/me").json()
    assert me["user"]["handle"] == "Ada Okafor"
    assert (me["usage"]["left"], me["needs_sign_in"]) == (10, False)


def test_tokens_are_stored_encrypted_with_the_scopes_asked_for(web: Web, ada: Person) -> None:
    [row] = web.rows("select * from public.figma_tokens")
    assert row["access_token_encrypted"].startswith("gAAAA")
    assert web.services.vault.decrypt(row["access_token_encrypted"]).startswith("figu_")
    assert web.services.vault.decrypt(row["refresh_token_encrypted"]).startswith("figur_")
    assert row["scopes"] == list(web.services.settings.figma_scopes)


def test_the_session_is_stored_as_a_hash_alone(web: Web, ada: Person) -> None:
    [row] = web.rows("select token_hash from public.sessions")
    assert row["token_hash"] == token_hash(ada.http.cookies["buddy_session"])


def test_figma_is_asked_with_state_and_pkce(web: Web) -> None:
    asked = parse_qs(urlsplit(web.person().start_sign_in()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43 and len(asked["state"][0]) >= 30
    assert asked["redirect_uri"] == [web.services.settings.figma_redirect_uri]


def test_signing_in_again_ends_the_browsers_old_session(web: Web, ada: Person) -> None:
    old = ada.http.cookies["buddy_session"]
    ada.sign_in("Ada Okafor")
    answer = web.person().http.get("/api/user/me", headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
    assert len(web.rows("select 1 from public.users")) == 1


def test_a_callback_cannot_be_used_twice(web: Web) -> None:
    person = web.person()
    callback = web.sandbox.sign_in("Ada Okafor", person.start_sign_in())
    assert callback
    person.http.get(callback)
    again = person.http.get(callback)
    assert again.status_code == 400 and "no longer valid" in again.text


def test_another_browsers_sign_in_is_refused(web: Web) -> None:
    callback = web.sandbox.sign_in("Ada Okafor", web.person().start_sign_in())
    assert callback
    answer = web.person().http.get(callback)
    assert answer.status_code == 400 and "no longer valid" in answer.text
    assert web.rows("select 1 from public.users") == []


def test_a_sign_in_older_than_ten_minutes_is_refused(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = web.person()
    callback = web.sandbox.sign_in("Ada Okafor", person.start_sign_in())
    assert callback
    now = time.time()
    monkeypatch.setattr("authlib.integrations.base_client.framework_integration.time.time",
                        lambda: now + 601)  # fmt: skip
    answer = person.http.get(callback)
    assert answer.status_code == 400 and "10 minutes" in answer.text


def test_declining_has_its_own_page(web: Web) -> None:
    answer = web.person().http.get("/api/auth/figma-oauth?error=access_denied&state=x")
    assert answer.status_code == 403 and "You did not connect Figma" in answer.text
    assert 'href="/api/auth/figma-oauth"' in answer.text


PROBLEMS = {
    "declined": "?error=access_denied&state={state}",
    "refused": "?error=server_error&state={state}",
    "no code": "?state={state}",
    "a code that Figma does not know": "?code=made-up&state={state}",
}


@pytest.mark.parametrize("query", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_trying_again_still_connects_the_plugin(web: Web, query: str) -> None:
    person, challenge = web.person(), challenge_of("x" * 40)
    address = person.start_sign_in(f"?plugin={challenge}")
    state = parse_qs(urlsplit(address).query)["state"][0]
    page = person.http.get("/api/auth/figma-oauth" + query.format(state=state))
    again = re.search(r'href="/api/auth/figma-oauth(\?plugin=[^"]+)"', page.text)
    assert page.status_code in (400, 403) and again
    location = person.sign_in(query=again[1]).headers["Location"]
    assert location == f"/api/auth/plugin?challenge={challenge}"


def test_trying_again_leads_to_no_plugin_that_was_begun_elsewhere(web: Web) -> None:
    address = web.person().start_sign_in(f"?plugin={challenge_of('x' * 40)}")
    state = parse_qs(urlsplit(address).query)["state"][0]
    for query in PROBLEMS.values():
        page = web.person().http.get("/api/auth/figma-oauth" + query.format(state=state))
        assert "plugin=" not in page.text and 'href="/api/auth/figma-oauth"' in page.text


def test_the_start_page_explains_when_figma_did_not_come_back(web: Web) -> None:
    person = web.person()
    assert "Did Figma not bring you back?" not in person.http.get("/").text
    assert web.sandbox.sign_in("Ada Okafor", person.start_sign_in(), decision="decline") is None
    assert "Did Figma not bring you back?" in person.http.get("/").text


def test_a_callback_without_a_code_has_its_own_page(web: Web) -> None:
    person = web.person()
    state = parse_qs(urlsplit(person.start_sign_in()).query)["state"][0]
    answer = person.http.get(f"/api/auth/figma-oauth?state={state}")
    assert answer.status_code == 400 and "without a code" in answer.text


def test_a_code_that_has_run_out_has_its_own_page(web: Web) -> None:
    person = web.person()
    callback = web.sandbox.sign_in("Ada Okafor", person.start_sign_in())
    assert callback and web.sandbox.app
    world = web.sandbox.app.extensions["sandbox"].world
    for code in world.codes.values():
        code["expires_at"] = 0
    answer = person.http.get(callback)
    assert answer.status_code == 400 and "took too long" in answer.text


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"kind": "500", "path": "/v1/oauth/token"}, 503, "Figma is not answering"),
        ({"kind": "500", "path": "/v1/me"}, 503, "Figma is not answering"),
        ({"kind": "429", "path": "/v1/oauth/token"}, 429, "Figma is asking us to wait"),
        ({"kind": "429", "path": "/v1/me", "retry_after": 7200}, 429, "in 2 hours"),
        ({"kind": "slow", "path": "/v1/oauth/token", "seconds": 2}, 504, "too long to answer"),
        ({"kind": "reply_lost", "path": "/v1/oauth/token"}, 503, "Figma is not answering"),
    ],
)
def test_figmas_trouble_becomes_a_page(
    serve: Callable[..., Web], fault: dict, status: int, words: str
) -> None:
    web = serve(figma_timeout_seconds=0.5)
    web.sandbox.faults({**fault, "times": 1})
    answer = web.person().sign_in()
    assert (answer.status_code, words in answer.text) == (status, True)
    assert "buddy_session" not in answer.headers.get("Set-Cookie", "")
    if "retry_after" in fault:
        assert answer.headers["Retry-After"] == str(fault["retry_after"])


def test_figma_being_away_becomes_a_page(serve: Callable[..., Web]) -> None:
    web = serve(figma_token_url="http://127.0.0.1:9/v1/oauth/token")
    assert web.person().sign_in().status_code == 503


def test_a_missing_scope_names_it(serve: Callable[..., Web]) -> None:
    web = serve(figma_scopes=("file_comments:read",))
    answer = web.person().sign_in()
    assert answer.status_code == 403 and "current_user:read" in answer.text


def test_a_wrong_client_secret_is_not_blamed_on_the_person(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = web.app.extensions["web"].figma_oauth
    monkeypatch.setattr(client, "client_secret", "wrong")
    answer = web.person().sign_in()
    assert answer.status_code == 502 and "not on yours" in answer.text


def test_too_many_sign_ins_are_told_when_to_come_back(serve: Callable[..., Web]) -> None:
    person = serve(rate_limit_public="2/minute").person()
    answers = [person.http.get("/api/auth/figma-oauth") for _ in range(3)]
    assert [each.status_code for each in answers] == [302, 302, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 61
    assert answers[2].headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("page", ["/build", "/build/00000000-0000-4000-8000-000000000000?a=%26"])
def test_somebody_who_has_to_sign_in_comes_back_to_the_page(web: Web, page: str) -> None:
    person = web.person()
    link = re.search(r'href="/api/auth/figma-oauth(\?page=[^"]+)"', person.http.get(page).text)
    assert link
    declined = web.sandbox.sign_in("Ada Okafor", person.start_sign_in(link[1]), decision="decline")
    assert declined is None
    assert person.sign_in(query=link[1]).headers["Location"] == page
    # Whoever is signed in by now goes there at once.
    assert person.http.get(f"/api/auth/figma-oauth{link[1]}").headers["Location"] == page


OTHER_PAGES = (
    "//evil.example/build", "https://evil.example/build", "/build/../evil", "/\\evil", "/build\n",
    "/api/user", "/api/auth/plugin?challenge=x", "build", "/build/%2e%2e", "/account/evil", "",
    f"/build?link={'x' * 200}", "/build?a=\r\nSet-Cookie: a=b", "/build?a=b c", "/build?//evil",
)  # fmt: skip


def test_a_sign_in_leads_to_no_other_page(web: Web, ada: Person) -> None:
    for page in OTHER_PAGES:
        answer = ada.http.get(f"/api/auth/figma-oauth?{urlencode({'page': page})}")
        assert "/oauth" in answer.headers["Location"], page
    assert ada.sign_in(query="?page=//evil.example").headers["Location"] == "/account"


@pytest.mark.parametrize("query", ["next=https://evil.example", "plugin=https://evil.example"])
def test_nothing_in_the_address_chooses_where_to_go(web: Web, query: str) -> None:
    answer = web.person().http.get(f"/api/auth/figma-oauth?{query}")
    assert "evil" not in answer.headers.get("Location", "")


def test_many_unfinished_sign_ins_do_not_outgrow_the_cookie(web: Web) -> None:
    person = web.person()
    for _ in range(8):
        person.start_sign_in()
    assert len(person.http.cookies["buddy_sign_in"]) < 2000
    assert person.sign_in().headers["Location"] == "/account"


def test_signing_out_ends_the_session(web: Web, ada: Person) -> None:
    assert ada.ask("POST", "/api/auth/logout").json() == {"status": "signed_out"}
    assert web.rows("select 1 from public.sessions") == []
    assert ada.http.get("/account").headers["Location"] == "/"
    assert ada.ask("POST", "/api/auth/logout").status_code == 200


def test_figmas_specification_finds_nothing_wrong_with_our_calls(
    ada: Person, sandbox: Sandbox
) -> None:
    assert sandbox.violations() == []
