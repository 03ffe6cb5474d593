"""Records are read from what SQL gives: what has to be there, what may be, what is passed over."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import pytest

from service.errors import Unavailable
from service.store.answer_records import Closed, Job, StoredDraft, Window, read_begun
from service.store.people_records import Usage
from service.store.record import WrongShape
from service.store.secret_records import Departing
from service.store.sql_calls import SqlCalls, read_result
from service.store.upkeep_records import ChosenSettings

USAGE: dict[str, Any] = {
    "plan_code": "trial", "plan_name": "Trial", "limit": 10, "is_unlimited": False, "used": 3,
    "reserved": 0, "left": 7, "resets_at": "2026-12-01T00:00:00+00:00",
}  # fmt: skip
TOKEN = {
    "user_id": "u1", "access_token_encrypted": "sealed", "expires_at": "2099-01-01T00:00:00+00:00",
    "version": 1, "is_revoked": False,
}  # fmt: skip


def test_times_and_what_is_inside_become_what_the_types_say() -> None:
    row = {"id": "w1", "figma_webhook_id": "22", "tries": 0}
    departing = Departing.from_json({"token": TOKEN, "webhooks": [row, row]})
    assert departing.token and departing.token.expires_at == datetime(2099, 1, 1, tzinfo=UTC)
    assert [each.figma_webhook_id for each in departing.webhooks] == ["22", "22"]
    assert Departing.from_json({"token": None, "webhooks": []}) == Departing(None, ())
    assert Usage.from_json(USAGE).to_json() == USAGE
    assert departing.to_json() == {"token": TOKEN, "webhooks": [row, row]}


def test_a_record_does_not_change_and_does_not_show_what_is_sealed() -> None:
    window = Window.from_json({"may_post": False, "wait_ms": 40})
    assert window == Window(may_post=False, wait_ms=40, is_muted=False)
    with pytest.raises(FrozenInstanceError):
        window.may_post = True  # type: ignore[misc]
    assert "sealed" not in repr(Departing.from_json({"token": TOKEN, "webhooks": []}))


def test_a_key_that_this_version_does_not_know_is_passed_over() -> None:
    """During a deploy the functions are a version ahead of the processes."""
    assert Usage.from_json(USAGE | {"rollover": 5}) == Usage.from_json(USAGE)
    assert ChosenSettings.from_json({"triggers": ["@ink"], "newer": 1}).triggers == ("@ink",)


def test_a_draft_may_be_older_than_a_field_of_it() -> None:
    assert StoredDraft.from_json({"run": 2, "usage": {"cost_microusd": 1}}).links == ()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({**USAGE, "resets_at": "soon"}, '"resets_at" of Usage cannot be read'),
        ({key: USAGE[key] for key in USAGE if key != "left"}, 'there is no "left" for Usage'),
        (None, "there is no object for Usage"),
        ([1], "there is no object for Usage"),
    ],
)
def test_a_wrong_shape_is_told_by_function_and_key_and_passes(body: Any, problem: str) -> None:
    with pytest.raises(WrongShape, match=problem):
        Usage.from_json(body)
    with pytest.raises(Unavailable) as raised:
        read_result(Usage.from_json, "get_account", body)
    assert problem in raised.value.message and "get_account" in raised.value.message
    assert raised.value.status == 503 and raised.value.retry_after


def test_what_begins_an_answer_is_a_job_or_says_that_there_is_nothing_to_do() -> None:
    over = {"decision": "done", "state": "answered", "reason": ""}
    assert read_begun(over) == Closed("done", "answered", "")
    with pytest.raises(Unavailable, match="begin_answer"):
        read_result(read_begun, "begin_answer", {"decision": "answer"})
    with pytest.raises(Unavailable, match="begin_answer"):
        read_result(read_begun, "begin_answer", {})
    assert Job.__dataclass_fields__.keys() > {"tokens", "figma_limits", "draft"}


def test_a_plain_value_of_another_kind_is_told_too() -> None:
    calls = SqlCalls.__new__(SqlCalls)
    calls._call = lambda *_given, **_named: None  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match=r"fail_look.*it is no int"):
        calls._value(int, "fail_look")
