"""The whole product on its own stack, each part in its own process.

For benchmarks and for tests in a browser.
"""

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg

from local.sandbox import Sandbox
from local.stack import Stack
from local.stack.stack import free_port
from service.config import NOT_FOR_BUILDERS, Settings
from service.secrets.encryption import Vault, new_token, token_hash
from service.store.database import Database
from service.store.database import connect as connect_database
from service.store.webhook_records import StartedWebhook
from sql.apply import apply

ROOT = Path(__file__).resolve().parents[1]
MODEL_KEY = "bench"


@dataclass
class Stage:
    """Addresses, settings and a database client of one running product."""

    settings: Settings
    environment: dict[str, str]
    stack: Stack
    database: Database
    vault: Vault
    folder: Path
    web_url: str
    sandbox_url: str
    model_url: str
    dashboard_url: str
    github_url: str
    admin_url: str
    jwt_secret: str = field(repr=False)
    _exits: ExitStack

    def start(
        self,
        name: str,
        *command: str,
        ready: Callable[[], bool] | None = None,
        env: Mapping[str, str] | None = None,
        folder: Path = ROOT,
        without: frozenset[str] = frozenset(),
    ) -> subprocess.Popen:
        """Start one process in `folder`, which does not see the settings in `without`. It stops
        when the stage stops."""
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env={k: v for k, v in {**self.environment, **(env or {})}.items() if k not in without},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._exits.callback(log.close)
        self._exits.callback(stop_process, process)
        deadline = time.monotonic() + 60
        while ready and not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (self.folder / f"{name}.log").read_text()[-2000:]
                raise SystemExit(f"{name} did not start. The end of its log:\n{tail}")
            time.sleep(0.1)
        return process

    def start_web(self, app: str = "service.web.app:create_app()") -> subprocess.Popen:
        command = ("-m", "gunicorn", "-c", "service/web/gunicorn_conf.py", app)
        port = self.web_url.rsplit(":", 1)[1]
        # A browser's open connections would keep a stopped web for its whole grace, to no end.
        env = {"PORT": port, "GUNICORN_CMD_ARGS": "--graceful-timeout 1"}
        return self.start(
            "web", *command, ready=lambda: answers(f"{self.web_url}/healthz"), env=env
        )

    def start_worker(self, **env: str) -> subprocess.Popen:
        worker = self.start("worker", "-m", "service.worker", env=env)
        wait_until(lambda: self.database.queue_status().workers > 0, 60, "the worker")
        return worker

    def start_builder(self, name: str = "builder", **env: str) -> subprocess.Popen:
        return self.start(
            name, "-m", "service.builder", env=env, without=frozenset(NOT_FOR_BUILDERS)
        )

    def start_dashboard(self) -> None:
        port = self.dashboard_url.rsplit(":", 1)[1]
        self.start(
            "dashboard", "-m", "streamlit", "run", "dashboard/server.py", "--server.port", port,
            "--server.address", "127.0.0.1", "--server.headless", "true",
            ready=lambda: answers(f"{self.dashboard_url}/_stcore/health"),
        )  # fmt: skip

    def rows(self, query: LiteralString) -> list[tuple]:
        """Rows of a query, read directly from the database, without the API."""
        with psycopg.connect(self.settings.database_url.get_secret_value()) as connection:
            return connection.execute(query).fetchall()

    def start_sandbox(self, **env: str) -> Sandbox:
        port = self.sandbox_url.rsplit(":", 1)[1]
        self.start(
            "sandbox", "-m", "local.sandbox", "--port", port,
            ready=lambda: answers(f"{self.sandbox_url}/sandbox/health"),
            env={"SANDBOX_PRODUCT_URL": self.web_url, "SANDBOX_STRICT": "1", **env},
        )  # fmt: skip
        sandbox = Sandbox(self.sandbox_url)
        self._exits.callback(sandbox.close)
        sandbox.faults(rate_limits=False)
        return sandbox

    def start_model(self, delay_ms: int) -> None:
        port = self.model_url.rsplit(":", 1)[1]
        self.start(
            "model", "-m", "local.model", "--port", port, "--delay-ms", str(delay_ms),
            ready=lambda: answers(f"{self.model_url}/healthz"),
        )  # fmt: skip

    def start_github(self) -> None:
        """The stand-in with its demo repository and token."""
        port = self.github_url.rsplit(":", 1)[1]
        self.start(
            "github", "-m", "local.github", "--port", port,
            ready=lambda: answers(f"{self.github_url}/healthz"),
        )  # fmt: skip

    def sign_in(self, figma_user_id: str, handle: str, access_token: str) -> str:
        """Make an account as the OAuth callback would."""
        end = datetime.now(UTC) + timedelta(days=80)
        made = self.database.sign_in(
            figma_user_id=figma_user_id,
            figma_user_hash=self.vault.keyed_hash(figma_user_id),
            handle=handle,
            email=None,
            image_url=None,
            access_token_encrypted=self.vault.encrypt(access_token),
            refresh_token_encrypted=None,
            scopes=list(self.settings.figma_scopes),
            expires_at=end,
            session_hash=token_hash(new_token()),
            session_expires_at=end,
        )
        return made.user_id

    def make_webhook(self, user_id: str, file_key: str, figma_webhook_id: str) -> tuple[str, str]:
        """Make an active webhook row for a file; return (our id, its passcode)."""
        passcode = new_token()
        webhook = self.database.start_webhook(
            user_id=user_id,
            context="file",
            context_id=file_key,
            label="",
            guest_rule="owner_pays",
            passcode_encrypted=self.vault.encrypt(passcode),
            passcode_hash=self.vault.keyed_hash(passcode),
        )
        assert isinstance(webhook, StartedWebhook)
        self.database.confirm_webhook(webhook.id, figma_webhook_id)
        return webhook.id, passcode


