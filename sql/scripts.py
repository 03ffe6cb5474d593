"""The files of sql/ as scripts: what makes one transaction, and what still has to run."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from procrastinate.schema import SchemaManager

RECORD = """\
insert into private.schema_migrations (name, checksum) values ({name}, {checksum})
on conflict (name) do update set checksum = excluded.checksum, applied_at = now();
"""
QUEUE_PATH = "set local search_path = queue, public;\n"
BASELINE = "baseline"
FUNCTIONS = "functions"
UNCHECKED = "set local check_function_bodies = off;\n"
CHECKED = "set local check_function_bodies = on; \n"
# The first line of a migration that is no single transaction (docs/migrations.md).
CONCURRENTLY = "-- concurrently"
IN_BATCHES = "-- in batches"
_INDEX = re.compile(
    r"create (?:unique )?index concurrently if not exists (?P<name>\w+)\s+on (?P<schema>\w+)\.",
    re.I,
)
# The statements of the functions' files that lock a view or table that is in use.
_LOCKING = re.compile(
    r"^create or replace (?:(?P<view>view \S+)|(?P<trigger>trigger \S+) .*?\bon (?P<table>\S+))"
    r".*?;$",
    re.M | re.S,
)


class ApplyError(SystemExit):
    """A refusal or a failed file, as one sentence. Nothing of the failed script was kept."""


@dataclass(frozen=True)
class Script:
    """One transaction's worth of SQL, and the names under which it is recorded when done.

    The SQL is run once after each of the `setups`. A script of a `kind` is no single transaction:
    CONCURRENTLY builds indexes beside the running product, each statement on its own; IN_BATCHES
    is one statement, run again and again until it changes no row.
    """

    name: str
    sql: str
    records: tuple[tuple[str, str], ...]
    setups: tuple[str, ...] = ("",)
    kind: str = ""

    def record(self) -> str:
        return "".join(
            RECORD.format(name=_quote(name), checksum=_quote(checksum))
            for name, checksum in self.records
        )

    def statements(self) -> list[str]:
        """The statements of a concurrent script: each has its semicolon at the end of a line."""
        code = "\n".join(line for line in self.sql.splitlines() if not line.startswith("--"))
        parts = re.split(r";[ \t]*$", code, flags=re.M)
        return [part.strip() for part in parts if part.strip()]

    def text(self) -> str:
        """The transaction to print: one setup is enough, and no index is built concurrently."""
        text = re.sub(r"\bindex concurrently\b", "index", self.sql.rstrip())
        return f"begin;\n{self.setups[0]}{text}\n{self.record()}commit;\n"


@dataclass(frozen=True)
class Part:
    """A statement of the functions' files that locks what it changes, and its place in them."""

    name: str
    start: int
    end: int
    checksum: str

    @property
    def is_view(self) -> bool:
        return self.name.startswith("view ")

    @property
    def view(self) -> str:
        return self.name.removeprefix("view ")

    @property
    def record(self) -> tuple[str, str]:
        return f"{FUNCTIONS}: {self.name}", self.checksum


def index_of(statement: str) -> str | None:
    """The qualified name of the index that a statement of a concurrent script creates."""
    found = _INDEX.match(statement)
    return f"{found['schema']}.{found['name']}" if found else None


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sql_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.sql"), key=lambda path: (path.name, path.as_posix()))


def queue_scripts(done: dict[str, str], *, is_installed: bool) -> list[Script]:
    """What the job queue still needs: its whole schema when absent, else its newer migrations.

    `done` maps recorded names to checksums.
    """
    files = _sql_files(Path(SchemaManager.get_migrations_path()))
    texts = {f"queue/{path.name}": path.read_text(encoding="utf-8") for path in files}
    marks = {name: (name, checksum(text)) for name, text in texts.items()}
    if not is_installed:
        schema = SchemaManager.get_schema()
        return [Script("queue/schema.sql", schema, tuple(marks.values()), (QUEUE_PATH,))]
    if not any(name in done for name in texts):
        raise ApplyError(
            "The schema `queue` already holds job tables that this program did not make, so it "
            "cannot tell their version. Drop the schema if nothing needs it, and run this again."
        )
    return [
        Script(name, text, (marks[name],), (QUEUE_PATH,))
        for name, text in texts.items()
        if name not in done
    ]


