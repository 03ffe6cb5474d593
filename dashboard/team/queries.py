"""What the page of one team reads."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, call_table
from dashboard.results import Columns

TEAMS = ["team_id", "name", "members", "plan_code", "seats"]
MEMBERS = (
    "user_id", "handle", "state", "last_seen_at", "answered", "refused", "failed", "cost_microusd",
    "unpriced",
)  # fmt: skip
WEBHOOKS = ("context", "context_id", "label", "state", "owner", "guest_rule", "last_event_at")
FLAGS = ("code", "name", "is_on", "own")


@dataclass(frozen=True)
class Change:
    """A change of the team's subscription; fields of the row before and after."""

    at: str
    actor: str
    operation: str
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True)
class SharingChange:
    """A choice of what leaves for AI models: by whom (an operator's e-mail or a member's name)."""

    at: str
    level: str
    reason: str
    who: str


@dataclass(frozen=True)
class Team:
    """One team: its plan now, its UTC month as on the bill, and tables MEMBERS, WEBHOOKS, FLAGS."""

    team_id: str
    name: str
    created_at: str
    plan_code: str
    seats: int
    since: str | None
    plans: dict[str, str]
    uses: int
    included: int
    due_microusd: int
    ai_cost_microusd: int
    margin_microusd: int
    unpriced: int
    members: Annotated[pd.DataFrame, Columns(MEMBERS, ("last_seen_at",))]
    webhooks: Annotated[pd.DataFrame, Columns(WEBHOOKS, ("last_event_at",))]
    flags: Annotated[pd.DataFrame, Columns(FLAGS)]
    sharing: str
    sharing_history: list[SharingChange]
    history: list[Change]


@cached(ttl=10)
def read_teams(operator: Operator) -> pd.DataFrame:
    """Columns TEAMS, by name: SQL `team_list`."""
    return call_table(operator, "team_list", TEAMS)


@cached(ttl=5)
def read_team(operator: Operator, team_id: str, month: date) -> Team | None:
    """One team in a UTC month: SQL `team_detail`; None if there is none."""
    parameters = {"p_team_id": team_id, "p_month": month.isoformat()}
    found = call(operator, "team_detail", parameters)
    return None if found is None else results.read_one(Team, found, "team_detail")
