"""Group commit: items that arrive during a call go out together in the next call.

When idle, nothing waits: the first thread commits its own item at once. Threads that arrive
meanwhile queue up, and the first of them commits all their items. Under load this leader waits a
moment for as many items as the last batch had: a call costs about the same for one item as for
thirty. No extra thread has to be started or stopped.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from service.errors import ServiceError, Unavailable

# For smaller batches the leader does not wait.
WORTH_WAITING_FOR = 4
Item = TypeVar("Item")
Result = TypeVar("Result")


class _Entry(Generic[Item, Result]):
    """One waiting caller. ``signal`` is held until there is a result or the caller has to lead."""

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
    """``submit`` returns when ``commit`` has taken the item, alone or in a list with others.

    A batch has at most ``batch_limit`` items with at most ``weight_limit`` bytes in total (but at
    least one item). ``gather_seconds`` is the longest wait for a batch as large as the last one.
    After a small batch there is no wait, because it would cost more than it gains. ``observe`` gets
    the size of each batch.
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
        """Commit the waiting items, the own item first. Then the next waiting thread leads."""
        batch = self._take()
        try:
            self._observe(len(batch))
            self._commit_batch(batch)
        finally:
            # Even if this thread is killed, nobody may wait for it for ever.
            lost = Unavailable("The request was interrupted. Try again.", retry_after=5)
            for entry in batch:
                if not entry.is_done:
                    entry.finish(None, lost)
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].signal.release()

    def _gather(self) -> None:
        """Wait briefly until there are as many items as in the last batch."""
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
            # Forget a large batch slowly, so that one small batch does not end the batching.
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
