"""Postgres goes away, dies, has no room and has no connection left."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from bench.chaos.disk import fill, free
from bench.chaos.product import Product
from bench.chaos.schedule import Fault

# Files of write-ahead log that are there already are used before room is needed.
_KEPT_SEGMENTS = 40
_GRAB_SECONDS = 0.2


@contextmanager
def restarted(product: Product, _draw: random.Random) -> Iterator[None]:
    product.halt("postgres")
    try:
        yield
    finally:
        product.resume("postgres")


@contextmanager
def killed(product: Product, _draw: random.Random) -> Iterator[None]:
    product.kill("postgres")
    yield


@contextmanager
def full_disk(product: Product, _draw: random.Random) -> Iterator[None]:
    """No room for rows at once, and soon none for the write-ahead log, at which Postgres ends
    itself and cannot start again until there is room."""
    fill(product.disk)
    try:
        _use_up_log(product)
        yield
    finally:
        free(product.disk)


def _use_up_log(product: Product) -> None:
    with (
        suppress(psycopg.Error),
        psycopg.connect(product.stage.admin_url, autocommit=True, connect_timeout=5) as admin,
    ):
        for _ in range(_KEPT_SEGMENTS):
            # A file of the log with nothing in it is not left for the next one.
            admin.execute("select pg_logical_emit_message(false, 'chaos', 'x')")
            admin.execute("select pg_switch_wal()")


@contextmanager
def no_connections(product: Product, _draw: random.Random) -> Iterator[None]:
    """Somebody else takes all connections, the product loses those it has, and each that comes free
    is taken too."""
    hog = _Hog(product)
    hog.start()
    try:
        yield
    finally:
        hog.stop()


class _Hog:
    def __init__(self, product: Product):
        self._url = product.stage.settings.database_url.get_secret_value()
        self._admin_url = product.stage.admin_url
        self._over = threading.Event()
        self._held: list[psycopg.Connection] = []
        self._thread = threading.Thread(target=self._grab, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        for each in self._held:
            with suppress(psycopg.Error):
                each.close()

    def _grab(self) -> None:
        self._take_all()
        with suppress(psycopg.Error):
            self._end_others()
        while not self._over.wait(_GRAB_SECONDS):
            self._take_all()

    def _take_all(self) -> None:
        while not self._over.is_set():
            try:
                self._held.append(
                    psycopg.connect(self._url, application_name="hog", connect_timeout=5)
                )
            except psycopg.Error:
                return

    def _end_others(self) -> None:
        with psycopg.connect(self._admin_url, autocommit=True, connect_timeout=5) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname is not null"
                " and application_name <> 'hog' and pid <> pg_backend_pid()"
            )


FAULTS = [
    Fault("Postgres restarted", 3, 15, restarted),
    Fault("Postgres killed", 0, 18, killed),
    Fault("Postgres killed again", 0, 18, killed),
    Fault("Postgres's disk full", 20, 20, full_disk, lambda product: product.no_disk),
    Fault("Postgres's connections used up", 15, 15, no_connections),
]
