"""Asks the database once a second how long the oldest answer waits."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.chaos.product import Product
from bench.chaos.recovery import Sample

LOOK_SECONDS = 1.0
_OLDEST = (
    "select greatest(0, coalesce(extract(epoch from now() - min(queued_at)), 0))::float as oldest"
    " from public.answers where state in ('queued', 'working')"
)


@contextmanager
def watching(product: Product) -> Iterator[list[Sample]]:
    """The samples so far, oldest first."""
    samples: list[Sample] = []
    over = threading.Event()

    def look_on() -> None:
        while not over.wait(LOOK_SECONDS):
            samples.append(_look(product))

    thread = threading.Thread(target=look_on, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _look(product: Product) -> Sample:
    try:
        [row] = product.rows(_OLDEST)
    except psycopg.Error:
        return Sample(time.time(), None)
    return Sample(time.time(), row["oldest"])
