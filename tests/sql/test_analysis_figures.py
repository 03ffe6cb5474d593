"""Figures about analyses: what the ends tell, each figure against a count of its own."""

import itertools
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgrest.exceptions import APIError
from psycopg.types.json import Jsonb

from tests.sql.conftest import Sql
from tests.sql.helping import call, operator, story, support
from tests.sql.test_analyses import LIMIT, MODEL, ask, item, worker_lives

__all__ = ["operator", "support"]

RESULT = {
    "summary": "A secret summary.",
    "suggestions": [
        {"ref": 1, "rule": "contrast-text", "words": "secret", "patch": {"changes": []}},
        {"ref": 2, "rule": "contrast-text", "element_name": "secret", "patch": None},
        {"ref": 3, "rule": "naming"},
    ],
}
TYPES = ("design-analysis", "color-suggestion", "layout-optimization")
# The ledger keeps what an example wrote, so none has the year of another.
YEARS = itertools.count(2027)
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def ada(sql: Sql) -> str:
    worker_lives(sql)
    return sql.sign_in("1")


def work(sql: Sql, analysis_id: str, source: str = "model") -> None:
    task = sql.call("begin_analysis", analysis_id, 30.0)
    sql.call("settle_analysis", analysis_id, task["attempt"], source, RESULT, MODEL)


def period() -> tuple[list[str], str]:
    now = datetime.now(UTC)
    return [(now - timedelta(days=2)).isoformat()], (now + timedelta(hours=1)).isoformat()


def course(sql: Sql, *more: Any) -> dict[tuple[str, str], int]:
    """How many ended, by outcome and reason."""
    starts, end = period()
    found = sql.rows("select * from public.analysis_course(%s, %s)", starts, end)
    counted: Counter[tuple[str, str]] = Counter()
    for _, _, outcome, reason, analyses, _ in found:
        counted[outcome, reason] += analyses
    return dict(counted)


def test_each_end_counts_once_and_measuring_alone_never(sql: Sql, ada: str) -> None:
    work(sql, ask(sql, ada)["id"])
    ask(sql, ada)
    work(sql, ask(sql, ada, "other")["id"], "measured")
    lost = ask(sql, ada, "lost")["id"]
    attempt = sql.call("begin_analysis", lost, 30.0)["attempt"]
    sql.call("give_up_analysis", lost, attempt, "worker_lost", "Lost.", {})
    sql.call("count_measuring", ada, *LIMIT[:2])
    assert course(sql) == {
        ("model", ""): 1, ("cached", ""): 1, ("measured", ""): 1, ("failed", "worker_lost"): 1,
    }  # fmt: skip


def test_a_replay_is_a_run_of_its_own(sql: Sql, ada: str) -> None:
    lost = ask(sql, ada)["id"]
    attempt = sql.call("begin_analysis", lost, 30.0)["attempt"]
    sql.call("give_up_analysis", lost, attempt, "worker_lost", "Lost.", {})
    sql.rows("select private.replay_analysis(analyses) from public.analyses where id = %s", lost)
    work(sql, lost)
    assert course(sql) == {("model", ""): 1, ("failed", "worker_lost"): 1}
    assert sql.rows("select run, state from public.analysis_ends order by run") == [
        (1, "failed"),
        (2, "done"),
    ]


def test_what_is_cancelled_has_an_end_and_no_line_in_the_ledger(sql: Sql, ada: str) -> None:
    batch = str(uuid4())
    items = [item("a"), item("b")]
    sql.call("request_analysis_batch", ada, batch, "key", "f" * 64, items, *LIMIT)
    work(sql, items[0]["id"])
    sql.call("cancel_analysis_batch", ada, batch)
    assert course(sql) == {("model", ""): 1, ("cancelled", ""): 1}
    starts, end = period()
    [row] = sql.rows("select * from public.analysis_batch_rows(%s, %s)", starts[0], end)
    assert [str(row[1]), *row[3:]] == [batch, 2, 1, 0, 0, 0, 0, 1]
    assert sql.rows("select count(*) from public.usage_logs") == [(1,)]
    # A batch is in no figure about how long people wait.
    assert sql.rows("select * from public.analysis_times(%s, %s)", starts, end) == []


