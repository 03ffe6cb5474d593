"""The job queue's own SQL comes with procrastinate, and ours stands on it: no change unseen."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import procrastinate
from procrastinate.schema import SchemaManager

from local.stack.stack import ROOT

# Of the release in requirements.txt. When one differs, read the message below before changing it.
SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
MIGRATIONS = "2abeef2c1128788a3a49990ea62360b44e127924dcdc6b133dc230057e2faace"

MESSAGE = """\
procrastinate {version} brings other SQL than the release this product was written against.
Before you write the new checksum into {test}:
1. Read what changed: the package's sql/schema.sql and the newest files of sql/migrations
   (in {package}), and its own notes on the release.
2. Look at each place of ours that names its tables, types or functions, and at the indexes on
   its tables that sql/migrations make:
{places}
   They rely on the columns id, status, worker_id, lock, args, task_name and scheduled_at of
   procrastinate_jobs, on id and last_heartbeat of procrastinate_workers, on job_id, type and at of
   procrastinate_events, on the statuses todo and doing, on the order of the fields of
   procrastinate_job_to_defer_v1, and on the signatures of the functions that they call.
3. Try the upgrade on a database with jobs in it: sql/apply.py runs the new migrations only, and
   old workers go on working against them while a deploy lasts."""


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def migrations() -> str:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    return "\n".join(f"-- {file.name}\n{file.read_text(encoding='utf-8')}" for file in files)


def our_mentions() -> Iterator[tuple[Path, str]]:
    """Each file of ours that names something of the queue's schema, with its text."""
    for path in sorted([*ROOT.glob("sql/functions/**/*.sql"), *ROOT.glob("service/**/*.py")]):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\bprocrastinate_\w+", text):
            yield path.relative_to(ROOT), text


def test_the_queues_sql_is_the_one_that_ours_was_written_against():
    message = MESSAGE.format(
        version=procrastinate.__version__,
        test=Path(__file__).relative_to(ROOT),
        package=Path(procrastinate.__file__).parent,
        places="\n".join(f"   - {path}" for path, _ in our_mentions()),
    )
    found = {"SCHEMA": checksum(SchemaManager.get_schema()), "MIGRATIONS": checksum(migrations())}
    assert found == {"SCHEMA": SCHEMA, "MIGRATIONS": MIGRATIONS}, message


def test_all_that_we_name_of_the_queue_exists_in_its_schema():
    theirs = set(re.findall(r"\bprocrastinate_\w+", SchemaManager.get_schema()))
    missing = {
        f"{path}: {name}"
        for path, text in our_mentions()
        for name in re.findall(r"\bprocrastinate_\w+", text)
        if name not in theirs
    }
    assert not missing
