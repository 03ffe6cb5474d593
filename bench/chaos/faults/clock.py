"""A worker's clock is wrong, by an hour ahead or behind; later it is right again."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from bench.chaos.product import Product
from bench.chaos.schedule import Act, Fault

_HOUR = 3600


def _wrong_by(seconds: int) -> Act:
    @contextmanager
    def act(product: Product, _draw: random.Random) -> Iterator[None]:
        product.clock.write_text(f"{seconds:+d}\n")
        try:
            yield
        finally:
            product.clock.write_text("+0\n")

    return act


def _lacks(product: Product) -> str:
    return product.no_clock


FAULTS = [
    Fault("a worker's clock an hour ahead", 20, 10, _wrong_by(_HOUR), _lacks),
    Fault("a worker's clock an hour behind", 20, 10, _wrong_by(-_HOUR), _lacks),
]
