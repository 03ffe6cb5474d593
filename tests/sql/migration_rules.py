"""What a migration may not do to a database that is full and in use, and what to do instead.

`faults` reads the text alone. docs/migrations.md tells the rules to people.
"""

import re
from collections.abc import Iterator
from pathlib import Path

# What a handful of people keep by hand. Every other table grows with the use of the product.
SMALL = frozenset(
    [
        "private.audit_head",
        "public.alert_channel_secrets",
        "public.alert_channels",
        "public.bot_identity",
        "public.budgets",
        "public.feature_flags",
        "public.model_prices",
        "public.operator_invitations",
        "public.operators",
        "public.plans",
        "public.product_settings",
        "public.reliability_targets",
        "public.report_settings",
        "public.reporting_settings",
        "public.service_profile",
    ]
)
CONCURRENTLY, IN_BATCHES = "-- concurrently", "-- in batches"

_NAME = r"(?P<table>\w+\.[\w%]+)"
_CREATED = re.compile(rf"create (?:unlogged )?table (?:if not exists )?{_NAME}")
_INDEX = re.compile(rf"create (?:unique )?index (?:if not exists )?(?:\w+ )?on (?:only )?{_NAME}")
_ALTER = re.compile(rf"alter table (?:if exists )?(?:only )?{_NAME} (?P<rest>.*)")
# Whatever takes a lock on a table that keeps its readers or its writers out, however briefly.
_LOCKED = (
    re.compile(rf"(?:alter|drop) table (?:if exists )?(?:only )?{_NAME}"),
    re.compile(rf"(?:create|create or replace|drop) trigger .*? on {_NAME}"),
    re.compile(rf"(?:create|alter|drop) policy .*? on {_NAME}"),
    re.compile(rf"references {_NAME}"),
)
_ALONE = (
    r"create (unique )?index concurrently if not exists \w+ on \w+\.\w+ .*"
    r"|drop index concurrently if exists \w+\.\w+"
    r"|comment on index \w+\.\w+ is .*"
)
# A new column with a value of its own in each row.
_VARIED = (
    r"default (?:gen_random_uuid|random|clock_timestamp|nextval|private\.|public\.)"
    r"|as identity|\b(?:big|small)?serial\b|\bstored\b"
)
_REWRITES = {
    r"alter (column )?\w+ (set data )?type\b": "gives a column another type, which rewrites the "
    "table: add a new column, fill it in batches, and let the code move over",
    rf"add (column )?(if not exists )?\w+ [^,]*?(?:{_VARIED})": (
        "adds a column with another value in each row, which rewrites the table: add it without, "
        "set the default in a second statement, and fill the rows there are in batches"
    ),
    r"add (column )?(if not exists )?\w+ [^,]*?\b(check|references|unique|primary key)\b": (
        "adds a column with a constraint, which reads the whole table: add the constraint "
        "`not valid`, in a statement of its own, and validate it in the next file"
    ),
    r"set (logged|unlogged|tablespace|access method)\b": "rewrites the table: make a new one",
}


def faults(path: Path, earlier: str = "") -> list[str]:
    """A sentence for each thing in the file that keeps the product waiting.

    `earlier` is the text of the migrations before it.
    """
    text = path.read_text(encoding="utf-8")
    kind = text.partition("\n")[0].strip()
    statements = list(_statements(text))
    if kind == CONCURRENTLY:
        found = _faults_of_concurrent(statements)
    elif kind == IN_BATCHES:
        found = _faults_of_batches(statements)
    else:
        found = _faults_of_transaction(statements, _plain(earlier))
    return [f"{path.name} {each}." for each in found]


def function_faults(path: Path) -> list[str]:
    """As `faults`, for a file of sql/functions, which every deploy applies in one transaction."""
    locking = (
        r"^(alter (table|view|policy)|create (table|policy|index|unique index|view|trigger)"
        r"|drop (view|trigger|policy|table|index)|lock table|truncate|update|delete from)\b"
    )
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    return [
        f"{path.name} has `{found[0]} …`, whose lock lasts until all functions are applied: write "
        "`create or replace` for a view or trigger, and a migration for everything else."
        for found in re.finditer(locking, text, re.M)
    ]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", text)).lower()


def _statements(text: str) -> Iterator[str]:
    """Roughly: what stands in a string or a block counts as well, as it is run as well."""
    return (part.strip() for part in _plain(text).split(";") if part.strip())


