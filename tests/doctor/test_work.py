"""Each check that asks the database, broken on purpose in a real one, and mended again."""

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest

from doctor import database_checks, figma_checks, machine_checks
from doctor.world import World
from local.sandbox.client import Sandbox
from local.stack import Database, Stack
from service.config import Settings
from service.figma.client import FigmaClient
from service.figma.records import FigmaToken
from service.secrets.encryption import Vault
from service.secrets.unsealing import PURPOSE, SealingKeys
from tests.conftest import make_settings
from tests.doctor.conftest import is_told, look
from tests.sql.conftest import Sql

WORKER = "insert into queue.procrastinate_workers (last_heartbeat) values (now())"
BUILDER = (
    f"{WORKER}; insert into public.pipeline_runners (worker_id, queue)"
    " select max(id), 'builds' from queue.procrastinate_workers"
)
ASKED = (
    "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id, state,"
    " queued_at) values ('F', 'c', 'c', 'a', '{}', now() - interval '{}')"
)
RUN = (
    "delete from public.isolation_runs; insert into public.isolation_runs (started_at, ended_at,"
    " state) values (now() - interval '{} hours', now(), '{}')"
)
BACKUP = (
    "delete from private.backups; select private.record_backup(jsonb_build_object('moment',"
    " now() - interval '{} hours', 'file_name', 'a.age', 'bytes', 1, 'seconds', 1,"
    " 'schema_version', '0089_backups', 'tables', 1, 'row_count', 1, 'files', 0,"
    " 'files_missing', 0))"
)
ALIVE = (
    "insert into public.service_profile (sealing_key, defaults) values (repeat('k', 44), '{}')"
    " on conflict do nothing; insert into public.queue_samples (at, queued, working, deferred,"
    " dead_letters, oldest_seconds, workers) values (now() - interval '10 seconds',"
    " 0, 0, 0, 0, 0, 1)"
)
PERSON = (
    "insert into public.users (figma_user_id, handle, email, first_seen_at)"
    " values ('p', 'P', 'p@example.test', now())"
)
TOKEN = (
    f"{PERSON}; insert into public.figma_tokens (user_id, access_token_encrypted, expires_at)"
    " select id, 'sealed', now() - interval '1 day' from public.users"
)
QUOTA = (
    "insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until)"
    " values ('p', 'F', 1, now() + interval '{}')"
)
STOPPED = (
    "insert into public.spend_stops (day, limit_microusd, spent_microusd)"
    " values ((now() at time zone 'UTC')::date, 5000000, 6000000)"
)
BUDGET = (
    "insert into public.budgets (scope, monthly_microusd) values ('global', 1000000);"
    " insert into public.ai_cost_daily (day, plan_code, feature, provider, model, cost_microusd)"
    " values (private.reporting_day(now()), 'pro', 'comment', 'p', 'm', 90000000)"
)
# check: what breaks it, how that is judged, what is said, and what mends it.
BROKEN = [
    ("worker", "", "failed", "No worker is running", WORKER),
    ("builder", "", "warning", "No builder is running", BUILDER),
    ("queue_age", ASKED.format("queued", "5 minutes"), "warning", "waits for 300 s",
     "delete from public.answers"),
    ("queue_age", ASKED.format("queued", "1 hour"), "failed", "waits for 3600 s",
     "delete from public.answers"),
    ("dead_letters", ASKED.format("failed", "1 hour"), "warning", "1 questions ended without",
     "delete from public.answers"),
    ("upkeep", f"{ALIVE}; update public.queue_samples set at = now() - interval '1 hour'",
     "failed", "ran last 60 minutes ago", ALIVE),
    ("upkeep", f"{ALIVE}; {PERSON}; insert into public.sessions (token_hash, user_id, expires_at)"
     " select 'h', id, now() - interval '1 day' from public.users", "failed",
     "1 sessions should have been deleted", "delete from public.sessions"),
    ("isolation", RUN.format(1, "red"), "failed", "reached another account's rows",
     RUN.format(1, "green")),
    ("isolation", RUN.format(48, "green"), "warning", "last ended 48 hours ago as green",
     RUN.format(3, "green")),
    ("figma_connections", TOKEN, "warning", "1 of 1 connections to Figma ran out",
     "update public.figma_tokens set expires_at = now() + interval '1 day'"),
    ("figma_connections",
     f"{TOKEN}; insert into public.users (figma_user_id, handle, email, first_seen_at)"
     " select n::text, 'P', '', now() from generate_series(1, 5) as n;"
     " insert into public.figma_tokens (user_id, access_token_encrypted, expires_at)"
     " select id, 's', now() from public.users on conflict do nothing;"
     " update public.figma_tokens set revoked_at = now()",
     "warning", "Figma ended 6 of 6", "delete from public.figma_tokens"),
    ("quotas", QUOTA.format("2 hours"), "warning", "allows 1 accounts no more calls",
     "update public.figma_quotas set limited_until = now()"),
    ("spending", STOPPED, "failed", r"stopped for today at \$5\.00",
     "delete from public.spend_stops"),
    ("budgets", BUDGET, "warning", "nearly or wholly used: .* at 9000 %",
     "update public.budgets set monthly_microusd = 900000000000"),
    ("backup", BACKUP.format(30), "warning", "a.age. is 30 hours old", BACKUP.format(2)),
    ("backup", BACKUP.format(90), "failed", "a.age. is 90 hours old", BACKUP.format(2)),
    ("migrations", "insert into private.schema_migrations values ('0999_other', 'x')", "failed",
     "disagree: .*0999_other", "delete from private.schema_migrations where name = '0999_other'"),
    ("migrations", "create table public.kept as select * from private.schema_migrations;"
     " delete from private.schema_migrations where name = '0089_backups'", "failed",
     "Not applied yet: migrations/0089_backups.sql",
     "insert into private.schema_migrations select * from public.kept on conflict do nothing;"
     " drop table public.kept"),
    ("migrations", "create table public.kept as select * from private.schema_migrations;"
     " update private.schema_migrations set checksum = 'x'"
     " where name = '0073_operator_invitations'",
     "failed", "0073_operator_invitations.sql was changed after",
     "update private.schema_migrations as s set checksum = kept.checksum from public.kept"
     " where kept.name = s.name; drop table public.kept"),
    ("signatures", "revoke execute on function public.sample_queue from service_role", "failed",
     "may not call sample_queue", "grant execute on function public.sample_queue to service_role"),
    ("partitions", "alter table public.answers add constraint answers_partition_bound"
     " check (received_at < '2099-01-01 00:00+00') not valid", "warning",
     "Partitions of answers were begun and not finished",
     "alter table public.answers drop constraint answers_partition_bound"),
    ("channels", "", "warning", "No channel of alerts is on", None),
    ("mail", "", "skipped", "sign-in service sends no mail", None),
]  # fmt: skip


