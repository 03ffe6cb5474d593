"""The demo data of `make seed` agrees with itself, as the dashboard expects of real data."""

import psycopg
import pytest

from local.seed import SeedError, seed


def test_the_demo_ledger_and_its_rollups_agree(database):
    made = seed(database.database_url)
    assert made > 500
    with psycopg.connect(database.database_url) as connection:
        ledger = connection.execute(
            "select count(*), sum(cost_microusd), count(*) filter (where status = 'answered') "
            "from public.usage_logs"
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
    assert ledger == hourly == daily
    assert counted == (made,)


def test_a_second_seeding_adds_nothing(database):
    seed(database.database_url)
    assert seed(database.database_url) == 0


def test_a_database_elsewhere_is_refused():
    with pytest.raises(SeedError, match="another machine"):
        seed("postgresql://postgres:x@db.project.supabase.co:5432/postgres")
