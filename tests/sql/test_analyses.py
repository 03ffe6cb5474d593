"""Analyses in SQL: limits, the cache, equal requests, exactly one settle, dead letters."""

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.sql.conftest import Sql, refused

LIMIT = (100, 900, 1_000_000)
MODEL = {
    "provider": "openai",
    "model": "gpt",
    "cost_microusd": 900,
    "cost_state": "priced",
    "input_tokens": 10,
}
RESULT = {"summary": "Fine.", "suggestions": [{"ref": 1, "rule": "contrast-text"}]}


def item(key: str = "k", **fields: Any) -> dict:
    return {
        "id": str(uuid4()),
        "type": "design-analysis",
        "key": key,
        "request": {"data": {"elements": []}},
        "refs": ["1:2"],
        "request_id": "r-1",
        "trace_parent": "",
        **fields,
    }


def ask(sql: Sql, user: str, key: str = "k", **fields: Any) -> dict:
    return sql.call("request_analysis", user, item(key, **fields), *LIMIT)


def work(sql: Sql, analysis_id: str, source: str = "model", **usage: Any) -> str:
    task = sql.call("begin_analysis", analysis_id, 30.0)
    return sql.call(
        "settle_analysis", analysis_id, task["attempt"], source, RESULT, {**MODEL, **usage}
    )


def worker_lives(sql: Sql) -> None:
    sql.rows("insert into queue.procrastinate_workers default values returning 1")


def books(sql: Sql, user: str) -> tuple[int, int]:
    """Uses taken and held."""
    rows = sql.rows(
        "select coalesce(sum(used), 0)::int, coalesce(sum(reserved), 0)::int"
        " from public.use_balances where user_id = %s",
        user,
    )
    return rows[0]


def lines(sql: Sql) -> list[tuple]:
    """The ledger: status, provider, whether a receipt pays, cost."""
    return sql.rows(
        "select status, provider, receipt_id is not null, cost_microusd from public.usage_logs"
        " where feature = 'analysis' order by id"
    )


@pytest.fixture
def ada(sql: Sql) -> str:
    worker_lives(sql)
    return sql.sign_in("1")


@pytest.fixture
def team(sql: Sql, database: Any, ada: str) -> str:
    """Ada and a second person in one team; the id of the second."""
    jonas = sql.sign_in("2")
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "with made as (insert into public.teams (name) values ('Harbour') returning id)"
            " update public.users set team_id = made.id from made where users.id = any (%s)",
            ([ada, jonas],),
        )
    return jonas


def test_an_analysis_takes_one_use_and_one_line(sql: Sql, ada: str) -> None:
    asked = ask(sql, ada)
    assert (asked["state"], asked["window"]["left"], books(sql, ada)) == ("queued", 99, (0, 1))
    assert sql.rows("select task_name, args from queue.procrastinate_jobs") == [
        ("analyse", {"analysis_id": asked["id"]})
    ]
    assert work(sql, asked["id"]) == "done"
    assert work_again(sql, asked["id"]) == "done"
    shown = sql.call("get_analysis", ada, asked["id"])
    assert (shown["state"], shown["source"], shown["result"]) == ("done", "model", RESULT)
    assert (shown["is_charged"], shown["model"], shown["refs"]) == (True, "gpt", ["1:2"])
    assert books(sql, ada) == (1, 0)
    assert lines(sql) == [("answered", "openai", True, 900)]
    assert sql.rows("select state, reply_comment_id from public.use_receipts") == [
        ("settled", asked["id"])
    ]
    kept = sql.rows("select request, kept_usage from public.analyses")
    assert kept == [(None, None)], "the design is not kept once it is done"


def work_again(sql: Sql, analysis_id: str) -> str:
    return sql.call("settle_analysis", analysis_id, 1, "model", RESULT, MODEL)


def test_the_same_call_again_changes_nothing(sql: Sql, ada: str) -> None:
    one = item()
    first = sql.call("request_analysis", ada, one, *LIMIT)
    again = sql.call("request_analysis", ada, one, *LIMIT)
    assert again == first | {"window": None}
    assert books(sql, ada) == (0, 1)
    assert sql.rows("select hits from public.analysis_windows") == [(1,)]


