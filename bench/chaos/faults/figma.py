"""Figma is slow, fails, refuses, and stores a reply without saying so."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench.chaos.days import let_days_pass
from bench.chaos.people import sign_in_again
from bench.chaos.product import Product
from bench.chaos.schedule import Act, Fault

_FOUR_DAYS = 4 * 86_400
_REPLIES = {"path": "/comments$", "method": "POST"}


def _fails(*faults: dict[str, Any]) -> Act:
    @contextmanager
    def act(product: Product, _draw: random.Random) -> Iterator[None]:
        product.sandbox.faults(*faults)
        try:
            yield
        finally:
            product.sandbox.faults()

    return act


@contextmanager
def refuses(product: Product, draw: random.Random) -> Iterator[None]:
    """Nobody's token is good any more. Later people sign in again, as the product asks them to."""
    with _fails({"kind": "403", "path": "/v1/files"})(product, draw):
        yield
    sign_in_again(product)


@contextmanager
def limits(product: Product, draw: random.Random) -> Iterator[None]:
    """Everybody's quota is used up for four days, which then pass at once."""
    limit = {"kind": "429", "path": "/comments", "retry_after": _FOUR_DAYS}
    with _fails(limit)(product, draw):
        yield
    while True:
        try:
            return let_days_pass(product)
        except psycopg.Error:
            time.sleep(1)


FAULTS = [
    Fault("Figma slow", 15, 8, _fails({"kind": "slow", "seconds": 4.0})),
    Fault("Figma hangs", 12, 8, _fails({"kind": "slow", "seconds": 12.0})),
    Fault("Figma answers 500", 12, 8, _fails({"kind": "500"})),
    Fault("Figma answers 403", 10, 10, refuses),
    Fault("Figma answers 429 for four days", 10, 15, limits),
    Fault("replies lost after they were stored", 12, 8, _fails({"kind": "reply_lost", **_REPLIES})),
    Fault(
        "replies stored and answered 500",
        10,
        8,
        _fails({"kind": "500", "after_store": True, **_REPLIES}),
    ),
    Fault(
        "events come twice and late",
        15,
        5,
        _fails({"kind": "duplicate_delivery"}, {"kind": "delivery_delay", "seconds": 3.0}),
    ),
]
