"""Reads of the page Settings: rows of plans, prices, operators, settings and flags."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask_rows, cached, call_one, call_table

T = TypeVar("T")

OPERATOR_COLUMNS = "user_id,email,role,created_at,disabled_at"
# The payer id of calls that nobody paid for.
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class PlanRow:
    """A plan from `valid_from` on. That is text, because a first row has -infinity.

    `per`: user or seat; `period`: lifetime or month.
    """

    code: str
    valid_from: str
    name: str
    price_microusd: int
    per: str
    uses: int
    period: str
    is_unlimited: bool
    overage_microusd: int


@dataclass(frozen=True)
class Invitation:
    """An invitation of an operator; `problem` is the code of why its last mail did not go out."""

    id: str
    email: str
    role: str
    state: str
    problem: str
    sends: int
    version: int
    invited_by: str
    sent_at: datetime | None
    expires_at: datetime

    @property
    def standing(self) -> str:
        """Its state; `expired` also where nobody wrote that down."""
        is_over = self.is_open and self.expires_at <= datetime.now(UTC)
        return "expired" if is_over else self.state

    @property
    def is_open(self) -> bool:
        return self.state in ("sending", "sent", "failed")


@dataclass(frozen=True)
class Report:
    """The weekly report: `weekday` is 1 (Monday) to 7; `channels` is how many want it."""

    is_on: bool
    weekday: int
    sent_at: datetime | None
    channels: int


@dataclass(frozen=True)
class Profile:
    """What a worker reported about the service: the key for secrets, the environment's settings."""

    sealing_key: str
    defaults: dict[str, Any]


@dataclass(frozen=True)
class ProductSetting:
    """A value set on this page; `value` None: the environment's value counts."""

    code: str
    value: Any
    version: int
    updated_at: str


@dataclass(frozen=True)
class ChainModel:
    """A model that workers are set up with."""

    id: str


@dataclass(frozen=True)
class DaySpend:
    """Of today (UTC): booked, reserved for calls under way, and the limit, 0 for none.

    `reached_at` and `refused`: since when, and how often, no model was asked because of it.
    """

    booked_microusd: int
    reserved_microusd: int
    limit_microusd: int
    reached_at: str | None
    refused: int


@dataclass(frozen=True)
class Flag:
    """A feature flag; `is_on` is the default for everybody."""

    code: str
    name: str
    description: str
    is_on: bool


@dataclass(frozen=True)
class Team:
    """A team and the flags it has set, by code."""

    id: str
    name: str
    feature_flags: dict[str, bool]


@dataclass(frozen=True)
class PipelineLimits:
    """What is set for the pipelines of a team; None, or an empty model: as for everybody.

    `version` is 0 where nothing is set.
    """

    team_id: str
    at_once: int | None
    most_queued: int | None
    ceiling_microusd: int | None
    retention_days: int | None
    model: str
    version: int


@cached(ttl=30)
def read_plans(operator: Operator) -> list[PlanRow]:
    """Every row of every plan, by code, newest first."""
    columns = _columns_of(PlanRow)
    rows = ask_rows(
        operator,
        lambda client: (
            client.table("plans")
            .select(columns)
            .order("code")
            .order("valid_from", desc=True)
            .execute()
            .data
        ),
    )
    return results.read_all(PlanRow, rows, "plans")


@cached(ttl=10)
def read_operators(operator: Operator) -> pd.DataFrame:
    """Everybody who may use the dashboard now, or could in the past."""
    rows = ask_rows(
        operator,
        lambda client: (
            client.table("operators").select(OPERATOR_COLUMNS).order("email").execute().data
        ),
    )
    columns = OPERATOR_COLUMNS.split(",")
    return results.read_table(rows, columns, "operators", ("created_at", "disabled_at"))


@cached(ttl=60)
def read_spenders(operator: Operator) -> dict[str, str]:
    """Ids and names of people, highest cost of the last 90 days first: `ai_cost_people`."""
    today = datetime.now(UTC).date()
    parameters = {
        "p_first": (today - timedelta(days=90)).isoformat(),
        "p_last": (today + timedelta(days=1)).isoformat(),
        "p_plans": None,
        "p_by": "user",
    }
    people = call_table(operator, "ai_cost_people", ["id", "name"], parameters)
    names = dict(zip(people["id"], people["name"], strict=True))
    names.pop(NOBODY, None)
    return names


@cached(ttl=30)
def read_profile(operator: Operator) -> Profile | None:
    """None until a worker has run once."""
    rows = _all_of(operator, "service_profile", Profile, "told_at")
    return rows[0] if rows else None


@cached(ttl=10)
def read_product_settings(operator: Operator) -> dict[str, ProductSetting]:
    """The values set here, by setting."""
    rows = _all_of(operator, "product_settings", ProductSetting, "code")
    return {each.code: each for each in rows}


@cached(ttl=10)
def read_chain(operator: Operator) -> list[str]:
    """The models that workers are set up with, `provider/model`, in the order they are asked."""
    return [each.id for each in _all_of(operator, "chain_models", ChainModel, "place")]


@cached(ttl=5)
def read_day_spend(operator: Operator) -> DaySpend:
    """Today's spend on models and its limit: SQL function `day_spend`."""
    return call_one(operator, "day_spend", DaySpend)


@cached(ttl=300)
def read_flags(operator: Operator) -> dict[str, Flag]:
    """All feature flags, by code."""
    return {each.code: each for each in _all_of(operator, "feature_flags", Flag, "name")}


@cached(ttl=5)
def read_invitations(operator: Operator) -> list[Invitation]:
    """All invitations, the newest first."""
    return _all_of(operator, "operator_invitations", Invitation, "requested_at")[::-1]


@cached(ttl=10)
def read_teams(operator: Operator) -> dict[str, Team]:
    """Teams by id, sorted by name."""
    return {each.id: each for each in _all_of(operator, "teams", Team, "name")}


@cached(ttl=10)
def read_pipeline_limits(operator: Operator) -> dict[str, PipelineLimits]:
    """What is set for the pipelines of teams, by team."""
    return {
        each.team_id: each
        for each in _all_of(operator, "pipeline_limits", PipelineLimits, "team_id")
    }


def _all_of(operator: Operator, table: str, shape: type[T], order: str) -> list[T]:
    columns = _columns_of(shape)
    rows = ask_rows(
        operator,
        lambda client: client.table(table).select(columns).order(order).execute().data,
    )
    return results.read_all(shape, rows, table)


def _columns_of(shape: Any) -> str:
    """The columns to select for a record of this shape."""
    return ",".join(each.name for each in fields(shape))


@cached(ttl=30)
def read_report(operator: Operator) -> Report:
    """SQL function `report_standing`."""
    return call_one(operator, "report_standing", Report)
