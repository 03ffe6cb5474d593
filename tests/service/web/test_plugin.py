"""The plugin's way in: agreed to or declined in the browser, taken back by signing out there."""

import re
import secrets

import httpx
import pytest

from service.secrets.encryption import challenge_of
from service.web.routes.plugin import plugin_code
from tests.service.web.conftest import Person, Web, design_link

CONTEXT = "/api/user/context"
ME = "/api/user/me"


def collect(web: Web, secret: str) -> httpx.Response:
    url = f"{web.url}/api/auth/plugin/session"
    headers = {"Origin": "null"}
    return httpx.post(url, json={"secret": secret}, headers=headers, trust_env=False)


def approve(person: Person, challenge: str, decision: str = "allow") -> httpx.Response:
    page = person.http.get(f"/api/auth/plugin?challenge={challenge}")
    assert plugin_code(challenge) in page.text
    found = re.search(r'name="form_token" value="(\w+)"', page.text)
    assert found
    form = {"challenge": challenge, "form_token": found[1], "decision": decision}
    return person.ask("POST", "/api/auth/plugin", data=form)


def connect(web: Web, person: Person, secret: str = "") -> httpx.Client:
    """A plugin that the person let in, as it calls the service from then on."""
    secret = secret or secrets.token_urlsafe(32)
    approve(person, challenge_of(secret))
    headers = {"Authorization": f"Bearer {collect(web, secret).json()['token']}", "Origin": "null"}
    web.people.append(httpx.Client(base_url=web.url, headers=headers, trust_env=False))
    return web.people[-1]


def test_the_plugin_gets_its_session_once_after_approval(web: Web) -> None:
    secret = secrets.token_urlsafe(32)
    challenge = challenge_of(secret)
    person = web.person()
    location = person.sign_in(query=f"?plugin={challenge}").headers["Location"]
    assert location == f"/api/auth/plugin?challenge={challenge}"
    assert collect(web, secret).status_code == 202
    assert "is connected" in approve(person, challenge).text
    answer = collect(web, secret)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    me = httpx.get(f"{web.url}/api/user/me", headers=bearer, trust_env=False).json()
    assert me["user"]["handle"] == "Ada Okafor"
    put = httpx.put(web.url + CONTEXT, json={"tone": "x"}, trust_env=False,
                    headers={**bearer, "Origin": "null", "If-Match": '"v1"'})  # fmt: skip
    assert put.status_code == 200
    assert collect(web, secret).status_code == 410


@pytest.mark.parametrize("decisions", [["decline"], ["allow", "decline"], ["decline", "decline"]])
def test_a_declined_plugin_gets_nothing_and_stops_asking(
    web: Web, ada: Person, decisions: list[str]
) -> None:
    secret = secrets.token_urlsafe(32)
    assert collect(web, secret).status_code == 202
    answers = [approve(ada, challenge_of(secret), each) for each in decisions]
    assert "was not connected" in answers[-1].text
    assert (collect(web, secret).status_code, collect(web, secret).json()["error"]) == (
        410, "handover_over",
    )  # fmt: skip


def test_declining_after_the_plugin_signed_in_says_so(web: Web, ada: Person) -> None:
    secret = secrets.token_urlsafe(32)
    plugin = connect(web, ada, secret)
    answer = approve(ada, challenge_of(secret), "decline")
    assert answer.status_code == 409 and "has signed in already" in answer.text
    assert plugin.get(ME).status_code == 200


def test_agreeing_again_counts_until_the_five_minutes_are_over(web: Web, ada: Person) -> None:
    secret = secrets.token_urlsafe(32)
    challenge = challenge_of(secret)
    for _ in range(2):
        assert "is connected" in approve(ada, challenge).text
    web.change("update public.plugin_handovers set expires_at = now() - interval '1 second'")
    late = approve(ada, challenge)
    assert late.status_code == 410 and "This sign-in is over" in late.text
    assert collect(web, secret).status_code == 410


@pytest.mark.parametrize("decision", ["allow", "decline"])
def test_a_code_is_of_the_one_who_answered_it_first(web: Web, ada: Person, decision: str) -> None:
    secret = secrets.token_urlsafe(32)
    challenge = challenge_of(secret)
    jonas = web.person()
    jonas.sign_in("Jonas Lind")
    approve(ada, challenge)
    answer = approve(jonas, challenge, decision)
    assert "The plugin is connected" not in answer.text
    bearer = {"Authorization": f"Bearer {collect(web, secret).json()['token']}"}
    me = httpx.get(web.url + ME, headers=bearer, trust_env=False).json()
    assert me["user"]["handle"] == "Ada Okafor"