def test_an_equal_request_joins_the_one_at_work_and_is_free(sql: Sql, ada: str, team: str) -> None:
    first = ask(sql, ada)
    second = ask(sql, team, refs=["9:9"])
    assert (second["state"], second["leader_id"]) == ("queued", first["id"])
    assert books(sql, team) == (0, 0)
    work(sql, first["id"])
    shown = sql.call("get_analysis", team, second["id"])
    assert (shown["state"], shown["is_cached"], shown["is_charged"]) == ("done", True, False)
    assert (shown["refs"], shown["result"], shown["model"]) == (["9:9"], RESULT, "gpt")
    assert lines(sql) == [("answered", "openai", True, 900), ("answered", "", False, 0)]
    hours = sql.rows("select provider, uses from public.ai_cost_hourly join lateral"
                     " (select calls as uses) as c on true")  # fmt: skip
    assert hours == [("openai", 1)], "what was shown from the cache is no model's call"


def test_a_hit_lasts_five_minutes(sql: Sql, ada: str, database: Any) -> None:
    work(sql, ask(sql, ada)["id"])
    hit = ask(sql, ada)
    assert (hit["state"], hit["is_cached"], hit["result"]) == ("done", True, RESULT)
    assert hit["usage"]["used"] == 1
    assert lines(sql)[-1] == ("answered", "", False, 0)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("update public.analysis_claims set expires_at = now()")
    assert ask(sql, ada)["state"] == "queued"


def test_no_team_sees_what_another_asked(sql: Sql, ada: str) -> None:
    work(sql, ask(sql, ada)["id"])
    assert ask(sql, sql.sign_in("3"))["state"] == "queued"


def test_guidance_makes_a_request_ones_own(sql: Sql, ada: str, team: str) -> None:
    work(sql, ask(sql, ada)["id"])
    content = sql.call("get_context", team)
    fields = {name: content[name] for name in content if name not in ("version", "updated_at")}
    sql.call("save_context", team, 1, fields | {"tone": "short"}, "user", "")
    assert ask(sql, team)["state"] == "queued"


def test_a_request_whose_worker_is_silent_is_taken_over(
    sql: Sql, ada: str, team: str, database: Any
) -> None:
    first = ask(sql, ada)
    sql.call("begin_analysis", first["id"], 30.0)
    assert ask(sql, team)["leader_id"] == first["id"]
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("update public.analysis_claims set renew_by = now()")
    third = ask(sql, team)
    assert third["leader_id"] == third["id"]


def test_without_a_worker_it_is_measured_at_once_and_free(sql: Sql) -> None:
    ada = sql.sign_in("1")
    asked = ask(sql, ada)
    assert (asked["state"], asked["source"], asked["result"]) == ("done", "measured", None)
    assert books(sql, ada) == (0, 0)
    assert lines(sql) == [("answered", "measured-review", False, 0)]
    assert sql.rows("select 1 from public.analysis_claims") == []


def test_a_review_by_rules_gives_the_use_back(sql: Sql, ada: str) -> None:
    asked = ask(sql, ada)
    work(sql, asked["id"], "measured", provider="measured-review", model="")
    assert books(sql, ada) == (0, 0)
    assert lines(sql) == [("answered", "measured-review", False, 900)]
    spent = sql.rows("select scope, scope_key, cost_microusd from public.unbilled_spending")
    assert spent == [("author", "1", 900)]
    assert sql.rows("select state, reason from public.use_receipts") == [("released", "no_model")]
    assert ask(sql, ada)["state"] == "queued", "it is not shown to others"


def test_a_used_up_trial_is_refused_and_claims_nothing(sql: Sql, ada: str) -> None:
    for number in range(10):
        work(sql, ask(sql, ada, f"k{number}")["id"])
    refusal = ask(sql, ada)
    assert (refusal["state"], refusal["reason"]) == ("refused", "trial_used_up")
    assert books(sql, ada) == (10, 0)
    assert lines(sql)[-1] == ("refused", "", False, 0)
    again = ask(sql, ada)
    assert again["state"] == "refused"
    # A hit costs nothing, also then.
    assert ask(sql, ada, "k3")["state"] == "done"


def test_an_older_attempt_may_not_settle(sql: Sql, ada: str) -> None:
    asked = ask(sql, ada)
    sql.call("begin_analysis", asked["id"], 30.0)
    sql.call("begin_analysis", asked["id"], 30.0)
    with refused("Another attempt"):
        work_again(sql, asked["id"])
    assert sql.call("settle_analysis", asked["id"], 2, "model", RESULT, MODEL) == "done"


