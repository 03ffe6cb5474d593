"""The queue now, as tiles that open the answers they count."""

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data import latest_analyses, latest_answers
from dashboard.data.latest_answers import QueueStatus
from dashboard.parts import definitions, formats, tiles
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.tiles import Opens, Tile

WAITING = definitions.metric("live.waiting")
IN_WORK = definitions.metric("live.in_work")
PUT_OFF = definitions.metric("live.put_off")
DEAD = definitions.metric("live.dead_letters")
WORKERS = definitions.metric("live.workers")


def draw(operator: Operator, queue: QueueStatus) -> None:
    """`operator` reads the rows. Workers have no rows: they are counted by their heartbeats."""
    is_open = queue.queued + queue.working > 0
    oldest = f"oldest {formats.age(queue.oldest_seconds)}" if is_open else "nobody waits"
    counted: list[Tile] = [
        (WAITING, Figure(queue.queued, note=oldest), rows_in(operator, "queued")),
        (IN_WORK, Figure(queue.working, note="being answered"), rows_in(operator, "working")),
        (PUT_OFF, Figure(queue.deferred, note="tried again later"), rows_in(operator, "deferred")),
        (
            DEAD,
            Figure(queue.dead_letters, note="not replayed or discarded"),
            rows_in(operator, "failed", DEAD.name),
        ),
        (WORKERS, Figure(queue.workers, note="within 30 s"), None),
    ]
    tiles.draw(None, counted, columns=5)


def rows_in(operator: Operator, state: str, name: str = "") -> Opens:
    """Answers and analyses in a state, with 1 each in the column `name` (default: the state)."""

    def opens() -> Rows:
        answers = latest_answers.read_state(operator, state)
        analyses = latest_analyses.read_state(operator, state)
        # An analysis is of no file that we know, and asked by who has an account.
        kept = analyses.rename(columns={"handle": "author_handle"}).reindex(columns=answers.columns)
        parts = [answers.assign(feature="comment"), kept.assign(feature="analysis")]
        filled = [part for part in parts if len(part)] or parts[:1]
        rows = pd.concat(filled, ignore_index=True)
        return Rows(rows.assign(**{name or state: 1}), {name or state: len(rows)})

    return opens
