"""The webhook page: a shared filter, and the rows behind its figures and its chart."""

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.data import webhook_rows
from dashboard.webhooks import edits, queries
from local.stack import Database
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    metrics,
    open_page,
    open_rows,
    settings_of,
    sign_in,
    words,
)


def fill(database: Database, count: int) -> None:
    """Webhooks of one person, every fourth of them paused."""
    with psycopg.connect(database.database_url) as connection:
        connection.execute("insert into public.users (figma_user_id, handle) values ('1', 'Ada')")
        connection.execute(
            "insert into public.user_webhooks (user_id, context, context_id, label,"
            " passcode_encrypted, passcode_hash, state)"
            " select id, 'file', 'KEY' || n, 'File ' || n, 'x', n,"
            " case when n %% 4 = 0 then 'paused' else 'active' end"
            " from public.users, generate_series(1, %s) as n",
            [count],
        )


def test_all_webhooks_stand_behind_their_tiles_however_many(
    buddy: Buddy, database: Database
) -> None:
    fill(database, 2404)
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("support"), PASSWORD)
    operator = auth.Operator(signed_in.user_id, "s@example.com", "support", signed_in)
    found = webhook_rows.read_webhooks(operator)
    assert (found.total, found.paused, found.silent) == (2404, 601, 0)
    assert len(queries.read_webhook_rows(operator)) == 2404
    paused = queries.read_webhook_rows(operator, ("paused",))
    assert len(paused) == len(set(paused["context_id"])) == 601
    assert queries.read_webhook_rows(operator, only_silent=True).empty


def test_a_tile_opens_its_rows_and_a_shared_address_brings_the_filter_along(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database, 8)
    router.query_params["webhooks_state"] = ["Paused"]
    router.query_params["webhooks_search"] = "file"
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "webhooks")
    assert not router.exception
    shown = metrics(router)
    assert (shown["Webhooks"], shown["Active"], shown["Paused"]) == ("8", "6", "2")
    assert list(router.dataframe[0].value["State"].unique()) == ["◫ Paused"]
    assert router.text_input(key="webhooks_search").value == "file"
    open_rows(router, "paused")
    assert not router.exception
    assert "2 rows. Total: paused 2" in words(router)
    assert [each.label for each in router.get("download_button")] == ["Download CSV"]


def test_a_pause_outlives_the_webhook_until_support_ends_it(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database, 1)
    with psycopg.connect(database.database_url) as connection:
        connection.execute(
            "update public.user_webhooks set state = 'deleted', operator_paused_at = now()"
        )
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "webhooks")
    assert list(router.dataframe[0].value["State"]) == ["✕ Deleted, still paused"]


def _draw_form(state: str, is_paused_by_operator: bool) -> None:
    import pandas as pd

    from dashboard.webhooks import sections

    because = "operator" if is_paused_by_operator else None
    row = {"id": "1", "state": state, "is_paused_by_operator": is_paused_by_operator}
    row["paused_because"] = because
    sections.state_form(None, pd.Series(row))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "by_operator", "button", "said"),
    [
        ("active", False, "Pause", "pasting the link again"),
        ("paused", True, "Resume", "are answered"),
        ("deleted", True, "End the pause", "until you end it"),
    ],
)
def test_the_form_says_what_a_pause_means_for_the_owner(
    state: str, by_operator: bool, button: str, said: str
) -> None:
    form = AppTest.from_function(_draw_form, args=(state, by_operator), default_timeout=60).run()
    assert not form.exception
    assert [each.label for each in form.button] == [button]
    assert said in form.caption[0].value


@pytest.mark.parametrize(("state", "by_operator"), [("paused", False), ("deleted", False)])
def test_what_only_the_owner_changes_has_no_form(state: str, by_operator: bool) -> None:
    form = AppTest.from_function(_draw_form, args=(state, by_operator), default_timeout=60).run()
    assert not form.exception and not form.button


def test_support_sees_what_figma_did_not_confirm_and_lifts_the_pause_it_brought(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    fill(database, 1)
    with psycopg.connect(database.database_url) as connection:
        connection.execute(
            "select private.count_refusal(id, 'not_confirmed') from public.user_webhooks,"
            " generate_series(1, private.refusals_allowed())"
        )
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "webhooks")
    (row,) = router.dataframe[0].value.to_dict("records")
    assert row["State"] == "◫ Paused by the buddy"
    assert row["Not confirmed"].startswith("50, last ")

    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("support"), PASSWORD)
    operator = auth.Operator(signed_in.user_id, "s@example.com", "support", signed_in)
    (webhook,) = webhook_rows.read_webhooks(operator).rows["id"]
    edits.set_webhook_state(operator, webhook, "active", "the owner's script is gone")
    state = "select state, paused_because, operator_paused_at from public.user_webhooks"
    assert buddy.rows(state) == [("active", None, None)]
    # It begins from 0 again: one more does not pause it at once.
    with psycopg.connect(database.database_url) as connection:
        connection.execute(
            "select private.count_refusal(id, 'not_confirmed') from public.user_webhooks"
        )
    assert buddy.rows(state) == [("active", None, None)]
