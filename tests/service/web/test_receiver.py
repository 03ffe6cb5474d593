"""The webhook receiver: what Figma may send, and what it must be answered."""

import json
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from service.config import Settings
from service.figma.addressing import reply_marker
from service.receiving import known_webhooks
from service.store import direct_connection, live_settings
from service.store.database import connect
from service.web.routes import receiver
from service.wiring import build_services
from tests.service.web.conftest import CHECKOUT, Web

PATH = "/api/figma-comment-webhook"
PASSCODE = "pässcode-☃"


def add_hook(web: Web) -> dict[str, Any]:
    """A live webhook of a user who never went through Figma."""
    vault = web.services.vault
    web.change("insert into public.users (figma_user_id, handle) values ('1', 'Ada')")
    web.change(
        "insert into public.user_webhooks (user_id, figma_webhook_id, context, context_id, state,"
        " passcode_encrypted, passcode_hash) select id, '22', 'file', 'Key123', 'active', %s, %s"
        " from public.users",
        vault.encrypt(PASSCODE), vault.keyed_hash(PASSCODE),
    )  # fmt: skip
    return web.rows("select * from public.user_webhooks")[0]


@pytest.fixture
def hook(web: Web) -> dict[str, Any]:
    return add_hook(web)


def comment(text: Any = "@buddy is this ok?", **changes: Any) -> dict[str, Any]:
    fragments = [{"text": text}] if isinstance(text, str) else text
    return {
        "event_type": "FILE_COMMENT", "webhook_id": "22", "passcode": PASSCODE,
        "timestamp": "2026-11-22T10:00:00Z", "protocol_version": "2", "retries": 0,
        "file_key": "Key123", "file_name": "Checkout", "comment": fragments, "comment_id": "32",
        "parent_id": "", "order_id": "23 ", "created_at": "2026-11-22T10:00:00Z",
        "resolved_at": "", "mentions": [], "triggered_by": {"id": "813", "handle": "Dylan"},
        **changes,
    }  # fmt: skip


def send(web: Web, body: Any, **more: Any) -> httpx.Response:
    options = {"json": body} if not isinstance(body, bytes) else {"content": body}
    return httpx.post(web.url + PATH, trust_env=False, timeout=30, **options, **more)


def outcome(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("status") or answer.json()["error"]


def jobs(web: Web) -> int:
    return len(web.rows("select 1 from queue.procrastinate_jobs"))


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@buddy is this ok?", []),
        (
            [{"text": "TODO: \n"}, {"mention": "9"}, {"text": " @Buddy, colours?"}],
            [{"id": "9", "handle": "Evan"}],
        ),
        ([{"text": "@buddy great "}, {"text": ":heart:"}, {"text": " but why"}], []),
        ({"text": "@buddy alone"}, []),
    ],
)
def test_an_addressed_comment_is_queued_and_only_where_to_look_is_kept_of_what_it_says(
    web: Web, hook: dict[str, Any], text: Any, mentions: Any
) -> None:
    answer = send(web, comment(text, mentions=[{"id": "9", "handle": "Evan"}]))
    assert outcome(answer) == (200, "queued")
    [row] = web.rows("select * from public.answers")
    assert (row["author_figma_id"], row["question"], row["command"]) == ("", "", None)
    assert row["hint"]["mentions"] == [mentions] and row["root_comment_id"] == "32"
    assert row["request_id"] == answer.headers["X-Request-Id"]
    assert jobs(web) == 1


def test_the_passcode_is_never_stored(web: Web, hook: dict[str, Any]) -> None:
    send(web, comment())
    [row] = web.rows("select payload from public.webhook_deliveries")
    assert "passcode" not in row["payload"] and row["payload"]["comment_id"] == "32"


