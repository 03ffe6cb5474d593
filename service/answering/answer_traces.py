"""What an attempt sent to models, and what each call took: kept so that operators can open one
answer whole."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

from service.analysis.briefing import RULES as ANALYSIS_RULES
from service.analysis.versions import PROMPT_VERSION as ANALYSIS_VERSION
from service.llm import PROMPT_VERSION, RULES, Attempt, Prompt
from service.store.answer_records import TraceJson

# The first message of every prompt, told to the database once and not with each answer.
ANNOUNCED = (
    {"version": PROMPT_VERSION, "rules": RULES},
    {"version": ANALYSIS_VERSION, "rules": ANALYSIS_RULES},
)


def trace_of(
    prompt: Prompt | None, attempts: Iterable[Attempt], *, saw_picture: bool = False
) -> TraceJson:
    """``prompt``: all messages that were sent in the end; None if no model was to be asked."""
    calls = [_call(each) for each in attempts]
    if prompt is None:
        return {"calls": calls}
    rules, question, *followed = prompt.messages
    return {
        "rules": _hash(rules["content"]),
        "prompt": question["content"],
        "followed": followed or None,
        "saw_picture": saw_picture,
        "calls": calls,
    }


@cache
def _hash(rules: str) -> str:
    return sha256(rules.encode()).hexdigest()


def _call(attempt: Attempt) -> dict[str, Any]:
    told: dict[str, Any] = {
        "provider": attempt.provider,
        "model": attempt.model,
        "outcome": attempt.outcome,
        "reason": attempt.reason,
        "latency_ms": attempt.latency_ms,
    }
    if cost := attempt.cost:
        told["cost_microusd"], told["cost_state"] = cost.microusd, cost.state
        told["price_name"], told["service_tier"] = cost.price_name, attempt.service_tier
    if usage := attempt.usage:
        told["input_tokens"], told["cached_input_tokens"] = usage.input, usage.cached_input
        told["cache_write_tokens"], told["output_tokens"] = usage.cache_write, usage.output
        told["reasoning_tokens"] = usage.reasoning
        if usage.classes:
            told["token_classes"] = dict(usage.classes)
    return told
