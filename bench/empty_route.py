"""The service plus routes that parse JSON and do nothing: the lower bounds for the webhook, and for
what signed-in people ask for."""

from flask import Flask, request

from service.web.app import create_app as create_service
from service.web.sessions import need_session


def create_app() -> Flask:
    app = create_service()

    @app.post("/bench/empty")
    def empty() -> dict[str, str]:
        request.get_json()
        return {"status": "ok"}

    @app.post("/bench/signed-in")
    def signed_in() -> dict[str, str]:
        need_session()
        request.get_json()
        return {"status": "ok"}

    return app
