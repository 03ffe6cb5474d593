"""Installs bubblewrap, in which generated components run: `python -m local.bubblewrap`."""

import shutil

from local.apt import can_install, install


def ensure_bubblewrap() -> None:
    """Install Debian's or Ubuntu's if it is missing and this account may. Without it the product
    says that components cannot be checked, and so do the tests that need it."""
    if shutil.which("bwrap") is None and can_install():
        print("installing bubblewrap …", flush=True)
        install("bubblewrap")


if __name__ == "__main__":
    ensure_bubblewrap()
