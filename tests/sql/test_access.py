"""Nothing is open to outsiders: the catalogue itself is asked, so that nothing new is forgotten."""

import contextlib

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

from local.stack import Database

# What operators may call. Everything else is for the service alone.
OPERATOR_FUNCTIONS = {
    "public.current_operator",
    "public.overview_days",
    "public.overview_hours",
    "public.overview_totals",
    "public.queue_status",
    "public.trial_totals",
}
# Tables no operator may read at all, and columns that hold words or secrets.
CLOSED_TABLES = {
    "bot_identity",
    "deleted_accounts",
    "figma_tokens",
    "plugin_handovers",
    "sessions",
}
CLOSED_COLUMNS = {
    ("answers", "question"),
    ("answers", "draft"),
    ("answers", "facts"),
    ("user_webhooks", "passcode_encrypted"),
    ("user_webhooks", "passcode_hash"),
    ("users", "email"),
    ("webhook_deliveries", "payload"),
}
FIGURES = {"usage_hourly", "usage_logs", "usage_daily_users", "plans", "subscriptions", "teams"}
FIGURES |= {"use_balances", "use_receipts", "users", "operators"}
WORDS = {"answers", "activity", "audit_log", "figma_quotas", "guest_invites", "thread_mutes"}
WORDS |= {"user_contexts", "user_context_versions", "user_webhooks", "webhook_deliveries"}
READS = {
    "founder": FIGURES | WORDS | {"model_prices", "answer_list"},
    "support": FIGURES | WORDS | {"answer_list"},
    "finance": FIGURES | {"model_prices"},
}

RELATIONS = """
    select relname, oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
"""
FUNCTIONS = """
    select pronamespace::regnamespace || '.' || proname, oid from pg_proc
    where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
"""


@pytest.fixture
def open_client(database: Database):
    """Makes Supabase clients with a given key, and closes their connections afterwards."""
    with contextlib.ExitStack() as open_until_the_end:

        def open_one(key: str) -> Client:
            http = open_until_the_end.enter_context(httpx.Client(timeout=10))
            options = ClientOptions(httpx_client=http, auto_refresh_token=False)
            return create_client(database.supabase_url, key, options)

        yield open_one


@pytest.fixture
def sign_up_operator(database: Database, open_client):
    """Makes a signed-in client of somebody with a role; None: signed in, but no operator."""

    def sign_up(role: str | None) -> Client:
        email = f"{role}@example.test"
        client = open_client(database.anon_key)
        user = client.auth.sign_up({"email": email, "password": "correct horse battery"}).user
        if role:
            parameters = {"p_user_id": user.id, "p_email": email, "p_role": role}
            open_client(database.service_role_key).rpc("set_operator", parameters).execute()
        return client

    return sign_up


@pytest.fixture
def catalogue(database: Database):
    with psycopg.connect(database.admin_url) as connection:
        yield connection


def test_anon_may_do_nothing(catalogue):
    verbs = "select,insert,update,delete,truncate,references,trigger"
    for name, relation in catalogue.execute(RELATIONS).fetchall():
        allowed = catalogue.execute(
            "select has_table_privilege('anon', %s, %s)"
            " or has_any_column_privilege('anon', %s, %s)",
            (relation, verbs, relation, "select,insert,update,references"),
        ).fetchone()
        assert allowed == (False,), f"anon may touch {name}"
    for name, oid in catalogue.execute(FUNCTIONS).fetchall():
        allowed = catalogue.execute(
            "select has_function_privilege('anon', %s::oid, 'execute')", (oid,)
        ).fetchone()
        assert allowed == (False,), f"anon may call {name}"


def test_operators_may_only_read_and_only_what_is_listed(catalogue):
    for name, relation in catalogue.execute(RELATIONS).fetchall():
        writes = catalogue.execute(
            "select has_table_privilege('authenticated', %s, 'insert,update,delete,truncate')"
            " or has_any_column_privilege('authenticated', %s, 'insert,update')",
            (relation, relation),
        ).fetchone()
        assert writes == (False,), f"operators may write {name}"
        if name in CLOSED_TABLES:
            reads = catalogue.execute(
                "select has_any_column_privilege('authenticated', %s, 'select')", (relation,)
            ).fetchone()
            assert reads == (False,), f"operators may read {name}"
    for table, column in CLOSED_COLUMNS:
        reads = catalogue.execute(
            "select has_column_privilege('authenticated', %s, %s, 'select')", (table, column)
        ).fetchone()
        assert reads == (False,), f"operators may read {table}.{column}"
    callable_functions = {
        name
        for name, oid in catalogue.execute(FUNCTIONS).fetchall()
        if name.startswith("public.")
        and catalogue.execute(
            "select has_function_privilege('authenticated', %s::oid, 'execute')", (oid,)
        ).fetchone()
        == (True,)
    }
    assert callable_functions == OPERATOR_FUNCTIONS


def test_every_table_has_row_level_security_and_every_view_obeys_it(catalogue):
    open_tables = catalogue.execute(
        "select relname from pg_class where relnamespace in ('public'::regnamespace,"
        " 'private'::regnamespace) and relkind in ('r', 'p') and not relrowsecurity"
    ).fetchall()
    open_views = catalogue.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions, '{}') @> array['security_invoker=true']"
    ).fetchall()
    assert open_tables == []
    assert open_views == []


