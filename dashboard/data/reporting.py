"""The reporting zone and week start, and the plans and teams to filter by."""

from dataclasses import dataclass

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one


@dataclass(frozen=True)
class Reporting:
    """The reporting zone (IANA name), the week start ("monday", "sunday"), plans and teams.

    `plans` maps codes to names, `teams` ids to names.
    """

    time_zone: str
    week_start: str
    plans: dict[str, str]
    teams: dict[str, str]


@cached(ttl=60)
def read_reporting(operator: Operator) -> Reporting:
    """SQL function `reporting`."""
    return call_one(operator, "reporting", Reporting)


def read_plans(operator: Operator) -> dict[str, str]:
    return read_reporting(operator).plans


def read_teams(operator: Operator) -> dict[str, str]:
    return read_reporting(operator).teams
