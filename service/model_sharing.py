"""What a team, or a person without one, lets out to providers of AI models.

SQL keeps the choice and switches off what may not leave (``private.flags_of``); these are the words
for it on the account page and under /help.
"""

from typing import Final, Literal

ModelSharing = Literal["texts_and_pictures", "texts", "nothing"]
# By level: its name, and what then leaves.
LEVELS: Final[dict[ModelSharing, tuple[str, str]]] = {
    "texts_and_pictures": (
        "Texts and pictures",
        "Your question and its thread, your guidance, names and texts of the layers, what was "
        "measured, and a picture of the pinned frame where the model takes one.",
    ),
    "texts": ("Texts, no pictures", "The same without the picture."),
    "nothing": (
        "Nothing",
        "No model is asked. Answers and analyses are measured by rules, say so, and take no use. "
        "Components are written by rules.",
    ),
}
