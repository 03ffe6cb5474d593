"""Settings changed while the service runs: read rarely, in force soon, kept through an outage."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.answering import wording
from service.config import Settings
from service.errors import Unavailable
from service.figma.addressing import Addressing, reply_marker
from service.figma.replies import compose_reply
from service.store.live_settings import (
    AWAY_SECONDS,
    FRESH_SECONDS,
    STALE_SECONDS,
    LiveSettings,
    defaults_json,
)
from service.store.upkeep_records import ChosenSettings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def wait_for(is_so: Callable[[], bool]) -> None:
    """For what another thread is about to do."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end


class Store:
    """What the database holds, and how often it was asked."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.reads = 0
        self.is_away = False
        self.let_through = threading.Event()
        self.let_through.set()

    def live_settings(self) -> ChosenSettings:
        self.reads += 1
        assert self.let_through.wait(10)
        if self.is_away:
            raise Unavailable("away")
        return ChosenSettings.from_json(self.rows)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def live(settings: Settings, store: Store, clock: Clock) -> LiveSettings:
    return LiveSettings(settings, store, clock=clock)


def test_what_nobody_set_is_as_in_the_environment(live: LiveSettings, settings: Settings) -> None:
    values = live.current()
    assert (values.triggers, values.job_attempts) == (("@buddy",), settings.job_attempts)
    assert defaults_json(settings)["triggers"] == ["@buddy"]
    assert defaults_json(settings)["guest_rule"] == "invite"


def test_a_thousand_deliveries_cost_one_look(
    live: LiveSettings, store: Store, clock: Clock
) -> None:
    for _ in range(1000):
        live.current()
    assert store.reads == 1
    clock.now += FRESH_SECONDS
    for _ in range(1000):
        live.current()
    assert store.reads == 2


def test_a_change_is_in_force_after_the_next_look_and_so_is_its_end(
    live: LiveSettings, store: Store, clock: Clock
) -> None:
    assert live.current().addressing.read("@ink hello").is_addressed is False
    store.rows = {"triggers": ["@ink"], "answers_per_minute": 2}
    clock.now += FRESH_SECONDS
    values = live.current()
    assert values.addressing.read("@ink hello").question == "hello"
    assert values.addressing.read("@buddy hello").is_addressed is False
    assert values.answers_per_minute == 2
    store.rows = {}
    clock.now += FRESH_SECONDS
    assert live.current().triggers == ("@buddy",)


def test_unchanged_settings_keep_their_compiled_triggers(live: LiveSettings, clock: Clock) -> None:
    first = live.current().addressing
    clock.now += FRESH_SECONDS
    assert live.current().addressing is first


def test_while_one_looks_the_others_go_on(live: LiveSettings, store: Store, clock: Clock) -> None:
    live.current()
    clock.now += FRESH_SECONDS
    store.let_through.clear()
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(live.current)
        wait_for(lambda: store.reads == 2)
        assert live.current().triggers == ("@buddy",)
        store.let_through.set()
        reading.result(10)
    assert store.reads == 2


def test_after_a_quiet_time_nobody_goes_by_what_is_old(
    live: LiveSettings, store: Store, clock: Clock
) -> None:
    live.current()
    clock.now += STALE_SECONDS
    store.rows = {"triggers": ["@ink"]}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: live.current().triggers, range(50)))
    assert set(found) == {("@ink",)}
    assert store.reads == 2


def test_a_database_that_is_away_changes_nothing_and_is_not_asked_at_every_delivery(
    live: LiveSettings, store: Store, clock: Clock
) -> None:
    store.rows = {"triggers": ["@ink"]}
    live.current()
    store.is_away = True
    clock.now += STALE_SECONDS
    assert [live.current().triggers for _ in range(100)] == [("@ink",)] * 100
    clock.now += FRESH_SECONDS
    live.current()
    assert store.reads == 2
    store.is_away = False
    store.rows = {"triggers": ["@new"]}
    clock.now += AWAY_SECONDS
    assert live.current().triggers == ("@new",)


def test_while_the_database_hangs_one_delivery_waits_and_the_others_go_on(
    live: LiveSettings, store: Store, clock: Clock
) -> None:
    live.current()
    store.is_away = True
    clock.now += FRESH_SECONDS
    live.current()
    # As long as a vain look takes and more: nobody may be sent to wait behind it.
    for looks in (3, 4):
        clock.now += AWAY_SECONDS
        store.let_through.clear()
        with ThreadPoolExecutor(1) as threads:
            reading = threads.submit(live.current)
            wait_for(lambda looks=looks: store.reads == looks)
            clock.now += STALE_SECONDS
            assert [live.current().triggers for _ in range(100)] == [("@buddy",)] * 100
            store.let_through.set()
            reading.result(10)
        assert store.reads == looks


def test_after_the_first_look_the_hasty_one_is_asked_and_the_worker_never_hurries(
    settings: Settings, store: Store, clock: Clock
) -> None:
    hasty = Store()
    live = LiveSettings(settings, store, hasty, clock=clock)
    store.is_away = True
    for looks in (1, 2):
        live.current()
        assert (store.reads, hasty.reads) == (looks, 0)
        clock.now += AWAY_SECONDS
    store.is_away = False
    live.current()
    clock.now += FRESH_SECONDS
    live.current()
    assert (store.reads, hasty.reads) == (3, 1)
    live.refresh()
    assert (store.reads, hasty.reads) == (4, 1)


@given(
    triggers=st.lists(
        st.from_regex(r"[@/!][a-zA-Z0-9ü][a-zA-Z0-9ü_-]{1,8}", fullmatch=True),
        min_size=1,
        max_size=4,
    ),
    data=st.data(),
)
def test_no_reply_holds_a_trigger_that_can_be_set(triggers: list[str], data: st.DataObject) -> None:
    addressing = Addressing(triggers)
    spoken = st.sampled_from([*triggers, *map(str.upper, triggers), wording.HELP, "is", ",", "\n"])
    said = data.draw(st.lists(spoken, max_size=8))
    reply = compose_reply(
        reply_marker("Buddy"),
        " ".join(said),
        "7 of 10 free uses left",
        "7K2M9QX4TA",
        addressing=addressing,
    )
    assert not addressing.read(reply).is_addressed
