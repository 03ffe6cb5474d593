"""Makes sure that Chromium is installed for the tests of pages: `python -m local.browser`."""

import os
import platform

from local.apt import can_install, install
from service.pipelines.gate import tools


class BrowserError(SystemExit):
    """There is no Chromium; the message says how to get one."""


def find_browser() -> str | None:
    """The path of a Chromium: `CHROMIUM` in the environment, else the first one on PATH."""
    found = tools.find_browser()
    given = os.environ.get("CHROMIUM")
    if given and not found:
        raise BrowserError(f"CHROMIUM is {given}, which cannot be run: correct or unset it.")
    return found


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
    if find_browser() is None and not _is_ubuntu() and can_install():
        print("installing Chromium …", flush=True)
        install("chromium")
    return require_browser()


def _is_ubuntu() -> bool:
    """Ubuntu or a derivative: there apt's package chromium only starts the snap."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "ubuntu" in (release["ID"], *release.get("ID_LIKE", "").split())


if __name__ == "__main__":
    ensure_browser()
