"""What became of advice: a word in the thread, later looks, and the figures made of them."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.sql.conftest import Sql

COURSE = "select * from public.advice_course(array[now() - interval '20 days'], now() + '1 hour')"
CONTEXTS = "select * from public.advice_contexts_daily where answers <> 0 order by 1, 2, 3, 4"
DAYS = "select * from public.advice_daily where answers <> 0 order by 1, 2, 3, 4, 5, 6"
# The plain sums of hours, beside the figure that takes days where whole ones lie between.
BY_HOURS = """
select name, sum(answers) filter (where outcome = 'taken'), sum(answers)
from public.advice_hourly
where kind = %s and team_id = '00000000-0000-0000-0000-000000000000' and hour >= %s and hour < %s
group by name
having sum(answers) > 0
    -- Contexts without a known outcome are not shown.
    and (min(kind) <> 'context' or sum(answers) filter (where outcome <> 'unknown') > 0)
order by name
"""
BY_DAYS = """
select name, nullif(taken, 0), taken + ignored + disputed + unknown
from public.advice_by(%s, %s, %s) order by name
"""
# For each step that begins so, the answers of its hours.
BY_STEPS = """
select starts[width_bucket(hour, starts)], sum(answers)
from public.advice_hourly, (select %s::timestamptz[] as starts) as given
where kind = 'answer' and team_id = '00000000-0000-0000-0000-000000000000'
    and hour >= starts[1] and hour < %s and plan_code = any (%s)
