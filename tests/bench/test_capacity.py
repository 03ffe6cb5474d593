"""The arithmetic of the capacity model, on round numbers and on its own table."""

import math
from itertools import pairwise

import pytest

from bench import capacity
from bench.capacity import (
    add,
    change_rows,
    connections,
    fleet_for,
    gives_way,
    hosts_for,
    need_of,
    row,
    scale,
)
from bench.capacity_inputs import (
    BYTES_AN_ANSWER,
    CHANGES,
    COMPUTES,
    HOSTS,
    KEPT_FOR_DAYS,
    OPERATIONS,
    PER_ANSWER,
    Compute,
    Cost,
)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand seconds a day, ten milliseconds an answer, nothing beside it."""
    for name, value in {
        "DAY_SECONDS": 1_000, "PEAK": 2.0, "PAGES_A_DAY": 0, "PER_ANSWER": {"answer": 1.0},
        "OPERATIONS": {"answer": Cost(10, 20, 4, 6), "page of the dashboard": Cost(0, 0, 0, 0)},
        "IDLE_MS_A_SECOND": Cost(0, 100, 0, 0), "ANSWER_SECONDS": 5.0,
        "BYTES_AN_ANSWER": {"kept": 1_000.0, "forgotten": 1_000.0},
        "KEPT_FOR_DAYS": {"kept": math.inf, "forgotten": 10},
        "CONNECTIONS": {"web": 3, "worker": 4, "builder": 1},
        "SESSIONS": {"web": 1, "worker": 1, "builder": 0}, "API_CONNECTIONS": 10,
        "WORKER_CONCURRENCY": 100, "BUSY_SHARE": 0.5, "CONNECTION_SHARE": 0.5,
        "TWO_OF_EACH_FROM": 1_000,
        "COMPUTES": (Compute("S", 10, 1, 40, 100, 1), Compute("L", 100, 4, 80, 1_000, 10)),
    }.items():  # fmt: skip
        monkeypatch.setattr(capacity, name, value)


@pytest.mark.usefixtures("plain")
def test_needs_follow_from_the_busiest_minute() -> None:
    need = need_of(500)
    assert need.peak_a_second == 1.0
    assert need.web_cores == pytest.approx(0.010)
    # What an idle one uses comes on top.
    assert need.worker_cores == pytest.approx(0.020 + 0.1)
    assert need.database_cores == pytest.approx(0.010)
    assert need.in_flight == 5.0
    assert need.gigabytes_after_a_year == pytest.approx(500 * 1_000 * (365 + 10) / 1e9)


@pytest.mark.usefixtures("plain")
def test_a_fleet_is_the_smallest_that_fits_with_room_to_spare() -> None:
    small = fleet_for(need_of(500))
    assert (small.webs, small.workers, small.compute.name) == (1, 1, "S")
    assert (small.connections, small.is_pooled) == (3 + 4 + 1 + 10, False)
    # Twenty a second: 0.2 cores of web, 0.4 and 0.1 of a worker, 100 in flight.
    large = fleet_for(need_of(10_000))
    assert (large.webs, large.web_host.name) == (2, "Starter")
    assert (large.workers, large.worker_host.name) == (2, "Starter")
    assert large.compute.name == "L"
    # A hundred times as many as any machine of the list carries.
    none = fleet_for(need_of(10_000_000))
    assert none.compute is None and none.dollars == math.inf


@pytest.mark.usefixtures("plain")
def test_beside_a_pooler_only_sessions_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "CONNECTIONS", {"web": 30, "worker": 4, "builder": 1})
    fleet = fleet_for(need_of(500))
    assert (fleet.is_pooled, fleet.connections) == (True, 1 + 1 + 10)


def test_containers_and_connections_add_up() -> None:
    small, large = HOSTS
    assert hosts_for(0.2, 1) == (1, small)
    assert hosts_for(0.5, 1) == (1, large)
    assert hosts_for(0.5, 2) == (2, small)
    assert hosts_for(6.1, 2) == (11, large)
    assert hosts_for(0.9, 6) == (6, small)
    assert connections({"web": 6, "worker": 10, "builder": 5}, 2, 3) == 12 + 30 + 5 + 15
    assert scale(Cost(1, 2, 3, 4), 2) == Cost(2, 4, 6, 8)
    assert add([Cost(1, 2, 3, 4), Cost(1, 1, 1, 1)]) == Cost(2, 3, 4, 5)


def test_what_gives_way_first_is_the_limit_that_is_furthest_over() -> None:
    over = gives_way(need_of(1_000_000), fleet_for(need_of(1_000)))
    assert over[0][1] == max(used for _, used in over) > 1
    assert {name for name, _ in over} <= CHANGES.keys()
    assert tuple(name for name, _ in over if name in ("database size", "model calls at once")) == (
        "database size",
        "model calls at once",
    )
    # What it was made for, it carries.
    for answers in capacity.SIZES:
        need = need_of(answers)
        assert all(used <= 1 for _, used in gives_way(need, fleet_for(need)))


def test_more_answers_never_need_less() -> None:
    fleets = [fleet_for(need_of(each)) for each in capacity.SIZES]
    for less, more in pairwise(fleets):
        assert less.dollars <= more.dollars
        assert less.model_dollars * 10 == pytest.approx(more.model_dollars)
        assert (less.webs, less.workers) <= (more.webs, more.workers)


def test_the_table_names_what_the_model_asks_for() -> None:
    assert PER_ANSWER.keys() < OPERATIONS.keys()
    assert BYTES_AN_ANSWER.keys() == KEPT_FOR_DAYS.keys()
    assert [each.dollars for each in COMPUTES] == sorted(each.dollars for each in COMPUTES)
    assert all(sum(cost) > 0 for cost in OPERATIONS.values())
    for answers in capacity.SIZES:
        assert row(answers)["answers a day"] == f"{answers:,}"
        assert all(each["then"] for each in change_rows(answers))
