"""The body of an analysis: what is taken, its limits, and what to say about one that is wrong."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from service.analysis.nodes import Identity, Name, Node
from service.guidance import CHARS
from service.review.screen import Platform

AnalysisType = Literal["design-analysis", "color-suggestion", "layout-optimization"]

MAX_ROOTS = 50
MAX_LAYERS = 2_000
MAX_DEPTH = 60
MAX_BODY_BYTES = 1_000_000
MAX_PALETTE = 500
MAX_IGNORED = 500
MAX_QUESTION = 2_000
_MAX_ERRORS = 20
# Pydantic would name a class of ours, which nobody else knows.
_WORDS = {"model_type": "This has to be an object."}
# Pydantic's last step where not the value is wrong but the name that it stands under.
_OF_A_KEY = "[key]"
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*\Z")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _few_enough(limit: int) -> BeforeValidator:
    """Refuse a list that is too long before any of it is looked at."""

    def check(value: object) -> object:
        if isinstance(value, list) and len(value) > limit:
            raise PydanticCustomError(
                "too_many", "At most {limit} are allowed, and there are {count}.",
                {"limit": limit, "count": len(value)},
            )  # fmt: skip
        return value

    return BeforeValidator(check)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Swatch(_Part):
    """A colour of the file: a variable or a style, with the id that binds a layer to it."""

    id: Identity
    name: Name
    color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
    kind: Literal["variable", "style"]


class Design(_Part):
    """What is selected, and what is around it.

    ``elements`` are nodes in the form ``JSON_REST_V1``. ``ancestors`` are the layers around all of
    them, the page first, without children. ``palette`` has the colours of the file, ``ignored`` the
    fingerprints of findings that somebody has ignored.
    """

    elements: Annotated[list[Node], Field(min_length=1), _few_enough(MAX_ROOTS)]
    ancestors: Annotated[list[Node], _few_enough(MAX_DEPTH)] = []
    palette: Annotated[list[Swatch], _few_enough(MAX_PALETTE)] = []
    ignored: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]],
        _few_enough(MAX_IGNORED),
    ] = []

    @field_validator("elements", mode="after")
    @classmethod
    def _check_layers(cls, elements: list[Node]) -> list[Node]:
        seen: set[str] = set()
        count = 0
        for node, depth in _layers(elements):
            count += 1
            if depth > MAX_DEPTH:
                raise PydanticCustomError(
                    "too_deep", "Layers may lie at most {limit} levels deep.",
                    {"limit": MAX_DEPTH},
                )  # fmt: skip
            identity = node.get("id")
            if identity is None:
                raise PydanticCustomError("no_id", "Each layer needs its id.")
            if identity in seen:
                raise PydanticCustomError(
                    "twice", "The layer {id} is there twice.", {"id": identity}
                )
            seen.add(identity)
        if count > MAX_LAYERS:
            raise PydanticCustomError(
                "too_many_layers", "At most {limit} layers are allowed, and there are {count}.",
                {"limit": MAX_LAYERS, "count": count},
            )  # fmt: skip
        return elements

    @field_validator("ancestors", mode="after")
    @classmethod
    def _check_ancestors(cls, ancestors: list[Node], info: ValidationInfo) -> list[Node]:
        selected = {each.get("id") for each, _ in _layers(info.data.get("elements", []))}
        for node in ancestors:
            identity = node.get("id")
            if identity is None:
                raise PydanticCustomError("no_id", "Each layer needs its id.")
            if identity in selected:
                raise PydanticCustomError(
                    "twice", "The layer {id} is there twice.", {"id": identity}
                )
            selected.add(identity)
        return ancestors


class RequestContext(_Part):
    """Wishes for this request alone, beside the saved guidance."""

    instructions: Annotated[
        str, StringConstraints(max_length=CHARS["instructions"]), AfterValidator(_normal)
    ] = ""
    platform: Platform = "web"


class AnalysisRequest(_Part):
    """The body of ``POST /api/analyze``. Fields that are not listed are dropped."""

    type: AnalysisType
    data: Design
    question: Annotated[
        str, StringConstraints(max_length=MAX_QUESTION), AfterValidator(_normal)
    ] = ""
    context: RequestContext = RequestContext()


def field_problems(error: ValidationError) -> list[dict[str, str]]:
    """Up to 20 problems as ``{"path": "data.elements[3].fills[0].color", "message": "…"}``."""
    listed = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        {"path": path_of(each["loc"]), "message": _WORDS.get(each["type"], each["msg"])}
        for each in listed[:_MAX_ERRORS]
    ]


def path_of(steps: tuple[int | str, ...]) -> str:
    """A place in the body as people write it."""
    path = ""
    for step in steps:
        if step == _OF_A_KEY:
            continue
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            path += f".{step}" if path else step
        else:
            path += f"[{step[:60]!r}]"
    return path


def _layers(elements: list[Node]) -> Iterator[tuple[Any, int]]:
    """Each layer with its depth; a root has depth 1."""
    stack: list[tuple[Any, int]] = [(each, 1) for each in elements]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((each, depth + 1) for each in node.get("children") or ())
