"""The account: guidance with its version, the page, forged requests, error shapes."""

import re
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from service import guidance
from tests.service.web.conftest import CHECKOUT, Person, Web, design_link

CONTEXT = "/api/user/context"


def test_guidance_is_saved_with_the_version_that_was_read(ada: Person) -> None:
    first = ada.http.get(CONTEXT)
    assert (first.headers["ETag"], first.json()["version"]) == ('"v1"', 1)
    body = {"tone": "brief", "focus_areas": ["contrast"], "brand": "Calm, ünïcode ☃"}
    saved = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": first.headers["ETag"]})
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"v2"')
    assert ada.http.get(CONTEXT).json() == saved.json()
    assert saved.json()["brand"] == "Calm, ünïcode ☃" and saved.json()["instructions"] == ""


def test_what_guests_may_get_is_part_of_the_guidance_and_nothing_by_default(ada: Person) -> None:
    assert ada.http.get(CONTEXT).json()["shared_with_guests"] == []
    body = {"tone": "brief", "shared_with_guests": ["tone", "brand", "tone"]}
    saved = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v1"'}).json()
    assert (saved["version"], saved["shared_with_guests"]) == (2, ["brand", "tone"])
    same = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v2"'}).json()
    assert same["version"] == 2
    # Who does not name it, such as a plugin from before it was there, shares nothing.
    left_out = ada.ask("PUT", CONTEXT, json={"tone": "brief"}, headers={"If-Match": '"v2"'}).json()
    assert (left_out["version"], left_out["shared_with_guests"]) == (3, [])
    stale = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v2"'})
    assert (stale.status_code, stale.json()["current"]["shared_with_guests"]) == (412, [])


def test_what_leaves_for_models_is_chosen_on_the_page_and_told_to_the_plugin(
    web: Web, ada: Person
) -> None:
    path = "/api/model-sharing"
    assert ada.http.get(path).json()["level"] == "texts_and_pictures"
    assert ada.ask("PUT", path, json={"level": "all of it"}).status_code == 422
    forged = ada.ask(
        "PUT", path, json={"level": "nothing"}, headers={"Origin": "https://evil.example"}
    )
    assert forged.status_code == 403
    chosen = ada.ask("PUT", path, json={"level": "nothing"}).json()
    assert (chosen["level"], chosen["is_team"], chosen["may_widen"]) == ("nothing", False, True)
    assert ada.http.get("/api/user/me").json()["model_sharing"] == "nothing"
    page = ada.http.get("/account").text
    assert re.search(r'value="nothing"[^>]*checked', page) and "Chosen by Ada Okafor" in page


@pytest.mark.parametrize("shared", [["model"], ["nonsense"], "tone", [None], None])
def test_only_guidance_can_be_shared_with_guests(ada: Person, shared: object) -> None:
    body = {"shared_with_guests": shared}
    answer = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid")
    assert "shared_with_guests" in answer.json()["message"]


@pytest.mark.parametrize("version", ['"v1"', '"v7"', "W/1"])
def test_a_stale_save_is_refused_with_what_is_in_force(ada: Person, version: str) -> None:
    ada.ask("PUT", CONTEXT, json={"tone": "first"}, headers={"If-Match": '"v1"'})
    answer = ada.ask("PUT", CONTEXT, json={"tone": "second"}, headers={"If-Match": version})
    assert (answer.status_code, answer.json()["error"]) == (412, "stale_version")
    assert (answer.json()["current"]["tone"], answer.json()["current"]["version"]) == ("first", 2)


@pytest.mark.parametrize("version", ["*", "nonsense", '"abc"', '"v1", "v2"', ""])
def test_a_version_that_cannot_be_read_is_not_called_stale(ada: Person, version: str) -> None:
    answer = ada.ask("PUT", CONTEXT, json={"tone": "second"}, headers={"If-Match": version})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert "has to name one version" in answer.json()["message"]
    assert ada.http.get(CONTEXT).json()["version"] == 1


def test_saving_without_a_version_is_refused(ada: Person) -> None:
    answer = ada.ask("PUT", CONTEXT, json={"tone": "x"})
    assert (answer.status_code, answer.json()["error"]) == (428, "if_match_needed")


