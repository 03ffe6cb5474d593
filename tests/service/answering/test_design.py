"""How much of a design is read, and where it is worked on: beside the event loop if it is large."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from service.answering import wording
from service.answering.design import FEW_LAYERS, Design, read_design, work_on
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken, NodeResult

TEXT = {"type": "TEXT"}


@pytest.mark.parametrize(
    ("document", "is_in_loop"),
    [
        (None, True),
        ({"children": "odd"}, True),
        ({"children": [TEXT] * (FEW_LAYERS - 1)}, True),
        ({"children": [TEXT] * FEW_LAYERS}, False),
        ({"children": [{"children": [TEXT] * 9}, {"children": [TEXT] * 9}]}, False),
    ],
)
def test_only_a_design_of_few_layers_is_worked_on_in_the_event_loop(
    document: Any, is_in_loop: bool
) -> None:
    async def work() -> bool:
        here = threading.get_ident()
        return await work_on(document, lambda thread: threading.get_ident() == thread, here)

    assert asyncio.run(work()) is is_in_loop


class OneAccount:
    """An account that Figma answers with ``answers``, one after the other."""

    def __init__(self, *answers: Any):
        self.answers = list(answers)
        self.asked: list[int] = []
        self.file_key = "F"
        self.worker = SimpleNamespace(figma=self)
        self.settings = SimpleNamespace(figma_timeout_seconds=5)

    async def call(self, _purpose: str, action: Callable[[FigmaToken], Awaitable[Any]]) -> Any:
        return await action(FigmaToken("token", "pat"))

    async def file_nodes(
        self, _token: FigmaToken, _key: str, ids: list[str], depth: int, *, timeout: float
    ) -> dict[str, NodeResult | None]:
        self.asked.append(depth)
        answer = self.answers.pop(0)
        if isinstance(answer, FigmaError):
            raise answer
        return dict.fromkeys(ids, answer)


def nested(levels: int) -> NodeResult:
    document: dict[str, Any] = {"type": "FRAME", "id": "1:1", "children": []}
    for _ in range(levels):
        document = {"type": "FRAME", "id": "1:1", "children": [document]}
    return NodeResult.from_json(
        {"nodes": {}}, {"document": document, "components": {}, "styles": {}}
    )  # type: ignore[return-value]


def read(*answers: Any) -> tuple[Design, list[int]]:
    account = OneAccount(*answers)
    return asyncio.run(read_design(account, "1:1")), account.asked  # type: ignore[arg-type]


def test_ten_levels_are_read_and_a_design_that_may_go_deeper_says_so() -> None:
    shallow, asked = read(nested(9))
    assert asked == [10]
    assert shallow.facts is not None and shallow.facts.notes == ()
    deep, _ = read(nested(10))
    assert deep.facts and deep.facts.notes == (
        "Layers more than 10 levels below this frame were not read.",
    )


@pytest.mark.parametrize("reason", ["too_large", "timeout"])
def test_of_a_design_that_is_too_large_the_upper_levels_are_read(reason: Any) -> None:
    design, asked = read(FigmaError(reason, "read"), nested(4))
    assert asked == [10, 4]
    assert design.facts and design.facts.scope == "only the first 4 levels were read"


def test_a_design_that_is_too_large_even_so_comes_with_the_advice_to_pin_less() -> None:
    design, asked = read(*(FigmaError("too_large", "read") for _ in range(2)))
    assert (design.state, design.gap, asked) == ("failed", wording.TOO_LARGE_DESIGN, [10, 4])
    assert "smaller frame" in design.gap


@pytest.mark.parametrize(("wait", "asked"), [(0, [10, 10]), (11, [10]), (None, [10])])
def test_only_a_limit_that_is_over_soon_is_waited_for(wait: Any, asked: list[int]) -> None:
    limit = FigmaError("rate_limited", "read", retry_after=wait)
    design, calls = read(limit, nested(1))
    assert (calls, design.state) == (asked, "read" if len(asked) > 1 else "quota")


def test_a_limit_that_stays_is_waited_for_once() -> None:
    limits = (FigmaError("rate_limited", "read", retry_after=0) for _ in range(2))
    design, calls = read(*limits)
    assert (calls, design.state) == ([10, 10], "quota")
