"""The web application: ``create_app()`` for gunicorn, with other settings or services for tests."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, url_for
from flask_limiter import Limiter
from flask_openapi3 import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from service.config import Settings, load_settings
from service.figma.addressing import reply_marker
from service.observing import metrics, tracing
from service.observing.logs import configure_logs
from service.receiving.delivery_rate import DeliveryRate
from service.receiving.group_commit import GroupCommit
from service.receiving.known_webhooks import KnownWebhooks
from service.store.live_settings import LiveSettings
from service.web import (
    analysis_guard,
    api_document,
    error_answers,
    figma_oauth,
    request_cycle,
    route_policy,
)
from service.web.analysis_limits import AnalysisLimits
from service.web.client_address import ClientAddress
from service.web.kept_facts import KeptFact
from service.web.key_check import KeyCheck
from service.web.routes import (
    analyses,
    analysis_batches,
    browser_pages,
    github_target,
    ignores,
    operations,
    own_sessions,
    pipeline_pages,
    pipelines,
    plugin,
    plugin_session,
    previews,
    public_pages,
    receiver,
    rehearsals,
    sign_in,
    user,
    user_webhooks,
)
from service.web.sessions import cookie_name, find_session, need_session
from service.web.shared_limits import SCHEME, client_key
from service.web.stranger_limits import StrangerLimits
from service.web.template_filters import add_filters
from service.web.web_parts import WebParts
from service.wiring import Services, build_services

log = structlog.get_logger(__name__)
# The limit for changes by signed-in people. Such changes are stored as versions, or made at Figma.
# All changes of one person count together.
WRITES_PER_PERSON = "30/minute;500/day"
# What a person made of suggestions: one click each.
OUTCOMES_PER_PERSON = "120/minute"
# How old what the public pages show may be.
STATUS_SECONDS = 30.0
PLANS_SECONDS = 300.0
# Components to be built: a hundred at once are fine.
PIPELINES_PER_PERSON = "120/minute;600/hour"


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Arguments that are left out are built from the environment."""
    settings = settings or (services.settings if services else load_settings())
    configure_logs(settings)
    tracing.start_tracing(settings, "figma-ai-buddy-web")
    app = OpenAPI(
        "service",
        info=api_document.INFO,
        security_schemes=api_document.security(settings),
        validation_error_callback=error_answers.refuse_validation,
        doc_ui=False,
        static_folder=str(Path(__file__).parent / "static"),
        template_folder=str(Path(__file__).parent / "templates"),
    )
    _configure(app, settings)
    if not settings.is_found_by_figma:
        log.warning("webhook_url_not_public", url=settings.webhook_url)
    request_cycle.install(app, settings)
    error_answers.install(app)
    analysis_guard.install(app)
    for area in (receiver, operations, browser_pages, sign_in, plugin, plugin_session, user,
                 own_sessions, rehearsals, previews, user_webhooks, analyses, analysis_batches,
                 ignores, pipelines, pipeline_pages, github_target, public_pages):  # fmt: skip
        area.register(app)
    route_policy.policy(asked_by="browser")(app.view_functions["static"])
    route_policy.install(app)
    api_document.add_plain_routes(app)
    app.extensions["web"] = _make_parts(app, settings, services or build_services(settings))
    add_filters(app)
    _add_versions_to_static(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.session_secret.get_secret_value(),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        SESSION_COOKIE_NAME=cookie_name("buddy_sign_in", settings),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=figma_oauth.SIGN_IN_SECONDS),
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if settings.client_address_header:
        # Inside of what reads X-Forwarded-For, so that it has the last word.
        app.wsgi_app = ClientAddress(  # type: ignore[method-assign]
            app.wsgi_app, settings.client_address_header
        )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _make_parts(app: OpenAPI, settings: Settings, services: Services) -> WebParts:
    counts: Any = {
        "database": services.hasty_database,
        "keyed_hash": services.vault.keyed_hash,
    }
    limiter = Limiter(client_key, app=app, storage_uri=f"{SCHEME}://", storage_options=counts)
    _limit_views(app, limiter, settings.rate_limit_public)
    return WebParts(
        settings=settings,
        services=services,
        oauth=figma_oauth.make_oauth(app, settings),
        limiter=limiter,
        delivery_rate=DeliveryRate(settings.webhook_deliveries_rate),
        live=LiveSettings(settings, services.database, services.hasty_database),
        reply_marker=reply_marker(settings.buddy_name),
        known_webhooks=KnownWebhooks(services.database, services.vault, services.hasty_database),
        deliveries=GroupCommit(
            services.delivery_store.record_events, observe=metrics.BATCH_SIZE.observe
        ),
        queue=metrics.QueueCollector(services.database),
        keys=KeyCheck(services.database, services.vault),
        status=KeptFact(services.hasty_database.public_status, STATUS_SECONDS),
        plans=KeptFact(services.hasty_database.public_plans, PLANS_SECONDS),
        analysis_limits=AnalysisLimits(settings.analyses_per_quarter_hour),
        stranger_limits=StrangerLimits(limiter.limiter),
    )


def _limit_views(app: OpenAPI, limiter: Limiter, public_rate: str) -> None:
    """Limit each view by its policy. A person's browser and plugin count together. Without a
    session the response is 401."""
    by_person = limiter.shared_limit(
        WRITES_PER_PERSON,
        "writes",
        key_func=lambda: need_session().user_id,
        exempt_when=lambda: find_session() is None,
        error_message="You changed many things in a short time. Wait a moment, then try again.",
    )
    outcomes = limiter.shared_limit(
        OUTCOMES_PER_PERSON,
        "outcomes",
        key_func=lambda: need_session().user_id,
        exempt_when=lambda: find_session() is None,
        error_message="You told of many suggestions in a short time. Wait a moment, then try "
        "again.",
    )
    runs = limiter.shared_limit(
        PIPELINES_PER_PERSON,
        "pipelines",
        key_func=lambda: need_session().user_id,
        exempt_when=lambda: find_session() is None,
        error_message="You started many runs in a short time. Wait a moment, then try again.",
    )
    views: dict[str, Any] = app.view_functions
    for endpoint, view in views.items():
        needs = route_policy.policy_of(app, endpoint)
        if needs and needs.limit == "by_address":
            views[endpoint] = limiter.limit(public_rate)(view)
        elif needs and needs.limit == "changes_by_person":
            views[endpoint] = by_person(view)
        elif needs and needs.limit == "outcomes_by_person":
            views[endpoint] = outcomes(view)
        elif needs and needs.limit == "pipelines_by_person":
            views[endpoint] = runs(view)


def _add_versions_to_static(app: Flask) -> None:
    """Files may be cached for a year, because the address in a page changes with their content.
    Scripts import each other without a version: browsers ask for those again."""
    folder = Path(app.static_folder or "")
    versions = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in folder.iterdir()
    }

    @app.template_global()
    def static_url(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])
