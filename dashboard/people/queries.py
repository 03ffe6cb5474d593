"""Reads of the page People. None of them returns a full e-mail address or a comment's text."""

from dataclasses import fields, replace
from typing import Any

import pandas as pd
from supabase import Client

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call, call_all, call_one
from dashboard.people.context_merge import SHARED
from dashboard.people.person import (
    Card,
    Event,
    Found,
    Note,
    Rehearsal,
    RehearsalOffer,
    Version,
)

STORY_PAGE = 40
VERSIONS = 200
# Hosted Supabase returns at most this many rows per response.
PAGE = 1000
DAYS = ["day", "plan_code", "answered", "refused", "failed", "cost_microusd", "unpriced"]


@cached(ttl=10)
def find_people(operator: Operator, query: str) -> Found:
    """Best matches first; an empty query returns the newest people: SQL `find_people`."""
    return call_one(operator, "find_people", Found, {"p_query": query})


@cached(ttl=5)
def read_card(operator: Operator, user_id: str) -> Card | None:
    """One person: SQL `person_card`; None if nobody has this id."""
    found = call(operator, "person_card", {"p_user_id": user_id})
    return None if found is None else results.read_one(Card, found, "person_card")


@cached(ttl=10)
def offer_rehearsal(operator: Operator, user_id: str) -> RehearsalOffer:
    """What a guidance could be tried on: SQL `operator_offer_rehearsal`."""
    parameters = {"p_user_id": user_id}
    return call_one(operator, "operator_offer_rehearsal", RehearsalOffer, parameters)


def read_rehearsal(operator: Operator, rehearsal_id: str) -> Rehearsal:
    """A trial that this operator started: SQL `operator_read_rehearsal`."""
    return call_one(operator, "operator_read_rehearsal", Rehearsal, {"p_id": rehearsal_id})


@cached(ttl=5)
def read_story(
    operator: Operator, user_id: str, kinds: tuple[str, ...], before: tuple[str, str] | None
) -> list[Event]:
    """Up to STORY_PAGE + 1 events before (at, key): `person_story`.

    Empty kinds means all of them.
    """
    at, key = before or (None, None)
    parameters = {
        "p_user_id": user_id,
        "p_kinds": list(kinds) or None,
        "p_before_at": at,
        "p_before_key": key,
        "p_limit": STORY_PAGE + 1,
    }
    return call_all(operator, "person_story", Event, parameters)


@cached(ttl=10)
def read_days(operator: Operator, user_id: str) -> pd.DataFrame:
    """One person's usage by plan and day of the reporting zone, columns DAYS: `person_days`."""

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
    return results.read_table(rows, DAYS, "person_days")


@cached(ttl=5)
def read_notes(operator: Operator, user_id: str) -> list[Note]:
    """What operators noted about a person, the newest first: SQL `person_note_list`."""
    return call_all(operator, "person_note_list", Note, {"p_user_id": user_id})


@cached(ttl=5)
def read_versions(operator: Operator, user_id: str) -> list[Version]:
    """The newest VERSIONS versions of a context, newest first.

    Versions from before sharing with guests existed share no field.
    """
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("user_context_versions")
            .select(",".join(each.name for each in fields(Version)))
            .eq("user_id", user_id)
            .order("version", desc=True)
            .limit(VERSIONS)
            .execute()
            .data
        ),
    )
    return [
        replace(each, content={SHARED: []} | each.content)
        for each in results.read_all(Version, rows, "user_context_versions")
    ]
