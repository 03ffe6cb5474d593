"""Did the advice help? Later looks at the threads of answers that told of problems.

A file's comments are read once for all its answers that are due (tier 2). The frames are read and
measured again (tier 1, scarce) only with an account that is known to have many calls, by the rule
for pictures. Nothing is posted.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from service.answering.accounts import Accounts
from service.answering.design import read_design
from service.answering.outcomes import GiveUp
from service.answering.picture import has_many_calls
from service.answering.worker_state import WorkerState
from service.errors import ServiceError, Unavailable
from service.figma.addressing import Addressing, is_marked
from service.figma.records import Comment, FigmaToken
from service.review import Facts, Options, with_house_rules
from service.store.advice_records import DueAnswer, DueFile, Finding

# Files in one go, and how long they are this worker's.
FILES = 10
LEASE_SECONDS = 900
# https://developers.figma.com/docs/rest-api/comments-endpoints/: shortcodes, perhaps with a tone.
_THUMB = re.compile(r":?(?P<way>\+1|-1|thumbs_?up|thumbs_?down|👍|👎)(?!\w)")
_UP = ("+1", "thumbsup", "thumbs_up", "👍")

log = structlog.get_logger(__name__)
Rules = dict[str, list[int]]


@dataclass(frozen=True)
class Seen:
    """What a thread shows. ``resolved_at``: only if that was after the reply."""

    resolved_at: str | None = None
    thumbs_up: int = 0
    thumbs_down: int = 0
    follow_ups: int = 0


class AdviceReading:
    """One go: ``run`` looks at what is due. A look that fails is due again when its lease ends."""

    def __init__(self, worker: WorkerState):
        self._worker = worker
        self._database = worker.services.database

    async def run(self) -> None:
        ask = self._worker.ask_database
        while (await ask(self._database.tend_advice)).is_more:
            pass
        for file in await ask(self._database.take_due_advice, FILES, LEASE_SECONDS):
            try:
                await self._look(file)
            except Unavailable:
                raise
            except (ServiceError, GiveUp) as error:
                reason = getattr(error, "code", None) or getattr(error, "reason", "")
                log.info("advice_not_read", reason=reason, due=len(file.due))

    async def _look(self, file: DueFile) -> None:
        if file.readers is None:
            return
        figma, key = self._worker.figma, file.file_key
        accounts = Accounts.of(self._worker, file.readers)

        async def fetch(token: FigmaToken) -> list[Comment]:
            return await figma.comments(token, key)

        comments = await accounts.call("look", fetch)
        measured = _Measured(accounts, file)
        for due in file.due:
            seen = look_at_thread(
                comments, due, self._worker.addressing, marker=self._worker.marker
            )
            found: dict[str, Any] = {**vars(seen), "rules": await measured.rules_of(due)}
            keep = self._database.keep_advice_read
            await self._worker.ask_database(keep, due.answer_id, due.round, found)
        log.info("advice_read", due=len(file.due), measured=measured.reads)


class _Measured:
    """The frames of one file, each read once and measured by the guidance of each answer."""

    def __init__(self, accounts: Accounts, file: DueFile):
        self._accounts = _only_acting(accounts)
        self._may = file.may_measure and _has_many_calls(accounts, file)
        self._known: dict[tuple[str, str | None, int, bool], Facts | None] = {}
        self.reads = 0

    async def rules_of(self, due: DueAnswer) -> Rules | None:
        """What is gone and what is still there, by rule; None if that cannot be told."""
        if not self._may or not due.node_id:
            return None
        key = (due.node_id, due.context_user_id, due.context_version, due.author_is_connected)
        if key not in self._known:
            self._known[key] = await self._measure(due)
        facts = self._known[key]
        return None if facts is None else gone_and_still(due.findings, facts, due.scope)

    async def _measure(self, due: DueAnswer) -> Facts | None:
        context = await self._accounts.worker.context_of(
            due.context_user_id, due.context_version, is_askers_own=due.author_is_connected
        )
        # What somebody ignores by now is still there.
        options = with_house_rules(Options(), context.guidance.design_system)
        self.reads += 1
        design = await read_design(self._accounts, due.node_id, options=options)
        if design.state == "quota":
            self._may = False
        return design.facts


def _only_acting(accounts: Accounts) -> Accounts:
    """The account that has just read the comments, and no other's calls."""
    acting = accounts.acted["look"].token
    return replace(
        accounts, tokens=tuple(each for each in accounts.tokens if each is acting), acted={}
    )


def _has_many_calls(accounts: Accounts, file: DueFile) -> bool:
    setting = accounts.worker.services.settings.figma_pictures
    if setting != "auto":
        return setting == "always"
    account = accounts.acted["look"]
    told = [each for each in file.figma_seats if each.figma_user_id == account.figma_user_id]
    seat = told[-1] if told else None
    return has_many_calls(seat, file.design_reads, accounts=sum(1 for _ in accounts))


def look_at_thread(
    comments: Sequence[Comment], due: DueAnswer, addressing: Addressing, *, marker: str
) -> Seen:
    """What became of the thread of a reply. Of one that was deleted nothing is known."""
    thread = [each for each in comments if each.root_id == due.root_comment_id]
    root = next((each for each in thread if each.id == due.root_comment_id), None)
    reply = next((each for each in thread if each.id == due.reply_comment_id), None)
    if root is None or reply is None:
        return Seen()
    resolved = root.resolved_at
    later = [
        each
        for each in thread
        if each.created_at
        and each.created_at > due.replied_at
        and each.id != reply.id
        and not is_marked(each.message, marker)
    ]
    reads = [addressing.read(each.message) for each in later]
    return Seen(
        resolved_at=resolved.isoformat() if resolved and resolved > due.replied_at else None,
        thumbs_up=thumbs(reply.reactions, is_up=True),
        thumbs_down=thumbs(reply.reactions, is_up=False),
        follow_ups=sum(each.is_addressed and each.command is None for each in reads),
    )


def thumbs(emojis: Iterable[str], *, is_up: bool) -> int:
    """How many reactions are a thumb up (or down), of whatever tone."""
    found = [_THUMB.match(each) for each in emojis]
    return sum(bool(each) and (each["way"] in _UP) is is_up for each in found if each)


def gone_and_still(findings: Iterable[Finding], facts: Facts, scope: str = "") -> Rules | None:
    """{rule: [gone, still there]} of the problems measured then. None where less of the frame was
    measured than then: what was not looked at may be there."""
    if facts.scope and facts.scope != scope:
        return None
    there = {(each.rule, each.cause) for each in facts.facts if each.verdict == "problem"}
    counted: Rules = defaultdict(lambda: [0, 0])
    for finding in findings:
        counted[finding.rule][(finding.rule, finding.cause) in there] += 1
    return dict(counted)
