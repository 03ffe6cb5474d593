"""One team, opened whole; without one in the address, all teams to pick from."""

from datetime import UTC, date, datetime
from uuid import UUID

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.reporting import read_reporting
from dashboard.parts import dialogs, filters, formats, gate, notices, tiles
from dashboard.team import queries, whole_team

PARAMETER = "id"
# For rows that know a team by its name.
NAME = "name"
MONTHS = 12


def asked_for(operator: Operator) -> str | None:
    """The id in the address, or that of the team named there; None for all teams."""
    try:
        return str(UUID(st.query_params.get(PARAMETER, "")))
    except ValueError:
        pass
    if not (name := st.query_params.get(NAME, "")):
        return None
    teams = queries.read_teams(operator)
    named = teams["team_id"][teams["name"] == name]
    return str(named.iloc[0]) if len(named) else None


def pick_month() -> date:
    """A UTC month, this one unless another is picked."""
    first = datetime.now(UTC).date().replace(day=1)
    months = [first]
    while len(months) < MONTHS:
        last = months[-1]
        months.append(
            last.replace(year=last.year - (last.month == 1), month=(last.month - 2) % 12 + 1)
        )
    names = {f"{each:%B %Y}": each for each in months}
    picked = st.selectbox("Month (UTC)", list(names), key="team_month", width=220)
    return names.get(picked, first)


def draw_all(operator: Operator) -> None:
    teams = queries.read_teams(operator)
    if teams.empty:
        notices.say_empty("No team yet", "Teams that pay for seats appear here.", icon="groups")
        return
    st.caption("Pick a row to open the team.")
    event = st.dataframe(
        to_table(teams),
        hide_index=True,
        selection_mode="single-row",
        on_select="rerun",
        key=tiles.table_key(teams.rename(columns={"team_id": "id"})),
        alt="All teams, by name",
    )
    if picked := [place for place in event.selection.rows if place < len(teams)]:
        st.query_params[PARAMETER] = str(teams["team_id"].iloc[picked[0]])
        st.rerun()


def to_table(teams: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Team": teams["name"],
            "Plan": teams["plan_code"].replace("", formats.NONE).str.capitalize(),
            "Seats": teams["seats"],
            "Members": teams["members"],
        }
    )


def close() -> None:
    st.query_params.clear()


operator = gate.require_operator()
dialogs.say_done()
filters.say_zone(operator)
with notices.show_errors(offer_retry=True):
    opened = asked_for(operator)
    if opened is None:
        draw_all(operator)
        st.stop()
    st.button("All teams", on_click=close, icon=":material/arrow_back:", type="tertiary")
    month = pick_month()
    team = queries.read_team(operator, opened, month)
    if team is None:
        notices.say_empty("There is no such team", "The link may be old.", icon="group_off")
    else:
        whole_team.draw(operator, team, month, read_reporting(operator).time_zone)
