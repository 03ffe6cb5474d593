"""The one transaction in which a full table becomes the first partition of a new one of its name.

All of it is read from the catalogue, so that it knows whatever later migrations made: columns,
checks, indexes, keys, triggers, policies, grants and comments are those of the table. What is
prepared before the table is locked costs nobody anything; then every lock is waited for so briefly
that it is always this transaction that gives up.

Functions that take or give rows of the table are bound to the table itself and not to its name.
They are made once more for the new one. The old ones stay until the calls under way are over, whose
rows are still of the old kind; later calls find the new ones, because all functions that name the
table are compiled anew.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from sql.locks import LOCK_TIMEOUT_MS

# With a lock in hand, shorter than anybody's deadlock_timeout (one second): whoever waits for us is
# never the one to be ended. The first lock may take as long as a deploy's.
LOCK_WAIT_MS = 400
# Where the new table is made, as its indexes have the names of the old ones.
WORKSHOP = "partitioning"
# Whoever may do something with the table is named in its grants.
OUTSIDERS = "public, anon, authenticated, service_role"

# By table: the triggers that hold its keys over all partitions.
CLAIMS = {
    "answers": (
        ("answers_claim", "before insert", "", "claim_answer"),
        (
            *("answers_claim_reply", "before update of reply_comment_id"),
            "when (new.reply_comment_id is distinct from old.reply_comment_id"
            " and new.reply_comment_id is not null)",
            "claim_reply",
        ),
        ("answers_forget", "after delete", "", "forget_with_answer"),
    ),
    "usage_logs": (("usage_logs_claim", "before insert", "", "claim_use"),),
    "webhook_deliveries": (("webhook_deliveries_claim", "before insert", "", "claim_delivery"),),
}

_GRANTS = """
select privilege_type, quote_ident(attname), case grantee when 0 then 'public' else
    grantee::regrole::text end
from (
    select relacl as acl, null::name as attname, relowner as owner from pg_class where oid = %(oid)s
    union all
    select attacl, attname, null from pg_attribute where attrelid = %(oid)s and attacl is not null
) as given cross join lateral aclexplode(acl)
where grantee is distinct from owner
"""
_POLICIES = """
select format('create policy %%I on %%s as %%s for %%s to %%s%%s%%s', policyname, %(on)s::text,
    permissive, cmd, (select string_agg(quote_ident(role), ', ') from unnest(roles) as role),
    ' using (' || qual || ')', ' with check (' || with_check || ')'), quote_ident(policyname)
from pg_policies where schemaname = 'public' and tablename = %(name)s
"""
_FUNCTIONS = """
select p.oid, p.oid::regprocedure::text, p.pronamespace::regnamespace::text, p.proname,
    pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'),
    array[t.oid, t.typarray] && p.proargtypes::oid[],
    array(
        select case grantee when 0 then 'public' else grantee::regrole::text end
        from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee <> proowner
    )
