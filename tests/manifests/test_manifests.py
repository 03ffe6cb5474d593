"""Compose, Kubernetes, workflows, hosts: valid by their own schemas, in step with the product."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from backup.settings import BackupSettings
from dashboard.config import Settings as DashboardSettings
from local.programs import read_procfile
from local.stack.stack import ROOT
from service.config import NOT_FOR_BUILDERS, Settings
from service.healthy import PROCESSES

SCHEMAS = Path(__file__).with_name("schemas")
HOSTS = ROOT / "deploy" / "hosts"
KUBERNETES = ROOT / "deploy" / "kubernetes"
PROCFILE = read_procfile(ROOT / "Procfile")
# Read before any settings are: the first two by gunicorn, the last by hosts that build.
OUTSIDE = {"WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR", "PORT", "PYTHON_VERSION"}
SETTINGS = {
    name.upper()
    for each in (Settings, DashboardSettings, BackupSettings)
    for name in each.model_fields
}
REQUIRED = {name.upper() for name, each in Settings.model_fields.items() if each.is_required()}
NEEDS = {
    "web": REQUIRED,
    "worker": REQUIRED,
    "builder": REQUIRED - NOT_FOR_BUILDERS,
    "dashboard": {"SUPABASE_URL", "SUPABASE_ANON_KEY"},
    "release": {"DATABASE_URL"},
    "backup": {"SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "DATABASE_URL", "BACKUP_RECIPIENTS"},
}
# What holds a right that these two must not have.
SECRETS = NOT_FOR_BUILDERS | {"SUPABASE_SERVICE_ROLE_KEY", "DATABASE_URL", "METRICS_TOKEN"}
MUST_NOT_KNOW = {"builder": NOT_FOR_BUILDERS, "dashboard": SECRETS}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def faults(schema: Any, given: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, each.instance_path))}: {each.message}"
        for each in jsonschema_rs.validator_for(schema).iter_errors(given)
    ]


def schema_of(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def check_settings(process: str, given: set[str], more: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    assert given - SETTINGS - OUTSIDE - more == set(), process
    assert NEEDS[process] - given == set(), process
    assert MUST_NOT_KNOW.get(process, set()) & given == set(), process


@pytest.mark.parametrize(
    ("schema", "wrong", "said"),
    [
        ("compose", {"services": {"web": {"image": "a", "read-only": True}}}, "read-only"),
        ("workflows", {"on": "push", "jobs": {"a": {"runs-on": "b", "step": []}}}, "step"),
        ("digitalocean", {"name": "a", "workers": [{"name": "b", "command": "c"}]}, "command"),
        ("kubernetes", {"spec": {"replica": 1}}, "replica"),
    ],
)
def test_a_field_that_is_not_known_is_refused(schema: str, wrong: Any, said: str) -> None:
    rules = schema_of(schema)
    if schema == "kubernetes":
        rules = {**rules["kinds"]["Deployment/apps/v1"], "$defs": rules["$defs"]}
    assert said in "".join(faults(rules, wrong))


# --- Images ---


def stages() -> dict[str, str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    parts = re.split(r"^FROM \S+ AS (\w+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("process", PROCFILE)
def test_an_image_starts_what_the_procfile_says(process: str) -> None:
    stage = stages()[process]
    [command] = re.findall(r"^CMD (\[.*\])$", stage, re.M)
    words = json.loads(command)
    said = words[2].removeprefix("exec ") if words[:2] == ["sh", "-c"] else " ".join(words)
    assert said == PROCFILE[process].replace('"', "")
    health = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", stage, re.M)
    wanted = [["python", "-m", "service.healthy", process]] if process in PROCESSES else []
    assert [json.loads(each) for each in health] == wanted
    # The last user before the command.
    assert re.findall(r"^USER (\S+)$", stages()["system"] + stage, re.M)[-1] == "10001:10001"


def test_nothing_but_what_is_copied_goes_to_a_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored and "**/.env*" in ignored
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.M
    )
    assert {each.split("/")[0] for line in copied for each in line.split()} == let_in


def test_what_is_installed_has_to_be_what_is_locked() -> None:
    text = "".join(stages().values())
    assert text.count("--require-hashes") == text.count("pip install ") == 3
    assert "npm ci --ignore-scripts" in text and "npm install" not in text


# --- Compose ---

COMPOSE = read(ROOT / "compose.yaml")
SERVICES: dict[str, Any] = COMPOSE["services"]


def interpolated(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_0-9]+)", text))


def test_compose_is_valid_and_every_setting_of_it_is_known() -> None:
    assert faults(schema_of("compose"), COMPOSE) == []
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "compose.md").read_text("utf-8")))
    assert interpolated(text) - SETTINGS - explained == set()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_of_compose_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "pid", "ipc", "user"} & service.keys()
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= limits.keys()
    outside = [each for each in service.get("ports", ()) if not each.startswith("127.0.0.1:")]
    assert not outside or name == "caddy"
    for image in re.findall(r"^[^$]*$", service["image"]):
        assert re.search(r":v?\d+", image), "a version, and not the newest"


@pytest.mark.parametrize("process", PROCFILE)
def test_compose_gives_each_process_its_settings(process: str) -> None:
    service = SERVICES[process]
    given = set(service.get("environment", {}))
    if "env_file" in service:
        assert process not in MUST_NOT_KNOW
        given |= SETTINGS
    check_settings(process, given)
    assert service["build"]["target"] == process
    if process != "release":
        assert service["depends_on"]["release"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", [name for name in SERVICES if "caddy" in SERVICES[name]["image"]])
def test_caddy_has_the_capability_that_its_program_carries(name: str) -> None:
    """Its file has it as an effective one: the kernel does not start it where it is dropped."""
    assert SERVICES[name]["cap_add"] == ["NET_BIND_SERVICE"]


def test_no_container_is_given_a_secret_that_compose_would_have_to_write_into_it() -> None:
    """Compose copies what is not a file into the container, and cannot where that is read-only."""
    for kind in ("secrets", "configs"):
        given = {each for service in SERVICES.values() for each in service.get(kind, ())}
        assert [each for each in given if "file" not in COMPOSE[kind][each]] == []


def test_the_dashboard_is_given_every_setting_that_it_reads() -> None:
    reads = {name.upper() for name in DashboardSettings.model_fields}
    [pod] = PODS["dashboard"]["containers"]
    for given in (SERVICES["dashboard"]["environment"], {each["name"] for each in pod["env"]}):
        assert reads - set(given) == set()


def test_backups_are_made_by_the_image_that_has_the_clients_into_a_folder_outside() -> None:
    backup = SERVICES["backup"]
    assert backup["image"] == SERVICES["release"]["image"]
    assert "--from=clients /opt/clients" in stages()["release"]
    assert backup["volumes"] == [f"./backups:{backup['environment']['BACKUP_FOLDER']}"]
    # Where Postgres is.
    assert set(SERVICES["postgres"]["networks"]) <= set(backup["networks"])


def test_compose_hands_the_builder_the_profile_that_bubblewrap_needs() -> None:
    options = SERVICES["builder"]["security_opt"]
    profile = next(each.partition("=")[2] for each in options if each.startswith("seccomp="))
    rules = json.loads((ROOT / profile).read_text(encoding="utf-8"))["syscalls"]
    allowed = {
        name
        for rule in rules
        if rule["action"] == "SCMP_ACT_ALLOW" and not {"args", "includes"} & rule.keys()
        for name in rule["names"]
    }
    assert {
        "unshare",
        "clone",
        "mount",
        "umount2",
        "pivot_root",
        "sethostname",
        "chroot",
    } <= allowed
    assert not {"bpf", "kexec_load", "init_module", "perf_event_open"} & allowed
    assert "systempaths=unconfined" in options


# --- Kubernetes ---


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                name = f"{document['kind']}-{document['metadata']['name']}"
                yield f"{path.parent.name}/{path.name}/{name}", document


MANIFESTS = dict(manifests())
# A patch is only a part of what it is laid over.
WHOLE = {name: each for name, each in MANIFESTS.items() if "builder-sandbox" not in name}
PODS = {
    each["metadata"]["name"]: (
        each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each["spec"]
    )["template"]["spec"]
    for each in WHOLE.values()
    if each["kind"] in ("Deployment", "Job", "CronJob")
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_valid(name: str) -> None:
    manifest = MANIFESTS[name]
    schema = schema_of("kubernetes")
    kind = {**schema["kinds"][f"{manifest['kind']}/{manifest['apiVersion']}"]}
    found = faults({**kind, "$defs": schema["$defs"]}, manifest)
    # A patch leaves out what its whole has.
    assert [each for each in found if name in WHOLE or "required property" not in each] == []


@pytest.mark.parametrize("process", PODS)
def test_a_pod_may_do_little_and_is_watched(process: str) -> None:
    pod = PODS[process]
    [container] = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]
    if process == "web":
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    elif process in ("worker", "builder"):
        command = ["python", "-m", "service.healthy", process]
        assert container["livenessProbe"]["exec"]["command"] == command
    names = {
        each["metadata"]["name"] for each in WHOLE.values() if each["kind"] == "PodDisruptionBudget"
    }
    # What ends by itself is not kept up.
    assert process in ("release", "backup") or process in names


def test_every_pod_may_go_where_it_has_to() -> None:
    [allowed] = [
        each["spec"]["podSelector"]["matchExpressions"][0]["values"]
        for each in WHOLE.values()
        if (each["kind"], each["metadata"]["name"]) == ("NetworkPolicy", "outside")
    ]
    assert set(allowed) == set(PODS) == {*PROCFILE, "backup"}


def test_kubernetes_makes_backups_with_the_clients_into_a_volume() -> None:
    [container] = PODS["backup"]["containers"]
    assert container["image"] == PODS["release"]["containers"][0]["image"]
    assert container["command"] == SERVICES["backup"]["command"]
    given = {each["name"]: each for each in container["env"]}
    assert set(given) - {name.upper() for name in BackupSettings.model_fields} == set()
    [claim] = [each for each in PODS["backup"]["volumes"] if "persistentVolumeClaim" in each]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts[claim["name"]] == given["BACKUP_FOLDER"]["value"]
    # The volume is root's, and the process is not.
    assert PODS["backup"]["securityContext"]["fsGroup"] == 10001


@pytest.mark.parametrize("process", PODS)
def test_kubernetes_gives_each_process_its_settings(process: str) -> None:
    [container] = PODS[process]["containers"]
    lines = (KUBERNETES / "settings.env").read_text(encoding="utf-8").splitlines()
    settings = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    # As docs/kubernetes.md makes them.
    text = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    text = re.sub(r"\\\n *", "", text)
    held = {"settings": settings}
    text += (ROOT / "docs" / "backup.md").read_text(encoding="utf-8").replace("\\\n    ", "")
    for secret in ("supabase", "service", "backup"):
        [command] = re.findall(rf"create secret generic {secret} (.*)", text)
        held[secret] = set(re.findall(r"--from-literal=([A-Z_]+)=", command))
    given = {each["name"] for each in container.get("env", ())}
    for each in container.get("env", ()):
        if "value" in each:
            continue
        [source] = each["valueFrom"].values()
        assert source["key"] in held[source["name"]] or source.get("optional")
    for each in container.get("envFrom", ()):
        [source] = each.values()
        given |= held[source["name"]]
    check_settings(process, given)


# --- Workflows ---

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_valid_and_asks_for_no_more_than_it_needs(path: Path) -> None:
    workflow = read(path)
    # YAML 1.1 takes the key `on` for true.
    workflow["on"] = workflow.pop(True)
    assert faults(schema_of("workflows"), workflow) == []
    assert workflow["permissions"] == {"contents": "read"}
    commands = [
        step["run"] for job in workflow["jobs"].values() for step in job.get("steps", ())
        if "run" in step
    ]  # fmt: skip
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", "\n".join(commands)):
        assert re.search(rf"^{target}:", makefile, re.M), target
    # What somebody else wrote, as a title or a branch, must not become a part of a command.
    assert not [each for each in commands if re.search(r"\$\{\{\s*github\.(event|head_ref)", each)]


# --- Hosts ---


def commands_of(host: Any) -> set[str]:
    if isinstance(host, dict):
        found = {v for k, v in host.items() if k in ("startCommand", "release_command")}
        return found.union(*map(commands_of, host.values()))
    return set().union(*map(commands_of, host)) if isinstance(host, list) else set()


def keys(entries: list[dict[str, Any]]) -> set[str]:
    return {each["key"] for each in entries}


def test_render_starts_what_the_procfile_says_with_every_setting() -> None:
    blueprint = read(HOSTS / "render.yaml")
    for service in blueprint["services"]:
        process = service["name"].removeprefix("buddy-")
        assert service["startCommand"] == PROCFILE[process]
        check_settings(process, keys(service["envVars"]))
        asked = PROCESSES[process][0].replace("/healthz", "/readyz")
        assert service.get("healthCheckPath") == (asked if service["type"] == "web" else None)
    assert blueprint["services"][0]["preDeployCommand"] == PROCFILE["release"]


def test_the_spec_of_app_platform_is_valid_and_complete() -> None:
    spec = read(HOSTS / "digitalocean.yaml")
    assert faults(schema_of("digitalocean"), spec) == []
    parts = [*spec["jobs"], *spec["services"], *spec["workers"]]
    assert {part["name"] for part in parts} == set(PROCFILE)
    for part in parts:
        check_settings(part["name"], keys(part["envs"]))
        assert part["image"]["repository"] == f"figma-ai-buddy-{part['name']}"


@pytest.mark.parametrize("process", [name for name in PROCFILE if name != "release"])
def test_railway_starts_what_the_procfile_says(process: str) -> None:
    service = json.loads((HOSTS / f"railway.{process}.json").read_text("utf-8"))
    assert service["build"]["dockerfilePath"] == "deploy/hosts/railway.Dockerfile"
    deploy, command = service["deploy"], PROCFILE[process]
    # Without a shell nobody would put the port into it.
    assert deploy["startCommand"] == (f'/bin/sh -c "exec {command}"' if "$" in command else command)
    assert deploy.get("preDeployCommand") == ([PROCFILE["release"]] if process == "web" else None)


def test_railway_builds_the_same_code_without_the_mounts_that_it_refuses() -> None:
    text = (HOSTS / "railway.Dockerfile").read_text(encoding="utf-8")
    assert "--mount" not in text and "--require-hashes" in text and "--only-binary :all:" in text
    base = re.search(r"^ARG BASE=(.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    assert base and f"FROM {base[1]}\n" in text
    copies = [re.findall(r"^COPY (\w+) \1$", each, re.M) for each in (text, stages()["code"])]
    assert copies[0] == copies[1] != []
    assert text.rstrip().endswith("USER 10001")


def test_fly_starts_what_the_procfile_says() -> None:
    for path, target in (
        ("fly", "web"),
        ("fly.dashboard", "dashboard"),
        ("fly.builder", "builder"),
    ):
        app = tomllib.loads((HOSTS / f"{path}.toml").read_text("utf-8"))
        assert app["build"]["build-target"] == target
        assert (HOSTS / app["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
        for process, command in app.get("processes", {}).items():
            assert command == PROCFILE[process]
        assert set(app.get("env", {})) - SETTINGS - OUTSIDE == set()
    assert commands_of(tomllib.loads((HOSTS / "fly.toml").read_text("utf-8"))) == {
        PROCFILE["release"]
    }
