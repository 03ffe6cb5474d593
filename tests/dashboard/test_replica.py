"""With a read replica: what only reads is asked there by GET, changes go to the primary, and what
the replica cannot answer is asked of the primary."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
from aiohttp import ClientSession, web

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.data import latest_answers, operators, periods, replica, reporting, saved_views
from dashboard.data.view import View
from dashboard.overview import queries as overview
from dashboard.settings import queries as settings
from local.loopback import LoopbackServer
from local.stack import Database
from local.stack.stack import ROOT
from tests.dashboard.stage import PASSWORD, Buddy, refill_caches, settings_of
from tests.sql.test_contract import function_named_in

# A dry run that is undone again.
READS_THAT_WRITE = {"plan_replay"}


class Replica:
    """A second API before the same database, which takes GET alone, as Supabase's replicas do."""

    def __init__(self, database: Database):
        self.asked: list[tuple[str, str]] = []
        self.status = 0
        self._target = database.supabase_url
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._server = LoopbackServer(app, "replica")

    def __enter__(self) -> "Replica":
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.origin

    def take(self) -> set[str]:
        """What it was asked for since the last time. All of it was reading."""
        asked, self.asked = self.asked, []
        assert {method for method, _ in asked} <= {"GET"}
        return {path.rsplit("/", 1)[1] for _, path in asked}

    async def _pass_on(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path))
        if self.status or request.method != "GET":
            return web.json_response({"message": "no"}, status=self.status or 405)
        kept = ("apikey", "authorization", "accept", "accept-profile", "prefer")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        async with (
            ClientSession() as client,
            client.get(f"{self._target}{request.path_qs}", headers=headers) as answer,
        ):
            body = await answer.read()
        return web.Response(
            body=body, status=answer.status, content_type=answer.content_type or "text/plain"
        )


@pytest.fixture
def copy(database: Database) -> Iterator[Replica]:
    with Replica(database) as running:
        yield running


@pytest.fixture
def founder(buddy: Buddy, database: Database, copy: Replica) -> Operator:
    found = settings_of(database).model_copy(update={"supabase_read_url": copy.url})
    signed_in = auth.sign_in(found, buddy.make_operator("founder"), PASSWORD)
    operator = operators.find_operator(signed_in)
    assert operator
    # Who somebody is, and whether they still may, is no matter for a copy.
    assert copy.take() == set()
    return operator


def this_month() -> View:
    now = datetime.now(UTC)
    span = periods.span_of(periods.DEFAULT, "UTC", now)
    return View(periods.DEFAULT, None, False, span, "UTC", "monday", (), None, now)


def test_reads_go_to_the_replica_and_changes_to_the_primary(
    founder: Operator, buddy: Buddy, copy: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_id = buddy.answer()
    refill_caches()
    assert overview.read_overview(founder, this_month()).totals.answers == 1
    rows = latest_answers.read_answers(founder, ("answered",))
    assert [row.id for row in rows.itertuples()] == [answer_id]
    assert settings.read_plans(founder)
    assert {"overview", "latest_answers", "plans"} <= copy.take()
    saved_views.save_view(founder, "overview", "Mine", "?period=30")
    # A copy may not have it yet: for a while, whoever changed something reads where it was changed.
    assert [each.name for each in saved_views.read_views(founder, "overview")] == ["Mine"]
    assert copy.take() == set()
    monkeypatch.setattr(auth, "REPLICA_LAG_SECONDS", -1)
    refill_caches()
    assert saved_views.read_views(founder, "overview")
    assert copy.take() == {"saved_view_list"}


@pytest.mark.parametrize("status", [405, 502])
def test_without_the_replica_the_primary_is_asked(
    founder: Operator, copy: Replica, status: int
) -> None:
    copy.status = status
    assert reporting.read_reporting(founder)
    assert settings.read_plans(founder)
    assert copy.take()


def test_a_refusal_is_not_asked_again(database: Database, buddy: Buddy, copy: Replica) -> None:
    found = settings_of(database).model_copy(update={"supabase_read_url": copy.url})
    buddy.make_account("nobody@example.com")
    stranger = auth.sign_in(found, "nobody@example.com", PASSWORD)
    client = stranger.replica(stranger.client())
    assert client
    with pytest.raises(replica.APIError) as refused:
        replica.read(client, "queue_status", {})
    assert not isinstance(refused.value, replica.NotFromReplica)


def test_the_token_is_the_persons_own(founder: Operator, copy: Replica) -> None:
    client = founder.sign_in.replica(founder.sign_in.client())
    assert client
    token = client.headers["Authorization"].removeprefix("Bearer ")
    assert token.count(".") == 2
    assert httpx.URL(str(client.base_url)).host == "127.0.0.1"


def test_what_the_dashboard_reads_does_not_write(database: Database) -> None:
    """A replica takes only functions that are declared as reading. Those that are not are asked of
    the primary each time."""
    named = set()
    for path in (ROOT / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = function_named_in(node)
            callee = getattr(node, "func", None)
            name = getattr(callee, "id", getattr(callee, "attr", ""))
            if found and name in ("call", "call_one", "call_all", "call_table", "call_pages"):
                named.add(found[0])
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and provolatile = 'v'"
        ).fetchall()
    assert len(named) > 80
    assert named & {name for (name,) in rows} == READS_THAT_WRITE
