"""The revenue page through the router: full, one payer, empty, away, in each role."""

import psycopg
import pytest
import streamlit as st
from postgrest.exceptions import APIError
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.results import DataUnavailable
from dashboard.revenue import queries
from local.stack import Database
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    metrics,
    open_rows,
    settings_of,
    sign_in,
    words,
)


def fill(database: Database, payers: int = 3) -> None:
    """Users who pay since long, one of them gone this month, and one use in the last one."""
    with psycopg.connect(database.database_url) as connection:
        connection.execute(
            "insert into public.users (figma_user_id, handle)"
            " select 'p' || n, 'Payer ' || n from generate_series(1, %s) as n",
            [payers],
        )
        connection.execute("""
            insert into public.subscriptions (user_id, plan_code, starts_at, ends_at)
                select id, 'pro', now() - interval '200 days',
                    case handle when 'Payer 2'
                        then greatest(now() - interval '3 days', date_trunc('month', now())) end
                from public.users;
            insert into public.usage_logs (at, answer_id, feature, status, user_id, plan_code,
                provider, model, cost_microusd, cost_state)
                select date_trunc('month', now()) - interval '5 days', gen_random_uuid(), 'comment',
                    'answered', id, 'pro', 'openai', 'm', 20000, 'priced'
                from public.users where handle = 'Payer 1';
        """)


def open_revenue(router: AppTest, buddy: Buddy, role: str = "finance") -> AppTest:
    router.query_params["period"] = "30 days"
    sign_in(router, buddy.make_operator(role))
    return router.switch_page("revenue/page.py").run()


def test_finance_sees_mrr_movements_margins_and_break_even(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_revenue(router, buddy)
    assert not router.exception
    shown = metrics(router)
    assert (shown["MRR"], shown["Churn"], shown["New"]) == ("$20.00", "$10.00", "$0")
    assert (shown["Payers"], shown["ARPU"]) == ("2", "$10.00")
    # Three members are too few for a rate.
    assert (shown["NRR"], shown["GRR"]) == ("–", "–")
    assert shown["Revenue attributed"] == "$30.00"
    assert shown["Margin of the month"] == "$29.98"
    assert "Pro breaks even at 500 answers a month" in words(router)
    assert len(router.get("plotly_chart")) == 3


def test_enough_members_give_a_rate(router: AppTest, buddy: Buddy, database: Database) -> None:
    fill(database, payers=25)
    open_revenue(router, buddy, "founder")
    assert not router.exception
    assert metrics(router)["NRR"] == metrics(router)["GRR"] == "96 %"


def test_other_prices_change_the_margin_shown(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_revenue(router, buddy)
    assert "margin would be the same" in words(router)
    router.number_input(key="price_pro").set_value(12.0)
    [button] = [each for each in router.button if each.label == "Work it out"]
    button.click().run()
    assert not router.exception
    assert "change by **+\\$6.00**" in words(router)
    [table] = [each.value for each in router.dataframe if "Fees, before" in each.value.columns]
    assert "Pro" in list(table["Plan"]) and "pro" not in list(table["Plan"])


def test_margins_by_user_and_by_context_have_the_same_sum(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_revenue(router, buddy)
    sums = set()
    for by in ("plan", "user", "context"):
        router.segmented_control(key="revenue_by").set_value(by.capitalize()).run()
        assert not router.exception
        [table] = [each.value for each in router.dataframe if by.capitalize() in each.value.columns
                   and "Revenue" in each.value.columns]  # fmt: skip
        sums.add(round(table["Margin"].sum(), 6))
    assert sums == {29.98}


def test_an_empty_product_says_when_revenue_starts(router: AppTest, buddy: Buddy) -> None:
    open_revenue(router, buddy)
    assert not router.exception
    assert metrics(router)["MRR"] == "$0"
    assert "MRR starts with the first subscription" in words(router)
    # Four rates of nobody, and no "$0 of $0".
    said = [each.value for each in router.caption]
    assert said.count("nobody paid at the start") == 5 and not [
        each for each in said if "$0" in each
    ]


def test_the_rows_behind_a_movement_add_up_to_its_tile(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_revenue(router, buddy)
    router.session_state["rows_churn_microusd"] = True
    router.run()
    assert not router.exception
    [table] = [each.value for each in router.dataframe if "churn_microusd" in each.value.columns]
    assert list(table["payer_name"]) == ["Payer 2"]
    # Money is shown in dollars; the CSV keeps the micro-dollars.
    assert table["churn_microusd"].sum() == 10.0
    assert metrics(router)["Churn"] == "$10.00"


@pytest.mark.parametrize(
    ("name", "footer"),
    [
        ("mrr_microusd", "mrr $20.00, paying 2"),
        ("paying", "mrr $20.00, paying 2"),
        ("arpu_microusd", "arpu $10.00"),
        ("nrr", "at start $30.00, mrr $20.00, nrr 0.666667"),
        ("grr", "at start $30.00, kept $20.00, grr 0.666667"),
        ("quick_ratio", "gain $0, loss $10.00, quick ratio 0"),
        ("mrr_movements", "change -$10.00"),
        ("plan_mix", "mrr $20.00"),
        ("what_if", "people cut 0"),
        ("break_even_uses_pro", "break even uses 500"),
    ],
)
def test_every_figure_opens_its_rows(
    router: AppTest, buddy: Buddy, database: Database, name: str, footer: str
) -> None:
    fill(database)
    open_revenue(router, buddy)
    open_rows(router, name)
    assert not router.exception
    assert footer in words(router).replace("\\", "")
    assert [each.label for each in router.get("download_button")] == ["Download CSV"]


def test_support_may_not_read_revenue(router: AppTest, buddy: Buddy, database: Database) -> None:
    email = buddy.make_operator("support")
    client = auth.sign_in(settings_of(database), email, PASSWORD).client()
    span = {"p_from": "2026-01-01Z", "p_to": "2026-02-01Z", "p_plans": None, "p_team": None}
    page = {"p_after": "", "p_limit": 1}
    for function, more in (
        ("revenue_totals", {}), ("revenue_movements", page), ("revenue_steps", {"p_step": "day"}),
    ):  # fmt: skip
        with pytest.raises(APIError, match=r'only_these_may_see_this.*"founder", "finance"'):
            client.rpc(function, {**span, **more}).execute()
    sign_in(router, email)
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        router.switch_page("revenue/page.py").run()


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DataUnavailable("away")

    sign_in(router, buddy.make_operator("finance"))
    monkeypatch.setattr(queries, "read_totals", away)
    st.cache_data.clear()
    router.switch_page("revenue/page.py").run()
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]
