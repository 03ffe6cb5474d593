"""Say what is to be built, from the design alone."""

from dataclasses import replace
from typing import Any

from service.building.stage_results import Made, StageFailed, StageResult
from service.building.stage_work import Work
from service.pipelines.component_names import is_name
from service.pipelines.spec import Spec, build_spec


async def run(work: Work) -> StageResult:
    design = await work.read_json("design")
    spec = await work.state.in_thread(
        spec_of, design["answer"], work.task.component, work.task.options
    )
    if spec.root.bounds is None and not spec.root.children:
        raise StageFailed("nothing_to_build")
    facts = {"component": spec.name, "notes": list(spec.notes)[:50]}
    return StageResult("generate", (Made("spec", spec.to_json().encode()),), facts=facts)


def spec_of(design: Any, component: str, options: Any) -> Spec:
    """The spec, with the name and the tags that its people want."""
    overrides = options.get("overrides") if isinstance(options, dict) else None
    spec = build_spec(design, overrides=overrides if isinstance(overrides, dict) else None)
    return replace(spec, name=component) if is_name(component) else spec
