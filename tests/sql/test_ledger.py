"""Rollups say what the ledger says, and percentiles from histograms are close to the truth."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USES = st.lists(
    st.fixed_dictionaries(
        {
            "model": st.sampled_from(["a", "b"]),
            "cost": st.none() | st.integers(0, 10**9),
            "tokens": st.integers(0, 10**6),
            "fails": st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(uses=USES)
def test_both_rollups_add_up_to_the_ledger(sql, uses):
    ada = sql.sign_in("1")
    webhook = sql.switch_on(ada)
    start = sql.rows("select count(*) from public.answers")[0][0]
    for number, use in enumerate(uses, start):
        answer = sql.ask(webhook, f"c{number}")["answer_id"]
        attempt = sql.begin(answer, 1000, author_replies=10_000)["attempt"]
        usage = {"model": use["model"], "input_tokens": use["tokens"], "model_latency_ms": 5}
        usage |= {"cost_state": "unpriced" if use["cost"] is None else "priced"}
        usage |= {"cost_microusd": use["cost"]}
        if use["fails"]:
            sql.call("release_use", answer, attempt, "figma_down", "", usage)
        else:
            sql.settle(answer, f"r{number}", **usage)
    sums = "coalesce(sum(input_tokens), 0), coalesce(sum(cost_microusd), 0)"
    ledger = sql.rows(
        f"select {sums}, count(*), count(*) filter (where cost_state = 'unpriced')"
        " from public.usage_logs"
    )
    hourly = sql.rows(f"select {sums}, sum(uses), sum(unpriced) from public.usage_hourly")
    daily = sql.rows(
        f"select {sums}, sum(answered + refused + failed), sum(unpriced)"
        " from public.usage_daily_users"
    )
    assert ledger == hourly == daily
    counted = sql.rows(
        "select sum(n) from public.usage_hourly, unnest(latency_histogram) as counts (n)"
    )
    assert counted[0][0] == ledger[0][2]


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("spread", [1.01, 1.5, 3.0])
def test_a_quantile_from_buckets_is_within_a_fifth_of_the_exact_one(sql, share, spread):
    latencies = [round(40 * spread ** (n / 20)) for n in range(1, 101)]
    histogram = [0] * 84
    for latency in latencies:
        histogram[sql.rows("select private.latency_bucket(%s)", latency)[0][0] - 1] += 1
    estimate = sql.rows(
        "select private.bucket_quantile(%s, %s::bigint[], %s)", [*range(1, 85)], histogram, share
    )
    exact = latencies[math.ceil(share * 100) - 1]
    assert abs(estimate[0][0] - exact) <= 0.2 * exact + 1


def test_an_empty_histogram_has_no_quantile(sql):
    for buckets, uses in (([*range(1, 85)], [0] * 84), ([], [])):
        found = sql.rows(
            "select private.bucket_quantile(%s::integer[], %s::bigint[], 0.95)", buckets, uses
        )
        assert found == [(None,)]


def test_prices_and_plans_are_those_in_force_at_the_moment(sql):
    ada = sql.sign_in("1")
    sql.rows(
        "insert into public.subscriptions (user_id, plan_code, starts_at, ends_at)"
        " values (%s, 'pro', now() - interval '2 days', now() - interval '1 day') returning 1",
        ada,
    )

    def plan(at):
        return sql.rows(f"select code from private.plan_in_force(%s, {at})", ada)[0][0]

    assert plan("now()") == "trial"
    assert plan("now() - interval '36 hours'") == "pro"
