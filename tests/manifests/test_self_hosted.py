"""What compose.yaml's own Postgres begins with is enough for sql/, as a hosted project's is."""

import os
import subprocess

import psycopg
import pytest

from local.stack import Stack
from local.stack.postgres import ADMIN, find_binaries
from local.stack.stack import ROOT, Database
from sql.apply import apply

# What Auth and Storage make when they start, as far as sql/ names it.
AUTH = """
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable
    as $$ select (current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid $$;
create function auth.jwt() returns jsonb language sql stable
    as $$ select current_setting('request.jwt.claims', true)::jsonb $$;
"""
STORAGE = """
create table storage.buckets (id text primary key, name text);
create table storage.objects (
    id uuid primary key, bucket_id text, name text, created_at timestamptz, metadata jsonb
);
alter table storage.objects enable row level security;
"""


class SelfHosted(Stack):
    """A new Postgres that is set up by the script that its image runs."""

    def _furnish(self, database: Database) -> None:
        subprocess.run(
            ["sh", ROOT / "deploy" / "self_hosted" / "init.sh"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={
                "PATH": f"{find_binaries()}:{os.environ['PATH']}",
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self._cluster.port),
                "PGPASSWORD": self.secrets.admin_password,
                "POSTGRES_USER": ADMIN,
                "POSTGRES_DB": "postgres",
                "POSTGRES_PASSWORD": self.secrets.postgres_password,
            },
        )


def test_sql_is_applied_to_it_and_the_api_acts_as_its_roles() -> None:
    with SelfHosted(fast=True) as stack:
        url = stack.database().database_url

        def run(user: str, script: str) -> list[tuple]:
            with psycopg.connect(url.replace("//postgres:", f"//{user}:")) as connection:
                cursor = connection.execute(script)  # type: ignore[arg-type]
                while cursor.nextset():
                    pass
                return cursor.fetchall() if cursor.description else []

        run("supabase_auth_admin", AUTH)
        run("supabase_storage_admin", STORAGE)
        apply(url, say=lambda _: None)
        [(plans,)] = run("authenticator", "set role service_role; select count(*) from plans")
        assert plans
        for table in ("usage_logs", "users"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run("authenticator", f"set role anon; select * from public.{table}")
        supers = run("postgres", "select rolname from pg_roles where rolsuper")
        assert supers == [(ADMIN,)]
