"""The queue at this moment, as tiles."""

from dashboard import formats, tiles
from dashboard.metric import Figure, Metric
from dashboard.queries.live import QueueStatus

WAITING = Metric("queued", "Waiting", "Addressed comments no worker has taken yet. The age is that "
    "of the oldest one that waits or is in work.", better="down")  # fmt: skip
IN_WORK = Metric("working", "In work", "Comments a worker is answering at this moment.")
PUT_OFF = Metric("deferred", "Put off", "Comments that wait for a quota at Figma or for a model to "
    "come back.", better="down")  # fmt: skip
DEAD = Metric("dead_letters", "Dead letters", "Comments that failed for good, each with its "
    "reason. Nobody was charged.", better="down")  # fmt: skip
WORKERS = Metric("workers", "Live workers", "Worker processes whose heartbeat arrived within the "
    "last 30 seconds.")  # fmt: skip


def draw(queue: QueueStatus) -> None:
    is_open = queue.queued + queue.working > 0
    oldest = f"oldest {formats.age(queue.oldest_seconds)}" if is_open else "none"
    tiles.draw(
        None,
        [
            (WAITING, Figure(queue.queued, note=oldest), None),
            (IN_WORK, Figure(queue.working, note="being answered"), None),
            (PUT_OFF, Figure(queue.deferred, note="tried again later"), None),
            (DEAD, Figure(queue.dead_letters, note="of all time"), None),
            (WORKERS, Figure(queue.workers, note="within 30 s"), None),
        ],
        columns=5,
    )
