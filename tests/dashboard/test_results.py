"""What each SQL function gives is what the dashboard reads of it: no key too many, none too few.

A made-up company has something for every function; each is asked as the pages ask, and what came is
compared with the record or the columns that read it.
"""

import ast
import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from pydantic.fields import FieldInfo

from dashboard import results
from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.ai_cost import edits as cost_edits
from dashboard.ai_cost import queries as cost
from dashboard.analyses import edits as analysis_edits
from dashboard.analyses import queries as analyses
from dashboard.answer import edits as answer_edits
from dashboard.answer import queries as answer_queries
from dashboard.audit import entries
from dashboard.billing import edits as billing_edits
from dashboard.billing import queries as billing
from dashboard.data import (
    alerts,
    audit,
    billing_months,
    date_notes,
    figma_quotas,
    follow_ups,
    isolation,
    latest_analyses,
    latest_answers,
    operators,
    periods,
    price_rows,
    reporting,
    saved_views,
    webhook_rows,
)  # fmt: skip
from dashboard.data.grounding_course import read_grounding
from dashboard.data.reads import asker
from dashboard.data.view import View
from dashboard.data.writes import Refused, send
from dashboard.dead_letters import edits as letter_edits
from dashboard.dead_letters import queries as letters
from dashboard.exports import month as files
from dashboard.growth import queries as growth
from dashboard.overview import queries as overview
from dashboard.parts.model_prices import Prices
from dashboard.people import edits as people_edits
from dashboard.people import queries as people
from dashboard.pipelines import edits as pipeline_edits
from dashboard.pipelines import queries as pipelines
from dashboard.provider_bills import edits as bill_edits
from dashboard.provider_bills import queries as bills
from dashboard.provider_bills.bill_reading import read_bill, read_table
from dashboard.quality import queries as quality
from dashboard.reliability import queries as reliability
from dashboard.revenue import queries as revenue
from dashboard.settings import alert_edits
from dashboard.settings import edits as setting_edits
from dashboard.settings import queries as settings
from dashboard.team import edits as team_edits
from dashboard.team import queries as team
from dashboard.trials import queries as trials
from dashboard.webhooks import edits as webhook_edits
from dashboard.webhooks import queries as webhooks
from local.seed import seed
from local.stack import Database
from tests.dashboard.stage import PASSWORD, Buddy, settings_of
from tests.sql.building import Builder
from tests.sql.test_contract import READERS, function_named_in

ROOT = Path(__file__).resolve().parents[2]
# What a function gives and no page shows: it tells other programs what was done, or of what.
NOT_SHOWN = {
    function: set(keys.split())
    for function, keys in {
        "add_billing_adjustment": """
            actor amount_microusd calls cost_microusd dated for_month id kind model
            payer_id payer_kind plan_code provider reason source_key unpriced
            user_id uses written_at
        """,
        "alert_channel_list": "created_at pending",
        "alert_list": "deliveries.closed_at deliveries.next_at deliveries.status id",
        "apply_repricing": "calls newly_priced",
        "billing_calendar": "closed_by reason",
        "budget_standing": "alerts.at id",
        "find_people": "people.first_seen_at",
        "follow_up_history": "id",
        "follow_up_list": "written_at written_by",
        "growth_active_rows": "user_id",
        "growth_cohort_rows": "user_id",
        "growth_feature_rows": "user_id uses",
        "growth_sign_up_rows": "team_id user_id",
        "operator_change_plan": "is_unlimited",
        "operator_delete_account": "is_trial_remembered state",
        "operator_grant_uses": "grant_id usage.is_unlimited",
        "operator_read_rehearsal": """
            answers.answer_id answers.asked_at answers.file_name answers.latency_ms answers.model
            answers.provider answers.said_model ceiling_microusd created_at ended_at
        """,
        "operator_revoke_grant": "is_unlimited",
        "operator_set_webhook_state": "state",
        "operator_undo_context": "blocked_by.saved_at fields",
        "person_card": """
            grants.period_start grants.revoked_by grants.user_id last_seen_at
            own_plan_code totals.refused usage.is_unlimited webhooks.confirmed_at
            webhooks.contact webhooks.created_at webhooks.id
            webhooks.is_paused_by_operator webhooks.paused_because webhooks.user_id
        """,
        "person_story": """
            detail.audit_id detail.context detail.cost_state detail.received_at
            detail.reply_comment_id detail.request_id
            detail.row_key detail.seats detail.team_id
        """,
        # Of each step the sentence, which processes of the version before show.
        "plan_replay": "decision state steps.detail",
        "preview_repricing": "people.user_id",
        "replay_answers": "estimated_microusd results.id",
        "repricing_list": "done_to",
        "reveal_analysis": "analysis_id",
        "reveal_answer": "answer_id",
        "reveal_person": "user_id",
        "trial_conversion_rows": "outcome user_id",
        "trial_convert_rows": "user_id",
        "trial_standing_rows": "user_id",
        "trial_survival_rows": "user_id",
        "what_if": "refused",
    }.items()
}
# The place at which the next page of a long list begins: `reads.call_pages` reads it.
PAGED = {
    "billing_statement", "revenue_churn_rows", "revenue_cohort_rows", "revenue_movements",
    "revenue_payers", "webhook_rows",
}  # fmt: skip
# A document that is handed on whole, and rows that are lists.
NO_KEYS = {"operator_export_person", "export_ledger"}

