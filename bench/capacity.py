"""`make capacity`: what so many answers a day need, and what breaks first on the way there.

Arithmetic over the table in `bench/capacity_inputs.py`, nothing else: docs/scaling.md says what is
measured, what is assumed, and what it cannot tell.
"""

import math
from dataclasses import dataclass
from typing import Any

from bench import results
from bench.capacity_inputs import (
    ANSWER_SECONDS,
    API_CONNECTIONS,
    BUSY_SHARE,
    BYTES_AN_ANSWER,
    CHANGES,
    COMPUTES,
    CONNECTION_SHARE,
    CONNECTIONS,
    DISK_DOLLARS_A_GB,
    DISK_GB_INCLUDED,
    HOSTS,
    IDLE_MS_A_SECOND,
    KEPT_FOR_DAYS,
    LEDGER_WRITES_A_SECOND,
    MODEL_DOLLARS_AN_ANSWER,
    OPERATIONS,
    PAGES_A_DAY,
    PEAK,
    PER_ANSWER,
    PLAN_CREDIT_DOLLARS,
    PLAN_DOLLARS,
    SESSIONS,
    TWO_OF_EACH_FROM,
    WORKER_CONCURRENCY,
    Compute,
    Cost,
    Host,
)

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
DAY_SECONDS = 86_400
MONTH_DAYS = 365 / 12
GB = 1e9
# What is larger than any machine that is sold as one.
BEYOND = "beyond the list"


@dataclass(frozen=True)
class Need:
    """What so many answers a day ask for, in their busiest minutes. Cores are those of the machine
    that was measured, all of their time used."""

    answers_a_day: float
    peak_a_second: float
    web_cores: float
    worker_cores: float
    database_cores: float
    in_flight: float
    gigabytes_after_a_year: float


@dataclass(frozen=True)
class Fleet:
    """What is to be run for it."""

    need: Need
    webs: int
    web_host: Host
    workers: int
    worker_host: Host
    connections: int
    is_pooled: bool
    compute: Compute | None

    @property
    def dollars(self) -> float:
        """A month at list prices, without models. Two small containers more: dashboard, builder."""
        hosts = self.webs * self.web_host.dollars + self.workers * self.worker_host.dollars
        beside = 2 * HOSTS[0].dollars
        disk = max(0.0, self.need.gigabytes_after_a_year - DISK_GB_INCLUDED) * DISK_DOLLARS_A_GB
        compute = self.compute.dollars if self.compute else math.inf
        return PLAN_DOLLARS + compute - PLAN_CREDIT_DOLLARS + disk + hosts + beside

    @property
    def model_dollars(self) -> float:
        return self.need.answers_a_day * MONTH_DAYS * MODEL_DOLLARS_AN_ANSWER


def need_of(answers_a_day: float) -> Need:
    """Raises nothing; zero answers need what idle processes use."""
    peak = answers_a_day * PEAK / DAY_SECONDS
    a_page = PAGES_A_DAY * PEAK / DAY_SECONDS
    spent = add(
        [scale(OPERATIONS[name], peak * often) for name, often in PER_ANSWER.items()]
        + [scale(OPERATIONS["page of the dashboard"], a_page), IDLE_MS_A_SECOND]
    )
    stored = sum(
        size * answers_a_day * min(365, KEPT_FOR_DAYS[name])
        for name, size in BYTES_AN_ANSWER.items()
    )
    return Need(
        answers_a_day,
        peak,
        spent.web / 1000,
        spent.worker / 1000,
        (spent.postgres + spent.api) / 1000,
        peak * ANSWER_SECONDS,
        stored / GB,
    )


