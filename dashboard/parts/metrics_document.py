"""Writes the meaning of each figure into a document: `make metrics` writes `docs/metrics.md`."""

from pathlib import Path

from dashboard.parts.definitions import DEFINITIONS
from dashboard.parts.metric import Definition, Metric

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
# In the order of the navigation.
PAGES = {
    "overview": "Overview",
    "live": "Live",
    "answer": "One answer",
    "reliability": "Reliability",
    "ai_cost": "AI cost",
    "revenue": "Revenue",
    "billing": "Billing",
    "provider_bills": "Provider bills",
    "growth": "Growth",
    "trials": "Trials",
    "analyses": "Analyses",
    "pipelines": "Pipelines",
    "quality": "Quality",
    "people": "People",
    "team": "Teams",
    "webhooks": "Webhooks",
    "dead_letters": "Dead letters",
    "settings": "Settings",
}
UNITS = {
    "count": "number", "money": "US dollars", "share": "share", "ms": "time", "ratio": "times",
}  # fmt: skip
HEAD = """\
# What each figure means

The [dashboard](dashboard.md) says the same when a figure is pointed at. Each is worked out by one
SQL function, which an operator of the right role may call; its formula stands there.

This document is written by `make metrics` from the dictionary in
`dashboard/parts/definitions.py`: change a definition there.
"""


def document() -> str:
    return "\n".join([HEAD, *(_page(page, title) for page, title in PAGES.items())])


def _page(page: str, title: str) -> str:
    lines = [
        f"## {title}",
        "",
        "| figure | unit | what it is | worked out by |",
        "|---|---|---|---|",
    ]
    lines += [_line(each) for name, each in DEFINITIONS.items() if name.split(".")[0] == page]
    return "\n".join(lines) + "\n"


def _line(definition: Definition) -> str:
    unit = UNITS[definition.unit] if isinstance(definition, Metric) else ""
    means = definition.definition.replace("{zone}", "the reporting zone")
    return f"| {definition.label} | {unit} | {means} | `public.{definition.source}` |"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
