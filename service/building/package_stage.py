"""Pack what the customer gets: a ZIP and the report, with what was proven, or that nothing was."""

from datetime import UTC
from typing import Any

from service.building.stage_results import HTML, ZIP, Made, StageFailed, StageResult
from service.building.stage_work import Work
from service.pipelines.editing import with_meaning
from service.pipelines.packaging import About, PackagingError, package, tool_versions


async def run(work: Work) -> StageResult:
    task = work.task
    round = task.chosen_round or 0
    spec = await work.read_spec()
    files = await work.read_json("candidate", round=round)
    tests = await work.read_json("tests", round=round)
    gated = await work.read_gate(round) if task.chosen_round is not None else None
    picture = await work.read("picture") if work.has("picture") else None
    renders = {
        int(each.name): await work.read_stored(each)
        for each in task.artifacts
        if each.kind == "render" and each.round == round and gated is not None
    }
    about = about_run(work)
    try:
        packed = await work.state.in_thread(
            package, with_meaning(spec, files), files, tests, gated, picture, renders, about
        )
    except PackagingError as error:
        raise StageFailed(error.code, error.params) from error
    made = (
        Made("zip", packed.zip, ZIP, round=round),
        Made("report", packed.report.encode(), HTML, round=round),
    )
    is_pushed = bool(task.options.get("push")) and gated is not None and gated.is_passed
    facts = {"code_sha256": packed.code_sha256}
    return StageResult("push" if is_pushed else "done", made, facts=facts)


def about_run(work: Work) -> About:
    """What the package tells of the run. At each attempt the same."""
    task = work.task
    facts: dict[str, Any] = dict(task.facts)
    layer = task.node_id.replace(":", "-")
    seconds = (task.moved_at - task.started_at).total_seconds()
    return About(
        pipeline_id=task.id,
        figma_url=f"https://www.figma.com/design/{task.file_key}/?node-id={layer}",
        file_version=str(facts.get("file_version", "")),
        made_on=f"{task.created_at.astimezone(UTC):%Y-%m-%d}",
        model=(task.model or "model") if facts.get("is_by_model") else "",
        model_calls=task.model_calls,
        input_tokens=task.input_tokens,
        output_tokens=task.output_tokens,
        cost_microusd=None if task.unknown_calls else task.cost_microusd,
        rounds=task.round,
        seconds=round(seconds, 1),
        versions=tool_versions(work.state.tools.folder),
        notes=tuple(map(str, facts.get("draft_notes", ()))),
    )
