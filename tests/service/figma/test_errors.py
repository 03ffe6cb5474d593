"""Every refusal and failure of Figma, told as one kind of error with a sentence for a designer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.figma import calls as figma_calls
from service.figma.async_client import AsyncFigmaClient
from service.figma.client import FigmaClient
from service.figma.errors import FigmaError, describe_wait
from tests.service.figma.conftest import KEY, Waiting

SCOPE_REFUSED = "Invalid scope(s): file_content:read. This endpoint requires the {} scope"


def refuse(ask: Callable[..., Any], **options: float) -> FigmaError:
    with pytest.raises(FigmaError) as caught:
        ask(**options)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "code", "ours", "permanent"),
    [
        (403, {"status": 403, "err": "Invalid token"}, "token_invalid", 403, True),
        (403, {"status": 403, "err": "Token expired"}, "token_expired", 403, True),
        (401, {"status": 401, "message": "Unauthorized"}, "token_invalid", 403, True),
        (403, {"status": 403, "err": SCOPE_REFUSED.format("any:read")}, "scope_missing", 403, True),
        (403, {"status": 403, "err": "File not exportable"}, "forbidden", 403, True),
        (403, b"", "forbidden", 403, True),
        (404, {"status": 404, "err": "Not found"}, "not_found", 404, True),
        (400, {"error": True, "status": 400, "message": "bad"}, "bad_request", 502, True),
        (400, {"status": 400, "err": "Request too large. Try"}, "too_large", 502, True),
        (413, b"<html>", "too_large", 502, True),
        (408, b"", "timeout", 503, False),
        (422, [], "bad_request", 502, True),
        (429, {"status": 429, "err": "Rate limit exceeded"}, "rate_limited", 429, False),
        (500, {"status": 500, "err": None}, "figma_down", 503, False),
        (503, b"<html>maintenance", "figma_down", 503, False),
        (302, b"", "unreadable_answer", 502, False),
        (200, b"<html>", "unreadable_answer", 502, False),
        (200, b"[1]", "unreadable_answer", 502, False),
        (200, {"comments": None, "webhooks": None}, "unreadable_answer", 502, False),
        (200, b"[" * 100_000, "unreadable_answer", 502, False),
    ],
)
def test_each_answer_of_figma_has_its_code(figma, way, status, body, code, ours, permanent):
    figma.say(body, status)
    error = refuse(way.read)
    assert (error.code, error.status, error.permanent) == (code, ours, permanent)
    assert error.figma_status == status
    assert not error.maybe_done
    assert way.action in error.message


def test_a_missing_scope_is_named(figma, way):
    figma.say({"status": 403, "err": SCOPE_REFUSED.format(f"{way.scope}:read")}, 403)
    error = refuse(way.read)
    assert error.scope == f"{way.scope}:read"
    assert f"lacks the permission {way.scope}:read" in error.message


def test_a_scope_that_figma_does_not_name_is_the_one_the_call_needs(figma, way):
    figma.say({"status": 403, "err": "Invalid scope(s)"}, 403)
    assert refuse(way.write).scope == f"{way.scope}:write"


def test_no_message_repeats_what_figma_or_the_token_said(figma, way):
    figma.say({"status": 403, "err": "leaked figu_secret-token requires the EVIL:<b> scope"}, 403)
    error = refuse(way.read)
    assert "leaked" not in error.message
    assert "secret" not in error.message
    assert "EVIL" not in error.message


def test_a_rate_limit_says_when_on_which_plan_and_how_to_get_more(figma, way):
    figma.say(
        {"status": 429, "err": "Rate limit exceeded"},
        429,
        Retry_After="396749",
        X_Figma_Plan_Tier="pro",
        X_Figma_Rate_Limit_Type="low",
        X_Figma_Upgrade_Link="https://www.figma.com/files?upgrade=1",
    )
    error = refuse(way.read)
    assert (error.retry_after_seconds, error.retry_after) == (396_749, 396_749)
    assert (error.plan_tier, error.rate_limit_type) == ("pro", "low")
    assert error.upgrade_link == "https://www.figma.com/files?upgrade=1"
    assert "in 5 days" in error.message


def test_odd_rate_limit_headers_are_left_out(figma, way):
    figma.say(
        {},
        429,
        Retry_After="soon",
        X_Figma_Plan_Tier="<b>",
        X_Figma_Upgrade_Link="javascript:alert(1)",
    )
    error = refuse(way.read)
    assert error.retry_after is None
    assert error.plan_tier is None
    assert error.upgrade_link is None
    assert "in a few minutes" in error.message


def test_a_wait_given_as_a_date_is_read_as_seconds(figma, way):
    at = datetime.now(UTC) + timedelta(hours=2)
    figma.say({}, 429, Retry_After=format_datetime(at, usegmt=True))
    assert 7_000 < (refuse(way.read).retry_after or 0) <= 7_200


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "in a few minutes"),
        (0, "in 0 seconds"),
        (1, "in 1 second"),
        (60, "in 60 seconds"),
        (61, "in 2 minutes"),
        (3_601, "in 2 hours"),
        (86_401, "in 2 days"),
    ],
)
def test_a_wait_is_told_in_the_largest_unit_and_rounded_up(seconds, said):
    assert describe_wait(seconds) == said


def test_a_reply_that_was_lost_may_have_been_stored(figma, way):
    figma.drop_next()
    error = refuse(way.write)
    assert (error.code, error.maybe_done, error.permanent) == ("figma_down", True, False)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_post_that_failed_inside_figma_may_have_been_stored(figma, way, status):
    figma.say({}, status)
    assert refuse(way.write).maybe_done


def test_a_post_whose_answer_has_no_id_may_have_been_stored(figma, way):
    figma.say({"message": "Fine."})
    error = refuse(way.write)
    assert (error.code, error.maybe_done) == ("unreadable_answer", True)


@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_a_post_that_figma_refused_was_not_stored(figma, way, status):
    figma.say({}, status)
    assert not refuse(way.write).maybe_done


def test_a_silent_figma_is_a_timeout(figma, way):
    figma.stall_next()
    figma.stall_next()
    read = refuse(way.read, timeout=0.2)
    write = refuse(way.write, timeout=0.2)
    assert (read.code, read.figma_status, read.maybe_done) == ("timeout", None, False)
    assert (write.code, write.permanent, write.maybe_done) == ("timeout", False, True)


def test_an_answer_that_drips_without_end_is_a_timeout(figma, way):
    figma.drip_next()
    assert refuse(way.read, timeout=0.3).code == "timeout"


def test_an_answer_beyond_all_measure_is_not_read_to_its_end(figma, way, monkeypatch):
    monkeypatch.setattr(figma_calls, "MAX_ANSWER_BYTES", 1_000)
    figma.say({way.listed: ["x" * 2_000]})
    assert refuse(way.read).code == "too_large"


def test_a_redirect_is_not_followed_so_the_token_stays_with_figma(figma, way):
    figma.say(b"", 307, Location=f"{figma.url}/elsewhere")
    assert refuse(way.write).code == "unreadable_answer"
    assert [each.path for each in figma.asked] == [way.path]


def test_a_broken_compression_is_an_unreadable_answer(figma, way):
    figma.say(b"not gzip", Content_Encoding="gzip")
    assert refuse(way.read).code == "unreadable_answer"


def test_a_figma_that_cannot_be_reached_has_stored_nothing(figma_settings, token):
    nowhere = figma_settings.model_copy(update={"figma_api_url": "http://127.0.0.1:1"})
    client, worker_client = FigmaClient(nowhere), Waiting(AsyncFigmaClient(nowhere))
    for ask in (
        lambda: client.delete_webhook(token, "22"),
        lambda: worker_client.post_comment(token, KEY, "Fine."),
    ):
        error = refuse(ask)
        assert (error.code, error.maybe_done, error.figma_status) == ("figma_down", False, None)
    client.close()
    worker_client.end()


def test_an_observer_sees_each_call_with_its_outcome(figma, way, calls):
    figma.say({way.listed: []})
    figma.say({}, 429, Retry_After="7", X_Figma_Plan_Tier="org", X_Figma_Rate_Limit_Type="high")
    figma.drop_next()
    way.read()
    refuse(way.write)
    refuse(way.read)
    good, limited, lost = calls
    assert (good.endpoint, good.tier, good.status, good.code) == (way.reading, 2, 200, None)
    assert good.duration_ms >= 0
    assert (limited.endpoint, limited.status, limited.code) == (way.writing, 429, "rate_limited")
    assert (limited.plan_tier, limited.limit_type, limited.retry_after) == ("org", "high", 7)
    assert (lost.status, lost.code) == (None, "figma_down")


def test_logs_hold_neither_tokens_nor_texts(figma, way):
    figma.say({way.listed: [{"id": "1", "message": "private words"}]})
    figma.say({"status": 400, "err": "private words"}, 400)
    with capture_logs() as logs:
        way.read()
        refuse(way.write)
    assert [each["log_level"] for each in logs] == ["debug", "warning"]
    assert [each["endpoint"] for each in logs] == [way.reading, way.writing]
    assert not any(secret in str(logs) for secret in ("secret", "private", "Fine."))