def test_a_dead_letter_gives_the_use_back_and_is_replayed_on_demand(
    sql: Sql, ada: str, team: str, as_founder: Callable[[], Sql]
) -> None:
    asked, waiting = ask(sql, ada), ask(sql, team)
    sql.call("begin_analysis", asked["id"], 30.0)
    sql.call("give_up_analysis", asked["id"], 1, "worker_lost", "The worker died.", {})
    assert books(sql, ada) == (0, 0)
    assert sql.call("get_analysis", ada, asked["id"])["state"] == "failed"
    shown = sql.call("get_analysis", team, waiting["id"])
    assert (shown["state"], shown["source"], shown["is_cached"]) == ("done", "measured", False)
    assert shown["request"] == {"data": {"elements": []}}, "to be measured again"
    assert lines(sql) == [
        ("failed", "", True, 0), ("answered", "measured-review", False, 0)
    ]  # fmt: skip
    sql.call("check_alerts")
    assert sql.rows("select kind from public.alerts") == [("dead_letter",)]
    founder = as_founder()
    [letter] = founder.rows("select id::text, reason, author_handle from public.dead_letters()")
    assert letter == (asked["id"], "worker_lost", "Person 1")
    ids = [asked["id"]]
    plan = founder.rows("select public.plan_replay(%s::uuid[])", ids)[0][0][0]
    assert (plan["can_replay"], plan["takes_use"], plan["posts"]) == (True, True, False)
    replay = "select public.replay_answers(%s::uuid[], null, 'ticket 4711')"
    told = founder.rows(replay, ids)[0][0]
    assert told["results"] == [{"id": asked["id"], "outcome": "queued"}]
    assert founder.rows(replay, ids)[0][0]["results"][0]["outcome"] == "nothing_to_do"
    assert work(sql, asked["id"]) == "done"
    assert books(sql, ada) == (1, 0)
    assert sql.rows("select run, status from public.usage_logs order by id")[-1] == (
        2, "answered"
    )  # fmt: skip


def test_a_discarded_dead_letter_is_closed(
    sql: Sql, ada: str, as_founder: Callable[[], Sql]
) -> None:
    asked = ask(sql, ada)
    sql.call("begin_analysis", asked["id"], 30.0)
    sql.call("give_up_analysis", asked["id"], 1, "worker_lost", "The worker died.", {})
    founder = as_founder()
    discard = "select public.discard_answer(%s, 'ticket 4711')"
    assert founder.rows(discard, asked["id"])[0][0] == {"discarded": True}
    assert founder.rows(discard, asked["id"])[0][0] == {"discarded": False}
    assert sql.rows("select state, request from public.analyses") == [("cancelled", None)]


@pytest.fixture
def as_founder(connect: Callable[[], Sql]) -> Callable[[], Sql]:
    def make() -> Sql:
        founder, user = connect(), "00000000-0000-4000-8000-000000000009"
        founder.call("set_operator", user, "founder@example.test", "founder")
        founder.rows("select set_config('request.jwt.claim.sub', %s, false)", user)
        founder.connection.execute("set role authenticated")
        return founder

    return make


def test_of_400_requests_over_16_connections_100_are_allowed(
    connect: Callable[[], Sql], ada: str
) -> None:
    connections, allowed = [connect() for _ in range(16)], []

    def ask_25(other: Sql) -> None:
        for _ in range(25):
            window = other.call("count_measuring", ada, 100, 900)["window"]
            allowed.append(window["is_allowed"])

    threads = [threading.Thread(target=ask_25, args=(each,)) for each in connections]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(allowed), sum(allowed)) == (400, 100)


def count(sql: Sql, user: str, amount: int = 1, limit: int = 10) -> dict:
    return sql.rows(
        "select private.count_analyses(%s, %s, %s, 900)", user, amount, limit
    )[0][0]  # fmt: skip


def test_the_window_slides(sql: Sql, ada: str) -> None:
    """Of the slot before, the share counts that is not over yet."""

    def set_window(hits: int, earlier: int) -> None:
        sql.rows(
            "insert into public.analysis_windows (user_id, slot, hits, earlier)"
            " values (%s, floor(extract(epoch from clock_timestamp()) / 900)::bigint, %s, %s)"
            " on conflict (user_id) do update set slot = excluded.slot, hits = excluded.hits,"
            " earlier = excluded.earlier returning 1",
            ada, hits, earlier,
        )  # fmt: skip

    set_window(4, 0)
    assert count(sql, ada)["left"] == 5
    set_window(10, 0)
    refusal = count(sql, ada)
    assert not refusal["is_allowed"] and 0 < refusal["seconds"] <= 990
    assert sql.rows("select hits from public.analysis_windows") == [(10,)]
    set_window(10, 10_000)
    assert count(sql, ada)["left"] == 0
    set_window(0, 0)
    assert not count(sql, ada, 11)["is_allowed"]
    assert count(sql, ada, 10)["left"] == 0


