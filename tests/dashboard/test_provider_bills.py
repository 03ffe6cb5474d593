"""Providers' bills: each export is read, compared with our books, and what differs is told apart.

The samples in ``bills/`` are of one and the same use of two models on two days. In each the
provider billed a call that we did not see (the second of the small model on the first day), and
another price than ours (for the large model on the second day: a tenth more).
"""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.exports import csv_export
from dashboard.provider_bills import bill_reading, edits, figures, queries
from dashboard.provider_bills.azure_bills import read_meter
from dashboard.provider_bills.bill import BillProblem
from dashboard.provider_bills.bill_reading import Bill, format_of, read_bill, read_table
from dashboard.provider_bills.hand_mapped import Mapping
from local.stack import Database
from service.alert_sentences import alert_words
from tests.dashboard.stage import PASSWORD, Buddy, metrics, settings_of, sign_in, words
from tests.dashboard.test_billing import open_page

BILLS = Path(__file__).parent / "bills"
FIRST, LAST = date(2026, 10, 5), date(2026, 10, 6)
SMALL, LARGE = "small", "large"
# For each of our providers: the names of both models there, and the files that bill it.
SAMPLES = {
    "openai": ("gpt-4o-mini", "gpt-5-mini", "openai_usage", "openai_costs"),
    "azure": ("gpt-4o-mini", "gpt-5-mini", "azure_actual"),
    "azure-focus": ("gpt-4o-mini", "gpt-5-mini", "azure_focus"),
    "anthropic": ("claude-haiku-4-5", "claude-sonnet-4-5", "anthropic_usage", "anthropic_cost"),
    "openrouter": ("openai/gpt-4o-mini", "openai/gpt-5-mini", "openrouter_calls"),
}


def bill_of(name: str) -> Bill:
    return read_bill(read_table((BILLS / f"{name}.csv").read_bytes()))


def book(connection: psycopg.Connection, provider: str, small: str, large: str) -> None:
    """Our calls, as the ledger is written: each in a run of its own."""
    for row in csv.DictReader((BILLS / "our_calls.csv").read_text().splitlines()):
        call = {name: int(row[name]) for name in row if name.endswith(("tokens", "microusd"))}
        call |= {
            "provider": provider, "model": small if row["model"] == SMALL else large,
            "call_id": f"{row['call_id']}", "at": row["at"], "outcome": "ok",
            "service_tier": "standard", "cache_write_tokens": 0, "cost_state": "priced",
        }  # fmt: skip
        connection.execute(
            """
            with line as (
                insert into public.usage_logs (at, answer_id, feature, status, provider, model,
                    cost_microusd, cost_state)
                values (%s, gen_random_uuid(), 'comment', 'answered', %s, %s, %s, 'priced')
                returning usage_logs
            )
            select private.keep_calls(array[usage_logs], array[(usage_logs).answer_id], array[%s])
            from line
            """,
            (row["at"], provider, call["model"], call["cost_microusd"], Jsonb({"calls": [call]})),
        )


@pytest.fixture
def finance(database: Database, buddy: Buddy) -> Operator:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("finance"), PASSWORD)
    return Operator(signed_in.user_id, signed_in.email, "finance", signed_in)


def rows_of(operator: Operator, provider: str) -> dict[tuple[str, str], Any]:
    """By day and short name of the model: small or large."""
    rows = queries.read_rows(operator, provider, FIRST, LAST)
    small, *_ = SAMPLES[provider]
    return {
        (row["day"], SMALL if row["model"] in small.replace(".", "-") else LARGE): row
        for _, row in rows.iterrows()
    }


def clear() -> None:
    for read in edits.READS:
        read.clear()