Seen = dict[str, list[tuple[Any, Any]]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What came over the border, by function: the shape that reads it and what was given."""
    noted: Seen = defaultdict(list)
    read_one, read_table = results.read_one, results.read_table

    def note_one(shape: Any, found: Any, source: str) -> Any:
        noted[source].append((shape, found))
        return read_one(shape, found, source)

    def note_table(found: Any, columns: Any, source: str, times: Any = ()) -> Any:
        shape = Annotated[object, results.Columns(tuple(columns))]
        noted[source].append((shape, found))
        return read_table(found, columns, source, times)

    monkeypatch.setattr(results, "read_one", note_one)
    monkeypatch.setattr(results, "read_table", note_table)
    return noted


@pytest.fixture
def operator(database: Database, buddy: Buddy) -> Operator:
    seed(database.database_url, 150)
    with psycopg.connect(database.admin_url) as connection:
        # Somebody near the end of a month's uses, and payers who cost more than they pay.
        connection.execute("""
            insert into public.use_balances (user_id, plan_code, period_start, used)
            select user_id, plan_code, date_trunc('month', now() at time zone 'UTC'), 1000000
            from private.people_now where state = 'active' and plan_code in (
                select code from public.plans where period = 'month' and not is_unlimited
            )
            on conflict (user_id, plan_code, period_start) do update set used = excluded.used
        """)
        connection.execute("update public.ai_cost_daily_users set adjustment_microusd = 1000000000")
        connection.execute("""
            insert into public.isolation_runs (state, ended_at, holes, by_visitor) values (
                'red', now(), '[{"visitor": "support", "what": "read it"}]',
                '[{"visitor": "support", "tried": 1, "holes": 1}]')
        """)
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("founder"), PASSWORD)
    return Operator(signed_in.user_id, signed_in.email, "founder", signed_in)


def test_each_function_gives_what_is_read_of_it(
    operator: Operator, buddy: Buddy, database: Database, seen: Seen
) -> None:
    ask_everything(operator, buddy, database)
    declared = columns_declared(database)
    wrong = []
    for function in sorted(functions_read() - NO_KEYS):
        given, read = keys_of(seen[function])
        given |= declared.get(function, set())
        given -= {"key"} if function in PAGED else set()
        if read - {"key"} and not given:
            wrong.append(f"{function} gave no row: let the fixture `operator` make one.")
            continue
        unread = NOT_SHOWN.get(function, set())
        wrong += [
            f"{function} gives {key!r}, which nothing reads: read it, or name it in NOT_SHOWN."
            for key in sorted(given - read - unread)
        ]
        wrong += [
            f"{function} does not give {key!r}, which is read of it."
            for key in sorted(read - given - {"key"})
        ]
        wrong += [f"NOT_SHOWN names {key!r} of {function} without need." for key in unread & read]
        wrong += [
            f"NOT_SHOWN names {key!r}, which {function} does not give."
            for key in sorted(unread - given)
        ]
    assert not wrong, "\n".join(wrong)


def test_a_result_of_another_shape_is_said_and_its_values_are_not(caplog) -> None:
    with pytest.raises(results.DataUnavailable):
        results.read_one(latest_answers.QueueStatus, {"queued": "ada@example.com"}, "queue_status")
    assert "queue_status" in caplog.text and "workers" in caplog.text
    assert "ada@example.com" not in caplog.text
    with pytest.raises(results.DataUnavailable):
        results.read_table([{"at": "2026-11-22"}], ["at", "calls"], "ai_cost_rows")
    assert "ai_cost_rows gave: without calls" in caplog.text
    with pytest.raises(results.DataUnavailable):
        results.read_all(audit.Entry, None, "audit_rows")


def test_what_a_newer_database_gives_besides_is_left_out() -> None:
    found = {"actors": ["Ada"], "tables": [], "roles": ["founder"]}
    assert results.read_one(audit.Choices, found, "audit_choices") == audit.Choices(["Ada"], [])


def functions_read() -> set[str]:
    """Every function whose result the dashboard reads."""
    named = set()
    for file in (ROOT / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            callee = isinstance(node, ast.Call) and getattr(
                node.func, "attr", getattr(node.func, "id", "")
            )
            if callee in (*READERS, "_send") and (found := function_named_in(node)):
                named.add(found[0])
    assert len(named) > 70
    return named


def columns_declared(database: Database) -> dict[str, set[str]]:
    """Those of functions that return tables, also where no row came: by function."""
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("""
            select proname, array_agg(name)
            from pg_proc, unnest(proargnames, proargmodes) as argument (name, mode)
            where pronamespace = 'public'::regnamespace and mode = 't' group by 1
        """).fetchall()
    return {function: set(names) for function, names in rows}


def keys_of(crossings: list[tuple[Any, Any]]) -> tuple[set[str], set[str]]:
    """(given, read): names of keys, those of inner objects after the outer one's and a dot."""
    given: set[str] = set()
    read: set[str] = set()
    for shape, found in crossings:
        given |= set(keys_given(shape, found))
        read |= set(keys_read(shape))
    return given, read


def keys_read(shape: Any, prefix: str = "") -> Iterator[str]:
    for names, inner in fields_of(shape):
        yield f"{prefix}{names}"
        yield from keys_read(inner, f"{prefix}{names}.")


def keys_given(shape: Any, found: Any, prefix: str = "") -> Iterator[str]:
    inner = dict(fields_of(shape))
    if not inner or found is None:
        return
    for row in found if isinstance(found, list) else [found]:
        for key, value in row.items():
            yield f"{prefix}{key}"
            yield from keys_given(inner.get(key), value, f"{prefix}{key}.")


def fields_of(shape: Any) -> list[tuple[str, Any]]:
    """Key and type of each field of a record, also of a list of records, or of a table's row."""
    origin, parts = get_origin(shape), get_args(shape)
    if origin is Annotated:
        columns = [each for each in parts[1:] if isinstance(each, results.Columns)]
        return [(name, None) for name in columns[0].names] if columns else []
    if origin in (list, Union, UnionType):
        return [each for part in parts for each in fields_of(part)]
    if not dataclasses.is_dataclass(shape):
        return []
    hints = get_type_hints(shape, include_extras=True)
    return [(alias_of(hint) or name, hint) for name, hint in hints.items()]


def alias_of(hint: Any) -> str | None:
    given = [each.validation_alias for each in get_args(hint) if isinstance(each, FieldInfo)]
    return str(given[0]) if given else None


def ask_everything(operator: Operator, buddy: Buddy, database: Database) -> None:
    """Each read and each change whose result is read, as the pages make them."""
    view = view_of()
    ask_shared(operator, view)
    ask_pipelines(operator, buddy, view)
    ask_money(operator, view)
    ask_people(operator, view)
    ask_notes(operator, view)
    change_alerts(operator, buddy)
    change_letters(operator, buddy)
    change_books(operator)
    change_people(operator, buddy)
    change_webhooks(operator)
    tell_stories(operator, buddy)
    write_files(operator)
    audit.read_audit(
        operator, entries.Choice(None, None, None, None, (None, None)).parameters(None, 900)
    )


def view_of() -> View:
    now = datetime.now(UTC)
    span = periods.span_of("90 days", "UTC", now)
    return View(
        choice="90 days", dates=None, compare=False, span=span, zone="UTC", week_start="monday",
        plans=(), team=None, now=now,
    )  # fmt: skip


def ask_shared(operator: Operator, view: View) -> None:
    reporting.read_reporting(operator)
    operators.read_operator(operator.user_id, operator.sign_in)
    latest_answers.read_queue(operator)
    latest_answers.read_answers(operator)
    figma_quotas.read_quotas(operator)
    isolation.read_runs(operator)
    reliability.read_removals(operator)
    answer_queries.find_by_reference(operator, "7K2M9QX4TA")
    audit.read_audit_choices(operator)
    audit.verify_audit(operator)
    webhook_rows.read_deliveries(operator, view)
    reliability.read_reliability(operator, view)
    read_grounding(operator, view)
    quality.read_course(operator, view)
    for kind in ("rule", "model", "context"):
        quality.read_by(operator, view, kind)
    quality.read_disputes(operator, view)
    quality.read_latest_disputes(operator, view)
    reliability.read_providers(operator, view)
    reliability.read_queue_course(operator, view)
    reliability.read_objectives(operator)
    reliability.read_budget(operator)
    for read in (
        analyses.read_course, analyses.read_times, analyses.read_costs, analyses.read_batches,
        analyses.read_suggestions, overview.read_analyses,
    ):  # fmt: skip
        read(operator, view)
    kept = latest_analyses.read_analyses(operator)
    for analysis in kept["id"]:
        analyses.read_detail(operator, analysis)
        analysis_edits.reveal_analysis(operator, analysis, "as asked by phone")
    settings.read_pipeline_limits(operator)
    settings.read_day_spend(operator)
    for found in team.read_teams(operator)["team_id"][:3]:
        team.read_team(operator, found, datetime.now(UTC).date().replace(day=1))
    opened = team.read_team(operator, found, datetime.now(UTC).date().replace(day=1))
    team_edits.change_plan(operator, opened, "pro", opened.seats + 1, "as asked by phone")
    team_edits.set_sharing(operator, opened, "texts", "as asked by phone")
    team.read_team(operator, found, datetime.now(UTC).date().replace(day=1))
    settings.read_plans(operator)
    settings.read_operators(operator)
    here = ("https://d.example.com", "as agreed by phone")
    setting_edits.invite_operator(operator, str(uuid4()), "e@example.com", "support", *here)
    [invited] = settings.read_invitations(operator)
    setting_edits.remove_invitation(operator, invited, "as asked by phone")
    assert not operators.accept_invitation(operator.sign_in, "no secret of a link")
    settings.read_teams(operator)
    settings.read_flags(operator)


def ask_pipelines(operator: Operator, buddy: Buddy, view: View) -> None:
    buddy.connect_person()
    [(user,)] = buddy.rows("select id::text from public.users where figma_user_id = '1'")
    builder = Builder(buddy.call, Jsonb)
    builder.fail(builder.start(user, component="Made"), "read", "unexpected")
    for read in (
        pipelines.read_course, pipelines.read_measures, pipelines.read_costs,
        overview.read_pipelines,
    ):  # fmt: skip
        read(operator, view)
    pipelines.read_queue(operator)
    overview.read_failed_pipelines(operator)
    kept = pipelines.read_runs(operator, view, pipelines.Filter(), None)
    for pipeline in kept["id"]:
        pipelines.read_detail(operator, pipeline)
    [failed] = kept[(kept["state"] == "failed") & (kept["component"] == "Made")]["id"]
    assert pipeline_edits.retry(operator, failed, "as asked by phone") == "read"
    with pytest.raises(Refused, match="has not failed"):
        pipeline_edits.retry(operator, failed, "as asked by phone")
    assert pipeline_edits.cancel(operator, failed, "as asked by phone") == "cancelled"
    pipelines.read_detail(operator, failed)


def ask_notes(operator: Operator, view: View) -> None:
    day, talk = view.last_day, trials.read_talk_today(operator, None)
    note = str(uuid4())
    date_notes.save_date_note(operator, note, day, "a launch", 0)
    date_notes.read_date_notes(operator, day, day)
    date_notes.remove_date_note(operator, note, 1)
    person = str(talk["user_id"].iloc[0])
    people_edits.save_note(operator, str(uuid4()), person, "was at the fair", 0)
    for each in people.read_notes(operator, person):
        people_edits.remove_note(operator, each)
    seen = follow_ups.Seen(person, talk["reason"].iloc[0], "", False, 0)
    follow_ups.set_follow_up(operator, seen, operator.email, False, "wrote a mail")
    follow_ups.read_follow_ups(operator)
    follow_ups.read_history(operator, person)
    follow_ups.read_assignable(operator)
    saved_views.save_view(operator, "growth", "Mine", "period=7+days")
    for saved in saved_views.read_views(operator, "growth"):
        saved_views.remove_view(operator, saved.id)
    setting_edits.set_weekly_report(operator, True, 3, "https://d.example.com", "for the board")
    settings.read_report(operator)


def ask_money(operator: Operator, view: View) -> None:
    for read in (
        overview.read_overview, overview.read_people, overview.read_subscriptions,
        overview.read_trials, revenue.read_totals, revenue.read_steps, revenue.read_movements,
        revenue.read_payers, revenue.read_churn, revenue.read_churn_rows, revenue.read_cohorts,
        revenue.read_cohort_rows, revenue.read_plans, cost.read_costs, cost.read_rows,
        cost.read_hours, cost.read_calls,
    ):  # fmt: skip
        read(operator, view)
    for now in (
        overview.read_attention, overview.read_costly, overview.read_nearly_used,
        overview.read_unpriced, cost.read_forecast, cost.read_repricings, price_rows.read_prices,
        price_rows.read_budgets, billing_months.read_calendar, revenue.read_prices,
    ):  # fmt: skip
        now(operator)
    cost.read_people(operator, view, "user")
    ask_bills(operator)
    month = last_month()
    for book in (billing.read_totals, billing.read_statements, billing.read_adjustments):
        book(operator, month)
    for by in ("plan", "user", "context"):
        revenue.read_margins(operator, month, by)
    revenue.read_what_if(operator, month, json.dumps({}))


def ask_bills(operator: Operator) -> None:
    text = "Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\n2026-10-05,m,1,1,1,1\n"
    bill_edits.upload(operator, "openrouter", read_bill(read_table(text.encode())), [], "October")
    bill_edits.name_model(operator, "openrouter", "m", "gpt-5-mini", "the same")
    bills.read_bills(operator)
    days = date(2026, 10, 5), date(2026, 10, 5)
    bills.read_totals(operator, "openrouter", *days)
    bills.read_rows(operator, "openrouter", *days)
    bills.read_lines(operator, "openrouter", *days, None, False)


def ask_people(operator: Operator, view: View) -> None:
    for read in (
        growth.read_sign_ups, growth.read_sign_up_rows, growth.read_active_days,
        growth.read_features, growth.read_feature_rows, trials.read_survival,
        trials.read_survival_rows, trials.read_conversion, trials.read_conversion_rows,
        trials.read_time_to_convert, trials.read_converts,
    ):  # fmt: skip
        read(operator, view)
    growth.read_active_rows(operator, view, 30)
    growth.read_lifecycle(operator, view, "week")
    growth.read_lifecycle_rows(operator, view, "week", view.first_day)
    growth.read_cohorts(operator, view, "week", view.first_day)
    growth.read_cohort_rows(operator, view, "week", view.first_day)
    for now in (trials.read_standing, trials.read_standing_rows, trials.read_talk_today):
        now(operator, None)


def change_alerts(operator: Operator, buddy: Buddy) -> None:
    channel = str(uuid4())
    parameters = {
        "p_id": channel, "p_kind": "slack", "p_name": "Pager", "p_host": "hooks.slack.com",
        "p_kinds": ["dead_letter"], "p_sealed": "c2VhbGVk" * 20, "p_reason": "somebody is on call",
    }  # fmt: skip
    send(operator, "add_alert_channel", parameters)
    delivery = alert_edits.test_channel(operator, channel)
    alerts.read_channels(operator)
    alerts.read_alerts(operator)
    alerts.read_attempt(operator, delivery)


def change_letters(operator: Operator, buddy: Buddy) -> None:
    first, second = buddy.fail(), buddy.fail()
    letters.read_causes(operator)
    letters.read_letters(operator)
    letters.read_plan(operator, (first, second))
    letter_edits.replay(operator, (first,), None, "Figma is up again")
    letter_edits.discard(operator, second, "nobody waits for it")


def change_webhooks(operator: Operator) -> None:
    found = webhook_rows.read_webhooks(operator, states=("active",)).rows
    webhooks.read_webhook_rows(operator)
    webhooks.read_deliveries(operator, found["id"].iloc[0])
    webhook_edits.set_webhook_state(operator, found["id"].iloc[0], "paused", "floods the queue")


def change_books(operator: Operator) -> None:
    month = last_month()
    payers = billing.read_statements(operator, month)
    payer = payers[payers["payer_kind"] == "user"].iloc[0]
    today = datetime.now(UTC).date()
    billing_edits.add_adjustment(
        operator, str(uuid4()), ("user", payer["payer_id"]), "credit", 1_000_000, today, "sorry"
    )
    costs = cost.read_rows(operator, view_of())
    priced = costs[costs["unpriced"] > 0].sort_values("at").iloc[0]
    # An hour that has just ended is not over: its calls may still be written down.
    end = datetime.now(UTC) - timedelta(hours=2)
    end = end.replace(hour=0, minute=0, second=0, microsecond=0)
    repriced = (
        priced["provider"],
        priced["model"],
        end - timedelta(days=90),
        end,
        Prices(1000, 500, 4000, 1000),
    )
    preview = cost_edits.preview(operator, *repriced)
    told = cost.repricing(*repriced) | {"p_key": str(uuid4()), "p_seen": preview.seen}
    cost_edits.apply_repricing(operator, told, "the price was missing")


def change_people(operator: Operator, buddy: Buddy) -> None:
    people.find_people(operator, "")
    buddy.answer()
    [(user,)] = buddy.rows("select id::text from public.users where figma_user_id = '1'")
    first = people.read_versions(operator, user)[0]
    for number, change in enumerate(({"tone": "warm"}, {"tone": "cool"}), start=1):
        content = {**first.content, **change}
        people_edits.save_context(operator, user, number, content, "as asked by phone")
    people_edits.save_context(operator, user, 1, first.content, "as asked by phone")
    people_edits.undo_context(operator, user, 2, "as asked by phone")
    people_edits.undo_context(operator, user, 3, "as asked by phone")
    grant = str(uuid4())
    people_edits.grant_uses(operator, grant, user, 5, "as asked by phone")
    people_edits.revoke_grant(operator, grant, "as asked by phone")
    people.offer_rehearsal(operator, user)
    begun = people_edits.start_rehearsal(operator, user, first.content, 5, "as asked by phone")
    people.read_rehearsal(operator, begun.id)
    people_edits.change_plan(operator, user, "trial", "pro", "as asked by phone")
    people_edits.set_state(operator, user, "suspended", "as asked by phone")
    people_edits.reveal_person(operator, user, "as asked by phone")
    [(answer,)] = buddy.rows("select answer_id::text from public.answer_traces limit 1")
    answer_edits.reveal(operator, answer, "by phone")
    answer_queries.read_detail(operator, answer)
    people_edits.export_person(operator, user, "as asked by phone")
    people.read_days(operator, user)
    people.read_card.clear()
    people.read_card(operator, user)
    people.read_story(operator, user, (), None)
    people_edits.delete_account(operator, user, "as asked by phone")
    people.read_card(operator, user)


def tell_stories(operator: Operator, buddy: Buddy) -> None:
    for (user,) in buddy.rows("select id::text from public.users"):
        people.read_story(operator, user, (), None)


def write_files(operator: Operator) -> None:
    for export in files.ALL:
        rows = list(export.rows(asker(operator), last_month()))
        assert rows and len(rows[0]) == len(export.columns), export.name


def last_month() -> date:
    return (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
