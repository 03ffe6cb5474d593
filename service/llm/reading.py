"""Reads a chat completion: its text, or why there is none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.llm.answers import STANDARD_TIER
from service.llm.usage import tier_from

# Longer ids are no provider's.
_ID_CHARS = 200
_SENTENCE_END = re.compile(r"[.!?。！？…](?=\s|$)|\n")


@dataclass(frozen=True)
class Reading:
    """``problem`` is the reason code of an unusable answer, or empty."""

    text: str = ""
    problem: str = ""
    model: str = ""
    truncated: bool = False
    usage: Mapping[str, Any] = field(default_factory=dict)
    service_tier: str = STANDARD_TIER
    call_id: str = ""


def read_completion(raw: object, *, cuts: bool = True) -> Reading:
    """Read the provider's JSON, whatever fields a compatible endpoint leaves out. ``cuts``: a
    truncated text is cut to its last sentence.

    https://platform.openai.com/docs/api-reference/chat/object
    """
    body = _mapping(raw)
    choices = body.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message, finish = _mapping(choice.get("message")), choice.get("finish_reason")
    written = message.get("content")
    text = written.strip() if isinstance(written, str) else ""
    problem = ""
    if finish == "content_filter":
        problem = "content_filter"
    elif message.get("refusal"):
        problem = "refused"
    elif not text:
        problem = "empty"
    truncated = finish == "length" and not problem
    model, call_id = body.get("model"), body.get("id")
    return Reading(
        cut_to_sentence(text) if truncated and cuts else text,
        problem,
        model if isinstance(model, str) else "",
        truncated,
        _mapping(body.get("usage")),
        tier_from(body),
        call_id[:_ID_CHARS] if isinstance(call_id, str) else "",
    )


def cut_to_sentence(text: str) -> str:
    """The text up to its last whole sentence or line. If that would lose over half, all of it."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    if not ends or ends[-1] < len(text) / 2:
        return text + "…"
    return text[: ends[-1]].rstrip()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