def test_a_reply_in_a_thread_keeps_its_root(web: Web, hook: dict[str, Any]) -> None:
    send(web, comment(parent_id="7"))
    assert web.rows("select root_comment_id from public.answers")[0]["root_comment_id"] == "7"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (comment("just a remark"), "ignored"),
        (comment(resolved_at="2026-11-22T11:00:00Z"), "ignored"),
        (comment(f"{reply_marker('Buddy')}\n@buddy says hello"), "own_reply"),
        ({"event_type": "PING", "webhook_id": "22", "passcode": PASSCODE, "timestamp": "x"},
         "ping"),
        (comment(event_type="FILE_UPDATE"), "other_event"),
        (comment(event_type="SOMETHING_NEW"), "other_event"),
        (comment(file_key=None), "unreadable"),
        (comment(comment=[7]), "unreadable"),
        ({"webhook_id": "22", "passcode": PASSCODE}, "unreadable"),
        ({"webhook_id": "22", "passcode": PASSCODE, "comment_id": "x\x00y\ud800"}, "unreadable"),
    ],
)  # fmt: skip
def test_whatever_comes_with_the_right_passcode_is_taken(
    web: Web, hook: dict[str, Any], body: dict[str, Any], expected: str
) -> None:
    assert outcome(send(web, json.dumps(body).encode())) == (200, expected)
    [row] = web.rows("select outcome from public.webhook_deliveries")
    assert (row["outcome"], jobs(web)) == (expected, 0)


def test_unknown_and_missing_fields_do_no_harm(web: Web, hook: dict[str, Any]) -> None:
    body = comment(new_field={"deep": [1, None, 1.5]}, resolved_at=None, parent_id=None)
    for name in ("order_id", "mentions", "retries", "protocol_version", "created_at", "file_name"):
        del body[name]
    assert outcome(send(web, body)) == (200, "queued")


def test_text_that_postgres_cannot_hold_is_cleaned(web: Web, hook: dict[str, Any]) -> None:
    raw = json.dumps(comment("@buddy nul \x00 and half a pair \ud83d")).encode()
    assert outcome(send(web, raw)) == (200, "queued")


def test_an_author_of_any_length_is_taken(web: Web, hook: dict[str, Any]) -> None:
    author = {"id": secrets.token_hex(10_000), "handle": "Dylan"}
    assert outcome(send(web, comment(triggered_by=author))) == (200, "queued")
    [row] = web.rows("select payload, hint from public.answers, public.webhook_deliveries")
    assert row["payload"]["triggered_by"]["id"] == row["hint"]["author_id"] == author["id"][:128]


