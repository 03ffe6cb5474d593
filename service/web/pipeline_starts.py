"""Runs are started and tried again, and what they would take, alike for the API and the page."""

from dataclasses import dataclass
from typing import Any

from service.errors import (
    Conflict,
    Forbidden,
    NoUsesLeft,
    ServiceError,
    TooManyRequests,
    Unprocessable,
)
from service.pipelines.component_names import named
from service.pipelines.sentences import quota_words, tell
from service.store.pipeline_records import PipelineStart, Source
from service.store.pipeline_start_records import Forecast
from service.store.target_records import ShownTarget
from service.web.pipeline_views import failure_json
from service.web.request_cycle import request_id, trace_parent
from service.web.sessions import signed_in
from service.web.web_parts import web

# A place in the queue may become free within a minute.
FULL_SECONDS = 60
# The layers, and what is exported of them as PNG and as SVG: Figma's costliest kind of call.
MOST_CALLS = 3
# A stage waits for a shorter one. As in public.start_pipeline.
LONG_LIMIT_SECONDS = 3600
_NO_TARGET = "no_target"


@dataclass(frozen=True)
class Begun:
    """A run that was started. ``is_new``: not by an equal request before."""

    id: str
    state: str
    is_new: bool


def start_run(
    *,
    source: Source,
    file_key: str,
    node_id: str,
    component: str,
    options: dict[str, Any],
    key: str | None,
) -> Begun:
    """Start a run for the signed-in person. Raises the error of a refusal, ``BadName``."""
    component, options = named(component, options)
    if options["push"] and not can_push(find_target()):
        raise refusal_of(_NO_TARGET)
    settings = web().settings
    begun = web().services.database.start_pipeline(
        signed_in().user_id,
        source,
        file_key,
        node_id,
        component,
        options,
        request_id=request_id(),
        trace_parent=trace_parent(),
        idempotency_key=key,
        at_once=settings.pipelines_per_team,
        ceiling_microusd=settings.pipeline_ceiling_microusd,
        unbilled_microusd=web().live.current().unbilled_microusd_per_day,
    )
    return _accepted(begun)


def retry_run(pipeline_id: str) -> Begun:
    """Try a failed run again. Raises the error of a refusal, NotFound for others' runs."""
    unbilled = web().live.current().unbilled_microusd_per_day
    database = web().services.database
    return _accepted(
        database.retry_pipeline(signed_in().user_id, pipeline_id, unbilled_microusd=unbilled)
    )


def push_run(pipeline_id: str) -> Begun:
    """Push a finished run, or one that failed at its push. Raises the error of a refusal, NotFound
    for others' runs."""
    if not can_push(find_target()):
        raise refusal_of("push_no_target")
    database = web().services.database
    return _accepted(database.push_pipeline(signed_in().user_id, pipeline_id))


def forecast(file_key: str) -> Forecast:
    """What is known before a run in this file: uses, Figma's quota, what runs now."""
    return web().services.database.forecast_pipeline(signed_in().user_id, file_key)


def refusal_code(plan: Forecast, node_id: str) -> tuple[str, Any]:
    """Why a run would be refused now, as its code and parameters; empty: it would begin."""
    usage = plan.usage
    if plan.refusal:
        return plan.refusal["code"], plan.refusal.get("params")
    if not plan.is_connected:
        return "no_account", None
    if not usage.is_unlimited and (usage.left or 0) < 1:
        return "no_uses", None
    seconds = plan.limited.get("seconds") or 0
    if seconds > LONG_LIMIT_SECONDS and node_id not in plan.known_layers:
        return "figma_limited", plan.limited
    return "", None


def refusal_words(plan: Forecast, node_id: str) -> str:
    code, params = refusal_code(plan, node_id)
    return str(tell(code, params)) if code else ""


def forecast_json(plan: Forecast, file_key: str, node_id: str) -> dict[str, Any]:
    code, params = refusal_code(plan, node_id)
    words = quota_words(plan.limit_type, plan.design_reads, plan.limited_until)
    usage = plan.usage
    return {
        "file_key": file_key,
        "node_id": node_id,
        "uses": 1,
        "left": None if usage.is_unlimited else usage.left,
        "plan": usage.plan_code,
        "running": plan.running,
        "queued": plan.queued,
        "has_target": can_push(find_target()),
        "figma": {
            "calls": MOST_CALLS,
            "seat": plan.limit_type or "unknown",
            "read_in_28_days": plan.design_reads,
            "limited_until": plan.limited_until.isoformat() if plan.limited_until else None,
            "message": words,
        },
        "can_start": not code,
        "failure": failure_json(code, params) if code else None,
        "message": str(tell(code, params)) if code else f"It takes one use. {words}",
    }


def find_target() -> ShownTarget | None:
    """The repository that the person's team, or the person without one, has finished components
    pushed to."""
    return web().services.database.show_target(signed_in().user_id)


def can_push(target: ShownTarget | None) -> bool:
    """Whether its token may still be used."""
    return target is not None and not target.is_setter_gone


def refusal_of(code: str, params: Any = None) -> ServiceError:
    """The error for a code of ``start_pipeline`` or ``retry_pipeline``."""
    message = str(tell(code, params))
    if code == "no_uses":
        return NoUsesLeft(message)
    if code in ("suspended", "pipelines_off"):
        return Forbidden(message, code=code)
    if code in ("too_many_pipelines", "unbilled_limit"):
        return TooManyRequests(message, code=code, retry_after=FULL_SECONDS)
    if code == "figma_limited":
        return TooManyRequests(message, code=code, retry_after=int(params["seconds"]))
    if code in (_NO_TARGET, "push_no_target"):
        return Unprocessable(message, code=code)
    return Conflict(message, code=code)


def _accepted(begun: PipelineStart) -> Begun:
    if begun.id is None:
        raise refusal_of(begun.code, begun.params)
    return Begun(begun.id, begun.state, begun.is_new)
