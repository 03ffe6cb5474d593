"""Nothing is open to outsiders: the catalogue itself is asked, so that nothing new is forgotten."""

import contextlib

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

from local.stack import Database
from tests.sql.access_columns import TABLES
from tests.sql.access_matrix import OPERATOR_FUNCTIONS

# Functions with their owner's rights, each of which checks the role itself.
DEFINERS = {"audit", "operator_role", "queue_status", "set_reporting", "first_payments"}
DEFINERS |= {"discard_answer", "operator_set_webhook_state", "plan_replay", "replay_answers"}
DEFINERS |= {"set_reliability_target"}
DEFINERS |= {"find_people", "person_card", "reveal_person", "reveal_answer", "verify_audit_log"}
DEFINERS |= {
    "analysis_detail",
    "answer_detail",
    "change_team_plan",
    "day_spend",
    "team_detail",
    "reveal_analysis",
}
DEFINERS |= {"pipeline_detail", "operator_cancel_pipeline", "operator_retry_pipeline"}
DEFINERS |= {"set_pipeline_limits"}
DEFINERS |= {"operator_export_person", "operator_save_context", "operator_undo_context"}
DEFINERS |= {"operator_grant_uses", "operator_revoke_grant", "operator_change_plan"}
DEFINERS |= {"operator_set_state", "operator_delete_account"}
DEFINERS |= {"operator_offer_rehearsal", "operator_read_rehearsal", "operator_start_rehearsal"}
DEFINERS |= {"add_bill_lines", "finish_bill", "match_bills", "remove_bill", "start_bill"}
DEFINERS |= {"set_bill_header", "set_bill_model", "model_call_counts", "clear_canaries"}
DEFINERS |= {"assignable_operators", "set_follow_up", "set_weekly_report"}
DEFINERS |= {"save_date_note", "remove_date_note", "save_person_note", "remove_person_note"}
DEFINERS |= {"save_view", "remove_view", "saved_view_list"}
DEFINERS |= {"accept_invitation", "invite_operator", "remove_invitation", "resend_invitation"}
# Only an owner makes and drops tables; only the service may call it.
DEFINERS |= {"tend_partitions"}
# These are called by functions that did.
DEFINERS |= {"people_hits", "note_access", "operator_email", "chain_audit", "note_audit_head"}
DEFINERS |= {"note_pipeline"}
DEFINERS |= {"add_alert_channel", "change_alert_channel", "remove_alert_channel"}
DEFINERS |= {"test_alert_channel", "resend_alert", "set_product_setting", "set_team_flag"}
DEFINERS |= {"set_team_sharing"}
DEFINERS |= {"apply_repricing", "set_budget", "set_model_price", "set_plan", "change_operator"}
DEFINERS |= {"add_billing_adjustment", "book_late_fees", "close_month"}