def test_every_function_fixes_its_search_path_and_only_known_ones_are_definers(catalogue):
    loose = catalogue.execute(
        "select proname from pg_proc where pronamespace in ('public'::regnamespace,"
        " 'private'::regnamespace) and not coalesce(proconfig::text, '') like '%search_path=%'"
    ).fetchall()
    definers = catalogue.execute(
        "select proname from pg_proc where prosecdef and pronamespace in ('public'::regnamespace,"
        " 'private'::regnamespace) order by proname"
    ).fetchall()
    assert loose == []
    assert definers == [("audit",), ("operator_role",), ("queue_status",)]


def test_every_foreign_key_has_an_index(catalogue):
    missing = catalogue.execute("""
        select con.conrelid::regclass::text, con.conname from pg_constraint as con
        where con.contype = 'f' and con.connamespace = 'public'::regnamespace and not exists (
            select from pg_index as ix where ix.indrelid = con.conrelid
                and (ix.indkey::int2[])[0] = con.conkey[1])
    """).fetchall()
    assert missing == []


def test_everything_has_a_comment(catalogue):
    silent = catalogue.execute("""
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
            and obj_description(oid, 'pg_class') is null
        union all
        select proname || '()' from pg_proc
        where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
            and obj_description(oid, 'pg_proc') is null
        union all
        select attrelid::regclass || '.' || attname from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
            and not attisdropped and col_description(attrelid, attnum) is null
    """).fetchall()
    assert silent == []


@pytest.mark.parametrize("role", [None, "founder", "support", "finance"])
def test_each_role_reads_what_it_needs_and_is_refused_the_rest(
    database: Database, sign_up_operator, role
):
    operator = sign_up_operator(role)
    with psycopg.connect(database.admin_url) as connection:
        add_one_row_each(connection)
        names = [name for name, _ in connection.execute(RELATIONS).fetchall()]
    for name in names:
        rows = visible_rows(operator, name)
        if role and name in READS[role]:
            assert rows > 0, f"{role} sees nothing in {name}"
        else:
            assert rows == 0, f"{role} sees {name}"


def test_a_disabled_operator_sees_nothing_at_once(database: Database, sign_up_operator):
    operator = sign_up_operator("founder")
    assert visible_rows(operator, "plans") > 0
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("update public.operators set disabled_at = now()")
    assert visible_rows(operator, "plans") == 0


def test_the_ledger_and_the_audit_log_cannot_be_changed_even_by_their_owner(database: Database):
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute(
            "insert into public.usage_logs (answer_id, feature, status, cost_state, cost_microusd)"
            " values (gen_random_uuid(), 'comment', 'answered', 'priced', 5)"
        )
        for statement in (
            "update public.usage_logs set cost_microusd = 0",
            "delete from public.usage_logs",
            "truncate public.usage_logs",
            "truncate public.audit_log",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def visible_rows(client: Client, relation: str) -> int:
    """How many rows a client gets of the columns it may read; 0 when it may read none."""
    for columns in ("*", "id", "user_id", "webhook_id"):
        try:
            return len(client.table(relation).select(columns).limit(5).execute().data)
        except APIError as error:
            assert error.code in ("42501", "42703"), error.code
    return 0


def add_one_row_each(connection: psycopg.Connection) -> None:
    """One row in every table of the schema, by way of the tables' own defaults."""
    connection.execute("""
        insert into public.teams (name) values ('Team');
        insert into public.users (figma_user_id, handle) values ('1', 'Ada');
        insert into public.figma_tokens (user_id, access_token_encrypted, expires_at)
            select id, 'x', now() from public.users;
        insert into public.sessions (token_hash, user_id, expires_at)
            select 'x', id, now() from public.users;
        insert into public.plugin_handovers (challenge, expires_at)
            values (repeat('x', 43), now());
        insert into public.deleted_accounts (figma_user_hash, trial_uses) values ('x', 1);
        insert into public.user_contexts (user_id) select id from public.users;
        insert into public.user_context_versions (user_id, version, content, saved_by)
            select id, 1, '{}', 'user' from public.users;
        insert into public.user_webhooks (user_id, context, context_id, passcode_encrypted,
            passcode_hash) select id, 'file', 'KEY', 'x', 'x' from public.users;
        insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome, payload)
            select id, 'PING', '1', 'ping', '{}' from public.user_webhooks;
        insert into public.subscriptions (user_id, plan_code) select id, 'pro' from public.users;
        insert into public.use_balances (user_id, plan_code, period_start)
            select id, 'pro', current_date from public.users;
        insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id)
            values ('KEY', '1', '1', '1');
        insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
            select answers.id, 1, users.id, 'pro', current_date from public.answers, public.users;
        insert into public.model_prices (provider, model, valid_from, input_microusd_per_million,
            output_microusd_per_million) values ('openai', 'm', now(), 1, 1);
        insert into public.thread_mutes values ('KEY', '1', '1');
        insert into public.guest_invites (file_key, author_figma_id, answer_id)
            select 'KEY', '2', id from public.answers;
        insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until)
            values ('1', 'KEY', 1, now());
        insert into public.bot_identity (figma_user_id, handle) values ('9', 'Buddy');
        insert into public.usage_logs (answer_id, feature, status, cost_state, cost_microusd)
            select id, 'comment', 'answered', 'priced', 5 from public.answers;
        insert into public.usage_hourly (hour, plan_code, feature, provider, model, status,
            error_code, latency_histogram, model_latency_histogram)
            values (now(), '', '', '', '', '', '', '{}', '{}');
        insert into public.usage_daily_users (day, user_id, plan_code)
            select current_date, id, '' from public.users;
        insert into public.activity (kind) values ('sign_up');
        insert into public.audit_log (actor, table_name, row_key, operation)
            values ('x', 'x', 'x', 'x');
    """)
