"""Rules and dashboard of `deploy/telemetry/` name what the product shows, and lead to what exists.

That the rules fire at their faults: `make check-telemetry`, with Prometheus's own promtool.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from local.stack.stack import ROOT
from service.observing import metrics
from tests.local.test_documents import anchors_of

FOLDER = ROOT / "deploy" / "telemetry"
RULES = yaml.safe_load((FOLDER / "prometheus" / "rules.yaml").read_text("utf-8"))
BOARD = json.loads((FOLDER / "grafana" / "dashboards" / "buddy.json").read_text("utf-8"))
COLLECTOR = yaml.safe_load((FOLDER / "collector" / "collector.yaml").read_text("utf-8"))
SOURCES = yaml.safe_load(
    (FOLDER / "grafana" / "provisioning" / "datasources" / "datasources.yaml").read_text("utf-8")
)["datasources"]
# Prometheus's own.
OWN = {"up", "ALERTS"}
LABELS = {"job", "instance", "le", "alertname", "alertstate"}
# Not names of metrics: functions, words of the language, what is in a string, a range or braces.
WORDS = {"by", "without", "on", "and", "or", "unless", "offset", "bool", "ignoring"}
PANELS = [each for each in BOARD["panels"] if each["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    drawn = [
        target["expr"]
        for panel in PANELS
        for target in panel["targets"]
        if target["datasource"]["type"] == "prometheus"
    ]
    noted = [each["expr"] for each in BOARD["annotations"]["list"]]
    return [rule["expr"] for rule in rules()] + drawn + noted


def shown() -> dict[str, set[str]]:
    """Each series of the exposition with its labels."""
    found: dict[str, set[str]] = {}
    for metric in REGISTRY.collect():
        collector = REGISTRY._names_to_collectors.get(metric.name)
        labels = set(getattr(collector, "_labelnames", ()))
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
        for ending in endings.get(metric.type, ("",)):
            found[metric.name + ending] = labels
    for _, name, _ in metrics.QueueCollector._GAUGES:
        found[name] = set()
    return found | {"queue_status_up": set()}


def names_in(expression: str) -> set[str]:
    plain = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)|offset \w+", " ", expression)
    words = re.findall(r"(?<![\w.:])[a-zA-Z_:][\w:]*\b(?!\s*\()", plain)
    return set(words) - WORDS


def labels_in(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric with the labels that are asked of it, in its braces or around it."""
    for name, asked in re.findall(r"([a-z_:]+)\{([^}]*)\}", expression):
        yield name, set(re.findall(r"(\w+)\s*[=!]", asked))
    grouped = {
        label
        for group in re.findall(r"\bby\s*\(([^)]*)\)", expression)
        for label in group.replace(" ", "").split(",")
    }
    for name in names_in(expression):
        yield name, grouped


def test_every_metric_of_rules_and_dashboard_is_shown_with_its_labels() -> None:
    known = shown()
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for expression in expressions():
        for name in names_in(expression):
            assert name in known.keys() | recorded | OWN, f"{name} in {expression}"
        for name, labels in labels_in(expression):
            if name in known:
                assert labels <= known[name] | LABELS, f"{name}: {labels} in {expression}"


def test_a_metric_that_is_not_there_would_be_noticed() -> None:
    assert names_in('sum by (le) (rate(no_such_total{a="b"}[5m])) / 2 > 0.5 and up == 1') == {
        "no_such_total",
        "up",
    }


def test_every_metric_of_ours_is_drawn_somewhere() -> None:
    """Who adds one says on the dashboard what it is good for."""
    drawn = {name for expression in expressions() for name in names_in(expression)}
    left = {
        re.sub(r"_(total|bucket|count|sum)$", "", name)
        for name in shown()
        if not name.startswith(("python_", "process_"))
    } - {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in drawn}
    assert left == set()


@pytest.mark.parametrize(
    "rule", [each for each in rules() if "alert" in each], ids=lambda rule: rule["alert"]
)
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    name, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert (ROOT / name).is_file()
    assert not anchor or anchor in anchors_of(ROOT / name)
    assert rule["annotations"]["summary"]


def test_the_dashboard_is_whole() -> None:
    known = {each["uid"]: each["type"] for each in SOURCES}
    everything = BOARD["panels"]
    assert len({each["id"] for each in everything}) == len(everything)
    taken: set[tuple[int, int]] = set()
    for panel in everything:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    for panel in PANELS:
        assert panel["description"] and panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert known[target["datasource"]["uid"]] == target["datasource"]["type"]


def test_the_collector_passes_on_what_it_takes_at_the_port_that_the_settings_name() -> None:
    for kind in ("receivers", "processors", "exporters"):
        for each in COLLECTOR["service"]["pipelines"]["traces"][kind]:
            assert each in COLLECTOR[kind]
    assert COLLECTOR["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
