"""Pages for everybody: help, how the service is, and where to report a hole in its security."""

from datetime import UTC, datetime, timedelta

from flask import Flask, Response, make_response, render_template

from service.errors import NotFound, ServiceError
from service.figma.addressing import reply_marker
from service.model_sharing import LEVELS
from service.retention import KINDS
from service.store.public_records import Component, Incident, Level, PublicStatus
from service.web import help_facts
from service.web.route_policy import policy
from service.web.sessions import find_session
from service.web.web_parts import web

# What each part of the service is called on the page.
COMPONENTS: dict[Component, tuple[str, str]] = {
    "comments": ("Answers in comments", "A comment is answered in its thread"),
    "analyses": (
        "Analyses",
        "The plugin and the API get words of a model; measuring goes on without",
    ),
    "builds": ("Components", "A frame becomes a tested component"),
    "sign_in": ("Sign-in and pages", "Signing in, the account page, the API"),
}
STATES = {
    "ok": ("Works", "good"),
    "degraded": ("Slower, or fails at times", "waiting"),
    "down": ("Does not work", "problem"),
    "unknown": ("Not known", "muted"),
}
LEVELS_OF_DAYS: dict[Level, str] = {
    "ok": "fine",
    "degraded": "some failed",
    "down": "many failed",
    "none": "not used",
}
_INCIDENTS = {
    "error_budget": "More answers failed or came late than our objective allows",
    "no_worker": "Nobody worked on {what}",
    "queue_stuck": "{What} had to wait",
}
# Lines of what is kept that a designer asks about.
ASKED = (*("deliveries", "traces", "analyses", "rehearsals", "artifacts", "outcomes", "sessions"),)
# https://www.rfc-editor.org/rfc/rfc9116#section-2.5.5: less than a year.
EXPIRES = timedelta(days=180)


def register(app: Flask) -> None:
    app.add_url_rule("/help", view_func=show_help, methods=["GET"])
    app.add_url_rule("/status", view_func=show_status, methods=["GET"])
    app.add_url_rule("/.well-known/security.txt", view_func=show_security, methods=["GET"])


@policy(asked_by="browser")
def show_help() -> Response:
    """How to ask, what is limited, what it sees and keeps, and whom to ask."""
    settings, values = web().settings, web().live.current()
    plans, _ = web().plans.get()
    try:
        session = find_session()
    except ServiceError:
        # Help is there while the database is away.
        session = None
    page = render_template(
        "help.html",
        session=session,
        trigger=values.triggers[0],
        triggers=values.triggers,
        marker=reply_marker(settings.buddy_name),
        commands=help_facts.COMMANDS,
        limits=help_facts.limits(settings, values),
        plans=[help_facts.plan_line(each) for each in plans or ()],
        scopes={each: help_facts.SCOPES.get(each, "") for each in settings.figma_scopes},
        levels=LEVELS,
        kept=[KINDS[each] for each in ASKED],
        pictures=settings.figma_pictures != "never",
        support_url=settings.support_url,
        plans_url=settings.plans_url,
    )
    return make_response(page)


@policy(asked_by="browser")
def show_status() -> Response:
    """How each part of the service is, now and in the last 90 days."""
    found, is_away = web().status.get()
    page = render_template(
        "status.html",
        is_away=is_away,
        status=found,
        components=COMPONENTS,
        states=STATES,
        levels=LEVELS_OF_DAYS,
        incidents=[_told(each) for each in found.incidents] if found else [],
        worst=_worst(found, is_away=is_away),
        support_url=web().settings.support_url,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "public, max-age=30"
    return response


def _worst(found: PublicStatus | None, *, is_away: bool) -> str:
    if is_away or found is None:
        return "down"
    found_states = {each.state for each in found.components}
    return next(each for each in ("down", "degraded", "ok") if each in found_states)


def _told(incident: Incident) -> tuple[str, datetime, datetime | None]:
    what = "components" if incident.is_build else "comments"
    words = _INCIDENTS[incident.kind].format(what=what, What=what.capitalize())
    return words, incident.at, incident.ended_at


@policy(asked_by="browser")
def show_security() -> Response:
    """Where to report a hole: https://www.rfc-editor.org/rfc/rfc9116."""
    settings = web().settings
    contact = settings.security_contact or settings.support_url
    if not contact:
        raise NotFound("Nobody has set SECURITY_CONTACT or SUPPORT_URL for this service.")
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + EXPIRES
    lines = (
        f"Contact: {contact}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
        f"Policy: {settings.public_url}/help#security",
    )
    response = make_response("\n".join(lines) + "\n")
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
