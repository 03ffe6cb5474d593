"""The cost of a call by the genai-prices library: by class of token and by service tier."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from service.llm.answers import STANDARD_TIER, TokenUsage
from service.llm.usage import MILLION

if TYPE_CHECKING:
    from genai_prices import Usage
    from genai_prices.types import PriceCalculation


# A look-up costs 0.3 ms of CPU, and the estimate before each call repeats the same ones.
@lru_cache(maxsize=2048)
def library_price(
    usage: TokenUsage, provider: str, model: str, at: datetime, base_url: str, service_tier: str
) -> tuple[Decimal, str] | None:
    """Micro-dollars and the price's name. It searches by the provider's exact name, then by its API
    address.

    None if the library does not know the model, or has no price for a class or for the tier.
    """
    import genai_prices

    tokens = _tokens(usage)
    if tokens is None:
        return None
    wanted = [{"provider_id": provider}] + ([{"provider_api_url": base_url}] if base_url else [])
    for where in wanted:
        for context in _contexts(service_tier):
            try:
                found = genai_prices.calc_price(
                    tokens,
                    model,
                    genai_request_timestamp=at,
                    price_context=context,
                    **where,
                )
            # An unknown model, or counts that do not fit together.
            except (LookupError, ValueError):
                continue
            # The library matches loosely: "my-openai-like-server" must not get OpenAI's prices.
            if where.get("provider_id", found.provider.id).lower() != found.provider.id:
                continue
            if _is_whole(found, usage, at, context):
                name = f"{found.provider.id}/{found.model.id}"
                if service_tier != STANDARD_TIER:
                    name += f" {service_tier}"
                version = genai_prices.__version__
                return found.total_price * MILLION, f"genai-prices {version} {name}"
    return None


def _contexts(service_tier: str) -> tuple[dict[str, str], ...]:
    """The ways the library may name the tier: batch is a kind of processing there."""
    if service_tier == STANDARD_TIER:
        return ({},)
    return ({"service_tier": service_tier}, {"processing": service_tier})


def _tokens(usage: TokenUsage) -> "Usage | None":
    """The usage in the library's form, where a general class includes the special ones. None if the
    library does not know a class."""
    import genai_prices

    given = {
        "input_tokens": usage.input,
        "cache_read_tokens": usage.cached_input,
        "cache_write_tokens": usage.cache_write,
        "output_tokens": usage.output,
        "output_reasoning_tokens": usage.reasoning,
        **dict(usage.classes),
    }
    for name, number in usage.classes:
        # In the library, cache_audio_read_tokens are part of input_audio_tokens too.
        kind = name.removeprefix("cache_").split("_")[0]
        if name.startswith("cache_") and kind not in ("read", "write"):
            whole = f"input_{kind}_tokens"
            given[whole] = given.get(whole, 0) + number
    known = genai_prices.Usage()
    if not all(hasattr(known, name) for name in given):
        return None
    return genai_prices.Usage(**{name: number for name, number in given.items() if number})


def _is_whole(
    found: "PriceCalculation", usage: TokenUsage, at: datetime, context: Mapping[str, str]
) -> bool:
    """Whether every class has its own price, and every price is that of the tier.

    For a class without a price the library uses the price of the tokens around it, and for an
    unknown tier the standard price. Only cached input may get the price of other input, which is no
    cheaper.
    """
    needed = {_price_key(name) for name, _ in usage.classes}
    needed |= {"cache_write_mtok"} if usage.cache_write else set()
    if not needed <= _priced(found.model_price):
        return False
    if not context:
        return True
    # A provider that takes over prices from another has only those of the standard tier.
    if not any(model is found.model for model in found.provider.models):
        return False
    variants = [
        variant.prices
        for variant in found.model.price_variants or ()
        if variant.when == context and (variant.constraint is None or variant.constraint.active(at))
    ]
    of_tier = set[str]().union(*map(_priced, variants))
    needed |= {"input_mtok", "output_mtok"}
    needed |= {"cache_read_mtok"} if usage.cached_input else set()
    needed |= {"output_reasoning_mtok"} if usage.reasoning else set()
    # A variant without its own prices uses the standard ones.
    return bool(variants) and (not of_tier or needed & _priced(found.model_price) <= of_tier)


def _priced(prices: Any) -> set[str]:
    return {name for name, price in vars(prices).items() if price is not None}


def _price_key(name: str) -> str:
    """The library's name for the price of a class."""
    is_tokens = name.endswith("_tokens")
    return name.removesuffix("_tokens") + "_mtok" if is_tokens else f"{name}_kcount"
