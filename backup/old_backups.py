"""The names of backups, and which old ones go. A name says the moment, the newest migration and the
version of Postgres, so that a folder can be read without any key."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

# However old they are: a machine that was away for long must not lose what it has.
ALWAYS_KEPT = 3
# What a file is called while it is written, and while it is read back.
DRAFT, UNCHECKED = ".backup-", ".unchecked"
_NAME = re.compile(r"figma-ai-buddy-(\d{8}T\d{6}Z)-schema\d{4}-pg\d+\.backup\.age")
_MOMENT = "%Y%m%dT%H%M%SZ"


def file_name(moment: datetime, schema_version: str, server_major: int) -> str:
    number = schema_version.partition("_")[0]
    at = moment.astimezone(UTC).strftime(_MOMENT)
    return f"figma-ai-buddy-{at}-schema{number}-pg{server_major}.backup.age"


def backups_in(folder: Path) -> list[tuple[datetime, Path]]:
    """The finished backups, newest first. Files with other names are nobody's business."""
    return sorted(_found_in(folder), reverse=True)


def _found_in(folder: Path) -> Iterator[tuple[datetime, Path]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if found := _NAME.fullmatch(path.name):
            yield datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC), path


def remove_old(folder: Path, keep_days: int, now: datetime) -> list[Path]:
    """Remove backups that are older, except the newest three, and what a killed backup left a day
    ago. Returns what is gone."""
    old = [
        path
        for moment, path in backups_in(folder)[ALWAYS_KEPT:]
        if moment < now - timedelta(days=keep_days)
    ]
    old += [
        path
        for pattern in (f"{DRAFT}*", f"*{UNCHECKED}")
        for path in folder.glob(pattern)
        if path.stat().st_mtime < (now - timedelta(days=1)).timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return old
