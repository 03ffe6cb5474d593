"""The webhook page: a shared filter, and the rows behind its figures and its chart."""

import psycopg
from streamlit.testing.v1 import AppTest

from dashboard import auth
from dashboard.queries import operations
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
    counts, _ = operations.read_webhooks(operator)
    assert (counts["total"], counts["paused"], counts["silent"]) == (2404, 601, 0)
    assert len(operations.read_webhook_rows(operator)) == 2404
    paused = operations.read_webhook_rows(operator, ("paused",))
    assert len(paused) == len(set(paused["context_id"])) == 601
    assert operations.read_webhook_rows(operator, only_silent=True).empty


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
