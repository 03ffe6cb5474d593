"""What the pipelines of a team may do, on the page Settings: how many, how long, how dear."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import formats, notices
from dashboard.parts.change_form import ask_reason, save
from dashboard.parts.model_prices import micro
from dashboard.settings import edits, queries
from dashboard.settings.queries import PipelineLimits

AS_ALL = "as for everybody"
# The ranges that the database accepts: set_pipeline_limits.
AT_ONCE, QUEUED, DAYS, DOLLARS = (1, 100), (0, 1000), (1, 400), (0.0, 100.0)
NOTHING = PipelineLimits("", None, None, None, None, "", 0)


def draw_pipelines(operator: Operator) -> None:
    st.caption(
        "What is left empty is as for everybody, which the environment of the service sets. It "
        "counts for runs that start from now on; how many run at a time counts for those that wait "
        "too. Whether a team may build components at all is under Team features."
    )
    teams = queries.read_teams(operator)
    if not teams:
        notices.say_empty("No team yet", "Limits of pipelines are set per team.", icon="groups")
        return
    limits = queries.read_pipeline_limits(operator)
    chosen = [(teams[key].name, each) for key, each in limits.items() if key in teams]
    if chosen:
        st.dataframe(to_table(chosen), hide_index=True, alt="Limits that teams have set")
    else:
        st.caption("No team has limits of its own.")
    team_id = st.selectbox(
        "Team", list(teams), format_func=lambda each: teams[each].name, key="pipeline_team"
    )
    seen = limits.get(team_id, NOTHING)
    # The key contains the version, so after somebody's change the form shows the new values.
    form = f"{team_id}_{seen.version}"
    with st.form(f"pipeline_limits_{form}"):
        with st.grid(2, min_column_width=240):
            at_once = _number("Runs at a time", AT_ONCE, seen.at_once, f"at_once_{form}")
            queued = _number("Runs that may wait", QUEUED, seen.most_queued, f"queued_{form}")
            days = _number("Days that files are kept", DAYS, seen.retention_days, f"days_{form}")
            dollars = st.number_input(
                "Model money per run ($)",
                *DOLLARS,
                None if seen.ceiling_microusd is None else seen.ceiling_microusd / 1e6,
                step=0.05,
                format="%.4f",
                placeholder=AS_ALL,
                help="Reserved before each call, so that it is never passed. 0: no model is asked.",
                key=f"dollars_{form}",
            )
        model = st.text_input(
            "Model",
            seen.model,
            max_chars=200,
            placeholder="The chain's own, in its order",
            help="As provider/model, such as openai/gpt-5-mini. The provider has to be in the "
            "chain of the service.",
            key=f"model_{form}",
        )
        reason = ask_reason("pipeline_limits_reason")
        saves = st.form_submit_button("Save", icon=":material/save:")
    if saves:
        wanted = PipelineLimits(
            team_id, at_once, queued, None if dollars is None else micro(dollars), days,
            model.strip(), seen.version,
        )  # fmt: skip
        save(
            lambda: edits.set_pipeline_limits(operator, wanted, reason),
            "Saved. It counts for runs that start from now on.",
        )


def _number(label: str, least_most: tuple[int, int], value: int | None, key: str) -> int | None:
    return st.number_input(label, *least_most, value, placeholder=AS_ALL, key=key)


def to_table(chosen: list[tuple[str, PipelineLimits]]) -> pd.DataFrame:
    """One row per team that has set something, in words."""
    return pd.DataFrame(
        [
            {
                "Team": name,
                "At a time": _or_all(each.at_once),
                "May wait": _or_all(each.most_queued),
                "Files kept": AS_ALL if each.retention_days is None
                else formats.counted(each.retention_days, "day"),
                "Model money per run": AS_ALL if each.ceiling_microusd is None
                else formats.money(each.ceiling_microusd),
                "Model": each.model or AS_ALL,
            }
            for name, each in sorted(chosen)
        ]
    )  # fmt: skip


def _or_all(value: int | None) -> str:
    return AS_ALL if value is None else formats.count(value)
