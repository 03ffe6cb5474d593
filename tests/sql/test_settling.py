"""Answers that are settled together leave behind what they would have left one by one."""

import threading
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.sql.conftest import Sql

Row = dict[str, Any]
# What each use leaves behind, and what tells its rows apart where that is drawn from a sequence.
TABLES = {
    "answers": (),
    "use_receipts": (),
    "use_balances": (),
    "usage_logs": ("id",),
    "activity": ("id",),
    "usage_hourly": (),
    "usage_daily": (),
    "usage_hourly_teams": (),
    "usage_daily_users": (),
    "provider_hourly": (),
    "ai_cost_hourly": (),
    "ai_cost_daily": (),
    "ai_cost_hourly_teams": (),
    "ai_cost_daily_users": (),
    "billing_usage": (),
    "reliability_daily": (),
    "reliability_hourly_teams": (),
    "grounding_hourly": (),
    "user_features": (),
    "feature_days": (),
    "active_periods": (),
    "growth_counts": (),
}
# The clock is read when the ledger is written.
CLOCK = ["latency_ms", "latency_ms_sum"]
REBUILD = """
    select private.rebuild_usage_hourly(), private.rebuild_usage_daily(),
        private.rebuild_usage_teams(), private.rebuild_ai_cost(), private.rebuild_billing(),
        private.rebuild_reliability(), private.rebuild_grounding(), private.rebuild_growth()
"""
SETTLE = "select public.settle_answer(%s, %s, %s)"


def attempt(provider: str, outcome: str, latency_ms: int, reason: str = "") -> Row:
    names = ("provider", "model", "outcome", "latency_ms", "reason")
    return dict(zip(names, (provider, "m", outcome, latency_ms, reason), strict=True))


USAGES = [
    {
        "provider": "one", "model": "m", "input_tokens": 900, "cached_input_tokens": 100,
        "output_tokens": 50, "reasoning_tokens": 5, "cache_write_tokens": 300,
        "token_classes": {"cache_write_1h_tokens": 40}, "service_tier": "flex",
        "cost_state": "reported", "cost_microusd": 70, "price_name": "vendor",
        "model_latency_ms": 2100,
        "figma_latency_ms": 310, "prompt_version": "3", "node_id": "1:2", "design_state": "read",
        "facts": {"contrast": 4.5}, "attempts": [attempt("one", "answered", 2100)],
        "grounding": "repaired",
    },
    {
        "provider": "two", "model": "m", "input_tokens": 30, "cost_state": "unpriced",
        "model_latency_ms": 900, "fallbacks": 1,
        "attempts": [attempt("one", "failed", 5, "timeout"), attempt("two", "answered", 900)],
    },
    {"provider": "measured-review", "figma_latency_ms": 44, "attempts": None},
    {
        "provider": "one", "model": "m", "cost_microusd": 11, "model_latency_ms": 2100,
        "grounding": "grounded",
    },
    {},
]  # fmt: skip


def comments(sql: Sql) -> list[str]:
    """Answers, begun twenty minutes ago, of people on several plans, of guests, and commands."""
    people = {name: sql.sign_in(name) for name in ("1", "2", "3", "4")}
    sql.connection.execute("insert into public.teams (name) values ('Ink')")
    sql.connection.execute(
        "update public.users set team_id = (select id from public.teams)"
        " where figma_user_id in ('2', '3')"
    )
    sql.connection.execute(
        "insert into public.subscriptions (team_id, plan_code)"
        " select id, 'enterprise' from public.teams"
    )
    sql.connection.execute(
        "insert into public.subscriptions (user_id, plan_code) values (%s, 'pro')", [people["3"]]
    )
    hooks = {
        "A": sql.switch_on(people["1"], "A"),
        "B": sql.switch_on(people["2"], "B", "owner_pays"),
    }
    asked = [("A", "1", None)] * 12 + [
        ("B", "2", None), ("B", "3", None), ("B", "guest", None), ("A", "guest", None),
        ("A", "4", None), ("A", "1", "help"), ("B", "2", "usage"), ("A", "4", None),
        ("B", "3", None), ("B", "2", None),
    ]  # fmt: skip
    found = []
    for number, (file, author, command) in enumerate(asked):
        more = {"file_key": file, "author_figma_id": author, "command": command}
        found.append(sql.ask(hooks[file], f"c{number}", **more)["answer_id"])
    sql.connection.execute("update public.answers set received_at = now() - interval '20 minutes'")
    for each in found:
        begun = sql.begin(each, 100, 3, 300, 60)
        assert begun["decision"] in ("answer", "refuse", "invite", "command")
    return found


def settling(answers: list[str]) -> list[tuple[str, Row, Row]]:
    """Each with its reply and its use; two of them are asked for once more, for another reply."""
    found = [
        (each, {"comment_id": f"r{n}", "created_at": "2026-11-22T10:00:02Z"}, USAGES[n % 5])
        for n, each in enumerate(answers)
    ]
    again = [(found[n][0], {"comment_id": f"again-{n}"}, USAGES[0]) for n in (14, 3)]
    return [*found[:16], *again, *found[16:]]


