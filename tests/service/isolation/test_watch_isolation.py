"""The watch over isolation: green as we are, red where a policy is broken on purpose, green again.

It asks the real API of the database with real tokens, and the real web service.
"""

from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from local.stack import Database, Stack
from service.alert_sentences import alert_words
from service.isolation.attempts import VISITORS
from service.isolation.watch_isolation import OTHERS_SESSION, IsolationWatch
from service.web.app import create_app
from service.wiring import Services, build_services
from tests.conftest import make_settings

# Everything that a run might leave, and what a run may not touch.
LEFT = """
    select (select count(*) from public.users), (select count(*) from public.sessions),
        (select count(*) from public.user_contexts), (select count(*) from public.operators),
        (select count(*) from auth.users), (select count(*) from public.activity),
        (select count(*) from public.growth_counts)
"""


@pytest.fixture
def served(
    fresh_database: Callable[..., Database], stack: Stack, logging_as_before: None
) -> Iterator[tuple[Database, Services]]:
    """A database of its own, whose policies are changed."""
    database = fresh_database(served=True)
    services = build_services(make_settings(database, stack))
    yield database, services
    services.close()


def test_it_turns_red_where_a_policy_is_broken_and_recovers(
    served: tuple[Database, Services],
) -> None:
    database, services = served
    app = create_app(services.settings, services)

    def open_web() -> httpx.Client:
        transport = httpx.WSGITransport(app=app)
        return httpx.Client(base_url=services.settings.public_url, transport=transport)

    watch = IsolationWatch(services.settings, services.database, open_web)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        before = connection.execute(LEFT).fetchone()

        def alerts() -> list[str]:
            services.database.check_alerts()
            rows = connection.execute(
                "select kind, parameters from public.alerts where ended_at is null"
            )
            return [alert_words(*row, "", "")[1] for row in rows.fetchall()]

        green = watch.look()
        assert green is not None and (green.holes, green.problem) == ([], "")
        assert {*green.counts} == {*VISITORS, OTHERS_SESSION} and green.tried > 150
        assert connection.execute(LEFT).fetchone() == before
        assert watch.look() is None, "once a night"
        assert alerts() == []

        # Whoever is signed in may read and change everybody's guidance.
        connection.execute("""
            create policy hole on public.user_contexts to authenticated
                using (true) with check (true);
            grant update (tone) on public.user_contexts to authenticated;
        """)
        red = watch.look(now=True)
        assert red is not None
        assert {(hole.visitor, hole.what) for hole in red.holes} >= {
            ("somebody signed in without a role", "read user_contexts"),
            ("somebody signed in without a role", "change user_contexts.tone"),
            ("somebody signed in without a role", "change another's rows"),
        }
        assert not [hole for hole in red.holes if hole.visitor == "a stranger"]
        assert connection.execute(LEFT).fetchone() == before
        [told] = alerts()
        assert "somebody signed in without a role could read user_contexts, and" in told

        connection.execute("""
            drop policy hole on public.user_contexts;
            revoke update (tone) on public.user_contexts from authenticated;
        """)
        assert watch.look() is None, "not again at once"
        connection.execute(
            "update public.isolation_runs set started_at = started_at - interval '1 hour'"
        )
        again = watch.look()
        assert again is not None and not again.holes
        alerts()
        connection.execute("update public.alerts set seen_at = now() - interval '11 minutes'")
        assert alerts() == []

        # What could not be tried is neither green nor red.
        away = IsolationWatch(
            services.settings,
            services.database,
            lambda: httpx.Client(base_url="http://127.0.0.1:1"),
        ).look(now=True)
        assert away is not None and "The web service did not answer" in away.problem
        states = connection.execute(
            "select state from public.isolation_runs order by id"
        ).fetchall()
        assert [state for (state,) in states] == ["green", "red", "green", "failed"]
