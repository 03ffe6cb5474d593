"""The demo data of `make seed` agrees with itself, as the dashboard expects of real data."""

import psycopg
import pytest

from local.seed import SeedError, seed

PEOPLE = 150
# What each page would otherwise say it has nothing of.
WANTED = (
    "queue_samples where queued > 0", "provider_hourly where outcome = 'failed'",
    "provider_hourly where outcome = 'skipped'", "webhook_hourly where outcome = 'ignored'",
    "budgets where scope = 'global'", "billing_months where closed_by like 'noor@%'",
    "billing_adjustments where kind = 'credit'", "repricings where finished_at is not null",
    "figma_quotas where limited_until > now()", "use_grants", "figma_tokens",
    "user_context_versions where version > 1",
    "analysis_ends where is_cached", "analysis_ends where state = 'failed'",
    "analysis_ends where source = 'measured'", "analysis_ends where batch_id is not null",
    "suggestion_outcomes where outcome = 'undone'", "analyses where result is not null",
    *(f"pipeline_history where outcome = '{each}'" for each in
      ("gated", "not_passed", "untested", "failed", "refused", "cancelled")),
    "pipelines where state = 'queued'", "pipelines where state not in ('queued', 'done', 'failed',"
    " 'cancelled')", "pipeline_quality where round = 2 and is_chosen", "pipeline_artifacts",
    "pipeline_hourly where with_model > 0", "pipeline_measures_hourly where measure = 'repair'",
    "ai_cost_hourly where feature = 'pipeline'", "pipeline_limits",
    "user_webhooks where operator_paused_at is not null", "users where state = 'suspended'",
    "audit_log where actor = 'sam@buddy.example' and reason <> ''",
)  # fmt: skip


def test_the_demo_ledger_and_its_rollups_agree(database):
    made = seed(database.database_url, PEOPLE)
    assert made > 500
    with psycopg.connect(database.database_url) as connection:
        ledger = connection.execute(
            "select count(*), sum(cost_microusd), count(*) filter (where status = 'answered') "
            "from public.usage_logs"
        ).fetchone()
        # A model call for a component is no use of anybody.
        of_people = connection.execute(
            "select count(*), sum(cost_microusd), count(*) filter (where status = 'answered') "
            "from public.usage_logs where feature <> 'pipeline'"
        ).fetchone()
        hourly = connection.execute(
            "select sum(uses), sum(cost_microusd), sum(uses) filter (where status = 'answered') "
            "from public.usage_hourly"
        ).fetchone()
        daily = connection.execute(
            "select sum(answered + refused + failed), sum(cost_microusd), sum(answered) "
            "from public.usage_daily_users"
        ).fetchone()
        counted = connection.execute(
            "select sum(b) from public.usage_hourly, unnest(latency_histogram) as b"
        ).fetchone()
    assert ledger == hourly
    assert (daily[0], daily[2]) == (of_people[0], of_people[2])
    assert daily[1] == ledger[1]
    assert counted == (made,)


def test_a_second_seeding_adds_nothing(database):
    seed(database.database_url, PEOPLE)
    assert seed(database.database_url, PEOPLE) == 0


def test_the_demo_company_has_something_for_every_page(database):
    seed(database.database_url, PEOPLE)
    with psycopg.connect(database.database_url) as connection:
        missing = [
            what
            for what in WANTED
            if not connection.execute(f"select exists (select from public.{what})").fetchone()[0]
        ]
        connection.execute(
            "select set_config('request.jwt.claim.sub', user_id::text, true) from public.operators"
            " where role = 'founder'"
        )
        log = connection.execute("select public.verify_audit_log()").fetchone()[0]
    assert missing == []
    assert log["ok"] and log["rows"] > 50


def test_a_database_elsewhere_is_refused():
    with pytest.raises(SeedError, match="another machine"):
        seed("postgresql://postgres:x@db.project.supabase.co:5432/postgres")
