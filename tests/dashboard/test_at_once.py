"""Reads of one page are made at once, and an error of one is left to the page."""

from threading import Barrier

from dashboard.data import at_once


def test_reads_run_beside_each_other_and_an_error_stops_none() -> None:
    both, made = Barrier(2, timeout=60), []

    def read(name: str) -> None:
        both.wait()
        made.append(name)

    def fail() -> None:
        raise RuntimeError("away")

    at_once.warm(fail, lambda: read("a"), lambda: read("b"))
    assert sorted(made) == ["a", "b"]
