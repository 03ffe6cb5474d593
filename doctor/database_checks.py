"""Postgres: reached, at this version, its clock, its room and its connections."""

import os
import time
from urllib.parse import urlsplit

import psycopg

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from sql.apply import FOLDER
from sql.scripts import ApplyError, functions_scripts, migration_scripts, queue_scripts

# The wait for the question's way there and back is taken off before.
CLOCK_WARNING_SECONDS, CLOCK_FAILED_SECONDS = 2.0, 30.0
# What each process keeps open: docs/settings.md, DATABASE_URL.
PER_WEB, PER_WORKER, PER_BUILDER = 3, 5, 5
# Supabase's own services and the people who look by hand.
FOR_OTHERS = 20
LISTEN_SECONDS = 3.0


def database(world: World) -> Finding:
    try:
        with world.connect() as connection:
            version = connection.info.server_version
            role, is_encrypted = connection.execute(
                "select current_user, coalesce((select ssl from pg_stat_ssl"
                " where pid = pg_backend_pid()), false)"
            ).fetchone() or ("", False)
    except psycopg.OperationalError as error:
        # libpq's words name host and user, never the password.
        said = " ".join(str(error).split())[:200].rstrip("?.")
        return failed(
            f"The database does not answer: {said}.",
            "Nothing is received or answered without it.",
            "Check DATABASE_URL (Supabase → Connect), and that the project is not paused.",
        )
    host = urlsplit(world.settings.database_url.get_secret_value()).hostname or ""
    if not is_encrypted and not world.is_local and "." in host:
        return warning(
            f"The connection to {host} is not encrypted.",
            "What passes could be read on its way.",
            "Add ?sslmode=require to DATABASE_URL.",
        )
    return ok(f"PostgreSQL {version // 10000}.{version % 100}, as {role}.")


def migrations(world: World) -> Finding:
    try:
        with world.connect() as connection:
            return _compare_migrations(connection)
    except psycopg.OperationalError:
        raise Skip("The database does not answer: see `database`.") from None


def _compare_migrations(connection: psycopg.Connection) -> Finding:
    try:
        done: dict[str, str] = dict(
            connection.execute("select name, checksum from private.schema_migrations").fetchall()
        )
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return failed(
            "The product's SQL was never applied here.",
            "No process can do its work.",
            "Run `make migrate`.",
        )
    views = {
        name for (name,) in connection.execute("select schemaname || '.' || viewname from pg_views")
    }
    try:
        scripts = queue_scripts(done, is_installed=True) + migration_scripts(FOLDER, done)
        scripts += functions_scripts(FOLDER, done, views, is_due=False)
    except ApplyError as error:
        return failed(
            f"The database and this version disagree: {error}",
            "The next deploy will stop there.",
            "Check out the version that the database has, or a newer one.",
        )
    if scripts:
        names = ", ".join(script.name for script in scripts[:4])
        more = f" and {len(scripts) - 4} more" if len(scripts) > 4 else ""
        return failed(
            f"Not applied yet: {names}{more}.",
            "This version's processes call SQL that is not there.",
            "Run `make migrate`.",
        )
    return ok("Everything of this version is applied, unchanged.")


# What the product's processes call, as `make signatures` wrote it for the last release.
_CALLED = """
select 'call ' || proname from pg_proc where pronamespace = 'public'::regnamespace
    and has_function_privilege('service_role', oid, 'execute')
"""


def signatures(world: World) -> Finding:
    lines = (FOLDER / "signatures.txt").read_text(encoding="utf-8").splitlines()
    wanted = {
        " ".join(line.split()[:2])
        for line in lines
        if line.startswith("call ") and " as service_role " in line
    }
    there = {name for (name,) in world.rows(_CALLED)}
    missing = sorted(each.removeprefix("call ") for each in wanted - there)
    if missing:
        return failed(
            f"The service may not call {', '.join(missing[:5])} ({len(missing)} functions).",
            "Whoever calls it gets an error: it was dropped or its rights were changed by hand.",
            "Delete the row `functions` of private.schema_migrations and run `make migrate`.",
        )
    return ok(f"All {len(wanted)} functions that the last release calls are there.")