@pytest.fixture
def world(database: Database, stack: Stack) -> Iterator[World]:
    made = World(make_settings(database, stack), {})
    yield made
    made.close()


@pytest.fixture
def public_world(world: World) -> World:
    """The same, judged as a product that strangers use."""
    world.settings.__dict__["figma_redirect_uri"] = "https://buddy.example.com/api/auth/figma-oauth"
    return world


def change(database: Database, statements: str) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        for statement in filter(None, (each.strip() for each in statements.split("; "))):
            connection.execute(statement)


@pytest.mark.parametrize(("name", "breaks", "status", "says", "mends"), BROKEN)
def test_what_is_wrong_in_the_database_is_told(
    database: Database, world: World, request: pytest.FixtureRequest, name: str, breaks: str,
    status: str, says: str, mends: str | None,
):  # fmt: skip
    if name == "channels":
        world = request.getfixturevalue("public_world")
    change(database, breaks)
    try:
        found = look(name, world)
        assert (found.status, bool(re.search(says, found.what))) == (status, True), found.what
        assert status == "skipped" or is_told(found)
    finally:
        change(database, mends or "")
    if mends:
        assert look(name, world).status == "ok"


def test_a_product_that_was_never_deployed_is_told(stack: Stack, database: Database):
    empty = stack.create_database("never_deployed")
    world = World(make_settings(database, stack, database_url=empty.database_url), {})
    found = look("migrations", world)
    assert found.status == "failed" and "never applied here" in found.what and is_told(found)
    assert look("worker", world).status == "skipped"
    world.close()
    stack.drop_database(empty.name)


