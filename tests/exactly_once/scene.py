"""A stage for answers: a clean database, a real sandbox, a real model stand-in, real clients."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr

from local.model import ModelStandIn
from local.sandbox import Sandbox
from local.sandbox.world import Grant
from local.stack import Database, Stack
from service.answering.job import AnswerJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from service.config import Settings
from service.llm import ModelChain
from service.wiring import build_services
from tests.conftest import make_settings

Json = dict[str, Any]
CHECKOUT = "ChkOut7Qm2VxLpR4tYw8Za"
ADA, JONAS, MEI, VICTOR = "Ada Okafor", "Jonas Lind", "Mei Tanaka", "Victor Hale"


class Scene:
    """People, files and comments in the sandbox, and what the service makes of them."""

    def __init__(self, database: Database, stack: Stack, sandbox: Sandbox, model: ModelStandIn):
        self.stack = stack
        self.store = database
        self.sandbox = sandbox
        self.model = model
        self.people = {each["handle"]: each for each in sandbox.people()}
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Settings from here on; the bot posts unless ``figma_bot_token=None`` is given."""
        values = {
            "figma_api_url": self.sandbox.url,
            "figma_bot_token": self.people["Buddy"]["token"],
            "openai_api_key": "model-key",
            "openai_base_url": self.model.url,
            "worker_lease_seconds": 2,
            "worker_heartbeat_seconds": 0.5,
            "figma_timeout_seconds": 2,
            **changes,
        }
        if hasattr(self, "services"):
            self.services.close()
        self.settings: Settings = make_settings(self.store, self.stack, **values)
        self.services = build_services(self.settings)

    @property
    def database(self) -> Any:
        return self.services.database

    def close(self) -> None:
        self.services.close()

    def connect(self, handle: str, **changes: Any) -> str:
        """Sign a person in; their user id."""
        person, later = self.people[handle], datetime.now(UTC) + timedelta(days=60)
        fields = {
            "figma_user_id": person["id"],
            "figma_user_hash": self.services.vault.keyed_hash(person["id"]),
            "handle": handle,
            "email": person["email"],
            "image_url": None,
            "access_token_encrypted": self.services.vault.encrypt(person["token"]),
            "refresh_token_encrypted": self.services.vault.encrypt("refresh"),
            "scopes": list(self.settings.figma_scopes),
            "expires_at": later,
            "session_hash": uuid4().hex,
            "session_expires_at": later,
        }
        return self.database.sign_in(**(fields | changes)).user_id

    def connect_by_oauth(self, handle: str) -> str:
        """As ``connect``, with a token that expires and can be renewed."""
        assert self.sandbox.app is not None
        world, person = self.sandbox.app.extensions["sandbox"].world, self.people[handle]
        client, scopes = self.settings.figma_client_id, list(self.settings.figma_scopes)
        grant = Grant(client, person["id"], scopes, "access-1", "refresh-1", time.time() + 1e7)
        with world.change():
            world.grants[client, person["id"]] = grant
        return self.connect(
            handle,
            access_token_encrypted=self.services.vault.encrypt(grant.access_token),
            refresh_token_encrypted=self.services.vault.encrypt(grant.refresh_token),
        )

    def switch_on(self, user_id: str, file_key: str = CHECKOUT, guest_rule: str = "invite") -> str:
        """A webhook of ours for a file; its id. The events are handed over by the test itself."""
        made = self.database.start_webhook(
            user_id=user_id,
            context="file",
            context_id=file_key,
            label="file",
            guest_rule=guest_rule,
            passcode_encrypted="x",
            passcode_hash=uuid4().hex,
        )
        self.database.confirm_webhook(made.id, str(uuid4().int)[:12])
        return made.id

    def say(
        self,
        handle: str,
        text: str,
        *,
        root: str | None = None,
        file_key: str = CHECKOUT,
        node_id: str | None = None,
    ) -> Json:
        pin = {"node_id": node_id, "node_offset": {"x": 1, "y": 1}} if node_id else None
        body = {"person_id": self.people[handle]["id"], "text": text, "root_id": root, "pin": pin}
        url = f"{self.sandbox.url}/sandbox/comments/{file_key}"
        return self.services.figma.caller.http.post(url, json=body).raise_for_status().json()

    def delete_comment(self, comment: Json) -> None:
        """As its author, through Figma's own API."""
        token = self._token_of(comment["user"]["id"])
        self.services.figma.caller.http.delete(
            f"{self.sandbox.url}/v1/files/{comment['file_key']}/comments/{comment['id']}",
            headers={"X-Figma-Token": token},
        ).raise_for_status()

    def resolve_thread(self, root: Json) -> None:
        """Figma has no API for this; people do it in the file."""
        assert self.sandbox.app is not None
        world = self.sandbox.app.extensions["sandbox"].world
        with world.change(root["file_key"]):
            world.comments[root["file_key"]][root["id"]].resolved_at = root["created_at"]
            world.rendered.pop(root["id"], None)

    def _token_of(self, person_id: str) -> str:
        return next(each["token"] for each in self.people.values() if each["id"] == person_id)

    def event(
        self, webhook_id: str, comment: Json, *, question: str = "", command: str | None = None
    ) -> Json:
        """What the receiver hands to record_events for this comment."""
        return {
            "webhook_id": webhook_id,
            "figma_webhook_id": "",
            "event_type": "FILE_COMMENT",
            "event_key": comment["id"],
            "payload": {},
            "file_key": comment["file_key"],
            "file_name": "Checkout redesign",
            "comment_id": comment["id"],
            "root_comment_id": comment["parent_id"] or comment["id"],
            "author_figma_id": comment["user"]["id"],
            "author_handle": comment["user"]["handle"],
            "question": question or comment["message"].replace("@buddy", "").strip(),
            "command": command,
            "asked_at": comment["created_at"],
            "request_id": f"r-{comment['id']}",
            "trace_parent": "",
            "is_addressed": True,
            "mention_ids": [],
        }

    def record(self, webhook_id: str, comment: Json, **fields: Any) -> str:
        """Hand the comment over as the receiver does; its answer's id."""
        event = self.event(webhook_id, comment, **fields)
        return self.services.delivery_store.record_events([event])[0].answer_id

    def ask(
        self, webhook_id: str, handle: str, text: str, *, command: str | None = None, **where: Any
    ) -> str:
        return self.record(webhook_id, self.say(handle, text, **where), command=command)

    def attempt(self, answer_id: str, on_step: Any = None) -> None:
        """One attempt in an event loop of its own; raises RetryAt when it has to run again."""
        # Those before it have ended, each with its loop.
        self.end_window(answer_id)
        options = {"on_step": on_step} if on_step else {}

        async def once(worker: WorkerState) -> None:
            await AnswerJob(worker, answer_id, **options).run()

        self.play(once)

    def finish(self, answer_id: str, most: int = 10) -> Json:
        """Attempts one after the other, without the waits between them; the answer's row."""
        for _ in range(most):
            try:
                self.attempt(answer_id)
                break
            except RetryAt:
                continue
        return self.answer(answer_id)

    def end_window(self, answer_id: str) -> None:
        """As if the time had passed in which an attempt that has ended might have posted. What is
        killed or still under way is waited for: do not call it then."""
        self.rows(
            "update public.answers set posting_until = now() where id = %s"
            " and posting_until > now()",
            answer_id,
        )

    def play(self, act: Callable[[WorkerState], Awaitable[Any]]) -> Any:
        """Run ``act`` with a worker of its own."""

        async def run() -> Any:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
            chain, bot_user_id = ModelChain(self.settings), self.people["Buddy"]["id"]
            with ThreadPoolExecutor(12) as threads:
                worker = WorkerState(self.services, chain, bot_user_id, "Buddy", threads)
                try:
                    return await act(worker)
                finally:
                    await worker.close()

        return asyncio.run(run())

    def environment(self, **changes: Any) -> dict[str, str]:
        """The settings as a process's environment."""
        values = {**self.settings.model_dump(exclude_none=True), **changes}
        return {name.upper(): _as_text(value) for name, value in values.items() if value != ()}

    def wait_until(self, query: str, *, seconds: float = 120) -> None:
        """Wait for a query to answer true."""
        end = time.monotonic() + seconds
        while not next(iter(self.rows(query)[0].values())):
            assert time.monotonic() < end, f"still not so: {query}"
            time.sleep(0.1)

    def wait_until_closed(self, *, seconds: float = 120) -> None:
        """Until every answer has ended and no job is left."""
        self.wait_until(
            "select not exists (select from public.answers"
            " where state in ('queued', 'working', 'deferred'))"
            " and not exists (select from queue.procrastinate_jobs)",
            seconds=seconds,
        )

    # What came of it

    def rows(self, query: str, *arguments: Any) -> list[Json]:
        with psycopg.connect(self.store.admin_url, row_factory=dict_row) as connection:
            cursor = connection.execute(query, arguments)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def answer(self, answer_id: str) -> Json:
        return self.rows("select * from public.answers where id = %s", answer_id)[0]

    def replies(self, root_id: str | None = None, file_key: str = CHECKOUT) -> list[Json]:
        """The buddy's own comments, oldest first."""
        comments = self.sandbox.comments(file_key)
        return [
            each
            for each in comments
            if each["message"].startswith("✦ Buddy") and root_id in (None, each["parent_id"])
        ]

    def books(self) -> Json:
        """Counts that must agree with one another."""
        return self.rows(
            """
            select (select count(*) from public.use_receipts where state = 'reserved') as reserved,
                (select count(*) from public.use_receipts where state = 'settled') as settled,
                (select count(*) from public.use_receipts where state = 'released') as released,
                (select count(*) from public.usage_logs) as usage_rows,
                (select coalesce(sum(used), 0)::integer from public.use_balances) as used,
                (select coalesce(sum(reserved), 0)::integer from public.use_balances) as held,
                (select count(*) from public.answers where state = 'answered') as answered,
                (select count(*) from public.answers
                    where state in ('queued', 'working', 'deferred')) as open
            """
        )[0]


def _as_text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(_as_text(each) for each in value)
    return str(value)


@contextmanager
def make_scene(
    database: Database, stack: Stack, sandbox: Sandbox, model: ModelStandIn
) -> Iterator[Scene]:
    sandbox.reset()
    sandbox.faults(rate_limits=False)
    model.reset()
    scene = Scene(database, stack, sandbox, model)
    try:
        yield scene
    finally:
        scene.close()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start() as running:
        yield running


@pytest.fixture(scope="session")
def model() -> Iterator[ModelStandIn]:
    with ModelStandIn() as running:
        yield running


@pytest.fixture
def scene(
    database: Database, stack: Stack, sandbox: Sandbox, model: ModelStandIn
) -> Iterator[Scene]:
    with make_scene(database, stack, sandbox, model) as made:
        yield made
