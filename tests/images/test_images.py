"""The built images do their work as they will have to: no root, no capability, nothing to write but
/tmp, and the container's own profile of system calls.

`make test-images`: deploy/build_images.sh builds them, and podman with runc runs them beside a
local stack. TEST_IMAGES is their tag.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import psycopg
import pytest
from playwright.sync_api import expect, sync_playwright

from local.browser import require_browser
from local.sandbox import Sandbox
from local.stack import Stack
from local.stage import ROOT, Stage, answers, build_stage, wait_until
from service.config import NOT_FOR_BUILDERS
from tests.upgrade.asker import CHECKOUT_FILE, Asker

TAG = os.environ.get("TEST_IMAGES", "")
pytestmark = pytest.mark.skipif(not TAG, reason="`make test-images` builds the images first")

NAME = os.environ.get("NAME", "localhost/figma-ai-buddy")
# As compose.yaml starts them. The limits of files and processes are what this machine allows.
WALLS = (
    *("--runtime", "runc", "--network", "host", "--read-only", "--read-only-tmpfs=false"),
    *("--tmpfs", "/tmp:size=1g,mode=1777", "--cap-drop", "all", "--memory", "4g"),
    *("--pids-limit", "1024"),
    *("--security-opt", "no-new-privileges", "--log-driver", "k8s-file"),
    *("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"),
)
# What the builder needs more, and nothing of it is a capability.
FOR_BUBBLEWRAP = (
    *("--security-opt", f"seccomp={ROOT}/deploy/seccomp-builder.json"),
    *("--security-opt", "unmask=ALL"),
)
SEEN = """\
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(os.getuid(), *(status[name].strip() for name in ("CapEff", "NoNewPrivs", "Seccomp")))
try:
    open("/app/written", "w")
except OSError as error:
    print(error.strerror)
"""
NO_TOOLS = "! command -v gcc cc make pip pip3 npm git curl wget"
SETUID = "find /usr /opt /app /var -xdev -perm /6000 -type f 2>/dev/null || true"
LACK = (
    "from service.pipelines.gate import Sandbox, find_tools; print(Sandbox(find_tools()).missing())"
)


def podman(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["podman", *arguments], capture_output=True, text=True, env={**os.environ, **(env or {})}
    )


def run(target: str, *command: str, options: tuple[str, ...] = (), **env: str) -> str:
    """What a container that ends says."""
    named = [part for name in env for part in ("--env", name)]
    image = f"{NAME}-{target}:{TAG}"
    done = podman("run", "--rm", *WALLS, *options, *named, image, *command, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@dataclass
class Containers:
    """Runs the product's containers in a stage's environment."""

    stage: Stage
    exits: ExitStack = field(default_factory=ExitStack)

    def start(self, target: str, *options: str, without: frozenset[str] = frozenset(), **env: str):
        name = f"buddy-{target}-{os.getpid()}"
        own = {k: v for k, v in self.stage.environment.items() if k not in ("PATH", "HOME", "LANG")}
        own = {k: v for k, v in {**own, **env}.items() if k not in without}
        named = [part for each in own for part in ("--env", each)]
        image = f"{NAME}-{target}:{TAG}"
        begun = podman("run", "-d", "--name", name, *WALLS, *options, *named, image, env=own)
        assert begun.returncode == 0, begun.stderr
        self.exits.callback(podman, "rm", "-f", "-t", "30", name)
        try:
            # The image's own health check.
            wait_until(lambda: podman("healthcheck", "run", name).returncode == 0, 90, target)
        except SystemExit as error:
            raise AssertionError(f"{error}\n{self.log(target)}") from None

    def log(self, target: str) -> str:
        said = podman("logs", f"buddy-{target}-{os.getpid()}")
        return str(said.stdout + said.stderr)

    def stop(self, target: str) -> int:
        """Ask it to end; its exit status."""
        name = f"buddy-{target}-{os.getpid()}"
        podman("stop", "-t", "40", name)
        return int(podman("inspect", "--format", "{{.State.ExitCode}}", name).stdout)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with build_stage(fast=True) as stage:
        stage.start_model(delay_ms=0)
        yield stage


@pytest.fixture(scope="module")
def containers(stage: Stage) -> Iterator[Containers]:
    containers = Containers(stage)
    with containers.exits:
        yield containers


@pytest.fixture(scope="module")
def product(stage: Stage, containers: Containers) -> Sandbox:
    """Web and worker from their images, and the sandbox in Figma's place."""
    sandbox = stage.start_sandbox()
    containers.start("web", PORT=stage.web_url.rsplit(":", 1)[1])
    containers.start("worker", WORKER_METRICS_PORT="19100")
    return sandbox


