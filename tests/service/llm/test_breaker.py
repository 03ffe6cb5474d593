"""The circuit breaker under overlapping calls: one probe, and late answers change nothing."""

from hypothesis import given
from hypothesis import strategies as st

from service.llm.breaker import Breaker, Permit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def permit_of(breaker: Breaker) -> Permit:
    permit = breaker.acquire()
    assert permit is not None
    return permit


def opened(threshold: int = 2, cool_down: float = 30) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(threshold, cool_down, clock)
    for _ in range(threshold):
        breaker.fail(permit_of(breaker))
    return breaker, clock


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(threshold=2)
    breaker.fail(permit_of(breaker))
    breaker.succeed(permit_of(breaker))
    breaker.fail(permit_of(breaker))
    assert not breaker.is_open
    breaker.fail(permit_of(breaker))
    assert breaker.acquire() is None


def test_after_the_cool_down_exactly_one_of_many_waiting_calls_probes() -> None:
    breaker, clock = opened()
    clock.now += 30
    permits = [breaker.acquire() for _ in range(500)]
    assert sum(permit is not None for permit in permits) == 1


def test_a_probe_that_answers_closes_it_and_one_that_fails_waits_again() -> None:
    breaker, clock = opened()
    clock.now += 30
    breaker.fail(permit_of(breaker))
    clock.now += 29
    assert breaker.acquire() is None
    clock.now += 1
    breaker.succeed(permit_of(breaker))
    assert [breaker.acquire() is not None for _ in range(3)] == [True, True, True]


def test_a_cancelled_probe_lets_another_call_probe() -> None:
    breaker, clock = opened()
    clock.now += 30
    breaker.abandon(permit_of(breaker))
    assert permit_of(breaker).is_probe


def test_answers_to_calls_from_before_it_opened_change_nothing() -> None:
    clock = Clock()
    breaker = Breaker(2, 30, clock)
    early = [permit_of(breaker) for _ in range(10)]
    for permit in early[:5]:
        breaker.fail(permit)
    clock.now += 29
    for permit in early[5:8]:
        breaker.fail(permit)
    breaker.succeed(early[8])
    assert breaker.acquire() is None
    clock.now += 1
    probe = permit_of(breaker)
    breaker.succeed(early[9])
    assert breaker.acquire() is None
    breaker.succeed(probe)
    assert not breaker.is_open


def test_it_waits_as_long_as_the_provider_asks_but_at_most_ten_minutes() -> None:
    clock = Clock()
    breaker = Breaker(1, 30, clock)
    breaker.fail(permit_of(breaker), retry_after=120)
    clock.now += 119
    assert breaker.acquire() is None
    clock.now += 1
    breaker.fail(permit_of(breaker), retry_after=400_000)
    clock.now += 600
    assert breaker.acquire() is not None


def test_only_the_first_of_several_overlapping_refusals_trips_it() -> None:
    clock = Clock()
    breaker = Breaker(5, 30, clock)
    permits = [permit_of(breaker) for _ in range(3)]
    assert [breaker.trip(permit, 600) for permit in permits] == [True, False, False]
    clock.now += 599
    assert breaker.acquire() is None
    clock.now += 1
    assert breaker.trip(permit_of(breaker), 600)


steps = st.lists(st.sampled_from(["ask", "ok", "fail", "trip", "cancel", "wait"]), max_size=60)


@given(steps)
def test_there_is_never_a_second_probe_and_it_always_recovers(plan: list[str]) -> None:
    clock = Clock()
    breaker = Breaker(2, 30, clock)
    open_calls: list[Permit] = []
    for step in plan:
        if step == "wait":
            clock.now += 31
        elif step == "ask":
            permit = breaker.acquire()
            open_calls += [permit] if permit else []
        elif open_calls:
            action = {"ok": breaker.succeed, "fail": breaker.fail, "trip": breaker.trip}
            action.get(step, breaker.abandon)(open_calls.pop(0))
        assert sum(permit.is_probe for permit in open_calls) <= 1
    for permit in open_calls:
        breaker.abandon(permit)
    clock.now += 601
    breaker.succeed(permit_of(breaker))
    assert not breaker.is_open
