"""Model calls of one answer or analysis: as tables, and what was sent where it may be shown."""

import pandas as pd
import streamlit as st

from dashboard.data.call_records import Attempt, Call, Line, Sent
from dashboard.parts import formats, words
from dashboard.parts.answer_table import MEASURED_REVIEW, reason_of
from service.outside_names import model_name

OUTCOMES = {"answered": "✓ Answered", "failed": "✕ Failed", "skipped": "– Not asked"}
CALL_REASONS = {
    "ok": "",
    "ungrounded": "Its numbers were not among those given",
    "circuit_open": "It had failed too often a moment before",
    "over_cost_ceiling": "It could have cost more than the ceiling",
    "no_price": "Its price is not known",
    "switched_off": "It was taken out of the chain",
}
NOTHING_SENT = (
    "Nothing is kept of what was sent: no model was asked, it is longer than 30 days ago, or "
    "somebody whose words stood in it has deleted the account."
)
PROMPT_HEIGHT = 360


def calls(attempts: list[Attempt]) -> pd.DataFrame:
    """Every model asked or passed over, in order."""
    return pd.DataFrame(
        [
            {
                "Attempt": attempt.attempt,
                "Model": model_name(each.provider, each.model),
                "End": OUTCOMES.get(each.outcome, each.outcome),
                "Time": formats.duration(each.latency_ms or None),
                "Cost": _cost_of(each),
                "In": _number(each.input_tokens),
                "from cache": _number(each.cached_input_tokens),
                "to cache": _number(each.cache_write_tokens),
                "Out": _number(each.output_tokens),
                "reasoning": _number(each.reasoning_tokens),
                "Others": _others(each.token_classes),
                "Price": _price(each.price_name or "", each.service_tier),
                "Why": _why(each.reason),
            }
            for attempt in attempts
            for each in attempt.calls
        ]
    )


def _cost_of(call: Call) -> str:
    if call.cost_state:
        return money(call.cost_microusd)
    return "not known" if call.outcome == "failed" and call.latency_ms else formats.NONE


def _number(tokens: int | None) -> str:
    return formats.NONE if tokens is None else formats.count(tokens)


def _others(classes: dict[str, int] | None) -> str:
    told = (f"{name.replace('_', ' ')} {count:,}" for name, count in (classes or {}).items())
    return ", ".join(told) or formats.NONE


def _price(name: str, tier: str) -> str:
    return f"{name}, {tier}" if name and tier not in ("", "standard") else name or formats.NONE


def _why(reason: str) -> str:
    return CALL_REASONS.get(reason, reason.replace("_", " ").capitalize())


def ledger(lines: list[Line], zone: str) -> pd.DataFrame:
    """What was booked, one row per run."""
    return pd.DataFrame(
        [
            {
                "Run": each.run,
                "Booked": words.moment(each.at, zone),
                "End": each.status.capitalize(),
                "Answered by": written_by(each.provider, each.model),
                "Cost": money(each.cost_microusd),
                "Price": f"{each.cost_state}: {_price(each.price_name, each.service_tier)}",
                "In": _number(each.input_tokens),
                "from cache": _number(each.cached_input_tokens),
                "to cache": _number(each.cache_write_tokens),
                "Out": _number(each.output_tokens),
                "reasoning": _number(each.reasoning_tokens),
                "Others": _others(each.token_classes),
                "Unknown bills": each.unknown_calls,
                "Time": formats.duration(each.latency_ms),
                "Models": formats.duration(each.model_latency_ms or None),
                "Figma": formats.duration(each.figma_latency_ms or None),
                "Why": reason_of(each.error_code, "") if each.error_code else "",
            }
            for each in lines
        ]
    )


def written_by(provider: str, model: str) -> str:
    if provider == MEASURED_REVIEW:
        return "measured review"
    return model_name(provider, model) or formats.NONE


def together(calls: list[Call]) -> str:
    """What they cost together; no sum if one of them has no price."""
    if not calls:
        return formats.NONE
    if any(each.cost_state == "unpriced" for each in calls):
        return formats.money(None)
    return money(sum(each.cost_microusd or 0 for each in calls))


def money(microusd: int | None) -> str:
    return "free" if microusd == 0 else formats.money(microusd)


def draw_sent(prompts: list[Sent]) -> None:
    """People's words: only behind a reason that was kept."""
    if not prompts:
        st.caption(NOTHING_SENT)
    for each in prompts:
        _draw_one(each, is_one_of_many=len(prompts) > 1)


def _draw_one(sent: Sent, *, is_one_of_many: bool) -> None:
    which = f" in attempt {sent.attempt}" if is_one_of_many else ""
    for number, message in enumerate(sent.messages):
        kind = {"system": "rules", "user": "question and design", "assistant": "its answer"}
        name = kind.get(message.role, message.role) if number < 2 else {
            "assistant": "the first answer, which was not posted", "user": "what it was told then"
        }.get(message.role, message.role)  # fmt: skip
        st.caption(f"Sent{which}, message {number + 1}: {name}")
        content = message.content
        if content is None:
            content = "The fixed rules of a version that has not told them."
        is_long = len(content) > 1_000
        st.code(
            content,
            language=None,
            wrap_lines=True,
            height=PROMPT_HEIGHT if is_long else "content",
        )
