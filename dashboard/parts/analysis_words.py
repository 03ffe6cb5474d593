"""Analyses in plain words: what was asked for, how it ended, and what a rule is called."""

TYPES = {
    "design-analysis": "Design",
    "color-suggestion": "Colours",
    "layout-optimization": "Layout",
    "": "Not known",
}
# A symbol and a word for each end, in the order of the charts: table cells cannot show icons.
OUTCOMES = {
    "model": ("✓", "By a model"),
    "measured": ("▤", "Measured alone"),
    "cached": ("↻", "From the cache"),
    "refused": ("–", "Refused"),
    "failed": ("✕", "Failed"),
    "cancelled": ("○", "Cancelled"),
}
OPEN = {"queued": ("◌", "Waiting"), "working": ("▸", "In work")}


def type_of(code: str) -> str:
    return TYPES.get(code, code.replace("-", " ").capitalize())


def outcome_of(state: str, source: str | None, *, is_cached: bool) -> str:
    """The key of OUTCOMES for an analysis that is done, else its state."""
    if state != "done":
        return state
    return "cached" if is_cached else source or "measured"


def state_of(outcome: str) -> str:
    sign, word = OUTCOMES.get(outcome) or OPEN.get(outcome) or ("", outcome.capitalize())
    return f"{sign} {word}".strip()


def rule(code: str) -> str:
    """The id of a measuring rule in words."""
    return code.replace("-", " ").capitalize()
