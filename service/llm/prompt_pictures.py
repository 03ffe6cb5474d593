"""Pictures in a prompt: how they are sent, what they may cost, and how a provider refuses them."""

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]

# Tokens of a picture: by patches of 32 px times a factor of the model, or by tiles of 512 px. The
# highest factor, and of the models with tiles the one that counts more for them.
# https://platform.openai.com/docs/guides/images-vision#calculating-costs
_PATCH_PX, _MOST_PER_PATCH = 32, 2.5
_TILE_PX, _SHORT_SIDE_PX = 512, 768
_MINI_BASE, _MINI_PER_TILE = 2_833, 5_667
_MINI = re.compile(r"gpt-4o-mini")
# How endpoints refuse: 500 is llama.cpp, 404 OpenRouter, 422 many that check with pydantic.
REFUSING = (400, 404, 415, 422, 500, 501)
_ABOUT_PICTURES = re.compile(
    r"image|\bvision|multi-?modal|content\b.{0,60}(?:string|'text'|\"text\")",
    re.IGNORECASE | re.DOTALL,
)
# This picture is the trouble, and not pictures as such.
_THIS_ONE = re.compile(
    r"(?:invalid|unsupported|corrupt\w*|could not|couldn't|cannot|failed to)[\w ]{0,24}\bimage"
    r"(?! input)"
    r"|image\w* (?:is |was )?(?:too|exceeds|larger)|image_parse|invalid_image|image_too|base64"
    r"|policy",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PromptPicture:
    """A PNG as the address that a model takes. Width and height are in pixels."""

    url: str = field(repr=False)
    width: int
    height: int

    @classmethod
    def of(cls, png: bytes, width: int, height: int) -> "PromptPicture":
        return cls("data:image/png;base64," + base64.b64encode(png).decode(), width, height)

    def tokens_for(self, model: str) -> int:
        """An estimate of its input tokens, rather too high."""
        if _MINI.search(model):
            scale = min(1.0, _SHORT_SIDE_PX / min(self.width, self.height))
            tiles = math.prod(
                math.ceil(side * scale / _TILE_PX) for side in (self.width, self.height)
            )
            return _MINI_BASE + _MINI_PER_TILE * tiles
        patches = math.prod(math.ceil(side / _PATCH_PX) for side in (self.width, self.height))
        return math.ceil(patches * _MOST_PER_PATCH)


def with_picture(messages: Sequence[Message], picture: PromptPicture | None) -> list[Message]:
    """The messages, with the picture in the first one of the user."""
    sent = list(messages)
    at = next((at for at, each in enumerate(sent) if each["role"] == "user"), None)
    if picture is None or at is None:
        return sent
    parts = [
        {"type": "text", "text": sent[at]["content"]},
        {"type": "image_url", "image_url": {"url": picture.url}},
    ]
    sent[at] = {**sent[at], "content": parts}
    return sent


def is_about_pictures(status: int, message: str) -> bool:
    """Whether a call with a picture was refused because of it."""
    return status in REFUSING and bool(_ABOUT_PICTURES.search(message))


def is_about_this_picture(message: str, code: str) -> bool:
    """Whether another picture could be taken."""
    return bool(_THIS_ONE.search(f"{code} {message}"))
