"""Figma's API as the sandbox plays it: tokens, files, comments, reactions, rate limits, faults."""

import time
from collections.abc import Iterator

import httpx
import pytest

from local.sandbox import Sandbox

CHECKOUT = "Checkout redesign"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def key(sandbox: Sandbox) -> str:
    return sandbox.file(CHECKOUT)["key"]


class Caller:
    """Calls the API as one person."""

    def __init__(self, sandbox: Sandbox, person: str, header: str = "X-Figma-Token"):
        token = sandbox.person(person)["token"]
        self.headers = {header: token if header == "X-Figma-Token" else f"Bearer {token}"}
        self.url = sandbox.url

    def __call__(self, method: str, path: str, **more: object) -> httpx.Response:
        return httpx.request(method, self.url + path, headers=self.headers, **more)


def test_a_seeded_token_works_in_both_headers(sandbox: Sandbox) -> None:
    for header in ("X-Figma-Token", "Authorization"):
        me = Caller(sandbox, "Ada Okafor", header)("GET", "/v1/me").json()
        assert (me["handle"], me["email"]) == ("Ada Okafor", "ada.okafor@example.com")


@pytest.mark.parametrize(
    "headers", [{}, {"X-Figma-Token": "figd_wrong"}, {"Authorization": "Bearer figu_wrong"}]
)
def test_a_bad_token_is_answered_403_not_401(sandbox: Sandbox, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{sandbox.url}/v1/me", headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"status": 403, "err": "Invalid token"})


def test_a_file_tells_the_callers_role_and_hides_from_strangers(sandbox: Sandbox, key: str) -> None:
    roles = {
        name: Caller(sandbox, name)("GET", f"/v1/files/{key}/meta").json()["file"]["role"]
        for name in ("Ada Okafor", "Jonas Lind", "Victor Hale")
    }
    assert list(roles.values()) == ["owner", "editor", "viewer"]
    assert Caller(sandbox, "Tom Becker")("GET", f"/v1/files/{key}/meta").status_code == 404


def test_unknown_nodes_are_null_and_depth_counts_from_the_node(sandbox: Sandbox, key: str) -> None:
    ada = Caller(sandbox, "Ada Okafor")
    path = f"/v1/files/{key}/nodes"
    nodes = ada("GET", path, params={"ids": "1:2,99:1", "depth": 1}).json()["nodes"]
    assert nodes["99:1"] is None
    assert len(nodes["1:2"]["document"]["children"]) > 8
    assert all(child.get("children", []) == [] for child in nodes["1:2"]["document"]["children"])
    whole = ada("GET", path, params={"ids": "1:2"}).json()["nodes"]["1:2"]
    assert whole["components"]["9:10"]["name"] == "Button/Primary"
    assert whole["styles"]["S:ink"]["name"] == "Text/Primary"


@pytest.mark.parametrize(
    ("kind", "start"),
    [("png", b"\x89PNG"), ("jpg", b"\xff\xd8"), ("svg", b"<svg"), ("pdf", b"%PDF")],
)
def test_a_picture_of_a_node_is_fetched_without_a_token(
    sandbox: Sandbox, key: str, kind: str, start: bytes
) -> None:
    ask = {"ids": "1:50,99:1", "format": kind, "scale": "0.5"}
    images = Caller(sandbox, "Ada Okafor")("GET", f"/v1/images/{key}", params=ask).json()["images"]
    assert images["99:1"] is None
    assert httpx.get(images["1:50"]).content.startswith(start)


def test_a_reply_goes_to_a_root_and_has_no_pin(sandbox: Sandbox, key: str) -> None:
    victor = Caller(sandbox, "Victor Hale")
    pin = {"node_id": "1:40", "node_offset": {"x": 1, "y": 2}}
    post = f"/v1/files/{key}/comments"
    root = victor("POST", post, json={"message": "Too small?", "client_meta": pin}).json()
    reply = victor("POST", post, json={"message": "Yes", "comment_id": root["id"]}).json()
    assert (root["parent_id"], root["client_meta"]["node_id"]) == ("", "1:40")
    assert (reply["parent_id"], reply["client_meta"], reply["order_id"]) == (root["id"], None, None)
    refused = victor("POST", post, json={"message": "No", "comment_id": reply["id"]})
    assert refused.status_code == 400
    assert refused.json()["error"] is True
    assert "reply" in refused.json()["message"]
    assert victor("GET", post).json()["comments"][-2:] == [root, reply]


def test_only_the_author_deletes_a_comment(sandbox: Sandbox, key: str) -> None:
    comment = sandbox.post_comment("Jonas Lind", CHECKOUT, "Hm")
    path = f"/v1/files/{key}/comments/{comment['id']}"
    assert Caller(sandbox, "Ada Okafor")("DELETE", path).status_code == 403
    jonas = Caller(sandbox, "Jonas Lind")
    assert jonas("DELETE", path).json() == {"status": 200, "error": False}
    assert jonas("DELETE", path).status_code == 404


def test_reactions_come_and_go(sandbox: Sandbox, key: str) -> None:
    comment = sandbox.post_comment("Jonas Lind", CHECKOUT, "Hm")
    ada = Caller(sandbox, "Ada Okafor")
    path = f"/v1/files/{key}/comments/{comment['id']}/reactions"
    assert ada("POST", path, json={"emoji": ":eyes:"}).status_code == 200
    assert ada("GET", path).json()["reactions"][0]["emoji"] == ":eyes:"
    assert sandbox.comments(CHECKOUT)[-1]["reactions"][0]["user"]["handle"] == "Ada Okafor"
    assert ada("DELETE", path, params={"emoji": ":eyes:"}).status_code == 200
    assert sandbox.comments(CHECKOUT)[-1]["reactions"] == []
    assert ada("POST", path, json={"emoji": "eyes"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": 3},
        {"message": "x", "comment_id": 12},
        {"message": "x", "client_meta": {"x": 1}},
    ],
)
def test_a_request_the_specification_refuses_is_a_400_and_is_noted(
    sandbox: Sandbox, key: str, body: dict[str, object]
) -> None:
    answer = Caller(sandbox, "Ada Okafor")("POST", f"/v1/files/{key}/comments", json=body)
    assert answer.status_code == 400
    (noted,) = sandbox.violations()
    assert (noted["operation"], noted["reason"]) == ("postComment", answer.json()["message"])


def test_a_form_body_and_an_unknown_endpoint_are_noted_too(sandbox: Sandbox, key: str) -> None:
    ada = Caller(sandbox, "Ada Okafor")
    assert ada("POST", f"/v1/files/{key}/comments", data={"message": "x"}).status_code == 400
    assert ada("GET", f"/v1/files/{key}/comments/1").status_code == 404
    assert ada("GET", f"/v1/images/{key}", params={"ids": "1:2", "scale": "9"}).status_code == 400
    assert len(sandbox.violations()) == 3


def ask_until_refused(caller: Caller, path: str, per_minute: int) -> httpx.Response:
    """The refusal: after as many calls as a minute has, and those that leaked out meanwhile."""
    began, calls = time.monotonic(), 0
    while (answer := caller("GET", path)).status_code == 200:
        calls += 1
    leaked = (time.monotonic() - began) * per_minute / 60
    assert answer.status_code == 429 and per_minute <= calls <= per_minute + leaked + 1
    return answer


def test_the_rate_limit_counts_the_seat_in_the_files_plan(sandbox: Sandbox, key: str) -> None:
    victor = Caller(sandbox, "Victor Hale")
    path = f"/v1/files/{key}/comments"
    refused = ask_until_refused(victor, path, 5)
    assert refused.json() == {"status": 429, "err": "Rate limit exceeded"}
    assert 1 <= int(refused.headers["Retry-After"]) <= 12
    assert refused.headers["X-Figma-Plan-Tier"] == "pro"
    assert refused.headers["X-Figma-Rate-Limit-Type"] == "low"
    assert refused.headers["X-Figma-Upgrade-Link"].startswith("https://www.figma.com/")
    ada = Caller(sandbox, "Ada Okafor")
    ask_until_refused(ada, path, 25)
    # Ada's Full seat is worth nothing in somebody's Starter team.
    portfolio = f"/v1/files/{sandbox.file('Portfolio site')['key']}/comments"
    refused = ask_until_refused(ada, portfolio, 5)
    assert refused.headers["X-Figma-Plan-Tier"] == "starter"


def test_rate_limits_can_be_off_and_a_quota_set_by_hand(sandbox: Sandbox, key: str) -> None:
    sandbox.faults(rate_limits=False)
    victor = Caller(sandbox, "Victor Hale")
    path = f"/v1/files/{key}/comments"
    assert {victor("GET", path).status_code for _ in range(30)} == {200}
    sandbox.quota("Victor Hale", 1, remaining=1, retry_after=396_749)
    nodes = f"/v1/files/{key}/nodes?ids=1:2&depth=1"
    assert victor("GET", nodes).status_code == 200
    assert victor("GET", nodes).headers["Retry-After"] == "396749"
    assert victor("GET", path).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("403", 403), ("500", 500)])
