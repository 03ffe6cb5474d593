"""The page Settings through the router: each form saves with a reason and refuses what is stale."""

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from local.stack import Database
from tests.dashboard.stage import Buddy, open_page, refill_caches, sign_in, words


def open_section(router: AppTest, buddy: Buddy, section: str) -> str:
    """The page at one section, as a founder; their e-mail address."""
    founder = buddy.make_operator("founder")
    sign_in(router, founder)
    open_page(router, "settings")
    router.segmented_control(key="section").set_value(section).run()
    assert not router.exception
    return founder


def save(router: AppTest, reason_key: str, reason: str = "as agreed on Monday") -> None:
    router.text_input(key=reason_key).set_value(reason)
    [button] = [each for each in router.button if each.label.startswith("Save")]
    button.click().run()
    assert not router.exception


def test_a_plan_gets_a_new_row_with_a_reason(router: AppTest, buddy: Buddy) -> None:
    founder = open_section(router, buddy, "Plans")
    router.selectbox(key="plan_code").set_value("pro").run()
    [price] = [each for each in router.number_input if each.label.startswith("Price")]
    assert price.value == 10
    price.set_value(12.5)
    save(router, "plan_reason", " ")
    assert "Say why" in words(router)
    [price] = [each for each in router.number_input if each.label.startswith("Price")]
    price.set_value(12.5)
    [overage] = [each for each in router.number_input if each.label.startswith("Dollars for one")]
    overage.set_value(0.05)
    save(router, "plan_reason")
    assert "new row" in str(router.success[0].value)
    query = (
        "select price_microusd, overage_microusd from public.plans where code = 'pro'"
        " order by valid_from"
    )
    assert buddy.rows(query) == [(10_000_000, 0), (12_500_000, 50_000)]
    assert "$0.050 a use" in list(router.dataframe[0].value["Overage"])
    log = buddy.rows("select actor, reason from public.audit_log where table_name = 'plans'")
    assert log[-1] == (founder, "as agreed on Monday")


def test_a_plan_somebody_else_changed_is_not_overwritten(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    open_section(router, buddy, "Plans")
    router.selectbox(key="plan_code").set_value("pro").run()
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.plans select code, now(), name, 1, per, uses, period, is_unlimited"
            " from public.plans where code = 'pro'"
        )
    save(router, "plan_reason")
    assert "Somebody else changed this plan" in words(router)


def test_a_model_price_is_set_and_shown(router: AppTest, buddy: Buddy) -> None:
    open_section(router, buddy, "Model prices")
    assert "No price is set by hand" in words(router)
    router.text_input(key="price_provider").set_value("openai")
    router.text_input(key="price_model").set_value("gpt-5-mini")
    router.number_input(key="price_input").set_value(0.25)
    router.number_input(key="price_output").set_value(2.0)
    save(router, "price_reason")
    [table] = [each.value for each in router.dataframe]
    assert list(table["Input"]) == ["$0.25"]
    assert list(table["Cached input"]) == ["as input"]
    found = buddy.rows("select output_microusd_per_million from public.model_prices")
    assert found == [(2_000_000,)]
    assert [list(table[name]) for name in ("Tier", "Cache writes", "Other kinds")] == [
        ["standard"], ["no price"], ["–"],
    ]  # fmt: skip


