"""All designs: each screen in one theme or two. Clean means that the review has nothing to say of
them that is a problem."""

from collections.abc import Callable
from functools import cache

from bench.review.designs import by_hand, mobile, sheets, web
from bench.review.designs.drawing import Design, Draft, number
from bench.review.designs.kit import COMPONENTS, DARK, LIGHT, RAW, WARM, Kit, component_id

_THEMES = {"light": LIGHT, "dark": DARK, "warm": WARM, "raw": RAW}
_SCREENS: tuple[tuple[Callable[[Kit], Draft], tuple[str, ...]], ...] = (
    (web.sign_in, ("light", "dark")),
    (web.dashboard, ("light", "dark")),
    (web.table, ("light", "warm")),
    (web.settings, ("dark", "warm")),
    (web.pricing, ("light", "warm")),
    (web.article, ("light", "raw")),
    (web.dialog, ("light", "dark")),
    (web.checkout, ("warm", "raw")),
    (web.members, ("light", "dark")),
    (web.empty_state, ("light",)),
    (web.board, ("dark", "light")),
    (mobile.onboarding, ("warm", "dark")),
    (mobile.inbox, ("light", "dark")),
    (mobile.profile, ("dark", "raw")),
    (mobile.shop, ("light", "warm")),
    (mobile.player, ("dark",)),
    (mobile.survey, ("warm", "light")),
    (mobile.booking, ("light", "raw")),
    (by_hand.gallery, ("light", "dark")),
    (by_hand.contact, ("light", "raw")),
    (by_hand.poster, ("warm", "light")),
    (by_hand.watch, ("light", "dark")),
    (sheets.buttons, ("light", "dark")),
    (sheets.fields, ("light", "dark")),
    (sheets.display_only, ("light",)),
)


@cache
def all_designs() -> tuple[Design, ...]:
    """Every design, drawn anew in each process and then shared: change copies only."""
    return tuple(
        _design(make, theme, _THEMES[theme]) for make, themes in _SCREENS for theme in themes
    )


def _design(make: Callable[[Kit], Draft], theme: str, kit: Kit) -> Design:
    components = {component_id(name): {"name": name, "key": name} for name in COMPONENTS}
    name = f"{make.__name__.replace('_', ' ')} ({theme})"
    return Design(name, number(make(kit)), components, kit.styles(), kit.tokens())
