"""Rate limits hold across processes, by network, and while the database is away."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from service.config import Settings
from service.errors import Unavailable
from service.store.upkeep_records import Hits
from service.web.app import create_app
from service.web.shared_limits import AWAY_SECONDS, SharedCounts, network_of
from service.wiring import Services, build_services
from tests.service.web.conftest import Web
from tests.service.web.test_receiver import add_hook, comment

SIGN_IN = "/api/auth/figma-oauth"
HOOK = "/api/figma-comment-webhook"
CONTEXT = "/api/user/context"


@pytest.fixture
def another(web_settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Makes applications as web processes have them: all of memory is their own."""
    made: list[Services] = []

    def make(services: Services | None = None, **changes: Any) -> Flask:
        settings = web_settings.model_copy(update=changes)
        made.append(services or build_services(settings))
        return create_app(settings, replace(made[-1], settings=settings))

    yield make
    for each in made:
        each.close()


def start(app: Flask, address: str = "203.0.113.9") -> int:
    return app.test_client().get(SIGN_IN, environ_base={"REMOTE_ADDR": address}).status_code


def deliver(app: Flask, body: Any, address: str = "203.0.113.9") -> int:
    client = app.test_client()
    return client.post(HOOK, json=body, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:0:0:0:5", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_an_address_counts_with_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_processes_count_together(another: Callable[..., Flask]) -> None:
    apps = [another(rate_limit_public="5/hour") for _ in range(2)]
    assert [start(apps[n % 2]) for n in range(9)] == [302] * 5 + [429] * 4
    assert [start(app, "203.0.113.10") for app in apps] == [302, 302]


def test_what_comes_at_once_is_counted_exactly(another: Callable[..., Flask]) -> None:
    apps = [another(rate_limit_public="7/hour") for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda n: start(apps[n % 2]), range(24)))
    assert sorted(statuses) == [302] * 7 + [429] * 17


def test_a_whole_network_of_ipv6_has_one_limit(another: Callable[..., Flask]) -> None:
    app = another(rate_limit_public="3/hour")
    statuses = [start(app, f"2001:db8:1:2::{n:x}") for n in range(5)]
    assert statuses == [302] * 3 + [429] * 2
    assert start(app, "2001:db8:1:3::1") == 302
    assert [start(app, "::ffff:203.0.113.9"), start(app), start(app)] == [302] * 3
    assert start(app, "::ffff:203.0.113.9") == 429


def test_who_asks_is_told_by_the_hosts_own_header_where_forwarded_addresses_do_not_tell(
    another: Callable[..., Flask],
) -> None:
    app = another(
        rate_limit_public="2/hour", trusted_proxies=1, client_address_header="Fly-Client-IP"
    )

    def ask(client: str, forwarded: str = "203.0.113.1, 198.51.100.7") -> int:
        given = {"Fly-Client-IP": client, "X-Forwarded-For": forwarded}
        peer = {"REMOTE_ADDR": "10.0.0.1"}
        return app.test_client().get(SIGN_IN, headers=given, environ_base=peer).status_code

    assert [ask("203.0.113.1") for _ in range(3)] == [302, 302, 429]
    # Another person, although the last forwarded address is the same.
    assert ask("203.0.113.2") == 302
    # Whatever stands in what anybody may send gains nothing.
    assert ask("203.0.113.1", "6.6.6.6, 6.6.6.7") == 429
    # What is no single address counts together as what the proxy says, this machine's included.
    odd = ["6.6.6.6, 203.0.113.1", "me", "127.0.0.1", "::1", ""]
    assert [ask(each) for each in odd] == [302, 302, 429, 429, 429]


def test_strangers_at_the_receiver_are_counted_together(another: Callable[..., Flask]) -> None:
    apps = [another(rate_limit_public="4/hour") for _ in range(2)]
    statuses = [deliver(apps[n % 2], comment(webhook_id=f"no{n}")) for n in range(8)]
    assert statuses == [404] * 4 + [429] * 4
    network = [deliver(apps[0], comment(webhook_id=f"v6{n}"), f"2001:db8::{n:x}") for n in range(6)]
    assert network == [404] * 4 + [429] * 2