def listen(world: World) -> Finding:
    """A notification from one connection must reach another: workers are woken so."""
    channel = f"doctor_{os.getpid()}"
    try:
        with world.connect() as hearing, world.connect() as speaking:
            hearing.execute(f"listen {channel}")
            speaking.execute("select pg_notify(%s, '')", [channel])
            heard = list(hearing.notifies(timeout=LISTEN_SECONDS, stop_after=1))
    except psycopg.OperationalError:
        raise Skip("The database does not answer: see `database`.") from None
    if not heard:
        return failed(
            "A notification did not arrive: LISTEN does not pass what stands before Postgres.",
            "Workers are not woken, and answers come late.",
            "Take the session pooler or the direct connection (port 5432) for DATABASE_URL.",
        )
    return ok("Notifications arrive, so workers are woken at once.")


def clock(world: World) -> Finding:
    before = time.time()
    [(there,)] = world.rows("select extract(epoch from clock_timestamp())::float8")
    after = time.time()
    # What is between the two readings of our clock may be the way, and is no difference.
    off = max(0.0, before - there, there - after)
    return judge_clock(off, "the database's")


def judge_clock(off: float, whose: str) -> Finding:
    if off <= CLOCK_WARNING_SECONDS:
        return ok(f"This machine's clock and {whose} agree within {CLOCK_WARNING_SECONDS:.0f} s.")
    judge = failed if off > CLOCK_FAILED_SECONDS else warning
    return judge(
        f"This machine's clock and {whose} differ by {off:.0f} s (limit: "
        f"{CLOCK_WARNING_SECONDS:.0f} s).",
        "Leases end too early or too late, and tokens look expired or not valid yet.",
        "Switch time synchronisation on (timedatectl set-ntp true) on this machine.",
    )


_CONNECTIONS = """
select current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int,
    (select count(*) from pg_stat_activity where backend_type = 'client backend'),
    (select count(*) from queue.procrastinate_workers
        where last_heartbeat > now() - interval '30 seconds'),
    (select count(*) from public.pipeline_runners join queue.procrastinate_workers on id = worker_id
        where last_heartbeat > now() - interval '30 seconds')
"""


def connections(world: World) -> Finding:
    [(most, now, alive, runners)] = world.rows(_CONNECTIONS)
    webs = int(world.environment.get("WEB_CONCURRENCY") or 2)
    # A worker runs stages too, so it counts as two of those that are alive.
    workers = max(1, alive - runners)
    needed = webs * PER_WEB + workers * PER_WORKER + runners * PER_BUILDER + FOR_OTHERS
    if now > most * 0.9:
        return failed(
            f"{now} of {most} connections are in use.",
            "The next process that needs one is refused.",
            "Stop processes that are not needed, or raise the database's compute size.",
        )
    if needed > most:
        return warning(
            f"{webs} web processes and {workers} workers may need {needed} connections, and there "
            f"are {most}.",
            "Under load some are refused.",
            "Run fewer processes, or raise the database's compute size.",
        )
    return ok(f"{now} of {most} in use; the processes seen here need at most {needed}.")


_PARTITIONS = """
select name, is_partitioned, has_strays, begun_until,
    coalesce(is_partitioned and made_until < now() + ahead / 2, false)
from private.partition_kinds() join private.partition_states() using (name) order by name
"""


def partitions(world: World) -> Finding:
    rows = world.rows(_PARTITIONS)
    done = [name for name, is_partitioned, *_ in rows if is_partitioned]
    late = [name for name, _, has_strays, _, is_late in rows if has_strays or is_late]
    begun = [(name, until) for name, _, _, until, _ in rows if until]
    if late:
        return failed(
            f"The next partitions of {', '.join(late)} are not made.",
            "Rows are stored all the same, in a partition that catches the rest and grows.",
            "Look for `upkeep_failed` with the action `_tend_partitions` in the worker's log; "
            "`make partitions TABLE=…` makes them at once.",
        )
    if begun:
        name, until = begun[0]
        return warning(
            f"Partitions of {name} were begun and not finished: it takes rows until {until:%d %B}.",
            "Two days before, a worker takes that bound away, and it is to be begun anew.",
            f"Run `make partitions TABLE={name}`, or the same with ARGS=--undo.",
        )
    if not done:
        return ok("No table has partitions, which is right up to some hundred million rows.")
    return ok(f"Made ahead: {', '.join(done)}.")


CHECKS = (
    Check("database", "database", database),
    Check("migrations", "database", migrations),
    Check("signatures", "database", signatures),
    Check("listen", "database", listen),
    Check("clock", "database", clock),
    Check("connections", "database", connections),
    Check("partitions", "database", partitions),
)
