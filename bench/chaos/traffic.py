"""What people do while things fail: comments at a steady pace, analyses, now and then a component.

An open loop: the next one comes at its time, whether or not the last was answered.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from bench.analyze import selection
from bench.chaos.people import ADA, AUTHORS, CHECKOUT, PRIYA, Visitor
from bench.chaos.product import Product

Row = dict[str, Any]
ANALYSIS_SECONDS = 5.0
BUILD_SECONDS = 45.0
FRAME = "1-2"
ELEMENTS = 6
# How many comments later an event comes again.
LATE = 5


@dataclass
class Done:
    """What was asked for. ``comments``: {id, file_key, is_addressed}. ``analyses`` and ``builds``:
    ids that web acknowledged. ``refused``: requests that were not taken."""

    comments: list[Row] = field(default_factory=list)
    analyses: list[str] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)
    refused: int = 0
    redelivered: int = 0


class Traffic:
    """Runs while its context lasts. ``rate``: comments a second."""

    def __init__(
        self, product: Product, visitors: dict[str, Visitor], rate: float, draw: random.Random
    ):
        self.done = Done()
        self._product, self._visitors = product, visitors
        self._rate, self._draw = rate, draw
        self._over = threading.Event()
        self._http = httpx.Client(base_url=product.stage.sandbox_url, trust_env=False, timeout=30)
        self._ids = {each["handle"]: each["id"] for each in product.sandbox.people()}
        self._numbers = {act: itertools.count(1) for act in ("comment", "analysis")}

    @contextmanager
    def running(self) -> Iterator[None]:
        acts: list[tuple[Callable[[], None], float]] = [
            (self._comment, 1 / self._rate),
            (self._analyse, ANALYSIS_SECONDS),
            (self._build, BUILD_SECONDS),
        ]
        threads = [threading.Thread(target=self._repeat, args=act, daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
            self._http.close()

    def _repeat(self, act: Callable[[], None], pause: float) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            # Nobody asks twice as often because the last answer was late.
            due = max(due + pause, time.monotonic() - pause)
            try:
                act()
            except (httpx.HTTPError, ValueError):
                self.done.refused += 1

    def _comment(self) -> None:
        draw = self._draw
        handle, file_key = draw.choice(AUTHORS)
        number = next(self._numbers["comment"])
        kind = draw.random()
        root = ""
        text = f"@buddy is the contrast of this ok? ({number})"
        if kind < 0.08:
            text = f"Just a remark ({number})"
        elif kind < 0.14:
            text = "@buddy usage"
        elif kind < 0.2 and self.done.comments:
            earlier = draw.choice(self.done.comments[-20:])
            file_key, root = earlier["file_key"], earlier["root_id"]
            handle = draw.choice([each for each, key in AUTHORS if key == file_key])
        body = {"person_id": self._ids[handle], "text": text, "root_id": root or None, "pin": None}
        answer = self._http.post(f"/sandbox/comments/{file_key}", json=body)
        answer.raise_for_status()
        said = answer.json()
        self.done.comments.append(
            {
                "id": said["id"],
                "file_key": file_key,
                "root_id": said["parent_id"] or said["id"],
                "is_addressed": text.startswith("@buddy"),
            }
        )
        if number > LATE and draw.random() < 0.1:
            # Figma sends an event again although it was taken.
            again = self.done.comments[-LATE]["id"]
            self.done.redelivered += self._product.sandbox.redeliver(comment_id=again)

    def _analyse(self) -> None:
        number = next(self._numbers["analysis"])
        body = selection(ELEMENTS, number)
        answer = self._ask(ADA if number % 2 else PRIYA, "/api/analyze", body)
        self.done.analyses.append(answer["id"])

    def _build(self) -> None:
        link = f"https://www.figma.com/design/{CHECKOUT}/A-file?node-id={FRAME}"
        key = {"Idempotency-Key": uuid4().hex}
        answer = self._ask(ADA, "/api/pipelines", {"figma_url": link}, key)
        self.done.builds.append(answer["id"])

    def _ask(self, handle: str, path: str, body: Row, headers: dict[str, str] | None = None) -> Row:
        own = {"Origin": self._product.stage.web_url, **(headers or {})}
        answer = self._visitors[handle].http.post(path, json=body, headers=own)
        answer.raise_for_status()
        found: Row = answer.json()
        return found
