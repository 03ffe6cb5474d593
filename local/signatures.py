"""What a version's processes may call and read in the database: ``python -m local.signatures``.

Each release writes sql/signatures.txt. During a deploy, processes of the version before run against
newer SQL. So everything in the file must keep working until the next release is everywhere.
``broken`` lists what does not.
"""

from collections.abc import Callable
from typing import Any

import psycopg

from local.stack import Stack
from sql.apply import FOLDER, apply

SIGNATURES = FOLDER / "signatures.txt"
HEAD = """\
# What the last released version's processes call and read, written by `make signatures` with each
# release: newer SQL keeps it until the release after (docs/migrations.md).
"""
_FUNCTIONS = """
select p.proname, r.rolname, pg_get_function_result(p.oid),
    coalesce(p.proargnames[1:p.pronargs], '{}'),
    array(
        select format_type(type, null)
        from unnest(p.proargtypes::oid[]) with ordinality as t (type, n)
        order by n
    ),
    p.pronargs - p.pronargdefaults
from pg_proc as p
cross join unnest(array['anon', 'authenticated', 'service_role']) as r (rolname)
where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
    and p.prorettype <> 'trigger'::regtype and has_function_privilege(r.rolname, p.oid, 'execute')
"""
_COLUMNS = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute as a join pg_class as c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
    and a.attnum > 0 and not a.attisdropped
    and has_column_privilege('authenticated', c.oid, a.attnum, 'select')
"""


def read_signatures(connection: psycopg.Connection) -> set[str]:
    """A line for each thing that code outside the database may depend on.

    `call`: a function, a role that may call it, and its result. `give`: a parameter. `need`: a
    required parameter. `read`: a column that operators may read.
    """
    lines = set()
    for name, role, result, names, types, needed in connection.execute(_FUNCTIONS):
        lines.add(f"call {name} as {role} for {result}")
        pairs = list(zip(names, types, strict=True))
        lines |= {f"give {name} {parameter} {kind}" for parameter, kind in pairs}
        lines |= {f"need {name} {parameter}" for parameter, _ in pairs[:needed]}
    for relation, column, kind in connection.execute(_COLUMNS):
        lines.add(f"read {relation} {column} {kind}")
    return lines


def read_released() -> set[str]:
    """The lines of sql/signatures.txt."""
    text = SIGNATURES.read_text(encoding="utf-8")
    return {line for line in text.splitlines() if line and not line.startswith("#")}


def broken(released: set[str], now: set[str]) -> list[str]:
    """A sentence for each thing that processes of the released version need but would not find."""
    known = {line.split()[1] for line in released if line.startswith("call ")}
    missing = {line for line in released - now if not line.startswith("need ")}
    demanded = {
        line for line in now - released if line.startswith("need ") and line.split()[1] in known
    }
    return [f"no longer so: {line}" for line in sorted(missing)] + [
        f"not given by the released version: {line}" for line in sorted(demanded)
    ]


def main(say: Callable[[str], Any] = print) -> None:
    with Stack(fast=True) as stack:
        database = stack.create_database("released")
        apply(database.database_url, say=lambda _: None)
        with psycopg.connect(database.admin_url) as connection:
            lines = sorted(read_signatures(connection))
    SIGNATURES.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    say(f"wrote {SIGNATURES}")


if __name__ == "__main__":
    main()
