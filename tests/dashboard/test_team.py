"""One team opened whole, and its plan and seats changed with every change kept."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.team import edits, queries
from local.stack import Database
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    metrics,
    open_page,
    refill_caches,
    settings_of,
    sign_in,
    words,
)


@pytest.fixture
def team(buddy: Buddy) -> str:
    """Ada's team, on Pro with two seats, with an answer of today."""
    buddy.connect_person()
    [(id,)] = buddy.rows(
        "with made as (insert into public.teams (name) values ('Ember Bank') returning id),"
        " paid as (insert into public.subscriptions (team_id, plan_code, seats)"
        " select id, 'pro', 2 from made)"
        " update public.users set team_id = made.id from made returning made.id::text"
    )
    buddy.answer()
    return str(id)


def founder(buddy: Buddy, database: Database) -> Operator:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("founder"), PASSWORD)
    return Operator(signed_in.user_id, signed_in.email, "founder", signed_in)


def test_a_team_is_shown_whole_and_its_seats_are_changed_with_every_change_kept(
    router: AppTest, buddy: Buddy, database: Database, team: str
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    router.query_params["id"] = team
    open_page(router, "team")
    assert not router.exception
    shown = metrics(router)
    assert (shown["Uses"], shown["AI cost"]) == ("1", "$0.0012")
    assert "Ember Bank" in words(router) and "2 seats" in words(router)
    [members] = [each.value for each in router.dataframe if "Last seen" in each.value]
    assert (list(members["Name"]), list(members["Answers"])) == (["Ada"], [1])
    assert list(members["Cost"]) == ["$0.0012"]

    month = datetime.now(UTC).date().replace(day=1)
    operator = founder(buddy, database)
    seen = queries.read_team(operator, team, month)
    assert seen is not None and (seen.plan_code, seen.seats) == ("pro", 2)
    assert seen.margin_microusd == seen.due_microusd - seen.ai_cost_microusd
    edits.change_plan(operator, seen, "pro", 5, "they hired three")
    with pytest.raises(Refused, match="meanwhile"):
        edits.change_plan(operator, seen, "pro", 6, "seen before the change")
    now = queries.read_team(operator, team, month)
    assert now is not None and (now.plan_code, now.seats) == ("pro", 5)
    with pytest.raises(Refused, match="1 to 100,000"):
        edits.change_plan(operator, now, "no such plan", 5, "a slip of the pen")

    refill_caches()
    router.run()
    [history] = [each.value for each in router.dataframe if "Why" in each.value]
    assert (history["From"][0], history["To"][0]) == ("Pro, 2 seats", "Pro, 5 seats")
    assert (history["Who"][0], history["Why"][0]) == (operator.email, "they hired three")


def test_what_leaves_for_models_is_set_with_a_reason_and_each_change_is_kept(
    router: AppTest, buddy: Buddy, database: Database, team: str
) -> None:
    operator = founder(buddy, database)
    month = datetime.now(UTC).date().replace(day=1)
    seen = queries.read_team(operator, team, month)
    assert seen is not None and (seen.sharing, seen.sharing_history) == ("texts_and_pictures", [])
    edits.set_sharing(operator, seen, "nothing", "their contract")
    with pytest.raises(Refused, match="changed meanwhile"):
        edits.set_sharing(operator, seen, "texts", "seen before the change")
    refill_caches()
    sign_in(router, buddy.make_operator("founder"))
    router.query_params["id"] = team
    open_page(router, "team")
    assert not router.exception and "What leaves for AI models" in words(router)
    [history] = [each.value for each in router.dataframe if list(each.value)[2:] == ["To", "Why"]]
    assert (history["Who"][0], history["To"][0]) == (operator.email, "Nothing")
    assert history["Why"][0] == "their contract"


def test_teams_are_for_founders_and_the_list_opens_one(router: AppTest, buddy: Buddy, team) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "team")
    assert list(router.dataframe[0].value["Team"]) == ["Ember Bank"]
    assert list(router.dataframe[0].value["Seats"]) == [2]
