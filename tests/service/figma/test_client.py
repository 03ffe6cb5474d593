"""Both clients against Figma's documented answers, over real HTTP."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from service.figma.async_caller import LARGE_ANSWER_BYTES
from service.figma.async_client import AsyncFigmaClient
from service.figma.errors import FigmaError
from service.figma.oauth_tokens import DEFAULT_LIFE_SECONDS, refresh_access_token
from service.figma.records import Comment, FigmaToken
from tests.service.figma.conftest import KEY

COMMENT = {
    "id": "32",
    "uuid": "0c1e",
    "file_key": KEY,
    "parent_id": "",
    "user": {"id": "813", "handle": "Dylan Field", "img_url": "https://img.example/1"},
    "created_at": "2026-11-02T20:27:16Z",
    "resolved_at": None,
    "message": "Is this readable?",
    "order_id": "23 ",
    "client_meta": {"node_id": "1:2", "node_offset": {"x": 1, "y": 2}, "stable_path": ["1:2"]},
    "reactions": [],
}
REPLY = {**COMMENT, "id": "33", "parent_id": "32", "client_meta": None, "order_id": None}
WEBHOOK = {
    "id": "22",
    "event_type": "FILE_COMMENT",
    "team_id": "",
    "context": "FILE",
    "context_id": KEY,
    "plan_api_id": "team-1",
    "status": "ACTIVE",
    "client_id": None,
    "passcode": "the-passcode",
    "endpoint": "https://buddy.example/hook",
    "description": None,
    "protocol_version": "2",
}


def test_an_oauth_token_travels_as_bearer_and_a_personal_one_in_its_own_header(figma, client):
    for _ in range(2):
        figma.say({"id": "813", "handle": "Dylan", "img_url": "https://img", "email": "d@f.com"})
    person = client.me(FigmaToken("abc", "oauth"))
    client.me(FigmaToken("def", "pat"))
    assert (person.id, person.handle, person.email) == ("813", "Dylan", "d@f.com")
    assert figma.asked[0].headers["authorization"] == "Bearer abc"
    assert "x-figma-token" not in figma.asked[0].headers
    assert figma.asked[1].headers["x-figma-token"] == "def"
    assert "authorization" not in figma.asked[1].headers


def test_a_token_never_shows_in_its_repr():
    assert "secret" not in repr(FigmaToken("secret", "pat"))


@pytest.mark.parametrize("value", ["", "  ", "abc\r\nX-Evil: 1", "tökén"])
def test_a_token_that_cannot_be_a_header_is_refused_before_any_call(figma, client, value):
    with pytest.raises(FigmaError) as caught:
        client.me(FigmaToken(value))
    assert caught.value.code == "token_invalid"
    assert not figma.asked


def test_comments_are_read_with_roots_pins_and_replies(figma, worker_client, token):
    figma.say({"comments": [COMMENT, REPLY]})
    root, reply = worker_client.comments(token, KEY)
    assert (root.parent_id, root.root_id, root.node_id) == (None, "32", "1:2")
    assert (root.user_id, root.user_handle, root.order_id) == ("813", "Dylan Field", "23")
    assert root.created_at == datetime(2026, 11, 2, 20, 27, 16, tzinfo=UTC)
    assert not root.is_resolved
    assert (reply.root_id, reply.client_meta, reply.node_id) == ("32", None, None)


def test_comments_with_missing_and_odd_fields_are_read_as_far_as_they_go(
    figma, worker_client, token
):
    odd = {"id": 7, "parent_id": 6, "user": None, "created_at": "soon", "client_meta": {"x": 1}}
    listed = {**COMMENT, "client_meta": {"node_id": ["4:5"]}, "resolved_at": "2026-11-03T00:00:00"}
    figma.say({"comments": [odd, {"message": "no id"}, None, {"id": []}, listed], "new": 1})
    first, second = worker_client.comments(token, KEY)
    assert (first.id, first.root_id, first.user_id, first.created_at) == ("7", "6", "", None)
    assert second.node_id == "4:5"
    assert second.resolved_at == datetime(2026, 11, 3, tzinfo=UTC)


def test_a_reply_names_its_root_and_nothing_else(figma, worker_client, token):
    figma.say(REPLY)
    assert worker_client.post_comment(token, KEY, "Fine.", "32").id == "33"
    assert figma.asked[0].json == {"message": "Fine.", "comment_id": "32"}


@pytest.mark.parametrize("message", ["", " \n", "x" * 4001])
def test_a_message_of_no_or_too_many_characters_is_refused_here(
    figma, worker_client, token, message
):
    with pytest.raises(FigmaError, match="between 1 and 4000 characters") as caught:
        worker_client.post_comment(token, KEY, message)
    assert caught.value.code == "bad_request"
    assert caught.value.permanent
    assert not figma.asked


def test_file_meta_tells_its_readers_role(figma, client, token):
    figma.say({"file": {"name": "Shop", "role": "viewer", "editorType": "figma", "version": "9"}})
    figma.say({"file": {"name": "Shop", "role": "editor"}})
    assert client.file_meta(token, KEY).role == "viewer"
    assert client.file_meta(token, KEY).role == "editor"


def test_an_unknown_node_is_none_and_ids_are_asked_for_with_colons(figma, worker_client, token):
    node = {"document": {"id": "1:2", "name": "Card", "type": "FRAME"}, "components": {"3:4": {}}}
    figma.say(
        {
            "name": "Shop",
            "lastModified": "2026-11-02T20:27:16Z",
            "version": "77",
            "nodes": {"1:2": node, "9:9": None},
        }
    )
    nodes = worker_client.file_nodes(token, KEY, ["1-2", "9:9"], depth=2)
    assert figma.asked[0].query == {"ids": "1:2,9:9", "depth": "2"}
    assert nodes["9:9"] is None
    found = nodes["1:2"]
    assert found is not None
    assert (found.document["name"], found.file_name) == ("Card", "Shop")
    assert found.components == {"3:4": {}}


def test_a_webhook_is_made_listed_changed_and_deleted(figma, client, token):
    figma.say(WEBHOOK)
    figma.say({"webhooks": [{**WEBHOOK, "passcode": "", "context": "FOLDER"}]})
    figma.say({**WEBHOOK, "status": "PAUSED"})
    figma.say(b"")
    made = client.create_webhook(
        token,
        context="file",
        context_id=KEY,
        endpoint="https://buddy.example/hook",
        passcode="the-passcode",
        description="d" * 200,
    )
    assert (made.id, made.context, made.team_id) == ("22", "file", None)
    assert "the-passcode" not in repr(made)
    assert len(figma.asked[0].json["description"]) == 140
    assert [each.context for each in client.webhooks(token, "project", "5")] == ["project"]
    assert figma.asked[1].query == {"context": "project", "context_id": "5"}
    assert client.update_webhook(token, "22", status="PAUSED").status == "PAUSED"
    assert figma.asked[2].json == {"status": "PAUSED"}
    client.delete_webhook(token, "22")
    assert (figma.asked[3].method, figma.asked[3].path) == ("DELETE", "/v2/webhooks/22")


@pytest.mark.parametrize(
    "limits", [{"endpoint": "https://a/" + "x" * 2048}, {"passcode": "x" * 101}]
)
def test_a_webhook_beyond_figmas_limits_is_refused_here(figma, client, token, limits):
    with pytest.raises(FigmaError, match="has at most"):
        client.update_webhook(token, "22", **limits)
    assert not figma.asked


@pytest.mark.parametrize("key", ["", "..", "../me", "a/b", "a?b", "a%2Fb", "ключ", "a\n"])
def test_a_key_that_would_lead_to_another_path_is_refused_here(figma, worker_client, token, key):
    with pytest.raises(FigmaError) as caught:
        worker_client.comments(token, key)
    assert caught.value.code == "bad_request"
    assert not figma.asked


def test_a_long_thread_is_read_whole_though_beside_the_event_loop(figma, worker_client, token):
    figma.say({"comments": [{**COMMENT, "id": str(number)} for number in range(1_000)]})
    assert len(figma.answers[0][1]) > LARGE_ANSWER_BYTES
    assert [each.id for each in worker_client.comments(token, KEY)][-1] == "999"


def test_no_cookie_of_one_call_travels_with_the_next(figma, way):
    figma.say({way.listed: []}, Set_Cookie="session=one; Path=/")
    figma.say({way.listed: []})
    way.read()
    way.read()
    assert "cookie" not in figma.asked[1].headers


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("file_meta", (KEY,)),
        ("file_nodes", (KEY, ["1:2"], 1)),
        ("comments", (KEY,)),
        ("webhooks", ("team", "9")),
        ("me", ()),
    ],
)
def test_an_answer_to_some_other_question_is_not_taken_for_an_empty_one(
    figma, operation, token, method, values
):
    figma.say({"status": 200})
    with pytest.raises(FigmaError) as caught:
        operation(method)(token, *values)
    assert caught.value.code == "unreadable_answer"


def test_many_threads_share_one_client(figma, client, token):
    for _ in range(40):
        figma.say({"webhooks": [WEBHOOK]})
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.webhooks(token, "team", "9"), range(40)))
    assert [len(each) for each in answers] == [1] * 40


def test_hundreds_of_calls_go_out_at_once(figma, figma_settings, token):
    for _ in range(200):
        figma.say({"comments": [COMMENT]})

    async def ask_all() -> list[list[Comment]]:
        client = AsyncFigmaClient(figma_settings)
        try:
            return await asyncio.gather(*(client.comments(token, KEY) for _ in range(200)))
        finally:
            await client.close()

    assert [len(each) for each in asyncio.run(ask_all())] == [1] * 200


def test_a_refresh_signs_in_with_basic_auth_and_keeps_tokens_out_of_its_repr(figma, client):
    figma.say({"access_token": "new-secret", "token_type": "bearer", "expires_in": 7776000})
    tokens = refresh_access_token(client, "old/re+fresh")
    asked = figma.asked[0]
    assert asked.path == "/v1/oauth/refresh"
    assert asked.headers["authorization"] == "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ="
    assert asked.body == b"grant_type=refresh_token&refresh_token=old%2Fre%2Bfresh"
    assert (tokens.access_token, tokens.expires_in, tokens.refresh_token) == (
        "new-secret",
        7776000,
        None,
    )
    assert "secret" not in repr(tokens)


@pytest.mark.parametrize("life", [None, "90", -1, True, 0])
def test_a_refresh_without_a_usable_lifetime_counts_on_the_documented_one(figma, client, life):
    figma.say({"access_token": "new", "expires_in": life, "refresh_token": "next"})
    tokens = refresh_access_token(client, "old")
    assert (tokens.expires_in, tokens.refresh_token) == (DEFAULT_LIFE_SECONDS, "next")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": True, "status": 400, "message": "Invalid refresh token"}, "token_invalid"),
        (400, {"error": "invalid_grant"}, "token_invalid"),
        (403, {"status": 403, "err": "Token expired"}, "token_invalid"),
        (401, {"error": "invalid_client"}, "forbidden"),
        (404, {"status": 404, "err": "Not found"}, "not_found"),
        (429, {"status": 429, "err": "Rate limit exceeded"}, "rate_limited"),
        (500, b"oops", "figma_down"),
        (200, {"token_type": "bearer"}, "unreadable_answer"),
    ],
)
def test_a_refused_refresh_says_whether_to_sign_in_again(figma, client, status, body, code):
    figma.say(body, status)
    with pytest.raises(FigmaError) as caught:
        refresh_access_token(client, "old-refresh-token")
    assert caught.value.code == code
    assert "old-refresh-token" not in caught.value.message
    assert caught.value.maybe_done == (code in ("figma_down", "unreadable_answer"))
