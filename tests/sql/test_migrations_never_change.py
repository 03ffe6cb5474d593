"""A migration that was committed never changes: somewhere it has been applied as it was."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from sql.apply import FOLDER

LIST = FOLDER / "checksums.txt"


def written(text: str) -> dict[str, str]:
    """Checksums by file name, from a list as `sha256sum` writes it."""
    return {name: checksum for checksum, name in (line.split("  ") for line in text.splitlines())}


def standing(folder: Path) -> dict[str, str]:
    paths = [*folder.glob("baseline/*.sql"), *folder.glob("migrations/*.sql")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def complaints(files: dict[str, str], listed: dict[str, str]) -> list[str]:
    """What differs between migrations and their list, and what to do about it."""
    found = [
        f"{name} has changed since it was committed. Databases have applied it as it was: put it "
        "back (`git checkout`), and write the change as a new migration with the next number."
        for name in files.keys() & listed.keys()
        if files[name] != listed[name]
    ]
    found += [
        f"{name} is new: add the line `{files[name]}  {name}` to sql/checksums.txt "
        "with the commit that brings it. From then on it never changes."
        for name in files.keys() - listed.keys()
    ]
    found += [
        f"{name} was committed and is gone: databases have applied it, so put it back."
        for name in listed.keys() - files.keys()
    ]
    return sorted(found)


def test_no_committed_migration_has_changed():
    assert complaints(standing(FOLDER), written(LIST.read_text())) == []


def test_the_list_itself_was_only_ever_added_to():
    """Where the history is there: a clean copy without it has the list alone."""
    git = shutil.which("git")
    if git is None or not (FOLDER.parent / ".git").exists():
        pytest.skip("no history here: the list was compared with the files")
    command = [git, "log", "--format=", "--patch", "--unified=0", "--", str(LIST)]
    shown = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True)
    if shown.returncode:
        pytest.skip("git cannot read the history here: the list was compared with the files")
    now = written(LIST.read_text())
    changed = [
        f"{name} was committed with the checksum {checksum} and has another now: put the file and "
        "its line back, and write the change as a new migration."
        for line in shown.stdout.splitlines()
        if line.startswith("+") and not line.startswith("+++")
        for name, checksum in written(line[1:]).items()
        if name in now and now[name] != checksum
    ]
    assert changed == []


def test_a_changed_a_new_and_a_deleted_file_are_told_apart():
    files = {"0001_a.sql": "1", "0002_b.sql": "2", "0004_d.sql": "4"}
    listed = {"0001_a.sql": "1", "0002_b.sql": "x", "0003_c.sql": "3"}
    changed, gone, new = complaints(files, listed)
    assert "0002_b.sql has changed" in changed and "write the change as a new migration" in changed
    assert "0003_c.sql was committed and is gone" in gone
    assert "0004_d.sql is new: add the line `4  0004_d.sql`" in new
