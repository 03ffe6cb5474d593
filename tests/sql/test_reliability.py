"""Dead letters, webhooks and the rollups of the reliability page, as each role meets them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PRICED = {
    "provider": "openai", "model": "gpt-5-mini", "model_latency_ms": 900, "figma_latency_ms": 300,
    "cost_microusd": 1200, "cost_state": "priced", "price_name": "test",
    "attempts": [
        {"provider": "azure", "model": "gpt-5-mini", "outcome": "failed", "reason": "timeout",
         "latency_ms": 700},
        {"provider": "openai", "model": "gpt-5-mini", "outcome": "answered", "reason": "ok",
         "latency_ms": 200},
    ],
}  # fmt: skip
CALLS = (
    ("plan_replay", ("{}",)),
    ("replay_answers", ("{}", None, "a good reason")),
    ("discard_answer", (str(uuid4()), "a good reason")),
    ("operator_set_webhook_state", (str(uuid4()), "paused", "a good reason")),
    ("set_reliability_target", ("answered", Decimal("0.9"), None, "a good reason")),
)


class Operator:
    """Calls functions as PostgREST would for a signed-in operator."""

    def __init__(self, connection: psycopg.Connection, user_id: str):
        self.connection = connection
        claims = json.dumps({"sub": user_id, "role": "authenticated"})
        for name, value in (("claims", claims), ("claim.sub", user_id)):
            connection.execute("select set_config(%s, %s, false)", [f"request.jwt.{name}", value])
        connection.execute("set role authenticated")

    def call(self, function: str, *arguments: Any) -> Any:
        return self.rows(function, *arguments)[0][0]

    def rows(self, function: str, *arguments: Any) -> list[tuple]:
        places = ", ".join(["%s"] * len(arguments))
        return self.connection.execute(
            f"select * from public.{function}({places})", arguments
        ).fetchall()


@pytest.fixture
def operator(sql, database) -> Iterator[Callable[[str | None], Operator]]:
    opened: list[psycopg.Connection] = []
    made: dict[str | None, Operator] = {}

    def make(role: str | None) -> Operator:
        if role in made:
            return made[role]
        user_id = str(uuid4())
        if role:
            sql.rows("select set_operator(%s, %s, %s)", user_id, f"{role}@example.test", role)
        opened.append(psycopg.connect(database.database_url, autocommit=True))
        made[role] = Operator(opened[-1], user_id)
        return made[role]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def webhook(sql) -> str:
    return sql.switch_on(sql.sign_in("1"))


def dead_letter(sql, webhook, comment_id="c1", *, draft: str = "", reason="figma_down") -> str:
    answer_id = sql.ask(webhook, comment_id)["answer_id"]
    begun = sql.begin(answer_id)
    if draft:
        kept = {"body": draft, "text": draft, "decision": "answer", "reason": "", "run": 1}
        sql.call("start_posting", answer_id, begun["attempt"], kept, 5.0)
    sql.call("release_use", answer_id, begun["attempt"], reason, "Figma is down.", {})
    return answer_id


def answered(sql, webhook, comment_id, **usage) -> str:
    answer_id = sql.ask(webhook, comment_id)["answer_id"]
    sql.begin(answer_id)
    sql.settle(answer_id, f"reply-{comment_id}", **{**PRICED, **usage})
    return answer_id


def steps(plan: dict) -> dict[str, str]:
    return {each["step"]: each["status"] for each in plan["steps"]}


def test_a_dry_run_says_what_would_be_asked_charged_and_posted(sql, operator, webhook):
    answered(sql, webhook, "c0")
    answer_id = dead_letter(sql, webhook)
    before = sql.rows("select * from public.answers order by id")
    [plan] = operator("support").call("plan_replay", [answer_id])
    assert steps(plan) == {
        "Comment": "done", "Use": "charge", "Design": "do", "Model": "charge", "Look": "do",
        "Reply": "post", "Books": "do",
    }  # fmt: skip
    assert plan["estimated_microusd"] == 1200
    assert "given back" in json.dumps(plan)
    assert sql.rows("select * from public.answers order by id") == before


def test_a_drafted_reply_is_not_asked_for_again(sql, operator, webhook):
    answered(sql, webhook, "c0")
    answer_id = dead_letter(sql, webhook, draft="Contrast is 3:1.")
    [plan] = operator("founder").call("plan_replay", [answer_id])
    assert steps(plan)["Model"] == "done"
    assert plan["estimated_microusd"] == 0
    assert "Contrast" not in json.dumps(plan)


def test_a_replay_that_would_be_refused_says_so(sql, operator, webhook):
    answer_id = dead_letter(sql, webhook)
    sql.rows("update public.use_balances set used = 10 returning 1")
    [plan] = operator("support").call("plan_replay", [answer_id])
    assert (plan["decision"], plan["takes_use"], plan["posts"]) == ("refuse", False, True)
    sql.rows("insert into public.thread_mutes values ('FILE', 'c1', '1') returning 1")
    [plan] = operator("support").call("plan_replay", [answer_id])
    assert (plan["decision"], plan["posts"]) == ("ignore", False)


def test_a_replayed_answer_is_answered_once_and_a_second_replay_does_nothing(
    sql, operator, webhook
):
    answer_id = dead_letter(sql, webhook, draft="kept")
    support = operator("support")
    outcome = support.call("replay_answers", [answer_id, answer_id], 0, "Figma is back")
    assert [each["outcome"] for each in outcome["results"]] == ["queued", "nothing_to_do"]
    assert sql.begin(answer_id)["run"] == 2
    sql.settle(answer_id, "reply")
    [plan] = support.call("plan_replay", [answer_id])
    assert (plan["can_replay"], plan["steps"][0]["detail"][:13]) == (False, "Nothing to do")
    again = support.call("replay_answers", [answer_id], None, "once more")
    assert again["results"][0]["outcome"] == "nothing_to_do"
    assert sql.rows("select count(*) from public.use_receipts where state = 'settled'") == [(1,)]
    log = sql.rows(
        "select actor, before ->> 'state', after ->> 'state', reason, before ? 'question'"
        " from public.audit_log where table_name = 'answers'"
    )
    assert log == [("support@example.test", "failed", "queued", "Figma is back", False)]


def test_the_cost_cap_stops_the_replay_of_many(sql, operator, webhook):
    answered(sql, webhook, "c0")
    letters = [dead_letter(sql, webhook, f"d{each}") for each in range(3)]
    outcome = operator("founder").call("replay_answers", letters, 2500, "bulk")
    assert [each["outcome"] for each in outcome["results"]] == ["queued", "queued", "over_cap"]
    assert outcome["estimated_microusd"] == 2400
    assert sql.rows("select id::text from public.answers where state = 'failed'") == [(letters[2],)]


def test_without_a_known_price_only_a_replay_without_cap_goes_through(sql, operator, webhook):
    answer_id = dead_letter(sql, webhook)
    founder = operator("founder")
    assert founder.call("plan_replay", [answer_id])[0]["estimated_microusd"] is None
    capped = founder.call("replay_answers", [answer_id, str(uuid4())], 10_000, "try")
    assert [each["outcome"] for each in capped["results"]] == ["no_estimate", "not_found"]
    free = founder.call("replay_answers", [answer_id], None, "try")
    assert free["results"][0]["outcome"] == "queued"


def test_a_discarded_letter_is_closed_and_stays_in_the_ledger(sql, operator, webhook):
    answer_id = dead_letter(sql, webhook)
    support = operator("support")
    assert support.rows("dead_letter_causes")[0][:2] == ("figma_down", 1)
    assert support.call("discard_answer", answer_id, "spam") == {"discarded": True}
    assert support.call("discard_answer", answer_id, "spam") == {"discarded": False}
    assert support.rows("dead_letter_causes") == []
    assert support.call("plan_replay", [answer_id])[0]["can_replay"] is False
    assert sql.rows("select status from public.usage_logs") == [("failed",)]
    assert sql.rows("select reason from public.audit_log where table_name = 'answers'") == [
        ("spam",)
    ]


@pytest.mark.parametrize(("function", "arguments"), CALLS, ids=[name for name, _ in CALLS])
def test_other_roles_may_do_none_of_it(operator, function, arguments):
    for role in (None, "finance"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operator(role).call(function, *arguments)


def test_support_may_not_set_targets_and_a_reason_is_always_needed(sql, operator, webhook):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        operator("support").call(
            "set_reliability_target", "answered", Decimal("0.9"), None, "because"
        )
    founder = operator("founder")
    for function, arguments in CALLS[1:]:
        with pytest.raises(psycopg.Error) as refusal:
            founder.call(function, *arguments[:-1], " ")
        assert refusal.value.sqlstate == "PT422"
    founder.call("set_reliability_target", "in_time", Decimal("0.9"), 20_000, "new promise")
    kept = sql.rows("select code, threshold_ms from public.reliability_targets order by code")
    assert kept == [("answered", None), ("in_time", 20_000)]
    log = "select row_key, reason from public.audit_log where table_name = 'reliability_targets'"
    assert sql.rows(log) == [("in_time", "new promise")]


def test_a_webhook_paused_by_an_operator_keeps_deliveries_and_answers_none(sql, operator, webhook):
    support = operator("support")
    paused = support.call("operator_set_webhook_state", webhook, "paused", "floods us")
    assert paused == {"state": "paused", "changed": True}
    again = support.call("operator_set_webhook_state", webhook, "paused", "again")
    assert again["changed"] is False
    assert sql.ask(webhook, "c1")["outcome"] == "paused"
    assert support.call("webhook_list")["rows"][0]["is_paused_by_operator"] is True
    support.call("operator_set_webhook_state", webhook, "active", "calm again")
    assert sql.ask(webhook, "c2")["outcome"] == "queued"
    reasons = sql.rows("select reason from public.audit_log where after ->> 'state' = 'paused'")
    assert reasons == [("floods us",)]


def test_what_an_owner_paused_at_figma_only_the_owner_resumes(sql, operator, webhook):
    owner = sql.rows("select user_id from public.user_webhooks")[0][0]
    sql.call("change_webhook", owner, webhook, "paused", None)
    with pytest.raises(psycopg.Error, match="only the owner") as refusal:
        operator("support").call("operator_set_webhook_state", webhook, "active", "please")
    assert refusal.value.sqlstate == "PT409"


def test_deliveries_are_counted_by_hour_and_outcome(sql, operator, webhook, new_comment):
    sql.ask_all(
        new_comment(webhook, "c1"),
        new_comment(webhook, "c1"),
        new_comment(webhook, "c2", is_addressed=False),
        new_comment(webhook, "c3", author_figma_id=None),
    )
    sql.ask(webhook, "c2", is_addressed=False)
    start = datetime.now(UTC) - timedelta(hours=2)
    rows = operator("support").rows("delivery_course", [start], datetime.now(UTC))
    assert [row[1:] for row in rows] == [("duplicate", 1, 1), ("ignored", 2, 1), ("queued", 1, 0)]
    listed = operator("founder").call("webhook_list", "person 1")["rows"][0]
    assert (listed["deliveries_7d"], listed["answers_7d"], listed["owner"]) == (4, 1, "Person 1")


def test_a_webhook_is_silent_when_quiet_for_longer_than_usual(sql, operator, webhook):
    def quiet_for(hours: int, events: int) -> int:
        sql.rows("delete from public.webhook_hourly returning 1")
        sql.rows(
            "insert into public.webhook_hourly select date_trunc('hour', now())"
            " - make_interval(hours => %s + 10 * n), %s, 'queued', 1"
            " from generate_series(0, %s - 1) as n returning 1",
            hours, webhook, events,
        )  # fmt: skip
        sql.rows(
            "update public.user_webhooks set last_event_at = now() - make_interval(hours => %s)"
            " returning 1",
            hours,
        )
        return operator("support").call("webhook_list")["silent"]

    assert quiet_for(25, 6) == 1
    assert quiet_for(20, 6) == 0
    assert quiet_for(25, 4) == 0


def test_providers_are_counted_as_asked(sql, operator, webhook):
    answered(sql, webhook, "c0")
    bounds = (datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC))
    rows = operator("founder").rows("provider_calls", *bounds)
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("azure", "failed", "timeout", 1),
        ("openai", "answered", "ok", 1),
    ]
    kinds = operator("founder").rows("reliability_latencies", *bounds)
    assert [(row[0], row[1]) for row in kinds] == [("total", 1), ("model", 1), ("figma", 1)]
    assert 250 <= kinds[2][4] <= 350


def test_the_queue_is_sampled_once_a_minute(sql, operator, webhook):
    sql.ask(webhook, "c1")
    sql.call("sample_queue")
    sql.call("sample_queue")
    hours = [datetime.now(UTC) - timedelta(hours=1)]
    [row] = operator("support").rows("queue_course", hours, datetime.now(UTC))
    assert row[1:4] == (1, 0, 0)
    assert row[6] in (1, 2)


def test_finance_sees_none_of_the_new_tables(sql, operator, webhook):
    answered(sql, webhook, "c0")
    sql.call("sample_queue")
    tables = ("provider_hourly", "queue_samples", "webhook_hourly", "reliability_targets")
    for role, sees in (("finance", False), (None, False), ("support", True), ("founder", True)):
        reader = operator(role).connection
        for table in tables:
            rows = reader.execute(f"select count(*) from public.{table}").fetchone()
            assert (rows[0] > 0) == sees, (role, table)


def test_the_error_budget_burns_with_failures_and_slow_answers(sql, operator, webhook):
    for each in range(8):
        answered(sql, webhook, f"c{each}")
    dead_letter(sql, webhook, "d1")
    dead_letter(sql, webhook, "d2")
    windows = {
        (code, hours): (cases, good, burn)
        for code, _, _, hours, cases, good, burn in operator("support").rows("slo_windows")
    }
    assert set(windows) == {(c, h) for c in ("answered", "in_time") for h in (1, 6, 72, 720)}
    assert windows["answered", 1] == (10, 8, pytest.approx(20))
    assert windows["in_time", 720] == (10, 8, pytest.approx(4))


@contextmanager
def rolled_back(sql) -> Iterator[None]:
    with sql.connection.transaction(force_rollback=True):
        yield


outcomes = st.tuples(
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)),
    st.sampled_from(["answered", "failed"]),
    st.sampled_from(["figma_down", "unexpected", "comment_deleted"]),
    st.integers(0, 90_000),
)


def test_totals_causes_and_steps_are_the_same_sums(sql):
    # Two days over the night on which Berlin's clocks change.
    starts = [datetime(2026, 3, 27, 23, tzinfo=UTC) + timedelta(hours=h) for h in (0, 24, 47)]
    end = datetime(2026, 3, 30, 22, tzinfo=UTC)

    @settings(max_examples=15, deadline=None)
    @given(st.lists(outcomes, max_size=12))
    def check(uses):
        with rolled_back(sql):
            for at, status, cause, latency in uses:
                sql.rows(
                    "insert into public.usage_hourly as h (hour, plan_code, feature, provider,"
                    " model, status, error_code, uses, latency_histogram, model_latency_histogram)"
                    " values (date_trunc('hour', %s::timestamptz, 'UTC'), 'pro', 'comment', '', '',"
                    " %s, %s, 1, private.histogram_with(private.latency_bucket(%s)),"
                    " array_fill(0::bigint, array[84])) on conflict (hour, plan_code, feature,"
                    " provider, model, status, error_code) do update set uses = h.uses + 1,"
                    " latency_histogram = private.add_histograms(h.latency_histogram,"
                    " excluded.latency_histogram) returning 1",
                    at.replace(tzinfo=UTC), status, cause if status == "failed" else "", latency,
                )  # fmt: skip
            totals = sql.call("reliability_totals", starts[0], end)
            causes = sql.rows("select * from public.reliability_causes(%s, %s)", starts[0], end)
            course = sql.rows("select * from public.reliability_course(%s, %s)", starts, end)
            kinds = sql.rows("select * from public.reliability_latencies(%s, %s)", starts[0], end)
        failed = sum(status == "failed" for _, status, _, _ in uses)
        assert (totals["answered"], totals["failed"]) == (len(uses) - failed, failed)
        assert sum(row[1] for row in causes) == failed
        assert sum(row[1] for row in course) == totals["answered"]
        assert sum(row[2] for row in course) == failed
        assert sum(row[1] for row in kinds) == totals["answered"]

    check()
