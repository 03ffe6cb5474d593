"""What is in a database, in figures that two databases can be compared by.

Of each table: how many rows, and a checksum of their content that does not depend on their order.
Of each object: who may do what with it. Asked in one transaction, all of it is of one moment.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# The product's own schemas. The others are Supabase's; of theirs only the tables below are kept.
SCHEMAS = ("public", "private", "queue")
# Operators' accounts: passwords (hashed), identities, second factors. Sessions are left out:
# whoever has a backup must not be signed in by it.
ACCOUNTS = ("auth.users", "auth.identities", "auth.mfa_factors")

# How values look as text depends on the session: the same in every one that compares.
_ALIKE = """
set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set search_path = '';
set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres';
set bytea_output = 'hex'; set extra_float_digits = 1; set row_security = off;
"""
_TABLES = """
select nspname || '.' || relname,
    array(
        select attname::text from pg_catalog.pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attnum
    )
from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and (nspname = any (%s) or nspname || '.' || relname = any (%s))
order by 1
"""
_SEQUENCES = """
select schemaname || '.' || sequencename, coalesce(last_value, 0) from pg_catalog.pg_sequences
where schemaname = any (%s) order by 1
"""
# Each grant as one line; NULL stands for the default of its kind.
_RIGHTS = """
with objects as (
    select 'table ' || nspname || '.' || relname as name,
        coalesce(
            relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)
        ) as acl,
        case when relrowsecurity then 'row level security' end as more
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'S') and nspname = any (%(schemas)s)
    union all
    select 'column ' || attrelid::regclass || '.' || attname, attacl, null
    from pg_catalog.pg_attribute join pg_catalog.pg_class on pg_class.oid = attrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where attacl is not null and nspname = any (%(schemas)s)
    union all
    select 'function ' || pg_proc.oid::regprocedure, coalesce(proacl, acldefault('f', proowner)),
        case when prosecdef then 'with its owner''s rights' end
    from pg_catalog.pg_proc join pg_catalog.pg_namespace on pg_namespace.oid = pronamespace
    where nspname = any (%(schemas)s)
)
select name, concat_ws(', ', more, (
    select string_agg(privilege_type || ' to ' || who, ', ' order by privilege_type, who)
    from aclexplode(acl), lateral (
        select case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end as who
    ) as grantees
))
from objects
union all
select 'policy ' || tablename || '.' || policyname,
    concat_ws(' ', cmd, roles::text, qual, with_check)
from pg_catalog.pg_policies where schemaname = any (%(schemas)s)
"""


@dataclass(frozen=True)
class Table:
    """The content of a table. ``checksum`` is over ``columns``, generated ones left out."""

    columns: list[str]
    rows: int
    checksum: str


def prepare(connection: psycopg.Connection) -> None:
    """Make the session show values alike. Call it outside a transaction."""
    connection.execute(_ALIKE)


def read_tables(
    connection: psycopg.Connection, columns: dict[str, list[str]] | None = None
) -> dict[str, Table]:
    """Each table of the product and of the accounts. ``columns``: only these, and missing tables
    are left out; for comparing with another database."""
    found: dict[str, list[str]] = dict(
        connection.execute(_TABLES, [list(SCHEMAS), list(ACCOUNTS)]).fetchall()
    )
    if columns is not None:
        found = {
            name: columns[name]
            for name in columns
            if set(columns[name]) <= set(found.get(name, []))
        }
    return {name: _read_table(connection, name, each) for name, each in found.items()}


def _read_table(connection: psycopg.Connection, name: str, columns: list[str]) -> Table:
    statement = sql.SQL(
        "select count(*), coalesce(sum(('x' || left(md5(row({})::text), 16))::bit(64)::bigint), 0)"
        "::text from {}"
    ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(*name.split(".", 1)))
    row = connection.execute(statement).fetchone()
    assert row is not None
    return Table(columns, *row)


def read_sequences(connection: psycopg.Connection) -> dict[str, int]:
    return dict(connection.execute(_SEQUENCES, [list(SCHEMAS)]).fetchall())


def read_rights(connection: psycopg.Connection) -> dict[str, str]:
    """Who may do what, by object: grants, row level security, policies."""
    return dict(connection.execute(_RIGHTS, {"schemas": list(SCHEMAS)}).fetchall())


def differences(kept: dict[str, Any], connection: psycopg.Connection) -> list[str]:
    """A sentence for each thing that is not as the manifest says. ``prepare`` comes first."""
    wanted = {name: Table(**table) for name, table in kept["tables"].items()}
    there = read_tables(connection, {name: table.columns for name, table in wanted.items()})
    found = [_table_difference(name, wanted[name], there.get(name)) for name in wanted]
    # A number that was given after the moment of the snapshot may be in it: sequences do not wait.
    sequences = read_sequences(connection)
    found += [
        f"{name}: the next number would be one that was given already"
        for name, last in kept["sequences"].items()
        if sequences.get(name, -1) < last
    ]
    rights = read_rights(connection)
    found += [
        f"{name}: {rights.get(name, 'it is missing')}; it was: {right or 'nothing'}"
        for name, right in kept["rights"].items()
        if rights.get(name) != right
    ]
    found += [
        f"{name}: it was not in the backup"
        for name in sorted(rights.keys() - kept["rights"].keys())
    ]
    return [each for each in found if each]


def _table_difference(name: str, wanted: Table, there: Table | None) -> str:
    if there is None:
        return f"{name}: the table or one of its columns is missing"
    if there.rows != wanted.rows:
        return f"{name}: {there.rows} rows instead of {wanted.rows}"
    return "" if there == wanted else f"{name}: other content in {there.rows} rows"