def test_a_fault_strikes_the_chosen_requests_as_often_as_told(
    sandbox: Sandbox, key: str, kind: str, status: int
) -> None:
    sandbox.faults({"kind": kind, "path": "comments$", "method": "POST", "times": 1})
    ada = Caller(sandbox, "Ada Okafor")
    path = f"/v1/files/{key}/comments"
    assert ada("GET", path).status_code == 200
    codes = [ada("POST", path, json={"message": "x"}).status_code for _ in range(2)]
    assert codes == [status, 200]
    assert len(sandbox.comments(CHECKOUT)) == 7
    assert [each["status"] for each in sandbox.requests()][-3:] == [200, status, 200]


def test_a_lost_reply_leaves_the_comment_stored(sandbox: Sandbox, key: str) -> None:
    sandbox.faults({"kind": "reply_lost", "path": "comments$", "times": 1})
    ada = Caller(sandbox, "Ada Okafor")
    with pytest.raises(httpx.TransportError):
        ada("POST", f"/v1/files/{key}/comments", json={"message": "Did it arrive?"})
    assert sandbox.comments(CHECKOUT)[-1]["message"] == "Did it arrive?"


def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(sandbox: Sandbox) -> None:
    for fault, reason in (
        ({"kind": "gremlin"}, "kind must be one of"),
        ({"kind": "slow", "seconds": "5"}, "seconds has the wrong type"),
        ({"kind": "slow", "color": "red"}, "color is not known"),
        ({"kind": "slow", "path": "("}, "not a regular expression"),
    ):
        answer = httpx.put(f"{sandbox.url}/sandbox/faults", json={"faults": [fault]})
        assert answer.status_code == 400
        assert reason in answer.json()["err"]
