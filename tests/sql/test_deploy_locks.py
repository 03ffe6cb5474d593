"""A deploy beside a product that is at work: it asks for locks briefly, again and again."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.stack import Database, Stack
from service.wiring import HASTY_SECONDS
from sql.apply import ApplyError, apply, print_sql
from sql.locks import LOCK_TIMEOUT_MS, Blocker
from tests.sql.deploys import Deploy

VIEW = "create or replace view public.all_notes as\nselect body{} from public.notes;\n"
TRIGGER = """create or replace function public.keep() returns trigger
language plpgsql set search_path = '' as $$ begin return new; end $$;
create or replace trigger notes_keep {} insert on public.notes
    for each row execute function public.keep();
"""


@pytest.fixture
def noted(stack: Stack, tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    """A database with a table that is in use, and the folder it was made from."""
    for name in ("migrations", "functions"):
        (tmp_path / name).mkdir()
    write(tmp_path, "migrations/0001_notes.sql", "create table public.notes (body text);")
    write(tmp_path, "functions/a.sql", VIEW.format(""))
    write(tmp_path, "functions/b.sql", TRIGGER.format("before"))
    database = stack.create_database("locks_test")
    apply(database.database_url, tmp_path, say=lambda _: None)
    yield database, tmp_path
    stack.drop_database(database.name)


@pytest.fixture
def holder(noted: tuple[Database, Path]) -> Iterator[psycopg.Connection]:
    """Somebody whose transaction has read and written the table and read the view, and is open."""
    connection = psycopg.connect(noted[0].database_url, application_name="an export")
    connection.execute("select * from public.all_notes")
    connection.execute("insert into public.notes values ('held')")
    yield connection
    connection.close()


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)


def test_who_stands_behind_a_deploy_waits_less_than_anybody_of_the_product_does():
    assert LOCK_TIMEOUT_MS / 1000 < HASTY_SECONDS


def test_a_locked_table_is_asked_for_again_until_it_is_free(noted, holder):
    database, folder = noted
    write(folder, "migrations/0002_at.sql", "alter table public.notes add column at date;\n")
    deploy = Deploy(database, folder)
    said = deploy.wait_until_it_says("kept by process")
    assert said.startswith("migrations/0002_at.sql waits for notes, kept by process ")
    assert f"process {holder.info.backend_pid} (an export, idle in transaction, in one" in said
    assert said.endswith("nothing of it was kept, trying again in 1 s")
    holder.commit()
    assert deploy.result() == ["migrations/0002_at.sql", "functions"]


def test_while_it_waits_the_product_reads_and_writes(noted, holder):
    database, folder = noted
    write(folder, "migrations/0002_at.sql", "alter table public.notes add column at date;\n")
    deploy = Deploy(database, folder)
    with psycopg.connect(database.database_url, autocommit=True) as product:
        # More than the deploy may wait: what it keeps longer fails here.
        product.execute(f"set lock_timeout = {2 * LOCK_TIMEOUT_MS}")
        while sum("trying again" in line for line in deploy.said) < 3 and not deploy.is_done:
            product.execute("insert into public.notes values ('written')")
            product.execute("select count(*) from public.notes")
    assert not deploy.is_done
    holder.commit()
    deploy.result()


def test_it_gives_up_with_a_sentence_and_keeps_nothing(noted, holder):
    database, folder = noted
    both = "create table public.half (id int);\nalter table public.notes add column at date;\n"
    write(folder, "migrations/0002_at.sql", both)
    with pytest.raises(ApplyError) as refused:
        apply(database.database_url, folder, lambda _: None, give_up_seconds=3)
    said = str(refused.value)
    assert said.startswith("migrations/0002_at.sql waits for ") and ". It was tried " in said
    assert "Nothing of it was kept, and the product runs on as before. Wait until" in said
    with psycopg.connect(database.database_url) as connection:
        found = connection.execute("select to_regclass('public.half')").fetchone()
    assert found == (None,)
    holder.commit()
    assert apply(database.database_url, folder, lambda _: None)


def test_a_holder_of_whom_nothing_is_shown_is_a_number():
    assert str(Blocker(7, None, None, None, None)) == "process 7"


def test_changed_functions_need_no_table_that_is_in_use(noted, holder):
    database, folder = noted
    write(folder, "functions/c.sql", "create or replace view public.more as select 1 as one;\n")
    said: list[str] = []
    assert apply(database.database_url, folder, said.append, give_up_seconds=1) == ["functions"]
    assert said == ["applied functions"]


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.sql", VIEW.format(", 1 as more"), "view public.all_notes"),
        ("b.sql", TRIGGER.format("after"), "trigger notes_keep on public.notes"),
    ],
)
def test_a_changed_view_or_trigger_is_locked_for_itself(noted, holder, name, text, part):
    database, folder = noted
    write(folder, f"functions/{name}", text)
    deploy = Deploy(database, folder)
    deploy.wait_until_it_says(f"functions: {part} waits for ")
    holder.commit()
    assert sorted(deploy.result()) == ["functions", f"functions: {part}"]
    assert apply(database.database_url, folder, lambda _: None) == []


def test_a_trigger_that_could_not_be_changed_is_changed_by_the_next_deploy(noted, holder):
    database, folder = noted
    write(folder, "functions/b.sql", TRIGGER.format("after"))
    with pytest.raises(ApplyError, match="trigger notes_keep"):
        apply(database.database_url, folder, lambda _: None, give_up_seconds=1)
    holder.commit()
    names = apply(database.database_url, folder, lambda _: None)
    assert names == ["functions: trigger notes_keep on public.notes"]


def test_a_mistake_in_a_changed_view_is_named_with_its_file_and_line(noted):
    database, folder = noted
    write(folder, "functions/a.sql", "\n\n" + VIEW.format(", nonsense"))
    with pytest.raises(ApplyError, match=r"functions/a\.sql:4: "):
        apply(database.database_url, folder, lambda _: None)


INDEXES = """\
-- concurrently
-- What is searched by its body.
create index concurrently if not exists notes_new on public.notes (body);
"""
SWAPPED = INDEXES + "drop index concurrently if exists public.notes_old;\n"


def indexes(database: Database) -> list[tuple]:
    with psycopg.connect(database.database_url) as connection:
        return connection.execute(
            "select indexrelid::regclass::text, indisvalid from pg_index"
            " where indrelid = 'public.notes'::regclass order by 1"
        ).fetchall()


def test_an_index_is_built_beside_writers_and_waits_for_who_was_there_before(noted, holder):
    database, folder = noted
    write(folder, "migrations/0002_old.sql", "create index notes_old on public.notes (body);\n")
    holder.commit()
    apply(database.database_url, folder, lambda _: None)
    holder.execute("insert into public.notes values ('held')")
    write(folder, "migrations/0003_swap.sql", SWAPPED)
    deploy = Deploy(database, folder)
    said = deploy.wait_until_it_says("nobody waits for us")
    assert f"process {holder.info.backend_pid} (an export" in said
    with psycopg.connect(database.database_url, autocommit=True) as product:
        product.execute("set lock_timeout = 1; insert into public.notes values ('x')")
    holder.commit()
    assert deploy.result() == ["migrations/0003_swap.sql", "functions"]
    assert indexes(database) == [("notes_new", True)]


def test_an_interrupted_index_is_built_anew(noted, holder):
    database, folder = noted
    write(folder, "migrations/0002_new.sql", INDEXES)
    with pytest.raises(ApplyError, match="What it began is finished by the next try"):
        apply(database.database_url, folder, lambda _: None, give_up_seconds=1)
    assert indexes(database) == [("notes_new", False)]
    holder.commit()
    apply(database.database_url, folder, lambda _: None)
    assert indexes(database) == [("notes_new", True)]


def test_a_mistake_in_an_index_is_named_and_what_stands_before_it_stays(noted):
    database, folder = noted
    wrong = INDEXES.replace("notes_new", "notes_more").replace("(body)", "(nonsense)")
    write(folder, "migrations/0002_new.sql", INDEXES + wrong)
    with pytest.raises(ApplyError, match=r"0002_new\.sql: .*nonsense") as refused:
        apply(database.database_url, folder, lambda _: None)
    assert "What it did before that was kept" in str(refused.value)
    assert indexes(database) == [("notes_new", True)]
    write(folder, "migrations/0002_new.sql", SWAPPED)
    assert apply(database.database_url, folder, lambda _: None)[0] == "migrations/0002_new.sql"


def test_printed_indexes_are_built_within_a_transaction(noted, stack):
    _, folder = noted
    write(folder, "migrations/0002_new.sql", SWAPPED)
    pasted = stack.create_database("locks_pasted")
    with psycopg.connect(pasted.database_url, autocommit=True) as connection:
        connection.execute(print_sql(folder).encode())
    assert indexes(pasted) == [("notes_new", True)]
    assert apply(pasted.database_url, folder, lambda _: None) == []
    stack.drop_database(pasted.name)


BATCHES = """-- in batches
update public.notes set body = 'new'
where ctid = any (array(select ctid from public.notes where body = 'old' limit 2));
"""


def test_rows_are_changed_in_batches_of_which_each_is_kept(noted):
    database, folder = noted
    with psycopg.connect(database.database_url) as connection:
        connection.execute("insert into public.notes select 'old' from generate_series(1, 7)")
    write(folder, "migrations/0002_rows.sql", BATCHES)
    assert apply(database.database_url, folder, lambda _: None)[0] == "migrations/0002_rows.sql"
    with psycopg.connect(database.database_url) as connection:
        found = connection.execute("select body, count(distinct xmin::text) from notes group by 1")
        assert found.fetchall() == [("new", 4)]


def test_a_batch_whose_row_is_held_is_tried_again(noted, holder):
    database, folder = noted
    holder.execute("insert into public.notes values ('old')")
    holder.commit()
    holder.execute("select * from public.notes for update")
    write(folder, "migrations/0002_rows.sql", BATCHES)
    deploy = Deploy(database, folder)
    deploy.wait_until_it_says("trying again")
    holder.commit()
    deploy.result()