def _faults_of_concurrent(statements: list[str]) -> Iterator[str]:
    dropped = False
    for statement in statements:
        if not re.fullmatch(_ALONE, statement):
            yield (
                f"is marked `{CONCURRENTLY}` and has `{statement[:60]}`: there may be "
                "`create index concurrently if not exists NAME on SCHEMA.TABLE …`, then `drop "
                "index concurrently if exists SCHEMA.NAME`, comments on an index, and nothing else"
            )
        if dropped and statement.startswith("create"):
            yield "drops an index before it has built another: build the new one first"
        dropped = dropped or statement.startswith("drop")


def _faults_of_batches(statements: list[str]) -> Iterator[str]:
    if len(statements) != 1 or not re.search(r"\blimit \d+", " ".join(statements)):
        yield (
            f"is marked `{IN_BATCHES}`: there must be one statement, which changes a few thousand "
            "rows (`… where id in (select id … limit 5000)`) and none when all are done"
        )


def _faults_of_transaction(statements: list[str], earlier: str) -> Iterator[str]:
    made = {found["table"] for each in statements if (found := _CREATED.search(each))}
    locked: set[str] = set()
    locking = 0
    for statement in statements:
        yield from _faults_of_statement(statement, made, earlier)
        tables = {found["table"] for each in _LOCKED for found in each.finditer(statement)} - made
        locking += bool(tables)
        locked |= tables
    if any("%" in table for table in locked):
        yield "has a loop over tables, which hides what it locks: write the statements out"
    elif len(locked) > 1 and (made or locking > 1):
        yield (
            f"locks several tables that are in use ({', '.join(sorted(locked))}): while it waits "
            "for one, others stand still. Write a file for each, a new table's foreign keys too"
        )
    yield from _validated_at_once(statements)


def _faults_of_statement(statement: str, made: set[str], earlier: str) -> Iterator[str]:
    if " concurrently " in statement:
        yield f"builds or drops an index concurrently without `{CONCURRENTLY}` as its first line"
        return
    if re.match(r"drop index\b", statement):
        yield (
            "drops an index under a lock that keeps everybody out: write `drop index concurrently "
            f"if exists …` in a file whose first line is `{CONCURRENTLY}`"
        )
    for word in ("lock table", "truncate", "cluster", "vacuum", "reindex"):
        if re.match(rf"{word}\b", statement):
            yield f"has `{word}`, which keeps everybody out: a deploy may not"
    found = _INDEX.match(statement)
    if found and _is_full(found["table"], made):
        yield (
            f"builds an index of {found['table']} while nobody may write there: write `create "
            f"index concurrently if not exists …` in a file whose first line is `{CONCURRENTLY}`"
        )
    found = re.match(rf"(update|delete from) (only )?{_NAME}", statement)
    if found and _is_full(found["table"], made):
        yield (
            f"changes rows of {found['table']} in one transaction, whose row locks last until its "
            f"end: write it in a file whose first line is `{IN_BATCHES}`"
        )
    found = _ALTER.match(statement)
    if found and _is_full(found["table"], made):
        yield from _faults_of_alter(found["table"], found["rest"], earlier)


def _is_full(table: str, made: set[str]) -> bool:
    return table not in SMALL and table not in made


def _faults_of_alter(table: str, rest: str, earlier: str) -> Iterator[str]:
    for pattern, fault in _REWRITES.items():
        if re.search(pattern, rest) and "add constraint" not in rest:
            yield f"{fault} ({table})"
    for added in re.split(r",(?= add )", rest):
        if re.match(r"add constraint\b", added.strip()):
            is_cheap = added.rstrip().endswith("not valid") or " using index " in added
            if not is_cheap:
                yield (
                    f"adds a constraint to {table} and reads every row under the lock: add it `not "
                    "valid` and validate it in the next file, or make it `using index`"
                )
    for column in re.findall(r"alter (?:column )?(\w+) set not null", rest):
        check = f"{table.partition('.')[2]}_{column}_not_null"
        if f"validate constraint {check}" not in earlier:
            yield (
                f"sets {table}.{column} not null and reads every row under the lock: first a file "
                f"with `add constraint {check} check ({column} is not null) not valid`, then one "
                f"with `validate constraint {check}`, then this"
            )


def _validated_at_once(statements: list[str]) -> Iterator[str]:
    text = "; ".join(statements)
    for name in re.findall(r"validate constraint (\w+)", text):
        if f"add constraint {name} " in text:
            yield (
                f"validates {name} in the transaction that adds it, whose lock lasts for the whole "
                "reading: validate it in the next file"
            )
