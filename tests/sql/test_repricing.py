"""Re-pricing: worked by hand, in any batches, twice, by whom it may; and the settings' edits."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from service.llm import PriceRow, TokenUsage
from service.llm.usage import round_microusd
from tests.sql.conftest import refused

PERIOD = ("2026-03-01T00:00Z", "2026-04-01T00:00Z")
# Dollars per million tokens: 1 for input, 0.1 for cached input, 4 for output.
PRICES = (1_000_000, 100_000, 4_000_000)
WHY = "the provider's list had it wrong"


class Operator:
    """Calls functions as PostgREST would for a signed-in operator."""

    def __init__(self, connection: psycopg.Connection, user_id: str):
        self.user_id = user_id
        self.connection = connection
        claims = json.dumps({"sub": user_id, "role": "authenticated"})
        for name, value in (("claims", claims), ("claim.sub", user_id)):
            connection.execute("select set_config(%s, %s, false)", [f"request.jwt.{name}", value])
        connection.execute("set role authenticated")

    def call(self, function: str, *arguments: Any) -> Any:
        places = ", ".join(["%s"] * len(arguments))
        statement = f"select public.{function}({places})"
        return self.connection.execute(statement, arguments).fetchone()[0]

    def named(self, function: str, **arguments: Any) -> Any:
        places = ", ".join(f"{name} => %s" for name in arguments)
        statement = f"select public.{function}({places})"
        return self.connection.execute(statement, list(arguments.values())).fetchone()[0]


@pytest.fixture
def operator(sql, database) -> Iterator[Callable[[str], Operator]]:
    opened = []

    def make(role: str) -> Operator:
        user_id = str(uuid4())
        sql.call("set_operator", user_id, f"{role}-{user_id[:4]}@example.test", role)
        opened.append(psycopg.connect(database.database_url, autocommit=True))
        return Operator(opened[-1], user_id)

    yield make
    for each in opened:
        each.close()


def write(sql, at, cost=None, state="priced", tokens=(1000, 0, 100), **fields):
    row = {
        "answer_id": str(uuid4()), "feature": "comment", "status": "answered", "plan_code": "pro",
        "provider": "openai", "model": "gpt-5-mini", "input_tokens": tokens[0],
        "cached_input_tokens": tokens[1], "output_tokens": tokens[2], "at": at,
        "cost_microusd": None if state == "unpriced" else cost, "cost_state": state, **fields,
    }  # fmt: skip
    places = ", ".join(["%s"] * len(row))
    sql.rows(
        f"insert into public.usage_logs ({', '.join(row)}) values ({places}) returning id",
        *row.values(),
    )


def a_month(sql) -> tuple[str, str]:
    """Two people. With PRICES: Ada 1000 + 400 = 1400 and 600 + 40 + 400 = 1040; Bob 1400."""
    ada, bob = sql.sign_in("1"), sql.sign_in("2")
    write(sql, "2026-03-05T10:10Z", 900, user_id=ada)
    write(sql, "2026-03-05T10:50Z", state="unpriced", tokens=(1000, 400, 100), user_id=ada)
    write(sql, "2026-03-20T10:00Z", 2000, user_id=bob)
    write(sql, "2026-03-20T10:00Z", 7, "reported", user_id=bob)
    write(sql, "2026-03-21T10:00Z", state="unpriced", tokens=(0, 0, 0), user_id=bob)
    write(sql, "2026-03-22T10:00Z", 30, price_name="one, two", fallbacks=1, user_id=bob)
    write(sql, "2026-04-01T00:00Z", 900, user_id=ada)
    write(sql, "2026-03-05T10:00Z", 900, user_id=ada, model="gpt-5")
    return ada, bob


def preview(who, prices=PRICES, period=PERIOD):
    return who.call("preview_repricing", "openai", "gpt-5-mini", *period, *prices)


def apply(who, seen=0, prices=PRICES, key=None, batch=50_000, period=PERIOD):
    key = key or str(uuid4())
    for _ in range(50):
        done = who.call(
            "apply_repricing", key, "openai", "gpt-5-mini", *period, *prices, seen, WHY, batch
        )
        if done["finished"]:
            return done
    raise AssertionError("it never finished")


def total(sql):
    found = sql.call("ai_cost", *PERIOD)["total"]
    return found["ledger_microusd"], found["adjustment_microusd"], found["unpriced"]


def test_the_preview_names_each_person_and_what_stays_as_it_is(sql, operator):
    ada, bob = a_month(sql)
    seen = preview(operator("finance"))
    people = {each.pop("user_id"): each for each in seen.pop("people")}
    assert seen == {
        "calls": 3, "reported": 1, "no_tokens": 1, "mixed": 1, "unpriced_before": 2,
        "unpriced_after": 1, "before_microusd": 2937, "after_microusd": 1400 + 1040 + 1400 + 37,
        "other_tier": 0,
        "seen": 0,
    }  # fmt: skip
    assert people == {
        ada: {"name": "Person 1", "calls": 2, "newly_priced": 1, "before_microusd": 900,
              "after_microusd": 2440, "change_microusd": 1540},
        bob: {"name": "Person 2", "calls": 1, "newly_priced": 0, "before_microusd": 2037,
              "after_microusd": 1437, "change_microusd": -600},
    }  # fmt: skip
    assert sql.rows("select count(*) from public.adjustments") == [(0,)]


@pytest.mark.parametrize("batch", [1, 2, 50_000])
def test_what_is_applied_is_what_the_preview_said_in_batches_of_any_size(sql, operator, batch):
    a_month(sql)
    founder = operator("founder")
    seen = preview(founder)
    old = sql.rows("select md5(string_agg(usage_logs::text, '|' order by id)) from usage_logs")
    before = total(sql)
    assert before == (900 + 900 + 2000 + 7 + 30, 0, 2)
    done = apply(founder, batch=batch)
    assert (done["calls"], done["newly_priced"], done["amount_microusd"]) == (3, 1, 940)
    assert total(sql) == (before[0], seen["after_microusd"] - seen["before_microusd"], 1)
    new = sql.rows("select md5(string_agg(usage_logs::text, '|' order by id)) from usage_logs")
    assert new == old
    again = preview(founder)
    assert (again["before_microusd"], again["unpriced_before"]) == (seen["after_microusd"], 1)
    assert {each["change_microusd"] for each in again["people"]} == {0}
    people = sql.call("ai_cost_people", "2026-03-01", "2026-03-31")
    assert sum(each["total_microusd"] for each in people) == sum(total(sql)[:2])


def test_the_same_key_again_writes_nothing_and_other_numbers_are_refused(sql, operator):
    a_month(sql)
    founder, key = operator("founder"), str(uuid4())
    first = apply(founder, key=key)
    assert apply(founder, key=key) == first
    assert total(sql)[1] == 940
    with refused("another re-pricing") as refusal:
        apply(founder, key=key, prices=(1, 1, 1))
    assert refusal.value.sqlstate == "PT409"
    assert sql.rows("select count(*) from public.model_prices") == [(1,)]


def test_a_second_price_replaces_the_first_and_needs_a_new_preview(sql, operator):
    a_month(sql)
    founder = operator("founder")
    apply(founder)
    with refused("since the preview"):
        apply(founder, prices=(2_000_000, None, 4_000_000))
    assert preview(founder)["seen"] == 1
    apply(founder, seen=1, prices=(2_000_000, None, 4_000_000))
    # 2000 + 400 for each of the three calls now; 900 and 2000 were known before.
    assert total(sql)[1] == 3 * 2400 - 2900
    assert total(sql)[2] == 1


# Cache writes at 2 dollars a million, sound at 3 within the input.
CLASSES = {"p_cache_write": 2_000_000, "p_classes": {"input_audio_tokens": 3_000_000}}


def preview_more(who, tier="standard", prices=PRICES, **more):
    names = ("p_input", "p_cached", "p_output")
    return who.named(
        "preview_repricing", p_provider="openai", p_model="gpt-5-mini", p_from=PERIOD[0],
        p_to=PERIOD[1], p_service_tier=tier, **dict(zip(names, prices, strict=True)), **more,
    )  # fmt: skip


def apply_more(who, tier="standard", prices=PRICES, seen=0, **more):
    names = ("p_input", "p_cached", "p_output")
    key = str(uuid4())
    for _ in range(50):
        done = who.named(
            "apply_repricing", p_key=key, p_provider="openai", p_model="gpt-5-mini",
            p_from=PERIOD[0], p_to=PERIOD[1], p_service_tier=tier, p_seen=seen, p_reason=WHY,
            p_batch=1, **dict(zip(names, prices, strict=True)), **more,
        )  # fmt: skip
        if done["finished"]:
            return done
    raise AssertionError("it never finished")


def test_cache_writes_and_other_classes_are_priced_anew_each_at_its_own_price(sql, operator):
    # 600 fresh x 1 + 100 cached x 0.1 + 300 written x 2 + 100 out x 4.
    write(sql, "2026-03-05T10:00Z", state="unpriced", tokens=(1000, 100, 100),
          cache_write_tokens=300)  # fmt: skip
    # 950 fresh x 1 + 50 of sound x 3 + 100 out x 4.
    write(sql, "2026-03-06T10:00Z", state="unpriced", token_classes='{"input_audio_tokens": 50}')
    founder = operator("founder")
    # 600 + 10 + 600 + 400, and 950 + 150 + 400.
    assert preview_more(founder, **json_of(CLASSES))["after_microusd"] == 1610 + 1500
    done = apply_more(founder, **json_of(CLASSES))
    assert (done["calls"], done["newly_priced"], done["amount_microusd"]) == (2, 2, 3110)
    (kept,) = sql.rows(
        "select cache_write_microusd_per_million, class_microusd_per_million, service_tier"
        " from public.model_prices"
    )
    assert kept == (2_000_000, {"input_audio_tokens": 3_000_000}, "standard")
    # Each class in its own part: (price, price of the part) by what the name says.
    rows = sql.rows(
        "select name, private.class_cost(jsonb_build_object(name, 10), jsonb_build_object(name, 9),"
        " 1, 2, 3, 4) from unnest(%s::text[]) as name",
        ["input_image_tokens", "output_audio_tokens", "cache_audio_read_tokens",
         "cache_write_1h_tokens", "cache_audio_write_1h_tokens", "web_searches", "unclear_tokens"],
    )  # fmt: skip
    assert [int(cost) for _, cost in rows] == [80, 60, 70, 50, 50, 90, 90]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"cache_write_tokens": 300}, "cache writes"),
        ({"token_classes": '{"input_audio_tokens": 50}'}, "input_audio_tokens"),
        ({"cache_write_tokens": 1, "token_classes": '{"output_image_tokens": 5}'},
         "cache writes and output_image_tokens"),
    ],
)  # fmt: skip
def test_a_class_without_a_price_is_refused_rather_than_left_out(sql, operator, fields, missing):
    write(sql, "2026-03-05T10:00Z", state="unpriced", **fields)
    founder = operator("founder")
    for ask in (preview, apply):
        with refused(f"hold {missing}: give a price") as refusal:
            ask(founder)
        assert refusal.value.sqlstate == "22023"
    assert sql.rows("select count(*) from public.repricings") == [(0,)]


def test_calls_that_stay_as_they_are_need_no_price_for_their_classes(sql, operator):
    a_month(sql)
    held = {"cache_write_tokens": 5, "token_classes": '{"web_searches": 1}'}
    write(sql, "2026-03-05T10:00Z", 7, "reported", **held)
    write(sql, "2026-03-05T10:00Z", 7, price_name="one, two", **held)
    write(sql, "2026-03-05T10:00Z", 7, service_tier="flex", **held)
    seen = preview(operator("founder"))
    assert (seen["calls"], seen["reported"], seen["mixed"], seen["other_tier"]) == (3, 2, 2, 1)


def test_each_tier_is_priced_anew_for_itself_also_one_after_the_other(sql, operator):
    ada = sql.sign_in("1")
    for tier in ("standard", "flex", "priority"):
        write(sql, "2026-03-05T10:00Z", state="unpriced", user_id=ada, service_tier=tier)
    founder, half = operator("founder"), (500_000, None, 2_000_000)
    seen = preview_more(founder, "flex", half)
    assert (seen["calls"], seen["other_tier"], seen["after_microusd"]) == (1, 2, 700)
    # 500 + 200 at half the price, 1000 + 400 at the standard one.
    assert apply_more(founder, "flex", half)["amount_microusd"] == 700
    assert apply(founder, seen=1)["amount_microusd"] == 1400
    assert total(sql) == (0, 2100, 1)
    # Once more, dearer: what the other tier was given stays.
    assert apply_more(founder, "flex", PRICES, 2)["amount_microusd"] == 700
    assert apply(founder, seen=3)["amount_microusd"] == 0
    assert total(sql) == (0, 2800, 1)
    tiers = (
        "select service_tier, sum(amount_microusd) from public.adjustments group by 1 order by 1"
    )
    assert sql.rows(tiers) == [("flex", 1400), ("standard", 1400)]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"p_service_tier": ""}, "Name the service tier"),
        ({"p_service_tier": "Flex"}, "small letters"),
        ({"p_service_tier": "mixed"}, "Name the service tier"),
        ({"p_cache_write": -1}, "cannot be negative"),
        ({"p_cache_write": 10**13}, "surely a slip"),
        ({"p_classes": "[]"}, "Other kinds of tokens"),
        ({"p_classes": '{"input_audio_tokens": -1}'}, "Other kinds of tokens"),
        ({"p_classes": '{"input_audio_tokens": "x"}'}, "Other kinds of tokens"),
        ({"p_classes": '{"Input audio": 1}'}, "Other kinds of tokens"),
    ],
)
def test_prices_that_make_no_sense_are_refused_wherever_they_are_given(operator, more, sentence):
    founder = operator("founder")
    prices = {"p_provider": "openai", "p_model": "m", "p_input": 1, "p_cached": 1, "p_output": 1}
    period = {"p_from": PERIOD[0], "p_to": PERIOD[1]}
    for function, others in (
        ("preview_repricing", period),
        ("apply_repricing", {**period, "p_key": str(uuid4()), "p_seen": 0, "p_reason": WHY}),
        ("set_model_price", {"p_valid_from": SOON, "p_seen": None, "p_reason": WHY}),
    ):
        with refused(sentence) as refusal:
            founder.named(function, **prices, **others, **more)
        assert refusal.value.sqlstate == "22023"


COUNTS = st.integers(0, 10_000)
AMOUNTS = st.integers(0, 10**8)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parts=st.tuples(*[COUNTS] * 4),
    shares=st.lists(st.integers(0, 100), min_size=4, max_size=4),
    prices=st.tuples(AMOUNTS, st.none() | AMOUNTS, AMOUNTS, AMOUNTS),
    classes=st.lists(AMOUNTS, min_size=4, max_size=4),
)
def test_a_call_costs_the_same_whether_priced_at_once_or_later(sql, parts, shares, prices, classes):
    """The service prices with the row; a re-pricing with its prices comes to the same."""
    fresh, cached, written, output = parts
    names = ("input_audio_tokens", "cache_audio_read_tokens", "cache_write_1h_tokens",
             "output_image_tokens")  # fmt: skip
    counts = [part * share // 100 for part, share in zip(parts, shares, strict=True)]
    held = tuple((name, count) for name, count in zip(names, counts, strict=True) if count)
    usage = TokenUsage(fresh + cached + written, cached, output, 0, written, held)
    row = PriceRow("p", "m", datetime(2026, 1, 1, tzinfo=UTC), None, prices[0], prices[1],
                   prices[2], None, prices[3], dict(zip(names, classes, strict=True)))  # fmt: skip
    amount = row.microusd_of(usage)
    assert amount is not None
    with sql.connection.transaction(force_rollback=True):
        write(
            sql, "2026-03-05T10:00Z", 0, tokens=(usage.input, cached, max(output, 1)), model="m",
            cache_write_tokens=written, token_classes=json.dumps(dict(held)),
        )  # fmt: skip
        ((later,),) = sql.rows(
            "select after_microusd from private.repriced('openai', 'm', %s, %s, %s, %s, %s, %s,"
            " 'standard', %s, false)",
            *PERIOD, *prices, json.dumps(row.class_microusd),
        )  # fmt: skip
    more = TokenUsage(usage.input, cached, max(output, 1), 0, written, held)
    assert later == round_microusd(row.microusd_of(more))


def json_of(parameters):
    return {**parameters, "p_classes": json.dumps(parameters["p_classes"])}


def test_one_left_unfinished_is_continued_before_another_may_start(sql, operator):
    a_month(sql)
    founder, key = operator("founder"), str(uuid4())
    first = (key, "openai", "gpt-5-mini", *PERIOD, *PRICES, 0, WHY, 1)
    assert not founder.call("apply_repricing", *first)["finished"]
    with refused("not finished"):
        apply(founder, seen=1)
    assert apply(founder, key=key)["amount_microusd"] == 940


def test_a_repricing_is_dated_audited_and_leaves_a_price_of_its_period(sql, operator):
    a_month(sql)
    founder = operator("founder")
    apply(founder)
    rows = sql.rows(
        "select for_at, amount_microusd, newly_priced, reason, at > now() - interval '1 minute'"
        " from public.adjustments order by for_at"
    )
    assert rows == [
        (datetime(2026, 3, 5, 10, tzinfo=UTC), 1540, 1, WHY, True),
        (datetime(2026, 3, 20, 10, tzinfo=UTC), -600, 0, WHY, True),
    ]
    price = sql.rows(
        "select valid_from, valid_to, input_microusd_per_million, output_microusd_per_million"
        " from public.model_prices"
    )
    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert price == [(march, april, 1_000_000, 4_000_000)]
    audit = sql.rows(
        "select distinct table_name, reason from public.audit_log where reason = %s", WHY
    )
    assert sorted(audit) == [("model_prices", WHY), ("repricings", WHY)]
    with pytest.raises(psycopg.DatabaseError):
        sql.rows("update public.adjustments set amount_microusd = 0 returning 1")


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        (("2026-03-01T00:30Z", "2026-04-01T00:00Z"), "whole hour"),
        (("2026-04-01T00:00Z", "2026-03-01T00:00Z"), "end after it starts"),
        (("2026-03-01T00:00Z", "2099-03-01T00:00Z"), "must be over"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(operator, period, sentence):
    with refused(sentence):
        preview(operator("founder"), period=period)


SOON = datetime.now(UTC) + timedelta(days=1)
EDITS = {
    "apply_repricing": (str(uuid4()), "openai", "m", *PERIOD, 1, 1, 1, 0),
    "set_budget": ("global", "", 1000, 0),
    "set_model_price": ("openai", "m", SOON, 1, None, 1, None),
    "set_plan": ("pro", "Pro", 1, 1, False, 0, SOON, "-infinity"),
    "change_operator": (str(uuid4()), "support", True, "support", True),
}


@pytest.mark.parametrize("function", EDITS)
def test_only_founders_edit_and_only_with_a_reason(operator, function):
    for role in ("support", "finance"):
        with refused("Only founders", errors.InsufficientPrivilege):
            operator(role).call(function, *EDITS[function], WHY)
    for reason in (None, "", " a "):
        with refused("Say why"):
            operator("founder").call(function, *EDITS[function], reason)


def test_support_may_not_preview_prices(operator):
    with refused("Only founders and finance", errors.InsufficientPrivilege):
        preview(operator("support"))


def test_a_budget_is_set_changed_and_ended_by_who_saw_its_last_version(sql, operator):
    founder = operator("founder")
    assert founder.call("set_budget", "plan", "pro", 1000, 0, WHY)["version"] == 1
    with refused("Somebody else"):
        founder.call("set_budget", "plan", "pro", 2000, 0, WHY)
    assert founder.call("set_budget", "plan", "pro", 2000, 1, WHY)["version"] == 2
    founder.call("set_budget", "plan", "pro", 0, 2, WHY)
    assert sql.call("budget_standing") == []
    assert founder.call("set_budget", "plan", "pro", 5, 0, WHY)["version"] == 1
    with refused("no such person"):
        founder.call("set_budget", "user", str(uuid4()), 5, 0, WHY)
    count = sql.rows("select count(*) from public.audit_log where table_name = 'budgets'")
    assert count == [(4,)]


def test_a_price_and_a_plan_get_a_new_row_and_no_row_is_changed(sql, operator):
    founder = operator("founder")
    price = founder.call("set_model_price", "openai", "m", SOON, 5, None, 7, None, WHY)
    with refused("Somebody else"):
        founder.call("set_model_price", "openai", "m", SOON, 6, None, 7, None, WHY)
    second = founder.call("set_model_price", "openai", "m", SOON, 6, None, 7, price["id"], WHY)
    third = founder.call(
        "set_model_price", "openai", "m", SOON, 6, None, 7, second["id"], WHY, 8, "flex",
        '{"input_audio_tokens": 9}',
    )  # fmt: skip
    assert [second["service_tier"], third["service_tier"]] == ["standard", "flex"]
    assert third["cache_write_microusd_per_million"] == 8
    # The workers are given the rows in the order in which they go before each other.
    found = sql.call("price_overrides")
    assert [each["id"] for each in found] == [price["id"], second["id"], third["id"]]
    assert found[2]["class_microusd_per_million"] == {"input_audio_tokens": 9}
    past = datetime.now(UTC) - timedelta(days=1)
    with refused("re-pricing"):
        founder.call("set_model_price", "openai", "n", past, 6, None, 7, None, WHY)
    plan = founder.call(
        "set_plan", "pro", "Pro", 12_000_000, 600, False, 0, datetime.now(UTC), "-infinity", WHY
    )
    with refused("Somebody else"):
        founder.call("set_plan", "pro", "Pro", 1, 1, False, 0, SOON, "-infinity", WHY)
    assert founder.call("set_plan", "pro", "Pro", 1, 1, False, 0, SOON, plan["valid_from"], WHY)
    rows = sql.rows(
        "select price_microusd, uses from public.plans where code = 'pro' order by valid_from"
    )
    assert rows == [(10_000_000, 500), (12_000_000, 600), (1, 1)]
    ada = sql.sign_in("1")
    sql.rows("insert into public.subscriptions (user_id, plan_code, starts_at)"
             " values (%s, 'pro', now() - interval '1 day') returning 1", ada)  # fmt: skip
    assert sql.rows("select uses from private.plan_in_force(%s)", ada) == [(600,)]


def test_an_operator_loses_the_role_at_once_and_nobody_changes_themselves(sql, operator):
    founder, other = operator("founder"), operator("founder")
    with refused("their own role"):
        founder.call("change_operator", founder.user_id, "support", True, "founder", True, WHY)
    founder.call("change_operator", other.user_id, "founder", False, "founder", True, WHY)
    with pytest.raises(errors.InsufficientPrivilege):
        other.call("change_operator", founder.user_id, "support", True, "founder", True, WHY)
    with refused("Somebody else"):
        founder.call("change_operator", other.user_id, "support", True, "founder", True, WHY)
    founder.call("change_operator", other.user_id, "support", True, "founder", False, WHY)
    assert other.call("current_operator")["role"] == "support"


def test_a_closed_month_stays_closed_and_its_repricing_becomes_a_dated_late_fact(sql, operator):
    ada, bob = a_month(sql)
    ((team,),) = sql.rows("insert into public.teams (name) values ('Ink') returning id::text")
    write(sql, "2026-03-25T10:00Z", 100, user_id=bob, team_id=team)
    finance, founder = operator("finance"), operator("founder")
    finance.call("close_month", "2026-03-01", "the books are done")
    closed = sql.rows("select * from public.billing_statements as kept order by kept")
    before = sql.call("ai_cost", *PERIOD)["total"]["total_microusd"]
    done = apply(founder, batch=1)
    assert sql.rows("select * from public.billing_statements as kept order by kept") == closed
    after = sql.call("ai_cost", *PERIOD)["total"]["total_microusd"]
    assert after - before == done["amount_microusd"] == 1540 - 600 + 1300
    late = sql.rows(
        "select month::text, for_month::text, dated::text, kind, user_id::text, amount_microusd,"
        " cost_microusd, unpriced, reason from public.billing_adjustments order by dated, user_id"
    )
    assert {row[:4] + row[5:6] for row in late} <= {
        ("2026-04-01", "2026-03-01", day, "late_cost", 0)
        for day in ("2026-03-05", "2026-03-20", "2026-03-25")
    }
    costs = {person: sum(row[6] for row in late if row[4] == person) for person in (ada, bob)}
    assert costs == {ada: 1540, bob: -600 + 1300}
    assert sum(row[7] for row in late) == -done["newly_priced"] == -1
    assert all(WHY in row[8] for row in late)
    count = len(late)
    assert apply(founder, seen=1, prices=PRICES)["amount_microusd"] == 0
    assert sql.rows("select count(*) from public.billing_adjustments") == [(count,)]
    assert sql.rows(
        "select count(*) from public.audit_log where table_name = 'billing_adjustments'"
    ) == [(count,)]


def test_a_repricing_and_the_closing_of_a_month_do_not_wait_for_each_other_in_a_circle(
    sql, operator, connect, until_blocked
):
    a_month(sql)
    finance, founder, auditor = operator("finance"), operator("founder"), connect()
    auditor.connection.autocommit = False
    # Any audited change that is still open: both come as far as the audit log, one after the other.
    auditor.rows("update public.users set state = 'suspended' returning 1")
    with ThreadPoolExecutor(2) as pool:
        priced = pool.submit(apply, founder)
        until_blocked(founder.connection, priced)
        closed = pool.submit(finance.call, "close_month", "2026-03-01", "the books are done")
        until_blocked(finance.connection, closed)
        auditor.connection.commit()
        assert priced.result()["amount_microusd"] == 940
        assert closed.result()["ai_cost_microusd"] == 900 + 900 + 2000 + 7 + 30 + 940


def test_the_books_of_an_open_month_take_a_repricing_in(sql, operator):
    a_month(sql)
    before = operator("finance").call("billing_totals", "2026-03-01")["ai_cost_microusd"]
    done = apply(operator("founder"))
    after = operator("finance").call("billing_totals", "2026-03-01")["ai_cost_microusd"]
    assert after - before == done["amount_microusd"]
    assert sql.rows("select count(*) from public.billing_adjustments") == [(0,)]