def baseline_script(folder: Path, done: dict[str, str]) -> Script | None:
    """The baseline that all migrations begin from, as one transaction, or None when it was applied.

    A database older than the baseline has the migrations that it replaces, by the names and
    checksums in `folder`/baseline/replaces.txt. There the baseline is recorded as applied, and
    nothing is run. Raises ApplyError for a database that has only some of these migrations, and
    when a file of the baseline was changed.
    """
    files = _sql_files(folder / BASELINE)
    if not files:
        return None
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    mark = (BASELINE, checksum(text))
    if BASELINE in done:
        _refuse_changed(folder / BASELINE, done[BASELINE], mark[1])
        return None
    replaced = replaced_migrations(folder)
    if not any(name in done for name in replaced):
        return Script(BASELINE, text, (mark,), (UNCHECKED,))
    missing = sorted(name for name, then in replaced.items() if done.get(name) != then)
    if missing:
        raise ApplyError(
            f"This database stopped midway through the migrations that sql/baseline replaces: it "
            f"has no {', '.join(missing)}, or another text of it. First deploy the last version "
            f"that still has sql/migrations/{max(replaced)}.sql (docs/migrations.md says how to "
            "find it), then this one. Nothing was changed."
        )
    return Script(f"{BASELINE} (already there)", "", (mark,))


def replaced_migrations(folder: Path) -> dict[str, str]:
    """Checksums of the migrations that the baseline replaces, by name."""
    path = folder / BASELINE / "replaces.txt"
    if not path.exists():
        return {}
    pairs = (line.split("  ") for line in path.read_text(encoding="utf-8").splitlines())
    return {name.removesuffix(".sql"): checksum for checksum, name in pairs}


def migration_scripts(folder: Path, done: dict[str, str]) -> list[Script]:
    """The baseline and the files of `folder`/migrations not yet applied, in order of their numbers.

    Raises ApplyError when an applied file has changed or disappeared, or two share a number, and as
    `baseline_script` does.
    """
    baseline = baseline_script(folder, done)
    scripts = [baseline] if baseline else []
    names = set()
    numbers: dict[str, str] = {}
    for path in _sql_files(folder / "migrations"):
        name, text = path.stem, path.read_text(encoding="utf-8")
        number, _, title = name.partition("_")
        if not (number.isdigit() and title):
            raise ApplyError(f"migrations/{path.name} is not named NNNN_name.sql: rename it.")
        if number in numbers:
            raise ApplyError(f"{numbers[number]} and {name} share one number: renumber the newer.")
        numbers[number] = name
        names.add(name)
        _refuse_changed(path, done.get(name), checksum(text))
        if name not in done:
            scripts.append(migration_script(path.name, text))
    names |= {BASELINE, FUNCTIONS, *replaced_migrations(folder)}
    gone = [name for name in done if name not in names and not _is_ours_by_rule(name)]
    if gone:
        raise ApplyError(
            f"Applied before, but no longer in {folder / 'migrations'}: {', '.join(sorted(gone))}. "
            "This checkout is older than the database, or a file was deleted: restore it."
        )
    return scripts


def migration_script(file_name: str, text: str) -> Script:
    first_line = text.partition("\n")[0].strip()
    kind = first_line if first_line in (CONCURRENTLY, IN_BATCHES) else ""
    mark = (file_name.removesuffix(".sql"), checksum(text))
    return Script(f"migrations/{file_name}", text, (mark,), kind=kind)


def _is_ours_by_rule(name: str) -> bool:
    return name.startswith((f"{FUNCTIONS}: ", "queue/"))