def test_who_asks_too_fast_or_has_nothing_left_is_counted_as_refused(sql: Sql, ada: str) -> None:
    one = (1, *LIMIT[1:])
    sql.call("request_analysis", ada, item("a"), *one)
    sql.call("request_analysis", ada, item("b"), *one)
    sql.call("count_measuring", ada, *one[:2])
    sql.rows("update public.use_balances set used = 10, reserved = 0 returning 1")
    ask(sql, ada, "c")
    assert course(sql) == {("refused", "rate_limited"): 2, ("refused", "trial_used_up"): 1}
    assert sql.rows("select refused from public.analysis_limited") == [(2,)]


def test_suggestions_are_counted_where_they_are_shown_and_the_latest_word_counts(
    sql: Sql, ada: str
) -> None:
    first = ask(sql, ada)["id"]
    work(sql, first)
    again = ask(sql, ada)["id"]
    for analysis, outcome in ((first, "applied"), (first, "undone"), (again, "applied")):
        sql.call("note_outcomes", ada, analysis, [{"ref": 1, "outcome": outcome}])
    sql.call("note_outcomes", ada, again, [{"ref": 3, "outcome": "ignored", "reason": "no"}])
    starts, end = period()
    rows = sql.rows("select * from public.analysis_suggestions(%s, %s)", starts[0], end)
    assert rows == [("contrast-text", "model", 4, 2, 1, 1, 0), ("naming", "model", 2, 0, 0, 0, 1)]
    # The figures outlive the analyses.
    sql.rows("delete from public.analyses returning 1")
    assert sql.rows("select * from public.analysis_suggestions(%s, %s)", starts[0], end) == rows


def test_refused_analyses_are_no_refused_comments(sql: Sql, ada: str) -> None:
    sql.call("request_analysis", ada, item("a"), *LIMIT)
    sql.rows("update public.use_balances set used = 10, reserved = 0 returning 1")
    ask(sql, ada, "c")
    starts, end = period()
    assert sql.rows("select status, feature from public.usage_logs") == [("refused", "analysis")]
    for by_hour in (True, False):
        refused = (
            "select coalesce(sum(uses), 0) from private.refused_between(%s, %s, null, null, %s)"
        )
        assert sql.rows(refused, starts[0], end, by_hour) == [(0,)]


def test_somebody_who_only_analyses_is_active_and_on_trial(sql: Sql, ada: str) -> None:
    work(sql, ask(sql, ada)["id"])
    assert sql.rows("select step, answers from public.active_periods where step = 'day'") == [
        ("day", 1)
    ]
    [(started, uses, outcome)] = sql.rows(
        "select started_at is not null, uses, outcome from private.trial_people"
    )
    assert (started, uses, outcome) == (True, 1, "inside")
    assert sql.rows("select first_answer_at is not null from private.people_now") == [(True,)]


def test_support_opens_an_analysis_without_its_words_and_reads_them_behind_a_reason(
    sql: Sql, ada: str, request: pytest.FixtureRequest
) -> None:
    make = request.getfixturevalue("operator")
    first = ask(sql, ada)["id"]
    work(sql, first)
    again = ask(sql, ada)["id"]
    sql.call("note_outcomes", ada, again, [{"ref": 1, "outcome": "applied"}])
    reader = make("support")
    for analysis in (first, again):
        found = call(reader, "analysis_detail", analysis_id=analysis)
        assert "secret" not in str(found)
        assert [each["rule"] for each in found["suggestions"]] == [
            "contrast-text", "contrast-text", "naming",
        ]  # fmt: skip
        assert [each["has_change"] for each in found["suggestions"]] == [True, False, False]
    assert [each["outcome"] for each in found["suggestions"]] == ["applied", None, None]
    assert [(each["status"], each["cost_microusd"]) for each in found["runs"]] == [("answered", 0)]
    with pytest.raises(APIError, match=r"reason|say_why"):
        call(reader, "reveal_analysis", analysis_id=again, reason="")
    words = call(reader, "reveal_analysis", analysis_id=again, reason="ticket 4711")
    assert words["summary"] == "A secret summary."
    log = sql.rows(
        "select operation, table_name, row_key, person_id::text, reason from public.audit_log"
        " where operation = 'REVEAL'"
    )
    assert log == [("REVEAL", "analyses", again, ada, "ticket 4711")]
    told = story(reader, ada)
    assert [each["detail"]["type"] for each in told if each["kind"] == "answer"] == [TYPES[0]] * 2
    finance = make("finance")
    for function in ("analysis_detail", "reveal_analysis"):
        more = {"reason": "ticket 4711"} if function == "reveal_analysis" else {}
        with pytest.raises(APIError, match="42501"):
            call(finance, function, analysis_id=again, **more)


