"""The result of the model chain: an answer with its usage and cost, or no answer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from service.errors import Unavailable

Outcome = Literal["answered", "failed", "skipped"]
CostState = Literal["reported", "priced", "unpriced"]
# What became of the schema of a JSON answer: the text was the JSON asked for; it was sent, and the
# text was something else; the endpoint does not take it. Empty if that is not known.
SchemaUse = Literal["", "enforced", "ignored", "refused"]
# The provider received the question, or may have, and its token counts are unknown.
_BILL_UNKNOWN = (
    *("timeout", "hung_up", "bad_answer", "empty", "refused", "malformed", "truncated"),
)


# The service tier to price if none is named.
STANDARD_TIER = "standard"


@dataclass(frozen=True)
class TokenUsage:
    """Tokens of one call. ``cached_input`` (read from the provider's cache) and ``cache_write``
    (written to it) are part of ``input``, ``reasoning`` of ``output``.

    ``classes``: other tokens that may have their own price, with the price library's names and in
    alphabetical order: ``input_audio_tokens``, ``cache_write_1h_tokens``. By its name, each class
    is part of input, cached input, cache writes or output. A token is counted in one class only.
    """

    input: int = 0
    cached_input: int = 0
    output: int = 0
    reasoning: int = 0
    cache_write: int = 0
    classes: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        classes = Counter(dict(self.classes))
        classes.update(dict(other.classes))
        return TokenUsage(
            self.input + other.input,
            self.cached_input + other.cached_input,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.cache_write + other.cache_write,
            tuple(sorted(classes.items())),
        )


@dataclass(frozen=True)
class Cost:
    """The cost of a call, in whole micro-dollars.

    *reported* by the provider, *priced* with the price named in ``price_name``, or *unpriced*: then
    ``microusd`` is None, never 0, and ``price_name`` may say why.
    """

    state: CostState
    microusd: int | None
    price_name: str | None = None


@dataclass(frozen=True)
class Attempt:
    """One provider that was asked or skipped. ``cost`` and ``usage`` are set if it billed tokens,
    at the price of ``service_tier``.

    ``reason`` is a code: ok, rate_limited, quota_exhausted, server_error, timeout, connection,
    hung_up, bad_answer, empty, content_filter, refused, wrong_key, forbidden, not_found,
    bad_request, circuit_open, over_cost_ceiling, no_price, switched_off; of a JSON answer also
    malformed, truncated. An answer with numbers that nobody gave the model is answered, with the
    reason "ungrounded". ``schema`` is what became of its schema. ``reserved_microusd``: under a
    hard ceiling, the most that the call could cost by what was known before it. ``call_id``: the
    provider's own id of the call, empty if none came back; by it and ``asked_at`` the call is found
    again on the provider's bill.
    """

    provider: str
    model: str
    outcome: Outcome
    reason: str
    latency_ms: int = 0
    cost: Cost | None = None
    usage: TokenUsage | None = None
    service_tier: str = STANDARD_TIER
    schema: SchemaUse = ""
    reserved_microusd: int | None = None
    call_id: str = ""
    asked_at: datetime | None = None

    @property
    def most_microusd(self) -> int:
        """What it cost, or what was reserved for it where the bill is not known."""
        if self.cost and self.cost.microusd is not None:
            return self.cost.microusd
        may_cost = self.cost or self.may_be_billed or self.outcome == "answered"
        return self.reserved_microusd or 0 if may_cost else 0

    @property
    def may_be_billed(self) -> bool:
        """Whether it may have a cost that we do not know."""
        return self.outcome == "failed" and self.cost is None and self.reason in _BILL_UNKNOWN

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"asked_at": self.asked_at and self.asked_at.isoformat()}


@dataclass(frozen=True)
class ModelAnswer:
    """The text of the first provider that answered, and the result of each attempt.

    ``usage`` and ``cost`` are only those of the answering call; ``total_cost(attempts)`` adds what
    failed attempts billed. ``latency_ms`` covers the whole chain. ``truncated``: the model reached
    its token limit, and the text was cut back to its last whole sentence. ``data`` is what the
    form of a JSON answer made of it. ``saw_picture``: the picture was sent with the question.
    """

    text: str
    provider: str
    model: str
    usage: TokenUsage
    cost: Cost
    latency_ms: int
    attempts: tuple[Attempt, ...]
    prompt_version: str
    truncated: bool = False
    data: Any = None
    saw_picture: bool = False

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON types, without ``data``: ``text`` has the same."""
        values = asdict(replace(self, data=None))
        del values["data"]
        return values | {"attempts": [each.to_json() for each in self.attempts]}


class NoModel(Unavailable):
    """No model answered; ``attempts`` says why. Write the measured review instead."""

    code = "no_model"

    def __init__(self, attempts: Iterable[Attempt] = ()):
        self.attempts = tuple(attempts)
        tried = "; ".join(f"{each.provider}: {each.reason}" for each in self.attempts)
        super().__init__(
            f"No AI model answered ({tried}). Please try again later."
            if tried
            else "No AI model is set up. Set OPENAI_API_KEY or another provider's key."
        )


def most_spent(attempts: Iterable[Attempt]) -> int:
    """The micro-dollars that all attempts may have cost together: for a hard ceiling."""
    return sum(each.most_microusd for each in attempts)


def total_cost(attempts: Iterable[Attempt]) -> Cost | None:
    """The total cost of all billed attempts; None if nothing was billed.

    One unpriced part makes the total *unpriced*. It is *reported* only if every part is.
    """
    costs = [each.cost for each in attempts if each.cost is not None]
    if not costs:
        return None
    names = ", ".join(dict.fromkeys(each.price_name for each in costs if each.price_name))
    amounts = [each.microusd for each in costs if each.microusd is not None]
    if len(amounts) < len(costs):
        return Cost("unpriced", None, names or None)
    is_reported = all(each.state == "reported" for each in costs)
    return Cost("reported" if is_reported else "priced", sum(amounts), names or None)
