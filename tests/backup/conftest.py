"""An empty project to restore into, and the settings of backups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.settings import BackupSettings
from local.stack import Database, Stack
from tests.exactly_once.scene import model, sandbox, scene

__all__ = ["model", "sandbox", "scene"]


def quiet(_line: str) -> None:
    pass


def settings_of(database: Database, folder: Path, **more: object) -> BackupSettings:
    given = {
        "supabase_url": database.supabase_url,
        "SUPABASE_SERVICE_ROLE_KEY": database.service_role_key,
        "database_url": database.database_url,
        "backup_folder": folder,
    }
    return BackupSettings(_env_file=None, **{**given, **more})


@pytest.fixture
def empty(stack: Stack) -> Iterator[Database]:
    """A project that nobody ever used."""
    database = stack.serve(stack.create_database("restored"))
    yield database
    stack.stop_serving(database)
    stack.drop_database(database.name)
