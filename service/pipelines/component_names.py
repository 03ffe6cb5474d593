"""The name of a component as people ask for it: what code can bear, and what is said of the rest.

What stands in a run is the name that the component really has, so page, API, list and ZIP agree.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from service.errors import Unprocessable
from service.pipelines.spec.code_names import RESERVED, TAKEN, pascal, words

# The option in which a run keeps what was asked for, where it is called otherwise.
ASKED: Final = "asked_name"
LONGEST: Final = 60
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,59}")
# What separates words in a name that is meant as one.
_WORDS = re.compile(r"(?:[^\W_]|[ _'’-])+")
_TAKEN = RESERVED | TAKEN
RULE: Final = (
    "A name has letters from A to Z and digits, begins with a letter and has at most six words: "
    "PayCard. Leave it out to use that of the layer."
)


class BadName(Unprocessable):
    """No component can be called so. The message says why, and what can be done."""

    code = "bad_component_name"


def is_name(name: str) -> bool:
    """Whether a component can be called exactly so."""
    return _NAME.fullmatch(name) is not None and name not in _TAKEN


def read_name(asked: str) -> str:
    """The name that a component gets for the one that was asked for; "" if none was.

    Raises ``BadName`` for what is no name, or is one that the code needs itself.
    """
    asked = " ".join(asked.split())
    if not asked or is_name(asked):
        return asked
    found = words(asked)
    name = pascal(asked)
    if asked in _TAKEN - RESERVED or name.removesuffix("Part") in _TAKEN:
        plain = name.removesuffix("Part")
        raise BadName(
            f"{plain} is a name that the code itself needs. Choose another, such as {plain}Card, "
            "or leave it out to use that of the layer."
        )
    letters = sum(each.isalpha() for each in asked)
    is_lost = sum(each.isalpha() for each in "".join(found)) < letters
    fits = _WORDS.fullmatch(asked) and found and found[0][0].isalpha() and not is_lost
    if not fits or len(asked) > LONGEST or not is_name(name):
        raise BadName(f"A component cannot be called so. {RULE}")
    return name


def named(asked: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name of a run, and its options, which keep what was asked for where that is another one.
    Raises ``BadName``."""
    asked = " ".join(asked.split())
    name = read_name(asked)
    return name, {**options, ASKED: asked} if name != asked else dict(options)


def name_note(name: str, options: Mapping[str, Any]) -> str:
    """What became of the name that was asked for; "" if the component has it."""
    asked = options.get(ASKED)
    if not isinstance(asked, str) or not asked or asked == name:
        return ""
    return f"The name “{asked}” cannot stand in code as it is, so the component is called {name}."
