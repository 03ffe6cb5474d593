"""What the answer may know of the design: the pinned node and its measured facts, if Figma
allows."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import structlog

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.outcomes import GiveUp
from service.database_clock import database_now
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken, NodeResult
from service.review import Facts, Options, WouldPass, asks_what_passes, what_would_pass
from service.review.measure import look_at, measure_screen

# Levels to read below the pinned node. In nested components, text is about eight levels down. If a
# frame is too large for one answer, only the upper levels are read.
# https://developers.figma.com/docs/rest-api/file-endpoints/#get-file-nodes-endpoint
LEVELS = 10
FEW_LEVELS = 4
_TOO_MUCH = ("too_large", "timeout")
# The use is charged, so a wait up to this is better than an answer without the design.
SHORT_WAIT_SECONDS = 10
# Measuring them takes about 2 ms. More layers would block the event loop.
FEW_LAYERS = 20
Result = TypeVar("Result")
DesignState = Literal["read", "no_node", "quota", "forbidden", "missing", "failed", "off"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Design:
    """``gap`` is the sentence that says why there is no design data, "" if there is some.
    ``would_pass`` are colours that would pass, if the question asks for them."""

    state: DesignState
    node_id: str | None = None
    document: dict[str, Any] | None = None
    facts: Facts | None = None
    gap: str = ""
    file_name: str = ""
    version: str = ""
    would_pass: tuple[WouldPass, ...] = ()


async def read_design(
    accounts: Accounts,
    node_id: str | None,
    *,
    is_allowed: bool = True,
    options: Options = Options(),  # noqa: B008 it is frozen
    question: str = "",
) -> Design:
    """Read and measure the pinned node. Never fails, because the answer can do without it.
    ``is_allowed``: whether the payer's team allows reading designs."""
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
    work = partial(_measure, node, levels, options, asks_what_passes(question))
    facts, would_pass = await work_on(node.document, work)
    return Design(
        "read", node_id, node.document, facts, file_name=node.file_name, version=node.version,
        would_pass=would_pass,
    )  # fmt: skip


def _measure(
    node: NodeResult, levels: int, options: Options, wants_passing: bool
) -> tuple[Facts, tuple[WouldPass, ...]]:
    screen = look_at(node.document, node.components, node.styles, levels=levels, options=options)
    facts = measure_screen(screen)
    return facts, what_would_pass(facts, screen) if wants_passing else ()


async def _read_node(accounts: Accounts, node_id: str) -> tuple[NodeResult | None, int]:
    """The node, and how many levels below it were requested."""
    try:
        return await _ask_figma(accounts, node_id, LEVELS), LEVELS
    except FigmaError as error:
        if error.code not in _TOO_MUCH:
            raise
    return await _ask_figma(accounts, node_id, FEW_LEVELS), FEW_LEVELS


async def _ask_figma(accounts: Accounts, node_id: str, levels: int) -> NodeResult | None:
    """Send the request once, and once more after a short rate limit."""
    figma, key = accounts.worker.figma, accounts.file_key
    # Tier 1 is the scarce one: Figma gives viewers only a few requests a month.
    timeout = min(15.0, figma.settings.figma_timeout_seconds)

    async def fetch(token: FigmaToken) -> dict[str, NodeResult | None]:
        return await figma.file_nodes(token, key, [node_id], levels, timeout=timeout)

    try:
        nodes = await accounts.call("design", fetch)
    except FigmaError as error:
        seconds = error.retry_after
        if error.code != "rate_limited" or seconds is None or seconds > SHORT_WAIT_SECONDS:
            raise
        # Wait a little longer: until the limit ends, the call is refused without asking Figma.
        await asyncio.sleep(seconds + random.uniform(0.1, 0.5))
        nodes = await accounts.call("design", fetch)
    return next(iter(nodes.values()))


async def work_on(document: object, work: Callable[..., Result], *arguments: Any) -> Result:
    """Call ``work``, whose time grows with the layers of ``document``. It runs in a thread, unless
    the layers are so few that a thread would cost more."""
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
        until = database_now() + timedelta(seconds=seconds) if seconds else None
        gap = wording.design_gap("quota", until, error.upgrade_link or "")
        return Design("quota", node_id, gap=gap)
    if error.status in (403, 404):
        return Design("forbidden", node_id, gap=wording.design_gap("forbidden"))
    too_large = error.code == "too_large"
    gap = wording.TOO_LARGE_DESIGN if too_large else wording.design_gap("failed")
    return Design("failed", node_id, gap=gap)
