"""Where one is signed in: the list, ending others, ends after idleness, and the cookie's name."""

import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from werkzeug.wrappers import Response

from service.secrets.encryption import challenge_of, token_hash
from service.web.sessions import clear_cookie, set_cookie
from tests.service.web.conftest import Person, Web
from tests.service.web.test_plugin import collect, connect

SESSIONS = "/api/user/sessions"
ME = "/api/user/me"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0"
HTTPS = "https://buddy.example/api/auth/figma-oauth"


def browser(web: Web, name: str = "Ada Okafor", user_agent: str = FIREFOX) -> Person:
    person = web.person()
    person.http.headers["User-Agent"] = user_agent
    person.sign_in(name)
    return person


def listed(person: Person) -> list[dict[str, Any]]:
    return person.http.get(SESSIONS).json()["sessions"]


def is_in(client: Person | httpx.Client) -> bool:
    http = client.http if isinstance(client, Person) else client
    return http.get(ME).status_code == 200


def age(web: Web, column: str, interval: str, label: str = "Firefox on Windows") -> None:
    """Move a session's time into the past."""
    web.change(
        f"update public.sessions set {column} = now() - %s::interval where label = %s",
        interval,
        label,
    )


def test_everybody_sees_their_own_sessions_alone(web: Web, ada: Person) -> None:
    other = browser(web)
    connect(web, other)
    browser(web, "Jonas Lind")
    seen = listed(other)
    assert [(each["kind"], each["label"], each["is_this"]) for each in seen] == [
        ("plugin", "", False), ("browser", "Firefox on Windows", True), ("browser", "", False),
    ]  # fmt: skip
    assert all(each["created_at"] <= each["last_used_at"] < each["ends_at"] for each in seen)
    assert "token" not in str(seen)
    page = other.http.get("/account").text
    assert page.count('class="session"') == 3
    assert "Firefox on Windows" in page and "Figma plugin" in page and "This browser" in page


def test_ending_all_others_leaves_this_browser_alone(web: Web, ada: Person) -> None:
    other, jonas = browser(web), browser(web, "Jonas Lind")
    plugin = connect(web, other)
    assert ada.ask("DELETE", SESSIONS).json() == {"status": "ended", "ended": 2}
    assert [is_in(each) for each in (ada, other, plugin, jonas)] == [True, False, False, True]
    assert [each["is_this"] for each in listed(ada)] == [True]
    assert ada.ask("DELETE", SESSIONS).json()["ended"] == 0


def test_what_a_plugin_has_not_collected_yet_ends_with_the_others(web: Web, ada: Person) -> None:
    secret = secrets.token_urlsafe(32)
    [user] = web.rows("select id::text from public.users")
    web.services.database.approve_handover(challenge_of(secret), user["id"], 300)
    ada.ask("DELETE", SESSIONS)
    assert collect(web, secret).status_code == 410


def test_one_session_can_be_ended(web: Web, ada: Person) -> None:
    other, third = browser(web), browser(web)
    named = next(each["id"] for each in listed(other) if each["is_this"])
    answer = ada.ask("DELETE", f"{SESSIONS}/{named}")
    assert (answer.status_code, answer.json()) == (200, {"status": "ended"})
    assert [is_in(each) for each in (ada, other, third)] == [True, False, True]
    assert ada.ask("DELETE", f"{SESSIONS}/{named}").status_code == 200


def test_nobody_ends_another_persons_session(web: Web, ada: Person) -> None:
    jonas = browser(web, "Jonas Lind")
    [named] = [each["id"] for each in listed(jonas)]
    assert ada.ask("DELETE", f"{SESSIONS}/{named}").status_code == 200
    assert is_in(jonas)


def test_ones_own_session_is_ended_by_signing_out(ada: Person) -> None:
    [this] = listed(ada)
    answer = ada.ask("DELETE", f"{SESSIONS}/{this['id']}")
    assert (answer.status_code, answer.json()["error"]) == (409, "this_session")
    assert ada.ask("DELETE", f"{SESSIONS}/nothing").status_code == 422
    assert is_in(ada)


def test_a_plugin_and_another_site_cannot_end_sessions(web: Web, ada: Person) -> None:
    plugin = connect(web, ada)
    named = listed(ada)[0]["id"]
    for method, path in (
        ("GET", SESSIONS),
        ("DELETE", SESSIONS),
        ("DELETE", f"{SESSIONS}/{named}"),
    ):
        assert plugin.request(method, path).status_code == 403
        assert web.person().ask(method, path).status_code == 401
        if method == "DELETE":
            evil = {"Origin": "https://evil.example"}
            assert ada.http.request(method, path, headers=evil).status_code == 403
            assert ada.http.request(method, path).status_code == 403
    assert len(listed(ada)) == 2


# Ends


def test_a_session_ends_when_it_is_not_used(web: Web, ada: Person) -> None:
    other = browser(web)
    age(web, "last_used_at", "13 days 23 hours")
    assert is_in(other)
    age(web, "last_used_at", "14 days")
    assert not is_in(other)
    assert len(listed(ada)) == 1 and is_in(ada)


