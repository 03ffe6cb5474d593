"""The books of a month: what is owed, closing it once, and what comes after."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.exports import month as files
from dashboard.exports.writing import Export, write
from tests.sql.conftest import refused

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def books(sql):
    return Books(sql)


class Books:
    """People, subscriptions and ledger rows as a test needs them."""

    def __init__(self, sql: Any) -> None:
        self.sql = sql
        self.count = 0

    def team(self) -> str:
        self.count += 1
        statement = "insert into public.teams (name) values (%s) returning id::text"
        return self.sql.rows(statement, f"Team {self.count}")[0][0]

    def user(self, team: str | None = None) -> str:
        self.count += 1
        return self.sql.rows(
            "insert into public.users (figma_user_id, handle, team_id) values (%s, %s, %s)"
            " returning id::text",
            f"b{self.count}", f"Person {self.count}", team,
        )[0][0]  # fmt: skip

    def subscribe(
        self, user: str | None = None, team: str | None = None, plan: str = "pro", seats: int = 1,
        start: str = "2026-01-01", end: str | None = None,
    ) -> None:  # fmt: skip
        self.sql.connection.execute(
            "insert into public.subscriptions (user_id, team_id, plan_code, seats, starts_at,"
            " ends_at) values (%s, %s, %s, %s, %s, %s)",
            (user, team, plan, seats, f"{start}Z", end and f"{end}Z"),
        )

    def use(
        self, user: str | None, at: str = "2026-10-10", cost: int | None = 1000, plan: str = "pro",
        team: str | None = None, status: str = "answered",
    ) -> None:  # fmt: skip
        self.sql.connection.execute(
            "insert into public.usage_logs (at, answer_id, feature, status, user_id, team_id,"
            " plan_code, provider, model, input_tokens, cost_microusd, cost_state)"
            " values (%s, gen_random_uuid(), 'comment', %s, %s, %s, %s, 'openai', 'm', 7, %s, %s)",
            (
                f"{at}Z",
                status,
                user,
                team,
                plan,
                cost,
                "priced" if cost is not None else "unpriced",
            ),
        )

    def totals(self, month: date = OCTOBER) -> dict[str, Any]:
        return self.sql.call("billing_totals", month)

    def rows(self, month: date = OCTOBER) -> list[dict[str, Any]]:
        return self.sql.call("billing_statement", month, "", 1000)

    def close(self, month: date = OCTOBER, reason: str = "month end") -> dict[str, Any]:
        return self.sql.call("close_month", month, reason)


def test_a_whole_month_costs_exactly_the_price_and_a_part_its_days(books):
    whole, half, gone = books.user(), books.user(), books.user()
    books.subscribe(whole)
    books.subscribe(half, start="2026-10-17 00:00")
    books.subscribe(gone, end="2026-10-01 00:00")
    fees = {row["payer_id"]: row["fee_microusd"] for row in books.rows()}
    assert fees == {whole: 10_000_000, half: round(10_000_000 * 15 / 31)}


def test_a_team_pays_for_its_members_and_a_member_with_a_plan_pays_alone(books):
    team = books.team()
    member, own = books.user(team), books.user(team)
    books.subscribe(team=team, plan="enterprise", seats=3)
    books.subscribe(own)
    books.use(member, plan="enterprise", team=team)
    books.use(own, plan="pro", team=team)
    rows = {row["payer_id"]: row for row in books.rows()}
    assert (rows[team]["uses"], rows[team]["included"], rows[team]["seats"]) == (1, 15_000, 3)
    assert (rows[own]["uses"], rows[own]["included"]) == (1, 500)
    assert rows[team]["margin_microusd"] == 300_000_000 - 1000


def test_uses_beyond_the_included_ones_cost_what_the_plan_says(books):
    user = books.user()
    books.subscribe(user)
    books.sql.connection.execute(
        "insert into public.plans (code, valid_from, name, price_microusd, per, uses, period,"
        " overage_microusd) values ('pro', '2026-05-01', 'Pro', 10000000, 'user', 2, 'month', 50)"
    )
    for _ in range(5):
        books.use(user)
    [row] = books.rows()
    assert (row["overage_uses"], row["overage_microusd"]) == (3, 150)
    assert row["due_microusd"] == 10_000_150


def test_guests_and_calls_without_a_price_are_shown_apart(books):
    books.use(None, plan="", cost=70)
    books.use(None, plan="", cost=None)
    [row] = books.rows()
    assert (row["payer_kind"], row["payer_name"]) == ("nobody", "Nobody (guests)")
    assert (row["ai_cost_microusd"], row["unpriced"], row["due_microusd"]) == (70, 1, 0)


def test_a_closed_month_stays_as_it_was_and_later_facts_go_to_the_next_open_one(books):
    user = books.user()
    books.subscribe(user)
    books.use(user, cost=1000)
    closed = books.close()
    assert closed["closed_by"] == "service"
    books.use(user, cost=5)
    books.subscribe(user=books.user(), start="2026-10-01 00:00", end="2026-11-01 00:00")
    assert books.totals() == closed
    november = books.totals(NOVEMBER)
    assert november["ai_cost_microusd"] == 5
    assert november["adjustments_microusd"] == 10_000_000
    booked = books.sql.call("billing_adjustment_list", NOVEMBER)
    kinds = {row["kind"]: (row["for_month"], row["dated"]) for row in booked}
    assert kinds == {
        "late_use": ("2026-10-01", "2026-10-10"), "late_fee": ("2026-10-01", "2026-10-01"),
    }  # fmt: skip


def test_a_change_of_the_past_is_booked_once_and_taken_back_when_undone(books):
    user = books.user()
    books.subscribe(user)
    books.close()
    change = "update public.subscriptions set ends_at = %s"
    books.sql.connection.execute(change, ("2026-10-17Z",))
    refund = round(10_000_000 * 16 / 31) - 10_000_000
    assert books.totals(NOVEMBER)["adjustments_microusd"] == refund
    books.sql.connection.execute(change, (None,))
    assert books.totals(NOVEMBER)["adjustments_microusd"] == 0


def test_a_month_is_closed_once_only_when_it_is_over_and_with_a_reason(books):
    books.close()
    with refused("a closed month stays closed"):
        books.close()
    with refused("not over yet"):
        books.close(date(2099, 1, 1))
    with refused("Say why"):
        books.close(date(2026, 9, 1), " ")
    with refused("first day"):
        books.close(date(2026, 9, 2))
    logged = books.sql.rows(
        "select row_key, reason from public.audit_log where table_name = 'billing_months'"
    )
    assert logged == [("2026-10", "month end")]


def test_nobody_rewrites_what_was_closed(books):
    books.subscribe(books.user())
    books.close()
    for statement in (
        "update public.billing_statements set fee_microusd = 0",
        "delete from public.billing_months",
        "truncate public.billing_adjustments",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            books.sql.connection.execute(statement)


def test_a_credit_sent_twice_is_booked_once_and_after_closing_in_the_next_month(books):
    user, key = books.user(), str(uuid4())
    books.close()
    credit = (key, "user", user, "credit", 3_000_000, date(2026, 10, 5), "outage")
    first, again = (books.sql.call("add_billing_adjustment", *credit) for _ in range(2))
    assert first == again
    assert (first["month"], first["for_month"]) == ("2026-11-01", "2026-10-01")
    november = books.totals(NOVEMBER)
    assert (november["credits_microusd"], november["due_microusd"]) == (-3_000_000, -3_000_000)
    bad = (str(uuid4()), "user", str(uuid4()), "credit", 1, date(2026, 10, 5), "outage")
    with refused("no such user or team"):
        books.sql.call("add_billing_adjustment", *bad)


def test_repricing_counts_in_its_month_while_open_and_later_afterwards(books):
    user = books.user()
    books.use(user, plan="trial", cost=None)
    add = (
        "insert into public.adjustments (kind, for_at, user_id, plan_code, provider, model,"
        " newly_priced, amount_microusd, key, actor, reason) values ('ai_cost',"
        " '2026-10-10T10:00Z', %s, 'trial', 'openai', 'm', %s, %s, %s, 'x', 'new price')"
    )
    books.sql.connection.execute(add, (user, 1, 40, "a"))
    assert (books.totals()["ai_cost_microusd"], books.totals()["unpriced"]) == (40, 0)
    books.close()
    books.sql.connection.execute(add, (user, 0, 2, "b"))
    assert books.totals()["ai_cost_microusd"] == 40
    assert books.totals(NOVEMBER)["ai_cost_microusd"] == 2


def test_counting_anew_from_the_ledger_changes_nothing(books):
    user = books.user()
    for cost in (5, None, 8):
        books.use(user, cost=cost)
    every = "select * from public.billing_usage as kept order by kept"
    before = books.sql.rows(every)
    books.sql.connection.execute("select private.rebuild_billing()")
    assert books.sql.rows(every) == before


def test_late_facts_of_two_writers_do_not_wait_for_each_other_in_a_circle(connect, books):
    # Of two users, days and plans, so that they meet in no row of any rollup.
    facts = [(Books(connect()), books.user(), day, plan) for day, plan in ((2, "pro"), (3, "x"))]
    books.close()
    both_hold_the_books = Barrier(2)

    def write(fact: tuple[Books, str, int, str]) -> None:
        writer, user, day, plan = fact
        with writer.sql.connection.transaction():
            writer.use(user, at=f"2026-11-0{day}", plan=plan)
            both_hold_the_books.wait(10)
            writer.use(user, at=f"2026-10-0{day}", plan=plan)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, facts))
    assert books.totals(NOVEMBER)["uses"] == 4


def test_a_use_is_booked_while_an_audited_change_is_still_open(connect, books):
    user = books.user()
    other = Books(connect())
    with books.sql.connection.transaction():
        books.sql.rows("update public.users set state = 'suspended' returning 1")
        other.sql.rows("select set_config('statement_timeout', '5s', false)")
        other.use(user)
    assert books.totals()["uses"] == 1


def test_a_month_is_closed_while_plans_are_changed(connect, books):
    other = Books(connect())
    user = books.user()
    started = Barrier(2)

    def change() -> None:
        with other.sql.connection.transaction():
            other.subscribe(user)
            started.wait(10)

    def close() -> None:
        started.wait(10)
        books.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(change), pool.submit(close)]:
            done.result(20)
    assert books.totals()["fee_microusd"] == 10_000_000


USES = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["2026-10-01", "2026-10-25 00:30", "2026-10-31 23:59"]),
        st.one_of(st.none(), st.integers(0, 10**9)), st.sampled_from(["answered", "failed"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(uses=USES, seats=st.integers(1, 4), day=st.integers(1, 31), late=USES)
def test_tile_statements_margin_and_ledger_add_up_to_the_microdollar(sql, uses, seats, day, late):
    books = Books(sql)
    with sql.connection.transaction(force_rollback=True):
        team = books.team()
        people = [None, books.user(), books.user(team), books.user(team)]
        books.subscribe(people[1], start=f"2026-10-{day:02}")
        books.subscribe(team=team, plan="enterprise", seats=seats, start="2026-09-01")
        plans = ["", "pro", "enterprise", "trial"]

        def record(facts: list) -> None:
            for person, at, cost, status in facts:
                books.use(people[person], at, cost, plans[person], team, status)

        record(uses)
        agree(books, OCTOBER, [use[2] for use in uses])
        before = books.totals()
        books.close()
        record(late)
        after = books.totals()
        assert {k: v for k, v in after.items() if not k.startswith("close")} | {"reason": None} == {
            k: v for k, v in before.items() if not k.startswith("close")
        }
        agree(books, OCTOBER, [use[2] for use in uses])
        agree(books, NOVEMBER, [use[2] for use in late])


SUMMED = (
    "uses", "included", "overage_uses", "fee_microusd", "overage_microusd", "credits_microusd",
    "adjustments_microusd", "due_microusd", "ai_cost_microusd", "margin_microusd", "unpriced",
)  # fmt: skip


def agree(books: Books, month: date, costs: list[int | None]) -> None:
    totals, rows = books.totals(month), books.rows(month)
    assert totals["ai_cost_microusd"] == sum(cost or 0 for cost in costs)
    assert totals["ledger_rows"] == len(costs)
    assert totals["unpriced"] == costs.count(None)
    for name in SUMMED:
        assert totals[name] == sum(row[name] for row in rows), name
    for by in ("user", "plan", "context"):
        margins = books.sql.call("margin_by", month, by)
        assert totals["margin_microusd"] == sum(row["margin_microusd"] for row in margins)
        assert totals["due_microusd"] == sum(row["revenue_microusd"] for row in margins)
        assert totals["ai_cost_microusd"] == sum(row["ai_cost_microusd"] for row in margins)
    for row in books.sql.call("what_if", month, {}):
        assert row["margin_before_microusd"] == row["margin_after_microusd"]
    footers = {export.name: footer(books, export, month) for export in files.ALL}
    statement = footers["statements"]
    for column, name in (("Uses", "uses"), ("Overage uses", "overage_uses"), ("Unpriced calls",
                         "unpriced"), ("Included", "included")):  # fmt: skip
        assert statement[column] == totals[name]
    for word, name in zip(("Fee", "Overage", "Credits", "Adjustments", "Due", "AI cost", "Margin"),
                          files.MONEY, strict=True):  # fmt: skip
        assert statement[f"{word} (USD)"].scaleb(6) == totals[f"{name}_microusd"]
    assert footers["ledger"]["cost (USD)"].scaleb(6) == totals["ledger_cost_microusd"]
    for column in files.COSTS.sums:
        assert footers["costs-focus"][column].scaleb(6) == totals["ai_cost_microusd"]
    span = (f"{month}T00:00Z", f"{files.month_after(month)}T00:00Z", None, None)
    revenue = books.sql.call("revenue_totals", *span)
    moved = revenue["mrr_microusd"] - revenue["mrr_start_microusd"]
    assert footers["mrr-movements"]["MRR_MOVEMENT"] * 10_000 == moved


def footer(books: Books, export: Export, month: date) -> dict[str, Decimal]:
    """The sums of a file as its reader gets them: people from the last line, each of them the sum
    of the lines above; programs add up all rows."""
    target = io.BytesIO()
    write(export, lambda name, given: books.sql.call(name, *given.values()), month, target)
    if export.is_imported:
        rows = list(csv.DictReader(io.StringIO(target.getvalue().decode())))
        return {name: sum((Decimal(row[name]) for row in rows), Decimal()) for name in export.sums}
    *lines, last = csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig")))
    sums = {name: Decimal(last[name]) for name in export.sums}
    for name, total in sums.items():
        assert total == sum((Decimal(line[name] or 0) for line in lines), Decimal()), name
    return sums


def test_the_ledger_is_paged_without_gap_or_repeat(books):
    for minute in range(7):
        books.use(None, f"2026-10-10 10:0{minute // 3}", plan="", cost=minute)
    key, ids = ("-infinity", 0), []
    while page := books.sql.call("export_ledger", OCTOBER, *key, 2):
        ids += [row[0] for row in page]
        key = (page[-1][1], page[-1][0])
    assert len(ids) == len(set(ids)) == 7