from pg_proc as p join pg_type as t on t.typrelid = %s
where array[t.oid, t.typarray] && (p.proargtypes::oid[] || p.prorettype)
"""
_VIEWS = """
select distinct v.oid::regclass::text, pg_get_viewdef(v.oid), array_to_string(v.reloptions, ', ')
from pg_depend as d join pg_rewrite as r on r.oid = d.objid join pg_class as v on v.oid = r.ev_class
where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjid = %s and v.relkind = 'v'
"""
_SEQUENCE = """
select attname, pg_get_serial_sequence('public.' || %(name)s, attname) from pg_attribute
where attrelid = %(oid)s and attidentity <> ''
"""


class Swap:
    """Of ``name``, whose rows all lie before ``until``. ``run`` may be called until it succeeds."""

    def __init__(self, connection: psycopg.Connection, name: str, column: str, until: datetime):
        self._connection, self._name, self._column = connection, name, column
        self._until = until
        self._old = f"private.{name}_until_{until:%Y_%m_%d}"
        self._new = f"{WORKSHOP}.{name}"
        self._table = f"public.{name}"
        self._rest = f"private.{name}_rest"
        self.locked_seconds = 0.0

    def prepare(self) -> None:
        """Make the partition that catches what has none. Its foreign keys lock what it refers to,
        so it is no part of the swap."""
        with self._connection.transaction():
            self._do(f"set local lock_timeout = {LOCK_WAIT_MS}")
            self._do(f"drop table if exists {self._rest}")
            self._rows(
                "select private.make_next(%s, %s::regclass, %s)",
                self._name,
                self._table,
                f"{self._name}_rest",
            )

    def run(self) -> None:
        """Raises psycopg's errors for locks; nothing is kept then."""
        with self._connection.transaction():
            # So that names are shown with their schemas.
            self._do("set local search_path = ''; set local check_function_bodies = off")
            self._do(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
            self._oid = self._rows("select to_regclass(%s)::oid", self._table)[0][0]
            self._make_new()
            began = time.monotonic()
            self._lock()
            self._exchange()
            self._bind_functions()
            self._do(f"drop schema {WORKSHOP}")
        self.locked_seconds = time.monotonic() - began

    def _do(self, statement: str) -> None:
        # Our own words and the catalogue's: no outside text reaches these statements.
        self._connection.execute(statement)

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values or None).fetchall()

    def _make_new(self) -> None:
        bound = f"{self._name}_partition_bound"
        self._do(f"create schema {WORKSHOP}")
        self._do(
            f"create table {self._new} (like {self._table} including all excluding indexes)"
            f" partition by range ({self._column})"
        )
        self._do(f"alter table {self._new} drop constraint {bound}")
        self._do(f"alter table {self._new} enable row level security")
        self._do(f"revoke all on {self._new} from {OUTSIDERS}")
        for statement in self._indexes():
            self._do(statement)
        comment = self._rows("select obj_description(%s, 'pg_class')", self._oid)[0][0]
        self._do(f"comment on table {self._new} is {_quoted(comment)}")
        given = self._connection.execute(_GRANTS, {"oid": self._oid}).fetchall()
        for privilege, of, who in given:
            columns = f" ({of})" if of else ""
            self._do(f"grant {privilege}{columns} on {self._new} to {who}")
        for statement, _ in self._policies():
            self._do(statement)
        self._do(f"alter table {self._new} attach partition {self._rest} default")

    def _indexes(self) -> Iterator[str]:
        """Those that are not unique: a unique one without the time each partition has by itself."""
        rows = self._rows(
            "select pg_get_indexdef(indexrelid) from pg_index"
            " where indrelid = %s and not indisunique and indisvalid order by indexrelid",
            self._oid,
        )
        for (text,) in rows:
            yield text.replace(f" ON {self._table} ", f" ON {self._new} ", 1)

    def _policies(self) -> list[tuple[Any, ...]]:
        given = {"on": self._new, "name": self._name}
        return self._connection.execute(_POLICIES, given).fetchall()

    def _lock(self) -> None:
        """The table, and what refers to it."""
        self._referring = self._rows(
            "select quote_ident(conname), conrelid::regclass::text from pg_constraint"
            " where confrelid = %s order by 2",
            self._oid,
        )
        for table in (self._table, *(table for _, table in self._referring)):
            self._do(f"lock table {table} in access exclusive mode")
            self._do(f"set local lock_timeout = {LOCK_WAIT_MS}")

    def _exchange(self) -> None:
        triggers = self._rows(
            "select quote_ident(tgname), pg_get_triggerdef(oid) from pg_trigger"
            " where tgrelid = %s and not tgisinternal order by tgname",
            self._oid,
        )
        self._read_functions()
        for constraint, table in self._referring:
            self._do(f"alter table {table} drop constraint {constraint}")
        for trigger, _ in triggers:
            self._do(f"drop trigger {trigger} on {self._table}")
        for _, policy in self._policies():
            self._do(f"drop policy {policy} on {self._table}")
        self._go_on_counting()
        schema, _, leaf = self._old.partition(".")
        self._do(f"revoke all on {self._table} from {OUTSIDERS}")
        self._do(f"alter table {self._table} set schema {schema}")
        self._do(f"alter table {schema}.{self._name} rename to {leaf}")
        self._do(f"alter table {self._new} set schema public")
        # Its check of the bound makes this a matter of milliseconds: no row is read again.
        self._do(
            f"alter table {self._table} attach partition {self._old}"
            f" for values from (minvalue) to ('{self._until.isoformat()}')"
        )
        self._do(f"alter table {self._old} drop constraint {self._name}_partition_bound")
        for _, text in triggers:
            self._do(text)
        for trigger, at, when, function in CLAIMS[self._name]:
            self._do(
                f"create trigger {trigger} {at} on {self._table} for each row {when}"
                f" execute function private.{function}()"
            )

    def _go_on_counting(self) -> None:
        given = {"oid": self._oid, "name": self._name}
        for column, sequence in self._connection.execute(_SEQUENCE, given).fetchall():
            self._rows(
                f"select setval(pg_get_serial_sequence(%s, %s), last_value, is_called)"
                f" from {sequence}",
                self._new,
                column,
            )
            self._do(f'alter table {self._table} alter column "{column}" drop identity')

    def _read_functions(self) -> None:
        self._functions = self._rows(_FUNCTIONS, self._oid)
        self._views = self._rows(_VIEWS, self._oid)

    def _bind_functions(self) -> None:
        for oid, signature, _, name, text, comment, takes_rows, grantees in self._functions:
            if not takes_rows:
                # Another result alone makes no other function: the old one steps aside.
                old = self._rows("select oid::regprocedure::text from pg_proc where oid = %s", oid)
                self._do(f'alter function {old[0][0]} rename to "{name}_before_{self._name}"')
            self._do(text)
            self._do(f"revoke all on function {signature} from {OUTSIDERS}")
            for who in grantees:
                self._do(f"grant execute on function {signature} to {who}")
            self._do(f"comment on function {signature} is {_quoted(comment)}")
        for view, text, options in self._views:
            given = f" with ({options})" if options else ""
            self._do(f"create or replace view {view}{given} as {text}")
        named = "|".join(
            [rf"public\.{self._name}", *(rf"{each[2]}\.{each[3]}" for each in self._functions)]
        )
        touched = self._rows(
            "select oid::regprocedure::text, procost from pg_proc where prokind = 'f'"
            " and pronamespace in ('public'::regnamespace, 'private'::regnamespace)"
            " and prosrc ~ %s",
            rf"\m({named})\M",
        )
        for function, cost in touched:
            self._do(f"alter function {function} cost {cost:g}")


def _quoted(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"
