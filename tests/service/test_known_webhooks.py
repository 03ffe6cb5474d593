"""What is known of webhooks: asked for rarely, and kept through an outage, but not for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from service.config import Settings
from service.errors import TooManyRequests, Unavailable
from service.receiving.known_webhooks import (
    AWAY_SECONDS,
    KNOWN_SECONDS,
    STALE_SECONDS,
    KnownWebhooks,
    PasscodeUnreadable,
)
from service.secrets.encryption import Vault
from service.store.webhook_records import FoundWebhook
from tests.service.test_live_settings import Clock, wait_for


class Store:
    """The webhooks that the database holds, and who asked for which."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.rows: dict[str, FoundWebhook] = {}
        self.asked: list[str] = []
        self.is_away = False
        self.let_through = threading.Event()
        self.let_through.set()

    def add(self, id_: str, passcode: str, state: str = "active") -> None:
        sealed = self.vault.encrypt(passcode)
        self.rows[id_] = FoundWebhook(
            f"our-{id_}", "user", id_, "file", "KEY", "", state, "invite", "off", datetime.now(UTC),
            None, None, False, None, "none", sealed,
        )  # fmt: skip

    def find_webhook(self, figma_webhook_id: str, passcode_hash: str) -> FoundWebhook | None:
        self.asked.append(figma_webhook_id)
        assert self.let_through.wait(10)
        if self.is_away:
            raise Unavailable("away")
        return self.rows.get(figma_webhook_id)


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(vault: Vault) -> Store:
    made = Store(vault)
    made.add("22", "right")
    made.add("23", "right")
    return made


@pytest.fixture
def known(store: Store, vault: Vault, clock: Clock) -> KnownWebhooks:
    return KnownWebhooks(store, vault, clock=clock)


def forbid() -> None:
    raise TooManyRequests("too many")


def test_what_is_known_is_neither_asked_for_nor_limited(
    known: KnownWebhooks, store: Store, clock: Clock
) -> None:
    known.find("22", "right")
    clock.now += KNOWN_SECONDS - 1
    for _ in range(100):
        found = known.find("22", "right", forbid)
        assert found and found.id == "our-22" and found.accepts("right")
    assert store.asked == ["22"]


@pytest.mark.parametrize(("id_", "passcode"), [("22", "wrong"), ("99", "right")])
def test_strangers_need_leave_before_the_database_is_asked(
    known: KnownWebhooks, store: Store, id_: str, passcode: str
) -> None:
    known.find("22", "right")
    with pytest.raises(TooManyRequests):
        known.find(id_, passcode, forbid)
    assert store.asked == ["22"]


def test_of_many_strangers_at_once_no_more_ask_than_have_leave(
    known: KnownWebhooks, store: Store
) -> None:
    all_here = threading.Barrier(9)

    def come(number: int) -> int:
        calls = 0

        def may_ask() -> None:
            nonlocal calls
            calls += 1
            if calls == 1:
                # All of them have leave, as nobody was counted yet.
                all_here.wait(10)
            elif store.asked:
                raise TooManyRequests("too many")

        try:
            known.find("99", f"guess {number}", may_ask)
        except TooManyRequests:
            return 429
        return 404

    with ThreadPoolExecutor(9) as threads:
        assert sorted(threads.map(come, range(9))) == [404] + [429] * 8
    assert store.asked == ["99"]


def test_who_has_no_leave_does_not_wait_for_those_who_ask(
    known: KnownWebhooks, store: Store
) -> None:
    store.let_through.clear()
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(known.find, "99", "guess")
        wait_for(lambda: store.asked == ["99"])
        # Would wait for good, as the one who asks is let through afterwards.
        with pytest.raises(TooManyRequests):
            known.find("99", "another guess", forbid)
        store.let_through.set()
        assert asking.result(10) is None


def test_an_old_entry_is_renewed_by_one_while_the_others_go_on(
    known: KnownWebhooks, store: Store, clock: Clock
) -> None:
    known.find("22", "right")
    clock.now += KNOWN_SECONDS
    store.let_through.clear()
    with ThreadPoolExecutor(1) as threads:
        renewing = threads.submit(known.find, "22", "right", forbid)
        wait_for(lambda: len(store.asked) == 2)
        assert known.find("22", "right", forbid) is not None
        store.let_through.set()
        assert renewing.result(10) is not None
    assert store.asked == ["22", "22"]
    clock.now += KNOWN_SECONDS - 1
    known.find("22", "right", forbid)
    assert store.asked == ["22", "22"]


def test_through_an_outage_it_stays_known_and_is_asked_for_now_and_then(
    known: KnownWebhooks, store: Store, clock: Clock
) -> None:
    known.find("22", "right")
    known.find("23", "right")
    store.is_away = True
    clock.now += KNOWN_SECONDS
    for _ in range(4):
        for id_ in ("22", "23") * 20:
            found = known.find(id_, "right", forbid)
            assert found and found.id == f"our-{id_}"
        clock.now += AWAY_SECONDS
    # The two together: what is away for one is away for all.
    assert len(store.asked) == 2 + 4
    store.is_away = False
    store.add("22", "right", state="deleted")
    found = known.find("22", "right", forbid)
    assert found and found.is_deleted


def test_it_is_not_known_for_ever(known: KnownWebhooks, store: Store, clock: Clock) -> None:
    known.find("22", "right")
    store.is_away = True
    for _ in range(STALE_SECONDS // KNOWN_SECONDS - 1):
        clock.now += KNOWN_SECONDS
        assert known.find("22", "right") is not None
    clock.now += KNOWN_SECONDS
    with pytest.raises(Unavailable):
        known.find("22", "right")


def test_whoever_is_not_known_hears_of_the_outage(known: KnownWebhooks, store: Store) -> None:
    known.find("22", "right")
    store.is_away = True
    for id_, passcode in (("22", "changed"), ("99", "right")):
        with pytest.raises(Unavailable):
            known.find(id_, passcode)


def test_a_webhook_that_is_gone_is_forgotten(
    known: KnownWebhooks, store: Store, clock: Clock
) -> None:
    known.find("22", "right")
    del store.rows["22"]
    clock.now += KNOWN_SECONDS
    assert known.find("22", "right") is None


def test_renewing_asks_the_hasty_one_and_meeting_the_patient_one(
    store: Store, vault: Vault, clock: Clock
) -> None:
    hasty = Store(vault)
    hasty.rows = store.rows
    known = KnownWebhooks(store, vault, hasty, clock=clock)
    known.find("22", "right")
    clock.now += KNOWN_SECONDS
    known.find("22", "right")
    known.find("23", "right")
    assert (store.asked, hasty.asked) == (["22", "23"], ["22"])


def test_a_passcode_that_no_key_opens_is_no_bug_of_ours_and_holds_up_no_other(
    known: KnownWebhooks, store: Store, clock: Clock
) -> None:
    known.find("23", "right")
    kept = store.rows["22"]
    foreign = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    store.rows["22"] = replace(kept, passcode_encrypted=foreign)
    with pytest.raises(PasscodeUnreadable) as raised:
        known.find("22", "right")
    assert (raised.value.status, raised.value.code) == (503, "passcode_unreadable")
    store.rows["22"] = kept
    assert known.find("22", "right") is not None
    # Lost later: whoever is known goes on, and the others are renewed all the same.
    store.rows["22"] = replace(kept, passcode_encrypted="lost")
    clock.now += KNOWN_SECONDS
    assert known.find("22", "right") is not None
    store.add("23", "right", state="deleted")
    found = known.find("23", "right")
    assert found and found.is_deleted