group by 1 having sum(answers) > 0 order by 1
"""
COURSE_OF = """
select at, taken + ignored + disputed + unknown from public.advice_course(%s, %s, %s) order by at
"""


@pytest.fixture
def webhook(sql: Sql) -> str:
    return sql.switch_on(sql.sign_in("1"))


def problem(rule: str, cause: str, **more) -> dict:
    return {
        "rule": rule,
        "cause": cause,
        "verdict": "problem",
        "fingerprint": f"{rule}{cause}",
        **more,
    }


def answered(sql: Sql, webhook: str, name: str, *problems: dict, days: float = 0, **fields) -> str:
    """An answer in a thread of its own, settled so many days ago."""
    answer = sql.ask(webhook, name, **fields)["answer_id"]
    sql.begin(answer)
    sql.settle(answer, f"r-{name}", provider="openai", model="m", node_id="1:2",
               facts={"facts": list(problems), "scope": ""})  # fmt: skip
    sql.connection.execute(
        "update public.advice_outcomes set settled_at = now() - make_interval(secs => %s)"
        " where answer_id = %s",
        [days * 86400, answer],
    )
    return answer


def say(sql: Sql, webhook: str, name: str, root: str, command: str, **fields) -> dict:
    asked = {
        "asked_at": "2026-11-22T10:09:00Z",
        "question": command,
        "command": command,
        "root_comment_id": root,
        **fields,
    }
    return sql.begin(sql.ask(webhook, name, **asked)["answer_id"])


def outcome(sql: Sql, answer: str) -> tuple:
    sql.call("tend_advice")
    found = "select outcome, because from public.advice_outcomes where answer_id = %s"
    return sql.rows(found, answer)[0]


def rules(sql: Sql, answer: str) -> dict:
    return dict(
        sql.rows("select rule, outcome from public.advice_rules where answer_id = %s", answer)
    )


def test_a_thumb_counts_for_the_last_answer_of_its_thread_and_takes_no_use(
    sql: Sql, webhook: str
) -> None:
    first, second = answered(sql, webhook, "c1"), answered(sql, webhook, "c2")
    assert outcome(sql, first) == ("unknown", "")
    used = "select sum(used), sum(reserved) from public.use_balances"
    before = sql.rows(used)
    told = say(sql, webhook, "t1", "c1", "bad", question="bad: the grey is our brand")
    assert (told["decision"], told["reason"]) == ("command", "")
    assert say(sql, webhook, "t2", "elsewhere", "bad")["reason"] == "nothing_to_rate"
    assert (outcome(sql, first), outcome(sql, second)) == (("disputed", "thumb"), ("unknown", ""))
    assert sql.rows(used) == before
    # Somebody else's "good" does not take it back; one's own does.
    say(sql, webhook, "t3", "c1", "good", author_figma_id="7")
    assert outcome(sql, first)[0] == "disputed"
    say(sql, webhook, "t4", "c1", "good")
    assert outcome(sql, first) == ("unknown", "")
    assert sql.rows(COURSE.replace("*", "taken, ignored, disputed, unknown")) == [(0, 0, 0, 2)]


def test_later_looks_are_due_once_and_decide_measured_before_resolved(
    sql: Sql, webhook: str
) -> None:
    two = (problem("contrast", "a"), problem("size", "b"))
    young = answered(sql, webhook, "c0", *two, days=0.5)
    plain = answered(sql, webhook, "c9", {**two[0], "verdict": "info"}, days=8)
    old = answered(sql, webhook, "c1", *two, days=8)
    assert {outcome(sql, each)[0] for each in (young, plain, old)} == {"unknown"}
    # A week ago is too long ago for the first look.
    (file,) = sql.call("take_due_advice", 5, 600)
    (due,) = file["due"]
    assert (due["answer_id"], due["round"], file["may_measure"]) == (old, 7, True)
    assert {(each["rule"], each["cause"]) for each in due["findings"]} == {
        ("contrast", "a"),
        ("size", "b"),
    }
    assert [each["is_owner"] for each in file["readers"]["tokens"]] == [True]
    assert sql.call("take_due_advice", 5, 600) == []  # another worker meanwhile
    now = datetime.now(UTC).isoformat()
    found = {"resolved_at": now, "thumbs_up": 0, "thumbs_down": 0, "follow_ups": 1,
             "rules": {"contrast": [0, 1], "size": [0, 1]}}  # fmt: skip
    assert sql.call("keep_advice_read", old, 7, found) is True
    assert sql.call("keep_advice_read", old, 7, {**found, "thumbs_down": 9}) is False
    assert outcome(sql, old) == ("ignored", "measured")
    sql.connection.execute("update public.advice_reads set due_at = now() - interval '1 hour'")
    sql.connection.execute("update public.advice_reads set read_at = null, lease_until = null")
    sql.call("take_due_advice", 5, 600)
    sql.call("keep_advice_read", young, 1, {**found, "rules": None})
    assert outcome(sql, young) == ("taken", "resolved")
    # Measured on the first day and still there: that it was resolved says nothing any more.
    sql.connection.execute("update public.advice_reads set read_at = null")
    sql.call("keep_advice_read", young, 1, found)
    assert outcome(sql, young) == ("unknown", "")
    sql.call("keep_advice_read", young, 7, {**found, "rules": {"contrast": [1, 0], "size": [0, 1]}})
    assert outcome(sql, young) == ("taken", "measured")
    assert rules(sql, young) == {"contrast": "taken", "size": "ignored"}
    sql.connection.execute("update public.advice_reads set read_at = null")
    sql.call("keep_advice_read", young, 7, {**found, "thumbs_down": 1})
    assert outcome(sql, young) == ("disputed", "reaction")
    assert rules(sql, young) == {"contrast": "disputed", "size": "disputed"}


def test_who_left_is_read_for_no_more_and_leaves_no_word(sql: Sql, webhook: str) -> None:
    answer = answered(sql, webhook, "c1", problem("contrast", "a"), days=1.5)
    say(sql, webhook, "t1", "c1", "bad", question="bad: ask Ada at home")
    outcome(sql, answer)
    user = sql.rows("select id from public.users where figma_user_id = '1'")[0][0]
    sql.call("delete_account", user, "hash")
    assert sql.call("take_due_advice", 5, 600) == []
    kept = sql.rows("select author_figma_id, is_good from public.advice_thumbs")
    assert kept == [(f"deleted:{user}", False)]
    for table in ("answers", "advice_thumbs", "advice_outcomes", "advice_rules", "advice_reads"):
        assert "at home" not in str(sql.rows(f"select to_jsonb(t) from public.{table} as t"))
    assert outcome(sql, answer)[0] == "disputed"


def wilson(part: int, whole: int) -> tuple[float, float]:
    z, share = 1.959963984540054, part / whole
    middle, below = share + z * z / (2 * whole), 1 + z * z / whole
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return (middle - spread) / below, (middle + spread) / below


def test_figures_are_sums_of_the_outcomes_over_random_lives(sql: Sql, webhook: str) -> None:
    some = random.Random(7)
    sql.connection.execute(
        """
        insert into public.advice_outcomes (
            answer_id, settled_at, file_key, plan_code, provider, model, context_user_id,
            context_version)
        select gen_random_uuid(), now() - n * interval '7 hours', 'F',
            (array['trial', 'pro'])[1 + n % 2], 'openai', 'm' || n % 3,
            (select id from public.users limit 1), n % 4
        from generate_series(1, 60) as n"""
    )
    ids = [each for (each,) in sql.rows("select answer_id from public.advice_outcomes order by 1")]
    sql.call("tend_advice")
    for each in ids:
        sql.connection.execute(
            "insert into public.advice_rules (answer_id, rule, findings) values (%s, 'never', 1)",
            [each],
        )
        sql.connection.execute(
            "insert into public.advice_reads select %s, r, 'F', now()"
            " from unnest(array[1, 7]) as r",
            [each],
        )
        for turn in some.sample((1, 7), some.choice((1, 2))):
            sql.call("keep_advice_read", each, turn, {
                "resolved_at": some.choice((None, datetime.now(UTC).isoformat())),
                "thumbs_down": some.choice((0, 0, 0, 1)),
                "rules": some.choice((None, {"never": [0, 1]}, {"never": [0, 1]})),
            })  # fmt: skip
    rows = sql.rows(
        "select outcome, plan_code, provider || ' ' || model from public.advice_outcomes"
    )
    names = ("taken", "ignored", "disputed", "unknown")
    counted = [sum(each[0] == name for each in rows) for name in names]
    columns = "taken, ignored, disputed, unknown"
    assert all(counted) and sql.rows(COURSE.replace("*", columns)) == [tuple(counted)]
    ends = (datetime.now(UTC) - timedelta(days=20), datetime.now(UTC) + timedelta(hours=1))
    models = sql.rows("select * from public.advice_by('model', %s, %s, array['pro'])", *ends)
    for name, *counts, share, low, high, is_flagged, _ in models:
        mine = [each[0] for each in rows if each[1:] == ("pro", name)]
        assert counts == [mine.count(each) for each in names]
        known = sum(counts[:3])
        assert share == pytest.approx(counts[0] / known) and not is_flagged
        assert (low, high) == pytest.approx(wilson(counts[0], known))
    today = ends[1].replace(hour=0, minute=0, second=0, microsecond=0)
    # Words that come later are added to days that are counted.
    sql.rows("select private.count_context_days(9)")
    sql.rows("select private.judge_advice(%s::uuid[])", ids[::3])
    for kind in ("model", "rule", "context"):
        for first, hours in ((0, 1), (5, 20), (5, 43), (0, 96), (23, 100), (7, 500), (240, 300)):
            begin = today - timedelta(hours=480 - first)
            window = (kind, begin, begin + timedelta(hours=hours))
            by_hours = [
                (name, taken or None, answers)
                for name, taken, answers in sql.rows(BY_HOURS, *window)
            ]
            assert sql.rows(BY_DAYS, *window) == by_hours
    # Steps of an hour, of days here and elsewhere, of weeks; the last one is cut off.
    for first, hours, last in (
        (200, 1, 70),
        (0, 24, 480),
        (5, 24, 470),
        (7, 168, 480),
        (0, 200, 475),
    ):
        begin = today - timedelta(hours=480 - first)
        starts = [begin + timedelta(hours=n) for n in range(0, last, hours)]
        for plans in (["pro"], ["pro", "trial"]):
            window = (starts, begin + timedelta(hours=last), plans)
            assert sql.rows(COURSE_OF, *window) == sql.rows(BY_STEPS, *window) != []
    contexts = sql.rows("select * from public.advice_by('context', %s, %s)", *ends)
    assert [sum(each[at] for each in contexts) for at in range(1, 5)] == counted
    assert contexts[0][-1] == "Person 1"
    disputes = sql.rows("select answer_id from public.advice_disputes(%s, %s)", *ends)
    assert len(disputes) == counted[2]
    newest = "select answer_id from public.advice_disputes_latest(%s, %s)"
    assert sql.rows(newest, *ends) == disputes
    # Nothing was resolved without being measured: nobody takes it.
    sql.connection.execute(
        "update public.advice_outcomes set resolved_at = null, thumbs_down = 0, measured_round = 7"
    )
    sql.connection.execute("update public.advice_rules set still = 1")
    sql.rows("select private.judge_advice(%s::uuid[])", ids)
    (never,) = sql.rows("select * from public.advice_by('rule', %s, %s)", *ends)
    assert never[:5] == ("never", 0, 60, 0, 0) and never[8] is True
    before = sql.rows(
        "select * from public.advice_hourly where answers <> 0 order by 1, 2, 3, 4, 5, 6"
    )
    while sql.rows("select private.count_context_days(9)") == [(True,)]:
        continue
    days, contexts = sql.rows(DAYS), sql.rows(CONTEXTS)
    assert days and contexts
    sql.rows("select private.rebuild_advice()")
    assert sql.rows("select * from public.advice_hourly order by 1, 2, 3, 4, 5, 6") == before
    assert sql.rows(DAYS) == days
    assert sql.rows(CONTEXTS) == contexts
