"""Rollups say what the ledger says, and percentiles from histograms are close to the truth."""

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


@given(
    st.lists(st.integers(100, 40_000_000), min_size=1, max_size=60),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
    st.integers(1, 400),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_quantile_is_within_two_per_cent_of_the_exact_one(sql, drawn, share, narrow):
    """Of few and of many values, spread wide and close to each other."""
    for values in (drawn, [drawn[0] + each % narrow for each in drawn]):
        ((found, exact),) = sql.rows(
            """
            with counted as (
                select private.fine_bucket(ms) as bucket, count(*) as uses
                from unnest(%s::bigint[]) as ms group by 1
            )
            select private.bucket_quantile(array_agg(bucket order by bucket),
                    array_agg(uses order by bucket), %s),
                (select percentile_disc(%s) within group (order by ms)
                    from unnest(%s::bigint[]) as ms)
            from counted
            """,
            values, share, share, values,
        )  # fmt: skip
        assert abs(found - exact) <= 0.02 * exact


def test_small_values_are_exact_and_old_coarse_counts_stay_readable(sql):
    """Each whole value up to 24 has a bucket of its own; a coarse bucket is read as its middle."""
    query = "select private.bucket_quantile(array[private.fine_bucket(n)], array[1::bigint], 0.5)"
    told = [sql.rows(f"select ({query}) from (values (%s::bigint)) as v (n)", n)[0][0]
            for n in range(25)]  # fmt: skip
    assert told == [1, *range(1, 25)]
    ((coarse, fine),) = sql.rows("""
        select private.within_limit(private.histogram_of(array[private.latency_bucket(5000)],
                array[9::bigint]), 6000),
            private.within_limit(private.histogram_of(array[private.fine_bucket(5000)],
                array[9::bigint]), 6000)
    """)
    assert coarse == fine == 9


def test_an_empty_histogram_has_no_quantile(sql):
    for buckets, uses in (([*range(101, 185)], [0] * 84), ([], [])):
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
