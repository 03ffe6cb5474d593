"""No value that nobody measured is posted: it is repaired once, or a measured review stands in."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from service.answering import wording
from service.config import ModelEndpoint
from service.review.written import LABEL
from tests.exactly_once.scene import ADA, Json, Scene

PAY_BUTTON = "1:50"
FOREIGN = "The label has only 7.77:1, make it 19.5 px."
GIVEN = "The button Button/Primary (1:50) is 38 px high, 44×44 px are advised."


def ask(scene: Scene, *texts: str, node_id: str | None = PAY_BUTTON, **settings: Any) -> Json:
    """The answer's row, after a model that gives these texts one after another."""
    scene.configure(**settings)
    scene.model.behave(texts=list(texts))
    hook = scene.switch_on(scene.connect(ADA))
    return scene.finish(scene.ask(hook, ADA, "@buddy is it large enough?", node_id=node_id))


def reply(scene: Scene) -> str:
    (found,) = scene.replies()
    return found["message"]


def ledger(scene: Scene) -> Json:
    (row,) = scene.rows("select * from public.usage_logs")
    return row


@pytest.mark.parametrize(
    ("text", "state"), [(GIVEN, "grounded"), ("Make it larger.", "no_numbers")]
)
def test_an_answer_whose_numbers_were_given_is_posted_as_it_is(
    scene: Scene, text: str, state: str
) -> None:
    answer = ask(scene, text)
    assert (answer["grounding"], answer["provider"]) == (state, "openai")
    assert text in reply(scene)
    assert len(scene.model.requests) == 1


def test_a_foreign_number_is_repaired_by_the_same_model_which_is_told_which(scene: Scene) -> None:
    answer = ask(scene, FOREIGN, GIVEN)
    assert (answer["grounding"], answer["provider"]) == ("repaired", "openai")
    assert GIVEN in reply(scene) and "7.77" not in reply(scene)
    first, second = (each["body"]["messages"] for each in scene.model.requests)
    assert second[: len(first)] == first
    assert [each["role"] for each in second[len(first) :]] == ["assistant", "user"]
    assert "7.77:1, 19.5 px" in second[-1]["content"]
    # Both calls are paid for, and neither is a fallback.
    row = ledger(scene)
    assert row["fallbacks"] == 0
    assert row["input_tokens"] > 2 * len(str(first)) // 4
    calls = "select reason, calls from public.provider_hourly order by reason"
    assert scene.rows(calls) == [
        {"reason": "ok", "calls": 1}, {"reason": "ungrounded", "calls": 1},
    ]  # fmt: skip


def test_a_number_that_stays_foreign_is_never_posted(scene: Scene) -> None:
    answer = ask(scene, FOREIGN, FOREIGN)
    assert (answer["grounding"], answer["provider"]) == ("fell_back", "measured-review")
    text = reply(scene)
    assert LABEL in text and wording.WITHHELD in text
    assert "7.77" not in text and "19.5" not in text
    row = ledger(scene)
    assert (row["provider"], row["model"]) == ("measured-review", "")
    assert row["cost_microusd"] > 0 and row["input_tokens"] > 0
    assert scene.rows("select grounding, answers from public.grounding_hourly") == [
        {"grounding": "fell_back", "answers": 1}
    ]


def test_without_a_design_the_reply_says_that_a_model_was_left_out(scene: Scene) -> None:
    answer = ask(scene, FOREIGN, FOREIGN, node_id=None)
    assert answer["grounding"] == "fell_back"
    text = reply(scene)
    assert wording.WITHHELD in text and wording.NOTHING_LEFT in text
    assert "No AI model answered" not in text


def test_a_repair_that_fails_ends_in_the_measured_review(scene: Scene) -> None:
    # An empty answer is none.
    answer = ask(scene, FOREIGN, "")
    assert answer["grounding"] == "fell_back"
    assert wording.WITHHELD in reply(scene)


def test_no_other_provider_is_asked_for_the_repair(scene: Scene) -> None:
    spare = ModelEndpoint(name="spare", base_url=scene.model.url, model="local-model")
    answer = ask(scene, FOREIGN, FOREIGN, GIVEN, model_endpoints=(spare,))
    assert answer["grounding"] == "fell_back"
    assert {each["body"]["model"] for each in scene.model.requests} == {"gpt-5-mini"}
    assert len(scene.model.requests) == 2


def test_the_ceiling_is_for_both_calls_together(scene: Scene) -> None:
    scene.model.behave(texts=[FOREIGN, GIVEN], report_cost=0.1999)
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is it large?", node_id=PAY_BUTTON))
    assert answer["grounding"] == "fell_back"
    assert ledger(scene)["cost_microusd"] == 199_900
    assert len(scene.model.requests) == 1


def test_the_log_holds_none_of_the_numbers(scene: Scene) -> None:
    with capture_logs() as logs:
        ask(scene, FOREIGN, GIVEN)
    assert any(each["event"] == "answer_not_grounded" for each in logs)
    assert "7.77" not in str(logs) and "19.5" not in str(logs)


def test_a_measured_review_counts_neither_way(scene: Scene) -> None:
    answer = ask(scene, openai_api_key=None)
    assert answer["grounding"] is None
    assert scene.rows("select * from public.grounding_hourly") == []


def test_a_retry_posts_the_kept_draft_and_keeps_its_state(scene: Scene) -> None:
    scene.model.behave(texts=[FOREIGN, GIVEN])
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "500", "method": "POST", "path": "/comments", "times": 1})
    answer = scene.finish(scene.ask(hook, ADA, "@buddy large?", node_id=PAY_BUTTON))
    assert (answer["attempt"], answer["grounding"]) == (2, "repaired")
    assert len(scene.model.requests) == 2
