"""What keeps the product busy while a deploy runs, and what of it failed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from flask.testing import FlaskClient

from local.stack import Database
from tests.exactly_once.scene import Scene
from tests.sql.conftest import Sql

PASSCODE = "a-passcode"
# Answers in a minute, replies in a row and within how many seconds, replies to one person in a day.
NO_LIMITS = (10**6, 10**6, 300, 10**6)


class Busy:
    """Runs each of `acts` again and again, each in a thread of its own, until told to stop."""

    def __init__(self, *acts: Callable[[], None]):
        self.failures: list[str] = []
        self.rounds = 0
        self._acts = acts
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._repeat, args=(act,)) for act in self._acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self) -> None:
        """Until each has gone on for a while, or something failed."""
        goal = self.rounds + 3 * len(self._acts)
        while self.rounds < goal and not self.failures:
            threading.Event().wait(0.02)

    def _repeat(self, act: Callable[[], None]) -> None:
        while not self._over.is_set() and not self.failures:
            try:
                act()
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            self.rounds += 1


class Load(Busy):
    """A writer of answers through our SQL functions, and Figma and people at the web service."""

    def __init__(self, scene: Scene, client: FlaskClient):
        super().__init__(self.answer_once, self.deliver_once, self.look_once)
        self._client = client
        self._numbers = count(1)
        self._sql = Sql(scene.store.database_url)
        self._webhook_id = self._sql.switch_on(self._sql.sign_in("1"))
        vault = scene.services.vault
        with psycopg.connect(scene.store.admin_url) as connection:
            connection.execute(
                "update public.user_webhooks set passcode_encrypted = %s, passcode_hash = %s,"
                " figma_webhook_id = '22'",
                [vault.encrypt(PASSCODE), vault.keyed_hash(PASSCODE)],
            )

    def answer_once(self) -> None:
        """A comment taken in, begun and answered, each in its own transaction."""
        number = next(self._numbers)
        asked = self._sql.ask(self._webhook_id, f"asked-{number}", file_key="FILE")
        job = self._sql.begin(asked["answer_id"], *NO_LIMITS)
        # Some day the plan is used up, and the buddy says so.
        if job["decision"] == "answer":
            self._sql.settle(asked["answer_id"], f"reply-{number}")

    def deliver_once(self) -> None:
        self._expect_ok(
            self._client.post("/api/figma-comment-webhook", json=self._delivery()).status_code
        )

    def look_once(self) -> None:
        for path in ("/readyz", "/"):
            self._expect_ok(self._client.get(path).status_code, path)

    def close(self) -> None:
        self._sql.connection.close()

    def _expect_ok(self, status: int, path: str = "the receiver") -> None:
        assert status < 400, f"{path} says {status}"

    def _delivery(self) -> dict[str, Any]:
        return {
            "event_type": "FILE_COMMENT", "webhook_id": "22", "passcode": PASSCODE,
            "timestamp": "2026-11-22T10:00:00Z", "protocol_version": "2", "retries": 0,
            "file_key": "FILE", "file_name": "Checkout",
            "comment": [{"text": "@buddy is this ok?"}],
            "comment_id": f"delivered-{next(self._numbers)}", "parent_id": "", "order_id": "23",
            "created_at": "2026-11-22T10:00:00Z", "resolved_at": "", "mentions": [],
            "triggered_by": {"id": "1", "handle": "Ada"},
        }  # fmt: skip


@contextmanager
def raw_writes(database: Database) -> Iterator[Busy]:
    """Rows written and read in the three tables, by a database that has no functions yet."""
    numbers = count(1)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        # Triggers call functions.
        connection.execute("set session_replication_role = replica")

        def write() -> None:
            number = next(numbers)
            connection.execute(
                "insert into public.answers (file_key, comment_id, root_comment_id,"
                " author_figma_id) values ('FILE', %s, 'root', '1')",
                [f"written-{number}"],
            )
            connection.execute(
                "insert into public.usage_logs (answer_id, feature, status, cost_state,"
                " cost_microusd) values (gen_random_uuid(), 'comment', 'answered', 'priced', 1)"
            )
            connection.execute(
                "insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome,"
                " payload) select id, 'PING', %s, 'ping', '{}' from public.user_webhooks",
                [f"written-{number}"],
            )
            connection.execute(
                "update public.answers set state = 'working' where comment_id = %s",
                [f"written-{number}"],
            )

        busy = Busy(write)
        with busy.running():
            yield busy
