"""Which comments the error rate and the objectives count, and which limits they can judge."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from local.stack import Database
from local.stack.stack import ROOT
from sql.apply import apply
from tests.sql.acting import Act, act
from tests.sql.conftest import refused

__all__ = ["act"]

USED = {"provider": "openai", "model": "m", "cost_state": "priced", "cost_microusd": 7}
ROLLUPS = ("reliability_daily", "reliability_hourly_teams")
EVERYBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def webhook(sql: Any) -> str:
    return sql.switch_on(sql.sign_in("1"))


def begin(sql: Any, webhook: str, comment_id: str, decision: str, **fields: Any) -> tuple[str, int]:
    """An answer that was decided, and its attempt."""
    answer_id = sql.ask(webhook, comment_id, **fields)["answer_id"]
    begun = sql.begin(answer_id)
    assert begun["decision"] == decision
    return answer_id, begun["attempt"]


def reply(sql: Any, answer_id: str, _attempt: int) -> None:
    sql.settle(answer_id, f"reply-{answer_id}", **USED)


def fail(sql: Any, answer_id: str, attempt: int) -> None:
    sql.call("release_use", answer_id, attempt, "figma_down", "Figma is down.", {})


def ask_in_every_way(sql: Any, webhook: str) -> None:
    """Three answers and a failure; and of each other kind of reply one that failed, one posted."""
    for number in range(3):
        reply(sql, *begin(sql, webhook, f"a{number}", "answer"))
    fail(sql, *begin(sql, webhook, "f", "answer"))
    for number, close in enumerate((reply, fail)):
        close(sql, *begin(sql, webhook, f"c{number}", "command", command="usage"))
        close(sql, *begin(sql, webhook, f"g{number}", "invite", author_figma_id=f"9{number}"))
    sql.rows("update public.use_balances set used = 10 returning 1")
    for number, close in enumerate((reply, fail)):
        close(sql, *begin(sql, webhook, f"r{number}", "refuse"))


def rollups(sql: Any) -> list[list[tuple]]:
    return [sql.rows(f"select * from public.{each} as kept order by kept") for each in ROLLUPS]


def test_cases_are_the_comments_that_were_to_be_answered(sql: Any, webhook: str, act: Act) -> None:
    ask_in_every_way(sql, webhook)
    end = datetime.now(UTC) + timedelta(hours=1)
    found = act("support", "reliability", [end - timedelta(hours=3)], end)
    assert (found["answered"], found["failed"]) == (3, 1)
    assert found["causes"] == [{"error_code": "figma_down", "failed": 1}]
    days = sql.rows("select sum(answered)::int, sum(failed)::int from public.reliability_daily")
    assert days == [(3, 1)]
    windows = sql.rows("select distinct cases, good from public.slo_windows()")
    assert windows == [(4, 3)]
    totals = act("founder", "overview", end - timedelta(hours=3), end, None, None, "hour")["totals"]
    # Refused: a refusal and an invitation that were posted.
    assert [totals[name] for name in ("answers", "failed", "refused")] == [3, 1, 2]
    kept = rollups(sql)
    sql.rows("select private.rebuild_reliability()")
    assert rollups(sql) == kept


def test_failing_commands_leave_a_day_of_commands_without_an_error_rate(
    sql: Any, webhook: str, act: Act
) -> None:
    for number in range(5):
        close = fail if number == 3 else reply
        close(sql, *begin(sql, webhook, f"c{number}", "command", command="usage"))
    end = datetime.now(UTC) + timedelta(hours=1)
    found = act("support", "reliability", [end - timedelta(hours=3)], end)
    assert (found["answered"], found["failed"], found["causes"]) == (0, 0, [])


def test_a_deploy_counts_rollups_anew_that_have_no_hours_of_everybody(
    sql: Any, webhook: str, database: Database
) -> None:
    ask_in_every_way(sql, webhook)
    kept = rollups(sql)
    with psycopg.connect(database.database_url, autocommit=True) as owner:
        hours = "delete from public.reliability_hourly_teams where team_id = %s"
        owner.execute(hours, [EVERYBODY])
        owner.execute("update public.reliability_daily set failed = failed + 2")
        owner.execute("delete from private.schema_migrations where name = 'functions'")
    apply(database.database_url, say=lambda _: None)
    assert rollups(sql) == kept


def test_days_with_coarse_histograms_are_counted_anew_from_the_ledger(
    sql: Any, webhook: str, database: Database
) -> None:
    ask_in_every_way(sql, webhook)
    migration = (ROOT / "sql/migrations/0055_fine_histograms.sql").read_text()
    query = "select * from public.reliability_daily as kept order by kept"
    with (
        psycopg.connect(database.database_url) as owner,
        owner.transaction(force_rollback=True),
    ):
        owner.execute("alter table public.usage_logs disable trigger user")
        owner.execute("update public.usage_logs set at = at - interval '9 days'")
        owner.execute("select private.rebuild_reliability()")
        kept = owner.execute(query).fetchall()
        coarse = "array_fill(7::bigint, array[84])"
        owner.execute(f"update public.reliability_daily set latency_histogram = {coarse}")
        assert owner.execute(migration.encode()).rowcount > 0
        assert owner.execute(query).fetchall() == kept
        assert owner.execute(migration.encode()).rowcount == 0


def test_no_more_answers_are_in_time_than_there_are(sql: Any) -> None:
    counts = (
        "private.histogram_of(array[private.fine_bucket(1440000), private.fine_bucket(2000000)],"
        " array[3, 5]::bigint[])"
    )
    limits = [1_380_000, 1_440_000, 1_500_000, 2_100_000, 3_600_000]
    told = [sql.rows(f"select private.within_limit({counts}, %s)", each)[0][0] for each in limits]
    # Of the bucket that holds the limit what lies below it.
    assert told[0] == 0 and 0 < told[1] < 3
    assert told[2:] == [pytest.approx(3), pytest.approx(8), pytest.approx(8)]


def test_a_limit_that_cannot_be_told_is_refused_in_a_sentence(sql: Any, act: Act) -> None:
    ask = ("set_reliability_target", "in_time", Decimal("0.9"))
    for limit in (None, 999, 1_440_001):
        with refused("between one second and 24 minutes") as refusal:
            act("founder", *ask, limit, "a good reason")
        assert refusal.value.sqlstate == "PT422"
    act("founder", *ask, 1_440_000, "a good reason")
    assert sql.rows("select max(threshold_ms) from public.reliability_targets") == [(1_440_000,)]
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.rows("update public.reliability_targets set threshold_ms = 1440001 returning 1")
