"""Post a reply exactly once: open a window, look for an earlier attempt's reply, then post.

Only the newest attempt may open a window, and only when no earlier attempt's window is open. So if
the holder finds no reply in the thread, nobody else can post one while its window is open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid5

import structlog

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.drafting import Draft
from service.answering.outcomes import Wait
from service.answering.thread import find_thread
from service.errors import Unavailable
from service.figma.records import Comment, FigmaToken
from service.figma.replies import compose_reply, find_own_reply, reply_reference
from service.store.answer_records import Job, ReplyJson, Window

LOOK_SECONDS = 10.0
POST_SECONDS = 6.0
_PATIENCE_SECONDS = (0.5, 1.0, 2.0)

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


class Posting:
    """Posts the reply of one attempt. ``looks``: an earlier attempt may have posted it already."""

    def __init__(self, accounts: Accounts, job: Job, *, looks: bool):
        self.accounts = accounts
        self.job = job
        self.looks = looks
        services = accounts.worker.services
        self._figma = accounts.worker.figma
        limit = services.settings.figma_timeout_seconds
        self._look_seconds = min(LOOK_SECONDS, limit)
        self._post_seconds = min(POST_SECONDS, limit)
        # Time for a busy worker between opening the window and posting. It does not delay other
        # attempts: none begins before the lease has ended.
        self._slack_seconds = services.settings.worker_lease_seconds / 2
        self._thread_stands = False
        self.is_draft_kept = job.draft is not None
        # The state when the window was opened, or before that when the job began.
        self.is_muted = job.is_muted

    async def open_window(self, draft: Draft) -> float:
        """Store the draft and wait until this attempt alone may post.

        Returns the last moment (monotonic) at which a post may begin. Raises Conflict when a
        newer attempt has taken over.
        """
        # Twice the limit, because a busy event loop notices a timeout late.
        seconds = 2 * self._post_seconds + self._slack_seconds
        if self.looks:
            seconds += 2 * self._look_seconds

        async def start() -> Window:
            return await self.accounts.worker.take_step(
                "start_posting",
                answer_id=self.job.id,
                attempt=self.job.attempt,
                draft=draft.to_json(),
                seconds=seconds,
            )

        while True:
            started = time.monotonic()
            window = await retry_while_away(start)
            if window.may_post:
                self.is_draft_kept = True
                self.is_muted = window.is_muted
                return started + seconds - 2 * self._post_seconds
            await asyncio.sleep(window.wait_ms / 1000 + 0.01)

    async def find(self) -> Comment | None:
        """Our reply, if it is in the thread. Raises GiveUp if posting makes no sense any more."""
        comments = await self._read_comments()
        found = find_own_reply(comments, self.job.root_comment_id, self._reference)
        if found is None:
            find_thread(comments, self.job)
        return found

    async def post(self, draft: Draft, deadline: float) -> Comment:
        figma, key, root = self._figma, self.job.file_key, self.job.root_comment_id

        async def send(token: FigmaToken) -> Comment:
            return await figma.post_comment(
                token, key, draft.text, root, timeout=self._post_seconds
            )

        return await self.accounts.call("post", send, deadline=deadline, doubt=self._check_thread)

    async def post_notice(self, wait: Wait) -> str | None:
        """Say once in the thread that the answer comes later. Returns the comment's id if it was
        posted.

        There is no second notice while one is there. A bot that replies to each notice would get
        another each time, and notices do not count for the loop breaker. A muted thread gets none.
        """
        if self.job.notice_comment_id or self.job.thread_is_told or self.is_muted:
            return None
        body = wording.deferral(wait.at, wait.upgrade_link)
        return await self.post_word("notice", body, (wait.upgrade_link,))

    async def post_word(self, kind: str, body: str, links: tuple[str, ...] = ()) -> str | None:
        """Say something in the thread that is not the answer, once for each ``kind``. Returns the
        comment's id if it was posted."""
        figma, key, root = self._figma, self.job.file_key, self.job.root_comment_id
        reference = reply_reference(uuid5(UUID(self.job.id), kind))
        worker = self.accounts.worker
        text = compose_reply(
            worker.marker, body, "", reference, addressing=worker.addressing, allowed_links=links
        )

        async def say(token: FigmaToken) -> Comment:
            comments = await figma.comments(token, key, timeout=self._look_seconds)
            said = find_own_reply(comments, root, reference)
            if said:
                return said
            return await figma.post_comment(token, key, text, root, timeout=self._post_seconds)

        notice = await self.accounts.call_unlimited(say)
        return notice.id if notice else None

    async def _check_thread(self) -> None:
        """Check that the thread still exists. Figma gives the same error for a deleted thread and
        for an account that cannot see the file. No account is to blame for the first. Raises as
        ``find`` does."""
        if not self._thread_stands:
            find_thread(await self._read_comments(), self.job)
            self._thread_stands = True

    async def _read_comments(self) -> list[Comment]:
        figma, key = self._figma, self.job.file_key

        async def fetch(token: FigmaToken) -> list[Comment]:
            return await figma.comments(token, key, timeout=self._look_seconds)

        return await self.accounts.call("read", fetch)

    @property
    def _reference(self) -> str:
        return reply_reference(UUID(self.job.id))


async def retry_while_away(ask: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
    """Call the database, and wait a little while it is away. Otherwise the model would have to be
    asked again, or the posted reply looked for again."""
    for seconds in _PATIENCE_SECONDS:
        try:
            return await ask(*arguments)
        except Unavailable as error:
            log.warning("database_away", waiting_seconds=seconds, reason=error.code)
            await asyncio.sleep(seconds)
    return await ask(*arguments)


def reply_json(comment: Comment) -> ReplyJson:
    at = comment.created_at.isoformat() if comment.created_at else None
    return {"comment_id": comment.id, "created_at": at}
