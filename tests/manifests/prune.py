"""Writes schemas/: what the manifests are checked against, without descriptions and unused kinds.

    python -m venv /tmp/schemas && /tmp/schemas/bin/pip install check-jsonschema==0.39.0 \\
        kubernetes-validate==1.37.0 pydo==0.44.0
    /tmp/schemas/bin/python tests/manifests/prune.py

These packages carry them: Compose's specification and GitHub's workflows (from SchemaStore), the
API of Kubernetes in its strict form, which refuses what it does not know, and the spec of an app of
DigitalOcean, as the template in which its client tells it. All are under the Apache licence 2.0.
They are a hundred megabytes, of which the tests need a seventh of one.
"""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

INTO = Path(__file__).with_name("schemas")
KUBERNETES = "1.37.0"
KINDS = (
    *("Namespace/v1", "ServiceAccount/v1", "ConfigMap/v1", "Service/v1", "Deployment/apps/v1"),
    *("Job/batch/v1", "CronJob/batch/v1", "PersistentVolumeClaim/v1"),
    *("Ingress/networking.k8s.io/v1", "NetworkPolicy/networking.k8s.io/v1"),
    *("PodDisruptionBudget/policy/v1", "HorizontalPodAutoscaler/autoscaling/v2"),
)
WORDS = {"description", "title", "markdownDescription", "$comment", "examples", "format"}
# Volumes and the like of vendors, which no manifest of ours has.
UNUSED = re.compile(
    r"(AWS|Azure|Ceph|Cinder|FC|Flex|Flocker|GCE|Git|Glusterfs|ISCSI|NFS|Photon|Portworx|Quobyte|RBD"
    r"|ScaleIO|Storage|Vsphere)\w*Source$"
)


def bare(schema: Any, *, named: bool = False) -> Any:
    """Without words for people. ``named``: the keys are names of properties, and all are kept."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if named or k not in WORDS}
    names = ("properties", "patternProperties", "$defs", "definitions")
    return {k: bare(v, named=not named and k in names) for k, v in kept.items()}


def references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*map(references, schema.values()))
    if isinstance(schema, list):
        return set().union(*map(references, schema))
    return set()


def kubernetes() -> dict[str, Any]:
    """One schema for each kind, and what they share in ``$defs``."""
    folder = files("kubernetes_validate") / "kubernetes-json-schema"
    home = folder / f"v{KUBERNETES}-local-strict"
    shared = json.loads((home / "_definitions.json").read_text())["$defs"]
    kinds, found, waiting = {}, {}, set()
    for each in KINDS:
        kind, _, version = each.partition("/")
        group, _, number = version.rpartition("/")
        name = "-".join(filter(None, (kind.lower(), group.split(".")[0], number)))
        kinds[each] = bare(json.loads((home / f"{name}.json").read_text()))
        kinds[each]["properties"].pop("status", None)
        waiting |= references(kinds[each])
    while waiting:
        name = waiting.pop()
        found[name] = {} if UNUSED.search(name) else bare(shared[name])
        waiting |= references(found[name]) - found.keys()
    text = json.dumps({"kinds": kinds, "$defs": dict(sorted(found.items()))})
    return dict(json.loads(text.replace("/api/_definitions.json#", "#")))


def digitalocean() -> dict[str, Any]:
    """Names, known values and what is required of an app's spec."""
    text = (files("pydo") / "operations" / "_operations.py").read_text()
    after = text[text.index("def validate_app_spec") :]
    lines = after[after.index("body = {") :].splitlines()
    # A comment goes on in the lines below that begin with no key and no bracket.
    whole: list[str] = []
    for line in lines[1:]:
        if re.match(r'\s*("\w+":|"str"|\d+(\s|$)|[\[\]{}])', line) or not whole:
            whole.append(line)
        else:
            whole[-1] += " " + line.strip()
    schema, _ = _object(whole, 0)
    return dict(schema["properties"]["spec"])


def _object(lines: list[str], at: int) -> tuple[dict[str, Any], int]:
    properties: dict[str, Any] = {}
    required = []
    while not lines[at].strip().startswith("}"):
        key, rest = re.findall(r'^\s*"(\w+)": (.*)', lines[at])[0]
        value, _, said = rest.partition("#")
        at += 1
        if value.strip() == "{":
            properties[key], at = _object(lines, at)
        elif value.strip() == "[":
            properties[key], at = _list(lines, at)
        else:
            known = re.search(r"Known values are: (.*?)\.\s*$", said)
            values = re.findall(r'"([^"]+)"', known[1]) if known else []
            kind = "boolean" if value.strip(" ,") in ("bool", "True", "False") else None
            kind = kind or ("string" if value.lstrip().startswith('"') else "number")
            is_any = value.strip(" ,") == "{}"
            properties[key] = {} if is_any else {"enum": values} if values else {"type": kind}
            required += [key] if "Required." in said else []
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, **({"required": required} if required else {})}, at + 1


def _list(lines: list[str], at: int) -> tuple[dict[str, Any], int]:
    items: dict[str, Any] = {}
    while not lines[at].strip().startswith("]"):
        if lines[at].strip().startswith("{"):
            items, at = _object(lines, at + 1)
        else:
            items, at = {"type": ["string", "number"]}, at + 1
    return {"type": "array", "items": items}, at + 1


def main() -> None:
    vendor = files("check_jsonschema") / "builtin_schemas" / "vendor"
    schemas = {
        "kubernetes": kubernetes(),
        "digitalocean": digitalocean(),
        "compose": bare(json.loads((vendor / "compose-spec.json").read_text())),
        "workflows": bare(json.loads((vendor / "github-workflows.json").read_text())),
    }
    for name, schema in schemas.items():
        text = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
        (INTO / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name, len(text))


if __name__ == "__main__":
    main()
