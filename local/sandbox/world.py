"""The sandbox's mutable state: comments, webhooks, OAuth grants, and logs."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from local.sandbox.config import SandboxConfig
from local.sandbox.conversations import SEEDED_THREADS
from local.sandbox.fragments import Fragment, join_text, split_text
from local.sandbox.people import PLANS, PROJECTS, FigmaFile, Person, seed_files, seed_people

Json = dict[str, Any]
FIRST_ID = 1_284_000_000


@dataclass
class Comment:
    """``parent_id`` is empty for a root. Only roots have an ``order_id`` and a pin."""

    id: str
    file_key: str
    parent_id: str
    user_id: str
    created_at: str
    fragments: list[Fragment]
    order_id: str | None
    client_meta: Json | None
    reactions: list[dict[str, str]] = field(default_factory=list)
    resolved_at: str | None = None


@dataclass
class Webhook:
    id: str
    event_type: str
    context: str
    context_id: str
    plan_id: str
    team_id: str
    endpoint: str
    passcode: str
    status: str
    description: str | None
    client_id: str | None
    owner_id: str


@dataclass
class Grant:
    """One person's permission for one app. There is one access token per app and person."""

    client_id: str
    person_id: str
    scopes: list[str]
    access_token: str
    refresh_token: str
    expires_at: float


class World:
    """The state of one sandbox. Hold ``lock`` to change it or to read several things at once."""

    def __init__(self, config: SandboxConfig, now: Callable[[], float] = time.time):
        self.config = config
        self.lock = threading.RLock()
        self.changed = threading.Event()
        self.people: dict[str, Person] = seed_people(config.bot_token)
        self.files: dict[str, FigmaFile] = seed_files()
        self.plans = {plan.id: plan for plan in PLANS}
        self.projects = {project.id: project for project in PROJECTS}
        self.handles = {person.id: person.handle for person in self.people.values()}
        self.seeded_tokens = {person.token: person for person in self.people.values()}
        self.now = now
        self.last_id = FIRST_ID
        self.reset()

    def reset(self) -> None:
        """Back to the seed: its comments, no webhooks, no grants, empty logs."""
        with self.lock:
            used, self.last_id = self.last_id, FIRST_ID
            self.comments: dict[str, dict[str, Comment]] = {key: {} for key in self.files}
            self.last_order = dict.fromkeys(self.files, 0)
            self.webhooks: dict[str, Webhook] = {}
            self.grants: dict[tuple[str, str], Grant] = {}
            self.codes: dict[str, Json] = {}
            self.rendered: dict[str, tuple[str, str]] = {}
            self.versions = dict.fromkeys(self.files, getattr(self, "newest_version", 0) + 1)
            self.newest_version = max(self.versions.values())
            self.attempts: deque[Json] = deque(maxlen=20_000)
            self.requests: deque[Json] = deque(maxlen=20_000)
            self.violations: deque[Json] = deque(maxlen=1000)
            for thread in SEEDED_THREADS:
                self._seed_thread(thread)
            self._skip_ids(used)
            self.changed.set()

    def _skip_ids(self, used: int) -> None:
        """Start new ids above all ids used before: the product identifies comments by id.

        Ids of a lost state are unknown. But they are below the clock in milliseconds, because ids
        are issued more slowly than one per millisecond.
        """
        self.last_id = max(used, int(self.now() * 1000))

    def next_id(self) -> str:
        with self.lock:
            self.last_id += 1
            return str(self.last_id)

    @contextmanager
    def change(self, file_key: str | None = None) -> Iterator[None]:
        """Change the state under the lock; then notify the page and the state file."""
        with self.lock:
            yield
            if file_key is not None:
                self.newest_version += 1
                self.versions[file_key] = self.newest_version
            self.changed.set()

    def touch_files(self) -> None:
        """Make every open page reload its data: webhooks may cover many files."""
        with self.lock:
            self.newest_version += 1
            self.versions = dict.fromkeys(self.files, self.newest_version)

    def add_comment(
        self, file: FigmaFile, author: Person, fragments: list[Fragment], parent_id: str,
        client_meta: Json | None, created_at: str,
    ) -> Comment:  # fmt: skip
        with self.change(file.key):
            thread = self.comments[file.key]
            if not parent_id:
                self.last_order[file.key] += 1
            comment = Comment(
                id=self.next_id(), file_key=file.key, parent_id=parent_id, user_id=author.id,
                created_at=created_at, fragments=fragments,
                order_id=None if parent_id else str(self.last_order[file.key]),
                client_meta=None if parent_id else client_meta or {"x": 0, "y": 0},
            )  # fmt: skip
            thread[comment.id] = comment
            return comment

    def text(self, comment: Comment) -> str:
        return join_text(comment.fragments, self.handles)

    def mentionable(self, file: FigmaFile) -> dict[str, str]:
        """Maps handle to id, for everybody who can see the file."""
        return {self.people[person].handle: person for person in file.roles}

    def find_grant(self, access_token: str) -> Grant | None:
        with self.lock:
            grants = self.grants.values()
            return next((each for each in grants if each.access_token == access_token), None)

    def webhooks_for(self, file: FigmaFile) -> list[Webhook]:
        """The active comment webhooks that cover a file.

        Team webhooks do not fire for invite-only projects, nor for drafts.
        https://developers.figma.com/docs/rest-api/webhooks/
        """
        contexts = {("FILE", file.key)}
        if file.project:
            contexts.add(("PROJECT", file.project.id))
            if not file.project.invite_only:
                contexts.add(("TEAM", file.project.plan.team_id))
        with self.lock:
            return [
                each
                for each in self.webhooks.values()
                if each.event_type == "FILE_COMMENT"
                and each.status == "ACTIVE"
                and (each.context, each.context_id) in contexts
            ]

    def to_json(self) -> Json:
        """Everything that survives a restart; the logs of requests and violations do not."""
        with self.lock:
            return {
                "last_id": self.last_id,
                "comments": [
                    asdict(c) for thread in self.comments.values() for c in thread.values()
                ],
                "webhooks": [asdict(each) for each in self.webhooks.values()],
                "grants": [asdict(each) for each in self.grants.values()],
                "attempts": list(self.attempts)[-500:],
            }

    def load(self, saved: Json) -> None:
        with self.lock:
            self._skip_ids(saved["last_id"])
            self.comments = {key: {} for key in self.files}
            for each in saved["comments"]:
                if each["file_key"] in self.comments:
                    self.comments[each["file_key"]][each["id"]] = Comment(**each)
            for key, thread in self.comments.items():
                numbers = [int(each.order_id) for each in thread.values() if each.order_id]
                self.last_order[key] = max(numbers, default=0)
            self.webhooks = {each["id"]: Webhook(**each) for each in saved["webhooks"]}
            grants = [Grant(**each) for each in saved["grants"]]
            self.grants = {(each.client_id, each.person_id): each for each in grants}
            self.attempts.extend(saved["attempts"])

    def _seed_thread(self, thread: Json) -> None:
        file = self.files[thread["file"]]
        root_id = ""
        for author, created_at, words in thread["comments"]:
            comment = self.add_comment(
                file, self.people[author], split_text(words, self.mentionable(file)), root_id,
                thread["pin"], created_at,
            )  # fmt: skip
            root_id = root_id or comment.id
            comment.resolved_at = thread.get("resolved_at")
