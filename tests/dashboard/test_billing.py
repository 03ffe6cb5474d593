"""The billing page through the router: full, one row, empty, away, in the wrong role; its files."""

import csv
import io
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
import streamlit as st
from postgrest.exceptions import APIError
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.billing import queries
from dashboard.data.reads import asker
from dashboard.exports import export_month as export_command
from dashboard.exports import month as files
from dashboard.exports.export_month import export_month
from dashboard.exports.writing import Usd, cell, write
from local.stack import Database, Stack
from tests.conftest import make_settings
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    metrics,
    refill_caches,
    settings_of,
    sign_in,
    words,
)

MONTH = date(2026, 10, 1)


def fill(database: Database, name: str = "Ada") -> None:
    """A paying user with two uses, a team with a seat nobody used, and a guest's call."""
    with psycopg.connect(database.database_url) as connection:
        connection.execute("insert into public.teams (name) values ('Studio')")
        connection.execute(
            "insert into public.users (figma_user_id, handle) values ('77', %s)", [name]
        )
        connection.execute("""
            insert into public.subscriptions (user_id, plan_code, starts_at)
                select id, 'pro', '2026-10-17Z' from public.users;
            insert into public.subscriptions (team_id, plan_code, seats, starts_at)
                select id, 'enterprise', 2, '2026-01-01Z' from public.teams;
            insert into public.usage_logs (at, answer_id, feature, status, user_id, plan_code,
                provider, model, cost_microusd, cost_state, price_name)
                select '2026-10-20T10:00Z', gen_random_uuid(), 'comment', 'answered', id, 'pro',
                    'openai', 'gpt-5-mini', cost, 'priced', '=1+1'
                from public.users, unnest(array[1234567, 1]) as cost;
            insert into public.usage_logs (at, answer_id, feature, status, cost_microusd,
                cost_state) values ('2026-10-31T23:59Z', gen_random_uuid(), 'invite', 'answered',
                null, 'unpriced');
        """)


def open_billing(router: AppTest, buddy: Buddy, role: str = "finance") -> AppTest:
    router.query_params["month"] = f"{MONTH:%Y-%m}"
    sign_in(router, buddy.make_operator(role))
    return open_page(router, "billing")


