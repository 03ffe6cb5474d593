"""Each figure of the revenue page is the sum of its rows and of its file, also over a change of
daylight saving, whatever the subscriptions are."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
import pytest
import streamlit as st
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.audit import entries
from dashboard.data import periods
from dashboard.data.view import View
from dashboard.exports import csv_export
from dashboard.parts.metric import Rows
from dashboard.revenue import figure_rows, queries
from local.stack import Database
from tests.dashboard.stage import PASSWORD, Buddy, settings_of

BERLIN = "Europe/Berlin"
# On 25 October 2026 the clocks go back in Berlin, on 29 March they went forward.
AUTUMN = (date(2026, 10, 24), date(2026, 10, 26))
SPRING = (date(2026, 3, 28), date(2026, 3, 30))


@pytest.fixture
def operator(database: Database, buddy: Buddy) -> Operator:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    return Operator(signed_in.user_id, "f@example.com", "finance", signed_in)


@pytest.fixture
def books(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("update public.reporting_settings set time_zone = %s", [BERLIN])
        for name in ("=Ada", "Bo"):
            connection.execute(
                "insert into public.users (figma_user_id, handle) values (%s, %s)", [name, name]
            )
        connection.execute("insert into public.teams (name) values ('Studio')")
        yield connection


def view_of(days: tuple[date, date], step: str = "day") -> View:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    span = replace(periods.span_of(periods.CUSTOM, BERLIN, now, days), step=step)
    return View(
        choice=periods.CUSTOM, dates=days, compare=False, span=span, zone=BERLIN,
        week_start="monday", plans=(), team=None, now=now,
    )  # fmt: skip


def subscribe(books: psycopg.Connection, spans: list[tuple[str, str, int, str, str]]) -> None:
    books.execute("delete from public.subscriptions")
    for payer, plan, seats, start, end in spans:
        column, table, name = (
            ("team_id", "teams", "name") if payer == "Studio" else ("user_id", "users", "handle")
        )
        if start < end:
            books.execute(
                f"insert into public.subscriptions ({column}, plan_code, seats, starts_at, ends_at)"
                f" select id, %s, %s, %s, %s from public.{table} where {name} = %s",
                [plan, seats, f"{start}Z", f"{end}Z", payer],
            )


HOURS = some.sampled_from(
    [f"2026-{day} {hour:02}:30" for day in ("01-05", "03-28", "03-29", "10-24", "10-25", "10-26")
     for hour in (0, 1, 2, 22, 23)]
)  # fmt: skip
SUBSCRIPTIONS = some.lists(
    some.tuples(
        some.sampled_from(["=Ada", "Bo", "Studio"]), some.sampled_from(["pro", "enterprise"]),
        some.integers(1, 3), HOURS, HOURS,
    ),
    max_size=8,
)  # fmt: skip


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=SUBSCRIPTIONS, days=some.sampled_from([AUTUMN, SPRING]))
def test_every_figure_is_the_sum_of_its_rows_and_of_its_file(
    operator: Operator, books: psycopg.Connection, spans: list, days: tuple[date, date]
) -> None:
    subscribe(books, spans)
    st.cache_data.clear()
    view = view_of(days)
    totals = queries.read_totals(operator, view)
    movements = queries.read_movements(operator, view)
    payers = queries.read_payers(operator, view)
    for kind in queries.KINDS:
        agree(figure_rows.of_kind(movements, kind, totals))
    agree(figure_rows.of_all(movements, totals))
    agree(figure_rows.of_mrr(payers, totals))
    arpu = agree(figure_rows.of_arpu(payers, totals))
    if totals.paying:
        mean = Decimal(arpu["mrr_microusd"]) / arpu["paying"]
        assert abs(totals.arpu_microusd - mean) <= Decimal("0.5")
    for name, column in (("nrr", "mrr_microusd"), ("grr", "kept_microusd")):
        sums = agree(figure_rows.of_retention(payers, totals, name))
        if getattr(totals, name) is not None:
            rate = sums[column] / sums["at_start_microusd"]
            assert getattr(totals, name) == pytest.approx(rate)
    sums = agree(figure_rows.of_quick_ratio(movements, totals))
    if totals.quick_ratio is not None:
        rate = sums["gain_microusd"] / sums["loss_microusd"]
        assert totals.quick_ratio == pytest.approx(rate)
    churn = queries.read_churn(operator, view)
    standing = queries.read_churn_rows(operator, view)
    cells = queries.read_cohorts(operator, view)
    told = told_by_hand(books, view)
    assert {name: getattr(churn, name) for name in told} == pytest.approx(told)
    agree(figure_rows.of_arr(payers, churn))
    agree(figure_rows.of_customer_churn(standing, churn))
    for name in ("gross_churn", "net_churn"):
        agree(figure_rows.of_mrr_churn(standing, churn, totals, name))
    agree(figure_rows.of_ltv(standing, churn, totals))
    agree(figure_rows.of_cohorts(queries.read_cohort_rows(operator, view), cells))
    assert cells.to_dict("records") == cohorts_by_hand(books, view)
    plans = queries.read_plans(operator, view)
    assert plans["mrr_microusd"].sum() == totals.mrr_microusd
    for step in ("day", "hour"):
        course = queries.read_steps(operator, view_of(days, step))
        assert list(course["at"]) == list(view_of(days, step).buckets())
        for kind in queries.KINDS:
            assert abs(course[kind].sum()) == getattr(totals, f"{kind}_microusd"), (step, kind)
        agree(figure_rows.of_course(course, totals))
        ends = [*course["at"][1:], pd.Timestamp(view.end)]
        moved = course[list(queries.KINDS)].sum(axis=1)
        for end, mrr in zip(ends, totals.mrr_start_microusd + moved.cumsum(), strict=True):
            assert sum(mrr_at(spans_of(books), end).values()) == mrr


def spans_of(books: psycopg.Connection) -> list[tuple[Any, ...]]:
    return books.execute("""
        select coalesce(s.team_id, s.user_id)::text, s.starts_at, s.ends_at,
            s.seats * p.price_microusd
        from public.subscriptions as s join public.plans as p on p.code = s.plan_code
    """).fetchall()


def mrr_at(spans: list[tuple[Any, ...]], at: datetime) -> dict[str, int]:
    """What each payer paid a month just before a moment; nothing for who paid nothing."""
    paid: Counter[str] = Counter()
    for payer, start, end, mrr in spans:
        if start < at <= end:
            paid[payer] += mrr
    return dict(paid)


def courses_of(spans: list[tuple[Any, ...]]) -> dict[str, list[tuple[datetime, int, int]]]:
    """For each payer the moments at which their MRR changed, with the MRR before and after."""
    turns = sorted({at for _, start, end, _ in spans for at in (start, end)})
    instant = timedelta(microseconds=1)
    found: dict[str, list[tuple[datetime, int, int]]] = defaultdict(list)
    for at in turns:
        before, after = mrr_at(spans, at), mrr_at(spans, at + instant)
        for payer in before.keys() | after.keys():
            pair = before.get(payer, 0), after.get(payer, 0)
            if pair[0] != pair[1]:
                found[payer].append((at, *pair))
    return found


def told_by_hand(books: psycopg.Connection, view: View) -> dict[str, Any]:
    """What revenue_churn() says, worked out from the subscriptions, second by second."""
    spans = spans_of(books)
    start, end = mrr_at(spans, view.start), mrr_at(spans, view.end)
    lost = regained = cancelled = seconds = 0
    for course in courses_of(spans).values():
        is_first = True
        for (at, before, after), until in zip(
            course, [*[turn[0] for turn in course[1:]], view.end], strict=True
        ):
            if view.start <= at < view.end:
                lost += max(0, before - after)
                regained += 0 if is_first else max(0, after - before)
                cancelled += after == 0
            is_first = False
            if after:
                stretch = min(until, view.end) - max(at, view.start)
                seconds += max(0, stretch.total_seconds())
    mrr = sum(end.values())
    gone = len(start.keys() - end.keys())
    churn = cancelled * 2_629_800 / seconds if seconds else None
    return {
        "arr_microusd": 12 * mrr,
        "customers": len(start),
        "customers_lost": gone,
        "customer_churn": gone / len(start) if start else None,
        "gross_churn": lost / sum(start.values()) if start else None,
        "net_churn": (lost - regained) / sum(start.values()) if start else None,
        "cancellations": cancelled,
        "paid_seconds": seconds,
        "monthly_churn": churn,
        "ltv_microusd": round(mrr / len(end) / churn) if end and churn else None,
    }


def cohorts_by_hand(books: psycopg.Connection, view: View) -> list[dict[str, Any]]:
    """What revenue_cohorts() says, worked out from the subscriptions."""
    spans, last = spans_of(books), pd.Period(view.last_day, "M")
    members: dict[pd.Period, dict[str, int]] = defaultdict(dict)
    for payer, course in courses_of(spans).items():
        at, _, after = course[0]
        cohort = pd.Period(periods.local(at, BERLIN).date(), "M")
        if at < view.end and cohort > last - 12:
            members[cohort][payer] = after
    cells = []
    for cohort, firsts in sorted(members.items()):
        for number in range((last - cohort).n + 1):
            over = periods.start_of((cohort + number + 1).start_time.date(), BERLIN)
            paid = mrr_at(spans, min(over, view.end))
            kept = [paid[payer] for payer in firsts if payer in paid]
            cells.append({
                "cohort": f"{cohort.start_time:%Y-%m-%d}", "payers": len(firsts),
                "first_microusd": sum(firsts.values()), "number": number,
                "mrr_microusd": sum(kept), "paying": len(kept), "is_over": over <= view.end,
            })  # fmt: skip
    return cells


def agree(rows: Rows) -> dict[str, Any]:
    """Check that a frame, its footer and its CSV have the same sums; the sums."""
    sums = {name: int(rows.frame[name].sum()) for name in rows.footer if name in rows.frame}
    told = {name: rows.footer[name] for name in sums if rows.footer[name] is not None}
    assert told == {name: sums[name] for name in told}
    text = csv_export.to_csv(rows.frame, rows.footer).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    for name, total in told.items():
        cells = [int(line[name]) for line in lines]
        assert sum(cells[:-1]) == cells[-1] == total, name
        if name.endswith("_microusd"):
            usd = [Decimal(line[f"{name.removesuffix('_microusd')} (USD)"]) for line in lines]
            assert sum(usd[:-1], Decimal()) == usd[-1]
    assert not any(line.get("payer_name", "").startswith("=") for line in lines)
    return sums


def test_a_payer_with_two_plans_is_one_payer(operator: Operator, books: psycopg.Connection) -> None:
    whole = ("2026-01-05 00:30", "2026-12-01 00:30")
    subscribe(books, [("Studio", "pro", 1, *whole), ("Studio", "enterprise", 2, *whole)])
    st.cache_data.clear()
    view = view_of(AUTUMN)
    rows = figure_rows.of_mrr(
        queries.read_payers(operator, view), queries.read_totals(operator, view)
    )
    assert rows.footer == {"mrr_microusd": 210_000_000, "paying": 1}
    assert len(rows.frame) == 1


def test_a_picked_day_of_the_audit_log_is_as_long_as_it_was_there() -> None:
    for day, hours in ((date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 7, 1), 24)):
        start, end = entries.bounds((day, day), BERLIN)
        assert start and end
        length = datetime.fromisoformat(end) - datetime.fromisoformat(start)
        assert length.total_seconds() == hours * 3600
