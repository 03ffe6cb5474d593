"""Packages of Debian and Ubuntu that the tests need, where this account may install them."""

import os
import shutil
import subprocess


def can_install() -> bool:
    """Whether this account may install packages."""
    return _installer() is not None


def install(package: str) -> None:
    """Install a package. Whether it worked is seen by looking for its program."""
    prefix = _installer()
    if prefix is None:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", package]):
        command = [*prefix, "apt-get", "-qq", *step]
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:
            return


def _installer() -> list[str] | None:
    """The prefix for `apt-get`, or None if this account may not install packages."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True)
    return sudo if allowed and allowed.returncode == 0 else None
