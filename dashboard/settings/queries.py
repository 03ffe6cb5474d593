"""Reads of the page Settings: plans, prices, operators, settings and flags, as tables hold them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call, frame

PLAN_COLUMNS = "code,valid_from,name,price_microusd,per,uses,period,is_unlimited,overage_microusd"
OPERATOR_COLUMNS = "user_id,email,role,created_at,disabled_at"
# Whose id stands for calls nobody paid.
NOBODY = "00000000-0000-0000-0000-000000000000"


@cached(ttl=30)
def read_plans(operator: Operator) -> pd.DataFrame:
    """Every row of every plan, newest first. `valid_from` is text: a first row has -infinity."""
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("plans")
            .select(PLAN_COLUMNS)
            .order("code")
            .order("valid_from", desc=True)
            .execute()
            .data
        ),
    )
    return frame(rows, PLAN_COLUMNS.split(","))


@cached(ttl=10)
def read_operators(operator: Operator) -> pd.DataFrame:
    """Everybody who may use, or could once use, the dashboard."""
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("operators").select(OPERATOR_COLUMNS).order("email").execute().data
        ),
    )
    return frame(rows, OPERATOR_COLUMNS.split(","), times=("created_at", "disabled_at"))


@cached(ttl=60)
def read_spenders(operator: Operator) -> dict[str, str]:
    """People by id with their names, dearest of the last 90 days first: `ai_cost_people`."""
    today = datetime.now(UTC).date()
    parameters = {
        "p_first": (today - timedelta(days=90)).isoformat(),
        "p_last": (today + timedelta(days=1)).isoformat(),
        "p_plans": None,
        "p_by": "user",
    }
    people = call(operator, "ai_cost_people", parameters)
    return {each["id"]: each["name"] for each in people if each["id"] != NOBODY}


@cached(ttl=30)
def read_profile(operator: Operator) -> dict[str, Any] | None:
    """What a worker said of the service: sealing_key, defaults, told_at; None before one ran."""
    rows = _all_of(operator, "service_profile", "sealing_key,defaults,told_at", "told_at")
    return rows[0] if rows else None


@cached(ttl=10)
def read_product_settings(operator: Operator) -> dict[str, dict[str, Any]]:
    """What was set here, by setting: value (None: as in the environment), version, updated_at."""
    rows = _all_of(operator, "product_settings", "code,value,version,updated_at", "code")
    return {each["code"]: each for each in rows}


@cached(ttl=300)
def read_flags(operator: Operator) -> dict[str, dict[str, Any]]:
    """The feature flags there are, by code: name, description, is_on."""
    rows = _all_of(operator, "feature_flags", "code,name,description,is_on", "name")
    return {each["code"]: each for each in rows}


@cached(ttl=10)
def read_teams(operator: Operator) -> dict[str, dict[str, Any]]:
    """Teams by id, in the order of their names: name, feature_flags (what they have set)."""
    rows = _all_of(operator, "teams", "id,name,feature_flags", "name")
    return {each["id"]: each for each in rows}


def _all_of(operator: Operator, table: str, columns: str, order: str) -> list[dict[str, Any]]:
    return ask(
        operator.sign_in,
        lambda client: client.table(table).select(columns).order(order).execute().data,
    )
