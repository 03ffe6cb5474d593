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
BUILDS = definitions.metric("live.builds_waiting")
AT_BUILDS = definitions.metric("live.builds_in_work")
BUILDERS = definitions.metric("live.builders")


def draw(operator: Operator, queue: QueueStatus) -> None:
    """`operator` reads the rows. Workers have no rows: they are counted by their heartbeats."""
    # One age, of the oldest that waits or is in work: said where it can be that one's.
    age = formats.age(queue.oldest_seconds)
    if queue.queued:
        oldest = f"oldest {age}" if not queue.working else f"oldest open one {age}"
    else:
        oldest = "nobody waits"
    at_work = "being answered" if queue.working else "none just now"
    if queue.working and not queue.queued:
        at_work = f"oldest {age}"
    counted: list[Tile] = [
        (WAITING, Figure(queue.queued, note=oldest), rows_in(operator, "queued")),
        (IN_WORK, Figure(queue.working, note=at_work), rows_in(operator, "working")),
        (PUT_OFF, Figure(queue.deferred, note="tried again later"), rows_in(operator, "deferred")),
        (
            DEAD,
            Figure(queue.dead_letters, note="not replayed or discarded"),
            rows_in(operator, "failed", DEAD.name),
        ),
        (WORKERS, Figure(queue.workers, note=_alive(queue.workers, queue.queued)), None),
    ]
    tiles.draw(None, counted, columns=5)
    tiles.draw(None, _builds(queue), columns=3)


def _builds(queue: QueueStatus) -> list[Tile]:
    """Components are built apart, so that no comment waits for one."""
    is_waiting = queue.builds_waiting > 0
    oldest = f"oldest {formats.age(queue.builds_oldest_seconds)}" if is_waiting else "nothing waits"
    return [
        (BUILDS, Figure(queue.builds_waiting, note=oldest), None),
        (AT_BUILDS, Figure(queue.builds_working, note="being built" if queue.builds_working
                           else "none just now"), None),
        (BUILDERS, Figure(queue.builders, note=_alive(queue.builders, queue.builds_waiting)), None),
    ]  # fmt: skip


def _alive(processes: int, waiting: int) -> str:
    """That none runs is a problem while something waits for one."""
    if processes or not waiting:
        return "within 30 s"
    waits = "1 waits" if waiting == 1 else f"{formats.count(waiting)} wait"
    return f":material/warning: **None is running, and {waits}**"


def rows_in(operator: Operator, state: str, name: str = "") -> Opens:
    """Answers and analyses in a state, with 1 each in the column `name` (default: the state)."""

    def opens() -> Rows:
        answers = latest_answers.read_state(operator, state)
        answers = answers.rename(columns={"id": "answer_id"})
        analyses = latest_analyses.read_state(operator, state)
        # An analysis is of no file that we know, and asked by who has an account.
        columns = [*answers.columns, "analysis_id"]
        named = {"id": "analysis_id", "handle": "author_handle"}
        kept = analyses.rename(columns=named).reindex(columns=columns)
        parts = [answers.assign(feature="comment"), kept.assign(feature="analysis")]
        filled = [part for part in parts if len(part)] or parts[:1]
        rows = pd.concat(filled, ignore_index=True)
        return Rows(rows.assign(**{name or state: 1}), {name or state: len(rows)})

    return opens