def test_a_plugin_lets_in_no_other_plugin_and_deletes_nothing(web: Web, ada: Person) -> None:
    plugin = connect(web, ada)
    challenge = challenge_of("x" * 40)
    form = {"challenge": challenge, "form_token": "0" * 64, "decision": "allow"}
    refused = [
        plugin.get("/api/auth/plugin", params={"challenge": challenge}),
        plugin.post("/api/auth/plugin", data=form),
        plugin.post(
            "/api/pipelines",
            json={"figma_url": design_link("ChkOut7Qm2VxLpR4tYw8Za"), "options": {"push": True}},
        ),
        plugin.delete(ME),
    ]
    assert [each.status_code for each in refused] == [403, 403, 403, 403]
    assert all("A plugin cannot do this" in each.text for each in refused)
    assert refused[-1].json()["error"] == "browser_needed"
    described = plugin.get("/openapi.json").json()["paths"][ME]["delete"]
    assert described["security"] == [{"cookie": []}] and "403" in described["responses"]
    assert plugin.get(ME).status_code == 200


def test_a_plugins_token_is_nothing_in_a_cookie(web: Web, ada: Person) -> None:
    token = connect(web, ada).headers["Authorization"].removeprefix("Bearer ")
    thief = web.person()
    thief.http.cookies["buddy_session"] = token
    assert thief.ask("DELETE", ME).status_code == 401
    challenge = challenge_of("x" * 40)
    location = thief.http.get(f"/api/auth/plugin?challenge={challenge}").headers["Location"]
    assert location == f"/api/auth/figma-oauth?plugin={challenge}"


def test_signing_out_of_the_browser_signs_out_ones_own_plugins(web: Web, ada: Person) -> None:
    jonas = web.person()
    jonas.sign_in("Jonas Lind")
    secret = secrets.token_urlsafe(32)
    mine, other, theirs = connect(web, ada), connect(web, ada), connect(web, jonas)
    approve(ada, challenge_of(secret))
    elsewhere = web.person()
    elsewhere.sign_in("Ada Okafor")

    assert other.post("/api/auth/logout").status_code == 200
    assert [each.get(ME).status_code for each in (mine, other, theirs)] == [200, 401, 200]
    ada.sign_in("Ada Okafor")
    assert mine.get(ME).status_code == 200
    page = ada.http.get(f"/api/auth/plugin?challenge={challenge_of('x' * 40)}").text
    assert "as soon as you sign out" in " ".join(page.split())
    assert ada.ask("POST", "/api/auth/logout").status_code == 200
    assert [each.get(ME).status_code for each in (mine, theirs)] == [401, 200]
    assert collect(web, secret).status_code == 410
    assert elsewhere.http.get(ME).status_code == 200


def test_a_plugin_form_of_another_session_is_refused(web: Web, ada: Person) -> None:
    challenge = challenge_of("x" * 40)
    form = {"challenge": challenge, "form_token": "0" * 64, "decision": "allow"}
    assert ada.ask("POST", "/api/auth/plugin", data=form).status_code == 403
    assert web.rows("select 1 from public.plugin_handovers") == []


def test_the_plugins_page_asks_to_sign_in_first(web: Web) -> None:
    challenge = challenge_of("x" * 40)
    answer = web.person().http.get(f"/api/auth/plugin?challenge={challenge}")
    assert answer.headers["Location"] == f"/api/auth/figma-oauth?plugin={challenge}"


def test_a_plugin_can_end_its_session(web: Web, ada: Person) -> None:
    token = ada.http.cookies["buddy_session"]
    url = f"{web.url}/api/auth/logout"
    asked = httpx.options(url, headers={"Origin": "null"}, trust_env=False)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    bearer = {"Authorization": f"Bearer {token}", "Origin": "null"}
    answer = httpx.post(url, headers=bearer, trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "signed_out"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert web.rows("select 1 from public.sessions") == []


def test_a_plugins_form_sent_after_the_session_ended_leads_back_to_it(
    web: Web, ada: Person
) -> None:
    challenge = challenge_of("x" * 40)
    web.change("delete from public.sessions")
    form = {"challenge": challenge, "form_token": "0" * 64, "decision": "allow"}
    answer = ada.ask("POST", "/api/auth/plugin", data=form)
    assert answer.status_code == 401 and "Please sign in" in answer.text
    assert f'href="/api/auth/figma-oauth?plugin={challenge}"' in answer.text
    evil = ada.ask("POST", "/api/auth/plugin", data=form | {"challenge": "https://evil.example"})
    assert evil.status_code == 400 and "evil" not in evil.text
