"""The overview through the router: with data, one row and none, in each role, and without data."""

import re
from datetime import UTC, datetime, timedelta

import psycopg
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import auth, queries
from local.stack import Database
from tests.dashboard.stage import PASSWORD, Buddy, metrics, settings_of, sign_in, words


def test_a_founder_sees_totals_charts_and_answers(router: AppTest, buddy: Buddy) -> None:
    for _ in range(3):
        buddy.answer()
    buddy.answer(cost_microusd=None)
    buddy.fail()
    buddy.ask()
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert [title.value for title in router.title] == ["Overview"]
    shown = metrics(router)
    assert shown["Answers"] == "4"
    assert shown["Error rate"] == "1 of 5"
    assert shown["Cost"] == "$0.0036"
    assert re.fullmatch(r"\d+(\.\d)? (ms|s)", shown["Answer time, p95"])
    assert (shown["Waiting"], shown["Dead letters"], shown["Live workers"]) == ("1", "1", "0")
    assert (shown["Signed up"], shown["Started the trial"]) == ("1", "1")
    assert len(router.get("plotly_chart")) == 2
    assert "No worker is running" in str(router.warning[0].proto)
    table = router.dataframe[0].value
    assert list(table["State"]) == ["◌ Waiting", "✕ Failed", *["✓ Answered"] * 4]
    assert table["Why"][1] == "Figma is down."
    assert list(table["Price"][2:]) == ["unpriced", "priced", "priced", "priced"]


def test_the_words_of_a_comment_are_never_read(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("founder"))
    assert "secret" not in words(router) + router.dataframe[0].value.to_csv()


def test_totals_are_the_sums_of_the_ledger_rows(router: AppTest, buddy: Buddy) -> None:
    for cost in (5, 70_000, 1_234_567, None):
        buddy.answer(cost)
    buddy.fail()
    sign_in(router, buddy.make_operator("founder"))
    ((answers, failed, cost, unpriced),) = buddy.rows(
        "select count(*) filter (where status = 'answered'),"
        " count(*) filter (where status = 'failed'), sum(cost_microusd),"
        " count(*) filter (where cost_state = 'unpriced') from public.usage_logs"
    )
    assert (answers, failed, cost, unpriced) == (4, 1, 1_304_572, 1)
    shown = {metric.label: metric for metric in router.metric}
    assert shown["Answers"].value == str(answers)
    assert shown["Error rate"].value == f"{failed} of {answers + failed}"
    assert shown["Cost"].value == "$1.30"
    assert "1 unpriced" in str(shown["Cost"].proto)


def test_days_hours_and_totals_agree(router: AppTest, buddy: Buddy) -> None:
    buddy.answer(1000)
    buddy.answer(500)
    founder = buddy.make_operator("founder")
    sign_in(router, founder)
    sums = {}
    for period in ("24 hours", "7 days", "90 days"):
        router.segmented_control(key="period").set_value(period).run()
        assert not router.exception
        sums[period] = (metrics(router)["Answers"], metrics(router)["Cost"])
    assert set(sums.values()) == {("2", "$0.0015")}


def test_one_answer_is_shown_as_one(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("support"))
    assert not router.exception
    assert metrics(router)["Error rate"] == "0 of 1"
    assert len(router.dataframe[0].value) == 1


def test_the_empty_product_says_what_to_do_first(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert "@buddy" in router.info[0].value
    assert metrics(router)["Error rate"] == "–"
    assert "No comment was addressed to the buddy" in words(router)
    assert not router.dataframe


def test_answers_can_be_narrowed_to_a_state(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    buddy.fail()
    sign_in(router, buddy.make_operator("support"))
    router.pills(key="state").set_value(["Failed"]).run()
    assert list(router.dataframe[0].value["State"]) == ["✕ Failed"]
    router.pills(key="state").set_value(["Refused"]).run()
    assert "No comment of this period is in the picked states." in words(router)


def test_a_view_can_be_shared_by_its_address(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    buddy.fail()
    router.query_params["period"] = "7 days"
    router.query_params["state"] = "Failed"
    sign_in(router, buddy.make_operator("founder"))
    assert router.segmented_control(key="period").value == "7 days"
    assert list(router.dataframe[0].value["State"]) == ["✕ Failed"]


def test_finance_sees_figures_but_no_single_answer(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("finance"))
    assert not router.exception
    assert metrics(router)["Answers"] == "1"
    assert not router.dataframe
    assert "Your role sees figures" in router.info[0].value


def test_a_role_that_is_lowered_shows_nothing_that_was_read_before(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.answer()
    email = buddy.make_operator("founder")
    sign_in(router, email)
    assert len(router.dataframe[0].value) == 1
    ((user_id,),) = buddy.rows(f"select user_id from public.operators where email = '{email}'")
    buddy.call("set_operator", user_id, email, "finance")
    queries._read_operator.clear()
    router.run()
    assert not router.dataframe
    assert "Your role sees figures" in router.info[0].value


def test_an_operator_who_is_disabled_sees_nothing_more(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "update public.operators set disabled_at = now() where email = %s", [email]
        )
    queries._read_operator.clear()
    router.run()
    assert [title.value for title in router.title] == ["Not an operator"]
    assert not router.metric


def test_what_one_operator_read_is_not_shown_to_another(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("founder"))
    assert len(router.dataframe[0].value) == 1
    router.button[0].click().run()
    sign_in(router, buddy.make_operator("finance"))
    assert not router.exception
    assert not router.dataframe


def test_results_are_kept_apart_by_operator_and_by_role(database: Database, buddy: Buddy) -> None:
    reader = auth.sign_in(settings_of(database), buddy.make_operator("founder"), PASSWORD)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    st.cache_data.clear()

    def answers(user_id: str, role: str) -> int:
        operator = auth.Operator(user_id, "x@example.com", role, reader)
        return queries.read_totals(operator, start, end).answers

    assert answers("one", "founder") == 0
    buddy.answer()
    assert answers("one", "founder") == 0
    assert answers("two", "founder") == 1
    assert answers("one", "finance") == 1


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke execute on function public.overview_totals from authenticated")
        try:
            st.cache_data.clear()
            router.run()
        finally:
            connection.execute("grant execute on function public.overview_totals to authenticated")
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]
    assert "overview_totals" not in words(router)
