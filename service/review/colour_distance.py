"""How different two colours look: CIE ΔE00, also for people who see red and green alike."""

from functools import lru_cache
from typing import Literal

from coloraide import Color

Sight = Literal["deutan", "protan"]


@lru_cache(maxsize=50_000)
def delta_e(one: str, other: str) -> float:
    """CIE ΔE00 of two hex colours. About 1 can just be seen.

    https://www.hajim.rochester.edu/ece/sites/gsharma/ciede2000/
    """
    return round(float(_colour(one).delta_e(_colour(other), method="2000")), 4)


@lru_cache(maxsize=20_000)
def lightness(colour: str) -> float:
    """CIE L*, 0 to 100."""
    return float(_colour(colour).convert("lab-d65")["lightness"])


@lru_cache(maxsize=20_000)
def seen_with(sight: Sight, colour: str) -> str:
    """The colour as somebody without green (deutan) or red (protan) cones sees it.

    Machado, Oliveira, Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113
    """
    seen = _colour(colour).filter(sight, method="machado")
    return seen.convert("srgb").clip().to_string(hex=True)


@lru_cache(maxsize=20_000)
def _colour(colour: str) -> Color:
    return Color(colour)
