"""An index of a table with partitions, built beside the running product.

Postgres does not do that in one statement: the index of the whole is made empty, one of each
partition is built concurrently and becomes part of it, and with the last one it is valid. A unique
index without the time is made for each partition alone; what holds it over all of them is a trigger
(sql/functions/partitions/partitions_claiming.sql).
"""

import re
from collections.abc import Iterator

import psycopg

_CREATE = re.compile(
    r"create (?P<unique>unique )?index concurrently if not exists (?P<name>\w+)\s+on "
    r"(?P<schema>\w+)\.(?P<table>\w+)(?P<rest>.*)",
    re.I | re.S,
)
_DROP = re.compile(r"drop index concurrently if exists (?P<name>\w+\.\w+)", re.I)
_PARTITIONS = """
select parts.relname, exists (
    select from pg_inherits as belongs join pg_index on indexrelid = belongs.inhrelid
    where belongs.inhparent = to_regclass(%(index)s) and indrelid = parts.oid
)
from pg_inherits join pg_class as parts on parts.oid = inhrelid
join pg_class as whole on whole.oid = inhparent
where whole.oid = to_regclass(%(table)s) and whole.relkind = 'p' order by 1
"""


def partitioned_statements(connection: psycopg.Connection, statement: str) -> Iterator[str]:
    """The statement itself, or what stands for it where its table has partitions.

    Each of these may be run again; asked again, those that are done are left out.
    """
    if (found := _DROP.fullmatch(statement)) and _is_partitioned(connection, found["name"]):
        # It is taken out of the catalogue and its files are removed: no row is read.
        yield f"drop index if exists {found['name']}"
    elif found := _CREATE.fullmatch(statement):
        yield from _create(connection, found) or [statement]
    else:
        yield statement


def _is_partitioned(connection: psycopg.Connection, index: str) -> bool:
    row = connection.execute(
        "select from pg_class where oid = to_regclass(%s) and relkind = 'I'", [index]
    )
    return row.fetchone() is not None


def _create(connection: psycopg.Connection, asked: re.Match[str]) -> list[str]:
    name, table = asked["name"], f"{asked['schema']}.{asked['table']}"
    index = f"{asked['schema']}.{name}"
    given = {"index": index, "table": table}
    partitions = connection.execute(_PARTITIONS, given).fetchall()
    if not partitions:
        return []
    unique = asked["unique"] or ""
    made = [] if unique else [f"create index if not exists {name} on only {table}{asked['rest']}"]
    for leaf, is_part in partitions:
        if is_part:
            continue
        own = name + leaf.removeprefix(asked["table"])
        made.append(
            f"create {unique}index concurrently if not exists {own}"
            f" on private.{leaf}{asked['rest']}"
        )
        if not unique:
            made.append(f"alter index {index} attach partition private.{own}")
    return made
