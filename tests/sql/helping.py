"""Operators at the API itself, signed in, and what they do for people."""

import contextlib
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

from local.stack import Database

EMPTY = dict.fromkeys(("instructions", "tone", "brand", "design_system_rules", "language"), "")
EMPTY |= {"focus_areas": [], "model": "", "shared_with_guests": []}


@pytest.fixture
def operator(database: Database) -> Iterator[Callable[[str | None], Client]]:
    """Makes signed-in clients of somebody with a role; None: signed in, but no operator."""
    with contextlib.ExitStack() as closing:

        def client(key: str) -> Client:
            http = closing.enter_context(httpx.Client(timeout=10))
            options = ClientOptions(httpx_client=http, auto_refresh_token=False)
            return create_client(database.supabase_url, key, options)

        def make(role: str | None) -> Client:
            email = f"{role}@example.test"
            made = client(database.anon_key)
            user = made.auth.sign_up({"email": email, "password": "correct horse battery"}).user
            if role:
                values = {"p_user_id": user.id, "p_email": email, "p_role": role}
                client(database.service_role_key).rpc("set_operator", values).execute()
            return made

        yield make


@pytest.fixture
def support(operator) -> Client:
    return operator("support")


@pytest.fixture
def ada(sql) -> str:
    return sql.sign_in("1")


def call(client: Client, function: str, **parameters):
    named = {f"p_{name}": value for name, value in parameters.items()}
    return client.rpc(function, named).execute().data


def edit(client: Client, function: str, **parameters):
    return call(client, function, **parameters, reason="ticket 4711")


def grant(client: Client, user_id: str, uses: int, key: str | None = None) -> dict:
    given = {"grant_id": key or str(uuid4()), "user_id": user_id, "uses": uses}
    return edit(client, "operator_grant_uses", **given)


def answered(sql, webhook: str, comment: str = "c1") -> str:
    answer = sql.ask(webhook, comment)["answer_id"]
    begun = sql.begin(answer)
    draft = {"text": "Yes, it is 7.2 : 1.", "usage": {}}
    sql.call("start_posting", answer, begun["attempt"], draft, 5)
    sql.settle(answer, f"reply-{comment}", provider="openai", model="m")
    return answer


def story(client: Client, user_id: str, **parameters) -> list[dict]:
    return call(client, "person_story", user_id=user_id, **parameters)


def reason() -> dict[str, str]:
    return {"reason": "ticket 4711"}


def refusal(client: Client, function: str, parameters: dict) -> str | None:
    try:
        call(client, function, **parameters)
    except APIError as error:
        return error.code
    return None


def sql_comment(webhook: str, comment_id: str) -> dict:
    return {
        "webhook_id": webhook, "event_type": "FILE_COMMENT", "event_key": comment_id,
        "payload": {}, "file_key": "FILE", "file_name": "Checkout", "comment_id": comment_id,
        "root_comment_id": comment_id, "author_figma_id": "1", "author_handle": "Ada",
        "question": "and this?", "asked_at": "2026-11-22T10:00:00Z", "is_addressed": True,
        "mention_ids": [],
    }  # fmt: skip
