"""The cost of a model call in integer micro-dollars: reported, priced by name, or unpriced.

Rounding: dollars are added exactly, as decimals. The total is rounded once, half up, to a whole
micro-dollar. Each class of tokens and each service tier has its own price. If a price is missing,
the call becomes unpriced, never cheaper. Reasoning tokens are output tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from service.llm.answers import STANDARD_TIER, Cost, TokenUsage
from service.llm.library_prices import library_price
from service.llm.usage import MILLION, part_of, reported_cost, round_microusd


@dataclass(frozen=True)
class PriceRow:
    """An override price for one service tier, in micro-dollars per million tokens. It is in force
    from ``valid_from`` until just before ``valid_to`` (None: still in force). Without a cached
    price, cached input costs the same as other input. Without a cache-write price, calls with cache
    writes have no price. Nor have calls with a class that is not in ``class_microusd``."""

    provider: str
    model: str
    valid_from: datetime
    valid_to: datetime | None
    input_microusd: int
    cached_input_microusd: int | None
    output_microusd: int
    name: str | None = None
    cache_write_microusd: int | None = None
    class_microusd: Mapping[str, int] = field(default_factory=dict)
    service_tier: str = STANDARD_TIER

    def applies_to(
        self, provider: str, model: str, at: datetime, service_tier: str = STANDARD_TIER
    ) -> bool:
        return (
            self.provider.lower() == provider.lower()
            and self.model.lower() == model.lower()
            and self.service_tier == service_tier
            and self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
        )

    def microusd_of(self, usage: TokenUsage) -> Decimal | None:
        """Unrounded cost; None if a class of the tokens has no price here. Re-pricing in SQL
        (``private.repriced``) calculates it in the same way."""
        if usage.cache_write and self.cache_write_microusd is None:
            return None
        prices = {
            "input": self.input_microusd,
            "cached_input": self.input_microusd
            if self.cached_input_microusd is None
            else self.cached_input_microusd,
            "cache_write": self.cache_write_microusd or 0,
            "output": self.output_microusd,
        }
        total = (
            (usage.input - usage.cached_input - usage.cache_write) * prices["input"]
            + usage.cached_input * prices["cached_input"]
            + usage.cache_write * prices["cache_write"]
            + usage.output * prices["output"]
        )
        for name, number in usage.classes:
            if name not in self.class_microusd:
                return None
            # The class is already counted in its part, at the part's price.
            total += number * (self.class_microusd[name] - prices.get(part_of(name), 0))
        return Decimal(total) / MILLION

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
        service_tier: str = STANDARD_TIER,
        told: Mapping[str, object] | None = None,
    ) -> Cost:
        """The cost of one call. ``models``: the names to try, the most exact first. ``told``: the
        call's ``usage`` object, which may contain a cost reported by the provider."""
        if reported := reported_cost(told or {}):
            return reported
        if usage is None:
            return Cost("unpriced", None)
        found = self.exact(usage, provider, models, at, base_url, service_tier)
        if found:
            return Cost("priced", round_microusd(found[0]), found[1])
        plain = TokenUsage(usage.input, usage.cached_input, usage.output, usage.reasoning)
        if service_tier != STANDARD_TIER:
            return Cost("unpriced", None, f"no price at service tier {service_tier}")
        if plain != usage and self.exact(plain, provider, models, at, base_url):
            names = ["cache_write_tokens"] * (usage.cache_write > 0) + [
                name for name, _ in usage.classes
            ]
            return Cost("unpriced", None, f"no price for {' and '.join(names)}")
        return Cost("unpriced", None)

    def exact(
        self,
        usage: TokenUsage,
        provider: str,
        models: Sequence[str],
        at: datetime,
        base_url: str = "",
        service_tier: str = STANDARD_TIER,
    ) -> tuple[Decimal, str] | None:
        """Unrounded micro-dollars and the name of the price, or None if no price is known.

        Rows for an earlier name in ``models`` win over rows for a later name, even newer ones. For
        one name, the row that began last wins; of several that began together, the last in the
        list.
        """
        for model in models:
            rows = [row for row in self.rows if row.applies_to(provider, model, at, service_tier)]
            if rows:
                row = max(reversed(rows), key=lambda row: row.valid_from)
                amount = row.microusd_of(usage)
                return None if amount is None else (amount, row.label)
        for model in models:
            minute = at.astimezone(UTC).replace(second=0, microsecond=0)
            found = library_price(usage, provider, model, minute, base_url, service_tier)
            if found:
                return found
        return None
