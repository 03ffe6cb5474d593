"""Webhooks of the sandbox: who may make them, what is sent, retries, and the delivery log."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from local.sandbox import Sandbox
from local.sandbox.spec import load_spec

CHECKOUT = "Checkout redesign"
Json = dict[str, Any]


class Receiver:
    """A webhook endpoint that keeps what it gets and answers the statuses it was told."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                event = json.loads(self.rfile.read(length))
                status = 200
                if event["event_type"] != "PING" and receiver.statuses:
                    status = receiver.statuses.pop(0)
                receiver.events.append(event)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def comments(self) -> list[Json]:
        return [each for each in self.events if each["event_type"] == "FILE_COMMENT"]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    running.faults(rate_limits=False)
    return running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def until(holds: Callable[[], object]) -> None:
    """Wait for something that happens in another thread; fails after ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def call(sandbox: Sandbox, person: str, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"X-Figma-Token": sandbox.person(person)["token"]}
    return httpx.request(method, sandbox.url + path, headers=headers, **more)


def make_hook(
    sandbox: Sandbox, url: str, person: str = "Ada Okafor", /, **changes: str
) -> httpx.Response:
    body = {
        "event_type": "FILE_COMMENT",
        "context": "file",
        "context_id": sandbox.file(CHECKOUT)["key"],
        "endpoint": url,
        "passcode": "pass-1",
    }
    return call(sandbox, person, "POST", "/v2/webhooks", json=body | changes)


def test_a_new_webhook_gets_a_ping_unless_it_is_paused(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    hook = make_hook(sandbox, receiver.url).json()
    assert (hook["context"], hook["passcode"], hook["team_id"]) == ("FILE", "pass-1", "")
    until(lambda: receiver.events)
    ping = receiver.events[0]
    assert set(ping) == {"event_type", "passcode", "timestamp", "webhook_id"}
    assert load_spec().check_named("WebhookPingPayload")(ping) is None
    assert make_hook(sandbox, receiver.url, status="PAUSED").json()["status"] == "PAUSED"
    until(lambda: sandbox.deliveries())
    assert len(sandbox.deliveries()) == 1


def test_a_comment_is_delivered_in_figmas_wire_format(sandbox: Sandbox, receiver: Receiver) -> None:
    hook = make_hook(sandbox, receiver.url).json()
    words = "@Jonas Lind look :eyes:\nplease @buddy"
    comment = sandbox.post_comment("Ada Okafor", CHECKOUT, words)
    until(receiver.comments)
    (event,) = receiver.comments()
    assert load_spec().check_named("WebhookFileCommentPayload")(event) is None
    jonas = {"id": sandbox.person("Jonas Lind")["id"], "handle": "Jonas Lind"}
    assert event["comment"] == [
        {"mention": jonas["id"]},
        {"text": " look "},
        {"text": ":eyes:"},
        {"text": "\nplease @buddy"},
    ]
    assert event["mentions"] == [jonas]
    assert event["triggered_by"] == {
        "id": sandbox.person("Ada Okafor")["id"],
        "handle": "Ada Okafor",
    }
    same = ("webhook_id", "comment_id", "parent_id", "resolved_at", "retries", "protocol_version")
    assert [event[name] for name in same] == [hook["id"], comment["id"], "", "", 0, "2"]
    assert (event["passcode"], event["order_id"]) == ("pass-1", "4")
    assert not {"client_meta", "email", "img_url"} & set(event)
    assert comment["message"] == words


def test_a_reply_through_the_api_fires_too_and_its_at_name_is_plain_text(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    make_hook(sandbox, receiver.url)
    root = sandbox.comments(CHECKOUT)[0]["id"]
    body = {"message": "Hello @Jonas Lind", "comment_id": root}
    path = f"/v1/files/{sandbox.file(CHECKOUT)['key']}/comments"
    call(sandbox, "Buddy", "POST", path, json=body)
    until(receiver.comments)
    (event,) = receiver.comments()
    assert event["comment"] == [{"text": "Hello @Jonas Lind"}]
    assert (event["mentions"], event["parent_id"], event["order_id"]) == ([], root, "")
    assert event["triggered_by"]["handle"] == "Buddy"


def test_team_project_and_file_webhooks_each_get_the_event(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    file = sandbox.file(CHECKOUT)
    make_hook(sandbox, receiver.url)
    make_hook(sandbox, receiver.url, context="project", context_id=file["project_id"])
    make_hook(sandbox, receiver.url, context="team", context_id=file["team_id"])
    sandbox.post_comment("Ada Okafor", CHECKOUT, "Hi")
    until(lambda: len(receiver.comments()) == 3)
    assert len({event["webhook_id"] for event in receiver.comments()}) == 3
    assert len({event["comment_id"] for event in receiver.comments()}) == 1


def test_a_team_webhook_is_silent_for_invite_only_projects_and_drafts(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    make_hook(sandbox, receiver.url, context="team", context_id=sandbox.file(CHECKOUT)["team_id"])
    sandbox.post_comment("Ada Okafor", "Pricing page, confidential", "Secret")
    sandbox.post_comment("Ada Okafor", "Ada's draft", "Early")
    heard = sandbox.post_comment("Ada Okafor", CHECKOUT, "Open")
    until(receiver.comments)
    assert [event["comment_id"] for event in receiver.comments()] == [heard["id"]]


@pytest.mark.parametrize(
    ("person", "context", "status", "reason"),
    [
        ("Jonas Lind", "team", 403, "admin of the team"),
        ("Jonas Lind", "project", 200, ""),
        ("Victor Hale", "project", 403, "able to edit"),
        ("Jonas Lind", "file", 200, ""),
        ("Victor Hale", "file", 403, "able to edit"),
        ("Priya Raman", "file", 403, "able to edit"),
    ],
)
def test_who_may_make_a_webhook(
    sandbox: Sandbox, receiver: Receiver, person: str, context: str, status: int, reason: str
) -> None:
    file = sandbox.file(CHECKOUT)
    place = {"team": file["team_id"], "project": file["project_id"], "file": file["key"]}[context]
    answer = make_hook(sandbox, receiver.url, person, context=context, context_id=place)
    assert answer.status_code == status
    assert reason in answer.text


def test_the_starter_plan_has_no_webhooks(sandbox: Sandbox, receiver: Receiver) -> None:
    key = sandbox.file("Portfolio site")["key"]
    answer = make_hook(sandbox, receiver.url, "Inês Duarte", context_id=key)
    assert (answer.status_code, "Starter" in answer.json()["err"]) == (403, True)


@pytest.mark.parametrize(("context", "slots"), [("file", 3), ("project", 5), ("team", 20)])
def test_a_place_has_only_so_many_slots(
    sandbox: Sandbox, receiver: Receiver, context: str, slots: int
) -> None:
    file = sandbox.file(CHECKOUT)
    place = {"team": file["team_id"], "project": file["project_id"], "file": file["key"]}[context]
    more = {"context": context, "context_id": place, "status": "PAUSED"}
    codes = [make_hook(sandbox, receiver.url, **more).status_code for _ in range(slots + 1)]
    assert codes == [200] * slots + [400]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"endpoint": "https://example.com/hook"}, "on this machine"),
        ({"passcode": "p" * 101}, "passcode is longer than 100"),
        ({"description": "d" * 151}, "description is longer than 150"),
        ({"event_type": "PING"}, "cannot be subscribed"),
        ({"event_type": "NOPE"}, "event_type"),
        ({"context": "galaxy"}, "context must be"),
        ({"context_id": "nothing"}, "no file with the id"),
    ],
)
def test_a_wrong_webhook_is_refused_with_the_reason(
    sandbox: Sandbox, receiver: Receiver, change: dict[str, str], reason: str
) -> None:
    answer = make_hook(sandbox, receiver.url, **change)
    assert answer.status_code == 400
    assert reason in answer.json()["message"]


def test_webhooks_are_listed_changed_and_deleted_without_showing_the_passcode(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    hook = make_hook(sandbox, receiver.url).json()
    ask = {"context": "file", "context_id": hook["context_id"]}
    (listed,) = call(sandbox, "Ada Okafor", "GET", "/v2/webhooks", params=ask).json()["webhooks"]
    assert listed == {**hook, "passcode": ""}
    path = f"/v2/webhooks/{hook['id']}"
    changed = call(sandbox, "Ada Okafor", "PUT", path, json={"status": "PAUSED"}).json()
    assert (changed["status"], changed["endpoint"]) == ("PAUSED", receiver.url)
    assert call(sandbox, "Victor Hale", "GET", path).status_code == 404
    assert call(sandbox, "Ada Okafor", "DELETE", path).json()["id"] == hook["id"]
    gone = call(sandbox, "Ada Okafor", "GET", path)
    assert (gone.status_code, gone.json()["error"]) == (404, True)
    plain = call(sandbox, "Ada Okafor", "GET", "/v2/webhooks")
    assert plain.json()["message"] == "Missing required parameter context"


def test_a_failed_delivery_is_retried_three_times_on_the_fast_clock(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    hook = make_hook(sandbox, receiver.url).json()
    sandbox.faults(clock=1_000_000, rate_limits=False)
    receiver.statuses = [500, 204, 404, 503]
    comment = sandbox.post_comment("Ada Okafor", CHECKOUT, "Hi")
    until(lambda: len(sandbox.deliveries(comment["id"])) == 4)
    tries = sandbox.deliveries(comment["id"])
    assert [(each["retries"], each["status"]) for each in tries] == [
        (0, 500), (1, 204), (2, 404), (3, 503),
    ]  # fmt: skip
    assert [event["retries"] for event in receiver.comments()] == [0, 1, 2, 3]
    assert all("passcode" not in each["payload"] for each in tries)
    path = f"/v2/webhooks/{hook['id']}/requests"
    log = call(sandbox, "Ada Okafor", "GET", path).json()["requests"]
    assert [each["response_info"]["status"] for each in log] == ["200", "500", "204", "404", "503"]


def test_a_400_stops_the_webhook(sandbox: Sandbox, receiver: Receiver) -> None:
    hook = make_hook(sandbox, receiver.url).json()
    sandbox.faults(clock=1_000_000, rate_limits=False)
    receiver.statuses = [400]
    comment = sandbox.post_comment("Ada Okafor", CHECKOUT, "Hi")
    path = f"/v2/webhooks/{hook['id']}"
    until(lambda: call(sandbox, "Ada Okafor", "GET", path).json()["status"] == "PAUSED")
    sandbox.post_comment("Ada Okafor", CHECKOUT, "Anybody there?")
    assert [event["comment_id"] for event in receiver.comments()] == [comment["id"]]


def test_deliveries_can_be_doubled_lost_delayed_and_sent_again(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    make_hook(sandbox, receiver.url)
    sandbox.faults(
        {"kind": "lost_delivery", "times": 1}, {"kind": "duplicate_delivery", "times": 1},
        rate_limits=False,
    )  # fmt: skip
    lost = sandbox.post_comment("Ada Okafor", CHECKOUT, "Lost")
    twice = sandbox.post_comment("Ada Okafor", CHECKOUT, "Twice")
    until(lambda: len(receiver.comments()) == 2)
    assert {event["comment_id"] for event in receiver.comments()} == {twice["id"]}
    assert sandbox.deliveries(lost["id"]) == []
    until(lambda: len(sandbox.deliveries(twice["id"])) == 2)
    assert sandbox.redeliver(comment_id=twice["id"]) == 1
    until(lambda: len(receiver.comments()) == 3)
    assert receiver.comments()[-1]["retries"] == 1
    sandbox.faults({"kind": "delivery_delay", "seconds": 0.05, "times": 1}, clock=7)
    late = sandbox.post_comment("Ada Okafor", CHECKOUT, "Late")
    until(lambda: receiver.comments()[-1]["comment_id"] == late["id"])


def test_an_endpoint_that_does_not_answer_is_logged_as_such(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.close()
    make_hook(sandbox, receiver.url)
    until(sandbox.deliveries)
    (attempt,) = sandbox.deliveries()
    assert attempt["status"] is None
    assert "ConnectError" in attempt["error"]