def test_finance_sees_what_is_owed_and_what_it_cost(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_billing(router, buddy)
    assert not router.exception
    shown = metrics(router)
    assert (shown["Due"], shown["AI cost"], shown["Margin"]) == ("$204.84", "$1.23", "$203.60")
    assert (shown["Uses"], shown["Unpriced calls"]) == ("2", "1")
    table = router.dataframe[0].value
    assert list(table["Payer"]) == ["Studio", "Ada", "Nobody (guests)"]
    assert list(table["Included"]) == [10_000, 500, 0]
    # On a phone only the first columns are seen.
    assert list(router.dataframe[0].proto.column_order)[:2] == ["Payer", "Due"]
    said = words(router).replace("\\", "")
    assert "3 payers, $204.84 due." in said and "3 rows, $1.23." in said
    assert "calendar months in UTC" in words(router)


def test_an_empty_month_says_so(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "billing")
    assert not router.exception
    assert metrics(router)["Due"] == "$0"
    assert "Nobody had a plan or used the buddy" in words(router)
    assert "This month is not over" in words(router)


def test_a_month_is_closed_with_a_reason_and_then_stays_closed(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_billing(router, buddy)
    close(router, "", sure=False)
    assert "Tick that you have checked" in words(router)
    close(router, "", sure=True)
    assert "Say why" in words(router)
    close(router, "month end", sure=True)
    assert "October 2026 is closed." in str(router.success[0].value)
    assert "Closed on" in words(router)
    assert not [button for button in router.button if button.label == "Close the month"]
    assert metrics(router)["Due"] == "$204.84"
    assert "was closed, and later" not in words(router)
    # A fact that comes later is said wherever the month's closed figures and its own are seen.
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.billing_adjustments (month, for_month, dated, kind, payer_kind,"
            " amount_microusd, cost_microusd, actor, reason) values ('2026-11-01', '2026-10-01',"
            " '2026-10-03', 'late_cost', 'nobody', 0, 1500000, 'service', 're-priced')"
        )
    refill_caches()
    said = (
        "October 2026 was closed, and later 1 fact changed it: AI cost by +\\$1.50, what is owed"
        " by \\$0."
    )
    router.run()
    assert said in words(router)
    router.query_params["period"] = "Own dates"
    router.query_params["dates"] = ["2026-10-01", "2026-10-31"]
    open_page(router, "ai_cost")
    assert said in words(router)
    router.query_params["revenue_month"] = "October 2026"
    open_page(router, "revenue")
    assert said in words(router)


def test_a_credit_is_booked_with_its_reason_and_shown(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    open_billing(router, buddy)
    [amount] = router.number_input
    amount.set_value(4.84)
    router.text_input(key="billing_adjust_reason").set_value("an outage")
    [button] = [each for each in router.button if each.label == "Book it"]
    button.click().run()
    assert not router.exception
    assert "Booked in October 2026." in str(router.success[0].value)
    assert (metrics(router)["Credits"], metrics(router)["Due"]) == ("-$4.84", "$200.00")
    assert list(router.dataframe[1].value["Why"]) == ["an outage"]


def test_a_file_is_prepared_and_offered(router: AppTest, buddy: Buddy, database: Database) -> None:
    fill(database)
    open_billing(router, buddy)
    router.button(key="billing_file_ledger_2026-10-01_button").click().run()
    assert not router.exception
    [offered] = router.get("download_button")
    assert offered.label == "Download 3 rows"
    # A rerun would take the button away.
    assert offered.proto.ignore_rerun


def open_page(router: AppTest, name: str) -> AppTest:
    return router.switch_page(f"{name}/page.py").run()


def close(router: AppTest, reason: str, *, sure: bool) -> None:
    router.text_input(key="billing_close_reason").set_value(reason)
    router.checkbox(key="billing_close_sure").set_value(sure)
    [button] = [each for each in router.button if each.label == "Close the month"]
    button.click().run()
    assert not router.exception


def test_support_neither_finds_the_page_nor_may_call_its_functions(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database)
    email = buddy.make_operator("support")
    client = auth.sign_in(settings_of(database), email, PASSWORD).client()
    month: dict[str, Any] = {"p_month": f"{MONTH}"}
    page = {"p_after": "", "p_limit": 10}
    calls: dict[str, dict[str, Any]] = {
        "billing_totals": month,
        "billing_calendar": {},
        "billing_statement": {**month, **page},
        "billing_adjustment_list": month,
        "export_costs": {**month, **page},
        "export_ledger": {**month, "p_after_at": "-infinity", "p_after_id": 0, "p_limit": 10},
        "close_month": {**month, "p_reason": "because"},
        "margin_by": {**month, "p_by": "plan"},
        "what_if": {**month, "p_plans": {}},
    }
    for function, parameters in calls.items():
        with pytest.raises(APIError, match=r'only_these_may_see_this.*"founder", "finance"'):
            client.rpc(function, parameters).execute()
    sign_in(router, email)
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(router, "billing")


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    sign_in(router, buddy.make_operator("finance"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke execute on function public.billing_totals from authenticated")
        try:
            st.cache_data.clear()
            open_page(router, "billing")
        finally:
            connection.execute("grant execute on function public.billing_totals to authenticated")
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]


def test_each_file_ends_with_its_tile_and_make_export_writes_the_same_bytes(
    buddy: Buddy, database: Database, stack: Stack, tmp_path: Path
) -> None:
    fill(database, name="=cmd|' /C calc'!A0")
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    operator = auth.Operator(signed_in.user_id, "f@example.com", "finance", signed_in)
    st.cache_data.clear()
    totals = queries.read_totals(operator, MONTH)
    written = {
        path.name: path for path in export_month(make_settings(database, stack), MONTH, tmp_path)
    }
    found = {}
    for export in files.ALL:
        target = io.BytesIO()
        file = write(export, asker(operator), MONTH, target)
        data = target.getvalue()
        assert written[export.file_name(MONTH)].read_bytes() == data
        assert data.startswith(b"\xef\xbb\xbf") != export.is_imported and data.endswith(b"\r\n")
        lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        found[export.name] = (file.sums, lines)
        assert len(lines) == file.rows + (not export.is_imported)
    sums, lines = found["statements"]
    assert sums["Due (USD)"] == totals.due_microusd
    assert lines[-1]["Margin (USD)"] == str(Usd(totals.margin_microusd)) == "203.604142"
    assert any(line["Payer"].startswith("'=cmd") for line in lines)
    sums, lines = found["ledger"]
    assert len(lines) - 1 == totals.ledger_rows
    assert sums["cost (USD)"] == totals.ledger_cost_microusd
    assert lines[-1]["cost (USD)"] == "1.234568"
    assert {line["price_name"] for line in lines[:2]} == {"'=1+1"}
    # As their consumers read them: pandas for a FOCUS file, every row a movement for ChartMogul.
    focus = pd.read_csv(tmp_path / files.COSTS.file_name(MONTH), dtype={"BilledCost": str})
    assert sum(map(Decimal, focus["BilledCost"])).scaleb(6) == totals.ai_cost_microusd
    assert focus["BillingPeriodStart"].notna().all()
    sums, lines = found["mrr-movements"]
    assert [line["MOVEMENT_TYPE"] for line in lines] == ["new_biz"]
    assert sum(int(line["MRR_MOVEMENT"]) for line in lines) == sums["MRR_MOVEMENT"] == 1000
    assert len(lines[0]) == 16


@pytest.mark.parametrize(
    ("month", "folder", "says"),
    [
        ("2026-13", "out", "write it as 2026-10"),
        ("9999-01", "out", "has not begun yet"),
        ("2026-10", "a file/out", "cannot be written into .*Not a directory"),
    ],
)
def test_make_export_says_why_it_writes_nothing(
    database: Database,
    stack: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    month: str,
    folder: str,
    says: str,
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setattr("sys.argv", ["export_month", month, str(tmp_path / folder)])
    monkeypatch.setattr(export_command, "load_settings", lambda: make_settings(database, stack))
    with pytest.raises(SystemExit, match=says):
        export_command.main()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("value", "written"),
    [("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=1", "a=1"),
     ("＝1", "'＝1"), (-5, -5), (None, ""), (Usd(-1), "-0.000001"), (Usd(12_345_678), "12.345678")],
)  # fmt: skip
def test_text_that_starts_a_formula_is_led_by_an_apostrophe(value: Any, written: Any) -> None:
    assert cell(value) == written


def test_a_file_takes_the_memory_of_one_page_however_long_it_is(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        def ask(_: str, given: dict[str, Any]) -> list[list[Any]]:
            first, last = given["p_after_id"] + 1, min(given["p_after_id"] + 5000, count)
            money = [*[1] * 5, *["x"] * 2, *[1] * 3, "x", 1, "x", None]
            return [
                [number, "2026-10-10T00:00:00Z", *["x"] * 11, *money]
                for number in range(first, last + 1)
            ]

        tracemalloc.start()
        with (tmp_path / "ledger.csv").open("wb") as target:
            assert write(files.LEDGER, ask, MONTH, target).rows == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(30_000) < 1.2 * peak(10_000)