def test_a_batch_is_one_job_each_in_order_and_cancelled_before_it_begins(
    sql: Sql, ada: str
) -> None:
    batch = str(uuid4())
    items = [item("a"), item("b"), item("a", refs=["5:5"])]
    call = (ada, batch, "key-1", "f" * 64, items, *LIMIT)
    assert sql.call("request_analysis_batch", *call)["state"] == "begun"
    again = sql.call("request_analysis_batch", ada, str(uuid4()), *call[2:])
    assert (again["state"], again["id"], again["is_same"]) == ("known", batch, True)
    other = sql.call("request_analysis_batch", ada, str(uuid4()), "key-1", "0" * 64, *call[4:])
    assert other["is_same"] is False
    shown = sql.call("get_analysis_batch", ada, batch)["items"]
    assert [each["id"] for each in shown] == [each["id"] for each in items]
    assert shown[2]["leader_id"] == shown[0]["id"]
    assert sql.rows("select hits from public.analysis_windows") == [(3,)]
    work(sql, shown[0]["id"])
    cancelled = sql.call("cancel_analysis_batch", ada, batch)
    states = [each["state"] for each in cancelled["items"]]
    assert (states, cancelled["is_cancelled"]) == (["done", "cancelled", "done"], True)
    assert books(sql, ada) == (1, 0)
    assert sql.call("begin_analysis", shown[1]["id"], 30.0)["is_over"]
    with refused("no such batch"):
        sql.call("cancel_analysis_batch", sql.sign_in("2"), batch)


def test_what_others_wait_for_is_not_cancelled(sql: Sql, ada: str, team: str) -> None:
    batch = str(uuid4())
    sql.call("request_analysis_batch", ada, batch, None, "", [item("a")], *LIMIT)
    waiting = ask(sql, team, "a")
    [left] = sql.call("cancel_analysis_batch", ada, batch)["items"]
    assert (left["state"], waiting["leader_id"]) == ("queued", left["id"])


def test_outcomes_keep_the_latest_word_and_our_rule(sql: Sql, ada: str) -> None:
    asked = ask(sql, ada)
    work(sql, asked["id"])
    told = [{"ref": 1, "outcome": "applied"}, {"ref": 1, "outcome": "undone"},
            {"ref": 7, "outcome": "ignored", "reason": "ours"}]  # fmt: skip
    assert sql.call("note_outcomes", ada, asked["id"], told) == 1
    kept = "select ref, rule, outcome, source from public.suggestion_outcomes order by ref"
    assert sql.rows(kept) == [(1, "contrast-text", "undone", "model")]
    sql.rows("update public.analyses set result = null returning 1")
    assert sql.call("note_outcomes", ada, asked["id"], told) == 2
    assert sql.rows(kept)[1] == (7, "", "ignored", "model")
    with refused("no such analysis"):
        sql.call("note_outcomes", sql.sign_in("2"), asked["id"], told)


def test_ignored_findings_count_for_the_team(sql: Sql, ada: str, team: str) -> None:
    finding = {"fingerprint": "0123456789abcdef", "rule": "contrast-text", "reason": "brand"}
    [kept] = sql.call("save_ignored_findings", ada, "FILE", [finding])
    assert kept["reason"] == "brand"
    told = "select private.ignored_in_file(%s, 'FILE')"
    assert sql.rows(told, team) == [(["0123456789abcdef"],)]
    assert sql.rows(told, sql.sign_in("3")) == [([],)]
    assert sql.call("list_ignored_findings", team, "FILE") == []
    assert sql.call("save_ignored_findings", ada, "FILE", []) == []
    sql.call("save_ignored_findings", ada, "FILE", [finding])
    assert sql.call("delete_ignored_findings", ada, "FILE") == 1


def test_a_job_that_got_lost_is_queued_again(sql: Sql, ada: str) -> None:
    asked = ask(sql, ada)
    sql.rows("delete from queue.procrastinate_jobs returning 1")
    sql.rows("update public.analyses set queued_at = now() - interval '1 hour' returning 1")
    assert sql.call("recover_stalled", 30.0)["analyses"] == 1
    assert sql.call("recover_stalled", 30.0)["analyses"] == 0
    assert work(sql, asked["id"]) == "done"


def test_results_are_forgotten_after_a_day(sql: Sql, ada: str, database: Any) -> None:
    work(sql, ask(sql, ada)["id"])
    sql.call("request_analysis_batch", ada, str(uuid4()), "k", "", [item("a")], *LIMIT)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("update public.analyses set settled_at = settled_at - interval '26 h'")
        connection.execute("update public.analysis_batches set created_at = now() - interval '2 d'")
        connection.execute("update public.analysis_windows set slot = 0")
        connection.execute("update public.analysis_claims set expires_at = now() - interval '1 d'")
    purged = sql.call("purge_expired", 10)
    assert [purged[name] for name in ("analyses", "batches", "claims", "counters")] == [1, 0, 2, 1]


