"""The model chain through the real `openai` client against the stand-in provider on loopback."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from local.model import ModelStandIn
from service.llm import (
    ModelAnswer,
    ModelChain,
    NoModel,
    PriceRow,
    Prompt,
    build_prompt,
    most_spent,
    total_cost,
)
from tests.service.llm.chains import chain_of, run, settings

PROMPT = build_prompt("Is the contrast fine?")
# A port nobody listens on: connections are refused at once.
NOWHERE = "http://127.0.0.1:9/v1"


def ask(chain: ModelChain, **limits: Any) -> ModelAnswer:
    answer = run(chain, lambda chain: chain.ask(PROMPT, **limits))
    assert isinstance(answer, ModelAnswer)
    return answer


def reasons(answer: ModelAnswer | NoModel) -> list[tuple[str, str]]:
    return [(each.provider, each.reason) for each in answer.attempts]


def test_an_answer_carries_its_usage_its_price_and_its_prompt_version(first: ModelStandIn) -> None:
    first.behave(cached_tokens=50, reasoning_tokens=20)
    answer = ask(chain_of(first))
    assert "Is the contrast fine?" in answer.text
    assert (answer.provider, answer.model) == ("openai", "gpt-5-mini")
    assert (answer.usage.cached_input, answer.usage.reasoning) == (50, 20)
    assert answer.cost.state == "priced"
    assert answer.cost.microusd
    assert "openai/gpt-5-mini" in (answer.cost.price_name or "")
    assert answer.prompt_version == PROMPT.version
    assert json.loads(json.dumps(answer.to_json()))["attempts"][0]["outcome"] == "answered"


def test_a_reasoning_model_is_asked_with_the_parameters_it_knows(first: ModelStandIn) -> None:
    ask(chain_of(first))
    body = first.requests[0]["body"]
    assert body["max_completion_tokens"] == 2000
    assert body["reasoning_effort"] == "low"
    assert "max_tokens" not in body


def test_azure_is_asked_under_its_own_path_and_header(first: ModelStandIn) -> None:
    chain = chain_of(
        first, openai_api_key=None, azure_openai_endpoint=first.origin,
        azure_openai_api_key="first-key",
    )  # fmt: skip
    answer = ask(chain)
    assert answer.provider == "azure"
    assert answer.cost.state == "priced"
    path = first.requests[0]["path"]
    assert path.startswith("/openai/deployments/gpt-5-mini/chat/completions?api-version=2024")


@pytest.mark.parametrize("server_knows", ["max_completion_tokens", "max_tokens"])
def test_a_parameter_the_endpoint_refuses_is_renamed_for_overlapping_calls_too(
    first: ModelStandIn, server_knows: str
) -> None:
    first.behave(only_max_tokens=server_knows == "max_tokens")
    model = "gpt-4o-mini" if server_knows == "max_tokens" else "gpt-5-mini"
    chain = chain_of(first, openai_model=model)
    other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
    chain.providers[0].token_limit = other[server_knows]

    async def together(chain: ModelChain) -> None:
        await asyncio.gather(*(chain.ask(PROMPT) for _ in range(10)))

    run(chain, together)
    assert all(server_knows in request["body"] for request in first.requests)
    assert len(first.requests) == 10
    assert chain.providers[0].token_limit == server_knows


def test_an_optional_parameter_the_model_does_not_know_is_dropped(first: ModelStandIn) -> None:
    chain = chain_of(first, openai_model="gpt-4o-mini")
    chain.providers[0].extras = {"reasoning_effort": "low"}
    ask(chain)
    assert chain.providers[0].extras == {}
    assert "reasoning_effort" not in first.requests[0]["body"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("429", "rate_limited"),
        ("quota", "quota_exhausted"),
        ("500", "server_error"),
        ("drop", "hung_up"),
        ("garbage", "bad_answer"),
        ("empty", "empty"),
        ("content_filter", "content_filter"),
        ("refusal", "refused"),
        ("401", "wrong_key"),
        ("credits", "quota_exhausted"),
        ("flagged", "forbidden"),
        ("region", "forbidden"),
    ],
)
def test_each_failure_falls_to_the_next_provider_with_its_reason(
    first: ModelStandIn, spare: ModelStandIn, fault: str, reason: str
) -> None:
    first.behave(fault=fault)
    answer = ask(chain_of(first, spare))
    assert reasons(answer) == [("openai", reason), ("spare", "ok")]
    assert answer.cost.state == "unpriced"
    assert answer.cost.microusd is None


@pytest.mark.parametrize("fault", ["timeout", "drip"])
def test_a_provider_that_does_not_answer_in_time_is_left(
    first: ModelStandIn, spare: ModelStandIn, fault: str
) -> None:
    first.behave(fault=fault)
    answer = ask(chain_of(first, spare), timeout_seconds=0.2)
    assert reasons(answer) == [("openai", "timeout"), ("spare", "ok")]


def test_a_provider_that_cannot_be_reached_is_left(spare: ModelStandIn) -> None:
    assert reasons(ask(chain_of(NOWHERE, spare))) == [("openai", "connection"), ("spare", "ok")]


@pytest.mark.parametrize("fault", ["empty", "content_filter", "refusal"])
def test_an_unusable_answer_that_was_billed_keeps_its_cost(
    first: ModelStandIn, spare: ModelStandIn, fault: str
) -> None:
    first.behave(fault=fault, reasoning_tokens=1000)
    answer = ask(chain_of(first, spare))
    wasted = answer.attempts[0]
    assert wasted.usage is not None
    assert wasted.usage.reasoning == 1000
    assert wasted.cost is not None
    assert (wasted.cost.microusd or 0) > 2000
    whole = total_cost(answer.attempts)
    assert whole is not None
    assert whole.state == "unpriced"


def test_an_answer_cut_by_its_limit_ends_at_a_sentence(first: ModelStandIn) -> None:
    first.behave(
        fault="length", text="One is fine. Two is fine too. Three is a long unfinished one."
    )
    answer = ask(chain_of(first))
    assert answer.truncated
    assert answer.text == "One is fine. Two is fine too."


def test_a_cost_the_provider_reports_is_taken_as_it_is(first: ModelStandIn) -> None:
    first.behave(report_cost=0.0012345)
    cost = ask(chain_of(first)).cost
    assert (cost.state, cost.microusd) == ("reported", 1235)


def test_without_any_key_there_is_no_model_and_the_message_says_what_to_set() -> None:
    chain = ModelChain(settings())
    assert chain.available_models() == ()
    with pytest.raises(NoModel, match="OPENAI_API_KEY") as caught:
        ask(chain)
    assert (caught.value.attempts, caught.value.status, caught.value.code) == ((), 503, "no_model")


def test_when_all_fail_the_error_tells_each_reason(first: ModelStandIn) -> None:
    first.behave(fault="500")
    with pytest.raises(NoModel, match="openai: server_error") as caught:
        ask(chain_of(first))
    assert reasons(caught.value) == [("openai", "server_error")]


def test_a_refused_key_is_logged_once_and_tried_again_after_ten_minutes(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    chain = chain_of(first, spare, openai_api_key="sk-wrong-secret")
    now = [1000.0]
    chain.providers[0].breaker._clock = lambda: now[0]

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        await asyncio.gather(*(chain.ask(PROMPT) for _ in range(5)))
        now[0] += 599
        skipped = await chain.ask(PROMPT)
        now[0] += 1
        refused = await chain.ask(PROMPT)
        chain.providers[0].open().api_key = "first-key"
        now[0] += 600
        return [skipped, refused, await chain.ask(PROMPT)]

    with capture_logs() as logs:
        skipped, refused, cured = run(chain, story)
    assert reasons(skipped)[0] == ("openai", "circuit_open")
    assert reasons(refused)[0] == ("openai", "wrong_key")
    assert cured.provider == "openai"
    assert chain.available_models() == ("openai/gpt-5-mini", "spare/local-model")
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["reason"]) for line in errors] == [
        ("model_access_refused", "wrong_key")
    ] * 2
    assert "sk-wrong-secret" not in str(logs)


def test_a_flagged_comment_leaves_the_provider_to_everybody_else(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    chain = chain_of(first, spare)
    most = 2 * chain.providers[0].breaker.threshold
    first.behave(fault="flagged", times=most)

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        return [await chain.ask(PROMPT) for _ in range(most + 1)]

    *flagged, after = run(chain, story)
    assert all(reasons(each) == [("openai", "forbidden"), ("spare", "ok")] for each in flagged)
    assert after.provider == "openai"


def test_a_flagged_probe_lets_the_next_question_probe(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    chain = chain_of(first, spare)

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        first.behave(fault="quota")
        await chain.ask(PROMPT)
        chain.providers[0].breaker._open_until = 0.0
        first.behave(fault="flagged", times=1)
        return [await chain.ask(PROMPT), await chain.ask(PROMPT)]

    flagged, after = run(chain, story)
    assert (flagged.provider, after.provider) == ("spare", "openai")


@pytest.mark.parametrize(("fault", "errors"), [("region", 1), ("credits", 0)])
def test_a_refusal_that_holds_for_every_question_is_not_met_again_and_again(
    first: ModelStandIn, spare: ModelStandIn, fault: str, errors: int
) -> None:
    first.behave(fault=fault)

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        return [await chain.ask(PROMPT) for _ in range(3)]

    with capture_logs() as logs:
        answers = run(chain_of(first, spare), story)
    assert [reasons(each)[0][1] for each in answers[1:]] == ["circuit_open"] * 2
    assert len(first.requests) == 1
    assert len([line for line in logs if line["log_level"] == "error"]) == errors


def test_a_failing_provider_is_skipped_then_probed_by_one_call(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    chain = chain_of(first, spare)
    breaker = chain.providers[0].breaker

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        first.behave(fault="500")
        await asyncio.gather(*(chain.ask(PROMPT) for _ in range(breaker.threshold)))
        skipped = await chain.ask(PROMPT)
        first.reset()
        first.behave(delay_ms=100)
        breaker._open_until = 0.0
        probed = await asyncio.gather(*(chain.ask(PROMPT) for _ in range(20)))
        return [skipped, *probed, await chain.ask(PROMPT)]

    skipped, *probed, after = run(chain, story)
    assert reasons(skipped) == [("openai", "circuit_open"), ("spare", "ok")]
    assert [answer.provider for answer in probed].count("openai") == 1
    assert after.provider == "openai"
    assert len(first.requests) == 2


def test_the_wait_a_provider_asks_for_is_kept(first: ModelStandIn, spare: ModelStandIn) -> None:
    first.behave(fault="429", retry_after=300)
    chain = chain_of(first, spare)
    chain.providers[0].breaker.threshold = 1
    now = [1000.0]
    chain.providers[0].breaker._clock = lambda: now[0]
    ask(chain)
    now[0] += 299
    assert chain.providers[0].breaker.acquire() is None
    now[0] += 1
    assert chain.providers[0].breaker.acquire() is not None


def test_the_ceiling_lowers_the_output_limit_then_skips_the_provider(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    ask(chain_of(first, spare), cost_ceiling_microusd=1000)
    limit = first.requests[0]["body"]["max_completion_tokens"]
    # At $2 a million output tokens, $0.001 less the input buys under 500.
    assert 100 <= limit < 500
    answer = ask(chain_of(first, spare), cost_ceiling_microusd=200)
    assert reasons(answer) == [("openai", "over_cost_ceiling"), ("spare", "ok")]


def test_the_ceiling_holds_though_all_input_may_be_written_to_the_cache(
    first: ModelStandIn,
) -> None:
    """$4 a million of input and $5 for what is written to the cache, $20 of output."""
    chain = chain_of(first, openai_model="gpt-5.6-sol")
    tokens = PROMPT.estimated_tokens
    ask(chain, cost_ceiling_microusd=tokens * 5 + 1000 * 20)
    assert first.requests[0]["body"]["max_completion_tokens"] == 1000


def test_the_ceiling_is_worked_out_for_the_tier_that_served_the_last_answer(
    first: ModelStandIn,
) -> None:
    """$0.25 and $2 a million at the standard tier, $0.45 and $3.60 at "priority"."""
    chain, limits = chain_of(first), []
    tokens = PROMPT.estimated_tokens

    async def ask_each(chain: ModelChain) -> None:
        for tier in ("priority", "no-such-tier", "default", "default"):
            first.behave(service_tier=tier)
            await chain.ask(PROMPT, cost_ceiling_microusd=tokens + 1000)
            limits.append(first.requests[-1]["body"]["max_completion_tokens"])

    run(chain, ask_each)
    standard = (tokens + 1000 - tokens * 0.25) // 2
    # Of a tier nobody has a price for, the standard one is the best there is.
    assert limits == [standard, (tokens + 1000 - tokens * 0.45) // 3.6, standard, standard]


def test_what_failed_attempts_cost_counts_against_the_ceiling(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    # "Spare" has prices here, so what the first one wasted leaves too little for it.
    first.behave(fault="empty", report_cost=0.0099)
    chain = chain_of(first, spare)
    chain.providers[1].price_provider, chain.providers[1].model = "openai", "gpt-4o-mini"
    with pytest.raises(NoModel) as caught:
        ask(chain, cost_ceiling_microusd=10_000)
    assert reasons(caught.value) == [("openai", "empty"), ("spare", "over_cost_ceiling")]


def test_a_context_can_choose_the_model_that_is_asked_first(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    chain = chain_of(first, spare)
    assert chain.available_models() == ("openai/gpt-5-mini", "spare/local-model")

    async def both(chain: ModelChain) -> list[ModelAnswer]:
        chosen = build_prompt("Hello?", model="spare/local-model")
        unknown = build_prompt("Hello?", model="openai/o1-pro")
        return [await chain.ask(chosen), await chain.ask(unknown)]

    assert [answer.provider for answer in run(chain, both)] == ["spare", "openai"]


def test_a_cancelled_question_leaves_the_provider_usable(first: ModelStandIn) -> None:
    first.behave(delay_ms=5000)
    chain = chain_of(first)

    async def cancel(chain: ModelChain) -> ModelAnswer:
        task = asyncio.create_task(chain.ask(PROMPT))
        while not first.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        first.behave()
        return await chain.ask(PROMPT)

    assert run(chain, cancel).provider == "openai"


def test_two_hundred_questions_at_once_share_one_client(first: ModelStandIn) -> None:
    first.behave(delay_ms=100)

    async def many(chain: ModelChain) -> list[ModelAnswer]:
        return await asyncio.gather(*(chain.ask(PROMPT) for _ in range(200)))

    answers = run(chain_of(first), many)
    assert {answer.provider for answer in answers} == {"openai"}
    assert len(first.requests) == 200


# --- A ceiling that holds also where a bill is not known ---


def test_under_a_hard_ceiling_each_call_says_what_was_reserved_for_it(first: ModelStandIn) -> None:
    answer = ask(chain_of(first), is_ceiling_hard=True)
    (attempt,) = answer.attempts
    assert attempt.reserved_microusd is not None
    assert attempt.cost is not None
    assert 0 < (attempt.cost.microusd or 0) <= attempt.reserved_microusd
    assert most_spent(answer.attempts) == attempt.cost.microusd
    assert ask(chain_of(first)).attempts[0].reserved_microusd is None


def test_under_a_hard_ceiling_a_call_without_an_answer_counts_in_full(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    first.behave(fault="timeout")
    chain = chain_of(first, spare)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    chain.set_price_rows(
        PriceRow(name, model, since, None, 1_000_000, None, 1_000_000)
        for name, model in (("openai", "gpt-5-mini"), ("spare", "local-model"))
    )
    limits = {"timeout_seconds": 0.2, "cost_ceiling_microusd": 6_000}
    assert reasons(ask(chain, **limits)) == [("openai", "timeout"), ("spare", "ok")]
    with pytest.raises(NoModel) as caught:
        ask(
            chain, is_ceiling_hard=True, **limits, max_output_tokens=3_000, fewest_output_tokens=900
        )
    assert reasons(caught.value) == [("openai", "timeout"), ("spare", "over_cost_ceiling")]
    assert 3_000 < most_spent(caught.value.attempts) <= 6_000


def test_under_a_hard_ceiling_nobody_without_a_price_is_asked(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    first.behave(fault="500")
    with pytest.raises(NoModel) as caught:
        ask(chain_of(first, spare), is_ceiling_hard=True)
    assert reasons(caught.value) == [("openai", "server_error"), ("spare", "no_price")]
    assert most_spent(caught.value.attempts) == 0
    assert not spare.requests


def test_an_answer_that_needs_more_tokens_than_the_ceiling_allows_is_not_begun(
    first: ModelStandIn,
) -> None:
    limits = {"cost_ceiling_microusd": 3_000, "max_output_tokens": 2_000}
    assert ask(chain_of(first), **limits).text
    with pytest.raises(NoModel) as caught:
        ask(chain_of(first), **limits, fewest_output_tokens=1_900)
    assert reasons(caught.value) == [("openai", "over_cost_ceiling")]
    assert len(first.requests) == 1


def test_no_text_has_more_tokens_than_bytes() -> None:
    prompt = Prompt(({"role": "user", "content": "1.2.3.4" + "é😀" * 100},))
    assert prompt.most_tokens >= len(prompt.messages[0]["content"].encode())
