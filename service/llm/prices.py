"""The cost of a model call in integer micro-dollars: reported, priced by name, or unpriced.

Rounding: dollars are added up exactly, as decimals, and the total is rounded once, half up, to a
whole micro-dollar. Cached input is billed at its own price; reasoning tokens are output tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from service.llm.answers import Cost, TokenUsage

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class PriceRow:
    """An override price, in micro-dollars per million tokens, in force from ``valid_from`` until
    just before ``valid_to`` (None: still in force). Without a cached price, cached input costs
    what other input does."""

    provider: str
    model: str
    valid_from: datetime
    valid_to: datetime | None
    input_microusd: int
    cached_input_microusd: int | None
    output_microusd: int
    name: str | None = None

    def applies_to(self, provider: str, models: Sequence[str], at: datetime) -> bool:
        return (
            self.provider.lower() == provider.lower()
            and self.model.lower() in {model.lower() for model in models}
            and self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
        )

    def microusd_of(self, usage: TokenUsage) -> Decimal:
        cached_price = self.cached_input_microusd
        if cached_price is None:
            cached_price = self.input_microusd
        cached = min(usage.cached_input, usage.input)
        total = (
            (usage.input - cached) * self.input_microusd
            + cached * cached_price
            + usage.output * self.output_microusd
        )
        return Decimal(total) / _MILLION

    @property
    def label(self) -> str:
        started = self.valid_from.date().isoformat()
        return self.name or f"override {self.provider}/{self.model} from {started}"


@dataclass(frozen=True)
class PriceList:
    """Override rows first, then the genai-prices library."""

    rows: tuple[PriceRow, ...] = ()

    def cost_of(
        self,
        usage: TokenUsage | None,
        *,
        provider: str,
        models: Sequence[str],
        at: datetime,
        base_url: str = "",
        reported_usd: object = None,
    ) -> Cost:
        """The cost of one call. ``models``: the names to try, the most exact first."""
        reported = reported_microusd(reported_usd)
        if reported is not None:
            return Cost("reported", reported)
        found = self.exact(usage, provider, models, at, base_url) if usage else None
        return (
            Cost("priced", round_microusd(found[0]), found[1]) if found else Cost("unpriced", None)
        )

    def exact(
        self,
        usage: TokenUsage,
        provider: str,
        models: Sequence[str],
        at: datetime,
        base_url: str = "",
    ) -> tuple[Decimal, str] | None:
        """Unrounded micro-dollars and the name of the price, or None when no price is known."""
        rows = [row for row in self.rows if row.applies_to(provider, models, at)]
        if rows:
            row = max(rows, key=lambda row: row.valid_from)
            return row.microusd_of(usage), row.label
        for model in models:
            minute = at.astimezone(UTC).replace(second=0, microsecond=0)
            found = _library_price(usage, provider, model, minute, base_url)
            if found:
                return found
        return None


def round_microusd(amount: Decimal) -> int:
    """Half up, to a whole micro-dollar."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def reported_microusd(usd: object) -> int | None:
    """A provider's own ``usage.cost`` in dollars as micro-dollars; None if it is no such amount.

    OpenRouter reports it: https://openrouter.ai/docs/use-cases/usage-accounting
    """
    if isinstance(usd, bool) or not isinstance(usd, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(usd))
    except InvalidOperation:
        return None
    return round_microusd(amount * _MILLION) if amount.is_finite() and amount >= 0 else None


def usage_from(raw: Mapping[str, Any] | None) -> TokenUsage | None:
    """The ``usage`` object of a chat completion; None when the provider sent none."""
    if not raw:
        return None
    prompt, answer = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    cached = _count(raw.get("prompt_tokens_details"), "cached_tokens")
    reasoning = _count(raw.get("completion_tokens_details"), "reasoning_tokens")
    if prompt + answer == 0:
        return None
    # Gemini's compatible endpoint leaves thinking out of completion_tokens but in the total.
    hidden = _count(raw, "total_tokens") - prompt - answer
    if hidden > 0:
        answer, reasoning = answer + hidden, max(reasoning, hidden)
    return TokenUsage(prompt, min(cached, prompt), answer, min(reasoning, answer))


def _count(raw: object, key: str) -> int:
    value = raw.get(key) if isinstance(raw, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


# A look-up costs 0.3 ms of CPU, and the estimate before each call asks for the same ones again.
@lru_cache(maxsize=2048)
def _library_price(
    usage: TokenUsage, provider: str, model: str, at: datetime, base_url: str
) -> tuple[Decimal, str] | None:
    """The library's price, by the provider's exact name, else by its API address."""
    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.input,
        cache_read_tokens=min(usage.cached_input, usage.input),
        output_tokens=usage.output,
    )
    wanted = [{"provider_id": provider}] + ([{"provider_api_url": base_url}] if base_url else [])
    for where in wanted:
        try:
            found = genai_prices.calc_price(
                tokens,
                model,
                genai_request_timestamp=at,
                **where,  # type: ignore[call-overload]
            )
        except LookupError:
            continue
        # The library matches names loosely; "my-openai-like-server" must not get OpenAI's prices.
        if where.get("provider_id", found.provider.id).lower() == found.provider.id:
            name = f"genai-prices {genai_prices.__version__} {found.provider.id}/{found.model.id}"
            return found.total_price * _MILLION, name
    return None
