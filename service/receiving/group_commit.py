"""Group commit: what arrives while a call is in flight goes out together in the next one.

Nothing waits when idle. The thread that finds nobody at work commits its own item at once; those
that arrive meanwhile queue up, and the first of them commits them all. Under load that one first
waits a moment for as many as came last time: a call costs much the same for one item as for thirty.
There is no thread of our own to start, stop or lose.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from service.errors import ServiceError, Unavailable

# Smaller batches are not waited for.
WORTH_WAITING_FOR = 4
Item = TypeVar("Item")
Result = TypeVar("Result")


class _Entry(Generic[Item, Result]):
    """One waiting caller. ``signal`` is held until there is a result or it is its turn to lead."""

    __slots__ = ("error", "is_done", "item", "result", "signal", "weight")

    def __init__(self, item: Item, weight: int):
        self.item = item
        self.weight = weight
        self.is_done = False
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.signal = threading.Lock()
        self.signal.acquire()

    def finish(self, result: Result | None, error: BaseException | None) -> None:
        self.result, self.error, self.is_done = result, error, True
        self.signal.release()


class GroupCommit(Generic[Item, Result]):
    """``submit`` returns when ``commit`` has taken the item, in a list with others or alone.

    A batch has at most ``batch_limit`` items of together ``weight_limit`` bytes (but at least one).
    ``gather_seconds`` is the longest wait for a batch as large as the last one; none after a small
    one, which would gain less than the wait costs.
    ``observe`` is told the size of each batch.
    """

    def __init__(
        self,
        commit: Callable[[list[Item]], list[Result]],
        *,
        batch_limit: int = 100,
        weight_limit: int = 2_000_000,
        gather_seconds: float = 0.02,
        observe: Callable[[int], object] = lambda size: None,
    ):
        self._commit = commit
        self._batch_limit = batch_limit
        self._weight_limit = weight_limit
        self._gather_seconds = gather_seconds
        self._observe = observe
        self._expected = 1
        self._are_enough = threading.Event()
        self._lock = threading.Lock()
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._is_led = False

    def submit(self, item: Item, weight: int = 0) -> Result:
        """Commit one item; raises what ``commit`` raised for it. ``weight`` in bytes."""
        entry: _Entry[Item, Result] = _Entry(item, weight)
        with self._lock:
            self._waiting.append(entry)
            if len(self._waiting) >= self._expected:
                self._are_enough.set()
            leads = not self._is_led
            self._is_led = True
        if not leads:
            entry.signal.acquire()
        if not entry.is_done:
            self._lead()
        if entry.error:
            raise entry.error
        return entry.result  # type: ignore[return-value]

    def _lead(self) -> None:
        """Commit what is waiting, own item first, and pass the lead on to who came meanwhile."""
        batch = self._take()
        try:
            self._observe(len(batch))
            self._commit_batch(batch)
        finally:
            # Even if this thread is being killed: nobody may wait for it for ever.
            lost = Unavailable("The request was interrupted. Try again.", retry_after=5)
            for entry in batch:
                if not entry.is_done:
                    entry.finish(None, lost)
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].signal.release()

    def _gather(self) -> None:
        """Wait until as many are there as the last batch had, but not long."""
        with self._lock:
            if len(self._waiting) >= self._expected or self._expected < WORTH_WAITING_FOR:
                return
            self._are_enough.clear()
        self._are_enough.wait(self._gather_seconds)

    def _take(self) -> list[_Entry[Item, Result]]:
        self._gather()
        with self._lock:
            batch = [self._waiting.popleft()]
            weight = batch[0].weight
            while self._waiting and len(batch) < self._batch_limit:
                weight += self._waiting[0].weight
                if weight > self._weight_limit:
                    break
                batch.append(self._waiting.popleft())
            # Forget a large batch slowly, so that one small one does not end the batcher.
            self._expected = max(len(batch), self._expected * 3 // 4)
            return batch

    def _commit_batch(self, batch: list[_Entry[Item, Result]]) -> None:
        try:
            results = self._commit([entry.item for entry in batch])
        except Exception as error:
            is_about_one = isinstance(error, ServiceError) and not isinstance(error, Unavailable)
            if is_about_one and len(batch) > 1:
                # One item that the database refuses must not take the others with it.
                for entry in batch:
                    self._commit_batch([entry])
                return
            for entry in batch:
                entry.finish(None, error)
            return
        for entry, result in zip(batch, results, strict=True):
            entry.finish(result, None)
