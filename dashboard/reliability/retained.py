"""Whether what is kept for a time is removed in time: each kind, when it ran, what it removed."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import definitions, formats, tiles
from dashboard.parts.metric import Rows
from dashboard.reliability import queries
from dashboard.reliability.queries import Removal
from service.retention import KINDS

# Of what is late, as many by name.
SHOWN = 5


def draw(operator: Operator) -> None:
    st.header(
        "What is removed after its time",
        anchor=False,
        help=definitions.explain("reliability.retention"),
    )
    now = datetime.now(UTC)
    known = {each.name: each for each in queries.read_removals(operator)}
    late = [name for name in KINDS if is_late(name, known.get(name), now)]
    if not known:
        st.caption(
            "Nothing was looked through yet: a worker does so when it starts, and each hour."
        )
        return
    if late:
        more = f", and {len(late) - SHOWN} more" if len(late) > SHOWN else ""
        st.warning(
            "Not looked through in time, or never: "
            f"{'; '.join(KINDS[name].what for name in late[:SHOWN])}{more}. Is a worker alive? Its "
            "log has upkeep_failed if it fails.",
            icon=":material/auto_delete:",
        )
    else:
        st.success(
            f"All {len(KINDS)} kinds were looked through in time.",
            icon=":material/auto_delete:",
        )
    rows = table(known, now)
    st.dataframe(
        rows,
        hide_index=True,
        height=420,
        column_config={"Removed in all": st.column_config.NumberColumn(format="localized")},
        alt="What is removed after its time, the late ones first",
    )
    tiles.rows_of("retention", "What is removed after its time", lambda: Rows(rows))


def is_late(name: str, found: Removal | None, now: datetime) -> bool:
    return found is None or now - found.last_at > KINDS[name].late_after


def table(known: dict[str, Removal], now: datetime) -> pd.DataFrame:
    """One row a kind, the late ones first."""
    rows = []
    for name, kept in KINDS.items():
        found = known.get(name)
        removed = found.removed_at if found else None
        rows.append(
            {
                "What": kept.what,
                "Kept": kept.long,
                "Last run": formats.ago(found.last_at, now) if found else "never",
                "Removed last": f"{found.removed:,}, {formats.ago(removed, now)}"
                if found and removed
                else formats.NONE,
                "Removed in all": found.total if found else 0,
                "Since": f"{found.since:%-d %b %Y}" if found else formats.NONE,
            }
        )
    late = [is_late(name, known.get(name), now) for name in KINDS]
    frame = pd.DataFrame(rows)
    return frame.iloc[sorted(range(len(rows)), key=lambda at: not late[at])].reset_index(drop=True)
