"""One answer opened whole: what became of it, and people's words behind a reason that is kept."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.stage import Buddy, metrics, open_page, sign_in, words

CALLS = [
    {"provider": "openai", "model": "gpt-5-mini", "outcome": "failed", "reason": "timeout",
     "latency_ms": 3000},
    {"provider": "azure", "model": "gpt-5-mini", "outcome": "answered", "reason": "ok",
     "latency_ms": 900, "cost_microusd": 1200, "cost_state": "priced", "price_name": "a list",
     "service_tier": "standard", "input_tokens": 900, "cached_input_tokens": 100,
     "cache_write_tokens": 0, "output_tokens": 80, "reasoning_tokens": 10,
     "token_classes": {"input_audio_tokens": 3}},
]  # fmt: skip
TRACE = {
    "rules": "", "prompt": "<question>a secret question</question>", "followed": None,
    "saw_picture": True, "calls": CALLS,
    "steps": [{"step": "begun", "ms": 3}, {"step": "model_asked", "ms": 3950}],
}  # fmt: skip


def traced(buddy: Buddy) -> str:
    """An answer that needed two attempts: one put off, one whose prompt is kept."""
    answer_id = buddy.ask()
    first = buddy._begin(answer_id)
    buddy.call("defer_answer", answer_id, first["attempt"], "2026-11-22", "read_a_moment_ago",
               None, None)  # fmt: skip
    second = buddy._begin(answer_id)
    usage = {
        "provider": "azure", "model": "gpt-5-mini", "cost_microusd": 1200, "input_tokens": 900,
        "output_tokens": 80, "facts": {"count": 4, "facts": [{"name": "a secret fact"}]},
    }  # fmt: skip
    draft = json.dumps({"text": "a secret reply", "usage": {}, "trace": TRACE})
    buddy.call("start_posting", answer_id, second["attempt"], draft, 5)
    reply = {"comment_id": f"reply-{answer_id}", "created_at": "2026-11-22T10:00:03Z"}
    buddy.call("settle_answer", answer_id, json.dumps(reply), json.dumps(usage))
    return answer_id


@pytest.fixture
def page(router: AppTest, buddy: Buddy) -> Callable[[str], AppTest]:
    """Opens the page on one answer, for support."""
    sign_in(router, buddy.make_operator("support"))

    def show(answer_id: str) -> AppTest:
        router.query_params["id"] = answer_id
        return open_page(router, "answer")

    return show


def table(router: AppTest, column: str) -> dict[str, list[str]]:
    [found] = [each.value for each in router.dataframe if column in each.value.columns]
    return {name: list(found[name]) for name in found.columns}


def test_an_answer_is_shown_whole_and_its_words_only_with_a_reason(
    router: AppTest, buddy: Buddy, page
) -> None:
    answer_id = traced(buddy)
    page(answer_id)
    assert not router.exception
    shown = metrics(router)
    assert (shown["Cost"], shown["Attempts"], shown["Tokens in"]) == ("$0.0012", "2", "900")
    calls = table(router, "Model")
    assert calls["Model"] == ["OpenAI / gpt-5-mini", "Azure / gpt-5-mini"]
    assert calls["End"] == ["✕ Failed", "✓ Answered"]
    assert calls["Cost"] == ["not known", "$0.0012"]
    assert (calls["In"][1], calls["Out"][1], calls["reasoning"][1]) == ("900", "80", "10")
    assert calls["Others"][1] == "input audio tokens 3"
    attempts = table(router, "Prompt")
    assert attempts["End"] == ["◷ Put off", "✓ Reply drafted"]
    assert attempts["Prompt"] == ["none", "kept"]
    course = table(router, "Step")["Step"]
    assert course.index("Attempt 2: Models asked, reply drafted") < course.index("Answer closed")
    everything = words(router) + "".join(each.value.to_csv() for each in router.dataframe)
    assert "secret" not in everything and answer_id[:8] in everything

    router.button(key="answer_words").click().run()
    assert router.text_input(key="answer_words_reason").label == "Reason"
    # The words come from the one function that asks for a reason, and keeps it.
    assert "secret" not in "".join(each.value for each in router.code)


def test_an_answer_is_found_by_its_comment_and_others_are_said_not_to_be_there(
    router: AppTest, buddy: Buddy, page
) -> None:
    answer_id = buddy.fail()
    number = buddy.rows("update public.answers set comment_id = '123456' returning 1")
    assert number == [(1,)]
    page("")
    router.text_input(key="answer_query").set_value(
        "https://www.figma.com/design/KEY/Checkout?node-id=1-2#123456"
    ).run()
    assert not router.exception
    assert router.query_params["id"] in (answer_id, [answer_id])
    assert "Figma is down" in words(router)
    page("00000000-0000-0000-0000-000000000000")
    assert "no such answer" in "".join(each.title or "" for each in router.info) + words(router)
