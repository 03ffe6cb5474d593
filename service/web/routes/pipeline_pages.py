"""The pages on which a designer has a component built: /build, /build/<id> and what was planned.

They work without a script. The script of a run's page asks for its part again every two seconds.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.errors import NotFound, ServiceError, Unavailable, Unprocessable
from service.pipelines.component_names import BadName, is_name
from service.pipelines.gate.results import GateResult
from service.pipelines.sentences import STAGE_WORDS, quota_words
from service.pipelines.spec import BadOverride, Element, Spec, read_overrides
from service.pipelines.spec.overruling import OVERRULING
from service.store.pipeline_records import PipelineView
from service.web.pipeline_files import read_artifact
from service.web.pipeline_links import PAGE, LinkError, NoFrame, page_of, read_frame
from service.web.pipeline_starts import (
    can_push,
    find_target,
    forecast,
    push_run,
    refusal_words,
    retry_run,
    start_run,
)
from service.web.pipeline_views import run_page, run_row
from service.web.route_policy import policy
from service.web.routes.github_target import app_is_offered, target_json
from service.web.routes.pipelines import cursor_of, etag_of, find_run, read_cursor
from service.web.sessions import signed_in
from service.web.web_parts import web

RUNS_A_PAGE = 20
# Of a larger plan the first are listed: a form with thousands of choices helps nobody.
MOST_ELEMENTS = 300
DEEPEST_INDENT = 4
MOST_FAILURES = 20
_MOST_LINK, _MOST_NAME, _MOST_KEY = 2048, 60, 64


def register(app: Flask) -> None:
    run = f"{PAGE}/<uuid:pipeline_id>"
    app.add_url_rule(PAGE, view_func=show_build, methods=["GET"])
    app.add_url_rule(PAGE, view_func=begin_build, methods=["POST"])
    app.add_url_rule(run, view_func=show_run, methods=["GET"])
    app.add_url_rule(f"{run}/part", view_func=show_run_part, methods=["GET"])
    app.add_url_rule(f"{run}/cancel", view_func=cancel_run, methods=["POST"])
    app.add_url_rule(f"{run}/retry", view_func=retry_run_here, methods=["POST"])
    app.add_url_rule(f"{run}/push", view_func=push_run_here, methods=["POST"])
    app.add_url_rule(f"{run}/plan", view_func=show_plan, methods=["GET"])
    app.add_url_rule(f"{run}/plan", view_func=build_as_planned, methods=["POST"])


@policy(asked_by="browser", who="person")
def show_build() -> Response:
    """Paste a link, see what it takes, start; and the earlier runs."""
    return _build_page(request.args.get("link", "")[:_MOST_LINK].strip())


@policy(asked_by="browser", who="person", limit="pipelines_by_person", body="read_inside")
def begin_build() -> AnyResponse:
    """Start a run, and go to its page."""
    link = request.form.get("link", "")[:_MOST_LINK].strip()
    name = " ".join(request.form.get("component", "")[:_MOST_NAME].split())
    try:
        file_key, node_id = read_frame(link)
        begun = start_run(
            source="page",
            file_key=file_key,
            node_id=node_id,
            component=name,
            options=_options(push=request.form.get("push") == "yes"),
            key=_form_key(),
        )
    except ServiceError as error:
        return _build_page(link, component=name, refusal=error)
    return redirect(page_of(begun.id), 303)


@policy(asked_by="browser", who="person")
def show_run(pipeline_id: UUID) -> Response:
    """How a run stands, with its component, figures and files."""
    return _run_page(find_run(str(pipeline_id)))


@policy(asked_by="browser", who="person")
def show_run_part(pipeline_id: UUID) -> Response:
    """What changes on the page of a run, for its script."""
    part = _part(find_run(str(pipeline_id)))
    response = make_response(part)
    response.set_etag(etag_of(part.encode()))
    response.make_conditional(request)
    return response


@policy(asked_by="browser", who="person", limit="changes_by_person")
def cancel_run(pipeline_id: UUID) -> AnyResponse:
    """Cancel a run. One that has ended stays as it is."""
    web().services.database.cancel_pipeline(signed_in().user_id, str(pipeline_id))
    return redirect(page_of(str(pipeline_id)), 303)


@policy(asked_by="browser", who="person", limit="pipelines_by_person")
def retry_run_here(pipeline_id: UUID) -> AnyResponse:
    """Try a failed run again from the stage that failed."""
    return _go_on(pipeline_id, retry_run)


@policy(asked_by="browser", who="person", limit="pipelines_by_person")
def push_run_here(pipeline_id: UUID) -> AnyResponse:
    """Push the component of a finished run."""
    return _go_on(pipeline_id, push_run)


@policy(asked_by="browser", who="person")
def show_plan(pipeline_id: UUID) -> Response:
    """What each element is, and why; with choices for another run."""
    run = find_run(str(pipeline_id))
    spec = Spec.from_json(read_artifact(run, "spec").decode())
    every = list(_elements(spec.root, run.options.get("overrides") or {}))
    page = render_template(
        "build_plan.html",
        run=run_row(run),
        elements=every[:MOST_ELEMENTS],
        is_cut=len(every) > MOST_ELEMENTS,
        tags=sorted(OVERRULING),
        notes=spec.notes,
        key=str(uuid4()),
    )
    return make_response(page)


@policy(asked_by="browser", who="person", limit="pipelines_by_person", body="read_inside")
def build_as_planned(pipeline_id: UUID) -> AnyResponse:
    """Another run of the same frame, with what the person chose for its elements."""
    run = find_run(str(pipeline_id))
    given = {layer: tag for layer, tag in request.form.items() if layer != "key" and tag}
    try:
        chosen = read_overrides(given)
        begun = start_run(
            source="page",
            file_key=run.file_key,
            node_id=run.node_id,
            component=run.component if is_name(run.component) else "",
            options={**_options(push=bool(run.options.get("push"))), "overrides": chosen},
            key=_form_key(),
        )
    except BadOverride as error:
        return _run_page(run, problem=Unprocessable(str(error), code=error.code))
    except ServiceError as error:
        return _run_page(run, problem=error)
    return redirect(page_of(begun.id), 303)


def _go_on(pipeline_id: UUID, act: Callable[[str], object]) -> AnyResponse:
    """Do something with a run, and go to its page, or say there why not."""
    run = find_run(str(pipeline_id))
    try:
        act(run.id)
    except NotFound:
        raise
    except ServiceError as error:
        return _run_page(run, problem=error)
    return redirect(page_of(run.id), 303)


def _build_page(link: str, *, component: str = "", refusal: ServiceError | None = None) -> Response:
    problem, plan, words, name_problem = "", None, "", ""
    if link:
        try:
            file_key, node_id = read_frame(link)
            plan = forecast(file_key)
            words = refusal_words(plan, node_id)
            if isinstance(refusal, BadName):
                name_problem = refusal.message
            elif refusal:
                words = refusal.message
        except (LinkError, NoFrame) as error:
            problem = error.message
    elif refusal:
        problem = refusal.message
    target = find_target()
    before, before_id = read_cursor(request.args.get("cursor", "")[:200] or None)
    user_id = signed_in().user_id
    runs = web().services.database.list_pipelines(
        user_id, before=before, before_id=before_id, limit=RUNS_A_PAGE + 1
    )
    shown = runs[:RUNS_A_PAGE]
    page = render_template(
        "build.html",
        link=link,
        component=component,
        problem=problem,
        plan=plan,
        quota=quota_words(plan.limit_type, plan.design_reads, plan.limited_until) if plan else "",
        refusal=words,
        name_problem=name_problem,
        key=str(uuid4()),
        runs=[run_row(each) for each in shown],
        next_cursor=cursor_of(shown[-1]) if len(runs) > RUNS_A_PAGE else "",
        is_later=before is not None,
        stages=STAGE_WORDS.values(),
        target=target_json(target) if target else None,
        can_push=can_push(target),
        app_is_offered=app_is_offered(),
        trigger=web().live.current().triggers[0],
    )
    return make_response(page, refusal.status if refusal else 400 if problem else 200)


def _run_page(run: PipelineView, *, problem: ServiceError | None = None) -> Response:
    part = _part(run, problem.message if problem else "")
    page = render_template(
        "build_run.html", run=run_row(run), part=part, etag=f'"{etag_of(part.encode())}"'
    )
    return make_response(page, problem.status if problem else 200)


def _part(run: PipelineView, problem: str = "") -> str:
    view = run_page(run, failures=_failures(run))
    has_target = view.has_passed and can_push(find_target())
    return render_template("build_run_part.html", run=view, problem=problem, has_target=has_target)


def _failures(run: PipelineView) -> tuple[str, ...]:
    """What the checks found wrong with the result of a run that did not pass them."""
    if run.verdict != "not_passed":
        return ()
    try:
        result = GateResult.from_json(read_artifact(run, "gate").decode())
    except (NotFound, Unavailable, ValueError):
        # The page says the rest all the same.
        return ()
    return tuple(each.message for each in result.failures if not each.is_advice)[:MOST_FAILURES]


def _options(*, push: bool) -> dict[str, Any]:
    return {"framework": "react", "tests": True, "push": push, "overrides": {}}


def _form_key() -> str | None:
    """Each form has a key of its own: sent twice, it starts one run."""
    key = request.form.get("key", "")
    fits = 0 < len(key) <= _MOST_KEY and key.isascii() and key.isprintable()
    return f"page:{key}" if fits else None


def _elements(element: Element, overrides: dict[str, str], depth: int = 0) -> Any:
    """Each element with what the page says of it, the outermost first."""
    yield {
        "id": element.id,
        "name": element.name,
        "tag": element.tag,
        "reason": element.reason[:1].upper() + element.reason[1:] + ".",
        "depth": min(depth, DEEPEST_INDENT),
        "is_overruled": element.id in overrides,
        "can_change": element.kind not in ("picture", "image", "line"),
    }
    for child in element.children:
        yield from _elements(child, overrides, depth + 1)
