"""The guidance that a designer gives: its fields, and how much each may hold.

The API, the account page, the prompt and the dashboard read it here. The database refuses by
itself what is longer (``private.check_context``, the checks of ``user_contexts``); a test compares.
"""

from typing import Final, Literal, get_args

Field = Literal["instructions", "tone", "brand", "design_system_rules", "language", "focus_areas"]
# What is guidance, and may be shared with guests. The model asked for is neither.
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
LABELS: Final[dict[str, str]] = {
    "instructions": "Instructions",
    "tone": "Tone",
    "brand": "Brand",
    "design_system_rules": "Design-system rules",
    "language": "Language",
    "focus_areas": "Focus areas",
}
# Characters of each text.
CHARS: Final[dict[str, int]] = {
    "instructions": 4000,
    "tone": 500,
    "brand": 4000,
    "design_system_rules": 8000,
    "language": 35,
    "model": 100,
}
MOST_AREAS: Final = 12
# Characters of each focus area.
AREA_CHARS: Final = 100
