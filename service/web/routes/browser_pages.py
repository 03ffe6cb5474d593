"""What people see in the browser: the start page and their account."""

from flask import Flask, make_response, redirect, render_template
from werkzeug.wrappers import Response

from service import guidance
from service.model_sharing import LEVELS
from service.web import figma_oauth, help_facts
from service.web.figma_urls import comment_url, place_url
from service.web.route_policy import policy
from service.web.routes.own_sessions import sessions_of
from service.web.routes.previews import waiting_drafts
from service.web.sessions import LIFETIME, find_session
from service.web.web_parts import web


def register(app: Flask) -> None:
    app.add_url_rule("/", view_func=show_start, methods=["GET"])
    app.add_url_rule("/account", view_func=show_account, methods=["GET"])


@policy(asked_by="browser")
def show_start() -> Response:
    """Say what the buddy does and offer to sign in."""
    page = render_template(
        "start.html",
        session=find_session(),
        is_unfinished=figma_oauth.has_unfinished(),
        trigger=web().live.current().triggers[0],
    )
    return make_response(page)


@policy(asked_by="browser", who="checked_inside")
def show_account() -> Response:
    """Everything a designer can see and change, on one page."""
    session = find_session()
    if session is None:
        return redirect("/")
    services = web().services
    account = services.database.get_account(session.user_id)
    if account is None:
        return redirect("/")
    settings = web().settings
    page = render_template(
        "account.html",
        session=session,
        account=account,
        sessions=sessions_of(session),
        previews=waiting_drafts(session.user_id),
        session_days=LIFETIME.days,
        idle_days=settings.session_idle_days,
        trigger=web().live.current().triggers[0],
        models=_models(),
        chars=guidance.CHARS,
        most_areas=guidance.MOST_AREAS,
        labels=guidance.LABELS,
        sharing_levels=LEVELS,
        commands=help_facts.COMMANDS,
        plans_url=settings.plans_url,
        support_url=settings.support_url,
        comment_url=comment_url,
        place_url=place_url,
    )
    return make_response(page)


def _models() -> tuple[str, ...]:
    """The models that a context may choose; none without a model key."""
    from service.llm import ModelChain

    return ModelChain(web().settings).available_models()