def test_each_providers_bill_tells_a_missing_call_from_a_changed_price(
    finance: Operator, buddy: Buddy, database: Database
) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set role service_role")
        for provider, (small, large, *_) in SAMPLES.items():
            book(connection, provider, small, large)
    for provider, (_, _, *files) in SAMPLES.items():
        for name in files:
            edits.upload(finance, provider, bill_of(name), [], "October's invoice")
        rows = rows_of(finance, provider)
        causes = {key: row["cause"] for key, row in rows.items()}
        assert causes == {
            ("2026-10-05", SMALL): "missing_calls",
            ("2026-10-05", LARGE): "agrees",
            ("2026-10-06", SMALL): "agrees",
            ("2026-10-06", LARGE): "price",
        }, provider
        # The call cost $0.36, the dearer day a tenth of $2.79 more: each in its own part. Amounts
        # of Anthropic are rounded to cents.
        near = 15_001 if provider == "anthropic" else 1
        missing, dearer = rows["2026-10-05", SMALL], rows["2026-10-06", LARGE]
        assert missing["quantity_microusd"] == pytest.approx(360_000, abs=near), provider
        assert missing["price_microusd"] == pytest.approx(0, abs=near), provider
        assert dearer["quantity_microusd"] == pytest.approx(0, abs=near), provider
        assert dearer["price_microusd"] == pytest.approx(279_000, abs=near), provider
        check_sums(finance, provider)
    totals = queries.read_totals(finance, "openrouter", FIRST, LAST)
    assert (totals.billed_calls, totals.our_calls, totals.seen_calls) == (12, 11, 11)
    assert totals.billed_microusd == 8_019_000 and totals.our_microusd == 7_380_000
    lines = queries.read_lines(finance, "openrouter", FIRST, LAST, None, True)
    assert list(zip(lines["side"], lines["call_id"], strict=True)) == [("billed", "call-2")]
    # Without the export of usage nobody can tell: it says so instead of guessing.
    [usage] = [
        each for each in queries.read_bills(finance).uploads if each.format == "openai_usage"
    ]
    edits.remove(finance, usage.id, "the wrong file")
    assert {row["cause"] for row in rows_of(finance, "openai").values()} == {"amount", "agrees"}


def check_sums(operator: Operator, provider: str) -> None:
    """The tiles are the sums of the rows, and of the CSV that is downloaded."""
    totals = queries.read_totals(operator, provider, FIRST, LAST)
    rows = queries.read_rows(operator, provider, FIRST, LAST)
    [opens] = {tile[2] for tile in figures.tiles(totals, lambda: rows)}
    assert opens is not None
    shown = opens()
    text = csv_export.to_csv(shown.frame, shown.footer).decode("utf-8-sig")
    *lines, footer = csv.DictReader(text.splitlines())
    for name, value in shown.footer.items():
        told = [float(line[name]) for line in lines if line[name] != ""]
        if value is None:
            assert not told, name
        else:
            assert sum(told) == value == float(footer[name]), (provider, name)
    assert totals.quantity_microusd is not None and totals.price_microusd is not None
    assert totals.quantity_microusd + totals.price_microusd == totals.difference_microusd


