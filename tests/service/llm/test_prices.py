"""Costs in whole micro-dollars: reported, priced by name, or honestly unpriced."""

from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llm import Attempt, Cost, PriceRow, TokenUsage, total_cost
from service.llm.prices import PriceList
from service.llm.usage import reported_cost, round_microusd, usage_from

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
) -> Cost:
    return PriceList(rows).cost_of(
        usage, provider=provider, models=models, at=at, base_url=url, told={"cost": reported}
    )


def row(valid_from: datetime, valid_to: datetime | None, **prices: int | None) -> PriceRow:
    given = {"input_microusd": 1_000_000, "cached_input_microusd": 100_000} | prices
    return PriceRow(
        "openai",
        "gpt-5-mini",
        valid_from,
        valid_to,
        output_microusd=8_000_000,
        **given,  # type: ignore[arg-type]
    )


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


def attempt(cost: Cost | None) -> Attempt:
    return Attempt("openai", "gpt-5-mini", "failed", "empty", 1, cost)


def test_a_total_is_only_as_certain_as_its_parts() -> None:
    reported, priced = Cost("reported", 5), Cost("priced", 7, "a list")
    assert total_cost([attempt(None)]) is None
    assert total_cost([attempt(reported), attempt(None)]) == Cost("reported", 5)
    assert total_cost([attempt(reported), attempt(priced)]) == Cost("priced", 12, "a list")
    unpriced = total_cost([attempt(priced), attempt(Cost("unpriced", None))])
    assert unpriced == Cost("unpriced", None, "a list")
