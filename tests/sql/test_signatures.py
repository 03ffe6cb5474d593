"""Newer SQL works with the processes of the version before, for as long as a deploy takes.

Here by what they call and read; `make test-upgrade` runs that version's own processes.
"""

import psycopg
import pytest

from local.signatures import broken, read_released, read_signatures

INSTEAD = (
    "Processes of the last release still call and read it while a deploy runs. Keep it (a new "
    "parameter has a default; a function that returns something else has a new name) and take it "
    "away with the release after: docs/migrations.md, Upgrading."
)


def test_what_the_last_release_calls_and_reads_is_still_there(database):
    with psycopg.connect(database.admin_url) as connection:
        assert broken(read_released(), read_signatures(connection)) == [], INSTEAD


@pytest.fixture
def changed(fresh_database):
    """What is broken after some SQL."""

    def change(statement: str) -> list[str]:
        with psycopg.connect(fresh_database().admin_url) as connection:
            before = read_signatures(connection)
            connection.execute(statement.encode())
            return broken(before, read_signatures(connection))

    return change


DROPPED = "drop function public.price_overrides(); create function public.price_overrides("


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("drop function public.price_overrides()", "no longer so: call price_overrides as service"),
        (f"{DROPPED}) returns text language sql return 'x'", "for jsonb"),
        (
            f"{DROPPED}p_at date) returns jsonb language sql return null::jsonb",
            "not given by the released version: need price_overrides p_at",
        ),
        (
            "revoke execute on function public.price_overrides from service_role",
            "call price_overrides as service_role",
        ),
        (
            "revoke select (file_key) on public.answers from authenticated",
            "no longer so: read answers file_key text",
        ),
    ],
)
def test_what_old_processes_would_miss_is_told(changed, statement, said):
    assert said in "\n".join(changed(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "create function public.one() returns int language sql return 1",
        f"{DROPPED}p_at date default null) returns jsonb language sql return null::jsonb",
        "alter table public.plans add column x int",
    ],
)
def test_what_old_processes_do_not_notice_is_allowed(changed, statement):
    assert changed(statement) == []
