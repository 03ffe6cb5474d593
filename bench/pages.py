"""Records the requests with which each dashboard page reads data, so they can be repeated."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import httpx
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.access import auth, session
from dashboard.config import load_settings
from dashboard.data import periods
from local.stage import Stage
from sql.set_operator import set_operator

ROUTER = Path(auth.__file__).parents[1] / "app.py"
EMAIL = "founder@example.com"
PASSWORD = "correct horse battery"
# The age of the demo company.
LONGEST = timedelta(days=424)
WITH_PERIOD = (
    "overview", "growth", "trials", "revenue", "ai_cost", "analyses", "pipelines", "reliability",
    "webhooks", "quality",
)  # fmt: skip
WITHOUT = (
    "live", "billing", "provider_bills", "audit", "dead_letters", "settings", "your_sign_in",
)  # fmt: skip
# One of many, named in the address.
OPENED = ("answer", "team", "people")
PARTS_OF_A_PERSON = ("Story", "Context", "Account")

Reads = list[httpx.Request]


def sign_in(stage: Stage) -> auth.SignIn:
    """A founder, signed in with a password like everybody else."""
    set_operator(stage.settings, EMAIL, "founder", PASSWORD)
    os.environ["SUPABASE_URL"] = stage.settings.supabase_url
    os.environ["SUPABASE_ANON_KEY"] = stage.settings.supabase_anon_key.get_secret_value()
    return auth.sign_in(load_settings(None), EMAIL, PASSWORD)


def operator(stage: Stage) -> auth.Operator:
    """The same founder, as an argument for the dashboard's queries."""
    signed_in = sign_in(stage)
    return auth.Operator(signed_in.user_id, signed_in.email, "founder", signed_in)


def record(stage: Stage) -> Iterator[tuple[str, str, Reads]]:
    """(page, period, its reads in order) for every page, opened as a founder."""
    signed_in = sign_in(stage)
    deepest = stage.rows(
        "select u.user_id, p.handle, (select a.file_key from public.answers as a"
        # A file with a real Figma key: the search by link finds only those.
        "  where a.payer_id = u.user_id and a.file_key ~ '^[0-9a-z]{22}$'"
        "  order by a.received_at desc limit 1)"
        " from public.usage_daily_users as u join public.users as p on p.id = u.user_id"
        " group by 1, 2 order by sum(u.answered) desc, 1 limit 1"
    )[0]
    for page in WITH_PERIOD:
        yield page, periods.DEFAULT, _reads(signed_in, page)
        yield page, "14 months", _reads(signed_in, page, is_long=True)
    for page in WITHOUT:
        yield page, "", _reads(signed_in, page)
    yield "team, all", "", _reads(signed_in, "team")
    for page in OPENED[:2]:
        yield f"{page}, opened", "", _reads(signed_in, page, **opened(stage, page))
    yield "people, search by name", "", _reads(signed_in, "people", typed=str(deepest[1]))
    file = f"https://www.figma.com/design/{deepest[2]}/Checkout"
    yield "people, search by file", "", _reads(signed_in, "people", typed=file)
    for part in PARTS_OF_A_PERSON:
        values = {"person": str(deepest[0]), "people_part": part}
        yield f"people, {part.lower()}", "", _reads(signed_in, "people", **values)


def opened(stage: Stage, page: str) -> dict[str, str]:
    """The address of one: the newest answer with all its parts, the team that asks most, and the
    person who asks most."""
    if page == "answer":
        found = stage.rows(
            "select o.answer_id from public.advice_outcomes as o"
            " where o.answer_id in (select answer_id from public.answer_traces"
            "   where feature = 'comment' order by at desc limit 100)"
            " order by o.settled_at desc, 1 limit 1"
        )
    elif page == "team":
        found = stage.rows(
            "select u.team_id from public.usage_daily_users as d join public.users as u"
            " on u.id = d.user_id where u.team_id is not null"
            " group by 1 order by sum(d.answered) desc, 1 limit 1"
        )
    else:
        found = stage.rows(
            "select user_id from public.usage_daily_users"
            " group by 1 order by sum(answered) desc, 1 limit 1"
        )
    return {"person" if page == "people" else "id": str(found[0][0])}


def record_pages(stage: Stage, pages: Iterable[str]) -> Iterator[tuple[str, Reads]]:
    """(page, its reads in order) for some pages, as they open."""
    signed_in = sign_in(stage)
    for page in pages:
        yield page, _reads(signed_in, page)


def _reads(signed_in: auth.SignIn, page: str, **values: str | bool) -> Reads:
    """The reads of a page with empty caches and with these choices."""
    is_long, typed = values.pop("is_long", False), values.pop("typed", "")
    nobody = session.Visitor({}, False, "")
    with patch.object(session, "visitor", lambda: nobody), recorded() as found:
        router = AppTest.from_file(ROUTER, default_timeout=300)
        router.session_state[session.KEY] = signed_in
        router.run()
        router.switch_page(f"{page}/page.py")
        for name, value in values.items():
            router.query_params[name] = str(value)
        st.cache_data.clear()
        found.clear()
        router.run()
        if is_long or typed:
            if is_long:
                router.segmented_control(key="period").set_value(periods.CUSTOM).run()
                today = datetime.now(UTC).date()
                router.date_input(key="dates").set_value((today - LONGEST, today))
            else:
                router.text_input(key="people_query").set_value(str(typed))
            st.cache_data.clear()
            found.clear()
            router.run()
    if router.exception or router.error:
        raise SystemExit(f"The page {page} could not be read: {router.exception or router.error}")
    return list(found)


@contextmanager
def recorded() -> Iterator[Reads]:
    """Every read of data that the dashboard makes inside the block."""
    found: Reads = []
    client = auth.connections()
    hooks = client.event_hooks
    client.event_hooks = {
        "request": [lambda request: found.append(request) if "/rest/" in request.url.path else None]
    }
    try:
        yield found
    finally:
        client.event_hooks = hooks