def test_whoever_leaves_takes_their_designs_along(sql: Sql, ada: str) -> None:
    work(sql, ask(sql, ada)["id"])
    running = ask(sql, ada, "other")
    sql.call("begin_analysis", running["id"], 30.0)
    sql.call("save_ignored_findings", ada, "FILE", [{"fingerprint": "0123456789abcdef"}])
    sql.call("delete_account", ada, "hash-1")
    assert sql.rows("select id::text, request, refs from public.analyses") == [
        (running["id"], None, None)
    ]
    assert sql.call("settle_analysis", running["id"], 1, "model", RESULT, MODEL) == "done"
    assert sql.rows("select result from public.analyses") == [(None,)]
    assert sql.rows("select 1 from public.ignored_findings") == []
    assert len(lines(sql)) == 2


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_in_whatever_order_the_books_are_right(
    connect: Callable[[], Sql], ada: str, team: str, seed: int
) -> None:
    """Several connections ask, begin, settle, fail and cancel at random, all at once."""
    problems: list[Exception] = []

    def act(number: int) -> None:
        chance, own = random.Random(f"{seed}-{number}"), connect_of[number]
        try:
            for _ in range(15):
                step(own, chance)
        except Exception as error:
            problems.append(error)

    def step(own: Sql, chance: random.Random) -> None:
        person, kind = chance.choice([ada, team]), chance.random()
        if kind < 0.4:
            ask(own, person, chance.choice("abc"))
        elif kind < 0.45:
            items = [item(key) for key in chance.sample("abcd", 3)]
            key = chance.choice([None, "once"])
            own.call("request_analysis_batch", person, str(uuid4()), key, "", items, *LIMIT)
        elif kind < 0.5:
            for (each,) in own.rows("select id::text from public.analysis_batches limit 1"):
                for who in (ada, team):
                    with passing():
                        own.call("cancel_analysis_batch", who, each)
        else:
            for (each,) in own.rows(
                "select id::text from public.analyses where state in ('queued', 'working')"
                " and leader_id is null order by random() limit 1"
            ):
                with passing():
                    end(own, chance, each)

    def end(own: Sql, chance: random.Random, each: str) -> None:
        task = own.call("begin_analysis", each, 30.0)
        if task["is_over"] or chance.random() < 0.2:
            return
        if chance.random() < 0.7:
            source = chance.choice(["model", "model", "measured"])
            own.call("settle_analysis", each, task["attempt"], source, RESULT, MODEL)
        else:
            own.call("give_up_analysis", each, task["attempt"], "worker_lost", "", MODEL)

    connect_of = [connect() for _ in range(5)]
    threads = [threading.Thread(target=act, args=(number,)) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    check_books(connect())


class passing:
    """Refusals that belong to the schedule: somebody else was faster."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        return isinstance(error, psycopg.Error) and error.sqlstate in ("PT404", "PT409")


CHECKS: dict[str, str] = {
    "held uses are reserved receipts": """
        select sum(reserved) = (select count(*) from public.use_receipts where state = 'reserved')
        from public.use_balances""",
    "taken uses are settled receipts": """
        select sum(used) = (select count(*) from public.use_receipts where state = 'settled')
        from public.use_balances""",
    "who is charged has a settled receipt and the other way round": """
        select count(*) filter (where is_charged)
            = (select count(*) from public.use_receipts where state = 'settled')
        from public.analyses""",
    "only what is open holds a use": """
        select not exists (
            select from public.use_receipts as r join public.analyses as a on a.id = r.answer_id
            where (r.state = 'reserved') <> (a.state in ('queued', 'working')))""",
    "each end has one line in the ledger, but what was cancelled": """
        select (select count(*) from public.usage_logs) = (
            select count(*) from public.analyses where state in ('done', 'failed', 'refused'))""",
    "nobody waits for what has ended": """
        select not exists (
            select from public.analyses as f join public.analyses as l on l.id = f.leader_id
            where f.state = 'queued' and l.state not in ('queued', 'working'))""",
    "the hourly rollup is the ledger": """
        select sum(uses) = (select count(*) from public.usage_logs) from public.usage_hourly""",
}


def check_books(sql: Sql) -> None:
    wrong = [name for name, query in CHECKS.items() if sql.rows(query)[0][0] is False]
    assert wrong == []
