"""A small disk of its own for Postgres's files, so that it can be full without harm to others."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "3G"
BALLAST = "ballast"


def lacks_a_disk() -> str:
    """Why no such disk can be made here; empty: it can."""
    if os.geteuid() != 0:
        return "needs root: Postgres's files are put on a small disk of their own (a loop mount)"
    missing = [name for name in ("mkfs.ext4", "mount", "fallocate") if not shutil.which(name)]
    return f"needs {', '.join(missing)}" if missing else ""


@contextmanager
def small_disk(folder: Path, image: Path) -> Iterator[str]:
    """Mount an ext4 file system of ``SIZE`` at ``folder``; its file takes only what is written.
    Yields why that was not possible, or nothing."""
    lack = lacks_a_disk()
    if lack:
        yield lack
        return
    folder.mkdir(mode=0o711)
    _run("truncate", "-s", SIZE, str(image))
    _run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    mounted = subprocess.run(
        ["mount", "-o", "loop", str(image), str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        image.unlink()
        folder.rmdir()
        yield f"no loop mount here: {mounted.stderr.strip()}"
        return
    try:
        folder.chmod(0o711)
        yield ""
    finally:
        # The last process of a cluster that was killed may still be closing its files.
        if subprocess.run(["umount", str(folder)], capture_output=True).returncode:
            _run("umount", "--lazy", str(folder))
        image.unlink()


def fill(folder: Path) -> None:
    """Take all the room there is."""
    left = os.statvfs(folder)
    ballast = folder / BALLAST
    # At once, without writing; what that leaves is written.
    subprocess.run(
        ["fallocate", "-l", str(left.f_bavail * left.f_frsize), str(ballast)], capture_output=True
    )
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={ballast}-2", "bs=64K", "count=1000"], capture_output=True
    )


def free(folder: Path) -> None:
    for name in (BALLAST, f"{BALLAST}-2"):
        (folder / name).unlink(missing_ok=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