def test_a_persons_changes_are_counted_together(
    another: Callable[..., Flask], web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = web.person()
    person.sign_in("Ada Okafor")
    monkeypatch.setattr("service.web.app.WRITES_PER_PERSON", "3/hour;500/day")
    apps = [another() for _ in range(2)]
    headers = {
        "Cookie": f"buddy_session={person.http.cookies['buddy_session']}",
        "Origin": web.url,
        "If-Match": '"v1"',
    }
    statuses = []
    for n in range(6):
        client = apps[n % 2].test_client(use_cookies=False)
        statuses.append(client.put(CONTEXT, json={"tone": "x"}, headers=headers).status_code)
    assert statuses == [200] * 3 + [429] * 3


def test_known_webhooks_are_not_counted(
    web: Web, another: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_hook(web)
    services = build_services(web.services.settings)
    counted: list[Any] = []
    count = services.hasty_database.count_hits

    def note(*given: Any) -> Hits:
        counted.append(given)
        return count(*given)

    monkeypatch.setattr(services.hasty_database, "count_hits", note)
    app = another(services)
    assert deliver(app, comment()) == 200
    counted.clear()
    assert [deliver(app, comment(comment_id=f"{n}")) for n in range(5)] == [200] * 5
    assert counted == []


def test_a_crowd_that_is_refused_writes_nothing_and_is_nobody(
    another: Callable[..., Flask], web: Web
) -> None:
    app = another(rate_limit_public="2/hour")
    assert [start(app) for _ in range(20)] == [302] * 2 + [429] * 18
    [row] = web.rows("select * from public.rate_windows")
    assert row["hits"] == 2
    assert "203.0.113" not in str(row) and len(row["key_hash"]) == 64


def test_without_the_database_each_process_counts_for_itself(
    another: Callable[..., Flask],
) -> None:
    app = another(supabase_url="http://127.0.0.1:9", rate_limit_public="3/hour")
    assert [start(app) for _ in range(5)] == [302] * 3 + [429] * 2
    assert [deliver(app, comment(webhook_id=f"no{n}")) for n in range(2)] == [503] * 2


class Flaky:
    """A database that can be away, counting what it is asked."""

    def __init__(self, real: Any):
        self.is_away = False
        self.asked = 0
        self._real = real

    def count_hits(self, key_hash: str, seconds: int, amount: int) -> Hits:
        self.asked += 1
        if self.is_away:
            raise Unavailable("The database cannot be reached right now.")
        return self._real.count_hits(key_hash, seconds, amount)


def test_the_database_counts_again_when_it_is_back(web: Web) -> None:
    database, now = Flaky(web.services.database), [0.0]
    keyed_hash = web.services.vault.keyed_hash
    counts = SharedCounts(database=database, keyed_hash=keyed_hash, clock=lambda: now[0])
    limiter, limit = FixedWindowRateLimiter(counts), parse("3/hour")
    assert limiter.hit(limit, "somebody")
    database.is_away, database.asked = True, 0
    assert [limiter.hit(limit, "somebody") for _ in range(4)] == [True] * 3 + [False]
    assert (database.asked, limiter.test(limit, "somebody")) == (1, False)
    database.is_away = False
    now[0] += AWAY_SECONDS
    assert [limiter.hit(limit, "somebody") for _ in range(3)] == [True, True, False]
    assert limiter.get_window_stats(limit, "somebody").remaining == 0


def test_a_window_begins_anew_when_it_is_over(web: Web) -> None:
    database, key = web.services.database, "0" * 64
    assert database.count_hits(key, 60, 0) == Hits(0, 0)
    assert [database.count_hits(key, 60, n).hits for n in (1, 2, 0)] == [1, 3, 3]
    assert 0 < database.count_hits(key, 60, 0).seconds_left <= 60
    web.change("update public.rate_windows set ends_at = now() - interval '1 second'")
    assert database.count_hits(key, 60, 0).hits == 0
    assert database.count_hits(key, 60, 1).hits == 1
    web.change("update public.rate_windows set ends_at = now() - interval '1 second'")
    assert database.purge_expired().windows == 1
    assert web.rows("select 1 from public.rate_windows") == []
