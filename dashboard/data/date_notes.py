"""Notes of operators on days, which charts of time show."""

from datetime import date

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_table
from dashboard.data.writes import send

COLUMNS = ["id", "day", "text", "version", "written_by", "written_at", "changed_by", "changed_at"]


@cached(ttl=60)
def read_date_notes(operator: Operator, first: date, last: date) -> pd.DataFrame:
    """Columns COLUMNS, the oldest first: SQL function `date_note_list`."""
    parameters = {"p_first": f"{first}", "p_last": f"{last}"}
    times = ("written_at", "changed_at")
    return call_table(operator, "date_note_list", COLUMNS, parameters, times)


def save_date_note(operator: Operator, note_id: str, day: date, text: str, version: int) -> None:
    """`version`: the one that was shown; 0 for a new note, whose id the caller chooses."""
    parameters = {"p_id": note_id, "p_day": f"{day}", "p_text": text, "p_version": version}
    send(operator, "save_date_note", parameters, clears=(read_date_notes,))


def remove_date_note(operator: Operator, note_id: str, version: int) -> None:
    parameters = {"p_id": note_id, "p_version": version}
    send(operator, "remove_date_note", parameters, clears=(read_date_notes,))
