"""The service plus a route that parses JSON and does nothing: the lower bound for the webhook."""

from flask import Flask, request

from service.web.app import create_app as create_service


def create_app() -> Flask:
    app = create_service()

    @app.post("/bench/empty")
    def empty() -> dict[str, str]:
        request.get_json()
        return {"status": "ok"}

    return app
