"""Writes sql/schema.sql, the current schema: ``python -m local.schema`` (`make schema`).

pg_dump writes all objects of a database in the order in which they can be created. This module puts
them in an order for reading: each table with everything that belongs to it.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.stack import Database, Stack
from local.stack.postgres import find_binaries
from sql.apply import FOLDER, apply

SCHEMA = FOLDER / "schema.sql"
SCHEMAS = ("public", "private")
HEAD = """\
-- The schema as it stands, to be read: every table and view with what belongs to it, and every
-- function's signature with who may call it. `make schema` writes it from sql/migrations and
-- sql/functions; change those.
"""
_ENTRY = re.compile(r"^-- Name: (.+); Type: ([A-Z ]+); Schema: (\S+); Owner: .*$", re.M)
_QUOTED = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\")")
_TABLE_OF = (
    re.compile(r"alter table (?:only )?(\w+\.\w+)"),
    re.compile(r"comment on (?:table|view|materialized view) (\w+\.\w+)"),
    re.compile(r"comment on column (\w+\.\w+)\.\w+"),
    re.compile(r"comment on \w+ \w+ on (\w+\.\w+)"),
    re.compile(r"create (?:unique )?index \w+ on (\w+\.\w+)"),
    re.compile(r"create (?:constraint trigger|trigger|policy) .*? on (\w+\.\w+)", re.S),
    re.compile(r"on table (\w+\.\w+)"),
)
# The order below their table.
_KINDS = ("COMMENT", "INDEX", "CHECK CONSTRAINT", "TRIGGER", "ROW SECURITY", "POLICY", "ACL")
# Kinds that may belong to no table. A function's are shown with its signature, a sequence's with
# its column.
_ELSEWHERE = ("SCHEMA", "DEFAULT ACL", "ACL", "COMMENT", "FUNCTION")
_ROLES = "public anon authenticated service_role"


@dataclass(frozen=True)
class Entry:
    """One object of a dump. `sql` is in our style: lower case, short type names."""

    name: str
    kind: str
    schema: str
    sql: str

    @property
    def table(self) -> str:
        """Its table or view, with the schema; empty if it belongs to none."""
        found = (pattern.search(self.sql) for pattern in _TABLE_OF)
        return next((match[1] for match in found if match), "")


@dataclass
class Relation:
    """A table or view, with everything that belongs to it."""

    name: str
    made: str
    columns: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    options: str = ""
    below: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})

    def text(self) -> str:
        if not self.columns:
            made = self.made
        else:
            inside = ",\n".join(f"    {part}" for part in (*self.columns, *self.constraints))
            made = f"{self.made} (\n{inside}\n) {self.options}".rstrip() + ";"
        return "\n".join([made, *(line for kind in _KINDS for line in self.below[kind])]) + "\n"


def dump(database: Database, schemas: Sequence[str] = SCHEMAS) -> str:
    """The output of pg_dump for these schemas, without rows."""
    command: list[str | Path] = [find_binaries() / "pg_dump", "--schema-only"]
    command += [f"--schema={name}" for name in schemas]
    done = subprocess.run(
        [*command, f"--dbname={database.admin_url}"], capture_output=True, text=True, check=True
    )
    return done.stdout


def describe(dumped: str) -> str:
    """The text of sql/schema.sql."""
    entries = list(read(dumped))
    parts = [relation.text() for relation in relations(entries)]
    return "\n".join([HEAD, *parts, "-- Functions, and who may call each\n", *signatures(entries)])


def read(dumped: str) -> Iterator[Entry]:
    """The objects of a dump, in its order."""
    found = list(_ENTRY.finditer(dumped))
    ends = [match.start() for match in found[1:]] + [len(dumped)]
    for match, end in zip(found, ends, strict=True):
        body = re.sub(
            r"^(--.*|\\\w+ .*|SET \w+ = .*;|ALTER \w+ \S+ OWNER TO .*)\n",
            "",
            dumped[match.end() : end],
            flags=re.M,
        )
        text = body.strip() if match[2] == "FUNCTION" else as_we_write(body.strip())
        yield Entry(match[1], match[2], match[3], text)


def as_we_write(sql: str) -> str:
    """Lower case, short type names, no redundant casts or brackets."""
    parts = _QUOTED.split(sql)
    text = "".join(part if index % 2 else _shorten(part) for index, part in enumerate(parts))
    text = re.sub(r"'::text\b(?!\[)", "'", text)
    text = re.sub(r"(\w+) = any \(array\[([^\]]*)\]\)", r"\1 in (\2)", text)
    text = re.sub(r"^(create policy .*) as permissive", r"\1", text)
    text = re.sub(r"\bcheck \(\((.*)\)\)( not valid)?(?=[,;]?$)", _one_bracket, text, flags=re.M)
    return re.sub(
        r"^( +\w+ .*?) default (.*) not null(,?)$", r"\1 not null default \2\3", text, flags=re.M
    )


def _shorten(unquoted: str) -> str:
    text = unquoted.lower().replace("timestamp with time zone", "timestamptz")
    return text.replace(" using btree", "")


def _one_bracket(found: re.Match[str]) -> str:
    depth = 0
    for letter in re.sub(r"'[^']*'", "", found[1]):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return found[0]
    return f"check ({found[1]}){found[2] or ''}"


def relations(entries: list[Entry]) -> list[Relation]:
    """Tables and views, sorted by name, each with everything that belongs to it."""
    made: dict[str, Relation] = {}
    for entry in entries:
        if entry.kind in ("TABLE", "VIEW"):
            relation = _make_relation(entry)
            made[relation.name] = relation
    for entry in entries:
        if entry.table in made and entry.kind not in ("TABLE", "VIEW", "FUNCTION"):
            _put(made[entry.table], entry)
        elif entry.kind not in ("TABLE", "VIEW", *_ELSEWHERE):
            raise ValueError(f"no place in schema.sql for {entry.kind} {entry.name}: give it one")
    for relation in made.values():
        relation.below["ACL"] = _grants(relation.below["ACL"])
    return sorted(made.values(), key=lambda each: (each.name.startswith("private."), each.name))


def _make_relation(entry: Entry) -> Relation:
    name = f"{entry.schema}.{entry.name}"
    if entry.kind == "VIEW":
        return Relation(name, entry.sql)
    first, _, rest = entry.sql.partition(" (\n")
    inside, _, options = rest.rpartition("\n)")
    columns = [line.strip().removesuffix(",") for line in inside.splitlines()]
    constraints = [line for line in columns if line.startswith("constraint ")]
    columns = [line for line in columns if not line.startswith("constraint ")]
    return Relation(name, first, columns, constraints, options.strip().removesuffix(";"))


def _put(relation: Relation, entry: Entry) -> None:
    sql = re.sub(r"\s+", " ", entry.sql) if entry.kind != "COMMENT" else entry.sql
    if entry.kind == "SEQUENCE":
        column = re.search(r"alter column (\w+) add generated (.*?) as identity", sql)
        assert column
        relation.columns = [
            line.replace(" not null", f" generated {column[2]} as identity", 1)
            if line.split()[0] == column[1]
            else line
            for line in relation.columns
        ]
    elif entry.kind in ("CONSTRAINT", "FK CONSTRAINT"):
        constraint = re.sub(r"^alter table (only )?\S+ add ", "", sql).removesuffix(";")
        if constraint.endswith(" not valid"):
            relation.below["CHECK CONSTRAINT"].append(sql)
        else:
            relation.constraints.append(constraint)
    else:
        relation.below[entry.kind].append(sql)


def _grants(granted: list[str]) -> list[str]:
    """One line per role, where the dump has one per column."""
    columns: dict[tuple[str, str, str], list[str]] = {}
    lines = []
    for text in granted:
        for statement in text.replace("; ", ";\n").splitlines():
            found = re.fullmatch(r"grant (\w+)\((\w+)\) on table (\S+) to (\w+);", statement)
            if found:
                columns.setdefault((found[1], found[3], found[4]), []).append(found[2])
            else:
                lines.append(statement.replace(" on table ", " on ").replace(",", ", "))
    return sorted(lines) + [
        f"grant {right} ({', '.join(names)}) on {table} to {role};"
        for (right, table, role), names in columns.items()
    ]


def signatures(entries: list[Entry]) -> list[str]:
    """A line for each function: its arguments, what it returns, and who may call it."""
    # By name only: the dump writes arguments in two different ways.
    may: dict[str, set[str]] = {}
    lines = []
    for entry in entries:
        if entry.kind == "ACL" and entry.name.startswith("FUNCTION "):
            granted = set(re.findall(r"^grant all on function .* to (\w+);$", entry.sql, re.M))
            if not re.search(r"^revoke all on function .* from public;$", entry.sql, re.M):
                granted.add("public")
            may[_function(entry)] = granted
    for entry in entries:
        if entry.kind == "FUNCTION":
            head = entry.sql.partition("\n    LANGUAGE")[0].removeprefix("CREATE FUNCTION ")
            head = re.sub(r"\s+", " ", as_we_write(head)).replace(" returns ", "\n--   returns ")
            roles = may.get(_function(entry), {"public"})
            callers = ", ".join(role for role in _ROLES.split() if role in roles) or "its owner"
            lines.append(f"-- {head}; {callers}\n")
    return sorted(lines)


def _function(entry: Entry) -> str:
    return f"{entry.schema}.{entry.name.removeprefix('FUNCTION ').partition('(')[0]}"


def main(say: Callable[[str], None] = print) -> None:
    with Stack(fast=True) as stack:
        database = stack.create_database("described")
        apply(database.database_url, say=lambda _: None)
        SCHEMA.write_text(describe(dump(database)), encoding="utf-8")
    say(f"wrote {SCHEMA}")


if __name__ == "__main__":
    main()
