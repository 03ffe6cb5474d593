"""Costs in whole micro-dollars: reported, priced by name, or honestly unpriced."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llm import Attempt, Cost, PriceRow, TokenUsage, total_cost
from service.llm.prices import PriceList
from service.llm.usage import reported_cost, round_microusd, tier_from, usage_from

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JANUARY, JULY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def cost(
    usage: TokenUsage | None,
    *models: str,
    provider: str = "openai",
    rows: tuple[PriceRow, ...] = (),
    at: datetime = NOW,
    reported: object = None,
    url: str = "",
    tier: str = "standard",
) -> Cost:
    return PriceList(rows).cost_of(
        usage, provider=provider, models=models, at=at, base_url=url, service_tier=tier,
        told={"cost": reported},
    )  # fmt: skip


def row(
    valid_from: datetime, valid_to: datetime | None, model: str = "gpt-5-mini", **fields: Any
) -> PriceRow:
    given = {"input_microusd": 1_000_000, "cached_input_microusd": 100_000} | fields
    return PriceRow("openai", model, valid_from, valid_to, output_microusd=8_000_000, **given)


def test_a_known_model_is_priced_with_cached_tokens_at_their_own_price() -> None:
    # $0.25, $0.025 and $2 a million tokens: 600 x 0.25 + 400 x 0.025 + 100 x 2.
    usage = TokenUsage(input=1000, cached_input=400, output=100, reasoning=60)
    name = f"genai-prices {genai_prices.__version__} openai/gpt-5-mini"
    assert cost(usage, "gpt-5-mini") == Cost("priced", 360, name)
    assert cost(usage, "gpt-5-mini-2025-08-07", "gpt-5-mini") == Cost("priced", 360, name)


def test_reasoning_tokens_are_billed_once_as_output() -> None:
    plain, thinking = TokenUsage(10, 0, 500), TokenUsage(10, 0, 500, 450)
    assert cost(plain, "gpt-5-mini") == cost(thinking, "gpt-5-mini")


def test_azure_falls_back_on_the_model_name_of_the_answer() -> None:
    priced = cost(TokenUsage(1000, 0, 100), "gpt-5-mini-2025-08-07", "our-model", provider="azure")
    assert (priced.state, priced.microusd) == ("priced", 450)
    assert priced.price_name is not None
    assert "azure/gpt-5-mini" in priced.price_name


def test_an_endpoint_is_priced_by_its_address_when_its_name_is_our_own() -> None:
    usage = TokenUsage(1000, 0, 100)
    url = "https://api.anthropic.com/v1/"
    assert cost(usage, "claude-sonnet-4-5", provider="claude", url=url).microusd == 4500


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "no-such-model"), ("local", "llama3"), ("my-openai-like-server", "gpt-5-mini")],
)
def test_an_unknown_model_or_provider_is_unpriced_and_never_free(provider: str, model: str) -> None:
    url = "http://127.0.0.1:11434/v1"
    assert cost(TokenUsage(9, 0, 9), model, provider=provider, url=url) == Cost("unpriced", None)


def test_without_usage_a_call_is_unpriced() -> None:
    assert cost(None, "gpt-5-mini") == Cost("unpriced", None)


def test_an_override_goes_before_the_library_within_its_dates() -> None:
    rows = (row(JANUARY, JULY), row(JULY, None, input_microusd=3_000_000))
    usage = TokenUsage(1000, 500, 10)
    before = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    library = cost(usage, "gpt-5-mini", rows=rows, at=before)
    assert (library.price_name or "").startswith("genai-prices")
    # 500 x $1 + 500 x $0.10 + 10 x $8, then 500 x $3 + 500 x $0.10 + 10 x $8.
    assert cost(usage, "gpt-5-mini", rows=rows, at=JANUARY).microusd == 630
    assert cost(usage, "gpt-5-mini", rows=rows, at=JULY).microusd == 1630
    assert cost(usage, "GPT-5-mini", rows=rows, at=NOW).price_name == (
        "override openai/gpt-5-mini from 2026-07-01"
    )


def test_an_override_without_a_cached_price_bills_cached_input_in_full() -> None:
    rows = (row(JANUARY, None, cached_input_microusd=None),)
    assert cost(TokenUsage(1000, 400, 0), "gpt-5-mini", rows=rows).microusd == 1000


def test_a_local_model_can_be_given_a_price_of_zero() -> None:
    free = PriceRow("local", "llama3", JANUARY, None, 0, None, 0, "our own machine")
    assert cost(TokenUsage(9, 0, 9), "llama3", provider="local", rows=(free,)) == Cost(
        "priced", 0, "our own machine"
    )


def test_what_the_provider_reports_goes_first() -> None:
    assert cost(TokenUsage(9, 0, 9), "gpt-5-mini", reported=0.00123449) == Cost("reported", 1234)
    assert cost(None, "x", reported=0) == Cost("reported", 0)


@pytest.mark.parametrize("bad", [None, "", "free", -1, float("nan"), float("inf"), True, [1]])
def test_a_reported_cost_that_is_no_amount_is_not_believed(bad: object) -> None:
    assert reported_cost({"cost": bad}) is None


def test_halves_round_up_once_on_the_total() -> None:
    assert [round_microusd(Decimal(text)) for text in ("0.4", "0.5", "1.5", "2.5")] == [0, 1, 2, 3]
    # Three parts of 0.4 micro-dollars are 1.2 together: rounding each would lose them all.
    prices = PriceRow("p", "m", JANUARY, None, 400_000, 400_000, 400_000)
    priced = cost(TokenUsage(2, 1, 1), "m", provider="p", rows=(prices,))
    assert priced.microusd == 1


def test_the_row_of_the_exact_name_goes_before_an_alias_that_began_later() -> None:
    rows = (
        row(JANUARY, None, "gpt-5-mini-2025-08-07", input_microusd=100_000),
        row(JULY, None, input_microusd=900_000),
    )
    million, names = TokenUsage(1_000_000), ("gpt-5-mini-2025-08-07", "gpt-5-mini")
    for each in (rows, rows[::-1]):
        assert cost(million, *names, rows=each).microusd == 100_000
        # The alias is for calls whose exact name has no row.
        assert cost(million, "gpt-5-mini-2026-01-01", "gpt-5-mini", rows=each).microusd == 900_000


def test_of_two_rows_from_one_moment_the_one_written_last_is_in_force() -> None:
    rows = (row(JANUARY, None, input_microusd=2), row(JANUARY, None, input_microusd=3_000_000))
    assert cost(TokenUsage(1), "gpt-5-mini", rows=rows).microusd == 3


def test_cache_writes_have_a_price_of_their_own_and_without_one_there_is_no_price() -> None:
    # $4 in, 1.25 times that for what is written, $20 out: 10 x 4 + 3990 x 5 + 500 x 20.
    written = TokenUsage(4000, 0, 500, cache_write=3990)
    assert cost(written, "gpt-5.6-sol").microusd == 29_990
    unpriced = Cost("unpriced", None, "no price for cache_write_tokens")
    assert cost(written, "gpt-5-mini") == unpriced
    priced = (row(JANUARY, None, cache_write_microusd=2_000_000),)
    # 10 x 1 + 3990 x 2 + 500 x 8.
    assert cost(written, "gpt-5-mini", rows=priced).microusd == 10 + 7980 + 4000
    assert cost(written, "gpt-5-mini", rows=(row(JANUARY, None),)).state == "unpriced"


def test_what_was_written_for_an_hour_costs_more_than_for_minutes() -> None:
    usage = TokenUsage(1000, 0, 0, cache_write=900, classes=(("cache_write_1h_tokens", 400),))
    # $1 in, $1.25 written for five minutes, $2 for an hour: 100 + 500 x 1.25 + 400 x 2.
    assert cost(usage, "claude-haiku-4-5", provider="anthropic").microusd == 1525
    # OpenAI has no such price.
    assert cost(usage, "gpt-5.6-sol").state == "unpriced"


AUDIO = TokenUsage(1000, 0, 100, classes=(("input_audio_tokens", 300), ("output_audio_tokens", 40)))


def test_sound_and_pictures_have_prices_of_their_own() -> None:
    # gpt-audio: $2.50 in, $10 out; sound $32 and $64. 700 x 2.5 + 300 x 32 + 60 x 10 + 40 x 64.
    assert cost(AUDIO, "gpt-audio").microusd == 1750 + 9600 + 600 + 2560
    assert cost(AUDIO, "gpt-5-mini").price_name == (
        "no price for input_audio_tokens and output_audio_tokens"
    )
    prices = {"input_audio_tokens": 3_000_000, "output_audio_tokens": 9_000_000}
    rows = (row(JANUARY, None, class_microusd=prices),)
    # 700 x 1 + 300 x 3 + 60 x 8 + 40 x 9.
    assert cost(AUDIO, "gpt-5-mini", rows=rows).microusd == 700 + 900 + 480 + 360


@pytest.mark.parametrize("name", ["input_smell_tokens", "unclear_tokens"])
def test_a_class_that_nobody_knows_is_unpriced_until_it_is_given_a_price(name: str) -> None:
    usage = TokenUsage(1000, 0, 100, classes=((name, 5),))
    assert cost(usage, "gpt-5-mini") == Cost("unpriced", None, f"no price for {name}")


def test_the_price_is_that_of_the_service_tier() -> None:
    usage = TokenUsage(4000, 0, 500)
    assert cost(usage, "gpt-5-mini").microusd == 2000
    # $0.45 and $3.60, $0.125 and $1.
    assert cost(usage, "gpt-5-mini", tier="priority").microusd == 3600
    assert cost(usage, "gpt-5-mini", tier="flex").microusd == 1000
    assert cost(usage, "gpt-5-mini", tier="batch").microusd == 1000
    for tier in ("scale", "auto", "ultrafast"):
        assert cost(usage, "gpt-5-mini", tier=tier) == Cost(
            "unpriced", None, f"no price at service tier {tier}"
        )
    # The library knows of no other tier before this day, nor of Azure's and Gemini's now.
    before = datetime(2026, 10, 11, tzinfo=UTC)
    assert cost(usage, "gpt-5-mini", tier="priority", at=before).state == "unpriced"
    assert cost(usage, "gpt-5-mini", provider="azure", tier="priority").state == "unpriced"
    assert cost(usage, "gemini-2.5-flash", provider="google", tier="flex").state == "unpriced"


def test_a_tier_without_a_price_of_cached_input_does_not_borrow_the_standard_one() -> None:
    plain, cached = TokenUsage(1000, 0, 10), TokenUsage(1000, 400, 10)
    assert cost(plain, "gpt-4o", tier="batch").state == "priced"
    assert cost(cached, "gpt-4o", tier="batch").state == "unpriced"


def test_a_row_is_for_its_own_tier_alone() -> None:
    rows = (row(JANUARY, None), row(JANUARY, None, input_microusd=5_000_000, service_tier="scale"))
    usage = TokenUsage(1000)
    assert cost(usage, "gpt-5-mini", rows=rows).microusd == 1000
    assert cost(usage, "gpt-5-mini", rows=rows, tier="scale").microusd == 5000
    # A price set for the standard tier says nothing of another: the library's is known.
    assert "priority" in (cost(usage, "gpt-5-mini", rows=rows, tier="priority").price_name or "")


def test_with_an_own_key_the_fee_and_the_upstream_cost_are_the_bill() -> None:
    usage = {"cost": 0.0003, "is_byok": True}
    upstream = {"upstream_inference_cost": 0.0123}
    assert reported_cost({**usage, "cost_details": upstream}) == Cost("reported", 12_600)
    own = {"cost": 0.0003, "is_byok": False, "cost_details": upstream}
    assert reported_cost(own) == Cost("reported", 300)
    assert reported_cost({**own, "is_byok": None}) == Cost("reported", 300)
    half = Cost("unpriced", None, "no upstream cost told")
    for details in (None, {}, {"upstream_inference_cost": None}, {"upstream_inference_cost": -1}):
        assert reported_cost({**usage, "cost_details": details}) == half
    assert reported_cost({**usage, "cost_details": upstream, "is_byok": "yes"}) == half
    # It is not made up from a price list either: the fee would be missing.
    priced = PriceList().cost_of(
        TokenUsage(9, 0, 9), provider="openai", models=["gpt-5-mini"], at=NOW, told=usage
    )
    assert priced == half


@pytest.mark.parametrize(
    ("told", "tier"),
    [
        ({}, "standard"),
        ({"service_tier": None}, "standard"),
        ({"service_tier": "default"}, "standard"),
        ({"service_tier": "on_demand"}, "standard"),
        ({"service_tier": "Priority"}, "priority"),
        ({"service_tier": "auto"}, "auto"),
        ({"usage": {"service_tier": "batch"}}, "batch"),
        ({"service_tier": 7}, "7"),
    ],
)
def test_the_tier_is_what_the_answer_says_it_is(told: dict[str, Any], tier: str) -> None:
    assert tier_from(told) == tier


tokens = st.integers(0, 10_000_000)


@given(tokens, tokens, tokens)
def test_cached_never_exceeds_input_and_costs_never_go_below_zero(
    prompt: int, cached: int, output: int
) -> None:
    usage = usage_from(
        {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
    )
    if usage is None:
        assert prompt + output == 0
        return
    assert usage.cached_input <= usage.input
    assert (cost(usage, "gpt-5-mini").microusd or 0) >= 0


def test_thinking_left_out_of_the_completion_count_is_found_in_the_total() -> None:
    raw = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40}
    assert usage_from(raw) == TokenUsage(10, 0, 30, 25)


@pytest.mark.parametrize("raw", [None, {}, {"prompt_tokens": "7"}, {"prompt_tokens": -3}])
def test_usage_of_another_shape_is_no_usage(raw: dict[str, object] | None) -> None:
    assert usage_from(raw) is None


@pytest.mark.parametrize(
    ("details", "beside", "classes"),
    [
        # A count that is told under several names is one count.
        ({"cached_tokens": 50}, {"prompt_cache_hit_tokens": 50}, {}),
        ({"image_tokens": 30, "text_tokens": 70}, {}, {"input_image_tokens": 30}),
        ({"audio_tokens": 30, "smell_tokens": 5}, {},
         {"input_audio_tokens": 30, "input_smell_tokens": 5}),
        # Of cached sound each token is counted once.
        ({"audio_tokens": 30, "cached_tokens": 50, "cached_tokens_details": {"audio_tokens": 20}},
         {}, {"cache_audio_read_tokens": 20, "input_audio_tokens": 10}),
        # Two classes that together are more than there is overlap, nobody knows by how much.
        ({"audio_tokens": 80, "image_tokens": 80}, {}, {"unclear_tokens": 160}),
        ({}, {"server_tool_use": {"web_search_requests": 2}}, {"web_searches": 2}),
        ({"cache_creation_input_tokens": 40, "cache_creation": {"ephemeral_1h_input_tokens": 40}},
         {}, {"cache_write_1h_tokens": 40}),
    ],
)  # fmt: skip
def test_every_class_that_is_told_is_kept(
    details: dict[str, Any], beside: dict[str, Any], classes: dict[str, int]
) -> None:
    raw = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, **beside}
    usage = usage_from({**raw, "prompt_tokens_details": details})
    assert usage is not None
    assert (usage.input, dict(usage.classes)) == (100, classes)
    assert usage.cached_input == (50 if "cached_tokens" in details else 0)
    assert usage.cache_write == (40 if "cache_creation" in details else 0)


@given(tokens, tokens, tokens, tokens, tokens)
def test_no_class_makes_a_call_cheaper_than_its_plain_tokens_unless_read_from_the_cache(
    prompt: int, written: int, long: int, audio: int, answer: int
) -> None:
    raw = {"prompt_tokens": prompt, "completion_tokens": answer}
    details = {"cache_write_tokens": written, "audio_tokens": audio}
    ages = {"cache_creation": {"ephemeral_1h_input_tokens": long}}
    usage = usage_from({**raw, **ages, "prompt_tokens_details": details})
    if usage is None:
        return
    assert usage.cached_input + usage.cache_write <= usage.input
    plain = TokenUsage(prompt, 0, answer)
    for provider, model in (("anthropic", "claude-haiku-4-5"), ("openai", "gpt-audio")):
        dear, cheap = (cost(each, model, provider=provider).microusd for each in (usage, plain))
        assert dear is None or dear >= (cheap or 0)


def test_usages_are_added_class_by_class() -> None:
    one = TokenUsage(10, 1, 2, 1, 3, (("input_audio_tokens", 2),))
    two = TokenUsage(20, 2, 3, 2, 4, (("input_audio_tokens", 3), ("web_searches", 1)))
    assert one + two == TokenUsage(30, 3, 5, 3, 7, (("input_audio_tokens", 5), ("web_searches", 1)))


def attempt(cost: Cost | None) -> Attempt:
    return Attempt("openai", "gpt-5-mini", "failed", "empty", 1, cost)


def test_a_total_is_only_as_certain_as_its_parts() -> None:
    reported, priced = Cost("reported", 5), Cost("priced", 7, "a list")
    assert total_cost([attempt(None)]) is None
    assert total_cost([attempt(reported), attempt(None)]) == Cost("reported", 5)
    assert total_cost([attempt(reported), attempt(priced)]) == Cost("priced", 12, "a list")
    unpriced = total_cost([attempt(priced), attempt(Cost("unpriced", None))])
    assert unpriced == Cost("unpriced", None, "a list")
