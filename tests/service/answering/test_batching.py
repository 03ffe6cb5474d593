"""Group commit in an event loop: nobody waits when idle, nobody is lost, each has their own end."""

import asyncio
from collections.abc import Sequence

import pytest

from service.answering.batching import Batcher
from service.errors import Conflict


class Till:
    """Commits at once, or when it is told to; doubles what it is given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def commit(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        await self.open.wait()
        if 13 in items:
            raise OSError("away")
        return [Conflict("no") if item < 0 else 2 * item for item in items]


def test_one_alone_goes_at_once_and_those_that_come_meanwhile_go_together() -> None:
    async def run() -> None:
        till = Till()
        batcher: Batcher[int, int] = Batcher(till.commit, limit=3)
        assert await batcher.submit(1) == 2
        till.open.clear()
        tasks = []
        for item in range(2, 8):
            tasks.append(asyncio.create_task(batcher.submit(item)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert till.batches == [[1], [2]]
        till.open.set()
        assert await asyncio.gather(*tasks) == [4, 6, 8, 10, 12, 14]
        assert till.batches == [[1], [2], [3, 4, 5], [6, 7]]

    asyncio.run(run())


def test_soon_after_a_call_the_next_waits_for_others() -> None:
    async def run() -> None:
        till = Till()
        batcher: Batcher[int, int] = Batcher(till.commit, limit=10, pause=0.5)
        await batcher.submit(1)
        tasks = []
        for item in (2, 3):
            tasks.append(asyncio.create_task(batcher.submit(item)))
            await asyncio.sleep(0.001)
        assert await asyncio.gather(*tasks) == [4, 6]
        assert till.batches == [[1], [2, 3]]

    asyncio.run(run())


def test_a_full_batch_waits_for_nobody() -> None:
    async def run() -> None:
        till = Till()
        # Whoever waited for the pause would wait for as long as the test may take.
        batcher: Batcher[int, int] = Batcher(till.commit, limit=2, pause=3600)
        await asyncio.gather(*(batcher.submit(item) for item in (1, 2, 3, 4)))
        assert till.batches == [[1, 2], [3, 4]]

    asyncio.run(run())


def test_each_is_told_its_own_refusal_and_all_that_nothing_came_of_it() -> None:
    async def run() -> None:
        batcher: Batcher[int, int] = Batcher(Till().commit, limit=10)
        items = (batcher.submit(item) for item in (1, -1, 2))
        one, refused, two = await asyncio.gather(*items, return_exceptions=True)
        assert (one, two) == (2, 4) and isinstance(refused, Conflict)
        lost = await asyncio.gather(batcher.submit(1), batcher.submit(13), return_exceptions=True)
        assert [type(each) for each in lost] == [OSError, OSError]
        assert await batcher.submit(5) == 10

    asyncio.run(run())


def test_who_gave_up_waiting_is_left_out_and_holds_up_nobody() -> None:
    async def run() -> None:
        till = Till()
        batcher: Batcher[int, int] = Batcher(till.commit, limit=10)
        till.open.clear()
        first, second, third = (asyncio.create_task(batcher.submit(n)) for n in (1, 2, 3))
        await asyncio.sleep(0.01)
        late = asyncio.create_task(batcher.submit(4))
        last = asyncio.create_task(batcher.submit(5))
        await asyncio.sleep(0.01)
        second.cancel()
        late.cancel()
        till.open.set()
        assert await asyncio.gather(first, third, last) == [2, 6, 10]
        with pytest.raises(asyncio.CancelledError):
            await late
        assert till.batches == [[1, 2, 3], [5]]

    asyncio.run(run())


def test_what_is_about_to_be_asked_for_joins_the_next_call() -> None:
    async def run() -> None:
        till = Till()
        batcher: Batcher[int, int] = Batcher(till.commit, limit=3, turns=5)

        async def submit(item: int) -> int:
            for _ in range(item):
                await asyncio.sleep(0)
            return await batcher.submit(item)

        assert await asyncio.gather(*(submit(item) for item in range(1, 5))) == [2, 4, 6, 8]
        assert till.batches == [[1, 2, 3], [4]]

    asyncio.run(run())
