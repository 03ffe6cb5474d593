"""Read the design, once for each version of a file: one call for the layers, one for each form of
what has to be exported. Only the account of whoever started the pipeline is used.

What Figma gave is kept at once, so another attempt asks for what is missing alone. If the same team
has read the same layer in the same version before, nothing but the version is asked for.

https://developers.figma.com/docs/rest-api/rate-limits/
"""

import asyncio
import base64
import json
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

import structlog

from service.answering.outcomes import backoff_seconds
from service.building.spec_stage import spec_of
from service.building.stage_results import PNG, Made, StageFailed, StageResult
from service.building.stage_work import Work, as_json
from service.database_clock import database_now
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken, WholeNode
from service.pipelines.spec import Spec
from service.secrets.figma_tokens import FigmaSignInNeeded
from service.store.pipeline_records import StoredArtifact
from service.store.secret_records import FigmaTokenRow

# The picture of the whole layer.
SCALE, LONGEST_SIDE = 2.0, 4_096
LEAST_SCALE = 0.05
# Of one exported file, and of all of one pipeline.
MOST_BYTES, MOST_BYTES_OF_ALL = 8_000_000, 20_000_000
MOST_EXPORTS = 200
READ_SECONDS, DRAW_SECONDS, FETCH_SECONDS = 60.0, 60.0, 30.0
FETCHED_AT_ONCE = 6
TIER_OF_FILLS = 2
# What people can do something about has a sentence of its own.
_CODES = {
    "token_invalid": "figma_token_refused",
    "token_expired": "figma_token_refused",
    "scope_missing": "figma_token_refused",
    "too_large": "design_too_large",
}
Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


@dataclass
class _Account:
    """The starter's own account at Figma."""

    work: Work
    row: FigmaTokenRow

    async def call(self, tier: int, action: Callable[[FigmaToken], Awaitable[Answer]]) -> Answer:
        """Raises StageFailed for whatever Figma refuses, or is known to refuse still."""
        worker = self.work.state.worker
        assert worker is not None
        await self._heed_limit(tier)
        try:
            return await worker.services.tokens.call_async(self.row, action)
        except FigmaSignInNeeded:
            raise StageFailed("figma_token_refused") from None
        except FigmaError as error:
            if error.code == "rate_limited":
                await self._note_limit(tier, error)
            raise failure(error, self.work.task.failures) from error

    async def _heed_limit(self, tier: int) -> None:
        """Figma was told to be asked no more for a while: it is not asked."""
        work = self.work
        left = await work.state.ask_database(
            work.state.database.figma_limit_left,
            self.row.figma_user_id,
            work.task.file_key,
            tier,
        )
        if left is not None:
            raise failure(FigmaError("rate_limited", "go on", retry_after=left), work.task.failures)

    async def _note_limit(self, tier: int, error: FigmaError) -> None:
        await self.work.state.ask_database(
            self.work.state.database.note_figma_limit,
            self.row.figma_user_id,
            self.work.task.file_key,
            tier,
            error.retry_after or 30,
            error.plan_tier or "",
            error.rate_limit_type or "",
            error.upgrade_link or "",
        )


def failure(error: FigmaError, failures: int) -> StageFailed:
    """What becomes of a stage that Figma refused something."""
    code = _CODES.get(error.code, f"figma_{error.code.removeprefix('figma_')}")
    now = database_now()
    if error.code == "rate_limited":
        seconds = error.retry_after or 30
        if seconds > 3600:
            # Nobody waits for that: whoever wants it retries when the quota is open again.
            return StageFailed(code, {"seconds": seconds})
        at = now + timedelta(seconds=seconds + random.uniform(0.5, 3))
        return StageFailed(code, {"seconds": seconds}, retry_at=at, is_excused=True)
    if error.permanent or code == "design_too_large":
        return StageFailed(code)
    at = now + timedelta(seconds=backoff_seconds(failures + 1, error.retry_after))
    return StageFailed(code, retry_at=at)


async def run(work: Work) -> StageResult:
    worker = work.state.worker
    assert worker is not None
    try:
        row = await work.state.in_thread(worker.services.tokens.of_user, work.task.user_id)
    except FigmaSignInNeeded:
        raise StageFailed("no_account") from None
    account = _Account(work, row)
    if not work.has("design"):
        known = await _known(account)
        if known is not None:
            return known
        await _read_design(account)
    design = json.loads(work.kept.get("design") or await work.read("design"))
    spec = await work.state.in_thread(
        spec_of, design["answer"], work.task.component, work.task.options
    )
    exported, picture = await _export(account, design["answer"], spec)
    made = [as_json("image", exported)]
    if picture:
        made.append(Made("picture", picture, PNG))
    facts = {"file_version": design["version"], "file_name": design["file_name"]}
    return StageResult("spec", tuple(made), facts=facts)


async def _read_design(account: _Account) -> None:
    """One call of Figma's scarcest kind. Its answer is kept before anything else is tried."""
    work = account.work
    assert work.state.worker is not None
    figma, task = work.state.worker.figma, work.task

    async def read(token: FigmaToken) -> WholeNode | None:
        return await figma.whole_node(token, task.file_key, task.node_id, timeout=READ_SECONDS)

    node = await account.call(1, read)
    if node is None:
        raise StageFailed("node_gone")
    told = {"answer": node.answer, "file_name": node.file_name, "version": node.version}
    await work.keep([as_json("design", told)])


