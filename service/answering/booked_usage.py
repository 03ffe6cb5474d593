"""What an answer used, in the form that settle_answer and release_use store."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, get_args

from service.answering.design import Design
from service.llm import (
    PROMPT_VERSION,
    STANDARD_TIER,
    Attempt,
    Cost,
    Grounding,
    TokenUsage,
    total_cost,
)
from service.review.facts import hash_of
from service.store.answer_records import BookedUsage, Job

_TokenField = Literal[
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cache_write_tokens"
]
MEASURED_REVIEW = "measured-review"
# The prompt holds the same number; see build_prompt.
_KEPT_FACTS = 40
# Booked when calls were served at different tiers.
MIXED_TIERS = "mixed"
_TOKENS: tuple[_TokenField, ...] = get_args(_TokenField)
# Kept for each provider asked; its availability is counted from these.
_OF_ATTEMPT = ("provider", "model", "outcome", "reason", "latency_ms")


def usage_of(
    attempts: Iterable[Attempt],
    design: Design,
    latency_ms: int,
    *,
    guidance: Iterable[str] = (),
    grounding: Grounding | None = None,
) -> BookedUsage:
    """Sum up every provider asked: tokens and cost of each call that was billed, answered or not.

    ``latency_ms`` is the wait for all of them together, even if none answered. ``guidance`` names
    the fields of the context that the draft was made with. ``grounding`` says what became of the
    numbers of a model's answer, None if no model answered.
    """
    tried = tuple(attempts)
    answered = next((each for each in tried if each.outcome == "answered"), None)
    writer = None if grounding == "fell_back" else answered
    cost = total_cost(tried)
    # If a model answered, book the known part of the cost. Marked as unpriced, the answer would get
    # a price looked up for its model.
    if not answered and any(each.may_be_billed for each in tried):
        cost = Cost("unpriced", None, "no token counts")
    tokens = sum((each.usage for each in tried if each.usage), TokenUsage())
    return {
        "unknown_calls": sum(each.may_be_billed for each in tried),
        "provider": writer.provider if writer else MEASURED_REVIEW,
        "model": writer.model if writer else "",
        "input_tokens": tokens.input,
        "cached_input_tokens": tokens.cached_input,
        "output_tokens": tokens.output,
        "reasoning_tokens": tokens.reasoning,
        "cache_write_tokens": tokens.cache_write,
        "token_classes": dict(tokens.classes),
        "service_tier": _tier_of(each.service_tier for each in tried if each.cost),
        "cost_microusd": cost.microusd if cost else 0,
        "cost_state": cost.state if cost else "priced",
        "price_name": (cost.price_name or "") if cost else "no model call",
        "model_latency_ms": latency_ms if any(each.outcome != "skipped" for each in tried) else 0,
        "fallbacks": sum(each.outcome != "answered" for each in tried),
        "attempts": [{name: getattr(each, name) for name in _OF_ATTEMPT} for each in tried],
        "calls": [_call_json(each) for each in tried if each.cost or each.may_be_billed],
        "prompt_version": PROMPT_VERSION if answered else "",
        "node_id": design.node_id,
        "design_state": design.state,
        "facts": _facts_json(design),
        "guidance": list(guidance),
        "grounding": grounding,
    }


def kept_usage(job: Job) -> BookedUsage:
    """The model cost of this run so far, as an earlier attempt stored it; {} if there is none."""
    kept = job.draft
    return (kept.usage or {}) if kept and kept.run == job.run else {}


def unknown_usage(calls: int) -> BookedUsage:
    """The usage of calls that may have been billed, by workers that died before they stored it."""
    return {"cost_state": "unpriced", "price_name": "", "unknown_calls": calls}


def carry(kept: BookedUsage, used: BookedUsage, lost: int) -> BookedUsage:
    """``used`` plus the usage of earlier attempts of the run: tokens, cost, and the number of calls
    with unknown cost. ``lost`` workers count as such calls."""
    total = used.copy()
    total["unknown_calls"] += lost
    if not kept:
        return total
    total["calls"] = [*kept.get("calls", []), *used.get("calls", [])]
    costs = (kept.get("cost_microusd"), used["cost_microusd"])
    states = {kept.get("cost_state"), used["cost_state"]}
    total["unknown_calls"] += kept.get("unknown_calls", 0)
    for name in _TOKENS:
        total[name] += kept.get(name, 0)
    classes = Counter(used["token_classes"])
    classes.update(kept.get("token_classes", {}))
    total["token_classes"] = dict(classes)
    called = [each for each in (kept, used) if each.get("input_tokens", 0)]
    total["service_tier"] = _tier_of(each.get("service_tier", STANDARD_TIER) for each in called)
    # More than one price is named together, so that re-pricing one model leaves such calls alone.
    names = dict.fromkeys(each["price_name"] for each in called if each.get("price_name"))
    total["price_name"] = ", ".join(names) or used["price_name"]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        total["cost_microusd"], total["cost_state"] = None, "unpriced"
    else:
        total["cost_microusd"] = sum(known)
        total["cost_state"] = "reported" if states == {"reported"} else "priced"
    return total


def _call_json(attempt: Attempt) -> dict[str, Any]:
    """One call that was billed, or may have been, as it is compared with the provider's bill."""
    usage, cost = attempt.usage or TokenUsage(), attempt.cost
    return {
        "provider": attempt.provider,
        "model": attempt.model,
        "call_id": attempt.call_id,
        "at": attempt.asked_at and attempt.asked_at.isoformat(),
        "outcome": attempt.reason,
        "service_tier": attempt.service_tier,
        "input_tokens": usage.input,
        "cached_input_tokens": usage.cached_input,
        "cache_write_tokens": usage.cache_write,
        "output_tokens": usage.output,
        "cost_state": cost.state if cost else "unknown",
        "cost_microusd": cost.microusd if cost else None,
    }


def _tier_of(tiers: Iterable[str]) -> str:
    found = set(tiers)
    return MIXED_TIERS if len(found) > 1 else next(iter(found), STANDARD_TIER)


def _facts_json(design: Design) -> dict[str, Any] | None:
    facts = design.facts
    if facts is None:
        return None
    told = facts.to_json()
    told |= {"count": len(facts.facts), "hash": hash_of(told)}
    told["facts"] = told["facts"][:_KEPT_FACTS]
    if design.would_pass:
        told["would_pass"] = [each.sentence for each in design.would_pass]
    return told
