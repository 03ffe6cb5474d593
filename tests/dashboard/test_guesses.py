"""Guesses are limited, and nobody can use that to lock an operator out."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import auth, guesses, session
from dashboard.access.client_network import HERE, client_network
from dashboard.access.guesses import Guesser, Guesses, TooManyGuesses, in_words
from dashboard.parts import gate
from tests.dashboard.stage import Buddy, FakeBrowser, metrics, sign_in

OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
ADA = Guesser("ada@example.com", OFFICE, "a" * 43)
STRANGER = Guesser("ada@example.com", ELSEWHERE, None)


def use_up(found: Guesses, guesser: Guesser, most: int = 1000) -> int:
    """Guess until it is refused; how many were let through."""
    for made in range(most):
        try:
            found.take(guesser)
        except TooManyGuesses:
            return made
    return most


def test_five_wrong_guesses_at_an_account_from_an_address_have_to_wait() -> None:
    found = Guesses()
    assert use_up(found, STRANGER) == 5
    with pytest.raises(TooManyGuesses, match=r"Too many attempts\. Try again in [1-5] minutes?\."):
        found.take(STRANGER)
    # However it is written.
    with pytest.raises(TooManyGuesses):
        found.take(replace(STRANGER, account=" ADA@Example.com"))


def test_a_stranger_does_not_lock_the_account_out_for_others() -> None:
    found = Guesses()
    use_up(found, STRANGER)
    found.take(ADA)


def test_a_colleague_at_the_same_address_is_not_locked_out() -> None:
    found = Guesses()
    use_up(found, ADA)
    found.take(replace(ADA, account="grace@example.com", visit="g" * 43))


def test_an_address_that_tries_many_accounts_has_to_wait_and_others_do_not() -> None:
    found = Guesses()
    made = sum(use_up(found, replace(STRANGER, account=str(n)), most=4) for n in range(60))
    assert made == guesses.PER_ADDRESS[0].amount
    found.take(ADA)


def test_many_addresses_have_to_wait_and_a_browser_that_signed_in_before_does_not() -> None:
    found = Guesses()
    found.take(ADA)
    found.was_right(ADA)
    made = sum(use_up(found, replace(STRANGER, network=f"10.0.0.{n}"), 4) for n in range(40))
    assert made == guesses.PER_ACCOUNT[0].amount
    with pytest.raises(TooManyGuesses):
        found.take(replace(ADA, visit="n" * 43))
    found.take(ADA)
    # Not without limit: somebody may have stolen the visit.
    assert use_up(found, ADA) == 4


def test_somebody_at_the_same_address_cannot_use_a_known_browser_s_attempts_up() -> None:
    found = Guesses()
    found.take(ADA)
    found.was_right(ADA)
    use_up(found, replace(ADA, visit=None))
    found.take(ADA)


def test_being_right_does_not_count_however_often() -> None:
    found = Guesses()
    for turn in range(200):
        person = replace(ADA, account=f"{turn % 5}@example.com", visit=f"{turn:043}")
        found.take(person)
        found.was_right(person)
    assert use_up(found, replace(ADA, account="new@example.com", visit="n" * 43)) == 5


def test_what_could_not_be_checked_does_not_count() -> None:
    found = Guesses()
    for _ in range(50):
        found.take(STRANGER)
        found.was_not_made(STRANGER)
    assert use_up(found, STRANGER) == 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (3600, "60 minutes"),
        (7200, "2 hours"), (80_000, "23 hours"),
    ],
)  # fmt: skip
def test_the_wait_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "network"),
    [
        ("192.0.2.7", "", 0, "192.0.2.7"),
        # What anybody can write is not believed.
        ("192.0.2.7", "203.0.113.5", 0, "192.0.2.7"),
        ("10.0.0.1", "203.0.113.5", 1, "203.0.113.5"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.5", 1, "203.0.113.5"),
        ("10.0.0.1", "6.6.6.6,203.0.113.5,10.0.0.2", 2, "203.0.113.5"),
        # Fewer than there should be: somebody came past a proxy.
        ("10.0.0.1", "203.0.113.5", 2, "10.0.0.1"),
        ("2001:db8:1:2:aaaa::1", "", 0, "2001:db8:1:2::/64"),
        ("10.0.0.1", "2001:db8:1:2:bbbb::9", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "[2001:db8:1:2::9]:443", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "203.0.113.5:5000", 1, "203.0.113.5"),
        ("::ffff:192.0.2.7", "", 0, "192.0.2.7"),
        ("fe80::1%eth0", "", 0, "fe80::/64"),
        (None, "", 0, HERE),
    ],
)
def test_whom_an_attempt_counts_for(
    peer: str | None, forwarded: str, proxies: int, network: str
) -> None:
    assert client_network(peer, forwarded, proxies) == network


@pytest.mark.parametrize(
    ("told", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        (" 2001:db8:1:2::9 ", "2001:db8:1:2::/64"),
        # Not sent, sent twice, no address: then what the proxies say counts.
        ("", "198.51.100.1"),
        ("6.6.6.6,203.0.113.5", "198.51.100.1"),
        ("me", "198.51.100.1"),
    ],
)
def test_a_header_of_the_hosts_own_comes_first(told: str, network: str) -> None:
    assert client_network("10.0.0.1", "7.7.7.7, 198.51.100.1", 1, told) == network


def test_the_form_says_when_to_try_again_and_does_not_ask_the_service_meanwhile(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = buddy.make_operator("founder")
    for _ in range(5):
        sign_in(router, email, "not it")
        assert [each.value for each in router.error] == [auth.WRONG]
    sign_in(router, email)
    assert router.error[0].value.startswith("Too many attempts. Try again in ")
    assert not router.metric
    # From elsewhere the operator gets in.
    elsewhere = FakeBrowser()
    monkeypatch.setattr(session, "visitor", elsewhere.visitor(ELSEWHERE))
    sign_in(router, email)
    assert "Answers" in metrics(router)


def test_while_the_service_is_away_nobody_uses_their_attempts_up(
    router: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.auth, "sign_in", away)
    for _ in range(7):
        sign_in(router, "ada@example.com")
        assert [each.value for each in router.error] == [auth.AWAY]


def away(*_: object) -> None:
    raise auth.AuthAway