def test_a_bill_is_uploaded_once_replaced_removed_and_alerts_until_it_agrees(
    finance: Operator, buddy: Buddy, database: Database
) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set role service_role")
        # The bill calls the small model otherwise: at Azure a deployment has a name of its own.
        book(connection, "azure", "chat", "gpt-5-mini")
        bill = bill_of("azure_actual")
        first = edits.upload(finance, "azure", bill, [], "October's invoice")
        with pytest.raises(Refused, match="already tells this of 2026-10-05 to 2026-10-06"):
            edits.upload(finance, "azure", bill, [], "once more")
        second = edits.upload(finance, "azure", bill, [first], "exported anew")
        assert [each.id for each in queries.read_bills(finance).uploads] == [second]
        causes = {row["model"]: row["cause"] for _, row in
                  queries.read_rows(finance, "azure", FIRST, FIRST).iterrows()}  # fmt: skip
        assert causes == {"gpt-4o-mini": "not_seen", "chat": "not_billed", "gpt-5-mini": "agrees"}
        edits.name_model(finance, "azure", "gpt-4o-mini-0718", "chat", "our deployment")
        named = queries.read_rows(finance, "azure", FIRST, FIRST)
        assert set(named["model"]) == {"chat", "gpt-5-mini"}
        assert alert_of(buddy)[0] == "The bill of Azure for October 2026 is not what we booked"
        assert "8.0 % below the bill" in alert_of(buddy)[1]
        # The price was wrong on our side: it is put right by an adjustment, the missing call stays.
        connection.execute(
            "update public.ai_cost_hourly set adjustment_microusd = 639000"
            " where provider = 'azure' and model = 'gpt-5-mini'"
            " and hour = (select max(hour) from public.ai_cost_hourly where provider = 'azure')"
        )
        buddy.call("check_bills")
        assert "We saw 9" in alert_of(buddy)[1]
        edits.remove(finance, second, "another account's bill")
        buddy.call("check_alerts")
        connection.execute("update public.alerts set seen_at = now() - interval '11 minutes'")
        buddy.call("check_alerts")
        assert not buddy.rows("select from public.alerts where ended_at is null")
        told = buddy.rows(
            "select operation, reason from public.audit_log where table_name = 'provider_bills'"
            " order by id"
        )
    assert told == [
        ("UPDATE", "October's invoice"),
        ("DELETE", "exported anew"),
        ("UPDATE", "exported anew"),
        ("DELETE", "another account's bill"),
    ]


