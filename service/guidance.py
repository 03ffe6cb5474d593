"""The guidance of a designer: its fields, and the maximum size of each.

The API, the account page, the prompt and the dashboard use these values. The database has its own
checks of the sizes (``private.check_context``, the checks of ``user_contexts``). A test compares
both.
"""

from typing import Final, Literal, get_args

Field = Literal["instructions", "tone", "brand", "design_system_rules", "language", "focus_areas"]
# The fields of the guidance. Each may be shared with guests. The chosen model is not guidance.
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
