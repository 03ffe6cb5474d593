"""What a push says at GitHub: the branch's name, the commit's message, the pull request.

The name of a component is made of a layer's name, so it is a stranger's word. Nothing else of the
design gets into these texts.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.github.github_client import OWN_BRANCHES

# No address of anybody: GitHub links commits to the account that has it.
AUTHOR_NAME, AUTHOR_EMAIL = "Figma AI Buddy", "buddy@figma-ai-buddy.invalid"
# By this line the buddy knows its own commits again.
_TRAILER = "Figma-AI-Buddy-Pipeline"
_SHARE, _COUNT = "share", "count"
# The figures of a quality row: name, label, kind.
_FIGURES = (
    ("geometry_share", "Geometry: boxes within 2 px or 2 %", _SHARE),
    ("text_share", "Text that is the design's", _SHARE),
    ("colour_delta_e_p95", "Colour difference (ΔE, 95th percentile)", "number"),
    ("mae", "Mean pixel difference (MAE)", "number"),
    ("ssim", "Likeness of the pictures (SSIM)", "number"),
    ("rur", "Sizes in relative units (RUR)", _SHARE),
    ("apr", "Elements at absolute positions (APR)", _SHARE),
    ("str", "Elements with a tag that says what they are (STR)", _SHARE),
    ("avu", "Classes with a raw value in place of a token (AVU)", _SHARE),
    ("single_use_tokens", "Tokens used once", _SHARE),
    ("axe_violations", "Accessibility violations (axe)", _COUNT),
    ("console_errors", "Errors in the console", _COUNT),
    ("type_errors", "Type errors", _COUNT),
    ("failed_tests", "Failed tests", _COUNT),
)


def component_word(component: str) -> str:
    """The component's name as a plain word, safe in a branch, a title and Markdown."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", component).strip("-")[:60].strip("-")
    return word or "component"


def branch_name(component: str, pipeline_id: str) -> str:
    """The pipeline's own branch; the same at each attempt."""
    return f"{OWN_BRANCHES}{component_word(component)}-{pipeline_id}"


def commit_date(created_at: datetime) -> str:
    """The pipeline's time as git keeps it: in UTC, in whole seconds."""
    return created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def title(component: str) -> str:
    return f"Add {component_word(component)} from Figma"


def commit_message(component: str, pipeline_id: str) -> str:
    return f"{title(component)}\n\n{_TRAILER}: {pipeline_id}"


def is_own_message(message: str, pipeline_id: str) -> bool:
    return message.rstrip().endswith(f"\n\n{_TRAILER}: {pipeline_id}")


def pull_request_text(
    component: str, quality: Mapping[str, Any] | None, page_url: str, pipeline_id: str
) -> str:
    """The body of the pull request: what it is, and the row of figures."""
    lines = [f"The component **{component_word(component)}**, built from a Figma design."]
    if quality is None:
        lines += ["", "**Not tested**: this result has passed no gate."]
    else:
        lines += ["", *_table(quality)]
    lines.append("")
    if re.fullmatch(r"https?://[\w.:\[\]/-]{1,300}", page_url):
        lines.append(f"Its run, with design and render side by side: {page_url}")
    lines.append(f"Pipeline `{pipeline_id}`. The buddy only opens this pull request: it never "
                 "merges, and never writes to another branch.")  # fmt: skip
    return "\n".join(lines)


def _table(quality: Mapping[str, Any]) -> list[str]:
    rows = [(label, _figure(quality.get(name), kind)) for name, label, kind in _FIGURES]
    rows += [
        ("Behaviour mutants killed", _killed(quality, "behaviour")),
        ("Style mutants killed", _killed(quality, "style")),
        ("Overflow", _widths(quality.get("overflow_widths"))),
    ]
    version = quality.get("metric_version")
    told = [f"| {label} | {value} |" for label, value in rows]
    more = [f"\nFigures of version {version}."] if isinstance(version, int) else []
    return ["| Measured | |", "|---|---|", *told, *more]


def _figure(value: Any, kind: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not measured"
    if kind == _SHARE:
        return f"{value * 100:.1f} %"
    return str(int(value)) if kind == _COUNT else f"{value:.3g}"


def _killed(quality: Mapping[str, Any], kind: str) -> str:
    killed, mutants = quality.get(f"{kind}_killed"), quality.get(f"{kind}_mutants")
    if isinstance(killed, int) and isinstance(mutants, int) and mutants > 0:
        return f"{killed} of {mutants}"
    return "not measured"


def _widths(widths: Any) -> str:
    if not isinstance(widths, list | tuple):
        return "not measured"
    named = ", ".join(f"{int(each)} px" for each in widths)
    return f"at {named}" if named else "at no width"
