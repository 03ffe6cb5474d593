"""The prices of a model, as an operator enters them and as SQL functions take them."""

import re
from dataclasses import dataclass
from typing import Any

from dashboard.data.writes import Refused
from dashboard.parts import formats
from service.outside_names import model_name

STANDARD_TIER = "standard"
_OTHER = re.compile(r"\s*([a-z][a-z0-9_]*)\s*[:=\s]\s*\$?(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class Prices:
    """Micro-dollars per million tokens, of one service tier.

    Without a price of its own, cached input costs the same as other input. Without a price for
    cache writes, calls with cache writes are unpriced. ``others`` is what was typed for other
    kinds of tokens, in dollars: "web_searches 10000".
    """

    input: int
    cached_input: int | None
    output: int
    cache_write: int | None = None
    service_tier: str = STANDARD_TIER
    others: str = ""

    def parameters(self) -> dict[str, Any]:
        """Parameters that set_model_price and both functions of re-pricing share.

        Raises Refused when ``others`` cannot be parsed.
        """
        return {
            "p_input": self.input,
            "p_cached": self.cached_input,
            "p_output": self.output,
            "p_cache_write": self.cache_write,
            "p_service_tier": self.service_tier,
            "p_classes": classes_of(self.others),
        }


def micro(dollars: float) -> int:
    """Dollars as whole micro-dollars."""
    return round(dollars * 1_000_000)


def classes_of(text: str) -> dict[str, int]:
    """ "input_audio_tokens 32, web_searches 10000" in micro-dollars, by kind."""
    found = {}
    for part in text.split(","):
        if not part.strip():
            continue
        match = _OTHER.fullmatch(part)
        if match is None or match[1] in found:
            raise Refused(
                f'"{part.strip()}" is not a kind of tokens and its price. Write them as in '
                '"input_audio_tokens 32, cache_write_1h_tokens 2", each once.'
            )
        found[match[1]] = micro(float(match[2]))
    return found


def others_in_words(classes: dict[str, int]) -> str:
    """As text for a table."""
    priced = (f"{name} {formats.money(int(price))}" for name, price in classes.items())
    return ", ".join(priced) or formats.NONE


def model_in_words(provider: str, model: str, service_tier: str) -> str:
    """OpenAI / gpt-5-mini, and the tier if it is not the standard one."""
    tier = "" if service_tier == STANDARD_TIER else f" ({service_tier})"
    return f"{model_name(provider, model)}{tier}"
