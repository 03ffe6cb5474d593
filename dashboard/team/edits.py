"""Another plan or number of seats of a team, and what it lets out to AI models."""

from dataclasses import dataclass

from dashboard.access.auth import Operator
from dashboard.data import audit
from dashboard.data.writes import send_for
from dashboard.team import queries

READS = (queries.read_team, queries.read_teams, audit.read_audit, audit.read_audit_choices)


@dataclass(frozen=True)
class Seats:
    """What the team has from now on; no plan and 0 for nothing."""

    plan_code: str
    seats: int


def set_sharing(operator: Operator, team: queries.Team, level: str, reason: str) -> str:
    """What may leave for AI models. Refused if somebody has changed it since `team` was read."""
    parameters = {
        "p_team_id": team.team_id,
        "p_level": level,
        "p_seen": team.sharing,
        "p_reason": reason,
    }
    return send_for(operator, "set_team_sharing", str, parameters, clears=READS)


def change_plan(
    operator: Operator, team: queries.Team, plan_code: str, seats: int, reason: str
) -> Seats:
    """Refused if somebody has changed it since `team` was read."""
    parameters = {
        "p_team_id": team.team_id,
        "p_seen_plan": team.plan_code,
        "p_seen_seats": team.seats,
        "p_plan_code": plan_code,
        "p_seats": seats,
        "p_reason": reason,
    }
    return send_for(operator, "change_team_plan", Seats, parameters, clears=READS)
