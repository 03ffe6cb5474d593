"""Cost that later adjustments may take below zero."""

from dashboard.parts import formats


def signed(microusd: int) -> str:
    """Money with its sign: +$1.20, −$0.34, $0."""
    if microusd == 0:
        return "$0"
    return ("+" if microusd > 0 else "−") + formats.money(abs(microusd))


def money(microusd: int) -> str:
    return f"−{formats.money(-microusd)}" if microusd < 0 else formats.money(microusd)
