"""The report of a run as one page: no script, nothing from a network, every word escaped."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from service.pipelines.gate.results import GateResult
from service.pipelines.packaging.about_run import About
from service.pipelines.packaging.report_pictures import embed
from service.pipelines.packaging.shown_text import first, shown
from service.pipelines.packaging.verdicts import verdict
from service.pipelines.quality_words import show_figures
from service.pipelines.spec import Element, Spec

_FOLDER = Path(__file__).with_name("pages")
# Rows of one list in the report; the rest is counted.
MOST_ROWS = 200
FIGMA = "https://www.figma.com/"


def _style() -> str:
    return (_FOLDER / "report.css").read_text(encoding="utf-8")


def _policy() -> str:
    """Only this very style sheet and embedded pictures: a report is opened from a disk, where no
    header says it."""
    digest = base64.b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )


def report_page(
    spec: Spec,
    gate_result: GateResult | None,
    picture: bytes | None,
    renders: Mapping[int, bytes],
    about: About,
    code_hash: str,
) -> str:
    """HTML. The same input gives the same page."""
    meant = list(_semantics(spec))
    elements = sum(1 for _ in spec.root.walk())
    return _template().render(
        style=_style(),
        policy=_policy(),
        name=spec.name,
        layer=spec.root.name,
        verdict=verdict(gate_result),
        result=gate_result,
        figures=show_figures(asdict(gate_result.quality)) if gate_result else (),
        failures=first(gate_result.failures if gate_result else (), MOST_ROWS),
        survivors=first(gate_result.survivors if gate_result else (), MOST_ROWS),
        pictures=embed(picture, renders),
        notes=first((*spec.notes, *about.notes), MOST_ROWS),
        semantics=first(meant, MOST_ROWS),
        plain_elements=elements - len(meant),
        about=about,
        figma_url=about.figma_url if about.figma_url.startswith(FIGMA) else "",
        cost=_cost(about),
        steps=_steps(gate_result),
        code_hash=code_hash,
    )


@cache
def _template() -> Template:
    pages = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters["shown"] = shown
    return pages.get_template("report.html")


def _semantics(spec: Spec) -> Iterator[Element]:
    """Elements whose tag says more than that something is there."""
    return (each for each in spec.root.walk() if each.tag not in ("div", "span", "svg"))


def _cost(about: About) -> str:
    if not about.model_calls:
        return "No model was used, so this cost nothing but computing time."
    calls = "1 call" if about.model_calls == 1 else f"{about.model_calls} calls"
    tokens = f"{about.input_tokens:,} tokens read, {about.output_tokens:,} written"
    if about.cost_microusd is None:
        return f"{calls} of a model ({tokens}); no price is known for it."
    return f"${about.cost_microusd / 1_000_000:.4f} for {calls} of a model ({tokens})."


def _steps(gate_result: GateResult | None) -> tuple[tuple[str, float, float], ...]:
    """(step, seconds, seconds of CPU) in the order in which they ran."""
    if gate_result is None:
        return ()
    cpu = gate_result.cpu_ms_by_step
    return tuple(
        (step, seconds, cpu.get(step, 0) / 1000)
        for step, seconds in gate_result.seconds_by_step.items()
    )
