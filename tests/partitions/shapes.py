"""Databases whose tables have partitions, and what is the same about a table in both shapes."""

from collections import Counter

import psycopg

from backup.contents import prepare
from local.stack import Database
from sql.partitions import partition

TABLES = ("webhook_deliveries", "usage_logs", "answers")
# Without unique indexes, which a partitioned one cannot have, and foreign keys, which are those of
# its partitions.
_SHAPE = """
select 'column ' || attname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
    attidentity, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum), attacl::text)
from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
where attrelid = %(table)s::regclass and attnum > 0 and not attisdropped
union all
select 'constraint ' || conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '')
from pg_constraint
where conrelid = %(table)s::regclass and contype = 'c'
union all
select 'index ' || indexrelid::regclass, replace(pg_get_indexdef(indexrelid), ' ONLY ', ' ')
from pg_index where indrelid = %(table)s::regclass and not indisunique and indisvalid
union all
select 'trigger ' || tgname, pg_get_triggerdef(oid) from pg_trigger
where tgrelid = %(table)s::regclass and not tgisinternal
    and tgname !~ '_(claim|claim_reply|forget)$'
union all
select 'policy ' || policyname, concat_ws(' ', cmd, roles::text, qual, with_check)
from pg_policies where schemaname || '.' || tablename = %(table)s::text
union all
select 'table', concat_ws(' ', relowner::regrole, relrowsecurity,
    obj_description(oid, 'pg_class'),
    (select string_agg(each::text, ' ' order by each::text) from unnest(relacl) as each))
from pg_class where oid = %(table)s::regclass
"""
_FUNCTIONS = """
select oid::regprocedure::text || ' ' || prorettype::regtype, md5(concat_ws(' ', prosrc, proconfig,
    procost, provolatile, prosecdef, obj_description(oid, 'pg_proc'), (
        select string_agg(each::text, ' ' order by each::text) from unnest(proacl) as each)))
from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
union all
select oid::regclass::text, concat_ws(' ', pg_get_viewdef(oid), reloptions, relacl)
from pg_class where relkind = 'v'
    and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
"""


def convert(database: Database) -> None:
    for name in TABLES:
        partition(database.database_url, name, say=lambda _: None)


def shape_of(connection: psycopg.Connection, name: str) -> dict[str, str]:
    """What is the same about a table with and without partitions."""
    prepare(connection)
    rows = connection.execute(_SHAPE, {"table": f"public.{name}"}).fetchall()
    functions = connection.execute(_FUNCTIONS).fetchall()
    assert not [each for each, of in Counter(key for key, _ in rows).items() if of > 1]
    return dict(rows) | dict(functions)
