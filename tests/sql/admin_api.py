"""Supabase's admin API of accounts, which the local stack lacks, in front of that stack.

Written after https://supabase.com/docs/reference/api for what set_operator asks; it looks accounts
up in the stack's own table and makes them by the stack's own sign-up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from uuid import uuid4

import flask
import httpx
import psycopg
from werkzeug.serving import make_server

from local.stack import Database

ACCOUNT = """
    select jsonb_build_object('id', id, 'email', email, 'aud', aud, 'created_at', created_at,
        'app_metadata', '{}'::jsonb, 'user_metadata', '{}'::jsonb)
    from auth.users where %s in (id::text, email, '')
"""
KEPT_BY_THE_WAY = {"content-encoding", "content-length", "transfer-encoding", "connection"}


@contextmanager
def admin_api(database: Database, invited: list[Any] | None = None) -> Iterator[str]:
    """The address of the stack with its admin API. `invited`: what invitations were asked for."""
    app = _app(database)
    app.config["INVITED"] = [] if invited is None else invited
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _app(database: Database) -> flask.Flask:
    app = flask.Flask(__name__)

    def accounts(which: str) -> list[Any]:
        with psycopg.connect(database.admin_url) as connection:
            return [row for (row,) in connection.execute(ACCOUNT, [which]).fetchall()]

    def stack(path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        query = flask.request.query_string.decode()
        url = f"{database.supabase_url}/{path}?{query}"
        return httpx.request(flask.request.method, url, headers=headers, content=body, timeout=10)

    @app.get("/auth/v1/admin/users")
    def list_accounts() -> Any:
        return {"users": accounts("") if flask.request.args["page"] == "1" else []}

    @app.get("/auth/v1/admin/users/<user_id>")
    def get_account(user_id: str) -> Any:
        if found := accounts(user_id):
            return found[0]
        return {"code": 404, "error_code": "user_not_found", "msg": "User not found"}, 404

    @app.post("/auth/v1/admin/users")
    def make_account() -> Any:
        if accounts(flask.request.json["email"]):
            return {"code": 422, "error_code": "email_exists", "msg": "It is registered."}, 422
        key = {"apikey": database.anon_key}
        return stack("auth/v1/signup", key, flask.request.data).json()["user"]

    @app.post("/auth/v1/invite")
    def invite() -> Any:
        """As https://github.com/supabase/auth/blob/master/internal/api/invite.go answers."""
        said = {**flask.request.json, **flask.request.args}
        app.config["INVITED"].append(said)
        if accounts(said["email"]):
            return {"code": 422, "error_code": "email_exists", "msg": "It is registered."}, 422
        if said["email"].startswith("bounces"):
            return {"code": 500, "error_code": "unexpected_failure", "msg": "Error sending"}, 500
        return {"id": str(uuid4()), "email": said["email"], "aud": "authenticated",
                "created_at": "2026-11-22T10:00:00Z", "app_metadata": {},
                "user_metadata": {}}  # fmt: skip

    @app.route("/<path:path>", methods=["GET", "POST"])
    def pass_on(path: str) -> Any:
        given = {name: value for name, value in flask.request.headers if name != "Host"}
        answer = stack(path, given, flask.request.get_data())
        kept = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in KEPT_BY_THE_WAY
        }
        return answer.content, answer.status_code, kept

    return app
