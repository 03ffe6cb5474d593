"""`make run`: the whole product on one machine, from one command, until Ctrl-C."""

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from local.demo import Demo, prepare_demo
from local.environment import Plan, plan_run, read_given, settle_settings, write_environment
from local.github import DEMO_REPOSITORY, DEMO_TOKEN
from local.plugin import PluginError, build_plugin, folder_for
from local.ports import check_ports, read_ports
from local.programs import Service, list_services
from local.stack.stack import ROOT, Stack, StackError, remove_stack
from local.stack.supervision import Supervisor, end_leftovers
from service.config import Settings
from service.llm.providers import providers_from
from service.pipelines.gate import Sandbox, find_tools
from sql.apply import ApplyError, apply

FOLDER = ROOT / ".local"
WATCH_SECONDS = 2


class Stop(BaseException):
    """This run should stop: Ctrl-C, a signal, or the terminal was closed."""


def main() -> None:
    with only_one(FOLDER):
        given = read_given()
        ports = read_ports(given)
        stack = Stack(FOLDER, postgres_port=ports["POSTGRES_PORT"])
        plan = plan_run(given, stack.secrets, ports)
        settings = settle_settings(plan)
        end_leftovers(FOLDER)
        services = list_services(plan, ports, FOLDER)
        check_ports(ports, _used_ports(plan, services))
        _listen_for_stop()
        try:
            plugin = _build_plugin(settings)
            _start(stack, plan, ports, services)
            demo = prepare_demo(plan, settings, stack.secrets, ports)
            lack = Sandbox(find_tools()).missing()
            print(_summary(plan, settings, services, demo, plugin, lack), flush=True)
            _watch(stack.supervisor)
        except Stop:
            _say("stopping …")
        finally:
            _ignore_signals()
            stack.stop()
            _say("stopped; the data is kept in .local")


def _start(stack: Stack, plan: Plan, ports: Mapping[str, int], services: list[Service]) -> None:
    if plan.local_supabase:
        _say("starting Postgres and the Supabase API …")
        stack.start()
        stack.serve(stack.database(), ports["SUPABASE_PORT"])
    else:
        _say(f"using Supabase at {plan.settings['SUPABASE_URL']}")
        stack.supervisor.start()
    _say("applying sql/ …")
    _apply_sql(plan)
    write_environment(plan, FOLDER / "env")
    _say(f"starting {', '.join(service.title for service in services)} …")
    for service in services:
        stack.supervisor.add(service.program)
    for service in services:
        _wait(stack, service)
        _say(f"  {service.title} is ready")


def _build_plugin(settings: Settings) -> str:
    """Build the Figma plugin for this run. Returns the lines about it for the summary."""
    folder = folder_for(settings.public_url)
    try:
        build_plugin(settings.public_url, folder, with_stand_in=True)
    except PluginError as error:
        return f"  Without the plugin: {error}"
    return (
        "  The plugin in Figma's desktop app: Plugins, Development, Import plugin from manifest …\n"
        f"  {folder / 'manifest.json'}"
    )


def _wait(stack: Stack, service: Service) -> None:
    try:
        stack.supervisor.wait(service.program.name, partial(service.is_ready, stack), 90)
    except StackError as error:
        raise StackError("\n".join(filter(None, [str(error), service.complaint()]))) from error


def _apply_sql(plan: Plan) -> None:
    try:
        apply(plan.settings["DATABASE_URL"], say=lambda line: _say(f"  {line}"))
    except ApplyError as error:
        advice = "\nLocal data can be given up with `make reset`." if plan.local_supabase else ""
        raise StackError(f"{error}{advice}") from error


def _used_ports(plan: Plan, services: list[Service]) -> list[str]:
    own = [service.port_name for service in services if service.port_name]
    return (["SUPABASE_PORT", "POSTGRES_PORT"] if plan.local_supabase else []) + own


def _watch(supervisor: Supervisor) -> None:
    """Print when a program had to be restarted; never returns."""
    pids = supervisor.pids()
    while True:
        time.sleep(WATCH_SECONDS)
        try:
            now = supervisor.pids()
        except OSError as error:
            raise StackError(f"supervisor has ended; {supervisor.last_lines()}") from error
        for name, pid in now.items():
            if pid and pid != pids.get(name):
                _say(f"{name} had stopped and was started again; see .local/logs/{name}.log")
        pids = {name: pid or pids.get(name, 0) for name, pid in now.items()}


def _summary(
    plan: Plan, settings: Settings, services: list[Service], demo: Demo, plugin: str = "",
    lack: str = "",
) -> str:  # fmt: skip
    lines = ["", "Figma AI Buddy is running.", ""]
    for service in services:
        if service.url:
            lines.append(f"  {service.label:<15} {service.url}")
    if plan.local_supabase:
        lines.append(f"  {'Supabase API':<15} {plan.settings['SUPABASE_URL']}")
    if demo.password:
        lines.append(f"\n  Dashboard sign-in: {demo.email}  password: {demo.password}")
    elif demo.email:
        lines.append(f"\n  Dashboard sign-in: {demo.email}, with the password that was restored or")
        lines.append("  chosen. Without it: make operator EMAIL=you@example.com ROLE=founder")
    if demo.file_url:
        lines.append(f"  Try it: open {demo.file_url}")
        lines.append("  click on the drawing to place a pin, and write as a comment there:")
        lines.append("  @buddy what do you think of this?")
    if plan.local_figma:
        lines.append(f"  The plugin without Figma: open {plan.settings['FIGMA_API_URL']}/plugin")
    if plan.local_github:
        lines.append(
            f"  Push to the GitHub stand-in: repository {DEMO_REPOSITORY}, token {DEMO_TOKEN}"
        )
    if plugin:
        lines.append(plugin)
    if demo.note:
        lines.append(f"  {demo.note}")
    if not settings.is_found_by_figma:
        lines.append(
            f"  Figma cannot reach {settings.webhook_url}: no comment arrives until WEBHOOK_URL "
            "is a public https address, such as a tunnel's."
        )
    if not providers_from(settings):
        lines.append("  No model is set up, so replies are measured reviews, made without one.")
        lines.append("  With OPENAI_API_KEY in .env the same command asks the model.")
    if lack:
        lines.append("  Components are built here, but not tested, and take no use:")
        lines.append(f"  {lack}")
    lines.append("\n  Logs: .local/logs    Stop: Ctrl-C    Start over: make reset\n")
    return "\n".join(lines)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises StackError while another run holds it."""
    folder.mkdir(mode=0o711, exist_ok=True)
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StackError(
                f"It already runs here (process {file.read().strip()}). Use that one, or stop it "
                "first with Ctrl-C in its terminal."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _listen_for_stop() -> None:
    def stop(number: int, _: FrameType | None) -> None:
        _ignore_signals()
        if number == signal.SIGHUP:
            # The terminal is gone: a write to it would fail in the middle of the shutdown.
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    print(line, flush=True)


def reset() -> None:
    """`make reset`: delete all local data, keys and logs."""
    if not FOLDER.exists():
        _say("nothing to reset")
        return
    with only_one(FOLDER):
        end_leftovers(FOLDER)
        remove_stack(FOLDER)
    shutil.rmtree(FOLDER, ignore_errors=True)
    _say("removed .local; the next `make run` starts over")


if __name__ == "__main__":
    if sys.argv[1:] == ["reset"]:
        reset()
    else:
        main()
