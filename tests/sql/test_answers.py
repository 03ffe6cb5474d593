"""The life of an answer: once per comment, one receipt, and a use that a failure gives back."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import TOLD


@pytest.fixture
def ada(sql):
    return sql.sign_in("1")


@pytest.fixture
def webhook(sql, ada):
    return sql.switch_on(ada)


def balance(sql, user_id):
    return sql.rows(
        "select coalesce(sum(used), 0), coalesce(sum(reserved), 0) from public.use_balances"
        " where user_id = %s",
        user_id,
    )[0]


def spend(sql, user_id, uses):
    sql.rows(
        "insert into public.use_balances values (%s, 'trial', '-infinity', %s) returning 1",
        user_id,
        uses,
    )


def test_redeliveries_and_overlapping_webhooks_end_in_one_job(sql, connect, ada, webhook):
    bo = sql.sign_in("2")
    other = sql.switch_on(bo)
    with ThreadPoolExecutor(8) as pool:
        asked = list(
            pool.map(
                lambda hook: connect().ask(hook, "c1"),
                [webhook, other, webhook, other, webhook, other, webhook, other],
            )
        )
    assert sorted(each["outcome"] for each in asked) == ["duplicate"] * 7 + ["queued"]
    assert len({each["answer_id"] for each in asked}) == 1
    assert sql.rows("select count(*) from queue.procrastinate_jobs") == [(1,)]
    assert sql.rows("select sum(redelivered) from public.webhook_deliveries") == [(6,)]


def test_one_event_that_cannot_be_stored_does_not_take_the_others_down(sql, new_comment, webhook):
    results = sql.ask_all(
        new_comment(webhook, "c1"),
        new_comment(webhook, "c2", root_comment_id=None),
        new_comment(webhook, "c3"),
    )
    assert [each["outcome"] for each in results] == ["queued", "unstorable", "queued"]


def test_an_event_beyond_a_limit_of_postgres_does_not_take_the_others_down(
    sql, new_comment, webhook
):
    # Longer than an index takes, and too mixed to be compressed to less.
    huge = secrets.token_hex(5000)
    results = sql.ask_all(
        new_comment(webhook, "c1"),
        new_comment(webhook, "c2", payload={"triggered_by": {"id": huge}}),
        new_comment(webhook, "c3"),
    )
    assert [each["outcome"] for each in results] == ["queued", "unstorable", "queued"]
    assert results[1]["detail"] == "54000"


def test_fifty_at_once_with_one_use_left_reserve_one(sql, connect, ada, webhook):
    spend(sql, ada, 9)
    answers = [sql.ask(webhook, f"c{n}")["answer_id"] for n in range(50)]
    with ThreadPoolExecutor(10) as pool:
        begun = list(pool.map(lambda each: connect().begin(each), answers))
    assert sorted(each["decision"] for each in begun) == ["answer"] + ["refuse"] * 49
    assert {each["reason"] for each in begun} == {"", "trial_used_up"}
    assert balance(sql, ada) == (9, 1)


def test_a_failure_releases_its_use_and_a_replay_takes_a_new_one(sql, ada, webhook):
    answer = sql.ask(webhook, "c1")["answer_id"]
    begun = sql.begin(answer)
    assert balance(sql, ada) == (0, 1)
    sql.call("release_use", answer, begun["attempt"], "figma_down", "Figma is away.", {})
    assert balance(sql, ada) == (0, 0)
    assert sql.begin(answer)["decision"] == "done"

    assert sql.call("replay_answer", answer)["run"] == 2
    assert sql.call("replay_answer", answer) == {"queued": False}
    sql.begin(answer)
    sql.settle(answer, "r1")
    assert balance(sql, ada) == (1, 0)
    rows = sql.rows("select run, status from public.usage_logs order by run")
    receipts = sql.rows("select run, state from public.use_receipts order by run")
    assert rows == [(1, "failed"), (2, "answered")]
    assert receipts == [(1, "released"), (2, "settled")]


def test_settling_twice_charges_and_counts_once(sql, ada, webhook):
    answer = sql.ask(webhook, "c1")["answer_id"]
    sql.begin(answer)
    for _ in range(3):
        assert sql.settle(answer, "r1", cost_state="priced", cost_microusd=7)["state"] == "answered"
    assert balance(sql, ada) == (1, 0)
    assert sql.rows("select count(*), sum(cost_microusd) from public.usage_logs") == [(1, 7)]
    assert sql.rows("select sum(uses), sum(cost_microusd) from public.usage_hourly") == [(1, 7)]


def test_an_older_attempt_may_not_post_and_the_next_waits_for_its_window(sql, webhook):
    answer = sql.ask(webhook, "c1")["answer_id"]
    first = sql.begin(answer)["attempt"]
    assert sql.call("start_posting", answer, first, {"text": "hi"}, 30)["may_post"]
    second = sql.begin(answer)
    assert second["draft"]["text"] == "hi"
    with pytest.raises(psycopg.Error) as refusal:
        sql.call("start_posting", answer, first, {"text": "hi"}, 30)
    assert refusal.value.sqlstate == "PT409"
    waiting = sql.call("start_posting", answer, second["attempt"], {"text": "hi"}, 30)
    assert not waiting["may_post"] and 0 < waiting["wait_ms"] <= 30_000


def test_the_loop_breaker_counts_only_replies_that_were_there_before_the_comment(sql, webhook):
    for number in range(3):
        answer = sql.ask(webhook, f"c{number}", root_comment_id="root")["answer_id"]
        assert sql.begin(answer)["decision"] == "answer"
        sql.settle(answer, f"r{number}")
    together = sql.ask(webhook, "c3", root_comment_id="root")["answer_id"]
    after = sql.ask(webhook, "c4", root_comment_id="root", asked_at="2026-11-22T10:00:02Z")
    later = sql.ask(webhook, "c5", root_comment_id="root", asked_at="2026-11-22T10:05:03Z")
    assert sql.begin(together)["decision"] == "answer"
    assert sql.begin(after["answer_id"])["reason"] == "loop_breaker"
    assert sql.begin(later["answer_id"])["decision"] == "answer"
    assert sql.rows("select count(*) from public.usage_logs where error_code = 'loop_breaker'") == [
        (1,)
    ]


def test_guests_are_invited_once_per_file_or_paid_for_or_ignored(sql, ada, webhook):
    def decide(hook, comment_id, author, file_key="FILE"):
        asked = sql.ask(hook, comment_id, author_figma_id=author, file_key=file_key)
        begun = sql.begin(asked["answer_id"])
        return begun["decision"], begun["reason"]

    paying = sql.switch_on(ada, "PAID", "owner_pays")
    silent = sql.switch_on(ada, "QUIET", "ignore")
    assert decide(webhook, "c1", "guest") == ("invite", "guest_invited")
    assert decide(webhook, "c2", "guest") == ("ignore", "guest_already_invited")
    assert decide(paying, "c3", "guest", "PAID") == ("answer", "")
    assert decide(silent, "c4", "guest", "QUIET") == ("ignore", "guest_ignored")
    assert balance(sql, ada) == (0, 1)


def test_a_muted_thread_stays_silent_until_resume(sql, webhook):
    def decide(comment_id, command=None):
        asked = sql.ask(webhook, comment_id, root_comment_id="root", command=command)
        return sql.begin(asked["answer_id"])["decision"]

    assert decide("c1", "stop") == "command"
    assert decide("c2") == "ignore"
    assert decide("c3", "help") == "ignore"
    assert decide("c4", "resume") == "command"
    assert decide("c5") == "answer"


@pytest.mark.parametrize(("command", "after"), [("stop", "ignore"), ("resume", "answer")])
def test_stop_and_resume_take_effect_while_the_loop_breaker_is_open(sql, webhook, command, after):
    for number in range(3):
        answer = sql.ask(webhook, f"c{number}", root_comment_id="root")["answer_id"]
        sql.begin(answer)
        sql.settle(answer, f"r{number}")
    if command == "resume":
        sql.rows("insert into public.thread_mutes values ('FILE', 'root', '1') returning 1")
    at = "2026-11-22T10:00:03Z"
    asked = sql.ask(webhook, "c3", root_comment_id="root", command=command, asked_at=at)
    begun = sql.begin(asked["answer_id"])
    assert (begun["decision"], begun["reason"]) == ("ignore", "loop_breaker")
    later = sql.ask(webhook, "c4", root_comment_id="root", asked_at="2026-11-22T11:00:00Z")
    assert sql.begin(later["answer_id"])["decision"] == after


def test_two_bots_that_stop_and_resume_each_other_get_no_reply_for_ever(sql, webhook):
    decisions = []
    for number in range(12):
        command = ("stop", "resume")[number % 2]
        at = f"2026-11-22T10:00:{number + 3:02}Z"
        asked = sql.ask(webhook, f"c{number}", root_comment_id="root", command=command, asked_at=at)
        begun = sql.begin(asked["answer_id"])
        decisions.append(begun["decision"])
        if begun["decision"] == "command":
            sql.settle(asked["answer_id"], f"r{number}")
    assert decisions == ["command"] * 3 + ["ignore"] * 9


@pytest.mark.parametrize("command", [None, "help", "usage", "stop", "resume"])
def test_a_guest_who_is_ignored_gets_no_reply_to_a_command_either(sql, ada, command):
    silent = sql.switch_on(ada, "QUIET", "ignore")
    sql.rows("insert into public.thread_mutes values ('QUIET', 'elsewhere', '1') returning 1")
    for root, comment_id in (("here", "c1"), ("elsewhere", "c2")):
        asked = sql.ask(
            silent, comment_id, root_comment_id=root, author_figma_id="guest", file_key="QUIET",
            command=command,
        )  # fmt: skip
        assert sql.begin(asked["answer_id"])["decision"] == "ignore"
    muted = {"stop": ["elsewhere", "here"], "resume": []}.get(command, ["elsewhere"])
    rows = sql.rows("select root_comment_id from public.thread_mutes order by 1")
    assert [root for (root,) in rows] == muted
    connected = sql.ask(silent, "c3", file_key="QUIET", command="help")
    assert sql.begin(connected["answer_id"])["decision"] == "command"


@pytest.fixture
def expected(database):
    """What the dry run of a replay says; it reads as the owner of the functions."""

    def ask(answer_id):
        query = "select private.expect_decision(a) from public.answers as a where id = %s"
        at_figma = Jsonb(TOLD[answer_id])
        confirm = (
            "update public.answers set author_figma_id = told.author_figma_id,"
            " command = told.command, confirmed_at = now()"
            " from jsonb_to_record(%s) as told (author_figma_id text, command text) where id = %s"
        )
        with psycopg.connect(database.admin_url) as connection:
            connection.execute(confirm, (at_figma, answer_id))
            [(told,)] = connection.execute(query, (answer_id,)).fetchall()
            connection.rollback()
        return told["decision"], told["reason"]

    return ask


def test_an_invitation_that_failed_is_posted_by_its_replay_and_by_no_other(sql, webhook, expected):
    first = sql.ask(webhook, "c1", author_figma_id="guest")["answer_id"]
    begun = sql.begin(first)
    assert begun["decision"] == "invite"
    sql.call("release_use", first, begun["attempt"], "figma_down", "Figma is away.", {})
    second = sql.ask(webhook, "c2", author_figma_id="guest")["answer_id"]
    assert expected(first) == ("invite", "guest_invited")
    assert expected(second) == ("ignore", "guest_already_invited")
    assert sql.begin(second)["reason"] == "guest_already_invited"
    assert sql.call("replay_answer", first)["queued"]
    again = sql.begin(first)
    assert (again["decision"], again["reason"]) == ("invite", "guest_invited")
    assert sql.rows("select answer_id::text from public.guest_invites") == [(first,)]


def test_a_dry_run_leaves_commands_of_ignored_guests_alone(sql, ada, expected):
    silent = sql.switch_on(ada, "QUIET", "ignore")
    asked = sql.ask(silent, "c1", author_figma_id="guest", file_key="QUIET", command="help")
    assert expected(asked["answer_id"]) == ("ignore", "guest_ignored")
    connected = sql.ask(silent, "c2", file_key="QUIET", command="help")
    assert expected(connected["answer_id"]) == ("command", "")


def test_a_replay_is_decided_anew_and_tells_when(sql, webhook):
    answer = sql.ask(webhook, "c1")["answer_id"]
    first = sql.begin(answer)
    assert sql.begin(answer)["decided_at"] == first["decided_at"]
    sql.call("release_use", answer, first["attempt"] + 1, "figma_down", "Figma is away.", {})
    sql.call("replay_answer", answer)
    assert sql.begin(answer)["decided_at"] > first["decided_at"]


def test_deleting_an_account_forgets_words_and_keeps_the_books_and_the_trial(sql, ada, webhook):
    answer = sql.ask(webhook, "c1")["answer_id"]
    sql.begin(answer)
    sql.settle(answer, "r1", cost_state="priced", cost_microusd=7)
    sql.call("delete_account", ada, "hash-1")
    sql.call("delete_account", ada, "hash-1")
    assert sql.call("get_session", "session-1") is None
    assert sql.rows("select question, author_handle from public.answers") == [("", "Deleted user")]
    assert sql.rows("select sum(cost_microusd) from public.usage_logs") == [(7,)]
    again = sql.sign_in("1")
    assert again != ada
    assert balance(sql, again) == (1, 0)


def test_a_persons_deliveries_are_found_by_an_index_and_emptied(sql, ada, webhook, new_comment):
    other = sql.switch_on(sql.sign_in("2"), "OTHER")
    for number, author in enumerate(("1", "2", "1")):
        payload = {"triggered_by": {"id": author}, "comment": "words"}
        sql.ask_all(new_comment(other, f"o{number}", author_figma_id=author, payload=payload))
    sql.ask_all(new_comment(webhook, "mine", payload={"triggered_by": {"id": "2"}}))
    with sql.connection.transaction():
        sql.connection.execute("set local enable_seqscan = off")
        plan = sql.rows(
            "explain select from public.webhook_deliveries"
            " where payload -> 'triggered_by' ->> 'id' = '1'"
        )
    assert "webhook_deliveries_author" in str(plan)
    sql.call("delete_account", ada, "hash-1")
    kept = sql.rows("select event_key, payload <> '{}' from public.webhook_deliveries order by 1")
    assert kept == [("mine", False), ("o0", False), ("o1", True), ("o2", False)]


def test_deleting_an_account_may_take_longer_than_other_calls(sql):
    timeouts = sql.rows(
        "select proname, array_to_string(proconfig, ';') from pg_proc"
        " where proname in ('delete_account', 'operator_delete_account') order by 1"
    )
    assert [name for name, given in timeouts if "statement_timeout=2min" in given] == [
        "delete_account", "operator_delete_account",
    ]  # fmt: skip


def recovered(jobs: int, answers: int) -> dict[str, int]:
    return {"jobs": jobs, "answers": answers, "analyses": 0, "rehearsals": 0}


def test_a_dead_workers_job_goes_back_and_an_answer_without_a_job_gets_one(sql, webhook):
    first = sql.ask(webhook, "c1")["answer_id"]
    sql.rows("update queue.procrastinate_jobs set status = 'doing' returning 1")
    assert sql.call("recover_stalled", 10.0) == recovered(1, 0)
    sql.rows("delete from queue.procrastinate_jobs returning 1")
    assert sql.call("recover_stalled", 10.0) == recovered(0, 0)
    sql.rows("update public.answers set received_at = now() - interval '1 hour' returning 1")
    assert sql.call("recover_stalled", 10.0) == recovered(0, 1)
    jobs = sql.rows("select args ->> 'answer_id' from queue.procrastinate_jobs")
    assert jobs == [(first,)]


def test_a_refresh_is_claimed_by_one_and_the_others_get_the_new_token(sql, connect, ada):
    with ThreadPoolExecutor(6) as pool:
        claims = list(
            pool.map(lambda _: connect().call("claim_token_refresh", ada, 1, 20), range(6))
        )
    assert sorted(each["outcome"] for each in claims) == ["busy"] * 5 + ["claimed"]
    assert sql.call("save_refreshed_token", ada, 1, "new", "2099-01-01T00:00:00Z") == 2
    assert sql.call("save_refreshed_token", ada, 1, "late", "2099-01-01T00:00:00Z") is None
    fresh = sql.call("claim_token_refresh", ada, 1, 20)
    assert (fresh["outcome"], fresh["access_token_encrypted"]) == ("fresh", "new")
