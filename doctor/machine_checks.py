"""This machine: room on its disks, and what a builder and a backup need of it."""

import shutil
from pathlib import Path

from backup.clients import find_clients
from backup.errors import BackupError
from doctor.finding import Finding, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.alerts.health import temporary_folder
from service.pipelines.gate import Sandbox, find_tools

GB = 1_000_000_000
DISK_WARNING_BYTES, DISK_FAILED_BYTES = 2 * GB, 500_000_000


def disk(world: World) -> Finding:
    folders = {Path.cwd(), Path(temporary_folder())}
    given = world.environment.get("BACKUP_FOLDER")
    if given and Path(given).is_dir():
        folders.add(Path(given))
    free, where = min((shutil.disk_usage(folder).free, str(folder)) for folder in folders)
    return judge_disk(free, where)


def judge_disk(free: int, where: str) -> Finding:
    if free >= DISK_WARNING_BYTES:
        return ok(f"{free / GB:.0f} GB are free.")
    judge = failed if free < DISK_FAILED_BYTES else warning
    return judge(
        f"{free / GB:.1f} GB are free in {where} (limit: {DISK_WARNING_BYTES / GB:.0f} GB).",
        "Logs, backups and builds fail when it is full.",
        "Make room: old logs, old backups, or a larger disk.",
    )


def sandbox(_world: World) -> Finding:
    lack = Sandbox(find_tools()).missing()
    if lack:
        return warning(
            lack,
            "A builder here labels components *not tested*, and they take no use.",
            "Do so if a builder runs on this machine (docs/deploying.md); nothing else needs it.",
        )
    return ok("bubblewrap, Chromium and the toolchain are here, and the sandbox starts.")


def backup_clients(world: World) -> Finding:
    [(version,)] = world.rows("select current_setting('server_version_num')::int / 10000")
    try:
        find_clients(version)
    except BackupError as error:
        return warning(
            str(error),
            "`make backup` does not work from this machine.",
            "Install it if backups are made here.",
        )
    return ok(f"pg_dump and pg_restore for PostgreSQL {version} are here.")


CHECKS = (
    Check("disk", "machine", disk),
    Check("sandbox", "machine", sandbox),
    Check("backup_clients", "machine", backup_clients),
)
