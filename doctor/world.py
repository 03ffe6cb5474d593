"""What checks look at: the settings, the database, and other services over HTTP."""

import re
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from dotenv import dotenv_values
from psycopg.conninfo import make_conninfo

from backup.settings import load_settings as load_backup_settings
from doctor.finding import Skip
from service.config import Settings, SettingsError, load_settings
from service.observing.logs import hide, scrub_text, secrets_of

# For one call; a check may make several.
CALL_SECONDS = 5
# Whatever has such a name in the environment is not shown.
_SECRET_NAMES = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL")


class World:
    """Shared by all checks, in threads. ``problem``: why there are no settings.

    ``sends``: a test may be sent to people, over the channels of alerts.
    """

    def __init__(
        self,
        settings: Settings | None,
        environment: Mapping[str, str],
        *,
        env_file: Path | None = None,
        problem: str = "",
        sends: bool = False,
    ):
        self._settings = settings
        self.environment = environment
        self.env_file = env_file
        self.problem = problem
        self.sends = sends
        # Whom to trust in TLS; None: whom this machine trusts.
        self.tls: ssl.SSLContext | None = None
        self.http = httpx.Client(timeout=CALL_SECONDS, follow_redirects=False)
        # Checks must not take the connections that the product needs.
        self._connecting = threading.BoundedSemaphore(4)
        if settings:
            hide(secrets_of(settings))
        else:
            given = {**(dotenv_values(env_file) if env_file else {}), **environment}
            hide(value for name, value in given.items() if value and _SECRET_NAMES.search(name))

    @classmethod
    def read(
        cls, environment: Mapping[str, str], env_file: Path | None, *, sends: bool = False
    ) -> "World":
        """From the environment of this process, and a file below it."""
        try:
            settings, problem = load_settings(env_file), ""
        except SettingsError as error:
            settings, problem = None, str(error)
        return cls(settings, environment, env_file=env_file, problem=problem, sends=sends)

    def close(self) -> None:
        self.http.close()
        hide(())

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            raise Skip("The settings cannot be read: see `settings`.")
        return self._settings

    @property
    def is_local(self) -> bool:
        return self.settings.is_local

    def need_public(self, why: str) -> None:
        """Raises Skip on a local run."""
        if self.is_local:
            raise Skip(f"A local run: {why}.")

    @property
    def database_url(self) -> str:
        """A machine that makes backups has no other settings of the product's but this one."""
        if self._settings is None:
            with suppress(SettingsError):
                return load_backup_settings(self.env_file).database_url.get_secret_value()
        return self.settings.database_url.get_secret_value()

    def connect(self) -> psycopg.Connection:
        """A connection that reads only. Raises psycopg's errors."""
        conninfo = make_conninfo(
            self.database_url,
            application_name="doctor",
            connect_timeout=CALL_SECONDS,
            options=f"-c statement_timeout={CALL_SECONDS}s",
        )
        connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
        connection.read_only = True
        return connection

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Raises Skip while the database is away or the product is not in it."""
        with self._connecting:
            try:
                with self.connect() as connection:
                    return connection.execute(statement, values or None).fetchall()
            except psycopg.OperationalError:
                raise Skip("The database does not answer: see `database`.") from None
            except psycopg.ProgrammingError:
                raise Skip("The database lacks what is asked for: see `migrations`.") from None

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Raises httpx's errors."""
        return self.http.get(url, **options)


def scrub(text: str) -> str:
    """Without any secret of the settings, and without anything that looks like one."""
    return scrub_text(text)
