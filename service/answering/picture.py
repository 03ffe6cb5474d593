"""The picture of the pinned frame, for models that can see, where Figma's quota has room for it.

It costs another call of tier 1, of which viewers have a handful a month. So it is asked for only if
the account that read the design is known to have many calls, and never so often that the next
answer could not read its design.

https://developers.figma.com/docs/rest-api/rate-limits/
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.answering.accounts import Account, Accounts
from service.answering.design import Design
from service.answering.outcomes import GiveUp
from service.answering.wording import PictureGap
from service.answering.worker_state import WorkerState
from service.errors import Unavailable
from service.figma.errors import FigmaError
from service.figma.pictures import LONGEST_SIDE
from service.figma.records import FigmaToken
from service.llm import PromptPicture
from service.store.answer_records import FigmaSeat, Job

# Small frames are drawn larger, large ones smaller, but not so small that nothing can be seen.
MOST_SCALE, LEAST_SCALE = 2.0, 0.1
# The most that Figma publishes for a month of a seat with few calls.
LOW_SEAT_READS = 20
# Of the ten calls in a minute that the smallest seat with many calls has.
PICTURES_A_MINUTE = 3
DRAW_SECONDS = 10.0
FETCH_SECONDS = 6.0
# Figma's plans whose Dev and Full seats have many calls.
_LARGE_PLANS = ("pro", "org", "enterprise", "student")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Seen:
    """``gap`` says why there is no picture; None if there is one, or if none was to be had because
    no design was read or no model is asked."""

    picture: PromptPicture | None = None
    gap: PictureGap | None = None


async def see_frame(accounts: Accounts, job: Job, design: Design, model: str | None) -> Seen:
    """The picture for the models, or why there is none. Never fails. ``model``: as in a prompt."""
    if design.state != "read" or not job.flags.model_answers:
        return Seen()
    worker = accounts.worker
    scale = scale_of(design.document)
    if worker.services.settings.figma_pictures == "never":
        return Seen(gap="off")
    if not job.flags.design_pictures:
        return Seen(gap="team")
    if not worker.chain.takes_pictures(model):
        return Seen(gap="model")
    if scale is None:
        return Seen(gap="size")
    key = (accounts.file_key, design.node_id or "", design.version)
    known = worker.pictures.get(key) if design.version else None
    if known:
        return Seen(known)
    try:
        if not _may_ask(accounts, job):
            return Seen(gap="quota")
        found = await _draw(accounts, design.node_id or "", scale)
    except (FigmaError, GiveUp, Unavailable) as error:
        code = getattr(error, "code", "no_account")
        log.info("picture_not_read", reason=code)
        return Seen(gap="quota" if code == "rate_limited" else "failed")
    if found is None:
        return Seen(gap="empty")
    if design.version:
        worker.pictures[key] = found
    return Seen(found)


def scale_of(document: Mapping[str, Any] | None) -> float | None:
    """The scale at which the longer side has at most ``LONGEST_SIDE`` pixels; None if the frame has
    no size, or one at which nothing could be seen."""
    sides = [
        side
        for name in ("absoluteBoundingBox", "absoluteRenderBounds")
        for side in _sides((document or {}).get(name))
    ]
    if not sides or max(sides) <= 0:
        return None
    scale = min(MOST_SCALE, LONGEST_SIDE / max(sides))
    # Cut off, so that the picture is never larger.
    return math.floor(scale * 1000) / 1000 if scale >= LEAST_SCALE else None


def _sides(box: object) -> list[float]:
    if not isinstance(box, Mapping):
        return []
    found = [box.get("width"), box.get("height")]
    return [
        float(each)
        for each in found
        if isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each)
    ]


def _may_ask(accounts: Accounts, job: Job) -> bool:
    """Whether the account that read the design may be asked to draw it too."""
    worker, account = accounts.worker, accounts.acted.get("design")
    if account is None or _drawn_lately(worker, account) >= PICTURES_A_MINUTE:
        return False
    if worker.services.settings.figma_pictures == "always":
        return True
    told = [each for each in job.figma_seats if each.figma_user_id == account.figma_user_id]
    seat = told[-1] if told else None
    return has_many_calls(seat, job.design_reads, accounts=sum(1 for _ in accounts))


def has_many_calls(seat: FigmaSeat | None, reads: int, *, accounts: int) -> bool:
    """Whether a seat is known to have more than a handful of calls a month: Figma said so when it
    refused one, or more were made than such a seat can have. ``accounts`` may have made them."""
    if seat is not None:
        return seat.limit_type == "high" and seat.plan_tier in _LARGE_PLANS
    return reads > LOW_SEAT_READS * max(1, accounts)


def _drawn_lately(worker: WorkerState, account: Account) -> int:
    now = time.monotonic()
    lately = [at for at in worker.drawn.get(account.figma_user_id, ()) if now - at < 60]
    worker.drawn[account.figma_user_id] = lately
    return len(lately)


async def _draw(accounts: Accounts, node_id: str, scale: float) -> PromptPicture | None:
    figma, key = accounts.worker.figma, accounts.file_key

    async def ask(token: FigmaToken) -> str | None:
        return await figma.file_images(token, key, node_id, scale, timeout=DRAW_SECONDS)

    drawn = accounts.worker.drawn.setdefault(accounts.acted["design"].figma_user_id, [])
    drawn.append(time.monotonic())
    url = await accounts.call("design", ask)
    if url is None:
        return None
    started = time.monotonic()
    try:
        picture = await figma.fetch_picture(url, timeout=FETCH_SECONDS)
    finally:
        accounts.milliseconds += (time.monotonic() - started) * 1000
    return PromptPicture.of(picture.png, picture.width, picture.height)
