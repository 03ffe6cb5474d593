"""Signing in, staying signed in, and every way in which that ends."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import psycopg
import pytest
import streamlit as st
from postgrest.exceptions import APIError
from streamlit.testing.v1 import AppTest
from supabase import Client

from dashboard.access import auth, session
from dashboard.data import operators, reads
from dashboard.data.operators import find_operator
from dashboard.data.writes import send
from local.stack import Database, Stack
from local.stack.stack import free_port
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    FakeBrowser,
    metrics,
    open_page,
    settings_of,
    sign_in,
    words,
)

# The two shapes hosted Supabase Auth answers errors in: with this header the code stands in `code`.
# https://supabase.com/docs/guides/auth/debugging/error-codes
NEWER = {"X-Supabase-Api-Version": "2024-01-01"}


@pytest.fixture
def refusing() -> Iterator[Callable[..., str]]:
    """Makes a sign-in service that answers everything with one status and error code; its URL."""
    servers: list[HTTPServer] = []

    def make(status: int, code: str, *, newer: bool = False) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                old = {"code": status, "error_code": code, "msg": code}
                body = json.dumps({"code": code, "message": code} if newer else old).encode()
                self.send_response(status)
                for name, value in NEWER.items() if newer else ():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_visitor_finds_a_form_and_nothing_else(router: AppTest) -> None:
    router.run()
    assert not router.exception
    assert [each.label for each in router.text_input] == ["E-mail", "Password"]
    assert not router.metric and not router.dataframe
    assert "sign_in_notice" not in router.session_state


def test_a_wrong_password_is_said_so(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"), "not it")
    assert [each.value for each in router.error] == [auth.WRONG]
    assert not router.metric


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(router: AppTest) -> None:
    sign_in(router, "nobody@example.com")
    assert [each.value for each in router.error] == [auth.WRONG]


def test_an_empty_form_asks_for_both(router: AppTest) -> None:
    sign_in(router, "  ", "")
    assert "Enter your e-mail address and your password" in router.error[0].value


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (400, "invalid_credentials", auth.WRONG),
        (422, "email_provider_disabled", auth.PASSWORDS_OFF),
        (429, "over_request_rate_limit", auth.TOO_MANY),
        (429, "anything", auth.TOO_MANY),
        (400, "email_not_confirmed", auth.NOT_CONFIRMED),
        (400, "user_banned", auth.BLOCKED),
        (401, "no_authorization", auth.BAD_KEY),
        (500, "unexpected_failure", auth.AWAY),
        (503, "anything", auth.AWAY),
    ],
)
def test_each_refusal_of_the_sign_in_service_has_its_sentence(
    router: AppTest,
    refusing: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    sentence: str,
    newer: bool,
) -> None:
    monkeypatch.setenv("SUPABASE_URL", refusing(status, code, newer=newer))
    sign_in(router, "ada@example.com")
    assert not router.exception
    assert [each.value for each in router.error] == [sentence]


def test_a_sign_in_service_that_is_away_is_said_so(
    router: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_URL", f"http://127.0.0.1:{free_port()}")
    sign_in(router, "ada@example.com")
    assert [each.value for each in router.error] == [auth.AWAY]


def test_somebody_who_is_no_operator_is_refused_and_can_sign_out(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.make_account("stranger@example.com")
    sign_in(router, "stranger@example.com")
    assert not router.exception
    assert "may not use the dashboard" in router.error[0].value
    assert not router.metric
    router.button[0].click().run()
    assert [each.label for each in router.text_input] == ["E-mail", "Password"]


def test_the_sidebar_says_who_is_signed_in_and_in_which_role(router: AppTest, buddy: Buddy) -> None:
    email = buddy.make_operator("support")
    sign_in(router, email)
    assert router.sidebar.text[0].value == email
    assert "Support" in router.sidebar.markdown[0].value
    assert router.sidebar.button[0].label == "Sign out"


def test_signing_out_leads_back_to_the_form(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    router.sidebar.button[0].click().run()
    assert not router.exception
    assert not router.metric
    assert router.text_input[1].value == ""


def test_a_reloaded_page_and_a_second_tab_stay_signed_in_until_one_signs_out(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = FakeBrowser()
    monkeypatch.setattr(session, "visitor", browser.visitor())
    sign_in(router, buddy.make_operator("founder"))
    assert browser.fetch_cookie(router).status_code == 204
    monkeypatch.setattr(session, "visitor", browser.visitor())
    other_tab = AppTest.from_file(router._script_path, default_timeout=60).run()
    assert "Answers" in metrics(other_tab)
    router.sidebar.button[0].click().run()
    other_tab.run()
    assert not other_tab.metric
    assert other_tab.warning[0].value == auth.OVER


def test_another_browser_is_not_signed_in(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = FakeBrowser()
    monkeypatch.setattr(session, "visitor", browser.visitor())
    sign_in(router, buddy.make_operator("founder"))
    browser.fetch_cookie(router)
    monkeypatch.setattr(session, "visitor", FakeBrowser().visitor())
    stranger = AppTest.from_file(router._script_path, default_timeout=60).run()
    assert not stranger.metric
    assert stranger.text_input


def test_an_expired_token_is_renewed_without_a_word(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    signed_in: auth.SignIn = router.session_state[session.KEY]
    tokens = signed_in._client.auth._in_memory_session
    assert tokens is not None
    refresh_token = tokens.refresh_token
    tokens.expires_at = 1
    st.cache_data.clear()
    router.run()
    assert not router.exception and not router.error
    assert "Answers" in metrics(router)
    renewed = signed_in._client.auth._in_memory_session
    assert renewed is not None and renewed.refresh_token != refresh_token


def test_a_token_the_database_refuses_is_renewed_once(database: Database, buddy: Buddy) -> None:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    tokens = signed_in._client.auth._in_memory_session
    assert tokens is not None
    forged = tokens.access_token[:-6] + "forged"
    signed_in._client.options.headers["Authorization"] = f"Bearer {forged}"
    signed_in._client._postgrest = None
    st.cache_data.clear()
    found = find_operator(signed_in)
    assert found is not None and found.role == "finance"


def test_a_session_that_cannot_be_renewed_is_over_and_leads_back(
    router: AppTest, buddy: Buddy
) -> None:
    email = buddy.make_operator("founder")
    router.query_params["period"] = "7 days"
    sign_in(router, email)
    tokens = router.session_state[session.KEY]._client.auth._in_memory_session
    tokens.expires_at, tokens.refresh_token = 1, "used-up"
    st.cache_data.clear()
    router.run()
    assert not router.exception
    assert [each.value for each in router.warning] == [auth.OVER]
    sign_in(router, email)
    assert [each.value for each in router.title] == ["Overview"]
    assert router.segmented_control(key="period").value == "7 days"


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (400, "user_banned", auth.BLOCKED),
        (400, "refresh_token_not_found", auth.OVER),
        (400, "refresh_token_already_used", auth.OVER),
        (403, "session_not_found", auth.OVER),
        (403, "session_expired", auth.OVER),
    ],
)
def test_a_session_that_was_ended_elsewhere_leads_back_with_its_sentence(
    router: AppTest, buddy: Buddy, refusing: Callable[..., str], status: int, code: str,
    sentence: str,
) -> None:  # fmt: skip
    sign_in(router, buddy.make_operator("founder"))
    client = router.session_state[session.KEY]._client.auth
    client._in_memory_session.expires_at = 1
    client._url = refusing(status, code, newer=True)
    st.cache_data.clear()
    router.run()
    assert not router.exception and not router.metric
    assert [each.value for each in router.warning] == [sentence]


def test_an_account_that_was_removed_meanwhile_cannot_renew_its_session(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("delete from auth.users where email = %s", [email])
    router.session_state[session.KEY]._client.auth._in_memory_session.expires_at = 1
    st.cache_data.clear()
    router.run()
    assert [each.value for each in router.warning] == [auth.OVER]
    assert not router.metric


@pytest.mark.parametrize("change", ["disabled_at = now()", None])
def test_an_operator_who_is_removed_meanwhile_is_refused_at_the_next_step(
    router: AppTest, buddy: Buddy, database: Database, change: str | None
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    assert "Answers" in metrics(router)
    with psycopg.connect(database.admin_url) as connection:
        what = f"update public.operators set {change}" if change else "delete from public.operators"
        connection.execute(f"{what} where email = %s", [email])
    operators.read_operator.clear()
    router.run()
    assert not router.exception and not router.metric
    assert "may not use the dashboard" in router.error[0].value
    assert router.button[0].label == "Sign out"


def test_a_role_that_changes_meanwhile_changes_the_pages_and_forgets_what_was_read(
    router: AppTest, buddy: Buddy
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    open_page(router, "revenue")
    assert "MRR" in metrics(router)
    user_id = router.session_state[session.KEY].user_id
    buddy.call("set_operator", user_id, email, "support")
    operators.read_operator.clear()
    router.run()
    assert not router.exception
    assert "MRR" not in metrics(router)
    assert "Support" in router.sidebar.markdown[0].value
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(router, "revenue")


def test_signing_out_ends_the_session_at_the_sign_in_service_too(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = buddy.make_operator("founder")
    elsewhere = auth.sign_in(settings_of(database), email, PASSWORD)
    sign_in(router, email)
    tokens = router.session_state[session.KEY]._client.auth._in_memory_session
    router.sidebar.button[0].click().run()
    url = f"{database.supabase_url}/auth/v1/token?grant_type=refresh_token"
    body = {"refresh_token": tokens.refresh_token}
    answer = auth.connections().post(url, json=body, headers={"apikey": database.anon_key})
    assert answer.status_code in (400, 401, 403)
    # Another device of the same person stays signed in.
    assert elsewhere.client(renew=True)


class Skewed:
    """A way to the database that refuses its first calls as PostgREST does a token's times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.refusals = 0
        self.message = "JWT issued at future"
        self.calls = 0
        self._send = httpx.HTTPTransport.handle_request
        monkeypatch.setattr(reads, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda *each: self.answer(*each))

    def answer(self, transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if "/rest/v1/" not in request.url.path:
            return self._send(transport, request)
        self.calls += 1
        if self.refusals == 0:
            return self._send(transport, request)
        self.refusals -= 1
        found = {"code": "PGRST303", "message": self.message, "details": None, "hint": None}
        return httpx.Response(401, json=found, request=request)


def test_a_token_from_the_future_is_tried_again_in_a_moment_and_not_renewed(
    database: Database, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    skewed = Skewed(monkeypatch)
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    before = signed_in.client().auth.get_session()
    st.cache_data.clear()
    skewed.refusals = 1
    found = find_operator(signed_in)
    assert found is not None and found.role == "finance"
    after = signed_in.client().auth.get_session()
    assert before and after and after.access_token == before.access_token
    assert skewed.calls == 2
    # A change is made all the same; nothing was done before.
    skewed.refusals, parameters = 1, {"p_month": "2026-03-01", "p_reason": "books are done"}
    send(found, "close_month", parameters)
    assert buddy.rows("select code from public.billing_months") == [("2026-03",)]


def test_clocks_that_stay_apart_are_told_and_nobody_is_signed_out(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    skewed = Skewed(monkeypatch)
    skewed.refusals = 1000
    st.cache_data.clear()
    router.run()
    assert not router.exception and not router.warning
    assert "cannot be read right now" in router.error[0].value
    skewed.refusals = 0
    router.run()
    assert not router.error
    assert "Answers" in metrics(router)


def test_a_renewed_token_that_is_too_early_is_waited_for(
    database: Database, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    said = iter(["JWT expired", "JWT issued at future"])

    def question(client: Client) -> str:
        if message := next(said, None):
            raise APIError({"code": "PGRST303", "message": message})
        return "read"

    monkeypatch.setattr(reads, "PAUSE_SECONDS", 0)
    assert reads.ask_plainly(signed_in, question) == "read"


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "anything"), (429, "anything"), (409, "conflict"), (422, "hook_timeout")],
)
def test_a_sign_in_service_that_is_away_does_not_end_a_session(
    router: AppTest, buddy: Buddy, refusing: Callable[..., str], status: int, code: str
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    client = router.session_state[session.KEY]._client.auth
    client._in_memory_session.expires_at = 1
    home, client._url = client._url, refusing(status, code, newer=True)
    st.cache_data.clear()
    router.run()
    assert "cannot be read right now" in router.error[0].value
    client._url = home
    router.run()
    assert not router.error
    assert "Answers" in metrics(router)


def test_a_database_that_stops_is_one_plain_sentence(
    router: AppTest, stack: Stack, template: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = stack.serve(stack.create_database("stopping", template=template.name))
    monkeypatch.setenv("SUPABASE_URL", served.supabase_url)
    buddy = Buddy(served)
    try:
        sign_in(router, buddy.make_operator("founder"))
    finally:
        buddy.close()
        stack.stop_serving(served)
        stack.drop_database(served.name)
    st.cache_data.clear()
    router.run()
    assert not router.exception
    assert "cannot be read right now" in router.error[0].value
    assert "127.0.0.1" not in words(router)
    assert router.button[0].label == "Try again"


def test_missing_settings_are_all_named_on_the_page(
    router: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUPABASE_URL")
    monkeypatch.delenv("SUPABASE_ANON_KEY")
    router.run()
    assert not router.exception
    assert "SUPABASE_URL: is missing" in router.error[0].value
    assert "SUPABASE_ANON_KEY: is missing" in router.error[0].value
