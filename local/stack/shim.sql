-- What a hosted Supabase project already has before its first migration. Only for the local stack:
-- the program that starts it runs this as the superuser `supabase_admin`, in every new database.
-- https://supabase.com/docs/guides/database/postgres/roles

do $$
begin
    if not exists (select from pg_roles where rolname = 'anon') then
        create role anon nologin noinherit;
        create role authenticated nologin noinherit;
        create role service_role nologin noinherit bypassrls;
        -- As on hosted Supabase, the owner of the application's tables is no superuser.
        create role postgres login createdb createrole bypassrls replication;
        grant anon, authenticated, service_role to postgres with admin option;
    end if;
end $$;

do $$
begin
    execute format('alter database %I owner to postgres', current_database());
end $$;

create schema if not exists extensions;
grant usage on schema public, extensions to postgres, anon, authenticated, service_role;

-- Hosted projects grant every new table to the API roles, so only row level security and our own
-- revokes keep outsiders away. Without these grants the tests would prove nothing.
alter default privileges for role postgres in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on sequences to anon, authenticated, service_role;

-- The sign-in tables belong to the API server, which creates them when it starts.
create schema if not exists auth;
grant usage on schema auth to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema auth grant all on tables to postgres;
alter default privileges for role supabase_admin in schema auth grant all on sequences to postgres;

-- The tables of stored files are the API server's too. All may touch them, and row level security,
-- which is on and has no policy, decides: https://supabase.com/docs/guides/storage/schema/design
create schema if not exists storage;
grant usage on schema storage to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema storage
    grant all on tables to postgres, anon, authenticated, service_role;

create or replace function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
$$;

create or replace function auth.email() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;
