"""Writes of the page Settings. Each sends what was shown, so that no unseen change is lost."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data import price_rows, reporting
from dashboard.data.writes import send
from dashboard.parts.model_prices import Prices
from dashboard.settings import queries
from dashboard.settings.queries import Invitation, PipelineLimits, PlanRow


@dataclass(frozen=True)
class SeenOperator:
    """An operator's role and access as they were shown before a change."""

    user_id: str
    role: str
    is_enabled: bool


def set_plan(
    operator: Operator, seen: PlanRow, valid_from: datetime, reason: str, **changes: Any
) -> None:
    """Add a new row of a plan. `changes`: name, price_microusd, uses, is_unlimited, and
    overage_microusd (the price of one use beyond the included ones)."""
    parameters = {f"p_{name}": value for name, value in changes.items()}
    parameters |= {"p_code": seen.code, "p_seen": seen.valid_from, "p_reason": reason}
    parameters |= {"p_valid_from": valid_from.isoformat()}
    send(operator, "set_plan", parameters, clears=(queries.read_plans, reporting.read_reporting))


def set_price(
    operator: Operator,
    provider: str,
    model: str,
    prices: Prices,
    valid_from: datetime,
    seen: int | None,
    reason: str,
) -> None:
    """`seen`: id of the newest row of this model that was shown; None if there was none."""
    parameters = {
        "p_provider": provider,
        "p_model": model,
        "p_valid_from": valid_from.isoformat(),
        **prices.parameters(),
        "p_seen": seen,
        "p_reason": reason,
    }
    send(operator, "set_model_price", parameters, clears=(price_rows.read_prices,))


def set_budget(
    operator: Operator, scope: str, key: str, microusd: int, version: int, reason: str
) -> None:
    """0 micro-dollars end the budget; `version` is 0 if there was none."""
    parameters = {
        "p_scope": scope,
        "p_key": key,
        "p_monthly_microusd": microusd,
        "p_version": version,
        "p_reason": reason,
    }
    send(operator, "set_budget", parameters, clears=(price_rows.read_budgets,))


def change_operator(
    operator: Operator, seen: SeenOperator, role: str, is_enabled: bool, reason: str
) -> None:
    parameters = {
        "p_user_id": seen.user_id,
        "p_role": role,
        "p_is_enabled": is_enabled,
        "p_seen_role": seen.role,
        "p_seen_enabled": seen.is_enabled,
        "p_reason": reason,
    }
    send(operator, "change_operator", parameters, clears=(queries.read_operators,))


def invite_operator(
    operator: Operator, invitation_id: str, email: str, role: str, address: str, reason: str
) -> None:
    """`invitation_id` is new: a repeated call invites once. `address`: where the dashboard is."""
    parameters = {"p_id": invitation_id, "p_email": email, "p_role": role, "p_address": address}
    clears = (queries.read_invitations, queries.read_operators)
    send(operator, "invite_operator", parameters | {"p_reason": reason}, clears=clears)


def resend_invitation(operator: Operator, seen: Invitation, reason: str) -> None:
    parameters = {"p_id": seen.id, "p_version": seen.version, "p_reason": reason}
    send(operator, "resend_invitation", parameters, clears=(queries.read_invitations,))


def remove_invitation(operator: Operator, seen: Invitation, reason: str) -> None:
    parameters = {"p_id": seen.id, "p_version": seen.version, "p_reason": reason}
    send(operator, "remove_invitation", parameters, clears=(queries.read_invitations,))


def set_reporting(operator: Operator, time_zone: str, week_start: str, reason: str) -> None:
    """A new zone recounts every day, which can take a minute."""
    parameters = {"p_time_zone": time_zone, "p_week_start": week_start, "p_reason": reason}
    send(operator, "set_reporting", parameters, clears=(reporting.read_reporting,))


def set_weekly_report(
    operator: Operator, is_on: bool, weekday: int, address: str, reason: str
) -> None:
    """`weekday`: 1 Monday to 7 Sunday; `address`: where the dashboard is, for the links."""
    parameters = {"p_is_on": is_on, "p_weekday": weekday, "p_address": address}
    clears = (queries.read_report,)
    send(operator, "set_weekly_report", parameters | {"p_reason": reason}, clears=clears)


def set_product_setting(
    operator: Operator, code: str, value: Any, version: int, reason: str
) -> None:
    """`value` None goes back to the environment's; `version` is 0 if nothing was ever set."""
    parameters = {"p_code": code, "p_value": value, "p_version": version, "p_reason": reason}
    clears = (queries.read_product_settings, queries.read_day_spend)
    send(operator, "set_product_setting", parameters, clears=clears)


def set_team_flag(
    operator: Operator, team_id: str, code: str, is_on: bool | None, seen: bool | None, reason: str
) -> None:
    """None: the same as for everybody. `seen`: the team's value that was shown."""
    parameters = {
        "p_team_id": team_id,
        "p_code": code,
        "p_is_on": is_on,
        "p_seen": seen,
        "p_reason": reason,
    }
    send(operator, "set_team_flag", parameters, clears=(queries.read_teams,))


def set_pipeline_limits(operator: Operator, wanted: PipelineLimits, reason: str) -> None:
    """`wanted.version` is the one that was shown; 0 where nothing was set."""
    parameters = {f"p_{name}": value for name, value in asdict(wanted).items()}
    clears = (queries.read_pipeline_limits,)
    send(operator, "set_pipeline_limits", parameters | {"p_reason": reason}, clears=clears)
