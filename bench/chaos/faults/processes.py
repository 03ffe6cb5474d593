"""Processes that die at any moment."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from bench.chaos.product import Product
from bench.chaos.schedule import Act, Fault


def _killed(role: str, *, child: bool = False) -> Act:
    @contextmanager
    def act(product: Product, _draw: random.Random) -> Iterator[None]:
        with product.staff:
            product.kill(role, child=child)
        yield

    return act


KILLS = [
    Fault("web killed", 0, 0, _killed("web")),
    Fault("one of web's processes killed", 0, 0, _killed("web", child=True)),
    Fault("worker killed", 0, 0, _killed("worker")),
    Fault("worker killed", 0, 0, _killed("skewed-worker")),
    Fault("builder killed", 0, 0, _killed("builder")),
]
