"""Where a design is worked on: small ones at once, large ones beside the event loop."""

import asyncio
import threading
from typing import Any

import pytest

from service.answering.design import FEW_LAYERS, work_on

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
