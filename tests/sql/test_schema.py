"""sql/schema.sql is what sql/migrations and sql/functions make."""

import re

from local.schema import SCHEMA, as_we_write, describe, dump
from local.stack import Database


def test_the_committed_schema_is_what_migrations_and_functions_make(template: Database):
    now, committed = describe(dump(template)).splitlines(), SCHEMA.read_text().splitlines()
    new = sorted(set(now) - set(committed))[:10]
    old = sorted(set(committed) - set(now))[:10]
    assert now == committed, f"run `make schema` and commit it. New: {new}. No longer so: {old}"


def test_a_table_stands_with_all_that_belongs_to_it():
    text = SCHEMA.read_text()
    table = text[text.index("create table public.answers (") :]
    table = table[: table.index("\n\n")]
    for belonging in (
        "    question text not null default '',",
        "    constraint answers_once unique (file_key, comment_id)",
        "references public.user_webhooks(id) on delete set null",
        "comment on column public.answers.question is",
        "create index answers_received_at on public.answers (received_at desc);",
        "create trigger answers_audit after update on public.answers",
        "alter table public.answers enable row level security;",
        "create policy answers_select on public.answers for select to authenticated",
        "grant select (id, webhook_id,",
    ):
        assert belonging in table
    assert "-- public.record_events(p_events jsonb)" in text


def test_what_is_quoted_stays_as_it_is():
    written = "COMMENT ON TABLE public.a IS 'Says DEFAULT ''NOW'' OR timestamp with time zone.';"
    assert as_we_write(written).endswith("'Says DEFAULT ''NOW'' OR timestamp with time zone.';")
    assert as_we_write("CHECK (((a)::text = 'B'::text))") == "check ((a)::text = 'B')"


def test_no_read_of_a_rollup_hides_its_key_from_the_index():
    # Coalesce of a parameter is not leak-proof, so row level security kept it from the index.
    hidden = re.compile(r"_id = coalesce\(p_\w+, '0")
    files = (SCHEMA.parent / "functions").rglob("*.sql")
    assert [each.name for each in files if hidden.search(each.read_text())] == []