# To the second and beyond what Postgres takes: it knows no zone of 16 hours or more.
ZONES = st.integers(-86_399, 86_399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
MOMENTS = st.one_of(
    st.datetimes(timezones=st.none() | ZONES).map(datetime.isoformat),
    st.datetimes(max_value=datetime(1, 1, 3), timezones=ZONES).map(datetime.isoformat),
    st.datetimes(min_value=datetime(9999, 12, 30), timezones=ZONES).map(datetime.isoformat),
    st.text("0123456789-+:.TZ", max_size=40),
    st.integers() | st.booleans() | st.none() | st.lists(st.integers(), max_size=2),
)


def test_no_timestamp_loses_a_comment(web: Web, hook: dict[str, Any]) -> None:
    numbers = count()

    @hypothesis_settings(max_examples=60, database=None)
    @given(created_at=MOMENTS, timestamp=MOMENTS)
    @example("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+23:59:59.999999")
    @example("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999-23:59")
    @example("0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z")
    @example("2026-11-22T23:59:60Z", "2016-12-31T23:59:60Z")
    @example("2026-11-22T10:00:00+18:00", "2026-11-22T24:00:00Z")
    def check(created_at: Any, timestamp: Any) -> None:
        body = comment(comment_id=str(next(numbers)), created_at=created_at, timestamp=timestamp)
        assert outcome(send(web, body)) == (200, "queued")
        ping = {**body, "event_type": "PING", "comment_id": ""}
        assert outcome(send(web, ping)) == (200, "ping")

    check()
    # Whatever was said: nothing was written before Figma was there, or is yet to be written.
    asked = [row["asked_at"] for row in web.rows("select asked_at from public.answers")]
    assert len(asked) == next(numbers)
    assert min(asked) > datetime(2010, 1, 1, tzinfo=UTC)
    assert max(asked) < datetime.now(UTC) + timedelta(days=2)


def test_what_cannot_be_stored_is_answered_and_warned_of(
    web: Web, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than the index of authors takes.
    monkeypatch.setattr(receiver, "payload_without_passcode", lambda body: body)
    author = {"id": secrets.token_hex(10_000)}
    with capture_logs() as logged:
        assert outcome(send(web, comment(triggered_by=author))) == (200, "unstorable")
    [warning] = [each for each in logged if each["event"] == "unstorable_delivery"]
    assert (warning["log_level"], warning["webhook_id"]) == ("warning", str(hook["id"]))
    assert web.rows("select 1 from public.webhook_deliveries") == []


def test_the_declared_content_type_is_not_held_against_figma(
    web: Web, hook: dict[str, Any]
) -> None:
    raw = json.dumps(comment()).encode()
    answer = send(web, raw, headers={"Content-Type": "text/plain"})
    assert outcome(answer) == (200, "queued")


@pytest.mark.parametrize(
    ("raw", "content_type", "expected"),
    [
        (b"{broken", "application/json", (422, "bad_json")),
        (b"", "application/json", (422, "bad_json")),
        (b"\xff\xfe", "application/json", (422, "bad_json")),
        (b"[" * 100_000, "application/json", (422, "bad_json")),
        (b"[]", "application/json", (422, "unreadable_payload")),
        (b'{"webhook_id": "22"}', "application/json", (422, "unreadable_payload")),
        (b'{"webhook_id": ["22"], "passcode": 5}', "application/json", (422, "unreadable_payload")),
        (b"a=b", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        (b"hello", "text/plain", (415, "unsupported_media_type")),
    ],
)
def test_what_is_not_from_figma_is_refused(
    web: Web, hook: dict[str, Any], raw: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    assert outcome(send(web, raw, headers={"Content-Type": content_type})) == expected


def test_a_wrong_passcode_of_a_known_webhook_is_400(web: Web, hook: dict[str, Any]) -> None:
    for passcode in ("wrong", "pässcode-☂", PASSCODE + " "):
        assert outcome(send(web, comment(passcode=passcode))) == (400, "wrong_passcode")
    assert web.rows("select 1 from public.webhook_deliveries") == []


def test_another_passcode_of_a_deleted_webhook_is_404_and_stops_nothing(
    web: Web, hook: dict[str, Any]
) -> None:
    """It may be just being taken over: Figma has the new passcode first."""
    assert outcome(send(web, comment())) == (200, "queued")
    web.change("update public.user_webhooks set state = 'deleted'")
    assert outcome(send(web, comment(passcode="new"))) == (404, "unknown_webhook")


def test_an_unknown_webhook_is_404_and_limited_by_address(
    serve: Callable[..., Web],
) -> None:
    web = serve(rate_limit_public="2/minute")
    answers = [send(web, comment(webhook_id=f"no{n}")) for n in range(3)]
    assert [each.status_code for each in answers] == [404, 404, 429]
    assert answers[2].headers["Retry-After"]


def test_a_crowd_of_strangers_costs_the_database_nothing(
    serve: Callable[..., Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    web = serve(rate_limit_public="3/minute")
    add_hook(web)
    looks = count_looks(web, monkeypatch)
    bodies = [comment(passcode="wrong"), *(comment(webhook_id=f"no{n}") for n in range(9))]
    statuses = [send(web, body).status_code for body in [*bodies, *bodies]]
    assert statuses == [400, 404, 404] + [429] * 17
    assert len(looks) == 3
    # The one with the wrong passcode brought its webhook into memory.
    assert outcome(send(web, comment())) == (200, "queued")
    assert len(looks) == 3


def count_looks(web: Web, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by each webhook that the database is asked for."""
    looks: list[str] = []
    ask = web.services.database.find_webhook

    def look(figma_webhook_id: str, passcode_hash: str) -> Any:
        looks.append(figma_webhook_id)
        return ask(figma_webhook_id, passcode_hash)

    monkeypatch.setattr(web.services.database, "find_webhook", look)
    return looks


def test_known_webhooks_are_never_limited(serve: Callable[..., Web]) -> None:
    web = serve(rate_limit_public="1/minute")
    add_hook(web)
    answers = [send(web, comment(comment_id=str(n))) for n in range(5)]
    # Not even by strangers at the same address.
    answers += [send(web, comment(webhook_id="no"))]
    answers += [send(web, comment(comment_id=str(n))) for n in range(5, 9)]
    assert [each.status_code for each in answers] == [200] * 5 + [404] + [200] * 4


def test_a_first_delivery_uses_up_nobodys_limit(serve: Callable[..., Web]) -> None:
    web = serve(rate_limit_public="1/minute")
    add_hook(web)
    web.change(
        "insert into public.user_webhooks (user_id, figma_webhook_id, context, context_id, state,"
        " passcode_encrypted, passcode_hash) select user_id, '2' || n, 'file', 'Key' || n,"
        " 'active', passcode_encrypted, passcode_hash || n from public.user_webhooks,"
        " generate_series(3, 6) as n"
    )
    sent = [send(web, comment(webhook_id=f"2{n}", comment_id=str(n))) for n in range(2, 7)]
    assert {each.status_code for each in sent} == {200}


def test_while_only_the_api_is_away_comments_are_still_taken_in(
    serve: Callable[..., Web], monkeypatch: pytest.MonkeyPatch, web_settings: Settings
) -> None:
    services = build_services(web_settings)
    web = serve(services=services)
    add_hook(web)
    assert outcome(send(web, comment())) == (200, "queued")
    nowhere = connect(web_settings.model_copy(update={"supabase_url": "http://127.0.0.1:9"}))
    for name in ("find_webhook", "live_settings"):
        for database in (services.database, services.hasty_database):
            monkeypatch.setattr(database, name, getattr(nowhere, name))
    monkeypatch.setattr(known_webhooks, "KNOWN_SECONDS", 0)
    monkeypatch.setattr(live_settings, "FRESH_SECONDS", 0)
    for number in range(3):
        assert outcome(send(web, comment(comment_id=f"later{number}"))) == (200, "queued")
    assert outcome(send(web, comment(webhook_id="another"))) == (503, "unavailable")
    nowhere.close()


def test_a_passcode_that_no_key_decrypts_is_503_and_named_in_the_log(
    web: Web, hook: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    foreign = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    web.change("update public.user_webhooks set passcode_encrypted = %s", foreign)
    answer = send(web, comment())
    assert outcome(answer) == (503, "passcode_unreadable") and answer.headers["Retry-After"]
    told = [each for each in caplog.records if each.levelname == "ERROR"]
    assert [(each.msg["event"], each.msg["webhook_id"]) for each in told] == [  # type: ignore[index]
        ("passcode_unreadable", str(hook["id"]))
    ]
    vault = web.services.vault
    web.change("update public.user_webhooks set passcode_encrypted = %s", vault.encrypt(PASSCODE))
    assert outcome(send(web, comment())) == (200, "queued")


def test_a_new_passcode_counts_at_once(web: Web, hook: dict[str, Any]) -> None:
    assert outcome(send(web, comment())) == (200, "queued")
    vault = web.services.vault
    web.change(
        "update public.user_webhooks set passcode_encrypted = %s, passcode_hash = %s",
        vault.encrypt("new"), vault.keyed_hash("new"),
    )  # fmt: skip
    assert outcome(send(web, comment(passcode="new", comment_id="33"))) == (200, "queued")
    assert outcome(send(web, comment(comment_id="34"))) == (400, "wrong_passcode")


def test_a_ping_before_figmas_answer_finds_its_webhook(web: Web, hook: dict[str, Any]) -> None:
    web.change("update public.user_webhooks set figma_webhook_id = null, state = 'creating'")
    ping = {"event_type": "PING", "webhook_id": "77", "passcode": PASSCODE, "timestamp": "x"}
    assert outcome(send(web, ping)) == (200, "ping")
    [row] = web.rows("select figma_webhook_id, state, confirmed_at from public.user_webhooks")
    assert (row["figma_webhook_id"], row["state"]) == ("77", "active") and row["confirmed_at"]


@pytest.mark.parametrize("state", ["paused", "deleted"])
def test_a_paused_or_deleted_webhook_queues_nothing(
    web: Web, hook: dict[str, Any], state: str
) -> None:
    web.change("update public.user_webhooks set state = %s", state)
    assert outcome(send(web, comment())) == (200, "paused")
    [row] = web.rows("select payload from public.webhook_deliveries")
    assert (jobs(web), bool(row["payload"])) == (0, state == "paused")


def test_concurrent_duplicates_make_one_job(web: Web, hook: dict[str, Any]) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: send(web, comment()), range(32)))
    assert {each.status_code for each in answers} == {200}
    assert [outcome(each)[1] for each in answers].count("queued") == 1
    assert jobs(web) == 1
    [row] = web.rows("select redelivered from public.webhook_deliveries")
    assert row["redelivered"] == 31


def test_a_body_of_a_megabyte_is_the_most(web: Web, hook: dict[str, Any]) -> None:
    assert outcome(send(web, comment("@buddy " + "x" * 900_000))) == (200, "queued")
    assert outcome(send(web, comment("@buddy " + "x" * 1_100_000))) == (413, "too_large")


def test_the_database_being_away_is_503(serve: Callable[..., Web]) -> None:
    web = serve(supabase_url="http://127.0.0.1:9")
    answer = send(web, comment())
    assert outcome(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def test_postgres_being_away_when_a_delivery_is_stored_is_503(serve: Callable[..., Web]) -> None:
    web = serve(database_url=SecretStr("postgresql://nobody@127.0.0.1:9/nowhere"))
    add_hook(web)
    answer = send(web, comment())
    assert outcome(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] and "127.0.0.1" not in answer.text
    assert jobs(web) == 0
    ready = web.person().http.get("/readyz").json()["checks"]
    assert ready["database"] == "ok" and "cannot answer" in ready["deliveries"]


def test_a_connection_that_the_server_closed_is_opened_again(
    web: Web, hook: dict[str, Any]
) -> None:
    assert outcome(send(web, comment()))[0] == 200
    web.change(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where application_name = 'figma-ai-buddy-web'"
    )
    assert outcome(send(web, comment(comment_id="another")))[0] == 200
    assert jobs(web) == 2


def test_a_store_that_waits_too_long_says_so_and_works_again(
    web: Web, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_connection, "CALL_SECONDS", 1)
    with psycopg.connect(web.database.admin_url) as other:
        other.execute("lock table public.webhook_deliveries in exclusive mode")
        assert outcome(send(web, comment())) == (503, "unavailable")
    assert outcome(send(web, comment()))[0] == 200
    assert jobs(web) == 1


def test_the_request_id_and_trace_go_on_with_the_event(web: Web, hook: dict[str, Any]) -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    send(web, comment(), headers={"X-Request-Id": "from-figma-1", "traceparent": parent})
    [row] = web.rows("select request_id, trace_parent from public.answers")
    assert (row["request_id"], row["trace_parent"]) == ("from-figma-1", parent)


def test_a_real_comment_in_figma_ends_as_one_job(web: Web) -> None:
    person = web.person()
    person.sign_in("Ada Okafor")
    assert person.switch_on(f"https://www.figma.com/design/{CHECKOUT}/x").status_code == 201
    posted = web.sandbox.post_comment("Jonas Lind", CHECKOUT, "@buddy is this contrast ok? ❤️")
    attempts: list[Any] = []
    while not attempts:
        time.sleep(0.02)
        attempts = web.sandbox.deliveries(posted["id"])
    assert [each["status"] for each in attempts] == [200]
    [row] = web.rows("select comment_id, state from public.answers")
    assert row == {"comment_id": posted["id"], "state": "queued"}


def test_one_webhook_brings_no_more_than_it_may_and_others_are_not_held_up(
    serve: Callable[..., Web],
) -> None:
    web = serve(webhook_deliveries_rate="3/minute")
    add_hook(web)
    sent = [send(web, comment(comment_id=str(number))) for number in range(5)]
    assert [each.status_code for each in sent] == [200, 200, 200, 429, 429]
    assert sent[3].headers["Retry-After"] and "more deliveries" in sent[3].json()["message"]
    assert len(web.rows("select 1 from public.webhook_deliveries")) == 3
