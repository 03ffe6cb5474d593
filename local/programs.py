"""The programs of a local run besides the Supabase stack, and their readiness checks."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.environment import Plan
from local.plugin import folder_for, site_of
from local.stack.stack import ROOT, Stack
from local.stack.supervision import Program, StackError
from service.config import NOT_FOR_BUILDERS, Settings

HERE = "127.0.0.1"


@dataclass(frozen=True)
class Service:
    """A program, its name, and its address (empty for the worker)."""

    program: Program
    title: str
    label: str = ""
    port_name: str = ""
    url: str = ""
    health_path: str = ""

    def is_ready(self, stack: Stack) -> bool:
        """Raises StackError where waiting does not help: no key opens what is stored."""
        if not self.url:
            return stack.supervisor.state(self.program.name) == "RUNNING"
        try:
            reply = httpx.get(self.url + self.health_path, timeout=2, trust_env=False)
        except httpx.TransportError:
            return False
        if reply.status_code == 503 and set(_failing(reply)) == {"encryption"}:
            raise StackError(f"{self.program.name} cannot read what is stored.")
        return reply.is_success

    def complaint(self) -> str:
        """Why it is not ready, if the program reports it."""
        try:
            reply = httpx.get(self.url + self.health_path, timeout=10, trust_env=False)
        except httpx.TransportError:
            return ""
        wrong = [f"  {name}: {what}" for name, what in _failing(reply).items()]
        if reply.is_success or not wrong:
            return ""
        return "\n".join([f"{self.health_path} says {reply.status_code}:", *wrong])


def _failing(reply: httpx.Response) -> dict[str, str]:
    """The checks of ``/readyz`` that are not ok. Empty for an answer of another form."""
    try:
        checks = reply.json()["checks"]
        return {name: what for name, what in checks.items() if what != "ok"}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}


def list_services(plan: Plan, ports: Mapping[str, int], folder: Path) -> list[Service]:
    """The programs to run, in start order."""
    environment = _common_environment(plan.settings)
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(_empty_folder(folder / "metrics"))
    services = []
    if plan.local_figma:
        services.append(_sandbox(environment, ports, folder))
    if plan.local_model:
        services.append(_model(environment, ports))
    if plan.local_github:
        services.append(_github(environment, ports))
    commands = read_procfile(ROOT / "Procfile")
    web = _from_procfile("web", commands, environment, ports["WEB_PORT"])
    worker = _from_procfile("worker", commands, environment)
    builder = _from_procfile("builder", commands, _for_builder(environment))
    for_operators = _without_secrets(environment)
    dashboard = _from_procfile("dashboard", commands, for_operators, ports["DASHBOARD_PORT"])
    return [
        *services,
        Service(web, "web", "Web service", "WEB_PORT", _url(ports["WEB_PORT"]), "/readyz"),
        Service(worker, "worker"),
        Service(builder, "builder"),
        Service(
            dashboard,
            "dashboard",
            "Dashboard",
            "DASHBOARD_PORT",
            _url(ports["DASHBOARD_PORT"]),
            "/_stcore/health",
        ),
    ]


def read_procfile(path: Path) -> dict[str, str]:
    """Commands by process name; one `name: command` per line."""
    pairs = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    return {name.strip(): command.strip() for name, colon, command in pairs if colon}


def _empty_folder(path: Path) -> Path:
    """For the counters of web and worker. Emptied, because old counters would be added up too."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


def _common_environment(settings: Mapping[str, str]) -> dict[str, str]:
    # The person's own PG* variables would send Postgres clients to another server.
    kept = {name: value for name, value in settings.items() if not name.startswith("PG")}
    bin_folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1"}


def _without_secrets(environment: dict[str, str]) -> dict[str, str]:
    """For the dashboard: it acts as the signed-in operator, so it gets no key with more rights."""
    hidden = {name.upper() for name in Settings.model_fields} | {"SUPABASE_SECRET_KEY"}
    shown = {"SUPABASE_URL", "SUPABASE_ANON_KEY"}
    return {k: v for k, v in environment.items() if k in shown or k not in hidden}


def _for_builder(environment: dict[str, str]) -> dict[str, str]:
    """It proves strangers' designs as code, and gets no secret but those of the database."""
    return {k: v for k, v in environment.items() if k not in NOT_FOR_BUILDERS}


def _from_procfile(
    name: str, commands: Mapping[str, str], environment: dict[str, str], port: int | None = None
) -> Program:
    """The same command as in production, bound to loopback."""
    own = dict(environment)
    if port:
        own["PORT"] = str(port)
        own["GUNICORN_CMD_ARGS"] = f"--bind {HERE}:{port}"
    # Streamlit's options override its variables, and the last of two equal options counts.
    more = f" --server.address {HERE}" if name == "dashboard" else ""
    command = ["/bin/sh", "-c", f"exec {commands[name]}{more}"]
    return Program(name, command, own, ROOT, stop_seconds=30)


def _sandbox(environment: dict[str, str], ports: Mapping[str, int], folder: Path) -> Service:
    port = ports["SANDBOX_PORT"]
    own = {
        **environment,
        "SANDBOX_CLIENT_ID": environment["FIGMA_CLIENT_ID"],
        "SANDBOX_CLIENT_SECRET": environment["FIGMA_CLIENT_SECRET"],
        "SANDBOX_REDIRECT_URIS": environment["FIGMA_REDIRECT_URI"],
        "SANDBOX_BOT_TOKEN": environment["FIGMA_BOT_TOKEN"],
        "SANDBOX_PRODUCT_URL": _url(ports["WEB_PORT"]),
        "SANDBOX_STATE": str(folder / "sandbox.json"),
        "SANDBOX_PLUGIN": str(folder_for(site_of(environment, ports))),
    }
    command = [sys.executable, "-m", "local.sandbox", "--port", str(port)]
    program = Program("sandbox", command, own, ROOT)
    return Service(
        program, "Figma sandbox", "Figma sandbox", "SANDBOX_PORT", _url(port), "/sandbox/people"
    )


def _model(environment: dict[str, str], ports: Mapping[str, int]) -> Service:
    port = ports["MODEL_PORT"]
    command = [sys.executable, "-m", "local.model", "--port", str(port)]
    program = Program("model", command, environment, ROOT)
    return Service(
        program, "model stand-in", "Model stand-in", "MODEL_PORT", _url(port), "/healthz"
    )


def _github(environment: dict[str, str], ports: Mapping[str, int]) -> Service:
    port = ports["GITHUB_PORT"]
    command = [sys.executable, "-m", "local.github", "--port", str(port)]
    program = Program("github", command, environment, ROOT)
    return Service(
        program, "GitHub stand-in", "GitHub stand-in", "GITHUB_PORT", _url(port), "/healthz"
    )


def _url(port: int) -> str:
    return f"http://{HERE}:{port}"
