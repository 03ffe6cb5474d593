"""Tables of the reliability page as plain words: objectives with their error budget, latencies,
providers, and Figma's quotas with a forecast."""

from datetime import datetime

import pandas as pd

from dashboard.parts import causes, formats
from service.outside_names import figma_plan_name, provider_name

WINDOWS = {1: "1 hour", 6: "6 hours", 72: "3 days", 720: "30 days"}
# Burn rates that use up the budget of 30 days too fast, by hours of the window.
# https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
TOO_FAST = {1: 14.4, 6: 6.0, 72: 1.0}
KINDS = {"total": "Webhook to reply", "model": "Model", "figma": "Figma"}
# The most calls that read a design, per month and View or Collab seat.
# https://developers.figma.com/docs/rest-api/rate-limits/
LOW_SEAT_READS = 20
DAYS_COUNTED = 7


def objectives(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per objective: the remaining budget, its target, and the burn rate per window."""
    table = []
    for _, group in rows.groupby("code", sort=False):
        by_hours = {int(row["hours"]): row for _, row in group.iterrows()}
        first = group.iloc[0]
        burns = {name: _burn(by_hours[hours]) for hours, name in WINDOWS.items()}
        target = formats.exact_percent(float(first["target"]))
        table.append(
            {"Objective": objective(first), "Budget left": _left(by_hours[720]), "Target": target}
            | {**burns, "Cases, 30 days": int(by_hours[720]["cases"])}
        )
    return pd.DataFrame(table)


def alarms(rows: pd.DataFrame) -> list[str]:
    """A sentence for each window in which an objective uses up its budget too fast."""
    return [
        f"{objective(row)}: the error budget burns at {row['burn_rate']:.1f} times the "
        f"allowed rate in the last {WINDOWS[int(row['hours'])]} ("
        f"{formats.count(row['cases'] - row['good'])} of {formats.count(row['cases'])} missed it)."
        for _, row in rows.iterrows()
        if row["cases"] >= formats.SMALL_SAMPLE
        and (row["burn_rate"] or 0) > TOO_FAST.get(int(row["hours"]), float("inf"))
    ]


def objective(row: pd.Series) -> str:
    """The objective in words."""
    if row["code"] == "in_time":
        return f"Answered within {formats.limit(float(row['threshold_ms']))}"
    return "Answered at all"


def _burn(row: pd.Series) -> str:
    if not row["cases"]:
        return formats.NONE
    bad = int(row["cases"] - row["good"])
    if row["cases"] < formats.SMALL_SAMPLE:
        return f"{bad} of {row['cases']} missed"
    return f"{row['burn_rate']:.1f}×"


def _left(row: pd.Series) -> str:
    if row["cases"] < formats.SMALL_SAMPLE:
        return formats.NONE
    left = 1 - float(row["burn_rate"])
    return formats.percent(left) if left >= 0 else f"overdrawn by {formats.percent(-left)}"


def latencies(rows: pd.DataFrame) -> pd.DataFrame:
    """Part, Answers, Median, p90, p95, p99 as text."""
    names = {"p50_ms": "Median", "p90_ms": "p90", "p95_ms": "p95", "p99_ms": "p99"}
    return pd.DataFrame(
        {
            "Part": [KINDS[kind] for kind in rows["kind"]],
            "Answers": [formats.count(calls) for calls in rows["calls"]],
            **{name: [formats.duration(ms) for ms in rows[key]] for key, name in names.items()},
        }
    )


def providers(rows: pd.DataFrame) -> pd.DataFrame:
    """Provider, Model, Availability, Answered, Failed, Passed over, Most frequent failure."""
    table = []
    for (provider, model), group in rows.groupby(["provider", "model"]):
        calls = group.groupby("outcome")["calls"].sum()
        answered, failed = int(calls.get("answered", 0)), int(calls.get("failed", 0))
        failures = group[group["outcome"] == "failed"].sort_values("calls", ascending=False)
        worst = failures.iloc[0]["reason"].replace("_", " ") if len(failures) else formats.NONE
        table.append(
            {
                "Provider": provider_name(provider),
                "Model": model,
                "Availability": formats.share(answered, answered + failed),
                "Answered": answered,
                "Failed": failed,
                "Passed over": int(calls.get("skipped", 0)),
                "Most frequent failure": worst,
            }
        )
    return pd.DataFrame(table)


def webhook_names(rows: pd.DataFrame) -> list[str]:
    """The display name of each webhook: its label or what it watches, and its owner."""
    labels = rows["label"].where(rows["label"] != "", rows["context"] + " " + rows["context_id"])
    pairs = zip(labels, rows["owner"], strict=True)
    return formats.distinct(f"{label}, {owner}" for label, owner in pairs)


def webhooks(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Name, state, last event, silence and the deliveries of seven days; silent ones first."""
    rows = rows.assign(name=webhook_names(rows))
    rows = rows.sort_values(["is_silent", "last_event_at"], ascending=[False, False])
    pairs = zip(rows["state"], rows["is_paused_by_operator"], strict=True)
    return pd.DataFrame(
        {
            "Webhook": rows["name"],
            "State": [causes.webhook_state(*each) for each in pairs],
            "Last event": [
                formats.NONE if pd.isna(at) else formats.ago(at.to_pydatetime(), now)
                for at in rows["last_event_at"]
            ],
            "Silence": [_silence(row) for _, row in rows.iterrows()],
            "Deliveries, 7 days": rows["deliveries_7d"],
            "To be answered": rows["answers_7d"],
            "Not readable": rows["problems_7d"],
        }
    )


def _silence(row: pd.Series) -> str:
    if not row["is_silent"]:
        return formats.NONE
    return f"Silent: never quiet for more than {formats.age(row['longest_pause_seconds'])} before"


def quotas(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Account, Opens again, File, Calls, Plan, Refusals, Waiting, Forecast: text."""
    return pd.DataFrame(
        {
            "Account": [handle or "the buddy's own" for handle in rows["handle"].fillna("")],
            "Opens again": [_opens(at.to_pydatetime(), now) for at in rows["limited_until"]],
            "File": rows["file_name"].where(rows["file_name"] != "", rows["file_key"]),
            "Calls": ["designs" if tier == 1 else "comments" for tier in rows["tier"]],
            "Figma plan": [_plan(row) for _, row in rows.iterrows()],
            "Refusals": rows["refusals"],
            "Waiting": rows["put_off"],
            "Forecast": [
                forecast(*each)
                for each in zip(rows["tier"], rows["limit_type"], _account_reads(rows), strict=True)
            ],
            "Upgrade": rows["upgrade_link"].where(rows["upgrade_link"] != "", None),
        }
    )


def _account_reads(rows: pd.DataFrame) -> pd.Series:
    """Designs read in seven days, summed per account: all files of an account share a quota."""
    designs = rows[rows["tier"] == 1]
    reads = designs.groupby("figma_user_id")["reads_7d"].sum()
    return rows["figma_user_id"].map(reads).fillna(0).astype(int)


def forecast(tier: int, limit_type: str, reads: int) -> str:
    """How long an account's quota lasts at the rate of the last seven days, if Figma tells it.

    `reads`: the designs read in those days.
    """
    if tier != 1:
        return "A limit by the minute: it opens by itself."
    read = f"{formats.count(reads)} designs read in {DAYS_COUNTED} days"
    if limit_type != "low":
        return f"{read}; a limit by the minute, so bursts wait."
    if not reads:
        return f"{read}: nothing uses it at present."
    days = LOW_SEAT_READS / (reads / DAYS_COUNTED)
    if days >= 31:
        return f"{read}: at this pace a month's {LOW_SEAT_READS} are enough."
    lasts = max(1, round(days))
    return (
        f"{read}: at this pace a month's {LOW_SEAT_READS} last about "
        f"{lasts} {'day' if lasts == 1 else 'days'}."
    )


def _plan(row: pd.Series) -> str:
    return figma_plan_name(row["plan_tier"], row["limit_type"]) or "not said"


def _opens(at: datetime, now: datetime) -> str:
    if at <= now:
        return "open"
    return f"in {formats.age((at - now).total_seconds())}"
