"""Answers in JSON: what is asked of a model, and how its text is read.

OpenAI and Azure enforce a schema. Others ignore it (Anthropic's compatible endpoint), know only a
part of it, or refuse it. So the prompt asks for the same form in words, and every answer is
checked here.
https://platform.openai.com/docs/guides/structured-outputs
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import ValidationError

_FENCE = re.compile(r"\A```[\w-]*\s*\n(.*?)\n?\s*```\Z", re.DOTALL)
# Prose before the object may contain braces too.
_MOST_STARTS = 20
_MOST_ERRORS = 5
_KEPT_TEXT = 8000
_KEPT_COMPLAINT = 1000


@dataclass(frozen=True)
class JsonForm:
    """The form of a JSON answer.

    ``schema`` is in the strict form: every property is required, and no others are allowed.
    ``read`` makes the value from the parsed JSON, and raises ValueError (as pydantic does) if it
    has another form. The prompt must ask for the form too. ``fewest_tokens``: with fewer output
    tokens an answer would be cut off, so a provider that the ceiling allows less is skipped.
    """

    name: str
    schema: Mapping[str, Any]
    read: Callable[[object], Any]
    fewest_tokens: int = 100

    @property
    def response_format(self) -> dict[str, Any]:
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "strict": True, "schema": self.schema},
        }


@dataclass(frozen=True)
class Malformed:
    """An answer that is not in the form asked for. ``reason`` is the code of the attempt,
    ``complaint`` says to the model what is wrong with ``text``."""

    reason: str
    complaint: str
    text: str = ""

    def repair(self, messages: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
        """The messages that ask the same model for a better answer."""
        said = ({"role": "assistant", "content": self.text[:_KEPT_TEXT]},) if self.text else ()
        asked = (
            f"{self.complaint[:_KEPT_COMPLAINT]}\n"
            "Answer the question above again. Write the one JSON object alone, in the form asked "
            "for."
        )
        return (*messages, *said, {"role": "user", "content": asked})


TRUNCATED = Malformed(
    "truncated",
    "Your last answer was cut off at its token limit before the JSON ended. Choose fewer facts, "
    "and write shorter words.",
)


def read_json(text: str, form: JsonForm) -> tuple[Any, bool]:
    """The value of an answer, and whether the text was nothing but the JSON.

    Code fences and prose around the object are dropped. Raises ValueError with a message for the
    model.
    """
    bare = _parsed(text)
    if bare is not None:
        return _value(bare, form), True
    fenced = _FENCE.match(text.strip())
    found = _parsed(fenced[1]) if fenced else None
    objects = [found] if found is not None else list(_objects(text))
    if not objects:
        raise ValueError("Your last answer holds no JSON object that can be parsed.")
    # Prose may quote the form before the answer, so the last one that fits is taken.
    problem: ValueError | None = None
    for each in reversed(objects):
        try:
            return _value(each, form), False
        except ValueError as error:
            problem = problem or error
    raise problem or ValueError("Your last answer has another form.")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects in a text, from the left. Objects inside another one are left out."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    at = -1
    for _ in range(_MOST_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        yield value
        at = end - 1


def _parsed(text: str) -> Any | None:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _value(found: dict[str, Any], form: JsonForm) -> Any:
    try:
        return form.read(found)
    except ValidationError as error:
        raise ValueError(_complaint(error)) from None


def _complaint(error: ValidationError) -> str:
    """What is wrong and where, without the values."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    listed = "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'the object'}: {each['msg']}"
        for each in problems[:_MOST_ERRORS]
    )
    return f"Your last answer is JSON of another form than asked for: {listed}."


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
