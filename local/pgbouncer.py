"""Installs pgbouncer, with which the transaction pooler is tried: `python -m local.pgbouncer`."""

import os
import shutil
from pathlib import Path

from local.apt import can_install, install

# Where systemd runs, the package would start a pooler of its own, now and at each start of the
# machine: that is for its owner to decide. Tests skip what needs it there.
SYSTEMD = Path("/run/systemd/system")


def find_pgbouncer() -> str | None:
    """Its path. Debian keeps it where plain accounts do not look."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def ensure_pgbouncer() -> None:
    """Install Debian's or Ubuntu's if it is missing and this account may."""
    is_wanted = find_pgbouncer() is None and not SYSTEMD.exists()
    if is_wanted and can_install():
        print("installing pgbouncer …", flush=True)
        install("pgbouncer")


if __name__ == "__main__":
    ensure_pgbouncer()
