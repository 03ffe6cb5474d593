#!/bin/sh
# What a hosted Supabase project already has before its first migration: run once by Postgres's image, as the
# superuser supabase_admin, in a new data folder. Auth and Storage make their tables themselves when they start.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set password="$POSTGRES_PASSWORD" <<'SQL'
-- The roles of the API. A request acts as the one that its key names.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password :'password';
grant anon, authenticated, service_role to authenticator;
-- The owner of the product's tables is no superuser.
create role postgres login createdb createrole bypassrls replication password :'password';
grant anon, authenticated, service_role to postgres with admin option;
create role supabase_auth_admin login noinherit createrole password :'password';
create role supabase_storage_admin login noinherit createrole password :'password';
grant anon, authenticated, service_role to supabase_storage_admin;

alter database postgres owner to postgres;
grant create on database postgres to supabase_auth_admin, supabase_storage_admin;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;

create schema extensions;
create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_storage_admin;
grant usage on schema public, extensions, auth, storage to postgres, anon, authenticated, service_role;
grant all on schema public to postgres;

alter default privileges for role postgres in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on sequences to anon, authenticated, service_role;
alter default privileges for role supabase_auth_admin in schema auth grant all on tables to postgres;
alter default privileges for role supabase_auth_admin in schema auth grant all on sequences to postgres;
-- Row level security, which is on and has no policy, decides.
alter default privileges for role supabase_storage_admin in schema storage
    grant all on tables to postgres, anon, authenticated, service_role;
SQL