@pytest.mark.parametrize("target", ["web", "worker", "dashboard", "builder", "release"])
def test_an_image_runs_as_nobody_and_brings_no_tools(target: str) -> None:
    no_rights = "10001 0000000000000000 1 2\nRead-only file system\n"
    assert run(target, "python", "-c", SEEN) == no_rights
    assert run(target, "sh", "-c", NO_TOOLS) == ""
    assert run(target, "sh", "-c", SETUID) == ""


def test_release_brings_an_empty_database_to_this_version() -> None:
    with Stack(fast=True) as stack:
        url = stack.serve(stack.database()).database_url
        assert "baseline" in run("release", DATABASE_URL=url)
        assert "baseline" not in run("release", DATABASE_URL=url)
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from public.plans").fetchone() != (0,)


@pytest.mark.parametrize("server", [16, 17, 18])
def test_release_has_the_clients_that_a_backup_needs(server: int) -> None:
    look = f"from backup.clients import find_clients; print(find_clients({server}))"
    assert run("release", "python", "-c", look).startswith("/opt/clients/")


def test_web_and_worker_answer_a_comment(stage: Stage, product: Sandbox) -> None:
    ready = httpx.get(f"{stage.web_url}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    with httpx.Client(base_url=stage.web_url, trust_env=False, timeout=30) as http:
        asker = Asker(stage, product, http)
        asker.sign_in()
        asker.switch_on()
        asker.ask("is this contrast enough?")
        asker.look_at_account()


def test_the_dashboard_shows_its_sign_in(stage: Stage, containers: Containers) -> None:
    port = stage.dashboard_url.rsplit(":", 1)[1]
    everything = frozenset(stage.environment) - {"SUPABASE_URL", "SUPABASE_ANON_KEY"}
    containers.start("dashboard", without=everything - {"PORT"}, PORT=port)
    assert answers(stage.dashboard_url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(stage.dashboard_url)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)
        browser.close()


def test_the_builder_says_what_the_usual_profile_forbids() -> None:
    said = run("builder", "python", "-c", LACK)
    print(said)
    assert "bubblewrap may not make user namespaces here" in said


def test_the_builder_proves_a_component_with_its_profile(
    stage: Stage, product: Sandbox, containers: Containers
) -> None:
    assert run("builder", "python", "-c", LACK, options=FOR_BUBBLEWRAP) == "\n"
    containers.start(
        "builder", *FOR_BUBBLEWRAP, without=frozenset(NOT_FOR_BUILDERS),
        BUILDER_METRICS_PORT="19101",
    )  # fmt: skip
    asking = {"figma_url": f"https://www.figma.com/design/{CHECKOUT_FILE}/A-file?node-id=1-2"}
    with httpx.Client(base_url=stage.web_url, trust_env=False, timeout=30) as http:
        Asker(stage, product, http).sign_in()
        begun = http.post("/api/pipelines", json=asking, headers={"Origin": stage.web_url})
        assert begun.is_success, begun.text
        ended = "select state, verdict from public.pipelines where state in ('done', 'failed')"
        wait_until(lambda: stage.rows(ended) != [], 300, "the component")
    measured = "select to_jsonb(q)::text from public.pipeline_quality as q order by round"
    assert stage.rows(ended) == [("done", "passed")], str(stage.rows(measured))


def test_they_stop_when_they_are_asked_to(containers: Containers) -> None:
    """Last in this file: SIGTERM reaches the process itself, which ends by itself."""
    for target in ("builder", "worker", "web", "dashboard"):
        assert containers.stop(target) == 0, (target, containers.log(target)[-2000:])
