"""A plugin's hand-over at the same moment as the sign-out that ends it: no session is left over."""

from concurrent.futures import ThreadPoolExecutor

import pytest

CHALLENGE = "c" * 43
WAITING = "select pid from pg_locks where not granted"


@pytest.fixture
def ada(sql):
    user = sql.sign_in("1")
    assert sql.call("approve_handover", CHALLENGE, user, 300)
    return user


def collect(sql) -> str:
    return sql.call("collect_handover", CHALLENGE, "plugin", "2099-01-01")


def test_what_was_signed_out_after_collecting_began_is_not_collected(sql, connect, ada):
    plugin = connect()
    with plugin.connection.transaction():
        plugin.rows("select now()")
        sql.call("end_session", "session-1", True)
        assert collect(plugin) == "over"
    assert sql.rows("select from public.sessions") == []


def test_a_sign_out_waits_for_the_plugin_that_is_collecting_and_ends_its_session(sql, connect, ada):
    plugin, browser = connect(), connect()
    with ThreadPoolExecutor(1) as pool:
        with plugin.connection.transaction():
            assert collect(plugin) == "collected"
            ended = pool.submit(browser.call, "end_session", "session-1", True)
            while not sql.rows(WAITING):
                assert not ended.done()
        ended.result()
    assert sql.call("get_session", "plugin") is None
    assert sql.rows("select from public.sessions") == []
