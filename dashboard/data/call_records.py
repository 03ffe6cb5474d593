"""Records of what was asked of models for one answer or analysis, and what was booked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One model asked or passed over. Tokens and cost only where it told them."""

    provider: str
    model: str
    outcome: str
    reason: str
    latency_ms: int
    cost_microusd: int | None = None
    cost_state: str = ""
    price_name: str | None = None
    service_tier: str = ""
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    token_classes: dict[str, int] | None = None


@dataclass(frozen=True)
class Step:
    """When a step of an attempt ended, in milliseconds since the attempt began."""

    step: str
    ms: int


@dataclass(frozen=True)
class Attempt:
    """An attempt with a draft, or one that ended without; `at`: when."""

    run: int
    attempt: int
    at: str
    ended: str
    reason: str
    has_prompt: bool
    saw_picture: bool
    calls: list[Call]
    steps: list[Step]


@dataclass(frozen=True)
class Line:
    """A line of the ledger, tokens by kind."""

    run: int
    at: str
    status: str
    error_code: str
    provider: str
    model: str
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    token_classes: dict[str, int]
    service_tier: str
    cost_microusd: int | None
    cost_state: str
    price_name: str
    latency_ms: int
    model_latency_ms: int
    figma_latency_ms: int
    fallbacks: int
    unknown_calls: int


@dataclass(frozen=True)
class Message:
    """One message as it was sent; None where the fixed rules of an old version are not known."""

    role: str
    content: str | None


@dataclass(frozen=True)
class Sent:
    """What an attempt sent to models in the end."""

    run: int
    attempt: int
    messages: list[Message]