async def _known(account: _Account) -> StageResult | None:
    """What the same team has read of this very version. Figma says whether this person may see the
    file, and which version it has now; if it does not, the design is read."""
    work = account.work
    worker = work.state.worker
    assert worker is not None
    meta = worker.services.figma.file_meta
    find = work.state.database.find_design
    if not await work.state.ask_database(find, work.task.id, None):
        # Nothing of it is known in any version, so Figma need not be asked for it.
        return None

    async def ask(token: FigmaToken) -> str:
        found = await work.state.in_thread(meta, token, work.task.file_key)
        return found.version or ""

    try:
        version = await worker.services.tokens.call_async(account.row, ask)
    except (FigmaError, FigmaSignInNeeded) as error:
        log.info("version_not_read", reason=error.code)
        return None
    found = await work.state.ask_database(find, work.task.id, version) if version else []
    wanted = [each for each in found if each.kind in ("design", "image", "picture")]
    if not {"design", "image"} <= {each.kind for each in wanted}:
        return None
    try:
        made = [await _copied(work, each) for each in wanted]
    except StageFailed:
        return None
    log.info("design_known", version=version)
    name = json.loads(made[[each.kind for each in wanted].index("design")].content)["file_name"]
    return StageResult(
        "spec", tuple(made), facts={"file_version": version, "file_name": name, "is_cached": True}
    )


async def _copied(work: Work, found: StoredArtifact) -> Made:
    """Each pipeline has its own files: it is deleted by itself."""
    return Made(found.kind, await work.read_stored(found), found.media_type, found.name, 0)


async def _export(
    account: _Account, answer: dict[str, Any], spec: Spec
) -> tuple[dict[str, str], bytes | None]:
    """The files that the spec wants, by node id in base64, and the picture of the whole layer."""
    root = str(answer["document"].get("id", ""))
    assets = spec.assets[:MOST_EXPORTS]
    drawn = [each.node_id for each in assets if each.format == "svg"]
    pictured = [each.node_id for each in assets if each.format == "png"]
    filled = {each.node_id: each.image_ref for each in assets if each.format == "fill"}
    urls = await _addresses(account, [root, *pictured], "png", _scale(answer["document"]))
    picture_url = urls.get(root)
    wanted = {each: urls[each] for each in pictured if each in urls}
    if drawn:
        wanted |= await _addresses(account, drawn, "svg", 1)
    if filled:
        wanted |= await _fills(account, filled)
    picture, *files = await _fetch_all(account.work, [picture_url, *wanted.values()])
    found = zip(wanted, files, strict=True)
    exported = {each: base64.b64encode(file).decode() for each, file in found if file}
    return exported, picture


async def _addresses(
    account: _Account, ids: list[str], form: Literal["png", "svg"], scale: float
) -> dict[str, str]:
    worker = account.work.state.worker
    assert worker is not None
    figma, key = worker.figma, account.work.task.file_key
    wanted = list(dict.fromkeys(ids))

    async def ask(token: FigmaToken) -> dict[str, str]:
        return await figma.file_exports(token, key, wanted, form, scale, timeout=DRAW_SECONDS)

    return await account.call(1, ask)


async def _fills(account: _Account, refs: dict[str, str]) -> dict[str, str]:
    worker = account.work.state.worker
    assert worker is not None
    figma, key = worker.figma, account.work.task.file_key

    async def ask(token: FigmaToken) -> dict[str, str]:
        return await figma.file_fills(token, key, timeout=DRAW_SECONDS)

    urls = await account.call(TIER_OF_FILLS, ask)
    return {node_id: urls[ref] for node_id, ref in refs.items() if ref in urls}


async def _fetch_all(work: Work, urls: list[str | None]) -> list[bytes | None]:
    """The files in the order of their addresses; None for one that is not there or too large. The
    component then has a grey place, and says so."""
    worker = work.state.worker
    assert worker is not None
    figma, room, left = worker.figma, asyncio.Semaphore(FETCHED_AT_ONCE), [MOST_BYTES_OF_ALL]

    async def fetch(url: str | None) -> bytes | None:
        if url is None:
            return None
        async with room:
            most = min(MOST_BYTES, left[0])
            try:
                found = await figma.fetch_file(url, most_bytes=most, timeout=FETCH_SECONDS)
            except FigmaError as error:
                log.info("export_not_fetched", reason=error.code)
                return None
        left[0] -= len(found)
        return found if left[0] >= 0 else None

    return list(await asyncio.gather(*map(fetch, urls)))


def _scale(document: dict[str, Any]) -> float:
    """At which the longer side of the picture has at most ``LONGEST_SIDE`` pixels."""
    box = document.get("absoluteBoundingBox")
    sides = [box.get(each) for each in ("width", "height")] if isinstance(box, dict) else []
    known = [float(each) for each in sides if isinstance(each, int | float)]
    longest = max((each for each in known if math.isfinite(each)), default=0.0)
    if longest <= 0:
        return SCALE
    return max(LEAST_SCALE, math.floor(min(SCALE, LONGEST_SIDE / longest) * 1000) / 1000)