@contextmanager
def build_stage(
    *, fast: bool = False, checkout: Path = ROOT, on: Stack | None = None
) -> Iterator[Stage]:
    """A database with the SQL of `checkout`, and its API; in the stack `on` (not started yet), or
    in one of its own.

    The caller starts the other processes that it needs.
    """
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="buddy-bench-")))
        stack = exits.enter_context(on or Stack(fast=fast))
        served = stack.serve(stack.database())
        migrate(served.database_url, checkout)
        web, sandbox, model, dashboard, github = (
            f"http://127.0.0.1:{free_port()}" for _ in range(5)
        )
        values = {
            "SUPABASE_URL": served.supabase_url,
            "SUPABASE_ANON_KEY": served.anon_key,
            "SUPABASE_SERVICE_ROLE_KEY": served.service_role_key,
            "DATABASE_URL": served.database_url,
            "FIGMA_CLIENT_ID": "bench",
            "FIGMA_CLIENT_SECRET": stack.secrets.figma_client_secret,
            "FIGMA_REDIRECT_URI": f"{web}/api/auth/figma-oauth",
            "FIGMA_API_URL": sandbox,
            "FIGMA_AUTHORIZE_URL": f"{sandbox}/oauth",
            "FIGMA_BOT_TOKEN": stack.secrets.bot_token,
            "WEBHOOK_URL": f"{web}/api/figma-comment-webhook",
            "TOKEN_ENCRYPTION_KEYS": stack.secrets.encryption_key,
            "SESSION_SECRET": stack.secrets.session_secret,
            "GITHUB_API_URL": github,
            "OPENAI_API_KEY": MODEL_KEY,
            "OPENAI_BASE_URL": f"{model}/v1",
            "ANSWERS_PER_MINUTE": "1000000",
            "AUTHOR_REPLIES_PER_DAY": "10000",
            "WEBHOOK_DELIVERIES_RATE": "1000000/second",
        }
        outside = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        by_field = {name.lower(): value for name, value in values.items()}
        settings = Settings(_env_file=None, **{**values, **by_field})  # type: ignore[arg-type, call-arg]
        database = connect_database(settings)
        exits.callback(database.close)
        yield Stage(
            settings=settings,
            environment={**outside, **values},
            stack=stack,
            database=database,
            vault=Vault(settings),
            folder=folder,
            web_url=web,
            sandbox_url=sandbox,
            model_url=model,
            dashboard_url=dashboard,
            github_url=github,
            admin_url=served.admin_url,
            jwt_secret=served.jwt_secret,
            _exits=exits,
        )


def migrate(database_url: str, checkout: Path = ROOT) -> None:
    """Apply the SQL of a checkout; another checkout's SQL is applied by its own program."""
    if checkout == ROOT:
        apply(database_url, say=lambda _: None)
        return
    subprocess.run(
        [sys.executable, "-m", "sql.apply"],
        cwd=checkout,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def unpack(revision: str, folder: Path) -> None:
    """Another version's files, from git, into an empty folder."""
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def wait_until(is_true: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} was not there after {seconds:.0f} s.")
        time.sleep(0.2)


def stop_process(process: subprocess.Popen) -> None:
    """Stop a process and its children."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def percentile(values: list[float], share: float) -> float:
    """Nearest rank. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