def test_a_database_that_is_away_is_told_once(world_of: Callable[..., World]):
    world = world_of()
    found = look("database", world)
    assert found.status == "failed" and "does not answer" in found.what and is_told(found)
    assert "very-hidden-word" not in str(found)
    for name in ("migrations", "clock", "connections", "listen", "worker", "backup", "webhooks"):
        assert look(name, world).what == "The database does not answer: see `database`."


def test_what_is_well_is_told_as_well(world: World):
    for name in ("database", "migrations", "signatures", "listen", "clock", "connections",
                 "backup_clients", "disk"):  # fmt: skip
        assert look(name, world).status == "ok", name


def test_too_few_connections_are_told(world: World, monkeypatch: pytest.MonkeyPatch):
    world.environment = {"WEB_CONCURRENCY": "90"}
    found = look("connections", world)
    assert found.status == "warning" and "may need 295 connections" in found.what and is_told(found)
    full = database_checks._CONNECTIONS.replace(
        "current_setting('max_connections')::int", "current_setting('max_connections')::int * 0 + 4"
    )
    monkeypatch.setattr(database_checks, "_CONNECTIONS", full)
    found = look("connections", world)
    assert found.status == "failed" and "of 1 connections are in use" in found.what


def test_a_pooler_that_swallows_notifications_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database_checks, "LISTEN_SECONDS", 0.1)
    monkeypatch.setattr(psycopg.Connection, "notifies", lambda *_, **__: iter(()))
    found = look("listen", world)
    assert found.status == "failed" and "did not arrive" in found.what and is_told(found)


def test_a_clock_ahead_of_the_databases_is_told(world: World, monkeypatch: pytest.MonkeyPatch):
    real = time.time
    monkeypatch.setattr(database_checks.time, "time", lambda: real() + 60)
    found = look("clock", world)
    assert found.status == "failed" and "differ by 60 s" in found.what and is_told(found)


def test_without_the_clients_of_postgres_backups_are_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("backup.clients._folders", lambda: iter(()))
    machine_checks.find_clients.cache_clear()
    found = look("backup_clients", world)
    machine_checks.find_clients.cache_clear()
    assert found.status == "warning" and "postgresql-client-16" in found.what and is_told(found)


def test_the_clients_are_looked_for_where_only_the_settings_of_backups_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SUPABASE_URL", database.supabase_url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", database.service_role_key)
    monkeypatch.setenv("DATABASE_URL", database.database_url)
    world = World.read({}, None)
    assert world.problem and look("backup_clients", world).status == "ok"
    world.close()


def test_a_lost_key_is_told(database: Database, world: World, stack: Stack):
    sql = Sql(database.admin_url)
    ada = sql.sign_in("ada")
    sql.switch_on(ada)
    sql.connection.execute("reset role")
    sql.connection.close()
    vault = Vault(world.settings)
    for sealed, status in (("another key's", "failed"), (vault.encrypt("token"), "ok")):
        with psycopg.connect(database.admin_url) as connection:
            connection.execute(
                "update public.figma_tokens set access_token_encrypted = %s", [sealed]
            )
            passcode = sealed if status == "ok" else vault.encrypt("passcode")
            connection.execute(
                "update public.user_webhooks set passcode_encrypted = %s", [passcode]
            )
        found = look("stored_secrets", world)
        assert found.status == status, found.what
        if status == "failed":
            assert "opens 1 connections to Figma" in found.what and is_told(found)


