"""A model's provider hangs, drips, refuses, fails and talks nonsense."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.chaos.product import Product
from bench.chaos.schedule import Act, Fault


def _behaves(**fields: Any) -> Act:
    @contextmanager
    def act(product: Product, _draw: random.Random) -> Iterator[None]:
        product.behave(**fields)
        try:
            yield
        finally:
            product.behave()

    return act


FAULTS = [
    Fault("the model hangs", 15, 10, _behaves(fault="timeout")),
    Fault("the model drips", 15, 10, _behaves(fault="drip")),
    Fault("the model hangs up", 8, 6, _behaves(fault="drop")),
    Fault("the model answers 429", 10, 6, _behaves(fault="429", retry_after=2)),
    Fault("the model answers 500", 10, 6, _behaves(fault="500")),
    Fault("the model's answer is no JSON", 8, 6, _behaves(fault="garbage")),
    Fault("the model's answer is empty", 8, 6, _behaves(fault="empty")),
]
