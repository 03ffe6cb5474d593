"""The dashboard through its router, on a real database that real calls have filled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.access import auth, session
from dashboard.access.guesses import Guesses
from dashboard.parts import chart_card, gate, password_form, second_factor_forms
from local.stack import Database
from tests.dashboard.stage import Buddy

ROUTER = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


@pytest.fixture
def buddy(database: Database) -> Iterator[Buddy]:
    made = Buddy(database)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    yield
    auth.connections().close()
    auth.connections.cache_clear()


@pytest.fixture
def router(database: Database, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard as a visitor finds it, not run yet."""
    monkeypatch.setenv("SUPABASE_URL", database.supabase_url)
    monkeypatch.setenv("SUPABASE_ANON_KEY", database.anon_key)
    # AppTest has no browser and so no cookies.
    monkeypatch.setattr(session, "visitor", lambda: session.Visitor({}, False, "192.0.2.1"))
    # What one test guessed is not held against the next.
    for module in (gate, password_form, second_factor_forms):
        monkeypatch.setattr(module, "guesses", Guesses())
    # No browser has to paint anything.
    monkeypatch.setattr(chart_card, "SEEN_FIRST_SECONDS", 0)
    st.cache_data.clear()
    return AppTest.from_file(ROUTER, default_timeout=60)