ENDS = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.integers(0, 94),
            "type": st.sampled_from(TYPES),
            "end": st.sampled_from(
                ["model", "model", "measured", "cached", "refused", "failed", "cancelled"]
            ),
            "plan_code": st.sampled_from(["pro", "trial"]),
            "team_id": st.sampled_from([f"{NOBODY[:-1]}a", f"{NOBODY[:-1]}b", None]),
            "latency_ms": st.integers(0, 100_000),
            "is_in_batch": st.booleans(),
            "cost": st.integers(0, 10**7),
        }
    ),
    max_size=14,
)


@pytest.mark.parametrize(("month", "zone"), [(3, "Europe/Berlin"), (10, "Europe/Berlin")])
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ends=ENDS, case=st.integers(0, 10**9))
def test_every_figure_is_what_a_count_by_hand_gives(
    sql: Sql, month: int, zone: str, ends: list[dict[str, Any]], case: int
) -> None:
    """Four days round a clock change; examples have years of their own."""
    ((user,),) = sql.rows(
        "insert into public.users (figma_user_id, handle) values (%s, 'Ada')"
        " returning id::text", str(uuid4()),
    )  # fmt: skip
    sql.rows("update public.reporting_settings set time_zone = %s returning 1", zone)
    chance, year = random.Random(case), next(YEARS)
    change = max(
        day for number in range(25, 32) if (day := date(year, month, number)).weekday() == 6
    )
    start = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(days=1, hours=2)
    end = start + timedelta(hours=95)
    days = [
        start,
        *(start + timedelta(hours=each) for each in sorted(chance.sample(range(1, 95), 3))),
    ]
    hours = [start + timedelta(hours=each) for each in range(95)]
    batches = [str(uuid4()), str(uuid4())]
    told: Counter[tuple[str, str]] = Counter()
    for each in ends:
        each["at"] = start + timedelta(hours=each["hour"], minutes=chance.randrange(60))
        each["batch"] = chance.choice(batches) if each["is_in_batch"] else None
        each["shown"] = {}
        if each["end"] in ("model", "cached"):
            for rule in chance.sample(["contrast-text", "naming", "radii"], chance.randrange(3)):
                shown = chance.randrange(1, 4)
                each["shown"][rule] = [shown, chance.randrange(shown + 1)]
        insert(sql, each, user, chance, told)
    limited = chance.randrange(3)
    if limited:
        sql.rows(
            "insert into public.analysis_limited values (%s, 'pro', %s, %s) returning 1",
            hours[chance.randrange(95)], NOBODY, limited,
        )  # fmt: skip
    for starts in (days, hours):
        for plan, team in ((None, None), ("pro", None), (None, f"{NOBODY[:-1]}a")):
            mine = [
                each
                for each in ends
                if plan in (None, each["plan_code"]) and team in (None, each["team_id"])
            ]
            narrowed = (starts, end, [plan] if plan else None, team)
            check_course(sql, narrowed, mine, 0 if team else limited)
            check_times(sql, narrowed, mine)
            spent = sql.rows(
                "select coalesce(sum(cost_microusd), 0) from public.analysis_costs(%s, %s, %s, %s)",
                *narrowed,
            )
            assert spent == [(sum(each["cost"] for each in mine if each["end"] == "model"),)]
            rest = (start, *narrowed[1:])
            items = sql.rows(
                "select batch_id::text, items from public.analysis_batch_rows(%s, %s, %s, %s)",
                *rest,
            )
            assert dict(items) == Counter(each["batch"] for each in mine if each["batch"])
            if not plan and not team:
                check_suggestions(sql, rest, mine, told)


