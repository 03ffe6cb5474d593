"""Each figure of the revenue page is the sum of its rows and of its file, also over a change of
daylight saving, whatever the subscriptions are."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

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
    plans = queries.read_plans(operator, view)
    assert plans["mrr_microusd"].sum() == totals.mrr_microusd
    for step in ("day", "hour"):
        course = queries.read_steps(operator, view_of(days, step))
        assert list(course["at"]) == list(view_of(days, step).buckets())
        for kind in queries.KINDS:
            assert abs(course[kind].sum()) == getattr(totals, f"{kind}_microusd"), (step, kind)


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
    assert not any(line["payer_name"].startswith("=") for line in lines)
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
