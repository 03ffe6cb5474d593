"""Signing in at the sandbox: consent, codes of 30 seconds, refresh, scopes."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from local.sandbox import Sandbox, SandboxConfig

CONFIG = SandboxConfig(strict=True)
APP = (CONFIG.client_id, CONFIG.client_secret)
REDIRECT = CONFIG.redirect_uris[0]
VERIFIER = "v" * 64


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox.start(CONFIG) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def authorize_url(sandbox: Sandbox, **changes: str) -> str:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "client_id": CONFIG.client_id,
        "redirect_uri": REDIRECT,
        "scope": " ".join(CONFIG.scopes),
        "state": "s-123",
        "response_type": "code",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{sandbox.url}/oauth?{urlencode(asked | changes)}"


def sign_in(sandbox: Sandbox, person: str = "Ada Okafor", **changes: str) -> dict[str, str]:
    callback = sandbox.sign_in(person, authorize_url(sandbox, **changes))
    assert callback is not None
    assert callback.startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}


def exchange(sandbox: Sandbox, code: str, auth: Any = APP, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return httpx.post(f"{sandbox.url}/v1/oauth/token", data=form | changes, auth=auth)


def me(sandbox: Sandbox, token: str) -> httpx.Response:
    return httpx.get(f"{sandbox.url}/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_allowing_gives_a_code_that_becomes_tokens(sandbox: Sandbox) -> None:
    callback = sign_in(sandbox, "Jonas Lind")
    assert callback["state"] == "s-123"
    tokens = exchange(sandbox, callback["code"]).json()
    assert set(tokens) == {
        "user_id_string", "access_token", "token_type", "expires_in", "refresh_token",
    }  # fmt: skip
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 7_776_000)
    assert tokens["user_id_string"] == sandbox.person("Jonas Lind")["id"]
    assert me(sandbox, tokens["access_token"]).json()["handle"] == "Jonas Lind"


def test_declining_makes_no_callback(sandbox: Sandbox) -> None:
    assert sandbox.sign_in("Ada Okafor", authorize_url(sandbox), decision="decline") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scope": "current_user:read projects:read"}, "Invalid scopes for app"),
        ({"client_id": "another"}, "OAuth app with this client id does not exist"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "Invalid redirect uri"),
        ({"response_type": "token"}, "Invalid response type"),
        ({"code_challenge_method": "plain"}, "code_challenge_method must be S256"),
    ],
)
def test_asking_wrongly_shows_a_400_and_never_redirects(
    sandbox: Sandbox, change: dict[str, str], message: str
) -> None:
    answer = httpx.get(authorize_url(sandbox, **change))
    assert answer.status_code == 400
    assert answer.json() == {"error": True, "status": 400, "message": message, "i18n": None}


def test_a_code_works_once_and_only_with_the_right_proof(sandbox: Sandbox) -> None:
    code = sign_in(sandbox)["code"]
    assert exchange(sandbox, code).status_code == 200
    assert exchange(sandbox, code).json()["message"] == "Invalid code"
    code = sign_in(sandbox)["code"]
    refused = exchange(sandbox, code, code_verifier="w" * 64)
    assert (refused.status_code, refused.json()["message"]) == (400, "Invalid code verifier")
    code = sign_in(sandbox)["code"]
    assert exchange(sandbox, code, auth=(APP[0], "wrong")).status_code == 401


def test_a_code_dies_after_thirty_seconds(sandbox: Sandbox) -> None:
    assert sandbox.app is not None
    world = sandbox.app.extensions["sandbox"].world
    real, shift = world.now, 0.0
    world.now = lambda: real() + shift
    try:
        code, late = sign_in(sandbox)["code"], sign_in(sandbox)["code"]
        shift = 29.0
        assert exchange(sandbox, code).status_code == 200
        shift = 31.0
        assert exchange(sandbox, late).json()["message"] == "Code expired"
    finally:
        world.now = real


def test_a_json_body_is_refused_and_noted(sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/v1/oauth/token", json={"code": "x"}, auth=APP)
    assert answer.status_code == 400
    assert sandbox.violations()[0]["reason"] == "OAuth requests must be form-encoded"


@pytest.mark.parametrize("path", ["/v1/oauth/refresh", "/v1/oauth/token"])
def test_refreshing_kills_the_old_token_and_keeps_the_refresh_token(
    sandbox: Sandbox, path: str
) -> None:
    tokens = exchange(sandbox, sign_in(sandbox)["code"]).json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    fresh = httpx.post(sandbox.url + path, data=form, auth=APP).json()
    assert set(fresh) == {"access_token", "token_type", "expires_in"}
    assert me(sandbox, tokens["access_token"]).json()["err"] == "Invalid token"
    assert me(sandbox, fresh["access_token"]).status_code == 200
    assert httpx.post(sandbox.url + path, data=form, auth=APP).status_code == 200


def test_an_expired_token_says_so_and_a_revoked_one_cannot_be_refreshed(sandbox: Sandbox) -> None:
    tokens = exchange(sandbox, sign_in(sandbox)["code"]).json()
    sandbox.expire("Ada Okafor")
    assert me(sandbox, tokens["access_token"]).json() == {"status": 403, "err": "Token expired"}
    sandbox.revoke("Ada Okafor")
    form = {"refresh_token": tokens["refresh_token"]}
    refused = httpx.post(f"{sandbox.url}/v1/oauth/refresh", data=form, auth=APP)
    assert (refused.status_code, refused.json()["message"]) == (400, "Invalid refresh token")


def test_a_missing_scope_is_named(sandbox: Sandbox) -> None:
    tokens = exchange(sandbox, sign_in(sandbox, scope="current_user:read")["code"]).json()
    answer = httpx.get(
        f"{sandbox.url}/v1/files/{sandbox.file('Checkout redesign')['key']}/comments",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    )
    assert answer.status_code == 403
    assert answer.json()["err"] == (
        "Invalid scope(s): current_user:read. This endpoint requires the file_comments:read scope"
    )


def test_an_oauth_token_in_the_header_for_personal_tokens_is_refused(sandbox: Sandbox) -> None:
    tokens = exchange(sandbox, sign_in(sandbox)["code"]).json()
    headers = {"X-Figma-Token": tokens["access_token"]}
    assert httpx.get(f"{sandbox.url}/v1/me", headers=headers).json()["err"] == "Invalid token"
