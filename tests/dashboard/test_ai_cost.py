"""The page AI cost through the router: each role, full and empty, re-pricing, and its tables."""

import io
from datetime import UTC, datetime, timedelta

import pandas as pd
import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.ai_cost import queries
from dashboard.ai_cost import tables as ai_cost_tables
from dashboard.ai_cost.queries import MEASURES
from dashboard.exports import csv_export
from dashboard.parts import cost_words, formats
from local.stack import Database
from tests.dashboard.stage import (
    Buddy,
    metrics,
    open_page,
    refill_caches,
    rows_behind,
    sign_in,
    words,
)

LAST_MONTH = datetime.now(UTC).replace(day=1, hour=12) - timedelta(days=3)


def write(database: Database, at: datetime, cost: int | None, **fields: object) -> None:
    """One call in the ledger of gpt-5-mini: 1000 tokens in, 100 out; cost None: unpriced."""
    row = {
        "at": at, "feature": "comment", "status": "answered", "plan_code": "pro",
        "provider": "openai", "model": "gpt-5-mini", "input_tokens": 1000, "output_tokens": 100,
        "cost_microusd": cost, "cost_state": "unpriced" if cost is None else "priced", **fields,
    }  # fmt: skip
    places = ", ".join(["%s"] * len(row))
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            f"insert into public.usage_logs (answer_id, {', '.join(row)})"  # type: ignore[arg-type]
            f" values (gen_random_uuid(), {places})",
            list(row.values()),
        )


def ask_models(database: Database, answered: int, failed: int, passed_over: int) -> None:
    with psycopg.connect(database.admin_url) as connection:
        for outcome, calls in (
            ("answered", answered), ("failed", failed), ("skipped", passed_over)
        ):  # fmt: skip
            connection.execute(
                "insert into public.provider_hourly (hour, provider, model, outcome, reason, calls)"
                " values (date_trunc('hour', now(), 'UTC'), 'openai', 'gpt-5-mini', %s, '', %s)",
                [outcome, calls],
            )


def open_cost(router: AppTest, email: str) -> AppTest:
    sign_in(router, email)
    return open_page(router, "ai_cost")


