"""The overview through the router: full, one row and none, each role, and without a database."""

import psycopg
import pytest
import streamlit as st
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.data import operators
from dashboard.data import view as data_view
from dashboard.overview import queries
from dashboard.parts import filters
from local.stack import Database
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    metrics,
    open_rows,
    refill_caches,
    settings_of,
    sign_in,
    words,
)
from tests.sql.building import Builder


def pay(buddy: Buddy) -> None:
    buddy.call("sign_in", "9", "hash-9", "Zoe", None, None, "e", "r", ["a"],
               "2030-01-01T00:00:00Z", "session-9", "2030-01-01T00:00:00Z")  # fmt: skip
    buddy.rows(
        "insert into public.subscriptions (user_id, plan_code, starts_at)"
        " select id, 'pro', now() - interval '40 days' from public.users"
        " where figma_user_id = '9' returning 1"
    )


def test_a_founder_sees_money_people_answers_and_errors(router: AppTest, buddy: Buddy) -> None:
    pay(buddy)
    for _ in range(3):
        buddy.answer()
    buddy.answer(cost_microusd=None)
    buddy.fail()
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert [title.value for title in router.title] == ["Overview"]
    shown = metrics(router)
    assert (shown["Answers"], shown["Error rate"], shown["AI cost"]) == ("4", "1 of 5", "$0.0036")
    assert (shown["MRR"], shown["Paid seats"], shown["Active users"]) == ("$10.00", "1", "1")
    assert shown["Trial conversion"] == "0 of 1"
    assert shown["Gross margin"] == "> 99.9 %"
    assert shown["Revenue ÷ inference"].endswith("×")
    assert len(router.get("plotly_chart")) == 2
    said = words(router)
    assert "**1 dead letter**" in said and "**1 call without a price in 30 days**" in said
    assert "No worker is running" in said
    assert "Days are those of UTC; weeks start on Monday." in said
    assert "The last day is not over yet." in said
    # First on the page, and so on a phone without scrolling.
    assert router.header[0].value == "Needs attention now"
    assert " UTC." in said


@pytest.mark.parametrize("period", ["24 hours", "7 days", "12 months", "This month", "This year"])
def test_every_period_counts_what_happened_now(router: AppTest, buddy: Buddy, period: str) -> None:
    buddy.answer(1000)
    buddy.answer(500)
    router.query_params["period"] = period
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert router.segmented_control(key="period").value == period
    assert (metrics(router)["Answers"], metrics(router)["AI cost"]) == ("2", "$0.0015")


def test_the_course_of_trial_conversion_ends_with_its_share(router: AppTest, buddy: Buddy) -> None:
    pay(buddy)
    buddy.rows(
        "insert into public.users (figma_user_id, handle) select 'trial-' || n, 'Person ' || n"
        " from generate_series(1, 39) as n returning 1"
    )
    # Twenty, among them the one who pays, began 45 days ago, and twenty more since.
    buddy.rows(
        "insert into public.activity (at, user_id, kind)"
        " select now() - case when place <= 20 then 45 else 9 end * interval '1 day', id,"
        " 'first_answer' from (select id, row_number() over"
        " (order by figma_user_id <> '9', figma_user_id) as place from public.users) as people"
        " returning 1"
    )
    router.query_params["period"] = "90 days"
    sign_in(router, buddy.make_operator("founder"))
    [tile] = [each for each in router.metric if each.label == "Trial conversion"]
    assert tile.value == "2.5 %"
    course = list(tile.proto.chart_data)
    assert (course[0], course[-1]) == (0.05, 0.025)


def test_a_tile_opens_rows_that_add_up_to_it(router: AppTest, buddy: Buddy) -> None:
    pay(buddy)
    buddy.answer(1_234_567)
    buddy.answer(70_000)
    sign_in(router, buddy.make_operator("founder"))
    open_rows(router, "cost_microusd")
    assert not router.exception
    assert router.dataframe[0].value["cost_microusd"].sum() == pytest.approx(1.304567)
    assert "Total: cost \\$1.30" in words(router)
    open_rows(router, "mrr_microusd")
    assert list(router.dataframe[0].value["mrr_microusd"]) == [10.0]