def _refuse_changed(path: Path, applied: str | None, now: str) -> None:
    if applied not in (None, now):
        raise ApplyError(
            f"{path.name} was changed after it was applied to this database. Migrations are never "
            "edited: put the file back as it was and write the change as a new one."
        )


def functions_scripts(
    folder: Path, done: dict[str, str], views: set[str], *, is_due: bool
) -> list[Script]:
    """What of `folder`/functions has to run: changed views, then all functions, then triggers.

    The functions are one transaction, which locks no table. Everything is created twice: first
    unchecked, so that a file may call what a later one makes, then checked, so that a call of
    something missing is refused. A changed view or trigger locks what is in use, so it has a short
    transaction of its own; an unchanged one is skipped. `views` are the views that exist. A new
    view, which nobody uses yet, is made with the functions. So is everything where functions were
    never applied. `is_due`: run the functions even if none of their files has changed.
    """
    text = functions_text(folder)
    if not text:
        return []
    whole = (FUNCTIONS, checksum(text))
    parts = list(locking_parts(text))
    changed = [part for part in parts if done.get(part.record[0]) != part.record[1]]
    alone = [part for part in changed if not part.is_view or part.view in views]
    if FUNCTIONS not in done:
        changed, alone = parts, []
    scripts = [_alone(text, part) for part in alone if part.is_view]
    if is_due or done.get(FUNCTIONS) != whole[1]:
        inside = [part for part in changed if part not in alone]
        left = _blank(text, [part for part in parts if part not in inside])
        records = (whole, *(part.record for part in inside))
        scripts.append(Script(FUNCTIONS, left, records, (UNCHECKED, CHECKED)))
    return scripts + [_alone(text, part) for part in alone if not part.is_view]


def functions_text(folder: Path) -> str:
    """All files of `folder`/functions, each after a line with its name."""
    return "\n".join(
        f"-- {path.relative_to(folder)}\n{path.read_text(encoding='utf-8').rstrip()}\n"
        for path in _sql_files(folder / "functions")
    )


def locking_parts(text: str) -> Iterator[Part]:
    for found in _LOCKING.finditer(text):
        name = found["view"] or f"{found['trigger']} on {found['table']}"
        yield Part(name, found.start(), found.end(), checksum(found[0]))


def _alone(text: str, part: Part) -> Script:
    """The statement alone, on the same line number as in `text`."""
    before = _blank(text[: part.start], [Part("", 0, part.start, "")])
    return Script(part.record[0], before + text[part.start : part.end], (part.record,))


def _blank(text: str, parts: list[Part]) -> str:
    """`text` with these parts blanked out. The number of its lines stays the same."""
    for part in parts:
        hole = re.sub(r"[^\n]", " ", text[part.start : part.end])
        text = text[: part.start] + hole + text[part.end :]
    return text


def file_and_line(script: Script, position: str | None, folder: Path) -> str:
    """`file:line` where Postgres names a position, which counts characters of the whole text."""
    if position is None:
        return script.name
    # Positions count from the start of the setup; all setups of one script are equally long.
    setup = script.setups[-1]
    line = (setup + script.sql)[: int(position)].count("\n") + 1 - setup.count("\n")
    if script.name == BASELINE:
        return _line_of(folder, BASELINE, line, 0, 1)
    if not script.name.startswith(FUNCTIONS):
        return f"{script.name}:{line}"
    # One line of ours stands before each file, and one between two.
    return _line_of(folder, "functions", line, 1, 2)


def _line_of(folder: Path, room: str, line: int, before: int, between: int) -> str:
    """`file:line` of a line in a text that joins the files, with lines before and between them."""
    files = _sql_files(folder / room)
    for path in files:
        length = path.read_text(encoding="utf-8").rstrip().count("\n") + 1 + between
        if line <= length:
            return f"{path.relative_to(folder)}:{line - before}"
        line -= length
    return room
