"""Feature flags per team on the page Settings."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import notices
from dashboard.parts.change_form import ask_reason, save
from dashboard.settings import edits, queries
from dashboard.settings.queries import Flag, Team

STATES = {None: "As for everybody", True: "On", False: "Off"}


def draw_teams(operator: Operator) -> None:
    flags = queries.read_flags(operator)
    teams = queries.read_teams(operator)
    st.caption(
        "What the buddy does for the people of a team. It counts from their next question on. "
        "People without a team have everything as for everybody."
    )
    if not teams:
        notices.say_empty("No team yet", "Flags are set per team.", icon="groups")
        return
    st.dataframe(_table(flags, teams), hide_index=True, alt="Feature flags that teams have set")
    team_id = st.selectbox(
        "Team", list(teams), format_func=lambda each: teams[each].name, key="flag_team"
    )
    st.page_link(
        "team/page.py",
        label="Open the team",
        icon=":material/groups:",
        query_params={"id": team_id},
    )
    code = st.selectbox(
        "Feature", list(flags), format_func=lambda each: flags[each].name, key="flag_code"
    )
    flag = flags[code]
    st.caption(f"{flag.description} For everybody: {STATES[flag.is_on].lower()}.")
    seen = teams[team_id].feature_flags.get(code)
    with st.form(f"flag_{team_id}_{code}_{seen}"):
        choices = list(STATES)
        value = st.radio(
            "For this team", choices, choices.index(seen), format_func=lambda each: STATES[each]
        )
        reason = ask_reason("flag_reason")
        if st.form_submit_button("Save", icon=":material/save:"):
            save(
                lambda: edits.set_team_flag(operator, team_id, code, value, seen, reason),
                "Saved. It counts from the team's next question on.",
            )


def _table(flags: dict[str, Flag], teams: dict[str, Team]) -> pd.DataFrame:
    """Every team, with the effective value of every flag for that team."""
    rows = [
        {"Team": team.name}
        | {
            flag.name: STATES[team.feature_flags.get(code, flag.is_on)].lower()
            + ("" if code in team.feature_flags else " (default)")
            for code, flag in flags.items()
        }
        for team in teams.values()
    ]
    return pd.DataFrame(rows)
