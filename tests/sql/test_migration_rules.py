"""Each migration and function file keeps to the rules for a database that is full and in use."""

from pathlib import Path

import psycopg
import pytest

from sql.apply import FOLDER
from tests.sql.migration_rules import CONCURRENTLY, IN_BATCHES, SMALL, faults, function_faults

# What came before these rules was written for databases without rows.
LAST_BEFORE_RULES = 35
SAMPLES = Path(__file__).resolve().parents[1] / "deploy" / "samples"


def files_with_earlier_text(folder: Path) -> list[tuple[Path, str]]:
    paths = sorted(folder.glob("*.sql"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return [(path, "\n".join(texts[:index])) for index, path in enumerate(paths)]


@pytest.mark.parametrize("folder", [FOLDER / "migrations", SAMPLES], ids=["ours", "samples"])
def test_no_migration_keeps_a_full_database_waiting(folder):
    files = files_with_earlier_text(folder)
    newer = [each for each in files if int(each[0].name.partition("_")[0]) > LAST_BEFORE_RULES]
    assert [fault for path, earlier in newer for fault in faults(path, earlier)] == []


def test_no_function_file_locks_what_is_in_use():
    found = {
        fault for path in (FOLDER / "functions").rglob("*.sql") for fault in function_faults(path)
    }
    assert found == set()


def test_the_small_tables_are_tables(database):
    with psycopg.connect(database.database_url) as connection:
        rows = connection.execute("select schemaname || '.' || tablename from pg_tables").fetchall()
    assert {name for (name,) in rows} >= SMALL


NOT_NULL = "alter table public.answers alter column model set not null;"
REFUSED = {
    "create index answers_x on public.answers (file_key);": "builds an index of public.answers",
    "create unique index on public.usage_logs (id);": "builds an index of public.usage_logs",
    "drop index public.answers_x;": "drops an index under a lock",
    "create index concurrently if not exists x on public.answers (id);": "as its first line",
    "alter table public.answers add constraint x check (run > 0);": "`not valid` and validate it",
    "alter table public.answers add column a int, add constraint x check (a > 0);": "not valid",
    "alter table public.answers add constraint x unique (run);": "make it `using index`",
    "alter table public.answers add column x int check (x > 0);": "statement of its own",
    "alter table public.answers add column x uuid references public.users (id);": "not valid",
    "alter table public.answers alter column run type bigint;": "gives a column another type",
    "alter table public.answers add column x uuid default gen_random_uuid();": "fill the rows",
    "alter table public.answers add column x bigserial;": "rewrites the table",
    "alter table public.answers set unlogged;": "rewrites the table",
    NOT_NULL: "first a file with `add constraint answers_model_not_null check",
    "update public.answers set draft = null;": f"first line is `{IN_BATCHES}`",
    "delete from public.webhook_deliveries;": f"first line is `{IN_BATCHES}`",
    "lock table public.plans;": "has `lock table`",
    "truncate public.plans;": "has `truncate`",
    "alter table public.users add column x int; alter table public.teams add column x int;": (
        "several tables that are in use (public.teams, public.users)"
    ),
    "create table public.x (a uuid references public.users, b uuid references public.teams);": (
        "foreign keys too"
    ),
    "do $$ begin execute format('alter table public.%I add x int', 'a'); end $$;": "hides",
    "alter table public.users add constraint x check (true) not valid;\n"
    "alter table public.users validate constraint x;": "validate it in the next file",
    f"{CONCURRENTLY}\ncreate index concurrently x on public.answers (id);": "and nothing else",
    f"{CONCURRENTLY}\nalter table public.answers add column x int;": "and nothing else",
    f"{CONCURRENTLY}\ndrop index concurrently if exists public.x;\n"
    "create index concurrently if not exists y on public.answers (id);": "build the new one first",
    f"{IN_BATCHES}\nupdate public.answers set draft = null;": "there must be one statement",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_keeps_the_product_waiting_is_refused_with_what_to_do(tmp_path, text):
    path = tmp_path / "0099_wrong.sql"
    path.write_text(text)
    found = faults(path)
    assert len(found) == 1 and REFUSED[text] in found[0]
    assert found[0].startswith("0099_wrong.sql ")


ALLOWED = [
    "create table public.x (id int unique check (id > 0)); create index x_id on public.x (id);",
    "alter table public.answers add column x int not null default 0;",
    "alter table public.answers add constraint x check (run > 0) not valid;",
    "alter table public.answers validate constraint x;",
    "alter table public.answers add constraint x unique using index answers_x;",
    "alter table public.answers add constraint x foreign key (a) references public.x not valid;",
    "alter table public.plans add constraint x check (uses > 0);",
    "update public.product_settings set code = code;",
    "comment on table public.users is 'A designer.'; comment on table public.teams is 'Several.';",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_keeps_nobody_waiting_is_allowed(tmp_path, text):
    path = tmp_path / "0099_right.sql"
    path.write_text(text)
    assert faults(path) == []


def test_a_column_whose_check_was_validated_may_be_set_not_null(tmp_path):
    path = tmp_path / "0099_right.sql"
    path.write_text(NOT_NULL)
    assert (
        faults(path, "alter table public.answers validate constraint answers_model_not_null;") == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "alter table public.answers enable row level security;",
        "create trigger x after insert on public.answers execute function f();",
        "create view public.x as select 1;",
        "drop view if exists public.x;",
    ],
)
def test_a_function_file_that_locks_is_refused_with_what_to_do(tmp_path, text):
    path = tmp_path / "x.sql"
    path.write_text(text)
    assert "`create or replace` for a view or trigger" in function_faults(path)[0]
