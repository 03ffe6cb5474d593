"""The JSON answer of a model: its schema, and what is taken from it.

The model names a fact and a layer by their numbers and writes words. Everything else is ours. A
number that it invents is dropped, and words that name a value which was not measured are too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from service.figma.addressing import Addressing
from service.figma.replies import clean_reply_text
from service.llm.grounding import Given, check_numbers
from service.llm.json_answers import JsonForm

MAX_SUMMARY_CHARS = 1_200
MAX_WORDS_CHARS = 500
# More than anybody asks for; the rest is dropped.
_MOST_SUGGESTIONS = 200
_MOST_CHARS = 20_000
_LAST_WORD = re.compile(r"\s+\S*$")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {
            "type": "string",
            "description": "The answer to the question, or what stands out, in two or three "
            "sentences.",
        },
        "suggestions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "ref": {"type": "integer", "description": "The number of the layer."},
                    "fact": {"type": "integer", "description": "The number of the fact."},
                    "words": {"type": "string", "description": "What to do, and why."},
                },
                "required": ["ref", "fact", "words"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["summary", "suggestions"],
    "additionalProperties": False,
}


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


Count = Annotated[int, BeforeValidator(_no_bool)]
Text = Annotated[str, Field(max_length=_MOST_CHARS)]


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    ref: Count
    fact: Count
    words: Text


class Written(BaseModel):
    """What the model wrote, as it came."""

    model_config = ConfigDict(extra="ignore")

    summary: Text
    suggestions: list[_Item]


# With fewer tokens the JSON would be cut off, and paid for in vain.
FEWEST_TOKENS = 600
FORM = JsonForm("design_analysis", SCHEMA, Written.model_validate, FEWEST_TOKENS)


@dataclass(frozen=True)
class NumberedFact:
    """What an answer may say about one fact: the ``refs`` of its layers (0: the selection as a
    whole), the name of the first one, and the text from which numbers may be taken."""

    refs: frozenset[int]
    name: str
    text: str


@dataclass
class Reading:
    """What is left of an answer: the summary ("" if it cannot be used), words by the number of
    their fact, and how much was dropped, by reason: unknown_fact, unknown_ref, repeated, empty,
    foreign_number."""

    summary: str = ""
    words: dict[int, str] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, count: int = 1) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + count


def read(
    written: Written, facts: Sequence[NumberedFact], whole: Given, addressing: Addressing
) -> Reading:
    """Keep what is known and grounded. ``whole`` is all that the summary may take numbers from."""
    found = Reading()
    for item in written.suggestions[:_MOST_SUGGESTIONS]:
        fact = facts[item.fact - 1] if 1 <= item.fact <= len(facts) else None
        if fact is None:
            found.drop("unknown_fact")
        elif item.ref not in fact.refs:
            found.drop("unknown_ref")
        elif item.fact in found.words:
            found.drop("repeated")
        else:
            _take_words(found, item, fact, addressing)
    if more := len(written.suggestions[_MOST_SUGGESTIONS:]):
        found.drop("repeated", more)
    summary = clean_words(written.summary, MAX_SUMMARY_CHARS, addressing, facts)
    if check_numbers(summary, whole).is_grounded:
        found.summary = summary
    else:
        found.drop("foreign_number")
    return found


def _take_words(found: Reading, item: _Item, fact: NumberedFact, addressing: Addressing) -> None:
    words = clean_words(item.words, MAX_WORDS_CHARS, addressing, [fact])
    if not words:
        found.drop("empty")
    elif not check_numbers(words, Given(fact.text)).is_grounded:
        found.drop("foreign_number")
    else:
        found.words[item.fact] = words


def clean_words(
    text: str, limit: int, addressing: Addressing, facts: Sequence[NumberedFact] = ()
) -> str:
    """Plain words without mentions, links, markup and the marks of a reply, at most ``limit``
    characters. The short numbers of layers behind their names are ours, and say nothing to
    people."""
    # Cleaning takes time for each character, and most of a text that is far too long is cut.
    text = text[: 4 * limit]
    refs = {(fact.name, ref) for fact in facts for ref in fact.refs}
    if refs:
        names = "|".join(sorted({re.escape(name) for name, _ in refs}, key=len, reverse=True))
        text = re.sub(
            rf"({names}) \((\d{{1,6}})\)",
            lambda found: found[1] if (found[1], int(found[2])) in refs else found[0],
            text,
        )
    cleaned = " ".join(clean_reply_text(text, addressing=addressing).split())
    if len(cleaned) <= limit:
        return cleaned
    cut = _LAST_WORD.sub("", cleaned[: limit - 2]) + " …"
    # A cut text may have a new meaning, so it is cleaned again.
    return " ".join(clean_reply_text(cut, addressing=addressing).split())[:limit]