def test_a_plugins_session_ends_when_it_is_not_used(web: Web, ada: Person) -> None:
    plugin = connect(web, ada)
    web.change("update public.sessions set last_used_at = now() - interval '14 days'"
               " where kind = 'plugin'")  # fmt: skip
    assert not is_in(plugin) and is_in(ada)


def test_how_long_a_session_may_rest_is_a_setting(serve: Callable[..., Web]) -> None:
    web = serve(session_idle_days=2)
    person = browser(web)
    age(web, "last_used_at", "2 days")
    assert not is_in(person)


def test_a_session_that_is_used_every_day_ends_all_the_same(web: Web) -> None:
    person = browser(web)
    [row] = web.rows("select expires_at - created_at as life from public.sessions")
    assert 29.9 < row["life"].total_seconds() / 86_400 < 30.1
    age(web, "expires_at", "1 second")
    assert not is_in(person)


def test_use_is_noted_coarsely(web: Web) -> None:
    person = browser(web)

    def used() -> Any:
        return web.rows("select last_used_at, xmin::text from public.sessions")

    age(web, "last_used_at", "9 minutes")
    before = used()
    assert is_in(person) and is_in(person) and used() == before
    age(web, "last_used_at", "11 minutes")
    before = used()
    assert is_in(person) and used()[0]["last_used_at"] > before[0]["last_used_at"]
    before = used()
    assert is_in(person) and used() == before


def test_a_process_of_the_version_before_still_signs_people_in(web: Web) -> None:
    """During a deploy old processes call the new functions, without what was added."""
    call = web.services.database._call
    when = "2099-01-01T00:00:00Z"
    made = call(
        "sign_in", figma_user_id="1", figma_user_hash="h", handle="Ada", email=None, image_url=None,
        access_token_encrypted="a", refresh_token_encrypted=None, scopes=[], expires_at=when,
        session_hash="s", session_expires_at=when,
    )  # fmt: skip
    assert call("get_session", session_hash="s")["user_id"] == made["user_id"]
    asked = {"challenge": "c" * 43, "session_hash": "p", "session_expires_at": when}
    assert call("collect_handover", **asked) == "waiting"


# The cookie


def add_session(web: Web) -> str:
    """A session's token, of somebody who signed in as the service does behind https."""
    web.change("insert into public.users (figma_user_id, handle) values ('1', 'Ada')")
    token = secrets.token_urlsafe(32)
    web.change("insert into public.sessions (token_hash, user_id, expires_at) select %s, id,"
               " now() + interval '1 day' from public.users", token_hash(token))  # fmt: skip
    return token


def status_with(web: Web, cookie: str) -> int:
    return web.person().http.get(ME, headers={"Cookie": cookie}).status_code


def test_over_https_the_prefixed_cookie_alone_counts(serve: Callable[..., Web]) -> None:
    web = serve(figma_redirect_uri=HTTPS)
    token = add_session(web)
    assert status_with(web, f"__Host-buddy_session={token}") == 200
    assert status_with(web, f"buddy_session={token}") == 401
    assert status_with(web, f"buddy_session={token}; __Host-buddy_session=planted") == 401
    scheme = web.person().http.get("/openapi.json").json()["components"]["securitySchemes"]
    assert scheme["cookie"]["name"] == "__Host-buddy_session"


def test_on_ones_own_machine_the_plain_cookie_alone_counts(web: Web) -> None:
    token = add_session(web)
    assert status_with(web, f"buddy_session={token}") == 200
    assert status_with(web, f"__Host-buddy_session={token}") == 401


def test_every_cookie_over_https_is_of_this_host_alone(serve: Callable[..., Web]) -> None:
    web = serve(figma_redirect_uri=HTTPS)
    started = web.person().http.get("/api/auth/figma-oauth")
    made = Response()
    with web.app.test_request_context():
        set_cookie(made, "token")
        clear_cookie(made)
    signed_out = web.person().ask("POST", "/api/auth/logout")
    cookies = [*started.headers.get_list("Set-Cookie"), *made.headers.getlist("Set-Cookie"),
               *signed_out.headers.get_list("Set-Cookie")]  # fmt: skip
    names = [cookie.partition("=")[0] for cookie in cookies]
    assert names == ["__Host-buddy_sign_in", *["__Host-buddy_session"] * 3]
    for cookie in cookies:
        parts = cookie.split("; ")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts), cookie
        assert "domain" not in cookie.lower()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000"])
def test_a_request_cannot_name_the_origin_it_is_measured_by(
    web: Web, ada: Person, host: str
) -> None:
    forged = {"Host": host, "Origin": f"http://{host}"}
    cookie = {"Cookie": f"buddy_session={ada.http.cookies['buddy_session']}"}
    answer = httpx.delete(web.url + SESSIONS, headers={**forged, **cookie}, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")


@pytest.mark.parametrize(
    "address", ["https://Buddy.Example/", "https://buddy.example:443/", "https://buddy.example/"]
)
def test_our_own_origin_is_known_as_browsers_write_it(
    serve: Callable[..., Web], address: str
) -> None:
    web = serve(figma_redirect_uri=f"{address}api/auth/figma-oauth")
    headers = {"Origin": "https://buddy.example",
               "Cookie": f"__Host-buddy_session={add_session(web)}"}  # fmt: skip
    assert httpx.delete(web.url + SESSIONS, headers=headers, trust_env=False).status_code == 200
