"""Makes sure that Chromium is installed for the tests of pages: `python -m local.browser`."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class BrowserError(SystemExit):
    """There is no Chromium; the message says how to get one."""


def find_browser() -> str | None:
    """The path of a Chromium: `CHROMIUM` in the environment, else the first one on PATH."""
    given = os.environ.get("CHROMIUM")
    if given:
        if not _runs(given):
            raise BrowserError(f"CHROMIUM is {given}, which cannot be run: correct or unset it.")
        return given
    found = (path for name in NAMES if (path := shutil.which(name)))
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


def require_browser() -> str:
    """As `find_browser`, but raises BrowserError when there is none."""
    found = find_browser()
    if found is None:
        advice = (
            "Ubuntu's own is a snap, which they cannot use. Install Google Chrome's .deb "
            "(google.com/chrome), or set CHROMIUM to the path of another Chrome or Chromium."
            if _is_ubuntu()
            else "Install it (Debian: apt-get install chromium), or set CHROMIUM to its path."
        )
        raise BrowserError(f"The tests of pages need Chromium, and none was found. {advice}")
    return found


def ensure_browser() -> str:
    """Find a Chromium, or install Debian's if this account may install packages."""
    if find_browser() is None and not _is_ubuntu():
        prefix = _installer()
        if prefix is not None:
            print("installing Chromium …", flush=True)
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                command = [*prefix, "apt-get", "-qq", *step]
                if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:
                    break
    return require_browser()


def _is_ubuntu() -> bool:
    """Ubuntu or a derivative: there apt's package chromium only starts the snap."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "ubuntu" in (release["ID"], *release.get("ID_LIKE", "").split())


def _installer() -> list[str] | None:
    """The prefix for `apt-get`, or None if this account may not install packages."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True)
    return sudo if allowed and allowed.returncode == 0 else None


if __name__ == "__main__":
    ensure_browser()
