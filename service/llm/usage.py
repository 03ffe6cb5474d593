"""The usage and cost of a call, from the ``usage`` of its response, under any provider's names.

OpenAI: https://developers.openai.com/api/docs/guides/prompt-caching
OpenRouter: https://openrouter.ai/docs/use-cases/usage-accounting
Anthropic's names, which gateways pass on:
https://platform.claude.com/docs/en/build-with-claude/prompt-caching
DeepSeek: https://api-docs.deepseek.com/guides/kv_cache
Others side by side: https://docs.nvidia.com/aiperf/latest/reference/vendor-usage-field-reference
"""

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from service.llm.answers import STANDARD_TIER, Cost, TokenUsage

MILLION = Decimal(1_000_000)
# The names that endpoints use for one count, in the details or beside the totals.
_READS = (
    "cached_tokens",
    "cache_read_tokens",
    "cache_read_input_tokens",
    "prompt_cache_hit_tokens",
    "cached_prompt_text_tokens",
)
_WRITES = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")
_WRITTEN_BY_AGE = ("cache_creation", "cache_creation_token_details")
# Reported separately from the other tokens, but billed at the same price.
_BILLED_ALIKE = frozenset(
    (
        *("text_tokens", "reasoning_tokens", "prompt_cache_miss_tokens"),
        *("accepted_prediction_tokens", "rejected_prediction_tokens"),
    )
)
_KNOWN = _BILLED_ALIKE.union(_READS, _WRITES)
_MODALITIES = ("audio", "image", "video")
# Providers' names for the tier with their ordinary prices.
_STANDARD_NAMES = frozenset({"default", "standard", "on_demand"})
_NAME_CHARS = 60


def usage_from(raw: Mapping[str, Any] | None) -> TokenUsage | None:
    """Read the ``usage`` object of a chat completion. None if the provider sent none."""
    if not raw:
        return None
    prompt, answer = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    if prompt + answer == 0:
        return None
    asked, told = raw.get("prompt_tokens_details"), raw.get("completion_tokens_details")
    read, written = _greatest(_READS, asked, raw), _greatest(_WRITES, asked, raw)
    by_age = [_map(place.get(name)) for place in (_map(asked), raw) for name in _WRITTEN_BY_AGE]
    long = _greatest(("ephemeral_1h_input_tokens",), *by_age)
    written = max(written, long + _greatest(("ephemeral_5m_input_tokens",), *by_age))
    total = _count(raw, "total_tokens")
    if _stand_beside(raw, read + written, prompt, total - answer):
        prompt += read + written
    reasoning = _greatest(("reasoning_tokens",), told, raw)
    # Gemini's compatible endpoint counts thinking in the total, but not in completion_tokens.
    hidden = total - prompt - answer
    if hidden > 0:
        answer, reasoning = answer + hidden, max(reasoning, hidden)
    classes = _classes(_map(asked), _map(told)) + Counter({"cache_write_1h_tokens": long})
    searches = _count(raw.get("server_tool_use"), "web_search_requests")
    classes["web_searches"] = max(searches, _count(raw, "num_search_queries"))
    return _fitted(prompt, read, answer, min(reasoning, answer), written, classes)


def part_of(name: str) -> str:
    """The part that a class belongs to: input, cached_input, cache_write, output; "" for none."""
    if name.startswith("cache_"):
        return "cached_input" if "read_" in name else "cache_write"
    for part in ("input", "output"):
        if name.startswith(f"{part}_"):
            return part
    return ""


def tier_from(answer: Mapping[str, Any]) -> str:
    """The service tier that served an answer, in small letters.

    OpenAI reports it beside the usage, Anthropic inside it. If it is missing, it is the standard
    tier. "auto" only repeats a request parameter ("as the project is set up"), so no price is known
    for it.

    https://developers.openai.com/api/docs/guides/fast-mode
    """
    told = answer.get("service_tier") or _map(answer.get("usage")).get("service_tier")
    name = str(told or "").strip().lower()[:_NAME_CHARS]
    return STANDARD_TIER if not name or name in _STANDARD_NAMES else name


def reported_cost(usage: Mapping[str, Any]) -> Cost | None:
    """The cost that the provider itself reports, in dollars; None if it reports none.

    With a customer's own key, OpenRouter's ``cost`` is only its fee. The provider's part is in
    ``upstream_inference_cost``. If that is missing, a part of the cost is unknown, so the call is
    unpriced. A price from a price list would lack the fee, and be too low.
    """
    amount = _dollars(usage.get("cost"))
    if amount is None:
        return None
    has_own_key = usage.get("is_byok")
    if has_own_key not in (None, False):
        upstream = _dollars(_map(usage.get("cost_details")).get("upstream_inference_cost"))
        if upstream is None or has_own_key is not True:
            return Cost("unpriced", None, "no upstream cost told")
        amount += upstream
    return Cost("reported", round_microusd(amount * MILLION))


def round_microusd(amount: Decimal) -> int:
    """Round half up to a whole micro-dollar."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _stand_beside(raw: Mapping[str, Any], cached: int, prompt: int, total_input: int) -> bool:
    """Whether cache tokens are not included in ``prompt_tokens``, as in Anthropic's own counts.

    With these names gateways do both. It shows in the total, or if there are more cache tokens than
    prompt tokens.
    """
    names = ("cache_read_input_tokens", "cache_creation_input_tokens")
    is_native = any(_count(raw, name) for name in names)
    return cached > prompt or (cached > 0 and is_native and total_input == prompt + cached)


def _classes(asked: Mapping[str, Any], told: Mapping[str, Any]) -> Counter[str]:
    """All details that are not known counts, with the library's names, even those without a
    price."""
    found = Counter(
        {
            f"{part}_{name}"[:_NAME_CHARS]: _count(details, name)
            for part, details in (("input", asked), ("output", told))
            for name in details
            if name.endswith("_tokens") and name not in _KNOWN and details[name]
        }
    )
    cached = _map(asked.get("cached_tokens_details"))
    for kind in _MODALITIES if cached else ():
        read = min(_count(cached, f"{kind}_tokens"), found[f"input_{kind}_tokens"])
        found[f"cache_{kind}_read_tokens"] = read
        found[f"input_{kind}_tokens"] -= read
    return found


def _fitted(
    prompt: int, read: int, answer: int, reasoning: int, written: int, classes: Counter[str]
) -> TokenUsage:
    """The usage with classes that fit into their part. If the classes of a part overlap, they
    become unclear tokens, which have no price."""
    room = {
        "input": prompt - read - written,
        "cached_input": read,
        "cache_write": written,
        "output": answer,
    }
    for part, most in room.items():
        names = [name for name in classes if part_of(name) == part]
        if sum(classes[name] for name in names) > most:
            for name in names:
                classes["unclear_tokens"] += classes.pop(name)
    found = tuple(sorted((name, number) for name, number in classes.items() if number > 0))
    return TokenUsage(prompt, read, answer, reasoning, written, found)


def _dollars(amount: object) -> Decimal | None:
    if isinstance(amount, bool) or not isinstance(amount, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(amount))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def _greatest(names: tuple[str, ...], *places: object) -> int:
    """The greatest of the counts: a gateway may report one count under several names."""
    return max((_count(place, name) for place in places for name in names), default=0)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(raw: object, key: str) -> int:
    value = raw.get(key) if isinstance(raw, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
