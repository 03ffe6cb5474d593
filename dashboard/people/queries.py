"""Reads of the people and audit pages. None returns an e-mail address or a comment's text."""

from typing import Any

import pandas as pd
from supabase import Client

from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call, frame

STORY_PAGE = 40
VERSIONS = 200
# As many rows as hosted Supabase gives in one answer.
PAGE = 1000
DAYS = ["day", "plan_code", "answered", "refused", "failed", "cost_microusd", "unpriced"]


@cached(ttl=10)
def find_people(operator: Operator, query: str) -> dict[str, Any]:
    """{people, has_more}, best first; an empty query gives the newest: SQL `find_people`."""
    found: dict[str, Any] = call(operator, "find_people", {"p_query": query})
    return found


@cached(ttl=5)
def read_card(operator: Operator, user_id: str) -> dict[str, Any] | None:
    """One person: SQL `person_card`; None: nobody has this id."""
    card: dict[str, Any] | None = call(operator, "person_card", {"p_user_id": user_id})
    return card


@cached(ttl=5)
def read_story(
    operator: Operator, user_id: str, kinds: tuple[str, ...], before: tuple[str, str] | None
) -> list[dict[str, Any]]:
    """Up to STORY_PAGE + 1 events {at, key, kind, what, detail} before (at, key): `person_story`.

    No kinds means all of them.
    """
    at, key = before or (None, None)
    parameters = {
        "p_user_id": user_id,
        "p_kinds": list(kinds) or None,
        "p_before_at": at,
        "p_before_key": key,
        "p_limit": STORY_PAGE + 1,
    }
    events: list[dict[str, Any]] = call(operator, "person_story", parameters)
    return events


@cached(ttl=10)
def read_days(operator: Operator, user_id: str) -> pd.DataFrame:
    """What one person used, by day of the reporting zone and plan, columns DAYS: `person_days`."""

    def read(first: int) -> list[dict[str, Any]]:
        def question(client: Client) -> Any:
            query = client.rpc("person_days", {"p_user_id": user_id})
            query = query.order("day", desc=True).order("plan_code")
            return query.range(first, first + PAGE - 1).execute().data

        page: list[dict[str, Any]] = ask(operator.sign_in, question)
        return page

    rows: list[dict[str, Any]] = []
    while page := read(len(rows)):
        rows += page
    return frame(rows, DAYS)


@cached(ttl=5)
def read_versions(operator: Operator, user_id: str) -> list[dict[str, Any]]:
    """The newest VERSIONS versions of a context {version, content, saved_by, reason, saved_at}.

    Those from before fields could be shared with guests share none.
    """
    rows: list[dict[str, Any]] = ask(
        operator.sign_in,
        lambda client: (
            client.table("user_context_versions")
            .select("version,content,saved_by,reason,saved_at")
            .eq("user_id", user_id)
            .order("version", desc=True)
            .limit(VERSIONS)
            .execute()
            .data
        ),
    )
    return [row | {"content": {"shared_with_guests": []} | row["content"]} for row in rows]
