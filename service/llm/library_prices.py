"""What the genai-prices library says a call costs: by class of token and by service tier."""

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


# A look-up costs 0.3 ms of CPU, and the estimate before each call asks for the same ones again.
@lru_cache(maxsize=2048)
def library_price(
    usage: TokenUsage, provider: str, model: str, at: datetime, base_url: str, service_tier: str
) -> tuple[Decimal, str] | None:
    """Micro-dollars and the price's name, by the provider's exact name, else by its API address.

    None when it knows no such model, or has no price for a class or for the tier.
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
            # A model it does not know; counts it cannot take apart.
            except (LookupError, ValueError):
                continue
            # It matches names loosely; "my-openai-like-server" must not get OpenAI's prices.
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
    """How the library may name the tier: batch is a way of processing there."""
    if service_tier == STANDARD_TIER:
        return ({},)
    return ({"service_tier": service_tier}, {"processing": service_tier})


def _tokens(usage: TokenUsage) -> "Usage | None":
    """The usage as the library counts it, where a class holds what is more special; None with a
    class that it does not know."""
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
        # cache_audio_read_tokens are input_audio_tokens too.
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
    """Whether every class has a price of its own, and every price is the tier's.

    The library prices a class it has no price for like the tokens around it, and a tier it does
    not know as the standard one. Only cached input may be priced like other input, which is no
    cheaper.
    """
    needed = {_price_key(name) for name, _ in usage.classes}
    needed |= {"cache_write_mtok"} if usage.cache_write else set()
    if not needed <= _priced(found.model_price):
        return False
    if not context:
        return True
    # Prices that one provider takes over from another are those of its standard tier.
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
    # One without prices of its own says that they are the standard ones.
    return bool(variants) and (not of_tier or needed & _priced(found.model_price) <= of_tier)


def _priced(prices: Any) -> set[str]:
    return {name for name, price in vars(prices).items() if price is not None}


def _price_key(name: str) -> str:
    """The library's name for the price of a class."""
    is_tokens = name.endswith("_tokens")
    return name.removesuffix("_tokens") + "_mtok" if is_tokens else f"{name}_kcount"