# Views with their owner's rights: what a role may know of a table that it may not read. They are
# in a schema that the API does not reach, and ask for the role as well.
DEFINER_VIEWS = {"support_ledger", "support_days", "support_audit", "payer_names"}
DEFINER_VIEWS |= {"pipeline_spending"}

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
        if not TABLES[name].who:
            reads = catalogue.execute(
                "select has_any_column_privilege('authenticated', %s, 'select')", (relation,)
            ).fetchone()
            assert reads == (False,), f"operators may read {name}"
        for column in TABLES[name].closed_columns:
            reads = catalogue.execute(
                "select has_column_privilege('authenticated', %s, %s, 'select')", (relation, column)
            ).fetchone()
            assert reads == (False,), f"operators may read {name}.{column}"
    callable_functions = {
        name.removeprefix("public.")
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
    definer_views = catalogue.execute(
        "select relname, pg_get_viewdef(oid) from pg_class where relkind = 'v'"
        " and relnamespace = 'private'::regnamespace"
        " and not coalesce(reloptions, '{}') @> array['security_invoker=true']"
    ).fetchall()
    assert open_tables == []
    assert open_views == []
    assert {name for name, _ in definer_views} == DEFINER_VIEWS
    assert all("private.has_role(" in definition for _, definition in definer_views)


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
    assert {name for (name,) in definers} == DEFINERS


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
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
            and obj_description(oid, 'pg_class') is null
        union all
        select proname || '()' from pg_proc
        where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
            and obj_description(oid, 'pg_proc') is null
        union all
        select attrelid::regclass || '.' || attname from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0
            and not attisdropped and col_description(attrelid, attnum) is null
    """).fetchall()
    assert silent == []


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
        insert into public.pipeline_targets (owner_id, is_team, user_id, repository, base_branch,
            token_encrypted) select id, false, id, 'a/b', 'main', 'x' from public.users;
        insert into public.retention_runs (name) values ('deliveries');
        insert into public.model_sharing (id, is_team, level, user_id)
            select id, false, 'texts', id from public.users;
        insert into public.sharing_choices (team_id, chooser_id, level)
            select teams.id, users.id, 'texts' from public.teams cross join public.users;
        insert into public.sessions (token_hash, user_id, expires_at)
            select 'x', id, now() from public.users;
        insert into public.plugin_handovers (challenge, expires_at)
            values (repeat('x', 43), now());
        insert into public.deleted_accounts (figma_user_hash, trial_uses) values ('x', 1);
        insert into public.rate_windows values (repeat('x', 64), 1, now() + interval '1 day');
        insert into public.user_contexts (user_id) select id from public.users;
        insert into public.user_context_versions (user_id, version, content, saved_by)
            select id, 1, '{}', 'user' from public.users;
        insert into public.user_webhooks (user_id, context, context_id, passcode_encrypted,
            passcode_hash) select id, 'file', 'KEY', 'x', 'x' from public.users;
        insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome, payload)
            select id, 'PING', '1', 'ping', '{}' from public.user_webhooks;
        insert into public.webhook_removals (id, user_id)
            select id, user_id from public.user_webhooks;
        insert into public.provider_hourly values (now(), 'openai', 'm', 'answered', 'ok');
        insert into public.grounding_hourly values (gen_random_uuid(), now(), '', 'grounded', 1);
        insert into public.advice_outcomes (answer_id, settled_at, file_key)
            values (gen_random_uuid(), now(), 'KEY');
        insert into public.advice_rules select answer_id, 'r', 1 from public.advice_outcomes;
        insert into public.advice_reads
            select answer_id, 1, 'KEY', now() from public.advice_outcomes;
        insert into public.advice_thumbs
            select answer_id, '1', answer_id, true from public.advice_outcomes;
        insert into public.advice_hourly
            values (gen_random_uuid(), 'rule', now(), '', 'r', 'taken', 1);
        insert into public.advice_contexts_daily values (now(), 'c', '', 'taken', 1);
        insert into public.queue_samples values (now(), 0, 0, 0, 0, 0, 0);
        insert into public.webhook_hourly select now(), id, 'ping' from public.user_webhooks;
        insert into public.webhook_daily
            select id, current_date, 'ping', 1, 0 from public.user_webhooks;
        insert into public.subscriptions (user_id, plan_code) select id, 'pro' from public.users;
        insert into public.use_grants (user_id, plan_code, period_start, uses, reason, granted_by)
            select id, 'pro', current_date, 1, 'x', 'x' from public.users;
        insert into public.use_balances (user_id, plan_code, period_start)
            select id, 'pro', current_date from public.users;
        insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id)
            values ('KEY', '1', '1', '1');
        insert into public.answer_traces (answer_id, run, attempt, ended)
            select id, 1, 1, 'drafted' from public.answers;
        insert into public.spend_reservations (answer_id, microusd)
            values (gen_random_uuid(), 1);
        insert into public.spend_stops (day, limit_microusd, spent_microusd) values (now(), 1, 1);
        insert into public.chain_models (id, place) values ('openai/m', 1);
        insert into public.prompt_rules (hash, version, rules) values ('x', '1', 'x');
        insert into public.analyses (user_id, type, cache_scope, cache_key)
            select id, 'design-analysis', id, 'k' from public.users;
        insert into public.analysis_claims (scope, key, analysis_id, renew_by)
            select user_id, 'k', id, now() from public.analyses;
        insert into public.analysis_batches (user_id) select id from public.users;
        insert into public.analysis_windows select id, 1, 0, 0 from public.users;
        insert into public.ignored_findings (user_id, file_key, fingerprint)
            select id, 'KEY', repeat('0', 16) from public.users;
        insert into public.suggestion_outcomes (analysis_id, ref, user_id, source, outcome)
            select id, 1, user_id, 'model', 'applied' from public.analyses;
        insert into public.analysis_ends (analysis_id, run, type, state)
            select id, 1, type, 'cancelled' from public.analyses;
        insert into public.analysis_daily values (now(), 'pro', 'x', 'model', '', 1, 0);
        insert into public.analysis_times_daily values ('*', now(), 101, 1);
        insert into public.analysis_rules_daily values (now(), 'pro', 'r', 'model', 1, 0, 0, 0, 0);
        insert into public.analysis_limited values (now(), 'pro', gen_random_uuid(), 1);
        insert into public.pipelines (user_id, owner_id, source, file_key, node_id, at_once,
            ceiling_microusd) select id, id, 'api', 'KEY', '1:2', 3, 1 from public.users;
        insert into public.pipeline_stages (pipeline_id, stage, round, attempt, run, lease_until)
            select id, 'read', 0, 1, 1, now() from public.pipelines;
        insert into public.pipeline_artifacts (pipeline_id, kind, round, path, bytes, sha256,
            media_type) select id, 'zip', 0, 'x', 1, repeat('0', 64), 'x' from public.pipelines;
        insert into public.pipeline_quality (pipeline_id, round, metric_version, is_passed)
            select id, 0, 1, true from public.pipelines;
        insert into public.pipeline_calls (pipeline_id, stage, round, attempt, number, ledger_run,
            outcome) select id, 'generate', 0, 1, 1, 1, 'answered' from public.pipelines;
        insert into public.pipeline_runners values (0);
        insert into public.answer_previews (answer_id, webhook_id, until)
            select answers.id, user_webhooks.id, now() from public.answers, public.user_webhooks;
        insert into public.rehearsals (user_id, content, ceiling_microusd)
            select id, '{}', 1 from public.users;
        insert into public.rehearsed_answers (rehearsal_id, number, answer_id)
            select rehearsals.id, 1, answers.id from public.rehearsals, public.answers;
        insert into public.date_notes (id, day, text, written_by)
            values (gen_random_uuid(), current_date, 'x', 'x');
        insert into public.person_notes (id, user_id, text, written_by)
            select id, id, 'x', 'x' from public.users;
        insert into public.follow_ups (user_id, reason, is_done, written_by)
            select id, 'failed', false, 'x' from public.users;
        insert into public.saved_views (operator_id, page, name, query)
            values (gen_random_uuid(), 'growth', 'x', '');
        insert into public.pipeline_limits (team_id) select id from public.teams;
        insert into public.pipeline_history (pipeline_id, started_at)
            select id, now() from public.pipelines on conflict do nothing;
        insert into public.pipeline_hourly values (now(), 'pro', 'gated', '', '', 1, 0);
        insert into public.pipeline_measures_hourly values (now(), 'pro', 'run', 1, 1, 1);
        insert into public.pipeline_daily values ('*', now(), 'gated', '', '', 1, 0);
        insert into public.pipeline_measures_daily values ('*', now(), 'run', 1, 1, '{101}', '{1}');
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
        insert into public.usage_logs (answer_id, feature, status, cost_state, cost_microusd,
            team_id)
            select answers.id, 'comment', 'answered', 'priced', 5, teams.id
            from public.answers, public.teams;
        insert into public.usage_logs (answer_id, feature, status, cost_state, cost_microusd)
            select id, 'analysis', 'answered', 'priced', 5 from public.analyses;
        insert into public.usage_hourly (hour, plan_code, feature, provider, model, status,
            error_code, latency_histogram, model_latency_histogram)
            values (now(), '', '', '', '', '', '', '{}', '{}');
        insert into public.usage_daily select current_date, plan_code, feature, provider, model,
            status, error_code, 1, 0, 0, 0, 0, 0, 0, 0, 0, '{}', '{}' from public.usage_hourly;
        insert into public.usage_hourly_teams (team_id, hour, plan_code, feature, status,
            latency_histogram) select id, now(), '', '', '', '{}' from public.teams;
        insert into public.usage_daily_users (day, user_id, plan_code)
            select current_date, id, '' from public.users;
        insert into public.repricings (id, provider, model, from_at, to_at,
            input_microusd_per_million, output_microusd_per_million, done_to, actor, reason)
            values (gen_random_uuid(), 'openai', 'm', '2026-01-01', '2026-02-01', 1, 1,
                '2026-01-01', 'x', 'x');
        insert into public.adjustments (kind, for_at, amount_microusd, key, actor, reason)
            values ('ai_cost', now(), 1, 'x', 'x', 'x');
        insert into public.model_calls (at, usage_id, answer_id, feature, provider, model,
            cost_state) values (now(), 1, gen_random_uuid(), 'comment', 'p', 'm', 'unknown');
        insert into public.model_call_days values (current_date, 'p', 'm', '');
        insert into public.provider_bills (id, provider, format, first_day, last_day, tells,
            state, uploaded_by) select gen_random_uuid(), 'p', 'f', current_date, current_date,
            '{calls}', 'ready', 'x';
        insert into public.provider_bill_lines (bill_id, line, day, model)
            select id, 0, current_date, 'm' from public.provider_bills;
        insert into public.provider_bill_days (bill_id, day, model)
            select id, current_date, 'm' from public.provider_bills;
        insert into public.provider_bill_models (provider, billed, model) values ('p', 'm', 'm');
        insert into public.provider_bill_headers values (repeat('0', 64), '{}');
        insert into public.provider_bill_drifts values ('p', current_date, 1, 1, 0, 1);
        insert into public.health_facts (code, subject, facts) values ('disk', 'database', '{}');
        insert into public.preview_mails (user_id) select id from public.users;
        insert into public.refresh_failures (user_id, is_final) select id, true from public.users;
        insert into public.isolation_runs (state, ended_at) values ('green', now());
        insert into public.budgets (scope, monthly_microusd) values ('global', 1);
        insert into public.budget_alerts (budget_id, month, threshold, spent_microusd,
            monthly_microusd) select id, current_date, 50, 1, 1 from public.budgets;
        insert into public.activity (kind) values ('sign_up');
        insert into public.user_features select id, 'comment', 'pro', now(), now(), 1
            from public.users;
        insert into public.feature_days values (current_date, 'comment', 'pro', null, 1);
        insert into public.active_periods select id, 'day', current_date, 'pro', null, 1, true
            from public.users;
        insert into public.growth_counts
            values ('day', current_date, 'pro', null, 1, 1, 0, 0, 0, 1, 1);
        insert into public.billing_months (code, month, closed_by, reason)
            values ('2020-01', '2020-01-01', 'x', 'over');
        insert into public.billing_statements (month, payer_kind, plan_code, seats, uses, included,
            overage_uses, fee_microusd, overage_microusd, credits_microusd, adjustments_microusd,
            ai_cost_microusd, unpriced)
            values ('2020-01-01', 'nobody', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        insert into public.billing_adjustments (month, for_month, dated, kind, payer_kind, actor,
            reason) values ('2020-02-01', '2020-02-01', '2020-02-01', 'charge', 'nobody', 'x', 'x');
        insert into public.service_profile (sealing_key, defaults) values (repeat('x', 44), '{}');
        insert into public.product_settings (code, value) values ('job_attempts', '3');
        insert into public.operator_invitations (id, email, role, address, invited_by, expires_at)
            values (gen_random_uuid(), 'x@x', 'support', 'x', 'x', now());
        insert into public.alert_channels (id, kind, name, host, kinds)
            values (gen_random_uuid(), 'slack', 'x', 'x', '{budget}');
        insert into public.alert_channel_secrets (channel_id, sealed)
            select id, repeat('x', 100) from public.alert_channels;
        insert into public.alerts (kind, subject, title) values ('test', 'x', 'x');
        insert into public.alert_deliveries (alert_id, channel_id)
            select alerts.id, alert_channels.id from public.alerts, public.alert_channels;
        insert into public.webhook_refusals (webhook_id, hour, reason)
            select id, now(), 'not_confirmed' from public.user_webhooks;
        insert into public.webhook_files (webhook_id, file_key, is_covered)
            select id, 'KEY', true from public.user_webhooks;
        insert into public.author_limits (file_key, author_figma_id, answer_id)
            select 'KEY', '2', id from public.answers;
        insert into public.unbilled_spending (day, scope, scope_key)
            values (current_date, 'file', 'KEY');
        insert into public.audit_log (actor, table_name, row_key, operation)
            values ('x', 'x', 'x', 'x');
    """)