@pytest.mark.parametrize(("field", "limit"), guidance.CHARS.items())
def test_the_limits_are_those_of_the_database(ada: Person, field: str, limit: int) -> None:
    headers = {"If-Match": '"v1"'}
    long = ada.ask("PUT", CONTEXT, json={field: "☃" * (limit + 1)}, headers=headers)
    assert (long.status_code, long.json()["error"]) == (422, "invalid")
    assert field in long.json()["message"]
    most = ada.ask("PUT", CONTEXT, json={field: "☃" * limit}, headers=headers)
    assert most.status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b'{"focus_areas": ["1","2","3","4","5","6","7","8","9","0","a","b","c"]}',
         "application/json", 422, "invalid"),
        (b'{"tone": "a\\u0000b"}', "application/json", 422, "invalid"),
        (b'{"tone": "\\ud800"}', "application/json", 422, "invalid"),
        (b'{"unknown": 1}', "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"{broken", "application/json", 400, "bad_json"),
        (b"tone=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"tone": "' + b"x" * 1_100_000 + b'"}', "application/json", 413, "too_large"),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_in_one_shape(
    ada: Person, content: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"If-Match": '"v1"', "Content-Type": content_type}
    answer = ada.ask("PUT", CONTEXT, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert set(answer.json()) == {"error", "message", "request_id"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_another_site_cannot_use_the_cookie(web: Web, ada: Person, headers: dict[str, str]) -> None:
    calls = [
        ("PUT", CONTEXT, {"json": {"tone": "evil"}}),
        ("POST", "/api/webhook/manage", {"json": {"link": design_link(CHECKOUT)}}),
        ("DELETE", "/api/user/me", {}),
        ("POST", "/api/auth/logout", {}),
        ("POST", "/api/auth/plugin", {"data": {"decision": "allow"}}),
    ]
    for method, path, more in calls:
        answer = ada.http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]
        assert answer.status_code == 403, path
    assert len(web.rows("select 1 from public.sessions")) == 1


def test_a_same_origin_request_without_origin_header_is_fine(ada: Person) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "If-Match": '"v1"'}
    assert ada.http.put(CONTEXT, json={"tone": "x"}, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/user/me", CONTEXT, "/api/webhook/manage"])
@pytest.mark.parametrize("token", ["", "wrong", "\x7f", "x" * 5000])
def test_without_a_session_the_api_is_closed(web: Web, path: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = web.person().http.get(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "sign_in_needed")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("PUT", "/api/user/me", 405), ("GET", "/api/auth/logout", 405)],
)
def test_the_api_refuses_in_json(web: Web, method: str, path: str, status: int) -> None:
    answer = web.person().http.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "request_id"}
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    if status == 405:
        assert answer.headers["Allow"]


def test_browsers_get_pages(web: Web) -> None:
    answer = web.person().http.get("/nothing")
    assert answer.status_code == 404 and "There is nothing here" in answer.text


def test_a_mistake_of_ours_tells_nothing_of_the_code(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("figu_secretsecretsecret in the code")

    monkeypatch.setattr(web.services.database, "get_session", break_down)
    headers = {"Authorization": "Bearer abcdefgh"}
    api = web.person().http.get("/api/user/me", headers=headers)
    page = web.person().http.get("/account", headers=headers)
    assert (api.status_code, page.status_code) == (500, 500)
    assert api.json()["error"] == "internal_error"
    for text in (api.text, page.text):
        assert "RuntimeError" not in text and "figu_" not in text
        assert "contact support" in text


def test_pages_are_safe_in_the_browser(web: Web, ada: Person) -> None:
    for path in (
        "/",
        "/account",
        "/docs",
        "/docs/rules",
        "/nothing",
        "/api/auth/figma-oauth?error=x",
    ):
        headers = ada.http.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
    for path in ("/", "/account", "/docs", "/docs/rules"):
        text = ada.http.get(path).text
        assert not re.search(r"<script(?! type=\"module\" src=\"/static)|style=|onclick", text)
        assert not re.search(r'(src|stylesheet" href)="(https?:)?//', text)


def test_https_gets_hsts_and_secure_cookies(serve: Callable[..., Web]) -> None:
    web = serve(figma_redirect_uri="https://buddy.example/api/auth/figma-oauth")
    answer = web.person().http.get("/api/auth/figma-oauth")
    assert answer.headers["Strict-Transport-Security"]
    assert "Secure" in answer.headers["Set-Cookie"]


def test_what_people_write_is_never_html(web: Web, ada: Person) -> None:
    evil = "<script>alert(1)</script>"
    ada.ask("PUT", CONTEXT, json={"instructions": evil}, headers={"If-Match": '"v1"'})
    web.change("update public.users set handle = %s", evil)
    assert evil not in ada.http.get("/account").text


@pytest.mark.parametrize(
    ("state", "reason", "says"),
    [
        ("ignored", "thread_muted", "somebody wrote stop in it"),
        ("refused", "loop_breaker", "had paused in this thread after several replies"),
    ],
)
def test_a_comment_without_a_reply_says_why(
    web: Web, ada: Person, state: str, reason: str, says: str
) -> None:
    web.change(
        "insert into public.answers"
        " (file_key, comment_id, root_comment_id, author_figma_id, state, decision, reason)"
        " select 'Key123', '1', '1', figma_user_id, %s, 'ignore', %s from public.users",
        state,
        reason,
    )
    assert says in ada.http.get("/account").text


def test_a_model_is_offered_only_where_the_team_may_choose_one(
    serve: Callable[..., Web],
) -> None:
    web = serve(openai_api_key=SecretStr("a-key"), openai_model="gpt-5-mini")
    ada = web.person()
    ada.sign_in()
    body = {"model": "openai/gpt-5-mini"}
    assert ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v1"'}).status_code == 200
    page = ada.http.get("/account").text
    assert "<option selected>openai/gpt-5-mini</option>" in page and "switched off" not in page

    web.change("update public.feature_flags set is_on = false where code = 'model_choice'")
    page = ada.http.get("/account").text
    assert '<select id="model"' not in page and "choosing one is switched off for your team" in page
    # Saving the form keeps what was chosen, for when it counts again.
    assert '<input type="hidden" id="model" name="model" value="openai/gpt-5-mini">' in page
    kept = ada.ask("PUT", CONTEXT, json=body, headers={"If-Match": '"v2"'})
    assert (kept.status_code, kept.json()["model"]) == (200, "openai/gpt-5-mini")


def test_a_persons_changes_are_limited_together_and_their_reads_are_not(
    serve: Callable[..., Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.web.app.WRITES_PER_PERSON", "3/minute")
    web = serve()
    ada, jonas = web.person(), web.person()
    ada.sign_in("Ada Okafor")
    jonas.sign_in("Jonas Lind")

    def save(person: Person) -> httpx.Response:
        return person.ask("PUT", CONTEXT, json={"tone": "x"}, headers={"If-Match": '"v1"'})

    # What another site sends with the cookie is refused, and is no change of theirs.
    for _ in range(5):
        evil = {"Origin": "https://evil.example"}
        assert ada.http.put(CONTEXT, json={}, headers=evil).status_code == 403
    assert [save(ada).status_code for _ in range(2)] == [200, 200]
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    refused = save(ada)
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert "changed many things" in refused.json()["message"]
    webhook = ada.webhooks()[0]["id"]
    assert ada.ask("DELETE", f"/api/webhook/manage?id={webhook}").status_code == 429
    assert ada.http.get(CONTEXT).status_code == 200
    assert save(jonas).status_code == 200
    assert web.person().ask("PUT", CONTEXT, json={}).status_code == 401


def test_the_page_lets_one_type_as_much_as_may_be_saved(ada: Person) -> None:
    page = ada.http.get("/account").text
    for field, most in guidance.CHARS.items():
        if field != "model":
            assert re.search(rf'name="{field}"[^>]* maxlength="{most}"', page), field
    assert f"at most {guidance.MOST_AREAS}<" in page


def test_focus_areas_are_kept_once_and_never_empty(ada: Person) -> None:
    given = {"focus_areas": ["Contrast", "", "  ", "contrast ", "spacing"]}
    version = ada.ask("GET", CONTEXT).headers["ETag"]
    saved = ada.ask("PUT", CONTEXT, json=given, headers={"If-Match": version})
    assert saved.json()["focus_areas"] == ["Contrast", "spacing"]