def test_what_needs_attention_names_alerts_and_opens_its_rows(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.fail()
    buddy.rows(
        "insert into public.alerts (kind, subject, title, ended_at) values"
        " ('budget', 'a', 'Everything has reached 80 %', null), ('budget', 'b', 'Over', now()),"
        " ('dead_letter', 'c', 'Told by its own line', null) returning 1"
    )
    # A budget below its limit asks for nothing.
    buddy.rows(
        "insert into public.alerts (kind, subject, title, parameters) values"
        " ('budget', 'half', '', jsonb_build_object('threshold', 50, 'scope', 'team', 'name',"
        " 'Halfway', 'month', '2026-11-01', 'spent_microusd', 5, 'monthly_microusd', 10))"
        " returning 1"
    )
    buddy.connect_person()
    [(user,)] = buddy.rows("select id::text from public.users limit 1")
    builder = Builder(buddy.call, Jsonb)
    failed, refused = builder.start(user), builder.start(user)
    builder.fail(failed, "read", "unexpected")
    builder.fail(refused, "read", "figma_forbidden")
    builder.end(builder.start(user), "read", "spec")
    sign_in(router, buddy.make_operator("founder"))
    said = words(router)
    assert "**1 pipeline that failed in seven days**" in said
    assert "**1 stage waits, and no builder is running**" in said
    assert "**1 alert is still on**" in said and "Everything has reached 80 %" in said
    assert "Over" not in said.split() and "Told by its own line" not in said
    assert "Halfway" not in said
    for name, column, value in (
        ("alerts", "title", "Everything has reached 80 %"),
        ("dead_letters_now", "reason", "Figma was down"),
        ("failed_pipelines", "pipeline_id", failed),
    ):
        open_rows(router, name)
        assert not router.exception
        assert list(router.dataframe[0].value[column]) == [value]
        router.session_state[f"rows_{name}"] = False


def test_a_chart_opens_the_rows_it_is_drawn_from(router: AppTest, buddy: Buddy) -> None:
    buddy.answer(70_000)
    buddy.fail()
    sign_in(router, buddy.make_operator("founder"))
    open_rows(router, "comments")
    assert not router.exception
    rows = router.dataframe[0].value
    assert (rows["answers"].sum(), rows["failed"].sum()) == (1, 1)


def test_a_view_is_narrowed_and_shared_by_its_address(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    router.query_params["period"] = "7 days"
    router.query_params["plan"] = "Pro"
    router.query_params["compare"] = "false"
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert router.multiselect(key="plan").value == ["Pro"]
    assert metrics(router)["Answers"] == "0"
    assert "Compared with" not in words(router)
    router.multiselect(key="plan").set_value(["Trial"]).run()
    assert metrics(router)["Answers"] == "1"


def test_a_team_is_its_people_at_the_time_of_use(router: AppTest, buddy: Buddy) -> None:
    buddy.answer(7)
    buddy.rows(
        "with made as (insert into public.teams (name) values ('Harbor'), ('Lumen') returning *)"
        " update public.users set team_id = (select id from made where name = 'Harbor') returning 1"
    )
    buddy.answer(5)
    sign_in(router, buddy.make_operator("founder"))
    assert metrics(router)["Answers"] == "2"
    router.selectbox(key="team").set_value("Harbor").run()
    assert (metrics(router)["Answers"], metrics(router)["AI cost"]) == ("1", "$0.000005")
    router.selectbox(key="team").set_value("Lumen").run()
    assert metrics(router)["Answers"] == "0"


def test_the_empty_product_says_what_to_do_first(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    assert not router.exception
    assert "@buddy" in router.info[0].value
    shown = metrics(router)
    assert (shown["Error rate"], shown["Gross margin"], shown["MRR"]) == ("–", "–", "$0")


def test_the_overview_is_for_founders(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("support"))
    assert not router.exception
    assert "Overview" not in [title.value for title in router.title]
    assert "MRR" not in metrics(router)


def test_an_operator_who_is_disabled_sees_nothing_more(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "update public.operators set disabled_at = now() where email = %s", [email]
        )
    operators.read_operator.clear()
    router.run()
    assert [title.value for title in router.title] == ["Not an operator"]
    assert not router.metric


def test_results_are_kept_apart_by_operator_and_by_role(
    database: Database, buddy: Buddy, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = auth.sign_in(settings_of(database), buddy.make_operator("founder"), PASSWORD)
    refill_caches()
    seen: list[data_view.View] = []
    founder = auth.Operator("zero", "x@example.com", "founder", reader)

    def page() -> None:
        seen.append(filters.pick_view(founder))

    monkeypatch.setattr(st, "fragment", lambda **_: lambda function: function)
    page()
    view = seen[0]

    def answers(user_id: str, role: str) -> int:
        operator = auth.Operator(user_id, "x@example.com", role, reader)
        return queries.read_overview(operator, view).totals.answers

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
        signature = "public.overview(timestamptz, timestamptz, text[], uuid, text)"
        connection.execute(f"revoke execute on function {signature} from authenticated")
        try:
            refill_caches()
            router.run()
        finally:
            connection.execute(f"grant execute on function {signature} to authenticated")
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]
    assert "public.overview" not in words(router)
