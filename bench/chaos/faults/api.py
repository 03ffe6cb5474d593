"""The Supabase API goes away, and Postgres does not."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from bench.chaos.product import Product
from bench.chaos.schedule import Fault

_NAME = "supabase"


@contextmanager
def away(product: Product, _draw: random.Random) -> Iterator[None]:
    product.halt(_NAME)
    try:
        yield
    finally:
        product.resume(_NAME)


@contextmanager
def killed(product: Product, _draw: random.Random) -> Iterator[None]:
    product.kill(_NAME)
    yield


FAULTS = [
    Fault("Supabase API away", 60, 15, away),
    Fault("Supabase API killed", 0, 15, killed),
]
