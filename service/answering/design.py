"""What the answer may know of the design: the pinned node and what is measured on it, if Figma
lets us."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import structlog

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.outcomes import GiveUp
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken, NodeResult
from service.review import Facts, measure

# Levels below the pinned node: nested components have their text some eight levels down. Of a frame
# that is too large for one answer the upper ones.
# https://developers.figma.com/docs/rest-api/file-endpoints/#get-file-nodes-endpoint
LEVELS = 10
FEW_LEVELS = 4
_TOO_MUCH = ("too_large", "timeout")
# The use is charged: so long a wait is better than an answer without the design.
SHORT_WAIT_SECONDS = 10
# About 2 ms of measuring; more would hold up the event loop.
FEW_LAYERS = 20
Result = TypeVar("Result")
DesignState = Literal["read", "no_node", "quota", "forbidden", "missing", "failed", "off"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Design:
    """``gap`` is the sentence that tells why there is no design data, "" when there is."""

    state: DesignState
    node_id: str | None = None
    document: dict[str, Any] | None = None
    facts: Facts | None = None
    gap: str = ""
    file_name: str = ""


async def read_design(
    accounts: Accounts, node_id: str | None, *, is_allowed: bool = True
) -> Design:
    """Read and measure the pinned node. Never fails: the answer can do without. ``is_allowed``:
    whether the payer's team has designs read."""
    if not node_id:
        return Design("no_node")
    if not is_allowed:
        return Design("off", node_id, gap=wording.design_gap("off"))
    try:
        node, levels = await _read_node(accounts, node_id)
    except FigmaError as error:
        log.info("design_not_read", reason=error.code)
        return _without(node_id, error)
    except GiveUp:
        return Design("forbidden", node_id, gap=wording.design_gap("forbidden"))
    if node is None:
        return Design("missing", node_id, gap=wording.design_gap("missing"))
    work = partial(measure, node.document, node.components, node.styles, levels=levels)
    facts = await work_on(node.document, work)
    return Design("read", node_id, node.document, facts, file_name=node.file_name)


async def _read_node(accounts: Accounts, node_id: str) -> tuple[NodeResult | None, int]:
    """The node, and how many levels below it were asked for."""
    try:
        return await _ask_figma(accounts, node_id, LEVELS), LEVELS
    except FigmaError as error:
        if error.code not in _TOO_MUCH:
            raise
    return await _ask_figma(accounts, node_id, FEW_LEVELS), FEW_LEVELS


async def _ask_figma(accounts: Accounts, node_id: str, levels: int) -> NodeResult | None:
    """Ask once, and once more after a limit that is over soon."""
    figma, key = accounts.worker.figma, accounts.file_key
    # Tier 1 is the scarce one: Figma gives viewers a handful a month.
    timeout = min(15.0, figma.settings.figma_timeout_seconds)

    async def fetch(token: FigmaToken) -> dict[str, NodeResult | None]:
        return await figma.file_nodes(token, key, [node_id], levels, timeout=timeout)

    try:
        nodes = await accounts.call("design", fetch)
    except FigmaError as error:
        seconds = error.retry_after
        if error.code != "rate_limited" or seconds is None or seconds > SHORT_WAIT_SECONDS:
            raise
        # A little longer: until then the limit is known, and Figma would not even be asked.
        await asyncio.sleep(seconds + random.uniform(0.1, 0.5))
        nodes = await accounts.call("design", fetch)
    return next(iter(nodes.values()))


async def work_on(document: object, work: Callable[..., Result], *arguments: Any) -> Result:
    """Call ``work``, which takes time for each layer of ``document``: in a thread, unless the
    layers are so few that a thread would cost more."""
    if _has_few_layers(document):
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


def _has_few_layers(document: object) -> bool:
    waiting, layers = [document], 0
    while waiting and layers <= FEW_LAYERS:
        node = waiting.pop()
        layers += 1
        below = node.get("children") if isinstance(node, dict) else None
        if isinstance(below, list):
            waiting.extend(below[:FEW_LAYERS])
    return layers <= FEW_LAYERS


def _without(node_id: str, error: FigmaError) -> Design:
    if error.code == "rate_limited":
        seconds = error.retry_after
        until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
        gap = wording.design_gap("quota", until, error.upgrade_link or "")
        return Design("quota", node_id, gap=gap)
    if error.status in (403, 404):
        return Design("forbidden", node_id, gap=wording.design_gap("forbidden"))
    too_large = error.code == "too_large"
    gap = wording.TOO_LARGE_DESIGN if too_large else wording.design_gap("failed")
    return Design("failed", node_id, gap=gap)