def test_channels_are_looked_at_and_only_tried_when_asked(
    database: Database, world: World, stack: Stack
):
    got = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if self.path == "/fine" else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    keys = SealingKeys(world.settings)
    channel = "00000000-0000-4000-8000-000000000001"

    def seal(path: str) -> str:
        content = json.dumps(
            {"url": f"http://127.0.0.1:{server.server_port}{path}", "secret": None}
        )
        info = f"{PURPOSE}{channel}".encode()
        sealed = keys._suite.encrypt(content.encode(), keys._keys[0].public_key(), info)
        return base64.b64encode(sealed).decode()

    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(
            "insert into public.alert_channels (id, kind, name, host, kinds)"
            " values (%s, 'slack', 'ops', '127.0.0.1', '{queue_stuck}')",
            [channel],
        )
        connection.execute(
            "insert into public.alert_channel_secrets values (%s, repeat('x', 60))", [channel]
        )
        found = look("channels", world)
        assert found.status == "failed" and "opens with no key" in found.what and is_told(found)
        for path, status, says in (
            ("/fine", "ok", "A test arrived"),
            ("/broken", "failed", "status 500"),
        ):
            connection.execute("update public.alert_channel_secrets set sealed = %s", [seal(path)])
            world.sends = False
            before = len(got)
            assert look("channels", world).status == "ok" and len(got) == before
            world.sends = True
            found = look("channels", world)
            assert (found.status, says in found.what, len(got)) == (status, True, before + 1)
        connection.execute("update public.alert_channels set kind = 'mail'")
        found = look("channels", world)
        assert found.status == "failed" and "SMTP_URL" in found.what and is_told(found)
    assert "make doctor" in got[0]["text"]
    server.shutdown()
    thread.join()
    server.server_close()


def test_webhooks_are_compared_with_figmas_list(
    database: Database, stack: Stack, monkeypatch: pytest.MonkeyPatch
):
    with Sandbox.start() as sandbox:
        settings: Settings = make_settings(database, stack, figma_api_url=sandbox.url)
        world = World(settings, {})
        ada = sandbox.person("Ada Okafor")
        token = FigmaToken(ada["token"], "pat")
        team = ada["admin_of_team"]
        figma = FigmaClient(settings)
        made = figma.create_webhook(
            token, context="team", context_id=team, endpoint=settings.webhook_url,
            passcode="p" * 20, status="PAUSED",
        )  # fmt: skip
        sql = Sql(database.admin_url)
        user = sql.sign_in("ada")
        sql.connection.execute("reset role")
        sealed = Vault(settings).encrypt(ada["token"])
        sql.connection.execute(
            "update public.figma_tokens set access_token_encrypted = %s,"
            " expires_at = now() + interval '1 day'",
            [sealed],
        )
        sql.connection.execute(
            "insert into public.user_webhooks (user_id, figma_webhook_id, context, context_id,"
            " passcode_encrypted, passcode_hash, state)"
            " values (%s, %s, 'team', %s, 'x', 'x', 'active')",
            [user, made.id, team],
        )

        def says(status: str, words: str) -> None:
            found = look("webhooks", world)
            assert (found.status, words in found.what) == (status, True), found.what
            assert status == "ok" or is_told(found)

        # The sandbox has personal tokens ready; those of an app stand elsewhere in the request.
        monkeypatch.setattr(figma_checks, "FigmaToken", partial(FigmaToken, kind="pat"))
        try:
            says("failed", "Figma has it as paused")
            figma.update_webhook(token, made.id, status="ACTIVE")
            says("ok", "1 of 1 were compared")
            figma.update_webhook(token, made.id, endpoint="http://127.0.0.1:9/hook")
            says("failed", "it delivers to another address")
            stranger = figma.create_webhook(
                token, context="team", context_id=team, endpoint=settings.webhook_url,
                passcode="p" * 20, status="PAUSED",
            )  # fmt: skip
            says("failed", "1 deliver here and are not known")
            figma.delete_webhook(token, stranger.id)
            figma.delete_webhook(token, made.id)
            says("failed", "Figma has no such webhook any more")
        finally:
            figma.close()
            sql.connection.close()
            world.close()
