"""MRR and its movements by worked examples; who stays; other prices for a past month."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

JULY, AUGUST = "2026-07-01T00:00Z", "2026-08-01T00:00Z"


@pytest.fixture
def subscribe(sql):
    """subscribe(payer, plan, seats, start, end): a payer is a letter; T… are teams."""
    known: dict[str, str] = {}

    def payer_id(payer: str) -> str:
        if payer not in known:
            made = (
                sql.rows("insert into public.teams (name) values (%s) returning id", payer)
                if payer.startswith("T")
                else sql.rows(
                    "insert into public.users (figma_user_id, handle) values (%s, %s) returning id",
                    payer, payer,
                )
            )  # fmt: skip
            known[payer] = made[0][0]
        return known[payer]

    def add(payer: str, plan: str, seats: int, start: str, end: str | None = None) -> None:
        column = "team_id" if payer.startswith("T") else "user_id"
        sql.connection.execute(
            f"insert into public.subscriptions ({column}, plan_code, seats, starts_at, ends_at)"
            " values (%s, %s, %s, %s, %s)",
            (payer_id(payer), plan, seats, f"{start}Z", end and f"{end}Z"),
        )

    return add


def totals(sql: Any, start: str = JULY, end: str = AUGUST) -> dict[str, Any]:
    found = sql.call("revenue_totals", start, end, None, None)
    return {k.removesuffix("_microusd"): v for k, v in found.items()}


def test_each_of_the_five_movements_by_a_worked_example(sql, subscribe):
    subscribe("T1", "enterprise", 2, "2026-01-01", "2026-07-10")  # 200 → 500: expansion 300
    subscribe("T1", "enterprise", 5, "2026-07-10")
    subscribe("T2", "enterprise", 3, "2026-01-01", "2026-07-12")  # 300 → 100: contraction 200
    subscribe("T2", "enterprise", 1, "2026-07-12")
    subscribe("a", "pro", 1, "2026-07-05")  # new 10
    subscribe("b", "pro", 1, "2026-01-01", "2026-07-20")  # churn 10
    subscribe("c", "pro", 1, "2026-01-01", "2026-03-01")  # back after four months: 10
    subscribe("c", "pro", 1, "2026-07-02")
    subscribe("d", "trial", 1, "2026-07-02")  # a trial is no revenue
    found = totals(sql)
    dollar = 1_000_000
    assert (found["mrr_start"], found["mrr"]) == (510 * dollar, 620 * dollar)
    assert found["new"] == found["churn"] == found["reactivation"] == 10 * dollar
    assert (found["expansion"], found["contraction"]) == (300 * dollar, 200 * dollar)
    assert (found["paying"], found["members"]) == (4, 3)
    assert found["arpu"] == 155 * dollar
    assert found["nrr"] == pytest.approx(600 / 510)
    assert found["grr"] == pytest.approx(300 / 510)
    assert found["quick_ratio"] == pytest.approx(320 / 210)


def test_a_new_price_moves_everybody_who_pays_it(sql, subscribe):
    subscribe("a", "pro", 1, "2026-01-01")
    sql.connection.execute(
        "insert into public.plans (code, valid_from, name, price_microusd, per, uses, period)"
        " values ('pro', '2026-07-15Z', 'Pro', 12000000, 'user', 500, 'month')"
    )
    found = totals(sql)
    assert (found["expansion"], found["mrr"]) == (2_000_000, 12_000_000)


def test_nothing_is_said_about_losses_and_members_there_are_none_of(sql, subscribe):
    subscribe("a", "pro", 1, "2026-07-05")
    found = totals(sql)
    assert (found["nrr"], found["grr"], found["quick_ratio"]) == (None, None, None)


TIMES = st.integers(0, 240).map(lambda hours: f"2026-{6 + hours // 80:02}-{1 + hours % 27:02}")
SPANS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "T1"]), st.integers(1, 4), TIMES, TIMES), max_size=8
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=SPANS)
def test_start_and_movements_make_the_end_and_rows_and_steps_make_the_movements(
    sql, subscribe, spans
):
    sql.connection.execute("delete from public.subscriptions")
    for payer, seats, start, end in spans:
        if start < end:
            subscribe(payer, "pro", seats, start, end)
    for start, end in ((JULY, AUGUST), ("2026-06-10T00:00Z", "2026-08-20T00:00Z")):
        found = totals(sql, start, end)
        gains = found["new"] + found["expansion"] + found["reactivation"]
        moved = gains - found["contraction"] - found["churn"]
        assert found["mrr_start"] + moved == found["mrr"]
        rows = sql.call("revenue_movements", start, end, None, None, "", 1000)
        assert sum(row["after_microusd"] - row["before_microusd"] for row in rows) == moved
        steps = sql.call("revenue_steps", start, end, None, None, "week")
        assert sum(step["mrr_microusd"] for step in steps) == moved
        plans = sql.call("revenue_plans", end, None, None)
        assert sum(plan["mrr_microusd"] for plan in plans) == found["mrr"]


def test_payers_are_paged_without_gap_or_repeat(sql, subscribe):
    for payer in "abcdefg":
        subscribe(payer, "pro", 1, "2026-01-01")
    subscribe("T1", "enterprise", 1, "2026-01-01", "2026-02-01")
    key, found = "", []
    while page := sql.call("revenue_payers", JULY, AUGUST, None, None, key, 2):
        found += page
        key = page[-1]["key"]
    assert sorted(row["payer_name"] for row in found) == list("abcdefg")
    assert {row["kept_microusd"] for row in found} == {10_000_000}


def use(sql: Any, user: str, plan: str, cost: int, at: str = "2026-07-10Z") -> None:
    sql.connection.execute(
        "insert into public.usage_logs (at, answer_id, feature, status, user_id, plan_code,"
        " cost_microusd, cost_state) values (%s, gen_random_uuid(), 'comment', 'answered',"
        " (select id from public.users where handle = %s), %s, %s, 'priced')",
        (at, user, plan, cost),
    )


def test_break_even_is_how_many_mean_answers_a_price_covers(sql, subscribe):
    subscribe("a", "pro", 1, "2026-01-01")
    for cost in (30_000, 70_000):
        use(sql, "a", "pro", cost)
    [plan] = sql.call("margin_by", date(2026, 7, 1), "plan")
    assert (plan["uses"], plan["ai_cost_microusd"]) == (2, 100_000)
    assert plan["margin_microusd"] == 9_900_000
    assert plan["break_even_uses"] == 200


def test_other_prices_and_limits_over_a_real_month(sql, subscribe):
    subscribe("a", "pro", 1, "2026-01-01")
    subscribe("b", "trial", 1, "2026-01-01")
    for _ in range(4):
        use(sql, "a", "pro", 100)
        use(sql, "b", "trial", 10)
    use(sql, "b", "trial", 10, "2026-06-10Z")

    def ask(plans: dict) -> dict:
        rows = sql.call("what_if", date(2026, 7, 1), Jsonb(plans))
        return {row["plan_code"]: row for row in rows}

    same = ask({})
    assert same["pro"]["margin_before_microusd"] == same["pro"]["margin_after_microusd"]
    assert same["pro"]["margin_before_microusd"] == 10_000_000 - 400
    other = ask({"pro": {"price_microusd": 12_000_000, "uses": 3}, "trial": {"uses": 2}})
    assert other["pro"]["fee_after_microusd"] == 12_000_000
    assert (other["pro"]["uses_after"], other["pro"]["cost_after_microusd"]) == (3, 300)
    assert (other["trial"]["uses_after"], other["trial"]["people_cut"]) == (1, 1)
    assert ask({"pro": {"uses": 9000}})["pro"]["uses_after"] == 4