def one_by_one(sql: Sql, settlings: list[tuple[str, Row, Row]]) -> list[Row]:
    found = []
    for answer, reply, usage in settlings:
        found += sql.rows(SETTLE, answer, Jsonb(reply), Jsonb(usage))
    return [value for (value,) in found]


def together(sql: Sql, settlings: list[tuple[str, Row, Row]]) -> list[Row]:
    steps = [settle(*each) for each in settlings]
    return [each["value"] for each in sql.call("take_steps", steps)]


def settle(answer: str, reply: Row, usage: Row) -> Row:
    return {"step": "settle_answer", "answer_id": answer, "reply": reply, "usage": usage}


def left_behind(sql: Sql) -> dict[str, list[Row]]:
    """All rows of the tables that a use changes, less what is the clock's or a sequence's."""
    found = {}
    for table, keys in TABLES.items():
        query = f"select to_jsonb(line) - %s::text[] from public.{table} as line"
        order = "line.id" if keys else "1"
        rows = sql.rows(f"{query} order by {order}", [*CLOCK, *keys])
        found[table] = [row for (row,) in rows]
    return found


def test_a_batch_leaves_what_its_answers_leave_one_by_one(sql):
    with sql.connection.transaction(force_rollback=True):
        settlings = settling(comments(sql))
        # One was settled before.
        one_by_one(sql, settlings[5:6])
        found = []
        for way in (one_by_one, together):
            with sql.connection.transaction(force_rollback=True):
                found.append((way(sql, settlings), left_behind(sql)))
        apart, batch = found
    assert batch[0] == apart[0]
    for table in TABLES:
        assert batch[1][table] == apart[1][table], table
        assert batch[1][table], f"nothing is compared of {table}"
    kinds = [row["kind"] for row in batch[1]["activity"]]
    assert (kinds.count("trial_used_up"), kinds.count("first_answer")) == (1, 4)


def test_a_batch_adds_to_each_rollup_what_the_ledger_gives_anew(sql):
    with sql.connection.transaction(force_rollback=True):
        together(sql, settling(comments(sql)))
        added = left_behind(sql)
        sql.connection.execute("reset role")
        sql.connection.execute(REBUILD)
        anew = left_behind(sql)
    for table in TABLES:
        assert added[table] == anew[table], table


def test_a_settlement_that_is_refused_leaves_the_others_of_its_batch_alone(sql):
    answers = comments(sql)
    given_up = answers[12]
    sql.call("release_use", given_up, 1, "figma_down", "Figma is away.", {})
    settlings = settling(answers)
    results = sql.call("take_steps", [settle(*each) for each in settlings])
    refused = [n for n, each in enumerate(results) if "refused" in each]
    assert [settlings[n][0] for n in refused] == [given_up]
    assert results[refused[0]]["refused"]["code"] == "PT409"
    (ledger,) = sql.rows("select count(*), count(distinct answer_id) from public.usage_logs")
    assert ledger == (len(answers), len(answers))
    assert sql.rows("select sum(uses) from public.usage_hourly") == [(len(answers),)]


def test_two_workers_that_settle_the_same_answers_count_each_once(sql, database):
    settlings = settling(comments(sql))
    before = sql.deadlocks()
    results: list[list[Row]] = []

    def work(steps: list[Row]) -> None:
        with psycopg.connect(database.database_url, autocommit=True) as connection:
            for start in range(0, len(steps), 6):
                batch = Jsonb(steps[start : start + 6])
                (found,) = connection.execute("select public.take_steps(%s)", [batch]).fetchone()
                results.append(found)

    steps = [settle(*each) for each in settlings]
    orders = (steps, steps[::-1], steps[8:] + steps[:8])
    threads = [threading.Thread(target=work, args=(each,)) for each in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [each["value"]["state"] for found in results for each in found]
    assert len(states) == 3 * len(steps) and set(states) == {"answered", "refused"}
    many = len({each[0] for each in settlings})
    assert sql.rows("select count(*) from public.usage_logs") == [(many,)]
    for table in ("usage_hourly", "usage_daily"):
        assert sql.rows(f"select sum(uses) from public.{table}") == [(many,)]
    assert sql.rows("select sum(reserved) from public.use_balances") == [(0,)]
    assert sql.rows("select count(*) from public.use_receipts where state = 'settled'") == sql.rows(
        "select sum(used) from public.use_balances"
    )
    assert sql.deadlocks() == before


def test_a_latency_falls_into_the_bucket_of_its_logarithm(sql):
    """Every latency up to four thousand, and around the bounds of all buckets above."""
    wrong = sql.rows("""
        select ms from (
            select ms from generate_series(-100, 4000) as ms
            union select floor(2 ^ (quarter / 4.0))::bigint + off
                from generate_series(0, 250) as quarter, generate_series(-3, 3) as off
            union values (9223372036854775807), (-9223372036854775808), (null)
        ) as times (ms)
        where private.latency_bucket(ms) is distinct from
            least(84, greatest(1, ceil(4 * log(2.0, greatest(ms, 1)::numeric))::integer + 1))
    """)
    assert wrong == []
