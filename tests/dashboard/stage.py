"""Who and what the dashboard's tests need: a buddy that answers, operators, and a visitor."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pandas as pd
import psycopg
import streamlit as st
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest
from supabase import ClientOptions, create_client

from dashboard.access import auth, hand_over, session
from dashboard.access.cookies import VISIT, new_id
from dashboard.config import Settings
from local.stack import Database

PASSWORD = "correct horse battery"
HERE = "http://dashboard"


class Buddy:
    """The service as far as the dashboard can tell: people ask, and are answered or not."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = psycopg.connect(database.database_url, autocommit=True)
        self._connection.execute("set role service_role")
        self._asked = 0
        self._webhook: dict[str, Any] = {}

    def close(self) -> None:
        self._connection.close()

    def call(self, function: str, *values: object) -> Any:
        marks = ", ".join(["%s"] * len(values))
        row = self._connection.execute(f"select public.{function}({marks})", values).fetchone()
        assert row is not None
        return row[0]

    def connect_person(self) -> None:
        person = self.call(
            "sign_in", "1", "hash-1", "Ada", "ada@example.com", None, "enc", "ref", ["a"],
            "2030-01-01T00:00:00Z", "session-1", "2030-01-01T00:00:00Z",
        )  # fmt: skip
        self._webhook = self.call(
            "start_webhook", person["user_id"], "file", "KEY", "Checkout", "invite", "enc", "hash"
        )

    def ask(self) -> str:
        """One addressed comment, in a thread of its own; its answer's id."""
        if not self._webhook:
            self.connect_person()
        self._asked += 1
        comment = f"c{self._asked}"
        event = {
            "webhook_id": self._webhook["id"], "figma_webhook_id": "77",
            "event_type": "FILE_COMMENT", "event_key": comment, "payload": {}, "file_key": "KEY",
            "file_name": "Checkout", "comment_id": comment, "root_comment_id": comment,
            "author_figma_id": "1", "author_handle": "Ada", "question": "a secret question",
            "command": None, "asked_at": "2026-11-22T10:00:00Z", "request_id": "r",
            "trace_parent": "", "is_addressed": True, "mention_ids": [],
        }  # fmt: skip
        return self.call("record_events", json.dumps([event]))[0]["answer_id"]

    def answer(self, cost_microusd: int | None = 1200, *, grounding: str | None = None) -> str:
        answer_id = self.ask()
        begun = self._begin(answer_id)
        usage = {
            "provider": "openai", "model": "gpt-5-mini", "model_latency_ms": 900,
            "cost_microusd": cost_microusd,
            "cost_state": "unpriced" if cost_microusd is None else "priced",
            "grounding": grounding,
        }  # fmt: skip
        draft = json.dumps({"text": "hi", "usage": usage})
        self.call("start_posting", answer_id, begun["attempt"], draft, 5)
        reply = {"comment_id": f"reply-{answer_id}", "created_at": "2026-11-22T10:00:03Z"}
        self.call("settle_answer", answer_id, json.dumps(reply), json.dumps(usage))
        return answer_id

    def fail(self) -> str:
        answer_id = self.ask()
        begun = self._begin(answer_id)
        self.call("release_use", answer_id, begun["attempt"], "figma_down", "Figma is down.", "{}")
        return answer_id

    def _begin(self, answer_id: str) -> dict[str, Any]:
        told = {
            "author_figma_id": "1", "author_handle": "Ada", "root_comment_id": f"c{self._asked}",
            "question": "a secret question", "command": None,
            "created_at": "2026-11-22T10:00:00Z",
        }  # fmt: skip
        begun = self.call("begin_answer", answer_id, 1000, 1000, 300, 12, json.dumps(told))
        assert begun["decision"] == "answer", begun
        return begun

    def make_account(self, email: str) -> str:
        options = ClientOptions(
            auto_refresh_token=False, persist_session=False, httpx_client=auth.connections()
        )
        visitor = create_client(self._database.supabase_url, self._database.anon_key, options)
        made = visitor.auth.sign_up({"email": email, "password": PASSWORD})
        assert made.user is not None
        return made.user.id

    def make_operator(self, role: str) -> str:
        """An operator of this role; their e-mail address."""
        email = f"{role}-{uuid4().hex[:6]}@example.com"
        self.call("set_operator", self.make_account(email), email, role)
        return email

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


class FakeBrowser:
    """A browser with its cookies, which opens pages of AppTest and exchanges their tickets."""

    def __init__(self, **cookies: str) -> None:
        self.cookies = cookies or {VISIT: new_id()}

    def visitor(self, network: str = "192.0.2.1") -> Callable[[], session.Visitor]:
        """In place of `session.visitor`: a page knows the cookies with which it was opened."""
        opened = session.Visitor(dict(self.cookies), False, network)
        return lambda: opened

    def post_ticket(self, ticket: str, **headers: str) -> httpx.Response:
        """What the script of the page does. The cookie of the answer is kept."""
        app = Starlette(routes=hand_over.ROUTES)

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url=HERE, cookies=self.cookies
            ) as client:
                return await client.post(
                    "/session", content=ticket, headers={"Origin": HERE, **headers}
                )

        answer = asyncio.run(ask())
        self.cookies.update(answer.cookies)
        return answer

    def fetch_cookie(self, page: AppTest) -> httpx.Response:
        return self.post_ticket(page.session_state[session.TICKET])


def sign_in(router: AppTest, email: str, password: str = PASSWORD) -> AppTest:
    router.run()
    router.text_input[0].set_value(email)
    router.text_input[1].set_value(password)
    return router.form_submit_button[0].click().run()


def open_page(router: AppTest, file: str) -> AppTest:
    """Go to a page, by the name of its folder."""
    return router.switch_page(f"{file}/page.py").run()


def open_rows(router: AppTest, name: str) -> AppTest:
    """Open the popover with the rows behind a metric."""
    router.session_state[f"rows_{name}"] = True
    return router.run()


def rows_behind(router: AppTest, name: str, column: str) -> pd.DataFrame:
    """The rows a figure opens: the one table with this raw column while its popover is open."""
    open_rows(router, name)
    assert not router.exception, name
    [rows] = [each.value for each in router.dataframe if column in each.value.columns]
    router.session_state[f"rows_{name}"] = False
    return rows


def metrics(router: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in router.metric}


def words(router: AppTest) -> str:
    """Everything the page says outside of tiles and tables."""
    kinds = (
        "title",
        "header",
        "subheader",
        "caption",
        "markdown",
        "text",
        "info",
        "warning",
        "error",
    )
    return "\n".join(str(each.value) for kind in kinds for each in router.get(kind))


def settings_of(database: Database) -> Settings:
    return Settings(
        _env_file=None, supabase_url=database.supabase_url, SUPABASE_ANON_KEY=database.anon_key
    )


def refill_caches() -> None:
    """Forget every cached read, so that the next run asks the database."""
    st.cache_data.clear()