def test_a_price_may_be_for_a_tier_and_name_cache_writes_and_other_kinds(
    router: AppTest, buddy: Buddy
) -> None:
    open_section(router, buddy, "Model prices")
    router.text_input(key="price_provider").set_value("openai")
    router.text_input(key="price_model").set_value("gpt-5-mini")
    router.text_input(key="price_tier").set_value("priority")
    router.number_input(key="price_written").set_value(0.5)
    router.text_input(key="price_others").set_value("input_audio_tokens 3, input_audio_tokens 4")
    save(router, "price_reason")
    assert "is not a kind of tokens and its price" in words(router)
    router.text_input(key="price_others").set_value("input_audio_tokens: $3.5, web_searches=10000")
    save(router, "price_reason")
    [table] = [each.value for each in router.dataframe]
    assert [list(table[name]) for name in ("Tier", "Cache writes", "Other kinds")] == [
        ["priority"], ["$0.50"], ["web_searches $10,000, input_audio_tokens $3.50"],
    ]  # fmt: skip
    found = buddy.rows(
        "select service_tier, cache_write_microusd_per_million, class_microusd_per_million"
        " from public.model_prices"
    )
    classes = {"input_audio_tokens": 3_500_000, "web_searches": 10_000_000_000}
    assert found == [("priority", 500_000, classes)]


def test_a_budget_is_set_and_ended(router: AppTest, buddy: Buddy) -> None:
    buddy.answer(1200)
    open_section(router, buddy, "Budgets")
    [dollars] = [each for each in router.number_input if each.label == "Dollars a month"]
    dollars.set_value(50)
    save(router, "budget_reason")
    [table] = [each.value for each in router.dataframe]
    assert (list(table["A month"]), list(table["This month"])) == (["$50.00"], ["$0.0012"])
    [dollars] = [each for each in router.number_input if each.label == "Dollars a month"]
    dollars.set_value(0)
    save(router, "budget_reason")
    assert buddy.rows("select ended_at is null from public.budgets") == [(False,)]
    assert not router.dataframe


@pytest.mark.parametrize("scope", ["Plan", "Team", "Person"])
def test_a_budget_can_be_for_a_plan_a_team_or_a_person(
    router: AppTest, buddy: Buddy, database: Database, scope: str
) -> None:
    buddy.answer(1200)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("insert into public.teams (name) values ('Ink')")
    open_section(router, buddy, "Budgets")
    router.segmented_control(key="budget_scope").set_value(scope).run()
    assert not router.exception
    save(router, "budget_reason")
    assert buddy.rows("select monthly_microusd from public.budgets") == [(100_000_000,)]
    [table] = [each.value for each in router.dataframe]
    assert list(table["For"]) == [scope]
    # A plan by its name, and not by its code.
    assert all(name[0].isupper() for name in table["Name"])


def test_an_operator_loses_access_and_the_founder_cannot_change_themselves(
    router: AppTest, buddy: Buddy
) -> None:
    other = buddy.make_operator("support")
    founder = open_section(router, buddy, "Operators")
    assert list(router.selectbox(key="operator_id").options) == [other]
    assert founder not in router.selectbox(key="operator_id").options
    assert "make operator" in words(router)
    router.checkbox[0].set_value(False)
    save(router, "operator_reason")
    found = buddy.rows("select email, disabled_at is null from public.operators order by 2")
    assert found == [(other, False), (founder, True)]


def test_the_reporting_zone_is_changed_and_said_on_the_page(router: AppTest, buddy: Buddy) -> None:
    open_section(router, buddy, "Reporting")
    router.selectbox(key="zone").set_value("Europe/Berlin")
    save(router, "reporting_reason")
    assert buddy.rows("select time_zone from public.reporting_settings") == [("Europe/Berlin",)]
    assert "Europe/Berlin" in words(router)
    [zone] = [each for each in router.selectbox if each.key == "zone"]
    zone.set_value("Asia/Kolkata")
    save(router, "reporting_reason")
    assert "whole UTC hour" in words(router)


@pytest.mark.parametrize("role", ["support", "finance"])
def test_only_founders_have_the_page(router: AppTest, buddy: Buddy, role: str) -> None:
    sign_in(router, buddy.make_operator(role))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(router, "settings")


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    open_section(router, buddy, "Plans")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke select on public.plans from authenticated")
        try:
            refill_caches()
            router.run()
        finally:
            connection.execute("grant select on public.plans to authenticated")
    assert not router.exception
    assert any("cannot be read right now" in each.value for each in router.error)
