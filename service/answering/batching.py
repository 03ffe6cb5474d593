"""Group commit in an event loop: what is asked for while a call is in flight goes out together in
the next one. Nothing waits when idle."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """``submit`` returns what ``commit`` has for the item, or raises it if it is an exception.

    ``commit`` gets at most ``limit`` items, and gives or raises one result for each, in order.
    Before each call the loop turns ``turns`` times, so that what is about to be asked for joins:
    on a busy worker that makes one call of several, and on an idle one it takes no time.
    """

    def __init__(
        self,
        commit: Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        limit: int,
        turns: int = 0,
    ):
        self._commit = commit
        self._limit = limit
        self._turns = turns
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
                for _ in range(self._turns):
                    await asyncio.sleep(0)
                if batch := self._take():
                    await self._commit_batch(batch)
        finally:
            self._committing = None

    def _take(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        """The next items, less those that nobody waits for any more."""
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
