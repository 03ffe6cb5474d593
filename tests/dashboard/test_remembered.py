"""Which browser is signed in: only one that was given an id here, at this very sign-in."""

import threading
from dataclasses import dataclass

import pytest
from cachetools import TTLCache
from streamlit.testing.v1 import AppTest

from dashboard.access import cookies, remembered, session
from dashboard.access.auth import OVER
from dashboard.access.cookies import SESSION, VISIT, new_id
from tests.dashboard.stage import HERE, Buddy, FakeBrowser, metrics, sign_in

PLANTED = "p" * 43


@dataclass
class AnySignIn:
    """All that remembering asks of a sign-in."""

    is_over: bool = False


@pytest.fixture
def browser(router: AppTest, monkeypatch: pytest.MonkeyPatch) -> FakeBrowser:
    made = FakeBrowser()
    monkeypatch.setattr(session, "visitor", made.visitor())
    return made


def open_as(router: AppTest, browser: FakeBrowser, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(session, "visitor", browser.visitor())
    return AppTest.from_file(router._script_path, default_timeout=60).run()


def is_signed_in(page: AppTest) -> bool:
    assert not page.exception
    return "Answers" in metrics(page)


@pytest.mark.parametrize("name", [SESSION, VISIT])
def test_what_was_planted_before_is_not_signed_in_afterwards(
    router: AppTest,
    buddy: Buddy,
    browser: FakeBrowser,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    browser.cookies[name] = PLANTED
    monkeypatch.setattr(session, "visitor", browser.visitor())
    sign_in(router, buddy.make_operator("founder"))
    assert is_signed_in(router)
    attacker = FakeBrowser(**{VISIT: new_id(), name: PLANTED})
    assert not is_signed_in(open_as(router, attacker, monkeypatch))
    browser.fetch_cookie(router)
    assert not is_signed_in(open_as(router, attacker, monkeypatch))
    both = FakeBrowser(**{SESSION: PLANTED, VISIT: PLANTED})
    assert not is_signed_in(open_as(router, both, monkeypatch))
    # The browser itself was given another one.
    assert browser.cookies[SESSION] != PLANTED
    assert is_signed_in(open_as(router, browser, monkeypatch))


def test_what_is_planted_afterwards_shows_nobody_the_sign_in(
    router: AppTest, buddy: Buddy, browser: FakeBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    browser.fetch_cookie(router)
    browser.cookies[SESSION] = PLANTED
    router.run()
    attacker = FakeBrowser(**{VISIT: new_id(), SESSION: PLANTED})
    assert not is_signed_in(open_as(router, attacker, monkeypatch))


def test_a_sign_in_that_somebody_else_planted_is_not_turned_into_ones_own(
    router: AppTest, buddy: Buddy, browser: FakeBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attacker who is an operator plants their own live id: it never becomes the founder's."""
    attacker = FakeBrowser()
    page = open_as(router, attacker, monkeypatch)
    sign_in(page, buddy.make_operator("support"))
    attacker.fetch_cookie(page)
    founder = buddy.make_operator("founder")
    monkeypatch.setattr(session, "visitor", browser.visitor())
    router.run()
    browser.cookies[SESSION] = attacker.cookies[SESSION]
    sign_in(router, founder)
    browser.fetch_cookie(router)
    again = open_as(router, attacker, monkeypatch)
    assert not is_signed_in(again) and again.text_input
    assert open_as(router, browser, monkeypatch).sidebar.text[0].value == founder


def test_every_sign_in_has_an_id_of_its_own_and_the_one_before_is_forgotten(
    router: AppTest, buddy: Buddy, browser: FakeBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    browser.fetch_cookie(router)
    first = browser.cookies[SESSION]
    other_tab = open_as(router, browser, monkeypatch)
    router.sidebar.button[0].click().run()
    sign_in(router, email)
    browser.fetch_cookie(router)
    assert browser.cookies[SESSION] != first
    assert remembered.recall(first) is None
    # The tab that was open meanwhile is over, and signed in again once it is reloaded.
    other_tab.run()
    assert [each.value for each in other_tab.warning] == [OVER]
    assert is_signed_in(open_as(router, browser, monkeypatch))


def test_signing_in_twice_without_signing_out_leaves_the_newest_in_the_browser(
    router: AppTest, buddy: Buddy, browser: FakeBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs that both show the form: what they opened with is the same visit."""
    second = open_as(router, browser, monkeypatch)
    sign_in(router, buddy.make_operator("founder"))
    browser.fetch_cookie(router)
    support = buddy.make_operator("support")
    sign_in(second, support)
    first = browser.cookies[SESSION]
    assert browser.fetch_cookie(second).status_code == 204
    assert remembered.recall(first) is None
    # The first tab goes on, and does not take the browser back.
    router.run()
    assert is_signed_in(router) and session.TICKET in router.session_state
    assert not remembered.is_open(router.session_state[session.TICKET])
    assert open_as(router, browser, monkeypatch).sidebar.text[0].value == support


def test_signing_out_before_the_cookie_was_fetched_makes_the_ticket_worthless(
    router: AppTest, buddy: Buddy, browser: FakeBrowser
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    ticket = router.session_state[session.TICKET]
    router.sidebar.button[0].click().run()
    assert browser.post_ticket(ticket).status_code == 403
    assert SESSION not in browser.cookies


def test_somebody_who_is_no_operator_is_given_no_id(
    router: AppTest, buddy: Buddy, browser: FakeBrowser
) -> None:
    buddy.make_account("stranger@example.com")
    sign_in(router, "stranger@example.com")
    assert "may not use the dashboard" in router.error[0].value
    assert session.TICKET not in router.session_state


def test_without_cookies_one_is_signed_in_until_the_page_is_reloaded(
    router: AppTest, buddy: Buddy
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    assert is_signed_in(router)
    assert session.TICKET not in router.session_state


def test_the_page_carries_the_ticket_until_it_is_used(
    router: AppTest, buddy: Buddy, browser: FakeBrowser
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    ticket = router.session_state[session.TICKET]
    assert is_carried(router, ticket)
    browser.fetch_cookie(router)
    router.run()
    assert not is_carried(router, ticket)


def is_carried(router: AppTest, ticket: str) -> bool:
    return any(ticket in part.proto.body for part in router.get("html"))


def test_a_ticket_is_good_once() -> None:
    browser = FakeBrowser()
    _, ticket = remember(browser)
    assert browser.post_ticket(ticket).status_code == 204
    assert browser.post_ticket(ticket).status_code == 403


def test_a_ticket_is_good_only_in_the_browser_whose_page_it_was_made_on() -> None:
    victim, attacker = FakeBrowser(), FakeBrowser()
    _, ticket = remember(victim)
    assert attacker.post_ticket(ticket).status_code == 403
    assert SESSION not in attacker.cookies
    # It was shown to somebody it is not for, and so is used up.
    assert victim.post_ticket(ticket).status_code == 403


def test_a_ticket_is_used_by_one_of_many_at_once() -> None:
    visit = new_id()
    _, ticket = remembered.remember(AnySignIn(), visit)  # type: ignore[arg-type]
    found: list[str | None] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        found.append(remembered.redeem(ticket, visit))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in found if each]) == 1


def test_a_ticket_and_an_id_end_after_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    for name in ("_tickets", "_kept"):
        ttl = getattr(remembered, name).ttl
        monkeypatch.setattr(remembered, name, TTLCache(1000, ttl, timer=lambda: now))
    browser = FakeBrowser()
    kept, ticket = remember(browser)
    now = remembered.TICKET_SECONDS
    assert browser.post_ticket(ticket).status_code == 403
    assert remembered.recall(kept)
    now = remembered.HOURS * 3600
    assert remembered.recall(kept) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://sub.dashboard"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_no_other_site_can_sign_a_browser_in(headers: dict[str, str]) -> None:
    """Login CSRF: the attacker's own ticket and visit, posted by a page of theirs."""
    victim = FakeBrowser()
    _, ticket = remember(victim)
    assert victim.post_ticket(ticket, **headers).status_code == 403
    assert SESSION not in victim.cookies
    # Nor is the true page hindered.
    assert victim.post_ticket(ticket, **{"Sec-Fetch-Site": "same-origin"}).status_code == 204


@pytest.mark.parametrize("body", ["", "x", "t" * 44, "t" * 1_000_000, "\u00ff" * 43])
def test_nonsense_for_a_ticket_is_refused(body: str) -> None:
    assert FakeBrowser().post_ticket(body).status_code == 403


def test_over_https_the_cookie_is_bound_to_this_host_and_the_plain_name_is_ignored() -> None:
    visit = new_id()
    secure = {"X-Forwarded-Proto": "https,http"}
    plain = FakeBrowser(**{VISIT: visit})
    _, ticket = remembered.remember(AnySignIn(), visit)  # type: ignore[arg-type]
    # Another host of the same domain can plant the plain name, also with Secure.
    assert plain.post_ticket(ticket, **secure).status_code == 403
    bound = FakeBrowser(**{cookies.full_name(VISIT, True): visit})
    _, ticket = remembered.remember(AnySignIn(), visit)  # type: ignore[arg-type]
    cookie = bound.post_ticket(ticket, **secure).headers["set-cookie"]
    assert cookie.startswith(f"__Host-{SESSION}=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie
    assert "Domain" not in cookie


def test_over_http_the_cookie_is_plain() -> None:
    browser = FakeBrowser()
    _, ticket = remember(browser)
    cookie = browser.post_ticket(ticket).headers["set-cookie"]
    assert cookie.startswith(f"{SESSION}=")
    assert "HttpOnly" in cookie and "Secure" not in cookie


@pytest.mark.parametrize("name", [SESSION, VISIT])
def test_each_scheme_reads_its_own_name_alone(name: str) -> None:
    both = {name: "p" * 43, f"__Host-{name}": "s" * 43}
    assert cookies.read(both, name, https=True) == "s" * 43
    assert cookies.read({name: "p" * 43}, name, https=True) is None
    assert cookies.read(both, name, https=False) == "p" * 43
    assert cookies.read({f"__Host-{name}": "s" * 43}, name, https=False) is None


@pytest.mark.parametrize(
    ("headers", "scheme", "expected"),
    [
        ({}, "http", False),
        ({}, "https", True),
        ({}, "wss", True),
        ({"x-forwarded-proto": "https"}, "http", True),
        ({"x-forwarded-proto": "wss, http"}, "ws", True),
        ({"x-forwarded-proto": "http,https"}, "http", False),
        ({"origin": "https://dashboard.example"}, "ws", True),
        ({"origin": HERE}, "ws", False),
    ],
)
def test_what_tells_https(headers: dict[str, str], scheme: str, expected: bool) -> None:
    assert cookies.is_https(headers, scheme) is expected


@pytest.mark.parametrize("value", ["", "short", "a" * 44, "<script>" + "a" * 35])
def test_what_cannot_be_an_id_is_not_read(value: str) -> None:
    assert cookies.read({SESSION: value}, SESSION, https=False) is None


def remember(browser: FakeBrowser) -> tuple[str, str]:
    return remembered.remember(AnySignIn(), browser.cookies[VISIT])  # type: ignore[arg-type]
