"""Whether accounts are isolated: the nightly watch, green or red, with what was tried."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.isolation import IsolationRun, read_runs
from dashboard.parts import definitions, formats, tiles
from dashboard.parts.metric import Rows

# A run each night: two that are missing are no accident.
STALE = timedelta(hours=49)
STATES = {"green": "held", "red": "did not hold", "failed": "not finished"}


def draw(operator: Operator) -> None:
    st.header(
        "Isolation of accounts", anchor=False, help=definitions.explain("reliability.isolation")
    )
    runs = read_runs(operator)
    if not runs:
        st.caption("Not tried yet: a worker does so each night, after 02:00 UTC.")
        return
    say(runs[0], datetime.now(UTC))
    by = pd.DataFrame(
        {
            "Who tried": [each.visitor for each in runs[0].by_visitor],
            "Attempts": [each.tried for each in runs[0].by_visitor],
            "Succeeded": [each.holes for each in runs[0].by_visitor],
        }
    )
    if not by.empty:
        st.dataframe(by, hide_index=True, alt="Attempts of the last night by who made them")
    tiles.rows_of("isolation_runs", "Isolation of accounts", lambda: Rows(table(runs)))


def say(run: IsolationRun, now: datetime) -> None:
    """One sentence with the time, in the colour of what it says."""
    at = f"{run.started_at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
    if run.state == "red":
        holes = "; ".join(f"{each.visitor} could {each.what}" for each in run.holes[:5])
        more = f", and {len(run.holes) - 5} more" if len(run.holes) > 5 else ""
        st.error(
            f"Tried on {at}: {holes}{more}. Somebody may reach another account's rows: look at "
            "what changed last in the database's policies and grants. It is tried again within "
            "the hour.",
            title="Accounts are not isolated",
            icon=":material/gpp_bad:",
        )
    elif run.state == "failed" or now - run.started_at > STALE:
        st.warning(
            f"The last try, on {at}, is not finished or too long ago. {run.problem}".strip(),
            icon=":material/gpp_maybe:",
        )
    else:
        st.success(
            f"Held: all {formats.count(run.tried)} attempts to reach another account's rows were "
            f"refused on {at}.",
            icon=":material/verified_user:",
        )


def table(runs: list[IsolationRun]) -> pd.DataFrame:
    """One row for each night, with everything that did not hold."""
    return pd.DataFrame(
        {
            "started_at": [run.started_at for run in runs],
            "result": [STATES.get(run.state, run.state) for run in runs],
            "attempts": [run.tried for run in runs],
            "succeeded": [len(run.holes) for run in runs],
            "what": ["; ".join(f"{e.visitor} could {e.what}" for e in run.holes) for run in runs],
            "problem": [run.problem for run in runs],
        }
    )
