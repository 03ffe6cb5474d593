"""The public HTML templates on which the review is held against axe: installed from npm by a lock
file of their own, because the product does not need them."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.setup import NPM_INSTALL, VENV

FOLDER = Path(__file__).with_name("pages")
_STAMP = FOLDER / "node_modules" / ".installed"
# Package: the folder that its pages call "/", and where its pages are in it.
PACKAGES = {
    "gentelella": ("dist", ("production",)),
    "material-dashboard": ("", ("", "pages")),
    "soft-ui-dashboard": ("", ("pages",)),
    "startbootstrap-creative": ("dist", ("",)),
    "startbootstrap-resume": ("dist", ("",)),
    "startbootstrap-sb-admin": ("dist", ("",)),
    "startbootstrap-sb-admin-2": ("", ("",)),
}


@dataclass(frozen=True)
class Template:
    """One page: its package, the package's root folder on disk, and its path in it."""

    package: str
    root: Path
    path: str

    @property
    def name(self) -> str:
        return f"{self.package}/{self.path}"


def install() -> None:
    """Install the templates unless they are there as the lock file has them. Needs npm once."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == lock:
        return
    print("installing the HTML templates from npm …", flush=True)
    done = subprocess.run([VENV / "bin" / NPM_INSTALL[0], *NPM_INSTALL[1:]], cwd=FOLDER)
    if done.returncode:
        raise SystemExit(
            "The HTML templates could not be installed; npm says why above. Without them, "
            '`make measure-review ARGS="flaws clean"` measures the rest.'
        )
    _STAMP.write_text(lock)


def templates() -> list[Template]:
    """Every page of the installed templates, in a fixed order."""
    found = []
    for package, (root, folders) in PACKAGES.items():
        top = FOLDER / "node_modules" / package / root
        for folder in folders:
            for path in sorted((top / folder).glob("*.html")):
                found.append(Template(package, top, path.relative_to(top).as_posix()))
    return found
