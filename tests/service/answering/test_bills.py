"""The bill of each provider and gateway: its own usage object, from the answer to the ledger.

Each amount is worked out by hand, in micro-dollars, with dollars per million tokens from the price
library (a dollar per million is a micro-dollar per token).
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from service.config import ModelEndpoint
from tests.exactly_once.scene import ADA, Json, Scene


@dataclass(frozen=True)
class Bill:
    """What a provider answered, and the ledger row it must become.

    ``tokens``: input, read from the cache, written to it, output, reasoning.
    """

    usage: Json
    state: str
    microusd: int | None
    tokens: tuple[int, int, int, int, int]
    provider: str = "openai"
    model: str = "gpt-5-mini"
    answered_as: str | None = None
    tier: str | None = "default"
    kept_tier: str = "standard"
    classes: Json = field(default_factory=dict)
    price: str = ""


def endpoint_of(scene: Scene, bill: Bill) -> Json:
    """Settings under which this provider is the only one, and the stand-in answers for it."""
    if bill.provider == "openai":
        return {"openai_model": bill.model}
    if bill.provider == "azure":
        return {
            "openai_api_key": None,
            "azure_openai_endpoint": scene.model.origin,
            "azure_openai_api_key": "model-key",
            "azure_openai_deployment": bill.model,
        }
    endpoint = ModelEndpoint(name=bill.provider, base_url=scene.model.url, model=bill.model)
    return {"openai_api_key": None, "model_endpoints": (endpoint,)}


BILLS = {
    # https://developers.openai.com/api/docs/guides/prompt-caching, and CompletionUsage of the
    # openai package: $4 in, 1.25 times that for what is written to the cache, $20 out.
    # 10 x 4 + 3990 x 5 + 500 x 20 = 40 + 19950 + 10000.
    "openai, a cache written": Bill(
        {
            "prompt_tokens": 4000, "completion_tokens": 500, "total_tokens": 4500,
            "prompt_tokens_details": {
                "cached_tokens": 0, "cache_write_tokens": 3990, "audio_tokens": 0,
            },
            "completion_tokens_details": {"reasoning_tokens": 320, "audio_tokens": 0},
        },
        "priced", 29_990, (4000, 0, 3990, 500, 320), model="gpt-5.6-sol",
    ),
    # https://developers.openai.com/api/docs/guides/fast-mode: $0.45 in, $3.60 out.
    # 4000 x 0.45 + 500 x 3.6 = 1800 + 1800; the standard price would be 2000.
    "openai, priority": Bill(
        {"prompt_tokens": 4000, "completion_tokens": 500, "total_tokens": 4500},
        "priced", 3600, (4000, 0, 0, 500, 0), tier="priority", kept_tier="priority",
        price="openai/gpt-5-mini priority",
    ),
    # "flex" costs half: 1000 x 0.125 + 400 x 0.0125 + 100 x 1 = 125 + 5 + 100.
    "openai, flex": Bill(
        {
            "prompt_tokens": 1400, "completion_tokens": 100, "total_tokens": 1500,
            "prompt_tokens_details": {"cached_tokens": 400},
        },
        "priced", 230, (1400, 400, 0, 100, 0), tier="flex", kept_tier="flex",
    ),
    # Scale tier is paid by the month, in units; "auto" only repeats what may be asked. Both are
    # values of ChatCompletion.service_tier in the openai package, and have no price.
    "openai, scale": Bill(
        {"prompt_tokens": 4000, "completion_tokens": 500, "total_tokens": 4500},
        "unpriced", None, (4000, 0, 0, 500, 0), tier="scale", kept_tier="scale",
        price="no price at service tier scale",
    ),
    "openai, auto": Bill(
        {"prompt_tokens": 4000, "completion_tokens": 500, "total_tokens": 4500},
        "unpriced", None, (4000, 0, 0, 500, 0), tier="auto", kept_tier="auto",
        price="no price at service tier auto",
    ),
    # PromptTokensDetails of the openai package; this model has no price for sound.
    "openai, a class without a price": Bill(
        {
            "prompt_tokens": 4000, "completion_tokens": 500, "total_tokens": 4500,
            "prompt_tokens_details": {"text_tokens": 3900, "audio_tokens": 100},
        },
        "unpriced", None, (4000, 0, 0, 500, 0), classes={"input_audio_tokens": 100},
        price="no price for input_audio_tokens",
    ),
    # https://learn.microsoft.com/en-us/azure/ai-foundry/openai/how-to/prompt-caching: OpenAI's
    # shape, and the model's own name in the answer.
    # 86 x 0.25 + 1920 x 0.025 + 300 x 2 = 21.5 + 48 + 600.
    "azure": Bill(
        {
            "prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
            "prompt_tokens_details": {"audio_tokens": None, "cached_tokens": 1920},
            "completion_tokens_details": {"audio_tokens": None, "reasoning_tokens": 128},
        },
        "priced", 670, (2006, 1920, 0, 300, 128), provider="azure", model="our-mini",
        answered_as="gpt-5-mini-2025-08-07", tier=None,
    ),
    # https://openrouter.ai/docs/use-cases/usage-accounting: credits are dollars. Without an own key
    # the upstream cost is told too, and part of the cost.
    "openrouter": Bill(
        {
            "prompt_tokens": 3000, "completion_tokens": 200, "total_tokens": 3200,
            "cost": 0.0042, "is_byok": False,
            "cost_details": {"upstream_inference_cost": 0.004},
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 100},
        },
        "reported", 4200, (3000, 0, 100, 200, 0), provider="openrouter",
        model="anthropic/claude-sonnet-4.5",
    ),
    # With one, the cost is the fee: 0.0003 + 0.0123 dollars.
    "openrouter, own key": Bill(
        {
            "prompt_tokens": 3000, "completion_tokens": 200, "total_tokens": 3200,
            "cost": 0.0003, "is_byok": True,
            "cost_details": {"upstream_inference_cost": 0.0123},
        },
        "reported", 12_600, (3000, 0, 0, 200, 0), provider="openrouter",
        model="anthropic/claude-sonnet-4.5",
    ),
    "openrouter, own key, no fee": Bill(
        {
            "prompt_tokens": 3000, "completion_tokens": 200, "total_tokens": 3200,
            "cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.0123},
        },
        "reported", 12_300, (3000, 0, 0, 200, 0), provider="openrouter",
        model="anthropic/claude-sonnet-4.5",
    ),
    "openrouter, own key, half the bill": Bill(
        {
            "prompt_tokens": 3000, "completion_tokens": 200, "total_tokens": 3200,
            "cost": 0.0003, "is_byok": True, "cost_details": {"upstream_inference_cost": None},
        },
        "unpriced", None, (3000, 0, 0, 200, 0), provider="openrouter",
        model="anthropic/claude-sonnet-4.5", price="no upstream cost told",
    ),
    # https://platform.claude.com/docs/en/api/openai-sdk: the details are always empty there.
    # 1200 x 1 + 150 x 5.
    "anthropic, its compatible endpoint": Bill(
        {
            "prompt_tokens": 1200, "completion_tokens": 150, "total_tokens": 1350,
            "prompt_tokens_details": None, "completion_tokens_details": None,
        },
        "priced", 1950, (1200, 0, 0, 150, 0), provider="anthropic", model="claude-haiku-4-5",
        tier=None,
    ),
    # https://platform.claude.com/docs/en/build-with-claude/prompt-caching: tokens of the cache
    # stand beside the others, which some gateways keep: 20 + 3000 + 1000 + 100 are the total.
    # 20 x 1 + 3000 x 0.1 + 600 x 1.25 (five minutes) + 400 x 2 (an hour) + 100 x 5.
    "anthropic's own counts, beside the input": Bill(
        {
            "prompt_tokens": 20, "completion_tokens": 100, "total_tokens": 4120,
            "cache_read_input_tokens": 3000, "cache_creation_input_tokens": 1000,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 400,
            },
            "service_tier": "standard",
        },
        "priced", 20 + 300 + 750 + 800 + 500, (4020, 3000, 1000, 100, 0), provider="anthropic",
        model="claude-haiku-4-5", tier=None, classes={"cache_write_1h_tokens": 400},
    ),
    # https://docs.litellm.ai/docs/completion/prompt_caching: prompt_tokens hold them, under both
    # kinds of names. 20 x 1 + 3000 x 0.1 + 1000 x 1.25 + 100 x 5.
    "anthropic's counts through LiteLLM, within the input": Bill(
        {
            "prompt_tokens": 4020, "completion_tokens": 100, "total_tokens": 4120,
            "prompt_tokens_details": {"cached_tokens": 3000, "cache_creation_tokens": 1000},
            "cache_read_input_tokens": 3000, "cache_creation_input_tokens": 1000,
        },
        "priced", 20 + 300 + 1250 + 500, (4020, 3000, 1000, 100, 0), provider="anthropic",
        model="claude-haiku-4-5", tier=None,
    ),
    # Anthropic names its tier within the usage: 1000 x 0.5 + 100 x 2.5.
    "anthropic, batch": Bill(
        {
            "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
            "service_tier": "batch",
        },
        "priced", 750, (1000, 0, 0, 100, 0), provider="anthropic", model="claude-haiku-4-5",
        tier=None, kept_tier="batch",
    ),
    # https://ai.google.dev/gemini-api/docs/openai, numbers as recorded in
    # https://github.com/mozilla-ai/any-llm/issues/1290: thinking is in the total alone.
    # 20 x 0.3 + (623 - 20) x 2.5 = 6 + 1507.5.
    "gemini": Bill(
        {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623},
        "priced", 1514, (20, 0, 0, 603, 405), provider="google", model="gemini-2.5-flash",
        tier=None,
    ),
    # https://api-docs.deepseek.com/guides/kv_cache: 476 x 0.27 + 1024 x 0.13 + 200 x 0.95
    # = 128.52 + 133.12 + 190.
    "deepseek": Bill(
        {
            "prompt_tokens": 1500, "completion_tokens": 200, "total_tokens": 1700,
            "prompt_cache_hit_tokens": 1024, "prompt_cache_miss_tokens": 476,
        },
        "priced", 452, (1500, 1024, 0, 200, 0), provider="deepseek",
        model="deepseek-v3.1-terminus", tier=None,
    ),
    # https://github.com/vercel/ai, packages/moonshotai/src/convert-moonshotai-chat-usage.ts:
    # 232 x 0.6 + 768 x 0.15 + 100 x 2.5 = 139.2 + 115.2 + 250.
    "moonshot": Bill(
        {
            "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
            "cached_tokens": 768,
        },
        "priced", 504, (1000, 768, 0, 100, 0), provider="moonshotai", model="kimi-k2-thinking",
        tier=None,
    ),
    # UsageInfo of vllm/entrypoints/openai: null but with --enable-prompt-tokens-details.
    # Nobody has a price for a machine of one's own until one is set.
    "vllm": Bill(
        {
            "prompt_tokens": 900, "total_tokens": 1000, "completion_tokens": 100,
            "prompt_tokens_details": None,
        },
        "unpriced", None, (900, 0, 0, 100, 0), provider="vllm", model="llama-3.1-8b", tier=None,
    ),
    # https://docs.ollama.com/api/openai-compatibility: three counts and no more.
    "ollama": Bill(
        {"prompt_tokens": 26, "completion_tokens": 298, "total_tokens": 324},
        "unpriced", None, (26, 0, 0, 298, 0), provider="ollama", model="llama3.2", tier=None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("bill", BILLS.values(), ids=BILLS)
def test_what_a_provider_tells_becomes_the_right_ledger_row(scene: Scene, bill: Bill) -> None:
    scene.configure(**endpoint_of(scene, bill))
    answer: dict[str, Any] = {"usage": bill.usage, "service_tier": bill.tier}
    scene.model.behave(**answer, answered_as=bill.answered_as)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    assert (row["provider"], row["model"], row["status"]) == (
        bill.provider, bill.model, "answered",
    )  # fmt: skip
    kinds = ("input", "cached_input", "cache_write", "output", "reasoning")
    assert tuple(row[f"{kind}_tokens"] for kind in kinds) == bill.tokens
    assert (row["token_classes"], row["service_tier"]) == (bill.classes, bill.kept_tier)
    assert (row["cost_state"], row["cost_microusd"]) == (bill.state, bill.microusd)
    assert bill.price in row["price_name"]
    # The sums hold what the ledger holds.
    for table in ("usage_hourly", "usage_daily", "ai_cost_hourly", "ai_cost_daily"):
        (summed,) = scene.rows(
            f"select cache_write_tokens, cost_microusd, unpriced from public.{table}"
        )
        assert list(summed.values()) == [
            bill.tokens[2], bill.microusd or 0, int(bill.microusd is None),
        ]  # fmt: skip
