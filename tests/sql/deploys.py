"""A deploy that runs beside a test, and what it says meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from local.stack import Database
from sql.apply import apply


class Deploy:
    """`sql.apply` in a thread of its own. `said` grows while it runs.

    The deploy waits while `hear` is called with each line that it says.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        hear: Callable[[str], None] = lambda _: None,
        **options: float,
    ):
        self.said: list[str] = []
        self._hear = hear
        self._future: Future[list[str]] = ThreadPoolExecutor(1).submit(
            apply, database.database_url, folder, self._say, **options
        )

    @property
    def is_done(self) -> bool:
        return self._future.done()

    def wait_until_it_says(self, words: str) -> str:
        """The line with these words. Fails when the deploy is done without it."""
        while True:
            is_done = self.is_done
            if found := [line for line in self.said if words in line]:
                return found[0]
            if is_done:
                raise AssertionError(f"it did not say {words!r}: {self.said}") from (
                    self._future.exception()
                )
            time.sleep(0.02)

    def _say(self, line: str) -> None:
        self.said.append(line)
        self._hear(line)

    def result(self) -> list[str]:
        return self._future.result()