def insert(
    sql: Sql, each: dict[str, Any], user: str, chance: random.Random, told: Counter[Any]
) -> None:
    """One end with its line in the ledger and some outcomes."""
    analysis, is_done = str(uuid4()), each["end"] in ("model", "measured", "cached")
    sql.rows(
        "insert into public.analysis_ends (analysis_id, run, at, type, state, source, is_cached,"
        " batch_id, plan_code, team_id, latency_ms, shown)"
        " values (%s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning 1",
        analysis, each["at"], each["type"], "done" if is_done else each["end"],
        {"model": "model", "cached": "model", "measured": "measured"}.get(each["end"]),
        each["end"] == "cached", each["batch"], each["plan_code"], each["team_id"],
        each["latency_ms"], Jsonb(each["shown"]) if each["end"] in ("model", "cached") else None,
    )  # fmt: skip
    if each["end"] == "model":
        sql.rows(
            "insert into public.usage_logs (at, answer_id, feature, status, plan_code, team_id,"
            " provider, model, cost_microusd, cost_state)"
            " values (%s, %s, 'analysis', 'answered', %s, %s, 'openai', 'm', %s, 'priced')"
            " returning 1",
            each["at"], analysis, each["plan_code"], each["team_id"], each["cost"],
        )  # fmt: skip
    for ref, rule in enumerate(each["shown"], start=1):
        if outcome := chance.choice(["applied", "undone", "ignored", None]):
            told[rule, outcome] += 1
            sql.rows(
                "insert into public.suggestion_outcomes (analysis_id, ref, user_id, source, rule,"
                " outcome) values (%s, %s, %s, 'model', %s, %s) returning 1",
                analysis, ref, user, rule, outcome,
            )  # fmt: skip


def check_course(
    sql: Sql, narrowed: tuple[Any, ...], mine: list[dict[str, Any]], limited: int
) -> None:
    rows = sql.rows("select * from public.analysis_course(%s, %s, %s, %s)", *narrowed)
    starts = narrowed[0]
    found: Counter[tuple[Any, ...]] = Counter()
    for at, kind, outcome, reason, analyses, _ in rows:
        if reason != "rate_limited":
            found[at, kind, outcome] += analyses
    expected = Counter(
        (max(each_start for each_start in starts if each_start <= each["at"]), each["type"],
         each["end"])
        for each in mine
    )  # fmt: skip
    assert found == expected
    assert sum(row[4] for row in rows if row[3] == "rate_limited") == limited
    assert sum(row[5] for row in rows) == sum(each["batch"] is not None for each in mine)


def check_times(sql: Sql, narrowed: tuple[Any, ...], mine: list[dict[str, Any]]) -> None:
    rows = sql.rows("select * from public.analysis_times(%s, %s, %s, %s)", *narrowed)
    counted = [each for each in mine if each["end"] == "model" and each["batch"] is None]
    times = sorted(each["latency_ms"] for each in counted)
    if not times:
        assert rows == []
        return
    [whole] = [row for row in rows if row[0] is None]
    assert whole[1] == len(times)
    for share, found in zip((0.5, 0.95), whole[2:], strict=True):
        # Within 2 %, as all histograms are.
        assert abs(found - at_share(times, share)) <= max(1, at_share(times, share) * 0.02)
    assert sum(row[1] for row in rows if row[0] is not None) == len(times)


def at_share(times: list[int], share: float) -> int:
    """The smallest time that at least this share of the times does not exceed."""
    return next(
        time for place, time in enumerate(times, start=1) if place / len(times) >= share - 1e-12
    )


def check_suggestions(
    sql: Sql, rest: tuple[Any, ...], mine: list[dict[str, Any]], told: Counter[tuple[str, str]]
) -> None:
    expected = {}
    for rule in {rule for each in mine for rule in each["shown"]}:
        sums = [
            sum(each["shown"][rule][place] for each in mine if rule in each["shown"])
            for place in (0, 1)
        ]
        expected[rule] = (*sums, *(told[rule, end] for end in ("applied", "undone", "ignored")))
    rows = sql.rows("select * from public.analysis_suggestions(%s, %s, %s, %s)", *rest)
    assert {row[0]: row[2:] for row in rows} == expected