def test_finance_sees_tiles_states_and_tokens_but_changes_nothing(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    buddy.answer(1200)
    buddy.answer(None)
    ask_models(database, 2, 1, 5)
    open_cost(router, buddy.make_operator("finance"))
    assert not router.exception
    shown = metrics(router)
    assert (shown["AI cost"], shown["Model calls"], shown["Unpriced calls"]) == (
        "$0.0012",
        # An attempt that failed is a call; one that was passed over is none.
        "3",
        "1",
    )
    tables = [each.value for each in router.dataframe]
    states = next(each for each in tables if "State" in each)
    assert list(states["Cost"]) == ["$0", "$0.0012", "no price"]
    assert "A forecast needs 14 finished days" in words(router)
    assert "No budget is set" in words(router)
    assert not [each for each in router.button if each.label == "Apply and write adjustments"]


def test_every_breakdown_adds_up_to_the_tile_and_offers_its_rows(
    router: AppTest, buddy: Buddy
) -> None:
    for cost in (5, 70_000, 1_234_567, None):
        buddy.answer(cost)
    open_cost(router, buddy.make_operator("founder"))
    for group in ("Model", "Provider", "Feature", "Plan", "Hour", "Person", "Team"):
        router.segmented_control(key="by").set_value(group).run()
        assert not router.exception, group
        [table] = [each.value for each in router.dataframe if group in each.value]
        assert list(table["Cost"]) == ["$1.30"], group
        assert sum(int(each) for each in table["Unpriced"]) == 1
    router.session_state["rows_total_microusd"] = True
    router.run()
    [rows] = [each.value for each in router.dataframe if "total_microusd" in each.value]
    # The popover shows dollars, the CSV micro-dollars too.
    assert round(rows["total_microusd"].sum() * 1_000_000) == 1_304_572


@pytest.mark.parametrize("money", ["ledger_microusd", "adjustment_microusd", "total_microusd"])
def test_the_csv_of_the_rows_ends_with_the_tile(money: str) -> None:
    row = dict.fromkeys(MEASURES, 3) | {money: 1_234_567}
    frame = pd.DataFrame([{"provider": "=openai", **row}, {"provider": "azure", **row}])
    footer = {each: int(frame[each].sum()) for each in MEASURES}
    text = csv_export.to_csv(frame, footer).decode("utf-8-sig")
    read = pd.read_csv(io.StringIO(text))
    assert read[money].iloc[-1] == footer[money] == read[money].iloc[:-1].sum()


def test_a_founder_sees_before_and_after_and_then_writes_adjustments(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    write(database, LAST_MONTH, None)
    write(database, LAST_MONTH, 1000)
    founder = buddy.make_operator("founder")
    open_cost(router, founder)
    router.segmented_control(key="period").set_value("Last month").run()
    assert metrics(router)["AI cost"] == "$0.0010"
    router.text_input(key="repricing_provider").set_value("openai")
    router.text_input(key="repricing_model").set_value("gpt-5-mini")
    router.number_input(key="repricing_input").set_value(1.0)
    router.number_input(key="repricing_output").set_value(4.0)
    click(router, "Preview")
    shown = metrics(router)
    assert (shown["Before"], shown["After"], shown["Change"]) == ("$0.0010", "$0.0028", "+$0.0018")
    assert "2 calls priced anew, 1 of them for the first time." in words(router)
    assert buddy.rows("select count(*) from public.adjustments") == [(0,)]
    click(router, "Apply and write adjustments")
    assert "Say why" in words(router)
    router.text_input(key="repricing_reason").set_value("the list was wrong")
    click(router, "Apply and write adjustments")
    assert not router.exception
    assert "Adjustments written" in str(router.success[0].value)
    assert metrics(router)["AI cost"] == "$0.0028"
    assert metrics(router)["Unpriced calls"] == "0"
    assert buddy.rows(
        "select sum(amount_microusd)::bigint, min(actor) from public.adjustments"
    ) == [(1800, founder)]


def test_calls_of_a_tier_are_priced_anew_with_their_cache_writes_and_other_kinds(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    held = {"service_tier": "flex", "cache_write_tokens": 200}
    write(database, LAST_MONTH, None, **held, token_classes='{"input_audio_tokens": 100}')
    write(database, LAST_MONTH, None)
    open_cost(router, buddy.make_operator("founder"))
    router.text_input(key="repricing_provider").set_value("openai")
    router.text_input(key="repricing_model").set_value("gpt-5-mini")
    router.text_input(key="repricing_tier").set_value(" Flex ")
    router.number_input(key="repricing_input").set_value(1.0)
    router.number_input(key="repricing_output").set_value(4.0)
    click(router, "Preview")
    assert "hold cache writes and input_audio_tokens: give a price" in words(router)
    router.number_input(key="repricing_written").set_value(2.0)
    router.text_input(key="repricing_others").set_value("input_audio_tokens")
    click(router, "Preview")
    assert "is not a kind of tokens and its price" in words(router)
    router.text_input(key="repricing_others").set_value("input_audio_tokens 3")
    click(router, "Preview")
    # 700 x 1 + 200 x 2 + 100 x 3 + 100 x 4.
    assert metrics(router)["After"] == "$0.0018"
    assert "1 served at another service tier stay as they are" in words(router)
    router.text_input(key="repricing_reason").set_value("the list was wrong")
    click(router, "Apply and write adjustments")
    assert not router.exception
    found = buddy.rows("select service_tier, amount_microusd from public.adjustments")
    assert found == [("flex", 1800)]
    [table] = [each.value for each in router.dataframe if "Adjustments" in each.value]
    assert list(table["Model"]) == ["OpenAI / gpt-5-mini (flex)"]


def test_a_broken_off_repricing_can_be_continued(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    write(database, LAST_MONTH, None)
    founder = buddy.make_operator("founder")
    month = LAST_MONTH.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.repricings (id, provider, model, from_at, to_at,"
            " input_microusd_per_million, output_microusd_per_million, done_to, actor, reason)"
            " values (gen_random_uuid(), 'openai', 'gpt-5-mini', %s, %s, 1000000, 4000000, %s,"
            " 'a@example.com', 'the list was wrong')",
            [month, datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0),
             month],
        )  # fmt: skip
    open_cost(router, founder)
    click(router, "Continue")
    assert not router.exception
    assert buddy.rows("select amount_microusd from public.adjustments") == [(1400,)]
    assert "broken off" not in words(router)


def test_a_wrong_period_is_refused_in_a_sentence(router: AppTest, buddy: Buddy) -> None:
    open_cost(router, buddy.make_operator("founder"))
    router.text_input(key="repricing_provider").set_value("openai")
    router.text_input(key="repricing_model").set_value("gpt-5-mini")
    router.date_input(key="repricing_last").set_value(datetime.now(UTC).date())
    click(router, "Preview")
    assert "The period must be over" in words(router)


def test_budgets_show_what_is_spent_and_the_alerts_given(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    buddy.answer(900)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.budgets (scope, monthly_microusd) values ('global', 1000)"
        )
    assert [each["threshold"] for each in buddy.call("check_budgets")] == [80]
    open_cost(router, buddy.make_operator("founder"))
    [bar] = router.get("progress")
    assert "90 %" in str(bar.proto)
    assert "alerts given: 80 %" in str(bar.proto)


def test_a_team_narrows_tiles_and_breakdowns_and_what_they_are_compared_with(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    with psycopg.connect(database.admin_url) as connection:
        [(team,)] = connection.execute(
            "insert into public.teams (name) values ('Ink') returning id"
        ).fetchall()
    now = datetime.now(UTC)
    write(database, now, 700, team_id=team)
    write(database, now, 90_000)
    write(database, now - timedelta(days=30), 350, team_id=team)
    sign_in(router, buddy.make_operator("finance"))
    open_page(router, "ai_cost")
    assert metrics(router)["AI cost"] == "$0.091"
    router.selectbox(key="team").set_value("Ink").run()
    assert not router.exception
    assert metrics(router)["AI cost"] == "$0.00070"
    [tile] = [each for each in router.metric if each.label == "AI cost"]
    assert tile.delta == "+100 %"
    for group in ("Model", "Hour", "Person", "Team"):
        router.segmented_control(key="by").set_value(group).run()
        [table] = [each.value for each in router.dataframe if group in each.value]
        assert (list(table["Cost"]), list(table["Before"])) == (["$0.00070"], ["$0.00035"]), group


def test_every_popover_of_the_page_opens_rows_that_add_up(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    for cost in (5, 70_000, 1_234_567, None):
        buddy.answer(cost)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.budgets (scope, monthly_microusd) values ('global', 9000000)"
        )
    ask_models(database, 3, 1, 2)
    open_cost(router, buddy.make_operator("founder"))
    sums = {
        "total_microusd": "total_microusd", "calls": "calls", "unpriced": "unpriced",
        "ai_cost_course": "total_microusd", "ai_cost_by_model": "total_microusd",
        "cost_states": "cost_microusd", "spent_microusd": "spent_microusd",
        "budgets": "spent_microusd",
    }  # fmt: skip
    expected = {"calls": 4, "unpriced": 1}
    for name, column in sums.items():
        total = rows_behind(router, name, column)[column].astype("float64").sum()
        if column.endswith("_microusd"):
            assert round(total * 1_000_000) == 1_304_572, name
        else:
            assert total == expected[column], name


def test_the_months_forecast_is_drawn_with_its_range_and_opens_its_days(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=5)
    for day in range(1, 22):
        write(database, today - timedelta(days=day), 1000 * day)
    open_cost(router, buddy.make_operator("finance"))
    assert not router.exception
    shown = metrics(router)
    assert {"So far", "Forecast", "Forecast, low", "Forecast, high"} <= set(shown)
    days = rows_behind(router, "forecast_microusd", "forecast_microusd")
    assert len(days) >= 28
    total = round(days["forecast_microusd"].sum() * 1_000_000)
    assert formats.money(total) == shown["Forecast"]


def test_two_people_of_one_name_keep_a_bar_each() -> None:
    measures = dict.fromkeys(MEASURES, 0) | {"total_microusd": 5}
    rows = pd.DataFrame([{"name": name, "id": name, **measures} for name in ("Ada", "Bo", "Ada")])
    assert ai_cost_tables.names(rows, "Person", {}) == ["Ada", "Bo", "Ada (2)"]


def test_the_empty_product_says_so_and_shows_zeros(router: AppTest, buddy: Buddy) -> None:
    open_cost(router, buddy.make_operator("founder"))
    assert not router.exception
    assert metrics(router)["AI cost"] == "$0"
    assert "No model was asked" in str(router.info[0].proto)


def test_support_has_no_such_page(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("support"))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(router, "ai_cost")


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    open_cost(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke execute on function public.ai_cost from authenticated")
        try:
            refill_caches()
            router.run()
        finally:
            connection.execute("grant execute on function public.ai_cost to authenticated")
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]


def test_tokens_by_kind_count_each_token_once() -> None:
    total = dict.fromkeys(MEASURES, 0) | {
        "input_tokens": 1000, "cached_input_tokens": 250, "output_tokens": 100,
        "reasoning_tokens": 40, "cache_write_tokens": 150,
    }  # fmt: skip
    costs = queries.Costs(queries.Measures(**total), *[pd.DataFrame()] * 5)
    table = ai_cost_tables.tokens(costs)
    assert list(table["Number"]) == ["600", "250", "150", "60", "40"]
    assert list(table["Tokens"])[2] == "Input, written to the cache"
    assert costs.cached_share == 0.25


@pytest.mark.parametrize(
    ("microusd", "text"), [(0, "$0"), (1_200_000, "+$1.20"), (-340_000, "−$0.34")]
)
def test_changes_carry_their_sign(microusd: int, text: str) -> None:
    assert cost_words.signed(microusd) == text


def click(router: AppTest, label: str) -> None:
    [button] = [each for each in router.button if each.label == label]
    button.click().run()
