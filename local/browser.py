"""Makes sure that a Chromium is there for the tests of pages: `python -m local.browser`."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class BrowserError(SystemExit):
    """No Chromium, and how to get one."""


def find_browser() -> str | None:
    """The path of a Chromium: `CHROMIUM` in the environment, else the first one on the path."""
    given = os.environ.get("CHROMIUM")
    if given:
        if not os.access(given, os.X_OK):
            raise BrowserError(f"CHROMIUM is {given}, which cannot be run: correct or unset it.")
        return given
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def require_browser() -> str:
    """As `find_browser`, but raises BrowserError when there is none."""
    found = find_browser()
    if found is None:
        raise BrowserError(
            "The tests of pages need Chromium, and none was found. Install it (Debian, Ubuntu: "
            "apt-get install chromium), or set CHROMIUM to its path."
        )
    return found


def ensure_browser() -> str:
    """Find a Chromium, or install Debian's where this account may."""
    if find_browser() is None:
        prefix = _installer()
        if prefix is not None:
            print("installing Chromium …", flush=True)
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                command = [*prefix, "apt-get", "-qq", *step]
                if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:
                    break
    return require_browser()


def _installer() -> list[str] | None:
    """What to put before `apt-get`, or None where this account may not install anything."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True)
    return sudo if allowed and allowed.returncode == 0 else None


if __name__ == "__main__":
    ensure_browser()