def fleet_for(need: Need) -> Fleet:
    """The smallest fleet that carries it with room to spare."""
    least = 2 if need.answers_a_day >= TWO_OF_EACH_FROM else 1
    webs, web_host = hosts_for(need.web_cores, least)
    # A job that waits for its model holds a place, and no core.
    places = math.ceil(need.in_flight / (BUSY_SHARE * WORKER_CONCURRENCY))
    workers, worker_host = hosts_for(need.worker_cores, max(least, places))
    direct = connections(CONNECTIONS, webs, workers)
    sessions = connections(SESSIONS, webs, workers)
    for compute in COMPUTES:
        most = CONNECTION_SHARE * compute.connections
        fits = (
            need.database_cores <= BUSY_SHARE * compute.cores
            and need.gigabytes_after_a_year <= compute.gigabytes
            and sessions <= most
            and direct <= compute.pooled
        )
        if fits:
            is_pooled = direct > most
            held = sessions if is_pooled else direct
            return Fleet(need, webs, web_host, workers, worker_host, held, is_pooled, compute)
    return Fleet(need, webs, web_host, workers, worker_host, sessions, True, None)


def hosts_for(cores: float, least: int) -> tuple[int, Host]:
    """(number, size) of containers that carry these cores. Many small ones are no cheaper."""
    small, large = HOSTS
    if cores / least <= BUSY_SHARE * small.cores:
        return least, small
    return max(least, math.ceil(cores / (BUSY_SHARE * large.cores))), large


def connections(each: dict[str, int], webs: int, workers: int) -> int:
    """To Postgres, with the API's own. One builder."""
    return webs * each["web"] + workers * each["worker"] + each["builder"] + API_CONNECTIONS


def gives_way(need: Need, fleet: Fleet) -> list[tuple[str, float]]:
    """What a fleet that was made for less has too little of, and how many times over it is used;
    the worst first."""
    compute = fleet.compute or COMPUTES[-1]
    grown = fleet_for(need)
    web, worker = fleet.webs * fleet.web_host.cores, fleet.workers * fleet.worker_host.cores
    direct = connections(CONNECTIONS, grown.webs, grown.workers)
    limits = {
        "web": need.web_cores / web,
        "worker": need.worker_cores / worker,
        "model calls at once": need.in_flight / (fleet.workers * WORKER_CONCURRENCY),
        "database cores": need.database_cores / compute.cores,
        "database size": need.gigabytes_after_a_year / compute.gigabytes,
        "connections": direct / compute.connections,
        "ledger": need.peak_a_second / LEDGER_WRITES_A_SECOND,
    }
    return sorted(
        ((name, used) for name, used in limits.items() if used > BUSY_SHARE),
        key=lambda each: -each[1],
    )


def scale(cost: Cost, times: float) -> Cost:
    return Cost(*(each * times for each in cost))


def add(costs: list[Cost]) -> Cost:
    return Cost(*(sum(each) for each in zip(*costs, strict=True)))


def row(answers_a_day: int) -> dict[str, Any]:
    need = need_of(answers_a_day)
    fleet = fleet_for(need)
    return {
        "answers a day": f"{answers_a_day:,}",
        "peak a second": f"{need.peak_a_second:.2f}",
        "web": f"{fleet.webs} × {fleet.web_host.name}",
        "worker": f"{fleet.workers} × {fleet.worker_host.name}",
        "cores web/worker/db": f"{need.web_cores:.2f} / {need.worker_cores:.2f}"
        f" / {need.database_cores:.2f}",
        "connections": f"{fleet.connections}{' + pooler' if fleet.is_pooled else ''}",
        "GB after a year": f"{need.gigabytes_after_a_year:,.1f}",
        "database": fleet.compute.name if fleet.compute else BEYOND,
        "$ a month then": f"{fleet.dollars:,.0f}" if fleet.compute else BEYOND,
        "$ of models": f"{fleet.model_dollars:,.0f}",
    }


def change_rows(answers_a_day: int) -> list[dict[str, Any]]:
    """What gives way, the first thing first, when a tenth grows to this, and what to do."""
    found = gives_way(need_of(answers_a_day), fleet_for(need_of(answers_a_day / 10)))
    return [
        {
            "on the way to": f"{answers_a_day:,}",
            "gives way": name,
            "used": f"{used:.0%}",
            "then": CHANGES[name],
        }
        for name, used in found or [("nothing", 0.0)]
    ]


def main() -> None:
    results.print_table([row(each) for each in SIZES])
    print()
    results.print_table([change for each in SIZES for change in change_rows(each)])


if __name__ == "__main__":
    main()
