"""Triggers, limits, the guest rule and feature flags on the page Settings, through the router."""

import json

import psycopg
from streamlit.testing.v1 import AppTest

from local.stack import Database
from tests.dashboard.stage import Buddy, refill_caches, words
from tests.dashboard.test_setting_forms import open_section, save

DEFAULTS = {
    "triggers": ["@buddy"],
    "guest_rule": "invite",
    "answers_per_minute": 1_000_000,
    "loop_breaker_replies": 3,
    "loop_breaker_window_seconds": 300,
    "author_replies_per_day": 50,
    "unbilled_microusd_per_day": 1_000_000,
    "job_attempts": 6,
    "model_cost_ceiling_microusd": 200_000,
}


def announce(buddy: Buddy) -> None:
    buddy.call("announce_service", "x" * 44, json.dumps(DEFAULTS))


def in_force(router: AppTest) -> dict[str, tuple[str, str]]:
    table = router.dataframe[0].value
    return {
        name: (value, source)
        for name, value, source in zip(
            table["Setting"], table["In force"], table["From"], strict=True
        )
    }


def test_what_is_in_force_and_where_from_is_shown(router: AppTest, buddy: Buddy) -> None:
    announce(buddy)
    open_section(router, buddy, "Triggers and limits")
    shown = in_force(router)
    assert shown["Triggers"] == ("@buddy", "environment")
    assert shown["Answers per person and minute"] == ("1,000,000", "environment")
    assert shown["The most one answer may cost ($)"] == ("$0.20", "environment")
    unpaid = shown["Unpaid model cost per person, webhook and file, a day ($)"]
    assert unpaid == ("$1.00", "environment")


def test_before_any_worker_ran_the_defaults_are_said_to_be_unknown(
    router: AppTest, buddy: Buddy
) -> None:
    open_section(router, buddy, "Triggers and limits")
    assert "no worker has started yet" in in_force(router)["Triggers"][0]
    router.segmented_control(key="section").set_value("Team features").run()
    assert "Flags are set per team." in words(router)


def test_triggers_are_set_and_given_back(router: AppTest, buddy: Buddy) -> None:
    announce(buddy)
    founder = open_section(router, buddy, "Triggers and limits")
    router.text_area[0].set_value("@ink\n/ask")
    save(router, "setting_reason")
    value, source = in_force(router)["Triggers"]
    assert (value, source.split(",")[0]) == ("@ink, /ask", "here")
    assert buddy.call("live_settings") == {"triggers": ["@ink", "/ask"]}
    log = buddy.rows("select actor, reason from public.audit_log"
                     " where table_name = 'product_settings'")  # fmt: skip
    assert log == [(founder, "as agreed on Monday")]
    router.text_input(key="setting_reason").set_value("the old one again")
    [button] = [each for each in router.button if each.label.startswith("Back to")]
    button.click().run()
    assert in_force(router)["Triggers"] == ("@buddy", "environment")
    assert router.text_area[0].value == "@buddy"
    assert router.text_input(key="setting_reason").value == ""
    assert buddy.call("live_settings") == {}


def test_a_word_that_is_no_trigger_is_refused_with_a_sentence(
    router: AppTest, buddy: Buddy
) -> None:
    announce(buddy)
    open_section(router, buddy, "Triggers and limits")
    router.text_area[0].set_value("contrast")
    save(router, "setting_reason")
    assert "each beginning with @, / or !" in words(router)
    assert buddy.call("live_settings") == {}


def test_money_is_set_in_dollars_and_a_rule_by_its_words(router: AppTest, buddy: Buddy) -> None:
    announce(buddy)
    open_section(router, buddy, "Triggers and limits")
    router.selectbox(key="setting_code").set_value("model_cost_ceiling_microusd").run()
    router.number_input[0].set_value(0.05)
    save(router, "setting_reason")
    router.selectbox(key="setting_code").set_value("answers_per_minute").run()
    assert router.number_input[0].value == 1000
    router.selectbox(key="setting_code").set_value("guest_rule").run()
    router.radio[0].set_value("ignore")
    save(router, "setting_reason")
    assert buddy.call("live_settings") == {
        "model_cost_ceiling_microusd": 50_000,
        "guest_rule": "ignore",
    }


def test_a_setting_somebody_else_changed_is_not_overwritten(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    announce(buddy)
    open_section(router, buddy, "Triggers and limits")
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.product_settings (code, value) values ('triggers', '[\"@new\"]')"
        )
    router.text_area[0].set_value("@ink")
    save(router, "setting_reason")
    assert "Somebody else changed this setting" in words(router)
    assert buddy.call("live_settings") == {"triggers": ["@new"]}


def test_a_flag_is_set_for_a_team(router: AppTest, buddy: Buddy) -> None:
    buddy.rows("insert into public.teams (name) values ('Ink'), ('Zinc') returning 1")
    open_section(router, buddy, "Team features")
    router.selectbox(key="flag_code").set_value("model_answers").run()
    assert "nothing leaves for one" in words(router)
    [choice] = [each for each in router.radio if each.label == "For this team"]
    choice.set_value(False)
    save(router, "flag_reason")
    table = router.dataframe[0].value.set_index("Team")
    assert table.loc["Ink", "Ask AI models"] == "off"
    assert table.loc["Zinc", "Ask AI models"] == "on (default)"
    assert buddy.rows("select feature_flags from public.teams order by name") == [
        ({"model_answers": False},),
        ({},),
    ]


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    open_section(router, buddy, "Triggers and limits")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke select on public.product_settings from authenticated")
        try:
            refill_caches()
            router.run()
        finally:
            connection.execute("grant select on public.product_settings to authenticated")
    assert not router.exception
    assert any("cannot be read right now" in each.value for each in router.error)
