"""Group commit in an event loop: items submitted during a call go out together in the next call.
When idle, an item goes out at once."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """``submit`` returns the result of ``commit`` for the item. If that result is an exception, it
    is raised.

    ``commit`` gets at most ``limit`` items. It returns one result or exception for each, in order.
    If it raises, all items get that error. Before each call the event loop runs ``turns`` times, so
    that items about to be submitted join. On a busy worker this makes one call out of several. On
    an idle worker it takes no time.

    ``pause``: after a call, the next one begins so many seconds later at the earliest. Otherwise
    what came in its last moment would go out nearly alone, and a call costs about as much as it
    does for a dozen items. Only a busy worker is that soon at its next call. If a full batch waits,
    it goes out at once.
    """

    def __init__(
        self,
        commit: Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        limit: int,
        turns: int = 0,
        pause: float = 0.0,
    ):
        self._commit = commit
        self._limit = limit
        self._turns = turns
        self._pause = pause
        self._next_at = 0.0
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        return await future

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                wait = self._next_at - time.monotonic()
                if wait > 0 and len(self._waiting) < self._limit:
                    await asyncio.sleep(wait)
                for _ in range(self._turns):
                    await asyncio.sleep(0)
                if batch := self._take():
                    await self._commit_batch(batch)
                    self._next_at = time.monotonic() + self._pause
        finally:
            self._committing = None

    def _take(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        """The next items, without those whose caller no longer waits."""
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        while self._waiting and len(batch) < self._limit:
            entry = self._waiting.popleft()
            if not entry[1].done():
                batch.append(entry)
        return batch

    async def _commit_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        results: Sequence[Result | Exception]
        try:
            results = await self._commit([item for item, _ in batch])
        except Exception as error:
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