def alert_of(buddy: Buddy) -> tuple[str, str]:
    buddy.call("check_alerts")
    [(kind, parameters)] = buddy.rows(
        "select kind, parameters from public.alerts where kind = 'bill_drift'"
    )
    # An alert that is open keeps the words it began with; those of now are asked here.
    [(now,)] = buddy.rows("select parameters from private.bill_occurrences()")
    return alert_words(kind, now or parameters, "", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no line below"),
        ("day,model\n", "no line below"),
        ("PK\x03\x04", "no CSV file"),
        ("day,model\n\x00,1\n", "no CSV file"),
        ("Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\nx,a,1,1,1,1\n", "Line 2: “x”"),
        ("Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\n2026-10-05,a,1,1,?,1\n", "“?”"),
        (
            "start_time,amount_value,amount_currency,line_item\n1791158400,1.5,eur,\"a, input\"\n",
            "Only US dollars",
        ),
        ("start_time,amount_value,amount_currency,line_item\n1791158400,1.5,usd,\n", "line item"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(BillProblem, match=said.replace("?", r"\?")):
        read_bill(read_table(text.encode()))


@pytest.mark.parametrize(
    "amount",
    ["9" * 31, "1." + "0" * 30, "0." + "3" * 31, "1e-31", "1E-999999", "٣" * 31, "-$" + "1" * 40],
)
def test_a_number_of_more_than_30_digits_is_refused_with_its_line(amount: str) -> None:
    head = "start_time,amount_value,amount_currency,line_item\n"
    text = f'{head}1791158400,{amount},usd,"gpt-5-mini, input"\n'
    with pytest.raises(BillProblem, match=r"Line 2: .* (30 digits|is no number)"):
        read_bill(read_table(text.encode()))
    exact = f'{head}1791158400,0.{"1" * 29},usd,"gpt-5-mini, input"\n'
    assert read_bill(read_table(exact.encode())).lines[0].cost is not None


def test_lines_are_counted_while_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_reading, "MOST_LINES", 3)
    lines = ["day,model", "2026-10-05,a", "2026-10-05,b", "", "2026-10-05,c"]
    assert len(read_table("\n".join(lines).encode()).rows) == 3
    # The last is no readable CSV: it is never reached.
    too_many = "\n".join([*lines, "2026-10-05,d", "x" * 200_000])
    with pytest.raises(BillProblem, match="over 3 lines"):
        read_table(too_many.encode())


def test_a_file_that_is_too_large_is_refused_by_its_size_alone() -> None:
    with pytest.raises(BillProblem, match="over 32 MB"):
        bill_reading.check_size(bill_reading.MOST_BYTES + 1)
    bill_reading.check_size(bill_reading.MOST_BYTES)


def test_any_other_export_is_mapped_by_hand_in_whatever_zone_and_form_it_is() -> None:
    text = (
        "\ufeffWhen;Engine;Prompt;Cached;Reply;Price;Ref\n"
        "2026-10-06T01:30:00+02:00;=cmd();1,200;200;30;$0.5;a\n"
        "2026-10-06T01:30:00+02:00;=cmd();1,200;200;30;$0.5;a\n"
        "2026-10-06;m;5;0;1;0.25;\n"
    )
    table = read_table(text.encode())
    assert format_of(table) is None
    columns = {"day": "When", "model": "Engine", "input": "Prompt", "cached": "Cached",
               "output": "Reply", "cost": "Price", "call_id": "Ref"}  # fmt: skip
    mapping = Mapping.from_json(json.loads(json.dumps(Mapping(columns).to_json())))
    bill = read_bill(table, mapping)
    assert bill.tells == ("calls", "input", "cached", "output", "cost")
    # The same call twice is one; a moment in another zone is of the UTC day before.
    assert [(line.day, line.call_id, line.tokens) for line in bill.lines] == [
        (date(2026, 10, 5), "a", {"input": 1000, "cached": 200, "output": 30}),
        (date(2026, 10, 6), "", {"input": 5, "cached": 0, "output": 1}),
    ]


def test_azures_meters_are_read_as_models_and_kinds_of_tokens() -> None:
    meters = {
        "gpt-4o-mini-0718-Outp-regnl Tokens": ("gpt-4o-mini-0718", "output", "standard"),
        "gpt-4o-mini-0718-Batch-Inp-glbl Tokens": ("gpt-4o-mini-0718", "input", "batch"),
        "gpt 4.1 cached Inp Data Zone Tokens": ("gpt-4.1", "cached", "standard"),
        "5.4 mini cd Inp Gl 1M Tokens": ("gpt-5.4-mini", "cached", "standard"),
        "5.4 pp opt Gl 1M Tokens": ("gpt-5.4", "output", "priority"),
        "5.6 sol ShortCo Cd Wr Std Gl 1M Tokens": ("gpt-5.6-sol", "write", "standard"),
        "gpt 4o 0513 Input global Tokens": ("gpt-4o-0513", "input", "standard"),
    }
    assert {meter: read_meter(meter) for meter in meters} == meters
    assert read_meter("D2 v3") is None


def test_the_page_for_each_role_without_and_with_a_bill(
    router: AppTest, buddy: Buddy, finance: Operator, database: Database
) -> None:
    sign_in(router, buddy.make_operator("finance"))
    open_page(router, "provider_bills")
    assert not router.exception and "Upload a provider" in words(router)
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set role service_role")
        book(connection, "openrouter", "openai/gpt-4o-mini", "openai/gpt-5-mini")
    edits.upload(finance, "openrouter", bill_of("openrouter_calls"), [], "October's invoice")
    router.run()
    assert not router.exception
    shown = metrics(router)
    assert (shown["Calls seen"], shown["Billed"], shown["Our books"]) == ("92 %", "$8.02", "$7.38")
    assert (shown["From calls or tokens"], shown["From prices"]) == ("$0.36", "$0.28")
    picker = router.selectbox(key="provider")
    assert (picker.value, picker.options) == ("openrouter", ["OpenRouter"])
    assert "2 of 4 days and models differ" in words(router)
    table = router.dataframe[0].value
    assert list(table["What differs"][:2]) == ["we saw fewer calls or tokens", "another price"]
    assert "Billed, never seen by us" in words(router) and "1 call" in words(router)
